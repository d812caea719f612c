//! Interfaces: rtnetlink says what there is, sysfs which kind it is, `resolv.conf` who is asked for
//! names.

pub(super) mod windows;

use std::collections::BTreeMap;
use std::net::IpAddr;

use daicho_report::{Address, Interface, InterfaceKind, Interfaces, Reading, Reason};

use super::field;
use crate::platform::{RawLink, Source, System};

#[cfg(test)]
mod tests;

const SOURCE: &str = "rtnetlink, /sys/class/net";
const RESOLV: &str = "/etc/resolv.conf";
/// What systemd-resolved asks, when `resolv.conf` names only its own stub.
const RESOLVED: &str = "/run/systemd/resolve/resolv.conf";
const LINES_MAX: usize = 200;
/// A report holds no more.
const INTERFACES_MAX: usize = 10_000;

/// ARPHRD types (linux/if_arp.h).
const LOOPBACK: u16 = 772;
const ETHERNET: u16 = 1;
const PPP: u16 = 512;
const RAW_IP: u16 = 519;
/// Tunnels of their own type: IPIP, IPv6 in IPv6, SIT, GRE, GRE over IPv6.
const TUNNELS: &[u16] = &[768, 769, 776, 778, 823];

/// Reads the section.
#[must_use]
pub fn read(source: &Source) -> Interfaces {
    if source.system() == System::Windows {
        return windows::read(source);
    }
    let (name_servers, search_domains) = resolver(source);
    Interfaces {
        interfaces: interfaces(source),
        name_servers,
        search_domains,
    }
}

fn interfaces(source: &Source) -> Reading<Vec<Interface>> {
    let found = source
        .links()
        .and_then(|links| Ok((links, source.addresses()?)));
    let (links, addresses) = match found {
        Ok(found) => found,
        Err(miss) => return Reading::unknown(miss.reason(), SOURCE),
    };
    if links.len().max(addresses.len()) > INTERFACES_MAX {
        return Reading::unknown(Reason::failed("too many entries"), SOURCE);
    }
    let mut owned: BTreeMap<u32, Vec<Address>> = BTreeMap::new();
    for it in addresses {
        owned.entry(it.index).or_default().push(Address {
            address: it.address,
            prefix: it.prefix,
        });
    }
    let interfaces = links.into_iter().map(|link| {
        let mut own = owned.remove(&link.index).unwrap_or_default();
        own.sort();
        own.dedup();
        interface(source, link, own)
    });
    let mut interfaces: Vec<Interface> = interfaces.collect();
    interfaces.sort();
    Reading::known(interfaces, SOURCE)
}

fn interface(source: &Source, link: RawLink, addresses: Vec<Address>) -> Interface {
    let driver = source.link(&format!("/sys/class/net/{}/device/driver", link.name));
    let driver = driver
        .ok()
        .and_then(|it| it.rsplit('/').next().map(str::to_owned));
    let kind = kind(source, &link, driver.as_deref());
    let loopback = kind == InterfaceKind::Loopback;
    Interface {
        index: link.index,
        kind,
        driver: link.kind.or(driver),
        mac: link.mac.filter(|_| !loopback),
        permanent_mac: link.permanent_mac,
        up: link.admin_up && link.carrier,
        addresses,
        master: link.master,
        lower: link.lower,
        vlan: link.vlan,
        mtu: link.mtu,
        name: link.name,
    }
}

