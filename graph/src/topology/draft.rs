//! The topology while it is made. Comes in: nodes and edges; goes out: the same by id and in order.
//! It never holds two nodes of one id.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::{Edge, EdgeKind, Evidence, Node, Topology};

/// Nodes and edges so far.
#[derive(Debug, Default)]
pub(super) struct Draft {
    /// Nodes by id.
    pub(super) nodes: BTreeMap<String, Node>,
    /// Edges, in no order.
    pub(super) edges: Vec<Edge>,
    /// Nodes that were replaced by one for each place.
    pub(super) copied: BTreeSet<String>,
}

/// Who has an address in a segment.
#[derive(Debug, Default)]
pub(super) struct Addresses(BTreeMap<String, BTreeMap<IpAddr, String>>);

impl Addresses {
    /// The device that has an address in a segment: the smallest id, where several have it.
    pub(super) fn device(&self, segment: &str, address: IpAddr) -> Option<&str> {
        self.0.get(segment)?.get(&address).map(String::as_str)
    }
}

impl Draft {
    /// Adds a node; the first of an id stays.
    pub(super) fn add(&mut self, node: Node) {
        self.nodes.entry(node.id.clone()).or_insert(node);
    }

    /// Takes away the nodes that were replaced and are attached nowhere.
    pub(super) fn drop_copied(&mut self) {
        for edge in &self.edges {
            self.copied.remove(&edge.from);
        }
        let gone = std::mem::take(&mut self.copied);
        self.nodes.retain(|id, _| !gone.contains(id));
    }

    /// Makes edges that begin or end at some nodes begin or end at others, and takes the old nodes
    /// away.
    pub(super) fn rename(&mut self, names: &BTreeMap<String, String>) {
        if names.is_empty() {
            return;
        }
        for edge in &mut self.edges {
            for end in [&mut edge.from, &mut edge.to] {
                if let Some(name) = names.get(end) {
                    end.clone_from(name);
                }
            }
        }
        self.nodes.retain(|id, _| !names.contains_key(id));
    }

    /// Who has which address.
    pub(super) fn addresses(&self) -> Addresses {
        let mut out = Addresses::default();
        for edge in self.edges.iter().filter(|it| it.kind == EdgeKind::Attached) {
            let segment = match out.0.get_mut(&edge.to) {
                Some(segment) => segment,
                None => out.0.entry(edge.to.clone()).or_default(),
            };
            for address in &edge.addresses {
                let kept = segment.entry(*address).or_insert_with(|| edge.from.clone());
                if edge.from < *kept {
                    kept.clone_from(&edge.from);
                }
            }
        }
        out
    }

    /// The topology.
    pub(super) fn done(self) -> Topology {
        let mut edges = self.edges;
        edges.sort();
        edges.dedup();
        merge(&mut edges);
        Topology {
            nodes: self.nodes.into_values().collect(),
            edges,
        }
    }
}

/// One attachment for each device and segment, however many have said it.
fn merge(edges: &mut Vec<Edge>) {
    let mut kept: BTreeMap<(String, String), Edge> = BTreeMap::new();
    let attached = |edge: &Edge| edge.kind == EdgeKind::Attached;
    for edge in edges.extract_if(.., |edge| attached(edge)) {
        match kept.entry((edge.from.clone(), edge.to.clone())) {
            Entry::Vacant(place) => {
                place.insert(edge);
            }
            Entry::Occupied(mut place) => {
                let one = place.get_mut();
                one.addresses.extend(edge.addresses);
                one.addresses.sort();
                one.addresses.dedup();
                join(&mut one.evidence, edge.evidence);
            }
        }
    }
    edges.extend(kept.into_values());
    edges.sort();
}

/// Evidence that says the same: what was collected counts before what somebody wrote.
fn join(one: &mut Evidence, other: Evidence) {
    one.kind = one.kind.min(other.kind);
    one.sources.extend(other.sources);
    one.sources.sort();
    one.sources.dedup();
    one.first = one.first.into_iter().chain(other.first).min();
    one.last = one.last.max(other.last);
    one.confidence = one.confidence.max(other.confidence);
}
