//! Traits and patterns from what a machine says of itself. Comes in: one asset; goes out: hits. It
//! reads no flow.

use std::net::IpAddr;

use daicho_report::{Chassis, InterfaceKind, Listener, OsFamily, Vpn, VpnGrade};

use super::super::index::{Place, interfaces};
use super::super::knowledge::{Hit, TraitKind};
use super::super::pattern::{is_routable, plain_domain};
use super::{Seen, Shown, Sieve};

/// Adds what a text shows.
fn text<'a>(
    shown: &mut Shown<'_>,
    sieve: &mut Sieve<'a>,
    (trait_kind, kind): (TraitKind, &'static str),
    value: &'a str,
    address: Option<IpAddr>,
    seen: Seen,
) {
    for of in sieve.texts(trait_kind, value) {
        shown.hits.push(Hit {
            of: *of,
            kind,
            value: value.trim().to_owned(),
            address,
            seen,
        });
    }
}

/// Adds what a name in the form of settings shows (`*.example.jp`).
fn domain(
    shown: &mut Shown<'_>,
    sieve: &Sieve<'_>,
    (trait_kind, kind): (TraitKind, &'static str),
    value: &str,
    address: Option<IpAddr>,
    seen: Seen,
) {
    for of in sieve.knowledge.hits(trait_kind, &plain_domain(value)) {
        shown.hits.push(Hit {
            of,
            kind,
            value: value.to_owned(),
            address,
            seen,
        });
    }
}

/// Traits from sections.
pub(super) fn facts<'a>(place: &Place<'a>, sieve: &mut Sieve<'a>, shown: &mut Shown<'_>) {
    interface(place, sieve, shown);
    traces(place, sieve, shown);
    names(place, sieve, shown);
    programs(place, sieve, shown);
    listeners(place, sieve, shown);
}

fn interface<'a>(place: &Place<'a>, sieve: &mut Sieve<'a>, shown: &mut Shown<'_>) {
    let seen = place.seen("interface");
    let servers = place.asset.interfaces.name_servers.value();
    for address in servers.into_iter().flatten() {
        for of in sieve
            .knowledge
            .address_hits(TraitKind::NameServer, *address)
        {
            shown.hits.push(Hit {
                of,
                kind: "name_server",
                value: address.to_string(),
                address: Some(*address),
                seen,
            });
        }
    }
    for it in interfaces(place.asset) {
        let kind = (TraitKind::InterfaceName, "interface_name");
        text(shown, sieve, kind, &it.name, None, seen);
        if let Some(driver) = &it.driver {
            text(
                shown,
                sieve,
                (TraitKind::Driver, "driver"),
                driver,
                None,
                seen,
            );
        }
    }
    let searched = place.asset.interfaces.search_domains.value();
    for it in searched.into_iter().flatten() {
        text(shown, sieve, (TraitKind::Domain, "domain"), it, None, seen);
    }
}

fn traces<'a>(place: &Place<'a>, sieve: &mut Sieve<'a>, shown: &mut Shown<'_>) {
    let seen = place.seen("trace");
    let traces = &place.asset.traces;
    for it in traces.hosts.value().into_iter().flatten() {
        let address = Some(it.address).filter(|it| is_routable(*it));
        domain(
            shown,
            sieve,
            (TraitKind::Name, "hosts"),
            &it.name,
            address,
            seen,
        );
    }
    for it in traces.resolved.value().into_iter().flatten() {
        text(shown, sieve, (TraitKind::Name, "resolved"), it, None, seen);
    }
    for it in traces.resolver_rules.value().into_iter().flatten() {
        let kind = (TraitKind::Name, "resolver_rule");
        let address = it.name_servers.first().copied();
        domain(shown, sieve, kind, &it.domain, address, seen);
    }
    for it in traces.proxy_bypass.value().into_iter().flatten() {
        domain(
            shown,
            sieve,
            (TraitKind::Name, "proxy_bypass"),
            it,
            None,
            seen,
        );
    }
    for it in traces.folders.value().into_iter().flatten() {
        text(
            shown,
            sieve,
            (TraitKind::Folder, "folder"),
            &it.name,
            None,
            seen,
        );
    }
    for it in traces.tasks.value().into_iter().flatten() {
        text(shown, sieve, (TraitKind::Task, "task"), it, None, seen);
    }
    for it in traces.credentials.value().into_iter().flatten() {
        let kind = (TraitKind::Credential, "credential");
        text(shown, sieve, kind, it, None, seen);
    }
}

