//! Where things stand. Comes in: the topology; goes out: who has which address in which network, and
//! which networks one gateway joins. It never finds a peer by its address alone: the peer is in the
//! same network, behind the same gateways, or says itself that it was talked to.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;

use daicho_ledger::hand::DeviceKind;
use daicho_report::{Direction, Flow};

use super::model::device_of;
use crate::list::Basis;
use crate::topology::{Edge, EdgeKind, NodeKind};

/// Both ends of a talk with its port, as the receiving end reports it.
type Arrived = (IpAddr, IpAddr, u16);

/// Lookups; the maps without order are never walked, and nothing depends on the order of the others.
pub(crate) struct Places<'a> {
    /// Nodes that are a role of another node.
    role_of: BTreeMap<&'a str, &'a str>,
    /// Things that lead from one network to another.
    leading: BTreeSet<&'a str>,
    /// Segments of a thing.
    segments: BTreeMap<&'a str, BTreeSet<&'a str>>,
    holders: BTreeMap<(&'a str, IpAddr), &'a str>,
    /// Domain (networks that gateways join) of a segment or leading thing.
    domains: BTreeMap<&'a str, usize>,
    /// Who has an address in a domain; `None`: several.
    domain_holders: HashMap<(usize, IpAddr), Option<&'a str>>,
    /// Who says that it was talked to; `None`: several.
    arrived: HashMap<Arrived, Option<&'a str>>,
}

impl<'a> Places<'a> {
    pub(crate) fn of(basis: Basis<'a>) -> Self {
        let topology = basis.topology;
        let mut places = Self {
            role_of: BTreeMap::new(),
            leading: BTreeSet::new(),
            segments: BTreeMap::new(),
            holders: BTreeMap::new(),
            domains: BTreeMap::new(),
            domain_holders: HashMap::new(),
            arrived: HashMap::new(),
        };
        let entered = topology.entered();
        for node in &topology.nodes {
            let device = device_of(&node.id);
            let whole = topology.node(device).or_else(|| {
                let entered = entered.get(device).copied();
                entered.filter(|it| it.id != node.id)
            });
            if let Some(whole) = whole.filter(|it| it.id != node.id) {
                places.role_of.insert(&node.id, &whole.id);
            }
            if leads(node.kind) {
                let id = places.thing_of(&node.id);
                places.leading.insert(id);
            }
        }
        for edge in &topology.edges {
            if edge.kind == EdgeKind::Attached {
                places.attach(edge);
            }
        }
        places.join(&topology.edges);
        places.address();
        places.arrivals(basis);
        places
    }

