//! The probes of a collection as jobs: how each is run, and what stands in its place when it gave
//! nothing. The order is that of cost: what everybody needs comes first.

use std::collections::BTreeSet;

use daicho_report::{
    Antivirus, Backups, Firewall, Flow, Gauges, Guests, Hardware, Listeners, Neighbour, Patches,
    Policies, Printers, Reading, Reason, RemoteTools, Section, SectionBody, Storage, Time, Traces,
    Trust, Updates, Vpns, unknown_body,
};

use super::boot_id;
use super::ground::Ground;
use crate::probe;
use crate::probe::product::Places;

/// One piece of what a probe gives.
#[derive(Debug)]
pub(super) enum Learnt {
    Section(Section),
    HostName(Option<String>),
    BootId(String),
    Flows(Reading<BTreeSet<Flow>>),
    Neighbours(Reading<BTreeSet<Neighbour>>),
}

type Read = Box<dyn Fn(&Ground) -> Vec<Learnt> + Send + Sync>;
type Unknown = fn(&Reason, &str, Time) -> Vec<Learnt>;

/// A probe.
pub(super) struct Job {
    /// The section that it fills.
    pub(super) kind: &'static str,
    read: Read,
    unknown: Unknown,
}

impl Job {
    pub(super) fn new(
        kind: &'static str,
        read: impl Fn(&Ground) -> Vec<Learnt> + Send + Sync + 'static,
        unknown: Unknown,
    ) -> Self {
        Self {
            kind,
            read: Box::new(read),
            unknown,
        }
    }

    pub(super) fn read(&self, ground: &Ground) -> Vec<Learnt> {
        (self.read)(ground)
    }

    /// What is said of its facts when it could not be run to its end.
    pub(super) fn unknown(&self, reason: &Reason, source: &str, at: Time) -> Vec<Learnt> {
        (self.unknown)(reason, source, at)
    }
}

/// All probes.
pub(super) fn jobs() -> Vec<Job> {
    vec![
        Job::new(
            "boot",
            |g| vec![Learnt::BootId(boot_id(&g.source))],
            |_, _, _| Vec::new(),
        ),
        Job::new(Hardware::KIND, hardware, unknown::<Hardware>),
        of(|g| probe::os::read(&g.source)),
        of(|g| g.interfaces().clone()),
        of(|g| probe::route::read(&g.source)),
        Job::new("neighbour", neighbours, no_neighbours),
        Job::new(Listeners::KIND, sockets, no_sockets),
        of(|g| probe::account::read(&g.source)),
        of(|g| g.software().clone()),
        of(|g| probe::service::read(&g.source, g.units())),
        of::<Antivirus>(|g| probe::antivirus::read(&g.source, &mut places(g))),
        of::<RemoteTools>(|g| probe::tool::remote(&mut places(g))),
        of::<Backups>(|g| probe::tool::backup(&mut places(g))),
        of::<Vpns>(|g| probe::tool::vpn(&mut places(g), &g.interfaces().interfaces)),
        of::<Firewall>(|g| probe::firewall::read(&g.source, g.units())),
        of::<Storage>(|g| probe::storage::read(&g.source, g.units())),
        of::<Printers>(|g| probe::printer::read(&g.source)),
        of::<Policies>(|g| probe::policy::read(&g.source, g.units())),
        of::<Guests>(|g| probe::guest::read(&g.source, &g.hardware().virtualization)),
        of::<Trust>(|g| probe::trust::read(&g.source)),
        of::<Traces>(|g| probe::trace::read(&g.source, g.hardware())),
        of::<Patches>(|g| probe::patch::read(&g.source, g.units())),
        of::<Updates>(|g| probe::patch::updates(&g.source, g.software())),
        of::<Gauges>(|g| probe::gauge::read(&g.source)),
    ]
}

fn places(ground: &Ground) -> Places<'_> {
    Places::new(&ground.source, ground.units(), ground.software())
}

/// A probe that fills one section and nothing else.
fn of<B: SectionBody + Default + 'static>(read: fn(&Ground) -> B) -> Job {
    let read = move |ground: &Ground| {
        let section = section(&read(ground), ground.source.name(), ground.at);
        section.into_iter().collect()
    };
    Job::new(B::KIND, read, unknown::<B>)
}

fn section<B: SectionBody>(body: &B, source: &str, at: Time) -> Option<Learnt> {
    match Section::new(body, source, at) {
        Ok(section) => Some(Learnt::Section(section)),
        Err(error) => {
            let error: &dyn std::error::Error = &error;
            tracing::error!(stage = "probe", section = B::KIND, error);
            None
        }
    }
}

fn unknown<B: SectionBody + Default>(reason: &Reason, source: &str, at: Time) -> Vec<Learnt> {
    let body: B = unknown_body(reason, B::KIND);
    section(&body, source, at).into_iter().collect()
}

fn hardware(ground: &Ground) -> Vec<Learnt> {
    let hardware = ground.hardware();
    let name = Learnt::HostName(hardware.host_name.value().cloned());
    let section = section(hardware, ground.source.name(), ground.at);
    section.into_iter().chain([name]).collect()
}

fn sockets(ground: &Ground) -> Vec<Learnt> {
    let sockets = probe::flow::read(&ground.source);
    let section = section(&sockets.listeners, ground.source.name(), ground.at);
    section
        .into_iter()
        .chain([Learnt::Flows(sockets.flows)])
        .collect()
}

fn no_sockets(reason: &Reason, source: &str, at: Time) -> Vec<Learnt> {
    let mut learnt = unknown::<Listeners>(reason, source, at);
    learnt.push(Learnt::Flows(Reading::unknown(
        reason.clone(),
        Listeners::KIND,
    )));
    learnt
}

fn neighbours(ground: &Ground) -> Vec<Learnt> {
    vec![Learnt::Neighbours(probe::neighbour::read(&ground.source))]
}

fn no_neighbours(reason: &Reason, _: &str, _: Time) -> Vec<Learnt> {
    vec![Learnt::Neighbours(Reading::unknown(
        reason.clone(),
        "neighbour",
    ))]
}
