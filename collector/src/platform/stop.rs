//! The wish that a program ends. Comes in: the system's signals, or a child of ours; goes out: a
//! future that is ready when this program is to end, or the same wish passed on. It never kills.

use std::io;

/// Listens from now on for SIGTERM, SIGINT or SIGHUP; must be called inside the runtime.
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

/// Listens from now on for Ctrl-C; must be called inside the runtime.
#[cfg(not(unix))]
pub fn stop_requested() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    Ok(async {
        // A system that cannot listen for it leaves the program running.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}

/// Asks a child to end by itself (SIGTERM); one that has ended already is left alone.
#[cfg(unix)]
pub fn ask_to_stop(child: &tokio::process::Child) -> io::Result<()> {
    use rustix::process::{Pid, Signal, kill_process};

    let id = child.id().and_then(|id| i32::try_from(id).ok());
    let Some(pid) = id.and_then(Pid::from_raw) else {
        return Ok(());
    };
    Ok(kill_process(pid, Signal::TERM)?)
}

/// There is no such wish on this system: the caller ends the child itself.
#[cfg(not(unix))]
pub fn ask_to_stop(_child: &tokio::process::Child) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
