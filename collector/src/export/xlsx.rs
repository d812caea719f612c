//! All lists as an Excel workbook with a cover. Every cell is written as a text, so none is ever a
//! formula, a link or a number; the creation time is that of the ledger, so the bytes are the same
//! for the same ledger. Cells without a value are hatched and in italics, to be told in grey print.

mod cover;
mod style;

use daicho_graph::list::{columns, rows};
use daicho_ledger::text::{self, visible};
use daicho_ledger::{Column, Ledger, Row};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, IgnoreError, Workbook, Worksheet};

use self::style::Styles;
use super::{Basis, ExportError, Lang, List};

/// Most characters in a cell, counted as Excel does (UTF-16), less room for the note.
const CELL_UNITS: usize = 32_000;
/// Most rows of a sheet, less the heading and the note.
const SHEET_ROWS: usize = 1_048_000;
/// Columns whose cells hold sentences.
const WIDE: &[&str] = &[
    "command",
    "evidence",
    "known_by",
    "next",
    "reason",
    "witnesses",
];
/// Width of an A3 sheet across, in characters, when it is printed at about 90 %.
const PAGE_CHARS: f64 = 225.0;

/// The workbook as the bytes of a file.
pub fn bytes(basis: Basis<'_>, lang: Lang) -> Result<Vec<u8>, ExportError> {
    let ledger = basis.ledger;
    let mut book = Workbook::new();
    book.set_properties(&properties(ledger, lang)?);
    let styles = Styles::new();
    let mut tables = Vec::new();
    for list in List::ALL {
        tables.push((list, rows(basis, list, lang)));
    }
    let cover = book.add_worksheet();
    cover::write(cover, ledger, lang, &tables, &styles)?;
    for (list, rows) in &tables {
        let sheet = book.add_worksheet();
        sheet.set_name(list.title(lang))?;
        write(sheet, &columns(*list), rows, lang, &styles)?;
        print(sheet, ledger, list.title(lang), lang);
    }
    Ok(book.save_to_buffer()?)
}

fn properties(ledger: &Ledger, lang: Lang) -> Result<DocProperties, ExportError> {
    // Excel knows no moment before 1970 here; a ledger of nothing has such a one.
    let created = ledger.as_of.seconds().max(0);
    Ok(DocProperties::new()
        .set_title(lang.pick("情報機器台帳", "Ledger of information assets"))
        .set_author("Daicho")
        .set_creation_datetime(&ExcelDateTime::from_timestamp(created)?))
}

fn write(
    sheet: &mut Worksheet,
    columns: &[Column],
    rows: &[Row],
    lang: Lang,
    styles: &Styles,
) -> Result<(), ExportError> {
    let last_column = u16::try_from(columns.len().saturating_sub(1)).unwrap_or(u16::MAX);
    let widths = widths(columns, rows, lang);
    for (at, (column, width)) in (0_u16..).zip(columns.iter().zip(&widths)) {
        let style = styles.heading(column.layer);
        sheet.write_string_with_format(0, at, column.title(lang), style)?;
        sheet.set_column_width(at, *width)?;
    }
    let headings = columns.iter().map(|it| it.title(lang));
    sheet.set_row_height(0, style::row_height(headings, &widths))?;
    let mut next = 1_u32;
    for row in rows.iter().take(SHEET_ROWS) {
        for (at, cell) in (0_u16..).zip(&row.cells) {
            let style = styles.cell(cell.state, is_formula_like(&cell.text));
            sheet.write_string_with_format(next, at, shortened(&cell.text, lang), style)?;
        }
        let texts = row.cells.iter().map(|it| it.text.as_str());
        sheet.set_row_height(next, style::row_height(texts, &widths))?;
        next += 1;
    }
    if let Some(note) = note(rows.len(), lang) {
        sheet.write_string_with_format(next, 0, note, &styles.note)?;
        next += 1;
    }
    let last = next.saturating_sub(1);
    sheet.autofilter(0, 0, last, last_column)?;
    sheet.set_freeze_panes(1, 1)?;
    sheet.set_repeat_rows(0, 0)?;
    sheet.set_repeat_columns(0, 0)?;
    sheet.ignore_error_range(0, 0, last, last_column, IgnoreError::NumberStoredAsText)?;
    sheet.set_print_fit_to_pages(pages_across(&widths), 0);
    Ok(())
}

