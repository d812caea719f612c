//! Devices kept by hand, and where agents see them. Comes in: entries and the index; goes out: which
//! device of the network an entry is. It matches by hardware address, or by an address that lies in
//! one known segment; it never guesses between two.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use daicho_ledger::hand::{DeviceKind, HandDevice, HandInterface};
use daicho_ledger::normal_mac;

use super::index::Index;
use super::pattern::is_public;

/// Devices kept by hand.
#[derive(Debug)]
pub(super) struct Devices<'a> {
    entries: BTreeMap<&'a str, &'a HandDevice>,
    /// What agents see of an entry: devices of the network, sorted.
    seen: BTreeMap<&'a str, BTreeSet<String>>,
    /// The entry that a device of the network is.
    entry_of: BTreeMap<String, &'a str>,
    /// Entries that share an address which is not a pair's, sorted: one of them is wrong.
    pub(super) shared: Vec<(IpAddr, BTreeSet<&'a str>)>,
    /// Cables, both ways.
    links: BTreeMap<&'a str, BTreeSet<&'a str>>,
}

impl<'a> Devices<'a> {
    pub(super) fn new(index: &Index<'a>) -> Self {
        let entries: BTreeMap<&str, &HandDevice> = index
            .ledger
            .hand
            .devices()
            .map(|(entry, device)| (entry.key.as_str(), device))
            .collect();
        let mut out = Self {
            entries: BTreeMap::new(),
            seen: BTreeMap::new(),
            entry_of: BTreeMap::new(),
            shared: shared(index, &entries),
            links: BTreeMap::new(),
        };
        for (key, device) in &entries {
            let mut seen: BTreeSet<String> = device
                .interfaces
                .iter()
                .filter_map(|it| sight(index, it))
                .collect();
            let node = index.entered.get(key).filter(|it| !it.starts_with("hand:"));
            seen.extend(node.map(|it| (*it).to_owned()));
            for one in &seen {
                out.entry_of.entry(one.clone()).or_insert(key);
            }
            out.seen.insert(key, seen);
            for other in device
                .interfaces
                .iter()
                .filter_map(|it| it.linked_to.as_deref())
            {
                if let Some((other, _)) = entries.get_key_value(other) {
                    out.links.entry(key).or_default().insert(other);
                    out.links.entry(other).or_default().insert(key);
                }
            }
        }
        out.entries = entries;
        out
    }

    /// Whether an entry shares its address with another one.
    pub(super) fn is_doubtful(&self, key: &str) -> bool {
        self.shared.iter().any(|(_, keys)| keys.contains(key))
    }

    /// The place of an entry: the device that agents see, or the entry's own node.
    pub(super) fn place(&self, key: &str) -> Option<String> {
        self.entries.get(key)?;
        let seen = self.seen.get(key).and_then(|it| it.first());
        Some(seen.cloned().unwrap_or_else(|| format!("hand:{key}")))
    }

    /// All places of an entry.
    pub(super) fn places(&self, key: &str) -> BTreeSet<String> {
        let mut out = self.seen.get(key).cloned().unwrap_or_default();
        out.insert(format!("hand:{key}"));
        out
    }

    /// Whether agents see an entry's device.
    pub(super) fn is_seen(&self, key: &str) -> bool {
        self.seen.get(key).is_some_and(|it| !it.is_empty())
    }

