//! The model: things and the steps between them. Comes in: ledger, topology and verdicts; goes out: a
//! petgraph graph in which every step names its proof. It never adds a step between two networks that
//! nothing joins.

use std::collections::BTreeMap;

use daicho_ledger::Grade;
use daicho_report::Time;
use petgraph::stable_graph::{NodeIndex, StableGraph};
use serde::{Deserialize, Serialize};

use super::place::Places;
use crate::list::{Basis, thing};
use crate::topology::{EdgeKind, Node, NodeKind};

/// What a thing is, as far as a step needs to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThingKind {
    /// Machine with an agent.
    Asset,
    /// Device without an agent: seen, or written down.
    Device,
    /// Device that leads from one network to others.
    Gateway,
    /// Network of one realm and range.
    Segment,
    /// Connection point（外部接続点）.
    Point,
    /// Addresses outside from which somebody came in.
    Outside,
    /// What several machines have in common: an administrator's name, a tool.
    Common,
}

impl ThingKind {
    /// Whether it is a machine or device, and not merely a way between some.
    #[must_use]
    pub fn is_machine(self) -> bool {
        matches!(self, Self::Asset | Self::Device | Self::Gateway)
    }
}

/// A thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thing {
    /// The topology's id where it has one; a gateway has that of its device.
    pub id: String,
    /// What it is.
    pub kind: ThingKind,
}

/// Why a step can be made. The order is that in which explanations are preferred.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The device of a connection point.
    Entry,
    /// Somebody came in from outside; by which device, the way back says.
    Arrival,
    /// Talk of a protocol for remote control.
    Remote,
    /// A share of the other is mounted.
    Mount,
    /// Talk.
    Flow,
    /// A host and its guest.
    RunsOn,
    /// The same local administrator on both.
    Administrator,
    /// An administrator of the directory, or of one name, logs in on both.
    LogIn,
    /// The same tool for remote maintenance runs on both.
    Tool,
    /// The other end of a talk or a mounted share.
    Answer,
    /// The same segment.
    Segment,
    /// A cable, by an entry.
    Cable,
    /// Routed, and not known to be blocked.
    Routed,
}

impl Reason {
    /// All of them, best explanation first.
    pub const ALL: [Self; 13] = [
        Self::Entry,
        Self::Arrival,
        Self::Remote,
        Self::Mount,
        Self::Flow,
        Self::RunsOn,
        Self::Administrator,
        Self::LogIn,
        Self::Tool,
        Self::Answer,
        Self::Segment,
        Self::Cable,
        Self::Routed,
    ];
}

/// What a step rests on: who reported it, where it was read, and when.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Proof {
    /// Section of the report, or `entry`, `topology`, `recognition`.
    pub section: String,
    /// Asset, entry or node by which it is known.
    pub by: String,
    /// What was seen, from outside and not yet escaped.
    pub item: String,
    /// First seen.
    pub first: Option<Time>,
    /// Last seen; `null`: it goes on.
    pub last: Option<Time>,
}

impl Proof {
    /// A name by which the record can be found again.
    #[must_use]
    pub fn id(&self) -> String {
        let first = self.first.map(|it| it.to_string()).unwrap_or_default();
        format!("{}/{}/{}/{first}", self.by, self.section, self.item)
    }
}

/// A step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Why.
    pub reason: Reason,
    /// Whether it was observed, and is not merely possible.
    pub observed: bool,
    /// From when on.
    pub first: i64,
    /// Until when; what is no observation in time does not end.
    pub last: i64,
    /// Its proof, in [`Model::proofs`].
    pub proof: usize,
}

/// The model.
#[derive(Debug, Default)]
pub struct Model {
    /// Things and steps.
    pub graph: StableGraph<Thing, Step>,
    /// What steps rest on.
    pub proofs: Vec<Proof>,
    /// Things by id.
    pub(super) by_id: BTreeMap<String, NodeIndex>,
    /// Flows whose peer inside could not be told.
    pub unresolved: usize,
}

impl Model {
    /// Builds it.
    #[must_use]
    pub fn of(basis: Basis<'_>) -> Self {
        let mut model = Self::default();
        let places = Places::of(basis);
        for node in &basis.topology.nodes {
            if let Some(kind) = kind(node, &places) {
                model.thing(places.thing_of(&node.id), kind);
            }
        }
        model.links(basis, &places);
        super::flow::add(basis, &places, &mut model);
        super::tool::add(basis, &places, &mut model);
        super::account::add(basis, &places, &mut model);
        model.points(basis, &places);
        model
    }

