use std::collections::{BTreeMap, BTreeSet};

use daicho_ledger::hand::{Decision, DeviceKind, Entry, EntryBody, HandDevice, HandInterface};
use daicho_ledger::hand::{Hand, Verdict};
use daicho_ledger::{AgentAsset, AssetId, Ledger};
use daicho_report::Time;
use proptest::prelude::*;

use super::same_network_id;
use crate::tests::{at, count, ledger, machine, sees, with_mac};
use crate::topology::{EdgeKind, NodeKind, Topology, topology};

const GATEWAY: &str = "00:1b:21:00:00:01";
const OTHER: &str = "00:1b:21:00:00:02";
const DAY: i64 = 86_400;

/// A machine that knows nobody.
fn quiet(n: usize, host: usize) -> AgentAsset {
    let mut out = machine(n, 1, host, GATEWAY);
    out.neighbours.clear();
    out
}

fn segments(assets: Vec<AgentAsset>) -> usize {
    count(&topology(&ledger(assets)), NodeKind::Segment)
}

/// A neighbour that was seen for a time, in days.
fn seen_in(mut asset: AgentAsset, address: &str, mac: &str, from: i64, to: i64) -> AgentAsset {
    asset = sees(asset, address, mac);
    let start = asset.presence.last_at.seconds() - 30 * DAY;
    if let Some(last) = asset.neighbours.last_mut() {
        last.since = Time::from_seconds(start + from * DAY);
        last.until = Some(Time::from_seconds(start + to * DAY));
    }
    asset
}

fn entry(key: &str, body: EntryBody) -> Entry {
    Entry {
        key: key.to_owned(),
        by: "試験".to_owned(),
        at: Time::from_seconds(1_795_000_000),
        body,
    }
}

fn decided(mut ledger: Ledger, a: usize, b: usize, verdict: Verdict) -> Ledger {
    let id = |n: usize| ledger.assets[n].id.0.clone();
    let key = same_network_id(&id(a), &id(b), "192.168.1.0/24");
    let decision = Decision {
        verdict,
        on: "2026-11-20".to_owned(),
        why: String::new(),
        name: None,
    };
    let mut entries = ledger.hand.entries.clone();
    entries.push(entry(&key, EntryBody::Decision(decision)));
    ledger.hand = Hand::new(entries);
    ledger
}

/// Machines of two networks with a gateway of its own each, which see one device in both.
fn cloned() -> [AgentAsset; 2] {
    [(1, 10, GATEWAY), (2, 11, OTHER)].map(|(n, host, gateway)| {
        let machine = machine(n, 1, host, gateway);
        sees(machine, "192.168.1.50", "00:1b:21:00:00:50")
    })
}

#[test]
fn a_cloned_address_does_not_join_networks_whose_gateways_differ() {
    let [one, two] = cloned();
    assert_eq!(segments(vec![one.clone(), two.clone()]), 2);
    // Nor by way of a third that knows the cloned one alone.
    let third = sees(quiet(3, 12), "192.168.1.50", "00:1b:21:00:00:50");
    assert_eq!(segments(vec![one, two, third]), 3);
}

#[test]
fn a_device_that_is_seen_in_two_networks_is_two_devices() {
    let [one, two] = cloned();
    let topology = topology(&ledger(vec![one, two]));
    let attached = topology
        .edges
        .iter()
        .filter(|e| e.kind == EdgeKind::Attached);
    let mut places: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for edge in attached {
        places.entry(&edge.from).or_default().insert(&edge.to);
    }
    assert!(places.values().all(|all| all.len() == 1), "{places:?}");
}

#[test]
fn equal_gateways_do_not_join_machines_that_have_one_address() {
    let one = with_mac(machine(1, 1, 10, GATEWAY), "00:1b:21:00:01:01");
    let two = with_mac(machine(2, 1, 10, GATEWAY), "00:1b:21:00:01:02");
    assert_eq!(segments(vec![one, two]), 2);
}

#[test]
fn an_address_given_twice_by_mistake_does_not_tear_a_network_apart() {
    let mut all: Vec<AgentAsset> = (1..=30)
        .map(|n| {
            with_mac(
                machine(n, 1, 10 + n, GATEWAY),
                &format!("00:1b:21:00:01:{n:02x}"),
            )
        })
        .collect();
    all.push(with_mac(machine(31, 1, 11, GATEWAY), "00:1b:21:00:01:99"));
    assert_eq!(segments(all), 2);
}

