//! Bindings: which hardware address answered for which address, seen from where and when. Comes in:
//! a ledger; goes out: bindings in the collector's time. It never keeps what was true before an
//! interface came to where it is now.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use daicho_ledger::{AgentAsset, Ledger, is_worthless_mac, normal_mac};
use daicho_report::Interface;

use super::gateway::next_hops;
use super::realm::{Realms, holds, range};

/// A day; what is still open was seen within it.
const DAY_S: i64 = 24 * 60 * 60;

/// A clock that is off by more is set right; less may be a report that waited.
const CLOCK_S: i64 = 3 * DAY_S;

/// A hardware address with more addresses than this on one link answers for others.
const PROXY: usize = 4;

/// A range.
pub(super) type Range = (IpAddr, u8);

/// What a hardware address is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Worth {
    /// Burnt in by a maker.
    Strong,
    /// Made up by software, so that copies of a machine share it.
    MadeUp,
    /// A virtual router's: the same in any network.
    Virtual,
    /// Derived from the address itself.
    Derived,
}

/// A hardware address for an address, seen from one attachment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Binding {
    /// In which range.
    pub(super) range: Range,
    /// Which address.
    pub(super) address: IpAddr,
    /// Which hardware address.
    pub(super) mac: String,
    /// Number of the attachment.
    pub(super) from: usize,
    /// First seen.
    pub(super) start: i64,
    /// Last seen for certain.
    pub(super) sure: i64,
    /// Last seen perhaps.
    pub(super) end: i64,
    /// It is that attachment's own.
    pub(super) own: bool,
    /// It is another hardware address of the same machine: no evidence, and no contradiction.
    pub(super) spare: bool,
    /// That attachment's gateway.
    pub(super) gateway: bool,
}

/// What a hardware address is worth; `None`: nothing.
pub(super) fn worth(mac: &str) -> Option<Worth> {
    const VIRTUAL: [&str; 5] = [
        "00:00:5e:00:01",
        "00:00:5e:00:02",
        "00:00:0c:07:ac",
        "00:00:0c:9f:f",
        "00:07:b4",
    ];
    // Makers' blocks from which software gives addresses to virtual machines.
    const MACHINES: [&str; 7] = [
        "00:05:69", "00:0c:29", "00:1c:14", "00:50:56", "00:15:5d", "00:16:3e", "08:00:27",
    ];
    let starts = |all: &[&str]| all.iter().any(|start| mac.starts_with(start));
    if mac.len() != 17 {
        return None;
    }
    if starts(&VIRTUAL) {
        return Some(Worth::Virtual);
    }
    if is_worthless_mac(mac) {
        return None;
    }
    if mac.starts_with("02:42:") {
        return Some(Worth::Derived);
    }
    let made_up = daicho_ledger::is_local_mac(mac) || starts(&MACHINES);
    Some(if made_up {
        Worth::MadeUp
    } else {
        Worth::Strong
    })
}

/// All hardware addresses of a machine.
fn own_macs(interfaces: &[Interface]) -> BTreeSet<String> {
    let both = interfaces
        .iter()
        .flat_map(|it| [&it.mac, &it.permanent_mac]);
    both.flatten().map(|mac| normal_mac(mac)).collect()
}

/// How much a machine's clock is behind the collector's.
fn clock(asset: &AgentAsset) -> i64 {
    let presence = &asset.presence;
    let behind = presence.last_at.seconds() - presence.collected_at.seconds();
    if behind.abs() > CLOCK_S { behind } else { 0 }
}

/// The bindings that an asset's attachments give, sorted.
pub(super) fn bindings(ledger: &Ledger, realms: &Realms) -> Vec<Binding> {
    let number: BTreeMap<(&str, &str), usize> = realms
        .all
        .keys()
        .enumerate()
        .map(|(n, key)| ((key.0.as_str(), key.1.as_str()), n))
        .collect();
    let mut out = Vec::new();
    for asset in &ledger.assets {
        for attachment in realms.of(&asset.id.0) {
            let key = (attachment.key.0.as_str(), attachment.key.1.as_str());
            let ranges: BTreeSet<Range> = attachment.addresses.iter().map(range).collect();
            if attachment.host_only || attachment.tunnel {
                continue;
            }
            if let Some(from) = number.get(&key) {
                let mut mine = own(asset, key.1, *from);
                mine.extend(seen(asset, key.1, *from, &ranges));
                out.extend(mine);
            }
        }
    }
    out.sort();
    out
}

