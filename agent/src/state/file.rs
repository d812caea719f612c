//! One file, written so that a power cut leaves the old or the new content, never half of it. Comes
//! in: a path and bytes; goes out: the file, mode 0600, with a check sum where it is the agent's own
//! and a second one beside it. It never follows a name that it did not make.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use daicho_report::Hash;

use super::disk;

/// Larger than any state that the bounds on its parts allow.
const BYTES_MAX: u64 = 128 << 20;
/// Begins the last line of a file with a check sum.
const SUM: &[u8] = b"\nsha256 ";
const HEX_BYTES: usize = 64;

/// Writes a new file beside the old one, makes it durable, and renames it over the old one.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> io::Result<()> {
    replace(path, bytes, || {})
}

fn replace(path: &Path, bytes: &[u8], before_rename: impl FnOnce()) -> io::Result<()> {
    let new = beside(path, ".new")?;
    disk::remove(&new)?;
    let result = disk::write_new(&new, bytes).and_then(|()| {
        before_rename();
        disk::rename(&new, path)
    });
    if let Err(error) = result {
        // The old content stands; what was half written must not stay behind on a full disk.
        let _ = disk::remove(&new);
        return Err(error);
    }
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
    disk::sync_folder(folder.unwrap_or(Path::new(".")))
}

/// `.NAME.new` for `NAME`: what [`write_atomically`] has begun.
fn beside(path: &Path, suffix: &str) -> io::Result<PathBuf> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidFilename)?;
    let mut hidden = std::ffi::OsString::from(".");
    hidden.push(name);
    hidden.push(suffix);
    Ok(path.with_file_name(hidden))
}

/// The generation before the newest one.
pub(super) fn old(path: &Path) -> PathBuf {
    with_ending(path, ".old")
}

/// The second copy of a file that changes seldom.
pub(super) fn copy(path: &Path) -> PathBuf {
    with_ending(path, ".copy")
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Writes the next generation and keeps the one before, so that one damaged file loses one step.
pub(super) fn write_generation(path: &Path, json: &[u8]) -> io::Result<()> {
    replace(path, &summed(json), || {
        // A damaged generation must not take the place of a sound one.
        if !matches!(read_summed(path), Ok(Some(Summed::Whole(_)))) {
            return;
        }
        let old = old(path);
        // A file system without second names has no second generation, rather than a stale one.
        if keep_old(path, &old).is_err() {
            let _ = disk::remove(&old);
        }
    })
}

fn keep_old(path: &Path, old: &Path) -> io::Result<()> {
    let begun = beside(old, ".new")?;
    disk::remove(&begun)?;
    disk::link(path, &begun)?;
    disk::rename(&begun, old)
}

/// Writes the same twice, one after the other: at least one of both is always whole.
pub(super) fn write_twice(path: &Path, json: &[u8]) -> io::Result<()> {
    let bytes = summed(json);
    write_atomically(path, &bytes)?;
    write_copy(path, &bytes);
    Ok(())
}

/// Makes the copy what the file is, where it is not; a copy that cannot be written is none.
pub(super) fn mend_copy(path: &Path) {
    let Ok(Some(bytes)) = read_bounded(path) else {
        return;
    };
    if !matches!(read_bounded(&copy(path)), Ok(Some(second)) if second == bytes) {
        write_copy(path, &bytes);
    }
}

fn write_copy(path: &Path, bytes: &[u8]) {
    let copy = copy(path);
    if write_atomically(&copy, bytes).is_err() {
        let _ = disk::remove(&copy);
    }
}

/// The content of a file, as far as its check sum tells.
#[derive(Debug)]
pub(super) enum Summed {
    /// As it was written. Without a check sum it may have been written by hand or be cut off.
    Whole(Vec<u8>),
    /// Not as it was written.
    Torn,
}

/// The content without the check sum; `None` where there is no file.
pub(super) fn read_summed(path: &Path) -> io::Result<Option<Summed>> {
    let Some(mut bytes) = read_bounded(path)? else {
        return Ok(None);
    };
    let last = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
    let Some(at) = last.len().checked_sub(SUM.len() + HEX_BYTES) else {
        return Ok(Some(Summed::Whole(bytes)));
    };
    let (content, sum) = last.split_at(at);
    let Some(sum) = sum.strip_prefix(SUM) else {
        return Ok(Some(Summed::Whole(bytes)));
    };
    if Hash::of(content).to_string().as_bytes() != sum {
        return Ok(Some(Summed::Torn));
    }
    bytes.truncate(at);
    Ok(Some(Summed::Whole(bytes)))
}

fn summed(json: &[u8]) -> Vec<u8> {
    let sum = Hash::of(json).to_string();
    [json, SUM, sum.as_bytes(), b"\n"].concat()
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
