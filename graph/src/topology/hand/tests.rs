use daicho_ledger::hand::{DeviceKind, Entry, EntryBody, Hand, HandDevice, HandInterface};
use daicho_ledger::{AgentAsset, AssetId, Ledger};
use daicho_report::Time;

use crate::layout::{BoxKind, verify};
use crate::tests::{at, ledger, machine, options, sees, with_mac};
use crate::topology::{EdgeKind, Kind, Node, NodeKind, Topology, Unplaced, topology};
use crate::{layout, svg};

const GATEWAY: &str = "00:1b:21:00:00:01";
const OTHER: &str = "00:1b:21:00:00:02";

fn device(kind: DeviceKind, interfaces: Vec<HandInterface>) -> HandDevice {
    HandDevice {
        name: "機器".to_owned(),
        kind,
        interfaces,
        ..serde_json::from_str(r#"{"name":"","kind":"other"}"#).unwrap()
    }
}

fn port(address: &str) -> HandInterface {
    HandInterface {
        name: "port1".to_owned(),
        address: (!address.is_empty()).then(|| at(address, 24)),
        ..HandInterface::default()
    }
}

fn with(assets: Vec<AgentAsset>, devices: Vec<(&str, HandDevice)>) -> Topology {
    let mut ledger: Ledger = ledger(assets);
    let entries = devices.into_iter().map(|(key, device)| Entry {
        key: key.to_owned(),
        by: "試験".to_owned(),
        at: Time::from_seconds(1_795_000_000),
        body: EntryBody::Device(device),
    });
    ledger.hand = Hand::new(entries.collect());
    let found = topology(&ledger);
    // Whatever was entered, the picture has no fault and loses nobody.
    let geometry = layout(&found, &options());
    assert_eq!(verify(&geometry), Vec::new());
    let text = svg(&geometry);
    for (_, device) in ledger.hand.devices() {
        assert!(text.contains(&device.name), "{}", device.name);
    }
    found
}

fn node<'a>(found: &'a Topology, key: &str) -> &'a Node {
    found.entered()[key]
}

fn places<'a>(found: &'a Topology, id: &str) -> Vec<&'a str> {
    let attached = found.edges.iter().filter(|e| e.kind == EdgeKind::Attached);
    let mine = attached.filter(|e| e.from == id).map(|e| e.to.as_str());
    let mut all: Vec<&str> = mine.collect();
    all.dedup();
    all
}

#[test]
fn a_device_is_attached_to_the_one_segment_that_has_its_range() {
    let found = with(
        vec![machine(1, 1, 10, GATEWAY), machine(2, 2, 10, OTHER)],
        vec![(
            "sw",
            device(DeviceKind::Switch, vec![port("192.168.1.250")]),
        )],
    );
    let sw = node(&found, "sw");
    assert_eq!(sw.id, "hand:sw");
    assert_eq!(sw.kind, NodeKind::Device(DeviceKind::Switch));
    assert_eq!(sw.evidence.kind, Kind::Entered);
    let first = "segment:a-00000000000000000000000000000001/eth0";
    assert_eq!(places(&found, "hand:sw"), [first]);
}

#[test]
fn a_device_whose_range_two_networks_have_is_unplaced_until_somebody_says_beside_whom() {
    let two = || vec![machine(1, 1, 10, GATEWAY), machine(2, 1, 11, OTHER)];
    let found = with(
        two(),
        vec![("p", device(DeviceKind::Printer, vec![port("192.168.1.30")]))],
    );
    assert_eq!(node(&found, "p").unplaced, Some(Unplaced::Ambiguous));
    assert!(places(&found, "hand:p").is_empty());
    let mut beside = port("192.168.1.30");
    beside.beside = Some(AssetId("a-00000000000000000000000000000002".to_owned()));
    let found = with(
        two(),
        vec![("p", device(DeviceKind::Printer, vec![beside.clone()]))],
    );
    assert_eq!(
        places(&found, "hand:p"),
        ["segment:a-00000000000000000000000000000002/eth0"]
    );
    beside.address = Some(at("192.168.9.30", 24));
    let found = with(
        two(),
        vec![("p", device(DeviceKind::Printer, vec![beside]))],
    );
    assert_eq!(node(&found, "p").unplaced, Some(Unplaced::NotBeside));
}