fn kind(source: &Source, link: &RawLink, driver: Option<&str>) -> InterfaceKind {
    if link.hardware_type == LOOPBACK {
        return InterfaceKind::Loopback;
    }
    match link.kind.as_deref() {
        Some("bridge" | "openvswitch") => return InterfaceKind::Bridge,
        Some("bond" | "team") => return InterfaceKind::Bond,
        Some("vlan") => return InterfaceKind::Vlan,
        Some("wireguard" | "xfrm" | "vti" | "vti6" | "ovpn") => return InterfaceKind::Vpn,
        Some("tun") => return tun(source, link),
        Some("wwan" | "rmnet") => return InterfaceKind::Mobile,
        Some("ppp") => return InterfaceKind::Ppp,
        Some(
            "gre" | "gretap" | "ip6gre" | "ip6gretap" | "erspan" | "ipip" | "ip6tnl" | "sit"
            | "vxlan" | "geneve",
        ) => {
            return InterfaceKind::Tunnel;
        }
        Some(
            "veth" | "dummy" | "ifb" | "macvlan" | "macvtap" | "ipvlan" | "netkit" | "vcan"
            | "vxcan",
        ) => {
            return InterfaceKind::Virtual;
        }
        _ => {}
    }
    if link.hardware_type == PPP {
        return InterfaceKind::Ppp;
    }
    if TUNNELS.contains(&link.hardware_type) {
        return InterfaceKind::Tunnel;
    }
    let marked =
        |name: &str| source.exists(&format!("/sys/class/net/{}/{name}", link.name)) == Ok(true);
    if marked("wireless") || marked("phy80211") {
        return InterfaceKind::Wireless;
    }
    let mobile = matches!(driver, Some("qmi_wwan" | "cdc_mbim" | "mhi_net"));
    if mobile || link.hardware_type == RAW_IP {
        return InterfaceKind::Mobile;
    }
    if link.hardware_type == ETHERNET {
        InterfaceKind::Ethernet
    } else {
        InterfaceKind::Other
    }
}

/// A tun device carries a VPN; a tap that belongs to a bridge is a virtual machine's cable.
fn tun(source: &Source, link: &RawLink) -> InterfaceKind {
    let flags = source
        .text(&format!("/sys/class/net/{}/tun_flags", link.name))
        .unwrap_or_default();
    let flags = u32::from_str_radix(flags.trim().trim_start_matches("0x"), 16).unwrap_or(0);
    let tap = flags & 0x2 != 0 || (flags == 0 && link.hardware_type == ETHERNET);
    if tap && (link.master.is_some() || link.name.starts_with("vnet")) {
        InterfaceKind::Virtual
    } else {
        InterfaceKind::Vpn
    }
}

fn resolver(source: &Source) -> (Reading<Vec<IpAddr>>, Reading<Vec<String>>) {
    let mut place = RESOLV;
    let mut text = source.text(RESOLV);
    let stub = |text: &str| {
        let servers = servers(text);
        !servers.is_empty() && servers.iter().all(IpAddr::is_loopback)
    };
    if text.as_ref().is_ok_and(|text| stub(text)) {
        // A stub that is not systemd's leaves its own address: that is what is asked.
        if let Ok(real) = source.text(RESOLVED) {
            place = RESOLVED;
            text = Ok(real);
        }
    }
    match text {
        Ok(text) => (
            Reading::known(servers(&text), place),
            Reading::known(domains(&text), place),
        ),
        Err(miss) => {
            let reason = miss.reason();
            (
                Reading::unknown(reason.clone(), place),
                Reading::unknown(reason, place),
            )
        }
    }
}

fn servers(text: &str) -> Vec<IpAddr> {
    let lines = text.lines().take(LINES_MAX).filter_map(|line| {
        let mut words = line.split_whitespace();
        (words.next() == Some("nameserver")).then(|| words.next())?
    });
    // `fe80::1%eth0`: the interface is no part of the address.
    lines
        .filter_map(|word| word.split('%').next()?.parse().ok())
        .collect()
}

fn domains(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in text.lines().take(LINES_MAX) {
        let mut words = line.split_whitespace();
        // The last line wins (resolv.conf(5)).
        if matches!(words.next(), Some("search" | "domain")) {
            // A comment is no part of the list.
            let words = words.take_while(|word| !word.starts_with(['#', ';']));
            found = words.take(32).filter_map(field::host).collect();
        }
    }
    found
}
