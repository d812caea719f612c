//! Bands and segments. Comes in: a topology; goes out: the whole geometry. It never leaves a node
//! out: what is too many for a segment is counted in a group.

use std::collections::BTreeMap;

use super::super::topology::{Edge, EdgeKind, Kind, Node, NodeKind, Topology};
use super::cell::shape;
use super::{BoxKind, Geometry, Lang, Options, Shape, pack};

pub(super) const NODE: i32 = 200;
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
        NodeKind::DefaultRoute | NodeKind::Vpn => Some(1),
        NodeKind::Gateway => Some(2),
        NodeKind::Segment | NodeKind::HostNetwork => Some(3),
        NodeKind::Server | NodeKind::Terminal | NodeKind::Seen => None,
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

fn items(topology: &Topology, lang: Lang) -> Vec<Item> {
    let by_id: BTreeMap<&str, &Node> = topology.nodes.iter().map(|n| (n.id.as_str(), n)).collect();
    let mut attached: BTreeMap<&str, Vec<(&Node, &Edge)>> = BTreeMap::new();
    for edge in &topology.edges {
        if let (EdgeKind::Attached | EdgeKind::RunsOn, Some(node)) =
            (edge.kind, by_id.get(edge.from.as_str()))
        {
            attached.entry(&edge.to).or_default().push((node, edge));
        }
    }
    let mut out = Vec::new();
    for node in &topology.nodes {
        let Some(band) = band(node.kind) else {
            continue;
        };
        let mut item = Item {
            shape: shape(node, node.id.clone(), &[], NODE, lang),
            band,
            inside: Vec::new(),
        };
        if band == 3 {
            let all = attached
                .get(node.id.as_str())
                .map(Vec::as_slice)
                .unwrap_or_default();
            item.inside = members(&node.id, all, lang);
            grid(&mut item);
        }
        out.push(item);
    }
    out
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
