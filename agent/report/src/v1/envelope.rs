//! The envelope of one report, and the report as it travels.
//!
//! The agent signs the envelope's exact bytes; the envelope holds the hash of every section, so the
//! signature covers the bodies too, whether or not they travel. Reports of one agent are chained by
//! `previous` and counted by `sequence`; the collector is idempotent on (agent, sequence).

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{
    Hash, Limit, LimitError, ReportKey, SealError, Section, SectionRef, Signature, Time, check_json,
};

/// The version of the wire that this crate speaks.
pub const WIRE_MAJOR: u16 = 1;

/// What one collection cost the machine.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cost {
    /// Processor time, user and system, in milliseconds.
    pub cpu_ms: u64,
    /// Time on the clock, in milliseconds.
    pub wall_ms: u64,
    /// Largest resident memory, in KiB.
    pub peak_kib: u64,
}

/// The signed part of a report. A field that the collector does not know refuses the report (426).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Envelope {
    /// Wire version, see [`WIRE_MAJOR`].
    pub wire: u16,
    /// The agent's own version, for people.
    pub agent_version: String,
    /// Changes at every boot; tells a clone from the original.
    pub boot_id: String,
    /// Counts the reports of this agent from 1, over boots.
    pub sequence: u64,
    /// SHA-256 of the previous envelope's exact bytes; zero in the first report.
    pub previous: Hash,
    /// When the collection ended, by the machine's clock. It orders nothing.
    pub collected_at: Time,
    /// What the collection cost.
    pub cost: Cost,
    /// All sections of this report, sorted by kind, each kind once.
    pub sections: Vec<SectionRef>,
}

/// One report as it travels: a signed envelope and the bodies that the collector does not have.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// The envelope's exact bytes, see [`Envelope`].
    pub envelope: Box<RawValue>,
    /// Ed25519 over those bytes, by the key registered at enrolment.
    pub signature: Signature,
    /// Bodies, at most one a section of the envelope.
    pub bodies: Vec<Section>,
}

/// What is wrong with a report, before it is held against what is stored.
#[derive(Debug, thiserror::Error)]
pub enum EnvelopeError {
    /// Outside the limits.
    #[error("accept the envelope")]
    Limit(#[source] LimitError),
    /// Not the shape of this wire version: a newer agent, or nonsense.
    #[error("read the envelope")]
    Shape(#[source] serde_json::Error),
    /// Another major version.
    #[error("speak wire version {0} (this side speaks {WIRE_MAJOR})")]
    Version(u16),
    /// The signature does not fit.
    #[error("verify the envelope's signature")]
    Signature(#[source] SealError),
    /// A body whose bytes do not hash to what the envelope signed.
    #[error("match section `{0}` with its signed hash")]
    Body(String),
    /// Sections out of order or doubled.
    #[error("accept section `{0}`: sections must be sorted and single")]
    Order(String),
}

impl Envelope {
    /// Encodes and signs; `bodies` are those that shall travel.
    pub fn seal(&self, key: &ReportKey, bodies: Vec<Section>) -> Result<Report, serde_json::Error> {
        let envelope = serde_json::value::to_raw_value(self)?;
        let signature = key.sign(envelope.get().as_bytes());
        Ok(Report {
            envelope,
            signature,
            bodies,
        })
    }
}

impl Report {
    /// The hash that the next report names as `previous`.
    #[must_use]
    pub fn envelope_hash(&self) -> Hash {
        Hash::of(self.envelope.get().as_bytes())
    }

    /// Parses the envelope and checks order, version and that every body that travels is signed.
    /// The signature itself is checked by [`super::ReportKeyPublic::verify`], which needs the key.
    pub fn open(&self) -> Result<Envelope, EnvelopeError> {
        let envelope = open_envelope(self.envelope.get())?;
        for body in &self.bodies {
            let signed = envelope.sections.iter().any(|section| body.is(section));
            if !signed || !body.is_intact() {
                return Err(EnvelopeError::Body(body.kind.to_string()));
            }
        }
        Ok(envelope)
    }
}

/// Parses the exact bytes of an envelope: limits first, then version, shape and order.
pub fn open_envelope(bytes: &str) -> Result<Envelope, EnvelopeError> {
    check_json(bytes.as_bytes(), &Limit::ENVELOPE).map_err(EnvelopeError::Limit)?;
    let wire = WireOnly::of(bytes).map_err(EnvelopeError::Shape)?;
    if wire != WIRE_MAJOR {
        return Err(EnvelopeError::Version(wire));
    }
    let envelope: Envelope = serde_json::from_str(bytes).map_err(EnvelopeError::Shape)?;
    for pair in envelope.sections.windows(2) {
        if let [earlier, later] = pair
            && earlier.kind >= later.kind
        {
            return Err(EnvelopeError::Order(later.kind.to_string()));
        }
    }
    Ok(envelope)
}

/// Reads the version alone, so that a newer envelope is refused as such and not as nonsense.
#[derive(Deserialize)]
struct WireOnly {
    wire: u16,
}

impl WireOnly {
    fn of(bytes: &str) -> Result<u16, serde_json::Error> {
        serde_json::from_str::<Self>(bytes).map(|it| it.wire)
    }
}
