mod place;

use std::collections::BTreeMap;

use super::*;
use crate::render::svg::svg;
use crate::tests::{hospital, machine, options};
use crate::topology::{NodeKind, topology};

fn with(view: Subject) -> Options {
    Options { view, ..options() }
}

#[test]
fn a_hospital_too_large_for_one_page_has_an_overview_and_pages_that_can_be_read() {
    let found = topology(&hospital(600, 24));
    for paper in [Paper::A3, Paper::A4] {
        let geometry = layout(&found, &Options { paper, ..options() });
        assert!(geometry.pages.len() > 1);
        assert_eq!(geometry.pages[0].kind, PageKind::Overview);
        assert_eq!(verify(&geometry), Vec::new());
        let numbers: Vec<u32> = geometry.pages.iter().map(|p| p.number).collect();
        let last = u32::try_from(numbers.len()).unwrap();
        assert!(numbers.into_iter().eq(1..=last));
    }
}

#[test]
fn what_leads_to_another_page_names_one_that_is_there() {
    let geometry = layout(&topology(&hospital(600, 24)), &options());
    let last = u32::try_from(geometry.pages.len()).unwrap();
    let mut connectors = 0;
    for target in geometry.shapes().filter_map(|s| s.leads.as_ref()) {
        assert!((1..=last).contains(&target.page));
        connectors += 1;
    }
    assert!(connectors > 1);
}

#[test]
fn a_terminal_more_moves_nothing() {
    let before = layout(&topology(&hospital(120, 6)), &options());
    let mut ledger = hospital(120, 6);
    let more = machine(500, 0, 180, "00:1b:21:00:00:00");
    ledger.assets.push(more);
    let after = layout(&topology(&ledger), &options());
    let place = |g: &Geometry| -> Vec<(String, i32, i32)> {
        let all = g.shapes().map(|s| (s.id.clone(), s.x, s.y));
        all.collect()
    };
    assert_eq!(place(&before), place(&after));
    assert_ne!(before, after);
}

#[test]
fn a_difference_names_what_came_and_went_and_draws_both() {
    let (small, large) = (topology(&hospital(12, 2)), topology(&hospital(14, 2)));
    let (all, changes) = differ(&small, &large);
    assert!(changes.values().any(|c| *c == Change::Added));
    let drawn = layout(
        &all,
        &Options {
            changes,
            ..options()
        },
    );
    assert!(drawn.shapes().any(|s| s.change == Some(Change::Added)));
    assert_eq!(verify(&drawn), Vec::new());
    let (all, changes) = differ(&large, &small);
    let back = layout(
        &all,
        &Options {
            changes,
            ..options()
        },
    );
    assert!(back.shapes().any(|s| s.change == Some(Change::Removed)));
    let place = |g: &Geometry| -> Vec<(String, i32, i32)> {
        g.shapes().map(|s| (s.id.clone(), s.x, s.y)).collect()
    };
    assert_eq!(place(&drawn), place(&back));
    assert!(differ(&small, &small).1.is_empty());
}

#[test]
fn a_hospital_without_systems_has_a_system_diagram_without_faults() {
    let geometry = layout(&topology(&hospital(60, 6)), &with(Subject::System));
    assert_eq!(verify(&geometry), Vec::new());
    assert!(geometry.name.contains("システム構成図"));
}

const MODEL: &str = r#"{"groups":[
 {"id":"core","label":"コア","parent":null,"band":2},
 {"id":"his","label":"HIS","parent":null,"band":3},
 {"id":"s1","label":"10.0.0.0/24","parent":"his","band":null}],
"nodes":[{"id":"c","group":"core","kind":"l3switch","w":60,"h":30},
 {"id":"sw","group":"s1","kind":"switch","w":60,"h":24},
 {"id":"a","group":"s1","kind":"server","w":70,"h":30}],
"edges":[{"id":"e0","src":"c","dst":"sw","kind":"link","label":"1G"},
 {"id":"e1","src":"sw","dst":"a","kind":"link"},
 {"id":"e2","src":"a","dst":"c","kind":"flow"}]}"#;

