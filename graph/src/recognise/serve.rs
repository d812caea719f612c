//! Who serves whom within the hospital. Comes in: flows between machines with an agent; goes out: for
//! each server and port those who talk to it. An address that several machines have is nobody's.

use std::collections::{BTreeMap, BTreeSet};

use daicho_report::{Direction, Protocol};

use super::index::Index;
use super::sign::Shown;

/// Ports of the network's own services and of administration: who talks to them says nothing of a
/// system.
const OWN_SERVICES: &[u16] = &[
    22, 23, 53, 67, 68, 88, 111, 123, 135, 137, 138, 139, 161, 162, 389, 464, 514, 546, 547, 593,
    636, 3268, 3269, 3389, 5353, 5355, 5900, 5985, 5986,
];

/// Whether a port says something of a system.
pub(super) fn tells(port: u16) -> bool {
    !OWN_SERVICES.contains(&port) && port < 49152
}

/// A server's port.
pub(super) type Served = (usize, u16, Protocol);

/// Who serves whom.
#[derive(Debug, Default)]
pub(super) struct Serving {
    /// Clients by server and port.
    pub(super) clients: BTreeMap<Served, BTreeSet<usize>>,
    /// Addresses without an agent that clients talk to, with how many.
    of: BTreeMap<usize, BTreeSet<usize>>,
}

impl Serving {
    pub(super) fn new(index: &Index<'_>, shown: &[Shown<'_>]) -> Self {
        let mut pairs: Vec<(Served, usize)> = Vec::new();
        for (number, shown) in shown.iter().enumerate() {
            for flow in &shown.talk.inside {
                let it = &flow.item;
                let [peer] = index.owners(it.peer) else {
                    continue;
                };
                match it.direction {
                    Direction::Outbound => pairs.push(((*peer, it.port, it.protocol), number)),
                    Direction::Inbound => pairs.push(((number, it.port, it.protocol), *peer)),
                    Direction::Unclear => {}
                }
            }
        }
        pairs.sort_unstable_by_key(|((server, port, protocol), client)| {
            (*server, *port, *protocol as u8, *client)
        });
        pairs.dedup();
        let mut out = Self::default();
        for (served, client) in pairs {
            if served.0 != client {
                out.clients.entry(served).or_default().insert(client);
                if tells(served.1) {
                    out.of.entry(client).or_default().insert(served.0);
                }
            }
        }
        out
    }

    /// Ports of a server.
    pub(super) fn ports(&self, server: usize) -> impl Iterator<Item = (&Served, &BTreeSet<usize>)> {
        let first = (server, 0, Protocol::Tcp);
        self.clients
            .range(first..)
            .take_while(move |(it, _)| it.0 == server)
    }

    /// Whether a machine serves several others with something that tells.
    pub(super) fn is_server(&self, number: usize) -> bool {
        let mut ports = self.ports(number);
        ports.any(|((_, port, _), clients)| tells(*port) && clients.len() > 2)
    }

    /// Servers that a machine talks to.
    pub(super) fn servers_of(&self, client: usize) -> impl Iterator<Item = usize> + '_ {
        self.of.get(&client).into_iter().flatten().copied()
    }
}
