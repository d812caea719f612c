//! The ledger and its topology, looked up. Comes in: both; goes out: who stands where, who has which
//! address, and by which way a machine reaches an address. It joins nothing that the topology did not.

mod place;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::{IpAddr, Ipv4Addr};

use daicho_ledger::{AgentAsset, Ledger};
use daicho_report::{Address, Time};

use super::pattern::{is_private, is_routable};
use place::place;
pub(super) use place::{Place, Way, interfaces};

use crate::topology::{EdgeKind, NodeKind, Topology};

/// How many networks of 24 bits apart two networks of one hospital may be, as a rule of thumb.
const NEAR: u8 = 16;

/// Lookups. Maps without order are never walked.
#[derive(Debug)]
pub(super) struct Index<'a> {
    pub(super) ledger: &'a Ledger,
    pub(super) places: Vec<Place<'a>>,
    nodes: BTreeSet<&'a str>,
    /// Nodes of entries that people wrote, by key.
    pub(super) entered: BTreeMap<&'a str, &'a str>,
    /// Assets by id.
    pub(super) by_id: BTreeMap<&'a str, usize>,
    /// Machines with an agent by address, sorted.
    owners: HashMap<IpAddr, Vec<usize>>,
    /// Devices by segment and address.
    devices: BTreeMap<(&'a str, IpAddr), &'a str>,
    /// Segments of a node.
    segments_of: BTreeMap<&'a str, BTreeSet<&'a str>>,
    /// Ranges of known segments.
    pub(super) ranges: BTreeMap<(IpAddr, u8), BTreeSet<&'a str>>,
    prefixes: BTreeSet<(bool, u8)>,
    /// How many machines with an agent a segment has.
    members: BTreeMap<&'a str, usize>,
    /// All segments.
    pub(super) segments: BTreeSet<&'a str>,
    /// How many machines of a segment prefer which gateway.
    gateway_use: BTreeMap<&'a str, BTreeMap<String, usize>>,
    /// Devices by which machines' preferred default routes lead, with these machines.
    pub(super) main_gateways: BTreeMap<String, BTreeSet<&'a str>>,
}

impl<'a> Index<'a> {
    pub(super) fn new(ledger: &'a Ledger, topology: &'a Topology) -> Self {
        let mut index = Self {
            ledger,
            places: Vec::new(),
            nodes: topology.nodes.iter().map(|it| it.id.as_str()).collect(),
            entered: topology
                .nodes
                .iter()
                .filter(|it| it.kind != NodeKind::Gateway)
                .filter_map(|it| Some((it.entry.as_deref()?, it.id.as_str())))
                .collect(),
            by_id: BTreeMap::new(),
            owners: HashMap::new(),
            devices: BTreeMap::new(),
            segments_of: BTreeMap::new(),
            ranges: BTreeMap::new(),
            prefixes: BTreeSet::new(),
            members: BTreeMap::new(),
            segments: topology
                .nodes
                .iter()
                .filter(|it| it.kind == NodeKind::Segment)
                .map(|it| it.id.as_str())
                .collect(),
            gateway_use: BTreeMap::new(),
            main_gateways: BTreeMap::new(),
        };
        let mut sorted: Vec<&AgentAsset> = ledger.assets.iter().collect();
        sorted.sort_by(|a, b| a.id.cmp(&b.id));
        index.by_id = sorted
            .iter()
            .enumerate()
            .map(|(at, it)| (it.id.0.as_str(), at))
            .collect();
        let at = index.attach(topology);
        index.places = sorted.iter().map(|it| place(it, &at)).collect();
        index.addresses(&at);
        for segment in index.places.iter().flat_map(|it| &it.segments) {
            *index.members.entry(segment).or_default() += 1;
        }
        index.gateways();
        index
    }

