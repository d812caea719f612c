//! Connectors. Comes in: a line with its corners; goes out: PowerPoint's own connector of the same
//! course, held by both boxes at a point of their own. It never leaves the course of the line.

use std::fmt::Write as _;

use daicho_graph::layout::{Line, Page, Shape};
use daicho_graph::render::look;

use super::Scale;
use super::slide::{Ports, dash, hex};
use crate::xml::name;

/// Points at which every rectangle can be held: the middles of its sides.
const SIDES: usize = 4;
/// PowerPoint keeps the courses of connectors as hundred-thousandths of their height or width.
const WHOLE: f64 = 100_000.0;

/// Where lines end at each box, each place once.
pub(super) fn ports(page: &Page) -> Ports<'_> {
    let mut out = Ports::new();
    for line in &page.lines {
        let ends = [
            (&line.from, line.points.first()),
            (&line.to, line.points.last()),
        ];
        for (id, at) in ends {
            let Some(at) = at else { continue };
            let places = out.entry(id.as_str()).or_default();
            if !places.contains(at) {
                places.push(*at);
            }
        }
    }
    out
}

/// The outline of a box, with its points to hold it at.
pub(super) fn rectangle(shape: &Shape, ports: Option<&Vec<(i32, i32)>>) -> String {
    let (w, h) = (shape.w.max(1), shape.h.max(1));
    let Some(ports) = ports.filter(|it| !it.is_empty()) else {
        return "<a:prstGeom prst=\"rect\"><a:avLst/></a:prstGeom>".to_owned();
    };
    let sides = [(w / 2, 0), (0, h / 2), (w / 2, h), (w, h / 2)];
    let own = ports.iter().map(|(x, y)| (x - shape.x, y - shape.y));
    let (mut guides, mut sites) = (String::new(), String::new());
    for (n, (x, y)) in sides.into_iter().chain(own).enumerate() {
        let (x, y) = (x.clamp(0, w), y.clamp(0, h));
        let _ = write!(
            guides,
            "<a:gd name=\"x{n}\" fmla=\"*/ {x} w {w}\"/><a:gd name=\"y{n}\" fmla=\"*/ {y} h {h}\"/>"
        );
        let angle = match (x, y) {
            (_, 0) => 16_200_000,
            (0, _) => 10_800_000,
            (_, y) if y == h => 5_400_000,
            _ => 0,
        };
        let _ = write!(
            sites,
            "<a:cxn ang=\"{angle}\"><a:pos x=\"x{n}\" y=\"y{n}\"/></a:cxn>"
        );
    }
    format!(
        "<a:custGeom><a:avLst/><a:gdLst>{guides}</a:gdLst><a:ahLst/><a:cxnLst>{sites}</a:cxnLst><a:rect l=\"l\" t=\"t\" r=\"r\" b=\"b\"/><a:pathLst><a:path w=\"{w}\" h=\"{h}\"><a:moveTo><a:pt x=\"0\" y=\"0\"/></a:moveTo><a:lnTo><a:pt x=\"{w}\" y=\"0\"/></a:lnTo><a:lnTo><a:pt x=\"{w}\" y=\"{h}\"/></a:lnTo><a:lnTo><a:pt x=\"0\" y=\"{h}\"/></a:lnTo><a:close/></a:path></a:pathLst></a:custGeom>"
    )
}

/// Writes a line: its two numbers, and the numbers and names of its ends that are on the page.
///
/// LibreOffice takes every connector along a course of its own, through other boxes. So a line is written
/// twice, of which each program reads one: a connector for those that know what only PowerPoint 2016 and
/// later know (the name space of its newer charts), and a plain line of the same course for all others.
pub(super) fn write(
    out: &mut String,
    line: &Line,
    (number, other, ends): (usize, usize, [Option<(usize, &str)>; 2]),
    ports: &Ports<'_>,
    scale: Scale,
) {
    let held = |end: Option<(usize, &str)>, at: Option<&(i32, i32)>, tag: &str| {
        let Some(((number, id), at)) = end.zip(at) else {
            return String::new();
        };
        let place = ports
            .get(id)
            .and_then(|all| all.iter().position(|it| it == at));
        let site = place.map_or(0, |n| SIDES + n);
        format!("<a:{tag} id=\"{number}\" idx=\"{site}\"/>")
    };
    let [from, to] = ends;
    let from = held(from, line.points.first(), "stCxn");
    let to = held(to, line.points.last(), "endCxn");
    let it = look::line_look(line);
    let width = scale.length(f64::from(it.thick)).max(3175);
    let arrow = match look::pointed(line) {
        true => "<a:tailEnd type=\"triangle\"/>",
        false => "",
    };
    let title = format!("{} – {}", line.from, line.to);
    let points: Vec<(i64, i64)> = straightened(&line.points)
        .into_iter()
        .map(|(x, y)| (scale.x(x), scale.y(y)))
        .collect();
    let Some(course) = course(&points) else {
        return;
    };
    let alpha = match look::cover(line) {
        100 => String::new(),
        cover => format!("<a:alpha val=\"{cover}000\"/>"),
    };
    let look = format!(
        "<a:ln w=\"{width}\"><a:solidFill><a:srgbClr val=\"{}\">{alpha}</a:srgbClr></a:solidFill>{}{arrow}</a:ln>",
        hex(it.stroke),
        dash(it.dash)
    );
    let (title, free) = (name(&title), free(&points));
    let _ = write!(
        out,
        "<mc:AlternateContent><mc:Choice Requires=\"cx1\"><p:cxnSp><p:nvCxnSpPr><p:cNvPr id=\"{number}\" name=\"{title}\"/><p:cNvCxnSpPr>{from}{to}</p:cNvCxnSpPr><p:nvPr/></p:nvCxnSpPr><p:spPr>{course}{look}</p:spPr></p:cxnSp></mc:Choice>"
    );
    let _ = writeln!(
        out,
        "<mc:Fallback><p:sp><p:nvSpPr><p:cNvPr id=\"{other}\" name=\"{title}\"/><p:cNvSpPr/><p:nvPr/></p:nvSpPr><p:spPr>{free}<a:noFill/>{look}</p:spPr></p:sp></mc:Fallback></mc:AlternateContent>"
    );
}

