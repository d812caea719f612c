//! Files and folders that only the collector's own account may read. Comes in: paths and bytes;
//! goes out: files with mode 0600 and folders with mode 0700 where the system has modes. A file is
//! there whole or not at all, and an existing one is never replaced.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// Makes a folder, and those above it, for this account alone; one that is there is tightened.
pub fn private_folder(path: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(path)?;
    #[cfg(unix)]
    if open_to_others(path)? {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

/// Makes a new file that only this account may read, durable when this returns. One that is there
/// already is the error `AlreadyExists`, also when another process makes it at this moment.
pub fn private_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let part = part(path);
    let done = write_new(&part, bytes).and_then(|()| publish(&part, path));
    if let Err(error) = std::fs::remove_file(&part)
        && done.is_ok()
        && error.kind() != io::ErrorKind::NotFound
    {
        return Err(error);
    }
    done?;
    path.parent().map_or(Ok(()), sync_folder)
}

/// A name that no other process or thread uses.
fn part(path: &Path) -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}-{number}.part", std::process::id()));
    path.with_file_name(name)
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // What an interrupted start with the same process id left is nobody's.
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// A link, unlike a rename, never replaces; file systems without links get the rename.
fn publish(part: &Path, path: &Path) -> io::Result<()> {
    match std::fs::hard_link(part, path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            if path.try_exists()? {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            std::fs::rename(part, path)
        }
        result => result,
    }
}

/// Whether other accounts have rights on it; systems without modes are not asked.
pub fn open_to_others(path: &Path) -> io::Result<bool> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        Ok(std::fs::metadata(path)?.permissions().mode() & 0o077 != 0)
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        Ok(false)
    }
}

/// Makes names in the folder survive a power cut, where the system can do that.
pub fn sync_folder(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    std::fs::File::open(path)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}
