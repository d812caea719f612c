//! What is drawn inside a box: machines and devices of a segment. Comes in: nodes with the addresses
//! they have there; goes out: cells in rows. It never leaves one out: what is too many of a kind is
//! counted in a group.

use std::collections::BTreeMap;

use super::super::topology::{Edge, Node, NodeKind};
use super::bands::{GAP, Item, NODE, int};
use super::cell::{device, shape};
use super::{BoxKind, Lang, Shape};

const CELL: i32 = 190;
const GROUP_SEEN: usize = 8;
const GROUP_ALL: usize = 40;

/// Lines beside a node's own: what a cable or a pair says.
pub(super) type Notes<'a> = BTreeMap<&'a str, Vec<String>>;

/// Members of a segment as boxes; many of a kind are one box with a count.
pub(super) fn members(
    segment: &str,
    all: &[(&Node, &Edge)],
    notes: &Notes<'_>,
    lang: Lang,
) -> Vec<Shape> {
    let mut kinds: BTreeMap<NodeKind, Vec<&(&Node, &Edge)>> = BTreeMap::new();
    for member in all {
        kinds.entry(member.0.kind).or_default().push(member);
    }
    let mut out = Vec::new();
    for (kind, list) in kinds {
        let seen = kind == NodeKind::Seen;
        let many = list.len() > if seen { GROUP_SEEN } else { GROUP_ALL };
        let mut rest = Vec::new();
        let mut drawn = 0;
        for (node, edge) in list {
            let apart = !node.marks.is_empty() && drawn < GROUP_ALL;
            if many && !apart {
                rest.push((*node, *edge));
                continue;
            }
            drawn += 1;
            let addresses = edge.addresses.iter().take(2);
            let extra: Vec<String> = addresses.map(ToString::to_string).collect();
            let said = notes.get(node.id.as_str()).map(Vec::as_slice);
            let said = (extra.as_slice(), said.unwrap_or_default());
            let id = format!("{segment}|{}", node.id);
            out.push(shape(node, id, said, CELL, lang));
        }
        out.extend(group(segment, kind, &rest, lang));
    }
    out
}

/// The box that counts those of a kind.
fn group(segment: &str, kind: NodeKind, rest: &[(&Node, &Edge)], lang: Lang) -> Option<Shape> {
    let (node, _) = rest.first()?;
    let addresses = rest.iter().flat_map(|(_, e)| &e.addresses);
    let ends = (addresses.clone().min(), addresses.max());
    let mut extra = vec![format!("×{}", rest.len())];
    if let (Some(a), Some(b)) = ends {
        extra.push(format!("{a} –"));
        extra.push(b.to_string());
    }
    let counted = Node {
        label: group_name(kind, lang),
        ..Node::new(node.id.clone(), kind, String::new(), node.evidence.clone())
    };
    let id = format!("{segment}|group:{kind:?}");
    let mut group = shape(&counted, id, (&extra, &[]), CELL, lang);
    if matches!(kind, NodeKind::Device(_)) {
        // The kind is the name already.
        group.lines.remove(0);
        group.h -= super::LINE;
    }
    group.kind = BoxKind::Group(kind);
    Some(group)
}

fn group_name(kind: NodeKind, lang: Lang) -> String {
    match kind {
        NodeKind::Server => lang.pick("サーバ", "servers"),
        NodeKind::Seen => "",
        NodeKind::Device(kind) => device(kind, lang),
        _ => lang.pick("端末ほか", "terminals and others"),
    }
    .to_owned()
}

/// Puts members into rows inside their segment.
pub(super) fn grid(item: &mut Item) {
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
