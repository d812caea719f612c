//! What the things in lists are called. Comes in: ids of assets, devices and nodes; goes out: names
//! in which nothing is hidden. Two machines of one name are told apart by their ids.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use daicho_ledger::text::visible;
use daicho_ledger::{Lang, seen_label};

use super::Basis;
use crate::topology::{Node, NodeKind};

/// Characters of an id that tell two machines of one name apart.
const SHORT: usize = 10;

pub(crate) struct Names<'a> {
    labels: BTreeMap<&'a str, String>,
    addresses: BTreeMap<&'a str, Vec<String>>,
    nodes: BTreeMap<&'a str, &'a Node>,
    /// Keys of what people wrote of a node's device.
    entries: BTreeMap<&'a str, &'a str>,
    agents: BTreeSet<&'a str>,
    /// Names of what was recognised, by id.
    recognised: BTreeMap<&'a str, String>,
}

impl<'a> Names<'a> {
    pub(crate) fn of(basis: Basis<'a>, lang: Lang) -> Self {
        let mut names = Self {
            labels: BTreeMap::new(),
            addresses: BTreeMap::new(),
            nodes: BTreeMap::new(),
            entries: BTreeMap::new(),
            agents: basis
                .ledger
                .assets
                .iter()
                .map(|it| it.id.0.as_str())
                .collect(),
            recognised: BTreeMap::new(),
        };
        names.nodes = basis
            .topology
            .nodes
            .iter()
            .map(|node| (node.id.as_str(), node))
            .collect();
        names.agents(basis);
        for seen in &basis.ledger.seen {
            names.labels.insert(&seen.id.0, visible(&seen_label(seen)));
            let addresses = seen.addresses.iter().filter(|it| !is_link_local(**it));
            let addresses = addresses.map(ToString::to_string);
            names.addresses.insert(&seen.id.0, addresses.collect());
        }
        let nodes: BTreeMap<&str, &str> = basis
            .topology
            .nodes
            .iter()
            .filter(|it| !matches!(it.kind, NodeKind::Server | NodeKind::Terminal))
            .filter_map(|it| Some((it.entry.as_deref()?, it.id.as_str())))
            .collect();
        for (key, id) in &nodes {
            names.entries.insert(id, key);
        }
        for (entry, device) in basis.ledger.hand.devices() {
            names.labels.insert(&entry.key, visible(&device.name));
            // A device seen that people have a name for.
            if let Some(id) = nodes.get(entry.key.as_str()) {
                names.labels.insert(id, visible(&device.name));
            }
            let own = device.interfaces.iter().filter_map(|it| it.address);
            let own = own.map(|it| format!("{}/{}", it.address, it.prefix));
            names.addresses.insert(&entry.key, own.collect());
        }
        names.recognised(basis, lang);
        names
    }

    /// What was recognised is called by its name, or by what it is.
    fn recognised(&mut self, basis: Basis<'a>, lang: Lang) {
        let it = basis.recognition;
        for point in it.points.iter().chain(&it.rejected) {
            let name = super::point::name(point, lang);
            self.recognised.insert(&point.id, name.clone());
            if !self.is_known(&point.at) {
                self.recognised.insert(&point.at, name);
            }
        }
        for system in &it.systems {
            let name = visible(&system.name);
            self.recognised.insert(&system.id, name);
        }
    }

    /// Whether it is a machine with an agent.
    pub(super) fn is_agent(&self, id: &str) -> bool {
        self.agents.contains(id)
    }