    /// Reads the attachments; gives back the segment of each asset's addresses.
    fn attach(&mut self, topology: &'a Topology) -> BTreeMap<(&'a str, IpAddr), &'a str> {
        let mut at = BTreeMap::new();
        for edge in &topology.edges {
            if edge.kind != EdgeKind::Attached {
                continue;
            }
            let (from, to) = (edge.from.as_str(), edge.to.as_str());
            self.segments_of.entry(from).or_default().insert(to);
            for address in &edge.addresses {
                let first = self.devices.entry((to, *address)).or_insert(from);
                if rank(from) < rank(first) {
                    *first = from;
                }
                if self.by_id.contains_key(from) {
                    at.insert((from, *address), to);
                }
            }
        }
        at
    }

    fn addresses(&mut self, at: &BTreeMap<(&'a str, IpAddr), &'a str>) {
        for (number, place) in self.places.iter().enumerate() {
            for interface in interfaces(place.asset) {
                for it in interface
                    .addresses
                    .iter()
                    .filter(|it| is_routable(it.address))
                {
                    let owners = self.owners.entry(it.address).or_default();
                    if owners.last() != Some(&number) {
                        owners.push(number);
                    }
                    let key = (place.asset.id.0.as_str(), it.address);
                    if let Some(segment) = at.get(&key) {
                        let range = (it.network(), it.prefix);
                        self.ranges.entry(range).or_default().insert(segment);
                        self.prefixes.insert((it.address.is_ipv4(), it.prefix));
                    }
                }
            }
        }
    }

    fn gateways(&mut self) {
        let mut all: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
        let mut used: BTreeMap<&str, BTreeMap<String, usize>> = BTreeMap::new();
        for place in &self.places {
            let Some(first) = place.defaults().next() else {
                continue;
            };
            let Some(device) = self.box_of(first) else {
                continue;
            };
            if let Some(segment) = first.segment {
                let counts = used.entry(segment).or_default();
                *counts.entry(device.clone()).or_default() += 1;
            }
            all.entry(device).or_default().insert(&place.asset.id.0);
        }
        self.gateway_use = used;
        self.main_gateways = all;
    }

    /// Whether the topology has a node.
    pub(super) fn has_node(&self, id: &str) -> bool {
        self.nodes.contains(id)
    }

    /// Machines with an agent that have an address.
    pub(super) fn owners(&self, address: IpAddr) -> &[usize] {
        self.owners.get(&address).map_or(&[], Vec::as_slice)
    }

    /// The device that has an address in a segment.
    pub(super) fn device(&self, segment: &str, address: IpAddr) -> Option<&'a str> {
        self.devices.get(&(segment, address)).copied()
    }

    /// Segments of a machine or device, sorted.
    pub(super) fn segments_of(&self, node: &str) -> Vec<String> {
        let all = self.segments_of.get(node).into_iter().flatten();
        all.map(|it| (*it).to_owned()).collect()
    }

    /// Whether an address lies beside a known segment of several machines: then it may be the
    /// hospital's own, where no agent is.
    pub(super) fn is_near_known(&self, address: IpAddr) -> bool {
        let IpAddr::V4(it) = address else {
            return false;
        };
        let [first, second, third, _] = it.octets();
        let from = IpAddr::V4(Ipv4Addr::new(first, second, 0, 0));
        let to = IpAddr::V4(Ipv4Addr::new(first, second, 255, 255));
        let mut near = self.ranges.range((from, 0)..=(to, 255));
        near.any(|((network, _), segments)| {
            let IpAddr::V4(network) = network else {
                return false;
            };
            let apart = network.octets()[2].abs_diff(third);
            let several = |segment: &&&str| self.members.get(**segment).is_some_and(|n| *n > 3);
            apart <= NEAR && segments.iter().any(|it| several(&it))
        })
    }

    /// Whether a few machines of a segment prefer a gateway that the most do not.
    pub(super) fn is_stray(&self, segment: &str, device: &str) -> bool {
        let Some(counts) = self.gateway_use.get(segment) else {
            return false;
        };
        let mine = counts.get(device).copied().unwrap_or(0);
        let most = counts.values().copied().max().unwrap_or(0);
        most > 2 && mine * 3 <= most
    }

    /// Whether some machine of a segment prefers a gateway that is none of these devices.
    pub(super) fn is_led_by_others(&self, segment: &str, devices: &BTreeSet<String>) -> bool {
        let counts = self.gateway_use.get(segment);
        counts.is_none_or(|it| it.is_empty() || it.keys().any(|it| !devices.contains(it)))
    }

    /// Segments of which a device is the gateway that some prefer.
    pub(super) fn segments_led(&self, device: &str) -> usize {
        let all = self.gateway_use.values();
        all.filter(|it| it.contains_key(device)).count()
    }

    /// Devices of a segment that have no agent, sorted.
    pub(super) fn agentless(&self, segment: &'a str) -> BTreeSet<&'a str> {
        let first = (segment, IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        let here = self
            .devices
            .range(first..)
            .take_while(|((at, _), _)| *at == segment);
        let devices = here.map(|(_, device)| *device);
        devices.filter(|it| !self.by_id.contains_key(it)).collect()
    }

    /// The hardware address of a device seen without an agent.
    pub(super) fn mac(device: &str) -> Option<&str> {
        let (device, _) = device.split_once('@').unwrap_or((device, ""));
        device.strip_prefix("m-").filter(|it| it.len() == 17)
    }

    /// Machines and devices with their segments.
    pub(super) fn attached(&self) -> impl Iterator<Item = (&'a str, &BTreeSet<&'a str>)> {
        self.segments_of
            .iter()
            .map(|(node, segments)| (*node, segments))
    }

    /// Known segments whose range holds an address.
    pub(super) fn segments_with(&self, address: IpAddr) -> BTreeSet<&'a str> {
        let mut out = BTreeSet::new();
        for (is_v4, prefix) in &self.prefixes {
            if *is_v4 == address.is_ipv4() {
                let prefix = *prefix;
                let network = Address { address, prefix }.network();
                out.extend(self.ranges.get(&(network, prefix)).into_iter().flatten());
            }
        }
        out
    }

    /// The device that is the next hop of a way.
    pub(super) fn box_of(&self, way: &Way<'_>) -> Option<String> {
        let (segment, gateway) = (way.segment?, way.gateway?);
        Some(match self.device(segment, gateway) {
            Some(device) => device.to_owned(),
            None => format!("{segment}@{gateway}"),
        })
    }

    /// When agents last saw a machine or device.
    pub(super) fn last_seen(&self, device: &str) -> Option<Time> {
        if let Some(place) = self.by_id.get(device).and_then(|it| self.places.get(*it)) {
            return Some(place.asset.presence.last_at);
        }
        let (device, _) = device.split_once('@').unwrap_or((device, ""));
        let seen = self.ledger.seen.iter().find(|it| it.id.0 == device)?;
        let as_of = self.ledger.as_of;
        seen.sights.iter().map(|it| it.until.unwrap_or(as_of)).max()
    }

    /// The node at which something stands that is at a device: the gateway, where it is one.
    pub(super) fn node_of(&self, device: &str) -> String {
        let gateway = format!("gateway:{device}");
        if !self.by_id.contains_key(device) && self.has_node(&gateway) {
            gateway
        } else {
            device.to_owned()
        }
    }
}

/// Machines with an agent first, then devices with a hardware address, then what is kept by hand.
fn rank(device: &str) -> (u8, &str) {
    let class = match device {
        it if it.starts_with("m-gateway-") => 3,
        it if it.starts_with("m-") => 1,
        it if it.contains(':') => 2,
        _ => 0,
    };
    (class, device)
}

/// Whether a network is for use inside and no default.
pub(super) fn is_inside(network: &Address) -> bool {
    network.prefix > 0 && is_private(network.address)
}
