//! One part of a workbook changed cell by cell. Comes in: the XML of a sheet and the texts of some cells;
//! goes out: the same XML with those cells' texts and nothing else changed. It reads no value.

use std::collections::BTreeMap;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// Row from 1 and column from 0.
pub type Place = (u32, u32);

/// What is wrong with a sheet.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PartError {
    /// It is no XML that can be read.
    #[error("the sheet cannot be read: {0}")]
    Xml(String),
    /// A cell is a formula: its text is not ours to write.
    #[error("{0} is a formula")]
    Formula(String),
    /// A row is not there.
    #[error("row {0} is not there")]
    Row(u32),
}

/// Where a cell stands in the bytes.
struct Cell {
    column: u32,
    style: Option<String>,
    from: usize,
    to: usize,
}

struct Row {
    cells: Vec<Cell>,
    /// Where another cell could stand at the end of the row; `None`: the row has no inside.
    end: Option<usize>,
    /// The row's own tag, when it has no inside.
    tag: (usize, usize),
}

/// Column from 0 and row from 1 of `D12`.
#[must_use]
pub fn place(name: &str) -> Option<Place> {
    let letters: String = name.chars().take_while(char::is_ascii_uppercase).collect();
    let digits = name.get(letters.len()..)?;
    if letters.is_empty() || letters.len() > 3 || digits.is_empty() {
        return None;
    }
    let column = letters
        .bytes()
        .fold(0_u32, |sum, byte| sum * 26 + u32::from(byte - b'A') + 1);
    Some((digits.parse().ok()?, column - 1))
}

pub(super) fn attribute(start: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = start.try_get_attribute(name).ok().flatten()?;
    let text = found
        .normalized_value(quick_xml::XmlVersion::Implicit1_0)
        .ok()?;
    Some(text.into_owned())
}

/// The sheet with these texts in these cells.
pub fn with_texts(xml: &[u8], texts: &BTreeMap<Place, String>) -> Result<Vec<u8>, PartError> {
    let rows = rows(xml, texts)?;
    let mut edits: Vec<(usize, usize, Vec<u8>)> = Vec::new();
    for (number, row) in &rows {
        let wanted = texts.range((*number, 0)..=(*number, u32::MAX));
        let mut inside = Vec::new();
        for ((_, column), text) in wanted {
            let found = row.cells.iter().find(|it| it.column == *column);
            let style = found.and_then(|it| it.style.as_deref());
            let cell = cell(*number, *column, style, text);
            if let Some(found) = found {
                edits.push((found.from, found.to, cell));
                continue;
            }
            let after = row.cells.iter().find(|it| it.column > *column);
            match (after, row.end) {
                (Some(after), _) => edits.push((after.from, after.from, cell)),
                (None, Some(end)) => edits.push((end, end, cell)),
                (None, None) => inside.extend(cell),
            }
        }
        if !inside.is_empty() {
            let (from, to) = row.tag;
            let tag = xml.get(from..to).unwrap_or_default();
            let mut whole = tag.strip_suffix(b"/>").unwrap_or(tag).to_vec();
            whole.push(b'>');
            whole.extend(inside);
            whole.extend(b"</row>");
            edits.push((from, to, whole));
        }
    }
    if let Some((row, _)) = texts.keys().find(|it| !rows.contains_key(&it.0)) {
        return Err(PartError::Row(*row));
    }
    edits.sort_by_key(|it| (it.0, it.1));
    let mut out = Vec::with_capacity(xml.len() + 64 * edits.len());
    let mut at = 0;
    for (from, to, bytes) in edits {
        out.extend(xml.get(at..from).unwrap_or_default());
        out.extend(bytes);
        at = to;
    }
    out.extend(xml.get(at..).unwrap_or_default());
    Ok(out)
}

/// The rows of a sheet with their cells.
fn rows(xml: &[u8], texts: &BTreeMap<Place, String>) -> Result<BTreeMap<u32, Row>, PartError> {
    let broken = |error: quick_xml::Error| PartError::Xml(error.to_string());
    let mut reader = Reader::from_reader(xml);
    let mut walk = Walk {
        texts,
        rows: BTreeMap::new(),
        row: 0,
        cell: None,
        next: (1, 0),
    };
    loop {
        let from = position(&reader);
        let event = reader.read_event().map_err(broken)?;
        let span = (from, position(&reader));
        match event {
            Event::Start(start) => walk.opened(&start, span, false)?,
            Event::Empty(start) => walk.opened(&start, span, true)?,
            Event::End(end) => walk.closed(end.local_name().as_ref(), span),
            Event::Eof => return Ok(walk.rows),
            _ => {}
        }
    }
}

/// Where a reader of a sheet stands.
struct Walk<'a> {
    texts: &'a BTreeMap<Place, String>,
    rows: BTreeMap<u32, Row>,
    row: u32,
    cell: Option<Cell>,
    /// Row and column of what does not say where it stands.
    next: Place,
}

