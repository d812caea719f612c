//! Sections `remote_tool`, `backup` and `vpn`: software that matters when somebody gets in.
//!
//! Recognised by exact names of programs, services, packages and places from data files; each says
//! which witness showed it.

use serde::{Deserialize, Serialize};

use super::section::SectionBody;
use super::{Reading, Witness};

/// Whether a tool is in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToolState {
    /// It runs now.
    Running,
    /// It starts by itself.
    Enabled,
    /// Installed.
    Installed,
    /// One that this version does not know.
    #[serde(other)]
    Unclear,
}

/// A tool on this machine.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Tool {
    /// Name, as its maker writes it.
    pub name: String,
    /// Version of its package.
    pub version: Option<String>,
    /// Whether it is in use.
    pub state: ToolState,
    /// All witnesses, sorted.
    pub witnesses: Vec<Witness>,
}

/// Section `remote_tool`: tools for remote control and remote maintenance.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RemoteTools {
    /// Tools, sorted; empty: every place could be read and none shows one.
    pub tools: Reading<Vec<Tool>>,
}

impl SectionBody for RemoteTools {
    const KIND: &'static str = "remote_tool";
}

/// Section `backup`: backup software.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Backups {
    /// Products, sorted; empty: every place could be read and none shows one.
    pub tools: Reading<Vec<Tool>>,
    /// How many shadow copies of volumes (VSS) there are. Who encrypts a machine deletes them first.
    pub shadow_copies: Reading<u32>,
}

impl SectionBody for Backups {
    const KIND: &'static str = "backup";
}

/// How sure it is that this machine has a VPN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VpnGrade {
    /// An interface that only a VPN has, or a known product's own interface.
    Certain,
    /// A tunnel interface whose product is not known.
    Probable,
    /// A product is installed; no interface of it is there or up now.
    Capable,
    /// One that this version does not know.
    #[serde(other)]
    Unclear,
}

/// A VPN of this machine.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Vpn {
    /// How sure.
    pub grade: VpnGrade,
    /// The product, when it is known.
    pub product: Option<String>,
    /// Its interface, when one is there.
    pub interface: Option<String>,
    /// Whether that interface is up.
    pub up: bool,
    /// Name or address of the host that it leads to, where that is written down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// What shows it, sorted.
    pub witnesses: Vec<Witness>,
}

/// Section `vpn`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Vpns {
    /// All, sorted; empty: every place could be read and none shows one.
    pub vpns: Reading<Vec<Vpn>>,
}

impl SectionBody for Vpns {
    const KIND: &'static str = "vpn";
}
