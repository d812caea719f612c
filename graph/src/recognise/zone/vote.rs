//! Votes for the zone of a segment. Comes in: traits of its machines, systems, talk, devices kept by
//! hand; goes out: points for each zone. A machine votes once for a zone, with the best that it
//! shows, so that a hundred alike do not outvote what is telling, and share counts, not number.

use std::collections::{BTreeMap, BTreeSet};

use daicho_ledger::hand::DeviceKind;
use daicho_ledger::{Grade, PointKind, ZoneKind};
use daicho_report::Direction;

use super::super::draft::{protocol_fact, witness};
use super::super::index::Place;
use super::super::knowledge::Of;
use super::super::point::is_oqs;
use super::super::sign::{Shown, is_clock_or_name};
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
        internet(place, shown, &mut all);
        systems(basis, number, place, &mut all);
    }
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

/// Who goes to the Internet by the segment's own way stands on the information side.
fn internet<'a>(place: &Place<'a>, shown: &Shown<'_>, all: &mut All<'a>) {
    let mut peers: BTreeMap<&str, BTreeSet<std::net::IpAddr>> = BTreeMap::new();
    for flow in &shown.talk.public {
        let it = &flow.item;
        if is_clock_or_name(it) || it.direction != Direction::Outbound {
            continue;
        }
        let way = place.way_to(it.peer, Some(it.local));
        if let Some(segment) = way.and_then(|it| it.segment) {
            peers.entry(segment).or_default().insert(it.peer);
        }
    }
    for (segment, peers) in peers {
        let Some(segment) = place.segments.iter().find(|it| **it == segment) else {
            continue;
        };
        let weight = if peers.len() > 1 {
            Weight::Strong
        } else {
            Weight::Medium
        };
        let value = format!("Internet ×{}", peers.len());
        let id = &place.asset.id;
        let witness = protocol_fact("flow", value, weight, id, place.seen("flow"));
        let votes = all.entry(segment).or_default();
        votes.cast(ZoneKind::Information, &id.0, points(weight), witness);
    }
}

fn systems<'a>(basis: &Basis<'a, '_>, number: usize, place: &Place<'a>, all: &mut All<'a>) {
    for making in basis.makings.values() {
        let Some(zone) = making.zone else { continue };
        let weight = if making.servers.contains_key(&number) {
            Weight::Strong
        } else if making.clients.contains_key(&number) {
            Weight::Medium
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

/// Zones of devices kept by hand, and what their kind says.
fn by_hand<'a>(basis: &Basis<'a, '_>, all: &mut All<'a>) {
    for (key, device) in basis.devices.entries() {
        let by_kind = (device.kind == DeviceKind::MedicalDevice).then_some(ZoneKind::MedicalDevice);
        let stated = device.zone.filter(|it| *it != ZoneKind::Unknown);
        let Some((zone, weight)) = stated
            .map(|it| (it, Weight::Strong))
            .or(by_kind.map(|it| (it, Weight::Medium)))
        else {
            continue;
        };
        let Some(place) = basis.devices.place(key) else {
            continue;
        };
        let segments = basis.index.segments_of(&place);
        let [segment] = segments.as_slice() else {
            continue;
        };
        let Some(segment) = basis.index.segments.get(segment.as_str()) else {
            continue;
        };
        let witness = Witness {
            kind: "device".to_owned(),
            value: device.name.clone(),
            weight,
            source: key.to_owned(),
            proven: false,
            asset: daicho_ledger::AssetId(place.clone()),
            first: None,
            last: basis.index.last_seen(&place),
        };
        let votes = all.entry(segment).or_default();
        votes.voters.insert(place.clone());
        votes.cast(zone, &place, points(weight), witness);
    }
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
