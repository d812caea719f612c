//! Services to be named（未分類サービス）: what no signature and no rule knows, the most frequent first,
//! each with an example of the command that names it.

use daicho_ledger::{Cell, Column, Lang, Layer, Row, column};

use super::{D, H, View};
use crate::recognise::Unnamed;

const C: Layer = Layer::Collected;
/// Machines named in a cell.
const MACHINES: usize = 10;
/// Longest text that an example command repeats.
const LONGEST: usize = 60;

pub(super) const COLUMNS: &[Column] = &[
    column(C, "name", "プログラム・サービス", "program, service"),
    column(C, "publisher", "発行元", "publisher"),
    column(C, "ports", "待受ポート", "listens on"),
    column(D, "count", "機器の数", "machines"),
    column(D, "machines", "機器（一部）", "machines (some)"),
    column(D, "peers", "通信相手の数", "peers"),
    column(H, "named", "名前（システム名など）", "its name"),
    column(
        D,
        "command",
        "名付けるコマンドの例",
        "a command that names it",
    ),
];

pub(super) fn rows(view: &View<'_>) -> Vec<Row> {
    let all = view.basis.recognition.unnamed.iter();
    all.map(|it| row(view, it)).collect()
}

fn row(view: &View<'_>, it: &Unnamed) -> Row {
    let lang = view.lang;
    let machines = it.assets.iter().map(|it| view.names.label(&it.0, lang));
    let cells = vec![
        Cell::value(&it.name, lang),
        match &it.publisher {
            Some(publisher) => Cell::value(publisher, lang),
            None => view.unsure("発行元の記録なし", "no publisher is recorded"),
        },
        match it.ports.is_empty() {
            true => Cell::own(lang.pick("待受の観測なし", "none seen")),
            false => view.bounded(
                it.ports.iter().map(|it| daicho_ledger::text::visible(it)),
                20,
            ),
        },
        Cell::number(it.assets.len() as u64),
        match it.assets.is_empty() {
            true => view.unsure("機器の特定なし", "no machine known"),
            false => view.bounded(machines, MACHINES),
        },
        Cell::number(it.peers as u64),
        Cell::by_hand(lang),
        Cell::own(command(it, lang.pick("システム名", "NAME"), lang)),
    ];
    Row {
        asset: None,
        key: None,
        cells,
    }
}

/// What a shell would read as something else stands for any text in a rule: `*`.
pub(super) fn plain(text: &str) -> String {
    let safe = |c: char| c.is_alphanumeric() || " ._-+()@:/,・ー".contains(c);
    let mut out = String::new();
    for c in text.chars().take(LONGEST) {
        match safe(c) {
            true => out.push(c),
            false if out.ends_with('*') => {}
            false => out.push('*'),
        }
    }
    if text.chars().count() > LONGEST && !out.ends_with('*') {
        out.push('*');
    }
    out
}

/// The command that names it as that system.
pub(super) fn command(it: &Unnamed, system: &str, lang: Lang) -> String {
    let named = if it.ports.is_empty() {
        "software"
    } else {
        "program"
    };
    let mut wanted = String::new();
    if let Some(publisher) = it.publisher.as_deref().filter(|it| !it.trim().is_empty()) {
        wanted.push_str(&format!("--match publisher=\"{}\" ", plain(publisher)));
    }
    wanted.push_str(&format!("--match {named}=\"{}\"", plain(&it.name)));
    let (system, by) = (plain(system), lang.pick("氏名", "WHO"));
    format!("daicho-collector site name {wanted} --system \"{system}\" --by \"{by}\"")
}
