//! The first answer（速報）: what a stored graph tells before the ledger is read. Comes in: the resident
//! graph with what things are called, or the bytes of one; goes out: bytes, and what is reached. It says
//! of which moment it is, and knows nothing of ways in and what to cut: that needs the ledger.

mod form;

use std::collections::BTreeMap;

use daicho_ledger::Lang;
use daicho_report::Time;
use serde::{Deserialize, Serialize};

use super::model::{Proof, ThingKind};
use super::name::{Candidate, Unresolved, offered};
use super::scope::{Shown, Trees, place, with_devices};
use super::snapshot::{Snapshot, Window};
use super::{Reach, Resident, backups, name};
use crate::list::{Basis, Names};

pub use form::QuickError;

/// A thing of the stored graph.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Known<'a> {
    id: &'a str,
    name: &'a str,
    addresses: &'a str,
}

/// The stored graph.
#[derive(Debug)]
pub struct Quick<'a> {
    /// The moment of the data.
    pub as_of: Time,
    /// The site's name, from outside and not yet escaped.
    pub site: &'a str,
    /// Whether it is a simulated hospital.
    pub simulated: bool,
    things: Vec<Known<'a>>,
    /// Texts in small letters that name a thing, sorted.
    names: Vec<(&'a str, u32)>,
    systems: Vec<(&'a str, Vec<u32>)>,
    backups: Vec<u32>,
    snapshot: Snapshot,
    proofs: form::Proofs<'a>,
}

/// A machine or device within reach.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Near {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Its addresses.
    pub addresses: String,
    /// How surely.
    pub reach: Reach,
    /// Machines and devices on the way, itself included.
    pub hops: usize,
    /// The shortest explanation, with the names of things.
    pub steps: Vec<Shown>,
}

/// What is reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuickScope {
    /// Machines and devices: damaged, observed, possible, within no reach.
    pub counts: [usize; 4],
    /// Systems whose servers are within reach, surest first.
    pub systems: Vec<(Reach, String)>,
    /// Places of backups; `null`: not within reach.
    pub backups: Vec<(String, Option<Reach>)>,
    /// The surest and nearest, as many as were asked for.
    pub nearest: Vec<Near>,
}

/// Names of a thing, without those that are in a list twice.
fn texts(basis: Basis<'_>, resident: &Resident) -> Vec<(String, u32)> {
    let mut all: Vec<(String, u32)> = Vec::new();
    for (id, texts) in name::named(basis, &resident.model) {
        let own = texts.iter().map(|it| it.to_lowercase());
        all.extend(
            resident
                .row(&id)
                .into_iter()
                .flat_map(|row| own.clone().map(move |it| (it, row))),
        );
    }
    all.sort();
    all.dedup();
    all
}

/// The bytes of a resident graph.
pub fn quick_bytes(basis: Basis<'_>, resident: &Resident) -> Result<Vec<u8>, QuickError> {
    let names = Names::of(basis, Lang::Ja);
    let mut out = form::Writer::new(basis);
    for at in &resident.snapshot.things {
        let id = resident
            .model
            .graph
            .node_weight(*at)
            .map_or("", |it| &it.id);
        let label = names.label(id.strip_prefix("point:").unwrap_or(id), Lang::Ja);
        out.thing(id, &label, &names.addresses(id).join(" "));
    }
    for (text, row) in texts(basis, resident) {
        out.name(&text, row);
    }
    for system in &basis.recognition.systems {
        let servers = system.servers.iter().filter_map(|it| resident.row(&it.0));
        out.system(
            &daicho_ledger::text::visible(&system.name),
            servers.collect(),
        );
    }
    for backup in backups(basis, &resident.model) {
        out.backup(resident.row(&backup.id));
    }
    out.steps(&resident.snapshot, &resident.model.proofs);
    out.finish()
}

impl<'a> Quick<'a> {
    /// From bytes that [`quick_bytes`] wrote.
    pub fn of(bytes: &'a [u8]) -> Result<Self, QuickError> {
        form::read(bytes)
    }

    /// How many things and steps it holds.
    #[must_use]
    pub fn size(&self) -> (usize, usize) {
        self.snapshot.size()
    }

