//! What matters in the network: connection points, systems and zones. Comes in: a ledger, its
//! topology, and what the signature files know; goes out: verdicts, each with every witness it rests
//! on. It never calls a thing confirmed on one kind of witness, and guesses no vendor or line.

mod declared;
mod draft;
mod grade;
mod hand;
mod index;
mod knowledge;
mod oqs;
pub(crate) mod pattern;
mod point;
mod rule;
mod serve;
mod sign;
mod system;
mod unnamed;
mod way_out;
mod zone;

use daicho_ledger::{AssetId, Grade, Ledger, PointKind, ZoneKind};
use daicho_report::Time;
use serde::{Deserialize, Serialize};

use crate::topology::Topology;
pub(crate) use grade::kind_title;
pub use knowledge::{Flaw, Knowledge, SignatureError};

/// How much a trait says by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// Nothing else has it.
    Decisive,
    /// Rarely anything else has it.
    Strong,
    /// Others have it too.
    Medium,
    /// Says little.
    Weak,
}

/// One thing that an asset shows and that a signature or a rule of the site names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Witness {
    /// Which kind of trait (`name_server`, `folder`, `flow`).
    pub kind: String,
    /// What was seen, for people; from outside, not yet escaped.
    pub value: String,
    /// How much it says.
    pub weight: Weight,
    /// Who says that it means this: a source named in the signature file, or a rule's key.
    pub source: String,
    /// Whether that source was confirmed on real equipment or is the operator's own document.
    pub proven: bool,
    /// Which asset shows it.
    pub asset: AssetId,
    /// First seen.
    pub first: Option<Time>,
    /// Last seen.
    pub last: Option<Time>,
}

/// A connection point（外部接続点）.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ConnectionPoint {
    /// Stable id, the same as long as the place and the kind are: what a decision names.
    pub id: String,
    /// What kind.
    pub kind: PointKind,
    /// How sure.
    pub grade: Grade,
    /// What it is called: a person's name for it, or a product; empty: nothing but the kind.
    pub name: String,
    /// The topology's node at which it is: a machine, a gateway, a device seen or kept by hand.
    pub at: String,
    /// Segments through which it is reached, sorted.
    pub segments: Vec<String>,
    /// Other services on the same line, sorted.
    pub also: Vec<PointKind>,
    /// Keys of the declared points that it is, sorted; more than one is a contradiction.
    pub declared: Vec<String>,
    /// What it rests on, sorted.
    pub witnesses: Vec<Witness>,
    /// Why it has this grade: Japanese and English.
    pub reason: (String, String),
    /// Last seen by an agent; `null`: never.
    pub last_seen: Option<Time>,
    /// The entry that decided on it, when a person did.
    pub decided: Option<String>,
}

/// A system: servers and those who use them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct System {
    /// Stable id: what a decision or [`daicho_ledger::hand::HandSystem`] names.
    pub id: String,
    /// What sort of system (`ehr`, `pacs`, `receipt`), as the signature file names sorts; empty: the
    /// site's own.
    pub sort: String,
    /// What it is called.
    pub name: String,
    /// How sure.
    pub grade: Grade,
    /// Its servers, sorted.
    pub servers: Vec<AssetId>,
    /// Machines that use it, sorted.
    pub clients: Vec<AssetId>,
    /// What it rests on, sorted.
    pub witnesses: Vec<Witness>,
}

/// The zone of a segment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SegmentZone {
    /// The topology's node.
    pub segment: String,
    /// Its zone.
    pub zone: ZoneKind,
    /// How sure.
    pub grade: Grade,
    /// What it rests on, sorted.
    pub witnesses: Vec<Witness>,
}

/// The zone of an asset: that of its segment, or several when it joins them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AssetZone {
    /// The topology's node.
    pub asset: String,
    /// Its zones, sorted; more than one: it is a bridge between them.
    pub zones: Vec<ZoneKind>,
}

/// A service or program that no signature and no rule names, grouped so that one name serves all.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Unnamed {
    /// Publisher, where one is known.
    pub publisher: Option<String>,
    /// Name of the program or service.
    pub name: String,
    /// Ports that it listens on, sorted (`104/tcp`).
    pub ports: Vec<String>,
    /// Machines that have it, sorted.
    pub assets: Vec<AssetId>,
    /// How many machines talk to it.
    pub peers: usize,
}

/// Entries that contradict each other or the facts; nothing is guessed from them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Contradiction {
    /// Keys of the entries, sorted.
    pub entries: Vec<String>,
    /// What contradicts: Japanese and English.
    pub text: (String, String),
}

/// All verdicts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recognition {
    /// Connection points of every grade, sorted by id; a rejected one is among `rejected`.
    pub points: Vec<ConnectionPoint>,
    /// Points that a person rejected.
    pub rejected: Vec<ConnectionPoint>,
    /// Systems, sorted by id.
    pub systems: Vec<System>,
    /// Zones of all segments, sorted.
    pub segments: Vec<SegmentZone>,
    /// Zones of all assets that have an address, sorted.
    pub assets: Vec<AssetZone>,
    /// Services to be named, those on most machines first.
    pub unnamed: Vec<Unnamed>,
    /// Contradictions, sorted.
    pub contradictions: Vec<Contradiction>,
}

/// Recognises. It does not depend on the order of the input.
#[must_use]
pub fn recognise(ledger: &Ledger, topology: &Topology, knowledge: &Knowledge) -> Recognition {
    let index = index::Index::new(ledger, topology);
    let shown = sign::shown(&index, knowledge);
    let devices = hand::Devices::new(&index);
    let rules = rule::rules(ledger);
    let mut out = Recognition::default();
    let lines = points(&index, &shown, knowledge, (&devices, &rules), &mut out);
    let serving = serve::Serving::new(&index, &shown);
    let makings = system::makings(&index, &shown, knowledge, &serving, &rules);
    let basis = zone::Basis {
        index: &index,
        shown: &shown,
        knowledge,
        devices: &devices,
        serving: &serving,
        makings: &makings,
        lines: &lines,
    };
    zone::zones(&basis, &rules, &mut out);
    let system_ids: Vec<String> = makings.keys().cloned().collect();
    out.systems = system::systems(&index, makings);
    let points = out.points.iter().chain(&out.rejected);
    let known = points
        .map(|it| it.id.as_str())
        .chain(system_ids.iter().map(String::as_str))
        .collect();
    let idle = declared::idle_decisions(&index, &known);
    out.contradictions.extend(idle);
    out.unnamed = unnamed::unnamed(&index, knowledge, &serving, &rules);
    out.contradictions.sort();
    out.contradictions.dedup();
    out
}

fn points(
    index: &index::Index<'_>,
    shown: &[sign::Shown<'_>],
    knowledge: &Knowledge,
    (devices, rules): (&hand::Devices<'_>, &[rule::Rule<'_>]),
    out: &mut Recognition,
) -> oqs::Lines {
    let mut drafts = draft::Drafts::default();
    let mut lines = oqs::oqs(index, shown, knowledge, &mut drafts);
    lines
        .devices
        .extend(point::named_routers(devices, knowledge));
    point::points(index, shown, knowledge, &mut drafts);
    way_out::ways_out(index, shown, knowledge, devices, &lines, &mut drafts);
    point::by_rules(index, rules, &mut drafts);
    declared::declare(index, devices, &lines.devices, knowledge, &mut drafts, out);
    let mut points: Vec<ConnectionPoint> =
        drafts.all.into_values().map(|it| it.point(index)).collect();
    points.sort_by(|a, b| a.id.cmp(&b.id));
    declared::decide(index, points, out);
    lines
}

#[cfg(test)]
mod tests;
