//! What bounds the service and what it leaves: privileges, priority, memory, its lines in the
//! log of events.

use std::io;
use std::ptr::{null, null_mut};

use windows_service::service::Service;
use windows_sys::Win32::Foundation::HANDLE;
use windows_sys::Win32::System::EventLog::{
    DeregisterEventSource, EVENTLOG_ERROR_TYPE, EVENTLOG_INFORMATION_TYPE, RegisterEventSourceW,
    ReportEventW,
};
use windows_sys::Win32::System::Registry::{
    HKEY, HKEY_LOCAL_MACHINE, KEY_WRITE, REG_DWORD, REG_EXPAND_SZ, RegCloseKey, RegCreateKeyExW,
    RegDeleteKeyW, RegSetValueExW,
};
use windows_sys::Win32::System::Services::{
    ChangeServiceConfig2W, SERVICE_CONFIG_REQUIRED_PRIVILEGES_INFO,
    SERVICE_REQUIRED_PRIVILEGES_INFOW,
};
use windows_sys::Win32::System::Threading::{
    BELOW_NORMAL_PRIORITY_CLASS, GetCurrentProcess, SetPriorityClass,
};

use crate::platform::live::{Job, wide};

/// The rights of whoever is logged in (`WTSQueryUserToken`), questions to COM, and what every process has.
const PRIVILEGES: &[&str] = &[
    "SeTcbPrivilege",
    "SeImpersonatePrivilege",
    "SeChangeNotifyPrivilege",
];
const SOURCE_KEY: &str = r"SYSTEM\CurrentControlSet\Services\EventLog\Application\DaichoAgent";
const SOURCE: &str = crate::platform::daemon::NAME;
/// A program of the system whose messages are the text itself.
const MESSAGES: &str = r"%SystemRoot%\System32\EventCreate.exe";
const EVENT: u32 = 1;
/// Twenty times what a collection takes.
const MEMORY_BYTES: usize = 192 << 20;

fn checked(code: u32) -> io::Result<()> {
    match code {
        0 => Ok(()),
        code => Err(io::Error::from_raw_os_error(code.cast_signed())),
    }
}

/// Takes every other privilege from the service.
#[allow(unsafe_code)]
pub(super) fn require_privileges(service: &Service) {
    let names = PRIVILEGES.iter().flat_map(|it| wide(it));
    let mut names: Vec<u16> = names.chain([0]).collect();
    let list = SERVICE_REQUIRED_PRIVILEGES_INFOW {
        pmszRequiredPrivileges: names.as_mut_ptr(),
    };
    // SAFETY: the handle is open; the list ends with an empty text. A refusal leaves it as it was.
    let _ = unsafe {
        ChangeServiceConfig2W(
            service.raw_handle().cast(),
            SERVICE_CONFIG_REQUIRED_PRIVILEGES_INFO,
            (&raw const list).cast(),
        )
    };
}

/// Names our lines in the log of events.
pub(super) fn add_source() -> io::Result<()> {
    let mut key: HKEY = null_mut();
    let path = wide(SOURCE_KEY);
    let file = wide(MESSAGES);
    let bytes: Vec<u8> = file.iter().flat_map(|unit| unit.to_le_bytes()).collect();
    create(&path, &mut key)?;
    let set = set(key, "EventMessageFile", REG_EXPAND_SZ, &bytes)
        .and_then(|()| set(key, "TypesSupported", REG_DWORD, &7_u32.to_le_bytes()));
    close(key);
    set
}

#[allow(unsafe_code)]
fn create(path: &[u16], key: &mut HKEY) -> io::Result<()> {
    // SAFETY: the path ends with 0; the key is written only.
    checked(unsafe {
        RegCreateKeyExW(
            HKEY_LOCAL_MACHINE,
            path.as_ptr(),
            0,
            null(),
            0,
            KEY_WRITE,
            null(),
            key,
            null_mut(),
        )
    })
}

#[allow(unsafe_code)]
fn set(key: HKEY, name: &str, kind: u32, bytes: &[u8]) -> io::Result<()> {
    let name = wide(name);
    let length = u32::try_from(bytes.len()).unwrap_or(0);
    // SAFETY: the key is open; the name ends with 0; the value has the length that is given.
    checked(unsafe { RegSetValueExW(key, name.as_ptr(), 0, kind, bytes.as_ptr(), length) })
}

#[allow(unsafe_code)]
fn close(key: HKEY) {
    // SAFETY: the key is ours and closed once; the result changes nothing.
    let _ = unsafe { RegCloseKey(key) };
}

/// Takes that name away.
#[allow(unsafe_code)]
pub(super) fn remove_source() {
    let path = wide(SOURCE_KEY);
    // SAFETY: the path ends with 0. One that is not there is fine.
    let _ = unsafe { RegDeleteKeyW(HKEY_LOCAL_MACHINE, path.as_ptr()) };
}

/// A line in the log of events.
#[allow(unsafe_code)]
pub(crate) fn event(failed: bool, text: &str) {
    let (source, text) = (wide(SOURCE), wide(text));
    // SAFETY: the name ends with 0; without a server it is this machine.
    let log: HANDLE = unsafe { RegisterEventSourceW(null(), source.as_ptr()) };
    if log.is_null() {
        return;
    }
    let kind = if failed {
        EVENTLOG_ERROR_TYPE
    } else {
        EVENTLOG_INFORMATION_TYPE
    };
    let texts = [text.as_ptr()];
    // SAFETY: the handle is open; there is one text, which ends with 0, and no data.
    unsafe {
        ReportEventW(
            log,
            kind,
            0,
            EVENT,
            null_mut(),
            1,
            0,
            texts.as_ptr(),
            null(),
        );
        DeregisterEventSource(log);
    }
}

/// Lets other programs go first, and bounds the memory of this one and of what it starts. The job ends
/// with this process, and its workers with the job; before Windows 8 a process that is in a job already
/// cannot be put into another, and goes on without.
#[allow(unsafe_code)]
pub(crate) fn step_back() {
    // SAFETY: the first call gives this process itself, which needs no closing.
    let process = unsafe {
        let process = GetCurrentProcess();
        let _ = SetPriorityClass(process, BELOW_NORMAL_PRIORITY_CLASS);
        process
    };
    // Its handle stays until the process ends.
    std::mem::forget(Job::around(process, MEMORY_BYTES, None));
}
