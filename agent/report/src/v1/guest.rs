//! Section `guest`: virtual machines and containers on this machine, and what this one runs on.

use serde::{Deserialize, Serialize};

use super::Reading;
use super::section::SectionBody;

/// A virtual machine that is defined here.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Guest {
    /// Its name here.
    pub name: String,
    /// Its SMBIOS UUID, by which the guest itself is known.
    pub uuid: Option<String>,
    /// Whether it runs; `null`: that could not be told.
    pub running: Option<bool>,
}

/// A running container.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Container {
    /// What runs it (`docker`, `podman`, `lxc`, `kubernetes`).
    pub engine: String,
    /// The first twelve characters of its id, or its name where it has no other.
    pub id: String,
}

/// Virtual machines, containers, runs-on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Guests {
    /// Name of the physical host, as far as the guest is told; `null` value: this is no guest.
    pub runs_on: Reading<Option<String>>,
    /// Virtual machines defined here, sorted.
    pub guests: Reading<Vec<Guest>>,
    /// Containers that run here, sorted.
    pub containers: Reading<Vec<Container>>,
}

impl SectionBody for Guests {
    const KIND: &'static str = "guest";
}
