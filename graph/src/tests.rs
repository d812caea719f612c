mod speed;

use std::net::IpAddr;

use daicho_ledger::{
    AgentAsset, AssetId, Coverage, Interval, Ledger, NeighbourSight, Presence, SeenAsset, Site,
};
use daicho_report::{
    Address, AgentId, Direction, Flow, Interface, InterfaceKind, Neighbour, Protocol, Reading,
    Route, RouteKind, Time,
};
use proptest::prelude::*;

use super::layout::verify;
use super::topology::NodeKind;
use super::{Options, Topology, layout, svg, topology};

pub(crate) fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

pub(crate) fn at(address: &str, prefix: u8) -> Address {
    Address {
        address: ip(address),
        prefix,
    }
}

pub(crate) fn interface(
    index: u32,
    name: &str,
    kind: InterfaceKind,
    addresses: &[Address],
) -> Interface {
    Interface {
        index,
        name: name.to_owned(),
        kind,
        driver: None,
        mac: None,
        permanent_mac: None,
        up: true,
        addresses: addresses.to_vec(),
        master: None,
        lower: None,
        vlan: None,
        mtu: None,
    }
}

pub(crate) fn since<T>(item: T) -> Interval<T> {
    Interval {
        item,
        since: Time::from_seconds(1_795_000_000),
        until: None,
    }
}

pub(crate) fn asset(n: usize, interfaces: Vec<Interface>) -> AgentAsset {
    let time = Time::from_seconds(1_795_000_000);
    let id = format!("a-{n:032x}");
    AgentAsset {
        id: AssetId(id.clone()),
        agent: AgentId::parse(&id).unwrap(),
        enrolled_at: time,
        agent_version: "0".to_owned(),
        presence: Presence {
            first_at: time,
            last_at: time,
            collected_at: time,
            sequence: 1,
            missing: 0,
            goodbye: None,
        },
        label: format!("模擬端末{n:04}"),
        os: Default::default(),
        hardware: Default::default(),
        interfaces: daicho_report::Interfaces {
            interfaces: Reading::known(interfaces, "test"),
            ..Default::default()
        },
        routes: Default::default(),
        listeners: Default::default(),
        accounts: Default::default(),
        antivirus: Default::default(),
        software: Default::default(),
        patches: Default::default(),
        updates: Default::default(),
        services: Default::default(),
        firewall: Default::default(),
        storage: Default::default(),
        policies: Default::default(),
        printers: Default::default(),
        remote_tools: Default::default(),
        backups: Default::default(),
        vpns: Default::default(),
        guests: Default::default(),
        trust: Default::default(),
        traces: Default::default(),
        flows: Vec::new(),
        neighbours: Vec::new(),
        interval_reasons: Vec::new(),
        carried: None,
        stale: Vec::new(),
        read_at: Vec::new(),
        unknown_sections: Vec::new(),
        unreadable_sections: Vec::new(),
    }
}

/// A machine at 192.168.`net`.`host` whose gateway `.1` answers with `mac`.
pub(crate) fn machine(n: usize, net: usize, host: usize, mac: &str) -> AgentAsset {
    let address = at(&format!("192.168.{net}.{host}"), 24);
    let mut out = asset(
        n,
        vec![interface(2, "eth0", InterfaceKind::Ethernet, &[address])],
    );
    let gateway = ip(&format!("192.168.{net}.1"));
    let route = Route {
        destination: at("0.0.0.0", 0),
        gateway: Some(gateway),
        interface: Some("eth0".to_owned()),
        kind: RouteKind::Unicast,
        metric: 0,
        table: 254,
        origin: "dhcp".to_owned(),
    };
    out.routes.routes = Reading::known(vec![route], "test");
    out.neighbours = vec![since(Neighbour {
        interface: "eth0".to_owned(),
        address: gateway,
        mac: mac.to_owned(),
        router: false,
    })];
    out
}

pub(crate) fn flow(local: &str, peer: &str, port: u16, program: &str) -> Interval<Flow> {
    since(Flow {
        direction: Direction::Outbound,
        protocol: Protocol::Tcp,
        local: ip(local),
        peer: ip(peer),
        port,
        program: Some(program.to_owned()),
    })
}

