//! Tables of the network and of processes: routes, neighbours, sockets with their owners' numbers,
//! names of programs. Of a process nothing but number and short name is taken.

use daicho_report::Reason;
use windows_sys::Win32::Foundation::{
    CloseHandle, ERROR_INSUFFICIENT_BUFFER, ERROR_NOT_FOUND, ERROR_SUCCESS, INVALID_HANDLE_VALUE,
};
use windows_sys::Win32::NetworkManagement::IpHelper::{
    FreeMibTable, GetExtendedTcpTable, GetExtendedUdpTable, GetIpForwardTable2, GetIpNetTable2,
    MIB_IPFORWARD_ROW2, MIB_IPFORWARD_TABLE2, MIB_IPNET_ROW2, MIB_IPNET_TABLE2,
    TCP_TABLE_OWNER_PID_ALL, UDP_TABLE_OWNER_PID,
};
use windows_sys::Win32::Networking::WinSock::{AF_INET, AF_INET6};
use windows_sys::Win32::System::Diagnostics::ToolHelp::{
    CreateToolhelp32Snapshot, PROCESSENTRY32W, Process32FirstW, Process32NextW, TH32CS_SNAPPROCESS,
};

use super::super::raw::Table;
use super::adapter::{ip_of, mac};
use super::{Answer, Miss, RawNeighbour, RawProcess, RawRoute, RawSocket, last_miss, miss, text};

/// Rows of a table.
const ROWS_MAX: usize = 200_000;
const PROCESSES_MAX: usize = 50_000;
/// About 200,000 sockets.
const TABLE_BYTES_MAX: u32 = 32 << 20;
const TRIES: usize = 5;
/// The table that other systems call main: Windows has one.
const MAIN: u32 = 254;

/// Protocols and origins of a route (`NL_ROUTE_PROTOCOL`, `NL_ROUTE_ORIGIN`).
const LOCAL: i32 = 2;
const MANAGED: i32 = 3;
const REDIRECT: i32 = 4;
const BY_DHCP: i32 = 2;
const BY_ROUTER: i32 = 3;

/// Routes of both families. A machine without one family says that it is not there.
#[allow(unsafe_code)]
pub(in crate::platform) fn routes() -> Answer<Vec<RawRoute>> {
    let mut found = Vec::new();
    for (family, needed) in [(AF_INET, true), (AF_INET6, false)] {
        let mut table: *mut MIB_IPFORWARD_TABLE2 = std::ptr::null_mut();
        // SAFETY: the call fills in a pointer to a table of its own, freed below.
        let code = unsafe { GetIpForwardTable2(family, &raw mut table) };
        if !is_there(code, needed)? || table.is_null() {
            continue;
        }
        // SAFETY: the table holds as many rows as it says, one behind the other.
        unsafe {
            let count = usize::try_from((*table).NumEntries).unwrap_or(0);
            let first = (&raw const (*table).Table).cast::<MIB_IPFORWARD_ROW2>();
            for at in 0..count.min(ROWS_MAX) {
                found.extend(route(first.add(at)));
            }
            FreeMibTable(table.cast());
        }
    }
    found.sort();
    Ok(found)
}

/// Whether a table was given; the family that may be missing is no failure.
fn is_there(code: u32, needed: bool) -> Answer<bool> {
    match code {
        ERROR_SUCCESS => Ok(true),
        ERROR_NOT_FOUND => Ok(false),
        _ if !needed && matches!(miss(code), Miss::Unknown(Reason::Unsupported)) => Ok(false),
        code => Err(miss(code)),
    }
}

/// Only the fields that are taken are touched: others of the row have forms that a value of the
/// system may not keep to.
///
/// # Safety
/// `row` points to a row of the system.
#[allow(unsafe_code)]
unsafe fn route(row: *const MIB_IPFORWARD_ROW2) -> Option<RawRoute> {
    // SAFETY: by the caller; plain numbers.
    let (prefix, gateway, index, metric, protocol, origin) = unsafe {
        (
            (*row).DestinationPrefix,
            (*row).NextHop,
            (*row).InterfaceIndex,
            (*row).Metric,
            (*row).Protocol,
            (*row).Origin,
        )
    };
    let destination = ip_of(&prefix.Prefix)?;
    let gateway = ip_of(&gateway).filter(|it| !it.is_unspecified());
    let bits = if destination.is_ipv4() { 32 } else { 128 };
    // Own addresses and broadcast stand in the same table.
    let own = gateway.is_none() && protocol == LOCAL && prefix.PrefixLength == bits;
    let protocol = match (origin, protocol) {
        (BY_DHCP, _) => "dhcp".to_owned(),
        (BY_ROUTER, _) => "ra".to_owned(),
        (_, LOCAL) => "kernel".to_owned(),
        (_, MANAGED) => "static".to_owned(),
        (_, REDIRECT) => "redirect".to_owned(),
        (_, other) => other.to_string(),
    };
    Some(RawRoute {
        table: MAIN,
        kind: if own || destination.is_loopback() {
            "local"
        } else {
            "unicast"
        }
        .to_owned(),
        protocol,
        destination,
        prefix: prefix.PrefixLength,
        gateway,
        index: Some(index),
        metric: Some(metric),
        source: None,
    })
}

