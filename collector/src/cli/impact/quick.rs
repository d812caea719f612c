//! `impact --quick`: the first answer（速報）, from the stored graph alone. It says of which moment the
//! graph is and what has come in since, and leaves ways in and cuts to the whole answer.

use daicho_graph::impact::{self, Near, Quick, QuickScope, Shown};
use daicho_ledger::text::moment;
use daicho_report::Time;
use serde::Serialize;

use super::{Arguments, all_clear, window};
use crate::as_of;
use crate::cli::open::Opened;
use crate::cli::say::say;
use crate::cli::{Outcome, Shared};
use crate::export::Lang;
use crate::first_answer::{self, Stored};
use crate::picture::{LOOK_BACK_S, Picture};
use crate::refusal::{Refused, visible};

/// Makes the stored graph.
pub(super) fn prepare(
    opened: &Opened,
    picture: &Picture,
    shared: &Shared,
) -> anyhow::Result<Outcome> {
    let path = first_answer::path(&opened.folder);
    let (things, steps, bytes) = first_answer::write(&path, picture)?;
    let word = shared.lang.pick("速報の索引を作りました", "index made");
    let what = shared.lang.pick("もの・段", "things, steps");
    let kilobytes = bytes / 1024;
    say(&format!(
        "{word}: {} ({what}: {things}, {steps}; {kilobytes} KiB)",
        path.display()
    ))?;
    Ok(Outcome::Done)
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    site: &'a str,
    simulated: bool,
    /// The moment of the stored graph.
    index_as_of: Time,
    /// The newest receipt in the store.
    newest: Option<Time>,
    /// The moment asked about.
    as_of: Time,
    damaged: Vec<String>,
    scope: &'a QuickScope,
}

/// What is asked of the graph.
struct Asked<'a> {
    graph: &'a Quick<'a>,
    as_of: Time,
    newest: Option<Time>,
    offset_s: i32,
}

pub(super) fn run(
    arguments: &Arguments,
    opened: &Opened,
    shared: &Shared,
) -> anyhow::Result<Outcome> {
    let stored = Stored::read(&first_answer::path(&opened.folder))?;
    let graph = stored.graph()?;
    let as_of = match arguments.moment.asked() {
        Some(_) => opened.moment_of(&arguments.moment)?,
        None => graph.as_of,
    };
    let age = graph.as_of.seconds() - as_of.seconds();
    if !(0..=LOOK_BACK_S).contains(&age) {
        return Err(Refused::new("IMP-008", graph.as_of.to_string()).into());
    }
    let mut rows = Vec::new();
    let mut unclear = Vec::new();
    for text in &arguments.from {
        match graph.resolve(text) {
            Ok(row) => rows.push(row),
            Err(it) => unclear.push(it),
        }
    }
    all_clear(&unclear, shared)?;
    let most = if shared.json {
        usize::MAX
    } else {
        arguments.most
    };
    let found = graph.scope(&rows, window(as_of, arguments.days), most);
    let asked = Asked {
        as_of,
        newest: opened.store.newest_receipt()?,
        offset_s: as_of::offset_seconds(as_of, &opened.config.site.time_zone),
        graph: &graph,
    };
    let damaged: Vec<String> = rows.iter().map(|row| graph.name(*row)).collect();
    if shared.json {
        let document = Document {
            schema: "daicho-impact-quick/1",
            site: graph.site,
            simulated: graph.simulated,
            index_as_of: graph.as_of,
            newest: asked.newest,
            as_of,
            damaged,
            scope: &found,
        };
        say(&serde_json::to_string_pretty(&document)?)?;
    } else {
        print(&asked, &damaged, &found, shared)?;
    }
    // Ways in and cuts are not in it: the answer is never whole.
    Ok(Outcome::Incomplete)
}

fn print(
    asked: &Asked<'_>,
    damaged: &[String],
    found: &QuickScope,
    shared: &Shared,
) -> anyhow::Result<()> {
    let pick = |ja, en| shared.lang.pick(ja, en);
    let lang: Lang = shared.lang.into();
    let mut lines = moments(asked, lang);
    let names = damaged.join(pick("、", ", "));
    lines.push(format!("{}: {names}", pick("被害の指定", "damaged")));
    let [_, observed, possible, _] = found.counts;
    let counts = impact::counted(found.counts, lang);
    lines.push(format!("{}: {counts}", pick("範囲", "scope")));
    for (name, reach) in &found.backups {
        let no = pick("経路を確認できない", "no way known");
        let reach = reach.map_or(no, |it| it.title(lang));
        lines.push(format!(
            "{}: {name}（{reach}）",
            pick("バックアップ", "backup")
        ));
    }
    for (reach, name) in &found.systems {
        let reach = reach.title(lang);
        lines.push(format!("{}: {name}（{reach}）", pick("システム", "system")));
    }
    let (near, all) = (pick("近い順", "nearest"), observed + possible);
    lines.push(format!("\n■ {near}（{}/{all}）", found.nearest.len()));
    lines.extend(found.nearest.iter().map(|it| line(it, lang)));
    Ok(say(&lines.join("\n"))?)
}

/// What the answer is, and of when.
fn moments(asked: &Asked<'_>, lang: Lang) -> Vec<String> {
    let shown = |it: Time| moment(it, asked.offset_s);
    let mut lines = Vec::new();
    if asked.graph.simulated {
        let text = lang.pick(
            "模擬データ（実在の病院ではありません）",
            "simulated data (no real hospital)",
        );
        lines.push(text.to_owned());
    }
    let text = lang.pick(
        "！速報です：届く範囲だけを、保存した索引から答えています。入口の候補・切断計画は --quick を付けない同じ命令で出ます",
        "! a first answer: the scope alone, from a stored index; ways in and what to cut come from the same command without --quick",
    );
    lines.push(text.to_owned());
    let since = asked.newest.filter(|it| *it > asked.graph.as_of);
    if let Some(newest) = since.map(shown) {
        let text = lang.pick(
            "！索引のあとに受け取った報告・記入は含みません。最新の受信",
            "! what came in since the index was made is not in it; the newest",
        );
        lines.push(format!("{text}: {newest}"));
    }
    let index = shown(asked.graph.as_of);
    lines.push(format!("{}: {index}", lang.pick("索引の時点", "index of")));
    if asked.as_of != asked.graph.as_of {
        let at = shown(asked.as_of);
        let note = lang.pick(
            "（通信の記録はこの時点まで。網の形は索引の時点）",
            " (talk up to then; the shape of the network is the index's)",
        );
        lines.push(format!("{}: {at}{note}", lang.pick("時点", "as of")));
    }
    lines
}

/// A machine with the shortest explanation.
fn line(it: &Near, lang: Lang) -> String {
    let step = |it: &Shown| format!("→（{}）{}", it.reason.title(lang), visible(&it.to));
    let steps: String = it.steps.iter().map(step).collect();
    let from = it.steps.first().map_or("", |it| &it.from);
    format!(
        "  {}　{}　{}\n      {}{steps}",
        visible(&it.name),
        it.addresses,
        it.reach.title(lang),
        visible(from),
    )
}
