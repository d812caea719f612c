//! What people call a damaged thing. Comes in: a host name, an address, an id; goes out: the one thing
//! it is, or the candidates. It never picks one of several.

use daicho_ledger::Lang;
use serde::{Deserialize, Serialize};

use super::model::Model;
use super::place::Places;
use crate::list::{Basis, Names};
use crate::topology::NodeKind;

/// Most candidates that are offered.
const MOST: usize = 12;

/// Something that was perhaps meant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Candidate {
    /// What names it and nothing else.
    pub id: String,
    /// What it is called; nothing in it is hidden.
    pub name: String,
    /// Its addresses.
    pub addresses: Vec<String>,
}

/// A name that is nobody's, or several things'.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unresolved {
    /// What was written.
    pub text: String,
    /// Whether several things have it; otherwise none has.
    pub several: bool,
    /// What may be meant, sorted.
    pub candidates: Vec<Candidate>,
}

/// All that has a name: id of the thing, and texts that name it.
pub(super) fn named(basis: Basis<'_>, model: &Model) -> Vec<(String, Vec<String>)> {
    let places = Places::of(basis);
    let mut all = Vec::new();
    for node in &basis.topology.nodes {
        let id = places.thing_of(&node.id).to_owned();
        if model.find(&id).is_none() || matches!(node.kind, NodeKind::System) {
            continue;
        }
        let mut texts = vec![node.id.clone(), id.clone()];
        texts.extend(node.entry.clone());
        if !node.label.trim().is_empty() {
            texts.push(node.label.clone());
        }
        if !matches!(node.kind, NodeKind::Point(_)) {
            texts.extend(node.detail.iter().cloned());
        }
        all.push((id, texts));
    }
    for edge in &basis.topology.edges {
        let id = places.thing_of(&edge.from).to_owned();
        if model.find(&id).is_some() && !edge.addresses.is_empty() {
            let texts = edge.addresses.iter().map(ToString::to_string);
            all.push((id, texts.collect()));
        }
    }
    for point in &basis.recognition.points {
        let mut texts = vec![point.id.clone(), point.name.clone()];
        texts.extend(point.declared.iter().cloned());
        all.push((format!("point:{}", point.id), texts));
    }
    all
}

/// The thing that a text names.
pub fn resolve(basis: Basis<'_>, model: &Model, text: &str) -> Result<String, Unresolved> {
    let wanted = text.trim().to_lowercase();
    let all = named(basis, model);
    let mut exact: Vec<&str> = all
        .iter()
        .filter(|(_, texts)| texts.iter().any(|it| it.to_lowercase() == wanted))
        .map(|(id, _)| id.as_str())
        .collect();
    exact.sort_unstable();
    exact.dedup();
    if let [one] = exact[..] {
        return Ok(one.to_owned());
    }
    // An id is meant before a name that is the same.
    if let Some(one) = exact.iter().find(|it| it.to_lowercase() == wanted) {
        return Ok((*one).to_owned());
    }
    let several = !exact.is_empty();
    let found = if several { exact } else { near(&all, &wanted) };
    let names = Names::of(basis, Lang::Ja);
    let mut candidates: Vec<Candidate> = found
        .into_iter()
        .map(|id| Candidate {
            id: id.to_owned(),
            name: names.label(id.strip_prefix("point:").unwrap_or(id), Lang::Ja),
            addresses: names.addresses(id),
        })
        .collect();
    candidates.sort();
    Err(Unresolved {
        text: text.to_owned(),
        several,
        candidates,
    })
}

/// Things whose name holds the text, or begins as it does.
fn near<'a>(all: &'a [(String, Vec<String>)], wanted: &str) -> Vec<&'a str> {
    let texts = |(id, texts): &'a (String, Vec<String>)| {
        texts.iter().map(move |it| (it.to_lowercase(), id.as_str()))
    };
    offered(all.iter().flat_map(texts), wanted)
}

/// What is offered for a text in small letters that names nothing.
pub(super) fn offered<T: Ord>(
    all: impl Iterator<Item = (impl AsRef<str>, T)>,
    wanted: &str,
) -> Vec<T> {
    if wanted.is_empty() {
        return Vec::new();
    }
    let long = wanted.chars().count();
    let alike = |text: &str| {
        let same = text.chars().zip(wanted.chars()).take_while(|(a, b)| a == b);
        text.contains(wanted) || (long > 3 && same.count() * 4 >= long * 3)
    };
    let mut found: Vec<T> = all
        .filter(|(text, _)| alike(text.as_ref()))
        .map(|(_, it)| it)
        .collect();
    found.sort_unstable();
    found.dedup();
    found.truncate(MOST);
    found
}
