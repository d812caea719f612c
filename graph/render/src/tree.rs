//! Boxes in boxes. Comes in: a page; goes out: who stands in whom, and each box's number. A box whose
//! surrounding box is not before it on the page stands by itself.

use std::collections::BTreeMap;

use daicho_graph::layout::{BoxKind, Page, Shape};

/// A page as a tree.
pub(crate) struct Tree<'a> {
    /// Boxes that stand by themselves.
    pub(crate) roots: Vec<&'a Shape>,
    inside: BTreeMap<&'a str, Vec<&'a Shape>>,
    numbers: BTreeMap<&'a str, usize>,
    parents: BTreeMap<&'a str, &'a str>,
}

impl<'a> Tree<'a> {
    /// Of all boxes of a page.
    pub(crate) fn new(page: &'a Page) -> Self {
        let mut it = Self {
            roots: Vec::new(),
            inside: BTreeMap::new(),
            numbers: BTreeMap::new(),
            parents: BTreeMap::new(),
        };
        for (n, shape) in page.shapes.iter().enumerate() {
            // A box stands after the one around it: none is inside itself.
            let parent = shape.parent.as_deref();
            match parent.filter(|parent| it.numbers.contains_key(parent)) {
                Some(parent) => {
                    it.inside.entry(parent).or_default().push(shape);
                    it.parents.insert(&shape.id, parent);
                }
                None => it.roots.push(shape),
            }
            it.numbers.entry(&shape.id).or_insert(n);
        }
        it
    }

    /// What stands in a box.
    pub(crate) fn inside(&self, id: &str) -> &[&'a Shape] {
        self.inside.get(id).map(Vec::as_slice).unwrap_or_default()
    }

    /// A box's number on the page, from 0.
    pub(crate) fn number(&self, id: &str) -> Option<usize> {
        self.numbers.get(id).copied()
    }

    /// The box around a box.
    pub(crate) fn parent(&self, id: &str) -> Option<&'a str> {
        self.parents.get(id).copied()
    }
}

/// Whether the box stands for something in the hospital, and is no frame or text of the sheet.
pub(crate) fn is_node(shape: &Shape) -> bool {
    let frame = matches!(
        shape.kind,
        BoxKind::Band | BoxKind::Title | BoxKind::Legend | BoxKind::List | BoxKind::OffPage
    );
    !frame
}

/// A stable word for a kind, for properties that programs read.
pub(crate) fn kind_word(kind: BoxKind) -> String {
    // `Node(Point(Vpn))` → `node point vpn`: the names of our own variants, letters alone.
    let text = format!("{kind:?}");
    let mut out = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_lowercase());
        } else if !out.ends_with(' ') {
            out.push(' ');
        }
    }
    out.trim_end().to_owned()
}