/// The corners without those that no line turns at.
fn straightened(points: &[(i32, i32)]) -> Vec<(i32, i32)> {
    let mut out: Vec<(i32, i32)> = Vec::with_capacity(points.len());
    for at in points {
        if out.last() == Some(at) {
            continue;
        }
        while let [.., a, b] = out.as_slice() {
            let straight = (a.0 == b.0 && b.0 == at.0) || (a.1 == b.1 && b.1 == at.1);
            if !straight {
                break;
            }
            out.pop();
        }
        out.push(*at);
    }
    if out.len() == 1 {
        out.extend(points.last().copied());
    }
    out
}

/// Place and shape of a connector.
fn course(points: &[(i64, i64)]) -> Option<String> {
    let (first, last) = (*points.first()?, *points.last()?);
    if points.len() == 2 {
        return Some(framed("straightConnector1", "", first, last, false));
    }
    bent(points, first, last).or_else(|| Some(free(points)))
}

/// A connector with right angles: PowerPoint knows those of two to five pieces.
fn bent(points: &[(i64, i64)], first: (i64, i64), last: (i64, i64)) -> Option<String> {
    let pieces = points.len() - 1;
    let upright = points.first()?.0 == points.get(1)?.0;
    let right_angled = points.windows(2).enumerate().all(|(n, it)| match it {
        [a, b] if (n % 2 == 0) == upright => a.0 == b.0,
        [a, b] => a.1 == b.1,
        _ => false,
    });
    if !(2..=5).contains(&pieces) || !right_angled {
        return None;
    }
    // Along the first piece, and across it.
    let turned = |p: (i64, i64)| if upright { (p.1, p.0) } else { p };
    let (start, end) = (turned(first), turned(last));
    let part = |at: i64, from: i64, to: i64| {
        let whole = to - from;
        let value = (at - from) as f64 / whole as f64 * WHOLE;
        (whole != 0 && value.abs() < 2e9).then_some(value.round() as i64)
    };
    let mut adjust = String::new();
    for n in 1..pieces.saturating_sub(1) {
        let at = turned(*points.get(n)?);
        let value = if n % 2 == 1 {
            part(at.0, start.0, end.0)?
        } else {
            part(turned(*points.get(n + 1)?).1, start.1, end.1)?
        };
        let _ = write!(adjust, "<a:gd name=\"adj{n}\" fmla=\"val {value}\"/>");
    }
    let preset = format!("bentConnector{pieces}");
    Some(framed(&preset, &adjust, first, last, upright))
}

/// The frame of a connector from corner to corner; an upright one is turned by a right angle.
fn framed(
    preset: &str,
    adjust: &str,
    first: (i64, i64),
    last: (i64, i64),
    upright: bool,
) -> String {
    let (dx, dy) = (last.0 - first.0, last.1 - first.1);
    let (left, top) = (first.0.min(last.0), first.1.min(last.1));
    let (w, h) = (dx.abs(), dy.abs());
    let (turn, back, over, (x, y, w, h)) = if upright {
        // Turned about its middle: along the frame is down the sheet, across it is to the left.
        let (x, y) = (left + (w - h) / 2, top + (h - w) / 2);
        (" rot=\"5400000\"", dy < 0, dx > 0, (x, y, h, w))
    } else {
        ("", dx < 0, dy < 0, (left, top, w, h))
    };
    let flag = |on: bool, text: &'static str| if on { text } else { "" };
    format!(
        "<a:xfrm{turn}{}{}><a:off x=\"{x}\" y=\"{y}\"/><a:ext cx=\"{w}\" cy=\"{h}\"/></a:xfrm><a:prstGeom prst=\"{preset}\"><a:avLst>{adjust}</a:avLst></a:prstGeom>",
        flag(back, " flipH=\"1\""),
        flag(over, " flipV=\"1\"")
    )
}

/// A course that PowerPoint has no connector for.
fn free(points: &[(i64, i64)]) -> String {
    let low = |pick: fn(&(i64, i64)) -> i64| points.iter().map(pick).min().unwrap_or_default();
    let high = |pick: fn(&(i64, i64)) -> i64| points.iter().map(pick).max().unwrap_or_default();
    let (x, y) = (low(|p| p.0), low(|p| p.1));
    let (w, h) = (high(|p| p.0) - x, high(|p| p.1) - y);
    let mut steps = String::new();
    for (n, p) in points.iter().enumerate() {
        let tag = if n == 0 { "moveTo" } else { "lnTo" };
        let _ = write!(
            steps,
            "<a:{tag}><a:pt x=\"{}\" y=\"{}\"/></a:{tag}>",
            p.0 - x,
            p.1 - y
        );
    }
    format!(
        "<a:xfrm><a:off x=\"{x}\" y=\"{y}\"/><a:ext cx=\"{w}\" cy=\"{h}\"/></a:xfrm><a:custGeom><a:avLst/><a:gdLst/><a:ahLst/><a:cxnLst/><a:rect l=\"0\" t=\"0\" r=\"r\" b=\"b\"/><a:pathLst><a:path w=\"{w}\" h=\"{h}\" fill=\"none\">{steps}</a:path></a:pathLst></a:custGeom>"
    )
}
