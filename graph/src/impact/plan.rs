//! What to cut, in the order of the ministry's template BCP: what leads to backups, then external
//! routes, then segment boundaries. Comes in: the resident graph, gates and damaged things; goes out:
//! acts that a person can do. It never proposes what it does not know to be there, and says whose
//! harm is not known.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::cut::{Gate, min_cut};
use super::model::ThingKind;
use super::narrow::{Walk, Ways};
use super::scope::{Scope, rows};
use super::weight::{Gates, Means, PATIENT};
use super::{Reach, Resident};
use crate::list::Basis;
use daicho_ledger::PointKind;

/// Where in the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// What leads to backups.
    Backups,
    /// External routes.
    Outside,
    /// Segment boundaries.
    Boundaries,
}

/// Whether a cut may harm a patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Harm {
    /// It may: 医師の判断が必要.
    Patient,
    /// Work of the office is affected; no care that is known.
    Office,
    /// Nobody wrote down what it affects: 影響不明：事業者に確認.
    Unknown,
}

/// One thing that a person does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    /// Where in the order.
    pub stage: Stage,
    /// The thing: a machine, a segment, a connection point, a device.
    pub target: String,
    /// What is done.
    pub means: Means,
    /// Whether a patient may come to harm.
    pub harm: Harm,
    /// Systems whose servers or users it takes off, by id, sorted.
    pub systems: Vec<String>,
    /// Whether something damaged is within reach by it: connection points alone.
    pub leads_to_damage: bool,
}

/// The plan.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Acts in their order.
    pub acts: Vec<Act>,
    /// The fewest acts that keep all external routes away, where these are fewer than the routes.
    pub fewest: Vec<Act>,
    /// Things that no known cut parts from the damage, with why they are wanted.
    pub not_parted: Vec<(Stage, String)>,
    /// Where every known way to a backup or a system's server passes.
    pub narrows: Vec<Narrow>,
}

/// What every known way from the damage to a thing passes, and which acts part it alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Narrow {
    /// The thing.
    pub target: String,
    /// The system whose server it is; `null`: a backup.
    pub system: Option<String>,
    /// Things that every way passes, from the damage on.
    pub through: Vec<String>,
    /// Acts each of which is enough.
    pub alone: Vec<Act>,
}

/// Plans it.
#[must_use]
pub fn plan(basis: Basis<'_>, resident: &Resident, scope: &Scope) -> Plan {
    let asked = Asked {
        basis,
        resident,
        gates: &resident.gates,
        damaged: rows(resident, &scope.damaged)
            .into_iter()
            .filter(|it| resident.snapshot.kind(*it) != ThingKind::Point)
            .collect(),
    };
    let mut plan = Plan::default();
    backups(&asked, scope, &mut plan);
    outside(&asked, scope, &mut plan);
    boundaries(&asked, &mut plan);
    plan.narrows = narrows(&asked, scope);
    plan
}

struct Asked<'a> {
    basis: Basis<'a>,
    resident: &'a Resident,
    gates: &'a Gates,
    damaged: BTreeSet<u32>,
}

