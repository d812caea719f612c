//! The system's wish that this program ends: SIGTERM and SIGINT, or Ctrl-C. Goes out: one future
//! that is ready when it was said. It never ends the program itself.

use std::io;
use std::pin::Pin;

/// Ready when the program is to end.
pub type Stop = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Listens for the system's wish from now on; must be called inside the runtime.
#[cfg(unix)]
pub fn requested() -> io::Result<Stop> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(Box::pin(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    }))
}

/// Listens for the system's wish from now on; must be called inside the runtime.
#[cfg(not(unix))]
pub fn requested() -> io::Result<Stop> {
    Ok(Box::pin(async {
        // A system without such a signal leaves the agent running.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }))
}
