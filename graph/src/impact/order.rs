//! The order in which things are brought back（復旧順）. Comes in: the network with its verdicts; goes out:
//! steps from what everything needs to what needs everything, and systems in the order in which they use
//! each other. What people declared otherwise is told, never overruled.

use std::collections::{BTreeMap, BTreeSet};

use daicho_ledger::hand::DeviceKind;
use daicho_ledger::{AgentAsset, Lang};
use petgraph::algo::{condensation, toposort};
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;
use serde::{Deserialize, Serialize};

use super::model::{Model, Reason};
use super::word::system_entry;
use crate::list::Basis;
use crate::recognise::System;
use crate::topology::NodeKind;

/// What must be there before the next can work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// Log-in and names: directory service, name server.
    Identity,
    /// Switches, routers, firewalls.
    Network,
    /// Storage.
    Storage,
    /// Hosts of virtual machines.
    Host,
    /// Databases.
    Database,
    /// Servers of systems.
    Application,
    /// Everything that people sit at.
    Terminal,
}

impl Tier {
    /// What it is called.
    #[must_use]
    pub fn title(self, lang: Lang) -> &'static str {
        let (ja, en) = match self {
            Self::Identity => ("認証・名前解決", "log-in and names"),
            Self::Network => ("ネットワーク機器", "network devices"),
            Self::Storage => ("ストレージ", "storage"),
            Self::Host => ("仮想基盤", "hosts of virtual machines"),
            Self::Database => ("データベース", "databases"),
            Self::Application => ("システムのサーバ", "servers of systems"),
            Self::Terminal => ("端末", "terminals"),
        };
        lang.pick(ja, en)
    }
}

/// Why something stands in a tier; Japanese and English.
pub(super) type Why = (&'static str, &'static str);

/// One thing to bring back.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part {
    /// Its tier.
    pub tier: Tier,
    /// The topology's node.
    pub id: String,
    /// Why it stands there.
    pub why: Why,
}

/// A system in the order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// The system's id.
    pub system: String,
    /// Place in the order, from 1; systems that use each other have the same.
    pub place: usize,
    /// What a person declared.
    pub declared: Option<u32>,
    /// Systems whose servers its servers talk to, sorted.
    pub uses: Vec<String>,
    /// Systems that it uses and that were declared to come later.
    pub against: Vec<String>,
}

const LDAP: [u16; 2] = [389, 636];
const KERBEROS: u16 = 88;
const NAMES: u16 = 53;
/// SQL Server, Oracle, MySQL, PostgreSQL, InterSystems.
const DATABASES: [u16; 5] = [1433, 1521, 3306, 5432, 1972];

/// Every machine and device, tier by tier.
#[must_use]
pub fn parts(basis: Basis<'_>) -> Vec<Part> {
    let servers: BTreeSet<&str> = basis
        .recognition
        .systems
        .iter()
        .flat_map(|it| it.servers.iter().map(|it| it.0.as_str()))
        .collect();
    let mut out: Vec<Part> = Vec::new();
    let mut put = |id: &str, (tier, why): (Tier, Why)| {
        out.push(Part {
            tier,
            id: id.to_owned(),
            why,
        });
    };
    for asset in &basis.ledger.assets {
        put(&asset.id.0, of_agent(asset, &servers));
    }
    let entered = basis.topology.entered();
    for (entry, device) in basis.ledger.hand.devices() {
        let Some(node) = entered.get(entry.key.as_str()) else {
            continue;
        };
        let agent = matches!(node.kind, NodeKind::Server | NodeKind::Terminal);
        if !agent {
            put(&node.id, of_device(device.kind));
        }
    }
    for node in &basis.topology.nodes {
        if node.kind == NodeKind::Gateway && node.entry.is_none() {
            put(
                &node.id,
                (
                    Tier::Network,
                    ("経路表のゲートウェイ", "gateway of a route"),
                ),
            );
        }
    }
    out.sort();
    out
}

fn of_agent(asset: &AgentAsset, servers: &BTreeSet<&str>) -> (Tier, Why) {
    let listeners = asset.listeners.listeners.value().into_iter().flatten();
    let ports: BTreeSet<u16> = listeners.map(|it| it.port).collect();
    let any = |all: &[u16]| all.iter().any(|it| ports.contains(it));
    if ports.contains(&KERBEROS) && any(&LDAP) {
        return (
            Tier::Identity,
            (
                "ディレクトリサービスを提供（88・389）",
                "serves a directory (88, 389)",
            ),
        );
    }
    if ports.contains(&NAMES) && servers.contains(asset.id.0.as_str()) {
        return (Tier::Identity, ("DNSを提供（53）", "serves names (53)"));
    }
    if asset.guests.guests.value().is_some_and(|it| !it.is_empty()) {
        return (Tier::Host, ("仮想マシンを持つ", "holds virtual machines"));
    }
    if any(&DATABASES) {
        return (
            Tier::Database,
            ("データベースの待受", "listens as a database"),
        );
    }
    if servers.contains(asset.id.0.as_str()) {
        return (
            Tier::Application,
            ("システムのサーバ", "server of a system"),
        );
    }
    (
        Tier::Terminal,
        ("サーバと認識されていない", "not recognised as a server"),
    )
}

