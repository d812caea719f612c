//! The state folder: who this agent is and how far its reports have come. Comes in: a path; goes
//! out: identity, progress and the lock that keeps a second agent out. It never touches a folder
//! that is not its own.

mod file;
mod identity;
mod progress;

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

pub use file::write_atomically;
pub use identity::{Identity, Issued};
pub(crate) use progress::is_interval;
pub use progress::{HeadNotice, Progress};

use crate::message::{Exit, Lang, Told};
use crate::platform::private;

#[cfg(test)]
pub(crate) mod tests;

/// Where the state is unless `--state` says otherwise.
pub const DEFAULT_FOLDER: &str = "/var/lib/daicho-agent";

const MARKER: &str = "daicho-agent.marker";
const MARKER_TEXT: &[u8] = b"daicho-agent state v1\n";
const LOCK: &str = "lock";
const IDENTITY: &str = "identity.json";
const PROGRESS: &str = "progress.json";
/// The settings file, which an administrator may have put there before the first start.
pub const SETTINGS: &str = "agent.toml";

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
            Self::File { .. } => "AGT-019",
            Self::Damaged { .. } | Self::Newer { .. } => "AGT-020",
        }
    }

    fn exit(&self) -> Exit {
        match self {
            Self::NotOurs(_) => Exit::Refused,
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

/// The state folder of this agent.
#[derive(Debug)]
pub struct StateFolder {
    path: PathBuf,
    /// Held as long as the value lives; `None` for one who only looks.
    _lock: Option<File>,
}

impl StateFolder {
    /// Makes the folder or continues one of ours, for this program alone.
    pub fn create(path: &Path) -> Result<Self, StateError> {
        let failed = |source| file_error(path, source);
        if !path.try_exists().map_err(failed)? {
            private::create_folder(path).map_err(failed)?;
        }
        if !is_ours(path)? {
            if !is_free(path)? {
                return Err(StateError::NotOurs(path.to_owned()));
            }
            write_atomically(&path.join(MARKER), MARKER_TEXT).map_err(failed)?;
        }
        private::tighten_folder(path).map_err(failed)?;
        Self::locked(path)
    }

    /// Opens a folder of ours, for this program alone.
    pub fn open(path: &Path) -> Result<Self, StateError> {
        check_ours(path)?;
        private::tighten_folder(path).map_err(|source| file_error(path, source))?;
        Self::locked(path)
    }

    /// Opens a folder of ours to look at it while another agent may work in it.
    pub fn look(path: &Path) -> Result<Self, StateError> {
        check_ours(path)?;
        Ok(Self {
            path: path.to_owned(),
            _lock: None,
        })
    }

    fn locked(path: &Path) -> Result<Self, StateError> {
        let name = path.join(LOCK);
        let failed = |source| file_error(&name, source);
        let lock = match private::create_file(&name) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                File::options().write(true).open(&name).map_err(failed)?
            }
            Err(error) => return Err(failed(error)),
        };
        match lock.try_lock() {
            Ok(()) => Ok(Self {
                path: path.to_owned(),
                _lock: Some(lock),
            }),
            Err(TryLockError::WouldBlock) => Err(StateError::Busy(path.to_owned())),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }

    /// Its path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The identity, if enrolment was begun here.
    pub fn identity(&self) -> Result<Option<Identity>, StateError> {
        self.read(IDENTITY, Identity::VERSION)
    }

    /// Saves the identity durably.
    pub fn save_identity(&self, identity: &Identity) -> Result<(), StateError> {
        self.write(IDENTITY, identity)
    }

    /// How far the reports have come; a new agent has made none.
    pub fn progress(&self) -> Result<Progress, StateError> {
        Ok(self.read(PROGRESS, Progress::VERSION)?.unwrap_or_default())
    }

    /// Saves the progress durably.
    pub fn save_progress(&self, progress: &Progress) -> Result<(), StateError> {
        self.write(PROGRESS, progress)
    }

    fn read<T: serde::de::DeserializeOwned>(
        &self,
        name: &str,
        newest: u16,
    ) -> Result<Option<T>, StateError> {
        let path = self.path.join(name);
        let bytes = file::read_bounded(&path).map_err(|source| file_error(&path, source))?;
        let Some(bytes) = bytes else { return Ok(None) };
        let damaged = |source| StateError::Damaged {
            path: path.clone(),
            source,
        };
        let found: VersionOnly = serde_json::from_slice(&bytes).map_err(damaged)?;
        if found.version > newest {
            let version = found.version;
            return Err(StateError::Newer { path, version });
        }
        serde_json::from_slice(&bytes).map(Some).map_err(damaged)
    }

    fn write<T: serde::Serialize>(&self, name: &str, value: &T) -> Result<(), StateError> {
        let path = self.path.join(name);
        let bytes = serde_json::to_vec(value).map_err(|source| StateError::Damaged {
            path: path.clone(),
            source,
        })?;
        write_atomically(&path, &bytes).map_err(|source| file_error(&path, source))
    }
}

#[derive(serde::Deserialize)]
struct VersionOnly {
    version: u16,
}

fn file_error(path: &Path, source: io::Error) -> StateError {
    StateError::File {
        path: path.to_owned(),
        source,
    }
}

fn check_ours(path: &Path) -> Result<(), StateError> {
    match path.try_exists() {
        Ok(false) => Err(StateError::NotEnrolled(path.to_owned())),
        Err(source) => Err(file_error(path, source)),
        Ok(true) if is_ours(path)? => Ok(()),
        Ok(true) if is_free(path)? => Err(StateError::NotEnrolled(path.to_owned())),
        Ok(true) => Err(StateError::NotOurs(path.to_owned())),
    }
}

fn is_ours(path: &Path) -> Result<bool, StateError> {
    let marker = path.join(MARKER);
    match file::read_bounded(&marker) {
        Ok(text) => Ok(text.as_deref() == Some(MARKER_TEXT)),
        // The path is a file, not a folder.
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
            Err(StateError::NotOurs(path.to_owned()))
        }
        Err(source) => Err(file_error(&marker, source)),
    }
}

/// Whether nothing is in it but what an administrator may have put there beforehand.
fn is_free(path: &Path) -> Result<bool, StateError> {
    let failed = |source| file_error(path, source);
    for entry in std::fs::read_dir(path).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        // A marker that is not whole was left by a start that was cut off.
        let begun = format!(".{MARKER}.new");
        if name != SETTINGS && name != begun.as_str() {
            return Ok(false);
        }
    }
    Ok(true)
}
