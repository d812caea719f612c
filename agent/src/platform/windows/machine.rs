//! The machine: version of the system, name, processor, memory, volumes, firmware.

use std::time::{SystemTime, UNIX_EPOCH};

use daicho_report::Reason;
use windows_sys::Wdk::System::SystemServices::RtlGetVersion;
use windows_sys::Win32::Storage::FileSystem::{
    GetDiskFreeSpaceExW, GetDriveTypeW, GetLogicalDrives, GetVolumeInformationW,
};
use windows_sys::Win32::System::SystemInformation::{
    COMPUTER_NAME_FORMAT, ComputerNamePhysicalDnsFullyQualified, ComputerNamePhysicalNetBIOS,
    GetComputerNameExW, GetNativeSystemInfo, GetSystemFirmwareTable, GetTickCount64,
    GlobalMemoryStatusEx, MEMORYSTATUSEX, OSVERSIONINFOEXW, PROCESSOR_ARCHITECTURE_AMD64,
    PROCESSOR_ARCHITECTURE_ARM64, PROCESSOR_ARCHITECTURE_INTEL, RSMB, SYSTEM_INFO,
};

use super::super::space::Space;
use super::{Answer, Miss, RawMachine, RawVersion, RawVolume, last_miss, registry, text, wide};

const PROCESSOR: &str = r"HKLM\HARDWARE\DESCRIPTION\System\CentralProcessor\0";
/// Kinds of drives (`GetDriveTypeW`).
const REMOVABLE: u32 = 2;
const FIXED: u32 = 3;
/// Larger than any firmware's table.
const FIRMWARE_BYTES_MAX: u32 = 1 << 20;

/// The version of the system, which no setting of a program changes.
#[allow(unsafe_code)]
pub(in crate::platform) fn version() -> Answer<RawVersion> {
    let mut found = OSVERSIONINFOEXW {
        dwOSVersionInfoSize: u32::try_from(size_of::<OSVERSIONINFOEXW>()).unwrap_or(0),
        ..OSVERSIONINFOEXW::default()
    };
    // SAFETY: the structure begins with its own size, by which the call knows its longer form.
    let status = unsafe { RtlGetVersion((&raw mut found).cast()) };
    if status != 0 {
        return Err(Miss::Unknown(Reason::failed(format!(
            "0x{:08X}",
            status.cast_unsigned()
        ))));
    }
    Ok(RawVersion {
        major: found.dwMajorVersion,
        minor: found.dwMinorVersion,
        build: found.dwBuildNumber,
        service_pack: found.wServicePackMajor,
        product: found.wProductType,
        suite: found.wSuiteMask,
    })
}

/// The table of the firmware with its header of 8 bytes (`RawSMBIOSData`).
#[allow(unsafe_code)]
pub(in crate::platform) fn firmware() -> Answer<Vec<u8>> {
    // SAFETY: without a buffer the call answers with the length that it needs.
    let length = unsafe { GetSystemFirmwareTable(RSMB, 0, std::ptr::null_mut(), 0) };
    if length == 0 {
        return Err(last_miss());
    }
    if length > FIRMWARE_BYTES_MAX {
        return Err(Miss::Unknown(Reason::failed("too large")));
    }
    let mut bytes = vec![0; usize::try_from(length).unwrap_or(0)];
    // SAFETY: the buffer has the length that is given.
    let found = unsafe { GetSystemFirmwareTable(RSMB, 0, bytes.as_mut_ptr(), length) };
    match usize::try_from(found) {
        Ok(0) => Err(last_miss()),
        Ok(found) if found <= bytes.len() => {
            bytes.truncate(found);
            Ok(bytes)
        }
        _ => Err(Miss::Unknown(Reason::failed("changes while it is read"))),
    }
}

/// Name, processor, memory, start, volumes.
pub(in crate::platform) fn machine() -> Answer<RawMachine> {
    let version = version()?;
    let (architecture, processors) = processors();
    let (memory, memory_used) = memory()?;
    let brand = registry::value(PROCESSOR, "ProcessorNameString").ok();
    Ok(RawMachine {
        host_name: host_name(),
        kernel: Some(format!(
            "{}.{}.{}",
            version.major, version.minor, version.build
        )),
        architecture,
        processor: brand.and_then(|it| it.text().map(str::to_owned)),
        processors,
        memory,
        memory_used,
        booted_at: booted_at(),
        volumes: volumes(),
        volumes_unread: None,
    })
}

/// Name with domain, as the machine itself is called.
fn host_name() -> Option<String> {
    name(ComputerNamePhysicalDnsFullyQualified)
}

/// The name by which its own accounts are known.
pub(super) fn net_bios_name() -> Option<String> {
    name(ComputerNamePhysicalNetBIOS)
}

