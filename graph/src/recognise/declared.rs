//! Declared points and decisions. Comes in: what people wrote and what was recognised; goes out: the
//! points with what people say of them. It guesses nothing from entries that contradict each other.

mod decide;
mod imply;

use std::collections::{BTreeMap, BTreeSet};

use daicho_ledger::hand::{DeclaredPoint, Entry};
use daicho_ledger::{Grade, PointKind};

use super::draft::{Draft, Drafts};
use super::hand::Devices;
use super::index::Index;
use super::knowledge::Knowledge;
use super::pattern::holds;
use super::point::is_oqs;
use super::way_out::INNER;
use super::{Contradiction, Recognition, Weight, Witness};
pub(super) use decide::{decide, idle_decisions};
use imply::imply;

/// Where declared points are.
struct Declared<'a> {
    entry: &'a Entry,
    point: &'a DeclaredPoint,
    /// The place, and all places that are the same.
    place: String,
    places: BTreeSet<String>,
    seen: bool,
    /// A device, machine or address was found for it.
    located: bool,
}

fn locate<'a>(
    index: &Index<'a>,
    devices: &Devices<'a>,
    entry: &'a Entry,
    point: &'a DeclaredPoint,
    out: &mut Recognition,
) -> Declared<'a> {
    let own = format!("point:{}", entry.key);
    let mut place = None;
    let mut places = BTreeSet::new();
    let mut seen = false;
    if let Some(asset) = &point.asset {
        seen = index.by_id.contains_key(asset.0.as_str());
        if !seen && !index.has_node(&asset.0) {
            out.contradictions.push(missing(entry, &asset.0));
        }
        place = Some(asset.0.clone());
    }
    if let Some(device) = &point.device {
        match devices.place(device) {
            Some(at) => {
                seen |= devices.is_seen(device);
                places.extend(devices.places(device));
                place.get_or_insert(at);
            }
            None => out.contradictions.push(missing(entry, device)),
        }
    }
    if let Some(address) = point.address {
        let segments: Vec<_> = index.segments_with(address).into_iter().collect();
        let device = match segments.as_slice() {
            [segment] => index.device(segment, address),
            _ => None,
        };
        if let Some(device) = device {
            seen = true;
            places.insert(device.to_owned());
            place.get_or_insert_with(|| device.to_owned());
        }
    }
    let located = place.is_some();
    let place = place.unwrap_or(own);
    places.insert(place.clone());
    Declared {
        entry,
        point,
        place,
        places,
        seen,
        located,
    }
}

fn missing(entry: &Entry, what: &str) -> Contradiction {
    Contradiction {
        entries: vec![entry.key.clone()],
        text: (
            format!("「{what}」という機器はない"),
            format!("there is no device `{what}`"),
        ),
    }
}

/// Whether a recognised kind may be the declared one: the same, or one that says less.
fn may_be(found: PointKind, declared: PointKind) -> bool {
    use PointKind::{Mobile, Oqs, Other, RegionalIpVpn, RegionalLink, SecondRoute, VendorVpn};
    found == declared
        || (is_oqs(found) && is_oqs(declared) && (found == Oqs || declared == Oqs))
        || matches!(found, Other | SecondRoute)
        || (found == VendorVpn && !is_oqs(declared))
        || matches!(
            (found, declared),
            (RegionalLink, RegionalIpVpn) | (RegionalIpVpn, RegionalLink)
        )
        || (found == Mobile && declared == VendorVpn)
}

