//! The neutral model of the bench. Comes in: JSON with groups, boxes and edges; goes out: places as
//! JSON, so that other engines' drawings and ours are measured alike. It opens no store and knows no
//! hospital.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::engine::arrange;
use super::sketch::{End, Group, Piece, Placed, Rect, Sketch, Style, Wire};
use crate::text::{visible, width};

/// Most groups, boxes or edges of a model.
const MOST: usize = 200_000;
/// Longest text of a model, in characters.
const LONGEST: usize = 1024;
/// Greatest width or height of a box, in points.
const LARGEST: f64 = 10_000.0;

/// Why a model is refused.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// It is no JSON of that form.
    #[error("read the model as JSON")]
    Json(#[from] serde_json::Error),
    /// It has too much of something.
    #[error("accept more than {MOST} {0}")]
    Many(&'static str),
    /// A text is too long, or a size is none.
    #[error("accept the text or size of `{0}`")]
    Odd(String),
    /// Two have one name.
    #[error("tell two things named `{0}` apart")]
    Twice(String),
    /// A name that nothing bears.
    #[error("find `{0}`, which the model refers to")]
    Missing(String),
}

#[derive(Deserialize)]
struct Model {
    groups: Vec<ModelGroup>,
    nodes: Vec<ModelNode>,
    edges: Vec<ModelEdge>,
}

#[derive(Deserialize)]
struct ModelGroup {
    id: String,
    label: String,
    parent: Option<String>,
    band: Option<u8>,
}

#[derive(Deserialize)]
struct ModelNode {
    id: String,
    group: String,
    kind: String,
    w: f64,
    h: f64,
}

#[derive(Deserialize)]
struct ModelEdge {
    id: String,
    src: String,
    dst: String,
    kind: String,
    #[serde(default)]
    label: String,
}

/// Places in the bench's form, in points.
#[derive(Debug, Serialize)]
struct Places {
    engine: &'static str,
    w: i32,
    h: i32,
    nodes: BTreeMap<String, [i32; 4]>,
    groups: BTreeMap<String, [i32; 4]>,
    edges: BTreeMap<String, Vec<[i32; 2]>>,
    labels: Vec<(i32, i32, i32, i32, String, String)>,
}

const STYLE: Style = Style {
    gap: 10,
    pad: 8,
    pitch: 6,
    half_em: 4,
    label: 9,
    aspect: 1.564,
};

/// Reads a model and writes where everything stands. Flows are an overlay: no line of the sheet.
pub fn measured(json: &str) -> Result<String, ModelError> {
    let model: Model = serde_json::from_str(json)?;
    bounded(&model)?;
    let (sketch, edges) = sketch(&model)?;
    let placed = arrange(&sketch, &STYLE);
    Ok(serde_json::to_string(&places(&model, &edges, &placed))?)
}

fn bounded(model: &Model) -> Result<(), ModelError> {
    let counts = [
        (model.groups.len(), "groups"),
        (model.nodes.len(), "nodes"),
        (model.edges.len(), "edges"),
    ];
    if let Some((_, what)) = counts.into_iter().find(|(n, _)| *n > MOST) {
        return Err(ModelError::Many(what));
    }
    let long = |text: &String| text.chars().count() > LONGEST;
    let groups = model.groups.iter().flat_map(|g| [&g.id, &g.label]);
    let nodes = model.nodes.iter().flat_map(|n| [&n.id, &n.kind]);
    let edges = model.edges.iter().flat_map(|e| [&e.id, &e.label]);
    if let Some(text) = groups.chain(nodes).chain(edges).find(|t| long(t)) {
        let start: String = text.chars().take(40).collect();
        return Err(ModelError::Odd(visible(&start)));
    }
    let sound = |v: f64| v > 0.0 && v <= LARGEST;
    match model.nodes.iter().find(|n| !sound(n.w) || !sound(n.h)) {
        Some(node) => Err(ModelError::Odd(visible(&node.id))),
        None => Ok(()),
    }
}

/// Digits compare as numbers.
fn natural(id: &str) -> Vec<(u64, String)> {
    let mut out = Vec::new();
    let (mut number, mut text, mut digits) = (0u64, String::new(), false);
    for c in id.chars() {
        match c.to_digit(10) {
            Some(d) => {
                number = number.saturating_mul(10).saturating_add(u64::from(d));
                digits = true;
            }
            None => {
                if digits {
                    out.push((number, std::mem::take(&mut text)));
                    (number, digits) = (0, false);
                }
                text.push(c);
            }
        }
    }
    out.push((number, text));
    out
}

fn rank(kind: &str) -> u32 {
    const ORDER: [&str; 11] = [
        "cloud", "vendor", "firewall", "vpn", "router", "l3switch", "switch", "server", "medical",
        "terminal", "printer",
    ];
    let at = ORDER.iter().position(|k| *k == kind).unwrap_or(ORDER.len());
    u32::try_from(at).unwrap_or(0)
}

fn names<'a>(ids: impl Iterator<Item = &'a str>) -> Result<BTreeMap<&'a str, usize>, ModelError> {
    let mut out = BTreeMap::new();
    for (n, id) in ids.enumerate() {
        if out.insert(id, n).is_some() {
            return Err(ModelError::Twice(visible(id)));
        }
    }
    Ok(out)
}

