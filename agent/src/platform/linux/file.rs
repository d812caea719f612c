//! Files, folders and links. Comes in: a path; goes out: bytes, names, times, or why there are none.
//! Nothing is opened that could make the agent wait: no pipe, device or socket, nothing on a file
//! system of another machine; a file that never ends is cut at the caller's bound.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::time::{SystemTime, UNIX_EPOCH};

use daicho_report::Reason;

use super::super::{Answer, FOLDER_ENTRIES_MAX, Miss};
use super::mount::{Last, reachable};

#[cfg(test)]
#[path = "file/tests.rs"]
mod tests;

pub(super) fn miss(error: &io::Error) -> Miss {
    match error.raw_os_error() {
        Some(libc::ENOENT | libc::ENOTDIR) => Miss::Absent,
        Some(libc::EACCES | libc::EPERM) => Miss::Unknown(Reason::Denied),
        Some(libc::ETIMEDOUT | libc::EAGAIN) => Miss::Unknown(Reason::TimedOut),
        Some(code) => Miss::Unknown(Reason::failed(format!("errno {code}"))),
        None => Miss::Unknown(Reason::failed(error.kind().to_string())),
    }
}

/// What stands at the end of a path, without opening it.
fn found(path: &str) -> Answer<Metadata> {
    reachable(path, Last::Followed)?;
    std::fs::metadata(path).map_err(|error| miss(&error))
}

/// Opens a regular file.
pub(super) fn open(path: &str) -> Answer<File> {
    let regular = |kind: std::fs::FileType| {
        let other = Miss::Unknown(Reason::failed("no regular file"));
        kind.is_file().then_some(()).ok_or(other)
    };
    // Asked before: opening a device may already do something (a watchdog starts, a tape rewinds).
    regular(found(path)?.file_type())?;
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NONBLOCK | libc::O_CLOEXEC | libc::O_NOCTTY)
        .open(path)
        .map_err(|error| miss(&error))?;
    // And after: it may have been changed in between.
    regular(file.metadata().map_err(|error| miss(&error))?.file_type())?;
    Ok(file)
}

fn read(file: File, max: usize) -> Answer<Vec<u8>> {
    let limit = u64::try_from(max).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    file.take(limit)
        .read_to_end(&mut bytes)
        .map_err(|error| miss(&error))?;
    Ok(bytes)
}

/// A whole file of at most `max` bytes; of a larger one nothing is read that its length gives away.
pub(in super::super) fn file(path: &str, max: usize) -> Answer<Vec<u8>> {
    let too_large = || Miss::Unknown(Reason::failed("EFBIG"));
    let file = open(path)?;
    let length = file.metadata().map_err(|error| miss(&error))?.len();
    if length > u64::try_from(max).unwrap_or(u64::MAX) {
        return Err(too_large());
    }
    // Files of `/proc` say 0, and others grow.
    let bytes = read(file, max.saturating_add(1))?;
    if bytes.len() > max {
        return Err(too_large());
    }
    Ok(bytes)
}

/// The first bytes of a file.
pub(in super::super) fn head(path: &str, len: usize) -> Answer<Vec<u8>> {
    read(open(path)?, len)
}

/// The last bytes of a file.
pub(in super::super) fn tail(path: &str, len: usize) -> Answer<Vec<u8>> {
    let mut file = open(path)?;
    let whole = file.metadata().map_err(|error| miss(&error))?.len();
    let limit = u64::try_from(len).unwrap_or(u64::MAX);
    file.seek(SeekFrom::Start(whole.saturating_sub(limit)))
        .map_err(|error| miss(&error))?;
    read(file, len)
}

/// The names in a folder, sorted.
pub(in super::super) fn folder(path: &str) -> Answer<Vec<String>> {
    reachable(path, Last::Followed)?;
    let mut names = Vec::new();
    for entry in std::fs::read_dir(path).map_err(|error| miss(&error))? {
        if names.len() >= FOLDER_ENTRIES_MAX {
            return Err(Miss::Unknown(Reason::failed("too many entries")));
        }
        let entry = entry.map_err(|error| miss(&error))?;
        names.push(entry.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

/// Bytes on the disk of the files in a folder and in the folders directly below.
pub(in super::super) fn folder_bytes(path: &str) -> Answer<u64> {
    let mut bytes = 0_u64;
    let mut folders = vec![path.to_owned()];
    let mut below = true;
    while let Some(folder) = folders.pop() {
        for name in self::folder(&folder)? {
            let place = format!("{folder}/{name}");
            // One that ended meanwhile is no failure.
            let Ok(found) = std::fs::symlink_metadata(&place) else {
                continue;
            };
            if found.is_file() {
                bytes = bytes.saturating_add(found.blocks().saturating_mul(512));
            } else if found.is_dir() && below && folders.len() < FOLDER_ENTRIES_MAX {
                folders.push(place);
            }
        }
        // What was found in the first folder is the level below; nothing further down is opened.
        below = false;
    }
    Ok(bytes)
}

/// Where a symbolic link points.
pub(in super::super) fn link(path: &str) -> Answer<String> {
    reachable(path, Last::Asked)?;
    let target = std::fs::read_link(path).map_err(|error| miss(&error))?;
    Ok(target.to_string_lossy().into_owned())
}

/// Whether something is there.
pub(in super::super) fn exists(path: &str) -> Answer<bool> {
    reachable(path, Last::Asked)?;
    match std::fs::symlink_metadata(path).map_err(|error| miss(&error)) {
        Ok(_) => Ok(true),
        Err(Miss::Absent) => Ok(false),
        Err(unknown) => Err(unknown),
    }
}

fn seconds(time: io::Result<SystemTime>) -> Answer<i64> {
    let time = time.map_err(|error| match error.kind() {
        io::ErrorKind::Unsupported => Miss::Unknown(Reason::Unsupported),
        _ => miss(&error),
    })?;
    let since = time.duration_since(UNIX_EPOCH);
    let since = since.map_err(|_| Miss::Unknown(Reason::failed("before 1970")))?;
    i64::try_from(since.as_secs()).map_err(|_| Miss::Unknown(Reason::failed("time")))
}

/// When a file or folder was made.
pub(in super::super) fn born(path: &str) -> Answer<i64> {
    seconds(found(path)?.created())
}

/// When a file was last changed.
pub(in super::super) fn modified(path: &str) -> Answer<i64> {
    seconds(found(path)?.modified())
}
