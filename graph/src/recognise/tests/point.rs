//! Connection points from what machines show.

use daicho_ledger::{Grade, PointKind};
use daicho_report::{InterfaceKind, ToolState};

use super::bed::*;

/// A terminal with an interface to the carrier's IPv6 network beside one to the hospital.
fn terminal(number: usize, east: bool) -> Machine {
    let server = if east {
        "2404:1a8:f583:d00::53:1"
    } else {
        "2001:a7ff:f014:d00::53:2"
    };
    machine(number)
        .link("オン資用", InterfaceKind::Ethernet, "2001:db8:1::10/64")
        .link(
            "連携用",
            InterfaceKind::Ethernet,
            &format!("192.168.220.{}/24", 10 + number),
        )
        .default_by("オン資用", "fe80::1", 1)
        .sees("オン資用", "fe80::1", "00:1a:2b:aa:00:01")
        .name_servers(&[server])
        .folder("OQS\\OQSComApp")
}

#[test]
fn a_terminal_by_ipv6_east_or_west_is_confirmed_at_the_terminal() {
    for east in [true, false] {
        let one = terminal(1, east).resolved("hweb.oqs.onshikaku.org");
        let found = found(std::slice::from_ref(&one), Vec::new());
        assert_eq!(
            drawn(&found),
            [(PointKind::OqsIpv6, one.id(), Grade::Confirmed)]
        );
        let point = &found.points[0];
        assert_eq!(point.id, format!("point:oqs_ipv6:{}", one.id()));
        assert!(point.reason.0.contains("確か") && point.reason.1.contains("proven"));
        assert!(point.last_seen.is_some() && point.segments.len() == 2);
    }
}

#[test]
fn a_terminal_known_by_one_installers_traits_alone_is_inferred() {
    let found = found(&[terminal(1, true)], Vec::new());
    let points = of(&found, PointKind::OqsIpv6);
    assert_eq!(points.len(), 1);
    assert_eq!(points[0].grade, Grade::Inferred);
}

#[test]
fn a_plain_pc_on_flets_is_no_terminal() {
    let servers = ["2404:1a8:7f01:a::3", "2404:1a8:7f01:b::3"];
    let west = ["2001:a7ff:5f01::a", "2001:a7ff:5f01:1::a"];
    for servers in [servers, west] {
        let one = machine(1)
            .link("Wi-Fi", InterfaceKind::Wireless, "192.168.10.5/24")
            .link("LAN", InterfaceKind::Ethernet, "2409:10::5/64")
            .name_servers(&servers);
        assert_eq!(drawn(&found(&[one], Vec::new())), []);
    }
}

#[test]
fn a_ppp_interface_beside_its_traits_says_pppoe() {
    let one = pc(1, 3, 10)
        .link("ppp0", InterfaceKind::Ppp, "10.200.0.5/32")
        .folder("OQS\\OQSComApp")
        .resolved("hweb.oqs.onshikaku.org");
    let found = found(std::slice::from_ref(&one), Vec::new());
    assert_eq!(
        drawn(&found),
        [(PointKind::OqsPppoe, one.id(), Grade::Confirmed)]
    );
}

#[test]
fn an_ipsec_tunnel_beside_its_traits_says_ipsec() {
    let one = pc(1, 3, 10)
        .folder("OQS\\OQSComApp")
        .resolved("hweb.oqs.onshikaku.org")
        .talks("203.0.113.7", 4500, "svchost");
    let found = found(std::slice::from_ref(&one), Vec::new());
    let points = of(&found, PointKind::OqsIpsec);
    assert_eq!(points.len(), 1);
    assert_eq!(
        (points[0].grade, points[0].at.as_str()),
        (Grade::Confirmed, one.id().as_str())
    );
}

#[test]
fn a_terminal_whose_line_shows_nothing_has_an_unknown_line() {
    let one = pc(1, 3, 10)
        .folder("OQS\\OQSComApp")
        .resolved("hweb.oqs.onshikaku.org");
    let found = found(std::slice::from_ref(&one), Vec::new());
    assert_eq!(
        drawn(&found),
        [(PointKind::Oqs, one.id(), Grade::Confirmed)]
    );
}

