//! Zones（系）. Comes in: what stands in each segment and what it talks to; goes out: one zone for each
//! segment with what it rests on, and the zones of each machine. A segment for which nothing speaks
//! stays unknown; a rule of the site goes before every guess.

mod vote;

use std::collections::{BTreeMap, BTreeSet};

use daicho_ledger::hand::Verdict;
use daicho_ledger::{Grade, ZoneKind};

use super::hand::Devices;
use super::index::Index;
use super::knowledge::Knowledge;
use super::oqs::Lines;
use super::rule::Rule;
use super::serve::Serving;
use super::sign::Shown;
use super::system::Makings;
use super::{AssetZone, Contradiction, Recognition, SegmentZone, Weight, Witness};
use vote::Votes;

/// Most witnesses that a segment keeps.
const WITNESSES_MAX: usize = 8;

/// What zones are derived from.
pub(super) struct Basis<'a, 'b> {
    pub(super) index: &'b Index<'a>,
    pub(super) shown: &'b [Shown<'a>],
    pub(super) knowledge: &'b Knowledge,
    pub(super) devices: &'b Devices<'a>,
    pub(super) serving: &'b Serving,
    pub(super) makings: &'b Makings,
    /// What lines of オンライン資格確認 explain.
    pub(super) lines: &'b Lines,
}

/// Adds zones of segments and assets.
pub(super) fn zones(basis: &Basis<'_, '_>, rules: &[Rule<'_>], out: &mut Recognition) {
    let index = basis.index;
    let ruled = ruled(index, rules, out);
    let votes = vote::votes(basis, &ruled, &out.points);
    for segment in &index.segments {
        let mut zone = match ruled.get(*segment) {
            Some((zone, witness)) => SegmentZone {
                segment: (*segment).to_owned(),
                zone: *zone,
                grade: Grade::Confirmed,
                witnesses: vec![witness.clone()],
            },
            None => verdict(segment, votes.get(*segment)),
        };
        let id = format!("zone:{segment}");
        if let Some((_, decision)) = index.ledger.hand.decision(&id) {
            match decision.verdict {
                Verdict::Confirmed => zone.grade = Grade::OnSite,
                Verdict::Rejected => zone.zone = ZoneKind::Unknown,
            }
        }
        out.segments.push(zone);
    }
    out.segments.sort();
    assets(basis, out);
}

/// Zones that the site's rules give; two for one segment: none, and a contradiction.
fn ruled<'a>(
    index: &Index<'a>,
    rules: &[Rule<'_>],
    out: &mut Recognition,
) -> BTreeMap<&'a str, (ZoneKind, Witness)> {
    let mut all: BTreeMap<&str, BTreeMap<ZoneKind, (BTreeSet<String>, Witness)>> = BTreeMap::new();
    for rule in rules {
        let Some(zone) = rule.rule.zone else { continue };
        for place in index.places.iter().filter(|it| rule.matches(it)) {
            for segment in segments_of(index, place, rule) {
                let zones = all.entry(segment).or_default();
                let one = zones
                    .entry(zone)
                    .or_insert_with(|| (BTreeSet::new(), rule.witness(place)));
                one.0.insert(rule.entry.key.clone());
            }
        }
    }
    let mut ruled = BTreeMap::new();
    for (segment, zones) in all {
        if zones.len() > 1 {
            let keys: BTreeSet<&String> = zones.values().flat_map(|(keys, _)| keys).collect();
            out.contradictions.push(Contradiction {
                entries: keys.into_iter().cloned().collect(),
                text: (
                    format!("一つのセグメント（{segment}）に、規則が二つ以上の系を定めている"),
                    format!("rules give more than one zone to `{segment}`"),
                ),
            });
            continue;
        }
        if let Some((zone, (_, witness))) = zones.into_iter().next() {
            ruled.insert(segment, (zone, witness));
        }
    }
    ruled
}

/// The segments of which a rule speaks: those with the range that it names, otherwise all of the
/// machine's.
fn segments_of<'a>(
    index: &Index<'a>,
    place: &super::index::Place<'a>,
    rule: &Rule<'_>,
) -> Vec<&'a str> {
    let mut segments = place.segments.clone();
    if let Some(range) = rule.range() {
        let near: BTreeSet<&str> = index
            .ranges
            .iter()
            .filter(|((network, prefix), _)| {
                *prefix >= range.prefix && super::pattern::holds(&range, *network)
            })
            .flat_map(|(_, segments)| segments.iter().copied())
            .collect();
        segments.retain(|it| near.contains(it));
    }
    segments
}

fn verdict(segment: &str, votes: Option<&Votes>) -> SegmentZone {
    let unknown = || SegmentZone {
        segment: segment.to_owned(),
        zone: ZoneKind::Unknown,
        grade: Grade::Hint,
        witnesses: Vec::new(),
    };
    let Some((zone, grade, mut witnesses)) = votes.and_then(Votes::best) else {
        return unknown();
    };
    witnesses.sort_by(|a, b| (a.weight, a).cmp(&(b.weight, b)));
    witnesses.dedup();
    witnesses.truncate(WITNESSES_MAX);
    witnesses.sort();
    SegmentZone {
        segment: segment.to_owned(),
        zone,
        grade,
        witnesses,
    }
}

fn assets(basis: &Basis<'_, '_>, out: &mut Recognition) {
    let index = basis.index;
    let zones: BTreeMap<&str, ZoneKind> = out
        .segments
        .iter()
        .map(|it| (it.segment.as_str(), it.zone))
        .collect();
    let mut all: Vec<AssetZone> = Vec::new();
    for (node, segments) in index.attached() {
        let mut found: Vec<ZoneKind> = segments
            .iter()
            .filter_map(|it| zones.get(it).copied())
            .collect();
        // A terminal with a line of its own joins it to the hospital.
        let number = index.by_id.get(node);
        if number.is_some_and(|it| basis.lines.machines.contains(it)) {
            found.push(ZoneKind::Dmz);
        }
        found.sort_unstable();
        found.dedup();
        if found.len() > 1 {
            found.retain(|it| *it != ZoneKind::Unknown);
        }
        if !found.is_empty() {
            all.push(AssetZone {
                asset: node.to_owned(),
                zones: found,
            });
        }
    }
    all.sort();
    out.assets = all;
}

/// How much a trait adds to a zone.
fn points(weight: Weight) -> u32 {
    match weight {
        Weight::Decisive => 12,
        Weight::Strong => 6,
        Weight::Medium => 3,
        Weight::Weak => 1,
    }
}
