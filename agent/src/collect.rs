//! One collection: every probe once, in a fixed order. Comes in: a source and the time; goes out:
//! the sections of a report, the pictures of flows and neighbours, and what it cost. It never fails:
//! a probe that learnt nothing costs its own facts and no others.

use std::collections::BTreeSet;

use daicho_report::{Cost, Flow, Neighbour, Reading, Section, SectionBody, Time};

use crate::platform::{Source, own_cost};
use crate::probe;

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

const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";

/// Runs every probe.
#[must_use]
pub fn collect(source: &Source, at: Time) -> Collected {
    let began = own_cost();
    let sockets = probe::flow::read(source);
    let hardware = probe::hardware::read(source);
    let host_name = hardware.host_name.value().cloned();
    let software = probe::software::read(source);
    let antivirus = probe::antivirus::read(source, &software);
    let mut sections = Vec::new();
    add(&mut sections, &probe::account::read(source), source, at);
    add(&mut sections, &antivirus, source, at);
    add(&mut sections, &probe::gauge::read(source), source, at);
    add(&mut sections, &hardware, source, at);
    add(&mut sections, &probe::interface::read(source), source, at);
    add(&mut sections, &sockets.listeners, source, at);
    add(&mut sections, &probe::os::read(source), source, at);
    add(&mut sections, &probe::route::read(source), source, at);
    add(&mut sections, &software, source, at);
    sections.sort_by(|one, other| one.kind.cmp(&other.kind));
    let boot_id = boot_id(source);
    let neighbours = probe::neighbour::read(source);
    let ended = own_cost();
    Collected {
        host_name,
        boot_id,
        sections,
        flows: sockets.flows,
        neighbours,
        cost: Cost {
            cpu_ms: ended.cpu_ms.saturating_sub(began.cpu_ms),
            wall_ms: ended.wall_ms.saturating_sub(began.wall_ms),
            peak_kib: ended.peak_kib,
        },
    }
}

/// The system's own mark of this start of the machine; empty when it has none.
#[must_use]
pub fn boot_id(source: &Source) -> String {
    let text = source.text(BOOT_ID).unwrap_or_default();
    text.trim().chars().take(64).collect()
}

fn add<B: SectionBody>(sections: &mut Vec<Section>, body: &B, source: &Source, at: Time) {
    match Section::new(body, source.name(), at) {
        Ok(section) => sections.push(section),
        Err(error) => {
            let error: &dyn std::error::Error = &error;
            tracing::error!(stage = "probe", section = B::KIND, error);
        }
    }
}

/// The kind of source, as sections name it.
#[must_use]
pub fn source_name(source: &Source) -> &'static str {
    source.name()
}
