//! What a verdict rests on, a witness a line: weight, kind, value, who shows it, whose word it is
//! that this means so, and when. Equal witnesses of many machines are one line with their number.

use std::collections::BTreeMap;

use daicho_ledger::text::visible;
use daicho_ledger::{Cell, Lang, ZoneKind};
use daicho_report::Time;

use super::{View, word};
use crate::recognise::Witness;

/// Lines of a cell; the JSON holds all.
const LINES: usize = 10;
/// Machines named on a line.
const MACHINES: usize = 3;

/// Witnesses of several machines that say the same.
struct Same<'a> {
    first: Option<Time>,
    last: Option<Time>,
    assets: Vec<&'a str>,
}

pub(super) fn cell(view: &View<'_>, witnesses: &[Witness]) -> Cell {
    if witnesses.is_empty() {
        return view.unsure("根拠の記録なし", "no witness is kept");
    }
    view.bounded(lines(view, witnesses), LINES)
}

fn lines(view: &View<'_>, witnesses: &[Witness]) -> Vec<String> {
    let mut groups: BTreeMap<(crate::recognise::Weight, &str, &str, &str, bool), Same<'_>> =
        BTreeMap::new();
    for it in witnesses {
        let key = (
            it.weight,
            it.kind.as_str(),
            plain_value(&it.value),
            it.source.as_str(),
            it.proven,
        );
        let same = groups.entry(key).or_insert(Same {
            first: None,
            last: None,
            assets: Vec::new(),
        });
        same.first = same.first.into_iter().chain(it.first).min();
        same.last = same.last.into_iter().chain(it.last).max();
        same.assets.push(&it.asset.0);
    }
    let line =
        |((weight, kind, value, source, proven), same): ((_, &str, &str, &str, bool), Same<'_>)| {
            let weight = word::weight(weight, view.lang);
            let kind = word::kind(kind, view.lang);
            let value = value_of(view, value);
            let remark = remark(view, &value, (source, proven), same);
            match view.lang {
                Lang::Ja => format!("［{weight}］{kind}：{value}（{remark}）"),
                Lang::En => format!("[{weight}] {kind}: {value} ({remark})"),
            }
        };
    groups.into_iter().map(line).collect()
}

/// What was seen; where it leads to an asset (`10.0.0.0/8 → m-…`), the asset by its name.
fn value_of(view: &View<'_>, value: &str) -> String {
    if let Some(known) = known_value(value, view.lang) {
        return known;
    }
    if let Some(name) = view.names.of_id(value, view.lang) {
        return name;
    }
    match value.split_once(" → ") {
        Some((what, id)) if view.names.is_known(id) => {
            format!("{} → {}", visible(what), view.names.label(id, view.lang))
        }
        _ => visible(value),
    }
}

/// Values in the recogniser's own words.
fn known_value(value: &str, lang: Lang) -> Option<String> {
    if value == "Internet" {
        return Some(lang.pick("インターネット", "the Internet").to_owned());
    }
    if let Some(to) = value.strip_prefix("→ ") {
        let zone = ZoneKind::ALL
            .into_iter()
            .find(|it| format!("{it:?}") == to)?;
        return Some(match lang {
            Lang::Ja => format!("{}へ", zone.title(lang)),
            Lang::En => format!("to {}", zone.title(lang)),
        });
    }
    let (name, state) = value.strip_suffix(')')?.rsplit_once(" (")?;
    let state = match state {
        "running" => lang.pick("稼働中", "running"),
        "enabled" => lang.pick("自動起動", "starts by itself"),
        "installed" => lang.pick("導入済み", "installed"),
        _ => return None,
    };
    Some(lang.remark(&visible(name), state))
}

/// A rule or entry of the site, with who wrote it.
fn entry(view: &View<'_>, key: &str) -> Option<String> {
    let mut entries = view.basis.ledger.hand.entries.iter();
    let entry = entries.find(|it| it.key == key)?;
    let by = visible(&entry.by);
    Some(format!("{} {by} {}", visible(key), view.day(entry.at)))
}

/// The value without how many times it was counted, so that equal ones are one line.
fn plain_value(value: &str) -> &str {
    match value.rsplit_once(" ×") {
        Some((what, count)) if count.bytes().all(|it| it.is_ascii_digit()) => what,
        _ => value,
    }
}

fn remark(view: &View<'_>, value: &str, from: (&str, bool), same: Same<'_>) -> String {
    let (lang, (source, proven)) = (view.lang, from);
    let mut assets: Vec<&str> = same.assets;
    assets.sort_unstable();
    assets.dedup();
    assets.retain(|id| view.names.is_known(id));
    let names = assets.iter().take(MACHINES);
    let names: Vec<String> = names.map(|it| view.names.label(it, lang)).collect();
    let names: Vec<String> = names.into_iter().filter(|it| it != value).collect();
    let mut who = names.join(lang.pick("、", ", "));
    let left = assets.len().saturating_sub(MACHINES);
    if left > 0 {
        who.push_str(&match lang {
            Lang::Ja => format!(" ほか{left}台"),
            Lang::En => format!(" and {left} more"),
        });
    }
    let when = match (same.first, same.last) {
        (Some(first), Some(last)) if view.day(first) == view.day(last) => view.day(last),
        (Some(first), Some(last)) => format!("{}～{}", view.day(first), view.day(last)),
        (_, Some(at)) | (Some(at), None) => view.day(at),
        (None, None) => String::new(),
    };
    let entered = entry(view, source);
    let proven = proven || entered.is_some();
    let source = entered.unwrap_or_else(|| word::source(source, lang));
    let source = match (source.is_empty(), proven) {
        (true, _) => String::new(),
        (false, true) => source,
        (false, false) => lang.remark(&source, lang.pick("実機では未確認", "not proven")),
    };
    let parts = [who, source, when];
    let parts: Vec<String> = parts.into_iter().filter(|it| !it.is_empty()).collect();
    if parts.is_empty() {
        return lang.pick("機器の特定なし", "no machine").to_owned();
    }
    parts.join(lang.pick("、", ", "))
}
