//! Programs: a row for each program of each machine.

use super::{Column, Layer, View, column};
use crate::asset::AgentAsset;
use crate::cell::Cell;

const C: Layer = Layer::Collected;

pub(super) const COLUMNS: &[Column] = &[
    column(C, "name", "ソフトウェア名", "program"),
    column(C, "version", "バージョン", "version"),
    column(C, "publisher", "提供元", "publisher"),
    column(C, "architecture", "アーキテクチャ", "architecture"),
];

pub(super) fn cells(view: View<'_>, asset: &AgentAsset) -> Vec<Vec<Cell>> {
    let lang = view.lang;
    let reading = &asset.software.items;
    let name = ("software", "items");
    let items = reading.value().map(Vec::as_slice).unwrap_or_default();
    if items.is_empty() {
        return vec![view.unknown_row(asset, name, reading, COLUMNS.len())];
    }
    let shown = |cell: Cell| view.reading(asset, name, reading, |_| cell);
    let optional = |value: &Option<String>| match value {
        Some(text) => shown(Cell::value(text, lang)),
        None => shown(Cell::own(lang.pick("記載なし", "not stated"))),
    };
    let one = |item: &daicho_report::SoftwareItem| {
        vec![
            shown(Cell::value(&item.name, lang)),
            shown(Cell::value(&item.version, lang)),
            optional(&item.publisher),
            optional(&item.architecture),
        ]
    };
    items.iter().map(one).collect()
}
