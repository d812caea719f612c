//! Likely ways in. Comes in: the resident graph and the damaged things; goes out: connection points and
//! unknown addresses outside, ranked, each with every reason and its proof. The rank is an order in
//! which to look, never a verdict.

use std::collections::BTreeSet;

use daicho_ledger::{Grade, PointKind};
use daicho_report::{Time, ToolState};
use serde::{Deserialize, Serialize};

use super::model::{Reason, ThingKind};
use super::scope::{Damage, Shown, Silent, Trees, rows, shown};
use super::snapshot::Window;
use super::{Reach, Resident};
use crate::list::Basis;
use crate::recognise::ConnectionPoint;

/// A log-in from outside within so many days before the first silence counts more.
const RECENT_S: i64 = 7 * 24 * 3_600;
/// Updates older than this are old.
const OLD_S: i64 = 180 * 24 * 3_600;

/// Why a way in is likely.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryReason {
    /// So many of so many damaged things are reached by observed steps.
    Observed(usize, usize),
    /// So many of so many are reached, by possible steps at least.
    Possible(usize, usize),
    /// Somebody came in from outside to a damaged machine.
    CameIn(Box<Shown>),
    /// Somebody came in to a machine from which damaged ones are one observed step away.
    CameNear(Box<Shown>),
    /// The machine that fell silent first is next to it.
    FirstSilent(String, Time),
    /// It leads to the vendor or is made for remote control.
    Maintenance,
    /// No list of the hospital has it.
    NotListed,
    /// Nobody wrote down the version of its firmware.
    FirmwareUnknown,
    /// Its machine's last update was then; `null`: not known.
    OldUpdates(Option<Time>),
    /// A tool for remote control runs there.
    ToolRuns(String),
}

impl EntryReason {
    fn weight(&self) -> u32 {
        match self {
            Self::Observed(some, all) => share(*some, *all, 40),
            Self::Possible(some, all) => share(*some, *all, 15),
            Self::CameIn(it) if it.reason == Reason::Arrival => 40,
            Self::CameIn(_) => 20,
            Self::CameNear(_) => 15,
            Self::FirstSilent(..) => 15,
            Self::Maintenance | Self::NotListed => 8,
            Self::ToolRuns(_) => 6,
            Self::OldUpdates(_) => 4,
            Self::FirmwareUnknown => 3,
        }
    }
}

fn share(some: usize, all: usize, most: u32) -> u32 {
    let (some, all) = (
        u32::try_from(some).unwrap_or(u32::MAX),
        u32::try_from(all.max(1)).unwrap_or(u32::MAX),
    );
    most.saturating_mul(some) / all
}

/// A way in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Id of the thing: `point:…`, or `arrival:…` for addresses that no connection point explains.
    pub id: String,
    /// The order of looking: higher first.
    pub score: u32,
    /// Why, weightiest first.
    pub reasons: Vec<EntryReason>,
}

struct Asked<'a> {
    basis: Basis<'a>,
    resident: &'a Resident,
    window: Window,
    /// Damaged machines, devices and segments.
    damaged: BTreeSet<u32>,
    /// Rows from which a damaged one is an observed step away.
    near: BTreeSet<u32>,
    /// The damaged machine that fell silent first.
    first: Option<&'a Silent>,
    /// Since when an arrival is recent.
    recent: i64,
}

/// Ranks them.
pub(super) fn entries(
    basis: Basis<'_>,
    resident: &Resident,
    damage: &Damage,
    silent: &[Silent],
) -> Vec<Entry> {
    let damaged: BTreeSet<u32> = rows(resident, &damage.things).into_iter().collect();
    let snapshot = &resident.snapshot;
    let arcs = snapshot.arcs.iter().zip(&snapshot.sources);
    let near = arcs.filter(|(it, _)| it.observed && damaged.contains(&it.to));
    let near = near.map(|(_, from)| *from).collect();
    let first = silent.iter().find(|it| damage.things.contains(&it.id));
    let until = first.map_or(basis.ledger.as_of, |it| it.last);
    let asked = Asked {
        basis,
        resident,
        window: damage.window,
        damaged,
        near,
        first,
        recent: until.seconds() - RECENT_S,
    };
    let points = basis.recognition.points.iter();
    let mut all: Vec<Entry> = points.filter_map(|it| point(&asked, it)).collect();
    all.extend(unexplained(&asked));
    all.sort_by(|a, b| (b.score, &a.id).cmp(&(a.score, &b.id)));
    all
}

fn point(asked: &Asked<'_>, point: &ConnectionPoint) -> Option<Entry> {
    let id = format!("point:{}", point.id);
    let trees = Trees::of(asked.resident, std::slice::from_ref(&id), asked.window);
    let mut reasons = reached(asked, &trees);
    reasons.extend(came_in(asked, &trees));
    if reasons.is_empty() {
        return None;
    }
    reasons.extend(next_to_first(asked, &trees));
    use PointKind::{Mobile, RegionalLink, RemoteTool, VendorVpn};
    if matches!(point.kind, VendorVpn | RemoteTool | Mobile | RegionalLink) {
        reasons.push(EntryReason::Maintenance);
    }
    if point.declared.is_empty() && point.decided.is_none() {
        reasons.push(EntryReason::NotListed);
    }
    reasons.extend(upkeep(asked, point));
    let doubt = match point.grade {
        Grade::Hint => 4,
        _ => 1,
    };
    Some(entry(id, reasons, doubt))
}

fn entry(id: String, mut reasons: Vec<EntryReason>, doubt: u32) -> Entry {
    reasons.sort_by(|a, b| (b.weight(), a).cmp(&(a.weight(), b)));
    let score: u32 = reasons.iter().map(EntryReason::weight).sum();
    Entry {
        id,
        score: score / doubt,
        reasons,
    }
}

