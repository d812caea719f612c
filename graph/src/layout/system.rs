//! The system diagram（システム構成図）. Comes in: a topology; goes out: systems with their servers by
//! zone, who uses them from which segment, and what they reach outside. It draws no line for which
//! there is no edge.

use std::collections::{BTreeMap, BTreeSet};

use daicho_ledger::ZoneKind;

use super::super::topology::{Edge, EdgeKind, Kind, Node, NodeKind};
use super::bands::{Item, Link, POINT, int};
use super::cell::shape;
use super::member::{members, narrow};
use super::view::View;
use super::{BoxKind, LINE, Shape};
use crate::text::{fit, width};

/// Width of a box of the upper bands.
const WIDE: i32 = 230;

/// Items and links of the system diagram.
pub(super) fn items(view: &View<'_>) -> (Vec<Item>, Vec<Link>) {
    let topology = view.topology;
    let mut servers: BTreeMap<&str, Vec<(&Node, &Edge)>> = BTreeMap::new();
    let mut systems_of: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for edge in &topology.edges {
        if let (EdgeKind::PartOf, Some(node)) = (edge.kind, view.by_id.get(edge.from.as_str())) {
            servers.entry(&edge.to).or_default().push((node, edge));
            systems_of.entry(&edge.from).or_default().insert(&edge.to);
        }
    }
    let place = segments(view);
    let mut out = Vec::new();
    let mut at: BTreeMap<&str, usize> = BTreeMap::new();
    for node in topology.nodes.iter().filter(|n| n.kind == NodeKind::System) {
        let own = servers
            .get(node.id.as_str())
            .map(Vec::as_slice)
            .unwrap_or_default();
        at.insert(&node.id, out.len());
        out.push(system(view, node, own, &place));
    }
    let mut links = Vec::new();
    users(view, &place, &at, &mut out, &mut links);
    outside(view, &systems_of, &at, &mut out, &mut links);
    (out, links)
}

/// The segment that each machine stands in.
fn segments<'a>(view: &View<'a>) -> BTreeMap<&'a str, &'a Node> {
    let mut out = BTreeMap::new();
    for edge in view
        .topology
        .edges
        .iter()
        .filter(|e| e.kind == EdgeKind::Attached)
    {
        if let Some(segment) = view.by_id.get(edge.to.as_str()) {
            out.entry(edge.from.as_str()).or_insert(*segment);
        }
    }
    out
}

/// A system with its servers, in the zone of the first of them.
fn system(
    view: &View<'_>,
    node: &Node,
    own: &[(&Node, &Edge)],
    place: &BTreeMap<&str, &Node>,
) -> Item {
    let mut own: Vec<(&Node, Edge)> = own.iter().map(|(n, e)| (*n, (*e).clone())).collect();
    for (server, edge) in &mut own {
        let attached = |e: &&Edge| e.kind == EdgeKind::Attached && e.from == server.id;
        let found = view.topology.edges.iter().find(attached);
        edge.addresses = found.map(|e| e.addresses.clone()).unwrap_or_default();
    }
    let pairs: Vec<(&Node, &Edge)> = own.iter().map(|(n, e)| (*n, e)).collect();
    let zones = own
        .iter()
        .filter_map(|(n, _)| place.get(n.id.as_str())?.zone);
    let users = view.lang.pick("利用端末 ", "used by ");
    let said: Vec<String> = node
        .detail
        .iter()
        .map(|it| format!("{users}{it}"))
        .collect();
    let mut box_ = shape(node, node.id.clone(), (&said, &[]), WIDE, view.lang);
    box_.zone = node.zone.or(zones.min()).or(Some(ZoneKind::Unknown));
    let inside = members(&node.id, &pairs, &view.notes, &view.changes, view.lang);
    let mut item = Item::new(box_, 3, inside);
    narrow(&mut item);
    item
}

/// A box of an upper band.
fn upper(id: String, kind: NodeKind, band: usize, lines: Vec<String>) -> Item {
    let lines: Vec<String> = lines.iter().map(|l| fit(l, 44)).collect();
    let wide = lines.iter().map(|l| width(l)).max().unwrap_or(0) * super::FONT / 2;
    let shape = Shape {
        w: (wide + 40).min(320),
        h: 10 + LINE * int(lines.len()),
        title: lines.join("\n"),
        lines,
        ..Shape::new(id, BoxKind::Group(kind))
    };
    Item::new(shape, band, Vec::new())
}