    /// The row that a text names.
    pub fn resolve(&self, text: &str) -> Result<u32, Unresolved> {
        let wanted = text.trim().to_lowercase();
        let from = self.names.partition_point(|(it, _)| *it < wanted.as_str());
        let own = self.names[from..].iter();
        let own = own.take_while(|(it, _)| *it == wanted.as_str());
        let rows: Vec<u32> = own.map(|(_, row)| *row).collect();
        if let [one] = rows[..] {
            return Ok(one);
        }
        let id = |row: &u32| self.thing(*row).id;
        if let Some(one) = rows.iter().find(|it| id(it).to_lowercase() == wanted) {
            return Ok(*one);
        }
        let several = !rows.is_empty();
        let candidate = |row: u32| {
            let it = self.thing(row);
            Candidate {
                id: it.id.to_owned(),
                name: it.name.to_owned(),
                addresses: it.addresses.split(' ').map(str::to_owned).collect(),
            }
        };
        let found = match several {
            true => rows,
            false => offered(self.names.iter().copied(), &wanted),
        };
        Err(Unresolved {
            text: text.to_owned(),
            several,
            candidates: found.into_iter().map(candidate).collect(),
        })
    }

    /// What a row is called.
    #[must_use]
    pub fn name(&self, row: u32) -> String {
        self.thing(row).name.to_owned()
    }

    fn thing(&self, row: u32) -> Known<'a> {
        let none = Known {
            id: "",
            name: "",
            addresses: "",
        };
        let found = usize::try_from(row).ok().and_then(|it| self.things.get(it));
        found.cloned().unwrap_or(none)
    }

    /// What is within reach of rows.
    #[must_use]
    pub fn scope(&self, damaged: &[u32], window: Window, most: usize) -> QuickScope {
        let rows = with_devices(&self.snapshot, damaged.iter().copied());
        let trees = Trees::from(&self.snapshot, &rows, window);
        let mut counts = [0; 4];
        let mut near: Vec<(Reach, usize, &str, u32)> = Vec::new();
        for (row, it) in (0_u32..).zip(&self.things) {
            if !self.snapshot.kind(row).is_machine() {
                continue;
            }
            let reach = trees.reach(row);
            counts[place(reach)] += 1;
            if let Some(reach) = reach.filter(|it| *it != Reach::Damaged) {
                let path = self.snapshot.path(trees.explaining(reach), row);
                near.push((reach, self.snapshot.hops(&path), it.id, row));
            }
        }
        near.sort_unstable();
        near.truncate(most);
        let near = near.into_iter();
        QuickScope {
            counts,
            systems: self.systems_of(&trees),
            backups: self.backups_of(&trees),
            nearest: near
                .map(|it| self.near((it.0, it.1, it.3), &trees))
                .collect(),
        }
    }

    /// Those within reach first.
    fn backups_of(&self, trees: &Trees) -> Vec<(String, Option<Reach>)> {
        let own = self.backups.iter();
        let own = own.map(|row| (self.thing(*row).name.to_owned(), trees.reach(*row)));
        let mut all: Vec<(String, Option<Reach>)> = own.collect();
        all.sort_by(|a, b| (a.1.is_none(), a.1, &a.0).cmp(&(b.1.is_none(), b.1, &b.0)));
        all
    }

    fn systems_of(&self, trees: &Trees) -> Vec<(Reach, String)> {
        let mut surest: BTreeMap<&str, Reach> = BTreeMap::new();
        for (name, servers) in &self.systems {
            let reach = servers.iter().filter_map(|it| trees.reach(*it)).min();
            if let Some(reach) = reach {
                let kept = surest.entry(name).or_insert(reach);
                *kept = (*kept).min(reach);
            }
        }
        let mut all: Vec<(Reach, String)> = surest
            .into_iter()
            .map(|(name, reach)| (reach, name.to_owned()))
            .collect();
        all.sort();
        all
    }

    fn near(&self, (reach, hops, row): (Reach, usize, u32), trees: &Trees) -> Near {
        let it = self.thing(row);
        let path = self.snapshot.path(trees.explaining(reach), row);
        let step = |number: &usize| {
            let arc = self.snapshot.arcs.get(*number)?;
            Some(Shown {
                from: self
                    .thing(*self.snapshot.sources.get(*number)?)
                    .name
                    .to_owned(),
                to: self.thing(arc.to).name.to_owned(),
                reason: arc.reason,
                observed: arc.observed,
                proof: self.proofs.get(arc.proof)?,
            })
        };
        Near {
            id: it.id.to_owned(),
            name: it.name.to_owned(),
            addresses: it.addresses.to_owned(),
            reach,
            hops,
            steps: path.iter().filter_map(step).collect(),
        }
    }
}
