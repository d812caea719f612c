//! All lists as an Excel workbook with a cover. Every cell is written as a text, so none is ever a
//! formula, a link or a number; the creation time is that of the ledger, so the bytes are the same
//! for the same ledger. Cells without a value are hatched and in italics, to be told in grey print.

mod cover;
mod style;

use daicho_graph::list::{self, Table};
use daicho_ledger::hand::field::{Kind, field_of};
use daicho_ledger::text::{self, visible};
use daicho_ledger::{Column, Layer, Ledger};
use rust_xlsxwriter::{
    DataValidation, DataValidationErrorStyle, DocProperties, ExcelDateTime, IgnoreError, Image,
    Workbook, Worksheet,
};

use self::cover::Counted;
use self::style::Extent;
pub(super) use self::style::{Styles, row_height};
use super::{Basis, ExportError, Lang, List, Options, Signed, preset, stamp};

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
/// The same of an A4 sheet.
const PAGE_CHARS_A4: f64 = 158.0;

/// The workbook as the bytes of a file.
pub fn bytes(basis: Basis<'_>, lang: Lang, options: Options<'_>) -> Result<Vec<u8>, ExportError> {
    book(basis, &List::ALL, lang, options)
}

/// One list with its cover as the bytes of a file.
pub fn list(
    basis: Basis<'_>,
    list: List,
    lang: Lang,
    options: Options<'_>,
) -> Result<Vec<u8>, ExportError> {
    book(basis, &[list], lang, options)
}

fn book(
    basis: Basis<'_>,
    lists: &[List],
    lang: Lang,
    options: Options<'_>,
) -> Result<Vec<u8>, ExportError> {
    let ledger = basis.ledger;
    let mut book = Workbook::new();
    book.set_properties(&properties(ledger, lang)?);
    let styles = Styles::new();
    let paper = Paper {
        ledger,
        lang,
        a4: options.a4,
        signed: options.signed,
    };
    // First in the book, written last: it tells what the others hold.
    book.add_worksheet();
    let mut counted = Counted::default();
    for list in lists {
        if *list == AFTER_THE_PICTURE {
            checklist(&mut book, options, &paper, &styles)?;
            counted.diagram = pictures(&mut book, options.diagram, &paper, &styles)?;
        }
        let only = preset::wanted(options.preset, *list);
        let table = list::table(basis, *list, lang, only.as_deref());
        let columns = preset::columns(options.preset, *list);
        // Its rows go through a file of the system's own for such, which ends with the program.
        let sheet = book.add_worksheet_with_low_memory()?;
        sheet.set_name(list.title(lang))?;
        write(sheet, &columns, &table, &paper, &styles)?;
        paper.print(sheet, list.title(lang));
        counted.rows.push((*list, table.len()));
    }
    let segments = stamp::segments(basis, lang);
    let cover = book.worksheet_from_index(0)?;
    cover::write(
        cover,
        &paper,
        (&counted, &segments),
        options.preset,
        &styles,
    )?;
    Ok(book.save_to_buffer()?)
}

/// The sheet before which the diagram stands.
const AFTER_THE_PICTURE: List = List::Systems;

/// This year's list of the ministry, answered as far as can be.
fn checklist(
    book: &mut Workbook,
    options: Options<'_>,
    paper: &Paper<'_>,
    styles: &Styles,
) -> Result<(), ExportError> {
    let Some(filled) = options.checklist else {
        return Ok(());
    };
    let title = paper.lang.pick("チェックリスト", "Checklist");
    let sheet = book.add_worksheet();
    sheet.set_name(title)?;
    super::checklist::page(sheet, filled, paper, styles)
}

/// The pages of the diagram as pictures, each on a sheet of its own and scaled to one of paper; how
/// many there are.
fn pictures(
    book: &mut Workbook,
    pages: &[Vec<u8>],
    paper: &Paper<'_>,
    styles: &Styles,
) -> Result<usize, ExportError> {
    let title = paper.lang.pick("構成図", "Diagram");
    for (at, page) in pages.iter().enumerate() {
        let mut image = Image::new_from_buffer(page).map_err(ExportError::Picture)?;
        let name = match pages.len() {
            1 => title.to_owned(),
            all => format!("{title} {}-{all}", at + 1),
        };
        image = image
            .set_alt_text(&name)
            .set_scale_to_size(PICTURE.0, PICTURE.1, true);
        let sheet = book.add_worksheet();
        sheet.set_name(&name)?;
        // The picture ends within one column: across several it would be as wide as the font of whoever
        // opens it makes them.
        sheet.set_column_width(0, WIDEST)?;
        sheet.write_string_with_format(0, 0, &name, &styles.subtitle)?;
        sheet.insert_image(1, 0, &image)?;
        paper.print(sheet, title);
        sheet.set_print_fit_to_pages(1, 1);
    }
    Ok(pages.len())
}

