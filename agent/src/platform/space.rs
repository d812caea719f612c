//! Room on the volume of a folder. Comes in: a path; goes out: how much there is and how much this
//! account may still take. It asks for nothing but the agent's own folder.

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
#[allow(unsafe_code)]
pub fn of(folder: &Path) -> io::Result<Space> {
    use std::os::unix::ffi::OsStrExt;

    let path = std::ffi::CString::new(folder.as_os_str().as_bytes())?;
    let mut found = std::mem::MaybeUninit::<libc::statvfs>::uninit();
    // SAFETY: the path ends with NUL, and `found` has the room that the call writes to.
    let result = unsafe { libc::statvfs(path.as_ptr(), found.as_mut_ptr()) };
    if result != 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the call has succeeded and has filled it.
    let found = unsafe { found.assume_init() };
    // The fields' widths differ between systems.
    #[allow(clippy::useless_conversion)]
    let (unit, blocks, available) = (
        u64::from(found.f_frsize),
        u64::from(found.f_blocks),
        u64::from(found.f_bavail),
    );
    Ok(Space {
        total: blocks.saturating_mul(unit),
        available: available.saturating_mul(unit),
    })
}

/// The room on the volume that holds this folder.
#[cfg(not(target_os = "linux"))]
pub fn of(_folder: &Path) -> io::Result<Space> {
    Err(io::ErrorKind::Unsupported.into())
}
