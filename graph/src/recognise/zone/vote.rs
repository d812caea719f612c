//! Votes for the zone of a segment. Comes in: traits of its machines, systems, talk, devices kept by
//! hand; goes out: points for each zone. A machine votes once for a zone, with the best that it
//! shows, so that a hundred alike do not outvote what is telling, and share counts, not number.

use std::collections::{BTreeMap, BTreeSet};

use daicho_ledger::hand::DeviceKind;
use daicho_ledger::{Grade, PointKind, ZoneKind};
use daicho_report::Direction;

use super::super::draft::{protocol_fact, witness};
use super::super::index::Place;
use super::super::knowledge::{Of, TraitKind};
use super::super::point::is_oqs;
use super::super::serve::tells;
use super::super::sign::{Shown, is_clock_or_name};
use super::super::way_out::is_line;
use super::super::{ConnectionPoint, Weight, Witness};
use super::{Basis, points};

/// Votes of one segment.
#[derive(Debug, Default)]
pub(super) struct Votes {
    /// The best of each voter for each zone.
    by_zone: BTreeMap<ZoneKind, BTreeMap<String, (u32, Witness)>>,
    voters: BTreeSet<String>,
}

impl Votes {
    fn cast(&mut self, zone: ZoneKind, voter: &str, worth: u32, witness: Witness) {
        let all = self.by_zone.entry(zone).or_default();
        let one = all
            .entry(voter.to_owned())
            .or_insert_with(|| (worth, witness.clone()));
        if (worth, &witness) > (one.0, &one.1) {
            *one = (worth, witness);
        }
    }

    /// The zone for which most speaks, when something does.
    pub(super) fn best(&self) -> Option<(ZoneKind, Grade, Vec<Witness>)> {
        let machines = u32::try_from(self.voters.len().max(1)).unwrap_or(u32::MAX);
        let mut sums: Vec<(u32, ZoneKind)> = self
            .by_zone
            .iter()
            .map(|(zone, votes)| {
                let sum: u32 = votes.values().map(|(worth, _)| *worth).sum();
                (sum.saturating_mul(100) / machines, *zone)
            })
            .collect();
        sums.sort_by(|a, b| b.cmp(a));
        let (sum, zone) = sums.first().copied()?;
        let second = sums.get(1).map_or(0, |it| it.0);
        if sum < 60 || sum == second {
            return None;
        }
        let votes = self.by_zone.get(&zone)?;
        let witnesses: Vec<Witness> = votes.values().map(|(_, it)| it.clone()).collect();
        let kinds: BTreeSet<&str> = witnesses.iter().map(|it| it.kind.as_str()).collect();
        let clear = sum >= 2 * second && kinds.len() > 1 && votes.len() > 1;
        let grade = if clear {
            Grade::Confirmed
        } else {
            Grade::Inferred
        };
        Some((zone, grade, witnesses))
    }
}

/// Votes by segment.
pub(super) type All<'a> = BTreeMap<&'a str, Votes>;

/// All votes.
pub(super) fn votes<'a>(
    basis: &Basis<'a, '_>,
    ruled: &BTreeMap<&str, (ZoneKind, Witness)>,
    found: &[ConnectionPoint],
) -> All<'a> {
    let mut all = All::new();
    for place in &basis.index.places {
        for segment in &place.segments {
            let votes = all.entry(segment).or_default();
            votes.voters.insert(place.asset.id.0.clone());
        }
    }
    for (number, (place, shown)) in basis.index.places.iter().zip(basis.shown).enumerate() {
        traits(basis, place, shown, &mut all);
        internet(basis, number, place, &mut all);
        systems(basis, number, place, &mut all);
    }
    local(basis, &mut all);
    oqs(basis, found, &mut all);
    by_hand(basis, &mut all);
    spread(basis, ruled, &mut all);
    all
}

fn traits<'a>(basis: &Basis<'a, '_>, place: &Place<'a>, shown: &Shown<'_>, all: &mut All<'a>) {
    for hit in &shown.hits {
        let Some(one) = basis.knowledge.traits.get(hit.of) else {
            continue;
        };
        let Of::Zone(of) = one.of else { continue };
        let Some(zone) = basis.knowledge.zones.get(of) else {
            continue;
        };
        let Some(witness) = witness(place, hit, basis.knowledge) else {
            continue;
        };
        for segment in &place.segments {
            let votes = all.entry(segment).or_default();
            votes.cast(
                *zone,
                &place.asset.id.0,
                points(one.weight),
                witness.clone(),
            );
        }
    }
}

