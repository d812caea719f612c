//! The snapshot that queries run on: compressed rows of steps, each with its time, made once from the
//! model and never changed. Comes in: the model; goes out: answers in well under a millisecond at the
//! size of a hospital. More steps never shrink what is reached.

use std::collections::VecDeque;

use petgraph::stable_graph::NodeIndex;
use petgraph::visit::{EdgeRef, IntoEdgeReferences};

use super::model::{Model, Reason, ThingKind};

/// Nobody.
pub(super) const NONE: u32 = u32::MAX;

/// The time asked about: steps that were there within it count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// From, in seconds since 1970.
    pub from: i64,
    /// To.
    pub to: i64,
}

impl Window {
    /// All time.
    pub const ALL: Self = Self {
        from: i64::MIN,
        to: i64::MAX,
    };
}

/// An arc of a row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arc {
    pub(super) to: u32,
    pub(super) reason: Reason,
    pub(super) observed: bool,
    pub(super) first: i64,
    pub(super) last: i64,
    pub(super) proof: u32,
}

/// The steps, row by row.
#[derive(Debug, Default)]
pub struct Snapshot {
    offsets: Vec<u32>,
    /// Where each arc leads: what a query reads of most arcs, close together.
    heads: Vec<u32>,
    pub(super) arcs: Vec<Arc>,
    /// From where each arc comes.
    pub(super) sources: Vec<u32>,
    kinds: Vec<ThingKind>,
    /// The model's things in the order of the rows, and back.
    pub(super) things: Vec<NodeIndex>,
    rows: Vec<u32>,
}

/// What is reached, and by which arc first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tree {
    /// Number of steps; `u32::MAX`: not reached.
    pub(super) steps: Vec<u32>,
    /// The arc that came first.
    pub(super) by: Vec<u32>,
}

impl Tree {
    /// Whether the row is reached.
    pub(super) fn has(&self, row: u32) -> bool {
        let steps = usize::try_from(row).ok().and_then(|it| self.steps.get(it));
        steps.is_some_and(|it| *it != NONE)
    }

    /// How many things are reached, ways between them included.
    #[must_use]
    pub fn count(&self) -> usize {
        self.steps.iter().filter(|it| **it != NONE).count()
    }
}

fn index(it: u32) -> usize {
    // A row number is an index of a list that is in memory.
    it as usize
}

impl Snapshot {
    /// From the model. Rows follow the order of the model's things; arcs that explain better stand
    /// first in their row.
    #[must_use]
    pub fn of(model: &Model) -> Self {
        let things: Vec<NodeIndex> = model.graph.node_indices().collect();
        let most = things.iter().map(|it| it.index() + 1).max().unwrap_or(0);
        let mut rows = vec![NONE; most];
        let mut kinds = Vec::with_capacity(things.len());
        for (row, at) in (0_u32..).zip(&things) {
            if let Some(place) = rows.get_mut(at.index()) {
                *place = row;
            }
            let thing = model.graph.node_weight(*at);
            kinds.push(thing.map_or(ThingKind::Common, |it| it.kind));
        }
        let row = |at: NodeIndex| rows.get(at.index()).copied().unwrap_or(NONE);
        let mut all: Vec<(u32, Arc)> = model
            .graph
            .edge_references()
            .map(|edge| {
                let step = edge.weight();
                let arc = Arc {
                    to: row(edge.target()),
                    reason: step.reason,
                    observed: step.observed,
                    first: step.first,
                    last: step.last,
                    proof: u32::try_from(step.proof).unwrap_or(NONE),
                };
                (row(edge.source()), arc)
            })
            .collect();
        all.sort_by_key(|(from, it)| (*from, it.reason, it.to, it.first, it.proof));
        let sources: Vec<u32> = all.iter().map(|(from, _)| *from).collect();
        let arcs = all.into_iter().map(|(_, arc)| arc).collect();
        Self {
            things,
            rows,
            ..Self::of_rows(kinds, sources, arcs)
        }
    }

    /// From rows that are in order already; which things of a model they were is not known.
    pub(super) fn of_rows(kinds: Vec<ThingKind>, sources: Vec<u32>, arcs: Vec<Arc>) -> Self {
        let mut offsets = vec![0_u32; kinds.len() + 1];
        for from in &sources {
            if let Some(place) = offsets.get_mut(index(*from) + 1) {
                *place += 1;
            }
        }
        for at in 1..offsets.len() {
            offsets[at] += offsets[at - 1];
        }
        Self {
            offsets,
            heads: arcs.iter().map(|arc| arc.to).collect(),
            sources,
            arcs,
            kinds,
            things: Vec::new(),
            rows: Vec::new(),
        }
    }

    /// How many things and steps it holds.
    #[must_use]
    pub fn size(&self) -> (usize, usize) {
        (self.kinds.len(), self.arcs.len())
    }

    /// The row of a thing.
    #[must_use]
    pub fn row(&self, at: NodeIndex) -> Option<u32> {
        let row = self.rows.get(at.index()).copied();
        row.filter(|it| *it != NONE)
    }

    pub(super) fn kind(&self, row: u32) -> ThingKind {
        self.kinds
            .get(index(row))
            .copied()
            .unwrap_or(ThingKind::Common)
    }

    pub(super) fn arcs_of(&self, row: u32) -> std::ops::Range<usize> {
        let from = self.offsets.get(index(row)).copied().unwrap_or(0);
        let to = self.offsets.get(index(row) + 1).copied().unwrap_or(from);
        index(from)..index(to)
    }

    pub(super) fn there(arc: &Arc, window: Window) -> bool {
        arc.first <= window.to && arc.last >= window.from
    }

    /// Everything that can be reached from some rows, by the fewest steps.
    #[must_use]
    pub fn reach(&self, roots: &[u32], window: Window, observed: bool) -> Tree {
        let mut tree = Tree {
            steps: vec![NONE; self.kinds.len()],
            by: vec![NONE; self.kinds.len()],
        };
        let mut queue = VecDeque::with_capacity(self.kinds.len());
        for root in roots {
            if let Some(steps) = tree.steps.get_mut(index(*root)) {
                *steps = 0;
                queue.push_back(*root);
            }
        }
        while let Some(at) = queue.pop_front() {
            let next = tree.steps[index(at)] + 1;
            for number in self.arcs_of(at) {
                let to = self.heads[number];
                let steps = &mut tree.steps[index(to)];
                // Most arcs lead to what is reached already.
                if *steps != NONE {
                    continue;
                }
                let arc = &self.arcs[number];
                if (observed && !arc.observed) || !Self::there(arc, window) {
                    continue;
                }
                *steps = next;
                tree.by[index(to)] = u32::try_from(number).unwrap_or(NONE);
                queue.push_back(to);
            }
        }
        tree
    }

    /// Machines and devices that a way leads to.
    pub(super) fn hops(&self, path: &[usize]) -> usize {
        let machine = |it: &&usize| self.kind(self.arcs[**it].to).is_machine();
        path.iter().filter(machine).count()
    }

    /// The arcs by which a row was first reached, from a root on.
    pub(super) fn path(&self, tree: &Tree, row: u32) -> Vec<usize> {
        let mut path = Vec::new();
        let mut at = row;
        while let Some(by) = tree.by.get(index(at)).filter(|it| **it != NONE) {
            path.push(index(*by));
            at = self.sources[index(*by)];
        }
        path.reverse();
        path
    }
}
