//! How far the reports have come: the chain, what the collector has, and what is open. Comes in:
//! reports made and answers received; goes out: what the next report must carry. It reads no clock.

use std::collections::BTreeMap;

use daicho_report::{
    Envelope, Flow, FlowBody, Hash, Neighbour, NeighbourBody, Section, SectionBody, SectionKind,
    Time, TreeHead,
};
use serde::{Deserialize, Serialize};

use crate::interval::OpenSet;

/// The state between two reports.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Progress {
    /// Version of this file.
    pub version: u16,
    /// Sequence of the newest report made.
    pub sequence: u64,
    /// Hash of its envelope.
    pub previous: Hash,
    /// Highest sequence that the collector has.
    pub acknowledged: u64,
    /// When it said so, by the machine's clock.
    pub acknowledged_at: Option<Time>,
    /// Of each kind kept in versions: the newest hash that the collector has.
    pub known: BTreeMap<SectionKind, Hash>,
    /// Of each kind kept in versions: the newest body, for a collector that asks for it.
    pub bodies: BTreeMap<SectionKind, Section>,
    /// Flows that are open.
    pub flows: OpenSet<Flow>,
    /// Neighbours that are open.
    pub neighbours: OpenSet<Neighbour>,
    /// Kinds of intervals whose next body must be whole.
    pub whole: Vec<SectionKind>,
    /// The newest head of the collector's log.
    pub head: Option<TreeHead>,
    /// Seconds until the next report, as the collector last said.
    pub next_report_s: Option<u32>,
}

/// What a new head says about the collector's log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeadNotice {
    /// It grew or stayed.
    Forward,
    /// It is shorter than what was shown before: restored from a backup, or history was removed.
    Backwards,
    /// The same length with another root: history was rewritten.
    Rewritten,
}

impl Default for Progress {
    fn default() -> Self {
        Self {
            version: Self::VERSION,
            sequence: 0,
            previous: Hash::ZERO,
            acknowledged: 0,
            acknowledged_at: None,
            known: BTreeMap::new(),
            bodies: BTreeMap::new(),
            flows: OpenSet::default(),
            neighbours: OpenSet::default(),
            whole: interval_kinds().to_vec(),
            head: None,
            next_report_s: None,
        }
    }
}

impl Progress {
    /// The version that this agent writes.
    pub const VERSION: u16 = 1;

    /// A report will never reach the collector: interval bodies must be whole again.
    pub fn gap(&mut self) {
        self.whole = interval_kinds().to_vec();
    }

    /// The collector wants this section whole in the next report.
    pub fn want_whole(&mut self, kind: &SectionKind) {
        if !interval_kinds().contains(kind) {
            self.known.remove(kind);
        } else if !self.whole.contains(kind) {
            self.whole.push(kind.clone());
        }
    }

    /// The collector has this report, and with it the bodies it names.
    pub fn acknowledge(&mut self, envelope: &Envelope) {
        self.acknowledged = self.acknowledged.max(envelope.sequence);
        for section in &envelope.sections {
            if self.bodies.contains_key(&section.kind) {
                // A short one names what was acknowledged before, or it would be whole.
                if let Some(hash) = section.hash.whole() {
                    self.known.insert(section.kind.clone(), hash);
                }
            }
        }
    }

    /// Keeps the newest head and says how it compares with the one before.
    pub fn see_head(&mut self, head: &TreeHead) -> HeadNotice {
        let notice = match &self.head {
            Some(seen) if head.size < seen.size => HeadNotice::Backwards,
            Some(seen) if head.size == seen.size && head.root != seen.root => HeadNotice::Rewritten,
            _ => HeadNotice::Forward,
        };
        if notice == HeadNotice::Forward {
            self.head = Some(head.clone());
        }
        notice
    }
}

fn interval_kinds() -> [SectionKind; 2] {
    [
        SectionKind::of::<FlowBody>(),
        SectionKind::of::<NeighbourBody>(),
    ]
}

/// Whether this kind travels as intervals.
pub(crate) fn is_interval(kind: &SectionKind) -> bool {
    kind.as_str() == FlowBody::KIND || kind.as_str() == NeighbourBody::KIND
}
