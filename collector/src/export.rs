//! Files that staff take away: CSV, Excel workbook, JSON. Comes in: the ledger and its network; goes
//! out: bytes, the same for the same facts. It reads no clock, and no cell becomes a formula.

pub mod csv;
pub mod json;
pub mod xlsx;

pub use daicho_graph::list::{Basis, List};
pub use daicho_ledger::Lang;

/// Why an export was not made.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// A row could not be written.
    #[error("write the CSV")]
    Csv(#[from] ::csv::Error),
    /// The buffer could not be finished.
    #[error("finish the CSV")]
    Finish(#[source] std::io::Error),
    /// The value has no JSON form.
    #[error("write the JSON")]
    Json(#[from] serde_json::Error),
    /// The workbook could not be made.
    #[error("write the workbook")]
    Xlsx(#[from] rust_xlsxwriter::XlsxError),
}

#[cfg(test)]
mod tests;
