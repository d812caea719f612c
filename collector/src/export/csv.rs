//! One list as CSV: UTF-8 with byte order mark, CRLF, every cell quoted (RFC 4180).
//!
//! A cell that a spreadsheet would take for a formula gets an apostrophe before it; several values
//! in a cell are separated by `; `. Hidden characters are shown already by the ledger.

use daicho_graph::list::{columns, rows};

use super::{Basis, ExportError, Lang, List};

/// Beginnings that make a spreadsheet calculate: ASCII, full-width and small forms.
const FORMULA: &[char] = &[
    '=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠', '﹦', '﹢', '﹣', '﹫', '−',
];

/// The list as the bytes of a file.
pub fn bytes(basis: Basis<'_>, list: List, lang: Lang) -> Result<Vec<u8>, ExportError> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .quote_style(csv::QuoteStyle::Always)
        .from_writer(b"\xEF\xBB\xBF".to_vec());
    writer.write_record(columns(list).iter().map(|it| it.title(lang)))?;
    for row in rows(basis, list, lang) {
        writer.write_record(row.cells.iter().map(|it| plain(&it.text)))?;
    }
    writer
        .into_inner()
        .map_err(|error| ExportError::Finish(error.into_error()))
}

/// One line that no spreadsheet calculates.
pub(super) fn plain(text: &str) -> String {
    let line = text.replace('\n', "; ");
    if line.trim_start().starts_with(FORMULA) {
        return format!("'{line}");
    }
    line
}
