//! Listening sockets and flows, from the kernel's tables in `/proc/net`. The owner is found by the
//! socket's inode; of it nothing but the program's short name is kept.

mod windows;

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::RangeInclusive;

use daicho_report::{Direction, Flow, Listener, Listeners, Protocol, Reading, Reason};

use super::field::program;
use crate::platform::{Miss, RawProcess, Source, System};

#[cfg(test)]
mod tests;

const SOURCE: &str = "/proc/net/{tcp,tcp6,udp,udp6}";
const OWNERS: &str = "/proc/*/fd";
/// Where the first process is hidden (`hidepid`), most of the others are as well.
const FIRST: &str = "/proc/1";
/// Ports that the system gives to whoever asks for any.
const ANY_PORTS: &str = "/proc/sys/net/ipv4/ip_local_port_range";
/// About 200,000 sockets at 150 bytes a line.
const TABLE_BYTES_MAX: usize = 32 << 20;
/// Of a larger table: those that listen stand first.
const TABLE_HEAD_BYTES: usize = 4 << 20;
/// Sockets that talk, and that listen.
const SOCKETS_MAX: usize = 100_000;
/// A report holds no more.
const FLOWS_MAX: usize = 20_000;
const LISTENERS_MAX: usize = 20_000;

/// UDP services whose own ports lie among those that are given to anybody: PROFINET, EtherCAT,
/// Tailscale, EtherNet/IP, BACnet, WireGuard.
const UDP_SERVICES: &[u16] = &[
    34_962, 34_963, 34_964, 34_980, 41_641, 44_818, 47_808, 51_820,
];

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

/// What the tables hold that matters here.
#[derive(Debug, Default)]
struct Tables {
    listening: Vec<Socket>,
    talking: Vec<Socket>,
    /// Why `talking` is not whole.
    cut: Option<Reason>,
}

/// Reads both.
#[must_use]
pub fn read(source: &Source) -> Sockets {
    let is_windows = source.system() == System::Windows;
    let (place, place_of_owners, tables) = if is_windows {
        let tables = windows::tables(source);
        (windows::SOURCE, windows::OWNERS, tables)
    } else {
        (SOURCE, OWNERS, tables(source))
    };
    let tables = match tables {
        Ok(tables) => tables,
        Err(miss) => {
            let reason = miss.reason();
            return Sockets {
                listeners: Listeners {
                    listeners: Reading::unknown(reason.clone(), place),
                    owners: Reading::unknown(reason.clone(), place_of_owners),
                },
                flows: Reading::unknown(reason, place),
            };
        }
    };
    let (programs, owners) = if is_windows {
        windows::owners(source, &tables.listening)
    } else {
        owners(source.processes(), source.exists(FIRST))
    };
    let listeners = listeners(&tables.listening, &programs);
    let flows = match (tables.cut, &listeners) {
        (Some(reason), _) => Err(reason),
        (None, Err(reason)) => Err(reason.clone()),
        (None, Ok(listeners)) => flows(&tables.talking, listeners, &programs),
    };
    Sockets {
        flows: Reading::from_result(flows, place),
        listeners: Listeners {
            listeners: Reading::from_result(listeners, place),
            owners,
        },
    }
}

fn too_many() -> Reason {
    Reason::failed("too many entries")
}

fn listeners(
    sockets: &[Socket],
    programs: &BTreeMap<u64, String>,
) -> Result<Vec<Listener>, Reason> {
    let listeners = sockets.iter().map(|socket| Listener {
        protocol: socket.protocol,
        address: socket.local.0,
        port: socket.local.1,
        program: programs.get(&socket.inode).cloned(),
    });
    let listeners: BTreeSet<Listener> = listeners.collect();
    if listeners.len() > LISTENERS_MAX {
        return Err(too_many());
    }
    Ok(listeners.into_iter().collect())
}

fn flows(
    sockets: &[Socket],
    listeners: &[Listener],
    programs: &BTreeMap<u64, String>,
) -> Result<BTreeSet<Flow>, Reason> {
    let ports: BTreeSet<(Protocol, u16)> =
        listeners.iter().map(|it| (it.protocol, it.port)).collect();
    let mut flows = BTreeSet::new();
    for socket in sockets {
        let inbound = ports.contains(&(socket.protocol, socket.local.1));
        let (direction, port) = if inbound {
            (Direction::Inbound, socket.local.1)
        } else {
            (Direction::Outbound, socket.peer.1)
        };
        flows.insert(Flow {
            direction,
            protocol: socket.protocol,
            local: socket.local.0,
            peer: socket.peer.0,
            port,
            program: programs.get(&socket.inode).cloned(),
        });
        if flows.len() > FLOWS_MAX {
            return Err(too_many());
        }
    }
    Ok(flows)
}

