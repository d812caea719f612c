//! The cheapest cut between two sides. Comes in: gates with a cost, several of them between the same
//! two points where lines are doubled; goes out: the gates to close, nearest to the source. It never
//! closes a gate that has no cost: such a way cannot be cut.

use std::collections::VecDeque;

/// A way that can be closed, in both directions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gate {
    /// One end.
    pub from: usize,
    /// The other.
    pub to: usize,
    /// What closing it costs; `None`: nobody can close it.
    pub cost: Option<u64>,
}

/// The cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MinCut {
    /// What it costs.
    pub cost: u64,
    /// Numbers of the gates to close, sorted.
    pub gates: Vec<usize>,
}

/// More than all gates together cost.
const ENDLESS: u64 = u64::MAX / 4;

/// Arcs of the residual network: gate `n` has arcs `2n` and `2n + 1`.
struct Network {
    to: Vec<usize>,
    left: Vec<u64>,
    /// Arcs from each point, one after the other, and where each point's begin.
    arcs: Vec<usize>,
    starts: Vec<usize>,
    level: Vec<usize>,
    next: Vec<usize>,
}

/// The cheapest set of gates that parts the sources from the sinks; `None`: nothing parts them.
///
/// Of several cheapest sets it is the one nearest to the sinks, so that whatever else may have been
/// damaged on the side of the sources is parted from them too.
#[must_use]
pub fn min_cut(
    points: usize,
    gates: &[Gate],
    sources: &[usize],
    sinks: &[usize],
) -> Option<MinCut> {
    let (source, sink) = (points, points + 1);
    let ends = sources.iter().map(|it| (source, *it));
    let ends = ends.chain(sinks.iter().map(|it| (*it, sink)));
    let ends = ends.map(|(from, to)| Gate {
        from,
        to,
        cost: None,
    });
    let all: Vec<Gate> = gates.iter().copied().chain(ends).collect();
    let mut network = Network::of(points + 2, &all);
    let mut flow: u64 = 0;
    while network.levels(source, sink) {
        network.next = vec![0; points + 2];
        loop {
            let pushed = network.push(source, sink);
            if pushed == 0 {
                break;
            }
            flow = flow.saturating_add(pushed);
            if flow >= ENDLESS {
                return None;
            }
        }
    }
    let sink_side = network.reaching(sink);
    let parted = |gate: &Gate| sink_side[gate.from] != sink_side[gate.to];
    let gates = gates.iter().enumerate().filter(|(_, it)| parted(it));
    Some(MinCut {
        cost: flow,
        gates: gates.map(|(number, _)| number).collect(),
    })
}

impl Network {
    fn of(points: usize, gates: &[Gate]) -> Self {
        let mut network = Self {
            to: Vec::with_capacity(gates.len() * 2),
            left: Vec::with_capacity(gates.len() * 2),
            arcs: vec![0; gates.len() * 2],
            starts: vec![0; points + 1],
            level: vec![usize::MAX; points],
            next: vec![0; points],
        };
        for gate in gates {
            let cost = gate.cost.map_or(ENDLESS, |it| it.min(ENDLESS / 2));
            for (from, to) in [(gate.from, gate.to), (gate.to, gate.from)] {
                network.starts[from + 1] += 1;
                network.to.push(to);
                network.left.push(cost);
            }
        }
        for at in 1..network.starts.len() {
            network.starts[at] += network.starts[at - 1];
        }
        let mut next = network.starts.clone();
        for arc in 0..network.to.len() {
            // An arc begins where the other of its pair ends.
            let place = &mut next[network.to[arc ^ 1]];
            network.arcs[*place] = arc;
            *place += 1;
        }
        network
    }

    fn row(&self, at: usize) -> &[usize] {
        &self.arcs[self.starts[at]..self.starts[at + 1]]
    }

    /// Distances from the source along what is left; whether the sink is reached.
    fn levels(&mut self, source: usize, sink: usize) -> bool {
        self.level.fill(usize::MAX);
        self.level[source] = 0;
        let mut queue = VecDeque::from([source]);
        while let Some(at) = queue.pop_front() {
            if at == sink {
                return true;
            }
            for arc in &self.arcs[self.starts[at]..self.starts[at + 1]] {
                let to = self.to[*arc];
                if self.left[*arc] > 0 && self.level[to] == usize::MAX {
                    self.level[to] = self.level[at] + 1;
                    queue.push_back(to);
                }
            }
        }
        false
    }

    /// Pushes what one path can carry; 0: there is none.
    fn push(&mut self, source: usize, sink: usize) -> u64 {
        let mut path: Vec<usize> = Vec::new();
        let mut at = source;
        while at != sink {
            let row = self.row(at);
            let found = row.get(self.next[at]..).unwrap_or_default().iter();
            let mut tried = 0;
            let mut step = None;
            for arc in found {
                let to = self.to[*arc];
                let onward = self.level[to] != usize::MAX && self.level[to] == self.level[at] + 1;
                if self.left[*arc] > 0 && onward {
                    step = Some(*arc);
                    break;
                }
                tried += 1;
            }
            self.next[at] += tried;
            match step {
                Some(arc) => {
                    path.push(arc);
                    at = self.to[arc];
                }
                None => {
                    // A dead end: one step back, and not this way again.
                    let Some(arc) = path.pop() else { return 0 };
                    at = self.to[arc ^ 1];
                    self.next[at] += 1;
                }
            }
        }
        let most = path.iter().map(|it| self.left[*it]).min().unwrap_or(0);
        for arc in &path {
            self.left[*arc] -= most;
            self.left[*arc ^ 1] = self.left[*arc ^ 1].saturating_add(most);
        }
        most
    }

    /// Points from which the sink can still be reached.
    fn reaching(&self, sink: usize) -> Vec<bool> {
        let mut side = vec![false; self.level.len()];
        side[sink] = true;
        let mut queue = VecDeque::from([sink]);
        while let Some(at) = queue.pop_front() {
            for arc in self.row(at) {
                // The other arc of the pair comes from there to here.
                let from = self.to[*arc];
                if self.left[*arc ^ 1] > 0 && !side[from] {
                    side[from] = true;
                    queue.push_back(from);
                }
            }
        }
        side
    }
}