#[test]
fn a_server_that_asks_the_api_is_the_point_and_a_terminal_is_not_a_server() {
    let server = pc(1, 3, 10)
        .server()
        .host("hweb-api.oqs.onshikaku.org", "198.51.100.7")
        .resolved("hweb-mnc.oqs.onshikaku.org");
    let found = found(std::slice::from_ref(&server), Vec::new());
    assert_eq!(
        drawn(&found),
        [(PointKind::OqsWebApi, server.id(), Grade::Confirmed)]
    );
    let installed = server.folder("OQS\\OQSComApp");
    let found = super::bed::found(&[installed], Vec::new());
    assert!(of(&found, PointKind::OqsWebApi).is_empty());
    assert_eq!(of(&found, PointKind::Oqs).len(), 1);
}

#[test]
fn terminals_behind_one_router_are_one_point() {
    let machines: Vec<Machine> = (1..4)
        .map(|n| terminal(n, true).resolved("hweb.oqs.onshikaku.org"))
        .collect();
    let found = found(&machines, Vec::new());
    let points = of(&found, PointKind::OqsIpv6);
    assert_eq!(points.len(), 1, "{:?}", drawn(&found));
    assert!(
        points[0].at.contains("00:1a:2b:aa:00:01"),
        "{}",
        points[0].at
    );
    let seen: std::collections::BTreeSet<_> =
        points[0].witnesses.iter().map(|it| &it.asset).collect();
    assert_eq!(seen.len(), 3);
}

#[test]
fn online_claims_on_the_same_line_are_said_there() {
    let one = terminal(1, true)
        .resolved("hweb.oqs.onshikaku.org")
        .resolved("portal.rece");
    let found = found(&[one], Vec::new());
    assert_eq!(drawn(&found).len(), 1);
    assert_eq!(
        of(&found, PointKind::OqsIpv6)[0].also,
        [PointKind::OnlineClaims]
    );
}

#[test]
fn a_pc_that_looks_at_pages_beside_a_terminal_is_no_point_of_its_own() {
    let terminal = terminal(1, true).resolved("hweb.oqs.onshikaku.org");
    let pc = pc(2, 220, 40).resolved("hweb.oqs.onshikaku.org");
    let found = found(&[terminal, pc], Vec::new());
    assert_eq!(drawn(&found).len(), 1, "{:?}", drawn(&found));
}

#[test]
fn a_tool_is_confirmed_with_its_domain_and_a_hint_when_only_installed() {
    let used = pc(1, 3, 10)
        .tool("TeamViewer", ToolState::Running)
        .resolved("router1.teamviewer.com");
    let there = pc(2, 3, 11).tool("AnyDesk", ToolState::Installed);
    let other = pc(3, 3, 12)
        .tool("AnyDesk", ToolState::Running)
        .resolved("www.teamviewer.com");
    let found = found(&[used, there, other], Vec::new());
    let grades: Vec<_> = of(&found, PointKind::RemoteTool)
        .iter()
        .map(|it| (it.name.as_str(), it.grade))
        .collect();
    let wanted = [
        ("TeamViewer", Grade::Confirmed),
        ("AnyDesk", Grade::Inferred),
    ];
    assert_eq!(grades, wanted);
    let hints = found.points.iter().filter(|it| it.grade == Grade::Hint);
    assert_eq!(hints.count(), 1);
}

#[test]
fn a_program_with_a_tools_name_that_talks_outside_is_inferred_and_one_like_it_is_not() {
    let one = pc(1, 3, 10).talks("203.0.113.9", 443, "AnyDesk.exe");
    let other = pc(2, 3, 11).talks("203.0.113.9", 443, "AnyDeskman.exe");
    let found = found(&[one, other], Vec::new());
    let points = of(&found, PointKind::RemoteTool);
    assert_eq!((points.len(), points[0].grade), (1, Grade::Inferred));
}

#[test]
fn a_tools_name_alone_is_a_hint_and_with_an_unknown_program_that_talks_outside_inferred() {
    let one = pc(1, 3, 10)
        .resolved("relay.api.splashtop.com")
        .talks("203.0.113.9", 443, "srx.exe");
    let other = pc(2, 3, 11)
        .resolved("www.teamviewer.com")
        .talks("203.0.113.9", 443, "chrome.exe");
    let found = found(&[one.clone(), other], Vec::new());
    let points = of(&found, PointKind::RemoteTool);
    assert_eq!(
        (points.len(), points[0].at.as_str()),
        (1, one.id().as_str())
    );
    assert_eq!(points[0].grade, Grade::Inferred);
}