/// Joins declared points to the drafts.
pub(super) fn declare(
    index: &Index<'_>,
    devices: &Devices<'_>,
    lines: &BTreeSet<String>,
    knowledge: &Knowledge,
    drafts: &mut Drafts,
    out: &mut Recognition,
) {
    let hand = &index.ledger.hand;
    let mut all: Vec<Declared<'_>> = hand
        .points()
        .map(|(entry, point)| locate(index, devices, entry, point, out))
        .collect();
    all.sort_by(|a, b| a.entry.cmp(b.entry));
    let told = contradictory(&all, out);
    for it in &all {
        let found = matching(it, drafts);
        let key = match found {
            Some(key) => key,
            None => (it.place.clone(), it.point.kind),
        };
        let fresh = !drafts.all.contains_key(&key);
        let mut draft = drafts
            .all
            .remove(&key)
            .unwrap_or_else(|| Draft::new(&key.0, key.1));
        if !told.contains(it.entry.key.as_str()) && draft.kind != it.point.kind {
            draft.kind = specific(draft.kind, it.point.kind);
        }
        if leads_to(it, &draft) {
            agreed(it, &mut draft);
        }
        draft.declared.push(it.entry.key.clone());
        draft.declared.sort();
        // A person says that the line is here.
        let bound = draft
            .ceiling
            .as_ref()
            .is_some_and(|(_, why)| why.0 == INNER.0);
        if bound && draft.kind == it.point.kind {
            draft.ceiling = None;
        }
        if !it.point.name.is_empty() {
            draft.called.insert(it.point.name.clone());
        }
        if fresh {
            declared_only(index, it, &mut draft);
        }
        let key = (draft.place.clone(), draft.kind);
        match drafts.all.entry(key) {
            std::collections::btree_map::Entry::Vacant(free) => {
                free.insert(draft);
            }
            std::collections::btree_map::Entry::Occupied(mut one) => {
                one.get_mut().absorb(draft);
            }
        }
    }
    for (address, keys) in &devices.shared {
        out.contradictions.push(Contradiction {
            entries: keys.iter().map(|it| (*it).to_owned()).collect(),
            text: (
                format!("手入力の機器が同じアドレス（{address}）を持つ"),
                format!("devices kept by hand have the same address `{address}`"),
            ),
        });
    }
    imply(index, (devices, lines), knowledge, &all, drafts);
    inner_gateways(drafts);
}

/// A person's word and what was seen name the same networks: the place is the one that the person
/// named.
fn agreed(it: &Declared<'_>, draft: &mut Draft) {
    let seen = draft.witnesses.iter().filter_map(|it| it.last).max();
    draft.witnesses.push(Witness {
        kind: "device".to_owned(),
        value: it.point.name.clone(),
        weight: Weight::Medium,
        source: it.entry.key.clone(),
        proven: false,
        asset: daicho_ledger::AssetId(it.place.clone()),
        first: None,
        last: seen,
    });
    if !it.places.contains(&draft.place) && it.located {
        draft.place.clone_from(&it.place);
    }
}

/// Where people say where the Internet line is, a gateway inside is only on the way to it; and where
/// they name one line alone, what is seen on that way speaks for it.
fn inner_gateways(drafts: &mut Drafts) {
    let internet = |draft: &Draft| draft.kind == PointKind::Internet;
    let told: Vec<_> = drafts
        .all
        .iter()
        .filter(|(_, it)| internet(it) && !it.declared.is_empty())
        .map(|(key, _)| key.clone())
        .collect();
    let mut on_the_way = Vec::new();
    for draft in drafts.all.values_mut().filter(|_| !told.is_empty()) {
        let why = draft.ceiling.as_ref().map(|(_, why)| why.0.as_str());
        if why == Some(INNER.0) && internet(draft) && draft.declared.is_empty() {
            on_the_way.extend(draft.witnesses.iter().cloned());
            draft.at_most(
                Grade::Hint,
                "インターネット回線は別の機器に手入力されており、ここはその途中とみられる",
                "the Internet line is declared at another device; this one seems to be on the way to it",
            );
        }
    }
    let [only] = told.as_slice() else { return };
    let unseen = |it: &&mut Draft| it.grade() == Grade::Declared && !on_the_way.is_empty();
    if let Some(line) = drafts.all.get_mut(only).filter(unseen) {
        line.witnesses.extend(on_the_way.iter().cloned());
        line.ceiling = Some((Grade::Inferred, (
            "院内からインターネットへの通信が観測され、記入された回線はこれだけである。その通信がここを通ることは確認できていない".to_owned(),
            "talk to the Internet is seen and no other line is declared; that it passes here is not known".to_owned(),
        )));
    }
}

