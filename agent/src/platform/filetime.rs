//! Times as Windows counts them: tenths of a microsecond since 1601 (FILETIME).

/// 1970.
pub const AT_1970: u64 = 116_444_736_000_000_000;
/// A second.
pub const SECOND: u64 = 10_000_000;

/// Seconds since 1970; nothing for what lies before.
#[must_use]
pub fn seconds(ticks: u64) -> Option<i64> {
    let since = ticks.checked_sub(AT_1970)? / SECOND;
    i64::try_from(since).ok()
}
