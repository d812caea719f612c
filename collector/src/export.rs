//! Files that staff take away: CSV, Excel workbook, JSON. Comes in: the ledger and its network; goes
//! out: bytes, the same for the same facts. It reads no clock, and no cell becomes a formula.

pub mod case;
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
    /// The pages of the diagram as pictures (PNG), for a workbook.
    pub diagram: &'a [Vec<u8>],
    /// A filled sheet of a checklist, for a workbook.
    pub checklist: Option<&'a Filled<'a>>,
    /// Who made it and who approved it, for every page.
    pub signed: Option<&'a Signed>,
    /// Sheets of a workbook are printed on A4 instead of A3.
    pub a4: bool,
}

/// Who answers for an export, and to which state of the log it belongs; printed on every page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// 作成者.
    pub by: String,
    /// 承認者; empty: nobody yet.
    pub approver: String,
    /// Root of the log before the export, in groups of four.
    pub root: String,
}

/// 作成者 and 承認者 as a diagram names them.
#[must_use]
pub fn people(by: &str, approver: &str) -> String {
    match approver.is_empty() {
        true => by.to_owned(),
        false => format!("{by}（承認 {approver}）"),
    }
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
