//! Raw reads on Linux: files, `/proc`, rtnetlink, sysinfo. Starts no process, follows no host name,
//! reads neither command lines nor environments; sizes, counts and waiting are bounded.

#[path = "linux/clock.rs"]
mod clock;
#[path = "linux/guest.rs"]
mod guest;
#[path = "linux/index.rs"]
mod index;
#[path = "linux/netlink.rs"]
mod netlink;
#[path = "linux/proxy.rs"]
mod proxy;
#[path = "linux/rpm.rs"]
mod rpm;

use std::ffi::CString;
use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::mem::MaybeUninit;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::LazyLock;
use std::time::{Instant, UNIX_EPOCH};

use daicho_report::{Cost, Reason};

use super::{Answer, FOLDER_ENTRIES_MAX, Miss, RawMachine, RawPackage, RawProcess, RawVolume};

pub(super) use clock::clock;
pub(super) use guest::guests;
pub(super) use index::offers;
pub(super) use netlink::{addresses, links, neighbours, routes};
pub(super) use proxy::proxies;
pub(super) use rpm::rpm_packages;

/// As sections name their source.
pub(super) const NAME: &str = "linux";

const PROCESSES_MAX: usize = 20_000;
const SOCKETS_MAX: usize = 200_000;
const SHADOW_BYTES_MAX: usize = 1 << 20;

fn miss(error: &io::Error) -> Miss {
    match error.raw_os_error() {
        Some(libc::ENOENT | libc::ENOTDIR) => Miss::Absent,
        Some(libc::EACCES | libc::EPERM) => Miss::Unknown(Reason::Denied),
        Some(libc::ETIMEDOUT | libc::EAGAIN) => Miss::Unknown(Reason::TimedOut),
        Some(code) => Miss::Unknown(Reason::failed(format!("errno {code}"))),
        None => Miss::Unknown(Reason::failed(error.kind().to_string())),
    }
}

fn open(path: &str) -> Answer<File> {
    // A pipe or device in the place of a file must not make the agent wait.
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NONBLOCK | libc::O_CLOEXEC | libc::O_NOCTTY)
        .open(path)
        .map_err(|error| miss(&error))?;
    let kind = file.metadata().map_err(|error| miss(&error))?.file_type();
    if kind.is_file() {
        Ok(file)
    } else {
        Err(Miss::Unknown(Reason::failed("no regular file")))
    }
}

fn read_up_to(path: &str, max: usize) -> Answer<Vec<u8>> {
    let limit = u64::try_from(max).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    open(path)?
        .take(limit)
        .read_to_end(&mut bytes)
        .map_err(|error| miss(&error))?;
    Ok(bytes)
}

pub(super) fn file(path: &str, max: usize) -> Answer<Vec<u8>> {
    let bytes = read_up_to(path, max.saturating_add(1))?;
    if bytes.len() > max {
        return Err(Miss::Unknown(Reason::failed("EFBIG")));
    }
    Ok(bytes)
}

pub(super) fn head(path: &str, len: usize) -> Answer<Vec<u8>> {
    read_up_to(path, len)
}

pub(super) fn tail(path: &str, len: usize) -> Answer<Vec<u8>> {
    use std::io::{Seek, SeekFrom};

    let mut file = open(path)?;
    let whole = file.metadata().map_err(|error| miss(&error))?.len();
    let limit = u64::try_from(len).unwrap_or(u64::MAX);
    file.seek(SeekFrom::Start(whole.saturating_sub(limit)))
        .map_err(|error| miss(&error))?;
    let mut bytes = Vec::new();
    file.take(limit)
        .read_to_end(&mut bytes)
        .map_err(|error| miss(&error))?;
    Ok(bytes)
}

/// Bytes on the disk of the files in a folder and in the folders directly below.
pub(super) fn folder_bytes(path: &str) -> Answer<u64> {
    use std::os::unix::fs::MetadataExt;

    let mut bytes = 0_u64;
    let mut folders = vec![path.to_owned()];
    let mut below = true;
    while let Some(folder) = folders.pop() {
        for name in self::folder(&folder)? {
            let place = format!("{folder}/{name}");
            // One that ended meanwhile is no failure.
            let Ok(found) = std::fs::symlink_metadata(&place) else {
                continue;
            };
            if found.is_file() {
                bytes = bytes.saturating_add(found.blocks().saturating_mul(512));
            } else if found.is_dir() && below && folders.len() < FOLDER_ENTRIES_MAX {
                folders.push(place);
            }
        }
        // What was found in the first folder is the level below; nothing further down is opened.
        below = false;
    }
    Ok(bytes)
}