/// Of a recognised and a declared kind the one that says more.
fn specific(found: PointKind, declared: PointKind) -> PointKind {
    if declared == PointKind::Oqs && is_oqs(found) {
        found
    } else {
        declared
    }
}

/// What nobody but a person says.
fn declared_only(index: &Index<'_>, it: &Declared<'_>, draft: &mut Draft) {
    draft.ceiling = Some((Grade::Declared, (String::new(), String::new())));
    draft.segments.extend(index.segments_of(&it.place));
    if it.seen {
        draft.at_most(
            Grade::Declared,
            "その機器は観測されている",
            "the device itself is seen",
        );
    }
    let id = daicho_ledger::AssetId(it.place.clone());
    let last = index.last_seen(&it.place);
    draft.witnesses.push(Witness {
        kind: "device".to_owned(),
        value: it.point.name.clone(),
        weight: Weight::Strong,
        source: it.entry.key.clone(),
        proven: false,
        asset: id,
        first: None,
        last,
    });
}

/// The draft that a declared point is: at its place, or leading to the networks that it names.
fn matching(it: &Declared<'_>, drafts: &Drafts) -> Option<(String, PointKind)> {
    let here = drafts.all.iter().filter(|((place, _), draft)| {
        let near = it.places.contains(place) || shows_it(it, draft);
        let told = draft.kind == it.point.kind || draft.grade() != Grade::Hint;
        (near && told) || leads_to(it, draft)
    });
    let mut fits: Vec<_> = here
        .filter(|(_, draft)| may_be(draft.kind, it.point.kind))
        .map(|((place, kind), draft)| {
            let far = !it.places.contains(place);
            let other = draft.kind != it.point.kind;
            (far, other, draft.grade(), (place.clone(), *kind))
        })
        .collect();
    fits.sort();
    fits.into_iter().next().map(|(.., key)| key)
}

/// Whether the declared machine is one of several that show a line of オンライン資格確認.
fn shows_it(it: &Declared<'_>, draft: &Draft) -> bool {
    let asset = it.point.asset.as_ref();
    let mut shown = draft.witnesses.iter().map(|it| &it.asset);
    is_oqs(draft.kind) && is_oqs(it.point.kind) && shown.any(|it| Some(it) == asset)
}

/// Whether a draft leads to a network that the declared point names.
fn leads_to(it: &Declared<'_>, draft: &Draft) -> bool {
    let named = &it.point.peer_networks;
    let mut networks = draft.networks.iter();
    networks.any(|address| named.iter().any(|named| holds(named, *address)))
}

/// Entries that speak of one address or device and differ in kind.
fn contradictory<'a>(all: &[Declared<'a>], out: &mut Recognition) -> BTreeSet<&'a str> {
    let mut told = BTreeSet::new();
    let mut by_place: BTreeMap<&str, Vec<&Declared<'a>>> = BTreeMap::new();
    for it in all.iter().filter(|it| it.point.asset.is_none()) {
        by_place.entry(&it.place).or_default().push(it);
    }
    for (place, entries) in by_place {
        let kinds: BTreeSet<PointKind> = entries.iter().map(|it| it.point.kind).collect();
        let address = entries.iter().any(|it| it.point.address.is_some());
        if kinds.len() < 2 || !address {
            continue;
        }
        told.extend(entries.iter().map(|it| it.entry.key.as_str()));
        out.contradictions.push(Contradiction {
            entries: entries.iter().map(|it| it.entry.key.clone()).collect(),
            text: (
                format!(
                    "同じ機器・アドレス（{place}）に、種類の異なる外部接続点が手入力されている"
                ),
                format!("connection points of different kinds are declared at `{place}`"),
            ),
        });
    }
    told
}
