//! Routes of all tables. Those to the machine itself, to broadcast and to multicast are left out.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use daicho_report::{Address, Reading, Reason, Route, RouteKind, Routes};

use crate::platform::{Miss, RawRoute, Source, System};

const SOURCE: &str = "rtnetlink";
/// The table of the machine's own addresses.
const LOCAL: u32 = 255;
/// A report holds no more.
const ROUTES_MAX: usize = 20_000;
const OF_WINDOWS: &str = "GetIpForwardTable2";
/// Whether Windows forwards; nothing there: it does not.
const ROUTER: (&str, &str) = (
    r"HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters",
    "IPEnableRouter",
);
const FORWARD_4: &str = "/proc/sys/net/ipv4/ip_forward";
const FORWARD_6: &str = "/proc/sys/net/ipv6/conf/all/forwarding";

/// Reads the section.
#[must_use]
pub fn read(source: &Source) -> Routes {
    Routes {
        routes: routes(source),
        forwarding: forwarding(source),
    }
}

fn routes(source: &Source) -> Reading<Vec<Route>> {
    let place = if source.system() == System::Windows {
        OF_WINDOWS
    } else {
        SOURCE
    };
    let (raw, links) = match source
        .routes()
        .and_then(|routes| Ok((routes, source.links()?)))
    {
        Ok(found) => found,
        Err(miss) => return Reading::unknown(miss.reason(), place),
    };
    let names: BTreeMap<u32, &String> = links.iter().map(|it| (it.index, &it.name)).collect();
    let name = |index: Option<u32>| names.get(&index?).map(|name| (*name).clone());
    let routes = raw.into_iter().filter_map(|raw| {
        let interface = name(raw.index);
        route(raw, interface)
    });
    let routes: BTreeSet<Route> = routes.collect();
    if routes.len() > ROUTES_MAX {
        return Reading::unknown(Reason::failed("too many entries"), place);
    }
    Reading::known(routes.into_iter().collect(), place)
}

fn route(raw: RawRoute, interface: Option<String>) -> Option<Route> {
    let multicast = match raw.destination {
        IpAddr::V4(it) => it.is_multicast(),
        IpAddr::V6(it) => it.is_multicast(),
    };
    if raw.table == LOCAL || multicast {
        return None;
    }
    let kind = match raw.kind.as_str() {
        "unicast" => RouteKind::Unicast,
        "blackhole" | "unreachable" | "prohibit" => RouteKind::Blocked,
        "local" | "broadcast" | "anycast" | "multicast" => return None,
        _ => RouteKind::Other,
    };
    Some(Route {
        destination: Address {
            address: raw.destination,
            prefix: raw.prefix,
        },
        gateway: raw.gateway,
        interface,
        kind,
        metric: raw.metric.unwrap_or(0),
        table: raw.table,
        origin: raw.protocol,
    })
}

fn forwarding(source: &Source) -> Reading<bool> {
    if source.system() == System::Windows {
        let (key, name) = ROUTER;
        let on = match source.registry(key, name) {
            Ok(value) => value
                .number()
                .map(|it| it != 0)
                .ok_or(Reason::failed("parse")),
            Err(Miss::Absent) => Ok(false),
            Err(miss) => Err(miss.reason()),
        };
        return Reading::from_result(on, format!("{key}\\{name}"));
    }
    let place = format!("{FORWARD_4}, {FORWARD_6}");
    let on = |path: &str| source.text(path).map(|text| text.trim() != "0");
    match (on(FORWARD_4), on(FORWARD_6)) {
        (Ok(true), _) | (_, Ok(true)) => Reading::known(true, place),
        // A kernel without IPv6 has no such file: it forwards none.
        (Ok(false), Ok(false) | Err(Miss::Absent)) => Reading::known(false, place),
        (Err(miss), _) | (_, Err(miss)) => {
            let reason: Reason = miss.reason();
            Reading::unknown(reason, place)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::RawLink;
    use crate::platform::replay::Bundle;

    fn raw(table: u32, kind: &str, destination: &str, gateway: Option<&str>) -> RawRoute {
        RawRoute {
            table,
            kind: kind.to_owned(),
            protocol: "static".to_owned(),
            destination: destination.parse().unwrap(),
            prefix: 0,
            gateway: gateway.map(|it| it.parse().unwrap()),
            index: Some(2),
            metric: None,
            source: None,
        }
    }

    #[test]
    fn own_broadcast_and_multicast_routes_are_left_out() {
        let link = RawLink {
            index: 2,
            name: "eth0".to_owned(),
            ..RawLink::default()
        };
        let routes = vec![
            raw(254, "unicast", "0.0.0.0", Some("10.0.0.1")),
            raw(100, "blackhole", "10.9.0.0", None),
            raw(255, "local", "10.0.0.2", None),
            raw(254, "multicast", "ff00::", None),
        ];
        let bundle =
            Bundle::new("linux")
                .with("routes", "", &routes)
                .with("links", "", &vec![link]);
        let found = read(&Source::from_bundle(bundle))
            .routes
            .value()
            .unwrap()
            .clone();
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].interface.as_deref(), Some("eth0"));
        assert_eq!(found[1].kind, RouteKind::Blocked);
    }

    #[test]
    fn more_routes_than_a_report_holds_are_unknown() {
        let routes = |count: u32| {
            let all: Vec<RawRoute> = (0..count)
                .map(|n| {
                    raw(
                        254,
                        "unicast",
                        &IpAddr::from(n.to_be_bytes()).to_string(),
                        None,
                    )
                })
                .collect();
            let bundle = Bundle::new("linux").with("routes", "", &all).with(
                "links",
                "",
                &Vec::<RawLink>::new(),
            );
            read(&Source::from_bundle(bundle)).routes
        };
        assert_eq!(routes(10_000).value().map(Vec::len), Some(10_000));
        let cut = Reason::failed("too many entries");
        assert_eq!(routes(20_001).reason(), Some(&cut));
    }

    #[test]
    fn forwarding_is_known_only_when_both_families_were_asked() {
        let bundle = Bundle::new("linux").with_text(FORWARD_4, "0\n");
        let asked = |bundle: Bundle| read(&Source::from_bundle(bundle)).forwarding;
        assert_eq!(asked(bundle.clone()).reason(), Some(&Reason::NotAsked));
        assert_eq!(
            asked(bundle.clone().with_miss("file", FORWARD_6, Miss::Absent)).value(),
            Some(&false)
        );
        assert_eq!(
            asked(bundle.with_text(FORWARD_6, "1\n")).value(),
            Some(&true)
        );
    }
}
