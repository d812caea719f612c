//! Bands and segments. Comes in: a topology; goes out: the whole geometry. It never leaves a node
//! out: what is too many for a segment is counted in a group.

use daicho_ledger::ZoneKind;
use std::collections::{BTreeMap, BTreeSet};

use super::super::topology::{Edge, EdgeKind, Kind, Mark, Node, NodeKind, Topology};
use super::cell::shape;
use super::differ::line;
use super::member::{members, narrow};
use super::talk::Table;
use super::view::View;
use super::{BoxKind, Change, Geometry, Lang, Options, Shape, Subject, pages, pin};

pub(super) const NODE: i32 = 200;
pub(super) const POINT: i32 = 290;
const UNPLACED: &str = "unplaced";

/// Names of the bands.
pub(super) fn names(options: &Options) -> [&'static str; 3] {
    let lang = options.lang;
    if options.view == Subject::System {
        return [
            lang.pick("外部（通信先）", "outside"),
            lang.pick("外部接続点・外部サービス", "connection points and services"),
            lang.pick("利用端末（セグメント別）", "users by segment"),
        ];
    }
    [
        lang.pick("外部", "outside"),
        lang.pick("外部接続点", "connection points"),
        lang.pick("コア（ゲートウェイ）", "core (gateways)"),
    ]
}

/// A line to draw: from the lower band to the upper one.
#[derive(Debug, Clone)]
pub(super) struct Link {
    /// The lower end.
    pub(super) from: usize,
    /// The upper end.
    pub(super) to: usize,
    /// Not read directly.
    pub(super) inferred: bool,
    /// Entered by a person.
    pub(super) entered: bool,
    /// An observed flow.
    pub(super) flow: bool,
    /// What the later date did to it.
    pub(super) change: Option<Change>,
    /// What stands beside it.
    pub(super) label: String,
}

/// A box with its band and what it contains.
#[derive(Debug, Clone)]
pub(super) struct Item {
    /// The box.
    pub(super) shape: Shape,
    /// Its band, from the top.
    pub(super) band: usize,
    /// What it contains.
    pub(super) inside: Vec<Shape>,
    /// Whether a person gave it its place.
    pub(super) placed: bool,
    /// What a person wants beside it.
    pub(super) beside: Vec<String>,
}

impl Item {
    /// A box of a band that nobody pinned.
    pub(super) fn new(shape: Shape, band: usize, inside: Vec<Shape>) -> Self {
        Self {
            shape,
            band,
            inside,
            placed: false,
            beside: Vec::new(),
        }
    }
}

fn band(kind: NodeKind) -> Option<usize> {
    match kind {
        NodeKind::External | NodeKind::OtherInside => Some(0),
        NodeKind::DefaultRoute | NodeKind::Vpn | NodeKind::Point(_) => Some(1),
        NodeKind::Gateway => Some(2),
        NodeKind::Segment | NodeKind::HostNetwork => Some(3),
        NodeKind::System => None,
        NodeKind::Server | NodeKind::Terminal | NodeKind::Seen | NodeKind::Device(_) => None,
    }
}

/// Whether it stands inside a segment.
fn stands(kind: NodeKind) -> bool {
    band(kind).is_none() && kind != NodeKind::System
}

/// A count as a length.
pub(super) fn int(n: usize) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX / 4096)
}

fn items(view: &View<'_>) -> Vec<Item> {
    let lang = view.lang;
    let mut ranges: BTreeMap<&str, usize> = BTreeMap::new();
    let nodes = || view.topology.nodes.iter();
    for node in nodes().filter(|n| n.kind == NodeKind::Segment) {
        for range in &node.detail {
            *ranges.entry(range).or_default() += 1;
        }
    }
    let mut out = Vec::new();
    for node in nodes() {
        let Some(band) = band(node.kind).filter(|_| node.group.is_none()) else {
            continue;
        };
        let mut lines = Vec::new();
        let twice = |r: &String| ranges.get(r.as_str()).is_some_and(|n| *n > 1);
        if node.kind == NodeKind::Segment && node.detail.iter().any(twice) {
            lines.clone_from(&node.detail);
            lines.push(
                lang.pick("同じ範囲の別セグメントあり", "same range exists elsewhere")
                    .to_owned(),
            );
            lines.push(
                lang.pick("（つなぐ証拠なし）", "(no proof of a link)")
                    .to_owned(),
            );
        }
        let said = (lines.as_slice(), view.said(&node.id));
        let wide = matches!(node.kind, NodeKind::Point(_));
        let w = if wide { POINT } else { NODE };
        let drawn = shape(node, node.id.clone(), said, w, lang);
        let mut item = Item::new(drawn, band, Vec::new());
        if band == 3 {
            let all = view.attached.get(node.id.as_str());
            let all = all.map(Vec::as_slice).unwrap_or_default();
            item.inside = members(&node.id, all, &view.notes, &view.changes, lang);
            item.shape.zone = item.shape.zone.or(Some(ZoneKind::Unknown));
            narrow(&mut item);
        }
        out.push(item);
    }
    out.extend(bridges(view));
    out.extend(unjoined(view));
    out.extend(unplaced(view));
    out.sort_by(|a, b| {
        (a.band, a.shape.kind, &a.shape.id).cmp(&(b.band, b.shape.kind, &b.shape.id))
    });
    out
}

