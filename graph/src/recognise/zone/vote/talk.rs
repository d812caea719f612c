//! Votes from talk. Comes in: flows; goes out: votes of machines that go to the Internet, of those
//! that stand between, and of those that follow whom they talk to. It opens nothing and asks nobody.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use daicho_ledger::{Grade, Lang, PointKind, ZoneKind};
use daicho_report::Direction;

use super::super::super::draft::protocol_fact;
use super::super::super::sign::{Shown, is_clock_or_name};
use super::super::super::way_out::is_line;
use super::super::super::{ConnectionPoint, Weight, Witness};
use super::super::{Basis, points};
use super::{All, Votes};

/// Public addresses to which machines of each segment go by its own ordinary way, and who goes there.
type Reach<'a> = BTreeMap<&'a str, BTreeMap<usize, BTreeSet<IpAddr>>>;

fn reach<'a>(basis: &Basis<'a, '_>) -> Reach<'a> {
    let mut out = Reach::new();
    for (number, (place, shown)) in basis.index.places.iter().zip(basis.shown).enumerate() {
        for flow in &shown.talk.public {
            let it = &flow.item;
            if is_clock_or_name(it) || it.direction != Direction::Outbound {
                continue;
            }
            let way = place.way_to(it.peer, Some(it.local));
            let Some(way) = way.filter(|it| !is_line(it.interface)) else {
                continue;
            };
            let device = basis.index.box_of(way);
            let Some(segment) = way.segment else { continue };
            let another = device.is_some_and(|it| {
                basis.index.is_stray(segment, &it) || basis.lines.devices.contains(&it)
            });
            if !another {
                let machines = out.entry(segment).or_default();
                machines.entry(number).or_default().insert(it.peer);
            }
        }
    }
    out
}

/// Who goes to the Internet by the segment's own way stands on the information side; a server that
/// does so for others, or waits for the Internet, stands between. Many machines that go to one or two
/// addresses use a service, not the Internet.
pub(super) fn internet<'a>(basis: &Basis<'a, '_>, found: &[ConnectionPoint], all: &mut All<'a>) {
    let cloud = found
        .iter()
        .any(|it| it.kind == PointKind::CloudEhr && it.grade != Grade::Hint);
    for (segment, machines) in reach(basis) {
        let peers: BTreeSet<&IpAddr> = machines.values().flatten().collect();
        let narrow = machines.len() > 2 && peers.len() < 3;
        if narrow && !cloud {
            continue;
        }
        for (number, peers) in &machines {
            let (Some(place), Some(shown)) =
                (basis.index.places.get(*number), basis.shown.get(*number))
            else {
                continue;
            };
            let id = &place.asset.id;
            if narrow {
                // The hospital's EHR is in the cloud, and these go to one service alone.
                let value: Vec<String> = peers.iter().map(ToString::to_string).collect();
                let seen = place.seen("flow");
                let witness = protocol_fact("flow", value.join(", "), Weight::Medium, id, seen);
                let votes = all.entry(segment).or_default();
                votes.cast(ZoneKind::His, &id.0, points(Weight::Medium), witness);
                continue;
            }
            let between = stands_between(basis, *number, shown);
            let weight = if between || peers.len() > 1 {
                Weight::Strong
            } else {
                Weight::Medium
            };
            let zone = if between {
                ZoneKind::Dmz
            } else {
                ZoneKind::Information
            };
            let value = format!("Internet ×{}", peers.len());
            let id = &place.asset.id;
            let witness = protocol_fact("flow", value, weight, id, place.seen("flow"));
            let votes = all.entry(segment).or_default();
            votes.cast(zone, &id.0, points(weight), witness);
        }
    }
}

/// A server that fetches pages or carries mail for others, or to which the Internet comes.
fn stands_between(basis: &Basis<'_, '_>, number: usize, shown: &Shown<'_>) -> bool {
    const PROXY: &[u16] = &[3128, 8080, 8081];
    if !shown.is("server") && !basis.serving.is_server(number) {
        return false;
    }
    let mut ports = basis.serving.ports(number);
    let proxy = ports.any(|((_, port, _), clients)| PROXY.contains(port) && clients.len() > 2);
    let public = &shown.talk.public;
    let mail = public
        .iter()
        .any(|it| it.item.port == 25 && it.item.direction == Direction::Outbound);
    proxy || mail || !shown.talk.from_public.is_empty()
}

/// Servers that more than half of all segments use: protection, supervision, directories. They say
/// nothing of those who use them.
fn wide(basis: &Basis<'_, '_>) -> BTreeSet<usize> {
    let all = basis.index.segments.len();
    let mut out = BTreeSet::new();
    for number in (0..basis.index.places.len()).filter(|_| all > 3) {
        let ports = basis.serving.ports(number);
        let mut segments: BTreeSet<&str> = BTreeSet::new();
        for client in ports.flat_map(|(_, clients)| clients) {
            let place = basis.index.places.get(*client);
            segments.extend(place.into_iter().flat_map(|it| it.segments.iter().copied()));
        }
        if segments.len() * 2 > all {
            out.insert(number);
        }
    }
    out
}

/// A segment for which nothing speaks yet follows the servers that its machines talk to, and its
/// servers those who talk to them.
pub(super) fn spread<'a>(
    basis: &Basis<'a, '_>,
    ruled: &BTreeMap<&str, (ZoneKind, Witness)>,
    all: &mut All<'a>,
) {
    let index = basis.index;
    let known: BTreeMap<&str, ZoneKind> = index
        .segments
        .iter()
        .filter_map(|it| {
            let by_rule = ruled.get(it).map(|(zone, _)| *zone);
            let voted = || all.get(it).and_then(Votes::best).map(|(zone, ..)| zone);
            Some((*it, by_rule.or_else(voted)?))
        })
        .collect();
    let wide = wide(basis);
    for (number, place) in index.places.iter().enumerate() {
        let unknown = |it: &&&str| !known.contains_key(**it);
        if place.segments.iter().find(unknown).is_none() {
            continue;
        }
        let mut zones: BTreeMap<ZoneKind, usize> = BTreeMap::new();
        let clients = basis.serving.ports(number).flat_map(|(_, clients)| clients);
        let servers = basis.serving.servers_of(number);
        let servers = servers.filter(|it| !wide.contains(it));
        for other in servers.chain(clients.copied()) {
            let segments = index
                .places
                .get(other)
                .into_iter()
                .flat_map(|it| &it.segments);
            for zone in segments.filter_map(|it| known.get(it)) {
                *zones.entry(*zone).or_default() += 1;
            }
        }
        let sum: usize = zones.values().sum();
        let best = zones
            .into_iter()
            .max_by_key(|(zone, count)| (*count, *zone));
        let Some((zone, _)) = best.filter(|(_, count)| count * 2 > sum) else {
            continue;
        };
        for segment in place.segments.iter().filter(unknown) {
            let id = &place.asset.id;
            let value = format!("⇔ {}", zone.title(Lang::Ja));
            let witness = protocol_fact("flow", value, Weight::Medium, id, place.seen("flow"));
            let votes = all.entry(segment).or_default();
            votes.cast(zone, &id.0, points(Weight::Weak), witness);
        }
    }
}
