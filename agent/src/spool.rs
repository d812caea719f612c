//! Reports that the collector does not have yet, one file each, as they travel. Comes in: sealed
//! reports; goes out: the same, oldest first. It never grows beyond its bounds and never lets a
//! damaged file stop the others.

use std::io;
use std::path::{Path, PathBuf};

use daicho_report::{DICTIONARY, Limit, LimitError, Report, check_json};

use crate::message::{Lang, Told};
use crate::platform::space;
use crate::state::{disk, file_code, write_atomically};

mod room;

#[cfg(test)]
mod tests;

const FOLDER: &str = "spool";
const QUARANTINE: &str = "quarantine";
const SUFFIX: &str = ".json.zst";
/// Damaged or refused files that are kept for a person to look at.
const QUARANTINE_MAX: usize = 16;
/// Files in the folder that are looked at; more than any bound that can be set.
const FILES_MAX: usize = 100_000;
const LEVEL: i32 = 3;

/// How much may wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpoolLimit {
    /// Reports.
    pub reports: usize,
    /// Bytes of all reports, compressed.
    pub bytes: u64,
}

impl Default for SpoolLimit {
    /// Three weeks of hourly reports.
    fn default() -> Self {
        Self {
            reports: 512,
            bytes: 64 << 20,
        }
    }
}

/// Why the spool cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    /// The system refused.
    #[error("read or write `{path}`")]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file is no report.
    #[error("read report {sequence} from the spool")]
    Damaged {
        /// Which report.
        sequence: u64,
        /// Why.
        #[source]
        source: Damage,
    },
    /// A report cannot be encoded.
    #[error("encode the report")]
    Encode(#[source] io::Error),
}

/// What is wrong with a file of the spool.
#[derive(Debug, thiserror::Error)]
pub enum Damage {
    /// Not zstd, or cut off.
    #[error("decompress")]
    Zstd(#[source] io::Error),
    /// Outside the limits.
    #[error("accept the size")]
    Limit(#[source] LimitError),
    /// Not a report.
    #[error("parse")]
    Json(#[source] serde_json::Error),
    /// Not the report that the name says.
    #[error("match the file's name with its content")]
    Name,
}

impl Told for SpoolError {
    fn code(&self) -> &'static str {
        match self {
            Self::File { source, .. } => file_code(source),
            Self::Damaged { .. } => "AGT-020",
            Self::Encode(_) => "AGT-028",
        }
    }

    fn detail(&self, _lang: Lang) -> String {
        match self {
            Self::File { path, .. } => path.display().to_string(),
            Self::Damaged { sequence, .. } => format!("{FOLDER}/{}", file_name(*sequence)),
            Self::Encode(_) => String::new(),
        }
    }
}

impl SpoolError {
    /// Whether trying again cannot help for this report: damaged, gone, or on a bad sector.
    #[must_use]
    pub fn is_lasting(&self) -> bool {
        match self {
            Self::Damaged { .. } => true,
            Self::File { source, .. } => source.kind() != io::ErrorKind::PermissionDenied,
            Self::Encode(_) => false,
        }
    }
}

/// A report in the spool.
#[derive(Debug, Clone)]
pub struct Spooled {
    /// Its sequence.
    pub sequence: u64,
    /// Its bytes, as they travel.
    pub compressed: Vec<u8>,
    /// What they say.
    pub report: Report,
}

/// What waits, and how much of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Reports.
    pub reports: usize,
    /// Their bytes.
    pub bytes: u64,
}

/// The spool of one agent.
#[derive(Debug)]
pub struct Spool {
    folder: PathBuf,
    quarantine: PathBuf,
    limit: SpoolLimit,
}

struct File {
    sequence: u64,
    bytes: u64,
}

impl Spool {
    /// The spool in this state folder; it is made when the first report comes.
    #[must_use]
    pub fn new(state: &Path, limit: SpoolLimit) -> Self {
        Self {
            folder: state.join(FOLDER),
            quarantine: state.join(QUARANTINE),
            limit,
        }
    }

    /// Sequences that wait, oldest first.
    pub fn sequences(&self) -> Result<Vec<u64>, SpoolError> {
        Ok(self.files()?.iter().map(|file| file.sequence).collect())
    }

    /// How much waits.
    pub fn waiting(&self) -> Result<Waiting, SpoolError> {
        let files = self.files()?;
        Ok(Waiting {
            reports: files.len(),
            bytes: files.iter().map(|file| file.bytes).sum(),
        })
    }

    /// Drops the oldest reports that leave no room for this one, keeps it durably, and says how many
    /// were dropped.
    pub fn put(&self, sequence: u64, report: &Report) -> Result<usize, SpoolError> {
        let compressed = compress(report).map_err(SpoolError::Encode)?;
        disk::create_folder(&self.folder).map_err(|source| file_error(&self.folder, source))?;
        let mut others = self.files()?;
        others.retain(|file| file.sequence != sequence);
        let new = u64::try_from(compressed.len()).unwrap_or(u64::MAX);
        let waiting = others.iter().map(|file| file.bytes).sum();
        let surplus = room::surplus(&others, self.limit.reports, self.bound(waiting), new);
        let mut oldest = others.iter();
        for file in oldest.by_ref().take(surplus) {
            self.remove(file.sequence)?;
        }
        let path = self.path(sequence);
        let mut dropped = surplus;
        let mut freed = 0;
        loop {
            let error = match write_atomically(&path, &compressed) {
                Ok(()) => return Ok(dropped),
                Err(error) => error,
            };
            // Somebody else may take what is freed: the backlog is not given up for one report.
            let next = oldest.next().filter(|_| room::may_help(&error, freed, new));
            let Some(file) = next else {
                return Err(file_error(&path, error));
            };
            self.remove(file.sequence)?;
            dropped += 1;
            freed += file.bytes;
        }
    }

