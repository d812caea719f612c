//! Sections `patch` and `update`: how far the system's own updates have come, and what is pending.
//! They are two because the first changes with every look for updates and the second is long.
//!
//! Nothing is fetched: what is pending comes from the index that the system itself keeps, whose age
//! stands beside it. When support of a release ends is no fact of the machine: the ledger knows it.

use serde::{Deserialize, Serialize};

use super::section::SectionBody;
use super::{Reading, Time};

/// An update that the system knows of and has not installed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PendingUpdate {
    /// Name of the package or update.
    pub name: String,
    /// Version that is installed; `null`: the update replaces no single version.
    pub installed: Option<String>,
    /// Version that is offered.
    pub available: String,
    /// Whether it comes from a security archive or is called a security update.
    pub security: bool,
}

/// An update that is installed and is no package of its own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct InstalledUpdate {
    /// Its maker's number (`KB5034441`).
    pub name: String,
    /// When it was installed; `null`: not kept.
    pub at: Option<Time>,
}

/// Whether the machine must be started anew, and why.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Reboot {
    /// It must.
    pub needed: bool,
    /// What says so (`/run/reboot-required`, `kernel 6.1.0-18-amd64`), sorted.
    pub reasons: Vec<String>,
}

/// Patch state.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Patches {
    /// When an update was last installed.
    pub last_update_at: Reading<Time>,
    /// When the index of offered updates was made; never its age.
    pub index_at: Reading<Time>,
    /// Whether a restart is due.
    pub reboot: Reading<Reboot>,
    /// Whether updates install themselves.
    pub automatic: Reading<bool>,
    /// Hosts that updates come from, sorted; neither paths nor names of accounts.
    pub sources: Reading<Vec<String>>,
}

impl SectionBody for Patches {
    const KIND: &'static str = "patch";
}

/// Section `update`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Updates {
    /// Updates that are offered and not installed, sorted.
    pub pending: Reading<Vec<PendingUpdate>>,
    /// Updates that are installed, sorted; where updates are packages, section `software` has them.
    pub installed: Reading<Vec<InstalledUpdate>>,
}

impl SectionBody for Updates {
    const KIND: &'static str = "update";
}
