//! Lines of vendors. Comes in: routes to networks that are not the hospital's, and talk with
//! addresses that no known segment has; goes out: drafts at the device by which they are reached.
//! None of them is better than 推定: a route does not say whose network is behind it.

use std::collections::BTreeSet;

use daicho_ledger::{Grade, PointKind};
use daicho_report::Direction;

use super::super::Weight;
use super::super::draft::{Drafts, protocol_fact};
use super::super::index::{Index, Place, Way, is_inside};
use super::super::sign::{Shown, is_maintenance};

/// Adds what one machine shows.
pub(super) fn vendors(
    index: &Index<'_>,
    place: &Place<'_>,
    shown: &Shown<'_>,
    drafts: &mut Drafts,
) {
    for way in place
        .ways
        .iter()
        .filter(|it| leads_elsewhere(index, place, it))
    {
        let Some(device) = index.box_of(way) else {
            continue;
        };
        let id = &place.asset.id;
        let draft = drafts.at(&device, PointKind::VendorVpn);
        let network = format!("{}/{}", way.destination.address, way.destination.prefix);
        let value = format!("{network} → {device}");
        let seen = place.seen("route");
        draft
            .witnesses
            .push(protocol_fact("route", value, Weight::Strong, id, seen));
        draft.segments.extend(way.segment.map(str::to_owned));
        bound(draft);
    }
    outside(index, place, shown, drafts);
}

fn bound(draft: &mut super::super::draft::Draft) {
    draft.at_most(
        Grade::Inferred,
        "この機器の先に、院内のどのセグメントでもないネットワークがある。事業者の回線か、地域連携か、院内の別のネットワークかは現地で確認する",
        "behind this device is a network that is none of the known segments: a vendor's line, a regional network, or another network of the hospital",
    );
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

/// Whether the route's network has a known segment in it: then it leads within the hospital. A
/// network as wide as the whole private range says nothing.
fn covers_known(index: &Index<'_>, way: &Way<'_>) -> bool {
    let within = |(network, prefix): &(std::net::IpAddr, u8)| {
        *prefix > way.destination.prefix && super::super::pattern::holds(&way.destination, *network)
    };
    index.ranges.keys().any(within)
}

/// Remote control from, or talk with, addresses that no known segment has.
fn outside(index: &Index<'_>, place: &Place<'_>, shown: &Shown<'_>, drafts: &mut Drafts) {
    let mut told: BTreeSet<(String, &'static str)> = BTreeSet::new();
    for flow in &shown.talk.outside {
        let it = &flow.item;
        let Some(way) = place.way_to(it.peer, Some(it.local)) else {
            continue;
        };
        let Some(device) = index.box_of(way) else {
            continue;
        };
        let comes = it.direction == Direction::Inbound && is_maintenance(it);
        let (kind, weight) = match (comes, way.is_default()) {
            (true, false) => ("maintenance", Weight::Strong),
            (true, true) => ("maintenance", Weight::Medium),
            (false, false) => ("flow", Weight::Medium),
            (false, true) => continue,
        };
        if !told.insert((device.clone(), kind)) {
            continue;
        }
        let draft = drafts.at(&device, PointKind::VendorVpn);
        let value = format!("{} → {}", it.peer, it.port);
        let seen = place.went_on(flow.since, flow.until);
        let id = &place.asset.id;
        draft
            .witnesses
            .push(protocol_fact(kind, value, weight, id, seen));
        draft.segments.extend(way.segment.map(str::to_owned));
        bound(draft);
    }
}
