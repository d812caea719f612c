//! Section `service`: services, and what else starts by itself. Names only: no command, no argument.

use serde::{Deserialize, Serialize};

use super::Reading;
use super::section::SectionBody;

/// When a service starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceStart {
    /// With the machine.
    Automatic,
    /// When something asks for it.
    OnDemand,
    /// Never: switched off.
    Disabled,
    /// One that this version does not know.
    #[serde(other)]
    Other,
}

/// A service that starts by itself or runs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Service {
    /// The system's name for it.
    pub name: String,
    /// When it starts.
    pub start: ServiceStart,
    /// Whether it runs; `null`: that could not be told.
    pub running: Option<bool>,
}

/// Something besides services that starts by itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Autostart {
    /// Which mechanism (`cron.d`, `crontab`, `timer`, `xdg`).
    pub kind: String,
    /// Name of its file, or of the account that it belongs to.
    pub name: String,
}

/// Services and autostart.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Services {
    /// Services that start with the machine or run, sorted; those on demand that do not run are
    /// left out.
    pub services: Reading<Vec<Service>>,
    /// What else starts by itself, sorted.
    pub autostarts: Reading<Vec<Autostart>>,
}

impl SectionBody for Services {
    const KIND: &'static str = "service";
}