pub(super) fn folder(path: &str) -> Answer<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(path).map_err(|error| miss(&error))? {
        if names.len() >= FOLDER_ENTRIES_MAX {
            return Err(Miss::Unknown(Reason::failed("too many entries")));
        }
        let entry = entry.map_err(|error| miss(&error))?;
        names.push(entry.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

pub(super) fn link(path: &str) -> Answer<String> {
    let target = std::fs::read_link(path).map_err(|error| miss(&error))?;
    Ok(target.to_string_lossy().into_owned())
}

pub(super) fn exists(path: &str) -> Answer<bool> {
    match std::fs::symlink_metadata(path).map_err(|error| miss(&error)) {
        Ok(_) => Ok(true),
        Err(Miss::Absent) => Ok(false),
        Err(unknown) => Err(unknown),
    }
}

fn seconds(time: io::Result<std::time::SystemTime>) -> Answer<i64> {
    let time = time.map_err(|error| match error.kind() {
        io::ErrorKind::Unsupported => Miss::Unknown(Reason::Unsupported),
        _ => miss(&error),
    })?;
    let since = time.duration_since(UNIX_EPOCH);
    let since = since.map_err(|_| Miss::Unknown(Reason::failed("before 1970")))?;
    i64::try_from(since.as_secs()).map_err(|_| Miss::Unknown(Reason::failed("time")))
}

pub(super) fn born(path: &str) -> Answer<i64> {
    seconds(
        std::fs::metadata(path)
            .map_err(|error| miss(&error))?
            .created(),
    )
}

pub(super) fn modified(path: &str) -> Answer<i64> {
    seconds(
        std::fs::metadata(path)
            .map_err(|error| miss(&error))?
            .modified(),
    )
}

pub(super) fn locked_accounts() -> Answer<Vec<String>> {
    let text = file("/etc/shadow", SHADOW_BYTES_MAX)?;
    let text = String::from_utf8_lossy(&text);
    let locked = text.lines().filter_map(|line| {
        let mut parts = line.split(':');
        let (name, mark) = (parts.next()?, parts.next()?);
        (mark.starts_with('!') || mark.starts_with('*')).then(|| name.to_owned())
    });
    let mut locked: Vec<String> = locked.collect();
    locked.sort();
    Ok(locked)
}

pub(super) fn machine() -> Answer<RawMachine> {
    use sysinfo::{CpuRefreshKind, MemoryRefreshKind, RefreshKind, System};

    let wanted = RefreshKind::nothing()
        .with_cpu(CpuRefreshKind::nothing())
        .with_memory(MemoryRefreshKind::nothing().with_ram());
    let system = System::new_with_specifics(wanted)
        .map_err(|error| Miss::Unknown(Reason::failed(error.to_string())))?;
    let brand = system
        .cpus()
        .first()
        .map(|cpu| cpu.brand().trim().to_owned());
    Ok(RawMachine {
        host_name: System::host_name().ok(),
        kernel: System::kernel_version().ok(),
        architecture: Some(System::cpu_arch()),
        processor: brand.filter(|brand| !brand.is_empty()),
        processors: u32::try_from(system.cpus().len()).unwrap_or(u32::MAX),
        memory: system.total_memory(),
        memory_used: system.used_memory(),
        booted_at: System::boot_time()
            .ok()
            .and_then(|it| i64::try_from(it).ok()),
        volumes: volumes(),
    })
}

/// File systems that wait for another machine: a server that is gone would make the agent wait.
const REMOTE: &[&str] = &[
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "ceph",
    "glusterfs",
    "afs",
    "9p",
];
const MOUNTS_BYTES_MAX: usize = 1 << 20;

/// Volumes on block devices of this machine, each device once.
fn volumes() -> Vec<RawVolume> {
    let mounts = file("/proc/self/mounts", MOUNTS_BYTES_MAX).unwrap_or_default();
    let mounts = String::from_utf8_lossy(&mounts);
    let mut volumes: Vec<RawVolume> = Vec::new();
    for line in mounts.lines() {
        let mut parts = line.split(' ');
        let (Some(device), Some(mount), Some(kind)) = (parts.next(), parts.next(), parts.next())
        else {
            continue;
        };
        let local =
            device.starts_with("/dev/") && !REMOTE.contains(&kind) && !kind.starts_with("fuse");
        if !local || volumes.iter().any(|it| it.device == device) {
            continue;
        }
        let Some((total, free)) = room(Path::new(mount)) else {
            continue;
        };
        volumes.push(RawVolume {
            mount: mount.to_owned(),
            file_system: kind.to_owned(),
            device: device.to_owned(),
            total,
            free,
            removable: removable(device),
        });
    }
    volumes.sort();
    volumes
}

/// A partition's mark is that of the disk it stands on: the folder above it in sysfs.
fn removable(device: &str) -> bool {
    let name = device.trim_start_matches("/dev/");
    let own = file(&format!("/sys/class/block/{name}/removable"), 16);
    let flag = own.or_else(|_| file(&format!("/sys/class/block/{name}/../removable"), 16));
    flag.unwrap_or_default().starts_with(b"1")
}

/// Size and free bytes of the volume mounted at a path.
fn room(mount: &Path) -> Option<(u64, u64)> {
    let path = CString::new(mount.as_os_str().as_bytes()).ok()?;
    let mut found = MaybeUninit::<libc::statvfs>::uninit();
    // SAFETY: `path` ends with a zero byte and lives through the call; `found` has room for the
    // structure, which the call fills in when it answers 0.
    #[allow(unsafe_code)]
    let found = unsafe {
        if libc::statvfs(path.as_ptr(), found.as_mut_ptr()) != 0 {
            return None;
        }
        found.assume_init()
    };
    let unit = found.f_frsize;
    Some((
        found.f_blocks.saturating_mul(unit),
        found.f_bavail.saturating_mul(unit),
    ))
}

pub(super) fn processes() -> Answer<Vec<RawProcess>> {
    let numbers = folder("/proc")?
        .into_iter()
        .filter(|name| name.bytes().all(|b| b.is_ascii_digit()));
    let mut found = Vec::new();
    let mut sockets_left = SOCKETS_MAX;
    for number in numbers.take(PROCESSES_MAX) {
        // One that ended meanwhile is no failure.
        let Ok(name) = file(&format!("/proc/{number}/comm"), 64) else {
            continue;
        };
        let name = String::from_utf8_lossy(&name).trim_end().to_owned();
        let sockets = match sockets(&number, &mut sockets_left) {
            Err(Miss::Absent) => continue,
            sockets => sockets.ok(),
        };
        found.push(RawProcess { name, sockets });
    }
    found.sort();
    Ok(found)
}

/// Inodes of the sockets that a process holds; absent: it ended meanwhile.
fn sockets(number: &str, left: &mut usize) -> Answer<Vec<u64>> {
    let mut inodes = Vec::new();
    for entry in std::fs::read_dir(format!("/proc/{number}/fd")).map_err(|error| miss(&error))? {
        let Ok(target) = entry.and_then(|entry| std::fs::read_link(entry.path())) else {
            continue;
        };
        let target = target.to_string_lossy();
        let inode = target
            .strip_prefix("socket:[")
            .and_then(|it| it.strip_suffix(']'));
        if let Some(inode) = inode.and_then(|it| it.parse().ok()) {
            let fewer = left.checked_sub(1);
            *left = fewer.ok_or_else(|| Miss::Unknown(Reason::failed("too many entries")))?;
            inodes.push(inode);
        }
    }
    inodes.sort_unstable();
    Ok(inodes)
}

/// What this process has cost since the first question.
pub(super) fn own_cost() -> Cost {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    let mut used = MaybeUninit::<libc::rusage>::uninit();
    // SAFETY: `used` has room for the structure, which the call fills in when it answers 0.
    #[allow(unsafe_code)]
    let used = unsafe {
        if libc::getrusage(libc::RUSAGE_SELF, used.as_mut_ptr()) != 0 {
            return Cost::default();
        }
        used.assume_init()
    };
    let milliseconds = |time: libc::timeval| {
        let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
        seconds * 1000 + u64::try_from(time.tv_usec).unwrap_or(0) / 1000
    };
    Cost {
        cpu_ms: milliseconds(used.ru_utime) + milliseconds(used.ru_stime),
        wall_ms: u64::try_from(START.elapsed().as_millis()).unwrap_or(u64::MAX),
        peak_kib: u64::try_from(used.ru_maxrss).unwrap_or(0),
    }
}

/// Resident memory (`VmRSS:  1234 kB`, proc(5)).
pub(super) fn own_memory_kib() -> u64 {
    let text = file("/proc/self/status", 64 << 10).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    number.unwrap_or(0)
}
