//! What stands inside a zone. Comes in: segments with their boxes; goes out: cells that know how a
//! line from above reaches what is in them. It never lets a line cross a box: lines run in the gaps
//! between shelves and in a corridor at the left.

use std::collections::{BTreeMap, BTreeSet};

use super::grid::{MANY, grid, tops};
use super::sketch::{End, Placed, Point, Sketch, Style, straight};

/// Something placed by itself, with the ways into it. A trunk is everything that comes from one box
/// above, so it is known by that box.
#[derive(Debug, Clone, Default)]
pub(super) struct Cell {
    /// What is in it, and its size.
    pub(super) placed: Placed,
    /// Where a trunk enters at the top.
    pub(super) entries: BTreeMap<usize, i32>,
    /// How each line goes on from there.
    pub(super) tails: BTreeMap<usize, Vec<Point>>,
    /// The trunk of each of these lines.
    pub(super) trunk_of: BTreeMap<usize, usize>,
}

/// Lines by the trunk they belong to, for each end inside.
pub(super) type Inward = BTreeMap<End, Vec<(usize, usize)>>;

/// The switch, if any, over a grid of boxes that it reaches by a bus.
fn block(
    sketch: &Sketch,
    style: &Style,
    hub: Option<usize>,
    members: &[usize],
    inward: &Inward,
    bus: &BTreeMap<usize, usize>,
) -> Cell {
    let size = |n: usize| (sketch.pieces[n].w, sketch.pieces[n].h);
    let widest = members.iter().map(|n| size(*n).0).max().unwrap_or(0);
    let tallest = members.iter().map(|n| size(*n).1).max().unwrap_or(0);
    let rail = if hub.is_some() { style.pitch + 2 } else { 0 };
    let (cw, ch) = (widest + style.gap * 2 / 3 + rail, tallest + style.gap / 2);
    let count = i32::try_from(members.len()).unwrap_or(i32::MAX / 4096);
    let (columns, rows) = grid(count, (cw, ch));
    let mut out = Cell::default();
    if count >= MANY {
        out.placed.w = rail + columns * cw - (cw - widest);
    }
    let mut top = 0;
    if let Some(hub) = hub {
        let (w, h) = size(hub);
        let at = super::sketch::Rect { x: 0, y: 0, w, h };
        out.placed.pieces.insert(hub, at);
        top = h + style.gap;
        let trunks = inward.get(&End::Piece(hub));
        for (wire, trunk) in trunks.into_iter().flatten() {
            let k = i32::try_from(out.entries.len()).unwrap_or(0);
            let x = *out.entries.entry(*trunk).or_insert(8 + k * style.pitch);
            out.tails.insert(*wire, vec![(x, 0)]);
            out.trunk_of.insert(*wire, *trunk);
        }
        out.placed.w = out.placed.w.max(w);
        out.placed.h = h;
    }
    let heights: Vec<i32> = members.iter().map(|n| size(*n).1).collect();
    let tops = tops(top, &heights, (columns, rows), style.gap / 2);
    if count >= MANY {
        out.placed.h = tops.last().copied().unwrap_or(top) - style.gap / 2;
    }
    for (k, n) in (0_i32..).zip(members) {
        let (w, h) = size(*n);
        let down = usize::try_from(k / columns).unwrap_or(0);
        let (x, y) = (rail + k % columns * cw, tops[down]);
        let at = super::sketch::Rect { x, y, w, h };
        out.placed.pieces.insert(*n, at);
        out.placed.w = out.placed.w.max(at.right());
        out.placed.h = out.placed.h.max(at.bottom());
        let (Some(wire), Some(hub)) = (bus.get(n), hub) else {
            continue;
        };
        let (hw, hh) = size(hub);
        let (down, level, mid) = (x - rail + 2, hh + style.gap / 2, y + h / 2);
        let start = (hw / 2).min(out.placed.w);
        let mut line = vec![
            (start, hh),
            (start, level),
            (down, level),
            (down, mid),
            (x, mid),
        ];
        if sketch.wires[*wire].from != End::Piece(hub) {
            line.reverse();
        }
        out.placed.wires.insert(*wire, straight(&line));
    }
    out
}

