//! What can be closed, and what that costs. Comes in: topology, entries and verdicts; goes out: gates
//! that a person can close, with costs that follow the harm. It knows a port only where an entry names
//! the cable, and gives a way that it does not know no cost: nobody can close it.

use std::collections::{BTreeMap, BTreeSet};

use daicho_ledger::AssetId;
use petgraph::visit::{EdgeRef, IntoEdgeReferences};
use serde::{Deserialize, Serialize};

use super::cut::Gate;
use super::model::{Model, Reason, ThingKind};
use super::place::Places;
use super::snapshot::Snapshot;
use crate::list::Basis;
use crate::recognise::System;
use crate::topology::EdgeKind;

/// What a person does.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Means {
    /// Unplug all cables between a machine and a segment.
    Unplug {
        /// The segment.
        segment: String,
    },
    /// Stop a line or VPN: a connection point.
    StopPoint,
    /// Unplug a cable that an entry names, or shut its port.
    Port {
        /// The device at the other end.
        other: String,
        /// Names of the ports, as people wrote them.
        ports: Vec<String>,
    },
    /// Close a segment at its gateway; the port is not known.
    Segment {
        /// The gateway.
        gateway: String,
    },
}

/// Sorts of systems without which patients may come to harm.
pub(super) const PATIENT: &[&str] = &[
    "blood",
    "dialysis",
    "dicom",
    "ehr",
    "endoscopy",
    "hl7",
    "lis",
    "monitor",
    "nurse_call",
    "nursing",
    "pacs",
    "pathology",
    "pharmacy",
    "physiology",
    "ris",
    "surgery",
    "vital",
    "vital_monitor",
];

/// A gate with what closes it.
#[derive(Debug, Clone)]
pub(super) struct Closing {
    pub(super) target: String,
    pub(super) means: Means,
}

/// All gates of a site: made once.
#[derive(Debug, Default)]
pub struct Gates {
    pub(super) gates: Vec<Gate>,
    pub(super) closings: Vec<Option<Closing>>,
    /// Rows of segments in which a row stands.
    pub(super) segments: BTreeMap<u32, BTreeSet<u32>>,
    /// Where each system stands, in the order of the systems.
    pub(super) systems: Vec<Stands>,
}

/// Where a system stands.
#[derive(Debug, Default)]
pub(super) struct Stands {
    /// Its servers.
    pub(super) servers: BTreeSet<u32>,
    /// Segments of its servers and of those that use it.
    pub(super) segments: BTreeSet<u32>,
}

impl Gates {
    pub(super) fn of(basis: Basis<'_>, model: &Model, snapshot: &Snapshot) -> Self {
        let places = Places::of(basis);
        let mut gates = Self::default();
        let costs = Costs::of(basis);
        let row = |id: &str| model.find(id).and_then(|it| snapshot.row(it));
        let members = members(basis, &places);
        let mut done = BTreeSet::new();
        for edge in &basis.topology.edges {
            if !matches!(edge.kind, EdgeKind::Attached | EdgeKind::Routed) {
                continue;
            }
            let (from, to) = (places.thing_of(&edge.from), places.thing_of(&edge.to));
            let (Some(a), Some(b)) = (row(from), row(to)) else {
                continue;
            };
            let (segment, machine) = match (snapshot.kind(a), snapshot.kind(b)) {
                (ThingKind::Segment, kind) if kind.is_machine() => ((a, from), (b, to)),
                (kind, ThingKind::Segment) if kind.is_machine() => ((b, to), (a, from)),
                _ => continue,
            };
            gates
                .segments
                .entry(machine.0)
                .or_default()
                .insert(segment.0);
            if !done.insert((segment.0, machine.0)) {
                continue;
            }
            let gateway = snapshot.kind(machine.0) == ThingKind::Gateway;
            let (cost, closing) = if gateway {
                let count = members.get(segment.1).copied().unwrap_or(0);
                let means = Means::Segment {
                    gateway: machine.1.to_owned(),
                };
                (10 + count.min(500), (segment.1, means))
            } else {
                let means = Means::Unplug {
                    segment: segment.1.to_owned(),
                };
                (costs.of_machine(machine.1), (machine.1, means))
            };
            gates.add((segment.0, machine.0), Some(cost), Some(closing));
        }
        let systems = basis.recognition.systems.iter();
        gates.systems = systems.map(|it| gates.stands(it, &row)).collect();
        gates.cables(basis, &row);
        gates.points(model, snapshot);
        gates.unknown_ways(model, snapshot);
        gates
    }

    fn add(&mut self, (from, to): (u32, u32), cost: Option<u64>, closing: Option<(&str, Means)>) {
        self.gates.push(Gate {
            from: from as usize,
            to: to as usize,
            cost,
        });
        self.closings.push(closing.map(|(target, means)| Closing {
            target: target.to_owned(),
            means,
        }));
    }

    fn stands(&self, system: &System, row: &dyn Fn(&str) -> Option<u32>) -> Stands {
        let rows =
            |all: &[AssetId]| -> BTreeSet<u32> { all.iter().filter_map(|it| row(&it.0)).collect() };
        let (servers, clients) = (rows(&system.servers), rows(&system.clients));
        let all = servers.iter().chain(&clients);
        let segments = all.filter_map(|it| self.segments.get(it)).flatten();
        Stands {
            segments: segments.copied().collect(),
            servers,
        }
    }

