//! Assets: machines with an agent, and devices that agents have seen.

use std::net::IpAddr;

use daicho_report::{
    Accounts, AgentId, Antivirus, Backups, Firewall, Flow, Guests, Hardware, Interfaces, Listeners,
    Neighbour, Os, Patches, Policies, Printers, RemoteTools, Routes, Services, SoftwareList,
    Storage, Time, Traces, Trust, Updates, Vpns,
};
use serde::{Deserialize, Serialize};

use super::input::{Carriage, Interval, Presence};

/// The ledger's stable name for an asset: the agent's id, or `m-` and the hardware address of a
/// device without an agent.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AssetId(pub String);

/// Beginnings of hardware addresses that identify nothing: never used to join sightings.
/// Virtual routers (VRRP, HSRP, GLBP), all zero, broadcast and multicast.
pub const WORTHLESS_MACS: &[&str] = &[
    "00:00:00:00:00:00",
    "00:00:5e:00:01",
    "00:00:5e:00:02",
    "00:00:0c:07:ac",
    "00:00:0c:9f:f",
    "00:07:b4",
    "ff:ff:ff:ff:ff:ff",
    "01:",
    "33:33",
];

/// A machine with an agent. Bodies have kept values already in place of unknown readings where
/// `stale` names the field (`hardware.serial`); [`AgentAsset::fact`] gives a reading its time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentAsset {
    /// Stable name.
    pub id: AssetId,
    /// Who reports.
    pub agent: AgentId,
    /// When it was enrolled.
    pub enrolled_at: Time,
    /// The agent's version.
    pub agent_version: String,
    /// Its reports.
    pub presence: Presence,
    /// How the newest report came, if not over the network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carried: Option<Carriage>,
    /// What is shown for it: host name, or the id's beginning when the name is unknown.
    pub label: String,
    /// Operating system.
    pub os: Os,
    /// The machine.
    pub hardware: Hardware,
    /// Interfaces.
    pub interfaces: Interfaces,
    /// Routes.
    pub routes: Routes,
    /// Listening sockets.
    pub listeners: Listeners,
    /// Accounts and log-ins.
    pub accounts: Accounts,
    /// Protection.
    pub antivirus: Antivirus,
    /// Programs.
    pub software: SoftwareList,
    /// Patch state.
    #[serde(default)]
    pub patches: Patches,
    /// Pending updates.
    #[serde(default)]
    pub updates: Updates,
    /// Services and autostart.
    #[serde(default)]
    pub services: Services,
    /// Its own firewall.
    #[serde(default)]
    pub firewall: Firewall,
    /// Encryption, shares, storage on USB.
    #[serde(default)]
    pub storage: Storage,
    /// Settings.
    #[serde(default)]
    pub policies: Policies,
    /// Printers.
    #[serde(default)]
    pub printers: Printers,
    /// Tools for remote maintenance.
    #[serde(default)]
    pub remote_tools: RemoteTools,
    /// Backup software.
    #[serde(default)]
    pub backups: Backups,
    /// VPNs.
    #[serde(default)]
    pub vpns: Vpns,
    /// Virtual machines, containers, runs-on.
    #[serde(default)]
    pub guests: Guests,
    /// Added certificates, proxies.
    #[serde(default)]
    pub trust: Trust,
    /// Signs of lines and services that lead out.
    #[serde(default)]
    pub traces: Traces,
    /// Flows, sorted.
    pub flows: Vec<Interval<Flow>>,
    /// Neighbours, sorted.
    pub neighbours: Vec<Interval<Neighbour>>,
    /// Why the newest flows or neighbours could not be asked, when they could not: kind, reason,
    /// and what was asked. Lists above are then what was known before.
    #[serde(default)]
    pub interval_reasons: Vec<(String, daicho_report::Reason, String)>,
    /// Fields whose value above is an older one, as `section.field` with the time it was read and
    /// the newest reading's reason.
    pub stale: Vec<(String, Time, daicho_report::Reason)>,
    /// When each section was first read in the version shown, by kind.
    pub read_at: Vec<(String, Time)>,
    /// Sections that this collector does not know, by kind: kept, and shown by `doctor`.
    pub unknown_sections: Vec<String>,
    /// Sections whose body could not be read as its type, with the error.
    pub unreadable_sections: Vec<(String, String)>,
}

/// Where a device without an agent was seen.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NeighbourSight {
    /// By which asset.
    pub by: AssetId,
    /// On which of its interfaces.
    pub interface: String,
    /// With which address.
    pub address: IpAddr,
    /// First seen.
    pub since: Time,
    /// Last seen; `null`: seen within 24 hours.
    pub until: Option<Time>,
    /// It is that asset's gateway of a route in use.
    pub gateway: bool,
    /// It announces itself as a router.
    pub router: bool,
}

/// A machine that saw a device has its address as that of a printer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PrinterSight {
    /// Which asset prints there.
    pub by: AssetId,
    /// The driver it uses, which names the model.
    pub driver: Option<String>,
}

/// A device without an agent, seen by agents（観測のみ）.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenAsset {
    /// Stable name.
    pub id: AssetId,
    /// Hardware address; `null`: a gateway known from routes alone.
    pub mac: Option<String>,
    /// Addresses, sorted.
    pub addresses: Vec<IpAddr>,
    /// Sightings, sorted.
    pub sights: Vec<NeighbourSight>,
    /// Who prints on it, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub printed_on: Vec<PrinterSight>,
}