pub(crate) fn ledger(assets: Vec<AgentAsset>) -> Ledger {
    let mut seen: std::collections::BTreeMap<String, SeenAsset> = Default::default();
    for asset in &assets {
        for n in &asset.neighbours {
            let id = format!("m-{}", n.item.mac);
            let device = seen.entry(id.clone()).or_insert(SeenAsset {
                id: AssetId(id),
                mac: Some(n.item.mac.clone()),
                addresses: Vec::new(),
                sights: Vec::new(),
                printed_on: Vec::new(),
            });
            device.addresses.push(n.item.address);
            device.sights.push(NeighbourSight {
                by: asset.id.clone(),
                interface: n.item.interface.clone(),
                address: n.item.address,
                since: n.since,
                until: None,
                gateway: true,
                router: false,
            });
        }
    }
    for device in seen.values_mut() {
        device.addresses.sort();
        device.addresses.dedup();
    }
    Ledger {
        site: Site {
            name: "模擬病院".to_owned(),
            time_zone: "Asia/Tokyo".to_owned(),
            utc_offset_s: 32400,
            simulated: true,
        },
        as_of: Time::from_seconds(1_795_000_600),
        period: None,
        seen: seen.into_values().collect(),
        hand: Default::default(),
        coverage: Coverage {
            with_agent: assets.len(),
            seen_only: 0,
            addresses: 0,
        },
        assets,
    }
}

pub(crate) fn options() -> Options {
    Options {
        hospital: "模擬病院".to_owned(),
        version: "0.1".to_owned(),
        author: "試験".to_owned(),
        as_of: Some(Time::from_seconds(1_795_000_600)),
        created_at: Some(Time::from_seconds(1_795_000_600)),
        utc_offset_s: 32400,
        data_hash: "0123456789abcdef".repeat(4),
        simulated: true,
        ..Options::default()
    }
}

/// The machine with a hardware address of its own.
pub(crate) fn with_mac(mut asset: AgentAsset, mac: &str) -> AgentAsset {
    let mut all = asset.interfaces.interfaces.value().unwrap().clone();
    all[0].mac = Some(mac.to_owned());
    asset.interfaces.interfaces = Reading::known(all, "test");
    asset
}

/// The machine with a neighbour more.
pub(crate) fn sees(mut asset: AgentAsset, address: &str, mac: &str) -> AgentAsset {
    asset.neighbours.push(since(Neighbour {
        interface: "eth0".to_owned(),
        address: ip(address),
        mac: mac.to_owned(),
        router: false,
    }));
    asset
}

pub(crate) fn count(topology: &Topology, kind: NodeKind) -> usize {
    topology.nodes.iter().filter(|n| n.kind == kind).count()
}

pub(crate) fn hospital(machines: usize, nets: usize) -> Ledger {
    let mut assets: Vec<AgentAsset> = (0..machines)
        .map(|n| {
            let net = n % nets;
            let mut m = machine(
                n + 1,
                net,
                10 + n / nets,
                &format!("00:1b:21:00:00:{net:02x}"),
            );
            m.flows
                .push(flow("192.168.0.1", "203.0.113.9", 443, "edge"));
            m
        })
        .collect();
    assets[0]
        .flows
        .push(flow("192.168.0.10", "10.77.1.5", 104, "dicom"));
    let mut all = assets[0].interfaces.interfaces.value().unwrap().clone();
    all.push(interface(
        3,
        "wg0",
        InterfaceKind::Vpn,
        &[at("10.9.0.2", 32)],
    ));
    all.push(interface(
        4,
        "docker0",
        InterfaceKind::Bridge,
        &[at("172.17.0.1", 16)],
    ));
    assets[0].interfaces.interfaces = Reading::known(all, "test");
    for n in 0..12_u8 {
        assets[0].neighbours.push(since(Neighbour {
            interface: "eth0".to_owned(),
            address: ip(&format!("192.168.0.{}", 200 + u32::from(n))),
            mac: format!("00:1b:21:00:01:{n:02x}"),
            router: false,
        }));
    }
    ledger(assets)
}

fn check(name: &str, ledger: &Ledger) {
    let geometry = layout(&topology(ledger), &options());
    assert_eq!(verify(&geometry), Vec::new(), "{name}");
    let path = format!(
        "{}/src/render/goldens/{name}.svg",
        env!("CARGO_MANIFEST_DIR")
    );
    expect_test::expect_file![path].assert_eq(&svg(&geometry));
}

