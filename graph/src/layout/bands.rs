//! Bands and segments. Comes in: a topology; goes out: the whole geometry. It never leaves a node
//! out: what is too many for a segment is counted in a group.

use std::collections::{BTreeMap, BTreeSet};

use super::super::topology::{Edge, EdgeKind, Kind, Node, NodeKind, Topology};
use super::cell::shape;
use super::{BoxKind, Geometry, Lang, Options, Shape, pack};

pub(super) const NODE: i32 = 200;
const UNPLACED: &str = "unplaced";
const CELL: i32 = 190;
pub(super) const GAP: i32 = 16;
const GROUP_SEEN: usize = 8;
const GROUP_ALL: usize = 40;

/// A line to draw: from the lower band to the upper one.
pub(super) struct Link {
    /// The lower end.
    pub(super) from: usize,
    /// The upper end.
    pub(super) to: usize,
    /// Not read directly.
    pub(super) inferred: bool,
}

/// A box with its band and what it contains.
pub(super) struct Item {
    /// The box.
    pub(super) shape: Shape,
    /// Its band, from the top.
    pub(super) band: usize,
    /// What it contains.
    pub(super) inside: Vec<Shape>,
}

fn band(kind: NodeKind) -> Option<usize> {
    match kind {
        NodeKind::External | NodeKind::OtherInside => Some(0),
        NodeKind::DefaultRoute | NodeKind::Vpn | NodeKind::Point(_) => Some(1),
        NodeKind::Gateway => Some(2),
        NodeKind::Segment | NodeKind::HostNetwork => Some(3),
        // Systems are an overlay, for a sheet of its own.
        NodeKind::System => None,
        NodeKind::Server | NodeKind::Terminal | NodeKind::Seen | NodeKind::Device(_) => None,
    }
}

/// A count as a length.
pub(super) fn int(n: usize) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX / 4096)
}

/// Members of a segment as boxes; many of a kind are one box with a count.
fn members(segment: &str, all: &[(&Node, &Edge)], lang: Lang) -> Vec<Shape> {
    let mut kinds: BTreeMap<NodeKind, Vec<&(&Node, &Edge)>> = BTreeMap::new();
    for member in all {
        kinds.entry(member.0.kind).or_default().push(member);
    }
    let mut out = Vec::new();
    for (kind, list) in kinds {
        let limit = if kind == NodeKind::Seen {
            GROUP_SEEN
        } else {
            GROUP_ALL
        };
        let many = list.len() > limit;
        let mut rest = Vec::new();
        for (node, edge) in list {
            let extra: Vec<String> = edge
                .addresses
                .iter()
                .take(2)
                .map(ToString::to_string)
                .collect();
            if many && (node.marks.is_empty() || out.len() >= GROUP_ALL) {
                rest.push((*node, edge));
            } else {
                out.push(shape(
                    node,
                    format!("{segment}|{}", node.id),
                    &extra,
                    CELL,
                    lang,
                ));
            }
        }
        if let Some((node, _)) = rest.first() {
            let addresses = rest.iter().flat_map(|(_, e)| &e.addresses);
            let ends = (addresses.clone().min(), addresses.max());
            let mut extra = vec![format!("×{}", rest.len())];
            if let (Some(a), Some(b)) = ends {
                extra.push(format!("{a} –"));
                extra.push(b.to_string());
            }
            let counted = Node {
                label: group_name(kind, lang),
                marks: Vec::new(),
                ..(*node).clone()
            };
            let mut group = shape(
                &counted,
                format!("{segment}|group:{kind:?}"),
                &extra,
                CELL,
                lang,
            );
            group.kind = BoxKind::Group(kind);
            out.push(group);
        }
    }
    out
}

fn group_name(kind: NodeKind, lang: Lang) -> String {
    match kind {
        NodeKind::Server => lang.pick("サーバ", "servers"),
        NodeKind::Seen => "",
        _ => lang.pick("端末ほか", "terminals and others"),
    }
    .to_owned()
}

/// Puts members into rows inside their segment.
fn grid(item: &mut Item) {
    let columns = (1..6).find(|c| c * c >= item.inside.len()).unwrap_or(6);
    let mut y = item.shape.h + 4;
    let parent = item.shape.id.clone();
    for row in item.inside.chunks_mut(columns) {
        for (n, cell) in row.iter_mut().enumerate() {
            cell.x = GAP + int(n) * (CELL + GAP);
            cell.y = y;
            cell.parent = Some(parent.clone());
        }
        y += row.iter().map(|c| c.h).max().unwrap_or(0) + 10;
    }
    let used = columns.min(item.inside.len().max(1));
    item.shape.w = (GAP + int(used) * (CELL + GAP)).max(NODE);
    item.shape.h = y + 4;
}