fn waits(socket: &Socket, any: &RangeInclusive<u16>) -> bool {
    let port = socket.local.1;
    match socket.protocol {
        Protocol::Tcp => socket.state == LISTEN,
        // An unconnected UDP socket takes from everybody; on a port that was given to it by the
        // system it waits for one answer, and the next one gets another port. Where no process
        // holds it (WireGuard, NFS), the kernel itself serves.
        _ => {
            let served = socket.inode == 0 || UDP_SERVICES.contains(&port);
            socket.state == CLOSE && socket.peer.1 == 0 && (served || !any.contains(&port))
        }
    }
}

/// The ports that the system gives to whoever asks for any; empty where that is not told.
fn any_ports(source: &Source) -> RangeInclusive<u16> {
    let text = source.text(ANY_PORTS).unwrap_or_default();
    let mut numbers = text.split_whitespace().map(str::parse);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(first)), Some(Ok(last))) => first..=last,
        _ => RangeInclusive::new(1, 0),
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
    let closed = processes.iter().find(|process| process.sockets.is_none());
    let closed = closed.map(|it| it.unread.clone().unwrap_or(Reason::Denied));
    let mut programs = BTreeMap::new();
    for process in processes {
        let Some(name) = program(&process.name) else {
            continue;
        };
        for inode in process.sockets.unwrap_or_default() {
            programs.entry(inode).or_insert_with(|| name.clone());
        }
    }
    let reading = match (first, closed) {
        (Ok(true), None) => Reading::known((), OWNERS),
        (Ok(_), closed) => Reading::unknown(closed.unwrap_or(Reason::Denied), OWNERS),
        (Err(miss), _) => Reading::unknown(miss.reason(), OWNERS),
    };
    (programs, reading)
}

fn tables(source: &Source) -> Result<Tables, Miss> {
    let any = any_ports(source);
    let mut tables = Tables::default();
    for (name, protocol, needed) in [
        ("tcp", Protocol::Tcp, true),
        ("tcp6", Protocol::Tcp, false),
        ("udp", Protocol::Udp, true),
        ("udp6", Protocol::Udp, false),
    ] {
        let path = format!("/proc/net/{name}");
        match source.file_up_to(&path, TABLE_BYTES_MAX) {
            Ok(bytes) => {
                tables.take(&bytes, protocol, &any);
            }
            // A kernel without IPv6.
            Err(Miss::Absent) if !needed => {}
            Err(Miss::Unknown(reason)) if reason == Reason::failed("EFBIG") => {
                let head = source.head(&path, TABLE_HEAD_BYTES)?;
                // The kernel lists whoever listens by TCP before all others.
                let whole = protocol == Protocol::Tcp && tables.take(&head, protocol, &any);
                if !whole {
                    return Err(Miss::Unknown(too_many()));
                }
                tables.cut = Some(too_many());
            }
            Err(miss) => return Err(miss),
        }
    }
    tables.bounded()
}

impl Tables {
    /// The same, with what says that there are more; too many that listen cannot be told at all.
    fn bounded(mut self) -> Result<Self, Miss> {
        if self.talking.len() > SOCKETS_MAX {
            self.cut = Some(too_many());
        }
        if self.listening.len() > SOCKETS_MAX {
            return Err(Miss::Unknown(too_many()));
        }
        Ok(self)
    }

    /// Takes the lines of a table; `true`: there was one that does not listen.
    fn take(&mut self, bytes: &[u8], protocol: Protocol, any: &RangeInclusive<u16>) -> bool {
        let mut others = false;
        for line in String::from_utf8_lossy(bytes).lines().skip(1) {
            let Some(socket) = parse(line, protocol) else {
                continue;
            };
            others |= socket.state != LISTEN;
            self.sort_in(socket, any);
        }
        others
    }

    /// One more than the bound shows that it was passed.
    fn sort_in(&mut self, socket: Socket, any: &RangeInclusive<u16>) {
        if waits(&socket, any) {
            if self.listening.len() <= SOCKETS_MAX {
                self.listening.push(socket);
            }
        } else if talks(&socket) && self.talking.len() <= SOCKETS_MAX {
            self.talking.push(socket);
        }
    }
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
