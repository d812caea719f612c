//! The leaves one after the other: bytes against hash, tree against heads, signatures against the
//! keys that the log itself registered, sequences against each other.

use std::collections::{BTreeMap, BTreeSet};

use daicho_report::{
    AgentId, Envelope, Goodbye, Hash, ReportKeyPublic, SealError, Section, Signature, Time,
    TreeHead, open_envelope,
};

use super::Problems;
use super::entries::Replayed;
use crate::log::tree::{Frontier, leaf_hash};
use crate::log::{Act, Leaf, Summary};
use crate::simulated::Mark;
use crate::store::{LeafRow, Rows, Standing, StoreError};

const CHUNK: u32 = 500;

/// What was read.
pub(super) struct Read {
    pub(super) frontier: Frontier,
    pub(super) envelopes: u64,
    /// Standing of each agent by the acts in the log.
    pub(super) standings: BTreeMap<AgentId, Standing>,
    /// Hand-kept entries by the acts in the log.
    pub(super) entries: Replayed,
    /// The hospital that does not exist, when the log begins with it.
    pub(super) simulated: Option<Mark>,
}

struct Reader<'a> {
    public: &'a ReportKeyPublic,
    keys: BTreeMap<AgentId, ReportKeyPublic>,
    chains: BTreeMap<AgentId, (u64, Hash)>,
    /// Position of each agent's newest report.
    reports: BTreeMap<String, u64>,
    envelopes: u64,
    standings: BTreeMap<AgentId, Standing>,
    entries: Replayed,
    simulated: Option<Mark>,
    problems: &'a mut Problems,
}

pub(super) fn verify(
    rows: &dyn Rows,
    public: &ReportKeyPublic,
    heads: &[TreeHead],
    problems: &mut Problems,
) -> Result<Read, StoreError> {
    let mut frontier = Frontier::default();
    let roots: BTreeMap<u64, Hash> = heads.iter().map(|head| (head.size, head.root)).collect();
    let mut seen = BTreeSet::new();
    let mut reader = Reader {
        public,
        keys: BTreeMap::new(),
        chains: BTreeMap::new(),
        reports: BTreeMap::new(),
        envelopes: 0,
        standings: BTreeMap::new(),
        entries: Replayed::default(),
        simulated: None,
        problems,
    };
    let mut next = 0;
    loop {
        let chunk = rows.leaves(next, CHUNK)?;
        let Some(last) = chunk.last() else { break };
        next = last.position.saturating_add(1);
        for row in &chunk {
            reader.leaf(row, &mut frontier);
            let size = frontier.size();
            if let Some(root) = roots.get(&size) {
                seen.insert(size);
                if *root != frontier.root() {
                    let what = "the tree of the entries has another root";
                    reader.problems.add(format!("head {size}"), what);
                }
            }
        }
    }
    for size in roots.keys().filter(|size| !seen.contains(size)) {
        reader.problems.add(
            format!("head {size}"),
            "entries that it covers are not there",
        );
    }
    Ok(Read {
        envelopes: reader.envelopes,
        standings: reader.standings,
        entries: reader.entries,
        simulated: reader.simulated,
        frontier,
    })
}