fn names<'a>(place: &Place<'a>, sieve: &mut Sieve<'a>, shown: &mut Shown<'_>) {
    let asset = place.asset;
    for it in asset.trust.proxies.value().into_iter().flatten() {
        let host = it.rsplit_once(':').map_or(it.as_str(), |(host, _)| host);
        let seen = place.seen("trust");
        domain(shown, sieve, (TraitKind::Proxy, "proxy"), host, None, seen);
    }
    let sets = asset.policies.time_sources.value().into_iter().flatten();
    for it in sets.flat_map(|it| &it.servers) {
        let kind = (TraitKind::TimeServer, "time_server");
        domain(shown, sieve, kind, it, None, place.seen("policy"));
    }
    let seen = place.seen("hardware");
    let host = asset.hardware.host_name.value();
    if let Some(it) = host {
        text(
            shown,
            sieve,
            (TraitKind::HostName, "host_name"),
            it,
            None,
            seen,
        );
    }
    if let Some(Some(it)) = asset.hardware.domain.value() {
        text(shown, sieve, (TraitKind::Domain, "domain"), it, None, seen);
    }
    let machine = [&asset.hardware.manufacturer, &asset.hardware.model];
    for it in machine.into_iter().filter_map(|it| it.value()) {
        text(shown, sieve, (TraitKind::Model, "model"), it, None, seen);
    }
    let added = asset.trust.added_roots.value().into_iter().flatten();
    let own = asset.trust.certificates.value().into_iter().flatten();
    for it in added.chain(own) {
        let kind = (TraitKind::Certificate, "certificate");
        text(shown, sieve, kind, &it.subject, None, place.seen("trust"));
    }
}

fn programs<'a>(place: &Place<'a>, sieve: &mut Sieve<'a>, shown: &mut Shown<'_>) {
    let asset = place.asset;
    let seen = place.seen("software");
    for it in asset.software.items.value().into_iter().flatten() {
        text(
            shown,
            sieve,
            (TraitKind::Software, "software"),
            &it.name,
            None,
            seen,
        );
        if let Some(it) = &it.publisher {
            text(
                shown,
                sieve,
                (TraitKind::Publisher, "publisher"),
                it,
                None,
                seen,
            );
        }
    }
    let seen = place.seen("service");
    for it in asset.services.services.value().into_iter().flatten() {
        text(
            shown,
            sieve,
            (TraitKind::Service, "service"),
            &it.name,
            None,
            seen,
        );
    }
    let seen = place.seen("account");
    for it in asset.accounts.accounts.value().into_iter().flatten() {
        text(
            shown,
            sieve,
            (TraitKind::Account, "account"),
            &it.name,
            None,
            seen,
        );
    }
    let seen = place.seen("storage");
    for it in asset.storage.shares.value().into_iter().flatten() {
        text(
            shown,
            sieve,
            (TraitKind::Share, "share"),
            &it.name,
            None,
            seen,
        );
    }
    for it in asset.storage.remote_mounts.value().into_iter().flatten() {
        let kind = (TraitKind::RemoteMount, "remote_mount");
        let address = it.server.parse().ok().filter(|it| is_routable(*it));
        text(shown, sieve, kind, &it.server, address, seen);
    }
}

/// Whether a socket waits for others, not for programs of the same machine.
pub(in crate::recognise) fn waits_for_others(listener: &Listener) -> bool {
    !listener.address.is_loopback()
}

fn listeners<'a>(place: &Place<'a>, sieve: &mut Sieve<'a>, shown: &mut Shown<'_>) {
    let seen = place.seen("listener");
    let all = place
        .asset
        .listeners
        .listeners
        .value()
        .into_iter()
        .flatten();
    for it in all.filter(|it| waits_for_others(it)) {
        let Some(protocol) = super::talk::protocol(it.protocol) else {
            continue;
        };
        for of in sieve.port(TraitKind::Port, it.port, protocol) {
            shown.hits.push(Hit {
                of: *of,
                kind: "port",
                value: format!("{}/{protocol}", it.port),
                address: None,
                seen,
            });
        }
        if let Some(program) = &it.program {
            text(
                shown,
                sieve,
                (TraitKind::Program, "program"),
                program,
                None,
                seen,
            );
        }
    }
}