/// The sketch, and the edge of each of its lines.
fn sketch(model: &Model) -> Result<(Sketch, Vec<usize>), ModelError> {
    let mut groups: Vec<&ModelGroup> = model.groups.iter().collect();
    groups.sort_by_cached_key(|g| (g.parent.is_some(), g.band, natural(&g.id)));
    let at = names(groups.iter().map(|g| g.id.as_str()))?;
    let find = |id: &str| at.get(id).copied().ok_or(ModelError::Missing(visible(id)));
    let mut out = Sketch::default();
    for g in &groups {
        let parent = g.parent.as_deref().map(find).transpose()?;
        // Zones hold segments, and nothing is deeper.
        let deep = parent.is_some_and(|p| groups[p].parent.is_some());
        if deep {
            return Err(ModelError::Odd(visible(&g.id)));
        }
        out.groups.push(Group {
            id: g.id.clone(),
            parent,
            band: usize::from(g.band.unwrap_or(3).min(3)),
            w: width(&g.label) * 5 + 6,
            head: 15,
        });
    }
    let mut nodes: Vec<&ModelNode> = model.nodes.iter().collect();
    nodes.sort_by_cached_key(|n| (rank(&n.kind), natural(&n.id)));
    for n in &nodes {
        let group = find(&n.group)?;
        out.pieces.push(Piece {
            group,
            rank: rank(&n.kind),
            hub: n.kind == "switch",
            inner: n.kind == "firewall",
            w: n.w.ceil() as i32,
            h: n.h.ceil() as i32,
        });
    }
    let at = names(nodes.iter().map(|n| n.id.as_str()))?;
    let find = |id: &str| at.get(id).copied().ok_or(ModelError::Missing(visible(id)));
    names(model.edges.iter().map(|e| e.id.as_str()))?;
    let base = model
        .edges
        .iter()
        .enumerate()
        .filter(|(_, e)| e.kind != "flow");
    let mut edges: Vec<(usize, &ModelEdge)> = base.collect();
    edges.sort_by_cached_key(|(_, e)| (natural(&e.src), natural(&e.dst), natural(&e.id)));
    for (_, e) in &edges {
        out.wires.push(Wire {
            from: End::Piece(find(&e.src)?),
            to: End::Piece(find(&e.dst)?),
            label: visible(&e.label),
        });
    }
    Ok((out, edges.into_iter().map(|(n, _)| n).collect()))
}

fn places(model: &Model, edges: &[usize], placed: &Placed) -> Places {
    let mut groups: Vec<&ModelGroup> = model.groups.iter().collect();
    groups.sort_by_cached_key(|g| (g.parent.is_some(), g.band, natural(&g.id)));
    let mut nodes: Vec<&ModelNode> = model.nodes.iter().collect();
    nodes.sort_by_cached_key(|n| (rank(&n.kind), natural(&n.id)));
    let four = |r: &Rect| [r.x, r.y, r.w, r.h];
    let edge = |n: usize| &model.edges[edges[n]];
    Places {
        engine: "daicho",
        w: placed.w,
        h: placed.h,
        nodes: placed
            .pieces
            .iter()
            .map(|(n, r)| (nodes[*n].id.clone(), four(r)))
            .collect(),
        groups: placed
            .groups
            .iter()
            .map(|(n, r)| (groups[*n].id.clone(), four(r)))
            .collect(),
        // A line that found no way is told as one without corners.
        edges: (0..edges.len())
            .map(|n| {
                let points = placed.wires.get(&n).into_iter().flatten();
                (edge(n).id.clone(), points.map(|(x, y)| [*x, *y]).collect())
            })
            .collect(),
        labels: placed
            .labels
            .iter()
            .map(|(n, r)| {
                (
                    r.x,
                    r.y,
                    r.w,
                    r.h,
                    edge(*n).id.clone(),
                    edge(*n).label.clone(),
                )
            })
            .collect(),
    }
}
