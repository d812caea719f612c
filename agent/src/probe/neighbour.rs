//! Neighbours: whom the kernel's table says answered on the link. Nothing is sent to find more.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use daicho_report::{Neighbour, Reading, Reason};

use crate::platform::{RawNeighbour, Source, System};

const SOURCE: &str = "rtnetlink";
const OF_WINDOWS: &str = "GetIpNetTable2";
/// A report holds no more.
const NEIGHBOURS_MAX: usize = 20_000;

/// Reads the neighbours that have answered.
#[must_use]
pub fn read(source: &Source) -> Reading<BTreeSet<Neighbour>> {
    let place = if source.system() == System::Windows {
        OF_WINDOWS
    } else {
        SOURCE
    };
    let found = source
        .neighbours()
        .and_then(|raw| Ok((raw, source.links()?)));
    let (raw, links) = match found {
        Ok(found) => found,
        Err(miss) => return Reading::unknown(miss.reason(), place),
    };
    let names: BTreeMap<u32, &String> = links.iter().map(|it| (it.index, &it.name)).collect();
    let neighbours = raw.into_iter().filter_map(|raw| {
        let name = names.get(&raw.index)?;
        neighbour(raw, name)
    });
    let neighbours: BTreeSet<Neighbour> = neighbours.collect();
    if neighbours.len() > NEIGHBOURS_MAX {
        return Reading::unknown(Reason::failed("too many entries"), place);
    }
    Reading::known(neighbours, place)
}

fn neighbour(raw: RawNeighbour, interface: &str) -> Option<Neighbour> {
    let multicast = match raw.address {
        IpAddr::V4(it) => it.is_multicast() || it.is_broadcast(),
        IpAddr::V6(it) => it.is_multicast(),
    };
    // Failed and incomplete ones never answered; `noarp` entries are made up by the kernel.
    let answered = matches!(
        raw.state.as_str(),
        "reachable" | "stale" | "delay" | "probe" | "permanent"
    );
    let mac = raw
        .mac
        .filter(|mac| mac.len() == 17 && mac != "00:00:00:00:00:00")
        .filter(|mac| !is_of_group(mac))?;
    (answered && !multicast && !raw.address.is_loopback()).then(|| Neighbour {
        interface: interface.to_owned(),
        address: raw.address,
        mac,
        router: raw.router,
    })
}

/// Broadcast and multicast, which Windows keeps in the same table: no device has such an address.
fn is_of_group(mac: &str) -> bool {
    let first = mac.get(..2).unwrap_or_default();
    u8::from_str_radix(first, 16).is_ok_and(|byte| byte & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::RawLink;
    use crate::platform::replay::Bundle;

    #[test]
    fn only_those_that_answered_are_neighbours() {
        let raw = |address: &str, mac: Option<&str>, state: &str| RawNeighbour {
            index: 2,
            address: address.parse().unwrap(),
            mac: mac.map(str::to_owned),
            state: state.to_owned(),
            router: false,
        };
        let mac = Some("02:fc:00:00:00:05");
        let all = vec![
            raw("10.0.0.1", mac, "stale"),
            raw("10.0.0.9", None, "failed"),
            raw("10.0.0.8", mac, "incomplete"),
            raw("224.0.0.1", mac, "noarp"),
            raw("ff02::1", mac, "permanent"),
            raw("10.0.0.255", Some("ff:ff:ff:ff:ff:ff"), "permanent"),
        ];
        let link = RawLink {
            index: 2,
            name: "eth0".to_owned(),
            ..RawLink::default()
        };
        let bundle =
            Bundle::new("linux")
                .with("neighbours", "", &all)
                .with("links", "", &vec![link]);
        let found = read(&Source::from_bundle(bundle)).value().unwrap().clone();
        assert_eq!(found.len(), 1);
        assert_eq!(
            read(&Source::from_bundle(Bundle::new("linux"))).reason(),
            Some(&Reason::NotAsked)
        );
    }
}
