//! Updates that are offered and not installed: a row for each on each machine.

use super::{Column, Layer, View, column};
use crate::asset::AgentAsset;
use crate::cell::Cell;

const C: Layer = Layer::Collected;

pub(super) const COLUMNS: &[Column] = &[
    column(C, "name", "更新の対象", "update of"),
    column(C, "installed", "導入済みの版", "installed"),
    column(C, "available", "提供されている版", "offered"),
    column(C, "security", "セキュリティ更新", "security"),
];

pub(super) fn cells(view: View<'_>, asset: &AgentAsset) -> Vec<Vec<Cell>> {
    let lang = view.lang;
    let (name, reading) = (("update", "pending"), &asset.updates.pending);
    let all = reading.value().map(Vec::as_slice).unwrap_or_default();
    if all.is_empty() {
        return vec![view.unknown_row(asset, name, reading, COLUMNS.len())];
    }
    let shown = |cell: Cell| view.reading(asset, name, reading, |_| cell);
    let one = |it: &daicho_report::PendingUpdate| {
        vec![
            shown(Cell::value(&it.name, lang)),
            shown(match &it.installed {
                Some(version) => Cell::value(version, lang),
                None => Cell::not_applicable(),
            }),
            shown(Cell::value(&it.available, lang)),
            shown(Cell::own(if it.security {
                lang.pick("該当", "yes")
            } else {
                lang.pick("通常", "no")
            })),
        ]
    };
    all.iter().map(one).collect()
}
