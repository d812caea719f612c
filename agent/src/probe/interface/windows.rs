//! Adapters of Windows. Comes in: what `GetAdaptersAddresses` gives, and the resolver's settings in
//! the registry; goes out: the body of section `interface`; an adapter is called VPN only where its
//! driver's own name is that of a VPN client.

use std::collections::BTreeMap;
use std::net::IpAddr;

use daicho_report::{Address, Interface, InterfaceKind, Interfaces, Reading, Reason};

use super::INTERFACES_MAX;
use crate::platform::{Miss, RawAdapter, Source};
use crate::probe::field;
use crate::probe::registry::{keys, number, text};
use crate::probe::tool::is_vpn_component;

#[cfg(test)]
mod tests;

const SOURCE: &str = "GetAdaptersAddresses";
const RESOLVER: &str = r"HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters";
/// Adapters with their drivers.
pub(in crate::probe) const CLASS: &str =
    r"HKLM\SYSTEM\CurrentControlSet\Control\Class\{4D36E972-E325-11CE-BFC1-08002BE10318}";
const NAMES_MAX: usize = 64;
/// Works (`IF_OPER_STATUS`).
const UP: u32 = 1;

/// Kinds by IANA's number (ipifcons.h).
const KINDS: &[(u32, InterfaceKind)] = &[
    (6, InterfaceKind::Ethernet),
    (23, InterfaceKind::Ppp),
    (24, InterfaceKind::Loopback),
    (53, InterfaceKind::Virtual),
    (71, InterfaceKind::Wireless),
    (131, InterfaceKind::Tunnel),
    (135, InterfaceKind::Vlan),
    (161, InterfaceKind::Bond),
    (209, InterfaceKind::Bridge),
    (243, InterfaceKind::Mobile),
    (244, InterfaceKind::Mobile),
];

/// Parts of the names that drivers of VPN clients give their adapters. Not confirmed on machines with
/// the products.
const VPN: &[&str] = &[
    "fortinet virtual ethernet",
    "fortinet ssl vpn",
    "cisco anyconnect",
    "cisco secure client",
    "pangp virtual",
    "tap-windows",
    "openvpn data channel",
    "wireguard tunnel",
    "wintun",
    "vpn client adapter - ",
    "juniper networks virtual adapter",
    "pulse secure",
    "check point virtual network adapter",
    "sonicwall",
    "zscaler network adapter",
];
/// The same of virtual machines and switches.
const VIRTUAL: &[&str] = &[
    "hyper-v virtual ethernet",
    "vmware virtual ethernet",
    "virtualbox host-only",
];

pub(super) fn read(source: &Source) -> Interfaces {
    let (interfaces, name_servers) = match source.adapters() {
        Ok(adapters) if adapters.len() <= INTERFACES_MAX => {
            let servers = name_servers(&adapters);
            let drivers = drivers(source);
            let adapters = adapters.into_iter();
            let mut interfaces: Vec<Interface> = adapters
                .map(|it| {
                    let driver = drivers.get(&it.id.to_lowercase());
                    interface(it, driver)
                })
                .collect();
            interfaces.sort();
            (
                Reading::known(interfaces, SOURCE),
                Reading::known(servers, SOURCE),
            )
        }
        Ok(_) => unknown(&Reason::failed("too many entries")),
        Err(miss) => unknown(&miss.reason()),
    };
    Interfaces {
        interfaces,
        name_servers,
        search_domains: search_domains(source),
    }
}

fn unknown<T, U>(reason: &Reason) -> (Reading<T>, Reading<U>) {
    (
        Reading::unknown(reason.clone(), SOURCE),
        Reading::unknown(reason.clone(), SOURCE),
    )
}

/// What the system keeps of an adapter's driver.
#[derive(Default)]
struct Driver {
    /// `ComponentId`, in lower case.
    component: String,
    /// `VlanID`, where the driver puts the adapter into a VLAN by itself.
    vlan: Option<u16>,
}

