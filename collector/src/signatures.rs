//! The site's own signature files. Comes in: the folder `signatures` in the data folder; goes out:
//! what they and the shipped ones know, a file of the site's in place of the shipped one of its name.
//! It uses nothing of a folder in which one file has a flaw.

use std::path::{Path, PathBuf};

use daicho_graph::Knowledge;

use crate::bounded;
use crate::refusal::Refused;

/// Where a data folder keeps them.
#[must_use]
pub fn folder(data: &Path) -> PathBuf {
    data.join("signatures")
}

/// Reads the folder; one that is not there leaves the shipped files.
pub fn read(folder: &Path) -> Result<Knowledge, Refused> {
    let files = bounded::toml_files(folder);
    let files = files.map_err(|error| Refused::new("SIG-001", error.to_string()))?;
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

#[cfg(test)]
mod tests;
