//! The tables of sockets of Windows, turned into those of Linux. Comes in: sockets with the numbers
//! of their processes, and the processes' names; goes out: tables and names under the same numbers;
//! a number without a process (it has ended, or the system gave none) has no name.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use daicho_report::{Protocol, Reading, Reason};

use super::{CLOSE, CLOSE_WAIT, ESTABLISHED, LISTEN, Socket, Tables};
use crate::platform::{Miss, RawSocket, Source};
use crate::probe::field::program;

#[cfg(test)]
mod tests;

pub(super) const SOURCE: &str = "GetExtendedTcpTable, GetExtendedUdpTable";
pub(super) const OWNERS: &str = "CreateToolhelp32Snapshot";
/// What Windows gives to whoever asks for any, since Vista.
const ANY_PORTS: RangeInclusive<u16> = 49_152..=65_535;
/// States of TCP (`MIB_TCP_STATE`).
const OF_WINDOWS: &[(u32, u8)] = &[(2, LISTEN), (5, ESTABLISHED), (8, CLOSE_WAIT)];

pub(super) fn tables(source: &Source) -> Result<Tables, Miss> {
    let mut tables = Tables::default();
    for raw in source.sockets()? {
        tables.sort_in(socket(&raw), &ANY_PORTS);
    }
    tables.bounded()
}

fn socket(raw: &RawSocket) -> Socket {
    let found = OF_WINDOWS.iter().find(|(number, _)| *number == raw.state);
    let mapped = |(address, port): (std::net::IpAddr, u16)| (address.to_canonical(), port);
    Socket {
        protocol: if raw.tcp {
            Protocol::Tcp
        } else {
            Protocol::Udp
        },
        local: mapped(raw.local),
        peer: mapped(raw.peer),
        // One that opens, closes or is gone is neither waiting nor talk.
        state: match found {
            Some((_, state)) if raw.tcp => *state,
            _ if raw.tcp => 0,
            _ => CLOSE,
        },
        inode: u64::from(raw.process),
    }
}

/// Names by number of the process; known only when each that waits for peers has such a number.
pub(super) fn owners(
    source: &Source,
    listening: &[Socket],
) -> (BTreeMap<u64, String>, Reading<()>) {
    let processes = match source.processes() {
        Ok(processes) => processes,
        Err(miss) => return (BTreeMap::new(), Reading::unknown(miss.reason(), OWNERS)),
    };
    let mut programs = BTreeMap::new();
    for process in processes {
        let Some(name) = program(&process.name) else {
            continue;
        };
        for number in process.sockets.unwrap_or_default() {
            if number != 0 {
                programs.insert(number, name.clone());
            }
        }
    }
    if listening.iter().any(|socket| socket.inode == 0) {
        let reason = Reason::failed("no process");
        return (programs, Reading::unknown(reason, OWNERS));
    }
    (programs, Reading::known((), OWNERS))
}