#[test]
fn a_single_machine_is_drawn_with_its_gateway_and_an_unknown_outside() {
    let ledger = ledger(vec![machine(1, 0, 10, "00:1b:21:00:00:01")]);
    let topology = topology(&ledger);
    assert_eq!(count(&topology, NodeKind::Gateway), 1);
    assert_eq!(count(&topology, NodeKind::External), 1);
    check("single", &ledger);
}

#[test]
fn one_gateway_address_joins_two_machines() {
    let mac = "00:1b:21:00:00:01";
    let topology = topology(&ledger(vec![
        machine(1, 1, 10, mac),
        machine(2, 1, 11, mac),
    ]));
    assert_eq!(count(&topology, NodeKind::Segment), 1);
    assert_eq!(count(&topology, NodeKind::Gateway), 1);
}

#[test]
fn equal_ranges_without_evidence_stay_two_segments() {
    let two = vec![
        machine(1, 1, 10, "00:1b:21:00:00:01"),
        machine(2, 1, 11, "00:1b:21:00:00:02"),
    ];
    let ledger = ledger(two);
    assert_eq!(count(&topology(&ledger), NodeKind::Segment), 2);
    check("two_realms", &ledger);
}

#[test]
fn a_shared_neighbour_or_the_other_machine_itself_joins() {
    let printer = |mut m: AgentAsset, mac: &str| {
        m.neighbours.push(since(Neighbour {
            interface: "eth0".to_owned(),
            address: ip("192.168.1.50"),
            mac: mac.to_owned(),
            router: false,
        }));
        m
    };
    let quiet = |mut m: AgentAsset| {
        m.neighbours.clear();
        m
    };
    let one = || quiet(machine(1, 1, 10, "00:1b:21:00:00:01"));
    let two = || quiet(machine(2, 1, 11, "00:1b:21:00:00:01"));
    let shared = "00:1b:21:00:00:50";
    let upper = "00:1B:21:00:00:5A";
    let joined = ledger(vec![printer(one(), shared), printer(two(), shared)]);
    assert_eq!(count(&topology(&joined), NodeKind::Segment), 1);
    let mut other = quiet(machine(2, 1, 50, "00:1b:21:00:00:01"));
    let mut interfaces = other.interfaces.interfaces.value().unwrap().clone();
    interfaces[0].mac = Some(upper.to_lowercase());
    other.interfaces.interfaces = Reading::known(interfaces, "test");
    let joined = ledger(vec![printer(one(), upper), other]);
    assert_eq!(count(&topology(&joined), NodeKind::Segment), 1);
}

#[test]
fn both_families_of_one_interface_are_one_segment_with_two_ranges() {
    let addresses = [
        at("192.0.2.5", 24),
        at("2001:db8:1::5", 64),
        at("fe80::5", 64),
    ];
    let one = asset(
        1,
        vec![interface(2, "eth0", InterfaceKind::Ethernet, &addresses)],
    );
    let topology = topology(&ledger(vec![one]));
    let segment = topology
        .nodes
        .iter()
        .find(|n| n.kind == NodeKind::Segment)
        .unwrap();
    assert_eq!(segment.detail, ["192.0.2.0/24", "2001:db8:1::/64"]);
}

#[test]
fn a_virtual_router_address_joins_nothing() {
    let mac = "00:00:5e:00:01:01";
    let topology = topology(&ledger(vec![
        machine(1, 1, 10, mac),
        machine(2, 1, 11, mac),
    ]));
    assert_eq!(count(&topology, NodeKind::Segment), 2);
}

#[test]
fn a_gateway_that_two_machines_know_from_routes_alone_is_one_device() {
    let mac = "00:1b:21:00:00:01";
    let mut ledger = ledger(vec![machine(1, 1, 10, mac), machine(2, 1, 11, mac)]);
    let with = |ledger: &Ledger| count(&topology(ledger), NodeKind::Seen);
    let before = with(&ledger);
    for asset in ledger.assets.clone() {
        ledger.seen.push(SeenAsset {
            id: AssetId(format!("m-gateway-{}-192.168.1.9", asset.id.0)),
            mac: None,
            addresses: vec![ip("192.168.1.9")],
            sights: vec![NeighbourSight {
                by: asset.id.clone(),
                interface: "eth0".to_owned(),
                address: ip("192.168.1.9"),
                since: asset.presence.first_at,
                until: None,
                gateway: true,
                router: false,
            }],
            printed_on: Vec::new(),
        });
    }
    assert_eq!(with(&ledger), before + 1);
}

