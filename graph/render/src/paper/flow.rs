//! Pieces of a document on sheets. Comes in: the document; goes out: sheets with lines of text and frames
//! in points from the upper left corner. A row stays whole where a sheet can hold it, and the head of a
//! table stands on every sheet that it goes on to.

use daicho_graph::text::width;

use super::wrap::wrap;
use super::{Block, Cell, Paper, Section, Table};

/// Points in a millimetre.
const MM: f32 = 72.0 / 25.4;
/// Around everything.
const MARGIN: f32 = 12.0 * MM;
/// Room for title and foot.
const BAND: f32 = 18.0;
/// Room inside of a cell.
const PAD: f32 = 3.0;

/// A sheet.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sheet {
    /// Width and height in points.
    pub(crate) size: (f32, f32),
    /// What stands on it.
    pub(crate) marks: Vec<Mark>,
}

/// A mark on a sheet.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Mark {
    /// A line of text: left end, base line.
    Text {
        x: f32,
        y: f32,
        size: f32,
        strong: bool,
        text: String,
    },
    /// A frame.
    Frame {
        x: f32,
        y: f32,
        w: f32,
        h: f32,
        pen: f32,
        dashed: bool,
        shaded: bool,
    },
}

/// The sheets of a document.
pub(crate) fn sheets(paper: &Paper) -> Vec<Sheet> {
    let mut flow = Flow {
        sheets: Vec::new(),
        plain: Vec::new(),
        y: 0.0,
    };
    for section in &paper.sections {
        flow.section(paper, section);
    }
    let count = flow.sheets.len();
    let plain = flow.plain;
    let mut sheets = flow.sheets;
    for (n, sheet) in sheets.iter_mut().enumerate() {
        if !plain.get(n).copied().unwrap_or_default() {
            around(paper, sheet, n + 1, count);
        }
    }
    sheets
}

/// Title and foot.
fn around(paper: &Paper, sheet: &mut Sheet, number: usize, count: usize) {
    const SMALL: f32 = 8.0;
    let (w, h) = sheet.size;
    let mut put = |x: f32, y: f32, text: &str| {
        sheet.marks.push(Mark::Text {
            x,
            y,
            size: SMALL,
            strong: false,
            text: text.to_owned(),
        });
    };
    let right = |text: &str| w - MARGIN - wide(text, SMALL);
    put(MARGIN, MARGIN, &paper.title);
    // Below the title where both do not fit beside each other.
    let beside = wide(&paper.title, SMALL) + wide(&paper.moment, SMALL) + SMALL < w - 2.0 * MARGIN;
    let line = if beside { MARGIN } else { MARGIN + SMALL * 1.3 };
    put(right(&paper.moment), line, &paper.moment);
    let number = format!("{number} / {count}");
    put(MARGIN, h - MARGIN + SMALL, &paper.foot);
    put(right(&number), h - MARGIN + SMALL, &number);
}

/// How wide a text is.
fn wide(text: &str, size: f32) -> f32 {
    // At most some thousand half-ems: exact.
    width(text) as f32 * size / 2.0
}

/// How many half-ems fit.
fn limit(room: f32, size: f32) -> i32 {
    (room / size * 2.0).floor() as i32
}

/// How lines of a kind are set.
#[derive(Clone, Copy)]
struct Letters {
    size: f32,
    strong: bool,
}

impl Letters {
    fn leading(self) -> f32 {
        self.size * 1.35
    }
}

/// Letters of a section.
struct Sizes {
    body: Letters,
    cell: Letters,
    heading: Letters,
    sub: Letters,
    order: Letters,
    title: Letters,
}

fn sizes(card: bool) -> Sizes {
    let set = |size, strong| Letters { size, strong };
    match card {
        true => Sizes {
            body: set(16.0, false),
            cell: set(12.0, false),
            heading: set(25.0, true),
            sub: set(15.0, true),
            order: set(19.0, true),
            title: set(20.0, true),
        },
        false => Sizes {
            body: set(10.0, false),
            cell: set(8.5, false),
            heading: set(13.0, true),
            sub: set(11.0, true),
            order: set(14.0, true),
            title: set(17.0, true),
        },
    }
}

struct Flow {
    sheets: Vec<Sheet>,
    /// Whether a sheet goes without title and foot.
    plain: Vec<bool>,
    /// Where the next piece begins.
    y: f32,
}

