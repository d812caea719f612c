//! Files that staff take away: CSV, Excel workbook, JSON. Comes in: the ledger and its network; goes
//! out: bytes, the same for the same facts. It reads no clock, and no cell becomes a formula.

pub mod checklist;
pub mod csv;
pub mod impact;
pub mod json;
pub mod preset;
pub mod response;
pub mod stamp;
pub mod xlsx;

use daicho_ledger::checklist::Filled;

pub use daicho_graph::list::{Basis, List};
pub use daicho_ledger::Lang;

/// What a person asks of an export.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options<'a> {
    /// Which columns; `None`: all.
    pub preset: Option<&'a preset::Preset>,
    /// The diagram as a picture (PNG), for a workbook.
    pub diagram: Option<&'a [u8]>,
    /// A filled sheet of a checklist, for a workbook.
    pub checklist: Option<&'a Filled<'a>>,
    /// Sheets of a workbook are printed on A4 instead of A3.
    pub a4: bool,
}

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
    /// The picture of the diagram could not be read.
    #[error("read the picture")]
    Picture(#[source] rust_xlsxwriter::XlsxError),
    /// The workbook could not be made.
    #[error("write the workbook")]
    Xlsx(#[from] rust_xlsxwriter::XlsxError),
}

#[cfg(test)]
mod tests;
