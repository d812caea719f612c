//! The hospital while it is built. Comes in: calls of the parts that plan it; goes out: networks,
//! assets, machines and talk that fit together: an address lies in its network, a hardware address
//! is of its maker. It decides nothing about what a hospital has.

mod part;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use daicho_ledger::ZoneKind;
use daicho_report::{Address, InterfaceKind, Protocol, Time};

use crate::dice::Dice;
use crate::machine::Machine;
use crate::truth::{Role, TrueIncident, TrueSystem};

pub(crate) use part::{Asset, End, Knock, Net, Nic, Point, Style, Talk, VendorRow};

/// Number of an asset.
pub(crate) type AssetNo = usize;
/// Number of a network.
pub(crate) type NetNo = usize;

/// The hospital while it is built.
pub(crate) struct World {
    pub seed: u64,
    pub size: usize,
    pub start: Time,
    pub end: Time,
    pub name: String,
    pub style: Style,
    pub sites: Vec<String>,
    pub nets: Vec<Net>,
    pub assets: Vec<Asset>,
    pub talks: Vec<Talk>,
    pub knocks: Vec<Knock>,
    pub points: Vec<Point>,
    pub systems: Vec<TrueSystem>,
    pub vendors: Vec<VendorRow>,
    pub traps: Vec<String>,
    pub incident: Option<TrueIncident>,
    /// Nobody keeps a list.
    pub unkept: bool,
    /// Places of things that parts of the plan must find again.
    pub marks: BTreeMap<&'static str, AssetNo>,
    cursor: u32,
    macs: u32,
    given: BTreeSet<String>,
    counts: BTreeMap<String, usize>,
}

impl World {
    /// An empty one.
    pub(crate) fn new(seed: u64, size: usize, (start, end): (Time, Time), style: Style) -> Self {
        let cursor = u32::from(style.base);
        Self {
            seed,
            size,
            start,
            end,
            name: String::new(),
            style,
            sites: Vec::new(),
            nets: Vec::new(),
            assets: Vec::new(),
            talks: Vec::new(),
            knocks: Vec::new(),
            points: Vec::new(),
            systems: Vec::new(),
            vendors: Vec::new(),
            traps: Vec::new(),
            incident: None,
            unkept: false,
            marks: BTreeMap::new(),
            cursor,
            macs: 0,
            given: BTreeSet::new(),
            counts: BTreeMap::new(),
        }
    }

    /// The stream of a question.
    pub(crate) fn dice(&self, question: &str) -> Dice {
        Dice::of(self.seed, question)
    }

    /// How many assets are still to come.
    pub(crate) fn room(&self) -> usize {
        self.size.saturating_sub(self.assets.len())
    }

    /// The next number of this kind of thing, from 1.
    pub(crate) fn count(&mut self, of: &str) -> usize {
        let count = self.counts.entry(of.to_owned()).or_default();
        *count += 1;
        *count
    }

    /// A hardware address that begins so.
    pub(crate) fn mac(&mut self, maker: &str) -> String {
        loop {
            self.macs += 1;
            let [a, b, c, ..] = self.dice(&format!("mac {}", self.macs)).bytes16();
            let mac = format!("{maker}:{a:02x}:{b:02x}:{c:02x}");
            if self.given.insert(mac.clone()) {
                return mac;
            }
        }
    }

    /// The next free range of the hospital's own, of this size.
    pub(crate) fn range(&mut self, prefix: u8) -> Address {
        let size = 1_u32 << (32 - u32::from(prefix.clamp(8, 30)));
        let step = size.max(256);
        let from = self.cursor.div_ceil(step) * step;
        self.cursor = from + step;
        Address {
            address: IpAddr::V4(from.into()),
            prefix,
        }
    }

    /// Leaves a hole in the plan of addresses.
    pub(crate) fn skip(&mut self, networks: u32) {
        self.cursor = self.cursor.saturating_add(networks * 256);
    }

    /// Adds a network.
    pub(crate) fn net(
        &mut self,
        id: &str,
        zone: ZoneKind,
        place: &str,
        range: Option<Address>,
    ) -> NetNo {
        self.nets.push(Net {
            id: id.to_owned(),
            range,
            range6: None,
            vlan: None,
            zone,
            place: place.to_owned(),
            site: 0,
            gateway: None,
            hop: None,
            name_servers: Vec::new(),
            dhcp: false,
            next: 10,
            next_dynamic: 0,
            taken: BTreeSet::new(),
        });
        self.nets.len() - 1
    }

