//! Sheets as texts in rows. Comes in: the bytes of a workbook or a CSV; goes out: the cells of the sheets
//! that are asked for. It calculates nothing: a formula or an error in a cell is refused by its name.

use std::io::Cursor;

use calamine::{DataRef, Reader, Xlsx};

use super::guard;

/// Most rows with something in them.
const ROWS_MAX: usize = 30_000;
/// Most columns.
const COLUMNS_MAX: u32 = 512;
/// Most cells that are looked at, empty ones too.
const CELLS_MAX: u64 = 20_000_000;

/// A sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grid {
    /// Its name; empty for a CSV.
    pub name: String,
    /// Rows with something in them, in their order.
    pub lines: Vec<Line>,
}

/// A row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    /// Its number, from 1.
    pub number: u32,
    /// Cells that are not empty, by column from 0, sorted.
    pub cells: Vec<(u32, String)>,
}

impl Line {
    /// The cell of a column; empty when there is nothing.
    #[must_use]
    pub fn cell(&self, column: u32) -> &str {
        let at = self.cells.binary_search_by_key(&column, |(at, _)| *at);
        at.ok()
            .and_then(|at| self.cells.get(at))
            .map_or("", |(_, text)| text)
    }
}

/// What a cell is called: `B12`.
#[must_use]
pub fn cell_name(row: u32, column: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        // Below 26: fits.
        letters.push(char::from(b'A' + ((rest - 1) % 26) as u8));
        rest = (rest - 1) / 26;
    }
    let letters: String = letters.into_iter().rev().collect();
    format!("{letters}{row}")
}

/// The sheets of a workbook for which `wanted` holds; and the names of the others.
pub fn workbook(
    bytes: &[u8],
    wanted: impl Fn(&str) -> bool,
) -> Result<(Vec<Grid>, Vec<String>), String> {
    guard::workbook(bytes)?;
    let broken = |error: calamine::XlsxError| format!("ブックを読めません / {error}");
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(broken)?;
    let (wanted, others): (Vec<String>, Vec<String>) = book
        .sheet_names()
        .into_iter()
        .partition(|name| wanted(name));
    let mut grids = Vec::new();
    for name in wanted {
        let merged = book.merge_cells_by_sheet_name(&name).map_err(broken)?;
        if let Some(at) = merged.first() {
            let cell = cell_name(at.start.0 + 1, at.start.1);
            return Err(format!(
                "「{name}」{cell} のセルが結合されています。結合を解いて保存し直してください / merged cells"
            ));
        }
        grids.push(sheet(&mut book, &name)?);
    }
    Ok((grids, others))
}

fn sheet(book: &mut Xlsx<Cursor<&[u8]>>, name: &str) -> Result<Grid, String> {
    let broken = |error: calamine::XlsxError| format!("「{name}」を読めません / {error}");
    let mut cells = book.worksheet_cells_reader(name).map_err(broken)?;
    let mut lines: Vec<Line> = Vec::new();
    let mut looked_at = 0_u64;
    while let Some(cell) = cells.next_cell_with_formula().map_err(broken)? {
        looked_at += 1;
        if looked_at > CELLS_MAX {
            return Err(format!("「{name}」のセルが多すぎます / too many cells"));
        }
        let (row, column) = cell.pos;
        let number = row.saturating_add(1);
        let place = || format!("「{name}」{}", cell_name(number, column));
        if cell.formula.is_some_and(|it| !it.trim().is_empty()) {
            return Err(format!(
                "{} に数式があります。値に直して保存し直してください / a formula",
                place()
            ));
        }
        let text = text(&cell.value).map_err(|what| format!("{} {what}", place()))?;
        let text = text.replace("\r\n", "\n");
        if text.trim().is_empty() {
            continue;
        }
        if column >= COLUMNS_MAX {
            return Err(format!("{}: 列が多すぎます / too many columns", place()));
        }
        let full = lines.len() >= ROWS_MAX;
        match lines.last_mut() {
            Some(line) if line.number == number => line.cells.push((column, text)),
            Some(line) if line.number > number => {
                return Err(format!("{}: 行の順が不正です / rows out of order", place()));
            }
            _ if full => {
                return Err(format!(
                    "「{name}」の行が多すぎます / more than {ROWS_MAX} rows"
                ));
            }
            _ => lines.push(Line {
                number,
                cells: vec![(column, text)],
            }),
        }
    }
    ordered(name, &mut lines)?;
    Ok(Grid {
        name: name.to_owned(),
        lines,
    })
}