/// Patterns of several facts.
pub(super) fn patterns(place: &Place<'_>, shown: &mut Shown<'_>) {
    let seen = place.seen("interface");
    let mut add = |name: &'static str, value: String, seen: Seen| {
        shown.patterns.entry(name).or_insert((value, seen));
    };
    let asset = place.asset;
    let says = [
        asset.os.edition.value().and_then(Option::as_ref),
        asset.os.name.value(),
    ];
    let by_name = says.into_iter().flatten().any(|it| it.contains("Server"));
    let chassis = asset.hardware.chassis.value();
    // A Linux machine that is neither on a desk nor carried about.
    let is_linux = asset.os.family.value() == Some(&OsFamily::Linux);
    let stands = is_linux && chassis == Some(&Chassis::Other);
    if by_name || stands || chassis == Some(&Chassis::Server) {
        add("server", String::new(), place.seen("os"));
    }
    for it in interfaces(asset) {
        match it.kind {
            InterfaceKind::Mobile => add("mobile_interface", it.name.clone(), seen),
            InterfaceKind::Ppp => add("ppp_interface", it.name.clone(), seen),
            _ if is_usb_network(it.driver.as_deref()) => {
                add("usb_network", it.name.clone(), seen);
            }
            _ => {}
        }
    }
    for it in vpns(place) {
        let name = it.interface.clone().or_else(|| it.product.clone());
        add("vpn_interface", name.unwrap_or_default(), place.seen("vpn"));
    }
    if asset.routes.forwarding.value() == Some(&true) {
        add("forwarding", String::new(), place.seen("route"));
    }
    let guests = asset.guests.guests.value();
    if guests.is_some_and(|it| !it.is_empty()) {
        add("runs_guests", String::new(), place.seen("guest"));
    }
    if place.segments.len() > 1 {
        add("two_segments", String::new(), seen);
    }
    if let Some(value) = split_home(place) {
        add("v6_only_beside_v4_only", value, seen);
    }
    let mut hops: Vec<_> = place.defaults().map(|it| it.interface.index).collect();
    hops.sort_unstable();
    hops.dedup();
    if hops.len() > 1 {
        add("second_default_route", String::new(), place.seen("route"));
    }
}

/// VPNs that have an interface now.
pub(in crate::recognise) fn vpns<'a>(place: &Place<'a>) -> impl Iterator<Item = &'a Vpn> {
    let all = place.asset.vpns.vpns.value().into_iter().flatten();
    all.filter(|it| matches!(it.grade, VpnGrade::Certain | VpnGrade::Probable))
}

/// Drivers that make a network of a USB cable: a mobile stick or telephone.
pub(in crate::recognise) fn is_usb_network(driver: Option<&str>) -> bool {
    const DRIVERS: &[&str] = &[
        "rndis_host",
        "cdc_ether",
        "cdc_ncm",
        "cdc_mbim",
        "qmi_wwan",
        "huawei_cdc_ncm",
        "ipheth",
        "remote ndis",
        "usbrndis",
    ];
    let driver = driver.map(str::to_lowercase);
    driver.is_some_and(|it| DRIVERS.iter().any(|known| it.contains(known)))
}

/// One interface with IPv6 addresses alone beside one with IPv4 addresses alone.
fn split_home(place: &Place<'_>) -> Option<String> {
    let of = |wanted: bool| {
        interfaces(place.asset).find(|it| {
            let mut routable = it.addresses.iter().filter(|it| is_routable(it.address));
            let kinds = matches!(it.kind, InterfaceKind::Ethernet | InterfaceKind::Wireless);
            let v4 = it.addresses.iter().any(|it| it.address.is_ipv4());
            kinds && routable.next().is_some() && v4 == wanted
        })
    };
    let (v4, v6) = (of(true)?, of(false)?);
    Some(format!("{}: IPv6, {}: IPv4", v6.name, v4.name))
}
