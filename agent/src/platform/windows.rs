//! Raw reads on Windows: the registry and the system's own calls, all of them in Windows 7 SP1. It
//! starts no process but its own worker for WMI; sizes and counts are bounded. Every question that
//! only Linux can answer gets `unsupported`.

#[path = "windows/account.rs"]
mod account;
#[path = "windows/adapter.rs"]
mod adapter;
#[path = "windows/cost.rs"]
mod cost;
#[path = "windows/event.rs"]
mod event;
#[path = "windows/file.rs"]
mod file;
#[path = "windows/job.rs"]
mod job;
#[path = "windows/machine.rs"]
mod machine;
#[path = "windows/proxy.rs"]
mod proxy;
#[path = "windows/registry.rs"]
mod registry;
#[path = "windows/resolver.rs"]
mod resolver;
#[path = "windows/service.rs"]
mod service;
#[path = "windows/session.rs"]
mod session;
#[path = "windows/sid.rs"]
mod sid;
#[path = "windows/table.rs"]
mod table;
#[path = "unsupported.rs"]
#[allow(dead_code, reason = "only what Windows does not have is taken from it")]
mod unsupported;
#[path = "windows/wmi.rs"]
mod wmi;

use daicho_report::Reason;

use super::{
    Answer, Miss, RawAccess, RawAccount, RawAdapter, RawAddress, RawEventLog, RawJoin, RawLink,
    RawMachine, RawMember, RawNeighbour, RawObject, RawPasswordRules, RawProcess, RawRoute,
    RawService, RawSession, RawSocket, RawToken, RawUpdate, RawValue, RawVersion, RawVolume,
};

pub(super) use account::{group_members, join, local_accounts, password_rules};
pub(super) use adapter::{adapters, addresses, links};
pub(super) use cost::{own_cost, own_memory_kib};
pub(super) use event::event_log;
pub(super) use file::{born, exists, file, folder, folder_bytes, head, modified, tail};
pub(super) use job::Job;
pub(super) use machine::{firmware, machine, space, version};
pub(super) use proxy::{proxies, proxy_bypass};
pub(super) use registry::{
    has as registry_has, keys as registry_keys, names as registry_names, share_access,
    value as registry, values as registry_values,
};
pub(super) use resolver::resolved;
pub(super) use service::{drivers, services};
pub(super) use session::{own_sid, sessions};
pub(super) use sid::{of_account, shown};
pub(super) use table::{neighbours, processes, routes, sockets};
pub(super) use unsupported::{
    clock, guests, link, locked_accounts, offers, printers, rpm_packages,
};
pub(super) use wmi::{offered_updates, wmi, worker};

/// `%ProgramData%` is there unless somebody moved it; then `--state` says where.
pub(super) const DEFAULT_STATE: &str = r"C:\ProgramData\Daicho\agent";

/// As sections name their source.
pub(super) const NAME: &str = "windows";

/// Text for the system: UTF-16 with its end.
pub(super) fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().chain([0]).collect()
}

/// Text of the system, up to its end or that of the buffer.
fn text(units: &[u16]) -> String {
    let end = units.iter().position(|unit| *unit == 0);
    let units = end.and_then(|end| units.get(..end)).unwrap_or(units);
    String::from_utf16_lossy(units)
}

/// The system's error as the reason of a raw read.
fn miss(code: u32) -> Miss {
    use windows_sys::Win32::Foundation::{
        ERROR_ACCESS_DENIED, ERROR_CALL_NOT_IMPLEMENTED, ERROR_FILE_NOT_FOUND,
        ERROR_INVALID_FUNCTION, ERROR_NOT_SUPPORTED, ERROR_PATH_NOT_FOUND,
    };
    match code {
        ERROR_FILE_NOT_FOUND | ERROR_PATH_NOT_FOUND => Miss::Absent,
        ERROR_ACCESS_DENIED => Miss::Unknown(Reason::Denied),
        ERROR_NOT_SUPPORTED | ERROR_CALL_NOT_IMPLEMENTED | ERROR_INVALID_FUNCTION => {
            Miss::Unknown(Reason::Unsupported)
        }
        code => Miss::Unknown(Reason::failed(format!("error {code}"))),
    }
}

/// The error of the call before.
fn last_miss() -> Miss {
    let code = std::io::Error::last_os_error().raw_os_error();
    miss(code.map_or(0, i32::cast_unsigned))
}
