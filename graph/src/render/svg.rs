//! SVG. Comes in: a geometry; goes out: one self-contained SVG text. It never writes scripts or
//! references to anything outside.

use std::fmt::Write as _;

use daicho_ledger::{Grade, ZoneKind};

use crate::layout::{BoxKind, Geometry, LINE, Line, Shape};
use crate::text::{visible, width};
use crate::topology::NodeKind;

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

/// Fill, line, and dashes of a box.
fn look(kind: BoxKind) -> (&'static str, &'static str, &'static str) {
    match kind {
        BoxKind::Unplaced => ("#ffffff", "#8c1d1d", "2 4"),
        BoxKind::Unjoined => ("#f6f6f0", "#6a6a50", "6 3"),
        BoxKind::Systems => ("#f3faf3", "#2f6b3a", ""),
        BoxKind::Band => ("#fafafa", "#999999", ""),
        BoxKind::Title | BoxKind::Legend => ("#ffffff", "#222222", ""),
        BoxKind::Node(kind) | BoxKind::Group(kind) => match kind {
            NodeKind::Server => ("#d5dcf2", "#2a3a6a", ""),
            NodeKind::Terminal => ("#ffffff", "#333333", ""),
            NodeKind::Seen => ("#ffffff", "#666666", "4 3"),
            NodeKind::Gateway => ("#bfe0c8", "#1d5a30", ""),
            NodeKind::Segment => ("#eef5fb", "#54708a", ""),
            NodeKind::HostNetwork => ("#f4f0e4", "#80704a", "2 2"),
            NodeKind::DefaultRoute => ("#ffe9c7", "#9a5b00", "7 3"),
            NodeKind::Vpn => ("#f9cfcf", "#8c1d1d", "7 3"),
            NodeKind::External => ("#e4e9f7", "#2a3a6a", ""),
            NodeKind::OtherInside => ("#eeeeee", "#444444", "7 3"),
            NodeKind::Device(_) => ("#fbf7ff", "#5b3a7a", "2 3"),
            NodeKind::Point(_) => ("#ffe0d6", "#a02810", ""),
            NodeKind::System => ("#eaf6ea", "#2f6b3a", ""),
        },
    }
}

/// The look of a box with its own zone and grade: a zone colours its segment, a grade draws the
/// outline of a connection point.
fn own_look(s: &Shape) -> (&'static str, &'static str, &'static str) {
    let (fill, stroke, dash) = look(s.kind);
    let fill = match (s.kind, s.zone) {
        (BoxKind::Node(NodeKind::Segment), Some(zone)) => zone_fill(zone),
        _ => fill,
    };
    let dash = match (s.kind, s.grade) {
        (BoxKind::Node(NodeKind::Point(_) | NodeKind::System), Some(grade)) => match grade {
            Grade::OnSite | Grade::Confirmed => "",
            Grade::Declared => "2 3",
            Grade::Inferred | Grade::Hint => "7 3",
        },
        _ => dash,
    };
    (fill, stroke, dash)
}

fn zone_fill(zone: ZoneKind) -> &'static str {
    match zone {
        ZoneKind::Dmz => "#fdeee6",
        ZoneKind::His => "#e8f1fd",
        ZoneKind::Department => "#e7f6f4",
        ZoneKind::MedicalDevice => "#f2ecfb",
        ZoneKind::Information => "#fdf7e0",
        ZoneKind::Guest => "#fbeaf3",
        ZoneKind::Management => "#ecefe6",
        ZoneKind::Unknown => "#f2f2f2",
    }
}

