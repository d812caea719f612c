//! PDF. Comes in: pages, a font, what the document says of itself; goes out: a PDF with searchable
//! text and only those letters of the font that are used. The same input gives the same bytes.

use daicho_graph::Lang;
use daicho_graph::layout::{Geometry, Page};
use krilla::annotation::{Annotation, LinkAnnotation, Target};
use krilla::color::rgb;
use krilla::destination::{Destination, XyzDestination};
use krilla::geom::{Path, PathBuilder, Point, Rect, Transform};
use krilla::metadata::{DateTime, Metadata};
use krilla::num::NormalizedF32;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::{Fill, Stroke, StrokeDash};
use krilla::surface::Surface;
use krilla::text::{GlyphId, KrillaGlyph};
use krilla::{Data, Document};
use kurbo::{BezPath, PathEl, Shape as _};

use crate::RenderError;
use crate::font::{Font, Missing, Setter};
use crate::page::{About, Fit, fit};
use crate::paint::{self, Canvas, Pen, Rgb};
use crate::paper::{self, Mark, Paper};

/// Points in a millimetre.
const POINTS: f32 = 72.0 / 25.4;

/// How wide the outline of bold letters is, in ems.
const STRONG: f32 = 0.035;
const WHITE: Rgb = Rgb(0xff, 0xff, 0xff);
/// Headings of tables.
const SHADE: Rgb = Rgb(0xe8, 0xe8, 0xe8);

/// A PDF, and the letters that its font lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pdf {
    /// The file.
    pub bytes: Vec<u8>,
    /// Letters drawn as 〓.
    pub missing: Missing,
}

/// Writes the pages as one PDF.
pub fn pdf(geometry: &Geometry, font: &Font, about: &About) -> Result<Pdf, RenderError> {
    let (embedded, mut setter) = embedded(font)?;
    let mut document = Document::new();
    let mut outline = Outline::new();
    for (n, page) in geometry.pages.iter().enumerate() {
        let sheet = sheet(page);
        let size = || RenderError::Size {
            width: page.width,
            height: page.height,
        };
        let settings = PageSettings::from_wh(sheet.0, sheet.1).ok_or_else(size)?;
        let mut on_paper = document.start_page_with(settings);
        let fit = fit(page, sheet);
        let mut surface = on_paper.surface();
        let place = Transform::from_row(fit.scale, 0.0, 0.0, fit.scale, fit.left, fit.top);
        surface.push_transform(&place);
        let mut sheet = Sheet {
            surface: &mut surface,
            font: &embedded,
            setter: &mut setter,
        };
        paint::page(&mut sheet, page);
        surface.pop();
        surface.finish();
        links(&mut on_paper, geometry, page, fit);
        on_paper.finish();
        let top = XyzDestination::new(n, Point::from_xy(0.0, 0.0));
        outline.push_child(OutlineNode::new(page.name.clone(), top));
    }
    document.set_outline(outline);
    finished(document, font, about, setter.missing)
}

/// Writes a document of words as PDF.
pub fn paper_pdf(paper: &Paper, font: &Font, about: &About) -> Result<Pdf, RenderError> {
    let (embedded, mut setter) = embedded(font)?;
    let mut document = Document::new();
    for sheet in paper::sheets(paper) {
        let (w, h) = sheet.size;
        let size = || RenderError::Size {
            width: w as i32,
            height: h as i32,
        };
        let settings = PageSettings::from_wh(w, h).ok_or_else(size)?;
        let mut on_paper = document.start_page_with(settings);
        let mut surface = on_paper.surface();
        let mut canvas = Sheet {
            surface: &mut surface,
            font: &embedded,
            setter: &mut setter,
        };
        sheet.marks.iter().for_each(|it| canvas.mark(it));
        surface.finish();
        on_paper.finish();
    }
    finished(document, font, about, setter.missing)
}

fn unusable(font: &Font) -> RenderError {
    RenderError::Embed(font.name().to_owned())
}