    /// All entries.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&'a str, &'a HandDevice)> + '_ {
        self.entries.iter().map(|(key, device)| (*key, *device))
    }

    /// The entry that a device of the network is.
    pub(super) fn entry(&self, device: &str) -> Option<(&'a str, &'a HandDevice)> {
        let key = device
            .strip_prefix("hand:")
            .or_else(|| self.entry_of.get(device).copied())?;
        self.entries.get_key_value(key).map(|(key, it)| (*key, *it))
    }

    /// Where a device is kept as a switch, the one firewall or router behind it that stands at the
    /// edge, by the cables that people wrote down; of a pair the first. Nothing when several could be.
    pub(super) fn edge_behind(&self, device: &str) -> Option<String> {
        let (start, entry) = self.entry(device)?;
        if stands_at_edge(entry) {
            return None;
        }
        let (mut seen, mut next) = (BTreeSet::from([start]), vec![start]);
        let mut found: BTreeSet<&str> = BTreeSet::new();
        while let Some(key) = next.pop() {
            for other in self.links.get(key).into_iter().flatten() {
                let Some(entry) = self.entries.get(other).filter(|_| seen.insert(other)) else {
                    continue;
                };
                if stands_at_edge(entry) && self.faces_outside(other, entry) {
                    found.insert(self.pair(other));
                } else if passes_on(entry.kind) {
                    next.push(other);
                }
            }
        }
        match found.into_iter().collect::<Vec<_>>().as_slice() {
            [one] => self.place(one),
            _ => None,
        }
    }

    /// Whether a device has a public address or a cable to a line's terminal.
    pub(super) fn faces_outside(&self, key: &str, device: &HandDevice) -> bool {
        let addresses = device.interfaces.iter().filter_map(|it| it.address);
        let mut linked = self.links.get(key).into_iter().flatten();
        addresses.into_iter().any(|it| is_public(it.address))
            || linked.any(|it| {
                let kind = self.entries.get(it).map(|it| it.kind);
                kind == Some(DeviceKind::LineTerminal)
            })
    }

    /// The first of a pair.
    pub(super) fn pair<'b>(&'b self, key: &'b str) -> &'b str {
        let other = self.entries.get(key).and_then(|it| it.pair.as_deref());
        let other = other.filter(|it| self.entries.contains_key(it));
        other.map_or(key, |it| it.min(key))
    }
}

/// Entries that share an address of one known network and are no pair.
fn shared<'a>(
    index: &Index<'_>,
    entries: &BTreeMap<&'a str, &'a HandDevice>,
) -> Vec<(IpAddr, BTreeSet<&'a str>)> {
    let mut by_address: BTreeMap<IpAddr, BTreeSet<&str>> = BTreeMap::new();
    for (key, device) in entries {
        for interface in device.interfaces.iter().filter(|it| it.beside.is_none()) {
            if let Some(address) = interface.address {
                by_address.entry(address.address).or_default().insert(key);
            }
        }
    }
    let paired = |keys: &BTreeSet<&str>| {
        keys.iter().any(|key| {
            let pair = entries.get(key).and_then(|it| it.pair.as_deref());
            pair.is_some_and(|it| keys.contains(it))
        })
    };
    by_address.retain(|address, keys| {
        keys.len() > 1 && !paired(keys) && index.segments_with(*address).len() < 2
    });
    by_address.into_iter().collect()
}

fn stands_at_edge(device: &HandDevice) -> bool {
    use DeviceKind::{Firewall, MobileRouter, Router, Vpn};
    matches!(device.kind, Firewall | MobileRouter | Router | Vpn)
}

fn passes_on(kind: DeviceKind) -> bool {
    use DeviceKind::{CoreSwitch, Firewall, Router, Switch};
    matches!(kind, CoreSwitch | Firewall | Router | Switch)
}

/// The device of the network that an interface is.
fn sight(index: &Index<'_>, interface: &HandInterface) -> Option<String> {
    if let Some(mac) = &interface.mac {
        let id = format!("m-{}", normal_mac(mac));
        if index.has_node(&id) || index.has_node(&format!("gateway:{id}")) {
            return Some(id);
        }
    }
    let address = interface.address?.address;
    let mut segments = index.segments_with(address);
    if let Some(beside) = &interface.beside {
        let near = index.segments_of(&beside.0);
        segments.retain(|it| near.iter().any(|near| near == it));
    }
    match segments.into_iter().collect::<Vec<_>>().as_slice() {
        [segment] => {
            let device = index.device(segment, address)?;
            (!device.starts_with("hand:")).then(|| device.to_owned())
        }
        _ => None,
    }
}
