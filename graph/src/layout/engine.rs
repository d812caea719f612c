//! The sheet from a sketch. Comes in: groups, boxes and lines; goes out: places. It never leaves a
//! box out, and draws a line only where it meets no box but its own.

use std::collections::BTreeMap;

use super::block::{Cell, Inward, segment};
use super::channel::{Channel, Run, Slot};
use super::order::ordered;
use super::rows::{Hop, Item, Level, Rows, What};
use super::sketch::{End, Placed, Point, Rect, Sketch, Style, Wire, straight};
use super::zone::{Parts, Zone};

/// A line between outer boxes, for one line of the sketch or a trunk of several.
struct Net {
    /// Items from its upper end to its lower end, one in each row.
    chain: Vec<usize>,
    /// Lines of the sketch, and whether each begins at the upper end.
    wires: Vec<(usize, bool)>,
    /// The first of its stretches in a channel: channel and number there.
    runs: Vec<(usize, usize)>,
}

/// A sheet in the making.
struct Sheet<'a> {
    sketch: &'a Sketch,
    style: &'a Style,
    rows: Rows,
    /// Band of each row.
    bands: Vec<usize>,
    /// Item of a box, or of a segment in an upper band.
    item_of: BTreeMap<End, usize>,
    /// Segments of upper bands.
    cells: BTreeMap<usize, Cell>,
    zones: Vec<Zone>,
    nets: Vec<Net>,
    channels: Vec<Channel>,
    width: i32,
    out: Placed,
}

/// Places everything.
pub(crate) fn arrange(sketch: &Sketch, style: &Style) -> Placed {
    let inward = inward(sketch);
    let low: Vec<usize> = (0..sketch.groups.len())
        .filter(|n| sketch.groups[*n].parent.is_none() && sketch.groups[*n].band == 3)
        .collect();
    let parts: Vec<Parts> = low
        .iter()
        .map(|n| Parts::new(sketch, style, *n, &inward))
        .collect();
    // The height of the columns that gives the sheet its shape: what stands above them is as high
    // whatever they are, so one trial tells it.
    let mut found: Vec<(i32, i32, i32)> = Vec::new();
    let mut height = 120.0_f64;
    for _ in 0..60 {
        height *= 1.08;
        let tried = height as i32;
        let columns = parts.iter().map(|p| p.column(sketch, style, tried));
        let sizes: Vec<(i32, i32)> = columns.map(|z| (z.w, z.h)).collect();
        let w: i32 = sizes.iter().map(|(w, _)| w + style.gap).sum();
        let h = sizes.iter().map(|(_, h)| *h).max().unwrap_or(0);
        if found.last().is_some_and(|(_, fw, fh)| (*fw, *fh) == (w, h)) {
            continue;
        }
        found.push((tried, w, h));
    }
    let zones = |tried: i32| -> Vec<Zone> {
        parts
            .iter()
            .map(|p| p.column(sketch, style, tried))
            .collect()
    };
    let mut above = (0, 0);
    let mut best: Option<(f64, Placed)> = None;
    for _ in 0..3 {
        let size = |(_, w, h): &(i32, i32, i32)| {
            let (w, h) = ((*w).max(above.0), h + above.1);
            (f64::from(w).max(f64::from(h) * style.aspect) * 8.0) as i64
        };
        let Some((tried, wide, tall)) = found.iter().min_by_key(|it| size(it)).copied() else {
            break;
        };
        let placed = Sheet::new(sketch, style, &inward, zones(tried)).place();
        // Where the rows above are wider, columns have that room too.
        let rows = if wide < placed.w { placed.w } else { 0 };
        let next = (rows, placed.h - tall);
        let size = f64::from(placed.w).max(f64::from(placed.h) * style.aspect);
        let known = above == next;
        above = next;
        let less = |(least, it): &(f64, Placed)| (size, placed.h) < (*least, it.h);
        if best.as_ref().is_none_or(less) {
            best = Some((size, placed));
        }
        if known {
            break;
        }
    }
    best.map(|(_, placed)| placed).unwrap_or_default()
}

/// The zone of a box.
fn zone(sketch: &Sketch, group: usize) -> usize {
    sketch.groups[group].parent.unwrap_or(group)
}

fn group_of(sketch: &Sketch, end: End) -> usize {
    match end {
        End::Piece(n) => sketch.pieces[n].group,
        End::Group(n) => n,
    }
}

/// A zone of an upper band whose boxes hang on a switch.
fn compound(sketch: &Sketch, group: usize) -> bool {
    let own = |p: &super::sketch::Piece| p.group == group && p.hub;
    sketch.groups[group].parent.is_none()
        && sketch.groups[group].band < 3
        && sketch.pieces.iter().any(own)
}

