//! The simulated hospital（模擬病院）. Comes in: a seed and a size; goes out: the truth, the reports that
//! its machines would send, and what its staff would have written down. It never reads what the
//! recogniser knows, and everything it makes says that it is simulated.

#![forbid(unsafe_code)]

pub mod truth;

use daicho_ledger::Input;
use daicho_ledger::hand::Entry;
use daicho_report::{AgentId, Report, ReportKey, Time};
use serde::{Deserialize, Serialize};

pub use truth::Truth;

/// A known incident that the hospital is built after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scenario {
    /// A forgotten VPN box of a monitoring system leads to other systems' servers.
    ForgottenVpn,
    /// A caterer's link that is always on.
    Caterer,
    /// A data centre's maintenance VPN, and one administrator name on all machines.
    DataCentre,
    /// One administrator, no list.
    NoList,
}

/// What hospital to make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Options {
    /// How many assets (servers, terminals, network devices, medical devices) in all.
    pub assets: usize,
    /// The seed.
    pub seed: u64,
    /// Over how many days reports go.
    pub days: u32,
    /// Reports of a machine on one day.
    pub reports_per_day: u32,
    /// The end of the time covered.
    pub end: Time,
    /// The incident.
    pub scenario: Option<Scenario>,
}

/// An agent of the hospital.
pub struct SimulatedAgent {
    /// Who.
    pub agent: AgentId,
    /// Key that signs its reports; made from the seed, so worth nothing.
    pub key: ReportKey,
    /// Host name.
    pub host_name: String,
    /// Its version.
    pub agent_version: String,
    /// When it was enrolled.
    pub enrolled_at: Time,
}

/// A report on its way.
pub struct Sent {
    /// Whose.
    pub agent: AgentId,
    /// When the collector receives it; the machine's own clock may say something else.
    pub received_at: Time,
    /// What it is.
    pub report: Report,
}

/// A hospital that does not exist.
pub struct Hospital {
    /// What it was made from.
    pub options: Options,
    /// What is so.
    pub truth: Truth,
    /// Its agents, sorted.
    pub agents: Vec<SimulatedAgent>,
    /// What its staff wrote down.
    pub hand: Vec<Entry>,
}

/// Makes a hospital.
#[must_use]
pub fn hospital(_options: &Options) -> Hospital {
    unimplemented!("written next")
}

impl Hospital {
    /// All reports in the order of receipt.
    pub fn reports(&self) -> impl Iterator<Item = Sent> + '_ {
        std::iter::empty()
    }

    /// What the collector's ledger would be built from after the last report, without the way over
    /// the wire.
    #[must_use]
    pub fn input(&self) -> Input {
        unimplemented!("written next")
    }
}
