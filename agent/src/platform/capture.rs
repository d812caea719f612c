//! Frames of one interface, as the system hands them over. Comes in: an interface's name; goes out:
//! whole Ethernet frames, or the reason why there are none. It never sends a frame and never
//! switches an interface to promiscuous mode.

use std::time::Duration;

#[cfg(target_os = "linux")]
#[path = "linux_capture.rs"]
mod linux_capture;

/// Why frames cannot be heard.
#[derive(Debug, thiserror::Error)]
pub enum CaptureError {
    /// This system has no such thing here.
    #[error("listen on an interface of this system")]
    Unsupported,
    /// There is no such interface; these are there.
    #[error("find interface `{name}`")]
    NoInterface {
        /// What was asked for.
        name: String,
        /// What is there.
        there: Vec<String>,
    },
    /// The system refused: 権限不足.
    #[error("open a packet socket")]
    Denied(#[source] std::io::Error),
    /// The system could not.
    #[error("listen on interface `{name}`")]
    Failed {
        /// On which interface.
        name: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

/// Hears frames of ethertype 0x0806 (ARP) and 0x88cc (LLDP) only.
pub trait Frames {
    /// The next frame, or `None` when none came in the time it waits.
    fn next_frame(&mut self) -> Result<Option<&[u8]>, std::io::Error>;
}

/// Starts to hear; one call of [`Frames::next_frame`] waits at most `wait`.
pub fn open(interface: &str, wait: Duration) -> Result<Box<dyn Frames>, CaptureError> {
    #[cfg(target_os = "linux")]
    return linux_capture::open(interface, wait);
    #[cfg(not(target_os = "linux"))]
    {
        let _ = (interface, wait);
        Err(CaptureError::Unsupported)
    }
}

/// Sender of an ARP packet for IPv4 over Ethernet (RFC 826): hardware address and address.
#[must_use]
pub fn arp(packet: &[u8]) -> Option<([u8; 6], std::net::Ipv4Addr)> {
    #[cfg(target_os = "linux")]
    return linux_capture::arp(packet);
    #[cfg(not(target_os = "linux"))]
    {
        let _ = packet;
        None
    }
}
