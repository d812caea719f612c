//! Bindings: which hardware address answered for which address, seen from where and when. Comes in:
//! a ledger; goes out: bindings in the collector's time. It never keeps what was true before an
//! interface came to where it is now.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;

use daicho_ledger::{AgentAsset, Ledger};
use daicho_report::Interface;

use super::gateway::next_hops;
use super::realm::{Attachment, Realms, holds, range};

/// A day; what is still open was seen within it.
const DAY_S: i64 = 24 * 60 * 60;

/// A clock that is off by more is set right; less may be a report that waited.
const CLOCK_S: i64 = 3 * DAY_S;

/// A hardware address with more addresses than this on one link answers for others.
const PROXY: usize = 4;

/// A range.
pub(super) type Range = (IpAddr, u8);

/// A hardware address as a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Mac(u64);

impl Mac {
    /// Six pairs of digits with `:` or `-` between them.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim().as_bytes();
        if text.len() != 17 {
            return None;
        }
        let mut value = 0_u64;
        for (n, byte) in text.iter().enumerate() {
            let digit = match byte {
                b'0'..=b'9' => byte - b'0',
                b'a'..=b'f' => byte - b'a' + 10,
                b'A'..=b'F' => byte - b'A' + 10,
                b':' | b'-' if n % 3 == 2 => continue,
                _ => return None,
            };
            if n % 3 == 2 {
                return None;
            }
            value = value << 4 | u64::from(digit);
        }
        Some(Self(value))
    }

    /// What it is worth; `None`: nothing.
    pub(super) fn worth(self) -> Option<Worth> {
        let Self(mac) = self;
        // Virtual routers: VRRP for both families, HSRP in both versions, GLBP.
        if matches!(mac >> 8, 0x00_005e_0001 | 0x00_005e_0002 | 0x00_000c_07ac)
            || mac >> 12 == 0x0_0000_c9ff
            || self.is_of_several()
        {
            return Some(Worth::Virtual);
        }
        if mac == 0 || mac >> 40 & 1 == 1 {
            return None;
        }
        // Container engines derive it from the address.
        if mac >> 32 == 0x0242 {
            return Some(Worth::Derived);
        }
        // Makers' blocks from which software gives addresses to virtual machines.
        const MACHINES: [u64; 7] = [
            0x00_0569, 0x00_0c29, 0x00_1c14, 0x00_5056, 0x00_155d, 0x00_163e, 0x08_0027,
        ];
        let made_up = mac >> 40 & 2 == 2 || MACHINES.contains(&(mac >> 24));
        Some(if made_up {
            Worth::MadeUp
        } else {
            Worth::Strong
        })
    }

    /// Whether it is of a group of routers (GLBP) that answer with several hardware addresses for
    /// one address.
    pub(super) fn is_of_several(self) -> bool {
        self.0 >> 24 == 0x00_07b4
    }
}

impl std::fmt::Display for Mac {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [_, _, a, b, c, d, e, g] = self.0.to_be_bytes();
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

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

/// Number of an address in a range: the same for the same ledger, whatever its order.
pub(super) type Place = u32;

/// A hardware address for an address, seen from one attachment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Binding {
    /// Which address in which range.
    pub(super) place: Place,
    /// It is that attachment's own.
    pub(super) own: bool,
    /// It is another hardware address of the same machine: no evidence, and no contradiction.
    pub(super) spare: bool,
    /// That attachment's gateway.
    pub(super) gateway: bool,
    /// Which hardware address.
    pub(super) mac: Mac,
    /// Number of the attachment.
    pub(super) from: usize,
    /// First seen.
    pub(super) start: i64,
    /// Last seen for certain.
    pub(super) sure: i64,
    /// Last seen perhaps.
    pub(super) end: i64,
}

/// All bindings, sorted by place and hardware address.
#[derive(Debug, Default)]
pub(super) struct Bindings {
    /// The bindings.
    pub(super) all: Vec<Binding>,
    places: Vec<(Range, IpAddr)>,
    numbers: HashMap<(Range, IpAddr), Place>,
}

impl Bindings {
    /// The range and the address of a place.
    pub(super) fn place(&self, place: Place) -> Option<(Range, IpAddr)> {
        let at = usize::try_from(place).ok()?;
        self.places.get(at).copied()
    }

    fn number(&mut self, range: Range, address: IpAddr) -> Place {
        *self.numbers.entry((range, address)).or_insert_with(|| {
            self.places.push((range, address));
            Place::try_from(self.places.len() - 1).unwrap_or(Place::MAX)
        })
    }
}

/// What a hardware address is worth; `None`: nothing.
pub(super) fn worth(mac: &str) -> Option<Worth> {
    Mac::parse(mac)?.worth()
}

/// All hardware addresses of a machine.
fn own_macs(interfaces: &[Interface]) -> BTreeSet<Mac> {
    let both = interfaces
        .iter()
        .flat_map(|it| [&it.mac, &it.permanent_mac]);
    both.flatten().filter_map(|mac| Mac::parse(mac)).collect()
}

/// How much a machine's clock is behind the collector's.
fn clock(asset: &AgentAsset) -> i64 {
    let presence = &asset.presence;
    let behind = presence.last_at.seconds() - presence.collected_at.seconds();
    if behind.abs() > CLOCK_S { behind } else { 0 }
}

