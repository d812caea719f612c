use super::*;
use crate::platform::replay::Bundle;
use crate::platform::{Miss, RawValue};

fn adapter(index: u32, name: &str, description: &str, kind: u32) -> RawAdapter {
    RawAdapter {
        index,
        id: format!("{{{index}}}"),
        name: name.to_owned(),
        description: description.to_owned(),
        kind,
        state: UP,
        mac: Some("02:fc:00:00:00:05".to_owned()),
        ..RawAdapter::default()
    }
}

fn bundle(adapters: &[RawAdapter]) -> Bundle {
    let absent = |bundle: Bundle, name: &str| {
        bundle.with_miss("registry", &format!("{RESOLVER}\\{name}"), Miss::Absent)
    };
    let bundle = Bundle::new("windows").with("adapters", "", &adapters);
    absent(absent(absent(bundle, "SearchList"), "Domain"), "DhcpDomain")
}

#[test]
fn kinds_follow_the_number_and_the_drivers_name() {
    let adapters = [
        adapter(2, "イーサネット", "Intel(R) Ethernet Connection I219-LM", 6),
        adapter(3, "Wi-Fi", "Intel(R) Wi-Fi 6 AX201", 71),
        // A captured FortiClient tunnel is an Ethernet adapter by its number.
        adapter(
            4,
            "イーサネット 2",
            "Fortinet Virtual Ethernet Adapter (NDIS 6.30)",
            6,
        ),
        adapter(5, "vEthernet", "Hyper-V Virtual Ethernet Adapter", 6),
        adapter(
            1,
            "Loopback Pseudo-Interface 1",
            "Software Loopback Interface 1",
            24,
        ),
        adapter(9, "x", "Anything", 4_711),
    ];
    let read = super::super::read(&Source::from_bundle(bundle(&adapters)));
    let interfaces = read.interfaces.value().unwrap();
    let kind = |index: u32| {
        let found = interfaces.iter().find(|it| it.index == index);
        found.unwrap().kind
    };
    assert_eq!(kind(2), InterfaceKind::Ethernet);
    assert_eq!(kind(3), InterfaceKind::Wireless);
    assert_eq!(kind(4), InterfaceKind::Vpn);
    assert_eq!(kind(5), InterfaceKind::Virtual);
    assert_eq!(kind(1), InterfaceKind::Loopback);
    assert_eq!(kind(9), InterfaceKind::Other);
    assert_eq!(interfaces[0].mac, None, "loopback has none");
}

#[test]
fn servers_of_the_adapter_with_a_gateway_come_first_and_stand_ins_never() {
    let ip = |text: &str| text.parse::<IpAddr>().unwrap();
    let mut inside = adapter(2, "a", "a", 6);
    inside.name_servers = vec![ip("10.9.9.9"), ip("fec0:0:0:ffff::1")];
    let mut outside = adapter(3, "b", "b", 6);
    outside.gateways = vec![ip("10.0.0.1")];
    outside.name_servers = vec![ip("10.0.0.53"), ip("10.9.9.9")];
    let mut down = adapter(4, "c", "c", 6);
    down.state = 2;
    down.name_servers = vec![ip("192.0.2.1")];
    let read = read(&Source::from_bundle(bundle(&[inside, outside, down])));
    let servers = read.name_servers.value().unwrap();
    assert_eq!(servers, &[ip("10.0.0.53"), ip("10.9.9.9")]);
}

#[test]
fn domains_are_those_of_the_list_and_nothing_that_is_no_name() {
    let list = RawValue::Text("hosp.example,patients/taro lan".to_owned());
    let place = format!("{RESOLVER}\\SearchList");
    let read = read(&Source::from_bundle(
        bundle(&[]).with("registry", &place, &list),
    ));
    let domains = read.search_domains.value().unwrap();
    assert_eq!(domains, &["hosp.example", "(other)", "lan"]);
    let denied = Miss::Unknown(Reason::Denied);
    let bundle = bundle(&[]).with_miss("registry", &place, denied);
    let read = super::read(&Source::from_bundle(bundle));
    assert_eq!(read.search_domains.reason(), Some(&Reason::Denied));
}
