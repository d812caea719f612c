//! The difference between two moments. Comes in: the topologies of both; goes out: one that holds
//! everything of either, and what changed. It moves nothing: both moments are drawn from the same
//! places.

use std::collections::BTreeMap;

use super::super::topology::{Edge, Node, Topology};
use super::Change;

/// What changed, by the name of a node, or of an edge by its kind and ends.
pub type Changes = BTreeMap<String, Change>;

/// Name of an edge among changes.
pub(super) fn line(edge: &Edge) -> String {
    format!("{:?} {} {}", edge.kind, edge.from, edge.to)
}

/// Everything of both moments, and what changed from the first to the second.
#[must_use]
pub fn differ(before: &Topology, after: &Topology) -> (Topology, Changes) {
    let mut changes = Changes::new();
    let mut nodes: BTreeMap<&str, &Node> = BTreeMap::new();
    let old: BTreeMap<&str, &Node> = before.nodes.iter().map(|n| (n.id.as_str(), n)).collect();
    for node in &after.nodes {
        let change = match old.get(node.id.as_str()) {
            None => Some(Change::Added),
            Some(was) if differs(was, node) => Some(Change::Changed),
            Some(_) => None,
        };
        changes.extend(change.map(|c| (node.id.clone(), c)));
        nodes.insert(&node.id, node);
    }
    for node in &before.nodes {
        if !nodes.contains_key(node.id.as_str()) {
            changes.insert(node.id.clone(), Change::Removed);
            nodes.insert(&node.id, node);
        }
    }
    let mut edges: BTreeMap<String, &Edge> = BTreeMap::new();
    let was: BTreeMap<String, &Edge> = before.edges.iter().map(|e| (line(e), e)).collect();
    for edge in &after.edges {
        let name = line(edge);
        if !was.contains_key(&name) {
            changes.insert(name.clone(), Change::Added);
        }
        edges.insert(name, edge);
    }
    for (name, edge) in was {
        edges.entry(name).or_insert_with_key(|name| {
            changes.insert(name.clone(), Change::Removed);
            edge
        });
    }
    let mut edges: Vec<Edge> = edges.into_values().cloned().collect();
    edges.sort();
    let nodes = nodes.into_values().cloned().collect();
    (Topology { nodes, edges }, changes)
}

/// Whether what people read differs; when it was seen does not count.
fn differs(a: &Node, b: &Node) -> bool {
    a.kind != b.kind
        || a.label != b.label
        || a.detail != b.detail
        || a.marks != b.marks
        || a.zone != b.zone
        || a.grade != b.grade
        || a.also != b.also
        || a.unplaced != b.unplaced
}