impl Flow {
    fn begin(&mut self, size: (f32, f32), card: bool) {
        self.sheets.push(Sheet {
            size,
            marks: Vec::new(),
        });
        self.plain.push(card);
        self.y = MARGIN + if card { 0.0 } else { BAND };
    }

    fn again(&mut self) {
        let (size, card) = match (self.sheets.last(), self.plain.last()) {
            (Some(sheet), Some(card)) => (sheet.size, *card),
            _ => ((595.0, 842.0), false),
        };
        self.begin(size, card);
    }

    fn put(&mut self, mark: Mark) {
        if let Some(sheet) = self.sheets.last_mut() {
            sheet.marks.push(mark);
        }
    }

    fn across(&self) -> f32 {
        let width = self.sheets.last().map_or(595.0, |it| it.size.0);
        width - 2.0 * MARGIN
    }

    fn bottom(&self) -> f32 {
        let height = self.sheets.last().map_or(842.0, |it| it.size.1);
        height - MARGIN - BAND
    }

    /// Begins another sheet where this much does not fit.
    fn need(&mut self, height: f32) {
        if self.y + height > self.bottom() {
            self.again();
        }
    }

    fn line(&mut self, x: f32, letters: Letters, text: String) {
        self.put(Mark::Text {
            x,
            y: self.y + letters.size,
            size: letters.size,
            strong: letters.strong,
            text,
        });
        self.y += letters.leading();
    }

    fn section(&mut self, paper: &Paper, section: &Section) {
        let size = match (section.card, paper.a3) {
            (true, _) => (148.0 * MM, 210.0 * MM),
            (false, false) => (210.0 * MM, 297.0 * MM),
            (false, true) => (297.0 * MM, 420.0 * MM),
        };
        self.begin(size, section.card);
        let sizes = sizes(section.card);
        for block in &section.blocks {
            self.block(block, &sizes, section.card);
        }
    }

    fn block(&mut self, block: &Block, sizes: &Sizes, card: bool) {
        match block {
            Block::Title(text) => self.paragraph(text, sizes.title, 0.0, 4.0),
            Block::Heading(text) => {
                // Not alone at the end of a sheet.
                self.need(sizes.heading.leading() * 4.0);
                self.paragraph(text, sizes.heading, 2.0, if card { 8.0 } else { 3.0 });
            }
            Block::Sub(text) => {
                self.need(sizes.sub.leading() * 4.0);
                self.paragraph(text, sizes.sub, 6.0, 2.0);
            }
            Block::Text(text) => self.paragraph(text, sizes.body, 1.0, 3.0),
            Block::List(all) => {
                for it in all {
                    self.paragraph(it, sizes.body, 1.0, if card { 6.0 } else { 1.0 });
                }
            }
            Block::Order(all) => self.framed("", all, sizes.order, (2.5, false)),
            Block::Limits(title, all) => self.framed(title, all, sizes.body, (1.0, true)),
            Block::Table(table) => self.table(table, sizes.cell),
        }
    }

    fn paragraph(&mut self, text: &str, letters: Letters, before: f32, after: f32) {
        self.y += before;
        for line in wrap(text, limit(self.across(), letters.size)) {
            self.need(letters.leading());
            self.line(MARGIN, letters, line);
        }
        self.y += after;
    }

    fn framed(
        &mut self,
        title: &str,
        all: &[String],
        letters: Letters,
        (pen, dashed): (f32, bool),
    ) {
        const INNER: f32 = 6.0;
        let room = limit(self.across() - 2.0 * INNER, letters.size);
        let strong = Letters {
            strong: true,
            ..letters
        };
        let mut lines: Vec<(Letters, String)> = Vec::new();
        if !title.is_empty() {
            lines.extend(wrap(title, room).into_iter().map(|it| (strong, it)));
        }
        for it in all {
            lines.extend(wrap(it, room).into_iter().map(|it| (letters, it)));
        }
        self.y += 2.0;
        let mut rest = lines.as_slice();
        while !rest.is_empty() {
            let whole = rest.len() as f32 * letters.leading() + 2.0 * INNER;
            self.need(whole.min(letters.leading() * 4.0 + 2.0 * INNER));
            let fit = ((self.bottom() - self.y - 2.0 * INNER) / letters.leading()).floor();
            let take = rest.len().min(fit.max(1.0) as usize);
            let height = take as f32 * letters.leading() + 2.0 * INNER;
            self.put(Mark::Frame {
                x: MARGIN,
                y: self.y,
                w: self.across(),
                h: height,
                pen,
                dashed,
                shaded: false,
            });
            self.y += INNER;
            for (letters, line) in rest.iter().take(take) {
                self.line(MARGIN + INNER, *letters, line.clone());
            }
            self.y += INNER;
            rest = rest.get(take..).unwrap_or_default();
        }
        self.y += 5.0;
    }

