//! Raw reads on Linux: files, `/proc`, rtnetlink, sysinfo. Starts no process, follows no host name,
//! reads neither command lines nor environments; sizes, counts and waiting are bounded.

#[path = "linux/clock.rs"]
mod clock;
#[path = "linux/file.rs"]
mod file;
#[path = "linux/guest.rs"]
mod guest;
#[path = "linux/index.rs"]
mod index;
#[path = "linux/mount.rs"]
mod mount;
#[path = "linux/netlink.rs"]
mod netlink;
#[path = "linux/printer.rs"]
mod printer;
#[path = "linux/process.rs"]
mod process;
#[path = "linux/proxy.rs"]
mod proxy;
#[path = "linux/rpm.rs"]
mod rpm;
#[path = "linux/volume.rs"]
mod volume;

use std::mem::MaybeUninit;
use std::sync::LazyLock;
use std::time::Instant;

use daicho_report::{Cost, Reason};

use super::{Answer, Miss, RawMachine, RawPackage};
use file::{miss, open};

pub(super) use clock::clock;
pub(super) use file::{born, exists, file, folder, folder_bytes, head, link, modified, tail};
pub(super) use guest::guests;
pub(super) use index::offers;
pub(super) use netlink::{addresses, links, neighbours, routes};
pub(super) use printer::printers;
pub(super) use process::processes;
pub(super) use proxy::{proxies, proxy_bypass};
pub(super) use rpm::rpm_packages;

/// Where the state is unless somebody says otherwise.
pub(super) const DEFAULT_STATE: &str = "/var/lib/daicho-agent";

/// As sections name their source.
pub(super) const NAME: &str = "linux";

const SHADOW_BYTES_MAX: usize = 1 << 20;

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
    let (volumes, volumes_unread) = volume::volumes();
    Ok(RawMachine {
        host_name: System::host_name().ok(),
        kernel: System::kernel_version().ok(),
        architecture: Some(System::cpu_arch()),
        processor: brand.filter(|brand| !brand.is_empty()),
        processors: u32::try_from(system.cpus().len()).unwrap_or(u32::MAX),
        memory: system.total_memory(),
        memory_used: system.used_memory(),
        // Where this file is missing, the time since the start would come back as a date of 1970.
        booted_at: head("/proc/stat", 1)
            .ok()
            .and_then(|_| System::boot_time().ok())
            .and_then(|it| i64::try_from(it).ok()),
        volumes,
        volumes_unread,
    })
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