/// Those of a segment: all, and for each system who and whether that is inferred alone.
type Users<'a> = (
    BTreeSet<&'a str>,
    BTreeMap<usize, (BTreeSet<&'a str>, bool)>,
);

/// Who uses systems, counted by the segment that they stand in.
fn users<'a>(
    view: &View<'a>,
    place: &BTreeMap<&str, &'a Node>,
    at: &BTreeMap<&str, usize>,
    out: &mut Vec<Item>,
    links: &mut Vec<Link>,
) {
    let mut by_segment: BTreeMap<&str, Users<'_>> = BTreeMap::new();
    for edge in view
        .topology
        .edges
        .iter()
        .filter(|e| e.kind == EdgeKind::Uses)
    {
        let Some(system) = at.get(edge.to.as_str()) else {
            continue;
        };
        let segment = place.get(edge.from.as_str()).map_or("", |n| n.id.as_str());
        let (all, systems) = by_segment.entry(segment).or_default();
        all.insert(&edge.from);
        let (own, inferred) = systems.entry(*system).or_insert((BTreeSet::new(), true));
        own.insert(&edge.from);
        *inferred &= edge.evidence.kind == Kind::Inferred;
    }
    for (segment, (all, systems)) in by_segment {
        let node = view.by_id.get(segment);
        let head = view.lang.pick("利用端末", "users");
        let mut lines = vec![format!("{head} ×{}", all.len())];
        match node {
            Some(node) => {
                lines.extend(node.detail.iter().take(1).cloned());
                lines.extend(node.zone.map(|z| z.title(view.lang).to_owned()));
            }
            None => lines.push(view.lang.pick("場所不明", "place unknown").to_owned()),
        }
        let n = out.len();
        out.push(upper(
            format!("users:{segment}"),
            NodeKind::Terminal,
            2,
            lines,
        ));
        for (system, (own, inferred)) in systems {
            links.push(Link {
                from: system,
                to: n,
                inferred,
                entered: false,
                flow: true,
                change: None,
                label: format!("×{}", own.len()),
            });
        }
    }
}

/// What systems reach outside: peers, and connection points at their servers.
fn outside<'a>(
    view: &View<'a>,
    systems_of: &BTreeMap<&str, BTreeSet<&str>>,
    at: &BTreeMap<&str, usize>,
    out: &mut Vec<Item>,
    links: &mut Vec<Link>,
) {
    let mut found: BTreeMap<&str, BTreeMap<usize, bool>> = BTreeMap::new();
    for edge in &view.topology.edges {
        let away = matches!(edge.kind, EdgeKind::Flow | EdgeKind::TunnelsTo);
        let systems = systems_of.get(edge.from.as_str()).filter(|_| away);
        for system in systems.into_iter().flatten().filter_map(|s| at.get(s)) {
            let inferred = edge.evidence.kind == Kind::Inferred;
            let kept = found
                .entry(&edge.to)
                .or_default()
                .entry(*system)
                .or_insert(inferred);
            *kept &= inferred;
        }
    }
    let outer = |kind: NodeKind| match kind {
        NodeKind::External | NodeKind::OtherInside => Some(0),
        NodeKind::Point(_) | NodeKind::Vpn => Some(1),
        _ => None,
    };
    // Every connection point is shown, whether or not a system is known to use it.
    let all = view.topology.nodes.iter();
    for node in all {
        let systems = found.get(node.id.as_str());
        let Some(band) = outer(node.kind) else {
            continue;
        };
        if systems.is_none() && band == 0 {
            continue;
        }
        let shape = shape(
            node,
            node.id.clone(),
            (&[], view.said(&node.id)),
            if band == 1 { POINT } else { WIDE },
            view.lang,
        );
        let n = out.len();
        out.push(Item::new(shape, band, Vec::new()));
        for (system, inferred) in systems.into_iter().flatten() {
            links.push(Link {
                from: *system,
                to: n,
                inferred: *inferred,
                entered: false,
                flow: true,
                change: None,
                label: String::new(),
            });
        }
    }
}
