//! The scope and the plan as files: JSON, CSV, workbook. Comes in: both, with the ledger; goes out:
//! bytes, the same for the same facts. No cell becomes a formula, and every step keeps its proof.

use daicho_graph::impact::{self, Plan, Scope, Sheet};
use daicho_graph::list::Table;
use daicho_ledger::text;
use daicho_render::paper as document;
use rust_xlsxwriter::{Workbook, Worksheet, XlsxError};
use serde::Serialize;

use super::xlsx::{self, Paper, Styles};
use super::{Basis, ExportError, Lang, stamp};

/// The version of the JSON form; raised whenever a reader has to know.
const SCHEMA: &str = "daicho-impact/1";

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    site: &'a daicho_ledger::Site,
    period: Option<(daicho_report::Time, daicho_report::Time)>,
    warnings: [Vec<String>; 2],
    scope: &'a Scope,
    plan: &'a Plan,
}

fn json_bytes(value: &impl Serialize) -> Result<Vec<u8>, ExportError> {
    let mut bytes = serde_json::to_vec_pretty(value)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Everything for programs.
pub fn json(basis: Basis<'_>, scope: &Scope, plan: &Plan) -> Result<Vec<u8>, ExportError> {
    json_bytes(&Document {
        schema: SCHEMA,
        site: &basis.ledger.site,
        period: basis.ledger.period,
        warnings: [Lang::Ja, Lang::En].map(|lang| impact::warnings(basis, scope, lang)),
        scope,
        plan,
    })
}

/// A list for programs.
pub fn table_json(basis: Basis<'_>, sheet: &Sheet) -> Result<Vec<u8>, ExportError> {
    #[derive(Serialize)]
    struct Table<'a> {
        schema: &'static str,
        site: &'a daicho_ledger::Site,
        as_of: daicho_report::Time,
        columns: &'a [daicho_ledger::Column],
        rows: &'a [daicho_ledger::Row],
    }
    json_bytes(&Table {
        schema: SCHEMA,
        site: &basis.ledger.site,
        as_of: basis.ledger.as_of,
        columns: sheet.columns,
        rows: &sheet.rows,
    })
}

/// Lists as CSV, one below the other.
pub fn csv(sheets: &[Sheet], lang: Lang) -> Result<Vec<u8>, ExportError> {
    let mut bytes = Vec::new();
    for sheet in sheets {
        bytes.extend(super::csv::table(sheet.columns, &sheet.rows, lang)?);
    }
    Ok(bytes)
}

/// The workbook: what to know at once, then the lists.
pub fn xlsx(
    basis: Basis<'_>,
    (scope, plan): (&Scope, &Plan),
    lang: Lang,
) -> Result<Vec<u8>, ExportError> {
    let title = lang.pick("影響範囲と切断計画", "Impact scope and what to cut");
    let mut facts = impact::headline(basis, scope, plan, lang);
    let note = lang.pick("注意", "note").to_owned();
    let warnings = impact::warnings(basis, scope, lang);
    facts.splice(1..1, warnings.into_iter().map(|it| (note.clone(), it)));
    book(
        basis,
        title,
        &facts,
        &impact::sheets(basis, scope, plan, lang),
        lang,
    )
}

/// What to know of the table of connection point × system.
#[must_use]
pub fn table_facts(basis: Basis<'_>, lang: Lang) -> [(String, String); 2] {
    let ledger = basis.ledger;
    let at = text::moment(ledger.as_of, ledger.site.utc_offset_s);
    [
        (lang.pick("時点", "as of").to_owned(), at),
        (
            lang.pick("読み方", "how to read").to_owned(),
            lang.pick(
                "各外部接続点が侵害されたとき、どのシステムのサーバへ届き得るか。遮断規則は把握していません。「経路は確認できない」は安全の証明ではありません",
                "which systems' servers may be reached when a connection point is broken into; rules of firewalls are not known, and no way known is no proof",
            )
            .to_owned(),
        ),
    ]
}

