//! What is to be placed, free of what it means. Comes in: groups, boxes of known size, lines between
//! them; goes out: where each stands. It never asks what a box is: a rank orders kinds.

use std::collections::BTreeMap;

use super::order::Wanted;

/// Measures of a sheet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style {
    /// Between boxes.
    pub(crate) gap: i32,
    /// Between a box and what is in it.
    pub(crate) pad: i32,
    /// Between lines.
    pub(crate) pitch: i32,
    /// Width of half an em of a label.
    pub(crate) half_em: i32,
    /// Height of a label.
    pub(crate) label: i32,
    /// Width to height of a sheet's content.
    pub(crate) aspect: f64,
}

/// A zone of a band, or a segment inside a zone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Group {
    /// Stable name.
    pub(crate) id: String,
    /// The zone around a segment.
    pub(crate) parent: Option<usize>,
    /// Band of a zone, 0 to 3, from the top.
    pub(crate) band: usize,
    /// Least width: that of its text.
    pub(crate) w: i32,
    /// Height of its text.
    pub(crate) head: i32,
}

/// A box.
#[derive(Debug, Clone, Default)]
pub(crate) struct Piece {
    /// Where it stands.
    pub(crate) group: usize,
    /// Order of kinds.
    pub(crate) rank: u32,
    /// Whether it is a switch over the others of its segment.
    pub(crate) hub: bool,
    /// Whether it may stand in the second row of the core.
    pub(crate) inner: bool,
    /// Width.
    pub(crate) w: i32,
    /// Height.
    pub(crate) h: i32,
}

/// The end of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum End {
    /// A box.
    Piece(usize),
    /// A segment as a whole.
    Group(usize),
}

/// A line.
#[derive(Debug, Clone)]
pub(crate) struct Wire {
    /// One end.
    pub(crate) from: End,
    /// The other.
    pub(crate) to: End,
    /// What is written beside it.
    pub(crate) label: String,
}

/// Everything to place; each list in a stable order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sketch {
    /// Zones before their segments.
    pub(crate) groups: Vec<Group>,
    /// Boxes.
    pub(crate) pieces: Vec<Piece>,
    /// Lines.
    pub(crate) wires: Vec<Wire>,
    /// What people want of boxes of the upper bands: places are counted in the band.
    pub(crate) wanted: Wanted,
}

/// A place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Rect {
    /// Left.
    pub(crate) x: i32,
    /// Top.
    pub(crate) y: i32,
    /// Width.
    pub(crate) w: i32,
    /// Height.
    pub(crate) h: i32,
}

impl Rect {
    /// The same elsewhere.
    pub(crate) fn at(self, dx: i32, dy: i32) -> Self {
        Self {
            x: self.x + dx,
            y: self.y + dy,
            ..self
        }
    }

    /// Right end.
    pub(crate) fn right(self) -> i32 {
        self.x + self.w
    }

    /// Lower end.
    pub(crate) fn bottom(self) -> i32 {
        self.y + self.h
    }
}

/// A corner of a line.
pub(crate) type Point = (i32, i32);

/// Where everything stands.
#[derive(Debug, Clone, Default)]
pub(crate) struct Placed {
    /// Width.
    pub(crate) w: i32,
    /// Height.
    pub(crate) h: i32,
    /// Boxes.
    pub(crate) pieces: BTreeMap<usize, Rect>,
    /// Zones and segments.
    pub(crate) groups: BTreeMap<usize, Rect>,
    /// Lines, from their first end to the second.
    pub(crate) wires: BTreeMap<usize, Vec<Point>>,
    /// Texts beside lines.
    pub(crate) labels: Vec<(usize, Rect)>,
}

impl Placed {
    /// Takes in what was placed apart, moved.
    pub(crate) fn take(&mut self, other: &Self, dx: i32, dy: i32) {
        let moved = other.pieces.iter().map(|(n, r)| (*n, r.at(dx, dy)));
        self.pieces.extend(moved);
        let moved = other.groups.iter().map(|(n, r)| (*n, r.at(dx, dy)));
        self.groups.extend(moved);
        for (n, points) in &other.wires {
            let moved = points.iter().map(|(x, y)| (x + dx, y + dy));
            self.wires.insert(*n, moved.collect());
        }
    }
}

/// Takes points away that lie on a straight line between their neighbours.
pub(crate) fn straight(points: &[Point]) -> Vec<Point> {
    let mut out: Vec<Point> = Vec::new();
    for point in points {
        if out.last() == Some(point) {
            continue;
        }
        if let [.., a, b] = out.as_slice() {
            let upright = a.0 == b.0 && b.0 == point.0;
            let level = a.1 == b.1 && b.1 == point.1;
            if upright || level {
                out.pop();
            }
        }
        out.push(*point);
    }
    out
}
