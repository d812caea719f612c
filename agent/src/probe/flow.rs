//! Listening sockets and flows, from the kernel's tables in `/proc/net`. The owner is found by the
//! socket's inode; of it nothing but the program's short name is kept.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use daicho_report::{Direction, Flow, Listener, Listeners, Protocol, Reading, Reason};

use crate::platform::{Miss, RawProcess, Source};

#[cfg(test)]
mod tests;

const SOURCE: &str = "/proc/net/{tcp,tcp6,udp,udp6}";
const OWNERS: &str = "/proc/*/fd";
/// Where the first process is hidden (`hidepid`), most of the others are as well.
const FIRST: &str = "/proc/1";
/// 100,000 sockets at 180 bytes a line.
const TABLE_BYTES_MAX: usize = 32 << 20;
const SOCKETS_MAX: usize = 100_000;

/// TCP states (net/tcp_states.h).
const ESTABLISHED: u8 = 1;
const CLOSE: u8 = 7;
const CLOSE_WAIT: u8 = 8;
const LISTEN: u8 = 10;

/// A line of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Socket {
    protocol: Protocol,
    local: (IpAddr, u16),
    peer: (IpAddr, u16),
    state: u8,
    inode: u64,
}

/// Both bodies: they come from the same tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sockets {
    /// Who waits for peers.
    pub listeners: Listeners,
    /// Who talks with whom.
    pub flows: Reading<BTreeSet<Flow>>,
}

/// Reads both.
#[must_use]
pub fn read(source: &Source) -> Sockets {
    let sockets = match tables(source) {
        Ok(sockets) => sockets,
        Err(miss) => {
            let reason = miss.reason();
            return Sockets {
                listeners: Listeners {
                    listeners: Reading::unknown(reason.clone(), SOURCE),
                    owners: Reading::unknown(reason.clone(), OWNERS),
                },
                flows: Reading::unknown(reason, SOURCE),
            };
        }
    };
    let (programs, owners) = owners(source.processes(), source.exists(FIRST));
    let program = |inode: u64| programs.get(&inode).cloned();
    let mut listeners: Vec<Listener> = sockets
        .iter()
        .filter(|socket| waits(socket))
        .map(|socket| Listener {
            protocol: socket.protocol,
            address: socket.local.0,
            port: socket.local.1,
            program: program(socket.inode),
        })
        .collect();
    listeners.sort();
    listeners.dedup();
    let ports: BTreeSet<(Protocol, u16)> =
        listeners.iter().map(|it| (it.protocol, it.port)).collect();
    let flows = sockets.iter().filter(|socket| talks(socket)).map(|socket| {
        let inbound = ports.contains(&(socket.protocol, socket.local.1));
        Flow {
            direction: if inbound {
                Direction::Inbound
            } else {
                Direction::Outbound
            },
            protocol: socket.protocol,
            local: socket.local.0,
            peer: socket.peer.0,
            port: if inbound {
                socket.local.1
            } else {
                socket.peer.1
            },
            program: program(socket.inode),
        }
    });
    Sockets {
        flows: Reading::known(flows.collect(), SOURCE),
        listeners: Listeners {
            listeners: Reading::known(listeners, SOURCE),
            owners,
        },
    }
}

fn waits(socket: &Socket) -> bool {
    match socket.protocol {
        Protocol::Tcp => socket.state == LISTEN,
        // An unconnected UDP socket takes from everybody.
        _ => socket.state == CLOSE && socket.peer.1 == 0,
    }
}

/// Established, or closed by one side only; what waits for its end has no owner any more and is no
/// talk. Talk within the machine is left out.
fn talks(socket: &Socket) -> bool {
    matches!(socket.state, ESTABLISHED | CLOSE_WAIT)
        && socket.peer.1 != 0
        && !socket.peer.0.is_loopback()
        && socket.local.0 != socket.peer.0
}

fn owners(
    processes: Result<Vec<RawProcess>, Miss>,
    first: Result<bool, Miss>,
) -> (BTreeMap<u64, String>, Reading<()>) {
    let processes = match processes {
        Ok(processes) => processes,
        Err(miss) => return (BTreeMap::new(), Reading::unknown(miss.reason(), OWNERS)),
    };
    let all = processes.iter().all(|process| process.sockets.is_some());
    let mut programs = BTreeMap::new();
    for process in processes {
        for inode in process.sockets.unwrap_or_default() {
            programs
                .entry(inode)
                .or_insert_with(|| process.name.clone());
        }
    }
    let reading = match first {
        Ok(true) if all => Reading::known((), OWNERS),
        Ok(_) => Reading::unknown(Reason::Denied, OWNERS),
        Err(miss) => Reading::unknown(miss.reason(), OWNERS),
    };
    (programs, reading)
}

fn tables(source: &Source) -> Result<Vec<Socket>, Miss> {
    let mut sockets = Vec::new();
    for (name, protocol, needed) in [
        ("tcp", Protocol::Tcp, true),
        ("tcp6", Protocol::Tcp, false),
        ("udp", Protocol::Udp, true),
        ("udp6", Protocol::Udp, false),
    ] {
        match source.file_up_to(&format!("/proc/net/{name}"), TABLE_BYTES_MAX) {
            Ok(bytes) => {
                let text = String::from_utf8_lossy(&bytes);
                let left = SOCKETS_MAX.saturating_sub(sockets.len());
                sockets.extend(
                    text.lines()
                        .skip(1)
                        .filter_map(|line| parse(line, protocol))
                        .take(left),
                );
            }
            // A kernel without IPv6.
            Err(Miss::Absent) if !needed => {}
            Err(miss) => return Err(miss),
        }
    }
    Ok(sockets)
}

/// `  0: 0100007F:0050 00000000:0000 0A … uid timeout inode …` (proc_net_tcp.txt of the kernel).
fn parse(line: &str, protocol: Protocol) -> Option<Socket> {
    let mut words = line.split_whitespace();
    let local = endpoint(words.nth(1)?)?;
    let peer = endpoint(words.next()?)?;
    let state = u8::from_str_radix(words.next()?, 16).ok()?;
    let inode = words.nth(5)?.parse().ok()?;
    Some(Socket {
        protocol,
        local,
        peer,
        state,
        inode,
    })
}

/// Address and port in hexadecimal; each 32 bits of the address in the machine's own byte order,
/// which is little-endian on everything that the agent is built for.
fn endpoint(word: &str) -> Option<(IpAddr, u16)> {
    let (address, port) = word.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let part = |at: usize| {
        u32::from_str_radix(address.get(at..at + 8)?, 16)
            .ok()
            .map(u32::swap_bytes)
    };
    let address = match address.len() {
        8 => IpAddr::V4(Ipv4Addr::from(part(0)?)),
        32 => {
            let mut bits = 0_u128;
            for at in [0, 8, 16, 24] {
                bits = bits << 32 | u128::from(part(at)?);
            }
            let address = Ipv6Addr::from(bits);
            address
                .to_ipv4_mapped()
                .map_or(IpAddr::V6(address), IpAddr::V4)
        }
        _ => return None,
    };
    Some((address, port))
}
