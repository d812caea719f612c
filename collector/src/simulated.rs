//! The mark of a data folder whose hospital does not exist（模擬）. Comes in: the name of the hospital,
//! once, into an empty store; goes out: the mark, for ever. A marked store takes no real agent, and a
//! store that holds anything is never marked.

pub mod folder;
pub mod import;
mod steps;
pub mod write;

use daicho_report::{Hash, Time};
use serde::{Deserialize, Serialize};

use crate::log::{self, Act};
use crate::refusal::Refused;
use crate::site::SiteCollector;
use crate::store::{Rows, StoreError, Table, sealed};

pub(crate) const KEY: &str = "simulated";

/// What a marked store says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mark {
    /// Name of the hospital, which says that it is simulated.
    pub name: String,
    /// Hash of the file that describes it.
    pub hospital: Hash,
}

/// The mark of a store, if it has one.
pub fn mark(rows: &dyn Rows) -> Result<Option<Mark>, StoreError> {
    sealed::one(rows, Table::Meta, KEY)
}

/// Refuses what only a real hospital has.
pub(crate) fn refuse_real(rows: &dyn Rows) -> Result<(), StoreError> {
    match mark(rows)? {
        None => Ok(()),
        Some(mark) => Err(Refused::new("SIM-001", mark.name).into()),
    }
}

/// Marks an empty store; a store with the same mark is continued, any other is refused.
pub(crate) fn put_mark(
    site: &SiteCollector,
    rows: &mut dyn Rows,
    now: Time,
    wanted: &Mark,
) -> Result<(), StoreError> {
    if let Some(mark) = mark(rows)? {
        return if mark == *wanted {
            Ok(())
        } else {
            Err(Refused::new("SIM-003", mark.name).into())
        };
    }
    if log::stored_frontier(rows)?.size() > 0 {
        return Err(Refused::new("SIM-002", "").into());
    }
    sealed::put(rows, &site.log_key, Table::Meta, KEY, wanted)?;
    let act = Act::Simulated {
        name: wanted.name.clone(),
        hospital: wanted.hospital,
    };
    site.log_act(rows, now, act)
}

#[cfg(test)]
pub(crate) mod tests;
