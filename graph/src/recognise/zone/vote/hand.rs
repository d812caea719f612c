//! Votes from what people wrote. Comes in: devices and lines kept by hand; goes out: votes for the
//! segments where they stand or which they lead. A device that leads from one network to others says
//! nothing of the zone by standing there.

use std::collections::BTreeSet;

use daicho_ledger::hand::{DeclaredPoint, DeviceKind};
use daicho_ledger::{PointKind, ZoneKind};

use super::super::super::knowledge::{Of, TraitKind};
use super::super::super::{ConnectionPoint, Weight, Witness};
use super::super::{Basis, points};
use super::All;

/// Zones of devices kept by hand, what their kind says, and the words that people use of them and of
/// the lines that they declared at them.
pub(super) fn by_hand<'a>(basis: &Basis<'a, '_>, all: &mut All<'a>) {
    for (key, device) in basis.devices.entries() {
        if basis.devices.is_doubtful(key) {
            continue;
        }
        let by_kind = (device.kind == DeviceKind::MedicalDevice).then_some(ZoneKind::MedicalDevice);
        let stated = device.zone.filter(|it| *it != ZoneKind::Unknown);
        let stated = stated
            .map(|it| (it, Weight::Strong))
            .or(by_kind.map(|it| (it, Weight::Medium)));
        let stated = stated.filter(|(zone, _)| *zone != ZoneKind::Dmz || !leads(device.kind));
        let mut segments: BTreeSet<String> = BTreeSet::new();
        for place in basis.devices.places(key) {
            segments.extend(basis.index.segments_of(&place));
        }
        for segment in &segments {
            let Some(segment) = basis.index.segments.get(segment.as_str()) else {
                continue;
            };
            let place = format!("hand:{key}");
            let votes = all.entry(segment).or_default();
            if let Some((zone, weight)) = stated.filter(|_| segments.len() == 1) {
                let witness = by_person(basis, key, &device.name, weight);
                votes.voters.insert(place.clone());
                votes.cast(zone, &place, points(weight), witness);
            }
            // A router of オンライン資格確認 is maintained by some vendor too.
            let places = basis.devices.places(key);
            if places.iter().any(|it| basis.lines.devices.contains(it)) {
                continue;
            }
            // The box of a vendor's line says whose the network is that it alone leads.
            if !leads(device.kind)
                || basis
                    .index
                    .is_led_by_others(segment, &basis.devices.places(key))
            {
                continue;
            }
            for (zone, weight, text) in words(basis, &texts(basis, key)) {
                let witness = by_person(basis, key, &text, weight);
                votes.cast(zone, &place, points(weight), witness);
            }
        }
    }
}

/// Whether a device leads from one network to others.
fn leads(kind: DeviceKind) -> bool {
    use DeviceKind::{Firewall, MobileRouter, Router, Vpn};
    matches!(kind, Firewall | MobileRouter | Router | Vpn)
}

fn by_person(basis: &Basis<'_, '_>, key: &str, text: &str, weight: Weight) -> Witness {
    let place = basis.devices.place(key).unwrap_or_default();
    Witness {
        kind: "device".to_owned(),
        value: text.to_owned(),
        weight,
        source: key.to_owned(),
        proven: false,
        last: basis.index.last_seen(&place),
        asset: daicho_ledger::AssetId(place),
        first: None,
    }
}

/// What people wrote of a device and of the lines at it.
fn texts<'a>(basis: &Basis<'a, '_>, key: &str) -> Vec<&'a str> {
    let mut out: Vec<&str> = Vec::new();
    for (_, device) in basis.devices.entries().filter(|(it, _)| *it == key) {
        out.extend([device.name.as_str(), &device.purpose, &device.department]);
        out.extend(device.system.as_deref());
        out.extend(vendor(basis, device.vendor.as_deref()));
    }
    let points = basis.index.ledger.hand.points();
    for (_, point) in points.filter(|(_, it)| it.device.as_deref() == Some(key)) {
        line_texts(basis, point, &mut out);
    }
    out
}

fn line_texts<'a>(basis: &Basis<'a, '_>, point: &'a DeclaredPoint, out: &mut Vec<&'a str>) {
    out.extend([point.name.as_str(), &point.peer]);
    out.extend(point.system.as_deref());
    out.extend(vendor(basis, point.vendor.as_deref()));
}

fn vendor<'a>(basis: &Basis<'a, '_>, key: Option<&str>) -> Option<&'a str> {
    let vendor = basis.index.ledger.hand.vendor(key?)?;
    Some(vendor.name.as_str())
}

/// Zones of which words speak.
fn words(basis: &Basis<'_, '_>, texts: &[&str]) -> Vec<(ZoneKind, Weight, String)> {
    let mut out = Vec::new();
    for text in texts {
        for of in basis.knowledge.hits(TraitKind::Word, &text.to_lowercase()) {
            let one = basis.knowledge.traits.get(of);
            let zone = one.and_then(|it| match it.of {
                Of::Zone(of) => basis.knowledge.zones.get(of),
                _ => None,
            });
            if let (Some(one), Some(zone)) = (one, zone) {
                out.push((*zone, one.weight, (*text).to_owned()));
            }
        }
    }
    out
}

/// The words for a declared line speak for the segments that its device alone leads.
pub(super) fn by_line<'a>(basis: &Basis<'a, '_>, found: &[ConnectionPoint], all: &mut All<'a>) {
    let hand = &basis.index.ledger.hand;
    for point in found.iter().filter(|it| it.kind == PointKind::VendorVpn) {
        let device = point.at.strip_prefix("gateway:").unwrap_or(&point.at);
        let mut devices = BTreeSet::from([device.to_owned()]);
        // What spoke for the box may be its other interface.
        let shown = point
            .witnesses
            .iter()
            .filter(|it| it.kind == "maker" || it.kind == "device");
        devices.extend(shown.map(|it| it.asset.0.clone()));
        if let Some((key, _)) = basis.devices.entry(device) {
            devices.extend(basis.devices.places(key));
        }
        let declared = hand
            .points()
            .filter(|(it, _)| point.declared.contains(&it.key));
        let declared: Vec<_> = declared.collect();
        for segment in &point.segments {
            let Some(segment) = basis.index.segments.get(segment.as_str()) else {
                continue;
            };
            if basis.index.is_led_by_others(segment, &devices) {
                continue;
            }
            for (entry, line) in &declared {
                let mut texts = Vec::new();
                line_texts(basis, line, &mut texts);
                for (zone, weight, text) in words(basis, &texts) {
                    let witness = by_person(basis, &entry.key, &text, weight);
                    let votes = all.entry(segment).or_default();
                    votes.cast(zone, &entry.key, points(weight), witness);
                }
            }
        }
    }
}
