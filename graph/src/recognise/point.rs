//! Connection points by signature, besides オンライン資格確認. Comes in: hits; goes out: drafts at the
//! machine, or at the device by which the named address is reached.

use std::collections::BTreeSet;

use daicho_ledger::PointKind;

use super::Weight;
use super::draft::{Drafts, witness};
use super::hand::Devices;
use super::index::{Index, Place};
use super::knowledge::{Hit, Knowledge, Of};
use super::rule::Rule;
use super::sign::Shown;
use super::way_out::{elsewhere, way_out_of};

/// Whether the kind belongs to オンライン資格確認.
pub(super) fn is_oqs(kind: PointKind) -> bool {
    use PointKind::{Oqs, OqsIpsec, OqsIpv6, OqsPppoe, OqsWebApi};
    matches!(kind, Oqs | OqsIpsec | OqsIpv6 | OqsPppoe | OqsWebApi)
}

/// Adds what signatures say.
pub(super) fn points(
    index: &Index<'_>,
    shown: &[Shown<'_>],
    knowledge: &Knowledge,
    drafts: &mut Drafts,
) {
    for (place, shown) in index.places.iter().zip(shown) {
        for hit in &shown.hits {
            let Some(Of::Point(of)) = knowledge.traits.get(hit.of).map(|it| it.of) else {
                continue;
            };
            let Some(signature) = knowledge.points.get(of) else {
                continue;
            };
            let family = is_oqs(signature.kind) || signature.line_of.is_some();
            if family || !shown.allows(&signature.needs, &signature.unless) {
                continue;
            }
            let Some(witness) = witness(place, hit, knowledge) else {
                continue;
            };
            if let Some(line) = signature.on_line_of
                && has_line(drafts, place, line)
            {
                continue;
            }
            let at = location(index, place, hit, signature.kind);
            let draft = drafts.at(&at, signature.kind);
            draft.witnesses.push(witness);
            if !signature.title.is_empty() {
                draft.names.insert(signature.title.clone());
            }
            draft
                .segments
                .extend(place.segments.iter().map(|it| (*it).to_owned()));
        }
    }
}

/// Routers that people call by オンライン資格確認.
pub(super) fn named_routers(devices: &Devices<'_>, knowledge: &Knowledge) -> BTreeSet<String> {
    let named = devices.entries().filter(|(_, it)| {
        let kind = way_out_of(it, knowledge);
        kind.is_some_and(is_oqs)
    });
    named.flat_map(|(key, _)| devices.places(key)).collect()
}

/// Whether a machine shows by more than a weak trait that it serves a regional network.
pub(super) fn is_regional(shown: &Shown<'_>, knowledge: &Knowledge) -> bool {
    shown.hits.iter().any(|hit| {
        let one = knowledge.traits.get(hit.of);
        one.is_some_and(|one| match one.of {
            Of::Point(of) => {
                let kind = knowledge.points.get(of).map(|it| it.kind);
                one.weight <= Weight::Strong && kind == Some(PointKind::RegionalLink)
            }
            _ => false,
        })
    })
}

/// Adds what the site's own rules call connection points.
pub(super) fn by_rules(index: &Index<'_>, rules: &[Rule<'_>], drafts: &mut Drafts) {
    for rule in rules {
        let Some(kind) = rule.rule.point else {
            continue;
        };
        for place in index.places.iter().filter(|it| rule.matches(it)) {
            let draft = drafts.at(&place.asset.id.0, kind);
            draft.witnesses.push(rule.witness(place));
            draft
                .segments
                .extend(place.segments.iter().map(|it| (*it).to_owned()));
        }
    }
}

/// Whether the machine is itself at a line of that kind, which then says so in `also`.
fn has_line(drafts: &Drafts, place: &Place<'_>, line: PointKind) -> bool {
    let id = &place.asset.id;
    drafts.all.values().any(|it| {
        let same = it.kind == line || (line == PointKind::Oqs && is_oqs(it.kind));
        same && (it.place == id.0 || it.witnesses.iter().any(|w| w.asset == *id))
    })
}

/// The device by which the address is reached, where that is outside; for what is reached over the
/// Internet, the device by which the machine leaves; otherwise the machine.
fn location(index: &Index<'_>, place: &Place<'_>, hit: &Hit, kind: PointKind) -> String {
    let outside = hit.address.filter(|it| index.segments_with(*it).is_empty());
    if matches!(kind, PointKind::RegionalLink | PointKind::RegionalIpVpn)
        && outside.is_none()
        && let Some(device) = elsewhere(index, place)
    {
        return device;
    }
    let way = match outside {
        Some(address) => place.way_to(address, None),
        None if kind == PointKind::CloudEhr => place.defaults().next(),
        None => None,
    };
    let device = way.and_then(|it| index.box_of(it));
    device.unwrap_or_else(|| place.asset.id.0.clone())
}
