//! Rows of boxes and the order in them. Comes in: the outer boxes and nets between them; goes out:
//! rows whose order makes few lines cross. It never parts a pair, nor a zone from its neighbours in a
//! row.

use std::collections::BTreeMap;

use super::order::{Wanted, ordered};

/// Something that stands in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    /// A box.
    Piece(usize),
    /// A segment in an upper band.
    Cell(usize),
    /// A line that passes.
    Pass,
    /// A line that passes outside all zones, at the right.
    Lane,
    /// A box of a zone's own, in its column.
    Head(usize),
    /// Where a trunk enters a column.
    Entry(usize, usize),
}

/// One of them.
#[derive(Debug, Clone)]
pub(super) struct Item {
    /// What it is.
    pub(super) what: What,
    /// The row.
    pub(super) row: usize,
    /// Its zone, as an index of groups; lanes have none.
    pub(super) group: Option<usize>,
    /// Those of a unit stand together.
    pub(super) unit: usize,
    /// Width.
    pub(super) w: i32,
    /// Height.
    pub(super) h: i32,
    /// Left.
    pub(super) x: i32,
}

/// A stretch of a line between items of neighbouring rows, or of one row over its top.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hop {
    /// The upper item.
    pub(super) up: usize,
    /// The lower item.
    pub(super) low: usize,
}

/// A line within a row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Level {
    /// One end.
    pub(super) a: usize,
    /// The other.
    pub(super) b: usize,
    /// How much each item between the two costs, in crossings.
    pub(super) pull: usize,
}

/// All rows.
#[derive(Debug, Clone, Default)]
pub(super) struct Rows {
    /// Items.
    pub(super) items: Vec<Item>,
    /// Their order in each row.
    pub(super) order: Vec<Vec<usize>>,
    /// Stretches between rows.
    pub(super) hops: Vec<Hop>,
    /// Lines within a row.
    pub(super) beside: Vec<Level>,
    /// Places in their rows that people gave, counted among boxes.
    pub(super) places: BTreeMap<usize, usize>,
}

/// Most arrangements of a row that are tried one by one.
const TRIED: usize = 4;
const ROUNDS: usize = 3;
/// With more stretches than this, one round has to do.
const MANY: usize = 160;

impl Rows {
    /// Puts every row into an order with few crossings. Row `fixed` leads; the last follows.
    pub(super) fn settle(&mut self, lead: &[usize]) {
        let start = self.order.clone();
        let mut best: Option<(usize, Vec<Vec<usize>>)> = None;
        for turn in self.turns(lead) {
            self.order.clone_from(&start);
            if let Some((row, order)) = turn {
                self.order[row] = order;
            }
            let rounds = if self.hops.len() > MANY { 1 } else { ROUNDS };
            for _ in 0..rounds {
                self.sweep(lead);
                self.swap();
            }
            let cost = self.crossings();
            if best.as_ref().is_none_or(|(least, _)| cost < *least) {
                best = Some((cost, self.order.clone()));
            }
        }
        if let Some((_, order)) = best {
            self.order = order;
        }
        if self.hops.len() <= MANY {
            self.approach();
        }
        if !self.places.is_empty() {
            self.hold();
            self.swap();
        }
    }

    /// Those of two units stand together from now on.
    pub(super) fn unite(&mut self, a: usize, b: usize) {
        let (from, to) = (self.items[b].unit, self.items[a].unit);
        for item in self.items.iter_mut().filter(|it| it.unit == from) {
            item.unit = to;
        }
    }

    /// Puts what has a place there; lines that pass stay between boxes where they are.
    fn hold(&mut self) {
        for row in 0..self.order.len() {
            let solid = |n: &usize| matches!(self.items[*n].what, What::Piece(_) | What::Cell(_));
            let boxes: Vec<usize> = self.order[row].iter().copied().filter(solid).collect();
            let united = |p: &[usize]| self.items[p[0]].unit == self.items[p[1]].unit;
            let pairs = boxes.windows(2).filter(|p| united(p));
            let wanted = Wanted {
                places: self.places.clone(),
                pairs: pairs.map(|p| (p[0], p[1])).collect(),
            };
            let mut next = ordered(&boxes, &wanted).into_iter();
            for n in &mut self.order[row] {
                if boxes.contains(n) {
                    *n = next.next().unwrap_or(*n);
                }
            }
        }
    }

