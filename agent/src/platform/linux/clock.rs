//! The kernel's own view of its clock: adjtimex(2) asked without changing anything.

use std::io;
use std::mem::MaybeUninit;

use super::super::{Answer, RawClock};
use super::miss;

/// Whether the clock is synchronised, and how far it is thought to be off.
pub(in super::super) fn clock() -> Answer<RawClock> {
    let mut state = MaybeUninit::<libc::timex>::zeroed();
    // SAFETY: `state` is a zeroed structure (`modes` 0 asks only), and lives through the call, which
    // fills it in. All its fields are integers, for which zero is a value.
    #[allow(unsafe_code)]
    let (result, state) = unsafe {
        let result = libc::adjtimex(state.as_mut_ptr());
        (result, state.assume_init())
    };
    if result < 0 {
        return Err(miss(&io::Error::last_os_error()));
    }
    let in_nanoseconds = state.status & libc::STA_NANO != 0;
    // The field's width is that of the system's `long`.
    #[allow(clippy::unnecessary_cast, clippy::useless_conversion)]
    let offset = i64::from(state.offset);
    Ok(RawClock {
        synchronized: state.status & libc::STA_UNSYNC == 0 && result != libc::TIME_ERROR,
        offset_us: if in_nanoseconds {
            offset / 1_000
        } else {
            offset
        },
    })
}
