//! Text for tools: DOT, Mermaid, GraphML. Comes in: a geometry; goes out: each box and each line once,
//! whatever page it stands on. It carries no colours; positions only where the format has them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use daicho_graph::layout::{Geometry, Line, Shape};
use daicho_graph::text::visible;

use crate::tree::{is_node, kind_word};
use crate::xml::escape;

/// What stands in a diagram, once.
pub(crate) struct Once<'a> {
    /// Boxes that stand for something.
    pub(crate) nodes: Vec<&'a Shape>,
    /// Lines between them.
    pub(crate) lines: Vec<&'a Line>,
    numbers: BTreeMap<&'a str, usize>,
}

impl<'a> Once<'a> {
    pub(crate) fn new(geometry: &'a Geometry) -> Self {
        let mut it = Self {
            nodes: Vec::new(),
            lines: Vec::new(),
            numbers: BTreeMap::new(),
        };
        for shape in geometry.shapes().filter(|it| is_node(it)) {
            if !it.numbers.contains_key(shape.id.as_str()) {
                it.numbers.insert(&shape.id, it.nodes.len());
                it.nodes.push(shape);
            }
        }
        let mut seen = BTreeSet::new();
        for line in geometry.lines() {
            let known = |id: &String| it.numbers.contains_key(id.as_str());
            if known(&line.from)
                && known(&line.to)
                && seen.insert((&line.from, &line.to, line.kind, line.change))
            {
                it.lines.push(line);
            }
        }
        it
    }

    fn number(&self, id: &str) -> usize {
        self.numbers.get(id).copied().unwrap_or_default()
    }

    fn inside(&self) -> BTreeMap<Option<usize>, Vec<usize>> {
        let mut out: BTreeMap<Option<usize>, Vec<usize>> = BTreeMap::new();
        for (n, shape) in self.nodes.iter().enumerate() {
            let parent = shape.parent.as_deref().and_then(|id| self.numbers.get(id));
            // A box stands after the one around it: none is inside itself.
            out.entry(parent.copied().filter(|it| *it < n))
                .or_default()
                .push(n);
        }
        out
    }
}

fn shown(shape: &Shape) -> Vec<String> {
    let lines = shape.lines.iter().filter(|it| !it.is_empty());
    lines.map(|it| visible(it)).collect()
}