/// A segment: its switches with their grids, below its text.
pub(super) fn segment(sketch: &Sketch, style: &Style, group: usize, inward: &Inward) -> Cell {
    let own: Vec<usize> = (0..sketch.pieces.len())
        .filter(|n| sketch.pieces[*n].group == group)
        .collect();
    let hubs: Vec<usize> = own
        .iter()
        .copied()
        .filter(|n| sketch.pieces[*n].hub)
        .collect();
    // Each box under the first switch that a line joins it to.
    let mut under: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
    for (n, wire) in sketch.wires.iter().enumerate() {
        for (a, b) in [(wire.from, wire.to), (wire.to, wire.from)] {
            if let (End::Piece(a), End::Piece(b)) = (a, b)
                && hubs.contains(&a)
                && !hubs.contains(&b)
                && sketch.pieces[b].group == group
            {
                under.entry(b).or_insert((a, n));
            }
        }
    }
    let mut cells = Vec::new();
    let bus: BTreeMap<usize, usize> = under.iter().map(|(n, (_, wire))| (*n, *wire)).collect();
    for hub in &hubs {
        let mine = |n: &usize| under.get(n).is_some_and(|(at, _)| at == hub);
        let members: Vec<usize> = own.iter().copied().filter(mine).collect();
        cells.push(block(sketch, style, Some(*hub), &members, inward, &bus));
    }
    let loose = |n: &usize| !hubs.contains(n) && !under.contains_key(n);
    let rest: Vec<usize> = own.iter().copied().filter(loose).collect();
    if !rest.is_empty() {
        cells.push(block(sketch, style, None, &rest, inward, &bus));
    }
    let area: f64 = cells
        .iter()
        .map(|c| f64::from(c.placed.w) * f64::from(c.placed.h))
        .sum();
    let widest = cells.iter().map(|c| c.placed.w).max().unwrap_or(0);
    let width = widest.max((area * 1.8).sqrt() as i32);
    let head = &sketch.groups[group];
    let inner = shelves(&cells, style, width, head.head);
    let mut out = Cell::default();
    let pad = style.pad;
    out.placed.take(&inner.placed, pad, 0);
    out.placed.w = inner.placed.w.max(head.w) + 2 * pad;
    out.placed.h = inner.placed.h + pad;
    for (trunk, x) in &inner.entries {
        out.entries.insert(*trunk, x + pad);
    }
    for (wire, tail) in &inner.tails {
        let moved = tail.iter().map(|(x, y)| (x + pad, *y));
        out.tails.insert(*wire, moved.collect());
    }
    out.trunk_of = inner.trunk_of;
    own_entries(sketch, style, group, inward, &mut out);
    let (w, h) = (out.placed.w, out.placed.h);
    let all = super::sketch::Rect { x: 0, y: 0, w, h };
    out.placed.groups.insert(group, all);
    out
}

/// Lines that end at the segment itself, in the middle of its upper side.
fn own_entries(sketch: &Sketch, style: &Style, group: usize, inward: &Inward, out: &mut Cell) {
    let _ = sketch;
    let Some(lines) = inward.get(&End::Group(group)) else {
        return;
    };
    let fresh: BTreeSet<usize> = lines
        .iter()
        .map(|(_, trunk)| *trunk)
        .filter(|trunk| !out.entries.contains_key(trunk))
        .collect();
    let count = i32::try_from(fresh.len()).unwrap_or(0);
    out.placed.w = out.placed.w.max((count + 2) * style.pitch);
    let first = out.placed.w / 2 - (count - 1).max(0) * style.pitch / 2;
    for (k, trunk) in (0..).zip(&fresh) {
        out.entries.insert(*trunk, first + k * style.pitch);
    }
    for (wire, trunk) in lines {
        let x = out.entries.get(trunk).copied().unwrap_or(first);
        out.tails.insert(*wire, vec![(x, 0)]);
        out.trunk_of.insert(*wire, *trunk);
    }
}

