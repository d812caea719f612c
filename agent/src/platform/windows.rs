//! Raw reads on Windows: the registry and the system's own calls, all of them in Windows 7 SP1. It
//! starts no process and asks no WMI; sizes and counts are bounded. What is still to come says
//! `unsupported`, as does every question that only Linux can answer.

#[path = "windows/adapter.rs"]
mod adapter;
#[path = "windows/cost.rs"]
mod cost;
#[path = "windows/machine.rs"]
mod machine;
#[path = "windows/registry.rs"]
mod registry;
#[path = "windows/service.rs"]
mod service;
#[path = "windows/table.rs"]
mod table;
#[path = "unsupported.rs"]
#[allow(dead_code, reason = "only what is not read here yet is taken from it")]
mod unsupported;

use daicho_report::Reason;

use super::{
    Answer, Miss, RawAdapter, RawAddress, RawLink, RawMachine, RawNeighbour, RawProcess, RawRoute,
    RawService, RawSocket, RawValue, RawVersion, RawVolume,
};

pub(super) use adapter::{adapters, addresses, links};
pub(super) use cost::{own_cost, own_memory_kib};
pub(super) use machine::{firmware, machine, version};
pub(super) use registry::{keys as registry_keys, value as registry};
pub(super) use service::services;
pub(super) use table::{neighbours, processes, routes, sockets};
pub(super) use unsupported::{
    born, clock, exists, file, folder, folder_bytes, guests, head, link, locked_accounts, modified,
    offers, proxies, proxy_bypass, rpm_packages, tail,
};

/// As sections name their source.
pub(super) const NAME: &str = "windows";

/// Text for the system: UTF-16 with its end.
fn wide(text: &str) -> Vec<u16> {
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