/// Who goes to the Internet by the segment's own way stands on the information side; a server that
/// does so for others, or waits for the Internet, stands between.
fn internet<'a>(basis: &Basis<'a, '_>, number: usize, place: &Place<'a>, all: &mut All<'a>) {
    let Some(shown) = basis.shown.get(number) else {
        return;
    };
    let mut peers: BTreeMap<&str, BTreeSet<std::net::IpAddr>> = BTreeMap::new();
    for flow in &shown.talk.public {
        let it = &flow.item;
        if is_clock_or_name(it) || it.direction != Direction::Outbound {
            continue;
        }
        let way = place.way_to(it.peer, Some(it.local));
        let Some(way) = way.filter(|it| !is_line(it.interface)) else {
            continue;
        };
        let strays = |segment: &&str| {
            let device = basis.index.box_of(way);
            !device
                .is_some_and(|it| basis.index.is_stray(segment, &it) || basis.lines.contains(&it))
        };
        if let Some(segment) = way.segment.filter(strays) {
            peers.entry(segment).or_default().insert(it.peer);
        }
    }
    let between = stands_between(basis, number, shown);
    for (segment, peers) in peers {
        let Some(segment) = place.segments.iter().find(|it| **it == segment) else {
            continue;
        };
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

/// Where a system's servers stand is where it is at home; those who use it may stand elsewhere too.
fn systems<'a>(basis: &Basis<'a, '_>, number: usize, place: &Place<'a>, all: &mut All<'a>) {
    for making in basis.makings.values() {
        let Some(zone) = making.zone else { continue };
        let weight = if making.servers.contains_key(&number) {
            Weight::Strong
        } else if making.clients.contains_key(&number) {
            client_weight(zone)
        } else {
            continue;
        };
        let id = &place.asset.id;
        let seen = place.seen("software");
        let witness = protocol_fact("system", making.id.clone(), weight, id, seen);
        for segment in &place.segments {
            let votes = all.entry(segment).or_default();
            votes.cast(zone, &id.0, points(weight), witness.clone());
        }
    }
}

/// Pictures and results are looked at from everywhere; the EHR itself is used on the HIS side.
fn client_weight(zone: ZoneKind) -> Weight {
    match zone {
        ZoneKind::Department => Weight::Weak,
        _ => Weight::Medium,
    }
}

/// A segment with a server of its own that serves mostly this segment is a department's, or the zone
/// of the system that it is; not where the EHR's servers stand.
fn local<'a>(basis: &Basis<'a, '_>, all: &mut All<'a>) {
    let index = basis.index;
    let his: BTreeSet<&str> = basis
        .makings
        .values()
        .filter(|it| it.zone == Some(ZoneKind::His))
        .flat_map(|it| it.servers.keys())
        .filter_map(|it| index.places.get(*it))
        .flat_map(|it| it.segments.iter().copied())
        .collect();
    for (number, server) in index.places.iter().enumerate() {
        let [segment] = server.segments.as_slice() else {
            continue;
        };
        if his.contains(segment) {
            continue;
        }
        let clients: BTreeSet<usize> = basis
            .serving
            .ports(number)
            .filter(|((_, port, _), _)| tells(*port) && !is_common(*port))
            .flat_map(|(_, clients)| clients.iter().copied())
            .collect();
        let here = clients.iter().filter(|it| {
            let client = index.places.get(**it);
            client.is_some_and(|it| it.segments.contains(segment))
        });
        let here: Vec<usize> = here.copied().collect();
        if here.len() < 3 || here.len() * 2 < clients.len() {
            continue;
        }
        let own = basis
            .makings
            .values()
            .filter(|it| it.servers.contains_key(&number));
        let zone = own
            .filter_map(|it| it.zone)
            .min()
            .unwrap_or(ZoneKind::Department);
        for one in here.iter().chain([&number]) {
            let Some(place) = index.places.get(*one) else {
                continue;
            };
            let id = &place.asset.id;
            let value = format!("← {}", server.asset.label);
            let seen = place.seen("flow");
            let witness = protocol_fact("flow", value, Weight::Medium, id, seen);
            let votes = all.entry(segment).or_default();
            votes.cast(zone, &id.0, points(Weight::Medium) + 1, witness);
        }
    }
}

/// Ports of files, pages, proxies and printers: every office has them.
fn is_common(port: u16) -> bool {
    matches!(
        port,
        25 | 80 | 110 | 143 | 443 | 445 | 515 | 587 | 631 | 993 | 995 | 3128 | 8080 | 9100
    )
}

/// The segment by which a line of オンライン資格確認 is reached lies outside the hospital's own.
fn oqs<'a>(basis: &Basis<'a, '_>, found: &[ConnectionPoint], all: &mut All<'a>) {
    let index = basis.index;
    for point in found
        .iter()
        .filter(|it| is_oqs(it.kind) && it.kind != PointKind::OqsWebApi)
    {
        let witnesses: BTreeSet<&str> = point
            .witnesses
            .iter()
            .map(|it| it.asset.0.as_str())
            .collect();
        for place in witnesses.into_iter().filter_map(|it| index.by_id.get(it)) {
            let Some(place) = index.places.get(*place) else {
                continue;
            };
            let v6 = place.defaults().find(|it| it.destination.address.is_ipv6());
            let way = v6.or_else(|| place.defaults().next());
            let Some(segment) = way.and_then(|it| it.segment) else {
                continue;
            };
            let Some(segment) = place.segments.iter().find(|it| **it == segment) else {
                continue;
            };
            let id = &place.asset.id;
            let value = point.id.clone();
            let witness =
                protocol_fact("system", value, Weight::Strong, id, place.seen("interface"));
            let votes = all.entry(segment).or_default();
            votes.cast(ZoneKind::Dmz, &id.0, points(Weight::Strong), witness);
        }
    }
}

