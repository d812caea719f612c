//! The stored graph as bytes: columns of numbers and one list of texts, so that it is read without
//! building a thing for each step. Comes in: parts of the graph, or bytes from outside; goes out: bytes,
//! or the graph. It takes no number that points nowhere.

use std::collections::BTreeMap;

use daicho_report::Time;
use serde::{Deserialize, Serialize};

use super::{Basis, Known, Proof, Quick, Snapshot, ThingKind};
use crate::impact::model::Reason;
use crate::impact::snapshot::Arc;

/// The version of the form; bytes of another are not read.
const SCHEMA: u32 = 1;

/// Why bytes are no stored graph.
#[derive(Debug, thiserror::Error)]
pub enum QuickError {
    /// They are no such bytes.
    #[error("read the stored graph")]
    Form(#[from] postcard::Error),
    /// They are of another version of the program.
    #[error("read form {0} of the stored graph; this program knows {SCHEMA}")]
    Schema(u32),
    /// A number in them points nowhere.
    #[error("follow a number of the stored graph")]
    Broken,
}

/// A proof: numbers of texts, and of times counted from one; 0: none.
type ProofRow = (u32, u32, u32, u32, u32);

#[derive(Debug, Default, Serialize, Deserialize)]
struct Form<'a> {
    schema: u32,
    as_of: i64,
    simulated: bool,
    #[serde(borrow)]
    site: &'a str,
    /// Every text once.
    #[serde(borrow)]
    texts: Vec<&'a str>,
    /// Id, name, addresses.
    things: Vec<(u32, u32, u32)>,
    kinds: Vec<ThingKind>,
    names: Vec<(u32, u32)>,
    systems: Vec<(u32, Vec<u32>)>,
    backups: Vec<u32>,
    times: Vec<i64>,
    /// Steps, column by column: from, to, why, observed, first, last, proof.
    sources: Vec<u32>,
    heads: Vec<u32>,
    reasons: Vec<Reason>,
    observed: Vec<bool>,
    firsts: Vec<u32>,
    lasts: Vec<u32>,
    proof: Vec<u32>,
    proofs: Vec<ProofRow>,
}

/// Numbers of things that come again.
#[derive(Debug)]
struct Numbered<T> {
    at: BTreeMap<T, u32>,
    all: Vec<T>,
}

impl<T: Ord + Clone> Numbered<T> {
    fn new() -> Self {
        Self {
            at: BTreeMap::new(),
            all: Vec::new(),
        }
    }

    fn of(&mut self, it: T) -> u32 {
        if let Some(known) = self.at.get(&it) {
            return *known;
        }
        let next = number(self.all.len());
        self.at.insert(it.clone(), next);
        self.all.push(it);
        next
    }
}

fn number(it: usize) -> u32 {
    u32::try_from(it).unwrap_or(u32::MAX)
}

/// What is written, in the making.
pub(super) struct Writer<'a> {
    form: Form<'static>,
    site: &'a str,
    texts: Numbered<String>,
    times: Numbered<i64>,
}

impl<'a> Writer<'a> {
    pub(super) fn new(basis: Basis<'a>) -> Self {
        Self {
            form: Form {
                schema: SCHEMA,
                as_of: basis.ledger.as_of.seconds(),
                simulated: basis.ledger.site.simulated,
                ..Form::default()
            },
            site: &basis.ledger.site.name,
            texts: Numbered::new(),
            times: Numbered::new(),
        }
    }

    fn text(&mut self, it: &str) -> u32 {
        self.texts.of(it.to_owned())
    }

    pub(super) fn thing(&mut self, id: &str, name: &str, addresses: &str) {
        let all = (self.text(id), self.text(name), self.text(addresses));
        self.form.things.push(all);
    }

    pub(super) fn name(&mut self, text: &str, row: u32) {
        let text = self.text(text);
        self.form.names.push((text, row));
    }

    pub(super) fn system(&mut self, name: &str, servers: Vec<u32>) {
        let name = self.text(name);
        self.form.systems.push((name, servers));
    }

    pub(super) fn backup(&mut self, row: Option<u32>) {
        self.form.backups.extend(row);
    }

    pub(super) fn steps(&mut self, snapshot: &Snapshot, proofs: &[Proof]) {
        let rows = number(self.form.things.len());
        self.form.kinds = (0..rows).map(|row| snapshot.kind(row)).collect();
        self.form.sources.clone_from(&snapshot.sources);
        for arc in &snapshot.arcs {
            self.form.heads.push(arc.to);
            self.form.reasons.push(arc.reason);
            self.form.observed.push(arc.observed);
            self.form.firsts.push(self.times.of(arc.first));
            self.form.lasts.push(self.times.of(arc.last));
            self.form.proof.push(arc.proof);
        }
        for it in proofs {
            let texts = (
                self.text(&it.section),
                self.text(&it.by),
                self.text(&it.item),
            );
            let mut time = |it: Option<Time>| it.map_or(0, |it| self.times.of(it.seconds()) + 1);
            let (first, last) = (time(it.first), time(it.last));
            self.form
                .proofs
                .push((texts.0, texts.1, texts.2, first, last));
        }
    }