/// Lines that lead into segments, by the box outside that they come from.
fn inward(sketch: &Sketch) -> Inward {
    let hollow: Vec<bool> = (0..sketch.groups.len())
        .map(|n| sketch.groups[n].parent.is_some() || compound(sketch, n))
        .collect();
    let mut out = Inward::new();
    for (n, wire) in sketch.wires.iter().enumerate() {
        for (end, other) in [(wire.from, wire.to), (wire.to, wire.from)] {
            let (a, b) = (group_of(sketch, end), group_of(sketch, other));
            if let (true, End::Piece(trunk)) = (hollow[a] && !hollow[b], other) {
                out.entry(end).or_default().push((n, trunk));
            }
        }
    }
    out
}

impl<'a> Sheet<'a> {
    fn new(sketch: &'a Sketch, style: &'a Style, inward: &Inward, zones: Vec<Zone>) -> Self {
        let mut sheet = Self {
            sketch,
            style,
            rows: Rows::default(),
            bands: Vec::new(),
            item_of: BTreeMap::new(),
            cells: BTreeMap::new(),
            zones,
            nets: Vec::new(),
            channels: Vec::new(),
            width: 0,
            out: Placed::default(),
        };
        sheet.width = sheet.zones.iter().map(|z| z.w + style.gap).sum::<i32>() - style.gap;
        sheet.upper(inward);
        sheet.columns();
        sheet.pairs();
        sheet.nets();
        sheet
    }

    fn item(&mut self, what: What, row: usize, group: Option<usize>, (w, h): (i32, i32)) -> usize {
        let n = self.rows.items.len();
        let (unit, x) = (n, 0);
        self.rows.items.push(Item {
            what,
            row,
            group,
            unit,
            w,
            h,
            x,
        });
        self.rows.order[row].push(n);
        n
    }

    fn row(&mut self, band: usize) -> usize {
        self.bands.push(band);
        self.rows.order.push(Vec::new());
        self.bands.len() - 1
    }

    /// The three upper bands.
    fn upper(&mut self, inward: &Inward) {
        for band in 0..3 {
            let zones: Vec<usize> = (0..self.sketch.groups.len())
                .filter(|n| {
                    self.sketch.groups[*n].parent.is_none() && self.sketch.groups[*n].band == band
                })
                .collect();
            let levels = self.levels(band);
            let rows: Vec<usize> = levels.iter().map(|_| self.row(band)).collect();
            for (row, pieces) in rows.iter().zip(&levels) {
                for (k, n) in pieces.iter().enumerate() {
                    let p = &self.sketch.pieces[*n];
                    let at = self.item(What::Piece(*n), *row, Some(p.group), (p.w, p.h));
                    self.item_of.insert(End::Piece(*n), at);
                    if self.sketch.wanted.places.contains_key(n) {
                        self.rows.places.insert(at, k);
                    }
                }
            }
            for zone in zones {
                let own = compound(self.sketch, zone).then_some(zone);
                let inner = (0..self.sketch.groups.len())
                    .filter(|n| self.sketch.groups[*n].parent == Some(zone));
                for group in own.into_iter().chain(inner).collect::<Vec<_>>() {
                    let cell = segment(self.sketch, self.style, group, inward);
                    let size = (cell.placed.w, cell.placed.h);
                    let row = rows.first().copied().unwrap_or(0);
                    let at = self.item(What::Cell(group), row, Some(zone), size);
                    for n in cell.placed.pieces.keys() {
                        self.item_of.insert(End::Piece(*n), at);
                    }
                    self.item_of.insert(End::Group(group), at);
                    self.cells.insert(group, cell);
                }
            }
        }
    }

    /// What people want side by side.
    fn pairs(&mut self) {
        for (a, b) in &self.sketch.wanted.pairs {
            let of = |n: &usize| self.item_of.get(&End::Piece(*n)).copied();
            let (Some(a), Some(b)) = (of(a), of(b)) else {
                continue;
            };
            if self.rows.items[a].row == self.rows.items[b].row {
                self.rows.unite(a, b);
            }
        }
    }