/// The font as the document holds it, and what lines are set with.
fn embedded(font: &Font) -> Result<(krilla::text::Font, Setter<'_>), RenderError> {
    let embedded = krilla::text::Font::new(Data::from(font.data()), font.index());
    let embedded = embedded.ok_or_else(|| unusable(font))?;
    let setter = font.setter().ok_or_else(|| unusable(font))?;
    Ok((embedded, setter))
}

fn finished(
    mut document: Document,
    font: &Font,
    about: &About,
    missing: Missing,
) -> Result<Pdf, RenderError> {
    document.set_metadata(metadata(about));
    let bytes = document.finish().map_err(|_| unusable(font))?;
    Ok(Pdf { bytes, missing })
}

/// Width and height of the paper in points.
fn sheet(page: &Page) -> (f32, f32) {
    let (width, height) = page.paper.size_mm();
    (width as f32 * POINTS, height as f32 * POINTS)
}

/// Boxes that lead to another page can be clicked.
fn links(on_paper: &mut krilla::page::Page<'_>, geometry: &Geometry, page: &Page, fit: Fit) {
    for shape in &page.shapes {
        let Some(target) = &shape.leads else { continue };
        let number = target.page;
        let Some(at) = geometry.pages.iter().position(|it| it.number == number) else {
            continue;
        };
        let place = |x: i32, y: i32| {
            (
                x as f32 * fit.scale + fit.left,
                y as f32 * fit.scale + fit.top,
            )
        };
        let ((l, t), (r, b)) = (
            place(shape.x, shape.y),
            place(shape.x + shape.w, shape.y + shape.h),
        );
        let to = XyzDestination::new(at, Point::from_xy(0.0, 0.0));
        if let Some(area) = Rect::from_ltrb(l, t, r, b) {
            let link = LinkAnnotation::new(area, Target::Destination(Destination::Xyz(to)));
            on_paper.add_annotation(Annotation::new_link(link, None));
        }
    }
}

fn metadata(about: &About) -> Metadata {
    let mut it = Metadata::new()
        .title(about.title.clone())
        .language(match about.lang {
            Lang::Ja => "ja".to_owned(),
            Lang::En => "en".to_owned(),
        })
        .creator("Daicho".to_owned())
        .producer("Daicho".to_owned());
    if !about.author.is_empty() {
        it = it.authors(vec![about.author.clone()]);
    }
    if !about.data_hash.is_empty() {
        it = it.document_id(about.data_hash.clone());
    }
    if let Some(date) = about.created_at.and_then(|at| date(&at.to_string())) {
        it = it.creation_date(date);
    }
    it
}

/// A moment in UTC, `2026-11-25T16:40:00Z`.
fn date(text: &str) -> Option<DateTime> {
    let part = |at: usize| text.get(at..at + 2)?.parse::<u8>().ok();
    Some(
        DateTime::new(text.get(0..4)?.parse().ok()?)
            .month(part(5)?)
            .day(part(8)?)
            .hour(part(11)?)
            .minute(part(14)?)
            .second(part(17)?)
            .utc_offset_hour(0)
            .utc_offset_minute(0),
    )
}

struct Sheet<'s, 'd, 'f> {
    surface: &'s mut Surface<'d>,
    font: &'s krilla::text::Font,
    setter: &'s mut Setter<'f>,
}

fn fill(Rgb(r, g, b): Rgb) -> Fill {
    Fill {
        paint: rgb::Color::new(r, g, b).into(),
        opacity: NormalizedF32::ONE,
        rule: Default::default(),
    }
}

fn stroke(pen: &Pen) -> Stroke {
    let Rgb(r, g, b) = pen.color;
    Stroke {
        paint: rgb::Color::new(r, g, b).into(),
        width: pen.width,
        opacity: NormalizedF32::new(pen.cover).unwrap_or(NormalizedF32::ONE),
        dash: (!pen.dash.is_empty()).then(|| StrokeDash {
            array: pen.dash.clone(),
            offset: 0.0,
        }),
        ..Stroke::default()
    }
}

