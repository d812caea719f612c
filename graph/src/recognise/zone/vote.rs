//! Votes for the zone of a segment. Comes in: traits of its machines, systems, talk, devices kept by
//! hand; goes out: points for each zone. A machine votes once for a zone, with the best that it
//! shows, so that a hundred alike do not outvote what is telling, and share counts, not number.

mod hand;
mod talk;

use std::collections::{BTreeMap, BTreeSet};

use daicho_ledger::{Grade, Lang, PointKind, ZoneKind};

use super::super::draft::{protocol_fact, witness};
use super::super::index::Place;
use super::super::knowledge::Of;
use super::super::point::is_oqs;
use super::super::serve::tells;
use super::super::sign::Shown;
use super::super::{ConnectionPoint, Weight, Witness};
use super::{Basis, points};

/// Points in a hundredth for each machine that suffice.
const ENOUGH: u32 = 60;

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
        let votes = self.by_zone.get(&zone)?;
        // One server says what a segment is for, where nothing else is said.
        let strong = votes.iter().any(|(voter, (worth, _))| {
            *worth >= points(Weight::Strong) && !voter.starts_with("hand:")
        });
        let alone = strong && sum >= second.saturating_mul(2);
        if (sum < ENOUGH && !alone) || sum == second {
            return None;
        }
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
    let his = his_segments(basis);
    for place in &basis.index.places {
        for segment in &place.segments {
            let votes = all.entry(segment).or_default();
            votes.voters.insert(place.asset.id.0.clone());
        }
    }
    for (number, (place, shown)) in basis.index.places.iter().zip(basis.shown).enumerate() {
        traits(basis, place, shown, &mut all);
        systems(basis, number, place, &his, &mut all);
    }
    talk::internet(basis, found, &mut all);
    local(basis, &his, &mut all);
    oqs(basis, found, &mut all);
    behind_oqs(basis, &mut all);
    hand::by_hand(basis, &mut all);
    hand::by_line(basis, found, &mut all);
    talk::spread(basis, ruled, &mut all);
    all
}

fn traits<'a>(basis: &Basis<'a, '_>, place: &Place<'a>, shown: &Shown<'_>, all: &mut All<'a>) {
    for hit in &shown.hits {
        let Some(one) = basis.knowledge.traits.get(hit.of) else {
            continue;
        };
        let zone = match one.of {
            Of::Zone(of) => basis.knowledge.zones.get(of),
            // Who uses an EHR in the cloud stands where others use theirs.
            Of::Point(of) => {
                let kind = basis.knowledge.points.get(of).map(|it| it.kind);
                (kind == Some(PointKind::CloudEhr)).then_some(&ZoneKind::His)
            }
            Of::System(_) => None,
        };
        let Some(zone) = zone else { continue };
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

/// Where a system's servers stand is where it is at home; those who use it may stand elsewhere too.
fn systems<'a>(
    basis: &Basis<'a, '_>,
    number: usize,
    place: &Place<'a>,
    his: &BTreeSet<&str>,
    all: &mut All<'a>,
) {
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
        let witness = protocol_fact("system", making.name.clone(), weight, id, seen);
        for segment in &place.segments {
            // Beside the EHR's own servers a department's say little.
            let aside = zone == ZoneKind::Department && his.contains(segment);
            let worth = points(if aside { Weight::Weak } else { weight });
            let votes = all.entry(segment).or_default();
            votes.cast(zone, &id.0, worth, witness.clone());
        }
    }
}

/// Segments in which servers of the HIS side stand.
fn his_segments<'a>(basis: &Basis<'a, '_>) -> BTreeSet<&'a str> {
    let makings = basis
        .makings
        .values()
        .filter(|it| it.zone == Some(ZoneKind::His));
    let servers = makings.flat_map(|it| it.servers.keys());
    let places = servers.filter_map(|it| basis.index.places.get(*it));
    places.flat_map(|it| it.segments.iter().copied()).collect()
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
fn local<'a>(basis: &Basis<'a, '_>, his: &BTreeSet<&str>, all: &mut All<'a>) {
    let index = basis.index;
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

/// A segment that only routers of オンライン資格確認 lead lies outside the hospital's own.
fn behind_oqs<'a>(basis: &Basis<'a, '_>, all: &mut All<'a>) {
    for place in &basis.index.places {
        for segment in &place.segments {
            if basis.index.is_led_by_others(segment, &basis.lines.devices) {
                continue;
            }
            let id = &place.asset.id;
            let seen = place.seen("route");
            let value = "オンライン資格確認".to_owned();
            let witness = protocol_fact("route", value, Weight::Strong, id, seen);
            let votes = all.entry(segment).or_default();
            votes.cast(ZoneKind::Dmz, &id.0, points(Weight::Strong), witness);
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
            let value = point.kind.title(Lang::Ja).to_owned();
            let witness =
                protocol_fact("system", value, Weight::Strong, id, place.seen("interface"));
            let votes = all.entry(segment).or_default();
            votes.cast(ZoneKind::Dmz, &id.0, points(Weight::Strong), witness);
        }
    }
}
