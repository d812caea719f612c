//! One collection as a file for people: everything in it, not signed and not chained. Comes in and
//! goes out as JSON, from machines on which nothing may be installed; who carries it to the collector
//! is all that vouches for it.

use serde::{Deserialize, Serialize};

use super::{Cost, Section, Time};

/// What `daicho-agent report` writes where nobody is enrolled.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Picture {
    /// Says that nobody signed it.
    pub signed: bool,
    /// The agent's version.
    pub agent_version: String,
    /// The machine's name for itself.
    pub host_name: Option<String>,
    /// Changes at every boot.
    pub boot_id: String,
    /// When the collection ended, by the machine's clock.
    pub collected_at: Time,
    /// What it cost.
    pub cost: Cost,
    /// Everything that was collected, sorted by kind.
    pub sections: Vec<Section>,
}
