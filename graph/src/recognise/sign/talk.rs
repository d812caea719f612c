//! Talk that leads out. Comes in: an asset's flows; goes out: hits of ports, programs and peers, and
//! the flows to public addresses and to private ones that no known segment has. Within the hospital
//! it only counts.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;

use daicho_ledger::Interval;
use daicho_report::{Direction, Flow, Protocol};

use super::super::index::{Index, Place};
use super::super::knowledge::{Hit, TraitKind};
use super::super::pattern::{is_public, is_routable};
use super::{Seen, Shown, Sieve};

/// A flow of an asset.
pub(in crate::recognise) type Going<'a> = &'a Interval<Flow>;

/// Where an asset's flows lead.
#[derive(Debug, Default)]
pub(in crate::recognise) struct Talk<'a> {
    /// To public addresses, opened here.
    pub(in crate::recognise) public: Vec<Going<'a>>,
    /// From public addresses to a port that waits here.
    pub(in crate::recognise) from_public: Vec<Going<'a>>,
    /// With private addresses that no known segment has.
    pub(in crate::recognise) outside: Vec<Going<'a>>,
    /// Within the known segments.
    pub(in crate::recognise) inside: Vec<Going<'a>>,
}

/// Ports by which machines are maintained from afar: RDP, VNC, SSH, Telnet.
pub(in crate::recognise) fn is_maintenance(flow: &Flow) -> bool {
    flow.protocol == Protocol::Tcp && matches!(flow.port, 22 | 23 | 3389 | 5900)
}

pub(super) fn protocol(protocol: Protocol) -> Option<&'static str> {
    match protocol {
        Protocol::Tcp => Some("tcp"),
        Protocol::Udp => Some("udp"),
        Protocol::Other => None,
    }
}

/// IKE and its passage through NAT: the beginning of an IPsec tunnel.
fn is_ipsec(flow: &Flow) -> bool {
    flow.protocol == Protocol::Udp && matches!(flow.port, 500 | 4500)
}

/// Adds what an asset's flows show. `known` remembers which addresses lie in known segments.
pub(super) fn talk<'a>(
    place: &Place<'a>,
    index: &Index<'a>,
    sieve: &mut Sieve<'a>,
    known: &mut HashMap<IpAddr, bool>,
    shown: &mut Shown<'a>,
) {
    let mut hits: BTreeMap<(usize, &'static str, String), (Option<IpAddr>, Seen)> = BTreeMap::new();
    for flow in &place.asset.flows {
        let it = &flow.item;
        if !is_routable(it.peer) || it.peer == it.local {
            continue;
        }
        let seen = place.went_on(flow.since, flow.until);
        let mut add = |of: &[usize], kind, value: &dyn Fn() -> String, address| {
            for of in of {
                let one = hits.entry((*of, kind, value())).or_insert((address, seen));
                one.1 = (one.1.0.min(seen.0), one.1.1.max(seen.1));
            }
        };
        if let Some(program) = &it.program {
            let of = sieve.texts(TraitKind::Program, program);
            add(of, "program", &|| program.clone(), None);
        }
        if it.direction == Direction::Outbound
            && let Some(protocol) = protocol(it.protocol)
        {
            let of = sieve.port(TraitKind::TalksTo, it.port, protocol);
            add(of, "talks_to", &|| format!("{}/{protocol}", it.port), None);
        }
        let of = sieve.peer(it.peer);
        add(of, "peer", &|| it.peer.to_string(), Some(it.peer));
        lead(flow, index, known, shown);
    }
    for ((of, kind, value), (address, seen)) in hits {
        shown.hits.push(Hit {
            of,
            kind,
            value,
            address,
            seen,
        });
    }
    patterns(place, shown);
}

/// Puts a flow where it leads.
fn lead<'a>(
    flow: Going<'a>,
    index: &Index<'a>,
    known: &mut HashMap<IpAddr, bool>,
    shown: &mut Shown<'a>,
) {
    let peer = flow.item.peer;
    let inside = *known
        .entry(peer)
        .or_insert_with(|| !index.segments_with(peer).is_empty());
    let talk = &mut shown.talk;
    if inside {
        talk.inside.push(flow);
    } else if is_public(peer) {
        if flow.item.direction == Direction::Inbound {
            talk.from_public.push(flow);
        } else {
            talk.public.push(flow);
        }
    } else {
        talk.outside.push(flow);
    }
}

fn patterns(place: &Place<'_>, shown: &mut Shown<'_>) {
    let mut add = |name: &'static str, flow: Option<&Going<'_>>| {
        if let Some(flow) = flow {
            let seen = place.went_on(flow.since, flow.until);
            let value = format!("{}:{}", flow.item.peer, flow.item.port);
            shown.patterns.insert(name, (value, seen));
        }
    };
    let talk = &shown.talk;
    let ends = talk.public.iter().chain(&talk.outside);
    add("ipsec", ends.clone().find(|it| is_ipsec(&it.item)));
    let web = |it: &&Going<'_>| !is_ipsec(&it.item) && !is_clock_or_name(&it.item);
    add("internet_flow", talk.public.iter().find(web));
    let comes =
        |it: &&Going<'_>| it.item.direction == Direction::Inbound && is_maintenance(&it.item);
    add("maintenance_from_outside", talk.outside.iter().find(comes));
}

/// Questions for names and the time: they say little of a line.
pub(in crate::recognise) fn is_clock_or_name(flow: &Flow) -> bool {
    matches!(flow.port, 53 | 123)
}
