//! Lines and heights of a sheet whose boxes have their x. Comes in: rows in order; goes out: every
//! place. It never moves a box sideways.

use std::collections::BTreeMap;

use super::{Channel, End, Item, Point, Rect, Sheet, Slot, What, directed, run, slots};
use crate::text::width;

/// An end of a line at a side: x of its other end, number, whether it is the upper one.
type Mouth = (i32, usize, bool);

/// A line straight between two neighbours of a row.
struct Straight {
    wires: Vec<(usize, bool)>,
    a: usize,
    b: usize,
}

impl Sheet<'_> {
    /// Width of the text of a line that is no trunk.
    pub(super) fn text_of(&self, net: usize) -> i32 {
        let [(wire, _)] = self.nets[net].wires.as_slice() else {
            return 0;
        };
        width(&self.sketch.wires[*wire].label) * self.style.half_em
    }

    /// Whether two items of a row have nothing between them and sides that a line may join.
    fn neighbours(&self, a: usize, b: usize) -> bool {
        let order = self.solid(self.rows.items[a].row);
        let at = |n: usize| order.iter().position(|m| *m == n);
        let (Some(p), Some(q)) = (at(a), at(b)) else {
            return false;
        };
        p.abs_diff(q) == 1
    }

    /// Ends and tracks of all channels; channel `n` lies above row `n`.
    pub(super) fn route(&mut self) {
        self.channels = vec![Channel::default(); self.bands.len()];
        for n in 0..self.nets.len() {
            let chain = self.nets[n].chain.clone();
            let text = self.text_of(n);
            let (a, b) = (chain[0], chain[chain.len() - 1]);
            let row = self.rows.items[a].row;
            if row == self.rows.items[b].row {
                if !self.neighbours(a, b) {
                    let (l, r) = if self.rows.items[a].x < self.rows.items[b].x {
                        (a, b)
                    } else {
                        (b, a)
                    };
                    let runs = &mut self.channels[row].runs;
                    runs.push(run(l, r, true, 0));
                    let at = (row, runs.len() - 1);
                    self.nets[n].runs.push(at);
                }
                continue;
            }
            for pair in chain.windows(2) {
                let below = self.rows.items[pair[1]].row;
                let last = pair[1] == b;
                let runs = &mut self.channels[below].runs;
                runs.push(run(pair[0], pair[1], false, if last { text } else { 0 }));
                let at = (below, runs.len() - 1);
                self.nets[n].runs.push(at);
            }
        }
        for n in 0..self.channels.len() {
            self.ports(n);
            self.channels[n].settle(self.style);
        }
    }

    fn fixed(&self, item: &Item, other: &Item) -> Option<i32> {
        match &item.what {
            What::Pass | What::Lane => Some(item.x + item.w / 2),
            What::Entry(..) => Some(item.x),
            What::Cell(group) => {
                let What::Piece(trunk) = other.what else {
                    return Some(item.x + item.w / 2);
                };
                let cell = self.cells.get(group)?;
                cell.entries.get(&trunk).map(|x| item.x + x)
            }
            What::Piece(_) | What::Head(_) => None,
        }
    }

    /// Slots along the sides of boxes, in the order of the other ends.
    fn ports(&mut self, channel: usize) {
        let mid = |n: usize| self.rows.items[n].x + self.rows.items[n].w / 2;
        // (item, above or below) → (x of the other end, run, which end)
        let mut sides: BTreeMap<(usize, bool), Vec<Mouth>> = BTreeMap::new();
        for (k, run) in self.channels[channel].runs.iter().enumerate() {
            let upper = (run.up, run.cap);
            sides
                .entry(upper)
                .or_default()
                .push((mid(run.low), k, true));
            sides
                .entry((run.low, true))
                .or_default()
                .push((mid(run.up), k, false));
        }
        let mut found: Vec<(usize, bool, Slot)> = Vec::new();
        for ((n, _), mut all) in sides {
            all.sort_unstable();
            let item = &self.rows.items[n];
            let free = slots(item.x + 4, item.x + item.w - 4, all.len());
            for ((_, k, upper), slot) in all.iter().zip(free) {
                let run = &self.channels[channel].runs[*k];
                let other = if *upper { run.low } else { run.up };
                let at = self.fixed(item, &self.rows.items[other]);
                let slot = at.map_or(slot, |x| Slot { low: x, high: x });
                found.push((*k, *upper, slot));
            }
        }
        for (k, upper, slot) in found {
            let run = &mut self.channels[channel].runs[k];
            if upper {
                run.slots.0 = slot;
            } else {
                run.slots.1 = slot;
            }
        }
    }

    /// y of everything, and the lines.
    pub(super) fn down(&mut self) {
        let (tops, tracks, strips) = self.heights();
        self.boxes(&tops);
        self.groups(&tops);
        self.columns_down(&tops);
        let mut labels = Vec::new();
        for n in 0..self.nets.len() {
            self.net(n, &tops, &tracks, &strips, &mut labels);
        }
        self.out.labels = labels;
        for zone in 0..self.zones.len() {
            self.inner(zone);
        }
        self.out.h = self
            .out
            .groups
            .values()
            .map(|r| r.bottom())
            .max()
            .unwrap_or(0);
    }

    fn row_height(&self, row: usize) -> i32 {
        let all = self.rows.order[row].iter().map(|n| self.rows.items[*n].h);
        all.max().unwrap_or(0)
    }

    fn head(&self, row: usize) -> i32 {
        let plain = |n: &usize| match self.rows.items[*n].what {
            What::Cell(g) if self.rows.items[*n].group == Some(g) => None,
            _ => self.rows.items[*n].group,
        };
        let all = self.rows.order[row].iter().filter_map(plain);
        all.map(|g| self.sketch.groups[g].head).max().unwrap_or(0)
    }

    /// Tops of the rows; where the tracks begin, and where the texts end, above each.
    fn heights(&self) -> (Vec<i32>, Vec<i32>, Vec<i32>) {
        let style = self.style;
        let (mut tops, mut tracks, mut strips) = (Vec::new(), Vec::new(), Vec::new());
        let mut y = 0;
        for row in 0..self.bands.len() {
            let channel = &self.channels[row];
            let begins = row == 0 || self.bands[row - 1] != self.bands[row];
            let caps = channel.runs.iter().filter(|r| r.cap).count();
            let height = if channel.tracks > 0 {
                channel.tracks_height(style)
            } else {
                0
            };
            let strip = channel.levels * style.label;
            if begins && row > 0 {
                y += style.pad;
            }
            tracks.push(y + style.pitch);
            if row > 0 || caps > 0 {
                y += style.pitch + height + 2;
            }
            y += strip;
            strips.push(y);
            if begins {
                y += self.head(row) + 2;
            }
            tops.push(y);
            y += self.row_height(row);
        }
        (tops, tracks, strips)
    }

    fn boxes(&mut self, tops: &[i32]) {
        let items = self.rows.items.clone();
        for item in &items {
            let y = tops[item.row];
            match &item.what {
                What::Piece(n) => {
                    let at = Rect {
                        x: item.x,
                        y,
                        w: item.w,
                        h: item.h,
                    };
                    self.out.pieces.insert(*n, at);
                }
                What::Cell(group) => {
                    let own = item.group == Some(*group);
                    // A zone that is one block begins where its neighbours' zones do.
                    let up = if own {
                        self.sketch.groups[*group].head
                    } else {
                        0
                    };
                    if let Some(cell) = self.cells.get(group) {
                        self.out.take(&cell.placed, item.x, y - up);
                    }
                }
                _ => {}
            }
        }
    }

    /// Zones of the upper bands around what is in them.
    fn groups(&mut self, tops: &[i32]) {
        let pad = self.style.pad;
        let last = self.bands.len() - 1;
        for band in 0..3 {
            let rows: Vec<usize> = (0..last).filter(|r| self.bands[*r] == band).collect();
            let mut reach: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
            let mut zones: Vec<(i32, usize)> = Vec::new();
            for row in &rows {
                for n in self.solid(*row) {
                    let item = &self.rows.items[n];
                    let Some(group) = item.group else { continue };
                    if !reach.contains_key(&group) {
                        zones.push((item.x, group));
                    }
                    reach.entry(group).or_insert((*row, *row)).1 = *row;
                }
            }
            zones.sort_unstable();
            for (k, (x, group)) in zones.iter().enumerate() {
                if self.cells.contains_key(group) {
                    continue;
                }
                let (first, end) = reach[group];
                let top = tops[first] - self.head(first);
                let bottom = tops[end] + self.row_height(end) + pad;
                let l = if k == 0 {
                    0
                } else {
                    x - pad - self.title(*group)
                };
                let next = zones.get(k + 1);
                let whole = |z: &(i32, usize)| {
                    if self.cells.contains_key(&z.1) {
                        0
                    } else {
                        pad
                    }
                };
                let r = next.map_or(self.width, |z| {
                    z.0 - whole(z) - self.title(z.1) - self.style.gap
                });
                let at = Rect {
                    x: l,
                    y: top,
                    w: r - l,
                    h: bottom - top,
                };
                self.out.groups.insert(*group, at);
            }
        }
    }

    /// Columns with what is in them.
    fn columns_down(&mut self, tops: &[i32]) {
        let (pad, last) = (self.style.pad, self.bands.len() - 1);
        let tall = self.zones.iter().map(|z| z.h).max().unwrap_or(0);
        for zone in &self.zones {
            let Some(at) = self.out.groups.get_mut(&zone.group) else {
                continue;
            };
            at.y = tops[last] - self.sketch.groups[zone.group].head.max(zone.head_top);
            at.h = tall;
            let (x, y) = (at.x, at.y);
            for (n, r) in &zone.heads {
                self.out.pieces.insert(*n, r.at(x, y));
            }
            let (dx, dy) = (x + pad, y + zone.body_top);
            self.out.take(&zone.body.placed, dx, dy);
        }
    }

    fn item_rect(&self, n: usize, tops: &[i32]) -> Rect {
        let item = &self.rows.items[n];
        match &item.what {
            What::Piece(p) | What::Head(p) => self.out.pieces.get(p).copied().unwrap_or_default(),
            What::Cell(g) => self.out.groups.get(g).copied().unwrap_or_default(),
            _ => Rect {
                x: item.x,
                y: tops[item.row],
                w: item.w,
                h: 0,
            },
        }
    }

    fn net(
        &mut self,
        n: usize,
        tops: &[i32],
        tracks: &[i32],
        strips: &[i32],
        labels: &mut Vec<(usize, Rect)>,
    ) {
        let chain = self.nets[n].chain.clone();
        let (a, b) = (chain[0], chain[chain.len() - 1]);
        let wires = self.nets[n].wires.clone();
        if self.nets[n].runs.is_empty() {
            self.level(&Straight { wires, a, b }, tops, labels);
            return;
        }
        let mut points: Vec<Point> = Vec::new();
        let mut swapped = false;
        for (channel, k) in self.nets[n].runs.clone() {
            let run = self.channels[channel].runs[k].clone();
            let track = tracks[channel] + run.track.unwrap_or(0) * self.style.pitch;
            let up = self.item_rect(run.up, tops);
            let low = self.item_rect(run.low, tops);
            if run.cap {
                swapped = run.up != a;
                points.push((run.at.0, up.y));
            } else if points.is_empty() {
                points.push((run.at.0, up.bottom()));
            } else {
                points.push((run.at.0, tops[channel - 1]));
            }
            if run.track.is_some() {
                points.extend([(run.at.0, track), (run.at.1, track)]);
            }
            points.push((run.at.1, low.y));
            if let (Some((x, level)), [(wire, _)]) = (run.label, wires.as_slice()) {
                let (h, w) = (self.style.label, run.text);
                let y = strips[channel] - (level + 1) * h;
                labels.push((*wire, Rect { x, y, w, h: h - 1 }));
            }
        }
        for (wire, forward) in &wires {
            let mut all = points.clone();
            all.extend(self.tail(*wire, b));
            let forward = *forward != swapped;
            self.out.wires.insert(*wire, directed(&all, forward));
        }
    }

    /// How a line goes on inside what it enters.
    fn tail(&self, wire: usize, item: usize) -> Vec<Point> {
        let item = &self.rows.items[item];
        let moved = |tail: Option<&Vec<Point>>, dx: i32, dy: i32| {
            let all = tail.into_iter().flatten();
            all.map(|(x, y)| (x + dx, y + dy)).collect()
        };
        match &item.what {
            What::Entry(zone, _) => {
                let zone = &self.zones[*zone];
                let at = self
                    .out
                    .groups
                    .get(&zone.group)
                    .copied()
                    .unwrap_or_default();
                moved(
                    zone.body.tails.get(&wire),
                    at.x + self.style.pad,
                    at.y + zone.body_top,
                )
            }
            What::Cell(group) => {
                let at = self.out.groups.get(group).copied().unwrap_or_default();
                let tail = self.cells.get(group).and_then(|c| c.tails.get(&wire));
                moved(tail, at.x, at.y)
            }
            _ => Vec::new(),
        }
    }

    /// A line between neighbours of a row.
    fn level(&mut self, line: &Straight, tops: &[i32], labels: &mut Vec<(usize, Rect)>) {
        for (wire, _) in &line.wires {
            let spec = &self.sketch.wires[*wire];
            let end = |e: End, item: usize| {
                match e {
                    End::Piece(n) => self.out.pieces.get(&n).copied(),
                    End::Group(_) => None,
                }
                .unwrap_or(self.item_rect(item, tops))
            };
            let (a, b) = (end(spec.from, line.a), end(spec.to, line.b));
            let y = (a.y.max(b.y) + a.bottom().min(b.bottom())) / 2;
            let points = if a.x < b.x {
                [(a.right(), y), (b.x, y)]
            } else {
                [(a.x, y), (b.right(), y)]
            };
            let w = width(&spec.label) * self.style.half_em;
            let (l, r) = (points[0].0.min(points[1].0), points[0].0.max(points[1].0));
            if w > 0 && w + 2 <= r - l {
                let h = self.style.label;
                labels.push((
                    *wire,
                    Rect {
                        x: l + (r - l - w) / 2,
                        y: y - h,
                        w,
                        h: h - 1,
                    },
                ));
            }
            self.out.wires.insert(*wire, points.to_vec());
        }
    }

    /// Lines from a zone's own boxes to its segments.
    fn inner(&mut self, n: usize) {
        let zone = self.zones[n].clone();
        let Some(at) = self.out.groups.get(&zone.group).copied() else {
            return;
        };
        let (dx, dy) = (at.x + self.style.pad, at.y + zone.body_top);
        for (wire, tail) in &zone.body.tails {
            let trunk = zone.body.trunk_of.get(wire);
            let Some((trunk, head)) = trunk.and_then(|t| Some((*t, zone.heads.get(t)?))) else {
                continue;
            };
            let x = tail.first().map_or(0, |p| p.0) + dx;
            let mut points = vec![(x, at.y + head.bottom())];
            points.extend(tail.iter().map(|(px, py)| (px + dx, py + dy)));
            let forward = self.sketch.wires[*wire].from == End::Piece(trunk);
            self.out.wires.insert(*wire, directed(&points, forward));
        }
    }
}
