//! Checklists that inspectors ask for: the ministry's list of each year, the table for a BCP, the table
//! of roles in contracts. Comes in: forms (data files) and what is known of the hospital; goes out: for
//! each item what the data prove, what contradicts it, and what a person attested. It never answers はい
//! without proof, and a person's はい that the data contradict is told as a contradiction.

pub mod census;
mod days;
mod form;
mod register;
mod rule;
mod settle;
mod table;

pub use census::{Census, PointRow, SystemRow, Thing};
pub use days::between as days_between;
pub use form::{By, Form, FormError, Item, Scope, Sheet, shipped};
pub use register::{register_columns, register_rows};
pub use rule::rule_names;
pub use settle::{Filled, Final, Line, Named, Proof, fill};
pub use table::{
    columns, counts, detail_columns, detail_rows, outdated, printed_columns, printed_rows, rows,
    source, summary,
};

/// The key under which a person's answer to an item is kept: `r7/hospital/2-01`,
/// `r7/vendor@acme/2-01`.
#[must_use]
pub fn answer_key(form: &str, sheet: Sheet, vendor: Option<&str>, item: &str) -> String {
    match vendor {
        Some(vendor) => format!("{form}/{}@{vendor}/{item}", sheet.word()),
        None => format!("{form}/{}/{item}", sheet.word()),
    }
}

#[cfg(test)]
mod tests;
