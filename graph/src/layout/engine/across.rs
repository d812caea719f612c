//! x of everything on a sheet. Comes in: rows in order; goes out: items that know their x. It never
//! changes the order of a row, nor puts a box of one zone below or above another zone of its band.

use std::collections::{BTreeMap, BTreeSet};

use super::{Item, Rect, Sheet, What};

/// Zones, each with what stands in its rows.
type Zones = Vec<(usize, Vec<Vec<usize>>)>;

impl Sheet<'_> {
    /// x of everything.
    pub(super) fn across(&mut self) {
        let (gap, pad) = (self.style.gap, self.style.pad);
        let last = self.bands.len() - 1;
        // Least widths of the upper rows.
        let rows = (0..last).map(|row| self.row_width(row));
        let bands = (0..3).map(|band| self.band_width(band));
        let need = rows.chain(bands).max().unwrap_or(0);
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
        (0..3).for_each(|band| self.zones_apart(band));
        self.apart();
        self.lanes();
    }

    /// The zones of a band with what stands in each of their rows, where it has several of both:
    /// elsewhere the order of a row alone keeps zones apart.
    fn zoned(&self, band: usize) -> Option<Zones> {
        let rows: Vec<usize> = (0..self.bands.len())
            .filter(|row| self.bands[*row] == band)
            .collect();
        let mut zones: BTreeMap<usize, Vec<Vec<usize>>> = BTreeMap::new();
        for (k, row) in rows.iter().enumerate() {
            for n in self.solid(*row) {
                let zone = self.rows.items[n].group.unwrap_or(usize::MAX);
                let own = zones.entry(zone).or_default();
                own.resize(own.len().max(k + 1), Vec::new());
                own[k].push(n);
            }
        }
        let several = rows.len() > 1 && zones.len() > 1;
        several.then(|| zones.into_iter().collect())
    }

    /// Room between two zones of a band.
    fn border(&self, zone: usize) -> i32 {
        self.style.gap + 2 * self.style.pad + self.title(zone)
    }

    /// Least width of a band of several zones and rows.
    fn band_width(&self, band: usize) -> i32 {
        let Some(zones) = self.zoned(band) else {
            return 0;
        };
        let widest = |(_, own): &(usize, Vec<Vec<usize>>)| {
            let widths = own.iter().map(|list| self.packed(list));
            widths.max().unwrap_or(0)
        };
        let own: i32 = zones.iter().map(widest).sum();
        let between: i32 = zones
            .iter()
            .skip(1)
            .map(|(zone, _)| self.border(*zone))
            .sum();
        let first = zones
            .first()
            .and_then(|(zone, _)| self.sketch.groups.get(*zone));
        first.map_or(0, |it| it.w) + own + between
    }

    /// No box of a zone stands below or above another zone of its band.
    fn zones_apart(&mut self, band: usize) {
        let Some(zones) = self.zoned(band) else {
            return;
        };
        let mut bound = 0;
        for (k, (zone, own)) in zones.iter().enumerate() {
            let start = bound + if k > 0 { self.border(*zone) } else { 0 };
            for list in own {
                let mut edge = start;
                for (k, n) in list.iter().enumerate() {
                    edge += if k > 0 {
                        self.before(list[k - 1], *n)
                    } else {
                        0
                    };
                    let item = &mut self.rows.items[*n];
                    item.x = item.x.max(edge);
                    edge = item.x + item.w;
                }
                bound = bound.max(edge);
            }
        }
        let mut bound = self.width - self.style.pad;
        for (zone, own) in zones.iter().rev() {
            let mut left = bound;
            for list in own {
                let mut edge = bound;
                for (k, n) in list.iter().enumerate().rev() {
                    let next = list.get(k + 1);
                    edge -= next.map_or(0, |next| self.before(*n, *next));
                    let item = &mut self.rows.items[*n];
                    item.x = item.x.min(edge - item.w);
                    edge = item.x;
                }
                left = left.min(edge);
            }
            bound = left - self.border(*zone);
        }
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
        let border = match j.group.filter(|_| i.group != j.group) {
            Some(zone) => self.border(zone),
            None if i.group != j.group => gap + 2 * pad,
            None => 0,
        };
        let joined = self
            .rows
            .beside
            .iter()
            .any(|p| (p.a, p.b) == (a, b) || (p.a, p.b) == (b, a));
        let text = if joined {
            8 + self.beside_text(a, b).max(self.style.half_em * 4)
        } else {
            0
        };
        let narrow = matches!(i.what, What::Pass) || matches!(j.what, What::Pass);
        let plain = if narrow { self.style.pitch } else { gap };
        plain.max(border).max(text)
    }

    /// Room at the left of a zone of an upper band for its title, where lines come down into segments
    /// in it: none runs through the text.
    pub(super) fn title(&self, zone: usize) -> i32 {
        let segment = |g: &usize| self.sketch.groups[*g].parent == Some(zone);
        match self.cells.keys().any(segment) {
            true => self.sketch.groups[zone].w,
            false => 0,
        }
    }

    /// Width of the text of a line between two of a row.
    fn beside_text(&self, a: usize, b: usize) -> i32 {
        let ends = |n: &usize| self.nets[*n].chain == [a, b] || self.nets[*n].chain == [b, a];
        let between = (0..self.nets.len()).filter(ends);
        between.map(|n| self.text_of(n)).max().unwrap_or(0)
    }

    fn row_width(&self, row: usize) -> i32 {
        self.packed(&self.solid(row)) + self.lead(row)
    }

    /// Least width of things side by side.
    fn packed(&self, list: &[usize]) -> i32 {
        let gaps: i32 = list.windows(2).map(|p| self.before(p[0], p[1])).sum();
        gaps + list.iter().map(|n| self.rows.items[*n].w).sum::<i32>()
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

    pub(super) fn solid(&self, row: usize) -> Vec<usize> {
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
