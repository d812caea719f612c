//! What is connected to what. Comes in: a ledger; goes out: nodes and edges, each with evidence.
//! It never joins two networks because their address ranges are equal: a segment（セグメント） is a
//! realm and its ranges, and a realm is joined by hardware addresses seen on both sides.

mod binding;
mod conflict;
mod draft;
mod gateway;
mod hand;
mod join;
mod peer;
mod realm;
mod segment;

use std::collections::BTreeMap;
use std::net::IpAddr;

use daicho_ledger::hand::DeviceKind;
use daicho_ledger::{Grade, Lang, Ledger, PointKind, ZoneKind};
use daicho_report::Time;
use petgraph::stable_graph::StableGraph;
use serde::{Deserialize, Serialize};

pub use gateway::OUTSIDE;
pub use join::{SAME_NETWORK, same_network_id};
pub(crate) use peer::private as is_private;

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

impl Kind {
    /// What it is called.
    #[must_use]
    pub fn title(self, lang: Lang) -> &'static str {
        match self {
            Self::Collected => lang.pick("自動取得", "collected"),
            Self::Inferred => lang.pick("推定", "inferred"),
            Self::Entered => lang.pick("手入力", "entered"),
        }
    }
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
    /// Device without an agent that a person wrote down（手入力）.
    Device(DeviceKind),
    /// Connection point（外部接続点） that was recognised or declared.
    Point(PointKind),
    /// System（システム）: servers and those who use them.
    System,
}

impl NodeKind {
    /// Whether it is a machine or a device, and no network, line, system or outside.
    #[must_use]
    pub fn is_device(self) -> bool {
        matches!(
            self,
            Self::Server | Self::Terminal | Self::Seen | Self::Gateway | Self::Device(_)
        )
    }
}

/// Why a node has no place on the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unplaced {
    /// Nobody entered an address.
    NoAddress,
    /// Several segments have its range, and no entry says which.
    Ambiguous,
    /// In its segment another device has its address.
    Occupied,
    /// The machine that it is said to stand beside has no address in its range.
    NotBeside,
    /// Only its address outside was entered.
    Outside,
}

impl Unplaced {
    /// The reason, for people.
    #[must_use]
    pub fn title(self, lang: Lang) -> &'static str {
        let (ja, en) = match self {
            Self::NoAddress => ("アドレス未入力", "no address entered"),
            Self::Ambiguous => (
                "どの網か不明（範囲が重複）",
                "several networks have its range",
            ),
            Self::Occupied => ("アドレスが他の機器と重複", "another device has its address"),
            Self::NotBeside => (
                "隣の機器と範囲が違う",
                "the machine beside it has another range",
            ),
            Self::Outside => ("院内側アドレス未入力", "no address inside entered"),
        };
        lang.pick(ja, en)
    }
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
    /// Key of the entry that a person wrote for it（手入力）.
    #[serde(default)]
    pub entry: Option<String>,
    /// Segments of one range that nothing joins and that hold one machine each share a name here;
    /// it serves for display alone, and says nothing of a link.
    #[serde(default)]
    pub group: Option<String>,
    /// Why it has no place.
    #[serde(default)]
    pub unplaced: Option<Unplaced>,
    /// Zone（系） of a segment.
    #[serde(default)]
    pub zone: Option<ZoneKind>,
    /// How sure a connection point or system is.
    #[serde(default)]
    pub grade: Option<Grade>,
    /// Other services on a connection point's line.
    #[serde(default)]
    pub also: Vec<PointKind>,
    /// Evidence.
    pub evidence: Evidence,
}

impl Node {
    /// A node with a name and nothing else.
    #[must_use]
    pub fn new(id: String, kind: NodeKind, label: String, evidence: Evidence) -> Self {
        Self {
            id,
            kind,
            label,
            detail: Vec::new(),
            marks: Vec::new(),
            entry: None,
            group: None,
            unplaced: None,
            zone: None,
            grade: None,
            also: Vec::new(),
            evidence,
        }
    }
}

/// An exception that is named on the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// Somebody logs in with administrator rights.
    AdministratorLogIn,
    /// Protection is known not to run.
    AntivirusNotRunning,
    /// Its maker no longer supports the release of its system.
    SupportEnded,
    /// The machine has a VPN interface.
    Vpn,
    /// It stands in several networks or zones（橋渡し）.
    Bridge,
    /// Nothing has been known of it for days: what is drawn may be old.
    NoNews,
}

impl Mark {
    /// Whether a machine with it is named where others are counted.
    #[must_use]
    pub fn is_exception(self) -> bool {
        self != Self::NoNews
    }

    /// Which exception is named first where there is room for few: 0 is the gravest. What an attacker
    /// meets no hindrance at comes before what gives a way in, and that before what only makes it worse.
    #[must_use]
    pub fn gravity(self) -> u8 {
        match self {
            Self::AntivirusNotRunning => 0,
            Self::Bridge => 1,
            Self::Vpn => 2,
            Self::AdministratorLogIn => 3,
            Self::SupportEnded => 4,
            Self::NoNews => 5,
        }
    }
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
    /// A cable between them, by an entry.
    Linked,
    /// Two devices that stand in for each other（HA構成）.
    Pair,
    /// Belongs to a system: its server.
    PartOf,
    /// Uses a system.
    Uses,
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
    /// Nodes by the keys of the entries that people wrote of them; of several the first.
    #[must_use]
    pub fn entered(&self) -> BTreeMap<&str, &Node> {
        let mut out = BTreeMap::new();
        for node in self.nodes.iter().filter(|it| it.kind != NodeKind::Gateway) {
            if let Some(key) = node.entry.as_deref() {
                out.entry(key).or_insert(node);
            }
        }
        out
    }

    /// A node by its id.
    #[must_use]
    pub fn node(&self, id: &str) -> Option<&Node> {
        let at = self.nodes.binary_search_by(|node| node.id.as_str().cmp(id));
        at.ok().and_then(|n| self.nodes.get(n))
    }

    /// The same as a petgraph graph, whose indices follow the order of the nodes.
    #[must_use]
    pub fn graph(&self) -> StableGraph<Node, Edge> {
        let mut graph = StableGraph::new();
        let mut index = BTreeMap::new();
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
    let mut draft = draft::Draft::default();
    segment::assets(ledger, &mut draft);
    segment::segments(ledger, &realms, &mut draft);
    gateway::unify(&mut draft);
    hand::devices(ledger, &realms, &mut draft);
    gateway::gateways(ledger, &realms, &mut draft);
    segment::alone(&mut draft);
    peer::peers(ledger, &realms, &mut draft);
    draft.done()
}
