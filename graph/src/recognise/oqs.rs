//! オンライン資格確認. Comes in: hits of its signatures; goes out: one draft for each line: at the
//! terminal, at the server that asks by Web API, or at the router where several terminals share it.
//! Which line it is is said only by what belongs to that line; a general resolver of the carrier
//! says nothing.

use std::collections::{BTreeMap, BTreeSet};

use daicho_ledger::{Grade, PointKind};
use daicho_report::Direction;

use super::draft::{Draft, Drafts, witness};
use super::grade::grade;
use super::index::{Index, Place};
use super::knowledge::{Hit, Knowledge, Of};
use super::sign::Shown;
use super::{Weight, Witness};

/// Kinds of trait that a machine has of its own; the others come from looking at pages.
const OWN: &[&str] = &[
    "folder",
    "task",
    "account",
    "credential",
    "share",
    "name_server",
    "proxy",
    "service",
    "software",
    "program",
];

/// A machine that shows traits of オンライン資格確認.
struct Sign<'a> {
    number: usize,
    place: &'a Place<'a>,
    kind: PointKind,
    witnesses: Vec<Witness>,
    also: BTreeSet<PointKind>,
    /// The device by which its line leaves.
    device: Option<String>,
    /// Devices by which anything of it leaves.
    near: BTreeSet<String>,
    /// It is the terminal or the asking server, not one that looks at pages.
    own: bool,
}

/// What is explained by オンライン資格確認.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// Machines whose own lines it explains.
    pub(super) machines: BTreeSet<usize>,
    /// Devices by which its lines leave.
    pub(super) devices: BTreeSet<String>,
}

/// Adds オンライン資格確認; gives back what it explains.
pub(super) fn oqs(
    index: &Index<'_>,
    shown: &[Shown<'_>],
    knowledge: &Knowledge,
    drafts: &mut Drafts,
) -> Lines {
    let mut signs: Vec<Sign<'_>> = index
        .places
        .iter()
        .zip(shown)
        .enumerate()
        .filter_map(|(number, (place, shown))| sign(number, index, place, shown, knowledge))
        .collect();
    ordinary_gateways_are_none(index, &mut signs);
    let mut lines = Lines::default();
    let mut by_line: BTreeMap<String, Vec<&Sign<'_>>> = BTreeMap::new();
    for sign in signs.iter().filter(|it| it.own) {
        if sign.kind != PointKind::OqsWebApi {
            lines.machines.insert(sign.number);
        }
        lines.devices.extend(sign.near.iter().cloned());
        let line = match (&sign.device, sign.kind) {
            (Some(device), kind) if kind != PointKind::OqsWebApi => one_device(device).to_owned(),
            _ => sign.place.asset.id.0.clone(),
        };
        by_line.entry(line).or_default().push(sign);
    }
    let mut places: Vec<(String, PointKind, BTreeSet<String>)> = Vec::new();
    for (line, signs) in by_line {
        let place = match signs.as_slice() {
            [one] => one.place.asset.id.0.clone(),
            all => {
                let devices = all.iter().filter_map(|it| it.device.clone());
                devices.min().unwrap_or_else(|| line.clone())
            }
        };
        let kind = common(&signs);
        let draft = drafts.at(&place, kind);
        for sign in &signs {
            fill(draft, sign);
        }
        let near = signs
            .iter()
            .flat_map(|it| it.near.iter().cloned())
            .collect();
        places.push((place, kind, near));
    }
    for sign in signs.iter().filter(|it| !it.own) {
        let near = places
            .iter()
            .find(|(_, _, near)| sign.device.as_ref().is_some_and(|it| near.contains(it)));
        let draft = match near.or(places.first()) {
            Some((place, kind, _)) => drafts.at(place, *kind),
            None => drafts.at(&sign.place.asset.id.0, sign.kind),
        };
        fill(draft, sign);
    }
    lines
}

/// A hardware address is one device's, in however many segments it is seen.
fn one_device(device: &str) -> &str {
    match device.split_once('@') {
        Some((one, _)) if one.starts_with("m-") => one,
        _ => device,
    }
}

fn fill(draft: &mut Draft, sign: &Sign<'_>) {
    draft.witnesses.extend(sign.witnesses.iter().cloned());
    draft.also.extend(sign.also.iter().copied());
    let segments = sign.place.segments.iter();
    draft.segments.extend(segments.map(|it| (*it).to_owned()));
}

/// The kind that all of a line agree on.
fn common(signs: &[&Sign<'_>]) -> PointKind {
    let kinds: BTreeSet<PointKind> = signs
        .iter()
        .map(|it| it.kind)
        .filter(|it| *it != PointKind::Oqs)
        .collect();
    match kinds.into_iter().collect::<Vec<_>>().as_slice() {
        [one] => *one,
        _ => PointKind::Oqs,
    }
}

fn sign<'a>(
    number: usize,
    index: &Index<'a>,
    place: &'a Place<'a>,
    shown: &Shown<'_>,
    knowledge: &Knowledge,
) -> Option<Sign<'a>> {
    let mut base: Vec<&Hit> = Vec::new();
    let mut lines: BTreeMap<PointKind, Vec<&Hit>> = BTreeMap::new();
    let mut also = BTreeSet::new();
    for hit in &shown.hits {
        let Some(Of::Point(of)) = knowledge.traits.get(hit.of).map(|it| it.of) else {
            continue;
        };
        let Some(signature) = knowledge.points.get(of) else {
            continue;
        };
        if !shown.allows(&signature.needs, &signature.unless) {
            continue;
        }
        if signature.line_of == Some(PointKind::Oqs) {
            lines.entry(signature.kind).or_default().push(hit);
        } else if signature.kind == PointKind::Oqs {
            base.push(hit);
        } else if signature.on_line_of == Some(PointKind::Oqs) {
            also.insert(signature.kind);
        }
    }
    // What a line shows by itself says nothing of オンライン資格確認, unless nothing else has it.
    let decisive = |hit: &&Hit| weight(hit, knowledge) == Weight::Decisive;
    lines.retain(|_, hits| !base.is_empty() || hits.iter().any(decisive));
    let installed = base
        .iter()
        .any(|it| matches!(it.kind, "folder" | "task" | "account"));
    if installed {
        lines.remove(&PointKind::OqsWebApi);
    }
    let kind = line(&lines, knowledge);
    let hits = base.iter().chain(lines.get(&kind).into_iter().flatten());
    let witnesses: Vec<Witness> = hits
        .filter_map(|it| witness(place, it, knowledge))
        .collect();
    if grade(&witnesses) == Grade::Hint {
        return None;
    }
    let own =
        kind == PointKind::OqsWebApi || witnesses.iter().any(|it| OWN.contains(&it.kind.as_str()));
    let device = way(place, kind).and_then(|it| index.box_of(it));
    let terminal = own && kind != PointKind::OqsWebApi;
    let near = near(index, place, shown, (device.as_ref(), terminal));
    Some(Sign {
        number,
        place,
        kind,
        witnesses,
        also,
        device,
        near,
        own,
    })
}

