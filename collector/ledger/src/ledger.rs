//! The ledger: all assets at a moment.

use daicho_report::Time;
use serde::{Deserialize, Serialize};

use super::asset::{AgentAsset, SeenAsset};
use super::input::{Input, Site};

/// How much of the network is covered（取得範囲）.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// Machines with an agent.
    pub with_agent: usize,
    /// Devices seen without one.
    pub seen_only: usize,
    /// Addresses seen in all.
    pub addresses: usize,
}

/// All assets at a moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    /// Whose.
    pub site: Site,
    /// The moment; selects what had been received by then.
    pub as_of: Time,
    /// First and last receipt of the data below; `null`: nothing had been received.
    pub period: Option<(Time, Time)>,
    /// Machines with an agent, sorted by id.
    pub assets: Vec<AgentAsset>,
    /// Devices seen without one, sorted by id.
    pub seen: Vec<SeenAsset>,
    /// How much is covered.
    pub coverage: Coverage,
}

/// Derives the ledger. It does not depend on the order of the input.
#[must_use]
pub fn build(input: &Input) -> Ledger {
    let _ = input;
    todo!("helper")
}
