//! The diagram in a form that people take away. Comes in: a geometry, what the document says of
//! itself, and the form; goes out: the bytes of one file, or of one for each page, and what its font
//! lacks. It writes no file.

use std::io::{Cursor, Write as _};

use daicho_graph::Geometry;
use daicho_render::font::Missing;
use daicho_render::{About, Font, Part, RenderError};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::out::Form;
use crate::picture::{Picture, Wanted};
use crate::refusal::Refused;

/// Forms that a diagram can have.
pub const FORMS: &[Form] = &[
    Form::Svg,
    Form::Pdf,
    Form::Png,
    Form::Pptx,
    Form::Drawio,
    Form::Graphml,
    Form::Dot,
    Form::Mmd,
];

/// Width of a picture of an A3 sheet at 250 dots an inch.
pub const WIDTH: u32 = 4134;

/// Why a diagram was not drawn.
#[derive(Debug, thiserror::Error)]
pub enum DrawingError {
    /// There is no font.
    #[error(transparent)]
    Font(#[from] Refused),
    /// It could not be drawn.
    #[error("draw the diagram")]
    Render(#[from] RenderError),
    /// The parts could not be packed.
    #[error("pack the presentation")]
    Pack(#[from] zip::result::ZipError),
    /// The parts could not be packed.
    #[error("write the presentation")]
    Write(#[from] std::io::Error),
    /// A diagram has no such form.
    #[error("a diagram has no such form")]
    Form,
}

/// A diagram.
#[derive(Debug, Default)]
pub struct Drawn {
    /// One file, or of PNG and of SVG for Office one for each page.
    pub files: Vec<Vec<u8>>,
    /// Letters drawn as 〓.
    pub missing: Missing,
}

impl Drawn {
    fn text(text: String) -> Self {
        Self {
            files: vec![text.into_bytes()],
            missing: Missing::new(),
        }
    }
}

/// What of a form can be chosen.
#[derive(Debug, Clone, Copy)]
pub struct Finish {
    /// Width of PNG, in pixels.
    pub width: u32,
    /// Whether SVG is for Office: each page a file.
    pub office: bool,
}

impl Default for Finish {
    fn default() -> Self {
        Self {
            width: WIDTH,
            office: false,
        }
    }
}

fn office(geometry: &Geometry) -> Drawn {
    let page = |it| daicho_graph::render::svg::office(it, &geometry.name).into_bytes();
    Drawn {
        files: geometry.pages.iter().map(page).collect(),
        missing: Missing::new(),
    }
}

/// Draws the diagram; the font is asked for only where letters are drawn.
pub fn draw(
    geometry: &Geometry,
    about: &About,
    form: Form,
    font: impl FnOnce() -> Result<Font, Refused>,
    finish: Finish,
) -> Result<Drawn, DrawingError> {
    Ok(match form {
        Form::Svg if finish.office => office(geometry),
        Form::Svg => Drawn::text(daicho_graph::svg(geometry)),
        Form::Drawio => Drawn::text(daicho_render::drawio(geometry, about)),
        Form::Graphml => Drawn::text(daicho_render::graphml(geometry)),
        Form::Dot => Drawn::text(daicho_render::dot(geometry)),
        Form::Mmd => Drawn::text(daicho_render::mermaid(geometry)),
        Form::Pptx => Drawn {
            files: vec![packed(&daicho_render::pptx(geometry, about))?],
            missing: Missing::new(),
        },
        Form::Pdf => {
            let pdf = daicho_render::pdf(geometry, &font()?, about)?;
            Drawn {
                files: vec![pdf.bytes],
                missing: pdf.missing,
            }
        }
        Form::Png => pictures(geometry, &font()?, finish.width)?,
        Form::Xlsx | Form::Csv | Form::Json | Form::Html | Form::Toml | Form::Zip => {
            return Err(DrawingError::Form);
        }
    })
}

/// Width of a picture in a workbook: 165 dots an inch of an A3 sheet.
const WORKBOOK_WIDTH: u32 = 2728;

/// The network diagram as a workbook holds it: each page a picture.
pub fn for_workbook(
    picture: &Picture,
    font: &Font,
    wanted: &Wanted<'_>,
) -> Result<Drawn, DrawingError> {
    let geometry = picture.drawn(wanted);
    pictures(&geometry, font, WORKBOOK_WIDTH)
}

/// Each page as a picture.
pub fn pictures(geometry: &Geometry, font: &Font, width: u32) -> Result<Drawn, DrawingError> {
    let mut drawn = Drawn::default();
    for page in &geometry.pages {
        let png = daicho_render::png(page, font, width)?;
        drawn.files.push(png.bytes);
        for (letter, count) in png.missing {
            *drawn.missing.entry(letter).or_default() += count;
        }
    }
    Ok(drawn)
}

/// The parts as one package: no time of today, no rights of this machine.
fn packed(parts: &[Part]) -> Result<Vec<u8>, DrawingError> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644);
    for part in parts {
        zip.start_file(part.name.as_str(), options)?;
        zip.write_all(part.text.as_bytes())?;
    }
    Ok(zip.finish()?.into_inner())
}
