//! The log of an incident as a list: when, who, what, and what was saved with which hash.

use daicho_ledger::hand::{CaseNote, Entry};
use daicho_ledger::text::{moment, visible};
use daicho_ledger::{Cell, Column, Layer, Row, column};
use daicho_report::Time;

use super::Lang;

const H: Layer = Layer::Hand;

/// Its columns.
pub const COLUMNS: &[Column] = &[
    column(H, "done_at", "時刻", "when"),
    column(H, "name", "実施者", "by"),
    column(H, "what", "内容", "what"),
    column(H, "about", "対象", "about"),
    column(H, "file", "保存したもの（ハッシュ）", "saved (hash)"),
    column(
        Layer::Derived,
        "entered",
        "記入（誰が・いつ）",
        "entered by, when",
    ),
    column(Layer::Derived, "key", "番号", "key"),
];

/// Its rows, in the order given.
#[must_use]
pub fn rows(lines: &[(&Entry, &CaseNote)], utc_offset_s: i32, lang: Lang) -> Vec<Row> {
    let row = |(entry, note): &(&Entry, &CaseNote)| {
        let at = Time::parse(&note.done_at);
        let at = at.map_or_else(|_| note.done_at.clone(), |it| moment(it, utc_offset_s));
        let text = |text: &str| match text.trim().is_empty() {
            true => Cell::not_applicable(),
            false => Cell::own(text.lines().map(visible).collect::<Vec<_>>().join("\n")),
        };
        let file = note
            .file
            .as_ref()
            .map(|it| format!("{} SHA-256 {}", it.name, it.digest));
        let entered = format!("{} {}", visible(&entry.by), moment(entry.at, utc_offset_s));
        Row {
            asset: None,
            key: None,
            cells: vec![
                Cell::own(at),
                Cell::value(&note.name, lang),
                text(&note.what),
                text(&note.about),
                text(file.as_deref().unwrap_or_default()),
                Cell::own(entered),
                Cell::value(&entry.key, lang),
            ],
        }
    };
    lines.iter().map(row).collect()
}
