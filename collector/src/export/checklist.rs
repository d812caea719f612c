//! Filled sheets of a checklist as files: workbook, CSV, JSON. Comes in: what was answered and on what it
//! rests; goes out: bytes, the same for the same facts. Every page says of which year the form is.

use daicho_graph::list::Table;
use daicho_ledger::checklist::{
    Filled, columns, detail_columns, detail_rows, outdated, printed_columns, printed_rows,
    register_columns, register_rows, rows, source, summary,
};
use daicho_ledger::{Column, Ledger, Row, contact};
use rust_xlsxwriter::{Workbook, Worksheet};
use serde::Serialize;

use super::xlsx::{self, Paper, Styles};
use super::{Basis, ExportError, Lang, stamp};

/// The version of the JSON form; raised whenever a reader has to know.
const SCHEMA: &str = "daicho-checklist/1";

/// A sheet's name: at most 31 characters, none of which a workbook refuses.
fn sheet_name(filled: &Filled<'_>, number: usize, lang: Lang) -> String {
    let refused = |c: &char| !"[]:*?/\\'".contains(*c) && !c.is_control();
    let mut name = filled.sheet.title(lang).to_owned();
    if let Some((_, vendor)) = &filled.vendor {
        // The number keeps two long names apart.
        name = format!("{} {name} {vendor}", number + 1);
    }
    name.chars().filter(refused).take(31).collect()
}

/// What stands on every page: the sheet, and that its form is of an older year.
fn page_title(filled: &Filled<'_>, lang: Lang) -> String {
    let title = filled.sheet.title(lang);
    match outdated(filled, lang) {
        None => title.to_owned(),
        Some(notice) => format!("{title}　{notice}"),
    }
}

