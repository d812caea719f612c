//! Raw values that are no files: plain, as the system gives them, saved in recordings.

mod access;
mod socket;
mod windows;

use std::net::IpAddr;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use daicho_report::Reason;
use serde::{Deserialize, Serialize};

pub use access::{RawAccess, RawGrant};
pub use socket::Table;
pub use windows::{
    RawAccount, RawAdapter, RawEventLog, RawJoin, RawMember, RawObject, RawPasswordRules,
    RawProperty, RawService, RawSession, RawSocket, RawToken, RawUpdate, RawValue, RawVersion,
};

/// Bytes of a file: text in a recording where they are text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Bytes {
    /// UTF-8.
    Text(String),
    /// Anything else.
    Base64(String),
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        match String::from_utf8(bytes) {
            Ok(text) => Self::Text(text),
            Err(error) => Self::Base64(BASE64_STANDARD.encode(error.as_bytes())),
        }
    }
}

impl From<Bytes> for Vec<u8> {
    fn from(bytes: Bytes) -> Self {
        match bytes {
            Bytes::Text(text) => text.into_bytes(),
            // A recording changed by hand: nothing readable is left.
            Bytes::Base64(text) => BASE64_STANDARD.decode(text).unwrap_or_default(),
        }
    }
}

/// Kernel, processor, memory, volumes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawMachine {
    /// Host name of the kernel.
    pub host_name: Option<String>,
    /// Kernel release.
    pub kernel: Option<String>,
    /// Architecture (`x86_64`).
    pub architecture: Option<String>,
    /// Processor brand.
    pub processor: Option<String>,
    /// Logical processors.
    pub processors: u32,
    /// Memory in bytes.
    pub memory: u64,
    /// Memory in use in bytes.
    pub memory_used: u64,
    /// When it started, in seconds since 1970.
    pub booted_at: Option<i64>,
    /// Mounted volumes with a block device or network share, sorted by mount point.
    pub volumes: Vec<RawVolume>,
    /// Why there may be more of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub volumes_unread: Option<Reason>,
}

/// A mounted volume.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RawVolume {
    /// Mount point.
    pub mount: String,
    /// File system (`ext4`).
    pub file_system: String,
    /// Device or share.
    pub device: String,
    /// Size in bytes.
    pub total: u64,
    /// Free bytes.
    pub free: u64,
    /// It can be taken out.
    pub removable: bool,
}

/// An installed package of a package database in a binary form.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RawPackage {
    /// Name.
    pub name: String,
    /// A number that goes before the version: a higher one is newer, whatever the version says.
    pub epoch: Option<u32>,
    /// Version of the program.
    pub version: String,
    /// Which package of that version.
    pub release: String,
    /// Architecture (`x86_64`, `noarch`).
    pub architecture: Option<String>,
    /// Who made the package.
    pub vendor: Option<String>,
    /// When it was installed, in seconds since 1970.
    pub installed_at: Option<i64>,
}

/// A running program.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RawProcess {
    /// Short name of the program, never its arguments.
    pub name: String,
    /// Inodes of its sockets, sorted; `null`: its descriptors could not be read.
    pub sockets: Option<Vec<u64>>,
    /// Why they could not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unread: Option<Reason>,
}

/// The kernel's view of its clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawClock {
    /// Something keeps it synchronised.
    pub synchronized: bool,
    /// How far it is thought to be off, in microseconds.
    pub offset_us: i64,
}

/// A virtual machine that is defined on this host.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RawGuest {
    /// Its name here.
    pub name: String,
    /// Its SMBIOS UUID.
    pub uuid: Option<String>,
    /// Whether it runs; `null`: that could not be told.
    pub running: Option<bool>,
}

/// A printer of CUPS.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RawPrinter {
    /// What its driver is for.
    pub model: Option<String>,
    /// How it is reached (`socket`, `ipp`, `usb`).
    pub scheme: String,
    /// Where, if its address names a host.
    pub host: Option<String>,
    /// Port, if it names one.
    pub port: Option<u16>,
    /// Others may print on it.
    pub shared: bool,
}

/// A version that an index of packages offers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RawOffer {
    /// Package.
    pub name: String,
    /// Version.
    pub version: String,
    /// Architecture.
    pub architecture: String,
}

/// An interface, as rtnetlink gives it.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RawLink {
    /// Index.
    pub index: u32,
    /// Name.
    pub name: String,
    /// ARPHRD type (1 Ethernet, 772 loopback, 65534 none).
    pub hardware_type: u16,
    /// IFF_UP.
    pub admin_up: bool,
    /// IFF_LOWER_UP: a carrier is there.
    pub carrier: bool,
    /// IFLA_INFO_KIND (`bridge`, `veth`, `wireguard`, `vlan`).
    pub kind: Option<String>,
    /// Hardware address.
    pub mac: Option<String>,
    /// Hardware address burnt in.
    pub permanent_mac: Option<String>,
    /// MTU.
    pub mtu: Option<u32>,
    /// Index of the bridge or bond it belongs to.
    pub master: Option<u32>,
    /// Index of the interface it stands on.
    pub lower: Option<u32>,
    /// VLAN number.
    pub vlan: Option<u16>,
}

/// An address of an interface.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RawAddress {
    /// Interface.
    pub index: u32,
    /// Address.
    pub address: IpAddr,
    /// Prefix length.
    pub prefix: u8,
    /// `global`, `link`, `host`, `site` or a number.
    pub scope: String,
    /// Given for a time only (DHCP, SLAAC).
    pub dynamic: bool,
    /// A privacy address of IPv6.
    pub temporary: bool,
}

/// A route.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RawRoute {
    /// Table (254 main, 255 local).
    pub table: u32,
    /// Type as in `ip route` (`unicast`, `local`, `blackhole`).
    pub kind: String,
    /// Who set it (`kernel`, `boot`, `static`, `dhcp`, `ra` or a number).
    pub protocol: String,
    /// Destination; the family's zero address with prefix 0 for the default.
    pub destination: IpAddr,
    /// Its prefix length.
    pub prefix: u8,
    /// Next hop.
    pub gateway: Option<IpAddr>,
    /// Interface.
    pub index: Option<u32>,
    /// Priority.
    pub metric: Option<u32>,
    /// Preferred source address.
    pub source: Option<IpAddr>,
}

/// A neighbour.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RawNeighbour {
    /// Interface.
    pub index: u32,
    /// Address.
    pub address: IpAddr,
    /// Hardware address.
    pub mac: Option<String>,
    /// `reachable`, `stale`, `delay`, `probe`, `failed`, `incomplete`, `noarp`, `permanent`, `none`.
    pub state: String,
    /// It announces itself as a router.
    pub router: bool,
}