#[test]
fn an_address_that_moved_is_no_contradiction() {
    let one = seen_in(
        machine(1, 1, 10, GATEWAY),
        "192.168.1.50",
        "00:1b:21:00:00:50",
        1,
        9,
    );
    let two = seen_in(
        machine(2, 1, 11, GATEWAY),
        "192.168.1.50",
        "00:1b:21:00:00:51",
        12,
        20,
    );
    assert_eq!(segments(vec![one, two]), 1);
}

#[test]
fn a_failed_over_gateway_is_no_contradiction() {
    let mut one = seen_in(quiet(1, 10), "192.168.1.1", GATEWAY, 1, 29);
    one.presence.last_at = Time::from_seconds(one.presence.last_at.seconds() - DAY);
    let two = seen_in(quiet(2, 11), "192.168.1.1", GATEWAY, 1, 29);
    let mut two = sees(two, "192.168.1.1", OTHER);
    two.read_at = vec![("interface".to_owned(), Time::from_seconds(0))];
    let three = seen_in(quiet(3, 12), "192.168.1.1", GATEWAY, 1, 29);
    let found = topology(&ledger(vec![one, two, three]));
    // The one that saw the change is not torn from itself; the two that saw the first are joined.
    assert!(count(&found, NodeKind::Segment) <= 2);
}

#[test]
fn a_machine_that_fell_silent_before_others_came_is_where_its_gateway_was() {
    let mut silent = seen_in(quiet(1, 10), "192.168.1.1", GATEWAY, 1, 5);
    silent.presence.last_at = Time::from_seconds(silent.presence.last_at.seconds() - 25 * DAY);
    let second = seen_in(quiet(2, 11), "192.168.1.1", GATEWAY, 10, 20);
    assert_eq!(segments(vec![silent.clone(), second]), 1);
    // A neighbour that was elsewhere in between proves nothing.
    let clear = |mut one: AgentAsset| {
        one.neighbours.clear();
        one
    };
    let silent = seen_in(clear(silent), "192.168.1.50", "00:1b:21:00:00:50", 1, 5);
    let second = seen_in(quiet(2, 11), "192.168.1.50", "00:1b:21:00:00:50", 10, 20);
    assert_eq!(segments(vec![silent, second]), 2);
}

#[test]
fn a_notebook_in_two_networks_on_different_days_joins_none_of_the_first_to_the_second() {
    let first = machine(1, 1, 10, GATEWAY);
    let second = machine(2, 1, 11, OTHER);
    let visitor = seen_in(quiet(3, 100), "192.168.1.1", GATEWAY, 1, 9);
    let mut visitor = sees(visitor, "192.168.1.1", OTHER);
    let start = visitor.presence.last_at.seconds() - 10 * DAY;
    if let Some(last) = visitor.neighbours.last_mut() {
        last.since = Time::from_seconds(start);
    }
    let found = topology(&ledger(vec![first, second, visitor]));
    let home = |n: usize| {
        let id = format!("a-{n:032x}");
        let mut edges = found.edges.iter();
        let edge = edges.find(|e| e.kind == EdgeKind::Attached && e.from == id);
        edge.map(|e| e.to.clone())
    };
    assert_ne!(home(1), home(2));
    assert_eq!(home(3), home(2));
}

#[test]
fn a_made_up_address_joins_no_two_machines_alone() {
    for mac in [
        "52:54:00:00:00:01",
        "00:50:56:00:00:01",
        "02:42:c0:a8:01:01",
    ] {
        let two = vec![machine(1, 1, 10, mac), machine(2, 1, 11, mac)];
        assert_eq!(segments(two), 2, "{mac}");
    }
}

#[test]
fn a_virtual_router_and_a_made_up_neighbour_join_together() {
    let router = "00:00:5e:00:01:01";
    let one = sees(
        machine(1, 1, 10, router),
        "192.168.1.50",
        "00:50:56:00:00:50",
    );
    let two = sees(
        machine(2, 1, 11, router),
        "192.168.1.50",
        "00:50:56:00:00:50",
    );
    assert_eq!(segments(vec![one, two]), 1);
}

#[test]
fn two_virtual_machines_that_see_each_other_are_on_one_link() {
    let (a, b) = ("52:54:00:00:00:0a", "52:54:00:00:00:0b");
    let one = sees(with_mac(quiet(1, 10), a), "192.168.1.11", b);
    let two = with_mac(quiet(2, 11), b);
    assert_eq!(segments(vec![one.clone(), two.clone()]), 2);
    assert_eq!(segments(vec![one, sees(two, "192.168.1.10", a)]), 1);
}

