//! What is drawn inside a box: machines and devices of a segment. Comes in: nodes with the addresses
//! they have there; goes out: cells in rows. It never leaves one out: what is too many of a kind is
//! counted in a group.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::super::topology::{Edge, Mark, Node, NodeKind};
use super::bands::Item;
use super::cell::{ICON, device, mark as mark_text, shape};
use super::differ::Changes;
use super::{BoxKind, Change, FONT, Lang, Shape};
use crate::text::width;

const CELL: i32 = 190;
const LEAST: i32 = 96;
/// More servers than this are counted in a group.
const GROUP_SERVERS: usize = 40;
/// More of another kind than this are counted in a group.
const GROUP_OTHERS: usize = 8;
/// Most exceptions that are named beside a group.
const NAMED: usize = 6;

/// Lines beside a node's own: what a cable or a pair says.
pub(super) type Notes<'a> = BTreeMap<&'a str, Vec<String>>;

/// Members of a segment as boxes; many of a kind are one box with a count.
pub(super) fn members(
    segment: &str,
    all: &[(&Node, &Edge)],
    notes: &Notes<'_>,
    changes: &Changes,
    lang: Lang,
) -> Vec<Shape> {
    let mut kinds: BTreeMap<NodeKind, Vec<&(&Node, &Edge)>> = BTreeMap::new();
    for member in all {
        kinds.entry(member.0.kind).or_default().push(member);
    }
    let mut out = Vec::new();
    for (kind, list) in kinds {
        let server = kind == NodeKind::Server;
        let most = if server { GROUP_SERVERS } else { GROUP_OTHERS };
        let many = list.len() > most;
        let room = if server { GROUP_SERVERS } else { NAMED };
        let apart = gravest(&list, room);
        let mut rest = Vec::new();
        for (node, edge) in list {
            if many && !apart.contains(node.id.as_str()) {
                rest.push((*node, *edge));
                continue;
            }
            let addresses = edge.addresses.iter().take(2);
            let extra: Vec<String> = addresses.map(ToString::to_string).collect();
            let said = notes.get(node.id.as_str()).map(Vec::as_slice);
            let said = (extra.as_slice(), said.unwrap_or_default());
            let id = format!("{segment}|{}", node.id);
            out.push(shape(node, id, said, CELL, lang));
        }
        let mut counted = group(segment, kind, &rest, lang);
        if let Some(shape) = &mut counted
            && rest.iter().any(|(node, _)| changes.contains_key(&node.id))
        {
            shape.change = Some(Change::Changed);
        }
        out.extend(counted);
    }
    out
}

/// Those that are named though others of their kind are counted: the gravest exceptions, then those
/// with more of them, as many as there is room for.
fn gravest<'a>(list: &[&(&'a Node, &Edge)], room: usize) -> BTreeSet<&'a str> {
    let exceptions = |node: &Node| -> Vec<u8> {
        let marks = node.marks.iter().filter(|it| it.is_exception());
        marks.map(|it| it.gravity()).collect()
    };
    let mut found: Vec<(u8, Reverse<usize>, &str)> = Vec::new();
    for (node, _) in list {
        let own = exceptions(node);
        let worst = own.iter().min();
        found.extend(worst.map(|worst| (*worst, Reverse(own.len()), node.id.as_str())));
    }
    found.sort_unstable();
    found.into_iter().take(room).map(|it| it.2).collect()
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
    let mut marks: BTreeMap<Mark, usize> = BTreeMap::new();
    for (node, _) in rest {
        for mark in &node.marks {
            *marks.entry(*mark).or_default() += 1;
        }
    }
    for (mark, count) in marks {
        extra.push(format!("{} ×{count}", mark_text(mark, lang)));
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

/// Boxes of a segment are as wide as the widest needs.
pub(super) fn narrow(item: &mut Item) {
    let texts = item.inside.iter().flat_map(|cell| &cell.lines);
    let widest = texts.map(|line| width(line)).max().unwrap_or(0) * FONT / 2;
    let w = (widest + ICON + 10).clamp(LEAST, CELL);
    for cell in &mut item.inside {
        cell.w = w;
        cell.parent = Some(item.shape.id.clone());
    }
}
