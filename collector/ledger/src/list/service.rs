//! Services and what else starts by itself: a row for each on each machine.

use daicho_report::ServiceStart;

use super::{Column, Layer, View, column};
use crate::asset::AgentAsset;
use crate::cell::Cell;
use crate::text::Lang;

const C: Layer = Layer::Collected;

pub(super) const COLUMNS: &[Column] = &[
    column(C, "kind", "種類", "kind"),
    column(C, "name", "名前", "name"),
    column(C, "start", "起動", "starts"),
    column(C, "running", "稼働", "runs"),
];

pub(super) fn cells(view: View<'_>, asset: &AgentAsset) -> Vec<Vec<Cell>> {
    let mut rows = services(view, asset);
    rows.extend(autostarts(view, asset));
    rows
}

fn services(view: View<'_>, asset: &AgentAsset) -> Vec<Vec<Cell>> {
    let lang = view.lang;
    let (name, reading) = (("service", "services"), &asset.services.services);
    let all = reading.value().map(Vec::as_slice).unwrap_or_default();
    let kind = Cell::own(lang.pick("サービス", "service"));
    if all.is_empty() {
        let mut row = view.unknown_row(asset, name, reading, COLUMNS.len());
        if let Some(first) = row.first_mut() {
            *first = kind;
        }
        return vec![row];
    }
    let shown = |cell: Cell| view.reading(asset, name, reading, |_| cell);
    let one = |it: &daicho_report::Service| {
        vec![
            kind.clone(),
            shown(Cell::value(&it.name, lang)),
            shown(Cell::own(start(it.start, lang))),
            shown(match it.running {
                Some(true) => Cell::own(lang.pick("稼働中", "running")),
                Some(false) => Cell::own(lang.pick("停止中", "stopped")),
                None => Cell::unknown(&daicho_report::Reason::Unsupported, "", None, lang),
            }),
        ]
    };
    all.iter().map(one).collect()
}

fn start(start: ServiceStart, lang: Lang) -> &'static str {
    let (ja, en) = match start {
        ServiceStart::Automatic => ("自動", "with the machine"),
        ServiceStart::OnDemand => ("要求時", "on demand"),
        ServiceStart::Disabled => ("無効", "disabled"),
        ServiceStart::Other => ("その他", "other"),
    };
    lang.pick(ja, en)
}

fn autostarts(view: View<'_>, asset: &AgentAsset) -> Vec<Vec<Cell>> {
    let lang = view.lang;
    let (name, reading) = (("service", "autostarts"), &asset.services.autostarts);
    let all = reading.value().map(Vec::as_slice).unwrap_or_default();
    let word = lang.pick("自動起動", "autostart");
    if all.is_empty() {
        let mut row = view.unknown_row(asset, name, reading, COLUMNS.len());
        if let Some(first) = row.first_mut() {
            *first = Cell::own(word);
        }
        return vec![row];
    }
    let shown = |cell: Cell| view.reading(asset, name, reading, |_| cell);
    let one = |it: &daicho_report::Autostart| {
        let kind = crate::text::visible(&it.kind);
        vec![
            shown(Cell::own(lang.remark(word, &kind))),
            shown(Cell::value(&it.name, lang)),
            Cell::not_applicable(),
            Cell::not_applicable(),
        ]
    };
    all.iter().map(one).collect()
}
