//! The registers that a hospital keeps（訓練、ログ点検、復旧試験…） as a list of cells.

use super::table::file;
use crate::cell::Cell;
use crate::hand::Hand;
use crate::list::{Column, Layer, Row, column};
use crate::text::{Lang, moment, visible};

const D: Layer = Layer::Derived;
const H: Layer = Layer::Hand;

const REGISTER: &[Column] = &[
    column(D, "register", "記録簿", "register"),
    column(H, "on", "実施日", "done on"),
    column(H, "name", "実施者", "by"),
    column(H, "vendor", "事業者", "vendor"),
    column(H, "result", "結果", "result"),
    column(H, "next", "次回期限", "due again"),
    column(H, "file", "文書", "document"),
    column(H, "note", "備考", "note"),
    column(D, "entered", "記入（誰が・いつ）", "entered by, when"),
    column(D, "key", "番号", "key"),
];

/// The columns of the registers.
#[must_use]
pub fn register_columns() -> Vec<Column> {
    REGISTER.to_vec()
}

/// The registers that a hospital keeps, the newest record first; one without a record says so.
#[must_use]
pub fn register_rows(hand: &Hand, utc_offset_s: i32, lang: Lang) -> Vec<Row> {
    let mut rows = Vec::new();
    for register in crate::hand::Register::ALL {
        let mut records: Vec<_> = hand
            .records()
            .filter(|it| it.1.register == register)
            .collect();
        records.sort_by(|a, b| (&b.1.on, &b.0.key).cmp(&(&a.1.on, &a.0.key)));
        let title = Cell::own(register.title(lang));
        if records.is_empty() {
            let mut cells = vec![title.clone(), Cell::own(lang.pick("記録なし", "no record"))];
            cells.resize(REGISTER.len(), Cell::not_applicable());
            rows.push(Row {
                asset: None,
                key: None,
                cells,
            });
        }
        for (entry, record) in records {
            let text = |text: &str| match text.trim().is_empty() {
                true => Cell::by_hand(lang),
                false => Cell::own(text.lines().map(visible).collect::<Vec<_>>().join("\n")),
            };
            let vendor = record.vendor.as_deref().map(|key| {
                hand.vendor(key)
                    .map_or_else(|| key.to_owned(), |it| it.name.clone())
            });
            let day = moment(entry.at, utc_offset_s);
            let cells = vec![
                title.clone(),
                text(&record.on),
                text(&record.name),
                vendor.map_or_else(Cell::not_applicable, |it| text(&it)),
                text(&record.result),
                text(record.next.as_deref().unwrap_or_default()),
                text(&record.file.as_ref().map(file).unwrap_or_default()),
                text(&record.note),
                Cell::own(format!("{} {day}", visible(&entry.by))),
                Cell::own(entry.key.clone()),
            ];
            rows.push(Row {
                asset: None,
                key: None,
                cells,
            });
        }
    }
    rows
}