/// The workbook: a page of what to know, the sheets, the registers.
pub fn xlsx(
    basis: Basis<'_>,
    filled: &[Filled<'_>],
    with_registers: bool,
    lang: Lang,
) -> Result<Vec<u8>, ExportError> {
    let ledger = basis.ledger;
    let mut book = Workbook::new();
    let title = filled
        .first()
        .map_or_else(String::new, |it| it.form.title(lang).to_owned());
    book.set_properties(&xlsx::properties(ledger, lang)?.set_title(&title));
    let styles = Styles::new();
    let paper = Paper {
        ledger,
        lang,
        a4: false,
        signed: None,
    };
    let cover = book.add_worksheet();
    cover.set_name(lang.pick("概要", "Summary"))?;
    let mut facts = facts(filled, lang);
    // A vendor's own sheet tells nothing of the hospital's networks.
    let covered = stamp::facts(basis, lang);
    facts.extend(covered.into_iter().take(if with_registers { 3 } else { 2 }));
    super::impact::summary(
        cover,
        &title,
        (ledger.site.simulated, &facts),
        lang,
        &styles,
    )?;
    let first = filled
        .first()
        .map_or_else(String::new, |it| page_title(it, lang));
    paper.print(cover, &first);
    cover.set_print_fit_to_pages(1, 0);
    for (number, it) in filled.iter().enumerate() {
        let sheet = book.add_worksheet();
        sheet.set_name(sheet_name(it, number, lang))?;
        page(sheet, it, &paper, &styles)?;
    }
    let sheet = book.add_worksheet();
    let name = lang.pick("内訳", "Details");
    sheet.set_name(name)?;
    let details = Table::of(filled.iter().flat_map(|it| detail_rows(it, lang)));
    xlsx::write(sheet, &detail_columns(), &details, &paper, &styles)?;
    paper.print(sheet, name);
    if with_registers {
        let name = lang.pick("連絡体制", "Contacts");
        let contacts = book.add_worksheet();
        contacts.set_name(name)?;
        let rows = Table::of(contact::rows(&ledger.hand, ledger.site.utc_offset_s, lang));
        xlsx::write(contacts, &contact::columns(), &rows, &paper, &styles)?;
        paper.print(contacts, name);
        contacts.set_print_fit_to_pages(1, 0);
        let name = lang.pick("記録簿", "Registers");
        let sheet = book.add_worksheet();
        sheet.set_name(name)?;
        let rows = Table::of(register_rows(&ledger.hand, ledger.site.utc_offset_s, lang));
        xlsx::write(sheet, &register_columns(), &rows, &paper, &styles)?;
        paper.print(sheet, name);
        sheet.set_print_fit_to_pages(1, 0);
    }
    Ok(book.save_to_buffer()?)
}

/// One filled sheet as a sheet of a workbook.
pub(super) fn page(
    sheet: &mut Worksheet,
    filled: &Filled<'_>,
    paper: &Paper<'_>,
    styles: &Styles,
) -> Result<(), ExportError> {
    let lang = paper.lang;
    xlsx::write(
        sheet,
        &printed_columns(),
        &Table::of(printed_rows(filled, paper.ledger, lang)),
        paper,
        styles,
    )?;
    paper.print(sheet, &page_title(filled, lang));
    sheet.set_print_fit_to_pages(1, 0);
    Ok(())
}

fn facts(filled: &[Filled<'_>], lang: Lang) -> Vec<(String, String)> {
    let mut facts = Vec::new();
    for it in filled {
        let name = match &it.vendor {
            Some((_, vendor)) => format!("{}　{vendor}", it.sheet.title(lang)),
            None => it.sheet.title(lang).to_owned(),
        };
        let lines: Vec<String> = summary(it, lang).into_iter().skip(1).collect();
        facts.push((name, lines.join("　")));
    }
    if let Some(first) = filled.first() {
        let word = lang.pick("出典", "source").to_owned();
        facts.push((word, source(first.form, lang)));
    }
    let word = lang.pick("読み方", "how to read").to_owned();
    let text = lang.pick(
        "「はい」は、データがすべての対象機器で裏付けたか、人が確認して反するデータがない項目だけです。データが反する項目の「はい」は書きません（矛盾）。確認できない機器が一台でもあれば、人の確認が必要です。項目名は要約です。提出には厚生労働省の様式を使ってください。",
        "yes stands only where the data prove it for every device, or a person attested it and nothing contradicts it",
    );
    facts.push((word, text.to_owned()));
    facts
}

/// Sheets as CSV, one below the other, each with what it says of itself.
pub fn csv(ledger: &Ledger, filled: &[Filled<'_>], lang: Lang) -> Result<Vec<u8>, ExportError> {
    let mut bytes = Vec::new();
    for it in filled {
        let said = summary(it, lang).join("。");
        let mut columns: Vec<Column> = columns();
        columns.push(daicho_ledger::column(
            daicho_ledger::Layer::Derived,
            "form",
            "様式と時点",
            "form",
        ));
        let at = daicho_ledger::text::moment(ledger.as_of, ledger.site.utc_offset_s);
        let stamp = stamp::line(ledger, lang);
        let mut rows: Vec<Row> = rows(it, ledger, lang);
        for row in &mut rows {
            row.cells
                .push(daicho_ledger::Cell::own(format!("{said}。{at}。{stamp}")));
        }
        bytes.extend(super::csv::table(&columns, &rows, lang)?);
    }
    Ok(bytes)
}

/// The contact chart as CSV.
pub fn contacts_csv(ledger: &Ledger, lang: Lang) -> Result<Vec<u8>, ExportError> {
    let rows = contact::rows(&ledger.hand, ledger.site.utc_offset_s, lang);
    super::csv::table(&contact::columns(), &rows, lang)
}

/// The registers as CSV.
pub fn registers_csv(ledger: &Ledger, lang: Lang) -> Result<Vec<u8>, ExportError> {
    let rows = register_rows(&ledger.hand, ledger.site.utc_offset_s, lang);
    super::csv::table(&register_columns(), &rows, lang)
}

#[derive(Serialize)]
struct SheetForm<'a> {
    form: &'a str,
    sheet: &'static str,
    vendor: Option<&'a (String, String)>,
    fiscal_year: Option<u16>,
    outdated: bool,
    complete: bool,
    said: Vec<String>,
    columns: Vec<Column>,
    rows: Vec<Row>,
}

/// Sheets for programs.
pub fn json(ledger: &Ledger, filled: &[Filled<'_>], lang: Lang) -> Result<Vec<u8>, ExportError> {
    #[derive(Serialize)]
    struct Document<'a> {
        schema: &'static str,
        site: &'a daicho_ledger::Site,
        as_of: daicho_report::Time,
        period: Option<(daicho_report::Time, daicho_report::Time)>,
        coverage: daicho_ledger::Coverage,
        sheets: Vec<SheetForm<'a>>,
    }
    let sheet = |it| {
        let it: &Filled<'_> = it;
        SheetForm {
            form: &it.form.id,
            sheet: it.sheet.word(),
            vendor: it.vendor.as_ref(),
            fiscal_year: it.form.fiscal_year,
            outdated: it.outdated.is_some(),
            complete: it.is_complete(),
            said: summary(it, lang),
            columns: columns(),
            rows: rows(it, ledger, lang),
        }
    };
    let mut bytes = serde_json::to_vec_pretty(&Document {
        schema: SCHEMA,
        site: &ledger.site,
        as_of: ledger.as_of,
        period: ledger.period,
        coverage: ledger.coverage,
        sheets: filled.iter().map(sheet).collect(),
    })?;
    bytes.push(b'\n');
    Ok(bytes)
}
