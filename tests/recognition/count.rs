//! Counting verdicts against the truth.

use std::collections::{BTreeMap, BTreeSet};

use daicho_graph::recognise::{ConnectionPoint, Knowledge, Recognition, recognise};
use daicho_graph::topology;
use daicho_ledger::hand::{Entry, EntryBody, Match, SiteRule};
use daicho_ledger::{Grade, Input, PointKind, ZoneKind, build};
use daicho_report::Address;
use daicho_simulate::Hospital;
use daicho_simulate::truth::{TruePoint, Truth};

use crate::place::Places;

/// Rules that a person may write before every zone must be right.
const RULES_MAX: usize = 10;

/// A fraction.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Of {
    good: usize,
    all: usize,
}

impl Of {
    fn note(&mut self, good: bool) {
        self.all += 1;
        self.good += usize::from(good);
    }

    fn ratio(self) -> f64 {
        if self.all == 0 {
            return 1.0;
        }
        f64::from(u32::try_from(self.good).unwrap()) / f64::from(u32::try_from(self.all).unwrap())
    }

    fn add(&mut self, other: Self) {
        self.good += other.good;
        self.all += other.all;
    }
}

impl std::fmt::Display for Of {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.4} ({} of {})", self.ratio(), self.good, self.all)
    }
}

/// What was counted.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    confirmed: Of,
    inferred: Of,
    found: Of,
    found_with_traces: Of,
    kind_exact: Of,
    zones: Of,
    zones_of_segments: Of,
    zones_after_rules: Of,
    rules: usize,
    joined: Of,
    fragments: Of,
    systems: Of,
    named_or_listed: Of,
    /// Milliseconds from the ledger to the whole graph, one a hospital; shown, never judged.
    millis: Vec<u128>,
    pub(crate) misses: Vec<String>,
}

fn oqs(kind: PointKind) -> bool {
    use PointKind::{Oqs, OqsIpsec, OqsIpv6, OqsPppoe, OqsWebApi};
    matches!(kind, Oqs | OqsIpsec | OqsIpv6 | OqsPppoe | OqsWebApi)
}

/// Whether a verdict's kind says what is so: the same, or the same without its line.
fn fits(verdict: PointKind, truth: &TruePoint) -> bool {
    use PointKind::{Oqs, RegionalIpVpn, RegionalLink};
    let same = |kind: PointKind| {
        verdict == kind
            || (verdict == Oqs && oqs(kind))
            || matches!(
                (verdict, kind),
                (RegionalLink, RegionalIpVpn) | (RegionalIpVpn, RegionalLink)
            )
    };
    same(truth.kind) || truth.also.iter().any(|kind| same(*kind))
}

fn drawn(point: &ConnectionPoint) -> bool {
    point.grade != Grade::Hint
}

/// The hospital through the ledger, the graph and the recogniser.
pub(crate) fn count(hospital: &Hospital) -> Counts {
    let input = hospital.input();
    let ledger = build(&input);
    let built = std::time::Instant::now();
    let network = daicho_graph::network(&ledger, &Knowledge::shipped());
    let millis = built.elapsed().as_millis();
    let truth = &hospital.truth;
    let mut counts = Counts {
        millis: vec![millis],
        ..Counts::default()
    };
    let (graph, verdicts) = verdicts(&input);
    assert_eq!(network.recognition, verdicts, "one way to the verdicts");
    let places = Places::new(truth, &graph);
    points(&mut counts, truth, &graph, &verdicts, &places);
    realms(&mut counts, &places);
    let wrong = zones(&mut counts, truth, &verdicts, &places);
    rules(&mut counts, truth, input, &wrong);
    systems(&mut counts, truth, &verdicts);
    counts
}

fn verdicts(input: &Input) -> (daicho_graph::Topology, Recognition) {
    let ledger = build(input);
    let graph = topology(&ledger);
    let verdicts = recognise(&ledger, &graph, &Knowledge::shipped());
    (graph, verdicts)
}

