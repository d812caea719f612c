//! When the next report goes: intervals with jitter, so that a thousand agents do not speak at
//! once, and back-off after failures. Comes in: results and chance; goes out: seconds. It reads no
//! clock.

use crate::submit::{NEXT_REPORT_MAX_S, NEXT_REPORT_MIN_S, Sent};

/// The first report of a start comes within this time.
const FIRST_MAX_S: u64 = 300;
const RETRY_FIRST_S: u64 = 30;
const RETRY_MAX_S: u64 = 3_600;
/// Jitter of an interval, to either side.
const JITTER_PERCENT: u64 = 10;

/// Random numbers that need not be secret.
#[derive(Debug, Default)]
pub enum Chance {
    /// From the system.
    #[default]
    System,
    /// Always this one, in tests.
    Fixed(u32),
}

impl Chance {
    /// A number from 0 to `max`, both included.
    fn up_to(&mut self, max: u64) -> u64 {
        let drawn = match self {
            // Without randomness all agents of a hospital may speak at once; that is bearable.
            Self::System => getrandom::u32().unwrap_or(u32::MAX / 2),
            Self::Fixed(drawn) => *drawn,
        };
        u64::from(drawn) * (max + 1) / (u64::from(u32::MAX) + 1)
    }
}

/// The pace of one agent.
#[derive(Debug)]
pub struct Pace {
    interval_s: u64,
    failures: u32,
}

impl Pace {
    /// With this interval until the collector says otherwise.
    #[must_use]
    pub fn new(interval_s: u32) -> Self {
        Self {
            interval_s: u64::from(interval_s.clamp(NEXT_REPORT_MIN_S, NEXT_REPORT_MAX_S)),
            failures: 0,
        }
    }

    /// Seconds until the first report.
    pub fn first_s(&self, chance: &mut Chance) -> u64 {
        chance.up_to(FIRST_MAX_S.min(self.interval_s))
    }

    /// Seconds until the next report after this result; `None` is a failure.
    pub fn after(&mut self, result: &Option<Sent>, chance: &mut Chance) -> u64 {
        let Some(sent) = result else {
            let doubled = RETRY_FIRST_S << self.failures.min(16);
            self.failures = self.failures.saturating_add(1);
            let most = doubled.min(RETRY_MAX_S);
            return most / 2 + chance.up_to(most / 2);
        };
        self.failures = 0;
        if let Some(said) = sent.next_report_s {
            self.interval_s = u64::from(said.clamp(NEXT_REPORT_MIN_S, NEXT_REPORT_MAX_S));
        }
        let jitter = self.interval_s * JITTER_PERCENT / 100;
        let earliest = (self.interval_s - jitter).max(u64::from(NEXT_REPORT_MIN_S));
        earliest + chance.up_to(self.interval_s + jitter - earliest)
    }
}
