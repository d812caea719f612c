//! Internet access. Comes in: flows to public addresses and default routes; goes out: one draft for
//! each device by which they leave. Where the device is known to stand inside, a firewall kept by
//! hand behind it is the place.

use std::collections::{BTreeMap, BTreeSet};

use daicho_ledger::{Grade, PointKind};

use super::super::Weight;
use super::super::draft::{Drafts, protocol_fact};
use super::super::hand::Devices;
use super::super::index::{Index, Place};
use super::super::sign::{Seen, Shown};

/// What leaves by one device.
#[derive(Default)]
struct Leaving<'a> {
    /// Machines with their sight and a peer.
    flows: BTreeMap<&'a str, (Seen, String)>,
    segments: BTreeSet<String>,
}

/// Adds Internet access.
pub(super) fn internet(
    index: &Index<'_>,
    shown: &[Shown<'_>],
    devices: &Devices<'_>,
    drafts: &mut Drafts,
) {
    let mut all: BTreeMap<String, Leaving<'_>> = BTreeMap::new();
    for (place, shown) in index.places.iter().zip(shown) {
        leaving(index, place, shown, &mut all);
    }
    let counts = inner_segments(index);
    for (device, leaving) in all {
        let place = devices.edge_behind(&device);
        let inner = counts.get(&device).is_some_and(|it| it.len() > 1);
        let stray = leaving
            .segments
            .iter()
            .all(|it| index.is_stray(it, &device));
        let kind = if stray {
            PointKind::SecondRoute
        } else {
            PointKind::Internet
        };
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
        if stray {
            draft.at_most(
                Grade::Inferred,
                "同じセグメントの多くの機器とは別のゲートウェイから外へ出ている。回線の用途は現地で確認する",
                "a few machines leave by another gateway than most of their segment; what its line is for is to be checked on site",
            );
        }
        if inner && place.is_none() && !devices.is_edge(&device) {
            draft.at_most(
                Grade::Inferred,
                "このゲートウェイは複数のセグメントをつなぐ院内の機器とみられ、回線はその先にある",
                "this gateway joins several segments and seems to stand inside; the line is behind it",
            );
        }
    }
}

fn leaving<'a>(
    index: &Index<'a>,
    place: &Place<'a>,
    shown: &Shown<'_>,
    all: &mut BTreeMap<String, Leaving<'a>>,
) {
    for flow in &shown.talk.public {
        let it = &flow.item;
        let Some(way) = place.way_to(it.peer, Some(it.local)) else {
            continue;
        };
        let plain = way.is_default() && !super::line::is_line(way.interface);
        let Some(device) = index.box_of(way).filter(|_| plain) else {
            continue;
        };
        let leaving = all.entry(device).or_default();
        leaving.segments.extend(way.segment.map(str::to_owned));
        let seen = place.went_on(flow.since, flow.until);
        let peer = format!("{}:{}", it.peer, it.port);
        let first = leaving
            .flows
            .entry(&place.asset.id.0)
            .or_insert((seen, peer));
        first.0 = (first.0.0.min(seen.0), first.0.1.max(seen.1));
    }
}

/// The segments of which a device is somebody's default gateway.
fn inner_segments(index: &Index<'_>) -> BTreeMap<String, BTreeSet<String>> {
    let mut out: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for way in index.places.iter().flat_map(Place::defaults) {
        if let (Some(device), Some(segment)) = (index.box_of(way), way.segment) {
            out.entry(device).or_default().insert(segment.to_owned());
        }
    }
    out
}