    /// Whether one of a unit has a place.
    fn held(&self, unit: &[usize]) -> bool {
        unit.iter().any(|n| self.places.contains_key(n))
    }

    /// What is joined to something in its own row moves towards it, with the rows above after it: step by
    /// step every exchange would first add crossings.
    fn approach(&mut self) {
        let mut cost = self.crossings();
        for Level { a, b, .. } in self.beside.clone() {
            for (moved, goal) in [(a, b), (b, a)] {
                let before = self.order.clone();
                self.bring(moved, goal);
                let near = self.near();
                let row = self.items[moved].row;
                for above in (0..row).rev() {
                    self.follow(above, above + 1, &near);
                }
                self.swap();
                let now = self.crossings();
                if now < cost {
                    cost = now;
                } else {
                    self.order = before;
                }
            }
        }
    }

    /// Moves the unit of an item as near to another as its zone allows.
    fn bring(&mut self, moved: usize, goal: usize) {
        let row = self.items[moved].row;
        let mut units = self.units(row);
        let place = |n: usize, units: &[Vec<usize>]| units.iter().position(|u| u.contains(&n));
        let (Some(from), Some(to)) = (place(moved, &units), place(goal, &units)) else {
            return;
        };
        let group = |unit: &[usize]| unit.first().and_then(|i| self.items[*i].group);
        let own = group(&units[from]);
        let path: Vec<usize> = match from < to {
            true => (from + 1..to).collect(),
            false => (to + 1..from).rev().collect(),
        };
        let steps = path
            .iter()
            .take_while(|n| group(&units[**n]) == own)
            .count();
        let unit = units.remove(from);
        let at = if from < to {
            from + steps
        } else {
            from - steps
        };
        units.insert(at, unit);
        self.order[row] = units.concat();
    }

    /// Arrangements of the leading row to begin with.
    fn turns(&self, lead: &[usize]) -> Vec<Option<(usize, Vec<usize>)>> {
        let mut out = vec![None];
        let Some(row) = lead.first() else { return out };
        let now = &self.order[*row];
        if now.len() <= TRIED && self.hops.len() <= MANY {
            for n in 1..=now.len() {
                let mut other = now.clone();
                other.rotate_left(n % now.len());
                out.push(Some((*row, other.clone())));
                other.reverse();
                out.push(Some((*row, other)));
            }
        }
        out
    }

    /// Neighbours of every item, above and below.
    fn near(&self) -> BTreeMap<usize, Vec<usize>> {
        let mut out: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for hop in &self.hops {
            out.entry(hop.up).or_default().push(hop.low);
            out.entry(hop.low).or_default().push(hop.up);
        }
        out
    }

    /// Rows away from the leading ones follow the row before them.
    fn sweep(&mut self, lead: &[usize]) {
        let near = self.near();
        let (first, last) = (lead.first().copied(), lead.last().copied());
        let (Some(first), Some(last)) = (first, last) else {
            return;
        };
        for row in last + 1..self.order.len() {
            self.follow(row, row - 1, &near);
        }
        for row in lead.iter().skip(1) {
            self.follow(*row, row - 1, &near);
        }
        for row in (0..first).rev() {
            self.follow(row, row + 1, &near);
        }
    }

    fn follow(&mut self, row: usize, by: usize, near: &BTreeMap<usize, Vec<usize>>) {
        let at: BTreeMap<usize, usize> = self.places(by);
        let mean = |n: &usize| -> Option<i64> {
            let all = near.get(n).into_iter().flatten();
            let known: Vec<i64> = all
                .filter_map(|m| at.get(m).map(|p| i64::try_from(*p).unwrap_or(0) * 1000))
                .collect();
            let count = i64::try_from(known.len()).unwrap_or(1).max(1);
            (!known.is_empty()).then(|| known.iter().sum::<i64>() / count)
        };
        let units = self.units(row);
        let mut keyed: Vec<(Option<usize>, i64, usize, Vec<usize>)> = Vec::new();
        for (n, unit) in units.into_iter().enumerate() {
            let group = unit.first().and_then(|i| self.items[*i].group);
            let all: Vec<i64> = unit.iter().filter_map(mean).collect();
            let count = i64::try_from(all.len()).unwrap_or(1).max(1);
            let own = i64::try_from(n).unwrap_or(0);
            let key = if all.is_empty() {
                own * 1000
            } else {
                all.iter().sum::<i64>() / count
            };
            keyed.push((group, key, n, unit));
        }
        // Zones keep their own order, in every row: the same zone is found at the same place on every
        // sheet, whatever is joined to it.
        let rank = |group: &Option<usize>| (group.is_none(), *group);
        keyed.sort_by_key(|(group, key, n, _)| (rank(group), *key, *n));
        self.order[row] = keyed.into_iter().flat_map(|(_, _, _, unit)| unit).collect();
    }

