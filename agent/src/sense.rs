//! Who can be heard on a link: ARP and LLDP, by listening alone. Comes in: frames of one interface;
//! goes out: sightings. It never sends a frame.

mod lldp;
mod sighting;

use std::time::{Duration, Instant};

pub use lldp::{LldpError, LldpFrame, parse as parse_lldp};
pub use sighting::{Arp, Lldp, Sightings};

use crate::clock;
use crate::message::{Exit, Lang, Told};
use crate::platform::capture::{self, CaptureError};

#[cfg(test)]
mod tests;

/// One wait for a frame; the end of the time is seen this late at most.
const WAIT: Duration = Duration::from_millis(200);

/// Why nothing could be heard.
#[derive(Debug, thiserror::Error)]
pub enum SenseError {
    /// The interface cannot be listened to.
    #[error("listen")]
    Capture(#[source] CaptureError),
    /// It went away while listening.
    #[error("go on listening on `{0}`")]
    Broken(String, #[source] std::io::Error),
}

impl Told for SenseError {
    fn code(&self) -> &'static str {
        match self {
            Self::Capture(CaptureError::Denied(_)) => "AGT-021",
            Self::Capture(CaptureError::NoInterface { .. }) => "AGT-022",
            Self::Capture(CaptureError::Unsupported) => "AGT-023",
            Self::Capture(CaptureError::Failed { .. }) | Self::Broken(..) => "AGT-024",
        }
    }

    fn exit(&self) -> Exit {
        match self {
            // The question was answered with a reason why there is nothing to say.
            Self::Capture(CaptureError::Denied(_) | CaptureError::Unsupported) => Exit::Incomplete,
            Self::Capture(CaptureError::NoInterface { .. }) => Exit::Usage,
            Self::Capture(CaptureError::Failed { .. }) | Self::Broken(..) => Exit::Failed,
        }
    }

    fn detail(&self, lang: Lang) -> String {
        match self {
            Self::Capture(CaptureError::NoInterface { name, there }) => {
                let there = there.join(", ");
                match lang {
                    Lang::Ja => format!("{name}（この機器にあるもの：{there}）"),
                    Lang::En => format!("{name} (this machine has: {there})"),
                }
            }
            Self::Capture(CaptureError::Failed { name, .. }) | Self::Broken(name, _) => {
                name.clone()
            }
            Self::Capture(CaptureError::Denied(error)) => error.to_string(),
            Self::Capture(CaptureError::Unsupported) => String::new(),
        }
    }
}

/// Listens for this long.
pub fn sense(interface: &str, seconds: u64) -> Result<Sightings, SenseError> {
    let mut frames = capture::open(interface, WAIT).map_err(SenseError::Capture)?;
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut sightings = Sightings::new(interface, clock::now());
    while Instant::now() < end {
        let frame = frames
            .next_frame()
            .map_err(|error| SenseError::Broken(interface.to_owned(), error))?;
        if let Some(frame) = frame {
            sightings.hear(frame, clock::now());
        }
    }
    sightings.end(clock::now());
    Ok(sightings)
}
