//! Sheets as the lists that they were made from. Comes in: cells; goes out: which column is which, and
//! from which moment the file is. It goes by headings alone: columns may be moved, hidden or left out.

use daicho_graph::list::{List, columns};
use daicho_ledger::{Column, Lang};
use unicode_normalization::UnicodeNormalization;

use super::LISTS;
use super::grid::{self, Grid, Line, cell_name};
use crate::export::stamp::{self, Stamp};

/// Rows in which the headings are looked for.
const HEADING_ROWS: usize = 20;

/// A list as it stands in a file.
#[derive(Debug, Clone)]
pub struct Table {
    /// Which list.
    pub list: List,
    /// The mark of its fields.
    pub mark: u8,
    /// What the sheet is called.
    pub name: String,
    /// In which language its headings are.
    pub lang: Lang,
    /// Where each column stands that the list has.
    pub columns: Vec<(u32, Column)>,
    /// The rows below the headings.
    pub lines: Vec<Line>,
}

/// Everything in a file that can be taken in.
#[derive(Debug, Clone)]
pub struct File {
    /// From which moment it is.
    pub stamp: Stamp,
    /// It is a CSV: several lines of a cell stand in one.
    pub csv: bool,
    /// The lists.
    pub tables: Vec<Table>,
    /// What is not taken in, and why.
    pub notices: Vec<String>,
}

/// Reads a workbook.
pub fn of_workbook(bytes: &[u8]) -> Result<File, String> {
    let covers = [Lang::Ja, Lang::En].map(stamp::cover);
    let titled = |name: &str| {
        let is = |(list, _): &&(List, u8)| {
            [Lang::Ja, Lang::En]
                .iter()
                .any(|it| list.title(*it) == name)
        };
        LISTS.iter().find(is).copied()
    };
    let wanted = |name: &str| covers.contains(&name) || titled(name).is_some();
    let (grids, others) = grid::workbook(bytes, wanted)?;
    let cover = grids.iter().find(|it| covers.contains(&it.name.as_str()));
    let cells = cover.into_iter().flat_map(|it| &it.lines);
    let mut cells = cells.flat_map(|it| &it.cells).map(|(_, text)| text);
    let stamp = cells.find_map(|text| Stamp::parse(text));
    let stamp = stamp.ok_or_else(no_stamp)?;
    let mut file = File {
        stamp,
        csv: false,
        tables: Vec::new(),
        notices: Vec::new(),
    };
    for grid in grids {
        if let Some((list, mark)) = titled(&grid.name) {
            let table = table(grid, list, mark, &mut file.notices)?;
            file.tables.push(table);
        }
    }
    if file.tables.is_empty() {
        let titles: Vec<&str> = LISTS.iter().map(|(it, _)| it.title(Lang::Ja)).collect();
        return Err(format!(
            "「{}」のどのシートもありません / no such sheet",
            titles.join("」「")
        ));
    }
    if !others.is_empty() {
        file.notices.push(format!(
            "取り込みの対象でないシート（読みません） / sheets that are not taken in: {}",
            others.join("、")
        ));
    }
    Ok(file)
}

/// Reads a CSV.
pub fn of_csv(bytes: &[u8]) -> Result<File, String> {
    let grid = grid::csv(bytes)?;
    let cells = grid.lines.iter().flat_map(|it| &it.cells);
    let stamp = cells.clone().find_map(|(_, text)| Stamp::parse(text));
    let stamp = stamp.ok_or_else(no_stamp)?;
    let score = |list: List| {
        let known = columns(list);
        let heading = grid.lines.iter().take(1).flat_map(|it| &it.cells);
        heading
            .filter(|(_, text)| known.iter().any(|it| is(it, text)))
            .count()
    };
    let best = LISTS.into_iter().max_by_key(|(list, _)| score(*list));
    let (list, mark) = best.ok_or_else(no_stamp)?;
    let mut notices = Vec::new();
    let table = table(grid, list, mark, &mut notices)?;
    Ok(File {
        stamp,
        csv: true,
        tables: vec![table],
        notices,
    })
}

fn no_stamp() -> String {
    "書き出しの控えがありません。daicho-collector ledger --out で書き出したファイルを直してください / \
     the mark of the export is missing; edit a file that `ledger --out` wrote"
        .to_owned()
}

/// A text as headings and choices are compared.
pub(super) fn folded(text: &str) -> String {
    let all = text.nfkc().filter(|c| !c.is_whitespace());
    all.collect::<String>().to_lowercase()
}

fn is(column: &Column, text: &str) -> bool {
    let text = folded(text);
    text == folded(column.ja) || text == folded(column.en)
}

fn table(grid: Grid, list: List, mark: u8, notices: &mut Vec<String>) -> Result<Table, String> {
    let known = columns(list);
    let shown = match grid.name.is_empty() {
        true => list.title(Lang::Ja).to_owned(),
        false => grid.name,
    };
    let key = known.iter().find(|it| it.key == "row_key");
    let is_key = |text: &str| key.is_some_and(|key| is(key, text));
    let mut lines = grid.lines.into_iter();
    let heading = lines
        .by_ref()
        .take(HEADING_ROWS)
        .find(|line| line.cells.iter().any(|(_, text)| is_key(text)));
    let Some(heading) = heading else {
        return Err(format!(
            "「{shown}」に列「行キー（変更不可）」がありません / the column of row keys is missing"
        ));
    };
    let mut found: Vec<(u32, Column)> = Vec::new();
    let mut lang = Lang::En;
    for (at, text) in &heading.cells {
        let Some(column) = known.iter().find(|it| is(it, text)) else {
            if !stamp::is_heading(text) {
                notices.push(format!(
                    "「{shown}」{}「{}」は台帳にない列です（読みません） / an unknown column",
                    cell_name(heading.number, *at),
                    crate::refusal::visible(text),
                ));
            }
            continue;
        };
        if folded(text) == folded(column.ja) {
            lang = Lang::Ja;
        }
        if found.iter().any(|(_, it)| it.key == column.key) {
            return Err(format!(
                "「{shown}」に列「{}」が二つあります / twice",
                column.ja
            ));
        }
        found.push((*at, *column));
    }
    Ok(Table {
        list,
        mark,
        name: shown,
        lang,
        columns: found,
        lines: lines.collect(),
    })
}
