//! Section `interface`: network interfaces, their addresses, and name servers.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::Reading;
use super::section::SectionBody;

/// Type of interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InterfaceKind {
    /// Wired Ethernet with a device behind it.
    Ethernet,
    /// Wireless LAN.
    Wireless,
    /// Mobile network (LTE, 5G).
    Mobile,
    /// VPN tunnel (WireGuard, tun/tap, IPsec, PPP over something).
    Vpn,
    /// Point-to-point protocol (PPPoE line).
    Ppp,
    /// Bridge.
    Bridge,
    /// Bond or team of several interfaces.
    Bond,
    /// VLAN on another interface.
    Vlan,
    /// Half of a virtual pair, usually a container's or virtual machine's cable.
    Virtual,
    /// Other tunnel (GRE, IPIP, SIT, VXLAN).
    Tunnel,
    /// Loopback.
    Loopback,
    /// One that this version does not know.
    #[serde(other)]
    Other,
}

/// An address with the length of its prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Address {
    /// The address.
    pub address: IpAddr,
    /// Length of the prefix in bits.
    pub prefix: u8,
}

impl Address {
    /// The network: the address with its host bits cleared.
    #[must_use]
    pub fn network(&self) -> IpAddr {
        match self.address {
            IpAddr::V4(address) => {
                let shift = 32_u32.saturating_sub(u32::from(self.prefix));
                let mask = u32::MAX.checked_shl(shift).unwrap_or(0);
                IpAddr::V4((u32::from(address) & mask).into())
            }
            IpAddr::V6(address) => {
                let shift = 128_u32.saturating_sub(u32::from(self.prefix));
                let mask = u128::MAX.checked_shl(shift).unwrap_or(0);
                IpAddr::V6((u128::from(address) & mask).into())
            }
        }
    }
}

/// A network interface.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Interface {
    /// The system's number for it; links in the body refer to it.
    pub index: u32,
    /// The system's name for it.
    pub name: String,
    /// Type.
    pub kind: InterfaceKind,
    /// What the system says of kind and driver (`virtio_net`, `wireguard`), for people.
    pub driver: Option<String>,
    /// Hardware address, `02:fc:00:00:00:01`; `null`: it has none.
    pub mac: Option<String>,
    /// Hardware address burnt in, when it differs or is known; the one that identity uses.
    pub permanent_mac: Option<String>,
    /// Switched on and with carrier.
    pub up: bool,
    /// Addresses, sorted.
    pub addresses: Vec<Address>,
    /// Index of the bridge or bond it belongs to.
    pub master: Option<u32>,
    /// Index of the interface below a VLAN or tunnel; of the other half of a virtual pair.
    pub lower: Option<u32>,
    /// VLAN number (IEEE 802.1Q).
    pub vlan: Option<u16>,
    /// Largest frame in bytes.
    pub mtu: Option<u32>,
}

/// All interfaces and the resolver's settings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Interfaces {
    /// Interfaces, sorted by index.
    pub interfaces: Reading<Vec<Interface>>,
    /// Name servers, in the order of use.
    pub name_servers: Reading<Vec<IpAddr>>,
    /// Domains searched.
    pub search_domains: Reading<Vec<String>>,
}

impl SectionBody for Interfaces {
    const KIND: &'static str = "interface";
}
