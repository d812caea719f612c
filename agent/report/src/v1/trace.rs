//! Section `trace`: signs that this machine uses a line or a service that leads out of the hospital.
//!
//! Of the resolver's cache, of tasks, folders and stored credentials only names that the agent's data
//! file lists leave the machine, and of a credential nothing but that it exists. Names that the
//! machine's own files give to addresses are settings of the network and leave whole.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::Reading;
use super::section::SectionBody;

/// A name that this machine's own `hosts` file gives to an address.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct HostEntry {
    /// Name, in lower case; `(other)`: what stands there is no name of a host.
    pub name: String,
    /// Address.
    pub address: IpAddr,
}

/// A rule that sends questions for a domain to name servers of its own (NRPT, conditional forwarding).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ResolverRule {
    /// Domain in lower case, without the leading dot; `(other)`: what stands there is none.
    pub domain: String,
    /// Name servers, in the order of use.
    pub name_servers: Vec<IpAddr>,
}

/// A listed folder that is there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ListedFolder {
    /// The folder as the data file lists it (`OQS\OQSComApp`, `/opt/jma`).
    pub name: String,
    /// What its version file says.
    pub version: Option<String>,
}

/// By what a network was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KnownNetworkKind {
    /// A cable.
    Wired,
    /// Wireless LAN; the network's name is that of the wireless network (SSID).
    Wireless,
    /// A mobile network (LTE, 5G).
    Mobile,
    /// A VPN or a dialled line.
    Vpn,
    /// One that this version does not know.
    #[serde(other)]
    Other,
}

/// What the system takes a network for: which rules of its firewall hold there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NetworkCategory {
    /// Strangers may be in it.
    Public,
    /// Somebody said that it is their own.
    Private,
    /// A controller of this machine's domain answered there.
    Domain,
    /// One that this version does not know.
    #[serde(other)]
    Other,
}

/// A network that this machine was connected to, now or ever.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct KnownNetwork {
    /// What the system calls it: the SSID, the domain, or a number (`ネットワーク 2`).
    pub name: String,
    /// By what it was reached.
    pub kind: KnownNetworkKind,
    /// What the system takes it for.
    pub category: NetworkCategory,
    /// Hardware addresses of its gateways, sorted.
    pub gateways: Vec<String>,
    /// The last day on which it was used, by this machine's clock and in its own time zone; `null`:
    /// none was used later, so this one may be in use; or the day is not written down.
    pub last_used_on: Option<String>,
}

/// Signs of lines and services.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Traces {
    /// Names from the `hosts` file, sorted; loopback and the machine's own name are left out.
    pub hosts: Reading<Vec<HostEntry>>,
    /// Names below listed domains that were resolved lately, in lower case, sorted.
    pub resolved: Reading<Vec<String>>,
    /// Rules of the resolver, sorted.
    pub resolver_rules: Reading<Vec<ResolverRule>>,
    /// Domains, addresses and ranges that go past the proxy, as they are set, in lower case, sorted;
    /// `(other)`: something that is none of these.
    pub proxy_bypass: Reading<Vec<String>>,
    /// Listed folders that are there, sorted.
    pub folders: Reading<Vec<ListedFolder>>,
    /// Names of tasks with a listed beginning, sorted.
    pub tasks: Reading<Vec<String>>,
    /// Listed names of stored credentials that exist, sorted. No value is read.
    pub credentials: Reading<Vec<String>>,
    /// Networks that this machine was connected to, sorted.
    pub networks: Reading<Vec<KnownNetwork>>,
}

impl SectionBody for Traces {
    const KIND: &'static str = "trace";
}
