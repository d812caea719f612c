//! Gateways and ways out. Comes in: routes, tunnels and realms; goes out: the gateway nodes, networks
//! that routes name, and inferred ways out. It never claims that a connection is confirmed.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use daicho_ledger::{AgentAsset, Ledger};
use daicho_report::{Address, Route, RouteKind};

use super::binding::{Worth, worth};
use super::draft::{Addresses, Draft};
use super::peer::private;
use super::realm::{Realms, range, ranged};
use super::segment::reported;
use super::{Edge, EdgeKind, Evidence, Kind, Node, NodeKind};

/// The id of the way out behind a gateway.
pub(super) fn way_out(gateway: &str) -> String {
    format!("way-out:{gateway}")
}

/// The unknown outside.
pub const OUTSIDE: &str = "outside:unknown";

fn inferred(asset: &AgentAsset, source: &str) -> Evidence {
    Evidence {
        kind: Kind::Inferred,
        confidence: 50,
        ..reported(asset, source)
    }
}

/// Routes of an asset that lead on by another device.
fn led(asset: &AgentAsset) -> impl Iterator<Item = (&Route, IpAddr, &str)> {
    let routes = asset.routes.routes.value().into_iter().flatten();
    let routes = routes.filter(|route| route.kind == RouteKind::Unicast);
    routes.filter_map(|route| Some((route, route.gateway?, route.interface.as_deref()?)))
}

/// Next hops by an interface: of the default routes alone, or of all.
pub(super) fn next_hops(asset: &AgentAsset, name: &str, default: bool) -> BTreeSet<IpAddr> {
    let here = led(asset).filter(|(_, _, interface)| *interface == name);
    let wanted = here.filter(|(route, _, _)| !default || route.destination.prefix == 0);
    wanted.map(|(_, hop, _)| hop).collect()
}

/// A gateway's place, and where it leads: default, or to these networks.
type Hops = BTreeMap<(String, IpAddr), (bool, BTreeSet<Address>)>;

fn hops(asset: &AgentAsset, realms: &Realms) -> Hops {
    let mut out = Hops::new();
    for (route, hop, interface) in led(asset) {
        let at = realms.at(&asset.id.0, interface);
        let Some(at) = at.filter(|a| !a.tunnel && !a.host_only) else {
            continue;
        };
        let place = out.entry((at.segment.clone(), hop)).or_default();
        if route.destination.prefix == 0 {
            place.0 = true;
        } else if ranged(route.destination.address) {
            place.1.insert(route.destination);
        }
    }
    out
}

/// The default gateways of an asset: segment and address.
pub(super) fn defaults(asset: &AgentAsset, realms: &Realms) -> Vec<(String, IpAddr)> {
    let all = hops(asset, realms).into_iter();
    all.filter(|(_, (default, _))| *default)
        .map(|(place, _)| place)
        .collect()
}

/// The id of the gateway node for an address in a segment: after the device that has the address, or
/// after the place.
pub(super) fn gateway_id(addresses: &Addresses, segment: &str, address: IpAddr) -> String {
    match addresses.device(segment, address) {
        Some(device) => format!("gateway:{device}"),
        None => format!("gateway:{segment}@{address}"),
    }
}

