//! Where people want things to stand（配置の指定）. Comes in: pins and what is to be drawn; goes out:
//! the same things in the order of the pins, and the pins that cannot be kept, each with its reason.
//! It places nothing: a pin is a constraint, never a coordinate.

use std::collections::{BTreeMap, BTreeSet};

use daicho_ledger::ZoneKind;
use daicho_ledger::hand::Pin;
use serde::{Deserialize, Serialize};

use super::bands::{Item, Link};
use super::order::{Wanted, ordered};
use super::sheet::zone_of;
use super::{Lang, Options, Shape, Subject};
use crate::topology::{Node, NodeKind, Topology};

/// A pin with the key of its entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pinned {
    /// Key of the entry.
    pub key: String,
    /// What it says.
    pub pin: Pin,
}

/// Why a pin is not kept.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// No box bears the name.
    Missing(String),
    /// The machine is counted in a group and has no box.
    Counted(String),
    /// Several boxes bear the name.
    Several(String, usize),
    /// A zone that is not drawn.
    NoZone(ZoneKind),
    /// There are fewer places.
    Places(u32, usize),
    /// The two do not stand in the same row or segment.
    Apart(String),
    /// Another pin asks for something that leaves no room.
    Contrary,
}

/// A pin that is not kept.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Unmet {
    /// Key of its entry.
    pub key: String,
    /// Why.
    pub why: Why,
}

impl Unmet {
    /// As people read it.
    #[must_use]
    pub fn text(&self, lang: Lang) -> String {
        let ja = lang == Lang::Ja;
        let why = match &self.why {
            Why::Missing(name) if ja => format!("「{name}」は図にありません"),
            Why::Missing(name) => format!("no box bears `{name}`"),
            Why::Counted(name) if ja => {
                format!("「{name}」は数としてまとめて描かれ、単独の箱がありません")
            }
            Why::Counted(name) => format!("`{name}` is counted in a group and has no box"),
            Why::Several(name, n) if ja => {
                format!("「{name}」と書かれた箱が {n} あります（id で指定してください）")
            }
            Why::Several(name, n) => format!("{n} boxes bear `{name}`; name one by its id"),
            Why::NoZone(zone) if ja => format!("系「{}」は図にありません", zone.title(lang)),
            Why::NoZone(zone) => format!("zone `{}` is not on the diagram", zone.title(lang)),
            Why::Places(place, n) if ja => format!("{place} 番目は取れません（並びは {n} 個）"),
            Why::Places(place, n) => format!("there is no place {place} among {n}"),
            Why::Apart(name) if ja => {
                format!("「{name}」とは同じ並び（同じ帯・同じセグメント）にありません")
            }
            Why::Apart(name) => format!("it does not stand in one row or segment with `{name}`"),
            Why::Contrary if ja => "ほかの指定と両立しません".to_owned(),
            Why::Contrary => "it contradicts another pin".to_owned(),
        };
        format!("{}: {why}", self.key)
    }
}

/// Zones in their order: those that people named first.
pub(super) fn zones(pins: &[Pinned]) -> Vec<ZoneKind> {
    let named = pins.iter().flat_map(|it| it.pin.zones.iter().copied());
    let mut out: Vec<ZoneKind> = Vec::new();
    for zone in named.chain(ZoneKind::ALL) {
        if !out.contains(&zone) {
            out.push(zone);
        }
    }
    out
}

/// A box: an item, or one inside of it.
type At = (usize, Option<usize>);

/// Puts items, and what is in them, into the order of the pins.
pub(super) fn apply(
    items: &mut Vec<Item>,
    links: &mut [Link],
    topology: &Topology,
    options: &Options,
) -> Vec<Unmet> {
    let pins = &options.pins;
    if pins.is_empty() {
        return Vec::new();
    }
    let mut unmet = Vec::new();
    let mut asked = Asked::default();
    for it in pins {
        let why = ask(it, items, topology, &mut asked).err();
        let key = it.key.clone();
        let why = why.filter(|why| !elsewhere(it, why, topology, options.view));
        unmet.extend(why.map(|why| Unmet { key, why }));
    }
    unmet.extend(inner(items, &asked));
    unmet.extend(outer(items, links, &asked));
    unmet.sort();
    unmet.dedup();
    unmet
}

