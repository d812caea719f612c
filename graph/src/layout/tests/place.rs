use std::collections::BTreeSet;

use daicho_ledger::ZoneKind;

use super::*;
use crate::topology::{Mark, Node, Topology};

#[test]
fn a_system_out_of_support_and_a_machine_that_fell_silent_are_said_in_their_boxes() {
    use daicho_report::{Reading, Time};
    let drawn = |id: &str, version: &str, silent_days: i64| {
        let mut ledger = hospital(3, 1);
        let asset = &mut ledger.assets[0];
        asset.os.id = Reading::known(id.to_owned(), "test");
        asset.os.version = Reading::known(version.to_owned(), "test");
        asset.presence.last_at =
            Time::from_seconds(ledger.as_of.seconds() - silent_days * 24 * 60 * 60);
        svg(&layout(&topology(&ledger), &options()))
    };
    let (ended, silent) = ("▲OS通常サポート終了", "◇7日以上 情報なし");
    let old = drawn("debian", "8", 8);
    assert!(old.contains(ended) && old.contains(silent));
    let sound = drawn("debian", "8000", 7);
    assert!(!sound.contains(ended) && !sound.contains(silent));
}

#[test]
fn a_redundant_pair_of_the_core_stands_side_by_side() {
    let core =
        |n: usize| format!(r#"{{"id":"c{n}","group":"core","kind":"l3switch","w":60,"h":30}}"#);
    let servers = |n: usize| {
        let group =
            format!(r#"{{"id":"s{n}","label":"10.0.{n}.0/24","parent":"his","band":null}}"#);
        let node = format!(r#"{{"id":"a{n}","group":"s{n}","kind":"server","w":70,"h":30}}"#);
        let edge = format!(r#"{{"id":"e{n}","src":"c{n}","dst":"a{n}","kind":"link"}}"#);
        (group, node, edge)
    };
    for (a, b) in [(0, 4), (1, 3), (0, 2)] {
        let parts: Vec<_> = (0..5).map(servers).collect();
        let groups: Vec<&str> = parts.iter().map(|it| it.0.as_str()).collect();
        let mut nodes: Vec<String> = (0..5).map(core).collect();
        nodes.extend(parts.iter().map(|it| it.1.clone()));
        let mut edges: Vec<String> = parts.iter().map(|it| it.2.clone()).collect();
        edges.push(format!(
            r#"{{"id":"ha","src":"c{a}","dst":"c{b}","kind":"link","label":"HA"}}"#
        ));
        let model = format!(
            r#"{{"groups":[{{"id":"core","label":"コア","parent":null,"band":2}},{{"id":"his","label":"HIS","parent":null,"band":3}},{}],"nodes":[{}],"edges":[{}]}}"#,
            groups.join(","),
            nodes.join(","),
            edges.join(",")
        );
        let placed: serde_json::Value = serde_json::from_str(&measured(&model).unwrap()).unwrap();
        let left = |n: usize| placed["nodes"][format!("c{n}")][0].as_i64().unwrap();
        let mut row: Vec<usize> = (0..5).collect();
        row.sort_by_key(|n| left(*n));
        let at = |n: usize| row.iter().position(|it| *it == n).unwrap();
        assert_eq!(at(a).abs_diff(at(b)), 1, "{row:?}");
        assert_eq!(
            placed["edges"]["ha"].as_array().unwrap().len(),
            2,
            "straight"
        );
    }
}

#[test]
fn a_band_is_called_the_way_to_another_page_only_where_it_holds_nothing_else() {
    let geometry = layout(&topology(&hospital(600, 24)), &options());
    let mut counts = (0, 0);
    for page in &geometry.pages {
        for band in page.shapes.iter().filter(|s| s.kind == BoxKind::Band) {
            let inside = |s: &&Shape| s.parent.as_deref() == Some(band.id.as_str());
            let own: Vec<&Shape> = page.shapes.iter().filter(inside).collect();
            let away = !own.is_empty() && own.iter().all(|s| s.kind == BoxKind::OffPage);
            assert_eq!(band.title.starts_with("他ページ"), away, "{}", band.title);
            counts = (counts.0 + usize::from(away), counts.1 + usize::from(!away));
        }
    }
    assert!(counts.0 > 0 && counts.1 > 3, "{counts:?}");
}

/// The segments of a topology.
fn segments(found: &Topology) -> Vec<String> {
    let own = found.nodes.iter();
    let own = own.filter(|n| n.kind == NodeKind::Segment);
    own.map(|n| n.id.clone()).collect()
}

/// Gateways that a segment is led by.
fn gateways(found: &Topology, segment: &str) -> Vec<String> {
    let own = found.edges.iter().filter(|e| e.from == segment);
    let own = own.filter(|e| e.to.starts_with("gateway:"));
    own.map(|e| e.to.clone()).collect()
}

#[test]
fn the_dmz_stands_beside_its_gateway() {
    let plain = topology(&hospital(60, 6));
    let mut tried = 0;
    for outer in segments(&plain) {
        let mut found = plain.clone();
        let own = found.nodes.iter_mut();
        for node in own.filter(|n| n.kind == NodeKind::Segment) {
            let dmz = node.id == outer;
            node.zone = Some(if dmz { ZoneKind::Dmz } else { ZoneKind::His });
        }
        let leading = gateways(&found, &outer);
        let [gateway] = leading.as_slice() else {
            continue;
        };
        tried += 1;
        let drawn = layout(&found, &options());
        assert_eq!(verify(&drawn), Vec::new());
        let page = &drawn.pages[0];
        let shape = |id: &str| page.shapes.iter().find(|s| s.id == id).unwrap();
        let (dmz, led) = (shape(gateway), shape(&outer));
        assert!(dmz.y < led.y + led.h && led.y < dmz.y + dmz.h, "one row");
        let last = row(&drawn, gateway).pop();
        assert_eq!(last.as_deref(), Some(gateway.as_str()));
        let joins = |l: &&Line| l.from == outer && l.to == *gateway;
        let line = page.lines.iter().find(joins).unwrap();
        assert_eq!(line.points.len(), 2, "straight: {:?}", line.points);
    }
    assert!(tried > 3);
}

#[test]
fn boxes_of_the_core_and_of_the_dmz_beside_it_keep_to_their_own_zones() {
    for nets in [3, 9, 14, 24] {
        let plain = topology(&hospital(60, nets));
        for outer in segments(&plain) {
            let mut found = plain.clone();
            for node in &mut found.nodes {
                let segment = node.kind == NodeKind::Segment;
                let dmz = node.id == outer;
                let zone = if dmz { ZoneKind::Dmz } else { ZoneKind::His };
                node.zone = segment.then_some(zone);
            }
            let drawn = layout(&found, &options());
            assert_eq!(verify(&drawn), Vec::new(), "{nets} {outer}");
        }
    }
}

#[test]
fn a_dmz_that_is_pinned_or_too_large_for_a_row_is_a_column() {
    let columns = |nets: usize, pins: Vec<Pinned>| {
        let mut found = topology(&hospital(60, nets));
        let all = segments(&found);
        for node in &mut found.nodes {
            let zone = if node.id == all[0] {
                ZoneKind::His
            } else {
                ZoneKind::Dmz
            };
            node.zone = all.contains(&node.id).then_some(zone);
        }
        let options = Options { pins, ..options() };
        let drawn = layout(&found, &options);
        assert_eq!(verify(&drawn), Vec::new());
        let zones = drawn.pages[0].shapes.iter();
        let zones = zones.filter(|s| s.kind == BoxKind::Zone);
        let tops: BTreeMap<_, _> = zones.map(|s| (s.zone, s.y)).collect();
        tops[&Some(ZoneKind::Dmz)] == tops[&Some(ZoneKind::His)]
    };
    let pin = daicho_ledger::hand::Pin {
        zones: vec![ZoneKind::Dmz],
        ..Default::default()
    };
    let key = "zones".to_owned();
    assert!(!columns(4, Vec::new()));
    assert!(columns(4, vec![Pinned { key, pin }]));
    assert!(columns(12, Vec::new()));
}

#[test]
fn the_gravest_exceptions_are_named_where_there_is_room_for_few() {
    let mut found = topology(&hospital(60, 1));
    let terminals = found.nodes.iter_mut();
    let terminals = terminals.filter(|n| n.kind == NodeKind::Terminal);
    for (n, node) in terminals.enumerate() {
        node.marks = match n {
            20 => vec![Mark::AdministratorLogIn, Mark::SupportEnded],
            30 => vec![Mark::AntivirusNotRunning],
            _ if n > 40 => vec![Mark::NoNews],
            _ => vec![Mark::SupportEnded],
        };
    }
    let drawn = layout(&found, &options());
    let own = drawn
        .shapes()
        .filter(|s| s.kind == BoxKind::Node(NodeKind::Terminal));
    // The first stands in a second network of its own too.
    let named: BTreeSet<&str> = own
        .filter_map(|s| s.lines.first())
        .map(String::as_str)
        .collect();
    assert_eq!(named.len(), 6, "{named:?}");
    let terminal = |n: usize| {
        let all = found
            .nodes
            .iter()
            .filter(|it| it.kind == NodeKind::Terminal);
        all.map(|it| it.label.as_str()).nth(n).unwrap()
    };
    assert!(
        named.contains(terminal(20)) && named.contains(terminal(30)),
        "{named:?}"
    );
}

#[test]
fn no_page_of_a_simulated_hospital_is_too_small_to_read_on_either_paper() {
    use daicho_simulate::{Options as Simulated, hospital as simulated};
    let made = simulated(&Simulated {
        assets: 500,
        seed: 1,
        days: 2,
        reports_per_day: 1,
        end: daicho_report::Time::parse("2026-11-20T15:00:00Z").unwrap(),
        scenario: None,
    });
    let ledger = daicho_ledger::build(&made.input());
    let found = crate::network(&ledger, &crate::Knowledge::shipped()).topology;
    let points = |it: &&Node| matches!(it.kind, NodeKind::Point(_));
    assert!(found.nodes.iter().filter(points).count() > 12);
    for paper in [Paper::A3, Paper::A4] {
        let drawn = layout(&found, &Options { paper, ..options() });
        assert_eq!(verify(&drawn), Vec::new());
    }
}