#[test]
fn a_model_is_placed_whole_and_its_flows_are_left_to_the_overlay() {
    let places: serde_json::Value = serde_json::from_str(&measured(MODEL).unwrap()).unwrap();
    assert_eq!(places["nodes"].as_object().unwrap().len(), 3);
    assert_eq!(places["groups"].as_object().unwrap().len(), 3);
    let edges = places["edges"].as_object().unwrap();
    assert_eq!(edges.len(), 2);
    assert!(edges.values().all(|e| e.as_array().unwrap().len() > 1));
}

#[test]
fn a_model_that_is_none_is_refused_with_what_is_wrong() {
    let twice = MODEL.replace("\"id\":\"a\"", "\"id\":\"sw\"");
    assert!(matches!(measured(&twice), Err(ModelError::Twice(_))));
    let gone = MODEL.replace("\"dst\":\"a\"", "\"dst\":\"nobody\"");
    assert!(matches!(measured(&gone), Err(ModelError::Missing(_))));
    let endless = MODEL.replace("\"w\":70", "\"w\":1e300");
    assert!(matches!(measured(&endless), Err(ModelError::Odd(_))));
    assert!(matches!(measured("{"), Err(ModelError::Json(_))));
}

#[test]
fn faults_are_found() {
    let good = layout(&topology(&hospital(12, 2)), &options());
    let broken = |change: &dyn Fn(&mut Page)| {
        let mut bad = good.clone();
        change(&mut bad.pages[0]);
        verify(&bad)
    };
    assert!(!broken(&|p| p.lines[0].points.truncate(1)).is_empty());
    assert!(!broken(&|p| p.lines[0].points[0].0 += 3).is_empty());
    assert!(!broken(&|p| p.shapes[5].parent = Some("nobody".to_owned())).is_empty());
    assert!(!broken(&|p| p.width = 9000).is_empty());
    let label = Label {
        text: "x".to_owned(),
        x: good.pages[0].shapes.last().unwrap().x,
        y: good.pages[0].shapes.last().unwrap().y,
        w: 9,
        h: 9,
        font: 10,
    };
    assert!(!broken(&|p| p.lines[0].labels.push(label.clone())).is_empty());
}

#[test]
fn what_is_joined_within_a_row_stands_beside_it_with_few_crossings() {
    use super::rows::{Hop, Item, Level, Rows, What};
    let item = |n: usize, row: usize, group: usize| Item {
        what: What::Piece(n),
        row,
        group: Some(group),
        unit: n,
        w: 100,
        h: 30,
        x: 0,
    };
    // Twelve outside, three to each connection point; the first of these is joined to a device of the zone
    // beside. Every exchange of neighbours alone adds more crossings than it takes away.
    let mut rows = Rows {
        items: (0..12)
            .map(|n| item(n, 0, 0))
            .chain((12..16).map(|n| item(n, 1, 1)))
            .chain([item(16, 1, 2), item(17, 2, 3)])
            .collect(),
        order: vec![(0..12).collect(), (12..17).collect(), vec![17]],
        hops: (0..12)
            .map(|n| Hop {
                up: n,
                low: 12 + n / 3,
            })
            .chain((12..16).map(|n| Hop { up: n, low: 17 }))
            .collect(),
        beside: vec![Level {
            a: 12,
            b: 16,
            pull: 1,
        }],
        ..Rows::default()
    };
    assert!(rows.crossings() > 0);
    rows.settle(&[2]);
    assert_eq!(rows.crossings(), 0, "{:?}", rows.order);
    assert_eq!(rows.order[1], [13, 14, 15, 12, 16]);
}

