//! One list as CSV: UTF-8 with byte order mark, CRLF, every cell quoted (RFC 4180).
//!
//! A cell that a spreadsheet would take for a formula gets an apostrophe before it; several values
//! in a cell are separated by `; `. Hidden characters are shown already by the ledger.

use daicho_graph::list;
use daicho_ledger::{Column, Row};

use super::stamp;
use super::{Basis, ExportError, Lang, List, Options, preset};

/// Beginnings that make a spreadsheet calculate: ASCII, full-width and small forms.
const FORMULA: &[char] = &[
    '=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠', '﹦', '﹢', '﹣', '﹫', '−',
];

/// The list as the bytes of a file.
pub fn bytes(
    basis: Basis<'_>,
    list: List,
    lang: Lang,
    options: Options<'_>,
) -> Result<Vec<u8>, ExportError> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .quote_style(csv::QuoteStyle::Always)
        .from_writer(b"\xEF\xBB\xBF".to_vec());
    // From which moment it is and how much is covered stands in every row: rows are sorted and cut.
    let stamp = stamp::line(basis.ledger, lang);
    let only = preset::wanted(options.preset, list);
    let table = list::table(basis, list, lang, only.as_deref());
    let columns = preset::columns(options.preset, list);
    let titles = columns.iter().map(|it| it.title(lang).to_owned());
    writer.write_record(titles.chain([stamp::heading(lang).to_owned()]))?;
    let texts: Vec<String> = table.texts().map(plain).collect();
    for row in table.rows(&texts) {
        let cells = row.map(|(text, _)| text.as_str());
        writer.write_record(cells.chain([stamp.as_str()]))?;
    }
    writer
        .into_inner()
        .map_err(|error| ExportError::Finish(error.into_error()))
}

/// Any columns and rows as the bytes of a file.
pub fn table(columns: &[Column], rows: &[Row], lang: Lang) -> Result<Vec<u8>, ExportError> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .quote_style(csv::QuoteStyle::Always)
        .from_writer(b"\xEF\xBB\xBF".to_vec());
    writer.write_record(columns.iter().map(|it| it.title(lang)))?;
    for row in rows {
        writer.write_record(row.cells.iter().map(|it| plain(&it.text)))?;
    }
    writer
        .into_inner()
        .map_err(|error| ExportError::Finish(error.into_error()))
}

/// One line that no spreadsheet calculates.
pub fn plain(text: &str) -> String {
    let line = text.replace('\n', "; ");
    if is_formula(&line) {
        return format!("'{line}");
    }
    line
}

/// Whether a spreadsheet would take a text for a formula.
#[must_use]
pub fn is_formula(text: &str) -> bool {
    text.trim_start().starts_with(FORMULA)
}
