//! Sections of the network: interfaces, routes, sockets, VPNs, signs of lines.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use daicho_report::{
    Address, Interface, InterfaceKind, Interfaces, KnownNetwork, KnownNetworkKind, Listener,
    Listeners, NetworkCategory, Route, RouteKind, Routes, Traces, Vpns,
};

use super::View;
use crate::world::Nic;

/// Interfaces that are there at the moment, with their number.
pub(crate) fn present<'a>(view: &View<'a>) -> impl Iterator<Item = (u32, &'a Nic)> {
    let at = view.at;
    let nics = view.world.assets[view.asset].nics.iter().enumerate();
    nics.filter(move |(_, it)| it.during.is_none_or(|(from, to)| from <= at && at < to))
        .map(|(n, it)| (u32::try_from(n).unwrap_or(0) * 3 + 4, it))
}

/// The addresses of an interface at the moment.
fn addresses(view: &View<'_>, nic: &Nic) -> Vec<Address> {
    let mut all = nic.addresses.clone();
    if let Some((earlier, until)) = nic.earlier
        && view.at < until
        && let Some(first) = all.first_mut()
    {
        *first = earlier;
    }
    let local = matches!(nic.kind, InterfaceKind::Ethernet | InterfaceKind::Wireless);
    if local
        && nic.up
        && let Some(address) = nic.mac.as_deref().and_then(link_local)
    {
        all.push(address);
    }
    all.sort();
    all
}

/// The address that an interface gives itself (RFC 4291 appendix A).
fn link_local(mac: &str) -> Option<Address> {
    let mut bytes = [0_u8; 6];
    for (to, from) in bytes.iter_mut().zip(mac.split(':')) {
        *to = u8::from_str_radix(from, 16).ok()?;
    }
    let [a, b, c, d, e, f] = bytes.map(u16::from);
    let parts = [
        0xfe80,
        0,
        0,
        0,
        ((a ^ 2) << 8) | b,
        (c << 8) | 0xff,
        0xfe00 | d,
        (e << 8) | f,
    ];
    Some(Address {
        address: IpAddr::V6(Ipv6Addr::from(parts)),
        prefix: 64,
    })
}

fn loopback(windows: bool) -> Interface {
    let name = if windows {
        "Loopback Pseudo-Interface 1"
    } else {
        "lo"
    };
    let own = |address: IpAddr, prefix| Address { address, prefix };
    Interface {
        index: 1,
        name: name.to_owned(),
        kind: InterfaceKind::Loopback,
        driver: None,
        mac: None,
        permanent_mac: None,
        up: true,
        addresses: vec![
            own(Ipv4Addr::LOCALHOST.into(), 8),
            own(Ipv6Addr::LOCALHOST.into(), 128),
        ],
        master: None,
        lower: None,
        vlan: None,
        mtu: (!windows).then_some(65_536),
    }
}

pub(super) fn interfaces(view: &View<'_>) -> Interfaces {
    const ASKED: (&str, &str) = (
        "GetAdaptersAddresses, GetIfTable2",
        "rtnetlink, /sys/class/net",
    );
    let windows = view.windows();
    let mut all = vec![loopback(windows)];
    for (index, nic) in present(view) {
        all.push(Interface {
            index,
            name: nic.name.clone(),
            kind: nic.kind,
            driver: Some(linux_driver(nic.driver, windows)).filter(|it| !it.is_empty()),
            mac: nic.mac.clone(),
            permanent_mac: nic.mac.clone(),
            up: nic.up,
            addresses: addresses(view, nic),
            master: None,
            lower: None,
            vlan: None,
            mtu: Some(if nic.kind == InterfaceKind::Ppp {
                1_454
            } else {
                1_500
            }),
        });
    }
    let machine = view.machine;
    let main = present(view)
        .find(|(_, it)| it.default)
        .map(|(_, it)| it.net);
    let servers = machine.name_servers.clone().unwrap_or_else(|| {
        main.and_then(|net| view.world.nets.get(net))
            .map(|it| it.name_servers.clone())
            .unwrap_or_default()
    });
    Interfaces {
        interfaces: view.known(all, ASKED),
        name_servers: view.known(
            servers,
            ("GetAdaptersAddresses", "/run/systemd/resolve/resolv.conf"),
        ),
        search_domains: view.known(
            machine.domain.iter().cloned().collect(),
            (
                "registry Tcpip Parameters",
                "/run/systemd/resolve/resolv.conf",
            ),
        ),
    }
}

/// Linux names drivers by their module.
fn linux_driver(driver: &str, windows: bool) -> String {
    if windows {
        return driver.to_owned();
    }
    match driver {
        it if it.contains("vmxnet3") => "vmxnet3",
        it if it.contains("VirtIO") => "virtio_net",
        it if it.contains("Hyper-V") => "hv_netvsc",
        it if it.contains("Broadcom") || it.contains("331i") => "tg3",
        it if it.contains("X722") => "i40e",
        _ => "igb",
    }
    .to_owned()
}

/// A route, as the system numbers its tables.
fn route(
    windows: bool,
    nic: &Nic,
    (destination, gateway): (Address, Option<IpAddr>),
    (metric, origin): (u32, &str),
) -> Route {
    Route {
        destination,
        gateway,
        interface: Some(nic.name.clone()),
        kind: RouteKind::Unicast,
        metric: if windows { nic.metric } else { metric },
        table: if windows { 0 } else { 254 },
        origin: origin.to_owned(),
    }
}

