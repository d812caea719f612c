use daicho_ledger::{AssetId, Grade, PointKind, ZoneKind};
use daicho_report::{InterfaceKind, Reading};

use super::{Network, enrich, network};
use crate::layout::{BoxKind, verify};
use crate::recognise::{AssetZone, ConnectionPoint, Recognition, SegmentZone, System};
use crate::tests::{at, count, flow, hospital, interface, ledger, machine, options};
use crate::topology::{EdgeKind, Mark, NodeKind, Topology, topology};
use crate::{Knowledge, layout, svg};

const GATEWAY: &str = "00:1b:21:00:00:01";
const FIRST: &str = "a-00000000000000000000000000000001";

fn point(id: &str, kind: PointKind, grade: Grade, at: &str) -> ConnectionPoint {
    ConnectionPoint {
        id: id.to_owned(),
        kind,
        grade,
        name: String::new(),
        at: at.to_owned(),
        segments: Vec::new(),
        also: Vec::new(),
        declared: Vec::new(),
        witnesses: Vec::new(),
        reason: (String::new(), String::new()),
        last_seen: None,
        decided: None,
    }
}

fn with(plain: &Topology, points: Vec<ConnectionPoint>) -> Topology {
    let recognition = Recognition {
        points,
        ..Recognition::default()
    };
    let found = enrich(plain.clone(), &recognition);
    assert_eq!(verify(&layout(&found, &options())), Vec::new());
    found
}

fn plain() -> Topology {
    let mut one = machine(1, 1, 10, GATEWAY);
    one.flows
        .push(flow("192.168.1.10", "203.0.113.9", 443, "edge"));
    topology(&ledger(vec![one]))
}

#[test]
fn a_recognised_way_out_takes_the_place_of_the_inferred_one() {
    let before = plain();
    assert_eq!(count(&before, NodeKind::DefaultRoute), 1);
    let device = format!("m-{GATEWAY}");
    for at in [
        device.clone(),
        format!("gateway:{device}"),
        format!("way-out:gateway:{device}"),
    ] {
        let found = with(
            &before,
            vec![point("p", PointKind::Internet, Grade::Confirmed, &at)],
        );
        assert_eq!(count(&found, NodeKind::DefaultRoute), 0, "{at}");
        assert_eq!(count(&found, NodeKind::Point(PointKind::Internet)), 1);
        let edge = |from: &str, to: &str| {
            found
                .edges
                .iter()
                .any(|e| e.from.starts_with(from) && e.to.starts_with(to))
        };
        assert!(edge("gateway:", "point:p"), "{at}");
        // Those who were seen behind it are behind it still.
        assert!(edge("point:p", "peer:External"), "{at}");
    }
}

#[test]
fn a_hint_is_not_drawn_and_replaces_nothing() {
    let before = plain();
    let at = format!("m-{GATEWAY}");
    let found = with(
        &before,
        vec![point("p", PointKind::Internet, Grade::Hint, &at)],
    );
    assert_eq!(found, before);
}

#[test]
fn a_remote_tool_does_not_replace_the_gateways_way_out() {
    let found = with(
        &plain(),
        vec![point("tool", PointKind::RemoteTool, Grade::Inferred, FIRST)],
    );
    assert_eq!(count(&found, NodeKind::DefaultRoute), 1);
    let edges = found.edges.iter();
    let mut tool = edges.filter(|e| e.to == "point:tool");
    assert!(tool.any(|e| e.from == FIRST && e.kind == EdgeKind::TunnelsTo));
}

#[test]
fn a_mobile_line_takes_the_place_of_the_inferred_tunnel() {
    let mut one = machine(1, 1, 10, GATEWAY);
    let mut all = one.interfaces.interfaces.value().unwrap().clone();
    all.push(interface(
        5,
        "wwan0",
        InterfaceKind::Mobile,
        &[at("10.64.0.2", 30)],
    ));
    one.interfaces.interfaces = Reading::known(all, "test");
    let before = topology(&ledger(vec![one]));
    assert_eq!(count(&before, NodeKind::Vpn), 1);
    let found = with(
        &before,
        vec![point("m", PointKind::Mobile, Grade::Inferred, FIRST)],
    );
    assert_eq!(count(&found, NodeKind::Vpn), 0);
    assert_eq!(count(&found, NodeKind::Point(PointKind::Mobile)), 1);
}

#[test]
fn the_router_before_a_terminal_of_the_eligibility_check_is_its_line() {
    let before = plain();
    let segment = before.nodes.iter().find(|n| n.kind == NodeKind::Segment);
    let segment = segment.unwrap().id.clone();
    let line = ConnectionPoint {
        segments: vec![segment.clone()],
        ..point("oqs", PointKind::OqsIpv6, Grade::Inferred, FIRST)
    };
    let zoned = |zone| Recognition {
        points: vec![line.clone()],
        segments: vec![SegmentZone {
            segment: segment.clone(),
            zone,
            grade: Grade::Inferred,
            witnesses: Vec::new(),
        }],
        ..Recognition::default()
    };
    let ways = |zone| {
        count(
            &enrich(before.clone(), &zoned(zone)),
            NodeKind::DefaultRoute,
        )
    };
    assert_eq!(ways(ZoneKind::Dmz), 0);
    // In a network that serves others too, its gateway leads elsewhere.
    assert_eq!(ways(ZoneKind::His), 1);
}