impl Asked<'_> {
    /// Cuts sources off sinks; the acts, or nothing where no known cut does.
    fn cut(
        &self,
        sources: &BTreeSet<u32>,
        sinks: &BTreeSet<u32>,
        stage: Stage,
    ) -> Option<Vec<Act>> {
        let plain = |all: &BTreeSet<u32>| all.iter().map(|it| *it as usize).collect::<Vec<_>>();
        let points = self.resident.snapshot.things.len();
        let cut = min_cut(points, &self.gates.gates, &plain(sources), &plain(sinks))?;
        let closings = cut.gates.iter();
        let closings = closings.filter_map(|it| self.gates.closings.get(*it)?.as_ref());
        Some(
            closings
                .map(|it| self.act(stage, &it.target, it.means.clone()))
                .collect(),
        )
    }

    fn act(&self, stage: Stage, target: &str, means: Means) -> Act {
        let systems = self.systems(target, &means);
        Act {
            stage,
            target: target.to_owned(),
            harm: self.harm(target, &means, &systems),
            means,
            systems,
            leads_to_damage: false,
        }
    }

    /// Systems with a server that the act takes off: the machine itself, or those in the segment.
    fn systems(&self, target: &str, means: &Means) -> Vec<String> {
        let Some(row) = self.resident.row(target) else {
            return Vec::new();
        };
        let systems = self.basis.recognition.systems.iter();
        let systems = systems.zip(&self.gates.systems);
        let hit = systems.filter(|(_, it)| match means {
            Means::Segment { .. } => it.segments.contains(&row),
            _ => it.servers.contains(&row),
        });
        hit.map(|(it, _)| it.id.clone()).collect()
    }

    fn harm(&self, target: &str, means: &Means, systems: &[String]) -> Harm {
        if *means == Means::StopPoint {
            return self.harm_of_point(target);
        }
        let all = self.basis.recognition.systems.iter();
        let mut hit = all.filter(|it| systems.contains(&it.id));
        let patient = hit.any(|it| {
            let entry = super::word::system_entry(self.basis, &it.id, &it.name);
            let care = entry.is_some_and(|(_, it)| !it.care.trim().is_empty());
            care || PATIENT.contains(&it.sort.as_str())
        });
        if patient {
            Harm::Patient
        } else {
            Harm::Unknown
        }
    }

    fn harm_of_point(&self, target: &str) -> Harm {
        let mut points = self.basis.recognition.points.iter();
        let Some(point) = points.find(|it| target.strip_prefix("point:") == Some(&it.id)) else {
            return Harm::Unknown;
        };
        use PointKind::{
            CloudEhr, EPrescription, OnlineClaims, Oqs, OqsIpsec, OqsIpv6, OqsPppoe, OqsWebApi,
        };
        let kinds = || std::iter::once(point.kind).chain(point.also.iter().copied());
        if kinds().any(|it| matches!(it, CloudEhr | EPrescription)) {
            return Harm::Patient;
        }
        match point.kind {
            Oqs | OqsIpv6 | OqsPppoe | OqsIpsec | OqsWebApi | OnlineClaims => Harm::Office,
            _ => Harm::Unknown,
        }
    }
}

/// Parts the damage from every backup. The damaged machines themselves are no gates: more than these
/// may be damaged.
fn backups(asked: &Asked<'_>, scope: &Scope, plan: &mut Plan) {
    let wanted = scope.backups.iter().filter(|(_, reach)| reach.is_some());
    let (mut lost, mut sinks) = (Vec::new(), BTreeSet::new());
    for (backup, reach) in wanted {
        match asked.resident.row(&backup.id) {
            Some(row) if *reach != Some(Reach::Damaged) => {
                sinks.insert(row);
            }
            _ => lost.push(backup.id.clone()),
        }
    }
    plan.not_parted
        .extend(lost.into_iter().map(|it| (Stage::Backups, it)));
    if sinks.is_empty() {
        return;
    }
    let alone = |it: u32| asked.cut(&asked.damaged, &BTreeSet::from([it]), Stage::Backups);
    match asked.cut(&asked.damaged, &sinks, Stage::Backups) {
        Some(acts) => plan.acts.extend(acts),
        // One of them cannot be parted: each for itself.
        None => {
            for (backup, _) in &scope.backups {
                let Some(row) = asked
                    .resident
                    .row(&backup.id)
                    .filter(|it| sinks.contains(it))
                else {
                    continue;
                };
                match alone(row) {
                    Some(acts) => plan.acts.extend(acts),
                    None => plan.not_parted.push((Stage::Backups, backup.id.clone())),
                }
            }
        }
    }
    let mut seen = BTreeSet::new();
    plan.acts
        .retain(|it| seen.insert((it.target.clone(), it.means.clone())));
}

/// All external routes, the likeliest ways in first.
fn outside(asked: &Asked<'_>, scope: &Scope, plan: &mut Plan) {
    let mut told = BTreeSet::new();
    let ranked = scope.entries.iter().map(|it| (it.id.clone(), true));
    let points = asked.basis.recognition.points.iter();
    let others = points.map(|it| (format!("point:{}", it.id), false));
    let mut sources = BTreeSet::new();
    let mut acts = Vec::new();
    for (id, leads) in ranked.chain(others) {
        if !id.starts_with("point:") || !told.insert(id.clone()) {
            continue;
        }
        if leads {
            sources.extend(asked.resident.row(&id));
        }
        acts.push(Act {
            leads_to_damage: leads,
            ..asked.act(Stage::Outside, &id, Means::StopPoint)
        });
    }
    let leading = acts.iter().filter(|it| it.leads_to_damage).count();
    let mut inside = asked.damaged.clone();
    let kept = scope
        .backups
        .iter()
        .filter_map(|(it, _)| asked.resident.row(&it.id));
    inside.extend(kept);
    if let Some(fewest) = asked.cut(&sources, &inside, Stage::Outside)
        && fewest.len() < leading
        && !fewest.is_empty()
    {
        plan.fewest = fewest;
    }
    plan.acts.extend(acts);
}

