//! What the ledger is built from: everything that the collector had received by a moment.

use crate::hand::Hand;
use daicho_report::{AgentId, Flow, Neighbour, SectionKind, Time};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// The site whose ledger it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// Name of the hospital, as staff write it; empty until it is set.
    pub name: String,
    /// IANA name of its time zone, for people.
    pub time_zone: String,
    /// Its offset from UTC at `as_of`, in seconds; dates are printed with it.
    pub utc_offset_s: i32,
    /// Data of a hospital that does not exist（模擬）.
    pub simulated: bool,
}

/// Everything received by `as_of`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Input {
    /// Whose.
    pub site: Site,
    /// The moment of the question; the caller's clock or `--as-of`.
    pub as_of: Time,
    /// What each agent had said, sorted by agent.
    pub agents: Vec<Observed>,
    /// What people keep by hand, as it stood then.
    #[serde(default)]
    pub hand: Hand,
}

/// What one agent had said by then.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Observed {
    /// Who, by its certificate.
    pub agent: AgentId,
    /// When its enrolment was approved, by the collector's clock.
    pub enrolled_at: Time,
    /// The agent's version.
    pub agent_version: String,
    /// Its reports.
    pub presence: Presence,
    /// How the newest report came, if not over the network.
    #[serde(default)]
    pub carried: Option<Carriage>,
    /// Stable sections, sorted by kind. `gauges` is never among them.
    pub sections: Vec<KeptSection>,
    /// Flows that were open within the time that the question looks back, sorted.
    pub flows: Vec<Interval<Flow>>,
    /// Neighbours likewise.
    pub neighbours: Vec<Interval<Neighbour>>,
    /// Why the newest flows or neighbours could not be asked, when they could not:
    /// the raw `asked` reading by kind, sorted.
    pub interval_reasons: Vec<(SectionKind, daicho_report::Reading<()>)>,
}

/// How a report came that did not come over the network（手で運んだ報告）.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carriage {
    /// Who carried it.
    pub by: String,
    /// When it was taken in.
    pub at: Time,
    /// Whether the machine's own agent signed it. If not, nothing but the carrier vouches for it.
    pub signed: bool,
}

/// What is known of an agent's reports. All times but `collected_at` are the collector's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presence {
    /// The first report received.
    pub first_at: Time,
    /// The newest report received by then (within a run of unchanged reports: at least then).
    pub last_at: Time,
    /// When that report was collected, by the machine's own clock.
    pub collected_at: Time,
    /// Number of the newest report.
    pub sequence: u64,
    /// Reports known to be missing from the chain.
    pub missing: u64,
    /// A goodbye after the last report: its cause and time of receipt.
    pub goodbye: Option<(daicho_report::GoodbyeCause, Time)>,
}

/// The newest version of a section, and the older values that it could not confirm.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct KeptSection {
    /// Which section.
    pub kind: SectionKind,
    /// Its source in short (`linux`).
    pub source: String,
    /// When this version was first read, by the machine's clock.
    pub at: Time,
    /// When this version was first received.
    pub received_at: Time,
    /// The exact bytes.
    pub body: Box<RawValue>,
    /// Older values of the body's fields that are unknown in `body`, sorted by field.
    pub kept: Vec<Kept>,
}

/// A field's older value, kept because the newest reading failed（前回値）.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Kept {
    /// Name of the field in the body.
    pub field: String,
    /// When the value was read, by the machine's clock.
    pub at: Time,
    /// The reading, as it was written in the older body.
    pub reading: Box<RawValue>,
}

/// Something that went on for a while.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Interval<T> {
    /// What.
    pub item: T,
    /// First seen, by the machine's clock.
    pub since: Time,
    /// Last seen, by the machine's clock; `null`: it goes on (seen within 24 hours).
    pub until: Option<Time>,
}
