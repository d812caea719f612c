//! What people write, beside what is seen.

use daicho_ledger::hand::{
    Decision, DeclaredPoint, DeviceKind, EntryBody, HandDevice, HandInterface, Match, SiteRule,
    Verdict,
};
use daicho_ledger::{Grade, PointKind, ZoneKind};
use daicho_report::Address;

use super::bed::*;

fn declared(kind: PointKind) -> DeclaredPoint {
    DeclaredPoint {
        name: "保守回線".to_owned(),
        kind,
        device: None,
        asset: None,
        address: None,
        line: String::new(),
        peer: String::new(),
        peer_networks: Vec::new(),
        vendor: None,
        always_on: None,
        switch_off: String::new(),
        demarcation: String::new(),
        system: None,
        note: String::new(),
    }
}

fn device(kind: DeviceKind, interface: HandInterface) -> HandDevice {
    HandDevice {
        name: "監視VPN装置".to_owned(),
        kind,
        interfaces: vec![interface],
        maker: String::new(),
        model: String::new(),
        serial: String::new(),
        firmware: String::new(),
        place: String::new(),
        purpose: String::new(),
        department: String::new(),
        owner: String::new(),
        vendor: None,
        system: None,
        zone: None,
        pair: None,
        note: String::new(),
    }
}

fn decision(verdict: Verdict) -> EntryBody {
    EntryBody::Decision(Decision {
        verdict,
        on: "2026-11-20".to_owned(),
        why: String::new(),
        name: Some("サーバ室のVPN装置".to_owned()),
    })
}

fn rule(when: Match, zone: ZoneKind) -> EntryBody {
    EntryBody::Rule(SiteRule {
        when,
        system: None,
        zone: Some(zone),
        point: None,
        note: String::new(),
    })
}

fn range(text: &str) -> Option<Address> {
    Some(Address {
        address: ip(text),
        prefix: 24,
    })
}

/// A machine with a route to a vendor's network.
fn routed() -> Machine {
    pc(1, 3, 10)
        .route("10.99.0.0/24", "LAN", Some("192.168.3.254"), 1)
        .sees("LAN", "192.168.3.254", "00:1a:2b:cc:00:01")
}

#[test]
fn a_declared_point_that_nobody_sees_is_declared() {
    let entries = vec![entry(
        "p-1",
        EntryBody::Point(declared(PointKind::RegionalLink)),
    )];
    let found = found(&[pc(1, 3, 10)], entries);
    let points = of(&found, PointKind::RegionalLink);
    assert_eq!(points.len(), 1);
    assert_eq!(
        (points[0].grade, points[0].last_seen),
        (Grade::Declared, None)
    );
    assert_eq!(
        (points[0].declared.as_slice(), points[0].name.as_str()),
        (["p-1".to_owned()].as_slice(), "保守回線")
    );
}

#[test]
fn a_declared_point_that_is_seen_keeps_its_grade_and_is_not_drawn_twice() {
    let mut point = declared(PointKind::VendorVpn);
    point.address = Some(ip("192.168.3.254"));
    let found = found(&[routed()], vec![entry("p-1", EntryBody::Point(point))]);
    let points = of(&found, PointKind::VendorVpn);
    assert_eq!((points.len(), points[0].grade), (1, Grade::Inferred));
    assert_eq!(points[0].declared, ["p-1"]);
    assert!(points[0].last_seen.is_some() && found.contradictions.is_empty());
}

#[test]
fn a_person_says_what_the_line_is_when_facts_do_not() {
    let interface = HandInterface {
        mac: Some("00-1A-2B-CC-00-01".to_owned()),
        ..HandInterface::default()
    };
    let mut point = declared(PointKind::RegionalLink);
    point.device = Some("d-1".to_owned());
    let entries = vec![
        entry("d-1", EntryBody::Device(device(DeviceKind::Vpn, interface))),
        entry("p-1", EntryBody::Point(point)),
    ];
    let found = found(&[routed()], entries);
    let drawn = drawn(&found);
    assert_eq!(drawn.len(), 1, "{drawn:?}");
    assert_eq!(
        (drawn[0].0, drawn[0].2),
        (PointKind::RegionalLink, Grade::Inferred)
    );
}

#[test]
fn what_is_seen_and_not_declared_says_so() {
    let found = found(&[routed()], Vec::new());
    assert!(of(&found, PointKind::VendorVpn)[0].declared.is_empty());
}

