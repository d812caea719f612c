//! Lines of single machines: mobile, PPP, and a second default route. Comes in: interfaces, routes
//! and flows; goes out: drafts. A second route's use is not known: it is never better than 推定.

use daicho_ledger::{Grade, PointKind};
use daicho_report::{Interface, InterfaceKind};

use super::super::Weight;
use super::super::draft::{Draft, Drafts, protocol_fact};
use super::super::index::{Index, Place, Way};
use super::super::pattern::is_routable;
use super::super::sign::{Shown, is_usb_network};

/// Whether an interface is a line of its own.
pub(in super::super) fn is_line(interface: &Interface) -> bool {
    use InterfaceKind::{Mobile, Ppp, Tunnel, Vpn};
    matches!(interface.kind, Mobile | Ppp | Vpn | Tunnel)
        || is_usb_network(interface.driver.as_deref())
}

/// Adds the lines of one machine.
///
/// `explained`: its PPP line and second route are those of オンライン資格確認.
pub(super) fn lines(
    index: &Index<'_>,
    place: &Place<'_>,
    shown: &Shown<'_>,
    explained: bool,
    drafts: &mut Drafts,
) {
    own_lines(place, shown, explained, drafts);
    if !explained {
        second(index, place, shown, drafts);
    }
}

fn own_lines(place: &Place<'_>, shown: &Shown<'_>, explained: bool, drafts: &mut Drafts) {
    let id = &place.asset.id;
    for interface in super::super::index::interfaces(place.asset) {
        let kind = match interface.kind {
            InterfaceKind::Mobile => PointKind::Mobile,
            InterfaceKind::Ppp if !explained => PointKind::Other,
            _ if is_usb_network(interface.driver.as_deref()) => PointKind::Mobile,
            _ => continue,
        };
        let used = interface.up && interface.addresses.iter().any(|it| is_routable(it.address));
        let weight = if used { Weight::Strong } else { Weight::Weak };
        let draft = drafts.at(&id.0, kind);
        let driver = interface.driver.as_deref().unwrap_or_default();
        let value = format!("{} {driver}", interface.name);
        let value = value.trim().to_owned();
        let seen = place.seen("interface");
        draft
            .witnesses
            .push(protocol_fact("interface", value, weight, id, seen));
        let route = place
            .ways
            .iter()
            .find(|it| it.interface.index == interface.index);
        if let Some(way) = route.filter(|_| used) {
            let to = format!("{}/{}", way.destination.address, way.destination.prefix);
            let seen = place.seen("route");
            draft
                .witnesses
                .push(protocol_fact("route", to, Weight::Medium, id, seen));
        }
        flows_by(place, shown, interface, draft);
        if kind == PointKind::Other {
            draft.at_most(
                Grade::Inferred,
                "PPP接続の回線。用途は観測からは分からない",
                "a PPP line; what it serves cannot be told from what was seen",
            );
        }
    }
}

/// Flows to public addresses that leave by an interface.
fn flows_by(place: &Place<'_>, shown: &Shown<'_>, interface: &Interface, draft: &mut Draft) {
    for flow in &shown.talk.public {
        if interface
            .addresses
            .iter()
            .any(|it| it.address == flow.item.local)
        {
            let value = format!("{}:{}", flow.item.peer, flow.item.port);
            let seen = place.went_on(flow.since, flow.until);
            let id = &place.asset.id;
            draft
                .witnesses
                .push(protocol_fact("flow", value, Weight::Medium, id, seen));
            return;
        }
    }
}

/// Default routes on another interface than the preferred one, by another device.
fn second(index: &Index<'_>, place: &Place<'_>, shown: &Shown<'_>, drafts: &mut Drafts) {
    let plain: Vec<&Way<'_>> = place
        .defaults()
        .filter(|it| !is_line(it.interface) && it.gateway.is_some())
        .collect();
    let Some(first) = place.defaults().next() else {
        return;
    };
    let main = index.box_of(first);
    for way in plain {
        let Some(device) = index.box_of(way) else {
            continue;
        };
        let other = way.interface.index != first.interface.index && main.as_ref() != Some(&device);
        if !other || is_main_of_others(index, place, &device) {
            continue;
        }
        let draft = drafts.at(&device, PointKind::SecondRoute);
        let id = &place.asset.id;
        let value = format!("0.0.0.0/0 → {} ({})", device, way.interface.name);
        let seen = place.seen("route");
        draft
            .witnesses
            .push(protocol_fact("route", value, Weight::Strong, id, seen));
        draft.segments.extend(way.segment.map(str::to_owned));
        flows_by(place, shown, way.interface, draft);
        draft.at_most(
            Grade::Inferred,
            "二つ目の既定経路。その先の回線の用途は観測からは分からない",
            "a second default route; what is behind it cannot be told from what was seen",
        );
    }
}

/// Whether another machine prefers the device: then it is that network's ordinary gateway.
fn is_main_of_others(index: &Index<'_>, place: &Place<'_>, device: &str) -> bool {
    index
        .main_gateways
        .get(device)
        .is_some_and(|of| of.iter().any(|it| *it != place.asset.id.0))
}
