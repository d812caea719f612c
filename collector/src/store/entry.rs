//! Rows of what people keep by hand. Comes in and goes out: versions of entries, each from the moment
//! at which it was taken in to the one at which it was replaced or withdrawn. A version is never
//! changed but for its end, and that once.

use daicho_report::{Hash, Time};

use super::StoreError;

/// One version of an entry.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct EntryRow {
    /// Kind, as `daicho_ledger::hand::EntryBody::kind` names it.
    pub kind: String,
    /// Stable name within its kind.
    pub key: String,
    /// Position of the log's leaf that brought it.
    pub position: u64,
    /// Taken in.
    pub t0: i64,
    /// Replaced or withdrawn; [`super::OPEN`] while it stands.
    pub t1: i64,
    /// The body.
    pub digest: Hash,
    /// Who wrote it.
    pub by: String,
}

/// What an engine does with them.
pub trait Entries {
    /// The version that stands.
    fn open_entry(&self, kind: &str, key: &str) -> Result<Option<EntryRow>, StoreError>;
    /// Adds a version.
    fn insert_entry(&mut self, row: &EntryRow) -> Result<(), StoreError>;
    /// Ends the version that stands.
    fn close_entry(&mut self, kind: &str, key: &str, t1: i64) -> Result<(), StoreError>;
    /// The versions that stood at a time, by kind and key.
    fn entries_at(&self, at: Time) -> Result<Vec<EntryRow>, StoreError>;
    /// Every version, sorted.
    fn all_entries(&self) -> Result<Vec<EntryRow>, StoreError>;
}
