//! PPTX. Comes in: pages; goes out: the parts of a presentation with one slide for each page, in
//! which boxes, connectors and texts can be edited. Packing them is the caller's.

mod connector;
mod frame;
mod slide;

use daicho_graph::layout::{Geometry, Page};

use crate::page::About;

/// English Metric Units in a millimetre.
const EMU_MM: f64 = 36_000.0;

/// A file in a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its name, `ppt/presentation.xml`.
    pub name: String,
    /// What it holds.
    pub text: String,
}

impl Part {
    fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            text: text.into(),
        }
    }
}

/// How the units of a page become English Metric Units.
#[derive(Debug, Clone, Copy)]
struct Scale {
    factor: f64,
    left: f64,
    top: f64,
}

impl Scale {
    fn new(page: &Page, (width, height): (f64, f64)) -> Self {
        let (w, h) = (f64::from(page.width.max(1)), f64::from(page.height.max(1)));
        let factor = (width / w).min(height / h);
        Self {
            factor,
            left: (width - w * factor) / 2.0,
            top: (height - h * factor) / 2.0,
        }
    }

    fn x(self, x: i32) -> i64 {
        (f64::from(x) * self.factor + self.left).round() as i64
    }

    fn y(self, y: i32) -> i64 {
        (f64::from(y) * self.factor + self.top).round() as i64
    }

    fn length(self, length: f64) -> i64 {
        (length * self.factor).round() as i64
    }

    /// Size of text in hundredths of a point, as PowerPoint allows it.
    fn points(self, size: i32) -> i64 {
        ((f64::from(size) * self.factor / 127.0).round() as i64).clamp(100, 400_000)
    }
}

/// The parts of a presentation, in the order in which they are packed.
#[must_use]
pub fn pptx(geometry: &Geometry, about: &About) -> Vec<Part> {
    let pages = &geometry.pages;
    // All slides of a presentation have one size: that of the first page.
    let paper = pages.first().map(|it| it.paper).unwrap_or_default();
    let (width, height) = paper.size_mm();
    let sheet = (f64::from(width) * EMU_MM, f64::from(height) * EMU_MM);
    let mut parts = frame::parts(pages.len(), (sheet.0 as i64, sheet.1 as i64), about);
    for (n, page) in pages.iter().enumerate() {
        let text = slide::slide(geometry, page, Scale::new(page, sheet), about);
        parts.push(Part::new(format!("ppt/slides/slide{}.xml", n + 1), text));
        parts.push(Part::new(
            format!("ppt/slides/_rels/slide{}.xml.rels", n + 1),
            frame::slide_relations(pages.len()),
        ));
    }
    parts
}
