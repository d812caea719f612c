//! Internet access. Comes in: flows to public addresses and default routes; goes out: one draft for
//! each device by which they leave. Where the device is known to stand inside, a firewall kept by
//! hand behind it is the place.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use daicho_ledger::{Grade, PointKind};

use super::super::Weight;
use super::super::draft::{Draft, Drafts, protocol_fact};
use super::super::hand::Devices;
use super::super::index::{Index, Place};
use super::super::knowledge::Knowledge;
use super::super::sign::{Seen, Shown};

/// What leaves by one device.
#[derive(Default)]
struct Leaving<'a> {
    /// Machines with their sight and a peer.
    flows: BTreeMap<&'a str, (Seen, String)>,
    segments: BTreeSet<String>,
    peers: BTreeSet<IpAddr>,
    /// Something asked for pages or mail.
    common: bool,
}

/// Why a gateway is no place of a line.
pub(in super::super) const INNER: (&str, &str) = (
    "このゲートウェイは院内のセグメントどうしもつないでおり、回線はその先にあるかもしれない",
    "this gateway also joins segments of the hospital; the line may be behind it",
);

/// Ports of pages and mail: what everybody goes to the Internet for.
fn is_common(port: u16) -> bool {
    matches!(port, 25 | 80 | 443 | 465 | 587 | 993 | 995)
}

/// Adds Internet access.
pub(super) fn internet(
    index: &Index<'_>,
    shown: &[Shown<'_>],
    knowledge: &Knowledge,
    devices: &Devices<'_>,
    drafts: &mut Drafts,
) {
    let mut all: BTreeMap<String, Leaving<'_>> = BTreeMap::new();
    for (place, shown) in index.places.iter().zip(shown) {
        leaving(index, place, shown, knowledge, &mut all);
    }
    all.retain(|_, it| it.common);
    let inside = inner(index, shown);
    for (device, leaving) in all {
        let place = devices.edge_behind(&device);
        let known = devices
            .entry(&device)
            .is_some_and(|(key, it)| devices.faces_outside(key, it));
        let inner = inside.contains(&device) && !known && place.is_none();
        let stray = leaving
            .segments
            .iter()
            .all(|it| index.is_stray(it, &device));
        let kind = if stray {
            PointKind::SecondRoute
        } else {
            PointKind::Internet
        };
        let (flows, few_peers) = (leaving.flows.len(), leaving.peers.len() < 3);
        let narrow = flows > 2 && few_peers;
        let draft = drafts.at(place.as_deref().unwrap_or(&device), kind);
        draft.segments.extend(leaving.segments);
        for (asset, (seen, peer)) in leaving.flows {
            let Some(place) = index.by_id.get(asset).and_then(|it| index.places.get(*it)) else {
                continue;
            };
            let id = &place.asset.id;
            let route = format!("0.0.0.0/0 → {device}");
            let sight = place.seen("route");
            draft
                .witnesses
                .push(protocol_fact("route", route, Weight::Medium, id, sight));
            draft
                .witnesses
                .push(protocol_fact("flow", peer, Weight::Strong, id, seen));
        }
        // One server of many that asks one address: not the way by which the hospital goes out.
        let users = index.main_gateways.get(&device).map_or(0, BTreeSet::len);
        bound(
            draft,
            stray,
            narrow,
            inner || (few_peers && flows * 2 < users),
        );
    }
}

/// Says what the place cannot be.
fn bound(draft: &mut Draft, stray: bool, narrow: bool, inner: bool) {
    if stray {
        draft.at_most(
            Grade::Inferred,
            "同じセグメントの多くの機器とは別のゲートウェイから外へ出ている。回線の用途は現地で確認する",
            "a few machines leave by another gateway than most of their segment; what its line is for is to be checked on site",
        );
    }
    if narrow {
        draft.at_most(
            Grade::Hint,
            "多くの機器が一つか二つの相手とだけ通信しており、特定のサービスとみられる",
            "many machines talk to one or two addresses only: a service, it seems",
        );
    }
    if inner {
        draft.at_most(Grade::Inferred, INNER.0, INNER.1);
    }
}

fn leaving<'a>(
    index: &Index<'a>,
    place: &Place<'a>,
    shown: &Shown<'_>,
    knowledge: &Knowledge,
    all: &mut BTreeMap<String, Leaving<'a>>,
) {
    for flow in &shown.talk.public {
        let it = &flow.item;
        // A tool for remote maintenance is a way out of its own.
        if it
            .program
            .as_deref()
            .is_some_and(|it| knowledge.tool_of(it).is_some())
        {
            continue;
        }
        let Some(way) = place.way_to(it.peer, Some(it.local)) else {
            continue;
        };
        let plain = way.is_default() && !super::line::is_line(way.interface);
        let Some(device) = index.box_of(way).filter(|_| plain) else {
            continue;
        };
        let leaving = all.entry(device).or_default();
        leaving.segments.extend(way.segment.map(str::to_owned));
        leaving.peers.insert(it.peer);
        leaving.common |= is_common(it.port);
        let seen = place.went_on(flow.since, flow.until);
        let peer = format!("{}:{}", it.peer, it.port);
        let first = leaving
            .flows
            .entry(&place.asset.id.0)
            .or_insert((seen, peer));
        first.0 = (first.0.0.min(seen.0), first.0.1.max(seen.1));
    }
}

/// Devices that stand inside: gateways of several segments, and those by which machines reach other
/// known segments.
fn inner(index: &Index<'_>, shown: &[Shown<'_>]) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    let mut led: BTreeMap<String, &str> = BTreeMap::new();
    for (place, shown) in index.places.iter().zip(shown) {
        for way in place.defaults() {
            if let (Some(device), Some(segment)) = (index.box_of(way), way.segment) {
                let first = led.entry(device.clone()).or_insert(segment);
                if *first != segment {
                    out.insert(device);
                }
            }
        }
        // A machine in two networks may answer by either.
        if place.segments.len() > 1 {
            continue;
        }
        let beyond = shown.talk.inside.iter().find_map(|flow| {
            let way = place.way_to(flow.item.peer, Some(flow.item.local))?;
            way.is_default().then(|| index.box_of(way)).flatten()
        });
        out.extend(beyond);
    }
    out
}
