//! The data folder: keys, settings, the store and `out/`. Comes in: a path; goes out: a folder that
//! is ours, made new or continued. Anything else is refused and left as it is.

use std::fs::{File, TryLockError};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use daicho_report::{ReportKey, Time};
use serde::{Deserialize, Serialize};

use crate::authority::Authority;
use crate::clock::Clock;
use crate::platform;
use crate::refusal::Refused;

/// The file that says whose folder it is.
const MARKER: &str = "daicho.json";
/// The folder's layout that this version writes and reads.
const FORMAT: u16 = 1;
const LOG_KEY: &str = "keys/log.key";
const CA_KEY: &str = "keys/ca.key";
const CA: &str = "keys/ca.der";
const SMALL_BYTES_MAX: u64 = 64 * 1024;

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Marker {
    product: String,
    format: u16,
    created_at: Time,
}

/// A data folder that is ours.
#[derive(Debug, Clone)]
pub struct DataFolder {
    path: PathBuf,
}

/// Nobody else writes while this lives.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

fn refused(code: &'static str, path: &Path, error: &io::Error) -> Refused {
    Refused::new(code, format!("{} ({error})", path.display()))
}

/// A small file of ours, whole.
pub(crate) fn small_file(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?
        .take(SMALL_BYTES_MAX + 1)
        .read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > SMALL_BYTES_MAX {
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            "larger than 64 KiB",
        ));
    }
    Ok(bytes)
}

impl DataFolder {
    /// Continues a folder of ours, or makes one where nothing or an empty folder is.
    pub fn open(path: &Path, clock: &Clock) -> Result<Self, Refused> {
        let empty = match std::fs::read_dir(path) {
            Ok(mut entries) => entries.next().is_none(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => true,
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
                return Err(Refused::new("DAT-001", path.display().to_string()));
            }
            Err(error) => return Err(refused("DAT-002", path, &error)),
        };
        if !empty {
            return Self::open_existing(path);
        }
        make(path, clock.now())?;
        Ok(Self {
            path: path.to_owned(),
        })
    }

    /// Continues a folder of ours; makes nothing.
    pub fn open_existing(path: &Path) -> Result<Self, Refused> {
        let bytes = match small_file(&path.join(MARKER)) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let there =
                    std::fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_some());
                let code = if there { "DAT-001" } else { "DAT-003" };
                return Err(Refused::new(code, path.display().to_string()));
            }
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
                return Err(Refused::new("DAT-001", path.display().to_string()));
            }
            Err(error) => return Err(refused("DAT-002", path, &error)),
        };
        let marker: Option<Marker> = serde_json::from_slice(&bytes).ok();
        match marker {
            Some(marker) if marker.product == "daicho" && marker.format == FORMAT => Ok(Self {
                path: path.to_owned(),
            }),
            Some(marker) if marker.product == "daicho" => Err(Refused::new(
                "DAT-004",
                format!("{} ({})", path.display(), marker.format),
            )),
            _ => Err(Refused::new("DAT-001", path.display().to_string())),
        }
    }

    /// Keeps other writers out.
    pub fn lock(&self) -> Result<Lock, Refused> {
        let path = self.path.join("lock");
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path);
        let file = file.map_err(|error| refused("DAT-002", &path, &error))?;
        match file.try_lock() {
            Ok(()) => Ok(Lock { _file: file }),
            Err(TryLockError::WouldBlock) => {
                Err(Refused::new("DAT-005", self.path.display().to_string()))
            }
            Err(TryLockError::Error(error)) => Err(refused("DAT-002", &path, &error)),
        }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where files for people go.
    #[must_use]
    pub fn out(&self) -> PathBuf {
        self.path.join("out")
    }

    /// The embedded database.
    #[must_use]
    pub fn store_path(&self) -> PathBuf {
        self.path.join("store.sqlite")
    }

    /// The settings, which need not be there.
    #[must_use]
    pub fn config_path(&self) -> PathBuf {
        self.path.join("daicho.toml")
    }

    /// The key that signs the log's heads.
    pub fn log_key(&self) -> Result<ReportKey, Refused> {
        let path = self.path.join(LOG_KEY);
        let secret: [u8; 32] = key_file(&path)?
            .try_into()
            .map_err(|_| Refused::new("DAT-006", path.display().to_string()))?;
        Ok(ReportKey::from_secret(&secret))
    }

    /// The collector's own certificate authority.
    pub fn authority(&self) -> Result<Authority, Refused> {
        let key = key_file(&self.path.join(CA_KEY))?;
        Authority::new(&key, key_file(&self.path.join(CA))?)
    }
}

/// Makes everything that a folder of ours always holds.
fn make(path: &Path, now: Time) -> Result<(), Refused> {
    let failed = |error: io::Error| refused("DAT-002", path, &error);
    for folder in [path, &path.join("keys"), &path.join("out")] {
        platform::private_folder(folder).map_err(failed)?;
    }
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).map_err(|error| failed(io::Error::other(error)))?;
    let ca_key = Authority::new_key().map_err(failed)?;
    let ca = Authority::new_certificate(&ca_key, now)?;
    let marker = Marker {
        product: "daicho".to_owned(),
        format: FORMAT,
        created_at: now,
    };
    let marker = serde_json::to_vec_pretty(&marker).map_err(|error| failed(error.into()))?;
    // The marker comes last: a folder without it is not ours yet, and one with it has its keys.
    for (name, bytes) in [
        (LOG_KEY, secret.as_slice()),
        (CA_KEY, &ca_key),
        (CA, &ca),
        (MARKER, &marker),
    ] {
        platform::private_file(&path.join(name), bytes).map_err(failed)?;
    }
    Ok(())
}

/// A key or certificate of ours. One that is gone is never replaced: what it signed would no longer
/// fit.
fn key_file(path: &Path) -> Result<Vec<u8>, Refused> {
    // One that cannot be looked at fails just below.
    if platform::open_to_others(path).unwrap_or(false) {
        let shown = path.display().to_string();
        tracing::warn!(stage = "data", path = shown, "others may read a key");
    }
    small_file(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Refused::new("DAT-007", path.display().to_string()),
        _ => refused("DAT-002", path, &error),
    })
}

#[cfg(test)]
mod tests;