#[test]
fn copies_of_a_machine_are_no_evidence() {
    let mac = "00:1b:21:00:00:0a";
    let (one, two) = (with_mac(quiet(1, 10), mac), with_mac(quiet(2, 10), mac));
    let watcher = sees(quiet(3, 12), "192.168.1.10", mac);
    assert_eq!(segments(vec![one, two, watcher]), 3);
}

#[test]
fn a_switch_with_one_hardware_address_on_all_networks_joins_only_equal_places() {
    let all = vec![
        machine(1, 1, 10, GATEWAY),
        machine(2, 1, 11, GATEWAY),
        machine(3, 2, 10, GATEWAY),
    ];
    let found = topology(&ledger(all));
    assert_eq!(count(&found, NodeKind::Segment), 2);
    assert_eq!(count(&found, NodeKind::Gateway), 1);
}

#[test]
fn a_wrong_clock_hides_no_contradiction() {
    let one = machine(1, 1, 10, GATEWAY);
    let mut two = sees(
        machine(2, 1, 11, OTHER),
        "192.168.1.50",
        "00:1b:21:00:00:50",
    );
    let behind = 26 * 365 * DAY;
    let earlier = |time: Time| Time::from_seconds(time.seconds() - behind);
    two.presence.collected_at = earlier(two.presence.collected_at);
    for neighbour in &mut two.neighbours {
        neighbour.since = earlier(neighbour.since);
    }
    let one = sees(one, "192.168.1.50", "00:1b:21:00:00:50");
    assert_eq!(segments(vec![one, two]), 2);
}

#[test]
fn the_word_of_a_person_joins_and_keeps_apart() {
    let two = || ledger(vec![quiet(1, 10), quiet(2, 11)]);
    let found = topology(&decided(two(), 0, 1, Verdict::Confirmed));
    assert_eq!(count(&found, NodeKind::Segment), 1);
    let equal = || ledger(vec![machine(1, 1, 10, GATEWAY), machine(2, 1, 11, GATEWAY)]);
    let found = topology(&decided(equal(), 0, 1, Verdict::Rejected));
    assert_eq!(count(&found, NodeKind::Segment), 2);
    // Two that differ in their gateways, and somebody who went and looked.
    let differ = ledger(vec![machine(1, 1, 10, GATEWAY), machine(2, 1, 11, OTHER)]);
    let found = topology(&decided(differ, 1, 0, Verdict::Confirmed));
    assert_eq!(count(&found, NodeKind::Segment), 1);
    let node = found
        .nodes
        .iter()
        .find(|n| n.kind == NodeKind::Segment)
        .unwrap();
    assert!(
        node.evidence
            .sources
            .iter()
            .any(|s| s.contains("same-network/"))
    );
}