/// Whether it speaks of a box of the other view, so that it is no matter here.
fn elsewhere(it: &Pinned, why: &Why, topology: &Topology, view: Subject) -> bool {
    let absent = matches!(why, Why::Missing(_) | Why::Counted(_) | Why::NoZone(_));
    let thing = it.pin.thing.as_deref().unwrap_or_default();
    let system = |n: &Node| n.kind == NodeKind::System && (n.id == thing || n.label == thing);
    let of_systems = thing.starts_with("users:") || topology.nodes.iter().any(system);
    absent && of_systems == (view == Subject::Network)
}

/// What is asked of boxes.
#[derive(Default)]
struct Asked {
    /// Box, place from 0, key.
    places: Vec<(At, usize, String)>,
    /// Two boxes, key.
    pairs: Vec<(At, At, String)>,
}

fn ask(it: &Pinned, items: &[Item], topology: &Topology, asked: &mut Asked) -> Result<(), Why> {
    let drawn: BTreeSet<ZoneKind> = items.iter().filter(|i| i.band == 3).map(zone_of).collect();
    if let Some(zone) = it.pin.zones.iter().find(|zone| !drawn.contains(zone)) {
        return Err(Why::NoZone(*zone));
    }
    let Some(thing) = &it.pin.thing else {
        return Ok(());
    };
    let at = find(thing, items, topology)?;
    if let Some(place) = it.pin.place {
        let count = siblings(at, items).len();
        let n = usize::try_from(place).unwrap_or(usize::MAX);
        if n == 0 || n > count {
            return Err(Why::Places(place, count));
        }
        asked.places.push((at, n - 1, it.key.clone()));
    }
    if let Some(other) = &it.pin.beside {
        let to = find(other, items, topology)?;
        if at == to || !siblings(at, items).contains(&to) {
            return Err(Why::Apart(other.clone()));
        }
        asked.pairs.push((at, to, it.key.clone()));
    }
    Ok(())
}

/// Those among which a box has its place.
fn siblings((item, cell): At, items: &[Item]) -> Vec<At> {
    if cell.is_some() {
        let all = 0..items[item].inside.len();
        return all.map(|n| (item, Some(n))).collect();
    }
    let like = |n: &usize| {
        let (a, b) = (&items[item], &items[*n]);
        a.band == b.band && (a.band < 3 || zone_of(a) == zone_of(b))
    };
    let all = (0..items.len()).filter(like);
    all.map(|n| (n, None)).collect()
}

/// The one box of that name: its id, the machine's id, or a line that stands in it.
fn find(name: &str, items: &[Item], topology: &Topology) -> Result<At, Why> {
    let boxes = || {
        items.iter().enumerate().flat_map(|(n, item)| {
            let inside = item.inside.iter().enumerate();
            let inside = inside.map(move |(k, cell)| ((n, Some(k)), cell));
            std::iter::once(((n, None), &item.shape)).chain(inside)
        })
    };
    let node = |shape: &Shape| shape.id.rsplit('|').next().unwrap_or_default().to_owned();
    let bare = |id: &str| id.split_once(':').map(|(_, rest)| rest.to_owned());
    let ways: [&dyn Fn(&Shape) -> bool; 4] = [
        &|s| s.id == name || node(s) == name,
        &|s| bare(&s.id).as_deref() == Some(name),
        &|s| s.title.split('\n').take(2).any(|line| line == name),
        &|s| s.title.split('\n').any(|line| line == name),
    ];
    for way in ways {
        let found: Vec<At> = boxes()
            .filter(|(_, shape)| !shape.is_counted() && way(shape))
            .map(|(at, _)| at)
            .collect();
        match found.as_slice() {
            [] => {}
            [only] => return Ok(*only),
            several => return Err(Why::Several(name.to_owned(), several.len())),
        }
    }
    let mut nodes = topology.nodes.iter();
    match nodes.any(|n| n.id == name || n.label == name) {
        true => Err(Why::Counted(name.to_owned())),
        false => Err(Why::Missing(name.to_owned())),
    }
}

