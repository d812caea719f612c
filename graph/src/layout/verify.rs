//! Faults of a geometry. Comes in: a geometry; goes out: a list of problems. It never repairs.

use std::collections::{BTreeMap, BTreeSet};

use super::super::text::width;
use super::{BoxKind, FONT, Geometry, LINE, Line, LineKind, Page, Shape};

/// A fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// Two boxes overlap.
    Overlap(String, String),
    /// A box leaves the box around it.
    Escapes(String),
    /// A line runs through a box that is not its end.
    Through(String, String),
    /// Two lines that share no end run on the same stretch.
    Shared(String, String),
    /// A text is wider or higher than its box.
    Wide(String),
    /// A text beside a line meets a box or another text.
    Covered(String),
    /// A box or a line leaves the page.
    Outside(String),
    /// A line has no way, a slanting stretch, or does not begin and end at its boxes.
    Unrouted(String, String),
    /// A name is borne twice or by nobody.
    Name(String),
    /// The text of a page is smaller than 6 points on its paper.
    Small(u32),
}

/// Start, end and line of a stretch.
type Stretch = (i32, i32, usize);
/// Left, top, right, bottom.
type Area = (i32, i32, i32, i32);

fn meet(a: Area, b: Area) -> bool {
    a.0 < b.2 && b.0 < a.2 && a.1 < b.3 && b.1 < a.3
}

fn area(s: &Shape) -> Area {
    (s.x, s.y, s.x + s.w, s.y + s.h)
}

/// A page with its boxes by name.
struct Sheet<'a> {
    page: &'a Page,
    by_id: BTreeMap<&'a str, &'a Shape>,
    holders: BTreeSet<&'a str>,
}

impl<'a> Sheet<'a> {
    /// Whether `outer` is the box or one around it.
    fn within(&self, inner: &'a Shape, outer: &str) -> bool {
        let mut at = Some(inner);
        for _ in 0..8 {
            let Some(s) = at else { return false };
            if s.id == outer {
                return true;
            }
            at = s.parent.as_deref().and_then(|p| self.by_id.get(p)).copied();
        }
        false
    }
}

/// Lists the faults.
#[must_use]
pub fn verify(geometry: &Geometry) -> Vec<Problem> {
    geometry.pages.iter().flat_map(sheet).collect()
}

fn sheet(page: &Page) -> Vec<Problem> {
    let mut out = Vec::new();
    let by_id: BTreeMap<&str, &Shape> = page.shapes.iter().map(|s| (s.id.as_str(), s)).collect();
    if by_id.len() != page.shapes.len() {
        out.push(Problem::Name(page.name.clone()));
    }
    let parents = page.shapes.iter().filter_map(|s| s.parent.as_deref());
    let sheet = Sheet {
        page,
        holders: parents.collect(),
        by_id,
    };
    if page.font_pt() < 6.0 {
        out.push(Problem::Small(page.number));
    }
    boxes(&sheet, &mut out);
    for line in &page.lines {
        route(&sheet, line, &mut out);
    }
    labels(&sheet, &mut out);
    shared(page, &mut out);
    out
}

fn boxes(sheet: &Sheet<'_>, out: &mut Vec<Problem>) {
    let shapes = &sheet.page.shapes;
    for (n, a) in shapes.iter().enumerate() {
        if a.x < 0 || a.y < 0 || a.x + a.w > sheet.page.width || a.y + a.h > sheet.page.height {
            out.push(Problem::Outside(a.id.clone()));
        }
        let text = i32::try_from(a.lines.len()).unwrap_or(0) * LINE;
        let wide = |l: &String| width(l) * FONT / 2 > a.w - 8;
        if a.lines.iter().any(wide) || text > a.h {
            out.push(Problem::Wide(a.id.clone()));
        }
        match a.parent.as_deref().map(|p| sheet.by_id.get(p)) {
            Some(None) => out.push(Problem::Name(a.id.clone())),
            Some(Some(p)) => {
                let (i, o) = (area(a), area(p));
                if i.0 < o.0 || i.1 < o.1 || i.2 > o.2 || i.3 > o.3 {
                    out.push(Problem::Escapes(a.id.clone()));
                }
            }
            None => {}
        }
        for b in shapes.iter().skip(n + 1) {
            if meet(area(a), area(b)) && !sheet.within(a, &b.id) && !sheet.within(b, &a.id) {
                out.push(Problem::Overlap(a.id.clone(), b.id.clone()));
            }
        }
    }
}