#[test]
fn a_device_written_down_beside_two_machines_joins_them() {
    let mut two = ledger(vec![quiet(1, 10), quiet(2, 11)]);
    let beside = |n: usize| HandInterface {
        name: "port".to_owned(),
        address: Some(at("192.168.1.250", 24)),
        beside: Some(AssetId(format!("a-{n:032x}"))),
        ..HandInterface::default()
    };
    let device = HandDevice {
        name: "スイッチ".to_owned(),
        kind: DeviceKind::Switch,
        interfaces: vec![beside(1), beside(2)],
        ..serde_json::from_str(r#"{"name":"","kind":"other"}"#).unwrap()
    };
    two.hand = Hand::new(vec![entry("sw", EntryBody::Device(device))]);
    assert_eq!(count(&topology(&two), NodeKind::Segment), 1);
}

#[test]
fn a_segment_says_what_joined_it() {
    let found = topology(&ledger(vec![
        machine(1, 1, 10, GATEWAY),
        machine(2, 1, 11, GATEWAY),
    ]));
    let node = found
        .nodes
        .iter()
        .find(|n| n.kind == NodeKind::Segment)
        .unwrap();
    assert_eq!(
        node.evidence.sources,
        ["interface", "gateway 192.168.1.1 00:1b:21:00:00:01 ×2"]
    );
}

#[test]
fn machines_alone_in_one_range_share_a_group_and_no_segment() {
    let found = topology(&ledger(vec![quiet(1, 10), quiet(2, 11), quiet(3, 12)]));
    let segments = found.nodes.iter().filter(|n| n.kind == NodeKind::Segment);
    let groups: Vec<_> = segments.map(|n| n.group.as_deref()).collect();
    assert_eq!(groups, [Some("same-range:192.168.1.0/24"); 3]);
}

/// Which machines are in which realm.
fn realms(topology: &Topology) -> BTreeMap<String, BTreeSet<String>> {
    let mut out: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let attached = topology
        .edges
        .iter()
        .filter(|e| e.kind == EdgeKind::Attached);
    for edge in attached.filter(|e| e.from.starts_with("a-")) {
        out.entry(edge.to.clone())
            .or_default()
            .insert(edge.from.clone());
    }
    out
}

/// A machine of a made-up world: its link, whether it knows its gateway, whether it sees the cloned
/// device, and which neighbours it sees.
type Made = (usize, bool, bool, Vec<u8>);

fn world(made: &[Made]) -> Vec<AgentAsset> {
    let mut out = Vec::new();
    for (n, (link, gateway, cloned, near)) in made.iter().enumerate() {
        let mac = format!("00:1b:21:00:01:{n:02x}");
        let mut one = with_mac(quiet(n + 1, 100 + n), &mac);
        if *gateway {
            one = sees(one, "192.168.1.1", &format!("00:1b:21:00:02:{link:02x}"));
        }
        if *cloned {
            one = sees(one, "192.168.1.9", "00:1b:21:00:03:09");
        }
        for host in near {
            let address = format!("192.168.1.{}", 10 + host % 8);
            one = sees(
                one,
                &address,
                &format!("00:1b:21:00:{:02x}:{host:02x}", 16 + link),
            );
        }
        out.push(one);
    }
    out
}

/// What a machine has in common with others: its own address and those that it sees.
fn marks(asset: &AgentAsset) -> BTreeSet<(String, String)> {
    let interface = &asset.interfaces.interfaces.value().unwrap()[0];
    let address = interface.addresses[0].address.to_string();
    let own = (address, interface.mac.clone().unwrap());
    let seen = asset
        .neighbours
        .iter()
        .map(|n| (n.item.address.to_string(), n.item.mac.clone()));
    seen.chain([own]).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn realms_rest_on_evidence_and_hold_no_contradiction(
        made in prop::collection::vec(
            (0..3_usize, any::<bool>(), any::<bool>(), prop::collection::vec(0..8_u8, 0..4)),
            1..16,
        ),
        turn in 0..16_usize,
    ) {
        let assets = world(&made);
        let found = realms(&topology(&ledger(assets.clone())));
        let by_id: BTreeMap<&str, &AgentAsset> =
            assets.iter().map(|a| (a.id.0.as_str(), a)).collect();
        for members in found.values() {
            // Connected by what two of them share.
            let mut reached: BTreeSet<&str> = members.iter().take(1).map(String::as_str).collect();
            loop {
                let more: Vec<&str> = members.iter().map(String::as_str).filter(|it| {
                    !reached.contains(it)
                        && reached.iter().any(|r| !marks(by_id[r]).is_disjoint(&marks(by_id[it])))
                }).collect();
                if more.is_empty() { break; }
                reached.extend(more);
            }
            prop_assert_eq!(reached.len(), members.len());
            // One gateway, and one hardware address for each address.
            let mut places: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
            for (address, mac) in members.iter().flat_map(|m| marks(by_id[m.as_str()])) {
                places.entry(address).or_default().insert(mac);
            }
            let gateways = places.get("192.168.1.1").map_or(0, BTreeSet::len);
            prop_assert!(gateways <= 1);
        }
        let mut turned = assets;
        let count = turned.len();
        turned.rotate_left(turn % count);
        turned.reverse();
        prop_assert_eq!(realms(&topology(&ledger(turned))), found);
    }

    #[test]
    fn networks_whose_machines_know_their_gateways_are_never_joined(
        made in prop::collection::vec(
            (0..3_usize, Just(true), any::<bool>(), prop::collection::vec(0..8_u8, 0..4)),
            1..16,
        ),
    ) {
        let found = realms(&topology(&ledger(world(&made))));
        for members in found.values() {
            let links: BTreeSet<usize> = members
                .iter()
                .map(|id| made[usize::from_str_radix(&id[2..], 16).unwrap() - 1].0)
                .collect();
            prop_assert_eq!(links.len(), 1);
        }
        // And those of one network are.
        let links: BTreeSet<usize> = made.iter().map(|it| it.0).collect();
        prop_assert_eq!(found.len(), links.len());
    }
}