/// A model of a hospital: connection points with an external service each, two cores, two zones.
fn hospital_model(points: usize, servers: usize) -> String {
    let group = |id: &str, parent: Option<&str>, band: Option<u8>| serde_json::json!({"id": id, "label": id, "parent": parent, "band": band});
    let node = |id: String, group: &str, kind: &str| serde_json::json!({"id": id, "group": group, "kind": kind, "w": 100.0, "h": 30.0});
    let mut edges: Vec<serde_json::Value> = Vec::new();
    let mut join = |src: &str, dst: &str| {
        edges.push(serde_json::json!({"id": format!("{src}-{dst}"), "src": src, "dst": dst, "kind": "link"}))
    };
    let groups = [
        group("ext", None, Some(0)),
        group("cp", None, Some(1)),
        group("core", None, Some(2)),
        group("his", None, Some(3)),
        group("med", None, Some(3)),
        group("servers", Some("his"), None),
        group("modalities", Some("med"), None),
    ];
    let mut nodes = Vec::new();
    for n in 0..2 {
        nodes.push(node(format!("core{n}"), "core", "l3switch"));
    }
    for n in 0..points {
        nodes.push(node(format!("ext{n:02}"), "ext", "external"));
        nodes.push(node(format!("cp{n:02}"), "cp", "vpn"));
        join(&format!("ext{n:02}"), &format!("cp{n:02}"));
        join(&format!("cp{n:02}"), &format!("core{}", n % 2));
    }
    for (segment, count) in [("servers", servers), ("modalities", 12)] {
        nodes.push(node(format!("{segment}-sw"), segment, "switch"));
        join("core0", &format!("{segment}-sw"));
        join("core1", &format!("{segment}-sw"));
        for n in 0..count {
            nodes.push(node(format!("{segment}{n:02}"), segment, "server"));
            join(&format!("{segment}-sw"), &format!("{segment}{n:02}"));
        }
    }
    serde_json::json!({"groups": groups, "nodes": nodes, "edges": edges}).to_string()
}

/// Percent of boxes that do not stand where they stood, the sheet's own shift left out.
fn moved(before: &str, after: &str) -> usize {
    let places = |model: &str| -> BTreeMap<String, [i32; 4]> {
        let found: serde_json::Value = serde_json::from_str(&measured(model).unwrap()).unwrap();
        serde_json::from_value(found["nodes"].clone()).unwrap()
    };
    let (before, after) = (places(before), places(after));
    let shifts = |axis: usize| -> Vec<i32> {
        before
            .iter()
            .map(|(id, at)| after[id][axis] - at[axis])
            .collect()
    };
    let (xs, ys) = (shifts(0), shifts(1));
    let usual = |all: &[i32]| {
        let mut sorted = all.to_vec();
        sorted.sort_unstable();
        sorted[sorted.len() / 2]
    };
    let (x, y) = (usual(&xs), usual(&ys));
    let gone = xs.iter().zip(&ys).filter(|(a, b)| (**a, **b) != (x, y));
    gone.count() * 100 / before.len()
}

#[test]
fn a_server_more_seldom_moves_another() {
    let sizes: Vec<usize> = (8..64).collect();
    let moves = |n: &&usize| moved(&hospital_model(8, **n), &hospital_model(8, **n + 1)) > 7;
    let count = sizes.iter().filter(moves).count();
    assert!(count * 4 <= sizes.len(), "{count} of {}", sizes.len());
}

#[test]
fn a_connection_point_more_seldom_moves_what_is_not_beside_it() {
    let sizes: Vec<usize> = (3..10).collect();
    let shares: Vec<usize> = sizes
        .iter()
        .map(|n| moved(&hospital_model(*n, 60), &hospital_model(*n + 1, 60)))
        .collect();
    let count = shares.iter().filter(|share| **share > 15).count();
    assert!(count * 4 <= sizes.len(), "{shares:?}");
}

fn pinned(thing: &str, place: Option<u32>, beside: Option<&str>) -> Pinned {
    Pinned {
        key: format!("pin {thing}"),
        pin: daicho_ledger::hand::Pin {
            thing: Some(thing.to_owned()),
            place,
            beside: beside.map(str::to_owned),
            ..Default::default()
        },
    }
}

fn with_pins(ledger: &daicho_ledger::Ledger, pins: Vec<Pinned>) -> Geometry {
    let options = Options { pins, ..options() };
    let geometry = layout(&topology(ledger), &options);
    assert_eq!(verify(&geometry), Vec::new());
    geometry
}

