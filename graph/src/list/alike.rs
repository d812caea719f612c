//! Rows that say the same of things that nothing joins: many machines that each saw a virtual router
//! alone, for example. Comes in: rows; goes out: one row for those that differ in nothing but ids,
//! counts and times, which says how many they are. It joins nothing: it only prints once.

use std::collections::BTreeMap;

use daicho_ledger::{Cell, Column, Lang, Row, State};

/// How a column of alike rows is put together. Columns that are not named must be equal.
#[derive(Debug, Clone, Copy)]
pub(super) enum Mode {
    /// The first few, and how many more.
    Ids,
    /// The least by the key that cells sort by.
    Least,
    /// The greatest.
    Greatest,
    /// The sum of numbers.
    Sum,
    /// Every line once, at most so many.
    Lines(usize),
    /// Nothing: it is of one row alone.
    Nothing,
}

/// Ids shown.
const IDS: usize = 2;

/// One row for alike rows. The first column says how many there are.
pub(super) fn merged(
    rows: Vec<Row>,
    columns: &[Column],
    modes: &[(&str, Mode)],
    lang: Lang,
    may: impl Fn(&Row) -> bool,
) -> Vec<Row> {
    let mode = |key: &str| {
        modes
            .iter()
            .find(|(it, _)| *it == key)
            .map(|(_, mode)| *mode)
    };
    let modes: Vec<Option<Mode>> = columns.iter().map(|it| mode(it.key)).collect();
    let mut order: Vec<Vec<Row>> = Vec::new();
    let mut places: BTreeMap<Vec<String>, usize> = BTreeMap::new();
    for row in rows {
        if !may(&row) {
            order.push(vec![row]);
            continue;
        }
        let same = row
            .cells
            .iter()
            .zip(&modes)
            .filter(|(_, mode)| mode.is_none());
        let key: Vec<String> = same.map(|(cell, _)| cell.text.clone()).collect();
        match places.get(&key).and_then(|at| order.get_mut(*at)) {
            Some(group) => group.push(row),
            None => {
                places.insert(key, order.len());
                order.push(vec![row]);
            }
        }
    }
    order
        .into_iter()
        .filter_map(|group| one(group, &modes, lang))
        .collect()
}

fn one(group: Vec<Row>, modes: &[Option<Mode>], lang: Lang) -> Option<Row> {
    let count = group.len();
    let mut row = group.first()?.clone();
    if count == 1 {
        return Some(row);
    }
    // What people would write for several things at once could be true of one alone.
    row.key = None;
    for (at, mode) in modes.iter().enumerate() {
        let cells: Vec<&Cell> = group.iter().filter_map(|row| row.cells.get(at)).collect();
        if let (Some(mode), Some(cell)) = (mode, row.cells.get_mut(at)) {
            *cell = put_together(*mode, &cells, lang)?;
        }
    }
    if let Some(first) = row.cells.first_mut() {
        let remark = match lang {
            Lang::Ja => format!("{count} 件。同じものかは未確認"),
            Lang::En => format!("{count} of these; whether they are one is not known"),
        };
        first.text = lang.remark(&first.text, &remark);
    }
    Some(row)
}

fn put_together(mode: Mode, cells: &[&Cell], lang: Lang) -> Option<Cell> {
    let known = || cells.iter().filter(|it| it.state == State::Value);
    let any = || cells.first().map(|it| (*it).clone());
    match mode {
        Mode::Least => known()
            .min_by_key(|it| it.sort_key())
            .map(|it| (**it).clone())
            .or_else(any),
        Mode::Greatest => known()
            .max_by_key(|it| it.sort_key())
            .map(|it| (**it).clone())
            .or_else(any),
        Mode::Nothing => Some(Cell::not_applicable()),
        Mode::Sum => {
            let numbers = cells.iter().filter_map(|it| it.text.parse::<u64>().ok());
            Some(Cell::number(numbers.sum()))
        }
        Mode::Ids => {
            let ids = cells.iter().map(|it| it.text.replace('\n', "、"));
            Some(lines(ids.collect(), IDS, lang))
        }
        Mode::Lines(most) => {
            let mut all: Vec<String> = Vec::new();
            for line in known().flat_map(|it| it.text.lines()) {
                if !all.iter().any(|it| it == line) {
                    all.push(line.to_owned());
                }
            }
            if all.is_empty() {
                return any();
            }
            Some(lines(all, most, lang))
        }
    }
}

fn lines(all: Vec<String>, most: usize, lang: Lang) -> Cell {
    let left = all.len().saturating_sub(most);
    let mut shown: Vec<String> = all.into_iter().take(most).collect();
    if left > 0 {
        shown.push(match lang {
            Lang::Ja => format!("ほか {left} 件"),
            Lang::En => format!("and {left} more"),
        });
    }
    Cell::lines(shown, lang)
}