/// Boxes inside of items.
fn inner(items: &mut [Item], asked: &Asked) -> Vec<Unmet> {
    let mut unmet = Vec::new();
    for (n, item) in items.iter_mut().enumerate() {
        let own = |at: &At| at.1.filter(|_| at.0 == n);
        let list: Vec<usize> = (0..item.inside.len()).collect();
        let (order, lost) = settle(&list, asked, own);
        unmet.extend(lost);
        if order != list {
            let old = std::mem::take(&mut item.inside);
            item.inside = order.iter().map(|k| old[*k].clone()).collect();
        }
    }
    unmet
}

/// Items of a band, or of a zone.
fn outer(items: &mut Vec<Item>, links: &mut [Link], asked: &Asked) -> Vec<Unmet> {
    let mut lists: BTreeMap<(usize, Option<ZoneKind>), Vec<usize>> = BTreeMap::new();
    for (n, item) in items.iter().enumerate() {
        let zone = (item.band == 3).then(|| zone_of(item));
        lists.entry((item.band, zone)).or_default().push(n);
    }
    let mut from: Vec<usize> = (0..items.len()).collect();
    let mut unmet = Vec::new();
    for list in lists.values() {
        let own = |at: &At| at.1.is_none().then_some(at.0);
        let (order, lost) = settle(list, asked, own);
        unmet.extend(lost);
        for (place, n) in list.iter().zip(order) {
            from[*place] = n;
        }
    }
    let mut to = vec![0; from.len()];
    for (place, n) in from.iter().enumerate() {
        to[*n] = place;
    }
    let ids: Vec<String> = items.iter().map(|it| it.shape.id.clone()).collect();
    for (at, _, _) in asked.places.iter().filter(|(at, _, _)| at.1.is_none()) {
        items[at.0].placed = true;
    }
    for (a, b, _) in asked.pairs.iter().filter(|(a, _, _)| a.1.is_none()) {
        items[a.0].beside.push(ids[b.0].clone());
    }
    let old = std::mem::take(items);
    *items = from.iter().map(|n| old[*n].clone()).collect();
    for link in links {
        (link.from, link.to) = (to[link.from], to[link.to]);
    }
    unmet
}

/// The order of a list, and what of it could not be kept.
fn settle(
    list: &[usize],
    asked: &Asked,
    own: impl Fn(&At) -> Option<usize>,
) -> (Vec<usize>, Vec<Unmet>) {
    let known = |n: &usize| list.contains(n);
    let mut wanted = Wanted::default();
    let mut places = Vec::new();
    let mut pairs = Vec::new();
    let contrary = |key: &String| Unmet {
        key: key.clone(),
        why: Why::Contrary,
    };
    let mut unmet = Vec::new();
    for (at, place, key) in &asked.places {
        let Some(n) = own(at).filter(known) else {
            continue;
        };
        if wanted.places.values().any(|it| it == place) || wanted.places.contains_key(&n) {
            unmet.push(contrary(key));
            continue;
        }
        wanted.places.insert(n, *place);
        places.push((n, *place, key));
    }
    for (a, b, key) in &asked.pairs {
        if let (Some(a), Some(b)) = (own(a).filter(known), own(b).filter(known)) {
            wanted.pairs.push((a, b));
            pairs.push((a, b, key));
        }
    }
    let order = ordered(list, &wanted);
    let at = |n: usize| order.iter().position(|it| *it == n).unwrap_or(usize::MAX);
    let lost = places.iter().filter(|(n, place, _)| at(*n) != *place);
    unmet.extend(lost.map(|(_, _, key)| contrary(key)));
    let lost = pairs
        .iter()
        .filter(|(a, b, _)| at(*a).abs_diff(at(*b)) != 1);
    unmet.extend(lost.map(|(_, _, key)| contrary(key)));
    (order, unmet)
}
