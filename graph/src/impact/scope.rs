//! The scope（影響範囲）. Comes in: the resident graph and the damaged things; goes out: what is reached
//! and why, systems and departments affected, backups within reach, ways in, and what is not known.
//! It never shortens silently and never calls silence damage.

use std::collections::{BTreeMap, BTreeSet};

use daicho_report::Time;
use serde::{Deserialize, Serialize};

use super::backup::{Backup, backups};
use super::entry::{Entry, entries};
use super::model::{Proof, Reason, ThingKind};
use super::snapshot::{Snapshot, Tree, Window};
use super::{Reach, Resident};
use crate::list::Basis;

/// The damaged things and the time asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// Ids of things, as [`super::resolve`] gives them.
    pub things: Vec<String>,
    /// The time.
    pub window: Window,
}

/// A step of an explanation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Shown {
    /// From which thing.
    pub from: String,
    /// To which thing.
    pub to: String,
    /// Why.
    pub reason: Reason,
    /// Whether it was observed.
    pub observed: bool,
    /// What it rests on.
    pub proof: Proof,
}

/// A machine or device within reach.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reached {
    /// Its id.
    pub id: String,
    /// How surely.
    pub reach: Reach,
    /// Machines and devices on the way, itself included.
    pub hops: usize,
    /// The shortest explanation.
    pub steps: Vec<Shown>,
    /// All reasons by which something within reach leads to it, best first.
    pub reasons: Vec<Reason>,
}

/// A system that is affected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SystemHit {
    /// Its id.
    pub id: String,
    /// How surely its surest server, or without one its surest client, is reached.
    pub reach: Reach,
    /// Servers: damaged, observed, possible, all.
    pub servers: [usize; 4],
    /// Machines that use it, likewise.
    pub clients: [usize; 4],
}

/// A machine that has fallen silent without a goodbye.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Silent {
    /// Its last report.
    pub last: Time,
    /// Its id.
    pub id: String,
    /// How long its reports were apart before, on the average, in seconds.
    pub every_s: i64,
}

/// The scope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// The moment of the data.
    pub as_of: Time,
    /// Ids of the damaged things.
    pub damaged: Vec<String>,
    /// Machines and devices: damaged, observed, possible, within no reach.
    pub counts: [usize; 4],
    /// What is reached, surest and nearest first.
    pub reached: Vec<Reached>,
    /// Segments within reach.
    pub segments: Vec<String>,
    /// Systems affected, surest first.
    pub systems: Vec<SystemHit>,
    /// Departments with the number of things within reach, those with most first.
    pub departments: Vec<(String, usize)>,
    /// Backups, each with how surely it is reached; `null`: it is not.
    pub backups: Vec<(Backup, Option<Reach>)>,
    /// Whether a person declared where backups are.
    pub backups_declared: bool,
    /// Likely ways in, likeliest first.
    pub entries: Vec<Entry>,
    /// Machines that have fallen silent, in that order.
    pub silent: Vec<Silent>,
    /// Talk whose peer inside could not be told.
    pub unresolved_flows: usize,
    /// Devices without an agent: what they did nobody reports.
    pub without_agent: usize,
}

/// Both trees of a query.
pub(super) struct Trees {
    pub(super) observed: Tree,
    pub(super) all: Tree,
    pub(super) roots: BTreeSet<u32>,
}

impl Trees {
    pub(super) fn of(resident: &Resident, things: &[String], window: Window) -> Self {
        Self::from(&resident.snapshot, &rows(resident, things), window)
    }

    /// From rows that are damaged.
    pub(super) fn from(snapshot: &Snapshot, rows: &[u32], window: Window) -> Self {
        Self {
            observed: snapshot.reach(rows, window, true),
            all: snapshot.reach(rows, window, false),
            roots: rows.iter().copied().collect(),
        }
    }

    /// The tree whose ways explain a row that is reached so.
    pub(super) fn explaining(&self, reach: Reach) -> &Tree {
        match reach {
            Reach::Observed => &self.observed,
            _ => &self.all,
        }
    }

