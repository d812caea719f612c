//! Section `trust`: whom this machine trusts beyond what its maker gave it: added certificates, and
//! proxies. Public parts only; no private key is opened.

use serde::{Deserialize, Serialize};

use super::section::SectionBody;
use super::{Reading, Time};

/// A certificate.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Certificate {
    /// Common name or organisation of the holder, where it names a machine or an authority.
    pub subject: String,
    /// Until when it holds.
    pub not_after: Time,
    /// SHA-256 of the certificate, in hexadecimal.
    pub sha256: String,
    /// Whether it is an authority's.
    pub authority: bool,
}

/// Trust.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Trust {
    /// Authorities added on this machine, sorted.
    pub added_roots: Reading<Vec<Certificate>>,
    /// Certificates with which this machine's services show who they are, sorted.
    pub certificates: Reading<Vec<Certificate>>,
    /// Proxies that programs are told to use, as `host:port`, sorted; without account or password.
    pub proxies: Reading<Vec<String>>,
}

impl SectionBody for Trust {
    const KIND: &'static str = "trust";
}