/// Largest width and height of the picture, in pixels.
const PICTURE: (u32, u32) = (1_780, 1_200);
/// Widest column of Excel, in characters: 1,790 pixels in its plainest font.
const WIDEST: f64 = 255.0;

pub(super) fn properties(ledger: &Ledger, lang: Lang) -> Result<DocProperties, ExportError> {
    // Excel knows no moment before 1970 here; a ledger of nothing has such a one.
    let created = ledger.as_of.seconds().max(0);
    Ok(DocProperties::new()
        .set_title(lang.pick("情報機器台帳", "Ledger of information assets"))
        .set_author("Daicho")
        .set_creation_datetime(&ExcelDateTime::from_timestamp(created)?))
}

/// A text as a sheet takes it: measured, cut and looked at once, however many cells have it.
struct Shown {
    text: String,
    extent: Extent,
    formula_like: bool,
}

impl Shown {
    fn of(text: &str, lang: Lang) -> Self {
        Self {
            text: shortened(text, lang),
            extent: Extent::of(text),
            formula_like: is_formula_like(text),
        }
    }
}

pub(super) fn write(
    sheet: &mut Worksheet,
    columns: &[Column],
    table: &Table,
    paper: &Paper<'_>,
    styles: &Styles,
) -> Result<(), ExportError> {
    let lang = paper.lang;
    let last_column = u16::try_from(columns.len().saturating_sub(1)).unwrap_or(u16::MAX);
    let shown: Vec<Shown> = table.texts().map(|it| Shown::of(it, lang)).collect();
    let widths = widths(columns, table, &shown, lang);
    for (at, (column, width)) in (0_u16..).zip(columns.iter().zip(&widths)) {
        let style = styles.heading(column.layer);
        sheet.write_string_with_format(0, at, column.title(lang), style)?;
        sheet.set_column_width(at, *width)?;
    }
    let headings = columns.iter().map(|it| it.title(lang));
    sheet.set_row_height(0, style::row_height(headings, &widths))?;
    let mut next = 1_u32;
    for row in table.rows(&shown).take(SHEET_ROWS) {
        let mut extents = Vec::with_capacity(columns.len());
        for (at, (shown, state)) in (0_u16..).zip(row) {
            let hand = columns
                .get(usize::from(at))
                .is_some_and(|it| it.layer == Layer::Hand);
            let style = match shown.formula_like {
                true => styles.quoted(state, hand),
                false => styles.cell(state, hand),
            };
            sheet.write_string_with_format(next, at, &shown.text, style)?;
            extents.push(&shown.extent);
        }
        sheet.set_row_height(next, style::measured_height(extents.into_iter(), &widths))?;
        next += 1;
    }
    if let Some(note) = note(table.len(), lang) {
        sheet.write_string_with_format(next, 0, note, &styles.note)?;
        next += 1;
    }
    let last = next.saturating_sub(1);
    sheet.autofilter(0, 0, last, last_column)?;
    sheet.set_freeze_panes(1, 1)?;
    sheet.set_repeat_rows(0, 0)?;
    sheet.set_repeat_columns(0, 0)?;
    sheet.ignore_error_range(0, 0, last, last_column, IgnoreError::NumberStoredAsText)?;
    sheet.set_print_fit_to_pages(pages_across(&widths, paper), 0);
    choices(sheet, columns, last, lang)
}

/// Rows below the list in which a person can still choose a word.
const ROOM: u32 = 200;

/// Offers the words that a field takes.
fn choices(
    sheet: &mut Worksheet,
    columns: &[Column],
    last: u32,
    lang: Lang,
) -> Result<(), ExportError> {
    for (at, column) in (0_u16..).zip(columns) {
        let field = field_of(column.key).filter(|_| column.layer == Layer::Hand);
        let Some(Kind::Choice(all)) = field.map(|it| it.kind) else {
            continue;
        };
        let words: Vec<&str> = all.iter().map(|it| lang.pick(it.ja, it.en)).collect();
        let rule = DataValidation::new()
            .allow_list_strings(&words)?
            .set_error_style(DataValidationErrorStyle::Warning);
        sheet.add_data_validation(1, at, last.saturating_add(ROOM), at, &rule)?;
    }
    Ok(())
}