    /// Cables that entries name: one gate for each, so that doubled ones count twice.
    fn cables(&mut self, basis: Basis<'_>, row: &dyn Fn(&str) -> Option<u32>) {
        let mut cables: BTreeMap<(String, String), [Vec<String>; 2]> = BTreeMap::new();
        let entered = basis.topology.entered();
        for (entry, device) in basis.ledger.hand.devices() {
            for interface in &device.interfaces {
                let other = interface.linked_to.as_deref();
                let ends = (
                    entered.get(entry.key.as_str()),
                    other.and_then(|it| entered.get(it)),
                );
                let (Some(one), Some(other)) = ends else {
                    continue;
                };
                let (low, high) = (
                    one.id.clone().min(other.id.clone()),
                    one.id.clone().max(other.id.clone()),
                );
                if low == high {
                    continue;
                }
                let side = usize::from(one.id != low);
                let name = format!("{} {}", device.name, interface.name);
                cables.entry((low, high)).or_default()[side].push(name);
            }
        }
        for ((low, high), [one, other]) in cables {
            let (Some(a), Some(b)) = (row(&low), row(&high)) else {
                continue;
            };
            let count = one.len().max(other.len());
            for number in 0..count {
                let ports = [one.get(number), other.get(number)];
                let means = Means::Port {
                    other: high.clone(),
                    ports: ports.into_iter().flatten().cloned().collect(),
                };
                self.add((a, b), Some(10), Some((&low, means)));
            }
        }
    }

    fn points(&mut self, model: &Model, snapshot: &Snapshot) {
        for (id, at) in &model.by_id {
            let Some(row) = snapshot.row(*at) else {
                continue;
            };
            if snapshot.kind(row) != ThingKind::Point {
                continue;
            }
            for arc in snapshot.arcs_of(row).map(|it| &snapshot.arcs[it]) {
                if arc.reason == Reason::Entry {
                    let to = arc.to;
                    self.add((row, to), Some(3), Some((id, Means::StopPoint)));
                }
            }
        }
    }

    /// Observed talk between things that no known way joins: there is a way, and nobody knows where
    /// to close it.
    fn unknown_ways(&mut self, model: &Model, snapshot: &Snapshot) {
        let mut parent: Vec<usize> = (0..snapshot.things.len()).collect();
        fn root(parent: &mut [usize], mut at: usize) -> usize {
            while parent[at] != at {
                parent[at] = parent[parent[at]];
                at = parent[at];
            }
            at
        }
        for gate in &self.gates {
            let (a, b) = (root(&mut parent, gate.from), root(&mut parent, gate.to));
            parent[a.max(b)] = a.min(b);
        }
        let mut found = BTreeSet::new();
        for edge in model.graph.edge_references() {
            let ends = (snapshot.row(edge.source()), snapshot.row(edge.target()));
            let (true, (Some(a), Some(b))) = (edge.weight().observed, ends) else {
                continue;
            };
            let machines = snapshot.kind(a).is_machine() && snapshot.kind(b).is_machine();
            if machines && root(&mut parent, a as usize) != root(&mut parent, b as usize) {
                found.insert((a.min(b), a.max(b)));
            }
        }
        for ends in found {
            self.add(ends, None, None);
        }
    }
}

/// How many machines a segment has.
fn members<'a>(basis: Basis<'a>, places: &Places<'_>) -> BTreeMap<&'a str, u64> {
    let mut all: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for edge in &basis.topology.edges {
        if edge.kind == EdgeKind::Attached && !places.leads(&edge.from) {
            all.entry(&edge.to).or_default().insert(&edge.from);
        }
    }
    let count = |all: BTreeSet<&str>| u64::try_from(all.len()).unwrap_or(u64::MAX);
    all.into_iter().map(|(id, all)| (id, count(all))).collect()
}

/// What it costs to take a machine off the network.
struct Costs<'a> {
    servers: BTreeMap<&'a str, u64>,
    backups: BTreeSet<String>,
}

impl<'a> Costs<'a> {
    fn of(basis: Basis<'a>) -> Self {
        let mut servers: BTreeMap<&str, u64> = BTreeMap::new();
        for system in &basis.recognition.systems {
            let patient = PATIENT.contains(&system.sort.as_str());
            let cost = if patient { 80 } else { 40 };
            for AssetId(id) in &system.servers {
                let kept = servers.entry(id).or_insert(cost);
                *kept = (*kept).max(cost);
            }
        }
        let entered = basis.topology.entered();
        let declared = basis.ledger.hand.devices();
        let backups = declared
            .filter(|(_, it)| super::backup::says(&it.name) || super::backup::says(&it.purpose))
            .filter_map(|(entry, _)| Some(entered.get(entry.key.as_str())?.id.clone()));
        Self {
            servers,
            backups: backups.collect(),
        }
    }

    fn of_machine(&self, id: &str) -> u64 {
        if self.backups.contains(id) {
            return 5;
        }
        self.servers.get(id).copied().unwrap_or(20)
    }
}
