//! Peers outside the known segments. Comes in: flows; goes out: grouped peers with ports and counts.
//! It never names a peer that lies in a segment the asset itself is attached to.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use daicho_ledger::Ledger;
use daicho_report::{Address, Flow, Protocol, Time};

use super::draft::Draft;
use super::gateway::{OUTSIDE, defaults, gateway_id, way_out};
use super::realm::{Attachment, Realms, holds, range, ranged};
use super::{Edge, EdgeKind, Evidence, Kind, Node, NodeKind};

/// Port, protocol and program.
type Service<'a> = (u16, Protocol, Option<&'a str>);

#[derive(Default)]
struct Group<'a> {
    peers: BTreeSet<IpAddr>,
    services: BTreeMap<Service<'a>, usize>,
    first: Option<Time>,
    last: Option<Time>,
    from: BTreeSet<String>,
}

/// Whether an address is one that anybody may give out inside.
pub(crate) fn private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(a) => {
            let [first, second, ..] = a.octets();
            a.is_private() || (first == 100 && (64..128).contains(&second))
        }
        IpAddr::V6(a) => a.is_unique_local(),
    }
}

/// What sort of peer it is, and its range where it is the hospital's.
fn group_of(peer: IpAddr) -> (NodeKind, Option<Address>) {
    if private(peer) {
        let mut network = Address {
            address: peer,
            prefix: if peer.is_ipv4() { 24 } else { 64 },
        };
        network.address = network.network();
        (NodeKind::OtherInside, Some(network))
    } else {
        (NodeKind::External, None)
    }
}

fn service((port, protocol, program): Service<'_>) -> String {
    let program = program.map(|p| format!(" {p}"));
    let protocol = format!("{protocol:?}").to_lowercase();
    format!("{port}/{protocol}{}", program.unwrap_or_default())
}

fn service_of(flow: &Flow) -> Service<'_> {
    (flow.port, flow.protocol, flow.program.as_deref())
}

/// The ranges of all links that several machines may be on, by length of prefix.
fn inside(realms: &Realms) -> BTreeMap<u8, BTreeSet<IpAddr>> {
    let mut out: BTreeMap<u8, BTreeSet<IpAddr>> = BTreeMap::new();
    let shared = realms.all.values().filter(|it| !it.host_only);
    for (network, prefix) in shared.flat_map(|it| it.addresses.iter().map(range)) {
        out.entry(prefix).or_default().insert(network);
    }
    out
}

fn known(own: &[&Attachment], inside: &BTreeMap<u8, BTreeSet<IpAddr>>, peer: IpAddr) -> bool {
    let mut mine = own.iter().flat_map(|it| it.addresses.iter());
    if mine.any(|address| holds(range(address), peer)) {
        return true;
    }
    private(peer)
        && inside.iter().any(|(prefix, networks)| {
            let address = Address {
                address: peer,
                prefix: *prefix,
            };
            networks.contains(&address.network())
        })
}

/// Adds the groups of peers, and the unknown outside where nothing was seen behind a way out.
pub(super) fn peers(ledger: &Ledger, realms: &Realms, out: &mut Draft) {
    let addresses = out.addresses();
    let inside = inside(realms);
    let mut groups: BTreeMap<(NodeKind, Option<Address>), Group<'_>> = BTreeMap::new();
    for asset in &ledger.assets {
        let ways: Vec<String> = defaults(asset, realms)
            .iter()
            .map(|(segment, at)| way_out(&gateway_id(&addresses, segment, *at)))
            .collect();
        let own: Vec<&Attachment> = realms.of(&asset.id.0).collect();
        for flow in &asset.flows {
            let peer = flow.item.peer;
            if !ranged(peer) || known(&own, &inside, peer) {
                continue;
            }
            let group = groups.entry(group_of(peer)).or_default();
            group.peers.insert(peer);
            *group.services.entry(service_of(&flow.item)).or_default() += 1;
            group.first = group.first.into_iter().chain([flow.since]).min();
            let last = flow.until.unwrap_or(ledger.as_of);
            group.last = group.last.into_iter().chain([last]).max();
            for way in &ways {
                if !group.from.contains(way) {
                    group.from.insert(way.clone());
                }
            }
        }
    }
    let mut used = BTreeSet::new();
    for ((kind, network), group) in groups {
        let name = network.map(|it| format!("{}/{}", it.address, it.prefix));
        let name = name.unwrap_or_default();
        used.extend(group.from.iter().cloned());
        add(kind, &name, &group, out);
    }
    unknown_outside(&used, out);
}

fn add(kind: NodeKind, name: &str, group: &Group<'_>, out: &mut Draft) {
    let id = format!("peer:{kind:?}:{name}");
    let evidence = Evidence {
        kind: Kind::Inferred,
        sources: vec!["flow".to_owned()],
        first: group.first,
        last: group.last,
        confidence: 70,
    };
    let services = group.services.iter();
    let mut services: Vec<_> = services.map(|(it, n)| (service(*it), *n)).collect();
    services.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    let mut detail = vec![format!("×{}", group.peers.len())];
    detail.extend(services.iter().map(|(s, n)| format!("{s} ×{n}")));
    out.add(Node {
        detail,
        ..Node::new(id.clone(), kind, name.to_owned(), evidence.clone())
    });
    out.edges.extend(group.from.iter().map(|way| Edge {
        from: way.clone(),
        to: id.clone(),
        kind: EdgeKind::Flow,
        addresses: Vec::new(),
        evidence: evidence.clone(),
    }));
}

fn unknown_outside(used: &BTreeSet<String>, out: &mut Draft) {
    let idle: Vec<Node> = out
        .nodes
        .values()
        .filter(|n| n.kind == NodeKind::DefaultRoute && !used.contains(&n.id))
        .cloned()
        .collect();
    let tunnels = out.edges.iter().filter(|e| e.to == OUTSIDE);
    let tunnel = tunnels.map(|e| &e.evidence).min();
    let first = idle.first().map(|n| &n.evidence);
    let Some(evidence) = first.or(tunnel).cloned() else {
        return;
    };
    out.add(Node::new(
        OUTSIDE.to_owned(),
        NodeKind::External,
        "unknown".to_owned(),
        evidence,
    ));
    out.edges.extend(idle.into_iter().map(|n| Edge {
        from: n.id,
        to: OUTSIDE.to_owned(),
        kind: EdgeKind::Routed,
        addresses: Vec::new(),
        evidence: n.evidence,
    }));
}