/// The bindings that all attachments give.
pub(super) fn bindings(ledger: &Ledger, realms: &Realms) -> Bindings {
    let assets: HashMap<&str, &AgentAsset> = ledger
        .assets
        .iter()
        .map(|it| (it.id.0.as_str(), it))
        .collect();
    let mut out = Bindings::default();
    for (from, attachment) in realms.all.values().enumerate() {
        let asset = assets.get(attachment.key.0.as_str());
        let Some(asset) = asset.filter(|_| !attachment.host_only && !attachment.tunnel) else {
            continue;
        };
        own(asset, &attachment.key.1, from, &mut out);
        seen(asset, attachment, from, &mut out);
    }
    out.all
        .sort_unstable_by_key(|it| (it.place, it.mac, it.from, it.start, it.end));
    out
}

/// An interface's own addresses.
fn own(asset: &AgentAsset, name: &str, from: usize, out: &mut Bindings) {
    let all = asset.interfaces.interfaces.value();
    let all = all.map(Vec::as_slice).unwrap_or_default();
    let Some(interface) = all.iter().find(|it| it.name == name) else {
        return;
    };
    let mine = interface.mac.as_deref().and_then(Mac::parse);
    let at = asset
        .section_at("interface")
        .unwrap_or(asset.presence.collected_at);
    let end = asset.presence.last_at.seconds();
    let start = (at.seconds() + clock(asset)).min(end);
    let macs = own_macs(all);
    for address in &interface.addresses {
        let place = out.number(range(address), address.address);
        for mac in macs.iter().filter(|mac| mac.worth().is_some()) {
            out.all.push(Binding {
                place,
                own: true,
                spare: Some(*mac) != mine,
                gateway: false,
                mac: *mac,
                from,
                start,
                sure: end,
                end,
            });
        }
    }
}

/// What an attachment has seen, without what it saw before it came to where it is now and without
/// who answers for others.
fn seen(asset: &AgentAsset, attachment: &Attachment, from: usize, out: &mut Bindings) {
    let (behind, last) = (clock(asset), asset.presence.last_at.seconds());
    let name = &attachment.key.1;
    let hops = next_hops(asset, name, true);
    let mut ranges: Vec<Range> = attachment.addresses.iter().map(range).collect();
    ranges.dedup();
    let mut mine: Vec<(IpAddr, Binding)> = Vec::new();
    let here = asset
        .neighbours
        .iter()
        .filter(|it| it.item.interface == *name);
    for neighbour in here {
        let address = neighbour.item.address;
        let mac = Mac::parse(&neighbour.item.mac).filter(|mac| mac.worth().is_some());
        let range = ranges.iter().find(|range| holds(**range, address));
        let (Some(range), Some(mac), false) = (range, mac, address.is_multicast()) else {
            continue;
        };
        let start = neighbour.since.seconds() + behind;
        let closed = neighbour.until.map(|at| at.seconds() + behind);
        let binding = Binding {
            place: out.number(*range, address),
            own: false,
            spare: false,
            gateway: hops.contains(&address),
            mac,
            from,
            start,
            sure: closed.unwrap_or(last - DAY_S).max(start),
            end: closed.unwrap_or(last).max(start),
        };
        mine.push((address, binding));
    }
    let came = came(asset, behind, &mine);
    let crowded = crowded(&mine);
    let kept = mine.into_iter().map(|(_, it)| it);
    out.all
        .extend(kept.filter(|it| it.end >= came && (it.gateway || !crowded.contains(&it.mac))));
}

/// Hardware addresses that answer for others: the gateway's, and those with many addresses.
fn crowded(seen: &[(IpAddr, Binding)]) -> BTreeSet<Mac> {
    let gateways = seen.iter().filter(|(_, it)| it.gateway);
    let mut out: BTreeSet<Mac> = gateways.map(|(_, it)| it.mac).collect();
    let mut addresses: Vec<(Mac, IpAddr)> = seen.iter().map(|(at, it)| (it.mac, *at)).collect();
    addresses.sort_unstable();
    addresses.dedup();
    let alike = addresses.chunk_by(|a, b| a.0 == b.0);
    let many = alike.filter(|it| it.len() >= PROXY);
    out.extend(many.filter_map(|it| it.first()).map(|it| it.0));
    out
}

/// When an attachment came to where it is now: its addresses changed, or its gateway became another
/// device.
fn came(asset: &AgentAsset, behind: i64, seen: &[(IpAddr, Binding)]) -> i64 {
    let changed = asset.section_at("interface");
    let changed = changed.map_or(i64::MIN, |at| at.seconds() + behind);
    let gateways = || seen.iter().map(|(_, it)| it).filter(|it| it.gateway);
    let mut newest: BTreeMap<Place, &Binding> = BTreeMap::new();
    for it in gateways() {
        let kept = newest.entry(it.place).or_insert(it);
        if (it.start, it.mac) > (kept.start, kept.mac) {
            *kept = it;
        }
    }
    let before = gateways().filter_map(|it| {
        let now = newest.get(&it.place)?;
        (it.mac != now.mac && it.end < now.start).then_some(now.start)
    });
    before.chain([changed]).max().unwrap_or(i64::MIN)
}
