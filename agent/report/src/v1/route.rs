//! Section `route`: all routes of all tables.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::section::SectionBody;
use super::{Address, Reading};

/// What happens to a packet on this route.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RouteKind {
    /// Sent on.
    Unicast,
    /// Dropped or refused (blackhole, unreachable, prohibit).
    Blocked,
    /// One that this version does not know.
    #[serde(other)]
    Other,
}

/// A route. Routes to the machine itself, to broadcast and multicast addresses are left out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Route {
    /// Network that it leads to; prefix 0 is the default route.
    pub destination: Address,
    /// Next hop; `null`: the network is on the link.
    pub gateway: Option<IpAddr>,
    /// Name of the interface it leaves by.
    pub interface: Option<String>,
    /// What happens to a packet.
    pub kind: RouteKind,
    /// Smaller wins.
    pub metric: u32,
    /// Routing table (254 is the main one on Linux).
    pub table: u32,
    /// Who made it (`kernel`, `static`, `dhcp`, `ra`, `bird`).
    pub origin: String,
}

/// All routes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Routes {
    /// Routes, sorted.
    pub routes: Reading<Vec<Route>>,
    /// Whether the machine forwards packets between its interfaces.
    pub forwarding: Reading<bool>,
}

impl SectionBody for Routes {
    const KIND: &'static str = "route";
}
