//! Sections of reports. Comes in: a machine of the hospital at a moment; goes out: bodies as its agent
//! would write them. It tells only what that machine could see.

pub(crate) mod network;
mod program;
mod protection;
mod reach;
mod system;
pub(crate) mod talk;

use std::collections::BTreeMap;
use std::rc::Rc;

use daicho_report::{
    Accounts, Antivirus, Backups, Firewall, Guests, Hardware, Hash, Interfaces, Listeners, Os,
    Patches, Policies, Printers, Reading, Reason, RemoteTools, Routes, SectionBody, Services,
    SoftwareList, Storage, Time, Traces, Trust, Updates, Vpns, unknown_body,
};
use serde_json::value::RawValue;

use crate::machine::{Blind, Machine, Turn};
use crate::world::{AssetNo, World};

/// Kinds that are kept in versions, sorted.
pub(crate) const KINDS: &[&str] = &[
    Accounts::KIND,
    Antivirus::KIND,
    Backups::KIND,
    Firewall::KIND,
    Guests::KIND,
    Hardware::KIND,
    Interfaces::KIND,
    Listeners::KIND,
    Os::KIND,
    Patches::KIND,
    Policies::KIND,
    Printers::KIND,
    RemoteTools::KIND,
    Routes::KIND,
    Services::KIND,
    SoftwareList::KIND,
    Storage::KIND,
    Traces::KIND,
    Trust::KIND,
    Updates::KIND,
    Vpns::KIND,
];

/// A body's exact bytes and their hash.
#[derive(Debug)]
pub(crate) struct Body {
    pub raw: Box<RawValue>,
    pub hash: Hash,
}

/// A machine as it stood at a moment.
pub(crate) struct View<'a> {
    pub world: &'a World,
    pub asset: AssetNo,
    pub machine: &'a Machine,
    pub at: Time,
}

impl<'a> View<'a> {
    /// `None`: no agent lives there.
    pub(crate) fn new(world: &'a World, asset: AssetNo, at: Time) -> Option<Self> {
        let machine = world.assets.get(asset)?.machine.as_deref()?;
        Some(Self {
            world,
            asset,
            machine,
            at,
        })
    }

    /// Whether the system is Windows.
    pub(crate) fn windows(&self) -> bool {
        self.machine.release.windows
    }

    /// What was asked: on Windows, on Linux.
    pub(crate) fn ask(&self, windows: &'static str, linux: &'static str) -> &'static str {
        if self.windows() { windows } else { linux }
    }

    /// A reading from there.
    pub(crate) fn known<T>(&self, value: T, from: (&'static str, &'static str)) -> Reading<T> {
        Reading::known(value, self.ask(from.0, from.1))
    }

    /// Turns that were still to come.
    pub(crate) fn ahead(&self) -> impl Iterator<Item = &Turn> {
        let later = self.machine.turns.iter().filter(|(at, _)| *at > self.at);
        later.map(|(_, turn)| turn)
    }

    /// The body of a section.
    pub(crate) fn body(&self, kind: &str) -> Option<Body> {
        match kind {
            Accounts::KIND => self.made(&system::accounts(self)),
            Antivirus::KIND => self.made(&protection::antivirus(self)),
            Backups::KIND => self.made(&protection::backups(self)),
            Firewall::KIND => self.made(&protection::firewall(self)),
            Guests::KIND => self.made(&system::guests(self)),
            Hardware::KIND => self.made(&system::hardware(self)),
            Interfaces::KIND => self.made(&network::interfaces(self)),
            Listeners::KIND => self.made(&network::listeners(self)),
            Os::KIND => self.made(&system::os(self)),
            Patches::KIND => self.made(&program::patches(self)),
            Policies::KIND => self.made(&protection::policies(self)),
            // Agents before 0.4 do not know this section.
            Printers::KIND if self.machine.agent_version.starts_with("0.3") => None,
            Printers::KIND => self.made(&system::printers(self)),
            RemoteTools::KIND => self.made(&protection::remote_tools(self)),
            Routes::KIND => self.made(&network::routes(self)),
            Services::KIND => self.made(&program::services(self)),
            SoftwareList::KIND => self.made(&program::software(self)),
            Storage::KIND => self.made(&protection::storage(self)),
            Traces::KIND if self.machine.agent_version.starts_with("0.3") => None,
            Traces::KIND => self.made(&network::traces(self)),
            Trust::KIND => self.made(&protection::trust(self)),
            Updates::KIND => self.made(&program::updates(self)),
            Vpns::KIND => self.made(&network::vpns(self)),
            _ => None,
        }
    }

    /// The body with what could not be read.
    fn made<B: SectionBody + Default>(&self, body: &B) -> Option<Body> {
        let blind: Vec<&Blind> = self
            .machine
            .blind
            .iter()
            .filter(|it| it.section == B::KIND && it.since.is_none_or(|since| since <= self.at))
            .collect();
        let raw = match blind.as_slice() {
            [] => serde_json::value::to_raw_value(body).ok()?,
            all => blinded(body, all)?,
        };
        let hash = Hash::of(raw.get().as_bytes());
        Some(Body { raw, hash })
    }
}