    /// Boxes of a band by row.
    fn levels(&self, band: usize) -> Vec<Vec<usize>> {
        let sketch = self.sketch;
        let in_band = |end: End| sketch.groups[zone(sketch, group_of(sketch, end))].band;
        let mut own: Vec<usize> = (0..sketch.pieces.len())
            .filter(|n| {
                let group = sketch.pieces[*n].group;
                sketch.groups[group].parent.is_none()
                    && sketch.groups[group].band == band
                    && !compound(sketch, group)
            })
            .collect();
        // What leads into a segment of the band stands in the first row, as that does.
        let leads = |n: usize| {
            let ends = |w: &Wire| [(w.from, w.to), (w.to, w.from)];
            let into =
                |(a, b)| a == End::Piece(n) && matches!(b, End::Group(_)) && in_band(b) == band;
            sketch.wires.iter().any(|w| ends(w).into_iter().any(into))
        };
        own.sort_by_cached_key(|n| {
            let piece = &sketch.pieces[*n];
            (piece.group, !leads(*n), piece.rank, *n)
        });
        let touches = |n: usize, f: &dyn Fn(usize) -> bool| {
            sketch.wires.iter().any(|w| {
                [(w.from, w.to), (w.to, w.from)]
                    .into_iter()
                    .any(|(a, b)| a == End::Piece(n) && f(in_band(b)))
            })
        };
        let (first, second): (Vec<usize>, Vec<usize>) = match band {
            // What reaches others of the band alone stands above them.
            0 => own
                .iter()
                .partition(|n| touches(**n, &|b| b == 0) && !touches(**n, &|b| b > 0)),
            2 => own.iter().partition(|n| {
                !(sketch.pieces[**n].inner
                    && touches(**n, &|b| b == 2)
                    && !touches(**n, &|b| b < 2))
            }),
            _ => (own, Vec::new()),
        };
        let mut out = Vec::new();
        for level in [first, second] {
            out.extend(self.wrapped(&ordered(&level, &sketch.wanted)));
        }
        if out.is_empty() {
            out.push(Vec::new());
        }
        out
    }

    /// A row that is wider than the sheet becomes several.
    fn wrapped(&self, level: &[usize]) -> Vec<Vec<usize>> {
        let wide = |n: &usize| self.sketch.pieces[*n].w + self.style.gap;
        let total: i32 = level.iter().map(wide).sum();
        let room = self.width.max(self.style.pitch * 190);
        let rows = usize::try_from(total / room + 1).unwrap_or(1);
        let each = level.len().div_ceil(rows).max(1);
        let mut out: Vec<Vec<usize>> = level.chunks(each).map(<[usize]>::to_vec).collect();
        // No row ends between two that stand side by side.
        let pairs = &self.sketch.wanted.pairs;
        for k in 1..out.len() {
            let ends = (out[k - 1].last().copied(), out[k].first().copied());
            let (Some(a), Some(b)) = ends else { continue };
            if pairs.contains(&(a, b)) || pairs.contains(&(b, a)) {
                let moved = out[k].remove(0);
                out[k - 1].push(moved);
            }
        }
        out.retain(|row| !row.is_empty());
        out
    }

    /// The row of the columns' heads and of the trunks that enter them.
    fn columns(&mut self) {
        let row = self.row(3);
        for n in 0..self.zones.len() {
            let zone = self.zones[n].clone();
            let mut all: Vec<(i32, What, (i32, i32))> = Vec::new();
            for (piece, at) in &zone.heads {
                all.push((at.x, What::Head(*piece), (at.w, at.h)));
            }
            for (trunk, x) in &zone.body.entries {
                if !zone.heads.contains_key(trunk) {
                    all.push((x + self.style.pad, What::Entry(n, *trunk), (0, 0)));
                }
            }
            all.sort_by_key(|(x, what, _)| (*x, matches!(what, What::Head(_))));
            for (x, what, size) in all {
                let at = self.item(what.clone(), row, Some(zone.group), size);
                self.rows.items[at].x = x;
                if let What::Head(piece) = what {
                    self.item_of.insert(End::Piece(piece), at);
                }
            }
        }
    }

    /// The item at which an end of a line is reached from outside.
    fn outer(&self, end: End, other: End) -> Option<usize> {
        if let Some(at) = self.item_of.get(&end) {
            return Some(*at);
        }
        let (End::Piece(trunk), zone) = (other, zone(self.sketch, group_of(self.sketch, end)))
        else {
            return None;
        };
        let last = self.rows.order.last()?;
        let same = |n: &&usize| match self.rows.items[**n].what {
            What::Entry(z, t) => t == trunk && self.zones[z].group == zone,
            _ => false,
        };
        last.iter().find(same).copied()
    }

