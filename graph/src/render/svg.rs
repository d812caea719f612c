//! SVG. Comes in: a geometry; goes out: self-contained SVG text, for screens or in the form that Office
//! turns into shapes. It never writes scripts, styles or references to anything outside.

use std::fmt::Write as _;

use super::look;
use crate::layout::{BoxKind, FONT, Geometry, Label, Line, Page, Shape};
use crate::text::{visible, width};

/// Colour of text.
const INK: &str = "#111111";
/// Families with full-width characters of 1 em and half-width ones of 0.5 em.
const FONTS: &str = "'BIZ UDGothic','MS Gothic','Noto Sans Mono CJK JP',monospace";

/// Families of Office, which brings no font along: the first that is there is taken.
const OFFICE: &str = "BIZ UDGothic, MS Gothic, Meiryo, sans-serif";

/// For whom it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Profile {
    /// Browsers and viewers.
    Screen,
    /// Word, Excel and PowerPoint: no nested pages, no fitted texts, every text with its own font.
    Office,
}

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

/// A line of text; on screens as wide as it is in the geometry, whatever the font.
fn text(out: &mut String, (x, y): (i32, i32), (size, fill): (i32, &str), text: &str, to: Profile) {
    let _ = write!(out, "<text x=\"{x}\" y=\"{y}\"");
    match to {
        Profile::Screen => {
            if size != FONT {
                let _ = write!(out, " font-size=\"{size}\" fill=\"{fill}\"");
            }
            let wide = width(text) * size / 2;
            let _ = write!(
                out,
                " textLength=\"{wide}\" lengthAdjust=\"spacingAndGlyphs\""
            );
        }
        Profile::Office => {
            let _ = write!(
                out,
                " font-family=\"{OFFICE}\" font-size=\"{size}\" fill=\"{fill}\""
            );
        }
    }
    let _ = writeln!(out, ">{}</text>", escape(text));
}

fn shape(out: &mut String, s: &Shape, to: Profile) {
    let look::Look {
        fill,
        stroke,
        dash,
        thick,
    } = look::look(s);
    let title = escape(&s.title);
    let _ = match to {
        Profile::Screen => {
            let label = escape(&s.title.replace('\n', " "));
            writeln!(
                out,
                "<g role=\"img\" aria-label=\"{label}\"><title>{title}</title>"
            )
        }
        Profile::Office => writeln!(out, "<g><title>{title}</title>"),
    };
    let _ = writeln!(
        out,
        "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{fill}\" stroke=\"{stroke}\" stroke-width=\"{thick}\"{}/>",
        s.x,
        s.y,
        s.w,
        s.h,
        dashes(dash)
    );
    let hatch = look::hatch(s);
    if !hatch.is_empty() {
        let _ = writeln!(
            out,
            "<path d=\"{hatch}\" fill=\"none\" stroke=\"{stroke}\"/>"
        );
    }
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
    for it in look::texts(s) {
        text(out, (it.x, it.y), (FONT, INK), it.text, to);
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
    let it = look::line_look(l);
    let thick = match it.thick {
        1 => String::new(),
        thick => format!(" stroke-width=\"{thick}\""),
    };
    let cover = match look::cover(l) {
        100 => String::new(),
        cover => format!(" stroke-opacity=\"0.{cover}\""),
    };
    let _ = writeln!(
        out,
        "<polyline points=\"{}\" fill=\"none\" stroke=\"{}\"{thick}{cover}{}><title>{} – {}</title></polyline>",
        points.join(" "),
        it.stroke,
        dashes(it.dash),
        escape(&l.from),
        escape(&l.to)
    );
    if let Some([a, b, c]) = look::arrow(l) {
        let _ = writeln!(
            out,
            "<path d=\"M{} {}L{} {}L{} {}z\" fill=\"{}\"/>",
            a.0, a.1, b.0, b.1, c.0, c.1, it.stroke
        );
    }
}

/// A text beside a line, on a white ground.
fn label(out: &mut String, l: &Label, to: Profile) {
    let _ = write!(
        out,
        "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{}\"/>",
        l.x,
        l.y,
        l.w,
        l.h,
        look::GROUND,
    );
    text(out, (l.x, l.y + l.font), (l.font, look::LABEL), &l.text, to);
}

/// Writes the geometry as SVG: the same bytes for the same geometry. Several pages stand below each
/// other, so that one file holds the whole diagram.
#[must_use]
pub fn svg(geometry: &Geometry) -> String {
    match geometry.pages.as_slice() {
        [only] => page(only, &geometry.name),
        several => stacked(several, &geometry.name),
    }
}

/// One page as a file of its own.
#[must_use]
pub fn page(page: &Page, name: &str) -> String {
    let (w, h) = (page.width, page.height);
    let mut out = head(page.paper.size_mm(), (w, h), name);
    content(&mut out, page, Profile::Screen);
    out.push_str("</svg>\n");
    out
}

/// One page as Office turns it into shapes: presentation attributes alone.
#[must_use]
pub fn office(page: &Page, name: &str) -> String {
    let (w, h) = (page.width, page.height);
    let (mm_w, mm_h) = page.paper.size_mm();
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{mm_w}mm\" height=\"{mm_h}mm\" viewBox=\"0 0 {w} {h}\">\n<title>{}</title>\n<rect width=\"{w}\" height=\"{h}\" fill=\"#ffffff\"/>\n",
        escape(name)
    );
    content(&mut out, page, Profile::Office);
    out.push_str("</svg>\n");
    out
}

