//! Where every way passes（要所）. Comes in: points and the gates between them, several between the same
//! two where lines are doubled; goes out: for a point, what every way from a source to it passes and
//! which gates part it alone; for a network, what it falls apart without. It knows no way that nobody
//! reported or entered.

use super::cut::Gate;

/// None.
const NONE: usize = usize::MAX;

/// A walk over everything that is joined to a start, from which all answers are read.
#[derive(Debug)]
pub struct Walk {
    /// When a point was met; `NONE`: it is not joined.
    order: Vec<usize>,
    /// The earliest that what hangs below a point is joined to without it.
    low: Vec<usize>,
    /// The gate by which a point was met.
    by: Vec<usize>,
    /// The point from which it was met.
    parent: Vec<usize>,
    /// Points in the order in which they were met.
    met: Vec<usize>,
    /// How many points hang below a point, itself included.
    below: Vec<usize>,
}

/// Gates at each point, row by row.
#[derive(Debug)]
pub struct Ways {
    offsets: Vec<usize>,
    /// The other end, and the gate.
    ends: Vec<(usize, usize)>,
}

impl Ways {
    /// Of gates between so many points.
    #[must_use]
    pub fn of(points: usize, gates: &[Gate]) -> Self {
        let real = || gates.iter().enumerate().filter(|(_, it)| it.from != it.to);
        let mut offsets = vec![0; points + 1];
        for (_, gate) in real() {
            offsets[gate.from + 1] += 1;
            offsets[gate.to + 1] += 1;
        }
        for at in 0..points {
            offsets[at + 1] += offsets[at];
        }
        let mut next = offsets.clone();
        let mut ends = vec![(0, 0); offsets[points]];
        for (number, gate) in real() {
            for (from, to) in [(gate.from, gate.to), (gate.to, gate.from)] {
                ends[next[from]] = (to, number);
                next[from] += 1;
            }
        }
        Self { offsets, ends }
    }

    fn points(&self) -> usize {
        self.offsets.len() - 1
    }
}

impl Walk {
    fn empty(points: usize) -> Self {
        Self {
            order: vec![NONE; points],
            low: vec![NONE; points],
            by: vec![NONE; points],
            parent: vec![NONE; points],
            met: Vec::new(),
            below: vec![0; points],
        }
    }

    /// From a point on.
    #[must_use]
    pub fn from(ways: &Ways, start: usize) -> Self {
        let mut walk = Self::empty(ways.points());
        walk.go(ways, start);
        walk
    }

    /// Depth first, without recursion: networks are deep.
    fn go(&mut self, ways: &Ways, start: usize) {
        let mut stack = vec![(start, ways.offsets[start])];
        self.meet(start, NONE, NONE);
        while let Some((at, next)) = stack.last_mut() {
            let at = *at;
            if *next == ways.offsets[at + 1] {
                stack.pop();
                if let Some((up, _)) = stack.last() {
                    self.low[*up] = self.low[*up].min(self.low[at]);
                    self.below[*up] += self.below[at];
                }
                continue;
            }
            let (to, gate) = ways.ends[*next];
            *next += 1;
            if self.order[to] == NONE {
                self.meet(to, gate, at);
                stack.push((to, ways.offsets[to]));
            } else if gate != self.by[at] {
                // A second line to where it came from is a way of its own.
                self.low[at] = self.low[at].min(self.order[to]);
            }
        }
    }

    fn meet(&mut self, point: usize, by: usize, parent: usize) {
        self.order[point] = self.met.len();
        self.low[point] = self.met.len();
        self.by[point] = by;
        self.parent[point] = parent;
        self.below[point] = 1;
        self.met.push(point);
    }

    /// Whether a point is joined to the start.
    #[must_use]
    pub fn joins(&self, point: usize) -> bool {
        self.order.get(point).is_some_and(|it| *it != NONE)
    }

    /// Points that every way to a point passes, without its ends, and gates that part it alone; both from
    /// the start on.
    #[must_use]
    pub fn to(&self, point: usize) -> (Vec<usize>, Vec<usize>) {
        let (mut points, mut gates) = (Vec::new(), Vec::new());
        let mut at = point;
        while self.joins(at) && self.parent[at] != NONE {
            let up = self.parent[at];
            if self.low[at] > self.order[up] {
                gates.push(self.by[at]);
            }
            if self.low[at] >= self.order[up] && self.parent[up] != NONE {
                points.push(up);
            }
            at = up;
        }
        points.reverse();
        gates.reverse();
        (points, gates)
    }
}

/// A point without which a network falls apart, with the parts that are cut off from the largest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Single {
    /// The point.
    pub point: usize,
    /// Points that are then cut off from the largest part, sorted.
    pub parted: Vec<usize>,
}

/// All points without which the network falls apart. `weight` says what counts when the largest part is
/// looked for.
#[must_use]
pub fn singles(ways: &Ways, weight: &dyn Fn(usize) -> usize) -> Vec<Single> {
    let points = ways.points();
    let mut walk = Walk::empty(points);
    let mut out = Vec::new();
    for start in 0..points {
        if walk.joins(start) {
            continue;
        }
        let first = walk.met.len();
        walk.go(ways, start);
        let whole = walk.met.get(first..).unwrap_or_default();
        out.extend(
            whole
                .iter()
                .filter_map(|it| walk.single(*it, whole, weight)),
        );
    }
    out.sort_by_key(|it| it.point);
    out
}

impl Walk {
    /// What falls off without a point of a network.
    fn single(
        &self,
        point: usize,
        whole: &[usize],
        weight: &dyn Fn(usize) -> usize,
    ) -> Option<Single> {
        let hangs = |it: &&usize| self.parent[**it] == point && self.low[**it] >= self.order[point];
        let begin = self.order[*whole.first()?];
        // What hangs below a point follows it in the order.
        let place = |it: usize| self.order[it] - begin;
        let tops = whole.iter().filter(hangs);
        let mut parts: Vec<Vec<usize>> = tops
            .map(|it| whole[place(*it)..place(*it) + self.below[*it]].to_vec())
            .collect();
        let hanging: usize = parts.iter().map(Vec::len).sum();
        if hanging + 1 < whole.len() {
            let mut rest = vec![true; whole.len()];
            rest[place(point)] = false;
            for it in parts.iter().flatten() {
                rest[place(*it)] = false;
            }
            let left = whole.iter().filter(|it| rest[place(**it)]);
            parts.push(left.copied().collect());
        }
        if parts.len() < 2 {
            return None;
        }
        let heavy = |it: &[usize]| it.iter().map(|it| weight(*it)).sum::<usize>();
        parts.sort_by_key(|it| (std::cmp::Reverse(heavy(it)), it.iter().min().copied()));
        let mut parted: Vec<usize> = parts.into_iter().skip(1).flatten().collect();
        parted.sort_unstable();
        Some(Single { point, parted })
    }
}
