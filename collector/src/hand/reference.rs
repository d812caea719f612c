//! What entries refer to. Comes in: entries and the names of agents; goes out: references that lead
//! nowhere. They are named, not refused: lists are written in pieces, and a contradiction is for
//! people to see.

use std::collections::BTreeSet;

use daicho_ledger::hand::{Entry, EntryBody};

/// A reference that leads nowhere.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Loose {
    /// Kind of the entry.
    pub kind: &'static str,
    /// Its key.
    pub key: String,
    /// The field.
    pub field: &'static str,
    /// What it names.
    pub to: String,
}

impl std::fmt::Display for Loose {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            kind,
            key,
            field,
            to,
        } = self;
        write!(f, "{kind} {key}: {field} = {to}")
    }
}

/// References that lead nowhere, sorted.
#[must_use]
pub fn loose(entries: &[Entry], agents: &BTreeSet<&str>) -> Vec<Loose> {
    let known: BTreeSet<(&str, &str)> = entries
        .iter()
        .map(|it| (it.body.kind(), it.key.as_str()))
        .chain(agents.iter().map(|agent| ("agent", *agent)))
        .collect();
    let mut out = Vec::new();
    for entry in entries {
        for (field, kind, to) in references(&entry.body) {
            if !known.contains(&(kind, to)) {
                out.push(Loose {
                    kind: entry.body.kind(),
                    key: entry.key.clone(),
                    field,
                    to: to.to_owned(),
                });
            }
        }
    }
    out.sort();
    out
}

/// Field, kind and key of everything that a body refers to.
fn references(body: &EntryBody) -> Vec<(&'static str, &'static str, &str)> {
    let mut out: Vec<(&'static str, &'static str, Option<&String>)> = Vec::new();
    match body {
        EntryBody::Device(it) => {
            out.push(("vendor", "vendor", it.vendor.as_ref()));
            out.push(("pair", "device", it.pair.as_ref()));
            for interface in &it.interfaces {
                let beside = interface.beside.as_ref().map(|it| &it.0);
                out.push(("linked_to", "device", interface.linked_to.as_ref()));
                out.push(("beside", "agent", beside));
            }
        }
        EntryBody::Point(it) => {
            out.push(("device", "device", it.device.as_ref()));
            out.push(("asset", "agent", it.asset.as_ref().map(|it| &it.0)));
            out.push(("vendor", "vendor", it.vendor.as_ref()));
        }
        EntryBody::System(it) => {
            out.push(("vendor", "vendor", it.vendor.as_ref()));
            out.push(("person", "person", it.person.as_ref()));
        }
        EntryBody::Record(it) => out.push(("vendor", "vendor", it.vendor.as_ref())),
        EntryBody::Answer(_)
        | EntryBody::Case(_)
        | EntryBody::Decision(_)
        | EntryBody::Fields(_)
        | EntryBody::Pin(_)
        | EntryBody::Rule(_)
        | EntryBody::Vendor(_)
        | EntryBody::Person(_) => {}
    }
    out.into_iter()
        .filter_map(|(field, kind, to)| Some((field, kind, to?.as_str())))
        .collect()
}