    pub(super) fn finish(self) -> Result<Vec<u8>, QuickError> {
        let form = Form {
            site: self.site,
            texts: self.texts.all.iter().map(String::as_str).collect(),
            times: self.times.all,
            ..self.form
        };
        Ok(postcard::to_allocvec(&form)?)
    }
}

/// What steps rest on, by number.
#[derive(Debug)]
pub(super) struct Proofs<'a> {
    texts: Vec<&'a str>,
    times: Vec<i64>,
    rows: Vec<ProofRow>,
}

impl Proofs<'_> {
    pub(super) fn get(&self, at: u32) -> Option<Proof> {
        let (section, by, item, first, last) = *pick(&self.rows, at).ok()?;
        let text = |it| pick(&self.texts, it).ok().map(|it| (*it).to_owned());
        let time = |it: u32| {
            let at = pick(&self.times, it.checked_sub(1)?).ok()?;
            Some(Time::from_seconds(*at))
        };
        Some(Proof {
            section: text(section)?,
            by: text(by)?,
            item: text(item)?,
            first: time(first),
            last: time(last),
        })
    }
}

fn pick<T>(list: &[T], at: u32) -> Result<&T, QuickError> {
    let found = usize::try_from(at).ok().and_then(|at| list.get(at));
    found.ok_or(QuickError::Broken)
}

/// Reads and checks.
pub(super) fn read(bytes: &[u8]) -> Result<Quick<'_>, QuickError> {
    let (schema, _): (u32, &[u8]) = postcard::take_from_bytes(bytes)?;
    if schema != SCHEMA {
        return Err(QuickError::Schema(schema));
    }
    let mut form: Form<'_> = postcard::from_bytes(bytes)?;
    let text = |at: u32| pick(&form.texts, at).copied();
    let row = |at: u32| pick(&form.things, at).map(|_| at);
    let things = form.things.iter().map(|(id, name, addresses)| {
        Ok(Known {
            id: text(*id)?,
            name: text(*name)?,
            addresses: text(*addresses)?,
        })
    });
    let things = things.collect::<Result<Vec<_>, QuickError>>()?;
    let names = form
        .names
        .iter()
        .map(|(it, at)| Ok((text(*it)?, row(*at)?)));
    let names = names.collect::<Result<Vec<_>, QuickError>>()?;
    let systems = form.systems.iter().map(|(name, servers)| {
        let servers = servers.iter().map(|it| row(*it));
        Ok((
            text(*name)?,
            servers.collect::<Result<Vec<_>, QuickError>>()?,
        ))
    });
    let systems = systems.collect::<Result<Vec<_>, QuickError>>()?;
    for at in &form.backups {
        row(*at)?;
    }
    let snapshot = snapshot(&mut form)?;
    Ok(Quick {
        as_of: Time::from_seconds(form.as_of),
        site: form.site,
        simulated: form.simulated,
        things,
        names,
        systems,
        backups: form.backups,
        snapshot,
        proofs: Proofs {
            texts: form.texts,
            times: form.times,
            rows: form.proofs,
        },
    })
}

fn snapshot(form: &mut Form<'_>) -> Result<Snapshot, QuickError> {
    let count = form.sources.len();
    let lengths = [
        form.heads.len(),
        form.reasons.len(),
        form.observed.len(),
        form.firsts.len(),
        form.lasts.len(),
        form.proof.len(),
    ];
    let sorted = form.sources.is_sorted();
    let whole = lengths.iter().all(|it| *it == count) && form.kinds.len() == form.things.len();
    if !whole || !sorted {
        return Err(QuickError::Broken);
    }
    let mut arcs = Vec::with_capacity(count);
    for n in 0..count {
        pick(&form.things, form.sources[n])?;
        pick(&form.things, form.heads[n])?;
        arcs.push(Arc {
            to: form.heads[n],
            reason: form.reasons[n],
            observed: form.observed[n],
            first: *pick(&form.times, form.firsts[n])?,
            last: *pick(&form.times, form.lasts[n])?,
            proof: form.proof[n],
        });
    }
    let kinds = std::mem::take(&mut form.kinds);
    let sources = std::mem::take(&mut form.sources);
    Ok(Snapshot::of_rows(kinds, sources, arcs))
}
