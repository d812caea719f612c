//! Section `firewall`: whether this machine filters what comes in.

use serde::{Deserialize, Serialize};

use super::section::SectionBody;
use super::{Reading, Witness};

/// Whether it filters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FirewallVerdict {
    /// Rules are in force: the kernel says so, or two witnesses agree.
    Active,
    /// One witness alone says that it is on, or they disagree: 要確認.
    ToConfirm,
    /// Every place could be read and nothing is on.
    Inactive,
    /// One that this version does not know.
    #[serde(other)]
    Unclear,
}

/// What happens to a packet that no rule names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DefaultInput {
    /// It is let in.
    Accept,
    /// It is kept out.
    Drop,
    /// One that this version does not know.
    #[serde(other)]
    Other,
}

/// The machine's own firewall.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Firewall {
    /// The verdict.
    pub verdict: Reading<FirewallVerdict>,
    /// What each place says, sorted.
    pub witnesses: Reading<Vec<Witness>>,
    /// What happens to what no rule names.
    pub default_input: Reading<DefaultInput>,
}

impl SectionBody for Firewall {
    const KIND: &'static str = "firewall";
}
