//! Why the state cannot be used, and what a person is told. Comes in: errors of the system and of
//! reading; goes out: one kind each, with the code of its message. It decides nothing.

use std::io;
use std::path::PathBuf;

use crate::message::{Exit, Lang, Told};
use crate::platform::private::Untrusted;

/// Why the state cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// It holds something else.
    #[error("use folder `{0}`: it holds files of something else")]
    NotOurs(PathBuf),
    /// It is not there, or nobody is enrolled in it.
    #[error("find an identity in `{0}`")]
    NotEnrolled(PathBuf),
    /// Another agent works in it.
    #[error("lock folder `{0}`")]
    Busy(PathBuf),
    /// The system refused.
    #[error("read or write `{path}`")]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// It cannot be understood.
    #[error("understand `{path}`")]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// It was written by a newer agent.
    #[error("read `{path}`: it has version {version}, this agent knows version 1")]
    Newer {
        /// Which file.
        path: PathBuf,
        /// Its version.
        version: u16,
    },
}

impl Told for StateError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotOurs(_) => "AGT-001",
            Self::NotEnrolled(_) => "AGT-002",
            Self::Busy(_) => "AGT-003",
            Self::File { source, .. } => file_code(source),
            Self::Damaged { .. } | Self::Newer { .. } => "AGT-020",
        }
    }

    fn exit(&self) -> Exit {
        match self {
            Self::NotOurs(_) => Exit::Refused,
            Self::File { source, .. } if Untrusted::is_why(source) => Exit::Refused,
            _ => Exit::Failed,
        }
    }

    fn detail(&self, _lang: Lang) -> String {
        match self {
            Self::NotOurs(path)
            | Self::NotEnrolled(path)
            | Self::Busy(path)
            | Self::File { path, .. }
            | Self::Damaged { path, .. }
            | Self::Newer { path, .. } => path.display().to_string(),
        }
    }
}

impl StateError {
    /// Whether a second copy may hold what this file does not.
    pub(super) fn asks_for_the_copy(&self) -> bool {
        match self {
            Self::Damaged { .. } => true,
            Self::File { source, .. } => source.kind() != io::ErrorKind::PermissionDenied,
            _ => false,
        }
    }
}

/// The message for a file that the system refuses: a full and a read-only disk need other hands than
/// missing rights.
pub(crate) fn file_code(error: &io::Error) -> &'static str {
    if Untrusted::is_why(error) {
        return "AGT-039";
    }
    match error.kind() {
        io::ErrorKind::ReadOnlyFilesystem => "AGT-033",
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "AGT-034",
        _ => "AGT-019",
    }
}