/// Drivers of adapters by the system's own names of these, in lower case. Where they cannot be read,
/// what the driver calls the adapter has to do.
fn drivers(source: &Source) -> BTreeMap<String, Driver> {
    let mut found = BTreeMap::new();
    for entry in keys(source, CLASS)
        .unwrap_or_default()
        .iter()
        .take(INTERFACES_MAX)
    {
        let key = format!(r"{CLASS}\{entry}");
        let id = text(source, &[&key], "NetCfgInstanceId").ok().flatten();
        let component = text(source, &[&key], "ComponentId").ok().flatten();
        if let (Some(id), Some(component)) = (id, component) {
            let vlan = number(source, &[&key], "VlanID").ok().flatten();
            let driver = Driver {
                component: component.to_lowercase(),
                // 0: none; 4095 is no VLAN (IEEE 802.1Q).
                vlan: vlan
                    .and_then(|it| u16::try_from(it).ok())
                    .filter(|it| (1..4095).contains(it)),
            };
            found.insert(id.to_lowercase(), driver);
        }
    }
    found
}

fn interface(adapter: RawAdapter, driver: Option<&Driver>) -> Interface {
    let component = driver.map(|it| it.component.as_str());
    let kind = kind(&adapter, component);
    let loopback = kind == InterfaceKind::Loopback;
    let addresses = adapter.addresses.iter();
    let addresses = addresses.map(|(address, prefix)| Address {
        address: *address,
        prefix: *prefix,
    });
    let mut addresses: Vec<Address> = addresses.collect();
    addresses.sort();
    Interface {
        index: adapter.index,
        kind,
        driver: component
            .and_then(field::line)
            .or_else(|| field::line(&adapter.description)),
        mac: adapter.mac.filter(|_| !loopback),
        permanent_mac: None,
        up: adapter.state == UP,
        addresses,
        master: None,
        lower: None,
        vlan: driver.and_then(|it| it.vlan),
        mtu: adapter.mtu,
        name: field::line(&adapter.name).unwrap_or(adapter.id),
    }
}

fn kind(adapter: &RawAdapter, component: Option<&str>) -> InterfaceKind {
    if component.is_some_and(is_vpn_component) {
        return InterfaceKind::Vpn;
    }
    let description = adapter.description.to_lowercase();
    let is_one_of = |marks: &[&str]| marks.iter().any(|mark| description.contains(mark));
    if is_one_of(VPN) {
        return InterfaceKind::Vpn;
    }
    if is_one_of(VIRTUAL) {
        return InterfaceKind::Virtual;
    }
    let found = KINDS.iter().find(|(number, _)| *number == adapter.kind);
    found.map_or(InterfaceKind::Other, |(_, kind)| *kind)
}

/// Of adapters that work, those with a gateway first, in the order of use.
fn name_servers(adapters: &[RawAdapter]) -> Vec<IpAddr> {
    let mut works: Vec<&RawAdapter> = adapters.iter().filter(|it| it.state == UP).collect();
    works.sort_by_key(|it| it.gateways.is_empty());
    let mut found = Vec::new();
    for server in works.iter().flat_map(|it| &it.name_servers) {
        if !is_stand_in(server) && !found.contains(server) {
            found.push(*server);
        }
    }
    found.truncate(NAMES_MAX);
    found
}

/// `fec0:0:0:ffff::1` and its two neighbours: what Windows names where nobody named one.
fn is_stand_in(server: &IpAddr) -> bool {
    matches!(server, IpAddr::V6(it) if it.segments().starts_with(&[0xfec0, 0, 0, 0xffff]))
}

/// The list that is set for the whole machine; without it the machine's own domain.
fn search_domains(source: &Source) -> Reading<Vec<String>> {
    for name in ["SearchList", "Domain", "DhcpDomain"] {
        let place = format!("{RESOLVER}\\{name}");
        match source.registry(RESOLVER, name) {
            Ok(value) => {
                let text = value.text().unwrap_or_default();
                let domains = text.split([',', ' ']).filter_map(field::host);
                let domains: Vec<String> = domains.take(NAMES_MAX).collect();
                if !domains.is_empty() {
                    return Reading::known(domains, place);
                }
            }
            Err(Miss::Absent) => {}
            Err(miss) => return Reading::unknown(miss.reason(), place),
        }
    }
    Reading::known(Vec::new(), RESOLVER)
}