#[test]
fn a_point_whose_place_is_gone_is_drawn_all_the_same() {
    let found = with(
        &plain(),
        vec![point(
            "p",
            PointKind::VendorVpn,
            Grade::Declared,
            "hand:nobody",
        )],
    );
    let geometry = layout(&found, &options());
    assert!(geometry.shapes().any(|s| s.id == "point:p"));
}

#[test]
fn every_grade_is_told_apart_on_the_picture() {
    let at = format!("m-{GATEWAY}");
    let mut looks = std::collections::BTreeSet::new();
    let grades = [
        Grade::OnSite,
        Grade::Confirmed,
        Grade::Declared,
        Grade::Inferred,
    ];
    for grade in grades {
        let found = with(&plain(), vec![point("p", PointKind::Internet, grade, &at)]);
        let text = svg(&layout(&found, &options()));
        assert!(
            text.contains(grade.title(daicho_ledger::Lang::Ja)),
            "{grade:?}"
        );
        let (_, rest) = text.split_once("#ffe0d6").unwrap();
        let (_, rest) = rest.split_once('>').unwrap();
        let before = &text[..text.len() - rest.len()];
        looks.insert(before.rsplit_once("stroke=").unwrap().1.to_owned());
    }
    assert!(looks.len() >= 3, "{looks:?}");
}

#[test]
fn a_zone_is_named_on_its_segment() {
    let plain = plain();
    let segment = plain
        .nodes
        .iter()
        .find(|n| n.kind == NodeKind::Segment)
        .unwrap();
    let recognition = Recognition {
        segments: vec![SegmentZone {
            segment: segment.id.clone(),
            zone: ZoneKind::His,
            grade: Grade::Inferred,
            witnesses: Vec::new(),
        }],
        ..Recognition::default()
    };
    let found = enrich(plain, &recognition);
    let text = svg(&layout(&found, &options()));
    assert!(text.contains(ZoneKind::His.title(daicho_ledger::Lang::Ja)));
}

#[test]
fn a_machine_in_two_networks_is_a_bridge_and_its_gateway_is_none() {
    let mut one = machine(1, 1, 10, GATEWAY);
    let mut all = one.interfaces.interfaces.value().unwrap().clone();
    all.push(interface(
        3,
        "eth1",
        InterfaceKind::Ethernet,
        &[at("192.168.7.2", 24)],
    ));
    one.interfaces.interfaces = Reading::known(all, "test");
    let found = enrich(topology(&ledger(vec![one])), &Recognition::default());
    let bridges: Vec<&str> = found
        .nodes
        .iter()
        .filter(|n| n.marks.contains(&Mark::Bridge))
        .map(|n| n.id.as_str())
        .collect();
    assert_eq!(bridges, [FIRST]);
    let geometry = layout(&found, &options());
    assert_eq!(verify(&geometry), Vec::new());
    // One box, and a line to each of its networks.
    let boxes = geometry.shapes().filter(|s| s.id.ends_with(FIRST)).count();
    assert_eq!(boxes, 1);
    let lines = geometry.lines();
    let touches =
        lines.filter(|l| l.from == format!("bridge|{FIRST}") || l.to == format!("bridge|{FIRST}"));
    assert_eq!(touches.count(), 2);
}

#[test]
fn a_machine_in_two_zones_is_a_bridge() {
    let recognition = Recognition {
        assets: vec![AssetZone {
            asset: FIRST.to_owned(),
            zones: vec![ZoneKind::His, ZoneKind::Information],
        }],
        ..Recognition::default()
    };
    let found = enrich(plain(), &recognition);
    assert!(found.node(FIRST).unwrap().marks.contains(&Mark::Bridge));
}

#[test]
fn a_system_has_its_servers_and_those_who_use_it() {
    let recognition = Recognition {
        systems: vec![System {
            id: "ehr".to_owned(),
            sort: "ehr".to_owned(),
            name: "電子カルテ".to_owned(),
            grade: Grade::Confirmed,
            servers: vec![AssetId(FIRST.to_owned())],
            clients: vec![AssetId("a-gone".to_owned())],
            witnesses: Vec::new(),
        }],
        ..Recognition::default()
    };
    let found = enrich(plain(), &recognition);
    assert_eq!(count(&found, NodeKind::System), 1);
    let mine = found.edges.iter().filter(|e| e.to == "system:ehr");
    // An edge to nobody is left out.
    assert_eq!(mine.map(|e| e.kind).collect::<Vec<_>>(), [EdgeKind::PartOf]);
    assert_eq!(verify(&layout(&found, &options())), Vec::new());
}

#[test]
fn a_network_survives_json() {
    let found = network(&hospital(60, 6), &Knowledge::default());
    let text = serde_json::to_string(&found).unwrap();
    assert_eq!(serde_json::from_str::<Network>(&text).unwrap(), found);
}

#[test]
fn nobody_is_lost_between_topology_and_picture() {
    let ledger = hospital(60, 6);
    let found = network(&ledger, &Knowledge::default());
    let geometry = layout(&found.topology, &options());
    let machine = |kind| matches!(kind, NodeKind::Server | NodeKind::Terminal);
    let counted = |s: &crate::layout::Shape| -> usize {
        let count = s
            .lines
            .iter()
            .find_map(|l| l.strip_prefix('×')?.parse().ok());
        match s.kind {
            BoxKind::Node(kind) if machine(kind) => 1,
            BoxKind::Group(kind) if machine(kind) => count.unwrap(),
            _ => 0,
        }
    };
    let drawn: usize = geometry.shapes().map(counted).sum();
    assert!(drawn >= ledger.assets.len());
}
