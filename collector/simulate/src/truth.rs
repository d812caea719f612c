//! The truth of a simulated hospital: what a recogniser should find, and what nobody can. Comes in
//! and goes out: values. No recogniser reads it; tests hold its verdicts against it.

use std::net::IpAddr;

use daicho_ledger::{PointKind, ZoneKind};
use daicho_report::{Address, AgentId};
use serde::{Deserialize, Serialize};

/// Version of the format of this file.
pub const TRUTH_VERSION: u32 = 1;

/// Everything that is so.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Truth {
    /// [`TRUTH_VERSION`].
    pub version: u32,
    /// 模擬: says in words that this hospital does not exist.
    pub label: String,
    /// Name of the hospital.
    pub name: String,
    /// Seed and number of assets it was made from.
    pub seed: u64,
    /// Networks (layer 2), each with its range.
    pub networks: Vec<TrueNetwork>,
    /// Assets.
    pub assets: Vec<TrueAsset>,
    /// Connection points.
    pub points: Vec<TruePoint>,
    /// Systems.
    pub systems: Vec<TrueSystem>,
    /// Talk that goes on between assets, and to the outside.
    pub flows: Vec<TrueFlow>,
    /// What is deliberately difficult here, in words.
    pub traps: Vec<String>,
    /// The incident that this hospital is a scenario of.
    pub incident: Option<TrueIncident>,
}

/// A network.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TrueNetwork {
    /// Its name here; unique.
    pub id: String,
    /// Its ranges.
    pub ranges: Vec<Address>,
    /// VLAN number.
    pub vlan: Option<u16>,
    /// Its zone.
    pub zone: ZoneKind,
    /// Site and floor.
    pub place: String,
    /// Asset that routes for it.
    pub gateway: Option<String>,
}

/// What an asset is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Server.
    Server,
    /// Terminal or PC.
    Terminal,
    /// オンライン資格確認端末.
    OqsTerminal,
    /// Firewall.
    Firewall,
    /// VPN box.
    VpnBox,
    /// Router.
    Router,
    /// Switch, with or without routing.
    Switch,
    /// Wireless access point.
    AccessPoint,
    /// Line terminal (ONU).
    LineTerminal,
    /// LTE router or stick.
    MobileRouter,
    /// Modality, monitor, analyser.
    MedicalDevice,
    /// Printer.
    Printer,
    /// Storage.
    Storage,
    /// Telephone, camera, clock and the like.
    Other,
}

/// An attachment of an asset to a network.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TrueAttachment {
    /// Name of the interface as the machine calls it.
    pub interface: String,
    /// The network.
    pub network: String,
    /// Hardware address.
    pub mac: Option<String>,
    /// Addresses.
    pub addresses: Vec<IpAddr>,
}

/// An asset.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TrueAsset {
    /// Its name here; unique, unlike its host name.
    pub id: String,
    /// Host name.
    pub host_name: String,
    /// What it is.
    pub role: Role,
    /// Its agent, when it has one that reports.
    pub agent: Option<AgentId>,
    /// Key of its hand-kept entry, when somebody wrote one.
    pub hand: Option<String>,
    /// Zone that it works for; a bridge has its main one here.
    pub zone: ZoneKind,
    /// Attachments.
    pub attachments: Vec<TrueAttachment>,
    /// Systems it belongs to (server or terminal), by id.
    pub systems: Vec<String>,
    /// Department.
    pub department: String,
    /// Vendor that maintains it.
    pub vendor: Option<String>,
    /// Names of local accounts with administrator rights.
    pub administrators: Vec<String>,
    /// Whether the machine fell silent, and when (seconds since 1970).
    pub silent_since: Option<i64>,
}

/// A connection point.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TruePoint {
    /// Its name here; unique.
    pub id: String,
    /// What it is.
    pub kind: PointKind,
    /// Other services on the same line.
    pub also: Vec<PointKind>,
    /// Asset at which it is.
    pub asset: String,
    /// Assets that also count as its place: the router before the terminal, the other of a pair.
    pub also_at: Vec<String>,
    /// Key of its hand-kept entry, when somebody declared it.
    pub hand: Option<String>,
    /// Who is at the other end.
    pub peer: String,
    /// Traces that it left in what agents report, in words; empty: nobody could know of it.
    pub traces: Vec<String>,
    /// Not in any list of the hospital.
    pub forgotten: bool,
}

/// A system.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TrueSystem {
    /// Its name here; unique.
    pub id: String,
    /// What sort (`ehr`, `pacs`, `lis`, `receipt`, …).
    pub sort: String,
    /// Product.
    pub product: String,
    /// Whether a document at hand describes traits by which its servers can be told.
    pub public_signature: bool,
    /// Servers, by asset.
    pub servers: Vec<String>,
    /// Terminals that use it.
    pub clients: Vec<String>,
    /// Vendor.
    pub vendor: Option<String>,
}

/// Talk.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TrueFlow {
    /// From which asset.
    pub from: String,
    /// To which asset; `null`: outside.
    pub to: Option<String>,
    /// Address of the peer.
    pub peer: IpAddr,
    /// Port.
    pub port: u16,
    /// What for.
    pub purpose: String,
}

/// An incident whose first minutes are to be answered.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TrueIncident {
    /// Which pattern.
    pub pattern: String,
    /// What happened, in words.
    pub story: String,
    /// The connection point by which they came in.
    pub entry: String,
    /// Assets that are damaged, in the order of damage, with the moment (seconds since 1970).
    pub damaged: Vec<(String, i64)>,
    /// What staff report first: the assets that are noticed.
    pub noticed: Vec<String>,
    /// Assets that could have been reached from the entry.
    pub reachable: Vec<String>,
    /// The cuts that stop it, best first: connection points or networks.
    pub cuts: Vec<String>,
}