/// Cells in the order of columns; one that stands twice is refused.
fn ordered(name: &str, lines: &mut [Line]) -> Result<(), String> {
    for line in lines {
        line.cells.sort_by_key(|(column, _)| *column);
        let twice = line.cells.windows(2).find_map(|pair| match pair {
            [(one, _), (other, _)] if one == other => Some(*one),
            _ => None,
        });
        if let Some(column) = twice {
            let cell = cell_name(line.number, column);
            return Err(format!("「{name}」{cell} が二つあります / stands twice"));
        }
    }
    Ok(())
}

fn text(value: &DataRef<'_>) -> Result<String, String> {
    Ok(match value {
        DataRef::Empty => String::new(),
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::Bool(true) => "TRUE".to_owned(),
        DataRef::Bool(false) => "FALSE".to_owned(),
        DataRef::DateTime(at) => {
            let (year, month, day, hour, minute, _, _) = at.to_ymd_hms_milli();
            let date = format!("{year:04}-{month:02}-{day:02}");
            match (hour, minute) {
                (0, 0) => date,
                _ => format!("{date} {hour:02}:{minute:02}"),
            }
        }
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::Error(error) => {
            return Err(format!("がエラーになっています（{error}） / an error"));
        }
    })
}

/// A CSV in UTF-8, UTF-16 or Shift_JIS, with commas or tabs.
pub fn csv(bytes: &[u8]) -> Result<Grid, String> {
    let text = decoded(bytes)?;
    let first = text.lines().next().unwrap_or_default();
    let tabs = first.contains('\t') && !first.contains(',');
    let mut reader = ::csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(if tabs { b'\t' } else { b',' })
        .from_reader(text.as_bytes());
    let mut lines = Vec::new();
    for (number, record) in (1_u32..).zip(reader.records()) {
        let record = record.map_err(|error| format!("{number}: {error}"))?;
        if lines.len() >= ROWS_MAX || record.len() > COLUMNS_MAX as usize {
            return Err(format!(
                "{number}: 行か列が多すぎます / too many rows or columns"
            ));
        }
        let cells = (0_u32..).zip(record.iter());
        let cells = cells.filter(|(_, text)| !text.trim().is_empty());
        let cells: Vec<_> = cells
            .map(|(at, text)| (at, text.replace("\r\n", "\n")))
            .collect();
        if !cells.is_empty() {
            lines.push(Line { number, cells });
        }
    }
    Ok(Grid {
        name: String::new(),
        lines,
    })
}

fn decoded(bytes: &[u8]) -> Result<String, String> {
    if let Some((encoding, _)) = encoding_rs::Encoding::for_bom(bytes) {
        let (text, _, wrong) = encoding.decode(bytes);
        return match wrong {
            true => Err(format!(
                "{} として読めません / not readable",
                encoding.name()
            )),
            false => Ok(text.into_owned()),
        };
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok(text.to_owned());
    }
    let (text, _, wrong) = encoding_rs::SHIFT_JIS.decode(bytes);
    if wrong {
        let line = text.lines().position(|line| line.contains('\u{fffd}'));
        return Err(format!(
            "{}: UTF-8 でも Shift_JIS でもありません / neither UTF-8 nor Shift_JIS",
            line.unwrap_or_default() + 1
        ));
    }
    Ok(text.into_owned())
}