    /// The thing that a node is, or is a role of.
    pub(super) fn thing_of<'b>(&self, id: &'b str) -> &'b str
    where
        'a: 'b,
    {
        self.role_of.get(id).copied().unwrap_or(id)
    }

    /// Whether it leads from one network to another.
    pub(super) fn leads(&self, id: &str) -> bool {
        self.leading
            .contains(self.role_of.get(id).copied().unwrap_or(id))
    }

    /// The domains in which a thing stands.
    pub(super) fn domains_of(&self, id: &str) -> BTreeSet<usize> {
        let segments = self.segments.get(id).into_iter().flatten();
        segments
            .filter_map(|it| self.domains.get(it).copied())
            .collect()
    }

    /// Who has this address on a link of the thing.
    pub(super) fn beside(&self, id: &str, address: IpAddr) -> Option<&'a str> {
        let mut segments = self.segments.get(id)?.iter();
        segments.find_map(|it| self.holders.get(&(*it, address)).copied())
    }

    /// The peer of a talk that the thing reports; none of talk with itself or with a group.
    pub(crate) fn peer_of(&self, id: &str, flow: &Flow) -> Option<&'a str> {
        if quiet(flow) {
            return None;
        }
        // Of a talk that came in, the peer's port is not known.
        let port = match flow.direction {
            Direction::Inbound => 0,
            _ => flow.port,
        };
        self.peer(id, (flow.local, flow.peer, port))
    }

    /// The peer of a talk that the thing reports.
    pub(super) fn peer(
        &self,
        id: &str,
        (local, peer, port): (IpAddr, IpAddr, u16),
    ) -> Option<&'a str> {
        if let Some(found) = self.beside(id, peer) {
            return Some(found);
        }
        let domains = self.domains_of(id);
        let mut there = domains
            .iter()
            .filter_map(|it| self.domain_holders.get(&(*it, peer)).copied().flatten());
        if let Some(one) = there.next() {
            return there.next().is_none().then_some(one);
        }
        self.arrived.get(&(peer, local, port)).copied().flatten()
    }

    fn attach(&mut self, edge: &'a Edge) {
        let from = self.role_of.get(edge.from.as_str()).copied();
        let from = from.unwrap_or(&edge.from);
        self.segments.entry(from).or_default().insert(&edge.to);
        for address in &edge.addresses {
            let kept = self.holders.entry((&edge.to, *address)).or_insert(from);
            *kept = (*kept).min(from);
        }
    }

    /// Numbers the networks that are joined by what leads between them.
    fn join(&mut self, edges: &'a [Edge]) {
        let mut parent: BTreeMap<&str, &str> = BTreeMap::new();
        fn root<'b>(parent: &BTreeMap<&'b str, &'b str>, mut at: &'b str) -> &'b str {
            while let Some(next) = parent.get(at).filter(|it| **it != at) {
                at = next;
            }
            at
        }
        let segments: BTreeSet<&str> = self.segments.values().flatten().copied().collect();
        for one in segments.iter().chain(&self.leading) {
            parent.insert(one, one);
        }
        for edge in edges {
            let wanted = matches!(
                edge.kind,
                EdgeKind::Attached | EdgeKind::Routed | EdgeKind::Linked | EdgeKind::Pair
            );
            let of = |id: &'a String| self.role_of.get(id.as_str()).copied().unwrap_or(id);
            let (from, to) = (of(&edge.from), of(&edge.to));
            if wanted && parent.contains_key(from) && parent.contains_key(to) {
                let (one, other) = (root(&parent, from), root(&parent, to));
                parent.insert(one.max(other), one.min(other));
            }
        }
        let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
        let all: Vec<&'a str> = segments.iter().chain(&self.leading).copied().collect();
        for one in all {
            let next = numbers.len();
            let number = *numbers.entry(root(&parent, one)).or_insert(next);
            self.domains.insert(one, number);
        }
    }

    fn address(&mut self) {
        for ((segment, address), holder) in &self.holders {
            let Some(domain) = self.domains.get(segment) else {
                continue;
            };
            let kept = self.domain_holders.entry((*domain, *address));
            let kept = kept.or_insert(Some(holder));
            if *kept != Some(*holder) {
                *kept = None;
            }
        }
    }

    fn arrivals(&mut self, basis: Basis<'a>) {
        for asset in &basis.ledger.assets {
            let id: &'a str = &asset.id.0;
            for flow in &asset.flows {
                if flow.item.direction == Direction::Inbound {
                    let key = (flow.item.local, flow.item.peer, flow.item.port);
                    let kept = self.arrived.entry(key).or_insert(Some(id));
                    if *kept != Some(id) {
                        *kept = None;
                    }
                }
            }
        }
    }
}

/// Talk that leads to no other thing.
pub(super) fn quiet(flow: &Flow) -> bool {
    let peer = flow.peer;
    let none = peer.is_loopback() || peer.is_multicast() || peer.is_unspecified();
    none || flow.local == peer
}

/// Whether such a thing leads from one network to others.
fn leads(kind: NodeKind) -> bool {
    matches!(
        kind,
        NodeKind::Gateway
            | NodeKind::Device(
                DeviceKind::Firewall
                    | DeviceKind::Vpn
                    | DeviceKind::Router
                    | DeviceKind::CoreSwitch
                    | DeviceKind::Switch
                    | DeviceKind::MobileRouter
            )
    )
}
