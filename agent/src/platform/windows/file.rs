//! Files and folders of this machine, for reading. Comes in: an absolute path on a drive; goes out:
//! bytes, names, sizes. A drive of the network, a path of another machine, a device and a link that
//! may lead to one are refused before anything is opened.

use std::fs::{File, Metadata};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::os::windows::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use daicho_report::Reason;
use windows_sys::Win32::Storage::FileSystem::{
    FILE_SHARE_DELETE, FILE_SHARE_READ, FILE_SHARE_WRITE, GetDriveTypeW,
};

use super::{Answer, Miss, miss, wide};
use crate::platform::FOLDER_ENTRIES_MAX;

/// A drive that is built in (`GetDriveTypeW`).
const FIXED: u32 = 3;

fn failed(error: &io::Error) -> Miss {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => Miss::Absent,
        ErrorKind::PermissionDenied => Miss::Unknown(Reason::Denied),
        _ => match error.raw_os_error() {
            Some(code) => miss(code.cast_unsigned()),
            None => Miss::Unknown(Reason::failed("read")),
        },
    }
}

/// What is at a path, when it is a path on a drive of this machine.
#[allow(unsafe_code)]
fn at(path: &str) -> Answer<Metadata> {
    let refused = |why: &str| Miss::Unknown(Reason::failed(why));
    let drive = path.get(..3).filter(|it| {
        let mut bytes = it.bytes();
        bytes.next().is_some_and(|it| it.is_ascii_alphabetic()) && it.ends_with(":\\")
    });
    let root = wide(drive.ok_or_else(|| refused("not a path on a drive"))?);
    // SAFETY: `root` ends with 0.
    let kind = unsafe { GetDriveTypeW(root.as_ptr()) };
    if kind != FIXED {
        return Err(refused("not a drive of this machine"));
    }
    // Devices have names in every folder (`CON`, `NUL`), and streams of a file a colon.
    let rest = path.get(3..).unwrap_or_default();
    if rest.contains(':') || rest.split('\\').any(is_device) {
        return Err(refused("not a file"));
    }
    // A folder on the way may be one too: nothing behind a link is asked for.
    let path = Path::new(path);
    let mut on_the_way: Vec<&Path> = path.ancestors().skip(1).collect();
    // The drive itself is none.
    on_the_way.pop();
    for folder in on_the_way.into_iter().rev() {
        plain(folder)?;
    }
    plain(path)
}

/// What is there, unless it is a link or a junction, which may lead to another machine.
fn plain(path: &Path) -> Answer<Metadata> {
    let found = std::fs::symlink_metadata(path).map_err(|error| failed(&error))?;
    let kind = found.file_type();
    if kind.is_symlink_file() || kind.is_symlink_dir() {
        return Err(Miss::Unknown(Reason::failed("link")));
    }
    Ok(found)
}

fn is_device(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or_default().trim_end();
    let upper = stem.to_ascii_uppercase();
    let numbered = |start: &str| {
        let rest = upper.strip_prefix(start);
        rest.is_some_and(|it| it.chars().count() == 1)
    };
    matches!(upper.as_str(), "CON" | "PRN" | "AUX" | "NUL") || numbered("COM") || numbered("LPT")
}

fn open(path: &str) -> Answer<File> {
    if !at(path)?.is_file() {
        return Err(Miss::Unknown(Reason::failed("not a file")));
    }
    let mut options = std::fs::OpenOptions::new();
    // Nobody who uses the file is held up.
    options
        .read(true)
        .share_mode(FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE);
    options.open(path).map_err(|error| failed(&error))
}

fn up_to(file: impl Read, max: usize) -> Answer<Vec<u8>> {
    let mut bytes = Vec::new();
    let most = u64::try_from(max).unwrap_or(u64::MAX);
    let mut file = file.take(most.saturating_add(1));
    file.read_to_end(&mut bytes)
        .map_err(|error| failed(&error))?;
    Ok(bytes)
}

/// A whole file of at most so many bytes.
pub(in crate::platform) fn file(path: &str, max: usize) -> Answer<Vec<u8>> {
    let bytes = up_to(open(path)?, max)?;
    if bytes.len() > max {
        return Err(Miss::Unknown(Reason::failed("EFBIG")));
    }
    Ok(bytes)
}

/// Its first bytes.
pub(in crate::platform) fn head(path: &str, len: usize) -> Answer<Vec<u8>> {
    let mut bytes = up_to(open(path)?, len)?;
    bytes.truncate(len);
    Ok(bytes)
}

/// Its last bytes.
pub(in crate::platform) fn tail(path: &str, len: usize) -> Answer<Vec<u8>> {
    let mut file = open(path)?;
    let length = file.metadata().map_err(|error| failed(&error))?.len();
    let from = length.saturating_sub(u64::try_from(len).unwrap_or(u64::MAX));
    file.seek(SeekFrom::Start(from))
        .map_err(|error| failed(&error))?;
    let mut bytes = up_to(file, len)?;
    bytes.truncate(len);
    Ok(bytes)
}

/// The names in a folder, sorted.
pub(in crate::platform) fn folder(path: &str) -> Answer<Vec<String>> {
    if !at(path)?.is_dir() {
        return Err(Miss::Absent);
    }
    let mut names = Vec::new();
    for entry in std::fs::read_dir(path).map_err(|error| failed(&error))? {
        if names.len() >= FOLDER_ENTRIES_MAX {
            return Err(Miss::Unknown(Reason::failed("too many entries")));
        }
        let entry = entry.map_err(|error| failed(&error))?;
        names.push(entry.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

/// Whether something is there.
pub(in crate::platform) fn exists(path: &str) -> Answer<bool> {
    match at(path) {
        Ok(_) => Ok(true),
        Err(Miss::Absent) => Ok(false),
        Err(miss) => Err(miss),
    }
}

/// When it was made.
pub(in crate::platform) fn born(path: &str) -> Answer<i64> {
    seconds(at(path)?.created())
}

/// When it was last changed.
pub(in crate::platform) fn modified(path: &str) -> Answer<i64> {
    seconds(at(path)?.modified())
}

fn seconds(time: io::Result<SystemTime>) -> Answer<i64> {
    let time = time.map_err(|error| failed(&error))?;
    let since = time.duration_since(UNIX_EPOCH).map(|it| it.as_secs());
    let seconds = since.ok().and_then(|it| i64::try_from(it).ok());
    seconds.ok_or(Miss::Unknown(Reason::failed("no trace")))
}

/// Bytes of a file, or of the files in a folder.
pub(in crate::platform) fn folder_bytes(path: &str) -> Answer<u64> {
    let found = at(path)?;
    if found.is_file() {
        return Ok(found.len());
    }
    let mut bytes = 0_u64;
    for name in folder(path)? {
        let inner = std::fs::symlink_metadata(Path::new(path).join(name));
        let inner = inner.ok().filter(Metadata::is_file);
        bytes = bytes.saturating_add(inner.map_or(0, |it| it.len()));
    }
    Ok(bytes)
}