    /// The units of a row, in order. In the row of columns a zone is a unit.
    fn units(&self, row: usize) -> Vec<Vec<usize>> {
        let columns = row + 1 == self.order.len();
        let mut out: Vec<Vec<usize>> = Vec::new();
        for n in &self.order[row] {
            let item = &self.items[*n];
            let same = out.last().and_then(|u| u.first()).is_some_and(|m| {
                let other = &self.items[*m];
                if columns {
                    other.group == item.group && item.group.is_some()
                } else {
                    other.unit == item.unit
                }
            });
            match out.last_mut() {
                Some(unit) if same => unit.push(*n),
                _ => out.push(vec![*n]),
            }
        }
        out
    }

    fn places(&self, row: usize) -> BTreeMap<usize, usize> {
        let row = self.order.get(row).map(Vec::as_slice).unwrap_or_default();
        row.iter().enumerate().map(|(p, n)| (*n, p)).collect()
    }

    /// Exchanges neighbours, and turns units round, while that takes crossings away.
    fn swap(&mut self) {
        let mut cost = self.crossings();
        for row in 0..self.order.len() {
            let mut units = self.units(row);
            if units.len() > 40 {
                continue;
            }
            for n in 0..units.len() {
                let fixed = row + 1 == self.order.len();
                if units[n].len() > 1 && !fixed && !self.held(&units[n]) {
                    units[n].reverse();
                    self.try_row(row, &mut units, &mut cost, |u| u[n].reverse());
                }
            }
            for n in 1..units.len() {
                let group = |u: &[usize]| u.first().and_then(|i| self.items[*i].group);
                let lane = group(&units[n]).is_none();
                let other = group(&units[n]) != group(&units[n - 1]);
                if lane || other || self.held(&units[n]) || self.held(&units[n - 1]) {
                    continue;
                }
                units.swap(n, n - 1);
                self.try_row(row, &mut units, &mut cost, |u| u.swap(n, n - 1));
            }
        }
    }

    fn try_row(
        &mut self,
        row: usize,
        units: &mut Vec<Vec<usize>>,
        cost: &mut usize,
        back: impl Fn(&mut Vec<Vec<usize>>),
    ) {
        let before = self.order[row].clone();
        self.order[row] = units.concat();
        let now = self.crossings();
        if now < *cost {
            *cost = now;
        } else {
            self.order[row] = before;
            back(units);
        }
    }

    /// Crossings that the order alone makes.
    pub(super) fn crossings(&self) -> usize {
        let mut place = vec![0usize; self.items.len()];
        for row in &self.order {
            for (p, n) in row.iter().enumerate() {
                place[*n] = p;
            }
        }
        let mut total = 0;
        let mut by_row: Vec<Vec<(usize, usize)>> = vec![Vec::new(); self.order.len()];
        for hop in &self.hops {
            by_row[self.items[hop.up].row].push((place[hop.up], place[hop.low]));
        }
        for hops in &mut by_row {
            hops.sort_unstable();
            for (n, a) in hops.iter().enumerate() {
                let less = |b: &&(usize, usize)| a.0 < b.0 && b.1 < a.1;
                total += hops[n + 1..].iter().filter(less).count();
            }
        }
        for Level { a, b, pull } in &self.beside {
            let (l, r) = (place[*a].min(place[*b]), place[*a].max(place[*b]));
            let row = self.items[*a].row;
            let within = |n: usize| self.items[n].row == row && l < place[n] && place[n] < r;
            let tops = self.hops.iter().filter(|h| within(h.low)).count();
            total += tops + pull * r.saturating_sub(l + 1);
        }
        total
    }
}
