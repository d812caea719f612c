//! The clock as an input: the system's in the product, a fixed one in tests.

use std::time::{SystemTime, UNIX_EPOCH};

use daicho_report::Time;

/// Where the time comes from.
#[derive(Debug, Clone)]
pub enum Clock {
    /// The system's clock.
    System,
    /// Always this moment, or what a test sets.
    Fixed(std::sync::Arc<std::sync::atomic::AtomicI64>),
}

impl Clock {
    /// Now.
    #[must_use]
    pub fn now(&self) -> Time {
        match self {
            Self::System => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH);
                let seconds = since.map_or(0, |since| since.as_secs());
                Time::from_seconds(i64::try_from(seconds).unwrap_or(i64::MAX))
            }
            Self::Fixed(seconds) => {
                Time::from_seconds(seconds.load(std::sync::atomic::Ordering::Relaxed))
            }
        }
    }
}
