//! The mount table of this process (proc_pid_mountinfo(5)). Comes in: its text; goes out: mounts in
//! their order, and whether a path stands on a file system that waits for somebody else. No mount
//! is entered or asked here.

use std::io::Read;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use daicho_report::Reason;

use super::super::{Answer, Miss};
use super::file::miss;

#[cfg(test)]
#[path = "mount/tests.rs"]
mod tests;

const TABLE: &str = "/proc/self/mountinfo";
/// Hosts of containers have thousands of mounts, and an overlay's options take kilobytes.
const TABLE_BYTES_MAX: usize = 16 << 20;
/// One collection takes less.
const TABLE_AGE: Duration = Duration::from_secs(5);

/// File systems that another machine answers for: one that is gone would make the agent wait.
const REMOTE: &[&str] = &[
    "9p",
    "acfs",
    "afs",
    "beegfs",
    "ceph",
    "cifs",
    "coda",
    "davfs",
    "gfs2",
    "glusterfs",
    "gpfs",
    "lustre",
    "ncpfs",
    "nfs",
    "nfs4",
    "ocfs2",
    "orangefs",
    "pvfs2",
    "smb3",
    "smbfs",
    "vboxsf",
    "virtiofs",
    "vmhgfs",
];
/// As many as the kernel follows (path_resolution(7)).
const LINKS_MAX: usize = 40;
/// Parts of the system itself: when these hang, nothing on the machine goes on.
const SYSTEM: &[&str] = &["/", "/usr", "/var"];
/// Containers have single files of it mounted.
const SETTINGS: &str = "/etc";

/// A line of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mount {
    /// `major:minor` of the file system's device.
    pub(super) number: String,
    /// What of the file system is mounted: `/`, or a folder of it.
    pub(super) root: String,
    /// Where, as a text to show and compare.
    pub(super) place: String,
    /// Where, as the system calls it: such a name need not be UTF-8.
    pub(super) path: Vec<u8>,
    /// File system.
    pub(super) kind: String,
    /// Device, share or pool.
    pub(super) device: String,
}

impl Mount {
    /// Somebody else answers: another machine, a program, or whoever mounts on the first touch.
    pub(super) fn waits(&self) -> bool {
        let kind = self.kind.as_str();
        REMOTE.contains(&kind) || kind.starts_with("fuse") || kind == "autofs"
    }
}

/// All mounts.
pub(super) fn mounts() -> Answer<Vec<Mount>> {
    // Not through `file`, which asks this table itself.
    let limit = u64::try_from(TABLE_BYTES_MAX + 1).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    std::fs::File::open(TABLE)
        .and_then(|file| file.take(limit).read_to_end(&mut bytes))
        .map_err(|error| miss(&error))?;
    if bytes.len() > TABLE_BYTES_MAX {
        return Err(Miss::Unknown(Reason::failed("EFBIG")));
    }
    let mounts: Vec<Mount> = bytes
        .split(|byte| *byte == b'\n')
        .filter_map(parse)
        .collect();
    if mounts.is_empty() {
        return Err(Miss::Unknown(Reason::failed("empty")));
    }
    Ok(mounts)
}

/// `36 35 98:0 /root /place options tags… - kind device options`.
fn parse(line: &[u8]) -> Option<Mount> {
    let mut words = line.split(|byte| *byte == b' ');
    let number = words.nth(2)?;
    let (root, place) = (words.next()?, words.next()?);
    words.find(|word| *word == b"-")?;
    let (kind, device) = (words.next()?, words.next()?);
    let text = |word| String::from_utf8_lossy(&unescaped(word)).into_owned();
    Some(Mount {
        number: text(number),
        root: text(root),
        place: text(place),
        path: unescaped(place),
        kind: text(kind),
        device: text(device),
    })
}

/// A word with its octal escapes (`\040` is a space) undone.
fn unescaped(word: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(word.len());
    let mut rest = word;
    while let Some((first, after)) = rest.split_first() {
        let escape = after.get(..3).filter(|_| *first == b'\\').and_then(octal);
        match escape {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(3..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    bytes
}

fn octal(digits: &[u8]) -> Option<u8> {
    digits.iter().try_fold(0_u8, |all, digit| {
        let digit = digit.checked_sub(b'0').filter(|it| *it < 8)?;
        all.checked_mul(8)?.checked_add(digit)
    })
}

/// The mount that a path stands on: the longest place above it, and of several the last.
fn of<'a>(mounts: &'a [Mount], path: &str) -> Option<&'a Mount> {
    let above = |place: &str| {
        let rest = path.strip_prefix(place.trim_end_matches('/'));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let above = mounts.iter().filter(|mount| above(&mount.place));
    above.max_by_key(|mount| mount.place.trim_end_matches('/').len())
}

fn refused(mounts: &[Mount], path: &str) -> bool {
    let is_system = |place: &str| SYSTEM.contains(&place) || Path::new(place).starts_with(SETTINGS);
    of(mounts, path).is_some_and(|it| it.waits() && !is_system(&it.place))
}

/// Whether a path leads to a mount that waits, by whatever links. Each step is asked only after the
/// folder that it stands in was found not to wait.
fn leads_to_waiting(mounts: &[Mount], path: &str, last: Last) -> bool {
    let mut rest: Vec<String> = parts(path);
    let mut done = String::new();
    let mut links = 0;
    while let Some(part) = rest.pop() {
        if part == ".." {
            let above = done.rfind('/').unwrap_or(0);
            done.truncate(above);
            continue;
        }
        let next = format!("{done}/{part}");
        if refused(mounts, &next) {
            return true;
        }
        let followed = !rest.is_empty() || last == Last::Followed;
        match std::fs::read_link(&next) {
            Ok(target) if followed => {
                links += 1;
                if links > LINKS_MAX {
                    return false;
                }
                let target = target.to_string_lossy();
                if target.starts_with('/') {
                    done.clear();
                }
                rest.extend(parts(&target));
            }
            _ => done = next,
        }
    }
    false
}

/// The parts of a path, the first one last.
fn parts(path: &str) -> Vec<String> {
    let parts = path.split('/').filter(|it| !it.is_empty() && *it != ".");
    parts.rev().map(str::to_owned).collect()
}

/// What is done with a link at the end of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Last {
    /// It is followed.
    Followed,
    /// It is what is asked about.
    Asked,
}

/// Refuses paths on file systems that wait for somebody else. A table that cannot be read refuses
/// nothing.
pub(super) fn reachable(path: &str, last: Last) -> Answer<()> {
    type Table = Option<(Instant, Arc<Vec<Mount>>)>;
    static TABLE: Mutex<Table> = Mutex::new(None);

    if path.starts_with("/proc/") || path.starts_with("/sys/") {
        return Ok(());
    }
    let table = {
        let mut table = TABLE.lock().unwrap_or_else(PoisonError::into_inner);
        let young = table.take().filter(|(read, _)| read.elapsed() < TABLE_AGE);
        let young = young.unwrap_or_else(|| {
            let mounts = mounts().unwrap_or_default();
            // Where no mount waits, no path has to be followed.
            let any = mounts.iter().any(Mount::waits);
            (
                Instant::now(),
                Arc::new(if any { mounts } else { Vec::new() }),
            )
        });
        table.insert(young).1.clone()
    };
    if !table.is_empty() && leads_to_waiting(&table, path, last) {
        return Err(Miss::Unknown(Reason::failed("remote file system")));
    }
    Ok(())
}