    fn table(&mut self, table: &Table, letters: Letters) {
        let total: f32 = table.weights.iter().map(|it| f32::from(*it)).sum();
        let share = self.across() / total.max(1.0);
        let widths: Vec<f32> = table
            .weights
            .iter()
            .map(|it| f32::from(*it) * share)
            .collect();
        let head: Vec<Cell> = table.head.iter().map(Cell::head).collect();
        let head = (!head.is_empty()).then(|| Row::of(&head, &widths, letters));
        let row_height = letters.leading() + 2.0 * PAD;
        let on_top = head.as_ref().map_or(0.0, Row::height);
        self.need(on_top + row_height);
        if let Some(head) = &head {
            self.whole(head, &widths);
        }
        for cells in &table.rows {
            let mut row = Row::of(cells, &widths, letters);
            let sheet = self.bottom() - MARGIN - BAND - on_top;
            while row.height() > self.bottom() - self.y {
                // Whole on the next sheet where it fits there; otherwise cut where this one ends.
                let here = self.bottom() - self.y;
                if row.height() > sheet && here > row_height * 3.0 {
                    let part = row.cut(here);
                    self.whole(&part, &widths);
                }
                self.again();
                if let Some(head) = &head {
                    self.whole(head, &widths);
                }
                if row.height() > sheet {
                    let part = row.cut(self.bottom() - self.y);
                    self.whole(&part, &widths);
                }
            }
            self.whole(&row, &widths);
        }
        self.y += 5.0;
    }

    /// A row as it is.
    fn whole(&mut self, row: &Row, widths: &[f32]) {
        let height = row.height();
        let (top, mut x) = (self.y, MARGIN);
        for (cell, w) in row.cells.iter().zip(widths) {
            self.put(Mark::Frame {
                x,
                y: top,
                w: *w,
                h: height,
                pen: 0.6,
                dashed: false,
                shaded: cell.shaded,
            });
            self.y = top + PAD;
            for (strong, line) in &cell.lines {
                let letters = Letters {
                    strong: *strong,
                    ..row.letters
                };
                self.line(x + PAD, letters, line.clone());
            }
            x += w;
        }
        self.y = top + height;
    }
}

/// A row with its lines.
struct Row {
    cells: Vec<Lines>,
    letters: Letters,
}

#[derive(Default)]
struct Lines {
    lines: Vec<(bool, String)>,
    shaded: bool,
    least: f32,
}

impl Row {
    fn of(cells: &[Cell], widths: &[f32], letters: Letters) -> Self {
        let one = |(cell, width): (&Cell, &f32)| {
            let room = limit(width - 2.0 * PAD, letters.size);
            let some = |text: &str, strong: bool| {
                let lines = match text.is_empty() {
                    true => Vec::new(),
                    false => wrap(text, room),
                };
                lines
                    .into_iter()
                    .map(move |it| (strong, it))
                    .collect::<Vec<_>>()
            };
            let mut lines = some(&cell.strong, true);
            lines.extend(some(&cell.text, cell.head));
            Lines {
                lines,
                shaded: cell.head,
                least: f32::from(cell.room) * MM,
            }
        };
        Self {
            cells: cells.iter().zip(widths).map(one).collect(),
            letters,
        }
    }

    fn height(&self) -> f32 {
        let of = |it: &Lines| {
            let lines = it.lines.len().max(1) as f32;
            (lines * self.letters.leading() + 2.0 * PAD).max(it.least)
        };
        self.cells.iter().map(of).fold(0.0, f32::max)
    }

    /// Takes off what fits into a height, at least one line.
    fn cut(&mut self, height: f32) -> Self {
        let fit = ((height - 2.0 * PAD) / self.letters.leading())
            .floor()
            .max(1.0) as usize;
        let cells = self.cells.iter_mut().map(|it| {
            let rest = it.lines.split_off(fit.min(it.lines.len()));
            it.least = 0.0;
            Lines {
                lines: std::mem::replace(&mut it.lines, rest),
                ..Lines::default()
            }
        });
        Self {
            cells: cells.collect(),
            letters: self.letters,
        }
    }
}