fn head((mm_w, mm_h): (i32, i32), (w, h): (i32, i32), name: &str) -> String {
    let name = escape(name);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{mm_w}mm\" height=\"{mm_h}mm\" viewBox=\"0 0 {w} {h}\" role=\"img\" aria-label=\"{name}\" font-family=\"{FONTS}\" font-size=\"{FONT}\" fill=\"{INK}\">\n<title>{name}</title>\n<rect width=\"{w}\" height=\"{h}\" fill=\"#ffffff\"/>\n"
    )
}

/// Room between pages, in mm.
const BETWEEN_MM: i32 = 10;

/// Pages below each other, each in its own units.
fn stacked(pages: &[Page], name: &str) -> String {
    let size = |page: &Page| page.paper.size_mm();
    let w = pages.iter().map(|p| size(p).0).max().unwrap_or(1);
    let heights = pages.iter().map(|p| size(p).1 + BETWEEN_MM);
    let h = (heights.sum::<i32>() - BETWEEN_MM).max(1);
    let mut out = head((w, h), (w, h), name);
    let mut y = 0;
    for page in pages {
        let (mm_w, mm_h) = size(page);
        let _ = writeln!(
            out,
            "<svg id=\"page-{}\" y=\"{y}\" width=\"{mm_w}\" height=\"{mm_h}\" viewBox=\"0 0 {} {}\">\n<rect width=\"{}\" height=\"{}\" fill=\"#ffffff\" stroke=\"#999999\"/>",
            page.number, page.width, page.height, page.width, page.height
        );
        content(&mut out, page, Profile::Screen);
        out.push_str("</svg>\n");
        y += mm_h + BETWEEN_MM;
    }
    out.push_str("</svg>\n");
    out
}

/// Backgrounds, then lines with their texts, then everything else, then what lies over all.
fn content(out: &mut String, page: &Page, to: Profile) {
    let behind = |s: &&Shape| matches!(s.kind, BoxKind::Band | BoxKind::Zone);
    let back = page.shapes.iter().filter(behind);
    back.for_each(|s| shape(out, s, to));
    lines(out, page, false, to);
    let front = page.shapes.iter().filter(|s| !behind(s));
    front.for_each(|s| shape(out, s, to));
    lines(out, page, true, to);
}

fn lines(out: &mut String, page: &Page, over: bool, to: Profile) {
    look::lines(page, over).for_each(|it| line(out, it));
    let labels = look::lines(page, over).flat_map(|it| &it.labels);
    labels.for_each(|it| label(out, it, to));
}