/// Those that stand in the same box, in the order in which they are read.
fn row(geometry: &Geometry, id: &str) -> Vec<String> {
    let page = &geometry.pages[0];
    let own = page.shapes.iter().find(|s| s.id == id).unwrap();
    let same = |s: &&Shape| s.parent == own.parent && s.layer() != Layer::Frame;
    let mut all: Vec<&Shape> = page.shapes.iter().filter(same).collect();
    all.sort_by_key(|s| (s.y, s.x));
    all.into_iter().map(|s| s.id.clone()).collect()
}

#[test]
fn what_has_a_place_stands_there_and_goes_on_standing_there_when_others_come() {
    let plain = with_pins(&hospital(60, 6), Vec::new());
    let node = |kind: NodeKind| {
        let of = |s: &&Shape| s.kind == BoxKind::Node(kind);
        let all = plain.shapes().filter(of);
        all.map(|s| s.id.clone()).collect::<Vec<String>>()
    };
    let mut kept = 0;
    for id in [
        node(NodeKind::Segment),
        node(NodeKind::Gateway),
        node(NodeKind::Terminal),
    ]
    .concat()
    {
        let before = row(&plain, &id);
        for place in 1..=before.len() {
            let place = u32::try_from(place).unwrap();
            for ledger in [hospital(60, 6), hospital(66, 6)] {
                let drawn = with_pins(&ledger, vec![pinned(&id, Some(place), None)]);
                assert_eq!(drawn.unmet, Vec::new());
                let at = row(&drawn, &id).iter().position(|it| *it == id).unwrap();
                assert_eq!(
                    at + 1,
                    usize::try_from(place).unwrap(),
                    "{id} in {before:?}"
                );
                kept += 1;
            }
        }
    }
    assert!(kept > 40, "{kept}");
}

#[test]
fn two_that_are_pinned_side_by_side_stand_so() {
    let plain = with_pins(&hospital(60, 6), Vec::new());
    let gateway = |s: &&Shape| s.kind == BoxKind::Node(NodeKind::Gateway);
    let all: Vec<String> = plain
        .shapes()
        .filter(gateway)
        .map(|s| s.id.clone())
        .collect();
    assert!(all.len() > 3, "{all:?}");
    for a in &all {
        for b in all.iter().filter(|b| *b != a) {
            let drawn = with_pins(&hospital(60, 6), vec![pinned(a, None, Some(b))]);
            assert_eq!(drawn.unmet, Vec::new());
            let row = row(&drawn, a);
            let at = |id: &String| row.iter().position(|it| it == id).unwrap();
            assert_eq!(at(a).abs_diff(at(b)), 1, "{a} {b} {row:?}");
        }
    }
}

#[test]
fn zones_stand_in_the_order_that_people_gave() {
    use daicho_ledger::ZoneKind;
    let mut found = topology(&hospital(60, 6));
    let zones = [ZoneKind::Dmz, ZoneKind::His, ZoneKind::Department];
    let segments = found
        .nodes
        .iter_mut()
        .filter(|n| n.kind == NodeKind::Segment);
    for (n, node) in segments.enumerate() {
        node.zone = Some(zones[n % zones.len()]);
    }
    let wanted = [ZoneKind::Department, ZoneKind::Dmz, ZoneKind::His];
    let pin = daicho_ledger::hand::Pin {
        zones: wanted.to_vec(),
        ..Default::default()
    };
    let key = "zones".to_owned();
    let options = Options {
        pins: vec![Pinned { key, pin }],
        ..options()
    };
    let drawn = layout(&found, &options);
    assert_eq!(verify(&drawn), Vec::new());
    let mut columns: Vec<&Shape> = drawn.shapes().filter(|s| s.kind == BoxKind::Zone).collect();
    columns.sort_by_key(|s| s.x);
    let order: Vec<ZoneKind> = columns.iter().filter_map(|s| s.zone).collect();
    assert_eq!(order[..3], wanted);
}

