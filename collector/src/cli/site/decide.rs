//! `site ids`, `site confirm`, `site reject`: a person's word on what was recognised.

use daicho_ledger::hand::{Decision, EntryBody, Verdict};

use super::present::{Present, present, zone_id};
use super::{By, enter_one, writable};
use crate::cli::open::{self, Opened};
use crate::cli::say::say;
use crate::cli::{Outcome, Shared};
use crate::hand::{self, Draft};
use crate::refusal::{Refused, visible};

#[derive(clap::Args)]
pub(super) struct IdsArguments {
    /// この文字を含むものだけ / only those that hold this text
    #[arg(long, value_name = "TEXT", default_value = "")]
    find: String,
}

#[derive(clap::Args)]
pub(super) struct ConfirmArguments {
    /// 番号（site ids の表示） / its id, as `site ids` shows it
    #[arg(value_name = "ID")]
    id: String,
    #[command(flatten)]
    by: By,
    /// 見た日（既定は今日） / the day on which it was looked at (today by default)
    #[arg(long, value_name = "DATE")]
    on: Option<String>,
    /// これからの呼び名 / what it is called from now on
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// どう確かめたか / how it was looked at
    #[arg(long, value_name = "TEXT", default_value = "")]
    why: String,
}

#[derive(clap::Args)]
pub(super) struct RejectArguments {
    /// 番号（site ids の表示） / its id, as `site ids` shows it
    #[arg(value_name = "ID")]
    id: String,
    #[command(flatten)]
    by: By,
    /// なぜ誤りか / why it is not so
    #[arg(long, value_name = "TEXT")]
    why: String,
    /// 見た日（既定は今日） / the day on which it was looked at (today by default)
    #[arg(long, value_name = "DATE")]
    on: Option<String>,
}

pub(super) fn ids(arguments: &IdsArguments, shared: &Shared) -> anyhow::Result<Outcome> {
    let opened = open::for_reading(shared)?;
    let present = present(&opened)?;
    let wanted = arguments.find.to_lowercase();
    let lines = lines(&present, shared);
    let found = lines
        .iter()
        .filter(|line| line.to_lowercase().contains(&wanted));
    if shared.json {
        let ids: Vec<String> = present.ids().into_iter().collect();
        say(&serde_json::to_string_pretty(&ids)?)?;
        return Ok(Outcome::Done);
    }
    let mut any = false;
    for line in found {
        any = true;
        say(line)?;
    }
    if !any {
        say(shared
            .lang
            .pick("認識されているものはありません。", "nothing is recognised"))?;
    }
    Ok(Outcome::Done)
}

/// Id, what it is, how sure: one line each.
fn lines(present: &Present, shared: &Shared) -> Vec<String> {
    let lang = shared.lang.into();
    let it = &present.recognition;
    let one = |id: &str, parts: [&str; 3]| {
        let parts: Vec<String> = parts
            .into_iter()
            .filter(|it| !it.is_empty())
            .map(visible)
            .collect();
        format!("{}　{}", visible(id), parts.join("　"))
    };
    let rejected = shared.lang.pick("誤り（手入力）", "rejected");
    let points = it.points.iter().map(|it| {
        one(
            &it.id,
            [it.kind.title(lang), &it.name, it.grade.title(lang)],
        )
    });
    let gone = it
        .rejected
        .iter()
        .map(|it| one(&it.id, [it.kind.title(lang), &it.name, rejected]));
    let systems = it
        .systems
        .iter()
        .map(|it| one(&it.id, [&it.name, "", it.grade.title(lang)]));
    let zones = it.segments.iter().map(|it| {
        let id = zone_id(&it.segment);
        one(&id, [it.zone.title(lang), "", it.grade.title(lang)])
    });
    points.chain(gone).chain(systems).chain(zones).collect()
}

pub(super) fn confirm(arguments: &ConfirmArguments, shared: &Shared) -> anyhow::Result<Outcome> {
    let decision = |on| Decision {
        verdict: Verdict::Confirmed,
        on,
        why: arguments.why.clone(),
        name: arguments.name.clone(),
    };
    decide(
        &arguments.id,
        &arguments.by,
        arguments.on.as_deref(),
        decision,
        shared,
    )
}

pub(super) fn reject(arguments: &RejectArguments, shared: &Shared) -> anyhow::Result<Outcome> {
    hand::bounds::reason(&arguments.why)?;
    let decision = |on| Decision {
        verdict: Verdict::Rejected,
        on,
        why: arguments.why.clone(),
        name: None,
    };
    decide(
        &arguments.id,
        &arguments.by,
        arguments.on.as_deref(),
        decision,
        shared,
    )
}

fn decide(
    id: &str,
    by: &By,
    on: Option<&str>,
    decision: impl FnOnce(String) -> Decision,
    shared: &Shared,
) -> anyhow::Result<Outcome> {
    let (opened, site) = writable(shared)?;
    known(&opened, id)?;
    let on = on.map_or_else(|| today(&opened), str::to_owned);
    let draft = Draft {
        key: id.to_owned(),
        body: EntryBody::Decision(decision(on)),
    };
    enter_one(&opened, &site, by, draft, shared)?;
    Ok(Outcome::Done)
}

/// A decision is about something that is recognised at present, about what was decided on before, or
/// about two machines that are in the ledger.
fn known(opened: &Opened, id: &str) -> anyhow::Result<()> {
    let present = present(opened)?;
    if let Some(rest) = id.strip_prefix(daicho_graph::topology::SAME_NETWORK) {
        let assets = &present.ledger.assets;
        let known = |name: &str| assets.iter().any(|it| it.id.0 == name);
        let mut parts = rest.splitn(3, '/');
        let two = [parts.next(), parts.next()];
        let range = parts.next().and_then(hand::address);
        if range.is_some() && two.into_iter().flatten().filter(|it| known(it)).count() == 2 {
            return Ok(());
        }
    }
    let ids = present.ids();
    if ids.contains(id) || present.ledger.hand.decision(id).is_some() {
        return Ok(());
    }
    let refused: Refused = hand::unknown("SIT-003", id, &ids);
    Err(refused.into())
}

/// Today where the site is.
fn today(opened: &Opened) -> String {
    let site = opened.config.site.at(opened.clock.now());
    let here = opened
        .clock
        .now()
        .seconds()
        .saturating_add(i64::from(site.utc_offset_s));
    let day = daicho_report::Time::from_seconds(here).to_string();
    day.chars().take(10).collect()
}