impl Walk<'_> {
    fn opened(
        &mut self,
        start: &BytesStart<'_>,
        (from, to): (usize, usize),
        empty: bool,
    ) -> Result<(), PartError> {
        match start.local_name().as_ref() {
            "row" => {
                let number = attribute(start, "r").and_then(|it| it.parse().ok());
                self.row = number.unwrap_or(self.next.0);
                self.next = (self.row.saturating_add(1), 0);
                let row = Row {
                    cells: Vec::new(),
                    end: None,
                    tag: (from, to),
                };
                self.rows.insert(self.row, row);
            }
            "c" => {
                let at = attribute(start, "r").and_then(|it| place(&it));
                let column = at.map_or(self.next.1, |it| it.1);
                self.next.1 = column.saturating_add(1);
                self.cell = Some(Cell {
                    column,
                    style: attribute(start, "s"),
                    from,
                    to,
                });
                if empty {
                    self.closed("c", (from, to));
                }
            }
            "f" => {
                let column = self.cell.as_ref().map(|it| it.column);
                let wanted = column.filter(|it| self.texts.contains_key(&(self.row, *it)));
                if let Some(column) = wanted {
                    return Err(PartError::Formula(name(self.row, column)));
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn closed(&mut self, tag: &str, (from, to): (usize, usize)) {
        let Some(row) = self.rows.get_mut(&self.row) else {
            return;
        };
        match tag {
            "c" => row
                .cells
                .extend(self.cell.take().map(|it| Cell { to, ..it })),
            "row" => row.end = Some(from),
            _ => {}
        }
    }
}

fn position(reader: &Reader<&[u8]>) -> usize {
    usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX)
}

fn name(row: u32, column: u32) -> String {
    crate::hand::sheet::grid::cell_name(row, column)
}

/// A cell with its text in itself: the table of shared texts stays as it is.
fn cell(row: u32, column: u32, style: Option<&str>, text: &str) -> Vec<u8> {
    let style = style.map_or_else(String::new, |style| {
        format!(" s=\"{}\"", quick_xml::escape::escape(style))
    });
    format!(
        "<c r=\"{}\"{style} t=\"inlineStr\"><is><t xml:space=\"preserve\">{}</t></is></c>",
        name(row, column),
        quick_xml::escape::escape(text)
    )
    .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHEET: &str = r#"<worksheet><sheetData><row r="2"><c r="A2" s="3" t="s"><v>0</v></c><c r="D2" s="7"/></row><row r="3"/><row r="4"><c r="B4"><f>1+1</f><v>2</v></c></row></sheetData></worksheet>"#;

    fn changed(cells: &[(&str, &str)]) -> Result<String, PartError> {
        let texts = cells
            .iter()
            .map(|(at, text)| (place(at).unwrap(), (*text).to_owned()));
        let out = with_texts(SHEET.as_bytes(), &texts.collect())?;
        Ok(String::from_utf8(out).unwrap())
    }

    #[test]
    fn text_of_a_cell_is_replaced_and_its_style_and_all_else_stay() {
        let out = changed(&[("D2", "はい <&>")]).unwrap();
        let cell = r#"<c r="D2" s="7" t="inlineStr"><is><t xml:space="preserve">はい &lt;&amp;&gt;</t></is></c>"#;
        assert_eq!(out, SHEET.replace(r#"<c r="D2" s="7"/>"#, cell));
    }

    #[test]
    fn cell_that_is_not_there_stands_in_the_order_of_columns() {
        let out = changed(&[("B2", "x"), ("F2", "y"), ("A3", "z")]).unwrap();
        let order: Vec<usize> = ["\"A2\"", "\"B2\"", "\"D2\"", "\"F2\"", "\"A3\""]
            .iter()
            .map(|it| out.find(it).unwrap())
            .collect();
        assert!(order.is_sorted(), "{out}");
        assert!(out.contains("</c></row><row r=\"4\">"), "{out}");
    }

    #[test]
    fn formula_and_row_that_is_not_there_are_refused() {
        assert_eq!(
            changed(&[("B4", "x")]),
            Err(PartError::Formula("B4".to_owned()))
        );
        assert_eq!(changed(&[("A9", "x")]), Err(PartError::Row(9)));
    }

    #[test]
    fn nothing_asked_changes_nothing() {
        assert_eq!(changed(&[]).unwrap(), SHEET);
    }

    #[test]
    fn names_of_cells_are_places() {
        assert_eq!(place("A1"), Some((1, 0)));
        assert_eq!(place("AA10"), Some((10, 26)));
        for wrong in ["", "1", "A", "a1", "ABCD1", "A1x"] {
            assert_eq!(place(wrong), None, "{wrong}");
        }
    }
}