/// Zones of devices kept by hand, what their kind says, and the words that people use of them and of
/// the lines that they declared at them.
fn by_hand<'a>(basis: &Basis<'a, '_>, all: &mut All<'a>) {
    for (key, device) in basis.devices.entries() {
        let by_kind = (device.kind == DeviceKind::MedicalDevice).then_some(ZoneKind::MedicalDevice);
        let stated = device.zone.filter(|it| *it != ZoneKind::Unknown);
        let stated = stated
            .map(|it| (it, Weight::Strong))
            .or(by_kind.map(|it| (it, Weight::Medium)));
        let stated = stated.filter(|(zone, _)| *zone != ZoneKind::Dmz || !leads(device.kind));
        let mut segments: BTreeSet<String> = BTreeSet::new();
        for place in basis.devices.places(key) {
            segments.extend(basis.index.segments_of(&place));
        }
        for segment in &segments {
            let Some(segment) = basis.index.segments.get(segment.as_str()) else {
                continue;
            };
            let place = format!("hand:{key}");
            let votes = all.entry(segment).or_default();
            if let Some((zone, weight)) = stated.filter(|_| segments.len() == 1) {
                let witness = by_person(basis, key, &device.name, weight);
                votes.voters.insert(place.clone());
                votes.cast(zone, &place, points(weight), witness);
            }
            // The box of a vendor's line says whose the network is that it alone leads.
            if !leads(device.kind)
                || basis
                    .index
                    .is_led_by_others(segment, &basis.devices.places(key))
            {
                continue;
            }
            for (zone, weight, text) in words(basis, key) {
                let witness = by_person(basis, key, &text, weight);
                votes.cast(zone, &place, points(weight), witness);
            }
        }
    }
}

/// Whether a device leads from one network to others.
fn leads(kind: DeviceKind) -> bool {
    use DeviceKind::{Firewall, MobileRouter, Router, Vpn};
    matches!(kind, Firewall | MobileRouter | Router | Vpn)
}

fn by_person(basis: &Basis<'_, '_>, key: &str, text: &str, weight: Weight) -> Witness {
    let place = basis.devices.place(key).unwrap_or_default();
    Witness {
        kind: "device".to_owned(),
        value: text.to_owned(),
        weight,
        source: key.to_owned(),
        proven: false,
        last: basis.index.last_seen(&place),
        asset: daicho_ledger::AssetId(place),
        first: None,
    }
}

/// Zones of which people's words for a device and for the lines at it speak.
fn words(basis: &Basis<'_, '_>, key: &str) -> Vec<(ZoneKind, Weight, String)> {
    let hand = &basis.index.ledger.hand;
    let mut texts: Vec<&str> = Vec::new();
    for (_, device) in basis.devices.entries().filter(|(it, _)| *it == key) {
        texts.extend([device.name.as_str(), &device.purpose, &device.department]);
        texts.extend(device.system.as_deref());
        texts.extend(
            device
                .vendor
                .as_deref()
                .and_then(|it| hand.vendor(it))
                .map(|it| it.name.as_str()),
        );
    }
    for (_, point) in hand
        .points()
        .filter(|(_, it)| it.device.as_deref() == Some(key))
    {
        texts.extend([point.name.as_str(), &point.peer]);
        texts.extend(point.system.as_deref());
        texts.extend(
            point
                .vendor
                .as_deref()
                .and_then(|it| hand.vendor(it))
                .map(|it| it.name.as_str()),
        );
    }
    let mut out = Vec::new();
    for text in texts {
        for of in basis.knowledge.hits(TraitKind::Word, &text.to_lowercase()) {
            let one = basis.knowledge.traits.get(of);
            let zone = one.and_then(|it| match it.of {
                Of::Zone(of) => basis.knowledge.zones.get(of),
                _ => None,
            });
            if let (Some(one), Some(zone)) = (one, zone) {
                out.push((*zone, one.weight, text.to_owned()));
            }
        }
    }
    out
}

/// A segment for which nothing speaks yet follows the servers that its machines talk to.
fn spread<'a>(
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
    for (number, place) in index.places.iter().enumerate() {
        let mut zones: BTreeMap<ZoneKind, usize> = BTreeMap::new();
        for server in basis.serving.servers_of(number) {
            let Some(server) = index.places.get(server) else {
                continue;
            };
            for zone in server.segments.iter().filter_map(|it| known.get(it)) {
                *zones.entry(*zone).or_default() += 1;
            }
        }
        let best = zones
            .into_iter()
            .max_by_key(|(zone, count)| (*count, *zone));
        let Some((zone, _)) = best else { continue };
        for segment in place.segments.iter().filter(|it| !known.contains_key(*it)) {
            let id = &place.asset.id;
            let value = format!("→ {zone:?}");
            let witness = protocol_fact("flow", value, Weight::Medium, id, place.seen("flow"));
            let votes = all.entry(segment).or_default();
            votes.cast(zone, &id.0, points(Weight::Weak), witness);
        }
    }
}
