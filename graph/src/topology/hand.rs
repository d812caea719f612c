//! Devices that people wrote down（手入力）. Comes in: entries, realms and the draft; goes out: the
//! devices as nodes with their places. It never places a device by its range where several networks
//! have that range: such a device says why it has no place.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use daicho_ledger::hand::{Entry, HandDevice, HandInterface};
use daicho_ledger::{Ledger, normal_mac};
use daicho_report::Address;

use super::binding::{Range, Worth, worth};
use super::draft::{Addresses, Draft};
use super::peer::private;
use super::realm::{Realms, range, ranged};
use super::{Edge, EdgeKind, Evidence, Kind, Node, NodeKind, Unplaced};

/// Adds the devices, their places, cables and pairs.
pub(super) fn devices(ledger: &Ledger, realms: &Realms, out: &mut Draft) {
    if ledger.hand.devices().next().is_none() {
        return;
    }
    let known = Known::new(ledger, realms, out);
    let own = own_segments(ledger, &known);
    let mut ids: BTreeMap<&str, String> = BTreeMap::new();
    let mut names = BTreeMap::new();
    let mut placed = Vec::new();
    for (entry, device) in ledger.hand.devices() {
        let places: Vec<Place<'_>> = device
            .interfaces
            .iter()
            .filter(|it| it.address.is_some_and(|a| ranged(a.address)))
            .map(|it| known.place(&entry.key, it, &own))
            .collect();
        let mut same: BTreeSet<String> = known.by_mac(device);
        same.extend(places.iter().filter_map(|it| it.same.clone()));
        // A machine with an agent keeps its name; of devices seen, the first gives it.
        let agent = same.iter().find(|id| known.agents.contains(*id)).cloned();
        let id = agent.or_else(|| same.first().cloned());
        let id = id.unwrap_or_else(|| format!("hand:{}", entry.key));
        for other in same.iter().filter(|it| **it != id) {
            if !known.agents.contains(other) {
                names.insert(other.clone(), id.clone());
            }
        }
        ids.insert(&entry.key, id);
        placed.push((entry, device, places));
    }
    out.rename(&names);
    for id in ids.values_mut() {
        if let Some(name) = names.get(id) {
            id.clone_from(name);
        }
    }
    for (entry, device, places) in placed {
        let Some(id) = ids.get(entry.key.as_str()) else {
            continue;
        };
        node(id, entry, device, &places, out);
        attach(id, entry, places, out);
    }
    cables(ledger, &ids, out);
}

/// A person's word.
fn entered(entry: &Entry) -> Evidence {
    Evidence {
        kind: Kind::Entered,
        sources: vec![format!("entry {}", entry.key)],
        first: Some(entry.at),
        last: Some(entry.at),
        confidence: 90,
    }
}

/// Where an interface is.
struct Place<'a> {
    interface: &'a HandInterface,
    address: Address,
    /// The segment, or why there is none.
    at: Result<String, Unplaced>,
    /// The segment is known by entries alone.
    new: bool,
    /// A device seen there that it is.
    same: Option<String>,
}

/// What is known before entries are looked at.
struct Known<'a> {
    realms: &'a Realms,
    addresses: Addresses,
    /// Segments by range.
    ranges: BTreeMap<Range, BTreeSet<String>>,
    /// Nodes by hardware address; a copied one has several.
    macs: BTreeMap<String, BTreeSet<String>>,
    /// Hardware addresses of nodes.
    of: BTreeMap<String, BTreeSet<String>>,
    agents: BTreeSet<String>,
}

impl<'a> Known<'a> {
    fn new(ledger: &Ledger, realms: &'a Realms, out: &Draft) -> Self {
        let mut known = Self {
            realms,
            addresses: out.addresses(),
            ranges: BTreeMap::new(),
            macs: BTreeMap::new(),
            of: BTreeMap::new(),
            agents: ledger.assets.iter().map(|it| it.id.0.clone()).collect(),
        };
        for at in realms.all.values().filter(|it| !it.tunnel && !it.host_only) {
            for address in &at.addresses {
                let place = known.ranges.entry(range(address)).or_default();
                place.insert(at.segment.clone());
            }
        }
        for asset in &ledger.assets {
            for interface in asset.interfaces.interfaces.value().into_iter().flatten() {
                for mac in [&interface.mac, &interface.permanent_mac]
                    .into_iter()
                    .flatten()
                {
                    known.has(&normal_mac(mac), &asset.id.0);
                }
            }
        }
        for node in out.nodes.values().filter(|it| it.kind == NodeKind::Seen) {
            known.has(&node.label, &node.id);
        }
        known
    }