/// The ordinary gateway of more machines that have nothing to do with it is no line of it.
fn ordinary_gateways_are_none(index: &Index<'_>, signs: &mut [Sign<'_>]) {
    let own: BTreeSet<String> = signs.iter().map(|it| it.place.asset.id.0.clone()).collect();
    for sign in signs {
        sign.near.retain(|device| {
            index.main_gateways.get(device).is_none_or(|of| {
                let with = of.iter().filter(|it| own.contains(**it)).count();
                with * 2 >= of.len()
            })
        });
    }
}

/// Devices by which a machine reaches what belongs to オンライン資格確認: its line's, and those on the
/// ways to addresses that go with its names. The ordinary gateway of many others is none of them.
fn near(
    index: &Index<'_>,
    place: &Place<'_>,
    shown: &Shown<'_>,
    (device, terminal): (Option<&String>, bool),
) -> BTreeSet<String> {
    let named = shown.hits.iter().filter_map(|it| it.address);
    let ways = named.filter_map(|it| place.way_to(it, None));
    // The asking server goes there itself, by a route of its own.
    let asks = shown.talk.outside.iter().chain(&shown.talk.public);
    let asks = asks.filter(|it| it.item.direction == Direction::Outbound && it.item.port == 443);
    let asks = asks.filter_map(|it| place.way_to(it.item.peer, Some(it.item.local)));
    let ways = ways.chain(asks.filter(|it| !it.is_default()));
    // A terminal has two ways: to the hospital, whose gateway is others' too, and to its line.
    let mut out: BTreeSet<String> = ways
        .chain(place.ways.iter().filter(|_| terminal))
        .filter_map(|it| index.box_of(it))
        .collect();
    out.extend(device.cloned());
    out
}

fn weight(hit: &Hit, knowledge: &Knowledge) -> Weight {
    let one = knowledge.traits.get(hit.of);
    one.map_or(Weight::Weak, |it| it.weight)
}

/// The line for which most speaks; two that are as likely, or weak traits alone: not known.
fn line(lines: &BTreeMap<PointKind, Vec<&Hit>>, knowledge: &Knowledge) -> PointKind {
    let best = |hits: &Vec<&Hit>| hits.iter().map(|it| weight(it, knowledge)).min();
    let mut ranked: Vec<(Weight, PointKind)> = lines
        .iter()
        .filter_map(|(kind, hits)| Some((best(hits)?, *kind)))
        .filter(|(weight, _)| *weight <= Weight::Medium)
        .collect();
    ranked.sort_unstable();
    match ranked.as_slice() {
        [(_, kind)] => *kind,
        [(first, kind), (second, _), ..] if first < second => *kind,
        _ => PointKind::Oqs,
    }
}

/// The way of its line: the IPv6 default route, where it has one of its own.
fn way<'a>(place: &'a Place<'a>, kind: PointKind) -> Option<&'a super::index::Way<'a>> {
    let v6 = || place.defaults().find(|it| it.destination.address.is_ipv6());
    let v4 = || place.defaults().find(|it| it.destination.address.is_ipv4());
    if kind == PointKind::OqsIpv6 {
        v6()
    } else {
        v4().or_else(v6)
    }
}
