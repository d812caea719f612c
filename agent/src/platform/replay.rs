//! Recordings: every answer that a machine gave, in one JSON file that a person can read. Comes in:
//! answers by what was asked; goes out: the same answers, later and anywhere. What a recording does
//! not hold was not asked.

mod redact;

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use daicho_report::Reason;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Answer, Miss};

/// The file in a recording's folder.
pub const FILE: &str = "bundle.json";
/// The format that this version writes and reads.
const FORMAT: u16 = 1;
/// A recording is refused above this.
const BYTES_MAX: u64 = 128 << 20;

/// Every answer of a machine, by `what of` (`file /etc/os-release`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    format: u16,
    /// The kind of system that was read.
    system: String,
    /// What is true of files and folders that it does not name.
    #[serde(default, skip_serializing_if = "Rest::is_not_asked")]
    rest: Rest,
    answers: BTreeMap<String, Value>,
}

/// What a recording says of files, folders and keys that it does not name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Rest {
    /// Nobody asked: recorded from a machine.
    #[default]
    NotAsked,
    /// They are not there: written by hand as a whole machine.
    Absent,
    /// The system refused, whatever was asked: written by hand.
    Denied,
    /// No answer came, whatever was asked: written by hand.
    TimedOut,
}

impl Rest {
    fn is_not_asked(&self) -> bool {
        *self == Self::NotAsked
    }
}

/// Questions about files, folders and the registry.
const OF_FILES: &[&str] = &[
    "file",
    "head",
    "tail",
    "folder",
    "folder_bytes",
    "link",
    "born",
    "modified",
    "offers",
    "registry",
    "registry_has",
    "registry_keys",
    "registry_names",
];

/// Why a recording could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// The source is not one that records.
    #[error("save a recording of a source that does not record")]
    NothingRecorded,
    /// The file system refused.
    #[error("use `{path}`")]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// There is something in the folder already.
    #[error("write a recording into `{0}`, which holds one already")]
    Taken(PathBuf),
    /// It is too large.
    #[error("read `{path}`, which has more than {BYTES_MAX} bytes")]
    TooLarge {
        /// Which file.
        path: PathBuf,
    },
    /// It is no recording, or of a newer format.
    #[error("read `{path}` as a recording of format {FORMAT}")]
    Form {
        /// Which file.
        path: PathBuf,
        /// Why, when it is no JSON of that shape.
        #[source]
        source: Option<serde_json::Error>,
    },
}

impl Bundle {
    /// An empty recording of a kind of system.
    #[must_use]
    pub fn new(system: &str) -> Self {
        Self {
            format: FORMAT,
            system: system.to_owned(),
            rest: Rest::NotAsked,
            answers: BTreeMap::new(),
        }
    }

    /// The kind of system that was read.
    pub(super) fn system(&self) -> &str {
        &self.system
    }

    /// Reads the recording in a folder.
    pub fn load(folder: &Path) -> Result<Self, BundleError> {
        let path = folder.join(FILE);
        let failed = |source| BundleError::File {
            path: path.clone(),
            source,
        };
        let mut bytes = Vec::new();
        let file = std::fs::File::open(&path).map_err(failed)?;
        file.take(BYTES_MAX + 1)
            .read_to_end(&mut bytes)
            .map_err(failed)?;
        if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > BYTES_MAX {
            return Err(BundleError::TooLarge { path });
        }
        match serde_json::from_slice::<Self>(&bytes) {
            Ok(bundle) if bundle.format == FORMAT => Ok(bundle),
            Ok(_) => Err(BundleError::Form { path, source: None }),
            Err(error) => Err(BundleError::Form {
                path,
                source: Some(error),
            }),
        }
    }

    /// Writes it into a folder, which is made when it is not there.
    pub fn save(&self, folder: &Path, redact: bool) -> Result<(), BundleError> {
        let path = folder.join(FILE);
        if path.exists() {
            return Err(BundleError::Taken(folder.to_owned()));
        }
        let failed = |source| BundleError::File {
            path: path.clone(),
            source,
        };
        let shown = if redact {
            redact::redacted(self)
        } else {
            self.clone()
        };
        let mut text = serde_json::to_string_pretty(&shown).map_err(|error| BundleError::Form {
            path: path.clone(),
            source: Some(error),
        })?;
        text.push('\n');
        std::fs::create_dir_all(folder).map_err(failed)?;
        super::private::create_file(&path)
            .and_then(|mut file| {
                file.write_all(text.as_bytes())
                    .and_then(|()| file.sync_all())
            })
            .map_err(failed)
    }

    /// With an answer to a question.
    #[must_use]
    pub fn with<T: Serialize>(mut self, what: &str, of: &str, value: &T) -> Self {
        let answer: Answer<&T> = Ok(value);
        self.keep(what, of, &answer);
        self
    }

    /// With a text file.
    #[must_use]
    pub fn with_text(self, path: &str, text: &str) -> Self {
        self.with_bytes("file", path, text.as_bytes())
    }

    /// With bytes as the answer: `file` or `head`.
    #[must_use]
    pub fn with_bytes(self, what: &str, path: &str, bytes: &[u8]) -> Self {
        self.with(what, path, &super::raw::Bytes::from(bytes.to_vec()))
    }

    /// With a folder's names.
    #[must_use]
    pub fn with_folder(self, path: &str, names: &[&str]) -> Self {
        let mut names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        names.sort();
        self.with("folder", path, &names)
    }

    /// With a question that got no answer.
    #[must_use]
    pub fn with_miss(mut self, what: &str, of: &str, miss: Miss) -> Self {
        self.keep::<()>(what, of, &Err(miss));
        self
    }

    pub(super) fn keep<T: Serialize>(&mut self, what: &str, of: &str, answer: &Answer<T>) {
        // Raw values have a JSON form; one that had none would be missing, which reads "not asked".
        if let Ok(value) = serde_json::to_value(answer) {
            self.answers.insert(key(what, of), value);
        }
    }

    pub(super) fn answer<T: serde::de::DeserializeOwned>(&self, what: &str, of: &str) -> Answer<T> {
        let Some(value) = self.answers.get(&key(what, of)) else {
            return self.rest(what);
        };
        serde_json::from_value::<Answer<T>>(value.clone())
            .unwrap_or_else(|_| Err(Miss::Unknown(Reason::failed("recording"))))
    }
}

impl Bundle {
    /// The same, of a machine that has no other file or folder.
    #[must_use]
    pub fn with_nothing_else(mut self) -> Self {
        self.rest = Rest::Absent;
        self
    }

    fn rest<T: serde::de::DeserializeOwned>(&self, what: &str) -> Answer<T> {
        let absent = self.rest == Rest::Absent;
        if absent && what == "exists" {
            let there = serde_json::from_value(Value::Bool(false));
            return there.map_err(|_| Miss::Unknown(Reason::failed("recording")));
        }
        if absent && OF_FILES.contains(&what) {
            return Err(Miss::Absent);
        }
        Err(Miss::Unknown(match self.rest {
            Rest::Denied => Reason::Denied,
            Rest::TimedOut => Reason::TimedOut,
            Rest::NotAsked | Rest::Absent => Reason::NotAsked,
        }))
    }
}

fn key(what: &str, of: &str) -> String {
    format!("{what} {of}").trim_end().to_owned()
}

#[cfg(test)]
mod tests;
