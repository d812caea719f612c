//! The topology as the picture needs it. Comes in: a topology; goes out: who is drawn in which segment,
//! who between several, and what cables and pairs say. It places nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::super::topology::{Edge, EdgeKind, Node, NodeKind, Topology};
use super::differ::Changes;
use super::member::Notes;
use super::{Lang, Options};

/// The topology as the picture needs it.
pub(super) struct View<'a> {
    /// The topology.
    pub(super) topology: &'a Topology,
    /// Nodes by id.
    pub(super) by_id: BTreeMap<&'a str, &'a Node>,
    /// Who is drawn in which segment.
    pub(super) attached: BTreeMap<&'a str, Vec<(&'a Node, &'a Edge)>>,
    /// Who stands in several segments and is drawn between them: its box by id. Gateways are among
    /// them.
    pub(super) between: BTreeMap<&'a str, String>,
    /// Lines beside a node's own.
    pub(super) notes: Notes<'a>,
    /// What changed between two dates.
    pub(super) changes: Changes,
    /// Language.
    pub(super) lang: Lang,
}

impl<'a> View<'a> {
    /// Looks at a topology.
    pub(super) fn new(topology: &'a Topology, options: &Options) -> Self {
        let lang = options.lang;
        let by_id: BTreeMap<&str, &Node> =
            topology.nodes.iter().map(|n| (n.id.as_str(), n)).collect();
        let mut attached: BTreeMap<&str, Vec<(&Node, &Edge)>> = BTreeMap::new();
        let mut places: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for edge in &topology.edges {
            if let (EdgeKind::Attached | EdgeKind::RunsOn, Some(node)) =
                (edge.kind, by_id.get(edge.from.as_str()))
            {
                attached.entry(&edge.to).or_default().push((node, edge));
                if edge.kind == EdgeKind::Attached {
                    places.entry(&edge.from).or_default().insert(&edge.to);
                }
            }
        }
        let mut between: BTreeMap<&str, String> = BTreeMap::new();
        for (id, all) in places {
            let gateway = format!("gateway:{id}");
            let device = by_id
                .get(id)
                .is_some_and(|node| matches!(node.kind, NodeKind::Seen | NodeKind::Device(_)));
            if device && by_id.contains_key(gateway.as_str()) {
                between.insert(id, gateway);
            } else if all.len() > 1 {
                between.insert(id, format!("bridge|{id}"));
            }
        }
        for list in attached.values_mut() {
            list.retain(|(n, e)| {
                e.kind != EdgeKind::Attached || !between.contains_key(n.id.as_str())
            });
        }
        let notes = notes(topology, &by_id, lang);
        Self {
            topology,
            by_id,
            attached,
            between,
            notes,
            changes: options.changes.clone(),
            lang,
        }
    }

    /// Lines beside a node's own.
    pub(super) fn said(&self, id: &str) -> &[String] {
        self.notes.get(id).map(Vec::as_slice).unwrap_or_default()
    }
}

/// What cables, pairs and tunnels say beside a box.
fn notes<'a>(topology: &'a Topology, by_id: &BTreeMap<&str, &Node>, lang: Lang) -> Notes<'a> {
    let mut out = Notes::new();
    let name = |id: &str| by_id.get(id).map(|n| n.label.clone()).unwrap_or_default();
    for edge in &topology.edges {
        let ends = [(&edge.from, &edge.to), (&edge.to, &edge.from)];
        let text = match edge.kind {
            EdgeKind::Pair => lang.pick("HA構成: ", "pair: "),
            EdgeKind::Linked => lang.pick("ケーブル: ", "cable: "),
            EdgeKind::TunnelsTo => {
                let point = by_id.get(edge.to.as_str());
                if point.is_some_and(|n| matches!(n.kind, NodeKind::Point(_))) {
                    let at = lang.pick("接続機器: ", "at: ");
                    say(&mut out, &edge.to, format!("{at}{}", name(&edge.from)));
                }
                continue;
            }
            _ => continue,
        };
        for (at, other) in ends {
            say(&mut out, at, format!("{text}{}", name(other)));
        }
    }
    out
}

/// Says something beside a node once.
fn say<'a>(notes: &mut Notes<'a>, node: &'a str, text: String) {
    let said = notes.entry(node).or_default();
    if !said.contains(&text) {
        said.push(text);
    }
}
