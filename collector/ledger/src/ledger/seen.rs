//! Devices without an agent, from what agents saw. Comes in: agents' assets; goes out: one asset
//! for each hardware address, or for each place where a worthless one was seen. It never joins two
//! sightings by their network address alone: private ranges repeat.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use daicho_report::{InterfaceKind, Neighbour, PrinterConnection, RouteKind, Time};

use crate::asset::{AgentAsset, AssetId, NeighbourSight, PrinterSight, SeenAsset, WORTHLESS_MACS};
use crate::input::Interval;

/// A hardware address in the one form that is compared: lower case, with colons.
#[must_use]
pub fn normal_mac(mac: &str) -> String {
    mac.trim().to_ascii_lowercase().replace('-', ":")
}

/// Whether a hardware address identifies nothing.
#[must_use]
pub fn is_worthless_mac(mac: &str) -> bool {
    mac.is_empty() || WORTHLESS_MACS.iter().any(|start| mac.starts_with(start))
}

/// Whether a hardware address was made up by software（ローカル管理アドレス）: a virtual machine, a
/// container, or a wireless terminal that hides its own.
#[must_use]
pub fn is_local_mac(mac: &str) -> bool {
    mac.as_bytes()
        .get(1)
        .is_some_and(|digit| matches!(digit, b'2' | b'3' | b'6' | b'7' | b'a' | b'b' | b'e' | b'f'))
}

/// Container engines derive this one from the container's network address, so that machines which
/// have nothing to do with each other use the same.
fn is_derived_mac(mac: &str) -> bool {
    mac.starts_with("02:42:")
}

/// Addresses that are no device's.
fn is_device_address(address: IpAddr) -> bool {
    let broadcast = matches!(address, IpAddr::V4(it) if it.is_broadcast());
    !(broadcast || address.is_multicast() || address.is_unspecified() || address.is_loopback())
}

/// Whose hardware addresses are known to belong to machines with an agent.
struct Own {
    macs: BTreeSet<String>,
    pairs: BTreeSet<(String, IpAddr)>,
}

impl Own {
    fn of(assets: &[AgentAsset]) -> Self {
        let mut own = Self {
            macs: BTreeSet::new(),
            pairs: BTreeSet::new(),
        };
        for asset in assets {
            for interface in asset.interfaces.interfaces.value().into_iter().flatten() {
                let both = [&interface.mac, &interface.permanent_mac];
                for mac in both.into_iter().flatten().map(|mac| normal_mac(mac)) {
                    for it in &interface.addresses {
                        own.pairs.insert((mac.clone(), it.address));
                    }
                    if !is_worthless_mac(&mac) && !is_derived_mac(&mac) {
                        own.macs.insert(mac);
                    }
                }
            }
        }
        own
    }

    fn has(&self, mac: &str, address: IpAddr) -> bool {
        self.macs.contains(mac) || self.pairs.contains(&(mac.to_owned(), address))
    }
}

/// Next hops of the routes in use, by interface, and whether a neighbour entry was found for each.
struct Gateways {
    hops: BTreeMap<(IpAddr, Option<String>), bool>,
}

impl Gateways {
    fn of(asset: &AgentAsset) -> Self {
        let routes = asset.routes.routes.value().into_iter().flatten();
        let mine: BTreeSet<IpAddr> = own_addresses(asset).collect();
        let hops = routes
            .filter(|route| route.kind == RouteKind::Unicast)
            .filter_map(|route| Some((route.gateway?, route.interface.clone())))
            .filter(|(hop, _)| is_device_address(*hop) && !mine.contains(hop))
            .map(|hop| (hop, false))
            .collect();
        Self { hops }
    }

    /// Marks the hop as found.
    fn found(&mut self, neighbour: &Neighbour) -> bool {
        let mut found = false;
        for ((hop, interface), seen) in &mut self.hops {
            let here = interface
                .as_ref()
                .is_none_or(|it| *it == neighbour.interface);
            if *hop == neighbour.address && here {
                *seen = true;
                found = true;
            }
        }
        found
    }
}

/// Addresses of a machine's own interfaces, without loopback.
pub(super) fn own_addresses(asset: &AgentAsset) -> impl Iterator<Item = IpAddr> + '_ {
    let interfaces = asset.interfaces.interfaces.value().into_iter().flatten();
    interfaces
        .filter(|it| it.kind != InterfaceKind::Loopback)
        .flat_map(|it| it.addresses.iter().map(|it| it.address))
        .filter(|address| !address.is_loopback())
}