    /// The most bytes that may lie here, where so many lie now.
    fn bound(&self, waiting: u64) -> u64 {
        // Where the system does not tell, the fixed bound alone holds.
        let growth = space::of(&self.folder).map_or(u64::MAX, room::growth);
        self.limit.bytes.min(waiting.saturating_add(growth))
    }

    /// Reads one report back; damage says that it will never be one.
    pub fn read(&self, sequence: u64) -> Result<Spooled, SpoolError> {
        let path = self.path(sequence);
        let compressed = read_file(&path).map_err(|source| file_error(&path, source))?;
        let damaged = |source| SpoolError::Damaged { sequence, source };
        let json = decompress(&compressed).map_err(damaged)?;
        let report: Report =
            serde_json::from_slice(&json).map_err(|source| damaged(Damage::Json(source)))?;
        match report.open() {
            Ok(envelope) if envelope.sequence == sequence => Ok(Spooled {
                sequence,
                compressed,
                report,
            }),
            _ => Err(damaged(Damage::Name)),
        }
    }

    /// Puts a report aside that cannot be sent; the newest few stay for a person to look at.
    pub fn set_aside(&self, sequence: u64) -> Result<(), SpoolError> {
        let from = self.path(sequence);
        let kept = disk::create_folder(&self.quarantine)
            .and_then(|()| disk::rename(&from, &self.quarantine.join(file_name(sequence))));
        // On a full disk there is no room even for that: then nobody can look at it.
        if kept.is_err() {
            return self.remove(sequence);
        }
        let aside = list(&self.quarantine)?;
        for old in aside.iter().rev().skip(QUARANTINE_MAX) {
            let path = self.quarantine.join(file_name(old.sequence));
            disk::remove(&path).map_err(|source| file_error(&path, source))?;
        }
        Ok(())
    }

    /// Forgets what the collector has.
    pub fn remove_through(&self, sequence: u64) -> Result<(), SpoolError> {
        self.remove_where(|file| file.sequence <= sequence)
    }

    /// Forgets what was never counted: a power cut came between the report and the state, or within
    /// the report.
    pub fn remove_after(&self, sequence: u64) -> Result<(), SpoolError> {
        self.remove_where(|file| file.sequence > sequence)?;
        for path in begun(&self.folder)? {
            disk::remove(&path).map_err(|source| file_error(&path, source))?;
        }
        Ok(())
    }

    fn remove_where(&self, which: impl Fn(&File) -> bool) -> Result<(), SpoolError> {
        for file in self.files()?.iter().filter(|file| which(file)) {
            self.remove(file.sequence)?;
        }
        Ok(())
    }

    /// Forgets one report.
    pub fn remove(&self, sequence: u64) -> Result<(), SpoolError> {
        let path = self.path(sequence);
        disk::remove(&path).map_err(|source| file_error(&path, source))
    }

    fn files(&self) -> Result<Vec<File>, SpoolError> {
        list(&self.folder)
    }

    fn path(&self, sequence: u64) -> PathBuf {
        self.folder.join(file_name(sequence))
    }
}

/// The bytes of a report as they travel.
pub fn compress(report: &Report) -> io::Result<Vec<u8>> {
    let json = serde_json::to_vec(report)?;
    zstd::bulk::Compressor::with_dictionary(LEVEL, DICTIONARY)?.compress(&json)
}

fn decompress(compressed: &[u8]) -> Result<Vec<u8>, Damage> {
    let json = zstd::bulk::Decompressor::with_dictionary(DICTIONARY)
        .and_then(|mut it| it.decompress(compressed, Limit::REPORT.bytes))
        .map_err(Damage::Zstd)?;
    check_json(&json, &Limit::REPORT).map_err(Damage::Limit)?;
    Ok(json)
}

fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    let size = std::fs::metadata(path)?.len();
    if size > u64::try_from(Limit::COMPRESSED_BYTES * 2).unwrap_or(u64::MAX) {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    std::fs::read(path)
}

/// The reports of a folder, oldest first; names that are none of ours are left alone.
fn list(folder: &Path) -> Result<Vec<File>, SpoolError> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(file_error(folder, source)),
    };
    let mut files = Vec::new();
    for entry in entries.take(FILES_MAX) {
        let entry = entry.map_err(|source| file_error(folder, source))?;
        let Some(sequence) = entry.file_name().to_str().and_then(sequence_of) else {
            continue;
        };
        let size = entry.metadata().map(|it| it.len());
        let bytes = size.map_err(|source| file_error(&entry.path(), source))?;
        files.push(File { sequence, bytes });
    }
    files.sort_by_key(|file| file.sequence);
    Ok(files)
}

/// Files that a power cut left begun.
fn begun(folder: &Path) -> Result<Vec<PathBuf>, SpoolError> {
    let failed = |source| file_error(folder, source);
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(failed)?,
    };
    let mut begun = Vec::new();
    for entry in entries.take(FILES_MAX) {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name();
        let inner = name
            .to_str()
            .and_then(|it| it.strip_prefix('.')?.strip_suffix(".new"));
        if inner.and_then(sequence_of).is_some() {
            begun.push(entry.path());
        }
    }
    Ok(begun)
}

fn file_name(sequence: u64) -> String {
    format!("{sequence:020}{SUFFIX}")
}

fn sequence_of(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(SUFFIX)?;
    (digits.len() == 20).then(|| digits.parse().ok())?
}

fn file_error(path: &Path, source: io::Error) -> SpoolError {
    SpoolError::File {
        path: path.to_owned(),
        source,
    }
}