fn of_device(kind: DeviceKind) -> (Tier, Why) {
    use DeviceKind as K;
    let why = ("手入力の種類", "kind as entered");
    let tier = match kind {
        _ if kind.is_network() => Tier::Network,
        K::Storage => Tier::Storage,
        K::Server => Tier::Application,
        _ => Tier::Terminal,
    };
    (tier, why)
}

/// Systems in the order in which they can work again: what others use comes first.
#[must_use]
pub fn turns(basis: Basis<'_>) -> Vec<Turn> {
    let systems: Vec<&System> = basis.recognition.systems.iter().collect();
    let uses = uses(basis, &systems);
    let declared = |system: &System| {
        let entry = system_entry(basis, &system.id, &system.name);
        entry.and_then(|(_, it)| it.restore_order)
    };
    let mut graph: DiGraph<usize, ()> = DiGraph::new();
    let nodes: Vec<NodeIndex> = (0..systems.len()).map(|at| graph.add_node(at)).collect();
    for (from, to) in &uses {
        // What is used points at its user: it comes before.
        if let (Some(user), Some(used)) = (nodes.get(*from), nodes.get(*to)) {
            graph.add_edge(*used, *user, ());
        }
    }
    // Systems that use each other are brought back together.
    let groups = condensation(graph, true);
    let depth = depths(&groups);
    let mut keyed: Vec<(usize, u32, usize)> = groups
        .node_indices()
        .flat_map(|at| {
            let level = depth.get(&at).copied().unwrap_or_default();
            let members = groups.node_weight(at).into_iter().flatten().copied();
            members
                .map(move |member| (level, member))
                .collect::<Vec<_>>()
        })
        .map(|(level, member)| {
            let order = systems
                .get(member)
                .and_then(|it| declared(it))
                .unwrap_or(u32::MAX);
            (level, order, member)
        })
        .collect();
    keyed.sort_by_key(|(level, order, member)| {
        (*level, *order, systems.get(*member).map(|it| &it.name))
    });
    let mut places: Vec<Turn> = Vec::new();
    for (level, _, member) in keyed {
        let Some(system) = systems.get(member) else {
            continue;
        };
        let used: Vec<&System> = uses
            .iter()
            .filter(|(from, _)| *from == member)
            .filter_map(|(_, to)| systems.get(*to).copied())
            .collect();
        let own = declared(system);
        let later = |other: &&&System| {
            own.zip(declared(other))
                .is_some_and(|(own, other)| own < other)
        };
        let against = used.iter().filter(later).map(|it| it.id.clone());
        places.push(Turn {
            system: system.id.clone(),
            place: level + 1,
            declared: own,
            against: against.collect(),
            uses: used.iter().map(|it| it.id.clone()).collect(),
        });
    }
    places
}

/// Which system's servers talk to which other system's, by number; sorted.
fn uses(basis: Basis<'_>, systems: &[&System]) -> BTreeSet<(usize, usize)> {
    let mut of: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, system) in systems.iter().enumerate() {
        for server in &system.servers {
            of.entry(&server.0).or_default().push(at);
        }
    }
    let model = Model::of(basis);
    let mut out = BTreeSet::new();
    for (server, from) in &of {
        let edges = model.find(server).into_iter();
        let edges = edges.flat_map(|at| model.graph.edges(at));
        let used = edges.filter(|it| matches!(it.weight().reason, Reason::Flow | Reason::Mount));
        for edge in used {
            let to = model.graph.node_weight(edge.target());
            let to = to
                .and_then(|it| of.get(it.id.as_str()))
                .into_iter()
                .flatten();
            for to in to {
                out.extend(from.iter().filter(|it| *it != to).map(|from| (*from, *to)));
            }
        }
    }
    out
}

/// How many steps lie before each group, at most.
fn depths<N>(groups: &DiGraph<N, ()>) -> BTreeMap<NodeIndex, usize> {
    let mut depth: BTreeMap<NodeIndex, usize> = BTreeMap::new();
    // A condensation has no cycles.
    for at in toposort(groups, None).unwrap_or_default() {
        let own = depth.get(&at).copied().unwrap_or_default();
        for next in groups.neighbors(at) {
            let place = depth.entry(next).or_default();
            *place = (*place).max(own + 1);
        }
    }
    depth
}