#[test]
fn a_device_with_the_hardware_address_of_one_that_was_seen_is_that_one() {
    let mac = "00:1b:21:00:00:50";
    let seen = sees(machine(1, 1, 10, GATEWAY), "192.168.1.50", mac);
    let mut written = port("");
    written.mac = Some("00-1B-21-00-00-50".to_owned());
    let found = with(
        vec![seen],
        vec![("ct", device(DeviceKind::MedicalDevice, vec![written]))],
    );
    let ct = node(&found, "ct");
    assert_eq!(ct.id, format!("m-{mac}"));
    assert_eq!(ct.kind, NodeKind::Device(DeviceKind::MedicalDevice));
    assert_eq!(ct.label, "機器");
    assert_eq!(ct.unplaced, None);
    assert_eq!(places(&found, &ct.id).len(), 1);
}

#[test]
fn a_device_with_the_address_of_one_that_was_seen_is_that_one_unless_the_hardware_differs() {
    let mac = "00:1b:21:00:00:50";
    let seen = || vec![sees(machine(1, 1, 10, GATEWAY), "192.168.1.50", mac)];
    let found = with(
        seen(),
        vec![("p", device(DeviceKind::Printer, vec![port("192.168.1.50")]))],
    );
    assert_eq!(node(&found, "p").id, format!("m-{mac}"));
    let mut other = port("192.168.1.50");
    other.mac = Some("00:1b:21:00:00:51".to_owned());
    let found = with(
        seen(),
        vec![("p", device(DeviceKind::Printer, vec![other]))],
    );
    assert_eq!(node(&found, "p").unplaced, Some(Unplaced::Occupied));
}

#[test]
fn a_firewall_that_was_seen_on_two_sides_is_one_device() {
    let assets = vec![machine(1, 1, 10, GATEWAY), machine(2, 2, 10, OTHER)];
    let mut inner = port("192.168.1.1");
    inner.mac = Some(GATEWAY.to_owned());
    let mut outer = port("192.168.2.1");
    outer.mac = Some(OTHER.to_owned());
    let found = with(
        assets,
        vec![("fw", device(DeviceKind::Firewall, vec![inner, outer]))],
    );
    let fw = node(&found, "fw");
    assert_eq!(places(&found, &fw.id).len(), 2);
    let gateways: Vec<&Node> = found
        .nodes
        .iter()
        .filter(|n| n.kind == NodeKind::Gateway)
        .collect();
    assert_eq!(gateways.len(), 1);
    assert_eq!(gateways[0].id, format!("gateway:{}", fw.id));
    assert_eq!(gateways[0].label, "機器");
}

#[test]
fn a_device_that_is_an_agents_machine_keeps_the_machines_node() {
    let mac = "00:1b:21:00:00:0a";
    let one = with_mac(machine(1, 1, 10, GATEWAY), mac);
    let mut written = port("");
    written.mac = Some(mac.to_owned());
    let found = with(
        vec![one],
        vec![(
            "srv",
            HandDevice {
                name: "模擬端末0001".to_owned(),
                ..device(DeviceKind::Server, vec![written])
            },
        )],
    );
    assert_eq!(node(&found, "srv").kind, NodeKind::Terminal);
    assert_eq!(node(&found, "srv").id, "a-00000000000000000000000000000001");
}

#[test]
fn a_device_without_an_address_is_legal_and_says_why_it_has_no_place() {
    let found = with(
        vec![machine(1, 1, 10, GATEWAY)],
        vec![("onu", device(DeviceKind::LineTerminal, vec![port("")]))],
    );
    assert_eq!(node(&found, "onu").unplaced, Some(Unplaced::NoAddress));
}

#[test]
fn equal_ranges_that_entries_alone_know_stay_apart_unless_a_cable_connects_them() {
    let one = || device(DeviceKind::Vpn, vec![port("10.9.9.1")]);
    let mut two = device(DeviceKind::Server, vec![port("10.9.9.2")]);
    let found = with(Vec::new(), vec![("a", one()), ("b", two.clone())]);
    assert_ne!(places(&found, "hand:a"), places(&found, "hand:b"));
    two.interfaces[0].linked_to = Some("a".to_owned());
    let found = with(Vec::new(), vec![("a", one()), ("b", two.clone())]);
    assert_eq!(places(&found, "hand:a"), places(&found, "hand:b"));
    assert!(found.edges.iter().any(|e| e.kind == EdgeKind::Linked));
    // The same address twice is two networks, whatever a cable says.
    two.interfaces[0].address = Some(at("10.9.9.1", 24));
    let found = with(Vec::new(), vec![("a", one()), ("b", two)]);
    assert_ne!(places(&found, "hand:a"), places(&found, "hand:b"));
}