/// The default route of an interface, where it has one.
fn default_route(view: &View<'_>, nic: &Nic) -> Option<Route> {
    let windows = view.windows();
    let net = &view.world.nets[nic.net];
    let hop = nic.hop.or_else(|| net.hop.as_ref().map(|it| it.0));
    if !nic.default || (hop.is_none() && nic.kind != InterfaceKind::Ppp) {
        return None;
    }
    let everything = match hop {
        Some(IpAddr::V6(_)) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
        _ => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
    };
    let set = match (windows, nic.dhcp) {
        (true, _) => (0, "netmgmt"),
        (false, true) => (100, "dhcp"),
        (false, false) => (0, "static"),
    };
    let destination = Address {
        address: everything,
        prefix: 0,
    };
    Some(route(windows, nic, (destination, hop), set))
}

pub(super) fn routes(view: &View<'_>) -> Routes {
    let windows = view.windows();
    let mut routes = Vec::new();
    for (_, nic) in present(view).filter(|(_, it)| it.up) {
        for address in addresses(view, nic) {
            let network = Address {
                address: address.network(),
                prefix: address.prefix,
            };
            let metric = if address.address.is_ipv4() { 0 } else { 256 };
            let origin = if windows { "local" } else { "kernel" };
            routes.push(route(windows, nic, (network, None), (metric, origin)));
        }
        routes.extend(default_route(view, nic));
    }
    for (destination, gateway, nic) in &view.machine.routes {
        let origin = if windows { "netmgmt" } else { "static" };
        if let Some(nic) = view.world.assets[view.asset].nics.get(*nic) {
            let to = (*destination, Some(*gateway));
            routes.push(route(windows, nic, to, (0, origin)));
        }
    }
    routes.sort();
    routes.dedup();
    Routes {
        routes: view.known(routes, ("GetIpForwardTable2", "rtnetlink")),
        forwarding: view.known(
            view.machine.forwarding,
            ("registry IPEnableRouter", "/proc/sys/net/ipv4/ip_forward"),
        ),
    }
}

pub(super) fn listeners(view: &View<'_>) -> Listeners {
    let mut all: Vec<Listener> = Vec::new();
    for waits in &view.machine.waits {
        let listener = |address: IpAddr| Listener {
            protocol: waits.protocol,
            address,
            port: waits.port,
            program: Some(waits.program.to_owned()),
        };
        if waits.local_only {
            all.push(listener(Ipv4Addr::LOCALHOST.into()));
        } else if waits.port == 139 || waits.port == 137 {
            // NetBIOS listens on each address.
            let mine = present(view).flat_map(|(_, nic)| addresses(view, nic));
            all.extend(
                mine.filter(|it| it.address.is_ipv4())
                    .map(|it| listener(it.address)),
            );
        } else {
            all.push(listener(Ipv4Addr::UNSPECIFIED.into()));
            let both =
                [135, 445, 80, 443, 3389, 5985, 22].contains(&waits.port) || waits.port > 49_000;
            if both {
                all.push(listener(Ipv6Addr::UNSPECIFIED.into()));
            }
        }
    }
    all.sort();
    all.dedup();
    Listeners {
        listeners: view.known(
            all,
            (
                "GetExtendedTcpTable, GetExtendedUdpTable",
                "/proc/net/{tcp,tcp6,udp,udp6}",
            ),
        ),
        owners: view.known((), ("GetExtendedTcpTable", "/proc/*/fd")),
    }
}

pub(super) fn vpns(view: &View<'_>) -> Vpns {
    let mut vpns = view.machine.vpns.clone();
    vpns.sort();
    Vpns {
        vpns: view.known(vpns, ("adapters, services", "rtnetlink, units, packages")),
    }
}

pub(super) fn traces(view: &View<'_>) -> Traces {
    fn sorted<T: Ord + Clone>(list: &[T]) -> Vec<T> {
        let mut list = list.to_vec();
        list.sort();
        list.dedup();
        list
    }
    let machine = view.machine;
    const CACHE: (&str, &str) = ("DnsGetCacheDataTable", "");
    Traces {
        hosts: view.known(
            sorted(&machine.hosts),
            ("drivers\\etc\\hosts", "/etc/hosts"),
        ),
        resolved: if view.windows() {
            daicho_report::Reading::known(sorted(&machine.resolved), CACHE.0)
        } else {
            super::unsupported("resolver cache")
        },
        resolver_rules: view.known(
            sorted(&machine.rules),
            ("registry DnsPolicyConfig", "/etc/systemd/resolved.conf.d"),
        ),
        proxy_bypass: view.known(
            sorted(&machine.bypass),
            ("registry Internet Settings", "/etc/environment"),
        ),
        folders: view.known(sorted(&machine.folders), ("Program Files", "listed paths")),
        tasks: view.known(sorted(&machine.tasks), ("Tasks", "cron, timers")),
        credentials: if view.windows() {
            daicho_report::Reading::known(sorted(&machine.credentials), "CredEnumerateW")
        } else {
            super::unsupported("credentials")
        },
        networks: if view.windows() {
            daicho_report::Reading::known(known_networks(view), "registry NetworkList\\Profiles")
        } else {
            super::unsupported("NetworkList")
        },
    }
}

/// Where the machine was: the hospital's own network, or the domain that is in it.
fn known_networks(view: &View<'_>) -> Vec<KnownNetwork> {
    let machine = view.machine;
    let (name, category) = match &machine.domain {
        Some(domain) => (domain.clone(), NetworkCategory::Domain),
        None => ("ネットワーク".to_owned(), NetworkCategory::Private),
    };
    vec![KnownNetwork {
        name,
        kind: KnownNetworkKind::Wired,
        category,
        gateways: Vec::new(),
        last_used_on: None,
    }]
}
