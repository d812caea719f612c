//! What this process costs.

use std::sync::LazyLock;
use std::time::Instant;

use daicho_report::Cost;
use windows_sys::Win32::Foundation::FILETIME;
use windows_sys::Win32::System::ProcessStatus::{K32GetProcessMemoryInfo, PROCESS_MEMORY_COUNTERS};
use windows_sys::Win32::System::Threading::{GetCurrentProcess, GetProcessTimes};

/// What this process has cost since the first question.
#[allow(unsafe_code)]
pub(in crate::platform) fn own_cost() -> Cost {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    let zero = FILETIME {
        dwLowDateTime: 0,
        dwHighDateTime: 0,
    };
    let (mut made, mut ended, mut kernel, mut user) = (zero, zero, zero, zero);
    // SAFETY: the handle is that of this process and needs no closing; the four are written only.
    let known = unsafe {
        GetProcessTimes(
            GetCurrentProcess(),
            &raw mut made,
            &raw mut ended,
            &raw mut kernel,
            &raw mut user,
        )
    };
    // Units of 100 ns.
    let milliseconds = |time: FILETIME| {
        (u64::from(time.dwHighDateTime) << 32 | u64::from(time.dwLowDateTime)) / 10_000
    };
    Cost {
        cpu_ms: if known == 0 {
            0
        } else {
            milliseconds(kernel) + milliseconds(user)
        },
        wall_ms: u64::try_from(START.elapsed().as_millis()).unwrap_or(u64::MAX),
        peak_kib: memory().map_or(0, |it| kib(it.PeakWorkingSetSize)),
    }
}

/// Memory that this process takes now.
pub(in crate::platform) fn own_memory_kib() -> u64 {
    memory().map_or(0, |it| kib(it.WorkingSetSize))
}

fn kib(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX) / 1024
}

#[allow(unsafe_code)]
fn memory() -> Option<PROCESS_MEMORY_COUNTERS> {
    let mut counters = PROCESS_MEMORY_COUNTERS::default();
    let size = u32::try_from(size_of::<PROCESS_MEMORY_COUNTERS>()).ok()?;
    // SAFETY: the structure has the size that is given and is written only.
    let known = unsafe { K32GetProcessMemoryInfo(GetCurrentProcess(), &raw mut counters, size) };
    (known != 0).then_some(counters)
}