fn widths(columns: &[Column], table: &Table, shown: &[Shown], lang: Lang) -> Vec<f64> {
    let widest: Vec<usize> = shown.iter().map(|it| it.extent.widest()).collect();
    let mut most = vec![0; columns.len()];
    for row in table.rows(&widest) {
        for (most, (width, _)) in most.iter_mut().zip(row) {
            *most = (*most).max(*width);
        }
    }
    let width = |(column, most): (&Column, usize)| {
        let allowed = match WIDE.contains(&column.key) {
            true => style::WIDE,
            false => style::WIDEST,
        };
        style::column_width(column.title(lang), most, allowed)
    };
    columns.iter().zip(most).map(width).collect()
}

/// Sheets of paper side by side, so that the print stays readable. The first column is on each.
fn pages_across(widths: &[f64], paper: &Paper<'_>) -> u16 {
    let first = widths.first().copied().unwrap_or_default();
    let others: f64 = widths.iter().skip(1).sum();
    // A few dozen columns of bounded width: a small count.
    let across = if paper.a4 { PAGE_CHARS_A4 } else { PAGE_CHARS };
    (others / (across - first).max(20.0))
        .ceil()
        .clamp(1.0, 100.0) as u16
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
pub(crate) fn shortened(text: &str, lang: Lang) -> String {
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

/// How sheets are printed, and what stands on each.
pub(super) struct Paper<'a> {
    pub(super) ledger: &'a Ledger,
    pub(super) lang: Lang,
    pub(super) a4: bool,
    pub(super) signed: Option<&'a Signed>,
}

impl Paper<'_> {
    /// Across, with site, list, moment, period, handling and page on every sheet.
    pub(super) fn print(&self, sheet: &mut Worksheet, title: &str) {
        const A3: u8 = 8;
        const A4: u8 = 9;
        let (ledger, lang) = (self.ledger, self.lang);
        let offset = ledger.site.utc_offset_s;
        let site = header_text(&site_name(ledger, lang), 60);
        let as_of = text::date(ledger.as_of, offset, lang);
        let clock = text::moment(ledger.as_of, offset);
        let clock = clock.get(11..).unwrap_or_default();
        let simulated = match ledger.site.simulated {
            true => lang.pick(
                "模擬データ（実在の病院ではありません）",
                "simulated data (no real hospital)",
            ),
            false => "",
        };
        sheet.set_paper_size(if self.a4 { A4 } else { A3 });
        sheet.set_landscape();
        sheet.set_margins(0.4, 0.4, 0.8, 0.8, 0.3, 0.3);
        sheet.set_header(format!(
            "&L {site}&C {}\n{simulated}&R {} {as_of} {clock} {}",
            header_text(title, 80),
            lang.pick("取扱注意", "Confidential"),
            lang.pick("時点", "as of"),
        ));
        let period = stamp::period(ledger, lang);
        let (mut people, mut root) = (String::new(), String::new());
        if let Some(signed) = self.signed {
            let approver = match signed.approver.is_empty() {
                true => lang.pick("（未入力）", "(not entered)"),
                false => &signed.approver,
            };
            people = format!(
                "\n {} {}　{} {}",
                lang.pick("作成者", "by"),
                header_text(&signed.by, 20),
                lang.pick("承認者", "approved by"),
                header_text(approver, 20),
            );
            root = format!("\n{} {}", lang.pick("記録の根", "log root"), signed.root);
        }
        sheet.set_footer(format!(
            "&L {} {}{people}&C {} {period}{root}&R {} &P / &N",
            lang.pick("情報機器台帳（Daicho）", "Ledger (Daicho)"),
            env!("CARGO_PKG_VERSION"),
            lang.pick("データの期間（受信）", "data received"),
            lang.pick("ページ", "page"),
        ));
    }
}

/// Text of a header: no control codes, not too long.
fn header_text(text: &str, chars: usize) -> String {
    let short: String = text.chars().take(chars).collect();
    short.replace('&', "&&")
}

/// Whose the ledger is, as people read it.
pub(super) fn site_name(ledger: &Ledger, lang: Lang) -> String {
    let name = visible(&ledger.site.name);
    if name.trim().is_empty() {
        return lang.pick("施設名未設定", "site not named").to_owned();
    }
    name
}
