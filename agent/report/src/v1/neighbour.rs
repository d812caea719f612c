//! Neighbours: who answers on the same link (ARP, RFC 826; neighbour discovery, RFC 4861).

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::IntervalBody;
use super::section::{Kept, SectionBody};

/// An address on the same link and the hardware address that answered for it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Neighbour {
    /// Name of the interface it was seen on.
    pub interface: String,
    /// Its address.
    pub address: IpAddr,
    /// Its hardware address, `02:fc:00:00:00:05`.
    pub mac: String,
    /// Whether it announces itself as a router (IPv6 only).
    #[serde(default)]
    pub router: bool,
}

/// Section `neighbour`.
pub type NeighbourBody = IntervalBody<Neighbour>;

impl SectionBody for NeighbourBody {
    const KIND: &'static str = "neighbour";
    const KEPT: Kept = Kept::Intervals;
}