/// Who stands in several segments: a box of its own between them, with a line to each.
fn bridges(view: &View<'_>) -> Vec<Item> {
    let boxes = view
        .between
        .iter()
        .filter(|(_, at)| at.starts_with("bridge|"));
    boxes
        .filter_map(|(id, at)| Some((view.by_id.get(id)?, at)))
        .map(|(node, at)| {
            let mut node = (*node).clone();
            if !node.marks.contains(&Mark::Bridge) {
                node.marks.push(Mark::Bridge);
            }
            let addresses: Vec<String> = view
                .topology
                .edges
                .iter()
                .filter(|e| e.kind == EdgeKind::Attached && e.from == node.id)
                .flat_map(|e| e.addresses.iter().take(2))
                .map(ToString::to_string)
                .collect();
            let said = (addresses.as_slice(), view.said(&node.id));
            let drawn = shape(&node, at.clone(), said, NODE, view.lang);
            Item::new(drawn, 2, Vec::new())
        })
        .collect()
}

/// A box that is no node, with what it contains.
fn container(id: &str, kind: BoxKind, lines: Vec<String>, inside: Vec<Shape>, like: &Node) -> Item {
    let empty = Node::new(
        id.to_owned(),
        NodeKind::HostNetwork,
        String::new(),
        like.evidence.clone(),
    );
    let drawn = shape(&empty, id.to_owned(), (&[], &[]), NODE, Lang::Ja);
    let mut item = Item::new(drawn, 3, inside);
    item.shape.h = 10 + super::LINE * int(lines.len());
    item.shape.title = lines.join("\n");
    item.shape.lines = lines;
    item.shape.kind = kind;
    narrow(&mut item);
    item
}

/// Segments of one range that hold one machine each and that nothing joins: one box for all.
fn unjoined(view: &View<'_>) -> Vec<Item> {
    let mut groups: BTreeMap<&str, Vec<&Node>> = BTreeMap::new();
    for node in &view.topology.nodes {
        if let Some(group) = &node.group {
            groups.entry(group).or_default().push(node);
        }
    }
    let mut out = Vec::new();
    for (group, nodes) in groups {
        let Some(first) = nodes.first() else { continue };
        let all: Vec<(&Node, &Edge)> = nodes
            .iter()
            .filter_map(|node| view.attached.get(node.id.as_str()))
            .flatten()
            .copied()
            .collect();
        let mut lines: Vec<String> = first.detail.iter().take(4).cloned().collect();
        let text = view
            .lang
            .pick("同じ範囲、接続未確認", "same range, unproven");
        lines.insert(0, format!("{text} ×{}", nodes.len()));
        let inside = members(group, &all, &view.notes, &view.changes, view.lang);
        out.push(container(group, BoxKind::Unjoined, lines, inside, first));
    }
    out
}

/// Machines and devices whose place is not known: drawn in a box of their own, never left out.
fn unplaced(view: &View<'_>) -> Option<Item> {
    let place = |e: &&Edge| matches!(e.kind, EdgeKind::Attached | EdgeKind::RunsOn);
    let edges = view.topology.edges.iter().filter(place);
    let placed: BTreeSet<&str> = edges.map(|e| e.from.as_str()).collect();
    let edge = |n: &Node| Edge {
        from: n.id.clone(),
        to: UNPLACED.to_owned(),
        kind: EdgeKind::Attached,
        addresses: n.detail.iter().filter_map(|d| d.parse().ok()).collect(),
        evidence: n.evidence.clone(),
    };
    let nodes = view.topology.nodes.iter();
    let lost: Vec<(&Node, Edge)> = nodes
        .filter(|n| stands(n.kind) && !placed.contains(n.id.as_str()))
        .map(|n| (n, edge(n)))
        .collect();
    let (first, _) = lost.first()?;
    let all: Vec<(&Node, &Edge)> = lost.iter().map(|(n, e)| (*n, e)).collect();
    let text = view
        .lang
        .pick("接続先不明（情報なし）", "place unknown (no data)");
    let inside = members(UNPLACED, &all, &view.notes, &view.changes, view.lang);
    let lines = vec![text.to_owned()];
    Some(container(UNPLACED, BoxKind::Unplaced, lines, inside, first))
}

