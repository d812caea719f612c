//! Faults of a geometry. Comes in: a geometry; goes out: a list of problems. It never repairs.

use super::super::text::width;
use super::{BoxKind, Geometry, Page, Shape};

/// A fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// Two boxes overlap.
    Overlap(String, String),
    /// A line runs through a box that is not its end.
    Through(String, String),
    /// Two lines run on the same stretch.
    Shared(String, String),
    /// A text is wider than its box.
    Wide(String),
    /// A box or a line leaves the sheet.
    Outside(String),
}

fn overlap(a: &Shape, b: &Shape) -> bool {
    a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h
}

/// Lists the faults.
#[must_use]
pub fn verify(geometry: &Geometry) -> Vec<Problem> {
    geometry.pages.iter().flat_map(sheet).collect()
}

fn sheet(geometry: &Page) -> Vec<Problem> {
    let mut out = Vec::new();
    let solid: Vec<&Shape> = geometry
        .shapes
        .iter()
        .filter(|s| s.kind != BoxKind::Band)
        .collect();
    for (n, a) in solid.iter().enumerate() {
        if a.x < 0 || a.y < 0 || a.x + a.w > geometry.width || a.y + a.h > geometry.height {
            out.push(Problem::Outside(a.id.clone()));
        }
        if a.lines.iter().any(|l| width(l) * 6 > a.w - 8) {
            out.push(Problem::Wide(a.id.clone()));
        }
        for b in solid.iter().skip(n + 1) {
            let nested = a.parent.as_ref() == Some(&b.id) || b.parent.as_ref() == Some(&a.id);
            if !nested && overlap(a, b) {
                out.push(Problem::Overlap(a.id.clone(), b.id.clone()));
            }
        }
    }
    for line in &geometry.lines {
        for ((x1, y1), (x2, y2)) in line.points.iter().zip(line.points.iter().skip(1)) {
            for s in &solid {
                let (l, r) = (*x1.min(x2), *x1.max(x2));
                let (t, b) = (*y1.min(y2), *y1.max(y2));
                let hit =
                    l < s.x + s.w && s.x < r.max(l + 1) && t < s.y + s.h && s.y < b.max(t + 1);
                if hit && s.id != line.from && s.id != line.to {
                    out.push(Problem::Through(line.from.clone(), s.id.clone()));
                }
            }
        }
    }
    shared(geometry, &mut out);
    out
}

fn shared(geometry: &Page, out: &mut Vec<Problem>) {
    // (upright, position, start, end, line)
    let mut pieces = Vec::new();
    for (n, line) in geometry.lines.iter().enumerate() {
        for ((x1, y1), (x2, y2)) in line.points.iter().zip(line.points.iter().skip(1)) {
            if x1 == x2 {
                pieces.push((true, *x1, *y1.min(y2), *y1.max(y2), n));
            } else {
                pieces.push((false, *y1, *x1.min(x2), *x1.max(x2), n));
            }
        }
    }
    pieces.sort_unstable();
    for (a, b) in pieces.iter().zip(pieces.iter().skip(1)) {
        if a.0 == b.0 && a.1 == b.1 && b.2 < a.3 && a.4 != b.4 {
            let name = |n: usize| {
                geometry
                    .lines
                    .get(n)
                    .map_or(String::new(), |l| l.from.clone())
            };
            out.push(Problem::Shared(name(a.4), name(b.4)));
        }
    }
}