/// Where cells stand on shelves of that width: places, and the cells of each shelf.
fn pack(cells: &[Cell], width: i32, gap: i32) -> Vec<Vec<usize>> {
    let mut rows: Vec<Vec<usize>> = Vec::new();
    let mut x = 0;
    for (n, cell) in cells.iter().enumerate() {
        let w = cell.placed.w;
        match rows.last_mut() {
            Some(row) if x + w <= width => row.push(n),
            _ => {
                rows.push(vec![n]);
                x = 0;
            }
        }
        x += w + gap;
    }
    rows
}

/// The height that cells need at that width, roughly enough to compare widths.
pub(super) fn shelf_height(cells: &[Cell], style: &Style, width: i32) -> i32 {
    let rows = pack(cells, width, style.gap);
    let tall = |row: &Vec<usize>| row.iter().map(|n| cells[*n].placed.h).max().unwrap_or(0);
    rows.iter().map(|row| tall(row) + style.gap * 2).sum()
}

/// Width of cells on shelves of at most that width.
fn packed_width(cells: &[Cell], rows: &[Vec<usize>], gap: i32) -> i32 {
    let wide = |row: &Vec<usize>| row.iter().map(|n| cells[*n].placed.w + gap).sum::<i32>() - gap;
    rows.iter().map(wide).max().unwrap_or(0)
}

/// The shelves that each trunk reaches.
fn reach(cells: &[Cell], rows: &[Vec<usize>]) -> BTreeMap<usize, BTreeSet<usize>> {
    let mut out: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for (shelf, row) in rows.iter().enumerate() {
        for n in row {
            for trunk in cells[*n].entries.keys() {
                out.entry(*trunk).or_default().insert(shelf);
            }
        }
    }
    out
}

/// The corridors at the left, for trunks that reach more than the first shelf: the deepest stands
/// leftmost, so that it crosses the fewest.
fn corridors(reach: &BTreeMap<usize, BTreeSet<usize>>, pitch: i32) -> BTreeMap<usize, i32> {
    let last = reach
        .iter()
        .filter_map(|(trunk, all)| Some((*all.last()?, *trunk)));
    let mut deep: Vec<(usize, usize)> = last.filter(|(shelf, _)| *shelf > 0).collect();
    deep.sort_by_key(|(shelf, trunk)| (std::cmp::Reverse(*shelf), *trunk));
    let at = |(k, (_, trunk)): (i32, &(usize, usize))| (*trunk, 2 + k * pitch);
    (0..).zip(&deep).map(at).collect()
}

/// Cells on shelves of a segment, below its text.
fn shelves(cells: &[Cell], style: &Style, width: i32, head: i32) -> Cell {
    on_shelves(cells, style, width, head, |_, _, _| BTreeMap::new())
}

/// Cells on shelves, with a corridor at the left for trunks that reach more than the first shelf.
/// `given` says where trunks enter, from their corridors, their natural entries and the width.
pub(super) fn on_shelves(
    cells: &[Cell],
    style: &Style,
    width: i32,
    head: i32,
    given: impl Fn(&BTreeMap<usize, i32>, &BTreeMap<usize, i32>, i32) -> BTreeMap<usize, i32>,
) -> Cell {
    let rows = pack(cells, width, style.gap);
    let reach = reach(cells, &rows);
    let corridor = corridors(&reach, style.pitch);
    let count = i32::try_from(corridor.len()).unwrap_or(0);
    let left = if count > 0 {
        count * style.pitch + 4
    } else {
        0
    };
    let mut out = Cell::default();
    out.placed.w = left + packed_width(cells, &rows, style.gap);
    let row = rows.first().map(Vec::as_slice).unwrap_or_default();
    let drops = drops(cells, row, left, style.gap);
    let mut natural: BTreeMap<usize, i32> = BTreeMap::new();
    for (x, trunk) in &drops {
        natural.entry(*trunk).or_insert(*x);
    }
    natural.extend(corridor.iter().map(|(trunk, x)| (*trunk, *x)));
    let given = apart(given(&corridor, &natural, out.placed.w), &drops);
    let lone = rows.len() == 1 && cells.len() == 1 && given.is_empty();
    let tracks = |shelf: usize| -> Vec<usize> {
        let here = reach.iter().filter(|(trunk, all)| {
            all.contains(&shelf) || (shelf == 0 && given.contains_key(*trunk))
        });
        here.map(|(trunk, _)| *trunk).collect()
    };
    let way = Way {
        corridor: &corridor,
        given: &given,
        natural: &natural,
        lone,
        pitch: style.pitch,
    };
    let mut first: BTreeMap<usize, i32> = BTreeMap::new();
    let mut y = head;
    for (shelf, row) in rows.iter().enumerate() {
        let here = tracks(shelf);
        let lead = if shelf == 0 { 2 } else { style.gap / 2 };
        let height = i32::try_from(here.len()).unwrap_or(0) * style.pitch;
        let top = y + lead + if lone { 0 } else { height + 2 };
        let at: BTreeMap<usize, i32> = here
            .iter()
            .zip(0..)
            .map(|(t, k)| (*t, y + lead + k * style.pitch))
            .collect();
        if shelf == 0 {
            first.clone_from(&at);
        }
        let mut x = left;
        for n in row {
            way.enter(&cells[*n], (x, top), (&at, &first, shelf), &mut out);
            x += cells[*n].placed.w + style.gap;
        }
        y = top + row.iter().map(|n| cells[*n].placed.h).max().unwrap_or(0);
    }
    out.placed.h = y;
    out
}

