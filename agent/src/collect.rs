//! One collection: every probe once, in a fixed order. Comes in: a source and the time; goes out:
//! the sections of a report, the pictures of flows and neighbours, and what it cost. It never fails
//! and never waits without end: a probe that hangs, or comes when the budget is used up, costs its
//! own facts and no others.

mod ground;
mod job;
mod worker;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use daicho_report::{Cost, Flow, Neighbour, Reading, Reason, Section, Time};

use crate::platform::{Source, System, own_cost, own_memory_kib};
use ground::Ground;
use job::{Job, Learnt, jobs};
use worker::Worker;

#[cfg(test)]
mod tests;

/// What one collection found.
#[derive(Debug, Clone)]
pub struct Collected {
    /// The machine's name for itself, for people.
    pub host_name: Option<String>,
    /// The system's own mark of this start of the machine; empty when it has none.
    pub boot_id: String,
    /// All sections but flows and neighbours, sorted by kind.
    pub sections: Vec<Section>,
    /// Talk that is going on.
    pub flows: Reading<BTreeSet<Flow>>,
    /// Who has answered on the links.
    pub neighbours: Reading<BTreeSet<Neighbour>>,
    /// What this collection cost.
    pub cost: Cost,
}

/// What one collection may cost. What comes when it is used up is unknown, with the reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Time of one probe.
    pub probe: Duration,
    /// Time of all probes.
    pub wall: Duration,
    /// Processor time of all probes, in milliseconds.
    pub cpu_ms: u64,
    /// Memory of the whole program, in KiB.
    pub memory_kib: u64,
}

impl Default for Budget {
    /// A hundred times what a collection costs on a machine that is well.
    fn default() -> Self {
        Self {
            probe: Duration::from_secs(10),
            wall: Duration::from_secs(60),
            cpu_ms: 10_000,
            memory_kib: 192 << 10,
        }
    }
}

const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";
/// Where Windows counts its starts.
const PREFETCH: &str =
    r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Memory Management\PrefetchParameters";

/// Runs every probe.
#[must_use]
pub fn collect(source: &Arc<Source>, at: Time, budget: &Budget) -> Collected {
    collect_by(jobs(), source, at, budget)
}

fn collect_by(jobs: Vec<Job>, source: &Arc<Source>, at: Time, budget: &Budget) -> Collected {
    let began = own_cost();
    let start = Instant::now();
    let mut collected = Collected {
        host_name: None,
        boot_id: String::new(),
        sections: Vec::new(),
        flows: Reading::default(),
        neighbours: Reading::default(),
        cost: Cost::default(),
    };
    let ground = Arc::new(Ground::new(Arc::clone(source), at));
    let mut worker = Worker::start(&ground);
    for job in jobs {
        let job = Arc::new(job);
        let learnt = match left(budget, &began, start) {
            Ok(time) => worker.ask(&job, time.min(budget.probe)),
            Err(reason) => Err(reason),
        };
        let learnt = learnt.unwrap_or_else(|reason| {
            tracing::warn!(stage = "probe", section = job.kind, reason = ?reason);
            job.unknown(&reason, source.name(), at)
        });
        take(&mut collected, learnt);
        if worker.is_lost() {
            worker = Worker::start(&ground);
        }
    }
    collected
        .sections
        .sort_by(|one, other| one.kind.cmp(&other.kind));
    let ended = own_cost();
    collected.cost = Cost {
        cpu_ms: ended.cpu_ms.saturating_sub(began.cpu_ms),
        wall_ms: ended.wall_ms.saturating_sub(began.wall_ms),
        peak_kib: ended.peak_kib,
    };
    collected
}

fn take(collected: &mut Collected, learnt: Vec<Learnt>) {
    for learnt in learnt {
        match learnt {
            Learnt::Section(section) => collected.sections.push(section),
            Learnt::HostName(name) => collected.host_name = name,
            Learnt::BootId(id) => collected.boot_id = id,
            Learnt::Flows(flows) => collected.flows = flows,
            Learnt::Neighbours(neighbours) => collected.neighbours = neighbours,
        }
    }
}

/// The time that is left, or which part of the budget is used up.
fn left(budget: &Budget, began: &Cost, start: Instant) -> Result<Duration, Reason> {
    let time = budget
        .wall
        .checked_sub(start.elapsed())
        .ok_or(Reason::TimedOut)?;
    if own_cost().cpu_ms.saturating_sub(began.cpu_ms) > budget.cpu_ms {
        return Err(Reason::failed("budget: processor"));
    }
    if own_memory_kib() > budget.memory_kib {
        return Err(Reason::failed("budget: memory"));
    }
    Ok(time)
}

/// The system's own mark of this start of the machine; empty when it has none.
#[must_use]
pub fn boot_id(source: &Source) -> String {
    if source.system() == System::Windows {
        let count = source.registry(PREFETCH, "BootId").ok();
        let count = count.and_then(|it| it.number());
        return count.map_or_else(String::new, |count| count.to_string());
    }
    let text = source.text(BOOT_ID).unwrap_or_default();
    text.trim().chars().take(64).collect()
}

/// The machine's name for itself, without any other probe.
#[must_use]
pub fn host_name(source: &Source) -> Option<String> {
    let hardware = crate::probe::hardware::read(source);
    hardware.host_name.value().cloned()
}

/// The kind of source, as sections name it.
#[must_use]
pub fn source_name(source: &Source) -> &'static str {
    source.name()
}
