//! What travels besides reports: enrolment, heartbeat, goodbye, and the collector's answers.
//!
//! An answer can carry what is listed here and nothing else: there is no variant for a command, a
//! script, a query, a path or an address.

use serde::{Deserialize, Serialize};

use super::{Base64Bytes, Hash, ReportKeyPublic, SectionKind, Signature, Time};

/// Paths of the agents' listener.
pub mod path {
    /// `POST` [`super::EnrolRequest`] → [`super::EnrolReply`]; the only one without a certificate.
    pub const ENROL: &str = "/v1/enrol";
    /// `POST` [`super::super::Report`] (zstd) → [`super::Reply`].
    pub const REPORT: &str = "/v1/report";
    /// `POST` [`super::Heartbeat`] → 204.
    pub const HEARTBEAT: &str = "/v1/heartbeat";
    /// `POST` [`super::SignedGoodbye`] → 204.
    pub const GOODBYE: &str = "/v1/goodbye";
}

/// The collector's name for an agent, taken from its certificate alone: `a-` and 32 hex digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AgentId(String);

impl AgentId {
    /// From 16 random bytes, which the caller drew.
    #[must_use]
    pub fn from_random(bytes: &[u8; 16]) -> Self {
        let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        Self(format!("a-{digits}"))
    }

    /// Reads the text form.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix("a-")?;
        let fits = digits.len() == 32
            && digits
                .bytes()
                .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        fits.then(|| Self(text.to_owned()))
    }

    /// The text form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for AgentId {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or_else(|| "want a- and 32 hexadecimal digits".to_owned())
    }
}

impl From<AgentId> for String {
    fn from(id: AgentId) -> Self {
        id.0
    }
}

impl std::fmt::Display for AgentId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Asks for a certificate. The agent made both keys itself; they never leave it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnrolRequest {
    /// Wire version.
    pub wire: u16,
    /// The token's secret part.
    pub token: String,
    /// Certificate signing request (PKCS #10, DER) for the TLS key.
    pub csr: Base64Bytes,
    /// Public half of the key that signs reports.
    pub report_key: ReportKeyPublic,
    /// That key's signature over the CSR, so that nobody registers a foreign key.
    pub proof: Signature,
    /// Host name, for the person who approves. It proves nothing.
    pub host_name: String,
    /// The agent's version, for people.
    pub agent_version: String,
}

/// The answer to an enrolment.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EnrolReply {
    /// Here is the certificate.
    Issued {
        /// Who the agent is from now on.
        agent: AgentId,
        /// Its certificate (DER).
        certificate: Base64Bytes,
        /// The certificate of the collector's own CA (DER), which must have the token's fingerprint.
        ca: Base64Bytes,
    },
    /// A person has to approve first; ask again with the same keys after this time.
    Pending {
        /// Seconds until the next try.
        retry_after_s: u32,
    },
}

/// The signed head of the collector's log (RFC 6962 §2.1). Agents keep the newest they saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TreeHead {
    /// Number of leaves.
    pub size: u64,
    /// Merkle tree hash of the leaves.
    pub root: Hash,
    /// When it was signed, by the collector's clock.
    pub at: Time,
    /// The collector's signature over [`TreeHead::signed_bytes`].
    pub signature: Signature,
}

impl TreeHead {
    /// The bytes that the signature covers.
    #[must_use]
    pub fn signed_bytes(size: u64, root: &Hash, at: Time) -> Vec<u8> {
        format!("daicho tree head v1\n{size}\n{root}\n{at}\n").into_bytes()
    }
}

/// A certificate for the same key, with a later end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Renewal {
    /// The new certificate (DER).
    pub certificate: Base64Bytes,
}

/// The answer to a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// The highest sequence that is stored durably; the agent forgets reports up to it.
    pub acknowledged: u64,
    /// The log's newest head.
    pub head: TreeHead,
    /// Seconds until the next report; the agent clamps it to 60…86 400.
    pub next_report_s: u32,
    /// Sections to send whole. When the report just sent is not acknowledged, it is to be sent
    /// again with these bodies; otherwise they belong into the next one.
    #[serde(default)]
    pub send_whole: Vec<SectionKind>,
    /// A new certificate, when the old one ends soon.
    #[serde(default)]
    pub renewal: Option<Renewal>,
}

/// Sent every minute: the agent is there. It carries no facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Heartbeat {
    /// See [`super::Envelope::boot_id`].
    pub boot_id: String,
    /// Sequence of the newest report made.
    pub sequence: u64,
}

/// Why an agent falls silent on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GoodbyeCause {
    /// The machine shuts down or restarts.
    Shutdown,
    /// The machine goes to sleep.
    Sleep,
    /// The agent alone was stopped.
    Stop,
    /// The agent is being removed.
    Uninstall,
}

/// Said before silence, so that silence without it means something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Goodbye {
    /// Who says it.
    pub agent: AgentId,
    /// See [`super::Envelope::boot_id`].
    pub boot_id: String,
    /// Sequence of the newest report made.
    pub sequence: u64,
    /// Why.
    pub cause: GoodbyeCause,
    /// When, by the machine's clock.
    pub at: Time,
}

/// A goodbye with the signature of the agent's report key over its exact bytes.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedGoodbye {
    /// Exact bytes of a [`Goodbye`].
    pub goodbye: Box<serde_json::value::RawValue>,
    /// Signature over them.
    pub signature: Signature,
}

/// Body of every answer that refuses something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// Code that the manual lists (`ING-003`).
    pub code: String,
    /// What is wrong and the next step, in Japanese.
    pub ja: String,
    /// The same in English.
    pub en: String,
}