fn dot_text(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

/// Writes Graphviz's language.
#[must_use]
pub fn dot(geometry: &Geometry) -> String {
    let once = Once::new(geometry);
    let mut out = String::from(
        "graph daicho {\n  charset=\"UTF-8\";\n  node [shape=box, fontname=\"BIZ UDGothic\"];\n",
    );
    dot_inside(&mut out, &once, &once.inside(), None);
    for line in &once.lines {
        let style = if line.inferred {
            " [style=dashed]"
        } else if line.entered {
            " [style=dotted]"
        } else {
            ""
        };
        let _ = writeln!(
            out,
            "  n{} -- n{}{style};",
            once.number(&line.from),
            once.number(&line.to)
        );
    }
    out.push_str("}\n");
    out
}

fn dot_inside(
    out: &mut String,
    once: &Once<'_>,
    inside: &BTreeMap<Option<usize>, Vec<usize>>,
    at: Option<usize>,
) {
    for n in inside.get(&at).into_iter().flatten() {
        let Some(shape) = once.nodes.get(*n) else {
            continue;
        };
        let has = inside.contains_key(&Some(*n));
        if has {
            let _ = writeln!(out, "  subgraph cluster_{n} {{");
        }
        let lines: Vec<String> = shown(shape).iter().map(|it| dot_text(it)).collect();
        let _ = writeln!(
            out,
            "  n{n} [label=\"{}\\l\", tooltip=\"{}\", class=\"{}\"];",
            lines.join("\\l"),
            dot_text(&visible(&shape.title.replace('\n', " / "))),
            kind_word(shape.kind)
        );
        if has {
            dot_inside(out, once, inside, Some(*n));
            out.push_str("  }\n");
        }
    }
}

fn mermaid_text(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '"' | '#' | '&' | '<' | '>' | '`' | '\\' | ';' | '[' | ']' | '{' | '}' | '|' | '*'
            | '_' => {
                let _ = write!(out, "#{};", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}

/// Writes Mermaid's language: a box with others inside is a group, and a box of its own in it.
#[must_use]
pub fn mermaid(geometry: &Geometry) -> String {
    let once = Once::new(geometry);
    let mut out = String::from("flowchart TB\n");
    mermaid_inside(&mut out, &once, &once.inside(), None);
    for line in &once.lines {
        let arrow = if line.inferred || line.entered {
            "-.-"
        } else {
            "---"
        };
        let _ = writeln!(
            out,
            "  n{} {arrow} n{}",
            once.number(&line.from),
            once.number(&line.to)
        );
    }
    out
}

fn mermaid_inside(
    out: &mut String,
    once: &Once<'_>,
    inside: &BTreeMap<Option<usize>, Vec<usize>>,
    at: Option<usize>,
) {
    for n in inside.get(&at).into_iter().flatten() {
        let Some(shape) = once.nodes.get(*n) else {
            continue;
        };
        let has = inside.contains_key(&Some(*n));
        let lines: Vec<String> = shown(shape).iter().map(|it| mermaid_text(it)).collect();
        if has {
            let title = lines.first().map_or(" ", String::as_str);
            let _ = writeln!(out, "  subgraph g{n} [\"{title}\"]");
        }
        let _ = writeln!(out, "  n{n}[\"{}\"]", lines.join("<br/>"));
        if has {
            mermaid_inside(out, once, inside, Some(*n));
            out.push_str("  end\n");
        }
    }
}

/// Properties of GraphML: name, what has it, type.
const KEYS: [(&str, &str, &str); 10] = [
    ("id", "node", "string"),
    ("label", "node", "string"),
    ("kind", "node", "string"),
    ("parent", "node", "string"),
    ("x", "node", "int"),
    ("y", "node", "int"),
    ("w", "node", "int"),
    ("h", "node", "int"),
    ("line", "edge", "string"),
    ("certainty", "edge", "string"),
];

/// Writes GraphML, with places, for tools that lay out or measure.
#[must_use]
pub fn graphml(geometry: &Geometry) -> String {
    let once = Once::new(geometry);
    let mut out = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n",
    );
    for (key, on, kind) in KEYS {
        let _ = writeln!(
            out,
            "<key id=\"{key}\" for=\"{on}\" attr.name=\"{key}\" attr.type=\"{kind}\"/>"
        );
    }
    out.push_str("<graph id=\"daicho\" edgedefault=\"undirected\">\n");
    for (n, shape) in once.nodes.iter().enumerate() {
        let _ = write!(
            out,
            "<node id=\"n{n}\"><data key=\"id\">{}</data><data key=\"label\">{}</data><data key=\"kind\">{}</data>",
            escape(&shape.id),
            escape(&shape.title),
            kind_word(shape.kind)
        );
        if let Some(parent) = shape.parent.as_deref().and_then(|id| once.numbers.get(id)) {
            let _ = write!(out, "<data key=\"parent\">n{parent}</data>");
        }
        for (key, value) in [
            ("x", shape.x),
            ("y", shape.y),
            ("w", shape.w),
            ("h", shape.h),
        ] {
            let _ = write!(out, "<data key=\"{key}\">{value}</data>");
        }
        out.push_str("</node>\n");
    }
    for (n, line) in once.lines.iter().enumerate() {
        let certainty = if line.inferred {
            "inferred"
        } else if line.entered {
            "entered"
        } else {
            "read"
        };
        let _ = writeln!(
            out,
            "<edge id=\"e{n}\" source=\"n{}\" target=\"n{}\"><data key=\"line\">{}</data><data key=\"certainty\">{certainty}</data></edge>",
            once.number(&line.from),
            once.number(&line.to),
            format!("{:?}", line.kind).to_lowercase()
        );
    }
    out.push_str("</graph>\n</graphml>\n");
    out
}
