//! Services by what manages them: names, kinds and states. The manager is opened for listing only;
//! no service is opened, and neither programs nor their arguments are asked for.

use daicho_report::Reason;
use windows_sys::Win32::Foundation::ERROR_MORE_DATA;
use windows_sys::Win32::System::Services::{
    CloseServiceHandle, ENUM_SERVICE_STATUS_PROCESSW, EnumServicesStatusExW, OpenSCManagerW,
    SC_ENUM_PROCESS_INFO, SC_HANDLE, SC_MANAGER_ENUMERATE_SERVICE, SERVICE_DRIVER,
    SERVICE_STATE_ALL, SERVICE_WIN32,
};

use super::adapter::long;
use super::{Answer, Miss, RawService, last_miss, miss};

/// The call takes no larger buffer.
const BUFFER_BYTES: usize = 256 << 10;
/// Buffers that are asked for.
const ROUNDS_MAX: usize = 100;

/// The open manager, closed at the end.
struct Manager(SC_HANDLE);

impl Drop for Manager {
    #[allow(unsafe_code)]
    fn drop(&mut self) {
        // SAFETY: the handle is ours and closed once; the result changes nothing.
        let _ = unsafe { CloseServiceHandle(self.0) };
    }
}

/// All services that are programs, sorted.
pub(in crate::platform) fn services() -> Answer<Vec<RawService>> {
    all(SERVICE_WIN32)
}

/// The kernel's drivers and those of file systems, sorted.
pub(in crate::platform) fn drivers() -> Answer<Vec<RawService>> {
    all(SERVICE_DRIVER)
}

#[allow(unsafe_code)]
fn all(kind: u32) -> Answer<Vec<RawService>> {
    let none = std::ptr::null();
    // SAFETY: without names it is this machine's manager.
    let manager = unsafe { OpenSCManagerW(none, none, SC_MANAGER_ENUMERATE_SERVICE) };
    if manager.is_null() {
        return Err(last_miss());
    }
    let manager = Manager(manager);
    let mut resume = 0;
    let mut found = Vec::new();
    for _ in 0..ROUNDS_MAX {
        // Units of 8 bytes, as the system's structures need them.
        let mut buffer = vec![0_u64; BUFFER_BYTES / 8];
        let (mut missing, mut count) = (0, 0);
        // SAFETY: the buffer has the length that is given; the three numbers are written only.
        let whole = unsafe {
            EnumServicesStatusExW(
                manager.0,
                SC_ENUM_PROCESS_INFO,
                kind,
                SERVICE_STATE_ALL,
                buffer.as_mut_ptr().cast(),
                u32::try_from(BUFFER_BYTES).unwrap_or(0),
                &raw mut missing,
                &raw mut count,
                &raw mut resume,
                none,
            )
        };
        let code = std::io::Error::last_os_error().raw_os_error().unwrap_or(0);
        if whole == 0 && code.cast_unsigned() != ERROR_MORE_DATA {
            return Err(miss(code.cast_unsigned()));
        }
        take(&buffer, usize::try_from(count).unwrap_or(0), &mut found);
        if whole != 0 {
            found.sort();
            return Ok(found);
        }
    }
    Err(Miss::Unknown(Reason::failed("too many entries")))
}

#[allow(unsafe_code)]
fn take(buffer: &[u64], count: usize, found: &mut Vec<RawService>) {
    let first = buffer.as_ptr().cast::<ENUM_SERVICE_STATUS_PROCESSW>();
    let room = size_of_val(buffer) / size_of::<ENUM_SERVICE_STATUS_PROCESSW>();
    for at in 0..count.min(room) {
        // SAFETY: the system filled the buffer with so many of these, and `at` lies inside of it.
        let entry = unsafe { &*first.add(at) };
        found.push(RawService {
            name: long(entry.lpServiceName),
            kind: entry.ServiceStatusProcess.dwServiceType,
            state: entry.ServiceStatusProcess.dwCurrentState,
        });
    }
}
