//! The machine's clock, asked in one place. Goes out: the time by this machine, which may be wrong.
//! It never orders anything.

use std::time::{SystemTime, UNIX_EPOCH};

use daicho_report::Time;

/// Now, by the machine's clock.
#[must_use]
pub fn now() -> Time {
    let seconds = match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_secs()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_secs()).map_or(i64::MIN, |s| -s),
    };
    Time::from_seconds(seconds)
}