#[test]
fn an_address_outside_makes_no_segment_of_the_hospital() {
    let mut outer = port("203.0.113.40");
    outer.name = "wan1".to_owned();
    let found = with(
        vec![machine(1, 1, 10, GATEWAY)],
        vec![
            (
                "a",
                device(
                    DeviceKind::Firewall,
                    vec![port("192.168.1.2"), outer.clone()],
                ),
            ),
            ("b", device(DeviceKind::Router, vec![outer])),
        ],
    );
    assert_eq!(places(&found, "hand:a").len(), 1);
    assert_eq!(node(&found, "a").unplaced, None);
    assert_eq!(node(&found, "b").unplaced, Some(Unplaced::Outside));
}

#[test]
fn networks_of_one_range_that_entries_alone_know_are_drawn_together() {
    let one = |address: &str| device(DeviceKind::MedicalDevice, vec![port(address)]);
    let found = with(
        Vec::new(),
        vec![
            ("a", one("10.9.9.1")),
            ("b", one("10.9.9.2")),
            ("c", one("10.9.9.2")),
        ],
    );
    let group = |key: &str| {
        let id = places(&found, &format!("hand:{key}"))[0];
        found.node(id).unwrap().group.clone()
    };
    // Two that have one address are two networks: they are not drawn as perhaps one.
    assert_eq!((group("b"), group("c")), (None, None));
    let found = with(
        Vec::new(),
        vec![("a", one("10.9.9.1")), ("b", one("10.9.9.2"))],
    );
    let geometry = layout(&found, &options());
    let boxes = geometry.shapes().filter(|s| s.kind == BoxKind::Unjoined);
    assert_eq!(boxes.count(), 1);
}

#[test]
fn a_device_that_was_seen_and_written_down_is_attached_once() {
    let mac = "00:1b:21:00:00:50";
    let seen = sees(machine(1, 1, 10, GATEWAY), "192.168.1.50", mac);
    let found = with(
        vec![seen],
        vec![("p", device(DeviceKind::Printer, vec![port("192.168.1.50")]))],
    );
    let edges: Vec<_> = found
        .edges
        .iter()
        .filter(|e| e.from == format!("m-{mac}"))
        .collect();
    assert_eq!(edges.len(), 1);
    assert_eq!(edges[0].evidence.kind, Kind::Collected);
    assert_eq!(edges[0].evidence.sources, ["entry p", "neighbour", "port1"]);
}

#[test]
fn a_pair_is_joined_and_names_that_nobody_has_are_left_out() {
    let mut one = device(DeviceKind::Firewall, vec![port("192.168.1.2")]);
    one.pair = Some("fw-b".to_owned());
    one.interfaces[0].linked_to = Some("nobody".to_owned());
    let two = device(DeviceKind::Firewall, vec![port("192.168.1.3")]);
    let found = with(
        vec![machine(1, 1, 10, GATEWAY)],
        vec![("fw-a", one), ("fw-b", two)],
    );
    let pairs: Vec<_> = found
        .edges
        .iter()
        .filter(|e| e.kind == EdgeKind::Pair)
        .collect();
    assert_eq!(pairs.len(), 1);
    assert_eq!(
        (pairs[0].from.as_str(), pairs[0].to.as_str()),
        ("hand:fw-a", "hand:fw-b")
    );
    assert!(found.edges.iter().all(|e| e.kind != EdgeKind::Linked));
}

#[test]
fn hostile_entries_are_drawn_as_text() {
    let hostile = HandDevice {
        name: "<script>".to_owned(),
        ..device(
            DeviceKind::Other,
            vec![port("192.168.1.77"), port("0.0.0.0"), port("127.0.0.1")],
        )
    };
    let mut ledger = ledger(vec![machine(1, 1, 10, GATEWAY)]);
    ledger.hand = Hand::new(vec![Entry {
        key: "x\"><script>".to_owned(),
        by: "試験".to_owned(),
        at: Time::from_seconds(0),
        body: EntryBody::Device(hostile),
    }]);
    let geometry = layout(&topology(&ledger), &options());
    assert_eq!(verify(&geometry), Vec::new());
    assert!(!svg(&geometry).contains("<script>"));
    let drawn = |kind| geometry.shapes().any(|s| s.kind == BoxKind::Node(kind));
    assert!(drawn(NodeKind::Device(DeviceKind::Other)));
}
