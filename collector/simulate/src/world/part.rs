//! What a hospital consists of while it is built: habits, networks, assets, talk, connection points.
//! Comes in and goes out: values. They decide nothing.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

use daicho_ledger::{PointKind, ZoneKind};
use daicho_report::{Address, AgentId, InterfaceKind, Protocol, Time};

use super::{AssetNo, NetNo};
use crate::machine::Machine;
use crate::truth::Role;

/// Habits of this hospital.
#[derive(Debug, Clone)]
pub(crate) struct Style {
    /// First address of the range that the hospital uses.
    pub base: Ipv4Addr,
    /// The gateway is the first address of a network (else the last).
    pub gateway_first: bool,
    /// How hosts are called; see `names`.
    pub host_names: usize,
    /// Letters before host names.
    pub prefix: String,
    /// Domain of the HIS side; `None`: a workgroup.
    pub his_domain: Option<String>,
    /// Domain of the information side.
    pub info_domain: Option<String>,
    /// Maker of switches: vendor and beginning of hardware addresses.
    pub switch: (&'static str, &'static str),
    /// Maker of firewalls.
    pub firewall: (&'static str, &'static str),
    /// Makers of PCs, by index of the table.
    pub pcs: Vec<usize>,
    /// Antivirus of the HIS side and of the information side, by index of the table.
    pub antivirus: (usize, usize),
    /// NTT East (else West).
    pub east: bool,
    /// Account by which staff administer machines.
    pub administrator: String,
    /// It is the same on all machines.
    pub one_administrator: bool,
    /// Servers are virtual machines.
    pub virtual_servers: bool,
    /// The core answers by VRRP.
    pub vrrp: bool,
    /// HIS side and information side have no common core.
    pub split: bool,
}

/// A network.
#[derive(Debug, Clone)]
pub(crate) struct Net {
    pub id: String,
    pub range: Option<Address>,
    pub range6: Option<Address>,
    pub vlan: Option<u16>,
    pub zone: ZoneKind,
    pub place: String,
    pub site: usize,
    /// Asset that routes for it.
    pub gateway: Option<AssetNo>,
    /// Address and hardware address at which it answers.
    pub hop: Option<(IpAddr, String)>,
    pub name_servers: Vec<IpAddr>,
    pub dhcp: bool,
    /// Numbers of addresses that are given next, fixed and by DHCP, and those that are taken.
    pub next: u32,
    pub next_dynamic: u32,
    pub taken: BTreeSet<u32>,
}

/// An interface of an asset.
#[derive(Debug, Clone)]
pub(crate) struct Nic {
    pub name: String,
    pub net: NetNo,
    pub kind: InterfaceKind,
    pub driver: &'static str,
    pub mac: Option<String>,
    pub addresses: Vec<Address>,
    /// Earlier address, until then.
    pub earlier: Option<(Address, Time)>,
    /// It has the default route.
    pub default: bool,
    pub metric: u32,
    /// The default route leads to this address instead of the network's gateway.
    pub hop: Option<IpAddr>,
    pub up: bool,
    pub dhcp: bool,
    /// The machine was on this network only between these moments.
    pub during: Option<(Time, Time)>,
}

/// An asset.
#[derive(Debug, Clone)]
pub(crate) struct Asset {
    pub id: String,
    pub host_name: String,
    pub role: Role,
    pub zone: ZoneKind,
    pub department: &'static str,
    pub place: String,
    pub vendor: Option<usize>,
    pub systems: Vec<String>,
    pub nics: Vec<Nic>,
    pub agent: Option<AgentId>,
    pub machine: Option<Box<Machine>>,
    pub maker: &'static str,
    pub model: String,
    pub purpose: String,
    /// Key of the entry that somebody wrote.
    pub hand: Option<String>,
    pub pair: Option<AssetNo>,
    /// Device at the other end of its cable.
    pub uplink: Option<AssetNo>,
    pub silent_since: Option<Time>,
}

/// One end of talk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Asset(AssetNo),
    Outside(IpAddr),
}

/// Talk between two.
#[derive(Debug, Clone)]
pub(crate) struct Talk {
    pub from: AssetNo,
    pub to: End,
    pub protocol: Protocol,
    pub port: u16,
    /// Programs at both ends.
    pub programs: (&'static str, &'static str),
    pub purpose: &'static str,
    /// When it began and ended, where not all the time.
    pub during: (Option<Time>, Option<Time>),
    /// Address by which the far end sees the near one, when something translates between.
    pub seen_as: Option<IpAddr>,
    /// Address of the far end, where it has several.
    pub at: Option<IpAddr>,
}

/// Talk that somebody outside began, through a device of the hospital.
#[derive(Debug, Clone)]
pub(crate) struct Knock {
    /// Device through which it comes.
    pub by: AssetNo,
    pub from: IpAddr,
    pub to: AssetNo,
    pub port: u16,
    pub program: &'static str,
    pub purpose: &'static str,
    pub during: (Option<Time>, Option<Time>),
}

/// A connection point.
#[derive(Debug, Clone)]
pub(crate) struct Point {
    pub id: String,
    pub kind: PointKind,
    pub also: Vec<PointKind>,
    pub asset: AssetNo,
    pub also_at: Vec<AssetNo>,
    pub peer: String,
    pub peer_networks: Vec<Address>,
    pub line: String,
    pub vendor: Option<usize>,
    pub system: Option<String>,
    pub traces: Vec<String>,
    pub always_on: bool,
    pub forgotten: bool,
    pub hand: Option<String>,
}

/// A vendor.
#[derive(Debug, Clone)]
pub(crate) struct VendorRow {
    pub key: String,
    pub name: String,
    pub phone: String,
    pub trade: &'static str,
}
