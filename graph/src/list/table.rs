//! A list as files of text and spreadsheets take it: texts and states alone, each distinct text once.
//! Comes in: rows, one after the other, each dropped when it was taken; goes out: their texts in the
//! same order; where a value came from and by what it sorts is not kept.

use std::borrow::Borrow;

use daicho_ledger::{Row, State};
use indexmap::IndexSet;

/// Texts and states of a list.
#[derive(Debug, Default)]
pub struct Table {
    texts: IndexSet<Box<str>>,
    rows: Vec<Packed>,
}

/// A row: which text each cell has, and its state.
pub(super) type Packed = Box<[(u32, State)]>;

impl Table {
    /// These rows.
    #[must_use]
    pub fn of(rows: impl IntoIterator<Item = impl Borrow<Row>>) -> Self {
        let mut table = Self::default();
        let rows = rows.into_iter().map(|row| table.pack(row.borrow()));
        table.rows = rows.collect();
        table
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The distinct texts.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().map(|it| &**it)
    }

    /// Rows, each cell with what was made of its text and its state. `made`: one for each distinct text.
    pub fn rows<'a, T>(
        &'a self,
        made: &'a [T],
    ) -> impl Iterator<Item = impl Iterator<Item = (&'a T, State)>> {
        let of = |at: u32| usize::try_from(at).ok().and_then(|at| made.get(at));
        let row = move |row: &'a Packed| {
            row.iter()
                .filter_map(move |(at, state)| Some((of(*at)?, *state)))
        };
        self.rows.iter().map(row)
    }

    /// Keeps the texts of a row.
    pub(super) fn pack(&mut self, row: &Row) -> Packed {
        let cells = row.cells.iter();
        let packed = cells.map(|cell| (self.place(&cell.text), cell.state));
        packed.collect()
    }

    /// Its rows, packed by it.
    pub(super) fn put(&mut self, rows: Vec<Packed>) {
        self.rows = rows;
    }

    fn place(&mut self, text: &str) -> u32 {
        let at = match self.texts.get_index_of(text) {
            Some(at) => at,
            None => self.texts.insert_full(text.into()).0,
        };
        // Four thousand million texts would not fit into the memory.
        u32::try_from(at).unwrap_or(u32::MAX)
    }
}
