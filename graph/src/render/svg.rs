//! SVG. Comes in: a geometry; goes out: one self-contained SVG text. It never writes scripts or
//! references to anything outside.

use std::fmt::Write as _;

use super::look;
use crate::layout::{BoxKind, Geometry, Line, Shape};
use crate::text::{visible, width};

/// Families with full-width characters of 1 em and half-width ones of 0.5 em.
const FONTS: &str = "'BIZ UDGothic','MS Gothic','Noto Sans Mono CJK JP',monospace";

fn escape(text: &str) -> String {
    let mut out = String::new();
    for line in text.split('\n') {
        if !out.is_empty() {
            out.push('\n');
        }
        for c in visible(line).chars() {
            match c {
                '&' => out.push_str("&amp;"),
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                '"' => out.push_str("&quot;"),
                '\'' => out.push_str("&#39;"),
                c => out.push(c),
            }
        }
    }
    out
}

/// The symbols beside the lines of the legend.
fn symbols(out: &mut String, s: &Shape) {
    for symbol in look::symbols(s) {
        let it = look::symbol_look(symbol.kind);
        let _ = writeln!(
            out,
            "<rect x=\"{}\" y=\"{}\" width=\"15\" height=\"15\" fill=\"{}\" stroke=\"{}\" stroke-dasharray=\"{}\"/><path transform=\"translate({} {}) scale(.75)\" d=\"{}\" fill=\"none\" stroke=\"{}\"/>",
            symbol.x,
            symbol.y,
            it.fill,
            it.stroke,
            if it.dash.is_empty() { "none" } else { it.dash },
            symbol.x + 2,
            symbol.y + 2,
            look::icon(symbol.kind),
            it.stroke,
        );
    }
}

fn shape(out: &mut String, s: &Shape) {
    let look::Look {
        fill,
        stroke,
        dash,
        thick,
    } = look::look(s);
    let label = escape(&s.title.replace('\n', " "));
    let _ = writeln!(
        out,
        "<g role=\"img\" aria-label=\"{label}\"><title>{}</title>",
        escape(&s.title)
    );
    let _ = writeln!(
        out,
        "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{fill}\" stroke=\"{stroke}\" stroke-width=\"{thick}\"{}/>",
        s.x,
        s.y,
        s.w,
        s.h,
        dashes(dash)
    );
    let path = look::icon(s.kind);
    if !path.is_empty() {
        let (x, y) = look::icon_at(s);
        let _ = writeln!(
            out,
            "<path transform=\"translate({x} {y})\" d=\"{path}\" fill=\"none\" stroke=\"{stroke}\" stroke-width=\"1.2\"/>",
        );
    }
    if s.kind == BoxKind::Legend {
        symbols(out, s);
    }
    for look::Text { x, y, text } in look::texts(s) {
        let _ = writeln!(
            out,
            "<text x=\"{x}\" y=\"{y}\" textLength=\"{}\" lengthAdjust=\"spacingAndGlyphs\">{}</text>",
            width(text) * 6,
            escape(text)
        );
    }
    out.push_str("</g>\n");
}

fn dashes(lengths: &str) -> String {
    if lengths.is_empty() {
        String::new()
    } else {
        format!(" stroke-dasharray=\"{lengths}\"")
    }
}

fn line(out: &mut String, l: &Line) {
    let points: Vec<String> = l.points.iter().map(|(x, y)| format!("{x},{y}")).collect();
    let _ = writeln!(
        out,
        "<polyline points=\"{}\" fill=\"none\" stroke=\"{}\"{}><title>{} – {}</title></polyline>",
        points.join(" "),
        look::LINE_STROKE,
        dashes(look::line_dash(l)),
        escape(&l.from),
        escape(&l.to)
    );
}

/// Writes the geometry as SVG: the same bytes for the same geometry.
#[must_use]
pub fn svg(geometry: &Geometry) -> String {
    let (w, h) = (geometry.width, geometry.height);
    let name = escape(&geometry.name);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"420mm\" height=\"297mm\" viewBox=\"0 0 {w} {h}\" role=\"img\" aria-label=\"{name}\" font-family=\"{FONTS}\" font-size=\"12\" fill=\"#111111\">\n<title>{name}</title>\n<rect width=\"{w}\" height=\"{h}\" fill=\"#ffffff\"/>\n"
    );
    let background = |s: &&Shape| s.kind == BoxKind::Band;
    geometry
        .shapes
        .iter()
        .filter(background)
        .for_each(|s| shape(&mut out, s));
    geometry.lines.iter().for_each(|l| line(&mut out, l));
    let front = geometry.shapes.iter().filter(|s| s.kind != BoxKind::Band);
    front.for_each(|s| shape(&mut out, s));
    out.push_str("</svg>\n");
    out
}