/// An interface's own addresses.
fn own(asset: &AgentAsset, name: &str, from: usize) -> Vec<Binding> {
    let all = asset.interfaces.interfaces.value();
    let all = all.map(Vec::as_slice).unwrap_or_default();
    let Some(interface) = all.iter().find(|it| it.name == name) else {
        return Vec::new();
    };
    let mine = interface.mac.as_deref().map(normal_mac);
    let at = asset
        .section_at("interface")
        .unwrap_or(asset.presence.collected_at);
    let end = asset.presence.last_at.seconds();
    let start = (at.seconds() + clock(asset)).min(end);
    let mut out = Vec::new();
    for address in &interface.addresses {
        for mac in own_macs(all).into_iter().filter(|mac| worth(mac).is_some()) {
            out.push(Binding {
                range: range(address),
                address: address.address,
                spare: Some(&mac) != mine.as_ref(),
                mac,
                from,
                start,
                sure: end,
                end,
                own: true,
                gateway: false,
            });
        }
    }
    out
}

/// What an attachment has seen, without what it saw before it came to where it is now and without
/// who answers for others.
fn seen(asset: &AgentAsset, name: &str, from: usize, ranges: &BTreeSet<Range>) -> Vec<Binding> {
    let (behind, last) = (clock(asset), asset.presence.last_at.seconds());
    let hops = next_hops(asset, name, true);
    let mut out = Vec::new();
    let mut addresses: BTreeMap<String, BTreeSet<IpAddr>> = BTreeMap::new();
    for neighbour in asset
        .neighbours
        .iter()
        .filter(|it| it.item.interface == name)
    {
        let address = neighbour.item.address;
        let Some(range) = ranges.iter().find(|range| holds(**range, address)) else {
            continue;
        };
        let mac = normal_mac(&neighbour.item.mac);
        if worth(&mac).is_none() || address.is_multicast() {
            continue;
        }
        let start = neighbour.since.seconds() + behind;
        let closed = neighbour.until.map(|at| at.seconds() + behind);
        let end = closed.unwrap_or(last).max(start);
        addresses.entry(mac.clone()).or_default().insert(address);
        out.push(Binding {
            range: *range,
            address,
            mac,
            from,
            start,
            sure: closed.unwrap_or(last - DAY_S).max(start),
            end,
            own: false,
            spare: false,
            gateway: hops.contains(&address),
        });
    }
    let came = came(asset, behind, &out);
    let routers: BTreeSet<String> = out
        .iter()
        .filter(|it| it.gateway)
        .map(|it| it.mac.clone())
        .collect();
    out.retain(|it| {
        let others = addresses.get(&it.mac).map_or(0, BTreeSet::len);
        let answers_for_others = others >= PROXY || routers.contains(&it.mac);
        it.end >= came && (it.gateway || !answers_for_others)
    });
    out
}

/// When an attachment came to where it is now: its addresses changed, or its gateway became another
/// device.
fn came(asset: &AgentAsset, behind: i64, seen: &[Binding]) -> i64 {
    let changed = asset.section_at("interface");
    let changed = changed.map_or(i64::MIN, |at| at.seconds() + behind);
    let gateways = || seen.iter().filter(|it| it.gateway);
    let mut newest: BTreeMap<IpAddr, &Binding> = BTreeMap::new();
    for it in gateways() {
        let kept = newest.entry(it.address).or_insert(it);
        if (it.start, &it.mac) > (kept.start, &kept.mac) {
            *kept = it;
        }
    }
    let before = gateways().filter_map(|it| {
        let now = newest.get(&it.address)?;
        (it.mac != now.mac && it.end < now.start).then_some(now.start)
    });
    before.chain([changed]).max().unwrap_or(i64::MIN)
}