#[test]
fn the_inside_of_a_container_has_a_gateway_like_any_machine() {
    let mut inside = machine(1, 1, 10, "00:1b:21:00:00:01");
    let all = inside.interfaces.interfaces.value().unwrap().clone();
    let virtual_ones = all.into_iter().map(|mut one| {
        one.kind = InterfaceKind::Virtual;
        one
    });
    inside.interfaces.interfaces = Reading::known(virtual_ones.collect(), "test");
    let with = topology(&ledger(vec![inside.clone()]));
    assert_eq!(count(&with, NodeKind::Gateway), 1);
    inside.routes.routes = Reading::known(Vec::new(), "test");
    assert_eq!(
        count(&topology(&ledger(vec![inside])), NodeKind::Gateway),
        0
    );
}

#[test]
fn a_container_bridge_belongs_to_its_host_alone() {
    let one = |n| {
        let bridge = interface(3, "docker0", InterfaceKind::Bridge, &[at("172.17.0.1", 16)]);
        let mut bridge = bridge;
        bridge.mac = Some("02:42:00:00:00:01".to_owned());
        asset(n, vec![bridge])
    };
    let topology = topology(&ledger(vec![one(1), one(2)]));
    assert_eq!(count(&topology, NodeKind::HostNetwork), 2);
}

#[test]
fn sixty_and_six_hundred_machines_are_drawn_without_faults() {
    check("sixty", &hospital(60, 6));
    check("six_hundred", &hospital(600, 12));
}

#[test]
fn two_thousand_five_hundred_machines_are_drawn_without_faults() {
    let geometry = layout(&topology(&hospital(2500, 25)), &options());
    assert_eq!(verify(&geometry), Vec::new());
}

#[test]
fn the_order_of_the_input_does_not_change_the_bytes() {
    let mut ledger = hospital(60, 6);
    let first = svg(&layout(&topology(&ledger), &options()));
    for turn in 1..=20_usize {
        ledger.assets.rotate_left(turn * 7 % 60);
        ledger.assets.swap(turn, 59 - turn);
        ledger.seen.reverse();
        assert_eq!(svg(&layout(&topology(&ledger), &options())), first);
    }
}

#[test]
fn machines_without_interfaces_are_drawn_as_unplaced() {
    let text = svg(&layout(
        &topology(&ledger(vec![asset(1, Vec::new())])),
        &options(),
    ));
    assert!(text.contains("接続先不明") && text.contains("模擬端末0001"));
}

#[test]
fn an_empty_ledger_is_a_sheet_without_faults() {
    let geometry = layout(&topology(&ledger(Vec::new())), &options());
    assert_eq!(verify(&geometry), Vec::new());
}

#[test]
fn a_box_pushed_onto_another_is_reported() {
    let mut geometry = layout(&topology(&hospital(12, 2)), &options());
    let shapes = &mut geometry.pages[0].shapes;
    let (x, y) = (shapes[5].x, shapes[5].y);
    (shapes[6].x, shapes[6].y) = (x, y);
    assert!(!verify(&geometry).is_empty());
}

#[test]
fn a_topology_survives_json() {
    let topology = topology(&hospital(60, 6));
    let text = serde_json::to_string(&topology).unwrap();
    assert_eq!(serde_json::from_str::<Topology>(&text).unwrap(), topology);
    assert_eq!(topology.graph().node_count(), topology.nodes.len());
}

#[test]
fn hostile_names_are_escaped_and_made_visible() {
    let mut one = machine(1, 0, 10, "00:1b:21:00:00:01");
    one.label = "<script>\u{202e}\u{0}&\"".to_owned();
    let text = svg(&layout(&topology(&ledger(vec![one])), &options()));
    assert!(!text.contains("<script>") && !text.contains('\u{202e}'));
    assert!(text.contains("〈U+202E〉"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn random_networks_have_no_faults_and_join_only_by_evidence(
        all in prop::collection::vec((0..4_usize, 0..5_u8), 1..24)
    ) {
        let assets = all.iter().enumerate().map(|(n, (net, mac))| {
            machine(n + 1, *net, 10 + n, &format!("00:1b:21:00:02:{mac:02x}"))
        });
        let topology = topology(&ledger(assets.collect()));
        let distinct: std::collections::BTreeSet<_> = all.iter().collect();
        prop_assert_eq!(count(&topology, NodeKind::Segment), distinct.len());
        prop_assert_eq!(verify(&layout(&topology, &options())), Vec::new());
    }
}