/// Facts and lists as a document for paper.
#[must_use]
pub fn printed(
    basis: Basis<'_>,
    title: &str,
    facts: &[(String, String)],
    sheets: &[Sheet],
    lang: Lang,
) -> document::Paper {
    let ledger = basis.ledger;
    let mut facts = facts.to_vec();
    facts.extend(stamp::facts(basis, lang));
    let fact = |(name, text): &(String, String)| {
        vec![
            document::Cell::head(name.as_str()),
            document::Cell::of(text.as_str()),
        ]
    };
    let facts = document::Table {
        head: Vec::new(),
        weights: vec![1, 4],
        rows: facts.iter().map(fact).collect(),
    };
    let mut blocks = vec![
        document::Block::Title(title.to_owned()),
        document::Block::Table(facts),
    ];
    for sheet in sheets {
        blocks.push(document::Block::Heading(sheet.title.to_owned()));
        blocks.push(document::Block::Table(printed_table(sheet, lang)));
    }
    let simulated = match ledger.site.simulated {
        true => lang.pick(
            "　模擬データ（実在の病院ではありません）",
            "  simulated data",
        ),
        false => "",
    };
    document::Paper {
        title: format!("{title}　{}{simulated}", text::visible(&ledger.site.name)),
        moment: text::moment(ledger.as_of, ledger.site.utc_offset_s),
        foot: lang.pick("取扱注意", "confidential").to_owned(),
        a3: true,
        sections: vec![document::Section {
            card: false,
            blocks,
        }],
    }
}

/// A list on paper: columns as wide as what stands in them, within bounds.
fn printed_table(sheet: &Sheet, lang: Lang) -> document::Table {
    const NARROW: i32 = 8;
    const WIDE: i32 = 44;
    let weight = |(at, column): (usize, &daicho_ledger::Column)| {
        let cells = sheet.rows.iter().filter_map(|row| row.cells.get(at));
        let lines = cells.flat_map(|it| it.text.lines());
        let widest = lines.map(daicho_graph::text::width).max().unwrap_or(0);
        let widest = widest.max(daicho_graph::text::width(column.title(lang)));
        u16::try_from(widest.clamp(NARROW, WIDE)).unwrap_or(1)
    };
    let row = |row: &daicho_ledger::Row| {
        let cells = row.cells.iter();
        cells
            .map(|it| document::Cell::of(it.text.as_str()))
            .collect()
    };
    document::Table {
        head: sheet
            .columns
            .iter()
            .map(|it| it.title(lang).to_owned())
            .collect(),
        weights: sheet.columns.iter().enumerate().map(weight).collect(),
        rows: sheet.rows.iter().map(row).collect(),
    }
}

/// A workbook of facts and lists.
pub fn book(
    basis: Basis<'_>,
    title: &str,
    facts: &[(String, String)],
    sheets: &[Sheet],
    lang: Lang,
) -> Result<Vec<u8>, ExportError> {
    let ledger = basis.ledger;
    let mut book = Workbook::new();
    book.set_properties(&xlsx::properties(ledger, lang)?.set_title(title));
    let styles = Styles::new();
    let paper = Paper {
        ledger,
        lang,
        a4: true,
        signed: None,
    };
    let cover = book.add_worksheet();
    cover.set_name(lang.pick("概要", "Summary"))?;
    let mut facts = facts.to_vec();
    facts.extend(stamp::facts(basis, lang));
    summary(cover, title, (ledger.site.simulated, &facts), lang, &styles)?;
    paper.print(cover, title);
    cover.set_print_fit_to_pages(1, 0);
    for sheet in sheets {
        let page = book.add_worksheet();
        page.set_name(sheet.title)?;
        let table = Table::of(&sheet.rows);
        xlsx::write(page, sheet.columns, &table, &paper, &styles)?;
        paper.print(page, sheet.title);
        page.set_print_fit_to_pages(1, 0);
    }
    Ok(book.save_to_buffer()?)
}

pub(super) fn summary(
    sheet: &mut Worksheet,
    title: &str,
    (simulated, facts): (bool, &[(String, String)]),
    lang: Lang,
    styles: &Styles,
) -> Result<(), XlsxError> {
    sheet.set_column_width(0, 22)?;
    sheet.set_column_width(1, 100)?;
    sheet.write_string_with_format(0, 0, title, &styles.title)?;
    sheet.set_row_height(0, 32)?;
    if simulated {
        let word = lang.pick(
            "模擬データ（実在の病院ではありません）",
            "simulated data (this hospital does not exist)",
        );
        sheet.write_string_with_format(1, 0, word, &styles.subtitle)?;
    }
    let value = styles.cell(daicho_ledger::State::Value, false);
    for (row, (name, text)) in (2_u32..).zip(facts) {
        sheet.write_string_with_format(row, 0, name, &styles.name)?;
        sheet.write_string_with_format(row, 1, text, value)?;
        let height = xlsx::row_height([name.as_str(), text.as_str()].into_iter(), &[22.0, 100.0]);
        sheet.set_row_height(row, height)?;
    }
    Ok(())
}