    /// The key of what people wrote of the device at a node.
    pub(super) fn entry(&self, id: &str) -> Option<&'a str> {
        let found = self.entries.get(id).or_else(|| self.entries.get(thing(id)));
        found.copied()
    }

    /// What a value that is an id is called.
    pub(super) fn of_id(&self, id: &str, lang: Lang) -> Option<String> {
        let known = self.known(id).or_else(|| self.recognised.get(id).cloned());
        let known = known.filter(|it| !it.trim().is_empty());
        known.or_else(|| self.nodes.get(id).map(|it| node_label(it, lang)))
    }

    fn agents(&mut self, basis: Basis<'a>) {
        let mut once = BTreeSet::new();
        let mut twice = BTreeSet::new();
        for asset in &basis.ledger.assets {
            if !once.insert(asset.label.as_str()) {
                twice.insert(asset.label.as_str());
            }
        }
        for asset in &basis.ledger.assets {
            let label = visible(&asset.label);
            let short: String = asset.id.0.chars().take(SHORT).collect();
            let label = match twice.contains(asset.label.as_str()) {
                true => format!("{label} [{}]", visible(&short)),
                false => label,
            };
            self.labels.insert(&asset.id.0, label);
            let interfaces = asset.interfaces.interfaces.value().into_iter().flatten();
            let own = interfaces
                .flat_map(|it| &it.addresses)
                .filter(|it| !it.address.is_loopback() && !is_link_local(it.address));
            let own = own.map(|it| format!("{}/{}", it.address, it.prefix));
            self.addresses.insert(&asset.id.0, own.collect());
        }
    }

    /// What it is called.
    pub(crate) fn label(&self, id: &str, lang: Lang) -> String {
        self.of_id(id, lang).unwrap_or_else(|| visible(id))
    }

    /// Whether it is a thing: an asset, a device kept by hand, or a node of the topology.
    pub(super) fn is_known(&self, id: &str) -> bool {
        let named = self.labels.contains_key(id) || self.labels.contains_key(thing(id));
        named
            || self
                .nodes
                .get(id)
                .is_some_and(|it| !matches!(it.kind, NodeKind::Point(_)))
    }

    fn known(&self, id: &str) -> Option<String> {
        let label = self.labels.get(id).or_else(|| self.labels.get(thing(id)));
        label.filter(|it| !it.trim().is_empty()).cloned()
    }

    /// Its addresses, each with its prefix where that is known.
    pub(crate) fn addresses(&self, id: &str) -> Vec<String> {
        let found = self.addresses.get(id);
        let found = found.or_else(|| self.addresses.get(thing(id)));
        if let Some(addresses) = found {
            return addresses.clone();
        }
        match self.nodes.get(id) {
            Some(node) if node.kind != NodeKind::Segment => {
                node.detail.iter().map(|it| visible(it)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The ranges of a segment, or what else it is called.
    pub(crate) fn ranges(&self, id: &str, lang: Lang) -> String {
        match self.nodes.get(id) {
            Some(node) => node_label(node, lang),
            None => visible(id),
        }
    }
}

/// An address that is on every link says nothing of where a machine stands.
fn is_link_local(address: IpAddr) -> bool {
    matches!(address, IpAddr::V6(it) if it.is_unicast_link_local())
}

/// The thing that a node is made of: a gateway is a device with that role.
pub(crate) fn thing(id: &str) -> &str {
    let mut thing = id;
    for role in ["way-out:", "gateway:", "hand:", "device:"] {
        thing = thing.strip_prefix(role).unwrap_or(thing);
    }
    thing
}

fn node_label(node: &Node, lang: Lang) -> String {
    let detail: Vec<String> = node.detail.iter().map(|it| visible(it)).collect();
    let detail = detail.join(lang.pick("、", ", "));
    let label = visible(&node.label);
    if node.kind == NodeKind::Seen && !label.trim().is_empty() && !detail.is_empty() {
        return format!("{detail} [{label}]");
    }
    let word = match node.kind {
        NodeKind::Gateway => lang.pick("ゲートウェイ", "gateway"),
        NodeKind::DefaultRoute => lang.pick("既定経路の先", "way out"),
        _ => "",
    };
    let named = [word, label.trim(), detail.trim()];
    let named: Vec<&str> = named.into_iter().filter(|it| !it.is_empty()).collect();
    if named.is_empty() {
        return visible(&node.id);
    }
    named.join(" ")
}