    /// How surely a row is reached.
    pub(super) fn reach(&self, row: u32) -> Option<Reach> {
        if self.roots.contains(&row) {
            return Some(Reach::Damaged);
        }
        if self.observed.has(row) {
            return Some(Reach::Observed);
        }
        self.all.has(row).then_some(Reach::Possible)
    }
}

/// Rows of things.
pub(super) fn rows(resident: &Resident, things: &[String]) -> Vec<u32> {
    let found = things.iter().filter_map(|id| resident.row(id));
    with_devices(&resident.snapshot, found)
}

/// A connection point is its device too.
pub(super) fn with_devices(snapshot: &Snapshot, found: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut rows: BTreeSet<u32> = BTreeSet::new();
    for row in found {
        rows.insert(row);
        if snapshot.kind(row) == ThingKind::Point {
            let arcs = snapshot.arcs_of(row).map(|it| &snapshot.arcs[it]);
            let devices = arcs.filter(|it| it.reason == Reason::Entry);
            rows.extend(devices.map(|it| it.to));
        }
    }
    rows.into_iter().collect()
}

/// Answers for the damaged things.
#[must_use]
pub fn scope(basis: Basis<'_>, resident: &Resident, damage: &Damage) -> Scope {
    let trees = Trees::of(resident, &damage.things, damage.window);
    let reached = reached(resident, &trees, damage.window);
    let of = |id: &str| resident.row(id).and_then(|it| trees.reach(it));
    let backups: Vec<(Backup, Option<Reach>)> = backups(basis, &resident.model)
        .into_iter()
        .map(|it| {
            let reach = of(&it.id);
            (it, reach)
        })
        .collect();
    let silent = silent(basis);
    let machines = (0_u32..)
        .zip(&resident.snapshot.things)
        .filter(|(row, _)| resident.snapshot.kind(*row).is_machine());
    let mut counts = [0; 4];
    let mut segments = Vec::new();
    for (row, _) in machines {
        counts[place(trees.reach(row))] += 1;
    }
    for (row, at) in (0_u32..).zip(&resident.snapshot.things) {
        let segment = resident.snapshot.kind(row) == ThingKind::Segment;
        if segment && trees.reach(row).is_some() {
            let thing = resident.model.graph.node_weight(*at);
            segments.extend(thing.map(|it| it.id.clone()));
        }
    }
    segments.sort();
    Scope {
        as_of: basis.ledger.as_of,
        damaged: damage.things.clone(),
        counts,
        segments,
        systems: systems(basis, &of),
        departments: departments(basis, &of),
        backups_declared: backups.iter().any(|(it, _)| it.declared),
        backups,
        entries: entries(basis, resident, damage, &silent),
        silent,
        reached,
        unresolved_flows: resident.model.unresolved,
        without_agent: basis.ledger.seen.len(),
    }
}

pub(super) fn place(reach: Option<Reach>) -> usize {
    match reach {
        Some(Reach::Damaged) => 0,
        Some(Reach::Observed) => 1,
        Some(Reach::Possible) => 2,
        None => 3,
    }
}

/// An arc as a step with its proof.
pub(super) fn shown(resident: &Resident, number: usize) -> Option<Shown> {
    let snapshot = &resident.snapshot;
    let arc = snapshot.arcs.get(number)?;
    let id = |row: u32| {
        let at = snapshot.things.get(row as usize)?;
        resident
            .model
            .graph
            .node_weight(*at)
            .map(|it| it.id.clone())
    };
    Some(Shown {
        from: id(*snapshot.sources.get(number)?)?,
        to: id(arc.to)?,
        reason: arc.reason,
        observed: arc.observed,
        proof: resident.model.proofs.get(arc.proof as usize)?.clone(),
    })
}

