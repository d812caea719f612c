//! Gateways and connection points（外部接続点）. Comes in: routes, tunnels and realms; goes out: the
//! gateway nodes and inferred connection points. It never claims that a connection is confirmed.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use daicho_ledger::{AgentAsset, Ledger};
use daicho_report::RouteKind;

use super::realm::Realms;
use super::segment::{reported, segment_id};
use super::{Edge, EdgeKind, Evidence, Kind, Node, NodeKind, Topology};

/// The id of the connection point behind a gateway.
pub(super) fn way_out(gateway: &str) -> String {
    format!("way-out:{gateway}")
}

/// The unknown outside.
pub(super) const OUTSIDE: &str = "outside:unknown";

fn inferred(asset: &AgentAsset, source: &str) -> Evidence {
    Evidence {
        kind: Kind::Inferred,
        confidence: 50,
        ..reported(asset, source)
    }
}

/// The default gateways of an asset: segment and address.
pub(super) fn defaults(asset: &AgentAsset, realms: &Realms) -> Vec<(String, IpAddr)> {
    let mut out = Vec::new();
    for route in asset.routes.routes.value().into_iter().flatten() {
        let (Some(gateway), Some(interface)) = (route.gateway, route.interface.clone()) else {
            continue;
        };
        if route.destination.prefix != 0 || route.kind != RouteKind::Unicast {
            continue;
        }
        let at = realms.get(&(asset.id.0.clone(), interface));
        if let Some(at) = at.filter(|a| !a.tunnel && !a.host_only) {
            out.push((segment_id(&at.realm), gateway));
        }
    }
    out.sort();
    out.dedup();
    out
}

/// The device that has an address in a segment, or a name for the unseen one.
pub(super) fn device(out: &Topology, segment: &str, address: IpAddr) -> Option<String> {
    let found = out.edges.iter().filter(|e| {
        e.to == segment && e.kind == EdgeKind::Attached && e.addresses.contains(&address)
    });
    found.map(|e| e.from.clone()).min()
}

/// The id of the gateway node for an address in a segment.
pub(super) fn gateway_id(out: &Topology, segment: &str, address: IpAddr) -> String {
    let device = device(out, segment, address);
    format!(
        "gateway:{}",
        device.unwrap_or_else(|| format!("{segment}@{address}"))
    )
}

/// Takes away devices that are known from routes alone where another device has the same address in
/// the same segment: on one link an address is one device's, whoever named it.
fn unify(out: &mut Topology) {
    let unseen: BTreeSet<&str> = out
        .nodes
        .iter()
        .filter(|node| node.kind == NodeKind::Seen && node.label.is_empty())
        .map(|node| node.id.as_str())
        .collect();
    // The device that keeps an address: one with a hardware address or an agent before the others.
    let mut keeps: BTreeMap<(&str, IpAddr), (bool, &str)> = BTreeMap::new();
    let attached = || {
        out.edges
            .iter()
            .filter(|edge| edge.kind == EdgeKind::Attached)
    };
    for edge in attached() {
        let one = (unseen.contains(edge.from.as_str()), edge.from.as_str());
        for address in &edge.addresses {
            let kept = keeps.entry((&edge.to, *address)).or_insert(one);
            *kept = (*kept).min(one);
        }
    }
    let mut gone = BTreeSet::new();
    for edge in attached().filter(|edge| unseen.contains(edge.from.as_str())) {
        let other = |address: &IpAddr| {
            let kept = keeps.get(&(edge.to.as_str(), *address));
            kept.is_some_and(|(_, id)| *id != edge.from)
        };
        if !edge.addresses.is_empty() && edge.addresses.iter().all(other) {
            gone.insert(edge.from.clone());
        }
    }
    out.nodes.retain(|node| !gone.contains(&node.id));
    out.edges.retain(|edge| !gone.contains(&edge.from));
}

/// Adds gateways, ways out, and tunnels.
pub(super) fn gateways(ledger: &Ledger, realms: &Realms, out: &mut Topology) {
    unify(out);
    let mut wanted = BTreeMap::new();
    let mut assets: Vec<&AgentAsset> = ledger.assets.iter().collect();
    assets.sort_by(|a, b| a.id.cmp(&b.id));
    for asset in assets {
        for place in defaults(asset, realms) {
            wanted.entry(place).or_insert(asset);
        }
    }
    for ((segment, address), asset) in wanted {
        let device = device(out, &segment, address);
        let id = gateway_id(out, &segment, address);
        let known = device.and_then(|d| out.nodes.iter().find(|n| n.id == d));
        let label = known.map(|n| n.label.clone()).unwrap_or_default();
        if let Some(node) = out.nodes.iter_mut().find(|n| n.id == id) {
            node.detail.push(address.to_string());
            node.detail.sort();
            node.detail.dedup();
        } else {
            out.nodes.push(Node {
                id: id.clone(),
                kind: NodeKind::Gateway,
                label,
                detail: vec![address.to_string()],
                marks: Vec::new(),
                evidence: reported(asset, "route"),
            });
            let point = Node {
                id: way_out(&id),
                kind: NodeKind::DefaultRoute,
                label: String::new(),
                detail: vec![address.to_string()],
                marks: Vec::new(),
                evidence: inferred(asset, "route"),
            };
            out.edges
                .push(edge(&id, &point.id, EdgeKind::Routed, asset));
            out.nodes.push(point);
        }
        out.edges.push(Edge {
            evidence: reported(asset, "route"),
            ..edge(&segment, &id, EdgeKind::Routed, asset)
        });
    }
    tunnels(ledger, realms, out);
}

fn edge(from: &str, to: &str, kind: EdgeKind, asset: &AgentAsset) -> Edge {
    Edge {
        from: from.to_owned(),
        to: to.to_owned(),
        kind,
        addresses: Vec::new(),
        evidence: inferred(asset, "route"),
    }
}

fn tunnels(ledger: &Ledger, realms: &Realms, out: &mut Topology) {
    for asset in &ledger.assets {
        for at in realms
            .values()
            .filter(|a| a.tunnel && a.key.0 == asset.id.0)
        {
            let id = format!("vpn:{}/{}", at.key.0, at.key.1);
            let addresses = at.addresses.iter();
            out.nodes.push(Node {
                id: id.clone(),
                kind: NodeKind::Vpn,
                label: format!("{} {}", asset.label, at.key.1),
                detail: addresses
                    .map(|a| format!("{}/{}", a.address, a.prefix))
                    .collect(),
                marks: Vec::new(),
                evidence: inferred(asset, "interface"),
            });
            out.edges
                .push(edge(&asset.id.0, &id, EdgeKind::TunnelsTo, asset));
            out.edges
                .push(edge(&id, OUTSIDE, EdgeKind::TunnelsTo, asset));
        }
    }
}
