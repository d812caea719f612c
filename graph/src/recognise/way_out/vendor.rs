//! Lines of vendors and regional networks. Comes in: routes to networks that are not the hospital's,
//! and talk with addresses that no known segment has; goes out: drafts at the device by which they
//! are reached. None of them is better than 推定: a route does not say whose network is behind it.

use std::collections::BTreeSet;

use daicho_ledger::hand::{DeviceKind, HandDevice};
use daicho_ledger::{AssetId, Grade, PointKind};
use daicho_report::Direction;

use super::super::Weight;
use super::super::draft::{Draft, Drafts, protocol_fact};
use super::super::hand::Devices;
use super::super::index::{Index, Place, Way, is_inside};
use super::super::knowledge::Knowledge;
use super::super::oqs::Lines;
use super::super::point::is_regional;
use super::super::sign::{Shown, is_maintenance};

/// What is looked at besides the machine.
pub(in super::super) struct Around<'a, 'b> {
    pub(in super::super) index: &'b Index<'a>,
    pub(in super::super) devices: &'b Devices<'a>,
    pub(in super::super) knowledge: &'b Knowledge,
    pub(in super::super) oqs: &'b Lines,
}

/// Adds what one machine shows.
pub(super) fn vendors<'a>(
    around: &Around<'a, '_>,
    place: &Place<'a>,
    shown: &Shown<'_>,
    drafts: &mut Drafts,
) {
    let index = around.index;
    let kind = if is_regional(shown, around.knowledge) {
        PointKind::RegionalLink
    } else {
        PointKind::VendorVpn
    };
    for way in place
        .ways
        .iter()
        .filter(|it| leads_elsewhere(index, place, it))
    {
        let Some(device) = index.box_of(way) else {
            continue;
        };
        let id = &place.asset.id;
        let draft = drafts.at(&device, kind);
        let network = format!("{}/{}", way.destination.address, way.destination.prefix);
        let value = format!("{network} → {device}");
        let seen = place.seen("route");
        let witness = protocol_fact("route", value, Weight::Strong, id, seen);
        draft.witnesses.push(witness);
        draft.networks.insert(way.destination.address);
        draft.segments.extend(way.segment.map(str::to_owned));
        bound(draft);
    }
    outside(around, place, shown, kind, drafts);
}

fn bound(draft: &mut Draft) {
    draft.at_most(
        Grade::Inferred,
        "この機器の先に、院内のどのセグメントでもないネットワークがある。誰の回線かは現地で確認する",
        "behind this device is a network that is none of the known segments; whose it is is to be checked on site",
    );
}

/// The device of a static route that leads elsewhere, where a machine has one.
pub(in super::super) fn elsewhere(index: &Index<'_>, place: &Place<'_>) -> Option<String> {
    let mut ways = place.ways.iter();
    let way = ways.find(|it| leads_elsewhere(index, place, it))?;
    index.box_of(way)
}

/// A static route to a private network that no known segment has, by a device that is not the
/// machine's default gateway nor the ordinary gateway of others.
fn leads_elsewhere(index: &Index<'_>, place: &Place<'_>, way: &Way<'_>) -> bool {
    if !is_inside(&way.destination) || way.gateway.is_none() {
        return false;
    }
    if super::line::is_line(way.interface) {
        return false;
    }
    let Some(device) = index.box_of(way) else {
        return false;
    };
    let mut own = place.defaults().filter_map(|it| index.box_of(it));
    if own.any(|it| it == device) || index.main_gateways.contains_key(&device) {
        return false;
    }
    !covers_known(index, way)
}

/// Whether the route's network has a known segment in it: then it leads within the hospital.
fn covers_known(index: &Index<'_>, way: &Way<'_>) -> bool {
    let within = |(network, prefix): &(std::net::IpAddr, u8)| {
        *prefix > way.destination.prefix && super::super::pattern::holds(&way.destination, *network)
    };
    index.ranges.keys().any(within)
}

