//! What differs between systems: private files and the wish to end. The only place with system
//! `cfg`. It never loosens rights.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// Makes a folder that only this account may enter; parents are made as usual.
pub fn private_folder(path: &Path) -> io::Result<()> {
    if let Some(parent) = path.parent().filter(|it| !it.as_os_str().is_empty()) {
        std::fs::create_dir_all(parent)?;
    }
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    match builder.create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        result => result,
    }
}

/// Makes a new file that only this account may read, whole and on disk; one that is there already is
/// an error.
pub fn private_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    #[cfg(unix)]
    if let Some(parent) = path.parent().filter(|it| !it.as_os_str().is_empty()) {
        File::open(parent)?.sync_all()?;
    }
    Ok(())
}

/// Whether others than this account may read a file.
#[must_use]
pub fn others_may_read(file: &File) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        file.metadata().is_ok_and(|it| it.permissions().mode() & 0o077 != 0)
    }
    #[cfg(not(unix))]
    {
        let _ = file;
        false
    }
}

/// Ready when the program is to end: SIGTERM, SIGINT, SIGHUP or Ctrl-C. Must be called inside the
/// runtime.
#[cfg(unix)]
pub fn stop_requested() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut hangup = signal(SignalKind::hangup())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
            _ = hangup.recv() => {}
        }
    })
}

/// Ready when the program is to end. Must be called inside the runtime.
#[cfg(not(unix))]
pub fn stop_requested() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    Ok(async {
        // A system without such a signal leaves the program running.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}

/// Asks a program that we started to end by itself.
#[cfg(unix)]
pub fn ask_to_stop(child: &tokio::process::Child) -> io::Result<()> {
    use rustix::process::{Pid, Signal, kill_process};

    let number = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
    // One without a number has ended already.
    match number {
        Some(number) => Ok(kill_process(number, Signal::TERM)?),
        None => Ok(()),
    }
}

/// Asks a program that we started to end by itself: there is no such wish here, the caller ends it.
#[cfg(not(unix))]
pub fn ask_to_stop(_: &tokio::process::Child) -> io::Result<()> {
    Ok(())
}
