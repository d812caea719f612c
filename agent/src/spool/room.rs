//! How much room the spool may take. Comes in: what lies there, its bounds, and the room on the
//! volume; goes out: how many of the oldest make way. It asks nothing of the system.

use std::io;

use super::File;
use crate::platform::space::Space;

/// The last of a volume is left to others: this much, or a twentieth of a small one.
const RESERVE_BYTES: u64 = 64 << 20;
const RESERVE_PART: u64 = 20;
/// A report that needs more dropping than this does not fail for want of room alone.
const FREED_MIN: u64 = 256 << 10;

/// How much the spool may grow on this volume.
pub(super) fn growth(space: Space) -> u64 {
    let reserve = RESERVE_BYTES.min(space.total / RESERVE_PART);
    space.available.saturating_sub(reserve)
}

/// How many of the oldest make way for a new report of this size. Nothing is dropped for want of
/// room that would still not suffice: the newest report always has its try.
pub(super) fn surplus(others: &[File], reports: usize, bytes: u64, new: u64) -> usize {
    let mut left = others.len();
    let mut sum = others.iter().map(|file| file.bytes).sum::<u64>();
    sum = sum.saturating_add(new);
    let is_over = |left: usize, sum: u64| left >= reports || sum > bytes;
    let mut oldest = others.iter();
    while is_over(left, sum) {
        let Some(file) = oldest.next() else { break };
        left -= 1;
        sum = sum.saturating_sub(file.bytes);
    }
    others.len() - left
}

/// Whether dropping one more of the oldest may help.
pub(super) fn may_help(error: &io::Error, freed: u64, new: u64) -> bool {
    let is_room = matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
    );
    is_room && freed < new.saturating_mul(4).max(FREED_MIN)
}
