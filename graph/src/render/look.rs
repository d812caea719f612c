//! What things look like, for every writer. Comes in: a box or a line of the geometry; goes out: its
//! colours, dashes, icon, and where its texts stand. It never places a box.

use std::fmt::Write as _;

use daicho_ledger::{Grade, ZoneKind};

use crate::layout::{BoxKind, Change, LINE, Line, LineKind, Page, Shape};
use crate::topology::NodeKind;

/// How a box is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Fill, `#rrggbb`.
    pub fill: &'static str,
    /// Outline, icon: `#rrggbb`.
    pub stroke: &'static str,
    /// Lengths of the outline's dashes, as in SVG; empty: solid.
    pub dash: &'static str,
    /// Width of the outline.
    pub thick: i32,
}

/// A line of text in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text<'a> {
    /// Left end.
    pub x: i32,
    /// Base line.
    pub y: i32,
    /// What it says, not yet made safe for the format.
    pub text: &'a str,
}

/// A symbol that the legend explains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Symbol {
    /// Left.
    pub x: i32,
    /// Top.
    pub y: i32,
    /// What it stands for.
    pub kind: BoxKind,
}

/// Width and height of a symbol in the legend.
pub const SYMBOL: i32 = 15;

/// Fill, line, and dashes of a kind of box.
fn kind_look(kind: BoxKind) -> (&'static str, &'static str, &'static str) {
    match kind {
        BoxKind::Unplaced => ("#ffffff", "#8c1d1d", "2 4"),
        BoxKind::Unjoined => ("#f6f6f0", "#6a6a50", "6 3"),
        BoxKind::Systems => ("#f3faf3", "#2f6b3a", ""),
        BoxKind::Band => ("#fafafa", "#999999", ""),
        BoxKind::Zone => ("#fcfcfc", "#54708a", ""),
        BoxKind::OffPage => ("#ffffff", "#54708a", "3 2"),
        BoxKind::Title | BoxKind::Legend | BoxKind::List => ("#ffffff", "#222222", ""),
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
#[must_use]
pub fn look(s: &Shape) -> Look {
    let (fill, stroke, dash) = kind_look(s.kind);
    let fill = match (s.kind, s.zone) {
        (BoxKind::Zone | BoxKind::Node(NodeKind::Segment), Some(zone)) => zone_fill(zone),
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
    let on_site =
        s.grade == Some(Grade::OnSite) && matches!(s.kind, BoxKind::Node(NodeKind::Point(_)));
    let thick = if on_site || matches!(s.kind, BoxKind::Group(_)) {
        2
    } else {
        1
    };
    if let Some(change) = s.change {
        let (fill, stroke, dash) = change_look(change);
        let thick = 3;
        return Look {
            fill,
            stroke,
            dash,
            thick,
        };
    }
    Look {
        fill,
        stroke,
        dash,
        thick,
    }
}

/// How the legend draws a kind.
#[must_use]
pub fn symbol_look(kind: BoxKind) -> Look {
    let (fill, stroke, dash) = kind_look(kind);
    Look {
        fill,
        stroke,
        dash,
        thick: 1,
    }
}

/// What changed between two dates: each with an outline of its own, for prints without colour.
fn change_look(change: Change) -> (&'static str, &'static str, &'static str) {
    match change {
        Change::Added => ("#dff5e1", "#176b2c", ""),
        Change::Removed => ("#f7dede", "#9b1c1c", "2 3"),
        Change::Changed => ("#fff1d6", "#9a5b00", "7 3"),
    }
}

/// How a line is drawn; it has no fill.
#[must_use]
pub fn line_look(line: &Line) -> Look {
    let (stroke, dash, thick) = match (line.change, line.kind) {
        (Some(change), _) => {
            let (_, stroke, dash) = change_look(change);
            (stroke, dash, 3)
        }
        (None, LineKind::Link) => (LINE_STROKE, line_dash(line), 1),
        (None, LineKind::External) => ("#a02810", line_dash(line), 2),
        (None, LineKind::Flow) => ("#1f5fa8", "1 3", 1),
        (None, LineKind::Talk) => {
            let dash = if line.inferred { "6 3" } else { "" };
            ("#7a1fa0", dash, i32::from(line.weight).max(1))
        }
    };
    Look {
        fill: "none",
        stroke,
        dash,
        thick,
    }
}

/// Whether a line has a head.
#[must_use]
pub fn pointed(line: &Line) -> bool {
    matches!(line.kind, LineKind::Flow | LineKind::Talk)
}

/// How much of a line hides what is below it, in percent: what lies over boxes lets their text through.
#[must_use]
pub fn cover(line: &Line) -> u8 {
    match line.kind {
        LineKind::Talk => 55,
        _ => 100,
    }
}

/// Lines below the boxes of a page, or those over everything.
pub fn lines(page: &Page, over: bool) -> impl Iterator<Item = &Line> {
    let own = move |it: &&Line| (it.kind == LineKind::Talk) == over;
    page.lines.iter().filter(own)
}

/// The head of a flow's arrow: three corners, the tip first; other lines have none.
#[must_use]
pub fn arrow(line: &Line) -> Option<[(f64, f64); 3]> {
    if !pointed(line) {
        return None;
    }
    let [.., (ax, ay), (bx, by)] = *line.points.as_slice() else {
        return None;
    };
    let (tip, from) = (
        (f64::from(bx), f64::from(by)),
        (f64::from(ax), f64::from(ay)),
    );
    let (dx, dy) = (tip.0 - from.0, tip.1 - from.1);
    let length = dx.hypot(dy);
    if length == 0.0 {
        return None;
    }
    let (dx, dy) = (dx / length, dy / length);
    let back = (tip.0 - 7.0 * dx, tip.1 - 7.0 * dy);
    Some([
        tip,
        (back.0 - 3.0 * dy, back.1 + 3.0 * dx),
        (back.0 + 3.0 * dy, back.1 - 3.0 * dx),
    ])
}

/// Strokes by which a zone, or a change, is told without colour, as the path of an SVG in the units of
/// the page; empty: none. They stand in a strip of [`STRIP`] units at the right edge.
#[must_use]
pub fn hatch(s: &Shape) -> String {
    let zoned = matches!(s.kind, BoxKind::Zone | BoxKind::Node(NodeKind::Segment));
    if let Some(change) = s.change {
        return change_mark(s, change);
    }
    let Some(zone) = s.zone.filter(|_| zoned && s.h > 2 * STRIP) else {
        return String::new();
    };
    let (l, r) = (s.x + s.w - STRIP, s.x + s.w - 1);
    let (t, b) = (s.y + 2, s.y + s.h - 2);
    let mut out = String::new();
    match zone {
        ZoneKind::His => bar(&mut out, l + 1, (t, b)),
        ZoneKind::Information => {
            bar(&mut out, l, (t, b));
            bar(&mut out, r - 1, (t, b));
        }
        ZoneKind::Department => rungs(&mut out, (l, r), (t, b), (6, 0, 0)),
        ZoneKind::MedicalDevice => rungs(&mut out, (l, r), (t, b), (6, 5, 0)),
        ZoneKind::Guest => rungs(&mut out, (l, r), (t, b), (6, 0, 5)),
        ZoneKind::Dmz => {
            rungs(&mut out, (l, r), (t, b), (6, 5, 0));
            rungs(&mut out, (l, r), (t, b), (6, 0, 5));
        }
        ZoneKind::Management => {
            bar(&mut out, l + 2, (t, b));
            rungs(&mut out, (l, r), (t, b), (12, 0, 0));
        }
        ZoneKind::Unknown => {}
    }
    out
}

/// Width of the strip at the right edge.
pub const STRIP: i32 = 6;

/// An upright line.
fn bar(out: &mut String, x: i32, (t, b): (i32, i32)) {
    // Writing into a text cannot fail.
    let _ = write!(out, "M{x} {t}V{b}");
}

/// Short strokes one below the other: their distance, and how far down their ends stand.
fn rungs(
    out: &mut String,
    (l, r): (i32, i32),
    (t, b): (i32, i32),
    (step, left, right): (i32, i32, i32),
) {
    let mut y = t;
    while y + left.max(right) <= b {
        let _ = write!(out, "M{l} {}L{r} {}", y + left, y + right);
        y += step;
    }
}

/// A plus, a cross or a triangle in the upper right corner.
fn change_mark(s: &Shape, change: Change) -> String {
    let (x, y) = (s.x + s.w - 14, s.y + 4);
    match change {
        Change::Added => format!("M{} {y}v10M{x} {}h10", x + 5, y + 5),
        Change::Removed => format!("M{x} {y}l10 10M{} {y}l-10 10", x + 10),
        Change::Changed => format!("M{} {y}l5 10h-10z", x + 5),
    }
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

/// Our own icons, in a box of 16 by 16, as the path of an SVG; empty: none.
#[must_use]
pub fn icon(kind: BoxKind) -> &'static str {
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

/// Where the icon's box stands.
#[must_use]
pub fn icon_at(s: &Shape) -> (i32, i32) {
    (s.x + 5, s.y + 6)
}

/// The texts of a box; empty lines keep their room.
pub fn texts(s: &Shape) -> impl Iterator<Item = Text<'_>> {
    let x = if s.kind == BoxKind::Legend {
        s.x + 30
    } else if icon(s.kind).is_empty() {
        s.x + 8
    } else {
        s.x + 26
    };
    let lines = (0..).zip(&s.lines).filter(|(_, text)| !text.is_empty());
    let y = s.y + 18;
    lines.map(move |(n, text)| Text {
        x,
        y: y + LINE * n,
        text,
    })
}

/// The symbols beside the lines of the legend.
pub fn symbols(s: &Shape) -> impl Iterator<Item = Symbol> {
    let (x, y) = (s.x + 8, s.y + LINE + 5);
    (0..).zip(&s.explains).map(move |(n, kind)| Symbol {
        x,
        y: y + LINE * n,
        kind: *kind,
    })
}

/// Lengths of the dashes of a line; empty: solid.
#[must_use]
pub fn line_dash(line: &Line) -> &'static str {
    if line.inferred {
        "6 3"
    } else if line.entered {
        "2 3"
    } else {
        ""
    }
}

/// Colour of lines.
pub const LINE_STROKE: &str = "#333333";
/// Colour of texts beside lines.
pub const LABEL: &str = "#7a4a00";
/// Ground of the text beside a line: what runs below it does not strike it through.
pub const GROUND: &str = "#ffffff";