fn reached(asked: &Asked<'_>, trees: &Trees) -> Vec<EntryReason> {
    let all = asked.damaged.len();
    let count = |wanted: &dyn Fn(Reach) -> bool| {
        let reach = asked.damaged.iter().filter_map(|it| trees.reach(*it));
        reach.filter(|it| wanted(*it)).count()
    };
    let observed = count(&|it| it != Reach::Possible);
    let possible = count(&|_| true);
    let mut out = Vec::new();
    if observed > 0 {
        out.push(EntryReason::Observed(observed, all));
    }
    if possible > observed {
        out.push(EntryReason::Possible(possible, all));
    }
    out
}

/// The newest arrival through the point's own device, on a damaged machine or next to one.
fn came_in(asked: &Asked<'_>, trees: &Trees) -> Option<EntryReason> {
    let snapshot = &asked.resident.snapshot;
    let outside = trees.roots.iter().flat_map(|it| snapshot.arcs_of(*it));
    let outside = outside
        .map(|it| &snapshot.arcs[it])
        .filter(|it| snapshot.kind(it.to) == ThingKind::Outside && it.observed);
    best_arrival(asked, outside.map(|it| it.to))
}

fn best_arrival(asked: &Asked<'_>, outside: impl Iterator<Item = u32>) -> Option<EntryReason> {
    let snapshot = &asked.resident.snapshot;
    let (mut on, mut near): (Option<Shown>, Option<Shown>) = (None, None);
    for row in outside {
        for number in snapshot.arcs_of(row) {
            let arc = &snapshot.arcs[number];
            if arc.reason != Reason::Arrival || !super::Snapshot::there(arc, asked.window) {
                continue;
            }
            let Some(step) = shown(asked.resident, number) else {
                continue;
            };
            let late = step.proof.last.map_or(i64::MAX, Time::seconds) >= asked.recent;
            if !late {
                continue;
            }
            let place = if asked.damaged.contains(&arc.to) {
                &mut on
            } else if asked.near.contains(&arc.to) {
                &mut near
            } else {
                continue;
            };
            if place
                .as_ref()
                .is_none_or(|it| it.proof.first < step.proof.first)
            {
                *place = Some(step);
            }
        }
    }
    match (on, near) {
        (Some(step), _) => Some(EntryReason::CameIn(Box::new(step))),
        (None, Some(step)) => Some(EntryReason::CameNear(Box::new(step))),
        (None, None) => None,
    }
}

/// Whether the machine that fell silent first is one step away, or in the same network.
fn next_to_first(asked: &Asked<'_>, trees: &Trees) -> Option<EntryReason> {
    let first = asked.first?;
    let row = asked.resident.row(&first.id)?;
    let seen = trees.observed.steps.get(row as usize);
    let near = trees.all.steps.get(row as usize);
    let close = seen.is_some_and(|it| *it <= 2) || near.is_some_and(|it| *it <= 2);
    close.then(|| EntryReason::FirstSilent(first.id.clone(), first.last))
}

/// What is known of its upkeep.
fn upkeep(asked: &Asked<'_>, point: &ConnectionPoint) -> Vec<EntryReason> {
    let mut out = Vec::new();
    let ledger = asked.basis.ledger;
    if let Some(asset) = ledger.assets.iter().find(|it| it.id.0 == point.at) {
        let last = asset.patches.last_update_at.value().copied();
        let old = last.is_none_or(|it| ledger.as_of.seconds() - it.seconds() > OLD_S);
        if old {
            out.push(EntryReason::OldUpdates(last));
        }
        let tools = asset.remote_tools.tools.value().into_iter().flatten();
        let mut running = tools.filter(|it| it.state == ToolState::Running);
        out.extend(
            running
                .next()
                .map(|it| EntryReason::ToolRuns(it.name.clone())),
        );
        return out;
    }
    let at = super::model::device_of(point.at.strip_prefix("way-out:").unwrap_or(&point.at));
    let node = asked.basis.topology.node(at);
    let entry = node.and_then(|it| it.entry.as_deref()).unwrap_or(at);
    let mut devices = ledger.hand.devices();
    let device = devices.find(|(it, _)| it.key == entry).map(|(_, it)| it);
    if device.is_none_or(|it| it.firmware.trim().is_empty()) {
        out.push(EntryReason::FirmwareUnknown);
    }
    out
}

/// Addresses outside that no connection point explains.
fn unexplained(asked: &Asked<'_>) -> Vec<Entry> {
    let snapshot = &asked.resident.snapshot;
    let mut all = Vec::new();
    let explained: BTreeSet<u32> = asked
        .basis
        .recognition
        .points
        .iter()
        .flat_map(|it| rows(asked.resident, &[format!("point:{}", it.id)]))
        .flat_map(|it| snapshot.arcs_of(it))
        .map(|it| snapshot.arcs[it].to)
        .filter(|it| snapshot.kind(*it) == ThingKind::Outside)
        .collect();
    for (row, at) in (0_u32..).zip(&snapshot.things) {
        if snapshot.kind(row) != ThingKind::Outside || explained.contains(&row) {
            continue;
        }
        let Some(thing) = asked.resident.model.graph.node_weight(*at) else {
            continue;
        };
        let arrival = best_arrival(asked, std::iter::once(row));
        let Some(came_in @ EntryReason::CameIn(_)) = arrival else {
            continue;
        };
        let trees = Trees::from(snapshot, &[row], asked.window);
        let mut reasons = reached(asked, &trees);
        reasons.extend([came_in, EntryReason::NotListed]);
        all.push(entry(thing.id.clone(), reasons, 1));
    }
    all
}
