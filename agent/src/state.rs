//! The state folder: who this agent is and how far its reports have come. Comes in: a path; goes
//! out: identity, progress and the lock that keeps a second agent out. It never touches a folder
//! that is not its own.

pub(crate) mod disk;
mod error;
mod file;
mod identity;
mod mark;
mod progress;
mod recovery;

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

pub use error::StateError;
pub(crate) use error::file_code;
pub use file::write_atomically;
pub use identity::{Identity, Issued};
pub(crate) use progress::is_interval;
pub use progress::{HeadNotice, Progress};

use self::mark::Mark;
use crate::message::{Lang, fill};
use crate::platform::private;

#[cfg(test)]
pub(crate) mod tests;

/// Where the state is unless `--state` says otherwise.
pub const DEFAULT_FOLDER: &str = crate::platform::DEFAULT_STATE;

const MARKER: &str = "daicho-agent.marker";
const MARKER_TEXT: &[u8] = b"daicho-agent state v1\n";
const LOCK: &str = "lock";
const IDENTITY: &str = "identity.json";
const PROGRESS: &str = "progress.json";
const MARK: &str = "mark";
/// The settings file, which an administrator may have put there before the first start.
pub const SETTINGS: &str = "agent.toml";

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
        if !is_ours(path)? && !is_free(path)? {
            return Err(StateError::NotOurs(path.to_owned()));
        }
        mend_marker(path).map_err(failed)?;
        private::tighten_folder(path).map_err(failed)?;
        Self::locked(path)
    }

    /// Opens a folder of ours, for this program alone.
    pub fn open(path: &Path) -> Result<Self, StateError> {
        check_ours(path)?;
        private::tighten_folder(path).map_err(|source| file_error(path, source))?;
        let folder = Self::locked(path)?;
        // One that cannot be mended now is mended at another start.
        let _ = mend_marker(path);
        Ok(folder)
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

    /// The identity, if enrolment was begun here; from its second copy where the first is damaged.
    pub fn identity(&self) -> Result<Option<Identity>, StateError> {
        let path = self.path.join(IDENTITY);
        let found = either(&path, &file::copy(&path), Identity::VERSION)?;
        if self._lock.is_some() {
            match &found {
                // One that cannot be mended now is mended at another start.
                Found::Second(identity) => drop(self.save_identity(identity)),
                _ => file::mend_copy(&path),
            }
        }
        Ok(found.value())
    }

    /// Saves the identity durably, twice.
    pub fn save_identity(&self, identity: &Identity) -> Result<(), StateError> {
        let path = self.path.join(IDENTITY);
        file::write_twice(&path, &json(&path, identity)?)
            .map_err(|source| file_error(&path, source))?;
        // Its room is taken now: later there may be none.
        let mark = self.path.join(MARK);
        if mark::read(&mark).is_none() {
            let first = Mark {
                sequence: 0,
                previous: daicho_report::Hash::ZERO,
                acknowledged: 0,
            };
            mark::write(&mark, first).map_err(|source| file_error(&mark, source))?;
        }
        Ok(())
    }

    /// How far the reports have come; a new agent has made none. After a loss it goes on behind
    /// every number that may have been sent.
    pub fn progress(&self) -> Result<Progress, StateError> {
        let path = self.path.join(PROGRESS);
        let mark = mark::read(&self.path.join(MARK));
        let is_used = mark.is_some_and(|it| it.mark.sequence > 0);
        match either(&path, &file::old(&path), Progress::VERSION) {
            Ok(Found::First(progress)) => Ok(recovery::with_mark(progress, mark)),
            Ok(Found::Second(progress)) => Ok(recovery::after_loss(progress, mark)),
            Ok(Found::None) if !is_used => Ok(Progress::default()),
            Err(error) if mark.is_none() || !error.asks_for_the_copy() => Err(error),
            Ok(Found::None) | Err(_) => {
                tell_recovery(&path);
                Ok(recovery::after_loss(Progress::default(), mark))
            }
        }
    }

    /// Saves the progress durably: whole, or at least its numbers, so that none is used twice.
    pub fn save_progress(&self, progress: &Progress) -> Result<Saved, StateError> {
        let path = self.path.join(PROGRESS);
        let whole = file::write_generation(&path, &json(&path, progress)?);
        let mark = Mark {
            sequence: progress.sequence,
            previous: progress.previous,
            acknowledged: progress.acknowledged,
        };
        let marked = mark::write(&self.path.join(MARK), mark);
        match (whole, marked) {
            (Ok(()), Ok(())) => Ok(Saved::Whole),
            (Ok(()), Err(error)) => {
                let error: &dyn std::error::Error = &error;
                tracing::debug!(stage = "state", error, "mark not written");
                Ok(Saved::Whole)
            }
            (Err(source), Ok(())) => Ok(Saved::Mark(file_error(&path, source))),
            (Err(source), Err(_)) => Err(file_error(&path, source)),
        }
    }
}