fn reached(resident: &Resident, trees: &Trees, window: Window) -> Vec<Reached> {
    let snapshot = &resident.snapshot;
    let mut reasons: Vec<BTreeSet<Reason>> = vec![BTreeSet::new(); snapshot.things.len()];
    for (arc, from) in snapshot.arcs.iter().zip(&snapshot.sources) {
        if trees.all.has(*from) && Snapshot::there(arc, window) {
            reasons[arc.to as usize].insert(arc.reason);
        }
    }
    let mut all = Vec::new();
    for (row, at) in (0_u32..).zip(&snapshot.things) {
        let Some(reach) = trees.reach(row).filter(|it| *it != Reach::Damaged) else {
            continue;
        };
        let Some(thing) = resident.model.graph.node_weight(*at) else {
            continue;
        };
        if !thing.kind.is_machine() {
            continue;
        }
        let path = snapshot.path(trees.explaining(reach), row);
        all.push(Reached {
            id: thing.id.clone(),
            reach,
            hops: snapshot.hops(&path),
            steps: path.iter().filter_map(|it| shown(resident, *it)).collect(),
            reasons: reasons[row as usize].iter().copied().collect(),
        });
    }
    all.sort_by(|a, b| {
        (a.reach, a.hops, &a.reasons, &a.id).cmp(&(b.reach, b.hops, &b.reasons, &b.id))
    });
    all
}

fn systems(basis: Basis<'_>, of: &dyn Fn(&str) -> Option<Reach>) -> Vec<SystemHit> {
    let count = |ids: &[daicho_ledger::AssetId]| {
        let mut all = [0; 4];
        for id in ids {
            let at = place(of(&id.0));
            if at < 3 {
                all[at] += 1;
            }
            all[3] += 1;
        }
        all
    };
    let mut hits: Vec<SystemHit> = Vec::new();
    for system in &basis.recognition.systems {
        let surest = system.servers.iter().filter_map(|it| of(&it.0)).min();
        let surest = surest.or_else(|| system.clients.iter().filter_map(|it| of(&it.0)).min());
        if let Some(reach) = surest {
            hits.push(SystemHit {
                id: system.id.clone(),
                reach,
                servers: count(&system.servers),
                clients: count(&system.clients),
            });
        }
    }
    hits.sort_by(|a, b| (a.reach, &a.id).cmp(&(b.reach, &b.id)));
    hits
}

/// Departments of devices that people wrote down, and of systems, with what is within reach.
fn departments(basis: Basis<'_>, of: &dyn Fn(&str) -> Option<Reach>) -> Vec<(String, usize)> {
    let mut things: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let entered = basis.topology.entered();
    for (entry, device) in basis.ledger.hand.devices() {
        let node = entered.get(entry.key.as_str());
        if let Some(node) = node.filter(|it| of(&it.id).is_some()) {
            things
                .entry(&device.department)
                .or_default()
                .insert(&node.id);
        }
    }
    for system in &basis.recognition.systems {
        let entry = super::word::system_entry(basis, &system.id, &system.name);
        let Some((_, it)) = entry else { continue };
        let all = system.servers.iter().chain(&system.clients);
        let there = all.map(|it| it.0.as_str()).filter(|it| of(it).is_some());
        things.entry(&it.department).or_default().extend(there);
    }
    let mut all: Vec<(String, usize)> = things
        .into_iter()
        .filter(|(name, all)| !name.trim().is_empty() && !all.is_empty())
        .map(|(name, all)| (name.to_owned(), all.len()))
        .collect();
    all.sort_by(|a, b| (b.1, &a.0).cmp(&(a.1, &b.0)));
    all
}

/// Machines whose last report is older than twice their own pace, and at least an hour.
fn silent(basis: Basis<'_>) -> Vec<Silent> {
    let mut all: Vec<Silent> = Vec::new();
    for asset in &basis.ledger.assets {
        let it = &asset.presence;
        let sent = i64::try_from(it.sequence.saturating_sub(1)).unwrap_or(i64::MAX);
        let lasted = it.last_at.seconds() - it.first_at.seconds();
        let every_s = if sent > 0 { lasted / sent } else { 24 * 3_600 };
        let quiet = basis.ledger.as_of.seconds() - it.last_at.seconds();
        if it.goodbye.is_none() && quiet > (2 * every_s).max(3_600) {
            all.push(Silent {
                last: it.last_at,
                id: asset.id.0.clone(),
                every_s,
            });
        }
    }
    all.sort();
    all
}