impl Reader<'_> {
    fn leaf(&mut self, row: &LeafRow, frontier: &mut Frontier) {
        let place = format!("log {}", row.position);
        if row.position != frontier.size() {
            self.problems
                .add(&place, format!("entry {} is not there", frontier.size()));
        }
        let Some(bytes) = &row.leaf else {
            self.problems.add(&place, "cannot be decompressed");
            frontier.push(stored_hash(row));
            return;
        };
        let hash = leaf_hash(bytes);
        frontier.push(hash);
        if row.leaf_hash.is_empty() || !hash.bytes().starts_with(&row.leaf_hash) {
            self.problems
                .add(&place, "the bytes do not have the stored hash");
        }
        let Ok(leaf) = Leaf::decode(row) else {
            self.problems.add(&place, "cannot be read");
            return;
        };
        let (kind, agent, sequence, at) = leaf.columns();
        let stored = (row.kind.as_str(), &row.agent, row.sequence, row.received_at);
        let prior = if kind == "report" {
            self.reports.insert(agent.clone(), row.position)
        } else {
            None
        };
        if stored != (kind, &agent, sequence, at) || row.prior != prior {
            self.problems.add(&place, "columns do not fit the entry");
        }
        if let Err(what) = self.content(&leaf) {
            self.problems.add(&place, what);
        }
        if let Leaf::Act { received_at, act } = &leaf
            && let Err(what) = self.kept(row.position, *received_at, act)
        {
            self.problems.add(&place, what);
        }
    }

    fn content(&mut self, leaf: &Leaf) -> Result<(), String> {
        match leaf {
            Leaf::Report {
                agent,
                envelope,
                signature,
                intervals,
                ..
            } => {
                self.signed(agent, envelope.get(), signature)?;
                let opened = open_envelope(envelope.get()).map_err(|error| error.to_string())?;
                self.envelopes += 1;
                bodies(&opened, intervals)?;
                self.chain(agent, &opened, Hash::of(envelope.get().as_bytes()))
            }
            Leaf::Goodbye {
                agent,
                goodbye,
                signature,
                sequence,
                ..
            } => {
                self.signed(agent, goodbye.get(), signature)?;
                let said: Goodbye =
                    serde_json::from_str(goodbye.get()).map_err(|error| error.to_string())?;
                let fits = said.agent == *agent && said.sequence == *sequence;
                fits.then_some(())
                    .ok_or_else(|| "is not what the agent signed".to_owned())
            }
            Leaf::Daily {
                agent,
                summary,
                signature,
                ..
            } => {
                let bytes = summary.get().as_bytes();
                self.public
                    .verify(bytes, signature)
                    .map_err(|error| error.to_string())?;
                let said: Summary =
                    serde_json::from_str(summary.get()).map_err(|error| error.to_string())?;
                (said.agent == *agent)
                    .then_some(())
                    .ok_or_else(|| "is about another agent".to_owned())
            }
            // The report that it is about stands beside it, signed.
            Leaf::Carried { .. } => Ok(()),
            Leaf::Act { act, .. } => self.act(act),
        }
    }

    /// What is kept by hand, and whether it is of a hospital at all.
    fn kept(&mut self, position: u64, at: Time, act: &Act) -> Result<(), String> {
        if let Act::Simulated { name, hospital } = act {
            if position > 0 {
                return Err("marks as simulated what has begun as real".to_owned());
            }
            self.simulated = Some(Mark {
                name: name.clone(),
                hospital: *hospital,
            });
        }
        self.entries.act(position, at, act)
    }

    fn act(&mut self, act: &Act) -> Result<(), String> {
        match act {
            Act::Enrolled {
                agent, report_key, ..
            } => {
                self.standings.insert(agent.clone(), Standing::Pending);
                let known = self.keys.insert(agent.clone(), report_key.clone());
                return known.map_or(Ok(()), |_| Err("enrols an agent twice".to_owned()));
            }
            Act::Approved { agent, .. } => {
                self.standings.insert(agent.clone(), Standing::Approved);
            }
            Act::Denied { agent, .. } => {
                self.standings.insert(agent.clone(), Standing::Denied);
            }
            Act::TokenMade { .. }
            | Act::Certified { .. }
            | Act::Forked { .. }
            | Act::Entered { .. }
            | Act::Withdrawn { .. }
            | Act::Exported { .. }
            | Act::Simulated { .. } => {}
        }
        Ok(())
    }

    fn signed(&self, agent: &AgentId, text: &str, signature: &Signature) -> Result<(), String> {
        let key = self
            .keys
            .get(agent)
            .ok_or("no enrolment of this agent before it")?;
        let verified: Result<(), SealError> = key.verify(text.as_bytes(), signature);
        verified.map_err(|error| error.to_string())
    }

    fn chain(&mut self, agent: &AgentId, envelope: &Envelope, hash: Hash) -> Result<(), String> {
        let before = self.chains.insert(agent.clone(), (envelope.sequence, hash));
        let Some((sequence, previous)) = before else {
            return Ok(());
        };
        if envelope.sequence <= sequence {
            return Err(format!("sequence {} after {sequence}", envelope.sequence));
        }
        // Reports between them that changed nothing are not in the log.
        if envelope.sequence == sequence + 1 && envelope.previous != previous {
            return Err("does not continue the report before it".to_owned());
        }
        Ok(())
    }
}

fn stored_hash(row: &LeafRow) -> Hash {
    // Its beginning is all that is left; no tree is right with it.
    let mut bytes = [0; 32];
    for (to, from) in bytes.iter_mut().zip(&row.leaf_hash) {
        *to = *from;
    }
    Hash::from(bytes)
}

fn bodies(envelope: &Envelope, intervals: &[Section]) -> Result<(), String> {
    for body in intervals {
        let signed = envelope.sections.iter().any(|it| body.is(it));
        if !signed || !body.is_intact() {
            return Err(format!("section {} is not what was signed", body.kind));
        }
    }
    Ok(())
}