    /// The thing of an id.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<NodeIndex> {
        self.by_id.get(id).copied()
    }

    /// A thing; the first of an id stays.
    pub(super) fn thing(&mut self, id: &str, kind: ThingKind) -> NodeIndex {
        if let Some(found) = self.by_id.get(id) {
            return *found;
        }
        let index = self.graph.add_node(Thing {
            id: id.to_owned(),
            kind,
        });
        self.by_id.insert(id.to_owned(), index);
        index
    }

    pub(super) fn prove(&mut self, proof: Proof) -> usize {
        self.proofs.push(proof);
        self.proofs.len() - 1
    }

    /// A step that has no end in time.
    pub(super) fn lasting(
        &mut self,
        (from, to): (NodeIndex, NodeIndex),
        reason: Reason,
        observed: bool,
        proof: usize,
    ) {
        let first = self.proofs.get(proof).and_then(|it| it.first);
        let step = Step {
            reason,
            observed,
            first: first.map_or(i64::MIN, Time::seconds),
            last: i64::MAX,
            proof,
        };
        self.graph.add_edge(from, to, step);
    }

    /// Attachments, gateways and cables.
    fn links(&mut self, basis: Basis<'_>, places: &Places<'_>) {
        for edge in &basis.topology.edges {
            let wanted = matches!(
                edge.kind,
                EdgeKind::Attached | EdgeKind::Routed | EdgeKind::Linked | EdgeKind::Pair
            );
            let ends = (
                self.find(places.thing_of(&edge.from)),
                self.find(places.thing_of(&edge.to)),
            );
            let (true, (Some(from), Some(to))) = (wanted, ends) else {
                continue;
            };
            let kind = |at: NodeIndex| self.graph.node_weight(at).map(|it| it.kind);
            let outward = |at| matches!(kind(at), Some(ThingKind::Point | ThingKind::Outside));
            if from == to || outward(from) || outward(to) {
                continue;
            }
            let gateway =
                kind(from) == Some(ThingKind::Gateway) || kind(to) == Some(ThingKind::Gateway);
            let reason = match edge.kind {
                EdgeKind::Linked | EdgeKind::Pair => Reason::Cable,
                EdgeKind::Attached if !gateway => Reason::Segment,
                _ => Reason::Routed,
            };
            let addresses = edge.addresses.iter().map(ToString::to_string);
            let proof = self.prove(Proof {
                section: edge.evidence.sources.join("+"),
                by: edge.from.clone(),
                item: addresses.collect::<Vec<_>>().join("+"),
                first: edge.evidence.first,
                last: edge.evidence.last,
            });
            self.lasting((from, to), reason, false, proof);
            self.lasting((to, from), reason, false, proof);
        }
    }

    /// Connection points lead to their devices, however sure they are; a hint too, for nobody knows
    /// in the first minutes which of them it was.
    fn points(&mut self, basis: Basis<'_>, places: &Places<'_>) {
        for point in &basis.recognition.points {
            let id = format!("point:{}", point.id);
            let from = self.thing(&id, ThingKind::Point);
            let at = places.thing_of(thing_at(&point.at));
            let found = self.find(at).map(|it| vec![it]);
            let segments = || {
                let all = point.segments.iter();
                all.filter_map(|it| self.find(it)).collect()
            };
            let to: Vec<NodeIndex> = found.unwrap_or_else(segments);
            let witness = point.witnesses.first();
            let proof = Proof {
                section: "recognition".to_owned(),
                by: witness.map_or_else(|| point.at.clone(), |it| it.asset.0.clone()),
                item: witness.map_or_else(|| point.id.clone(), |it| it.value.clone()),
                first: None,
                last: point.last_seen,
            };
            let sure = matches!(point.grade, Grade::OnSite | Grade::Confirmed);
            for to in to {
                let proof = self.prove(proof.clone());
                self.lasting((from, to), Reason::Entry, sure, proof);
            }
        }
    }
}

/// The node at which a point is.
fn thing_at(at: &str) -> &str {
    at.strip_prefix("way-out:").unwrap_or(at)
}

fn kind(node: &Node, places: &Places<'_>) -> Option<ThingKind> {
    if places.leads(&node.id) && !matches!(node.kind, NodeKind::Server | NodeKind::Terminal) {
        return Some(ThingKind::Gateway);
    }
    Some(match node.kind {
        NodeKind::Server | NodeKind::Terminal => ThingKind::Asset,
        NodeKind::Seen | NodeKind::Device(_) => ThingKind::Device,
        NodeKind::Gateway => ThingKind::Gateway,
        NodeKind::Segment => ThingKind::Segment,
        NodeKind::Point(_) => ThingKind::Point,
        _ => return None,
    })
}

/// The device that a node is a role of.
pub(super) fn device_of(id: &str) -> &str {
    thing(id)
}
