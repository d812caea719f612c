//! What a verdict rests on, a witness a line: weight, kind, value, who shows it, whose word it is
//! that this means so, and when. Equal witnesses of many machines are one line with their number.

use std::collections::BTreeMap;

use daicho_ledger::text::visible;
use daicho_ledger::{Cell, Lang};
use daicho_report::Time;

use super::{View, word};
use crate::recognise::Witness;

/// Lines of a cell; the JSON holds all.
const LINES: usize = 15;
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
        return Cell::own(
            view.lang
                .pick("なし（手入力のみ）", "none (entered by hand)"),
        );
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
            it.value.as_str(),
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
            let remark = remark(view, source, proven, same);
            match view.lang {
                Lang::Ja => format!("［{weight}］{kind}：{}（{remark}）", visible(value)),
                Lang::En => format!("[{weight}] {kind}: {} ({remark})", visible(value)),
            }
        };
    groups.into_iter().map(line).collect()
}

fn remark(view: &View<'_>, source: &str, proven: bool, same: Same<'_>) -> String {
    let lang = view.lang;
    let mut assets: Vec<&str> = same.assets;
    assets.sort_unstable();
    assets.dedup();
    let names = assets.iter().take(MACHINES).filter(|it| !it.is_empty());
    let names: Vec<String> = names.map(|it| view.names.label(it, lang)).collect();
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
    let source = visible(source);
    let source = match (source.is_empty(), proven) {
        (true, _) => String::new(),
        (false, true) => source,
        (false, false) => lang.remark(&source, lang.pick("実機未確認", "not proven")),
    };
    let parts = [who, source, when];
    let parts: Vec<String> = parts.into_iter().filter(|it| !it.is_empty()).collect();
    if parts.is_empty() {
        return lang.pick("機器の特定なし", "no machine").to_owned();
    }
    parts.join(lang.pick("、", ", "))
}