fn widths(columns: &[Column], rows: &[Row], lang: Lang) -> Vec<f64> {
    let width = |(at, column): (usize, &Column)| {
        let cells = rows.iter().filter_map(|row| row.cells.get(at));
        let widest = if WIDE.contains(&column.key) {
            style::WIDE
        } else {
            style::WIDEST
        };
        let cells = cells.map(|it| it.text.as_str());
        style::column_width(column.title(lang), cells, widest)
    };
    columns.iter().enumerate().map(width).collect()
}

/// Sheets of paper side by side, so that the print stays readable. The first column is on each.
fn pages_across(widths: &[f64]) -> u16 {
    let first = widths.first().copied().unwrap_or_default();
    let others: f64 = widths.iter().skip(1).sum();
    // A few dozen columns of bounded width: a small count.
    (others / (PAGE_CHARS - first)).ceil().clamp(1.0, 100.0) as u16
}

/// What a sheet says below its rows, when there are none or not all.
fn note(count: usize, lang: Lang) -> Option<String> {
    if count == 0 {
        let text = lang.pick(
            "該当する行なし（取得・観測できた範囲。存在しないことの証明ではありません）",
            "no rows (of what could be collected or seen; no proof that there is nothing)",
        );
        return Some(text.to_owned());
    }
    let left = count.checked_sub(SHEET_ROWS).filter(|left| *left > 0)?;
    Some(match lang {
        Lang::Ja => {
            format!("以下 {left} 行は Excel の行数の上限のため省略。JSON にはすべてあります")
        }
        Lang::En => format!("{left} more rows do not fit into a sheet; the JSON holds all"),
    })
}

fn is_formula_like(text: &str) -> bool {
    super::csv::plain(text).starts_with('\'')
}

/// The text, cut visibly where Excel would refuse it.
fn shortened(text: &str, lang: Lang) -> String {
    let mut units = 0;
    for (at, c) in text.char_indices() {
        units += c.len_utf16();
        if units > CELL_UNITS {
            let kept = text.get(..at).unwrap_or_default();
            let note = lang.pick("…（以下省略。JSON を参照）", "… (cut; see the JSON)");
            return format!("{kept}{note}");
        }
    }
    text.to_owned()
}

/// A3 across, with site, list, moment and page on every sheet.
fn print(sheet: &mut Worksheet, ledger: &Ledger, title: &str, lang: Lang) {
    const A3: u8 = 8;
    let site = header_text(&site_name(ledger, lang), 60);
    let as_of = text::moment(ledger.as_of, ledger.site.utc_offset_s);
    let as_of = format!("{as_of} {}", lang.pick("時点", "as of"));
    let simulated = if ledger.site.simulated {
        lang.pick(
            "模擬データ（実在の病院ではありません）",
            "simulated data (no real hospital)",
        )
    } else {
        ""
    };
    sheet.set_paper_size(A3);
    sheet.set_landscape();
    sheet.set_margins(0.4, 0.4, 0.7, 0.6, 0.3, 0.3);
    sheet.set_header(format!(
        "&L {site}&C {} {simulated}&R {as_of}",
        header_text(title, 60)
    ));
    sheet.set_footer(format!(
        "&L {}&R &P / &N",
        lang.pick("情報機器台帳（Daicho）", "Ledger (Daicho)")
    ));
}

/// Text of a header: no control codes, not too long.
fn header_text(text: &str, chars: usize) -> String {
    let short: String = text.chars().take(chars).collect();
    short.replace('&', "&&")
}

fn site_name(ledger: &Ledger, lang: Lang) -> String {
    let name = visible(&ledger.site.name);
    if name.trim().is_empty() {
        return lang.pick("施設名未設定", "site not named").to_owned();
    }
    name
}