/// All devices without an agent, sorted by id.
pub(super) fn seen(assets: &[AgentAsset]) -> Vec<SeenAsset> {
    let own = Own::of(assets);
    let mut all: BTreeMap<String, SeenAsset> = BTreeMap::new();
    for asset in assets {
        let mut gateways = Gateways::of(asset);
        for interval in &asset.neighbours {
            let gateway = gateways.found(&interval.item);
            let mac = normal_mac(&interval.item.mac);
            if own.has(&mac, interval.item.address) || !is_device_address(interval.item.address) {
                continue;
            }
            let (id, mac) = name(asset, &interval.item, &mac);
            add(&mut all, id, mac, sight(asset, interval, gateway));
        }
        let since = asset
            .section_at("route")
            .unwrap_or(asset.presence.collected_at);
        for ((hop, interface), found) in gateways.hops {
            if !found {
                let id = format!("m-gateway-{}-{hop}", asset.id.0);
                add(&mut all, id, None, unanswered(asset, hop, interface, since));
            }
        }
    }
    let mut seen: Vec<SeenAsset> = all.into_values().collect();
    printed_on(assets, &mut seen);
    for one in &mut seen {
        one.sights.sort();
        one.sights.dedup();
        one.addresses.sort_unstable();
        one.addresses.dedup();
    }
    seen
}

/// Which of them are printers: whoever saw a device itself at an address that it prints to. A printer
/// behind a router stays what it is, because its address may be another device's elsewhere.
fn printed_on(assets: &[AgentAsset], seen: &mut [SeenAsset]) {
    let mut wanted: BTreeMap<(&AssetId, IpAddr), BTreeSet<PrinterSight>> = BTreeMap::new();
    for asset in assets {
        for printer in asset.printers.printers.value().into_iter().flatten() {
            let host = printer.host.as_deref();
            let address = host.and_then(|it| it.trim_matches(['[', ']']).parse().ok());
            let direct = printer.connection == PrinterConnection::Network;
            if let Some(address) = address.filter(|_| direct) {
                let sight = PrinterSight {
                    by: asset.id.clone(),
                    driver: printer.driver.clone(),
                };
                wanted
                    .entry((&asset.id, address))
                    .or_default()
                    .insert(sight);
            }
        }
    }
    for one in seen {
        let here = one
            .sights
            .iter()
            .filter_map(|it| wanted.get(&(&it.by, it.address)));
        let here: BTreeSet<&PrinterSight> = here.flatten().collect();
        one.printed_on = here.into_iter().cloned().collect();
    }
}

/// The stable name of what was seen, and its hardware address if that says anything.
fn name(asset: &AgentAsset, neighbour: &Neighbour, mac: &str) -> (String, Option<String>) {
    if is_worthless_mac(mac) {
        let at = format!("{}-{}", neighbour.interface, neighbour.address);
        // A virtual router's address tells its protocol; all zero or multicast tells nothing.
        let tells = mac.starts_with("00:00:5e:") || mac.starts_with("00:00:0c:");
        let mac = (tells || mac.starts_with("00:07:b4")).then(|| mac.to_owned());
        return (format!("m-at-{}-{at}", asset.id.0), mac);
    }
    let id = if is_derived_mac(mac) {
        format!("m-{mac}-{}", asset.id.0)
    } else {
        format!("m-{mac}")
    };
    (id, Some(mac.to_owned()))
}

fn add(
    all: &mut BTreeMap<String, SeenAsset>,
    id: String,
    mac: Option<String>,
    sight: NeighbourSight,
) {
    let seen = all.entry(id.clone()).or_insert_with(|| SeenAsset {
        id: AssetId(id),
        mac,
        addresses: Vec::new(),
        sights: Vec::new(),
        printed_on: Vec::new(),
    });
    seen.addresses.push(sight.address);
    seen.sights.push(sight);
}

fn sight(asset: &AgentAsset, seen: &Interval<Neighbour>, gateway: bool) -> NeighbourSight {
    NeighbourSight {
        by: asset.id.clone(),
        interface: seen.item.interface.clone(),
        address: seen.item.address,
        since: seen.since,
        until: seen.until,
        gateway,
        router: seen.item.router,
    }
}

/// A gateway that a route names and no neighbour entry confirms.
fn unanswered(
    asset: &AgentAsset,
    address: IpAddr,
    interface: Option<String>,
    since: Time,
) -> NeighbourSight {
    NeighbourSight {
        by: asset.id.clone(),
        interface: interface.unwrap_or_default(),
        address,
        since,
        until: None,
        gateway: true,
        router: false,
    }
}
