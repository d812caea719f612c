//! Peers outside the known segments. Comes in: flows; goes out: grouped peers with ports and counts.
//! It never names a peer that lies in a segment the asset itself is attached to.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use daicho_ledger::{AgentAsset, Ledger};
use daicho_report::{Address, Flow, Time};

use super::gateway::{OUTSIDE, defaults, gateway_id, way_out};
use super::realm::{Realms, holds, range, ranged};
use super::{Edge, EdgeKind, Evidence, Kind, Node, NodeKind, Topology};

#[derive(Default)]
struct Group {
    peers: BTreeSet<IpAddr>,
    services: BTreeMap<String, usize>,
    first: Option<Time>,
    last: Option<Time>,
    from: BTreeSet<String>,
}

fn private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(a) => {
            let [first, second, ..] = a.octets();
            a.is_private() || (first == 100 && (64..128).contains(&second))
        }
        IpAddr::V6(a) => a.is_unique_local(),
    }
}

fn group_of(peer: IpAddr) -> (NodeKind, String) {
    if private(peer) {
        let prefix = if peer.is_ipv4() { 24 } else { 64 };
        let network = Address {
            address: peer,
            prefix,
        }
        .network();
        (NodeKind::OtherInside, format!("{network}/{prefix}"))
    } else {
        (NodeKind::External, String::new())
    }
}

fn service(flow: &Flow) -> String {
    let program = flow.program.as_deref().map(|p| format!(" {p}"));
    let protocol = format!("{:?}", flow.protocol).to_lowercase();
    format!("{}/{protocol}{}", flow.port, program.unwrap_or_default())
}

fn known(asset: &AgentAsset, realms: &Realms, peer: IpAddr) -> bool {
    let own = |a: &&super::realm::Attachment| a.key.0 == asset.id.0;
    let inside = private(peer);
    realms.values().any(|a| {
        let near = a.addresses.iter().any(|x| holds(range(x), peer));
        near && (own(&a) || (inside && !a.host_only))
    })
}

/// Adds the groups of peers, and the unknown outside where nothing was seen behind a way out.
pub(super) fn peers(ledger: &Ledger, realms: &Realms, out: &mut Topology) {
    let mut groups: BTreeMap<(NodeKind, String), Group> = BTreeMap::new();
    for asset in &ledger.assets {
        let ways: Vec<String> = defaults(asset, realms)
            .iter()
            .map(|(segment, at)| way_out(&gateway_id(out, segment, *at)))
            .collect();
        for flow in &asset.flows {
            let peer = flow.item.peer;
            if !ranged(peer) || known(asset, realms, peer) {
                continue;
            }
            let group = groups.entry(group_of(peer)).or_default();
            group.peers.insert(peer);
            *group.services.entry(service(&flow.item)).or_default() += 1;
            group.first = group.first.into_iter().chain([flow.since]).min();
            let last = flow.until.unwrap_or(ledger.as_of);
            group.last = group.last.into_iter().chain([last]).max();
            group.from.extend(ways.iter().cloned());
        }
    }
    let mut used = BTreeSet::new();
    for ((kind, name), group) in groups {
        used.extend(group.from.iter().cloned());
        add(kind, &name, &group, out);
    }
    unknown_outside(&used, out);
}

fn add(kind: NodeKind, name: &str, group: &Group, out: &mut Topology) {
    let id = format!("peer:{kind:?}:{name}");
    let evidence = Evidence {
        kind: Kind::Inferred,
        sources: vec!["flow".to_owned()],
        first: group.first,
        last: group.last,
        confidence: 70,
    };
    let mut services: Vec<_> = group.services.iter().collect();
    services.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
    let mut detail = vec![format!("×{}", group.peers.len())];
    detail.extend(services.iter().map(|(s, n)| format!("{s} ×{n}")));
    out.nodes.push(Node {
        id: id.clone(),
        kind,
        label: name.to_owned(),
        detail,
        marks: Vec::new(),
        evidence: evidence.clone(),
    });
    out.edges.extend(group.from.iter().map(|way| Edge {
        from: way.clone(),
        to: id.clone(),
        kind: EdgeKind::Flow,
        addresses: Vec::new(),
        evidence: evidence.clone(),
    }));
}

fn unknown_outside(used: &BTreeSet<String>, out: &mut Topology) {
    let idle: Vec<Node> = out
        .nodes
        .iter()
        .filter(|n| n.kind == NodeKind::DefaultRoute && !used.contains(&n.id))
        .cloned()
        .collect();
    let tunnel = out.edges.iter().find(|e| e.to == OUTSIDE);
    let first = idle.first().map(|n| n.evidence.clone());
    let Some(evidence) = first.or_else(|| tunnel.map(|e| e.evidence.clone())) else {
        return;
    };
    out.nodes.push(Node {
        id: OUTSIDE.to_owned(),
        kind: NodeKind::External,
        label: "unknown".to_owned(),
        detail: Vec::new(),
        marks: Vec::new(),
        evidence,
    });
    out.edges.extend(idle.into_iter().map(|n| Edge {
        from: n.id,
        to: OUTSIDE.to_owned(),
        kind: EdgeKind::Routed,
        addresses: Vec::new(),
        evidence: n.evidence,
    }));
}