#[test]
fn a_few_machines_that_leave_by_another_gateway_show_a_second_route() {
    let mut machines: Vec<Machine> = (1..8)
        .map(|n| pc(n, 3, 20 + u8::try_from(n).unwrap()).surfs(n))
        .collect();
    machines.push(
        machine(9)
            .link("LAN", InterfaceKind::Ethernet, "192.168.3.99/24")
            .default_by("LAN", "192.168.3.77", 10)
            .sees("LAN", "192.168.3.77", "00:1a:2b:dd:00:01")
            .sees("LAN", "192.168.3.1", &gateway_mac(3))
            .talks("203.0.113.9", 443, "chrome"),
    );
    let found = found(&machines, Vec::new());
    let points = of(&found, PointKind::SecondRoute);
    assert_eq!(
        (points.len(), points[0].grade),
        (1, Grade::Inferred),
        "{:?}",
        drawn(&found)
    );
    assert!(points[0].at.contains("00:1a:2b:dd:00:01"));
    assert_eq!(of(&found, PointKind::Internet).len(), 1);
}

#[test]
fn who_comes_from_nowhere_known_came_by_the_one_vpn_box_of_the_segment() {
    let one = pc(1, 3, 10)
        .sees("LAN", "192.168.3.200", "00:a0:de:01:02:03")
        .hears("172.31.9.9", 3389, "svchost");
    let points_of = |machine: Machine| found(&[machine], Vec::new());
    let found_one = points_of(one.clone());
    let points = of(&found_one, PointKind::VendorVpn);
    assert_eq!((points.len(), points[0].grade), (1, Grade::Inferred));
    assert!(points[0].at.contains("00:a0:de:01:02:03"));
    // Two boxes: nobody knows which.
    let two = points_of(one.sees("LAN", "192.168.3.201", "00:09:0f:01:02:03"));
    assert!(
        of(&two, PointKind::VendorVpn).is_empty(),
        "{:?}",
        drawn(&two)
    );
}

#[test]
fn a_mobile_interface_in_use_is_a_mobile_line_and_an_idle_one_is_not() {
    let one = pc(1, 3, 10)
        .link("WWAN", InterfaceKind::Mobile, "10.64.0.9/30")
        .route("0.0.0.0/0", "WWAN", Some("10.64.0.10"), 50);
    let found = found(std::slice::from_ref(&one), Vec::new());
    assert_eq!(
        drawn(&found),
        [(PointKind::Mobile, one.id(), Grade::Confirmed)]
    );
    let idle = pc(1, 3, 10).link("WWAN", InterfaceKind::Mobile, "169.254.0.9/16");
    assert_eq!(drawn(&super::bed::found(&[idle], Vec::new())), []);
}

#[test]
fn a_second_default_route_by_another_device_is_inferred_there() {
    let one = pc(1, 3, 10)
        .link("Wi-Fi", InterfaceKind::Wireless, "192.168.8.100/24")
        .default_by("Wi-Fi", "192.168.8.1", 50)
        .sees("Wi-Fi", "192.168.8.1", "00:1a:2b:bb:00:01");
    let found = found(&[one], Vec::new());
    let points = of(&found, PointKind::SecondRoute);
    assert_eq!(points.len(), 1);
    assert_eq!(points[0].grade, Grade::Inferred);
    assert!(points[0].at.contains("00:1a:2b:bb:00:01"));
}

#[test]
fn the_ordinary_gateway_of_another_segment_is_no_second_route() {
    let bridge = pc(1, 3, 10)
        .link("LAN2", InterfaceKind::Ethernet, "192.168.4.10/24")
        .default_by("LAN2", "192.168.4.1", 50)
        .sees("LAN2", "192.168.4.1", &gateway_mac(4));
    let found = found(&[bridge, pc(2, 4, 11)], Vec::new());
    assert!(
        of(&found, PointKind::SecondRoute).is_empty(),
        "{:?}",
        drawn(&found)
    );
}

