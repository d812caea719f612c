//! Realms: which interfaces are on the same link. Comes in: a ledger; goes out: the attachments
//! with their realm. It never joins by equal ranges, only by a hardware address seen in the same
//! range from both.

use std::collections::BTreeMap;
use std::net::IpAddr;

use daicho_ledger::{AgentAsset, Ledger, WORTHLESS_MACS};
use daicho_report::{Address, Interface, InterfaceKind, RouteKind};

/// An asset's name and its interface's name.
pub(super) type Key = (String, String);

/// An interface with addresses.
#[derive(Debug, Clone)]
pub(super) struct Attachment {
    /// Asset and interface.
    pub(super) key: Key,
    /// Addresses that make ranges.
    pub(super) addresses: Vec<Address>,
    /// Inside one machine.
    pub(super) host_only: bool,
    /// Leads away by a tunnel or a line of its own.
    pub(super) tunnel: bool,
    /// The realm's name: its smallest key.
    pub(super) realm: Key,
}

/// Attachments by key.
pub(super) type Realms = BTreeMap<Key, Attachment>;

/// Whether a hardware address identifies nothing.
fn worthless(mac: &str) -> bool {
    let mac = mac.to_ascii_lowercase();
    mac.is_empty() || WORTHLESS_MACS.iter().any(|start| mac.starts_with(start))
}

/// Whether an address makes a range: neither loopback, link-local, multicast nor unspecified.
pub(super) fn ranged(address: IpAddr) -> bool {
    let local = match address {
        IpAddr::V4(a) => a.is_link_local(),
        IpAddr::V6(a) => a.is_unicast_link_local(),
    };
    !(local || address.is_loopback() || address.is_multicast() || address.is_unspecified())
}

/// The range of an address.
pub(super) fn range(address: &Address) -> (IpAddr, u8) {
    (address.network(), address.prefix)
}

/// Whether a range holds an address.
pub(super) fn holds((network, prefix): (IpAddr, u8), address: IpAddr) -> bool {
    network.is_ipv4() == address.is_ipv4() && Address { address, prefix }.network() == network
}

/// Whether a default route leaves by an interface: then the link leads out of the machine, whatever
/// the interface is made of (the inside of a container or a virtual machine, for example).
fn leads_out(asset: &AgentAsset, name: &str) -> bool {
    let routes = asset.routes.routes.value().into_iter().flatten();
    let mut defaults = routes.filter(|r| r.destination.prefix == 0 && r.gateway.is_some());
    defaults.any(|r| r.interface.as_deref() == Some(name) && r.kind == RouteKind::Unicast)
}

fn host_only(interface: &Interface, all: &[Interface]) -> bool {
    let physical = |i: &Interface| {
        use InterfaceKind::{Bond, Ethernet, Vlan, Wireless};
        matches!(i.kind, Ethernet | Wireless | Bond | Vlan)
    };
    match interface.kind {
        InterfaceKind::Bridge => !all
            .iter()
            .any(|i| i.master == Some(interface.index) && physical(i)),
        InterfaceKind::Virtual => true,
        _ => false,
    }
}

fn attachments(asset: &AgentAsset) -> Vec<(Attachment, Option<String>)> {
    let Some(all) = asset.interfaces.interfaces.value() else {
        return Vec::new();
    };
    let mut out = Vec::new();
    for interface in all {
        let mut addresses: Vec<Address> = interface.addresses.clone();
        addresses.retain(|a| ranged(a.address));
        addresses.sort();
        addresses.dedup();
        use InterfaceKind::{Loopback, Mobile, Ppp, Tunnel, Vpn};
        let tunnel = matches!(interface.kind, Vpn | Mobile | Ppp | Tunnel);
        if interface.kind == Loopback || (addresses.is_empty() && !tunnel) {
            continue;
        }
        let key = (asset.id.0.clone(), interface.name.clone());
        let attachment = Attachment {
            realm: key.clone(),
            key,
            addresses,
            host_only: host_only(interface, all) && !leads_out(asset, &interface.name),
            tunnel,
        };
        out.push((attachment, interface.mac.clone()));
    }
    out
}

/// All attachments with their realms.
pub(super) fn realms(ledger: &Ledger) -> Realms {
    let mut realms = Realms::new();
    let mut witnesses: BTreeMap<((IpAddr, u8), String), Vec<Key>> = BTreeMap::new();
    for asset in &ledger.assets {
        for (attachment, own) in attachments(asset) {
            if !attachment.host_only && !attachment.tunnel {
                for address in &attachment.addresses {
                    let near = asset.neighbours.iter().filter(|n| {
                        n.item.interface == attachment.key.1
                            && holds(range(address), n.item.address)
                    });
                    for mac in near.map(|n| &n.item.mac).chain(own.as_ref()) {
                        if !worthless(mac) {
                            let witness = (range(address), mac.to_ascii_lowercase());
                            witnesses
                                .entry(witness)
                                .or_default()
                                .push(attachment.key.clone());
                        }
                    }
                }
            }
            realms.insert(attachment.key.clone(), attachment);
        }
    }
    join(&mut realms, &witnesses);
    realms
}

fn find(parents: &mut BTreeMap<Key, Key>, key: &Key) -> Key {
    let mut at = key.clone();
    while let Some(up) = parents.get(&at).cloned() {
        at = up;
    }
    if at != *key {
        parents.insert(key.clone(), at.clone());
    }
    at
}

fn join(realms: &mut Realms, witnesses: &BTreeMap<((IpAddr, u8), String), Vec<Key>>) {
    let mut parents: BTreeMap<Key, Key> = BTreeMap::new();
    for keys in witnesses.values() {
        let Some(first) = keys.first() else { continue };
        for other in keys {
            let (a, b) = (find(&mut parents, first), find(&mut parents, other));
            if a < b {
                parents.insert(b, a);
            } else if b < a {
                parents.insert(a, b);
            }
        }
    }
    for attachment in realms.values_mut() {
        attachment.realm = find(&mut parents, &attachment.key);
    }
}
