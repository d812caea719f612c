//! The sheet from a sketch. Comes in: groups, boxes and lines; goes out: places. It never leaves a
//! box out, and draws a line only where it meets no box but its own.

use std::collections::{BTreeMap, BTreeSet};

use super::block::{Cell, Inward, segment};
use super::channel::{Channel, Run, Slot};
use super::order::ordered;
use super::rows::{Hop, Item, Rows, What};
use super::sketch::{End, Placed, Point, Rect, Sketch, Style, straight};
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
        own.sort_by_key(|n| (sketch.pieces[*n].group, sketch.pieces[*n].rank, *n));
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
        self.rows.beside.push((a, b));
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

    /// x of everything.
    fn across(&mut self) {
        let (gap, pad) = (self.style.gap, self.style.pad);
        let last = self.bands.len() - 1;
        // Least widths of the upper rows.
        let need = (0..last).map(|row| self.row_width(row)).max().unwrap_or(0);
        let zones: Vec<usize> = self.zone_order();
        let total: i32 = self.zones.iter().map(|z| z.w + gap).sum::<i32>() - gap;
        self.width = total.max(need + 2 * pad).max(1);
        let count = i32::try_from(zones.len()).unwrap_or(1);
        let spare = if count > 1 {
            ((self.width - total) / (count - 1)).max(0)
        } else {
            0
        };
        let mut x = 0;
        for n in zones {
            let group = self.zones[n].group;
            let w = self.zones[n].w;
            let rect = Rect { x, y: 0, w, h: 0 };
            self.out.groups.insert(group, rect);
            for item in &mut self.rows.items {
                if item.row == last && item.group == Some(group) {
                    item.x += x;
                }
            }
            x += w + gap + spare;
        }
        let mid = (0..last).find(|r| self.bands[*r] == 1).unwrap_or(0);
        self.slots(mid);
        for row in (0..mid).rev() {
            match row + 1 == mid {
                true => self.slots(row),
                false => self.near(row, row + 1),
            }
        }
        for row in mid + 1..last {
            match self.bands[row] == 1 || self.bands[row - 1] == 1 {
                true => self.slots(row),
                false => self.near(row, row - 1),
            }
        }
        self.apart();
        self.lanes();
    }

    /// No two fixed ends of lines share an x, so that no two lines run on one stretch.
    fn apart(&mut self) {
        let mut used: BTreeSet<i32> = BTreeSet::new();
        for item in &self.rows.items {
            match &item.what {
                What::Entry(..) => {
                    used.insert(item.x);
                }
                What::Cell(group) => {
                    let cell = self.cells.get(group);
                    let all = cell.into_iter().flat_map(|c| c.entries.values());
                    used.extend(all.map(|x| x + item.x));
                }
                _ => {}
            }
        }
        for item in &mut self.rows.items {
            if item.what == What::Pass {
                let mid = item.x + item.w / 2;
                let free = [0, 1, -1, 2, -2, 3, -3]
                    .into_iter()
                    .find(|d| !used.contains(&(mid + d)));
                item.x += free.unwrap_or(0);
                used.insert(item.x + item.w / 2);
            }
        }
    }

    fn zone_order(&self) -> Vec<usize> {
        let mut out: Vec<usize> = Vec::new();
        let last = self
            .rows
            .order
            .last()
            .map(Vec::as_slice)
            .unwrap_or_default();
        for n in last {
            let found = self
                .zones
                .iter()
                .position(|z| Some(z.group) == self.rows.items[*n].group);
            if let Some(at) = found.filter(|at| !out.contains(at)) {
                out.push(at);
            }
        }
        let rest: Vec<usize> = (0..self.zones.len()).filter(|n| !out.contains(n)).collect();
        out.extend(rest);
        out
    }

    /// Room before an item, for the border of another zone or the text of a line between two.
    fn before(&self, a: usize, b: usize) -> i32 {
        let (gap, pad) = (self.style.gap, self.style.pad);
        let (i, j) = (&self.rows.items[a], &self.rows.items[b]);
        let border = if i.group == j.group { 0 } else { gap + 2 * pad };
        let joined = self
            .rows
            .beside
            .iter()
            .any(|p| *p == (a, b) || *p == (b, a));
        let text = if joined {
            8 + self.beside_text(a, b).max(self.style.half_em * 4)
        } else {
            0
        };
        let narrow = matches!(i.what, What::Pass) || matches!(j.what, What::Pass);
        let plain = if narrow { self.style.pitch } else { gap };
        plain.max(border).max(text)
    }

    /// Width of the text of a line between two of a row.
    fn beside_text(&self, a: usize, b: usize) -> i32 {
        let ends = |n: &usize| self.nets[*n].chain == [a, b] || self.nets[*n].chain == [b, a];
        let between = (0..self.nets.len()).filter(ends);
        between.map(|n| self.text_of(n)).max().unwrap_or(0)
    }

    fn row_width(&self, row: usize) -> i32 {
        let order: Vec<usize> = self.solid(row);
        let gaps: i32 = order.windows(2).map(|p| self.before(p[0], p[1])).sum();
        let own: i32 = order.iter().map(|n| self.rows.items[*n].w).sum();
        gaps + own + self.lead(row)
    }

    /// Room at the left for the band's name.
    fn lead(&self, row: usize) -> i32 {
        let first = self.rows.order[row]
            .first()
            .and_then(|n| self.rows.items[*n].group);
        first
            .map_or(0, |g| self.sketch.groups[g].w)
            .max(self.style.pad)
    }

    fn solid(&self, row: usize) -> Vec<usize> {
        let lane = |n: &usize| matches!(self.rows.items[*n].what, What::Lane);
        self.rows.order[row]
            .iter()
            .copied()
            .filter(|n| !lane(n))
            .collect()
    }

    /// A row side by side. What follows its first zone begins at a place that seldom changes, so that a
    /// box more moves those that stand before it alone.
    fn slots(&mut self, row: usize) {
        let order = self.solid(row);
        let zone = |n: &usize| self.rows.items[*n].group;
        let first = order.first().and_then(zone);
        let mut anchor = 0;
        let mut places = Vec::new();
        let mut edge = 0;
        for (k, n) in order.iter().enumerate() {
            if k > 0 {
                edge += self.before(order[k - 1], *n);
            }
            if zone(n) == first {
                anchor = edge + self.rows.items[*n].w;
            }
            places.push(edge);
            edge += self.rows.items[*n].w;
        }
        let step = self.style.gap * 24;
        let whole = anchor == edge;
        let start = match whole {
            true => (self.width - (edge + step / 2).div_euclid(step) * step - step / 2) / 2,
            false => {
                let over = anchor - edge / 2 + step / 2;
                self.width / 2 + over.div_euclid(step) * step - anchor
            }
        };
        let start = start
            .min(self.width - self.style.pad - edge)
            .max(self.lead(row));
        for (n, x) in order.iter().zip(places) {
            self.rows.items[*n].x = start + x;
        }
    }

    /// A row whose boxes stand near those that they are joined to in a row that stands already.
    fn near(&mut self, row: usize, by: usize) {
        let order = self.solid(row);
        let mid = |i: &Item| i.x + i.w / 2;
        let mut want: Vec<Option<i32>> = Vec::new();
        for n in &order {
            let mut xs: Vec<i32> = Vec::new();
            for hop in &self.rows.hops {
                let other = if hop.up == *n {
                    hop.low
                } else if hop.low == *n {
                    hop.up
                } else {
                    continue;
                };
                let other = &self.rows.items[other];
                let lane = matches!(other.what, What::Lane);
                if other.row == by && !lane {
                    xs.push(mid(other));
                }
            }
            let count = i32::try_from(xs.len()).unwrap_or(1).max(1);
            want.push((!xs.is_empty()).then(|| xs.iter().sum::<i32>() / count));
        }
        let mut edge = self.lead(row);
        for (k, n) in order.iter().enumerate() {
            if k > 0 {
                edge += self.before(order[k - 1], *n);
            }
            let item = &mut self.rows.items[*n];
            let x = want[k].map_or(edge, |w| w - item.w / 2);
            item.x = x.max(edge);
            edge = item.x + item.w;
        }
        let mut edge = self.width - self.style.pad;
        for (k, n) in order.iter().enumerate().rev() {
            if k + 1 < order.len() {
                edge -= self.before(*n, order[k + 1]);
            }
            let item = &mut self.rows.items[*n];
            item.x = item.x.min(edge - item.w);
            edge = item.x;
        }
    }

    /// Lanes stand outside, one x for each line.
    fn lanes(&mut self) {
        let mut k = 0;
        for net in &self.nets {
            let mut any = false;
            for n in &net.chain {
                if matches!(self.rows.items[*n].what, What::Lane) {
                    self.rows.items[*n].x = self.width + self.style.gap + k * self.style.pitch;
                    any = true;
                }
            }
            k += i32::from(any);
        }
        self.out.w = self.width
            + if k > 0 {
                self.style.gap + k * self.style.pitch
            } else {
                0
            };
    }
}

/// The first item of a unit.
fn row_first(items: &[Item], unit: usize) -> usize {
    items.iter().position(|i| i.unit == unit).unwrap_or(unit)
}

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
