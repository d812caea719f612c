//! Differences between two moments. Comes in: the site at both; goes out: what was added, what is gone and
//! what changed, list by list. What could not be asked at the second moment is no change, and times that
//! move with every report are not told.

use std::collections::BTreeMap;

use daicho_graph::list::{Basis, List, columns, rows};
use daicho_ledger::{Cell, Column, Lang, Layer, Row, State, column};

/// Lists that are compared when nobody names one.
pub const LISTS: [List; 7] = [
    List::Devices,
    List::Network,
    List::Points,
    List::Remote,
    List::Systems,
    List::Segments,
    List::Administrators,
];

/// Columns that change by themselves, or that only say why another one changed.
const MOVING: &[&str] = &[
    "clients",
    "collected_at",
    "definitions_at",
    "entered",
    "first_at",
    "index_at",
    "known_by",
    "last_at",
    "machines",
    "reason",
    "report_state",
    "row_key",
    "seen",
    "seen_addresses",
    "seen_by",
    "volumes",
    "with_agent",
    "witnesses",
];

const D: Layer = Layer::Derived;

/// The columns of the list of differences.
pub const COLUMNS: &[Column] = &[
    column(D, "list", "一覧", "list"),
    column(D, "change", "変化", "change"),
    column(D, "name", "名称", "name"),
    column(D, "id", "番号", "id"),
    column(D, "column", "項目", "column"),
    column(D, "before", "前", "before"),
    column(D, "after", "後", "after"),
];

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// It is new.
    Added,
    /// It is gone.
    Gone,
    /// One of its columns changed.
    Changed,
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// In which list.
    pub list: List,
    /// What became of the row.
    pub what: What,
    /// What the row is called.
    pub name: String,
    /// By which it is told apart.
    pub id: String,
    /// Which column; `None`: the whole row.
    pub column: Option<Column>,
    /// What stood there.
    pub before: String,
    /// What stands there.
    pub after: String,
}

/// All differences, list by list, sorted.
#[must_use]
pub fn changes(before: Basis<'_>, after: Basis<'_>, lists: &[List], lang: Lang) -> Vec<Change> {
    let mut out = Vec::new();
    for list in lists {
        let (old, new) = (by_id(before, *list, lang), by_id(after, *list, lang));
        let mut ids: Vec<&String> = old.keys().chain(new.keys()).collect();
        ids.sort();
        ids.dedup();
        for id in ids {
            match (old.get(id), new.get(id)) {
                (None, Some(row)) => out.push(whole(*list, What::Added, id, row)),
                (Some(row), None) => out.push(whole(*list, What::Gone, id, row)),
                (Some(old), Some(new)) => out.extend(within(*list, id, old, new)),
                (None, None) => {}
            }
        }
    }
    out.sort_by(|a, b| {
        let list = |it: &Change| lists.iter().position(|list| *list == it.list);
        (list(a), a.what, &a.name, &a.id).cmp(&(list(b), b.what, &b.name, &b.id))
    });
    out
}

/// By which columns rows of a list are told apart; none: by the keys of the rows.
fn id_columns(list: List) -> &'static [&'static str] {
    match list {
        List::Points => &["point_id"],
        List::Systems => &["system_id"],
        List::Segments => &["segment_id"],
        List::Administrators => &["asset_id", "row", "account", "how"],
        List::Software => &["asset_id", "name"],
        List::Findings => &["asset_id", "rule", "evidence"],
        _ => &[],
    }
}

fn by_id(basis: Basis<'_>, list: List, lang: Lang) -> BTreeMap<String, Row> {
    let columns = columns(list);
    let wanted = id_columns(list).iter();
    let places: Vec<usize> = wanted
        .filter_map(|key| columns.iter().position(|it| it.key == *key))
        .collect();
    let mut out = BTreeMap::new();
    for row in rows(basis, list, lang) {
        let parts = places.iter().filter_map(|at| row.cells.get(*at));
        let parts: Vec<&str> = parts.map(|it| it.text.as_str()).collect();
        let own = row.key.clone();
        let own = own.or_else(|| row.asset.as_ref().map(|it| it.0.clone()));
        let id = match parts.is_empty() {
            true => own.unwrap_or_else(|| name(&row)),
            false => parts.join(" / "),
        };
        out.entry(id).or_insert(row);
    }
    out
}

