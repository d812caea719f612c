//! Connection points in the making. Comes in: witnesses, each for a place and a kind; goes out:
//! points with grade and reason. It merges what several machines show of one device, and calls
//! nothing confirmed on one kind of witness.

use std::collections::{BTreeMap, BTreeSet};

use daicho_ledger::{AssetId, Grade, Lang, PointKind};

use super::grade::{grade, reason};
use super::index::{Index, Place};
use super::knowledge::{Hit, Knowledge};
use super::sign::Seen;
use super::{ConnectionPoint, Weight, Witness};

/// Most witnesses of one kind that a point keeps; more say no more.
const WITNESSES_MAX: usize = 6;

/// A point in the making.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub(super) kind: PointKind,
    /// The device or machine.
    pub(super) place: String,
    /// Products.
    pub(super) names: BTreeSet<String>,
    /// What people call it; goes before products.
    pub(super) called: BTreeSet<String>,
    pub(super) witnesses: Vec<Witness>,
    pub(super) segments: BTreeSet<String>,
    /// Addresses behind it that were seen.
    pub(super) networks: BTreeSet<std::net::IpAddr>,
    pub(super) also: BTreeSet<PointKind>,
    /// It is no better than this, whatever speaks for it; the reason says why.
    pub(super) ceiling: Option<(Grade, (String, String))>,
    pub(super) declared: Vec<String>,
}

/// Points in the making, by place and kind.
#[derive(Debug, Default)]
pub(super) struct Drafts {
    pub(super) all: BTreeMap<(String, PointKind), Draft>,
}

impl Drafts {
    /// The draft of a place and kind, made when it is new.
    pub(super) fn at(&mut self, place: &str, kind: PointKind) -> &mut Draft {
        let key = (place.to_owned(), kind);
        self.all
            .entry(key)
            .or_insert_with(|| Draft::new(place, kind))
    }
}

impl Draft {
    pub(super) fn new(place: &str, kind: PointKind) -> Self {
        Self {
            kind,
            place: place.to_owned(),
            names: BTreeSet::new(),
            called: BTreeSet::new(),
            witnesses: Vec::new(),
            segments: BTreeSet::new(),
            networks: BTreeSet::new(),
            also: BTreeSet::new(),
            ceiling: None,
            declared: Vec::new(),
        }
    }

    /// Lowers what it can be at best.
    pub(super) fn at_most(&mut self, grade: Grade, ja: &str, en: &str) {
        if self.ceiling.as_ref().is_none_or(|(it, _)| *it < grade) {
            self.ceiling = Some((grade, (ja.to_owned(), en.to_owned())));
        }
    }

    /// How sure.
    pub(super) fn grade(&self) -> Grade {
        let found = grade(&self.witnesses);
        match self.ceiling.as_ref().map(|(it, _)| *it) {
            // What only people say is 手入力, however they say it.
            Some(Grade::Declared) => Grade::Declared,
            // What people say is never less than that.
            _ if found == Grade::Hint && !self.declared.is_empty() => Grade::Declared,
            Some(most) => found.max(most),
            None => found,
        }
    }

    /// Takes in another draft of the same point.
    pub(super) fn absorb(&mut self, other: Self) {
        self.names.extend(other.names);
        self.called.extend(other.called);
        self.witnesses.extend(other.witnesses);
        self.segments.extend(other.segments);
        self.networks.extend(other.networks);
        self.also.extend(other.also);
        self.declared.extend(other.declared);
        self.declared.sort();
        self.declared.dedup();
        self.ceiling = self.ceiling.take().or(other.ceiling);
    }

    /// The finished point.
    pub(super) fn point(mut self, index: &Index<'_>) -> ConnectionPoint {
        self.witnesses.sort();
        self.witnesses.dedup();
        let grade = self.grade();
        let ceiling = self.ceiling.as_ref().map(|(_, why)| why);
        let names = if self.called.is_empty() {
            self.names
        } else {
            self.called
        };
        let reason = reason(grade, &self.witnesses, ceiling);
        ConnectionPoint {
            id: point_id(self.kind, &self.place),
            kind: self.kind,
            grade,
            name: joined(&names),
            at: index.node_of(&self.place),
            segments: self.segments.into_iter().collect(),
            also: self
                .also
                .into_iter()
                .filter(|it| *it != self.kind)
                .collect(),
            declared: self.declared,
            last_seen: self.witnesses.iter().filter_map(|it| it.last).max(),
            witnesses: few(self.witnesses),
            reason,
            decided: None,
        }
    }
}

/// Names in a row; one that another holds says nothing more.
fn joined(names: &BTreeSet<String>) -> String {
    let more = |name: &&String| {
        let mut others = names.iter().filter(|it| it != name);
        !others.any(|it| it.contains(name.as_str()))
    };
    let names: Vec<&str> = names.iter().filter(more).map(String::as_str).collect();
    names.join(" / ")
}

/// A point's id: what a decision names.
pub(super) fn point_id(kind: PointKind, place: &str) -> String {
    format!("point:{}:{place}", word(kind))
}

/// A kind as files write it.
pub(super) fn word(kind: PointKind) -> String {
    let word = serde_json::to_value(kind).ok();
    let word = word.and_then(|it| it.as_str().map(str::to_owned));
    word.unwrap_or_else(|| kind.title(Lang::En).to_owned())
}

/// The most telling witnesses of each kind, sorted.
fn few(mut witnesses: Vec<Witness>) -> Vec<Witness> {
    witnesses.sort_by(|a, b| (a.weight, &a.kind, a).cmp(&(b.weight, &b.kind, b)));
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    witnesses.retain(|it| {
        let count = counts.entry(it.kind.clone()).or_default();
        *count += 1;
        *count <= WITNESSES_MAX
    });
    witnesses.sort();
    witnesses
}

/// A witness of a hit.
pub(super) fn witness(place: &Place<'_>, hit: &Hit, knowledge: &Knowledge) -> Option<Witness> {
    let one = knowledge.traits.get(hit.of)?;
    Some(Witness {
        kind: hit.kind.to_owned(),
        value: hit.value.clone(),
        weight: one.weight,
        source: one.origin.key.clone(),
        proven: one.origin.proven,
        asset: place.asset.id.clone(),
        first: Some(hit.seen.0),
        last: Some(hit.seen.1),
    })
}

/// A witness by a fact of a protocol, which nobody's document needs to confirm.
pub(super) fn protocol_fact(
    kind: &str,
    value: String,
    weight: Weight,
    asset: &AssetId,
    seen: Seen,
) -> Witness {
    Witness {
        kind: kind.to_owned(),
        value,
        weight,
        source: "protocol".to_owned(),
        proven: true,
        asset: asset.clone(),
        first: Some(seen.0),
        last: Some(seen.1),
    }
}