/// Our own icons, in a box of 16 by 16.
fn icon(kind: BoxKind) -> &'static str {
    let (BoxKind::Node(kind) | BoxKind::Group(kind)) = kind else {
        return "";
    };
    match kind {
        NodeKind::Server => "M3 1h10v14H3zM3 5h10M3 9h10M5 3h2M5 7h2M5 12h2",
        NodeKind::Terminal => "M1 2h14v9H1zM8 11v3M4 14h8",
        NodeKind::Seen => "M2 2h12v12H2zM6 6q0-2 2-2t2 2q0 1-2 2v1M8 11v1",
        NodeKind::Gateway => "M1 4h14v8H1zM4 8h8M10 6l2 2l-2 2M6 6l-2 2l2 2",
        NodeKind::Segment => "M1 8h14M4 8V3M8 8v5M12 8V3",
        NodeKind::HostNetwork => "M1 5l7-4l7 4v6l-7 4l-7-4zM1 5l7 4l7-4M8 9v6",
        NodeKind::DefaultRoute => "M1 2h8v12H1zM6 8h9M12 5l3 3l-3 3",
        NodeKind::Vpn => "M3 7h10v8H3zM5 7V4q0-3 3-3t3 3v3",
        NodeKind::External => "M4 13q-3 0-3-3t3-3q1-4 5-4t4 4q2 0 2 3t-3 3z",
        NodeKind::OtherInside => "M1 3h6v4H1zM9 9h6v4H9zM4 7v4h5",
        NodeKind::Device(_) => "M2 4h12v8H2zM4 10l6-6l2 2l-6 6z",
        NodeKind::Point(_) => "M1 2h8v12H1zM5 8h10M12 5l3 3l-3 3",
        NodeKind::System => "M2 2h5v5H2zM9 2h5v5H9zM2 9h5v5H2zM9 9h5v5H9z",
    }
}

/// The symbols beside the lines of the legend.
fn symbols(out: &mut String, s: &Shape) {
    let mut top = s.y + LINE + 5;
    for kind in &s.explains {
        let (fill, stroke, dash) = look(*kind);
        let _ = writeln!(
            out,
            "<rect x=\"{}\" y=\"{top}\" width=\"15\" height=\"15\" fill=\"{fill}\" stroke=\"{stroke}\" stroke-dasharray=\"{}\"/><path transform=\"translate({} {}) scale(.75)\" d=\"{}\" fill=\"none\" stroke=\"{stroke}\"/>",
            s.x + 8,
            if dash.is_empty() { "none" } else { dash },
            s.x + 10,
            top + 2,
            icon(*kind)
        );
        top += LINE;
    }
}

fn shape(out: &mut String, s: &Shape) {
    let (fill, stroke, dash) = own_look(s);
    let label = escape(&s.title.replace('\n', " "));
    let _ = writeln!(
        out,
        "<g role=\"img\" aria-label=\"{label}\"><title>{}</title>",
        escape(&s.title)
    );
    let dash = if dash.is_empty() {
        String::new()
    } else {
        format!(" stroke-dasharray=\"{dash}\"")
    };
    let on_site =
        s.grade == Some(Grade::OnSite) && matches!(s.kind, BoxKind::Node(NodeKind::Point(_)));
    let thick = if on_site || matches!(s.kind, BoxKind::Group(_)) {
        2
    } else {
        1
    };
    let _ = writeln!(
        out,
        "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{fill}\" stroke=\"{stroke}\" stroke-width=\"{thick}\"{dash}/>",
        s.x, s.y, s.w, s.h
    );
    let path = icon(s.kind);
    let mut x = s.x + 8;
    if !path.is_empty() {
        let _ = writeln!(
            out,
            "<path transform=\"translate({} {})\" d=\"{path}\" fill=\"none\" stroke=\"{stroke}\" stroke-width=\"1.2\"/>",
            s.x + 5,
            s.y + 6
        );
        x = s.x + 26;
    }
    if s.kind == BoxKind::Legend {
        x = s.x + 30;
        symbols(out, s);
    }
    let mut y = s.y + 18;
    for line in &s.lines {
        if !line.is_empty() {
            let _ = writeln!(
                out,
                "<text x=\"{x}\" y=\"{y}\" textLength=\"{}\" lengthAdjust=\"spacingAndGlyphs\">{}</text>",
                width(line) * 6,
                escape(line)
            );
        }
        y += LINE;
    }
    out.push_str("</g>\n");
}

fn line(out: &mut String, l: &Line) {
    let points: Vec<String> = l.points.iter().map(|(x, y)| format!("{x},{y}")).collect();
    let dash = if l.inferred {
        " stroke-dasharray=\"6 3\""
    } else if l.entered {
        " stroke-dasharray=\"2 3\""
    } else {
        ""
    };
    let _ = writeln!(
        out,
        "<polyline points=\"{}\" fill=\"none\" stroke=\"#333333\"{dash}><title>{} – {}</title></polyline>",
        points.join(" "),
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