/// Takes away devices that are known from routes alone, or by a virtual router's hardware address,
/// where another device has the same address in the same segment: on one link an address is one
/// device's, whoever named it.
pub(super) fn unify(out: &mut Draft) {
    let vague = |id: &str| {
        let node = out.nodes.get(id);
        node.is_some_and(|node| {
            let nothing = matches!(worth(&node.label), None | Some(Worth::Virtual));
            node.kind == NodeKind::Seen && nothing
        })
    };
    // The device that keeps an address: one with a hardware address or an agent before the others.
    let mut keeps: BTreeMap<(&str, IpAddr), (bool, &str)> = BTreeMap::new();
    let attached = || {
        out.edges
            .iter()
            .filter(|edge| edge.kind == EdgeKind::Attached)
    };
    let mut unseen: BTreeSet<&str> = BTreeSet::new();
    for edge in attached() {
        let one = (vague(&edge.from), edge.from.as_str());
        if one.0 {
            unseen.insert(one.1);
        }
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
    out.nodes.retain(|id, _| !gone.contains(id));
    out.edges.retain(|edge| !gone.contains(&edge.from));
}

/// Adds gateways, ways out, and tunnels.
pub(super) fn gateways(ledger: &Ledger, realms: &Realms, out: &mut Draft) {
    let addresses = out.addresses();
    let mut assets: Vec<&AgentAsset> = ledger.assets.iter().collect();
    assets.sort_by(|a, b| a.id.cmp(&b.id));
    let mut wanted: BTreeMap<(String, IpAddr), (&AgentAsset, bool, BTreeSet<Address>)> =
        BTreeMap::new();
    for asset in assets {
        for (place, (default, networks)) in hops(asset, realms) {
            let it = wanted
                .entry(place)
                .or_insert((asset, false, BTreeSet::new()));
            it.1 |= default;
            it.2.extend(networks);
        }
    }
    let known = ranges(realms);
    for ((segment, address), (asset, default, mut networks)) in wanted {
        let id = gateway_id(&addresses, &segment, address);
        let device = addresses.device(&segment, address);
        gateway(&id, device, address, asset, out);
        if default {
            let point = Node {
                detail: vec![address.to_string()],
                ..Node::new(
                    way_out(&id),
                    NodeKind::DefaultRoute,
                    String::new(),
                    inferred(asset, "route"),
                )
            };
            out.edges
                .push(edge(&id, &point.id, EdgeKind::Routed, asset));
            out.add(point);
        }
        networks.retain(|network| !known.contains(&range(network)));
        behind(&id, &networks, asset, out);
        out.edges.push(Edge {
            evidence: reported(asset, "route"),
            ..edge(&segment, &id, EdgeKind::Routed, asset)
        });
    }
    tunnels(ledger, realms, out);
}

/// All ranges that somebody with an agent is in.
fn ranges(realms: &Realms) -> BTreeSet<(IpAddr, u8)> {
    let all = realms.all.values().flat_map(|it| it.addresses.iter());
    all.map(range).collect()
}

fn gateway(id: &str, device: Option<&str>, address: IpAddr, asset: &AgentAsset, out: &mut Draft) {
    let known = device.and_then(|device| out.nodes.get(device));
    let label = known.map(|node| node.label.clone()).unwrap_or_default();
    let entry = known.and_then(|node| node.entry.clone());
    let node = out.nodes.entry(id.to_owned()).or_insert_with(|| Node {
        entry,
        ..Node::new(
            id.to_owned(),
            NodeKind::Gateway,
            label,
            reported(asset, "route"),
        )
    });
    node.detail.push(address.to_string());
    node.detail.sort();
    node.detail.dedup();
}

/// Networks that are known from routes by a gateway alone: those of the hospital, and others.
fn behind(gateway: &str, networks: &BTreeSet<Address>, asset: &AgentAsset, out: &mut Draft) {
    let (inside, outside): (Vec<&Address>, Vec<&Address>) = networks
        .iter()
        .partition(|network| private(network.address));
    for (kind, list) in [
        (NodeKind::OtherInside, inside),
        (NodeKind::External, outside),
    ] {
        if list.is_empty() {
            continue;
        }
        let id = format!("routed:{kind:?}:{gateway}");
        let node = out.nodes.entry(id.clone()).or_insert_with(|| {
            Node::new(
                id.clone(),
                kind,
                "routes".to_owned(),
                inferred(asset, "route"),
            )
        });
        let texts = list
            .iter()
            .map(|it| format!("{}/{}", it.address, it.prefix));
        node.detail.extend(texts);
        node.detail.sort();
        node.detail.dedup();
        out.edges.push(edge(gateway, &id, EdgeKind::Routed, asset));
    }
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

fn tunnels(ledger: &Ledger, realms: &Realms, out: &mut Draft) {
    for asset in &ledger.assets {
        for at in realms.of(&asset.id.0).filter(|a| a.tunnel) {
            let id = format!("vpn:{}/{}", at.key.0, at.key.1);
            let addresses = at.addresses.iter();
            out.add(Node {
                detail: addresses
                    .map(|a| format!("{}/{}", a.address, a.prefix))
                    .collect(),
                ..Node::new(
                    id.clone(),
                    NodeKind::Vpn,
                    format!("{} {}", asset.label, at.key.1),
                    inferred(asset, "interface"),
                )
            });
            out.edges
                .push(edge(&asset.id.0, &id, EdgeKind::TunnelsTo, asset));
            out.edges
                .push(edge(&id, OUTSIDE, EdgeKind::TunnelsTo, asset));
        }
    }
}
