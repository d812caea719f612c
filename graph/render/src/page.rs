//! What writers say of a document, and how a page is read. Comes in: a page; goes out: its boxes in
//! the order in which they are painted, and how it is brought onto paper. It places nothing.

use daicho_graph::Lang;
use daicho_graph::layout::{BoxKind, Page, Shape};
use daicho_report::Time;

/// What a document says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    /// Name of the picture.
    pub title: String,
    /// Who made it.
    pub author: String,
    /// Language.
    pub lang: Lang,
    /// When it was made.
    pub created_at: Option<Time>,
    /// Hash of the data: the document's number.
    pub data_hash: String,
}

fn is_behind(shape: &Shape) -> bool {
    matches!(shape.kind, BoxKind::Band | BoxKind::Zone)
}

/// Backgrounds: below the lines.
pub(crate) fn behind(page: &Page) -> impl Iterator<Item = &Shape> {
    page.shapes.iter().filter(|it| is_behind(it))
}

/// Boxes above the lines.
pub(crate) fn in_front(page: &Page) -> impl Iterator<Item = &Shape> {
    page.shapes.iter().filter(|it| !is_behind(it))
}

/// How a page comes onto a sheet: `x * scale + left`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Fit {
    /// Factor.
    pub(crate) scale: f32,
    /// Free room on the left.
    pub(crate) left: f32,
    /// Free room at the top.
    pub(crate) top: f32,
}

/// The page as large as the sheet allows, in its middle.
pub(crate) fn fit(page: &Page, sheet: (f32, f32)) -> Fit {
    // Sheets are some ten thousand units wide; a fraction of a unit is no matter.
    let (width, height) = (page.width.max(1) as f32, page.height.max(1) as f32);
    let scale = (sheet.0 / width).min(sheet.1 / height);
    Fit {
        scale,
        left: (sheet.0 - width * scale) / 2.0,
        top: (sheet.1 - height * scale) / 2.0,
    }
}
