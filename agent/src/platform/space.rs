//! Room on the volume of a folder. Comes in: a path; goes out: how much there is and how much this
//! account may still take. It asks one system call and nothing else; a
//! volume that does not answer holds up whoever asks.

use std::io;
use std::path::Path;

/// Room on a volume, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Space {
    /// All of it.
    pub total: u64,
    /// What this account may still take.
    pub available: u64,
}

/// The room on the volume that holds this folder.
#[cfg(target_os = "linux")]
pub fn of(folder: &Path) -> io::Result<Space> {
    let found = rustix::fs::statvfs(folder)?;
    let unit = found.f_frsize;
    Ok(Space {
        total: found.f_blocks.saturating_mul(unit),
        available: found.f_bavail.saturating_mul(unit),
    })
}

/// The room on the volume that holds this folder.
#[cfg(windows)]
pub fn of(folder: &Path) -> io::Result<Space> {
    super::live::space(folder)
}

/// The room on the volume that holds this folder.
#[cfg(not(any(target_os = "linux", windows)))]
pub fn of(_folder: &Path) -> io::Result<Space> {
    Err(io::ErrorKind::Unsupported.into())
}