#[test]
fn a_vpn_box_kept_by_hand_is_a_point_without_being_declared() {
    let body = EntryBody::Device(device(DeviceKind::Vpn, HandInterface::default()));
    let found = found(&[pc(1, 3, 10)], vec![entry("d-1", body)]);
    let points = of(&found, PointKind::VendorVpn);
    assert_eq!((points.len(), points[0].grade), (1, Grade::Declared));
    assert_eq!(points[0].name, "監視VPN装置");
}

#[test]
fn two_kinds_at_one_address_are_named_and_nothing_is_guessed() {
    let mut one = declared(PointKind::RegionalLink);
    one.address = Some(ip("192.168.3.254"));
    let mut two = declared(PointKind::Mobile);
    two.address = Some(ip("192.168.3.254"));
    let entries = vec![
        entry("p-1", EntryBody::Point(one)),
        entry("p-2", EntryBody::Point(two)),
    ];
    let found = found(&[routed()], entries);
    assert_eq!(found.contradictions.len(), 1);
    assert_eq!(found.contradictions[0].entries, ["p-1", "p-2"]);
    assert_eq!(
        of(&found, PointKind::VendorVpn).len(),
        1,
        "{:?}",
        drawn(&found)
    );
}

#[test]
fn a_decision_confirms_names_and_rejects() {
    let id = found(&[routed()], Vec::new()).points[0].id.clone();
    let yes = found(&[routed()], vec![entry(&id, decision(Verdict::Confirmed))]);
    let points = of(&yes, PointKind::VendorVpn);
    assert_eq!(
        (points[0].grade, points[0].name.as_str()),
        (Grade::OnSite, "サーバ室のVPN装置")
    );
    assert_eq!(points[0].decided.as_deref(), Some(id.as_str()));
    assert!(points[0].reason.0.contains("2026-11-20") && points[0].reason.0.contains("山田"));
    let no = found(&[routed()], vec![entry(&id, decision(Verdict::Rejected))]);
    assert!(no.points.iter().all(|it| it.id != id));
    assert_eq!(no.rejected.len(), 1);
}

#[test]
fn a_decision_on_what_is_not_there_is_named() {
    let key = "point:mobile:a-gone";
    let found = found(&[routed()], vec![entry(key, decision(Verdict::Confirmed))]);
    assert_eq!(found.contradictions.len(), 1);
    assert_eq!(found.contradictions[0].entries, [key]);
}

#[test]
fn an_entry_that_names_a_device_that_is_not_there_is_named() {
    let mut point = declared(PointKind::VendorVpn);
    point.device = Some("d-9".to_owned());
    let found = found(&[pc(1, 3, 10)], vec![entry("p-1", EntryBody::Point(point))]);
    assert_eq!(found.contradictions.len(), 1);
    assert_eq!(of(&found, PointKind::VendorVpn).len(), 1);
}

#[test]
fn a_rule_gives_a_zone_to_all_alike_and_two_that_differ_give_none() {
    let machines = [pc(1, 3, 10), pc(2, 4, 10)];
    let when = Match {
        range: range("192.168.3.0"),
        ..Match::default()
    };
    let his = entry("r-1", rule(when.clone(), ZoneKind::His));
    let found_one = found(&machines, vec![his.clone()]);
    assert_eq!(zones(&found_one, &machines[0]), [ZoneKind::His]);
    assert_eq!(zones(&found_one, &machines[1]), [ZoneKind::Unknown]);
    let other = entry("r-2", rule(when, ZoneKind::Guest));
    let found_two = found(&machines, vec![his, other]);
    assert_eq!(zones(&found_two, &machines[0]), [ZoneKind::Unknown]);
    assert_eq!(found_two.contradictions.len(), 1);
}

#[test]
fn a_rule_without_a_condition_or_of_stars_alone_matches_nothing() {
    let machines = [pc(1, 3, 10)];
    let stars = Match {
        software: Some("*".to_owned()),
        ..Match::default()
    };
    for when in [Match::default(), stars] {
        let found = found(&machines, vec![entry("r-1", rule(when, ZoneKind::His))]);
        assert_eq!(zones(&found, &machines[0]), [ZoneKind::Unknown]);
    }
}

