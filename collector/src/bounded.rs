//! Files from outside. Comes in: a path and the most bytes that its kind may have; goes out: the whole
//! file, or why not. It never reads more than one byte beyond the bound.

use std::fs::File;
use std::io::{Error, ErrorKind, Read, Result};
use std::path::Path;

/// A file of at most so many bytes.
pub(crate) fn read(path: &Path, most: u64) -> Result<Vec<u8>> {
    let file = File::open(path)?;
    // Room at once: a large file would be copied again and again. What the system says is a hint alone.
    let length = file.metadata().map_or(0, |it| it.len()).min(most);
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0) + 1);
    file.take(most + 1).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > most {
        let what = format!("larger than {most} bytes");
        return Err(Error::new(ErrorKind::FileTooLarge, what));
    }
    Ok(bytes)
}

/// Largest file of a folder of the site's own.
const TOML_MAX: u64 = 1024 * 1024;
/// Most files of such a folder.
const FILES_MAX: usize = 32;

/// Names and texts of a folder's TOML files, sorted by name; none, where there is no folder.
pub(crate) fn toml_files(folder: &Path) -> Result<Vec<(String, String)>> {
    let told = |path: &Path, error: Error| {
        Error::new(error.kind(), format!("{}: {error}", path.display()))
    };
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(told(folder, error)),
    };
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| told(folder, error))?.path();
        if path.extension().is_some_and(|it| it == "toml") {
            paths.push(path);
        }
        if paths.len() > FILES_MAX {
            let what = format!("{}: > {FILES_MAX}", folder.display());
            return Err(Error::new(ErrorKind::FileTooLarge, what));
        }
    }
    paths.sort();
    let mut files = Vec::new();
    for path in paths {
        let bytes = read(&path, TOML_MAX).map_err(|error| told(&path, error))?;
        let text = String::from_utf8(bytes);
        let text = text.map_err(|_| told(&path, Error::new(ErrorKind::InvalidData, "no UTF-8")))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        files.push((name.into_owned(), text));
    }
    Ok(files)
}
