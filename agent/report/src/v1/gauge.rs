//! Section `gauges`: values that change by themselves. Never hashed into history.

use serde::{Deserialize, Serialize};

use super::section::{Kept, SectionBody};
use super::{Reading, Time};

/// Free space of a volume.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct VolumeGauge {
    /// Where it is mounted.
    pub mount: String,
    /// Free bytes.
    pub free_bytes: u64,
}

/// Values of the moment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Gauges {
    /// When the machine was started.
    pub booted_at: Reading<Time>,
    /// Memory in use, in MiB.
    pub memory_used_mib: Reading<u64>,
    /// Free space.
    pub volumes: Reading<Vec<VolumeGauge>>,
    /// Processes running.
    pub process_count: Reading<u32>,
    /// Whether the system holds its clock for synchronised.
    pub clock_synchronized: Reading<bool>,
    /// How far the system thinks its clock is off, in microseconds.
    pub clock_offset_us: Reading<i64>,
    /// Time of the oldest log entry that is still there.
    pub log_oldest_at: Reading<Time>,
    /// Bytes that the system's logs take.
    pub log_bytes: Reading<u64>,
}

impl SectionBody for Gauges {
    const KIND: &'static str = "gauges";
    const KEPT: Kept = Kept::Last;
}
