//! Faults of the disk, planned by a test for its own thread: a power cut at a step, a full disk, a
//! disk that has become read-only. Comes in: a plan; goes out: errors at the right steps.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, Write};

use super::Need;

/// What befalls the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Plan {
    /// Nothing.
    #[default]
    Sound,
    /// So many more steps work; the next one is torn, and after it nothing reaches the disk.
    CutAfter(u32),
    /// There is no room for new bytes.
    Full,
    /// Nothing can be changed.
    ReadOnly,
}

thread_local! {
    static PLAN: Cell<Plan> = const { Cell::new(Plan::Sound) };
    static STEPS: Cell<u32> = const { Cell::new(0) };
}

/// Sets the plan of this thread.
pub(crate) fn plan(plan: Plan) {
    PLAN.set(plan);
    STEPS.set(0);
}

/// Steps since the plan was set.
pub(crate) fn steps() -> u32 {
    STEPS.get()
}

pub(super) fn step(need: Need) -> io::Result<()> {
    let before = STEPS.get();
    STEPS.set(before + 1);
    match PLAN.get() {
        Plan::CutAfter(steps) if before >= steps => Err(io::Error::other("power cut")),
        Plan::Full if need == Need::Room => Err(io::ErrorKind::StorageFull.into()),
        Plan::ReadOnly => Err(io::ErrorKind::ReadOnlyFilesystem.into()),
        _ => Ok(()),
    }
}

/// A step that writes: what a power cut or a full disk breaks off leaves half of the bytes.
pub(super) fn writing(need: Need, file: &mut File, bytes: &[u8]) -> io::Result<()> {
    let result = step(need);
    let torn = match PLAN.get() {
        Plan::CutAfter(steps) => STEPS.get() == steps + 1,
        Plan::Full => result.is_err(),
        Plan::Sound | Plan::ReadOnly => false,
    };
    if torn {
        file.write_all(bytes.get(..bytes.len() / 2).unwrap_or_default())?;
    }
    result
}
