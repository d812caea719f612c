//! Section `software`: installed programs, from the system's own package database.

use serde::{Deserialize, Serialize};

use super::Reading;
use super::section::SectionBody;

/// An installed program.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SoftwareItem {
    /// Name.
    pub name: String,
    /// Version.
    pub version: String,
    /// Who publishes or maintains it; personal mail addresses are cut off.
    pub publisher: Option<String>,
    /// Architecture, where the same program may be there twice.
    pub architecture: Option<String>,
}

/// All installed programs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SoftwareList {
    /// Programs, sorted.
    pub items: Reading<Vec<SoftwareItem>>,
}

impl SectionBody for SoftwareList {
    const KIND: &'static str = "software";
}