fn whole(list: List, what: What, id: &str, row: &Row) -> Change {
    Change {
        list,
        what,
        name: name(row),
        id: id.to_owned(),
        column: None,
        before: String::new(),
        after: String::new(),
    }
}

fn name(row: &Row) -> String {
    row.cells
        .first()
        .map_or_else(String::new, |it| it.text.clone())
}

fn within(list: List, id: &str, old: &Row, new: &Row) -> Vec<Change> {
    let cells = old.cells.iter().zip(&new.cells);
    let columns = columns(list).into_iter().zip(cells);
    let changed =
        columns.filter(|(column, (old, new))| !MOVING.contains(&column.key) && is_change(old, new));
    changed
        .map(|(column, (before, after))| Change {
            list,
            what: What::Changed,
            name: name(new),
            id: id.to_owned(),
            column: Some(column),
            before: before.text.clone(),
            after: after.text.clone(),
        })
        .collect()
}

/// A failed reading is no change of what it reads.
fn is_change(old: &Cell, new: &Cell) -> bool {
    let known = |it: &Cell| {
        matches!(
            it.state,
            State::Value | State::HandEmpty | State::NotApplicable
        )
    };
    if !known(new) || old.state == State::Stale {
        return false;
    }
    old.text != new.text
}

impl What {
    /// As people read it.
    #[must_use]
    pub fn title(self, lang: Lang) -> &'static str {
        let (ja, en) = match self {
            Self::Added => ("追加", "added"),
            Self::Gone => ("なくなった", "gone"),
            Self::Changed => ("変更", "changed"),
        };
        lang.pick(ja, en)
    }
}

/// Differences as rows of a list.
#[must_use]
pub fn table(changes: &[Change], lang: Lang) -> Vec<Row> {
    let row = |it: &Change| {
        let text = |text: &str| match text.is_empty() {
            true => Cell::not_applicable(),
            false => Cell::own(text),
        };
        let title = it.column.map_or("", |it| it.title(lang));
        Row {
            asset: None,
            key: None,
            cells: vec![
                Cell::own(it.list.title(lang)),
                Cell::own(it.what.title(lang)),
                text(&it.name),
                text(&it.id),
                text(title),
                text(&it.before),
                text(&it.after),
            ],
        }
    };
    changes.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failed_reading_is_no_change_and_a_new_value_is_one() {
        let value = |text: &str| Cell::own(text);
        let reason = daicho_report::Reason::Denied;
        let unknown = Cell::unknown(&reason, "", None, Lang::Ja);
        assert!(is_change(&value("a"), &value("b")));
        assert!(!is_change(&value("a"), &value("a")));
        assert!(!is_change(&value("a"), &unknown));
        assert!(is_change(&unknown, &value("a")));
        let stale = Cell {
            state: State::Stale,
            ..value("a（前回値）")
        };
        assert!(!is_change(&stale, &value("a")));
        assert!(!is_change(&value("a"), &stale));
    }

    #[test]
    fn every_column_that_is_not_told_is_a_column() {
        let all: Vec<&str> = List::ALL
            .into_iter()
            .flat_map(columns)
            .map(|it| it.key)
            .collect();
        for key in MOVING {
            assert!(all.contains(key), "{key}");
        }
        for list in List::ALL {
            let keys: Vec<&str> = columns(list).iter().map(|it| it.key).collect();
            for key in id_columns(list).iter().filter(|_| LISTS.contains(&list)) {
                assert!(keys.contains(key), "{list:?} {key}");
            }
        }
    }
}