/// Backups and servers within reach, each with where every way to it passes. The damaged machines
/// themselves are no answer: more than these may be damaged.
fn narrows(asked: &Asked<'_>, scope: &Scope) -> Vec<Narrow> {
    let backups = || scope.backups.iter().filter(|(_, reach)| reach.is_some());
    if backups().next().is_none() && scope.systems.is_empty() {
        return Vec::new();
    }
    let points = asked.resident.snapshot.things.len();
    let damaged = asked.damaged.iter().map(|it| Gate {
        from: points,
        to: *it as usize,
        cost: None,
    });
    let gates: Vec<Gate> = asked.gates.gates.iter().copied().chain(damaged).collect();
    let walk = Walk::from(&Ways::of(points + 1, &gates), points);
    let of = |id: &str, system: Option<&str>| {
        let row = asked
            .resident
            .row(id)
            .filter(|it| !asked.damaged.contains(it))?;
        if !walk.joins(row as usize) {
            return None;
        }
        let (through, alone) = walk.to(row as usize);
        let own = |it: &usize| u32::try_from(*it).is_ok_and(|it| asked.damaged.contains(&it));
        let name = |it: usize| {
            let at = asked.resident.snapshot.things.get(it)?;
            Some(asked.resident.model.graph.node_weight(*at)?.id.clone())
        };
        let closings = alone.iter().filter_map(|it| {
            let gate = gates.get(*it)?;
            let closing = asked.gates.closings.get(*it)?.as_ref()?;
            let of_damaged = own(&gate.from) || own(&gate.to);
            (!of_damaged || closing.target == id)
                .then(|| asked.act(Stage::Backups, &closing.target, closing.means.clone()))
        });
        Some(Narrow {
            target: id.to_owned(),
            system: system.map(str::to_owned),
            alone: closings.collect(),
            through: through
                .into_iter()
                .filter(|it| !own(it))
                .filter_map(name)
                .collect(),
        })
    };
    let mut out: Vec<Narrow> = backups().filter_map(|(it, _)| of(&it.id, None)).collect();
    for hit in &scope.systems {
        let mut systems = asked.basis.recognition.systems.iter();
        let system = systems.find(|it| it.id == hit.id);
        let servers = system.map_or(&[][..], |it| &it.servers);
        out.extend(servers.iter().filter_map(|it| of(&it.0, Some(&hit.id))));
    }
    out
}

/// Parts the damaged segments from those in which other systems' servers and backups stand.
fn boundaries(asked: &Asked<'_>, plan: &mut Plan) {
    let segments_of = |row: &u32| {
        let own = asked.gates.segments.get(row).cloned().unwrap_or_default();
        let segment = asked.resident.snapshot.kind(*row) == ThingKind::Segment;
        own.into_iter().chain(segment.then_some(*row))
    };
    let struck: BTreeSet<u32> = asked
        .damaged
        .iter()
        .filter(|it| asked.resident.snapshot.kind(**it) != ThingKind::Gateway)
        .flat_map(segments_of)
        .collect();
    let servers = asked.basis.recognition.systems.iter();
    let servers = servers.flat_map(|it| &it.servers);
    let servers: BTreeSet<u32> = servers.filter_map(|it| asked.resident.row(&it.0)).collect();
    let mut kept = BTreeSet::new();
    for server in servers.iter().filter(|it| !asked.damaged.contains(it)) {
        let own: Vec<u32> = segments_of(server).collect();
        if own.iter().any(|it| struck.contains(it)) {
            let at = asked.resident.snapshot.things.get(*server as usize);
            let thing = at.and_then(|it| asked.resident.model.graph.node_weight(*it));
            plan.not_parted
                .extend(thing.map(|it| (Stage::Boundaries, it.id.clone())));
            continue;
        }
        kept.extend(own);
    }
    if kept.is_empty() || struck.is_empty() {
        return;
    }
    match asked.cut(&struck, &kept, Stage::Boundaries) {
        Some(acts) => plan.acts.extend(acts),
        None => {
            for segment in struck {
                let at = asked.resident.snapshot.things.get(segment as usize);
                let thing = at.and_then(|it| asked.resident.model.graph.node_weight(*it));
                plan.not_parted
                    .extend(thing.map(|it| (Stage::Boundaries, it.id.clone())));
            }
        }
    }
}