#[allow(unsafe_code)]
fn name(form: COMPUTER_NAME_FORMAT) -> Option<String> {
    let mut buffer = [0_u16; 1024];
    let mut length = u32::try_from(buffer.len()).ok()?;
    // SAFETY: the buffer has `length` units, of which the call writes no more.
    let known = unsafe { GetComputerNameExW(form, buffer.as_mut_ptr(), &raw mut length) };
    (known != 0).then(|| text(&buffer))
}

#[allow(unsafe_code)]
fn processors() -> (Option<String>, u32) {
    let mut info = SYSTEM_INFO::default();
    // SAFETY: the structure is written only.
    unsafe { GetNativeSystemInfo(&raw mut info) };
    // SAFETY: both forms of the union are numbers; every value is one of theirs.
    let kind = unsafe { info.Anonymous.Anonymous.wProcessorArchitecture };
    let name = match kind {
        PROCESSOR_ARCHITECTURE_AMD64 => "x86_64".to_owned(),
        PROCESSOR_ARCHITECTURE_INTEL => "x86".to_owned(),
        PROCESSOR_ARCHITECTURE_ARM64 => "aarch64".to_owned(),
        other => format!("processor {other}"),
    };
    (Some(name), info.dwNumberOfProcessors)
}

/// All memory, and what is in use.
#[allow(unsafe_code)]
fn memory() -> Answer<(u64, u64)> {
    let mut status = MEMORYSTATUSEX {
        dwLength: u32::try_from(size_of::<MEMORYSTATUSEX>()).unwrap_or(0),
        ..MEMORYSTATUSEX::default()
    };
    // SAFETY: the structure begins with its own size and is written only.
    if unsafe { GlobalMemoryStatusEx(&raw mut status) } == 0 {
        return Err(last_miss());
    }
    let used = status.ullTotalPhys.saturating_sub(status.ullAvailPhys);
    Ok((status.ullTotalPhys, used))
}

#[allow(unsafe_code)]
fn booted_at() -> Option<i64> {
    // SAFETY: the call takes nothing and cannot fail.
    let up = unsafe { GetTickCount64() } / 1000;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_secs();
    i64::try_from(now.checked_sub(up)?).ok()
}

/// Drives of this machine. Those of the network and discs are not asked: they may not answer.
#[allow(unsafe_code)]
fn volumes() -> Vec<RawVolume> {
    // SAFETY: the call takes nothing.
    let drives = unsafe { GetLogicalDrives() };
    let letters = (b'A'..=b'Z').enumerate();
    let there = letters.filter(|(at, _)| drives >> at & 1 == 1);
    there
        .filter_map(|(_, letter)| volume(char::from(letter)))
        .collect()
}

#[allow(unsafe_code)]
fn volume(letter: char) -> Option<RawVolume> {
    let mount = format!("{letter}:\\");
    let root = wide(&mount);
    // SAFETY: `root` ends with 0.
    let kind = unsafe { GetDriveTypeW(root.as_ptr()) };
    if kind != FIXED && kind != REMOVABLE {
        return None;
    }
    let mut name = [0_u16; 64];
    // SAFETY: `root` ends with 0; `name` has the length that is given; the rest is not asked.
    let known = unsafe {
        GetVolumeInformationW(
            root.as_ptr(),
            std::ptr::null_mut(),
            0,
            std::ptr::null_mut(),
            std::ptr::null_mut(),
            std::ptr::null_mut(),
            name.as_mut_ptr(),
            u32::try_from(name.len()).unwrap_or(0),
        )
    };
    let file_system = (known != 0).then(|| text(&name))?;
    let (mut own, mut total, mut free) = (0, 0, 0);
    // SAFETY: `root` ends with 0; the three numbers are written only.
    let known =
        unsafe { GetDiskFreeSpaceExW(root.as_ptr(), &raw mut own, &raw mut total, &raw mut free) };
    (known != 0).then_some(RawVolume {
        device: mount.clone(),
        mount,
        file_system,
        total,
        free,
        removable: kind == REMOVABLE,
    })
}

/// The room on the volume that holds a folder.
#[allow(unsafe_code)]
pub(in crate::platform) fn space(folder: &std::path::Path) -> std::io::Result<Space> {
    let path = wide(&folder.to_string_lossy());
    let (mut own, mut total, mut free) = (0, 0, 0);
    // SAFETY: the path ends with 0; the three numbers are written only.
    let known =
        unsafe { GetDiskFreeSpaceExW(path.as_ptr(), &raw mut own, &raw mut total, &raw mut free) };
    if known == 0 {
        return Err(std::io::Error::last_os_error());
    }
    Ok(Space {
        total,
        available: own,
    })
}
