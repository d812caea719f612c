//! Reports, replayed as a collector would take them, give exactly what `input()` says.

use std::collections::BTreeMap;

use daicho_ledger::{Interval, Kept, KeptSection};
use daicho_report::{Flow, FlowBody, IntervalBody, Neighbour, NeighbourBody, Section};
use serde_json::value::RawValue;

use super::*;

/// What one agent has said so far.
#[derive(Default)]
struct Said {
    first: Option<Time>,
    last: Option<(Time, Time, u64)>,
    sections: BTreeMap<String, KeptSection>,
    flows: Open<Flow>,
    neighbours: Open<Neighbour>,
    /// Why the newest report could not ask.
    reasons: Vec<(daicho_report::SectionKind, daicho_report::Reading<()>)>,
}

/// Intervals, with the receipt of the report that ended each.
struct Open<T>(Vec<(Interval<T>, Option<Time>)>);

impl<T> Default for Open<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Clone + Ord> Open<T> {
    fn take(&mut self, body: &IntervalBody<T>, received: Time) {
        if body.asked.value().is_none() {
            assert!(body.opened.is_empty() && body.closed.is_empty());
            return;
        }
        assert_eq!(
            body.whole,
            self.0.is_empty() && body.closed.is_empty() && body.whole
        );
        for closed in &body.closed {
            let open = self
                .0
                .iter_mut()
                .find(|(it, ended)| it.item == closed.item && ended.is_none());
            let (it, ended) = open.expect("what closes was open");
            it.until = Some(closed.until);
            *ended = Some(received);
        }
        for opened in &body.opened {
            let again = self
                .0
                .iter()
                .any(|(it, ended)| it.item == opened.item && ended.is_none());
            assert!(!again, "what opens was not open");
            let interval = Interval {
                item: opened.item.clone(),
                since: opened.since,
                until: None,
            };
            self.0.push((interval, None));
        }
    }

    fn end(self, from: i64) -> Vec<Interval<T>> {
        let late =
            |it: &(Interval<T>, Option<Time>)| it.1.is_none_or(|ended| ended.seconds() >= from);
        let mut all: Vec<_> = self.0.into_iter().filter(late).map(|it| it.0).collect();
        all.sort();
        all
    }
}

type Fields = BTreeMap<String, Box<RawValue>>;

fn fields(raw: &RawValue) -> Fields {
    serde_json::from_str(raw.get()).unwrap()
}

fn known(raw: &RawValue) -> bool {
    fields(raw).contains_key("known")
}

fn keep(older: &KeptSection, newer: &RawValue) -> Vec<Kept> {
    let mut values: BTreeMap<String, Kept> = older
        .kept
        .iter()
        .map(|it| (it.field.clone(), it.clone()))
        .collect();
    for (field, reading) in fields(&older.body) {
        if known(&reading) {
            values.insert(
                field.clone(),
                Kept {
                    field,
                    at: older.at,
                    reading,
                },
            );
        }
    }
    let newer = fields(newer);
    values.retain(|field, _| !newer.get(field).is_some_and(|it| known(it)));
    values.into_values().collect()
}

impl Said {
    fn section(&mut self, section: &Section, received: Time) {
        let kind = section.kind.to_string();
        let older = self.sections.get(&kind);
        assert!(older.is_none_or(|it| it.body.get() != section.body.get()));
        let kept = older.map(|it| keep(it, &section.body)).unwrap_or_default();
        let new = KeptSection {
            kind: section.kind.clone(),
            source: section.source.clone(),
            at: section.at,
            received_at: received,
            body: section.body.clone(),
            kept,
        };
        self.sections.insert(kind, new);
    }
}

fn replayed(hospital: &Hospital) -> BTreeMap<AgentId, Said> {
    let mut all: BTreeMap<AgentId, Said> = BTreeMap::new();
    for sent in hospital.reports() {
        let said = all.entry(sent.agent).or_default();
        let envelope = sent.report.open().unwrap();
        said.first.get_or_insert(sent.received_at);
        said.last = Some((sent.received_at, envelope.collected_at, envelope.sequence));
        for reference in &envelope.sections {
            let short = reference.hash.whole().is_none();
            let body = sent
                .report
                .bodies
                .iter()
                .find(|it| it.kind == reference.kind);
            assert!(short == body.is_none(), "{}", reference.kind);
        }
        said.reasons.clear();
        for section in &sent.report.bodies {
            if ["flow", "neighbour"].contains(&section.kind.as_str()) {
                let body: IntervalBody<serde_json::Value> =
                    serde_json::from_str(section.body.get()).unwrap();
                if body.asked.reason().is_some() {
                    said.reasons.push((section.kind.clone(), body.asked));
                }
            }
            match section.kind.as_str() {
                "gauges" => {}
                "flow" => said
                    .flows
                    .take(&section.decode::<FlowBody>().unwrap(), sent.received_at),
                "neighbour" => said.neighbours.take(
                    &section.decode::<NeighbourBody>().unwrap(),
                    sent.received_at,
                ),
                _ => said.section(section, sent.received_at),
            }
        }
    }
    all
}

#[test]
fn the_reports_add_up_to_the_input() {
    for (assets, seed, per_day) in [(50, 1, 1), (50, 2, 4), (500, 3, 1)] {
        let hospital = hospital(&Options {
            reports_per_day: per_day,
            ..options(assets, seed)
        });
        let mut said = replayed(&hospital);
        let farewells = hospital.farewells();
        let input = hospital.input();
        assert_eq!(input.agents.len(), hospital.agents.len());
        let from = hospital.options.end.seconds() - crate::report::LOOK_BACK_S;
        let (mut kept, mut blind) = (0, 0);
        for observed in &input.agents {
            let said = said.remove(&observed.agent).unwrap();
            let last = said.last.unwrap();
            let presence = &observed.presence;
            assert_eq!(
                (Some(presence.first_at), presence.last_at),
                (said.first, last.0)
            );
            assert_eq!((presence.collected_at, presence.sequence), (last.1, last.2));
            let goodbye = farewells.iter().find(|it| it.agent == observed.agent);
            assert_eq!(
                presence.goodbye,
                goodbye.map(|it| (it.goodbye.cause, it.received_at))
            );
            assert_eq!(observed.interval_reasons, said.reasons);
            blind += said.reasons.len();
            assert_eq!(observed.flows, said.flows.end(from));
            assert_eq!(observed.neighbours, said.neighbours.end(from));
            let text = |it: &KeptSection| serde_json::to_string(it).unwrap();
            let theirs: Vec<KeptSection> = said.sections.into_values().collect();
            kept += theirs.iter().filter(|it| !it.kept.is_empty()).count();
            for (ours, theirs) in observed.sections.iter().zip(&theirs) {
                let same = text(ours) == text(theirs);
                assert!(
                    same,
                    "{} of {}: {} {}",
                    ours.kind, observed.agent, ours.at, theirs.at
                );
            }
            assert_eq!(observed.sections.len(), theirs.len());
        }
        assert!(said.is_empty());
        assert!(assets < 500 || kept > 0, "no older value was kept");
        assert!(
            assets < 500 || blind > 0,
            "every agent could ask everything"
        );
    }
}
