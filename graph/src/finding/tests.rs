//! Every rule of the network has its words, fires where it should, and is silent elsewhere.

use super::*;
use crate::list::tests::{Sample, declared, point, sample, time};
use daicho_ledger::hand::{Entry, EntryBody, Hand};

#[test]
fn every_rule_has_texts_and_no_text_is_left_over() {
    let rules = Rules::read(include_str!("findings.toml")).expect("the file is read");
    assert_eq!(rules.names().collect::<Vec<_>>(), RULES);
}

fn quiet() -> Sample {
    let mut sample = sample("x");
    sample.recognition = crate::Recognition::default();
    sample.ledger.hand = Hand::default();
    sample.topology = crate::topology::topology(&sample.ledger);
    sample
}

fn rules(sample: &Sample) -> Vec<&'static str> {
    of_network(sample.basis())
        .iter()
        .map(|it| it.rule)
        .collect()
}

#[test]
fn nothing_recognised_is_no_finding() {
    assert_eq!(rules(&quiet()), Vec::<&str>::new());
}

#[test]
fn point_that_nobody_declared_is_found_and_a_hint_is_not() {
    let mut sample = quiet();
    sample.recognition.points = vec![point(&sample.ledger, "p", "回線")];
    assert_eq!(rules(&sample), ["EXT-002"]);
    sample.recognition.points[0].kind = PointKind::Mobile;
    assert_eq!(rules(&sample), ["EXT-006"]);
    sample.recognition.points[0].grade = Grade::Hint;
    assert_eq!(rules(&sample), Vec::<&str>::new());
    sample.recognition.points[0].grade = Grade::OnSite;
    assert_eq!(rules(&sample), Vec::<&str>::new());
}

#[test]
fn declared_point_is_found_when_it_was_not_seen_for_30_days() {
    let mut sample = quiet();
    sample.ledger.hand = Hand::new(vec![Entry {
        key: "line-1".to_owned(),
        by: "情報 太郎".to_owned(),
        at: time("2026-10-01T00:00:00Z"),
        body: EntryBody::Point(declared("検査の回線", PointKind::VendorVpn)),
    }]);
    let mut it = point(&sample.ledger, "p", "回線");
    it.declared = vec!["line-1".to_owned()];
    sample.recognition.points = vec![it];
    assert_eq!(rules(&sample), Vec::<&str>::new());
    sample.recognition.points[0].last_seen = Some(time("2026-10-02T00:00:00Z"));
    let found = of_network(sample.basis());
    assert_eq!(found[0].rule, "EXT-001");
    assert!(
        found[0].evidence.0.contains("最終観測 2026-10-02"),
        "{:?}",
        found[0].evidence
    );
    sample.recognition.points[0].last_seen = None;
    assert_eq!(rules(&sample), ["EXT-001"]);
}

#[test]
fn machine_in_two_zones_is_found_and_its_automatic_administrator_too() {
    let mut sample = quiet();
    let id = sample.ledger.assets[0].id.0.clone();
    let zone = |zones: &[ZoneKind]| AssetZone {
        asset: id.clone(),
        zones: zones.to_vec(),
    };
    sample.recognition.assets = vec![zone(&[ZoneKind::His, ZoneKind::Unknown])];
    assert_eq!(rules(&sample), Vec::<&str>::new());
    sample.ledger.assets[0].accounts.log_ins = daicho_report::Reading::known(
        vec![daicho_report::LogIn {
            account: "OQSComApp".to_owned(),
            how: "auto".to_owned(),
            verdict: LogInVerdict::Administrator,
            elevation: None,
        }],
        "registry",
    );
    sample.recognition.assets = vec![zone(&[ZoneKind::His, ZoneKind::Dmz])];
    assert_eq!(rules(&sample), ["EXT-003", "EXT-008"]);
}

#[test]
fn contradiction_and_equal_ranges_are_found() {
    let mut sample = quiet();
    sample.recognition.contradictions = vec![crate::recognise::Contradiction {
        entries: vec!["a".to_owned(), "b".to_owned()],
        text: ("同じアドレス".to_owned(), "the same address".to_owned()),
    }];
    let segment = sample
        .topology
        .nodes
        .iter()
        .find(|it| it.kind == NodeKind::Segment)
        .cloned()
        .unwrap();
    let mut twin = segment.clone();
    twin.id.push_str("-twin");
    sample.topology.nodes.push(twin);
    assert_eq!(rules(&sample), ["EXT-004", "EXT-005"]);
}

#[test]
fn running_tool_without_a_declared_line_is_found() {
    let mut sample = quiet();
    let tool = |state| {
        vec![daicho_report::Tool {
            name: "AnyDesk".to_owned(),
            version: None,
            state,
            witnesses: Vec::new(),
        }]
    };
    let set = |sample: &mut Sample, state| {
        sample.ledger.assets[0].remote_tools.tools =
            daicho_report::Reading::known(tool(state), "registry");
    };
    let mut it = point(&sample.ledger, "p", "AnyDesk");
    it.kind = PointKind::RemoteTool;
    sample.recognition.points = vec![it];
    set(&mut sample, ToolState::Running);
    assert_eq!(rules(&sample), ["EXT-007"]);
    set(&mut sample, ToolState::Installed);
    assert_eq!(rules(&sample), ["EXT-002"]);
}
