//! Lists as people fill them. Comes in: the lists at a moment and what stands in a file that was made
//! from them; goes out: what people changed, as entries. It writes nothing itself, and takes nothing
//! from a column that is not theirs.

pub mod grid;
pub mod guard;
mod make;
pub mod plan;
pub mod table;

use std::collections::BTreeMap;

use daicho_graph::list::{Basis, List, rows_with};
use daicho_ledger::Lang;
use daicho_ledger::hand::field;

/// The lists that people fill, with the mark of their fields.
pub const LISTS: [(List, u8); 3] = [
    (List::Devices, field::DEVICES),
    (List::Network, field::NETWORK),
    (List::Remote, field::REMOTE),
];

/// Keys of the rows that people can fill, with the mark of the list that has them.
#[must_use]
pub fn keys(basis: Basis<'_>) -> BTreeMap<String, u8> {
    let mut keys = BTreeMap::new();
    for (list, mark) in LISTS {
        // The key stands beside the cells.
        for row in rows_with(basis, list, Lang::Ja, &[]) {
            keys.extend(row.key.map(|key| (key, mark)));
        }
    }
    keys
}

#[cfg(test)]
mod tests;