    /// Adds an asset without attachments.
    pub(crate) fn asset(&mut self, kind: &str, role: Role, zone: ZoneKind) -> AssetNo {
        let n = self.count(kind);
        self.assets.push(Asset {
            id: format!("{kind}-{n:03}"),
            host_name: String::new(),
            role,
            zone,
            department: "",
            place: String::new(),
            vendor: None,
            systems: Vec::new(),
            nics: Vec::new(),
            agent: None,
            machine: None,
            maker: "",
            model: String::new(),
            purpose: String::new(),
            hand: None,
            pair: None,
            uplink: None,
            silent_since: None,
        });
        self.assets.len() - 1
    }

    /// A free address of the network: of the fixed ones, or of those that DHCP gives.
    pub(crate) fn address(&mut self, net: NetNo, dynamic: bool) -> Option<Address> {
        let net = &mut self.nets[net];
        let range = net.range?;
        let IpAddr::V4(first) = range.network() else {
            return None;
        };
        let size = 1_u32 << (32 - u32::from(range.prefix));
        let (mut n, step) = if dynamic {
            (size / 3 + net.next_dynamic, &mut net.next_dynamic)
        } else {
            (net.next, &mut net.next)
        };
        for _ in 0..size {
            n = if n + 1 >= size { 2 } else { n };
            *step += 1;
            if net.taken.insert(n) {
                return Some(Address {
                    address: IpAddr::V4((u32::from(first) + n).into()),
                    prefix: range.prefix,
                });
            }
            n += 1;
        }
        None
    }

    /// Takes this address of the network, by its number.
    pub(crate) fn fixed(&mut self, net: NetNo, n: u32) -> Option<Address> {
        let net = &mut self.nets[net];
        let range = net.range?;
        let IpAddr::V4(first) = range.network() else {
            return None;
        };
        net.taken.insert(n);
        Some(Address {
            address: IpAddr::V4((u32::from(first) + n).into()),
            prefix: range.prefix,
        })
    }

    /// The number of the gateway's address in this network.
    pub(crate) fn gateway_number(&self, net: NetNo) -> u32 {
        let prefix = self.nets[net].range.map_or(24, |it| it.prefix);
        let last = (1_u32 << (32 - u32::from(prefix))) - 2;
        if self.style.gateway_first { 1 } else { last }
    }

    /// Attaches an asset and gives the number of the interface.
    pub(crate) fn attach(
        &mut self,
        asset: AssetNo,
        net: NetNo,
        mac: Option<String>,
        address: Option<Address>,
    ) -> usize {
        let dhcp = self.nets[net].dhcp;
        let first = self.assets[asset].nics.is_empty();
        self.assets[asset].nics.push(Nic {
            name: String::new(),
            net,
            kind: InterfaceKind::Ethernet,
            driver: "",
            mac,
            addresses: address.into_iter().collect(),
            earlier: None,
            default: first,
            metric: 0,
            hop: None,
            up: true,
            dhcp,
            during: None,
        });
        self.assets[asset].nics.len() - 1
    }

    /// The asset's first address in that network, or its first at all.
    pub(crate) fn address_of(&self, asset: AssetNo, net: Option<NetNo>) -> Option<IpAddr> {
        let nics = &self.assets[asset].nics;
        let here = nics.iter().find(|it| Some(it.net) == net);
        let any = here.or_else(|| nics.iter().find(|it| !it.addresses.is_empty()))?;
        any.addresses.first().map(|it| it.address)
    }

    /// The networks that an asset is on.
    pub(crate) fn nets_of(&self, asset: AssetNo) -> Vec<NetNo> {
        self.assets[asset].nics.iter().map(|it| it.net).collect()
    }

    /// The machine that an agent reports.
    pub(crate) fn machine(&mut self, asset: AssetNo) -> Option<&mut Machine> {
        self.assets[asset].machine.as_deref_mut()
    }

    /// A network by name.
    pub(crate) fn net_named(&self, id: &str) -> Option<NetNo> {
        self.nets.iter().position(|it| it.id == id)
    }

    /// Talk over TCP between two assets.
    pub(crate) fn talk(
        &mut self,
        (from, to): (AssetNo, AssetNo),
        port: u16,
        programs: (&'static str, &'static str),
        purpose: &'static str,
    ) {
        self.talk_to(from, End::Asset(to), port, programs, purpose);
    }

    /// Talk over TCP with an end that may be outside.
    pub(crate) fn talk_to(
        &mut self,
        from: AssetNo,
        to: End,
        port: u16,
        programs: (&'static str, &'static str),
        purpose: &'static str,
    ) {
        // Nobody needs the network to talk to itself.
        if to == End::Asset(from) {
            return;
        }
        self.talks.push(Talk {
            from,
            to,
            protocol: Protocol::Tcp,
            port,
            programs,
            purpose,
            during: (None, None),
            seen_as: None,
            at: None,
        });
    }

    /// The moment so many days and seconds before the end.
    pub(crate) fn ago(&self, days: i64, seconds: i64) -> Time {
        Time::from_seconds(self.end.seconds() - days * 86_400 - seconds)
    }
}