/// Where a node is drawn: in a segment, between several, in a common box, or by itself.
fn homes<'a>(view: &View<'a>, items: &[Item]) -> BTreeMap<&'a str, usize> {
    let index: BTreeMap<&str, usize> = items
        .iter()
        .enumerate()
        .map(|(n, i)| (i.shape.id.as_str(), n))
        .collect();
    let mut home: BTreeMap<&str, usize> = BTreeMap::new();
    for node in &view.topology.nodes {
        let common = node.group.as_deref().and_then(|group| index.get(group));
        let own = index.get(node.id.as_str());
        home.extend(common.or(own).map(|n| (node.id.as_str(), *n)));
    }
    for (id, at) in &view.between {
        home.extend(index.get(at.as_str()).map(|n| (*id, *n)));
    }
    let attached = || {
        view.topology
            .edges
            .iter()
            .filter(|e| e.kind == EdgeKind::Attached)
    };
    for edge in attached() {
        if let Some(segment) = home.get(edge.to.as_str()).copied() {
            home.entry(&edge.from).or_insert(segment);
        }
    }
    home
}

fn links(view: &View<'_>, items: &[Item]) -> Vec<Link> {
    let home = homes(view, items);
    let mut out: BTreeMap<(usize, usize), Link> = BTreeMap::new();
    for edge in &view.topology.edges {
        let attached = edge.kind == EdgeKind::Attached;
        if attached && !view.between.contains_key(edge.from.as_str()) {
            continue;
        }
        let (low, high) = if attached {
            (&edge.to, &edge.from)
        } else {
            (&edge.from, &edge.to)
        };
        let ends = (home.get(low.as_str()), home.get(high.as_str()));
        let (Some(from), Some(to)) = ends else {
            continue;
        };
        let place = |n: &usize| items.get(*n).map(|i| i.band);
        let pair = edge.kind == EdgeKind::Pair && from != to && place(from) < Some(3);
        if place(from) > place(to) || (pair && place(from) == place(to)) {
            let link = Link {
                from: *from,
                to: *to,
                inferred: edge.evidence.kind == Kind::Inferred,
                entered: edge.evidence.kind == Kind::Entered,
                flow: false,
                change: view.changes.get(&line(edge)).copied(),
                label: if pair { "HA".to_owned() } else { String::new() },
            };
            let kept = out.entry((*from, *to)).or_insert(link.clone());
            if kept.change != link.change {
                kept.change = None;
            }
            kept.inferred &= link.inferred;
            kept.entered &= link.entered;
        }
    }
    out.into_values().collect()
}

/// Places everything.
pub(super) fn place(topology: &Topology, options: &Options) -> Geometry {
    let view = View::new(topology, options);
    let (mut items, mut links) = match options.view {
        Subject::Network => {
            let items = items(&view);
            let links = links(&view, &items);
            (items, links)
        }
        Subject::System => super::system::items(&view),
    };
    for item in &mut items {
        mark(&mut item.shape, &view);
        item.inside.iter_mut().for_each(|cell| mark(cell, &view));
    }
    let unmet = pin::apply(&mut items, &mut links, topology, options);
    let table = options
        .talks
        .as_ref()
        .filter(|_| options.view == Subject::Network);
    let table = table.map(|talks| Table::new(talks, &homes(&view, &items)));
    let more = table.as_ref().map_or(0, |it| it.pages(options));
    let mut out = Geometry {
        unmet,
        ..pages::pages(&items, &links, options, more)
    };
    if let Some(table) = table {
        let drawn = out.pages.iter_mut();
        drawn.for_each(|page| table.draw(page, &items, options.lang));
        let first = int(out.pages.len() + 1).unsigned_abs();
        out.pages.extend(table.list(&items, first, options));
    }
    out
}

/// Says of a box what the later date did to it.
fn mark(shape: &mut Shape, view: &View<'_>) {
    let node = shape.id.rsplit('|').next().unwrap_or_default();
    let found = view
        .changes
        .get(shape.id.as_str())
        .or(view.changes.get(node));
    shape.change = shape.change.or(found.copied());
}
