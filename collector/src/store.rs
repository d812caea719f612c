//! The store as a trait. Comes in: rows, inside one transaction a job; goes out: rows as they were
//! written. No rule of the ledger lives here and no SQL outside of an engine's own module, so that
//! another engine is another implementation and nothing else.

pub mod entry;
pub mod rows;
pub mod sealed;
pub mod sqlite;

use std::path::PathBuf;

use daicho_report::Time;

use crate::refusal::Refused;

pub use entry::{Entries, EntryRow};
pub use rows::{
    AgentRow, BlobVisit, Chain, DayCount, Fits, Held, History, IntervalRow, IntervalTable, LeafRow,
    OPEN, Rows, RunRow, RunValue, SealedValue, SectionRow, Standing, Table,
};

/// Why the store did not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The engine refused; nothing was changed.
    #[error("use the store")]
    Engine(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A commit failed. What is on the disk is unknown; the process has to end and start again.
    #[error("commit to the store; the process has to be started again")]
    Fatal(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The file is not a store of ours.
    #[error("open `{0}`: it is not a Daicho store")]
    Foreign(PathBuf),
    /// Written by a newer version.
    #[error("open `{0}`: a newer version wrote it (schema {1})")]
    Newer(PathBuf, i64),
    /// Written before the store took its present form; nothing of that was ever released.
    #[error(
        "open `{0}`: an earlier version wrote it (schema {1}); start with a new data folder, this one \
         is left as it is"
    )]
    Older(PathBuf, i64),
    /// What is stored cannot be read as what was written.
    #[error("read {0} in the store")]
    Corrupt(String),
    /// A rule refused the job; nothing was changed.
    #[error(transparent)]
    Refused(#[from] Refused),
}

impl StoreError {
    /// Whether the process has to end.
    #[must_use]
    pub fn is_fatal(&self) -> bool {
        matches!(self, Self::Fatal(_))
    }

    /// As it is told to who asked; internals stay in the log line.
    #[must_use]
    pub fn refused(self) -> Refused {
        match self {
            Self::Refused(refused) => refused,
            Self::Fatal(error) => {
                tracing::error!(stage = "store", code = "STO-002", %error, "commit failed");
                Refused::new("STO-002", "")
            }
            other => {
                tracing::error!(stage = "store", code = "STO-001", error = ?other, "store failed");
                Refused::new("STO-001", "")
            }
        }
    }
}

/// What a job does with the rows.
pub type Job<'a> = dyn FnMut(&mut dyn Rows) -> Result<(), StoreError> + 'a;

/// An engine.
pub trait Store: Send + Sync {
    /// Runs a job that writes. It returns after the commit is durable; an error changes nothing.
    fn write(&self, job: &mut Job<'_>) -> Result<(), StoreError>;

    /// Runs a job on one consistent state of the store; it may not write.
    fn read(&self, job: &mut Job<'_>) -> Result<(), StoreError>;

    /// Whether a commit has failed; then nothing is accepted until the process starts again.
    fn has_failed(&self) -> bool;

    /// The newest time of receipt in the store.
    fn newest_receipt(&self) -> Result<Option<Time>, StoreError> {
        read(self, |rows| sealed::newest(rows))
    }
}

/// Reads a value.
pub fn read<T, S: Store + ?Sized>(
    store: &S,
    job: impl FnOnce(&dyn Rows) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let mut job = Some(job);
    let mut out = None;
    store.read(&mut |rows| {
        if let Some(job) = job.take() {
            out = Some(job(rows)?);
        }
        Ok(())
    })?;
    out.ok_or_else(|| StoreError::Corrupt("a job that never ran".to_owned()))
}

/// Writes, and gives back a value after the commit.
pub fn write<T, S: Store + ?Sized>(
    store: &S,
    job: impl FnOnce(&mut dyn Rows) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let mut job = Some(job);
    let mut out = None;
    store.write(&mut |rows| {
        if let Some(job) = job.take() {
            out = Some(job(rows)?);
        }
        Ok(())
    })?;
    out.ok_or_else(|| StoreError::Corrupt("a job that never ran".to_owned()))
}
