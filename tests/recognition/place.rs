//! Which true asset and network a node of the topology is. Comes in: the truth and a topology; goes
//! out: names of the truth. It uses hardware addresses and addresses only, never the verdicts.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use daicho_graph::Topology;
use daicho_graph::topology::EdgeKind;
use daicho_simulate::Truth;

/// Names of the truth by what machines show.
pub(crate) struct Places<'a> {
    by_agent: BTreeMap<String, &'a str>,
    by_hand: BTreeMap<&'a str, &'a str>,
    by_mac: BTreeMap<String, BTreeSet<&'a str>>,
    by_address: BTreeMap<(&'a str, IpAddr), &'a str>,
    /// Network of an agent's address.
    own: BTreeMap<(String, IpAddr), &'a str>,
    /// True networks of each segment of the topology, with how many attachments speak for each.
    pub(crate) segments: BTreeMap<String, BTreeMap<&'a str, usize>>,
}

impl<'a> Places<'a> {
    pub(crate) fn new(truth: &'a Truth, topology: &Topology) -> Self {
        let mut places = Self {
            by_agent: BTreeMap::new(),
            by_hand: BTreeMap::new(),
            by_mac: BTreeMap::new(),
            by_address: BTreeMap::new(),
            own: BTreeMap::new(),
            segments: BTreeMap::new(),
        };
        for asset in &truth.assets {
            let agent = asset.agent.as_ref().map(|it| it.as_str().to_owned());
            if let Some(agent) = &agent {
                places.by_agent.insert(agent.clone(), &asset.id);
            }
            if let Some(hand) = &asset.hand {
                places.by_hand.insert(hand, &asset.id);
            }
            for at in &asset.attachments {
                if let Some(mac) = &at.mac {
                    let mac = mac.to_ascii_lowercase();
                    places.by_mac.entry(mac).or_default().insert(&asset.id);
                }
                for address in &at.addresses {
                    places.by_address.insert((&at.network, *address), &asset.id);
                    if let Some(agent) = &agent {
                        places.own.insert((agent.clone(), *address), &at.network);
                    }
                }
            }
        }
        for edge in &topology.edges {
            if edge.kind != EdgeKind::Attached || !places.by_agent.contains_key(&edge.from) {
                continue;
            }
            let votes = places.segments.entry(edge.to.clone()).or_default();
            for address in &edge.addresses {
                if let Some(network) = places.own.get(&(edge.from.clone(), *address)) {
                    *votes.entry(network).or_default() += 1;
                }
            }
        }
        places
    }

    /// The network that a segment mostly is.
    pub(crate) fn network(&self, segment: &str) -> Option<&'a str> {
        let votes = self.segments.get(segment)?;
        votes.iter().max_by_key(|(_, n)| **n).map(|(name, _)| *name)
    }

    /// The true assets that a node may be: several for a hardware address that several share.
    pub(crate) fn assets(&self, node: &str, topology: &Topology) -> BTreeSet<&'a str> {
        let id = ["gateway:", "way-out:"]
            .iter()
            .fold(node, |id, prefix| id.strip_prefix(prefix).unwrap_or(id));
        let mut found = BTreeSet::new();
        found.extend(self.by_agent.get(id));
        for prefix in ["hand:", "device:", "h:", ""] {
            found.extend(
                id.strip_prefix(prefix)
                    .and_then(|key| self.by_hand.get(key)),
            );
        }
        if let Some(mac) = id.strip_prefix("m-") {
            found.extend(
                self.by_mac
                    .get(&mac.to_ascii_lowercase())
                    .into_iter()
                    .flatten(),
            );
        }
        if let Some((segment, address)) = id.rsplit_once('@')
            && let (Some(network), Ok(address)) = (self.network(segment), address.parse())
        {
            found.extend(self.by_address.get(&(network, address)));
        }
        let attached = topology.edges.iter().filter(|edge| {
            edge.kind == EdgeKind::Attached && (edge.from == node || edge.from == id)
        });
        for edge in attached {
            let Some(network) = self.network(&edge.to) else {
                continue;
            };
            for address in &edge.addresses {
                found.extend(self.by_address.get(&(network, *address)));
            }
        }
        found
    }
}
