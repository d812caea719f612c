//! Running programs and the sockets that they hold, from `/proc`. Comes in: nothing; goes out: short
//! names and inodes of sockets, or why a process told none. No argument, path, environment or memory
//! of a process is read; what is cut at a bound says so.

use std::collections::BTreeSet;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd};

use daicho_report::Reason;
use rustix::fs::{CWD, Mode, OFlags, RawDir, openat, readlinkat_raw};
use rustix::io::Errno;

use super::super::{Answer, Miss, RawProcess};
use super::file::{file, folder, miss};

#[cfg(test)]
#[path = "process/tests.rs"]
mod tests;

const PROC: &str = "/proc";
const PROCESSES_MAX: usize = 20_000;
/// Of all processes together.
const DESCRIPTORS_MAX: usize = 200_000;
/// The kernel cuts names at 15 bytes; names of its own threads at 63.
const NAME_BYTES_MAX: usize = 64;
/// `socket:[` and a number of 64 bits.
const TARGET_BYTES_MAX: usize = 32;
const ENTRIES_BYTES: usize = 8 << 10;
/// The parent of the kernel's own threads, which hold no descriptor.
const KERNEL_NAME: &[u8] = b"kthreadd\n";
const KERNEL_CHILDREN: &str = "/proc/2/task/2/children";
const CHILDREN_BYTES_MAX: usize = 1 << 20;

fn failed(error: Errno) -> Miss {
    match error {
        // It ended while its folder was read.
        Errno::SRCH => Miss::Absent,
        other => miss(&other.into()),
    }
}

fn too_many() -> Reason {
    Reason::failed("too many entries")
}

/// Every process, sorted by name.
pub(in super::super) fn processes() -> Answer<Vec<RawProcess>> {
    read(PROC, PROCESSES_MAX, DESCRIPTORS_MAX)
}

fn read(root: &str, processes_max: usize, descriptors_max: usize) -> Answer<Vec<RawProcess>> {
    let mut numbers = folder(root)?;
    numbers.retain(|name| name.bytes().all(|b| b.is_ascii_digit()));
    if numbers.len() > processes_max {
        // Whoever looks for a program would take a part for all.
        return Err(Miss::Unknown(too_many()));
    }
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let all = openat(CWD, root, flags, Mode::empty()).map_err(failed)?;
    let kernel = if root == PROC {
        kernel_threads()
    } else {
        BTreeSet::new()
    };
    let mut found = Vec::with_capacity(numbers.len());
    let mut left = descriptors_max;
    for number in &numbers {
        // One that ended meanwhile is no failure.
        let Ok(name) = name(all.as_fd(), number) else {
            continue;
        };
        let sockets = if kernel.contains(number) {
            Ok(Vec::new())
        } else {
            sockets(all.as_fd(), number, &mut left)
        };
        let (sockets, unread) = match sockets {
            Ok(sockets) => (Some(sockets), None),
            Err(Miss::Absent) => continue,
            Err(Miss::Unknown(reason)) => (None, Some(reason)),
        };
        found.push(RawProcess {
            name,
            sockets,
            unread,
        });
    }
    found.sort();
    Ok(found)
}

/// Numbers of the kernel's threads; none where they cannot be told (in a container).
fn kernel_threads() -> BTreeSet<String> {
    let is_kernel = file("/proc/2/comm", NAME_BYTES_MAX).is_ok_and(|it| it == KERNEL_NAME);
    let children = if is_kernel {
        file(KERNEL_CHILDREN, CHILDREN_BYTES_MAX).unwrap_or_default()
    } else {
        Vec::new()
    };
    let children = String::from_utf8_lossy(&children);
    children.split_whitespace().map(str::to_owned).collect()
}

fn name(all: BorrowedFd<'_>, number: &str) -> Answer<String> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = openat(all, format!("{number}/comm"), flags, Mode::empty()).map_err(failed)?;
    let mut bytes = [0_u8; NAME_BYTES_MAX];
    let size = rustix::io::read(&file, &mut bytes).map_err(failed)?;
    let name = bytes.get(..size).unwrap_or_default();
    Ok(String::from_utf8_lossy(name).trim_end().to_owned())
}

/// Inodes of the sockets that a process holds, sorted; absent: it ended meanwhile.
fn sockets(all: BorrowedFd<'_>, number: &str, left: &mut usize) -> Answer<Vec<u64>> {
    if *left == 0 {
        return Err(Miss::Unknown(too_many()));
    }
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let folder = openat(all, format!("{number}/fd"), flags, Mode::empty()).map_err(failed)?;
    let mut buffer = [MaybeUninit::uninit(); ENTRIES_BYTES];
    let mut entries = RawDir::new(&folder, &mut buffer);
    let mut inodes = Vec::new();
    while let Some(entry) = entries.next() {
        let entry = entry.map_err(failed)?;
        if entry.file_name().to_bytes().starts_with(b".") {
            continue;
        }
        *left = left
            .checked_sub(1)
            .ok_or_else(|| Miss::Unknown(too_many()))?;
        let mut target = [MaybeUninit::uninit(); TARGET_BYTES_MAX];
        match readlinkat_raw(&folder, entry.file_name(), &mut target) {
            Ok((target, _)) => inodes.extend(inode(target)),
            // A descriptor that was closed meanwhile is none; one that may not be followed is not.
            Err(Errno::NOENT) => {}
            Err(error) => return Err(failed(error)),
        }
    }
    inodes.sort_unstable();
    Ok(inodes)
}

/// The number in `socket:[4711]`.
fn inode(target: &[u8]) -> Option<u64> {
    let number = target.strip_prefix(b"socket:[")?.strip_suffix(b"]")?;
    std::str::from_utf8(number).ok()?.parse().ok()
}
