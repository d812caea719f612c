//! What is connected to what. Comes in: a ledger; goes out: nodes and edges, each with evidence.
//! It never joins two networks because their address ranges are equal: a segment（セグメント） is a
//! realm and its ranges, and a realm is joined by hardware addresses seen on both sides.

mod gateway;
mod peer;
mod realm;
mod segment;

use std::net::IpAddr;

use daicho_ledger::Ledger;
use daicho_report::Time;
use petgraph::stable_graph::StableGraph;
use serde::{Deserialize, Serialize};

/// How something is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// 自動取得.
    Collected,
    /// 推定.
    Inferred,
    /// 手入力.
    Entered,
}

/// Why a node or an edge is there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Evidence {
    /// How it is known.
    pub kind: Kind,
    /// Where from, in short.
    pub sources: Vec<String>,
    /// First seen.
    pub first: Option<Time>,
    /// Last seen.
    pub last: Option<Time>,
    /// Confidence in percent.
    pub confidence: u8,
}

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NodeKind {
    /// Machine with an agent: server.
    Server,
    /// Machine with an agent: terminal, or kind unknown.
    Terminal,
    /// Device seen without an agent（観測のみ）.
    Seen,
    /// Gateway（ゲートウェイ）.
    Gateway,
    /// L2 segment.
    Segment,
    /// Network inside one machine (containers, virtual machines).
    HostNetwork,
    /// Connection point by a default route, inferred.
    DefaultRoute,
    /// Connection point by a VPN or mobile interface, inferred.
    Vpn,
    /// Peers in public address space, or an unknown outside.
    External,
    /// Peers in private address space outside all known segments.
    OtherInside,
}

/// A node.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Node {
    /// Stable name.
    pub id: String,
    /// What it is.
    pub kind: NodeKind,
    /// Its name; empty when the kind says all.
    pub label: String,
    /// Address, range, or ports.
    pub detail: Vec<String>,
    /// Exceptions worth a mark.
    pub marks: Vec<Mark>,
    /// Evidence.
    pub evidence: Evidence,
}

/// An exception that is named on the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// Somebody logs in with administrator rights.
    AdministratorLogIn,
    /// Protection is known not to run.
    AntivirusNotRunning,
    /// The machine has a VPN interface.
    Vpn,
}

/// What an edge says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EdgeKind {
    /// Has an interface in the segment.
    Attached,
    /// Routes for.
    Routed,
    /// Talks to.
    Flow,
    /// Has a tunnel that leads away.
    TunnelsTo,
    /// A network that exists inside the machine.
    RunsOn,
}

/// An edge.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Edge {
    /// From which node.
    pub from: String,
    /// To which node.
    pub to: String,
    /// What it says.
    pub kind: EdgeKind,
    /// Addresses of the end `from`.
    pub addresses: Vec<IpAddr>,
    /// Evidence.
    pub evidence: Evidence,
}

/// The whole network at a moment. As JSON it can be saved and fed again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Topology {
    /// Nodes, sorted by id.
    pub nodes: Vec<Node>,
    /// Edges, sorted.
    pub edges: Vec<Edge>,
}

impl Topology {
    /// The same as a petgraph graph, whose indices follow the order of the nodes.
    #[must_use]
    pub fn graph(&self) -> StableGraph<Node, Edge> {
        let mut graph = StableGraph::new();
        let mut index = std::collections::BTreeMap::new();
        for node in &self.nodes {
            index.insert(node.id.as_str(), graph.add_node(node.clone()));
        }
        for edge in &self.edges {
            if let (Some(from), Some(to)) =
                (index.get(edge.from.as_str()), index.get(edge.to.as_str()))
            {
                graph.add_edge(*from, *to, edge.clone());
            }
        }
        graph
    }
}

/// Derives the topology. It does not depend on the order of the input.
#[must_use]
pub fn topology(ledger: &Ledger) -> Topology {
    let realms = realm::realms(ledger);
    let mut out = Topology::default();
    segment::assets(ledger, &mut out);
    segment::segments(ledger, &realms, &mut out);
    gateway::gateways(ledger, &realms, &mut out);
    peer::peers(ledger, &realms, &mut out);
    out.nodes.sort();
    out.nodes.dedup_by(|a, b| a.id == b.id);
    out.nodes.sort_by(|a, b| a.id.cmp(&b.id));
    out.edges.sort();
    out.edges.dedup();
    out
}