#[test]
fn a_static_route_to_a_network_elsewhere_is_an_inferred_line() {
    let one = pc(1, 3, 10)
        .route("10.99.0.0/24", "LAN", Some("192.168.3.254"), 1)
        .sees("LAN", "192.168.3.254", "00:1a:2b:cc:00:01")
        .hears("10.99.0.7", 3389, "svchost");
    let found = found(&[one], Vec::new());
    let points = of(&found, PointKind::VendorVpn);
    assert_eq!(points.len(), 1, "{:?}", drawn(&found));
    assert_eq!(points[0].grade, Grade::Inferred);
    assert!(points[0].at.contains("00:1a:2b:cc:00:01"));
}

#[test]
fn a_static_route_within_the_hospital_is_none() {
    let one = pc(1, 3, 10)
        .route("192.168.0.0/16", "LAN", Some("192.168.3.254"), 1)
        .sees("LAN", "192.168.3.254", "00:1a:2b:cc:00:01");
    let found = found(&[one, pc(2, 4, 11)], Vec::new());
    assert!(
        of(&found, PointKind::VendorVpn).is_empty(),
        "{:?}",
        drawn(&found)
    );
}

#[test]
fn internet_access_in_use_is_one_point_at_the_device() {
    let machines: Vec<Machine> = (1..5)
        .map(|n| pc(n, 5, 20 + u8::try_from(n).unwrap()).surfs(n))
        .collect();
    let found = found(&machines, Vec::new());
    let points = of(&found, PointKind::Internet);
    assert_eq!(points.len(), 1);
    assert_eq!(points[0].grade, Grade::Confirmed);
    assert!(points[0].at.contains(&gateway_mac(5)));
    let idle: Vec<Machine> = (1..5)
        .map(|n| pc(n, 5, 20 + u8::try_from(n).unwrap()))
        .collect();
    assert_eq!(drawn(&super::bed::found(&idle, Vec::new())), []);
}

#[test]
fn many_machines_that_talk_to_one_address_use_a_service_and_no_internet() {
    let machines: Vec<Machine> = (1..5)
        .map(|n| pc(n, 5, 20 + u8::try_from(n).unwrap()).talks("203.0.113.9", 443, "ehr"))
        .collect();
    assert_eq!(drawn(&found(&machines, Vec::new())), []);
}

#[test]
fn a_gateway_that_also_joins_segments_of_the_hospital_may_not_be_the_edge() {
    let mut machines: Vec<Machine> = (1..5)
        .map(|n| pc(n, 5, 20 + u8::try_from(n).unwrap()).surfs(n))
        .collect();
    machines.push(pc(9, 6, 10));
    machines.push(pc(10, 5, 40).talks("192.168.6.10", 445, "System"));
    let found = found(&machines, Vec::new());
    let points = of(&found, PointKind::Internet);
    assert_eq!((points.len(), points[0].grade), (1, Grade::Inferred));
}

#[test]
fn a_name_of_the_cloud_leads_to_the_device_by_which_it_is_reached() {
    let one = pc(1, 5, 20).resolved("weborca.cloud.orcamo.jp");
    let two = pc(2, 5, 21).resolved("weborca.cloud.orcamo.jp");
    let found = found(&[one, two], Vec::new());
    let points = of(&found, PointKind::CloudEhr);
    assert_eq!(points.len(), 1);
    assert_eq!(
        (points[0].grade, points[0].name.as_str()),
        (Grade::Inferred, "WebORCA クラウド版")
    );
}

#[test]
fn one_server_of_many_that_asks_one_address_confirms_no_internet_access() {
    let mut machines: Vec<Machine> = (1..8)
        .map(|n| pc(n, 5, 20 + u8::try_from(n).unwrap()))
        .collect();
    machines.push(pc(9, 5, 90).server().talks("203.0.113.9", 443, "w3wp.exe"));
    let found = found(&machines, Vec::new());
    let points = of(&found, PointKind::Internet);
    assert_eq!((points.len(), points[0].grade), (1, Grade::Inferred));
}

#[test]
fn the_router_of_the_server_that_asks_is_no_vendors_line() {
    let server = pc(1, 3, 10)
        .server()
        .resolved("hweb-api.oqs.onshikaku.org")
        .route("100.66.200.0/24", "LAN", Some("192.168.3.22"), 1)
        .sees("LAN", "192.168.3.22", "00:a0:de:00:00:22")
        .talks("100.66.200.9", 443, "api.exe");
    let found = found(&[server], Vec::new());
    let kinds: Vec<PointKind> = drawn(&found).into_iter().map(|it| it.0).collect();
    assert_eq!(kinds, [PointKind::OqsWebApi]);
}
