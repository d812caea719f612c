//! A page as strokes, areas and lines of text. Comes in: a page; goes out: calls to whatever paints
//! them. It is the one order of painting of all writers that draw letters themselves.

use daicho_graph::layout::FONT;
use daicho_graph::layout::{BoxKind, Label, Line, Page, Shape};
use daicho_graph::render::look::{self, Look};
use kurbo::{Affine, BezPath, Rect, Shape as _};

use crate::page::{behind, in_front};

/// A colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rgb(pub(crate) u8, pub(crate) u8, pub(crate) u8);

impl Rgb {
    /// Of `#rrggbb`; black where it is none.
    pub(crate) fn of(text: &str) -> Self {
        let part = |at: usize| {
            let digits = text.get(at..at + 2);
            digits.and_then(|it| u8::from_str_radix(it, 16).ok())
        };
        Self(
            part(1).unwrap_or_default(),
            part(3).unwrap_or_default(),
            part(5).unwrap_or_default(),
        )
    }
}

/// Colour of text.
pub(crate) const INK: Rgb = Rgb(0x11, 0x11, 0x11);

/// What a line is drawn with.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Pen {
    /// Colour.
    pub(crate) color: Rgb,
    /// Width.
    pub(crate) width: f32,
    /// Dashes; empty: solid.
    pub(crate) dash: Vec<f32>,
    /// How much it hides of what is below, from 0 to 1.
    pub(crate) cover: f32,
}

impl Pen {
    fn new(color: &str, width: f32, dash: &str) -> Self {
        let mut dash: Vec<f32> = dash.split(' ').filter_map(|it| it.parse().ok()).collect();
        if dash.len() % 2 == 1 {
            dash.clear();
        }
        Self {
            color: Rgb::of(color),
            width,
            dash,
            cover: 1.0,
        }
    }
}

/// Paints in the units of the geometry.
pub(crate) trait Canvas {
    /// An area with its outline.
    fn area(&mut self, path: &BezPath, fill: Rgb, pen: &Pen);
    /// A line.
    fn stroke(&mut self, path: &BezPath, pen: &Pen);
    /// A line of text: left end, base line, size.
    fn text(&mut self, at: (f32, f32), size: f32, color: Rgb, text: &str);
}

/// Paints a page.
pub(crate) fn page(canvas: &mut impl Canvas, page: &Page) {
    behind(page).for_each(|it| shape(canvas, it));
    lines(canvas, page, false);
    in_front(page).for_each(|it| shape(canvas, it));
    lines(canvas, page, true);
}

fn lines(canvas: &mut impl Canvas, page: &Page, over: bool) {
    look::lines(page, over).for_each(|it| line(canvas, it));
    let labels = look::lines(page, over).flat_map(|it| &it.labels);
    labels.for_each(|it| label(canvas, it));
}

fn shape(canvas: &mut impl Canvas, s: &Shape) {
    let it = look::look(s);
    framed(canvas, (s.x, s.y, s.w, s.h), &it);
    let hatch = look::hatch(s);
    if let Ok(path) = BezPath::from_svg(&hatch) {
        canvas.stroke(&path, &Pen::new(it.stroke, 1.0, ""));
    }
    let (x, y) = look::icon_at(s);
    icon(
        canvas,
        s.kind,
        Affine::translate((f64::from(x), f64::from(y))),
        it.stroke,
    );
    if s.kind == BoxKind::Legend {
        for symbol in look::symbols(s) {
            let it = look::symbol_look(symbol.kind);
            framed(
                canvas,
                (symbol.x, symbol.y, look::SYMBOL, look::SYMBOL),
                &it,
            );
            let at = (f64::from(symbol.x + 2), f64::from(symbol.y + 2));
            let small = Affine::translate(at) * Affine::scale(0.75);
            icon(canvas, symbol.kind, small, it.stroke);
        }
    }
    for text in look::texts(s) {
        // Sheets are some ten thousand units wide: exact.
        let at = (text.x as f32, text.y as f32);
        canvas.text(at, FONT as f32, INK, text.text);
    }
}

fn framed(canvas: &mut impl Canvas, (x, y, w, h): (i32, i32, i32, i32), look: &Look) {
    let (x, y) = (f64::from(x), f64::from(y));
    let rect = Rect::new(x, y, x + f64::from(w), y + f64::from(h));
    let pen = Pen::new(look.stroke, look.thick as f32, look.dash);
    canvas.area(&rect.to_path(0.1), Rgb::of(look.fill), &pen);
}

fn icon(canvas: &mut impl Canvas, kind: BoxKind, place: Affine, color: &str) {
    // A test reads every icon: none is left out here.
    if let Some(path) = icon_path(kind) {
        canvas.stroke(&(place * path), &Pen::new(color, 1.2, ""));
    }
}

/// The icon of a kind, in a box of 16 by 16.
pub(crate) fn icon_path(kind: BoxKind) -> Option<BezPath> {
    let path = BezPath::from_svg(look::icon(kind)).ok()?;
    (!path.is_empty()).then_some(path)
}

fn line(canvas: &mut impl Canvas, l: &Line) {
    let mut path = BezPath::new();
    for (n, (x, y)) in l.points.iter().enumerate() {
        let at = (f64::from(*x), f64::from(*y));
        if n == 0 {
            path.move_to(at);
        } else {
            path.line_to(at);
        }
    }
    let it = look::line_look(l);
    let pen = Pen::new(it.stroke, it.thick as f32, it.dash);
    let cover = f32::from(look::cover(l)) / 100.0;
    canvas.stroke(&path, &Pen { cover, ..pen });
    if let Some(head) = look::arrow(l) {
        let mut path = BezPath::new();
        for (n, at) in head.into_iter().enumerate() {
            if n == 0 {
                path.move_to(at);
            } else {
                path.line_to(at);
            }
        }
        path.close_path();
        canvas.area(&path, Rgb::of(it.stroke), &Pen::new(it.stroke, 1.0, ""));
    }
}

/// A text beside a line, on a ground of its own.
fn label(canvas: &mut impl Canvas, label: &Label) {
    let (x, y) = (f64::from(label.x), f64::from(label.y));
    let rect = Rect::new(x, y, x + f64::from(label.w), y + f64::from(label.h));
    let none = Pen::new(look::GROUND, 0.0, "");
    canvas.area(&rect.to_path(0.1), Rgb::of(look::GROUND), &none);
    let at = (label.x as f32, (label.y + label.font) as f32);
    canvas.text(at, label.font as f32, Rgb::of(look::LABEL), &label.text);
}
