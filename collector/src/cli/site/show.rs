//! `site list` and `site show`: the entries as they stood at a moment.

use daicho_ledger::Hand;
use daicho_ledger::hand::{Entry, EntryBody, HandValue, Match, Pin, Verdict};

use super::{kind, present};
use crate::cli::open::{self, Opened};
use crate::cli::say::{Lang, say};
use crate::cli::{Outcome, Shared};
use crate::hand::{self, file};
use crate::refusal::visible;

#[derive(clap::Args)]
pub(super) struct ListArguments {
    /// この種類だけ / this kind only: device, point, decision, rule, system, vendor,
    /// person, fields, answer, record, case, pin
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
    /// この時点の手入力（RFC 3339、または日付＝その日の終わり） / as they stood then
    #[arg(long, value_name = "T")]
    as_of: Option<String>,
}

#[derive(clap::Args)]
pub(super) struct ShowArguments {
    /// 名前（key） / its key
    #[arg(value_name = "KEY")]
    key: String,
    /// この時点の手入力（RFC 3339、または日付＝その日の終わり） / as it stood then
    #[arg(long, value_name = "T")]
    as_of: Option<String>,
}

fn standing(opened: &Opened, as_of: Option<&str>) -> anyhow::Result<Hand> {
    let Some(as_of) = as_of else {
        return Ok(hand::now(opened.store.as_ref())?);
    };
    let at = opened.moment(Some(as_of))?;
    Ok(crate::store::read(opened.store.as_ref(), |rows| {
        hand::at(rows, at)
    })?)
}

pub(super) fn list(arguments: &ListArguments, shared: &Shared) -> anyhow::Result<Outcome> {
    let only = arguments.kind.as_deref().map(kind).transpose()?;
    let opened = open::for_reading(shared)?;
    let hand = standing(&opened, arguments.as_of.as_deref())?;
    let entries: Vec<&Entry> = file::KINDS
        .into_iter()
        .filter(|kind| only.is_none_or(|only| only == *kind))
        .flat_map(|kind| hand.entries.iter().filter(move |it| it.body.kind() == kind))
        .collect();
    if shared.json {
        say(&serde_json::to_string_pretty(&entries)?)?;
        return Ok(Outcome::Done);
    }
    if entries.is_empty() {
        say(shared.lang.pick(
            "手入力はまだありません。daicho-collector site --help に書き方の例があります。",
            "nothing is entered yet; `daicho-collector site --help` has examples",
        ))?;
    }
    for entry in entries {
        say(&line(entry, shared.lang))?;
    }
    Ok(Outcome::Done)
}

pub(super) fn show(arguments: &ShowArguments, shared: &Shared) -> anyhow::Result<Outcome> {
    let opened = open::for_reading(shared)?;
    let hand = standing(&opened, arguments.as_of.as_deref())?;
    let of_key = hand.entries.iter().filter(|it| it.key == arguments.key);
    let entries: Vec<Entry> = of_key.cloned().collect();
    if entries.is_empty() {
        let keys = hand.entries.iter().map(|it| it.key.clone()).collect();
        return Err(hand::unknown("SIT-004", &arguments.key, &keys).into());
    }
    if shared.json {
        say(&serde_json::to_string_pretty(&entries)?)?;
    } else {
        say(file::text("", &entries).trim_start())?;
    }
    Ok(Outcome::Done)
}

/// Kind, key, what it says, who and when.
fn line(entry: &Entry, lang: Lang) -> String {
    format!(
        "{}　{}　{}　（{} {}）",
        entry.body.kind(),
        visible(&entry.key),
        visible(&title(&entry.body, lang)),
        visible(&entry.by),
        entry.at,
    )
}

/// What an entry says, in short.
pub(super) fn title(body: &EntryBody, lang: Lang) -> String {
    match body {
        EntryBody::Device(it) => it.name.clone(),
        EntryBody::Point(it) => format!("{}：{}", it.kind.title(lang.into()), it.name),
        EntryBody::Decision(it) => {
            let said = match it.verdict {
                Verdict::Confirmed => lang.pick("現地確認済", "confirmed on site"),
                Verdict::Rejected => lang.pick("誤り", "rejected"),
            };
            let name = it.name.as_deref().unwrap_or_default();
            let parts = [said, &it.on, name, &it.why];
            let parts: Vec<&str> = parts.into_iter().filter(|it| !it.is_empty()).collect();
            parts.join(" ")
        }
        EntryBody::Rule(it) => {
            let to = [
                it.system.clone(),
                it.zone.map(|zone| zone.title(lang.into()).to_owned()),
                it.point.map(|point| point.title(lang.into()).to_owned()),
            ];
            let to: Vec<String> = to.into_iter().flatten().collect();
            format!("{} → {}", conditions(&it.when), to.join("、"))
        }
        EntryBody::System(it) => it.name.clone(),
        EntryBody::Vendor(it) => it.name.clone(),
        EntryBody::Fields(it) => {
            let pair = |(name, value): (&String, &HandValue)| format!("{name}={}", value.text);
            it.values.iter().map(pair).collect::<Vec<_>>().join("、")
        }
        EntryBody::Answer(it) => {
            let file = it.file.as_ref().map_or("", |it| it.name.as_str());
            let parts = [it.says.title(lang.into()), &it.on, &it.name, file, &it.note];
            let parts: Vec<&str> = parts.into_iter().filter(|it| !it.is_empty()).collect();
            parts.join(" ")
        }
        EntryBody::Record(it) => {
            let title = it.register.title(lang.into());
            format!("{title} {} {} {}", it.on, it.name, it.result)
        }
        EntryBody::Case(it) => format!("{} {} {}", it.done_at, it.name, it.what),
        EntryBody::Pin(it) => pinned(it, lang),
        EntryBody::Person(it) => format!("{} {}", it.name, it.role).trim_end().to_owned(),
    }
}

fn pinned(pin: &Pin, lang: Lang) -> String {
    let zones: Vec<&str> = pin.zones.iter().map(|it| it.title(lang.into())).collect();
    let place = pin.place.map(|n| match lang {
        Lang::Ja => format!("{n} 番目"),
        Lang::En => format!("place {n}"),
    });
    let beside = pin.beside.as_ref().map(|it| match lang {
        Lang::Ja => format!("「{it}」の隣"),
        Lang::En => format!("beside `{it}`"),
    });
    let thing = pin.thing.as_deref().unwrap_or_default();
    let parts = [thing, &zones.join(" → ")].map(str::to_owned);
    let parts = parts.into_iter().chain(place).chain(beside);
    let parts: Vec<String> = parts.filter(|it| !it.is_empty()).collect();
    parts.join(" ")
}

/// What a rule looks at, as `site name --match` takes it.
pub(super) fn conditions(when: &Match) -> String {
    let address = |it: &daicho_report::Address| format!("{}/{}", it.address, it.prefix);
    let port = when.port.map(|port| format!("port={port}"));
    let protocol = when.protocol.and_then(|it| present::word(&it));
    let protocol = protocol.map(|it| format!("protocol={it}"));
    let text = |name: &str, value: &Option<String>| value.as_ref().map(|it| format!("{name}={it}"));
    let parts = [
        text("publisher", &when.publisher),
        text("software", &when.software),
        text("program", &when.program),
        text("service", &when.service),
        port,
        protocol,
        text("host_name", &when.host_name),
        when.range
            .as_ref()
            .map(|it| format!("range={}", address(it))),
        when.peer_range
            .as_ref()
            .map(|it| format!("peer_range={}", address(it))),
        text("domain", &when.domain),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    parts.join("、")
}
