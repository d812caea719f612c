//! The agent as a service of the system. Comes in: what a person asks of the service, or the system's
//! call to run; goes out: what was done, or why not. On Windows this is the service manager; on other
//! systems the unit that comes with the package does it, and everything here says so.

#[cfg(windows)]
#[path = "daemon/windows.rs"]
mod own;
#[cfg(not(windows))]
#[path = "daemon/other.rs"]
mod own;

use std::path::Path;

use super::stop::Stop;

/// The service's name on Windows.
#[cfg(windows)]
pub(crate) const NAME: &str = "DaichoAgent";

/// What is asked of the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Put it in, to start with the machine.
    Install,
    /// Take it out; the state folder stays.
    Uninstall,
    /// Start it now.
    Start,
    /// End it and wait until it has.
    Stop,
    /// How it stands.
    Status,
}

/// How the service stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is not there.
    Absent,
    /// It is there and does not run.
    Stopped,
    /// It runs.
    Running,
    /// It is on its way to one of these.
    Changing,
}

/// Why the service could not be changed or run.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// This system has another way.
    #[error("use a service of this system")]
    Unsupported,
    /// The system refused.
    #[error("{what}")]
    System {
        /// What was asked.
        what: &'static str,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// Does it, and says how the service stands then.
pub fn act(act: Act, state: &Path) -> Result<Standing, ServiceError> {
    own::act(act, state)
}

/// Called by the system to run: gives the work the system's wish to end, and waits for it. The number
/// that the work gives is told to the system; 0: it ended well.
pub fn run(work: fn(Stop) -> u32) -> Result<(), ServiceError> {
    own::run(work)
}

/// Writes a line into the system's log of events, where it has one that services write to.
pub fn event(failed: bool, text: &str) {
    own::event(failed, text);
}

/// Lets the system's own work go first, and bounds the memory of this process and of its workers.
pub fn step_back() {
    own::step_back();
}