/// Who is drawn in which segment; a seen device that is drawn as the gateway is not drawn twice.
fn attached(topology: &Topology) -> BTreeMap<&str, Vec<(&Node, &Edge)>> {
    let by_id: BTreeMap<&str, &Node> = topology.nodes.iter().map(|n| (n.id.as_str(), n)).collect();
    let mut attached: BTreeMap<&str, Vec<(&Node, &Edge)>> = BTreeMap::new();
    for edge in &topology.edges {
        if let (EdgeKind::Attached | EdgeKind::RunsOn, Some(node)) =
            (edge.kind, by_id.get(edge.from.as_str()))
        {
            attached.entry(&edge.to).or_default().push((node, edge));
        }
    }
    let drawn: BTreeSet<(&str, &str)> = topology
        .edges
        .iter()
        .filter(|e| e.kind == EdgeKind::Routed)
        .filter_map(|e| Some((e.from.as_str(), e.to.strip_prefix("gateway:")?)))
        .collect();
    for (segment, list) in &mut attached {
        list.retain(|(n, _)| n.kind != NodeKind::Seen || !drawn.contains(&(*segment, &n.id)));
    }
    attached
}

fn items(topology: &Topology, lang: Lang) -> Vec<Item> {
    let attached = attached(topology);
    let mut ranges: BTreeMap<&str, usize> = BTreeMap::new();
    for node in topology
        .nodes
        .iter()
        .filter(|n| n.kind == NodeKind::Segment)
    {
        for range in &node.detail {
            *ranges.entry(range).or_default() += 1;
        }
    }
    let mut out = Vec::new();
    for node in &topology.nodes {
        let Some(band) = band(node.kind) else {
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
        let mut item = Item {
            shape: shape(node, node.id.clone(), &lines, NODE, lang),
            band,
            inside: Vec::new(),
        };
        if band == 3 {
            let all = attached.get(node.id.as_str());
            let all = all.map(Vec::as_slice).unwrap_or_default();
            item.inside = members(&node.id, all, lang);
            grid(&mut item);
        }
        out.push(item);
    }
    out.extend(unplaced(topology, lang));
    out.sort_by(|a, b| {
        (a.band, a.shape.kind, &a.shape.id).cmp(&(b.band, b.shape.kind, &b.shape.id))
    });
    out
}

/// Machines and devices whose place is not known: drawn in a box of their own, never left out.
fn unplaced(topology: &Topology, lang: Lang) -> Option<Item> {
    let place = |e: &&Edge| matches!(e.kind, EdgeKind::Attached | EdgeKind::RunsOn);
    let placed: BTreeSet<&str> = topology
        .edges
        .iter()
        .filter(place)
        .map(|e| e.from.as_str())
        .collect();
    let nowhere = |n: &&Node| {
        let lies = band(n.kind).is_none() && n.kind != NodeKind::System;
        lies && !placed.contains(n.id.as_str())
    };
    let edge = |n: &Node| Edge {
        from: n.id.clone(),
        to: UNPLACED.to_owned(),
        kind: EdgeKind::Attached,
        addresses: n.detail.iter().filter_map(|d| d.parse().ok()).collect(),
        evidence: n.evidence.clone(),
    };
    let lost: Vec<(&Node, Edge)> = topology
        .nodes
        .iter()
        .filter(nowhere)
        .map(|n| (n, edge(n)))
        .collect();
    let (first, _) = lost.first()?;
    let node = Node::new(
        UNPLACED.to_owned(),
        NodeKind::HostNetwork,
        String::new(),
        first.evidence.clone(),
    );
    let mut item = Item {
        shape: shape(&node, node.id.clone(), &[], NODE, lang),
        band: 3,
        inside: members(
            UNPLACED,
            &lost.iter().map(|(n, e)| (*n, e)).collect::<Vec<_>>(),
            lang,
        ),
    };
    let text = lang
        .pick("接続先不明（情報なし）", "place unknown (no data)")
        .to_owned();
    item.shape.lines = vec![text.clone()];
    item.shape.title = text;
    item.shape.kind = BoxKind::Unplaced;
    grid(&mut item);
    Some(item)
}

fn links(topology: &Topology, items: &[Item]) -> Vec<Link> {
    let index: BTreeMap<&str, usize> = items
        .iter()
        .enumerate()
        .map(|(n, i)| (i.shape.id.as_str(), n))
        .collect();
    let mut home: BTreeMap<&str, &str> = BTreeMap::new();
    for edge in topology
        .edges
        .iter()
        .filter(|e| e.kind == EdgeKind::Attached)
    {
        home.entry(&edge.from).or_insert(&edge.to);
    }
    let mut out = Vec::new();
    for edge in &topology.edges {
        let from = home.get(edge.from.as_str()).copied().unwrap_or(&edge.from);
        if let (Some(from), Some(to)) = (index.get(from), index.get(edge.to.as_str())) {
            let (a, b) = (
                items.get(*from).map(|i| i.band),
                items.get(*to).map(|i| i.band),
            );
            if a > b {
                let inferred = edge.evidence.kind == Kind::Inferred;
                out.push(Link {
                    from: *from,
                    to: *to,
                    inferred,
                });
            }
        }
    }
    out
}

/// Places everything.
pub(super) fn place(topology: &Topology, options: &Options) -> Geometry {
    let items = items(topology, options.lang);
    let links = links(topology, &items);
    pack::sheet(items, &links, options)
}
