//! What people keep for the rows of a list, field by field. Comes in: entries by the keys of rows; goes
//! out: the cells of a row, each with who wrote it and when. It never puts anything into a column that
//! is collected or worked out.

use std::collections::BTreeMap;

use daicho_ledger::hand::field::{HandFields, HandValue, field_of};
use daicho_ledger::text::visible;
use daicho_ledger::{Cell, Column, Lang, Layer, Row, column};

use super::{D, View};

/// At the end of every list whose rows people fill.
pub(super) const ROW_KEY: Column = column(D, "row_key", "行キー（変更不可）", "row key (keep)");

/// Records named in the cell that says who wrote what.
const RECORDS: usize = 5;

/// What is kept, by the key of the row.
pub(super) struct Kept<'a> {
    lang: Lang,
    by_key: BTreeMap<&'a str, &'a HandFields>,
}

impl<'a> Kept<'a> {
    pub(super) fn of(view: &View<'a>) -> Self {
        Self {
            lang: view.lang,
            by_key: view.basis.ledger.hand.fields(),
        }
    }

    /// Values of a row that several names lead to; the newest of each field.
    fn values<'k>(&self, keys: impl Iterator<Item = &'k str>) -> BTreeMap<&'a str, &'a HandValue> {
        let mut values: BTreeMap<&str, &HandValue> = BTreeMap::new();
        for fields in keys.filter_map(|key| self.by_key.get(key)) {
            for (name, value) in &fields.values {
                let place = values.entry(name.as_str()).or_insert(value);
                *place = (*place).max_by_time(value);
            }
        }
        values
    }

    /// Puts what people wrote into the row; it goes before what an entry for the device says.
    pub(super) fn fill(
        &self,
        view: &View<'_>,
        columns: &[Column],
        row: &mut Row,
        others: &[String],
    ) {
        let Some(key) = row.key.clone() else { return };
        let values =
            self.values(std::iter::once(key.as_str()).chain(others.iter().map(String::as_str)));
        let source = self.lang.pick("手入力", "entered");
        for (column, cell) in columns.iter().zip(&mut row.cells) {
            let hand = column.layer == Layer::Hand;
            if let Some(value) = values.get(column.key).filter(|_| hand) {
                let shown = field_of(column.key)
                    .map_or_else(|| value.text.clone(), |it| it.show(&value.text, self.lang));
                let lines: Vec<String> = shown.lines().map(visible).collect();
                let by = self.lang.remark(source, &visible(&value.by));
                *cell = Cell::own(lines.join("\n")).from(&by, value.at);
            }
            if column.key == ROW_KEY.key {
                *cell = Cell::value(&key, self.lang);
            }
            if column.key == "entered" && !values.is_empty() {
                *cell = self.records(view, cell, &values);
            }
        }
    }

    /// Who wrote what and when, the newest first.
    fn records(&self, view: &View<'_>, own: &Cell, values: &BTreeMap<&str, &HandValue>) -> Cell {
        let mut newest: BTreeMap<(std::cmp::Reverse<String>, &str), Vec<&str>> = BTreeMap::new();
        for (name, value) in values {
            let title = field_of(name).map_or(*name, |it| it.title(self.lang));
            let day = std::cmp::Reverse(view.day(value.at));
            newest.entry((day, &value.by)).or_default().push(title);
        }
        let nobody = own.text == self.lang.pick("記入なし", "not entered");
        let own = (!nobody).then(|| own.text.clone());
        let line = |((day, by), titles): ((std::cmp::Reverse<String>, &str), Vec<&str>)| {
            let what = titles.join(self.lang.pick("・", ", "));
            self.lang
                .remark(&format!("{} {}", visible(by), day.0), &what)
        };
        view.bounded(newest.into_iter().map(line).chain(own), RECORDS)
    }
}

/// The newer of two values; of two of one moment always the same.
trait Newer<'a> {
    fn max_by_time(self, other: &'a HandValue) -> &'a HandValue;
}

impl<'a> Newer<'a> for &'a HandValue {
    fn max_by_time(self, other: &'a HandValue) -> &'a HandValue {
        if (other.at, other) > (self.at, self) {
            other
        } else {
            self
        }
    }
}