    /// Lines between outer boxes.
    fn nets(&mut self) {
        let mut by_ends: BTreeMap<(usize, usize, usize), usize> = BTreeMap::new();
        for (n, wire) in self.sketch.wires.iter().enumerate() {
            let ends = (
                self.outer(wire.from, wire.to),
                self.outer(wire.to, wire.from),
            );
            let (Some(a), Some(b)) = ends else { continue };
            if a == b {
                continue;
            }
            let row = |n: usize| self.rows.items[n].row;
            if row(a) == row(b) {
                if row(a) + 1 < self.bands.len() {
                    self.beside(n, a, b);
                }
                continue;
            }
            let (up, low, forward) = if row(a) < row(b) {
                (a, b, true)
            } else {
                (b, a, false)
            };
            let trunk = matches!(self.rows.items[low].what, What::Entry(..));
            let key = (up, low, if trunk { usize::MAX } else { n });
            if let Some(at) = by_ends.get(&key) {
                self.nets[*at].wires.push((n, forward));
                continue;
            }
            by_ends.insert(key, self.nets.len());
            let chain = self.chain(up, low);
            for pair in chain.windows(2) {
                self.rows.hops.push(Hop {
                    up: pair[0],
                    low: pair[1],
                });
            }
            self.nets.push(Net {
                chain,
                wires: vec![(n, forward)],
                runs: Vec::new(),
            });
        }
    }

    /// A line within a row.
    fn beside(&mut self, wire: usize, a: usize, b: usize) {
        let pull = self.pull(a, b);
        self.rows.beside.push(Level { a, b, pull });
        let (pa, pb) = (&self.rows.items[a].what, &self.rows.items[b].what);
        if let (What::Piece(p), What::Piece(q)) = (pa, pb)
            && self.sketch.pieces[*p].rank == self.sketch.pieces[*q].rank
        {
            self.rows.unite(a, b);
        }
        self.nets.push(Net {
            chain: vec![a, b],
            wires: vec![(wire, true)],
            runs: Vec::new(),
        });
    }

    /// A gateway stands beside the segment of its row that it leads to, whoever else is joined to that.
    fn pull(&self, a: usize, b: usize) -> usize {
        let what = |n: usize| &self.rows.items[n].what;
        match (what(a), what(b)) {
            (What::Cell(_), What::Piece(n)) | (What::Piece(n), What::Cell(_))
                if self.sketch.pieces[*n].rank == 0 =>
            {
                8
            }
            _ => 1,
        }
    }

    /// Items from the upper to the lower end: passes in between, or lanes where the row is another
    /// zone's.
    fn chain(&mut self, up: usize, low: usize) -> Vec<usize> {
        let (first, last) = (self.rows.items[up].row, self.rows.items[low].row);
        let mut out = vec![up];
        for row in first + 1..last {
            let mine = [up, low]
                .into_iter()
                .find(|n| self.bands[self.rows.items[*n].row] == self.bands[row]);
            let at = match mine {
                Some(n) => {
                    let group = self.rows.items[n].group;
                    self.item(What::Pass, row, group, (self.style.pitch, 0))
                }
                None => self.item(What::Lane, row, None, (self.style.pitch, 0)),
            };
            out.push(at);
        }
        out.push(low);
        out
    }

    fn place(mut self) -> Placed {
        // Those of a unit and of a zone stand together from the beginning.
        let items = self.rows.items.clone();
        for row in &mut self.rows.order {
            let first = |n: &usize| {
                let unit = items[*n].unit;
                row_first(&items, unit)
            };
            let mut keyed: Vec<_> = row
                .iter()
                .map(|n| (items[*n].group.is_none(), items[*n].group, first(n), *n))
                .collect();
            if items
                .get(*row.first().unwrap_or(&0))
                .is_some_and(|i| i.row + 1 < self.bands.len())
            {
                keyed.sort_unstable();
                *row = keyed.into_iter().map(|k| k.3).collect();
            }
        }
        let lead: Vec<usize> = (0..self.bands.len())
            .filter(|n| self.bands[*n] == 2)
            .collect();
        self.rows.settle(&lead);
        self.across();
        self.route();
        self.down();
        self.out
    }
}

/// The first item of a unit.
fn row_first(items: &[Item], unit: usize) -> usize {
    items.iter().position(|i| i.unit == unit).unwrap_or(unit)
}

mod across;
mod draw;

/// Takes the corners of a line that goes the other way.
fn directed(points: &[Point], forward: bool) -> Vec<Point> {
    let mut out = straight(points);
    if !forward {
        out.reverse();
    }
    out
}

/// The places of lines along the side of a box, in equal slots.
fn slots(low: i32, high: i32, count: usize) -> Vec<Slot> {
    let count = i32::try_from(count).unwrap_or(1).max(1);
    let at = |k: i32| low + (high - low) * k / count;
    (0..count)
        .map(|k| Slot {
            low: at(k),
            high: (at(k + 1) - 1).max(at(k)),
        })
        .collect()
}

/// A line through a channel that has not been settled yet.
fn run(up: usize, low: usize, cap: bool, text: i32) -> Run {
    let slot = Slot { low: 0, high: 0 };
    Run {
        up,
        low,
        cap,
        slots: (slot, slot),
        at: (0, 0),
        track: None,
        text,
        label: None,
    }
}
