//! A document of words for people: headings, tables, boxes to tick. Comes in: its sections; goes out:
//! the same on sheets of A4 or A3, each piece in its place, for whatever writes them. No text is left
//! out: what does not fit goes on, on the next sheet.

mod flow;
mod wrap;

pub(crate) use flow::{Mark, sheets};

/// A document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Paper {
    /// Whose and what; on every sheet.
    pub title: String,
    /// Of when; on every sheet, on the right.
    pub moment: String,
    /// On every sheet, below.
    pub foot: String,
    /// A3 instead of A4.
    pub a3: bool,
    /// Its sections, each from a new sheet on.
    pub sections: Vec<Section>,
}

/// A section.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Section {
    /// A card to put on a wall: A5, large letters, without title and foot.
    pub card: bool,
    /// From above to below.
    pub blocks: Vec<Block>,
}

/// A piece of a section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// Title of the document.
    Title(String),
    /// Title of a section.
    Heading(String),
    /// Title of a part.
    Sub(String),
    /// A paragraph.
    Text(String),
    /// What must be done or left undone, framed and large.
    Order(Vec<String>),
    /// What the paper cannot say, in a dashed frame.
    Limits(String, Vec<String>),
    /// Lines with a dot or a box before each.
    List(Vec<String>),
    /// A table.
    Table(Table),
}

/// A table. A row without cells has none drawn.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    /// Headings of the columns; none: the table has no head.
    pub head: Vec<String>,
    /// How wide each column is beside the others.
    pub weights: Vec<u16>,
    /// Rows.
    pub rows: Vec<Vec<Cell>>,
}

/// A cell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cell {
    /// Its text; several lines.
    pub text: String,
    /// What stands above it in bold.
    pub strong: String,
    /// A heading.
    pub head: bool,
    /// Least height in millimetres: room to write.
    pub room: u16,
}

impl Cell {
    /// A text.
    #[must_use]
    pub fn of(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }

    /// A heading.
    #[must_use]
    pub fn head(text: impl Into<String>) -> Self {
        Self {
            head: true,
            ..Self::of(text)
        }
    }

    /// Room to write, in millimetres.
    #[must_use]
    pub fn room(room: u16) -> Self {
        Self {
            room,
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests;