/// Neighbours of both families, asked one by one.
#[allow(unsafe_code)]
pub(in crate::platform) fn neighbours() -> Answer<Vec<RawNeighbour>> {
    let mut found = Vec::new();
    for (family, needed) in [(AF_INET, true), (AF_INET6, false)] {
        let mut table: *mut MIB_IPNET_TABLE2 = std::ptr::null_mut();
        // SAFETY: the call fills in a pointer to a table of its own, freed below.
        let code = unsafe { GetIpNetTable2(family, &raw mut table) };
        if !is_there(code, needed)? || table.is_null() {
            continue;
        }
        // SAFETY: the table holds as many rows as it says, one behind the other.
        unsafe {
            let count = usize::try_from((*table).NumEntries).unwrap_or(0);
            let first = (&raw const (*table).Table).cast::<MIB_IPNET_ROW2>();
            for at in 0..count.min(ROWS_MAX) {
                found.extend(neighbour(&*first.add(at)));
            }
            FreeMibTable(table.cast());
        }
    }
    found.sort();
    Ok(found)
}

#[allow(unsafe_code)]
fn neighbour(row: &MIB_IPNET_ROW2) -> Option<RawNeighbour> {
    let length = usize::try_from(row.PhysicalAddressLength).unwrap_or(0);
    // SAFETY: every form of the union is a byte of flags.
    let flags = unsafe { row.Anonymous.Flags };
    let state = match row.State {
        0 => "failed",
        1 => "incomplete",
        2 => "probe",
        3 => "delay",
        4 => "stale",
        5 => "reachable",
        6 => "permanent",
        _ => "none",
    };
    Some(RawNeighbour {
        index: row.InterfaceIndex,
        address: ip_of(&row.Address)?,
        mac: mac(row.PhysicalAddress.get(..length).unwrap_or_default()),
        state: state.to_owned(),
        router: flags & 1 == 1,
    })
}

/// Sockets of TCP and UDP, of both families.
pub(in crate::platform) fn sockets() -> Answer<Vec<RawSocket>> {
    let mut found = Vec::new();
    for table in Table::ALL {
        match bytes_of(table) {
            Ok(bytes) => found.extend(table.sockets(&bytes)),
            // A machine without IPv6.
            Err(Miss::Unknown(Reason::Unsupported) | Miss::Absent) if table.six => {}
            Err(miss) => return Err(miss),
        }
    }
    found.sort();
    Ok(found)
}

#[allow(unsafe_code)]
fn bytes_of(table: Table) -> Answer<Vec<u8>> {
    let family = u32::from(if table.six { AF_INET6 } else { AF_INET });
    let mut length: u32 = 16 << 10;
    for _ in 0..TRIES {
        // Units of 8 bytes, as the system's structures need them.
        let mut buffer = vec![0_u64; usize::try_from(length.div_ceil(8)).unwrap_or(0)];
        let to = buffer.as_mut_ptr().cast();
        // SAFETY: the buffer has `length` bytes, of which the calls write no more.
        let code = unsafe {
            if table.tcp {
                GetExtendedTcpTable(to, &raw mut length, 0, family, TCP_TABLE_OWNER_PID_ALL, 0)
            } else {
                GetExtendedUdpTable(to, &raw mut length, 0, family, UDP_TABLE_OWNER_PID, 0)
            }
        };
        match code {
            ERROR_SUCCESS => {
                return Ok(buffer.into_iter().flat_map(u64::to_ne_bytes).collect());
            }
            ERROR_INSUFFICIENT_BUFFER if length <= TABLE_BYTES_MAX => {
                // Sockets come and go: a little more room.
                length = length.saturating_add(length / 8);
            }
            ERROR_INSUFFICIENT_BUFFER => {
                return Err(Miss::Unknown(Reason::failed("too many entries")));
            }
            code => return Err(miss(code)),
        }
    }
    Err(Miss::Unknown(Reason::failed("changes while it is read")))
}

/// Names of running programs; `sockets` holds the process's own number, by which the tables of
/// sockets name their owners.
#[allow(unsafe_code)]
pub(in crate::platform) fn processes() -> Answer<Vec<RawProcess>> {
    // SAFETY: the call takes no pointer; its handle is closed below.
    let list = unsafe { CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0) };
    if list == INVALID_HANDLE_VALUE {
        return Err(last_miss());
    }
    let mut entry = PROCESSENTRY32W {
        dwSize: u32::try_from(size_of::<PROCESSENTRY32W>()).unwrap_or(0),
        ..PROCESSENTRY32W::default()
    };
    let mut found = Vec::new();
    // SAFETY: the handle is open; the structure begins with its own size.
    let mut more = unsafe { Process32FirstW(list, &raw mut entry) };
    while more != 0 && found.len() < PROCESSES_MAX {
        found.push(RawProcess {
            name: text(&entry.szExeFile),
            sockets: Some(vec![u64::from(entry.th32ProcessID)]),
            unread: None,
        });
        // SAFETY: as above.
        more = unsafe { Process32NextW(list, &raw mut entry) };
    }
    // SAFETY: the handle is ours and closed once.
    unsafe { CloseHandle(list) };
    if found.is_empty() {
        return Err(Miss::Unknown(Reason::failed("empty")));
    }
    found.sort();
    Ok(found)
}