    fn has(&mut self, mac: &str, id: &str) {
        if matches!(worth(mac), Some(Worth::Strong | Worth::MadeUp)) {
            self.macs
                .entry(mac.to_owned())
                .or_default()
                .insert(id.to_owned());
            self.of
                .entry(id.to_owned())
                .or_default()
                .insert(mac.to_owned());
        }
    }

    /// The nodes that have a device's hardware addresses; one that several share tells nothing.
    fn by_mac(&self, device: &HandDevice) -> BTreeSet<String> {
        let macs = device.interfaces.iter().filter_map(|it| it.mac.as_deref());
        let nodes = macs.filter_map(|mac| self.macs.get(&normal_mac(mac)));
        nodes
            .filter(|ids| ids.len() == 1)
            .flatten()
            .cloned()
            .collect()
    }

    fn place<'b>(
        &self,
        key: &str,
        interface: &'b HandInterface,
        own: &BTreeMap<(String, Range), String>,
    ) -> Place<'b> {
        let address = interface.address.unwrap_or(Address {
            address: IpAddr::from([0, 0, 0, 0]),
            prefix: 0,
        });
        let mac = interface.mac.as_deref().map(normal_mac);
        let found = self.segment(interface, &address, mac.as_deref());
        let mut place = Place {
            interface,
            address,
            at: Err(Unplaced::NoAddress),
            new: false,
            same: None,
        };
        match found {
            Ok(Some(segment)) => {
                place.same = self
                    .addresses
                    .device(&segment, address.address)
                    .map(str::to_owned);
                let theirs = place.same.as_ref().and_then(|id| self.of.get(id));
                let other = theirs.is_some_and(|all| mac.is_some_and(|mac| !all.contains(&mac)));
                place.at = if other {
                    place.same = None;
                    Err(Unplaced::Occupied)
                } else {
                    Ok(segment)
                };
            }
            Ok(None) => {
                let name = own.get(&(key.to_owned(), range(&address)));
                // An address outside makes no segment of the hospital.
                place.at = name.cloned().ok_or(Unplaced::Outside);
                place.new = true;
            }
            Err(reason) => place.at = Err(reason),
        }
        place
    }

    /// The segment of an interface; `None`: nobody with an agent is in its range.
    fn segment(
        &self,
        interface: &HandInterface,
        address: &Address,
        mac: Option<&str>,
    ) -> Result<Option<String>, Unplaced> {
        let range_of = range(address);
        if let Some(asset) = &interface.beside {
            let mut there = self.realms.of(&asset.0).filter(|it| {
                let here = it.addresses.iter().any(|a| range(a) == range_of);
                here && !it.tunnel && !it.host_only
            });
            let found = there.next().map(|it| it.segment.clone());
            return found.map(Some).ok_or(Unplaced::NotBeside);
        }
        let Some(all) = self.ranges.get(&range_of) else {
            return Ok(None);
        };
        if all.len() == 1 {
            return Ok(all.first().cloned());
        }
        // Of several, the one in which somebody saw this very device.
        let seen = |segment: &&String| {
            let there = self.addresses.device(segment, address.address);
            let theirs = there.and_then(|id| self.of.get(id));
            theirs.is_some_and(|all| mac.is_some_and(|mac| all.contains(mac)))
        };
        let mut found = all.iter().filter(seen);
        match (found.next(), found.next()) {
            (Some(one), None) => Ok(Some(one.clone())),
            _ => Err(Unplaced::Ambiguous),
        }
    }
}

