//! What the things in lists are called. Comes in: ids of assets, devices and nodes; goes out: names
//! in which nothing is hidden. Two machines of one name are told apart by their ids.

use std::collections::{BTreeMap, BTreeSet};

use daicho_ledger::text::visible;
use daicho_ledger::{Lang, seen_label};

use super::Basis;
use crate::topology::{Node, NodeKind};

/// Characters of an id that tell two machines of one name apart.
const SHORT: usize = 10;

pub(super) struct Names<'a> {
    labels: BTreeMap<&'a str, String>,
    addresses: BTreeMap<&'a str, Vec<String>>,
    nodes: BTreeMap<&'a str, &'a Node>,
}

impl<'a> Names<'a> {
    pub(super) fn of(basis: Basis<'a>) -> Self {
        let mut names = Self {
            labels: BTreeMap::new(),
            addresses: BTreeMap::new(),
            nodes: BTreeMap::new(),
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
            let addresses = seen.addresses.iter().map(ToString::to_string);
            names.addresses.insert(&seen.id.0, addresses.collect());
        }
        for (entry, device) in basis.ledger.hand.devices() {
            names.labels.insert(&entry.key, visible(&device.name));
            let own = device.interfaces.iter().filter_map(|it| it.address);
            let own = own.map(|it| format!("{}/{}", it.address, it.prefix));
            names.addresses.insert(&entry.key, own.collect());
        }
        names
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
                .filter(|it| !it.address.is_loopback());
            let own = own.map(|it| format!("{}/{}", it.address, it.prefix));
            self.addresses.insert(&asset.id.0, own.collect());
        }
    }

    /// What it is called.
    pub(super) fn label(&self, id: &str, lang: Lang) -> String {
        if let Some(label) = self.known(id) {
            return label;
        }
        match self.nodes.get(id) {
            Some(node) => node_label(node, lang),
            None => visible(id),
        }
    }

    fn known(&self, id: &str) -> Option<String> {
        let label = self.labels.get(id).or_else(|| self.labels.get(thing(id)));
        label.filter(|it| !it.trim().is_empty()).cloned()
    }

    /// Its addresses, each with its prefix where that is known.
    pub(super) fn addresses(&self, id: &str) -> Vec<String> {
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
    pub(super) fn ranges(&self, id: &str, lang: Lang) -> String {
        match self.nodes.get(id) {
            Some(node) => node_label(node, lang),
            None => visible(id),
        }
    }
}

/// The thing that a node is made of: a gateway is a device with that role.
pub(super) fn thing(id: &str) -> &str {
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
