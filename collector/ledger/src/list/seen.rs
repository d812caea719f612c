//! Cells of devices without an agent: only what others saw of them.

use std::collections::BTreeSet;

use daicho_report::Reason;

use super::View;
use crate::asset::{AssetId, NeighbourSight, SeenAsset};
use crate::cell::Cell;
use crate::ledger::is_local_mac;
use crate::text::{Lang, visible};

/// Models named in a cell.
const DRIVERS: usize = 3;
/// Observers named in a cell.
const OBSERVERS: usize = 10;

/// Whether somebody uses or saw it as a gateway or router.
pub(super) fn is_network(seen: &SeenAsset) -> bool {
    seen.sights.iter().any(|it| it.gateway || it.router)
}

/// Nobody could ask.
pub(super) fn not_asked(view: View<'_>) -> Cell {
    Cell::unknown(&Reason::NotAsked, "", None, view.lang)
}

/// What it is, where machines that see it print on it.
pub(super) fn kind(view: View<'_>, seen: &SeenAsset) -> Cell {
    let lang = view.lang;
    if seen.printed_on.is_empty() {
        return not_asked(view);
    }
    let drivers: BTreeSet<String> = seen
        .printed_on
        .iter()
        .filter_map(|it| it.driver.as_deref().map(visible))
        .collect();
    let by: BTreeSet<&AssetId> = seen.printed_on.iter().map(|it| &it.by).collect();
    let count = by.len();
    let mut words = vec![match lang {
        Lang::Ja => format!("{count}台の印刷先"),
        Lang::En => format!("{count} machines print on it"),
    }];
    words.extend(drivers.into_iter().take(DRIVERS));
    let word = lang.pick("プリンタ・複合機", "printer");
    Cell::own(lang.remark(word, &words.join(lang.pick("、", ", "))))
}

/// The hardware address of a device without an agent, with a remark when software made it up.
pub(super) fn mac(view: View<'_>, seen: &SeenAsset) -> Cell {
    let lang = view.lang;
    match &seen.mac {
        None => not_asked(view),
        Some(mac) if is_local_mac(mac) => {
            let remark = lang.pick(
                "ローカル管理・変わり得る",
                "made up by software, may change",
            );
            Cell::own(lang.remark(&visible(mac), remark))
        }
        Some(mac) => Cell::value(mac, lang),
    }
}

/// The first sighting. One from before its observer's first report comes from a clock that was wrong.
pub(super) fn first(view: View<'_>, seen: &SeenAsset) -> Cell {
    let since = |it: &NeighbourSight| {
        let first = view.agent(&it.by).map(|it| it.presence.first_at);
        first.map_or(it.since, |first| it.since.max(first))
    };
    match seen.sights.iter().map(since).min() {
        Some(at) => Cell::moment(at, view.offset()),
        None => not_asked(view),
    }
}

pub(super) fn last(view: View<'_>, seen: &SeenAsset) -> Cell {
    let lang = view.lang;
    if seen.sights.iter().any(|it| it.until.is_none()) {
        return Cell::own(lang.pick("継続中（24時間以内に観測）", "goes on (within 24 h)"));
    }
    match seen.sights.iter().filter_map(|it| it.until).max() {
        Some(at) => Cell::moment(at, view.offset()),
        None => not_asked(view),
    }
}

/// Names of the machines that saw it, with interface.
pub(super) fn observers(view: View<'_>, seen: &SeenAsset) -> Cell {
    let mut lines: Vec<String> = seen
        .sights
        .iter()
        .map(|it| {
            let label = view.agent(&it.by).map(|it| visible(&it.label));
            let label = label.unwrap_or_default();
            format!("{label} {}", visible(&it.interface))
                .trim()
                .to_owned()
        })
        .collect();
    lines.sort();
    lines.dedup();
    let left = lines.len().saturating_sub(OBSERVERS);
    if left > 0 {
        lines.truncate(OBSERVERS);
        lines.push(match view.lang {
            Lang::Ja => format!("ほか {left} 件"),
            Lang::En => format!("and {left} more"),
        });
    }
    Cell::lines(lines, view.lang)
}