/// Segments that entries alone know: one for each device and range; devices that a cable or their
/// pair connects are in one.
fn own_segments(ledger: &Ledger, known: &Known<'_>) -> BTreeMap<(String, Range), String> {
    let mut names: BTreeMap<(String, Range), (String, Range)> = BTreeMap::new();
    let mut addresses: BTreeMap<(String, Range), BTreeSet<IpAddr>> = BTreeMap::new();
    let mut ties: BTreeSet<((String, Range), String)> = BTreeSet::new();
    for (entry, device) in ledger.hand.devices() {
        for interface in &device.interfaces {
            let Some(address) = interface.address.filter(|a| ranged(a.address)) else {
                continue;
            };
            if known.ranges.contains_key(&range(&address)) || !private(address.address) {
                continue;
            }
            let at = (entry.key.clone(), range(&address));
            names.insert(at.clone(), at.clone());
            addresses
                .entry(at.clone())
                .or_default()
                .insert(address.address);
            for other in interface.linked_to.iter().chain(&device.pair) {
                ties.insert((at.clone(), other.clone()));
            }
        }
    }
    for ((key, range_of), other) in ties {
        let (Some(a), Some(b)) = (
            names.get(&(key, range_of)).cloned(),
            names.get(&(other, range_of)).cloned(),
        ) else {
            continue;
        };
        let (keep, gone) = (a.clone().min(b.clone()), a.max(b));
        let theirs = addresses.get(&gone).cloned().unwrap_or_default();
        let ours = addresses.entry(keep.clone()).or_default();
        if keep == gone || !ours.is_disjoint(&theirs) {
            continue;
        }
        ours.extend(theirs);
        for name in names.values_mut().filter(|name| **name == gone) {
            name.clone_from(&keep);
        }
    }
    let id = |(key, (network, prefix)): (String, Range)| {
        format!("segment:hand/{key}/{network}/{prefix}")
    };
    names.into_iter().map(|(at, name)| (at, id(name))).collect()
}

/// The device's node: a new one, or that of what was seen, with the name that a person gave.
fn node(id: &str, entry: &Entry, device: &HandDevice, places: &[Place<'_>], out: &mut Draft) {
    let addresses = device.interfaces.iter().filter_map(|it| it.address);
    let detail: BTreeSet<String> = addresses.map(|it| it.address.to_string()).collect();
    let reason = places.iter().find_map(|it| it.at.clone().err());
    let nowhere = !places.iter().any(|it| it.at.is_ok());
    let known = out.nodes.contains_key(id);
    let node = out.nodes.entry(id.to_owned()).or_insert_with(|| {
        let kind = NodeKind::Device(device.kind);
        Node::new(id.to_owned(), kind, device.name.clone(), entered(entry))
    });
    node.entry.get_or_insert_with(|| entry.key.clone());
    node.detail.extend(detail);
    node.detail.sort();
    node.detail.dedup();
    if known {
        node.evidence.sources.push(format!("entry {}", entry.key));
    }
    if node.kind == NodeKind::Seen {
        node.kind = NodeKind::Device(device.kind);
        node.label.clone_from(&device.name);
    }
    if nowhere && !known {
        node.unplaced = reason.or(Some(Unplaced::NoAddress));
    }
}

fn attach(id: &str, entry: &Entry, places: Vec<Place<'_>>, out: &mut Draft) {
    for place in places {
        let Ok(segment) = place.at else { continue };
        if place.new {
            let (network, prefix) = range(&place.address);
            out.add(Node {
                detail: vec![format!("{network}/{prefix}")],
                ..Node::new(
                    segment.clone(),
                    NodeKind::Segment,
                    String::new(),
                    entered(entry),
                )
            });
        }
        let mut evidence = entered(entry);
        if !place.interface.name.is_empty() {
            evidence.sources.push(place.interface.name.clone());
        }
        out.edges.push(Edge {
            from: id.to_owned(),
            to: segment,
            kind: EdgeKind::Attached,
            addresses: vec![place.address.address],
            evidence,
        });
    }
}

/// Cables and pairs between entries that exist.
fn cables(ledger: &Ledger, ids: &BTreeMap<&str, String>, out: &mut Draft) {
    for (entry, device) in ledger.hand.devices() {
        let linked = device
            .interfaces
            .iter()
            .filter_map(|it| it.linked_to.as_ref());
        let linked = linked.map(|other| (EdgeKind::Linked, other));
        let pair = device.pair.iter().map(|other| (EdgeKind::Pair, other));
        for (kind, other) in linked.chain(pair) {
            let ends = (ids.get(entry.key.as_str()), ids.get(other.as_str()));
            let (Some(from), Some(to)) = ends else {
                continue;
            };
            if from == to {
                continue;
            }
            out.edges.push(Edge {
                from: from.min(to).clone(),
                to: from.max(to).clone(),
                kind,
                addresses: Vec::new(),
                evidence: entered(entry),
            });
        }
    }
}

#[cfg(test)]
mod tests;
