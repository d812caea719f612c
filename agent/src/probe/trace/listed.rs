//! What the data file lists. Comes in: folders, beginnings of tasks, names of credentials and domains,
//! each with what it shows; goes out: which of the listed folders are here. No folder is read but for
//! its listed version file, and none that is not listed is looked for.

use std::sync::LazyLock;

use daicho_report::{ListedFolder, Reading, Reason};
use serde::Deserialize;

use super::super::field::line;
use super::bounded;
use crate::platform::{Miss, Source};

#[cfg(test)]
mod tests;

pub(super) static LISTED: LazyLock<Listed> =
    LazyLock::new(|| listed(include_str!("../../data/trace.toml")));

const PLACES: &str = "listed folders";
const VERSION_BYTES_MAX: usize = 4 << 10;
const VERSION_MAX: usize = 64;

/// The data file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Listed {
    /// Domains: of what was resolved lately, names below these are told.
    pub(super) domain: Vec<Entry>,
    /// Folders.
    pub(super) folder: Vec<Entry>,
    /// Beginnings of the names of tasks.
    pub(super) task: Vec<Entry>,
    /// Names of stored credentials: looked for, never opened.
    pub(super) credential: Vec<Entry>,
}

/// One of them.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Entry {
    /// The domain, folder, beginning or name.
    pub(super) name: String,
    /// Where it can be: `linux`, `windows`; of a domain, everywhere.
    pub(super) systems: Vec<String>,
    /// On Windows, what the folder stands below (`program_files`, `program_data`, `drive`).
    pub(super) below: String,
    /// A file in the folder whose first line is the version.
    pub(super) version_file: Option<String>,
    /// What it shows, for people.
    pub(super) shows: String,
    /// What kind of line or service that is.
    pub(super) kind: String,
    /// Where the entry was read, when, and whether a public source says it.
    pub(super) source: String,
    pub(super) checked: String,
    pub(super) confirmed: bool,
}

/// The entries of the data file, which is part of the program; a test reads it.
fn listed(text: &str) -> Listed {
    toml::from_str(text).unwrap_or_default()
}

/// Listed folders of Linux that are here.
pub(super) fn folders(source: &Source) -> Reading<Vec<ListedFolder>> {
    bounded(found(source), PLACES)
}

fn found(source: &Source) -> Result<Vec<ListedFolder>, Reason> {
    let mut found = Vec::new();
    let here = LISTED.folder.iter();
    for entry in here.filter(|it| it.systems.iter().any(|it| it == "linux")) {
        if source.has(&entry.name)? {
            found.push(ListedFolder {
                name: entry.name.clone(),
                version: version(source, entry, &entry.name, '/')?,
            });
        }
    }
    Ok(found)
}

/// The first line of the version file, where it looks like a version.
pub(super) fn version(
    source: &Source,
    entry: &Entry,
    folder: &str,
    separator: char,
) -> Result<Option<String>, Reason> {
    let Some(file) = &entry.version_file else {
        return Ok(None);
    };
    match source.head(&format!("{folder}{separator}{file}"), VERSION_BYTES_MAX) {
        Ok(bytes) => Ok(version_in(&String::from_utf8_lossy(&bytes))),
        Err(Miss::Absent) => Ok(None),
        Err(Miss::Unknown(reason)) => Err(reason),
    }
}

fn version_in(text: &str) -> Option<String> {
    let first = line(text)?;
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '+' | '~');
    let is_version = first.len() <= VERSION_MAX
        && first.chars().all(fits)
        && first.contains(|c: char| c.is_ascii_digit());
    is_version.then_some(first)
}
