//! Who this agent is: its two keys and what the collector issued. Comes in and goes out: the file
//! `identity.json`. It never leaves the machine and is never printed.

use daicho_report::{AgentId, Base64Bytes, Hash, ReportKey};
use serde::{Deserialize, Serialize};

/// The keys, whom they are for, and (after approval) the certificate.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// Version of this file.
    pub version: u16,
    /// The collector, `https://host:port`.
    pub server: String,
    /// SHA-256 of its CA certificate, from the token.
    pub ca_fingerprint: Hash,
    /// Private key for TLS: PKCS #8, P-256.
    pub tls_key: Base64Bytes,
    /// Secret half of the Ed25519 key that signs reports.
    pub report_secret: Base64Bytes,
    /// The token's secret part, kept only until the certificate is there.
    pub token: Option<String>,
    /// What the collector issued.
    pub issued: Option<Issued>,
}

/// What the collector issued.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Issued {
    /// Who the agent is.
    pub agent: AgentId,
    /// Its certificate (DER).
    pub certificate: Base64Bytes,
    /// The only CA it trusts (DER).
    pub ca: Base64Bytes,
}

impl Identity {
    /// The version that this agent writes.
    pub const VERSION: u16 = 1;

    /// The key that signs reports; `None` where the saved bytes are no key.
    #[must_use]
    pub fn report_key(&self) -> Option<ReportKey> {
        let secret: &[u8; 32] = self.report_secret.0.as_slice().try_into().ok()?;
        Some(ReportKey::from_secret(secret))
    }
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identity")
            .field("server", &self.server)
            .field("issued", &self.issued)
            .finish_non_exhaustive()
    }
}