#[test]
fn a_pin_that_cannot_be_kept_is_named_with_its_reason() {
    let plain = with_pins(&hospital(60, 6), Vec::new());
    let first = |kind: NodeKind| {
        let mut all = plain.shapes().filter(|s| s.kind == BoxKind::Node(kind));
        all.next().unwrap().id.clone()
    };
    let (segment, gateway) = (first(NodeKind::Segment), first(NodeKind::Gateway));
    let pins = vec![
        pinned("撤去した装置", Some(1), None),
        pinned(&segment, Some(99), None),
        pinned(&gateway, None, Some(&segment)),
    ];
    let drawn = with_pins(&hospital(60, 6), pins);
    let text: Vec<String> = drawn.unmet.iter().map(|it| it.text(Lang::Ja)).collect();
    assert_eq!(drawn.unmet.len(), 3, "{text:?}");
    for said in ["図にありません", "99 番目は取れません", "同じ並び"] {
        assert!(text.iter().any(|it| it.contains(said)), "{text:?}");
    }
    // What cannot be kept changes nothing else.
    assert_eq!(drawn.pages, plain.pages);
    // Two that ask for one place: one has it, the other is named.
    let both: Vec<Pinned> = row(&plain, &gateway)
        .iter()
        .take(2)
        .map(|id| pinned(id, Some(1), None))
        .collect();
    let drawn = with_pins(&hospital(60, 6), both);
    assert_eq!(drawn.unmet.len(), 1);
    assert_eq!(drawn.unmet[0].why, Why::Contrary);
}

/// Talk of all machines with the first, of the first with another, and with somebody who has no box.
fn talks(found: &crate::topology::Topology) -> Vec<crate::talk::Talk> {
    let machine =
        |n: &&crate::topology::Node| matches!(n.kind, NodeKind::Terminal | NodeKind::Server);
    let nodes = found.nodes.iter().filter(machine);
    let machines: Vec<&str> = nodes.map(|n| n.id.as_str()).collect();
    let talk = |n: usize, to: &str| crate::talk::Talk {
        from: machines[n].to_owned(),
        to: to.to_owned(),
        services: vec!["443/tcp".to_owned(), "445/tcp".to_owned()],
        directed: n.is_multiple_of(2),
        last: daicho_report::Time::from_seconds(0),
    };
    let all = (1..machines.len()).map(|n| talk(n, machines[0]));
    all.chain([talk(0, machines[30]), talk(0, "nobody")])
        .collect()
}

/// Boxes with their places from the first of them.
fn places(page: &Page) -> Vec<(String, i32, i32)> {
    let own = |s: &&Shape| s.layer() != Layer::Frame;
    let first = page.shapes.iter().find(own).map_or((0, 0), |s| (s.x, s.y));
    let all = page.shapes.iter().filter(own);
    all.map(|s| (s.id.clone(), s.x - first.0, s.y - first.1))
        .collect()
}

#[test]
fn flows_lie_over_the_diagram_and_move_nothing() {
    let found = topology(&hospital(60, 6));
    let plain = layout(&found, &options());
    let talks = talks(&found);
    let count = talks.len();
    let drawn = layout(
        &found,
        &Options {
            talks: Some(talks),
            ..options()
        },
    );
    assert_eq!(verify(&drawn), Vec::new());
    assert_eq!(drawn.pages.len(), plain.pages.len() + 1);
    let over = |line: &&Line| line.kind == LineKind::Talk;
    for (with, without) in drawn.pages.iter().zip(&plain.pages) {
        assert_eq!(places(with), places(without));
        let base = with.lines.iter().filter(|it| !over(it));
        assert_eq!(base.count(), without.lines.len());
    }
    assert!(drawn.lines().filter(over).count() > 3);
    let list = &drawn.pages[drawn.pages.len() - 1];
    assert_eq!(list.kind, PageKind::List);
    let text = list.shapes[0].lines.join("\n");
    assert!(
        text.contains(&format!("機器の組 {}）", count - 1)),
        "{text}"
    );
    assert!(text.contains("相手との通信 1 組"), "{text}");
    assert!(text.contains("443/tcp") && text.contains("⇔"), "{text}");
}