/// Remote control from, or talk with, addresses that no known segment has.
fn outside<'a>(
    around: &Around<'a, '_>,
    place: &Place<'a>,
    shown: &Shown<'_>,
    kind: PointKind,
    drafts: &mut Drafts,
) {
    let index = around.index;
    let mut told: BTreeSet<(String, &'static str)> = BTreeSet::new();
    for flow in &shown.talk.outside {
        let it = &flow.item;
        let Some(way) = place.way_to(it.peer, Some(it.local)) else {
            continue;
        };
        let Some(device) = index.box_of(way) else {
            continue;
        };
        let comes = it.direction == Direction::Inbound;
        let (what, weight) = match (comes && is_maintenance(it), way.is_default()) {
            (true, false) => ("maintenance", Weight::Strong),
            (true, true) => ("maintenance", Weight::Medium),
            (false, false) => ("flow", Weight::Medium),
            // Somebody unknown comes in: the way back says little of the way in.
            (false, true) if comes && it.port == 445 => ("flow", Weight::Medium),
            (false, true) if comes => ("flow", Weight::Weak),
            (false, true) => continue,
        };
        // It may be a network of the hospital's in which no agent is.
        let weight = if index.is_near_known(it.peer) {
            weight.max(Weight::Weak)
        } else {
            weight
        };
        let at = if way.is_default() {
            behind(around, way, &device)
        } else {
            Candidate::plain(device)
        };
        if !told.insert((at.device.clone(), what)) {
            continue;
        }
        let draft = drafts.at(&at.device, kind);
        let value = format!("{} → {}", it.peer, it.port);
        let seen = place.went_on(flow.since, flow.until);
        let id = &place.asset.id;
        let witness = protocol_fact(what, value, weight, id, seen);
        draft.witnesses.push(witness);
        draft.networks.insert(it.peer);
        if let Some((kind, value)) = at.because {
            let seen = place.seen("neighbour");
            let at = AssetId(at.device.clone());
            let witness = protocol_fact(kind, value, Weight::Medium, &at, seen);
            draft.witnesses.push(witness);
        }
        draft.segments.extend(way.segment.map(str::to_owned));
        bound(draft);
    }
}

/// The device by which somebody may have come.
struct Candidate {
    device: String,
    /// What else speaks for it.
    because: Option<(&'static str, String)>,
}

impl Candidate {
    fn plain(device: String) -> Self {
        Self {
            device,
            because: None,
        }
    }
}

/// Where somebody unknown came in and the machine answers by its default gateway: the one VPN box of
/// the segment, as people wrote it down or as its maker tells; else the gateway itself, which speaks
/// for itself only where it leads this one segment.
fn behind<'a>(around: &Around<'a, '_>, way: &Way<'a>, gateway: &str) -> Candidate {
    let index = around.index;
    let Some(segment) = way.segment else {
        return Candidate::plain(gateway.to_owned());
    };
    let mut kept: Vec<(&str, String)> = Vec::new();
    let mut made: Vec<(&str, String)> = Vec::new();
    for device in index.agentless(segment) {
        if around.oqs.devices.contains(device) || index.segments_led(device) > 0 {
            continue;
        }
        match around.devices.entry(device) {
            Some((_, entry)) if is_vendors(way_out_of(entry, around.knowledge)) => {
                kept.push((device, entry.name.clone()));
            }
            Some((_, entry)) if way_out_of(entry, around.knowledge).is_some() => {}
            Some((_, entry)) if entry.kind == DeviceKind::Router => {
                made.push((device, entry.name.clone()));
            }
            Some(_) => {}
            _ => made.extend(maker(around, device).map(|it| (device, it))),
        }
    }
    let found = match (kept.as_slice(), made.as_slice()) {
        ([(device, name)], _) => Some((*device, "device", name.clone())),
        ([], [(device, maker)]) => Some((*device, "maker", maker.clone())),
        _ => None,
    };
    if let Some((device, kind, value)) = found {
        return Candidate {
            device: device.to_owned(),
            because: Some((kind, value)),
        };
    }
    let alone = kept.is_empty() && made.is_empty() && index.segments_led(gateway) == 1;
    let known = around.devices.entry(gateway);
    let inner = known.is_some_and(|(_, it)| {
        use DeviceKind::{CoreSwitch, Switch};
        matches!(it.kind, CoreSwitch | Switch)
    });
    let named = known
        .map(|(_, it)| ("device", it.name.clone()))
        .or_else(|| maker(around, gateway).map(|it| ("maker", it)));
    Candidate {
        device: gateway.to_owned(),
        because: named.filter(|_| alone && !inner),
    }
}

fn is_vendors(kind: Option<PointKind>) -> bool {
    matches!(
        kind,
        Some(PointKind::VendorVpn | PointKind::RegionalLink | PointKind::RegionalIpVpn)
    )
}

/// What way out a device kept by hand is, by its kind or by what people call a router.
pub(in super::super) fn way_out_of(
    device: &HandDevice,
    knowledge: &Knowledge,
) -> Option<PointKind> {
    match device.kind {
        DeviceKind::MobileRouter => return Some(PointKind::Mobile),
        DeviceKind::Vpn | DeviceKind::Router => {}
        _ => return None,
    }
    let texts = [&device.name, &device.purpose];
    let by_word = texts.iter().find_map(|it| knowledge.point_of_word(it));
    by_word.or((device.kind == DeviceKind::Vpn).then_some(PointKind::VendorVpn))
}

fn maker(around: &Around<'_, '_>, device: &str) -> Option<String> {
    let mac = Index::mac(device)?;
    around.knowledge.maker(mac).map(str::to_owned)
}