/// Where trunks drop into the cells of the first shelf, in order.
fn drops(cells: &[Cell], row: &[usize], left: i32, gap: i32) -> Vec<(i32, usize)> {
    let mut out = Vec::new();
    let mut x = left;
    for n in row {
        let entries = cells[*n].entries.iter();
        out.extend(entries.map(|(trunk, entry)| (x + entry, *trunk)));
        x += cells[*n].placed.w + gap;
    }
    out
}

/// Moves entries that would come down where another trunk drops into a cell.
fn apart(mut given: BTreeMap<usize, i32>, drops: &[(i32, usize)]) -> BTreeMap<usize, i32> {
    let mut taken: BTreeSet<i32> = BTreeSet::new();
    for (trunk, x) in &mut given {
        let met = |x: i32| drops.iter().any(|(d, t)| *d == x && t != trunk);
        while met(*x) || taken.contains(x) {
            *x += 1;
        }
        taken.insert(*x);
    }
    given
}

/// How trunks come to cells.
struct Way<'a> {
    corridor: &'a BTreeMap<usize, i32>,
    given: &'a BTreeMap<usize, i32>,
    natural: &'a BTreeMap<usize, i32>,
    /// A single cell, entered straight from above.
    lone: bool,
    pitch: i32,
}

impl Way<'_> {
    /// Puts a cell at its place, and leads its lines there: by the tracks of its shelf and of the
    /// first.
    fn enter(
        &self,
        cell: &Cell,
        (x, top): (i32, i32),
        (at, first, shelf): (&BTreeMap<usize, i32>, &BTreeMap<usize, i32>, usize),
        out: &mut Cell,
    ) {
        out.placed.take(&cell.placed, x, top);
        for (wire, tail) in &cell.tails {
            let Some(trunk) = cell.trunk_of.get(wire) else {
                continue;
            };
            let entry = cell.entries.get(trunk).copied().unwrap_or(0) + x;
            let lane = self.corridor.get(trunk).copied().unwrap_or(entry);
            let start = self.given.get(trunk).or(self.natural.get(trunk));
            let start = start.copied().unwrap_or(entry);
            out.entries.insert(*trunk, start);
            let mut points = vec![(start, 0)];
            if !self.lone {
                let track = at.get(trunk).copied().unwrap_or(top - self.pitch);
                let level = first.get(trunk).filter(|_| shelf > 0 && start != lane);
                points.extend(level.into_iter().flat_map(|y| [(start, *y), (lane, *y)]));
                let down = if level.is_some() { lane } else { start };
                points.extend([(down, track), (entry, track)]);
            }
            points.extend(tail.iter().map(|(px, py)| (px + x, py + top)));
            out.tails.insert(*wire, straight(&points));
            out.trunk_of.insert(*wire, *trunk);
        }
    }
}