fn path(path: &BezPath) -> Option<Path> {
    let mut out = PathBuilder::new();
    // Places on a sheet: some ten thousand units.
    let at = |p: kurbo::Point| (p.x as f32, p.y as f32);
    for piece in path.elements() {
        match *piece {
            PathEl::MoveTo(p) => out.move_to(at(p).0, at(p).1),
            PathEl::LineTo(p) => out.line_to(at(p).0, at(p).1),
            PathEl::QuadTo(a, p) => out.quad_to(at(a).0, at(a).1, at(p).0, at(p).1),
            PathEl::CurveTo(a, b, p) => {
                out.cubic_to(at(a).0, at(a).1, at(b).0, at(b).1, at(p).0, at(p).1);
            }
            PathEl::ClosePath => out.close(),
        }
    }
    out.finish()
}

impl Canvas for Sheet<'_, '_, '_> {
    fn area(&mut self, area: &BezPath, color: Rgb, pen: &Pen) {
        self.surface.set_fill(Some(fill(color)));
        self.surface.set_stroke(Some(stroke(pen)));
        if let Some(it) = path(area) {
            self.surface.draw_path(&it);
        }
    }

    fn stroke(&mut self, line: &BezPath, pen: &Pen) {
        self.surface.set_fill(None);
        self.surface.set_stroke(Some(stroke(pen)));
        if let Some(it) = path(line) {
            self.surface.draw_path(&it);
        }
    }

    fn text(&mut self, at: (f32, f32), size: f32, color: Rgb, text: &str) {
        self.letters(at, size, (color, None), text);
    }
}

impl Sheet<'_, '_, '_> {
    fn mark(&mut self, mark: &Mark) {
        match mark {
            Mark::Text {
                x,
                y,
                size,
                strong,
                text,
            } => {
                // Bold of a font that has one weight alone: its letters with an outline.
                let outline = strong.then(|| Pen {
                    color: paint::INK,
                    width: size * STRONG,
                    dash: Vec::new(),
                    cover: 1.0,
                });
                self.letters((*x, *y), *size, (paint::INK, outline), text);
            }
            Mark::Frame {
                x,
                y,
                w,
                h,
                pen,
                dashed,
                shaded,
            } => {
                let corners = (
                    f64::from(*x),
                    f64::from(*y),
                    f64::from(x + w),
                    f64::from(y + h),
                );
                let rect = kurbo::Rect::new(corners.0, corners.1, corners.2, corners.3);
                let pen = Pen {
                    color: paint::INK,
                    width: *pen,
                    dash: if *dashed { vec![4.0, 3.0] } else { Vec::new() },
                    cover: 1.0,
                };
                let color = if *shaded { SHADE } else { WHITE };
                self.area(&rect.to_path(0.1), color, &pen);
            }
        }
    }

    fn letters(
        &mut self,
        (x, y): (f32, f32),
        size: f32,
        (color, outline): (Rgb, Option<Pen>),
        text: &str,
    ) {
        let set = self.setter.set(text);
        let mut at = 0.0;
        let glyphs: Vec<KrillaGlyph> = set
            .glyphs
            .iter()
            .map(|it| {
                let offset = it.x - at;
                at += it.advance;
                KrillaGlyph::new(
                    GlyphId::new(it.id),
                    it.advance,
                    offset,
                    0.0,
                    0.0,
                    it.start..it.end,
                    None,
                )
            })
            .collect();
        self.surface.set_fill(Some(fill(color)));
        self.surface.set_stroke(outline.as_ref().map(stroke));
        let place = Transform::from_row(set.narrow, 0.0, 0.0, 1.0, x, y);
        self.surface.push_transform(&place);
        let start = Point::from_xy(0.0, 0.0);
        let font = self.font.clone();
        self.surface
            .draw_glyphs(start, &glyphs, font, &set.text, size, false);
        self.surface.pop();
    }
}