fn points(
    counts: &mut Counts,
    truth: &Truth,
    graph: &daicho_graph::Topology,
    verdicts: &Recognition,
    places: &Places<'_>,
) {
    let at: Vec<(&ConnectionPoint, BTreeSet<&str>)> = verdicts
        .points
        .iter()
        .filter(|it| drawn(it))
        .map(|it| (it, places.assets(&it.at, graph)))
        .collect();
    let is_at = |place: &BTreeSet<&str>, point: &TruePoint| {
        place.contains(point.asset.as_str())
            || point.also_at.iter().any(|it| place.contains(it.as_str()))
    };
    for (verdict, place) in &at {
        let so = truth
            .points
            .iter()
            .any(|it| fits(verdict.kind, it) && is_at(place, it));
        match verdict.grade {
            Grade::Confirmed | Grade::OnSite => counts.confirmed.note(so),
            // What a person declared and nobody sees is for the person to mend.
            Grade::Declared => continue,
            _ => counts.inferred.note(so),
        }
        if !so {
            counts.misses.push(format!(
                "{:?} {:?} at {} {place:?} is not so: {}",
                verdict.grade, verdict.kind, verdict.at, verdict.reason.1
            ));
        }
    }
    for point in &truth.points {
        let here = at.iter().filter(|(_, place)| is_at(place, point));
        let kinds: Vec<PointKind> = here.map(|(it, _)| it.kind).collect();
        let declared = |it: &&ConnectionPoint| {
            point
                .hand
                .as_ref()
                .is_some_and(|key| it.declared.contains(key))
        };
        let by_hand = at.iter().map(|(it, _)| *it).find(declared);
        let found = kinds.iter().any(|kind| fits(*kind, point)) || by_hand.is_some();
        counts.found.note(found);
        if !point.traces.is_empty() || point.hand.is_some() {
            counts.found_with_traces.note(found);
        }
        counts.kind_exact.note(kinds.contains(&point.kind));
        if !found {
            counts.misses.push(format!(
                "{:?} {} at {} was not found (there: {kinds:?}; traces: {:?})",
                point.kind, point.id, point.asset, point.traces
            ));
        }
    }
}

fn realms(counts: &mut Counts, places: &Places<'_>) {
    let mut parts: BTreeMap<&str, usize> = BTreeMap::new();
    for (segment, networks) in &places.segments {
        counts.joined.note(networks.len() <= 1);
        if networks.len() > 1 {
            counts
                .misses
                .push(format!("{segment} joins {:?}", networks.keys()));
        }
        for network in networks.keys() {
            *parts.entry(network).or_default() += 1;
        }
    }
    for (network, parts) in parts {
        counts.fragments.note(parts == 1);
        if parts > 1 {
            counts
                .misses
                .push(format!("network {network} is drawn as {parts} segments"));
        }
    }
}

/// Notes zones; gives back the segments and assets that are wrong.
fn zones(
    counts: &mut Counts,
    truth: &Truth,
    verdicts: &Recognition,
    places: &Places<'_>,
) -> Vec<(String, ZoneKind, ZoneKind)> {
    let zones: BTreeMap<&str, ZoneKind> = truth
        .networks
        .iter()
        .map(|it| (it.id.as_str(), it.zone))
        .collect();
    let mut wrong = Vec::new();
    for it in &verdicts.segments {
        let Some(network) = places.network(&it.segment) else {
            continue;
        };
        let so = zones.get(network).copied().unwrap_or(ZoneKind::Unknown);
        counts.zones_of_segments.note(so == it.zone);
        if so != it.zone {
            counts.misses.push(format!(
                "{network} is {so:?}, called {:?}: {:?}",
                it.zone,
                it.witnesses
                    .iter()
                    .take(4)
                    .map(|w| format!("{} {}", w.kind, w.value))
                    .collect::<Vec<_>>()
            ));
            wrong.push((network.to_owned(), so, it.zone));
        }
    }
    for_assets(&mut counts.zones, truth, verdicts);
    wrong
}

fn for_assets(of: &mut Of, truth: &Truth, verdicts: &Recognition) {
    let called: BTreeMap<&str, &[ZoneKind]> = verdicts
        .assets
        .iter()
        .map(|it| (it.asset.as_str(), it.zones.as_slice()))
        .collect();
    for asset in &truth.assets {
        let Some(agent) = &asset.agent else { continue };
        let Some(zones) = called.get(agent.as_str()) else {
            continue;
        };
        of.note(zones.contains(&asset.zone));
    }
}

/// A person writes rules for what is wrong, the most machines first, and looks again.
fn rules(
    counts: &mut Counts,
    truth: &Truth,
    mut input: Input,
    wrong: &[(String, ZoneKind, ZoneKind)],
) {
    let mut sizes: BTreeMap<&str, usize> = BTreeMap::new();
    for asset in truth.assets.iter().filter(|it| it.agent.is_some()) {
        for at in &asset.attachments {
            *sizes.entry(&at.network).or_default() += 1;
        }
    }
    let mut networks: Vec<(&str, ZoneKind)> =
        wrong.iter().map(|(it, so, _)| (it.as_str(), *so)).collect();
    networks.sort_by_key(|(it, _)| (std::cmp::Reverse(sizes.get(it).copied()), *it));
    networks.dedup();
    counts.rules = networks.len().min(RULES_MAX);
    for (n, (network, zone)) in networks.into_iter().take(RULES_MAX).enumerate() {
        input.hand.entries.push(Entry {
            key: format!("rule-{n}"),
            by: "recognition test".to_owned(),
            at: input.as_of,
            body: EntryBody::Rule(SiteRule {
                when: names(truth, network),
                system: None,
                zone: Some(zone),
                point: None,
                note: String::new(),
            }),
        });
    }
    let (graph, verdicts) = verdicts(&input);
    let places = Places::new(truth, &graph);
    let mut again = Counts::default();
    zones(&mut again, truth, &verdicts, &places);
    counts.zones_after_rules = again.zones;
    counts.zones_after_rules.add(again.zones_of_segments);
    for miss in again.misses {
        counts.misses.push(format!("after the rules: {miss}"));
    }
}

