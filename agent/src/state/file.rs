//! One file, written so that a power cut leaves the old or the new content, never half of it.
//! Comes in: a path and bytes; goes out: the file, mode 0600. It never follows a name that it did
//! not make.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use crate::platform::private;

/// Larger than any state that the bounds on its parts allow.
const BYTES_MAX: u64 = 128 << 20;

/// Writes a new file beside the old one, makes it durable, and renames it over the old one.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let new = beside(path)?;
    match std::fs::remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let result = write_new(&new, bytes).and_then(|()| std::fs::rename(&new, path));
    if let Err(error) = result {
        // The old content stands; what was half written must not stay behind on a full disk.
        let _ = std::fs::remove_file(&new);
        return Err(error);
    }
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
    private::sync_folder(folder.unwrap_or(Path::new(".")))
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = private::create_file(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn beside(path: &Path) -> io::Result<PathBuf> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidFilename)?;
    let mut hidden = std::ffi::OsString::from(".");
    hidden.push(name);
    hidden.push(".new");
    Ok(path.with_file_name(hidden))
}

/// The whole file, or `None` where there is none.
pub(super) fn read_bounded(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut bytes = Vec::new();
    file.take(BYTES_MAX + 1).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > BYTES_MAX {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok(Some(bytes))
}
