//! Flows and neighbours travel as openings and closings of intervals, not as pictures of a moment.

use serde::{Deserialize, Serialize};

use super::{Reading, Time};

/// What changed in a set of intervals since the previous report, or the whole set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound(deserialize = "T: Deserialize<'de>"))]
pub struct IntervalBody<T> {
    /// `true`: `opened` is all there is and everything else is closed. Sent first, and when the
    /// collector asks for the section whole.
    pub whole: bool,
    /// How the set was asked; unknown means that nothing below was learnt and nothing may be closed.
    pub asked: Reading<()>,
    /// Began, or (whole) is open. Sorted.
    pub opened: Vec<Opened<T>>,
    /// Ended. Sorted.
    pub closed: Vec<Closed<T>>,
}

/// An interval that is open.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Opened<T> {
    /// What is going on.
    pub item: T,
    /// First seen, by the machine's clock.
    pub since: Time,
}

/// An interval that ended.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Closed<T> {
    /// What went on.
    pub item: T,
    /// Last seen, by the machine's clock.
    pub until: Time,
}
