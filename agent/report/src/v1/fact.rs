//! A fact is a value with source and time, or *unknown* with a reason. "Absent" is a value.

use serde::{Deserialize, Serialize};

use super::Time;

/// Why there is no value. This list is the only one, from the probe to the workbook.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// This system has no such thing to ask.
    Unsupported,
    /// The system refused: 権限不足.
    Denied,
    /// No answer within the time allowed.
    TimedOut,
    /// The question failed; the code is the system's own (`ENOENT`, `0x8004100E`, `parse`).
    Failed(String),
    /// Nobody asked: an older agent, or the probe did not run.
    NotAsked,
    /// Known to the agent, kept back on purpose.
    Withheld,
}

impl Reason {
    /// `failed` with a code.
    pub fn failed(code: impl Into<String>) -> Self {
        Self::Failed(code.into())
    }
}

/// A fact inside a section body, where the section gives the time.
///
/// A body holds readings, not [`Fact`]s, so that its bytes do not depend on when it was read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reading<T> {
    /// The value and where it was read.
    Known {
        /// What was read.
        value: T,
        /// Where: a file, a netlink dump, an API (`/etc/os-release`, `rtnetlink`).
        source: String,
    },
    /// No value, and why.
    Unknown {
        /// Why there is none.
        reason: Reason,
        /// What was asked.
        source: String,
    },
}

impl<T> Reading<T> {
    /// A value and where it was read.
    pub fn known(value: T, source: impl Into<String>) -> Self {
        Self::Known {
            value,
            source: source.into(),
        }
    }

    /// No value: why, and what was asked.
    pub fn unknown(reason: Reason, source: impl Into<String>) -> Self {
        Self::Unknown {
            reason,
            source: source.into(),
        }
    }

    /// From a result of a raw read.
    pub fn from_result(result: Result<T, Reason>, source: impl Into<String>) -> Self {
        match result {
            Ok(value) => Self::known(value, source),
            Err(reason) => Self::unknown(reason, source),
        }
    }

    /// The value, if there is one.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Known { value, .. } => Some(value),
            Self::Unknown { .. } => None,
        }
    }

    /// The reason, if there is no value.
    pub fn reason(&self) -> Option<&Reason> {
        match self {
            Self::Known { .. } => None,
            Self::Unknown { reason, .. } => Some(reason),
        }
    }

    /// What was asked.
    pub fn source(&self) -> &str {
        match self {
            Self::Known { source, .. } | Self::Unknown { source, .. } => source,
        }
    }

    /// The same with another value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Reading<U> {
        match self {
            Self::Known { value, source } => Reading::Known {
                value: change(value),
                source,
            },
            Self::Unknown { reason, source } => Reading::Unknown { reason, source },
        }
    }

    /// The fact: this reading with the time of its section.
    pub fn at(self, at: Time) -> Fact<T> {
        match self {
            Self::Known { value, source } => Fact::Known { value, source, at },
            Self::Unknown { reason, source } => Fact::Unknown { reason, source, at },
        }
    }
}

impl<T> Default for Reading<T> {
    /// A field that an older agent does not know was not asked.
    fn default() -> Self {
        Self::unknown(Reason::NotAsked, "")
    }
}

/// One value with source and time, or unknown with a reason.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact<T> {
    /// The value, where it was read and when.
    Known {
        /// What was read.
        value: T,
        /// Where it was read.
        source: String,
        /// When, by the clock of the machine that read it.
        at: Time,
    },
    /// No value, why, and when it was asked.
    Unknown {
        /// Why there is none.
        reason: Reason,
        /// What was asked.
        source: String,
        /// When, by the clock of the machine that asked.
        at: Time,
    },
}

impl<T> Fact<T> {
    /// The value, if there is one.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Known { value, .. } => Some(value),
            Self::Unknown { .. } => None,
        }
    }

    /// The reason, if there is no value.
    pub fn reason(&self) -> Option<&Reason> {
        match self {
            Self::Known { .. } => None,
            Self::Unknown { reason, .. } => Some(reason),
        }
    }

    /// What was asked.
    pub fn source(&self) -> &str {
        match self {
            Self::Known { source, .. } | Self::Unknown { source, .. } => source,
        }
    }

    /// When it was read or asked.
    pub fn at(&self) -> Time {
        match self {
            Self::Known { at, .. } | Self::Unknown { at, .. } => *at,
        }
    }

    /// The same with another value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Fact<U> {
        match self {
            Self::Known { value, source, at } => Fact::Known {
                value: change(value),
                source,
                at,
            },
            Self::Unknown { reason, source, at } => Fact::Unknown { reason, source, at },
        }
    }
}