fn blinded<B: SectionBody + Default>(body: &B, blind: &[&Blind]) -> Option<Box<RawValue>> {
    let text = serde_json::to_string(body).ok()?;
    let mut fields: BTreeMap<String, Box<RawValue>> = serde_json::from_str(&text).ok()?;
    for it in blind {
        if it.field.is_empty() {
            let body: B = unknown_body(&it.reason, B::KIND);
            return serde_json::value::to_raw_value(&body).ok();
        }
        if let Some(field) = fields.get_mut(it.field) {
            let reading = Reading::<()>::unknown(it.reason.clone(), B::KIND);
            *field = serde_json::value::to_raw_value(&reading).ok()?;
        }
    }
    serde_json::value::to_raw_value(&fields).ok()
}

/// Kinds that a turn changes.
fn changed(turn: &Turn) -> &'static [&'static str] {
    match turn {
        Turn::Patched { .. } => &["os", "patch"],
        Turn::LoggedIn(_) => &["account"],
        Turn::Updated { .. } => &["software"],
        Turn::Moved => &["interface", "route"],
    }
}

/// Versions of a machine's section: from when on it stood so.
pub(crate) struct Versions {
    pub kind: &'static str,
    pub bodies: Vec<(Time, Rc<Body>)>,
}

impl Versions {
    /// The version at a moment.
    pub(crate) fn at(&self, at: Time) -> Option<&Rc<Body>> {
        let before = self.bodies.iter().rev().find(|(from, _)| *from <= at);
        before.or_else(|| self.bodies.first()).map(|(_, body)| body)
    }
}

/// Which versions are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Past {
    /// All.
    Whole,
    /// As many as tell since when the last one stands, and what older value it keeps.
    Last,
}

/// Versions of all sections of a machine; `last` is its last report.
pub(crate) fn versions(world: &World, asset: AssetNo, past: Past, last: Time) -> Vec<Versions> {
    let Some(now) = View::new(world, asset, world.end) else {
        return Vec::new();
    };
    let mut all = Vec::new();
    for kind in KINDS {
        let times = times(&now, kind);
        let blind = now.machine.blind.iter().any(|it| it.section == *kind);
        let bodies = match past {
            Past::Last if !blind => newest(&now, kind, &times, last),
            _ => of_times(&now, kind, &times),
        };
        if !bodies.is_empty() {
            all.push(Versions { kind, bodies });
        }
    }
    all
}

type Bodies = Vec<(Time, Rc<Body>)>;

fn of_times(view: &View<'_>, kind: &str, times: &[Time]) -> Bodies {
    let body = |at: &Time| Some((*at, Rc::new(View { at: *at, ..*view }.body(kind)?)));
    times.iter().filter_map(body).collect()
}

/// The last version at a moment and the one before it, when they differ; else all.
fn newest(view: &View<'_>, kind: &str, times: &[Time], last: Time) -> Bodies {
    let reached = times.partition_point(|it| *it <= last).max(1);
    let two = of_times(view, kind, &times[reached.saturating_sub(2)..reached]);
    match two.as_slice() {
        [(_, one), (_, other)] if one.hash == other.hash => of_times(view, kind, times),
        _ => two,
    }
}

/// When a section changed.
fn times(view: &View<'_>, kind: &str) -> Vec<Time> {
    let machine = view.machine;
    let mut times: Vec<Time> = vec![Time::EPOCH];
    let turns = machine.turns.iter();
    times.extend(
        turns
            .filter(|(_, turn)| changed(turn).contains(&kind))
            .map(|(at, _)| *at),
    );
    let blind = machine.blind.iter().filter(|it| it.section == kind);
    times.extend(blind.filter_map(|it| it.since));
    let fresh = machine.antivirus.as_ref().is_some_and(|it| !it.still);
    if kind == Antivirus::KIND && fresh {
        let day = 86_400;
        let days =
            view.world.start.seconds().div_euclid(day)..=view.world.end.seconds().div_euclid(day);
        times.extend(days.map(|it| Time::from_seconds(it * day)));
    }
    times.sort_unstable();
    times.dedup();
    times
}

/// Why a reading failed, for tables.
pub(crate) fn unsupported<T>(source: &str) -> Reading<T> {
    Reading::unknown(Reason::Unsupported, source)
}