/// How a person names a network: by its range, or, where two have the same, by one machine in it.
fn names(truth: &Truth, network: &str) -> Match {
    let range = |id: &str| -> Option<Address> {
        let network = truth.networks.iter().find(|it| it.id == id)?;
        network.ranges.first().copied()
    };
    let mine = range(network);
    let alone = truth
        .networks
        .iter()
        .filter(|it| it.ranges.first().copied() == mine)
        .count()
        == 1;
    let host = truth
        .assets
        .iter()
        .find(|it| it.agent.is_some() && it.attachments.iter().any(|at| at.network == network));
    if alone {
        Match {
            range: mine,
            ..Match::default()
        }
    } else {
        Match {
            range: mine,
            host_name: host.map(|it| it.host_name.clone()),
            ..Match::default()
        }
    }
}

fn systems(counts: &mut Counts, truth: &Truth, verdicts: &Recognition) {
    let agents: BTreeMap<&str, &str> = truth
        .assets
        .iter()
        .filter_map(|it| Some((it.id.as_str(), it.agent.as_ref()?.as_str())))
        .collect();
    for system in &truth.systems {
        let servers: BTreeSet<&str> = system
            .servers
            .iter()
            .filter_map(|it| agents.get(it.as_str()).copied())
            .collect();
        if servers.is_empty() {
            continue;
        }
        let has = |assets: &[daicho_ledger::AssetId]| {
            assets.iter().any(|it| servers.contains(it.0.as_str()))
        };
        let named = verdicts
            .systems
            .iter()
            .any(|it| it.sort == system.sort && it.grade != Grade::Hint && has(&it.servers));
        let listed = verdicts.unnamed.iter().any(|it| has(&it.assets));
        if system.public_signature {
            counts.systems.note(named);
        }
        counts.named_or_listed.note(named || listed);
        if !named && (system.public_signature || !listed) {
            counts.misses.push(format!(
                "system {} ({}, {}) was not recognised{}",
                system.id,
                system.sort,
                system.product,
                if listed { "" } else { " nor listed" }
            ));
        }
    }
}

impl Counts {
    pub(crate) fn add(&mut self, other: &Self) {
        self.confirmed.add(other.confirmed);
        self.inferred.add(other.inferred);
        self.found.add(other.found);
        self.found_with_traces.add(other.found_with_traces);
        self.kind_exact.add(other.kind_exact);
        self.zones.add(other.zones);
        self.zones_of_segments.add(other.zones_of_segments);
        self.zones_after_rules.add(other.zones_after_rules);
        self.rules = self.rules.max(other.rules);
        self.millis.extend(&other.millis);
        self.joined.add(other.joined);
        self.fragments.add(other.fragments);
        self.systems.add(other.systems);
        self.named_or_listed.add(other.named_or_listed);
    }

    pub(crate) fn table(&self, assets: usize, seeds: u64) -> String {
        let lines = [
            ("points called 確認 that are so", self.confirmed),
            ("points called 推定 that are so", self.inferred),
            ("true points found at 推定 or better", self.found),
            (
                "… of those that left a trace or were declared",
                self.found_with_traces,
            ),
            ("… with their exact kind", self.kind_exact),
            ("zones of machines, no rule", self.zones),
            ("zones of segments, no rule", self.zones_of_segments),
            ("zones after the rules", self.zones_after_rules),
            ("segments that join one network only", self.joined),
            ("networks drawn as one segment", self.fragments),
            ("systems with a public signature, recognised", self.systems),
            (
                "systems recognised or listed for naming",
                self.named_or_listed,
            ),
        ];
        let mut millis = self.millis.clone();
        millis.sort_unstable();
        let median = millis.get(millis.len() / 2).copied().unwrap_or_default();
        let mut text = format!(
            "{assets} assets, {seeds} seeds (at most {} rules; ledger to graph {median} ms in the median):",
            self.rules
        );
        for (name, of) in lines {
            text.push_str(&format!("\n  {name:<50} {of}"));
        }
        text
    }

    pub(crate) fn below_limits(&self) -> Vec<String> {
        let limits = [
            ("precision of 確認", self.confirmed, 1.0),
            ("recall of connection points", self.found, 0.98),
            ("zones of machines", self.zones, 0.95),
            ("zones of segments", self.zones_of_segments, 0.95),
            ("zones after the rules", self.zones_after_rules, 1.0),
            ("realms", self.joined, 1.0),
            ("systems with a public signature", self.systems, 1.0),
            ("systems recognised or listed", self.named_or_listed, 1.0),
        ];
        limits
            .into_iter()
            .filter(|(_, of, limit)| of.ratio() < *limit)
            .map(|(name, of, limit)| format!("{name}: {of}, limit {limit}"))
            .collect()
    }
}
