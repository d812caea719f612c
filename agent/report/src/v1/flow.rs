//! Listening sockets, and flows（通信）: observed talk between this machine and a peer.
//!
//! A flow carries neither the ephemeral port nor a process number, and of the program only its
//! short name: no path, no arguments.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::section::{Kept, SectionBody};
use super::{IntervalBody, Reading};

/// Transport protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
    /// One that this version does not know.
    #[serde(other)]
    Other,
}

/// Who opened it, seen from this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// The peer came to a port that listens here.
    Inbound,
    /// This machine went to the peer's port.
    Outbound,
    /// Cannot be told.
    #[serde(other)]
    Unclear,
}

/// A socket that waits for peers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Listener {
    /// Transport protocol.
    pub protocol: Protocol,
    /// Local address; unspecified (`0.0.0.0`, `::`) means every address.
    pub address: IpAddr,
    /// Local port.
    pub port: u16,
    /// Short name of the owning program; `null` when the owner could not be told.
    pub program: Option<String>,
}

/// Section `listener`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Listeners {
    /// Listening sockets, sorted.
    pub listeners: Reading<Vec<Listener>>,
    /// Whether the owners of all sockets could be asked.
    pub owners: Reading<()>,
}

impl SectionBody for Listeners {
    const KIND: &'static str = "listener";
}

/// Talk between this machine and a peer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Flow {
    /// Who opened it.
    pub direction: Direction,
    /// Transport protocol.
    pub protocol: Protocol,
    /// Address on this machine.
    pub local: IpAddr,
    /// Address of the peer.
    pub peer: IpAddr,
    /// The service's port: here when inbound, at the peer when outbound.
    pub port: u16,
    /// Short name of the program on this machine; `null` when the owner could not be told.
    pub program: Option<String>,
}

/// Section `flow`.
pub type FlowBody = IntervalBody<Flow>;

impl SectionBody for FlowBody {
    const KIND: &'static str = "flow";
    const KEPT: Kept = Kept::Intervals;
}