/// How much of a progress is durable.
#[derive(Debug)]
pub enum Saved {
    /// All of it.
    Whole,
    /// Its numbers alone, and why not more.
    Mark(StateError),
}

/// What was found in one of two places.
enum Found<T> {
    First(T),
    Second(T),
    None,
}

impl<T> Found<T> {
    fn value(self) -> Option<T> {
        match self {
            Self::First(value) | Self::Second(value) => Some(value),
            Self::None => None,
        }
    }
}

fn either<T: serde::de::DeserializeOwned>(
    path: &Path,
    second: &Path,
    newest: u16,
) -> Result<Found<T>, StateError> {
    let first = match read(path, newest) {
        Ok(Some(value)) => return Ok(Found::First(value)),
        Err(error) if !error.asks_for_the_copy() => return Err(error),
        first => first,
    };
    match read(second, newest) {
        Ok(Some(value)) => {
            tell_recovery(path);
            Ok(Found::Second(value))
        }
        Err(error @ StateError::Newer { .. }) => Err(error),
        _ => first.map(|_: Option<T>| Found::None),
    }
}

fn tell_recovery(path: &Path) {
    let code = "AGT-035";
    let told = fill(code, Lang::default(), &path.display().to_string());
    tracing::warn!(stage = "state", code, told);
}

fn read<T: serde::de::DeserializeOwned>(path: &Path, newest: u16) -> Result<Option<T>, StateError> {
    let damaged = |source| StateError::Damaged {
        path: path.to_owned(),
        source,
    };
    let bytes = match file::read_summed(path).map_err(|source| file_error(path, source))? {
        Some(file::Summed::Whole(bytes)) => bytes,
        Some(file::Summed::Torn) => {
            return Err(damaged(serde::de::Error::custom(
                "the check sum does not fit",
            )));
        }
        None => return Ok(None),
    };
    let found: VersionOnly = serde_json::from_slice(&bytes).map_err(damaged)?;
    if found.version > newest {
        return Err(StateError::Newer {
            path: path.to_owned(),
            version: found.version,
        });
    }
    serde_json::from_slice(&bytes).map(Some).map_err(damaged)
}

fn json<T: serde::Serialize>(path: &Path, value: &T) -> Result<Vec<u8>, StateError> {
    serde_json::to_vec(value).map_err(|source| StateError::Damaged {
        path: path.to_owned(),
        source,
    })
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

/// By the marker, or by an identity beside a marker that was lost.
fn is_ours(path: &Path) -> Result<bool, StateError> {
    let marker = path.join(MARKER);
    match file::read_bounded(&marker) {
        Ok(text) if text.as_deref() == Some(MARKER_TEXT) => Ok(true),
        Ok(_) => Ok(has_identity(path)),
        // The path is a file, not a folder.
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
            Err(StateError::NotOurs(path.to_owned()))
        }
        Err(source) => Err(file_error(&marker, source)),
    }
}

fn has_identity(path: &Path) -> bool {
    let first = path.join(IDENTITY);
    let is_identity =
        |path: &Path| matches!(read::<Identity>(path, Identity::VERSION), Ok(Some(_)));
    is_identity(&first) || is_identity(&file::copy(&first))
}

fn mend_marker(path: &Path) -> io::Result<()> {
    let marker = path.join(MARKER);
    if file::read_bounded(&marker)?.as_deref() == Some(MARKER_TEXT) {
        return Ok(());
    }
    write_atomically(&marker, MARKER_TEXT)
}

/// Whether nothing is in it but what an administrator may have put there beforehand, and what a
/// start left that was cut off.
fn is_free(path: &Path) -> Result<bool, StateError> {
    let failed = |source| file_error(path, source);
    for entry in std::fs::read_dir(path).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        let begun = format!(".{MARKER}.new");
        let is_begun = name == begun.as_str() || (name == MARKER && is_torn_marker(path));
        if name != SETTINGS && !is_begun {
            return Ok(false);
        }
    }
    Ok(true)
}

fn is_torn_marker(path: &Path) -> bool {
    let text = file::read_bounded(&path.join(MARKER)).ok().flatten();
    text.is_some_and(|it| MARKER_TEXT.starts_with(&it) || it.iter().all(|byte| *byte == 0))
}
