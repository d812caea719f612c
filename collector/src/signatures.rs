//! The site's own signature files. Comes in: the folder `signatures` in the data folder; goes out:
//! what they and the shipped ones know, a file of the site's in place of the shipped one of its name.
//! It uses nothing of a folder in which one file has a flaw.

use std::io::Read;
use std::path::{Path, PathBuf};

use daicho_graph::Knowledge;

use crate::refusal::Refused;

/// Largest signature file.
const BYTES_MAX: u64 = 1024 * 1024;
/// Most files of a folder.
const FILES_MAX: usize = 32;

/// Where a data folder keeps them.
#[must_use]
pub fn folder(data: &Path) -> PathBuf {
    data.join("signatures")
}

/// Reads the folder; one that is not there leaves the shipped files.
pub fn read(folder: &Path) -> Result<Knowledge, Refused> {
    let files = files(folder)?;
    let texts: Vec<(&str, &str)> = files
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    Knowledge::read(&texts).map_err(|error| {
        let mut told = format!("{}:{}", error.file, error.line);
        let mut cause: Option<&dyn std::error::Error> = Some(&error.flaw);
        while let Some(error) = cause {
            told.push_str(": ");
            told.push_str(error.to_string().trim_end());
            cause = error.source();
        }
        Refused::new("SIG-002", told)
    })
}

/// Names and texts of the folder's TOML files, sorted by name.
fn files(folder: &Path) -> Result<Vec<(String, String)>, Refused> {
    let failed = |path: &Path, error: &std::io::Error| {
        Refused::new("SIG-001", format!("{}: {error}", path.display()))
    };
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(folder, &error)),
    };
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| failed(folder, &error))?.path();
        if path.extension().is_some_and(|it| it == "toml") {
            paths.push(path);
        }
        if paths.len() > FILES_MAX {
            let told = format!("{}: > {FILES_MAX}", folder.display());
            return Err(Refused::new("SIG-001", told));
        }
    }
    paths.sort();
    let mut files = Vec::new();
    for path in paths {
        let text = text(&path).map_err(|error| failed(&path, &error))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        files.push((name.into_owned(), text));
    }
    Ok(files)
}

/// The whole file, if it is a text and not too large.
fn text(path: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    let file = std::fs::File::open(path)?;
    file.take(BYTES_MAX + 1).read_to_string(&mut text)?;
    if text.len() as u64 > BYTES_MAX {
        let told = format!("> {BYTES_MAX} bytes");
        return Err(std::io::Error::new(std::io::ErrorKind::FileTooLarge, told));
    }
    Ok(text)
}

#[cfg(test)]
mod tests;