#[test]
fn what_people_call_a_router_says_what_it_is() {
    let interface = HandInterface {
        address: range("192.168.3.200"),
        ..HandInterface::default()
    };
    let mut router = device(DeviceKind::Router, interface);
    router.name = "検査機器の保守用ルータ".to_owned();
    let one = pc(1, 3, 10).hears("172.31.9.9", 3389, "svchost");
    let found_one = found(
        std::slice::from_ref(&one),
        vec![entry("d-1", EntryBody::Device(router.clone()))],
    );
    let points = of(&found_one, PointKind::VendorVpn);
    assert_eq!(
        (points.len(), points[0].grade),
        (1, Grade::Inferred),
        "{:?}",
        drawn(&found_one)
    );
    assert!(points[0].at.contains("d-1"), "{}", points[0].at);
    router.name = "2階のルータ".to_owned();
    let found_two = found(
        &[pc(1, 3, 10)],
        vec![entry("d-1", EntryBody::Device(router))],
    );
    assert_eq!(drawn(&found_two), []);
}

#[test]
fn two_devices_with_one_address_are_named_and_vote_for_no_zone() {
    let at = |host: &str| HandInterface {
        address: range(host),
        ..HandInterface::default()
    };
    let mut one = device(DeviceKind::MedicalDevice, at("192.168.3.50"));
    one.zone = Some(ZoneKind::MedicalDevice);
    let two = device(DeviceKind::Printer, at("192.168.3.50"));
    let machines = [pc(1, 3, 10)];
    let entries = vec![
        entry("d-1", EntryBody::Device(one.clone())),
        entry("d-2", EntryBody::Device(two)),
    ];
    let both = found(&machines, entries);
    assert_eq!(both.contradictions.len(), 1);
    assert_eq!(both.contradictions[0].entries, ["d-1", "d-2"]);
    assert_eq!(zones(&both, &machines[0]), [ZoneKind::Unknown]);
    let alone = found(&machines, vec![entry("d-1", EntryBody::Device(one))]);
    assert_eq!(zones(&alone, &machines[0]), [ZoneKind::MedicalDevice]);
    assert!(alone.contradictions.is_empty());
}

#[test]
fn a_line_that_leads_to_the_declared_networks_is_the_declared_one() {
    let mut point = declared(PointKind::VendorVpn);
    point.peer_networks = vec![Address {
        address: ip("10.99.0.0"),
        prefix: 24,
    }];
    let found = found(&[routed()], vec![entry("p-1", EntryBody::Point(point))]);
    let points = of(&found, PointKind::VendorVpn);
    assert_eq!(
        (points.len(), points[0].declared.as_slice()),
        (1, ["p-1".to_owned()].as_slice())
    );
}

#[test]
fn where_people_name_one_internet_line_the_gateway_inside_is_not_drawn_and_its_talk_speaks_for_it()
{
    let mut machines: Vec<Machine> = (1..5)
        .map(|n| pc(n, 5, 20 + u8::try_from(n).unwrap()).surfs(n))
        .collect();
    machines.push(pc(9, 6, 10));
    machines.push(pc(10, 5, 40).talks("192.168.6.10", 445, "System"));
    let entries = vec![entry(
        "p-1",
        EntryBody::Point(declared(PointKind::Internet)),
    )];
    let found = found(&machines, entries);
    let points = of(&found, PointKind::Internet);
    assert_eq!(
        (points.len(), points[0].grade),
        (1, Grade::Inferred),
        "{:?}",
        drawn(&found)
    );
    assert!(points[0].last_seen.is_some());
}

#[test]
fn a_terminal_declared_among_several_on_one_line_is_that_line() {
    let terminal = |n: usize| {
        machine(n)
            .link(
                "WAN",
                daicho_report::InterfaceKind::Ethernet,
                "2001:db8:1::10/64",
            )
            .default_by("WAN", "fe80::1", 1)
            .sees("WAN", "fe80::1", "00:1a:2b:aa:00:01")
            .name_servers(&["2404:1a8:f583:d00::53:1"])
            .folder("OQS\\OQSComApp")
    };
    let machines = [terminal(1), terminal(2)];
    let mut point = declared(PointKind::OqsIpv6);
    point.asset = Some(daicho_ledger::AssetId(machines[1].id()));
    let found = found(&machines, vec![entry("p-1", EntryBody::Point(point))]);
    let points = of(&found, PointKind::OqsIpv6);
    assert_eq!(
        (points.len(), points[0].declared.len()),
        (1, 1),
        "{:?}",
        drawn(&found)
    );
}
