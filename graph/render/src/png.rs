//! PNG. Comes in: a page, a font and the width in pixels; goes out: the picture. It draws the same
//! strokes and letters as the PDF.

use daicho_graph::layout::Page;
use kurbo::{BezPath, PathEl};
use skrifa::GlyphId;
use skrifa::instance::{LocationRef, Size};
use skrifa::outline::{DrawSettings, OutlinePen};
use tiny_skia::{
    Color, FillRule, Paint, Path, PathBuilder, Pixmap, Shader, Stroke, StrokeDash, Transform,
};

use crate::RenderError;
use crate::font::{Font, Missing, Setter};
use crate::page::fit;
use crate::paint::{self, Canvas, Pen, Rgb};

/// Widest picture.
pub const WIDEST: u32 = 16_384;

/// A picture, and the letters that its font lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Png {
    /// The file.
    pub bytes: Vec<u8>,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Letters drawn as 〓.
    pub missing: Missing,
}

/// Draws a page, `width` pixels wide, in the shape of the paper.
pub fn png(page: &Page, font: &Font, width: u32) -> Result<Png, RenderError> {
    let (across, down) = page.paper.size_mm();
    let width = width.clamp(64, WIDEST);
    // At most the widest picture: exact.
    let height = (width as f32 * down as f32 / across as f32).round() as u32;
    let size = || RenderError::Size {
        width: page.width,
        height: page.height,
    };
    let mut pixels = Pixmap::new(width, height).ok_or_else(size)?;
    pixels.fill(Color::WHITE);
    let embed = || RenderError::Embed(font.name().to_owned());
    let mut setter = font.setter().ok_or_else(embed)?;
    let fit = fit(page, (width as f32, height as f32));
    let mut picture = Picture {
        pixels: &mut pixels,
        place: Transform::from_row(fit.scale, 0.0, 0.0, fit.scale, fit.left, fit.top),
        setter: &mut setter,
    };
    paint::page(&mut picture, page);
    let bytes = pixels.encode_png().map_err(|_| RenderError::Pack)?;
    Ok(Png {
        bytes,
        width,
        height,
        missing: setter.missing,
    })
}

struct Picture<'p, 'f> {
    pixels: &'p mut Pixmap,
    place: Transform,
    setter: &'p mut Setter<'f>,
}

fn paint(Rgb(r, g, b): Rgb) -> Paint<'static> {
    let mut out = Paint::default();
    out.set_color_rgba8(r, g, b, 255);
    out.anti_alias = true;
    out
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

/// Takes a glyph's outline to its place in a line.
struct Outline {
    path: PathBuilder,
    x: f32,
}

impl OutlinePen for Outline {
    fn move_to(&mut self, x: f32, y: f32) {
        self.path.move_to(x + self.x, -y);
    }
    fn line_to(&mut self, x: f32, y: f32) {
        self.path.line_to(x + self.x, -y);
    }
    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        self.path.quad_to(cx + self.x, -cy, x + self.x, -y);
    }
    fn curve_to(&mut self, ax: f32, ay: f32, bx: f32, by: f32, x: f32, y: f32) {
        let at = self.x;
        self.path.cubic_to(ax + at, -ay, bx + at, -by, x + at, -y);
    }
    fn close(&mut self) {
        self.path.close();
    }
}

impl Canvas for Picture<'_, '_> {
    fn area(&mut self, area: &BezPath, color: Rgb, pen: &Pen) {
        if let Some(it) = path(area) {
            let rule = FillRule::Winding;
            self.pixels
                .fill_path(&it, &paint(color), rule, self.place, None);
        }
        self.stroke(area, pen);
    }

    fn stroke(&mut self, line: &BezPath, pen: &Pen) {
        let stroke = Stroke {
            width: pen.width,
            dash: StrokeDash::new(pen.dash.clone(), 0.0),
            ..Stroke::default()
        };
        if let Some(it) = path(line) {
            let mut color = paint(pen.color);
            if let Shader::SolidColor(it) = &mut color.shader {
                it.apply_opacity(pen.cover);
            }
            self.pixels
                .stroke_path(&it, &color, &stroke, self.place, None);
        }
    }

    fn text(&mut self, (x, y): (f32, f32), size: f32, color: Rgb, text: &str) {
        let set = self.setter.set(text);
        let mut outline = Outline {
            path: PathBuilder::new(),
            x: 0.0,
        };
        for it in &set.glyphs {
            outline.x = it.x * size;
            let settings = DrawSettings::unhinted(Size::new(size), LocationRef::default());
            let glyph = self.setter.outlines.get(GlyphId::new(it.id));
            if glyph.is_none_or(|glyph| glyph.draw(settings, &mut outline).is_err()) {
                let letter = set.text.get(it.start..it.end);
                let letter = letter.and_then(|it| it.chars().next());
                *self
                    .setter
                    .missing
                    .entry(letter.unwrap_or_default())
                    .or_default() += 1;
            }
        }
        let place = Transform::from_row(set.narrow, 0.0, 0.0, 1.0, x, y);
        if let Some(it) = outline.path.finish() {
            let place = self.place.pre_concat(place);
            let ink = paint(color);
            self.pixels
                .fill_path(&it, &ink, FillRule::Winding, place, None);
        }
    }
}
