//! Section `antivirus`: protection products, what each witness says, and the verdict.
//!
//! "Protected" needs two witnesses that agree; "none found" needs that every place could be read.

use serde::{Deserialize, Serialize};

use super::section::SectionBody;
use super::{Reading, Time};

/// What a product does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AntivirusKind {
    /// Compares with definitions.
    Antivirus,
    /// Watches behaviour; usually has no definition date.
    Edr,
    /// One that this version does not know.
    #[serde(other)]
    Other,
}

/// What one witness says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Testimony {
    /// Installed (package, files, service definition).
    Installed,
    /// Will start by itself.
    Enabled,
    /// Runs or protects now.
    Running,
    /// Installed and not running or switched off.
    Stopped,
    /// Something that this version does not know.
    #[serde(other)]
    Unclear,
}

/// A place that says something about a product.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Witness {
    /// Which place (`process clamd`, `unit clamav-daemon.service`, `dpkg`).
    pub source: String,
    /// What it says.
    pub says: Testimony,
    /// The raw value, when it is more than yes or no.
    pub raw: Option<String>,
}

/// A protection product on this machine.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AntivirusProduct {
    /// Name of the product.
    pub name: String,
    /// What it does.
    pub kind: AntivirusKind,
    /// Version of the program.
    pub version: Reading<String>,
    /// Date of the definitions; never their age.
    pub definitions_at: Reading<Time>,
    /// All witnesses, sorted.
    pub witnesses: Vec<Witness>,
    /// The verdict for this product.
    pub verdict: AntivirusVerdict,
}

/// Is the machine protected?
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AntivirusVerdict {
    /// At least two witnesses of different kinds say that it runs.
    Running,
    /// One witness alone says that it runs, or they disagree: 要確認.
    ToConfirm,
    /// Installed and not running.
    NotRunning,
    /// Every place could be read and none shows a product.
    NoneFound,
    /// One that this version does not know.
    #[serde(other)]
    Unclear,
}

/// Protection of this machine.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Antivirus {
    /// Products found, sorted by name.
    pub products: Reading<Vec<AntivirusProduct>>,
    /// The best verdict of all products; unknown when a place could not be read and none was found.
    pub verdict: Reading<AntivirusVerdict>,
}

impl SectionBody for Antivirus {
    const KIND: &'static str = "antivirus";
}
