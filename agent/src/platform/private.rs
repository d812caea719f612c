//! Files and folders that only the agent's own account may read. Comes in: paths; goes out: files
//! and folders with mode 0600 and 0700, or on Windows with rights of their own. It never loosens
//! anything.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

#[cfg(windows)]
mod windows;

#[cfg(test)]
#[cfg(unix)]
mod tests;

/// What stands in the way of a folder that another account may have prepared.
#[derive(Debug, thiserror::Error)]
#[error("trust `{path}`: it belongs to {owner}", path = path.display())]
pub struct Untrusted {
    path: PathBuf,
    owner: String,
}

impl Untrusted {
    #[cfg_attr(not(windows), allow(dead_code, reason = "modes tell it elsewhere"))]
    fn new(path: &Path, owner: &str) -> Self {
        Self {
            path: path.to_owned(),
            owner: owner.to_owned(),
        }
    }

    /// Whether this is why the system's call failed.
    #[must_use]
    pub fn is_why(error: &io::Error) -> bool {
        let inner = error.get_ref();
        inner.is_some_and(|it| it.is::<Self>())
    }
}

impl From<Untrusted> for io::Error {
    fn from(untrusted: Untrusted) -> Self {
        Self::new(io::ErrorKind::PermissionDenied, untrusted)
    }
}

/// Makes a folder (and those above it) that only this account may enter.
pub fn create_folder(path: &Path) -> io::Result<()> {
    #[cfg(windows)]
    windows::create(path)?;
    #[cfg(not(windows))]
    {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::DirBuilderExt;
            builder.mode(0o700);
        }
        builder.create(path)?;
    }
    Ok(())
}

/// Takes away the rights of others, where a folder of ours has them; one that another account made
/// is refused where the system tells who did.
pub fn tighten_folder(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(path)?.permissions().mode();
        if mode & 0o077 != 0 {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700))?;
        }
    }
    #[cfg(windows)]
    windows::guard(path)?;
    #[cfg(not(any(unix, windows)))]
    let _ = path;
    Ok(())
}

/// Makes a new file that only this account may read; one that is there already is an error.
pub fn create_file(path: &Path) -> io::Result<File> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path)
}

/// Makes a rename inside the folder survive a power cut, where the system can do that.
pub fn sync_folder(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(path)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}