fn route(sheet: &Sheet<'_>, line: &Line, out: &mut Vec<Problem>) {
    let ends = (
        sheet.by_id.get(line.from.as_str()),
        sheet.by_id.get(line.to.as_str()),
    );
    let (Some(from), Some(to)) = ends else {
        out.push(Problem::Name(line.from.clone()));
        return;
    };
    let on = |s: &Shape, p: Option<&(i32, i32)>| {
        let (l, t, r, b) = area(s);
        p.is_some_and(|(x, y)| {
            let inside = *x >= l && *x <= r && *y >= t && *y <= b;
            inside && (*x == l || *x == r || *y == t || *y == b)
        })
    };
    let slanting = line
        .points
        .windows(2)
        .any(|p| p[0].0 != p[1].0 && p[0].1 != p[1].1);
    let over = line.kind == LineKind::Talk;
    if line.points.len() < 2
        || (slanting && !over)
        || !on(from, line.points.first())
        || !on(to, line.points.last())
    {
        out.push(Problem::Unrouted(line.from.clone(), line.to.clone()));
    }
    for p in line.points.windows(2) {
        let (l, r) = (p[0].0.min(p[1].0), p[0].0.max(p[1].0));
        let (t, b) = (p[0].1.min(p[1].1), p[0].1.max(p[1].1));
        if l < 0 || t < 0 || r > sheet.page.width || b > sheet.page.height {
            out.push(Problem::Outside(line.from.clone()));
        }
        for s in &sheet.page.shapes {
            // The inside of a box begins a unit behind its border.
            let inner = (s.x + 1, s.y + 1, s.x + s.w - 1, s.y + s.h - 1);
            let hit = !over && meet((l, t, r + 1, b + 1), inner);
            if hit && !sheet.within(from, &s.id) && !sheet.within(to, &s.id) {
                out.push(Problem::Through(line.from.clone(), s.id.clone()));
            }
        }
    }
}

fn labels(sheet: &Sheet<'_>, out: &mut Vec<Problem>) {
    let mut areas: Vec<(Area, &str)> = Vec::new();
    for line in &sheet.page.lines {
        for l in &line.labels {
            let own = (l.x, l.y, l.x + l.w, l.y + l.h);
            let held =
                |s: &&Shape| !sheet.holders.contains(s.id.as_str()) && s.kind != BoxKind::Band;
            let boxes = sheet
                .page
                .shapes
                .iter()
                .filter(held)
                .any(|s| meet(area(s), own));
            if boxes || areas.iter().any(|(a, _)| meet(*a, own)) {
                out.push(Problem::Covered(l.text.clone()));
            }
            areas.push((own, &l.text));
        }
    }
}

fn shared(page: &Page, out: &mut Vec<Problem>) {
    // By whether upright, and where.
    let mut pieces: BTreeMap<(bool, i32), Vec<Stretch>> = BTreeMap::new();
    let base = |(_, line): &(usize, &Line)| line.kind != LineKind::Talk;
    for (n, line) in page.lines.iter().enumerate().filter(base) {
        for p in line.points.windows(2) {
            let ((x1, y1), (x2, y2)) = (p[0], p[1]);
            let (key, piece) = if x1 == x2 {
                ((true, x1), (y1.min(y2), y1.max(y2), n))
            } else {
                ((false, y1), (x1.min(x2), x1.max(x2), n))
            };
            pieces.entry(key).or_default().push(piece);
        }
    }
    let ends = |n: usize| [page.lines[n].from.as_str(), page.lines[n].to.as_str()];
    for all in pieces.values() {
        for (n, a) in all.iter().enumerate() {
            for b in all.iter().skip(n + 1) {
                let akin = ends(a.2).iter().any(|e| ends(b.2).contains(e));
                if a.0 < b.1 && b.0 < a.1 && !akin {
                    out.push(Problem::Shared(
                        page.lines[a.2].from.clone(),
                        page.lines[b.2].from.clone(),
                    ));
                }
            }
        }
    }
}
