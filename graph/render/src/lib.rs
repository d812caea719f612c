//! Writers over one geometry, and of documents of words. Comes in: a geometry or a document and, where
//! letters are drawn, the bytes of a font; goes out: the bytes of a PDF, a picture, or the parts of an editable document, the same for
//! the same input. It never decides where anything stands, and never reads a file or a clock.

#![forbid(unsafe_code)]

pub mod drawio;
pub mod font;
mod page;
mod paint;
pub mod paper;
pub mod pdf;
pub mod png;
pub mod pptx;
pub mod text;
mod tree;
mod xml;

pub use drawio::drawio;
pub use font::{Font, FontError, Missing};
pub use page::About;
pub use pdf::{Pdf, paper_pdf, pdf};
pub use png::{Png, png};
pub use pptx::{Part, pptx};
pub use text::{dot, graphml, mermaid};

/// Why a drawing was not made.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The page has no size, or one that no paper has.
    #[error("draw a page of {width} by {height}")]
    Size {
        /// Width.
        width: i32,
        /// Height.
        height: i32,
    },
    /// The font's letters could not be taken out of it.
    #[error("embed the font `{0}`")]
    Embed(String),
    /// The picture could not be packed.
    #[error("pack the picture")]
    Pack,
}

#[cfg(test)]
mod tests;
