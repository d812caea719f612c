//! Files and folders that only the agent's own account may read. Comes in: paths; goes out: files
//! and folders with mode 0600 and 0700 where the system has modes. It never loosens anything.

use std::fs::File;
use std::io;
use std::path::Path;

#[cfg(test)]
#[cfg(unix)]
mod tests;

/// Makes a folder (and those above it) that only this account may enter.
pub fn create_folder(path: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    #[cfg(windows)]
    let is_new = !path.exists();
    builder.create(path)?;
    // Below `ProgramData` everybody may make files: a new folder of ours shuts them out.
    #[cfg(windows)]
    if is_new {
        super::daemon::keep_others_out(path)?;
    }
    Ok(())
}

/// Takes away the rights of group and others, where a folder of ours has them.
pub fn tighten_folder(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(path)?.permissions().mode();
        if mode & 0o077 != 0 {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700))?;
        }
    }
    #[cfg(not(unix))]
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
