//! Every change that state and spool make on the disk, one small step each. Comes in: paths and
//! bytes; goes out: changed files and folders. It never decides what to do when a step fails; in
//! tests a fault can be planned for every step.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;

use crate::platform::private;

#[cfg(test)]
pub(crate) mod fault;

/// What a step needs of the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// New room.
    Room,
    /// A change of what is there already.
    Change,
}

#[cfg(not(test))]
fn step(_: Need) -> io::Result<()> {
    Ok(())
}

#[cfg(not(test))]
fn writing(_: Need, _: &mut File, _: &[u8]) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
use fault::{step, writing};

/// Makes a folder and its name durable; one that is there already is fine.
pub(crate) fn create_folder(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    step(Need::Room)?;
    private::create_folder(path)?;
    match path.parent().filter(|it| !it.as_os_str().is_empty()) {
        Some(parent) => sync_folder(parent),
        None => Ok(()),
    }
}

/// A new file with these bytes, durable but for its name.
pub(crate) fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    step(Need::Change)?;
    let mut file = private::create_file(path)?;
    writing(Need::Room, &mut file, bytes)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Bytes in the place of others inside a file, durable; needs no new room.
pub(crate) fn overwrite(path: &Path, offset: u64, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::options().write(true).open(path)?;
    file.seek(SeekFrom::Start(offset))?;
    writing(Need::Change, &mut file, bytes)?;
    file.write_all(bytes)?;
    file.sync_data()
}

/// Another name for what the first name holds, in the place of what the second one held.
pub(crate) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    step(Need::Change)?;
    std::fs::rename(from, to)
}

/// A second name for the same file.
pub(crate) fn link(from: &Path, to: &Path) -> io::Result<()> {
    step(Need::Change)?;
    std::fs::hard_link(from, to)
}

/// Takes a file away; none there is fine.
pub(crate) fn remove(path: &Path) -> io::Result<()> {
    step(Need::Change)?;
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Makes the names in a folder durable.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    step(Need::Change)?;
    private::sync_folder(path)
}
