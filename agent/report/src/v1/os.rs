//! Section `os`: the operating system.

use serde::{Deserialize, Serialize};

use super::section::SectionBody;
use super::{Reading, Time};

/// Family of operating system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OsFamily {
    /// Microsoft Windows.
    Windows,
    /// Linux.
    Linux,
    /// One that this version does not know.
    #[serde(other)]
    Other,
}

/// The operating system.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Os {
    /// Family.
    pub family: Reading<OsFamily>,
    /// Machine-readable name (`debian`, `windows`), the key of support-date tables.
    pub id: Reading<String>,
    /// Full name as its maker writes it (`Debian GNU/Linux 12 (bookworm)`).
    pub name: Reading<String>,
    /// Edition or variant (`Server`, `Enterprise LTSC`).
    pub edition: Reading<Option<String>>,
    /// Version (`12.5`, `10.0.19045.4291`).
    pub version: Reading<String>,
    /// Kernel release (`6.1.0-18-amd64`).
    pub kernel: Reading<String>,
    /// Processor architecture of the system (`x86_64`).
    pub architecture: Reading<String>,
    /// When the system was installed.
    pub installed_at: Reading<Time>,
}

impl SectionBody for Os {
    const KIND: &'static str = "os";
}
