use daicho_report::Reason;

use super::*;
use crate::platform::replay::Bundle;
use crate::platform::{Miss, RawAddress};

fn link(index: u32, name: &str, hardware_type: u16, kind: Option<&str>) -> RawLink {
    RawLink {
        index,
        name: name.to_owned(),
        hardware_type,
        kind: kind.map(str::to_owned),
        admin_up: true,
        carrier: true,
        mac: Some(format!("02:00:00:00:00:{index:02x}")),
        ..RawLink::default()
    }
}

fn check(link: RawLink, mark: Option<&str>, expected: InterfaceKind) {
    let name = link.name.clone();
    let mut bundle = Bundle::new("linux").with("links", "", &vec![link]).with(
        "addresses",
        "",
        &Vec::<RawAddress>::new(),
    );
    if let Some(mark) = mark {
        bundle = bundle.with("exists", &format!("/sys/class/net/{name}/{mark}"), &true);
    }
    let found = read(&Source::from_bundle(bundle)).interfaces;
    assert_eq!(found.value().unwrap()[0].kind, expected, "{name}");
}

#[test]
fn kinds_are_told_apart() {
    check(link(1, "lo", 772, None), None, InterfaceKind::Loopback);
    check(link(2, "eth0", 1, None), None, InterfaceKind::Ethernet);
    check(
        link(3, "wlp2s0", 1, None),
        Some("phy80211"),
        InterfaceKind::Wireless,
    );
    check(
        link(4, "wg0", 65534, Some("wireguard")),
        None,
        InterfaceKind::Vpn,
    );
    check(
        link(5, "tun0", 65534, Some("tun")),
        None,
        InterfaceKind::Vpn,
    );
    check(
        link(6, "docker0", 1, Some("bridge")),
        None,
        InterfaceKind::Bridge,
    );
    check(
        link(7, "eth0.10", 1, Some("vlan")),
        None,
        InterfaceKind::Vlan,
    );
    check(
        link(8, "veth1", 1, Some("veth")),
        None,
        InterfaceKind::Virtual,
    );
    check(link(9, "ppp0", 512, None), None, InterfaceKind::Ppp);
    check(link(10, "gre1", 778, None), None, InterfaceKind::Tunnel);
    check(
        link(11, "bond0", 1, Some("bond")),
        None,
        InterfaceKind::Bond,
    );
    let mut tap = link(12, "vnet0", 1, Some("tun"));
    tap.master = Some(6);
    check(tap, None, InterfaceKind::Virtual);
}

#[test]
fn addresses_belong_to_their_interface_and_denied_is_no_empty_list() {
    let address = RawAddress {
        index: 2,
        address: "192.0.2.2".parse().unwrap(),
        prefix: 24,
        scope: "universe".to_owned(),
        dynamic: false,
        temporary: false,
    };
    let links = vec![link(1, "lo", 772, None), link(2, "eth0", 1, None)];
    let bundle =
        Bundle::new("linux")
            .with("links", "", &links)
            .with("addresses", "", &vec![address]);
    let found = read(&Source::from_bundle(bundle.clone()))
        .interfaces
        .value()
        .unwrap()
        .clone();
    assert!(found[0].addresses.is_empty() && found[0].mac.is_none());
    assert_eq!(found[1].addresses[0].prefix, 24);
    let denied = bundle.with_miss("addresses", "", Miss::Unknown(Reason::Denied));
    let found = read(&Source::from_bundle(denied)).interfaces;
    assert_eq!(found.reason(), Some(&Reason::Denied));
}

#[test]
fn stub_resolver_gives_way_to_the_servers_behind_it() {
    let bundle = Bundle::new("linux").with_text(
        "/etc/resolv.conf",
        "nameserver 127.0.0.53\nsearch a.example\n",
    );
    let stub = read(&Source::from_bundle(bundle.clone()));
    assert_eq!(
        stub.name_servers.value().unwrap(),
        &["127.0.0.53".parse::<IpAddr>().unwrap()]
    );
    let real = "# comment\nnameserver 10.0.0.53\nnameserver fe80::1%eth0\nnameserver junk\nsearch b.example c.example\n";
    let found = read(&Source::from_bundle(bundle.with_text(RESOLVED, real)));
    assert_eq!(found.name_servers.value().unwrap().len(), 2);
    assert_eq!(found.name_servers.source(), RESOLVED);
    assert_eq!(
        found.search_domains.value().unwrap(),
        &["b.example", "c.example"]
    );
}

#[test]
fn many_interfaces_are_read_and_more_than_a_report_holds_are_unknown() {
    let interfaces = |count: u32| {
        let links: Vec<RawLink> = (1..=count)
            .map(|n| link(n, &format!("veth{n}"), 1, Some("veth")))
            .collect();
        let address = |index: u32| RawAddress {
            index,
            address: IpAddr::from([10, 9, 0, 1]),
            prefix: 24,
            scope: "global".to_owned(),
            dynamic: false,
            temporary: false,
        };
        let addresses = vec![address(7), address(7), address(8)];
        let bundle =
            Bundle::new("linux")
                .with("links", "", &links)
                .with("addresses", "", &addresses);
        read(&Source::from_bundle(bundle)).interfaces
    };
    let all = interfaces(200);
    let all = all.value().unwrap();
    assert_eq!(all.len(), 200);
    let with = all.iter().filter(|it| it.addresses.len() == 1);
    assert_eq!(with.map(|it| it.index).collect::<Vec<_>>(), [7, 8]);
    let cut = Reason::failed("too many entries");
    assert_eq!(interfaces(10_001).reason(), Some(&cut));
}
