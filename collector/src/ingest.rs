//! Ingest: from a report's bytes to its place in log and history. Comes in: bytes of an agent that
//! TLS has named; goes out: the reply, after the commit. A refused report changes nothing, except
//! that the first sign of a copied agent is recorded.

pub mod apply;
pub(crate) mod batch;
pub mod open;
pub mod run;
pub mod small;

use daicho_report::{
    AgentId, Envelope, Hash, Kept, Reply, Report, Section, SectionHash, SectionKind, SectionRef,
    Time,
};

use crate::enrol;
use crate::log::{self, Act, Leaf};
use crate::refusal::Refused;
use crate::site::SiteCollector;
use crate::store::{AgentRow, Chain, IntervalTable, Rows, SectionRow, StoreError, Table, sealed};
use serde_json::value::RawValue;

/// How many envelopes of an agent are remembered by hash, to tell a repeated report from a fork.
const RECENT: usize = 32;

/// How a kind of section is kept; unknown kinds as versions.
#[must_use]
pub fn kept(kind: &SectionKind) -> Kept {
    match kind.as_str() {
        "gauges" => Kept::Last,
        name if IntervalTable::ALL.iter().any(|table| table.name() == name) => Kept::Intervals,
        _ => Kept::Versions,
    }
}

/// A report that has been opened.
pub(crate) struct Opened {
    pub(crate) report: Report,
    pub(crate) envelope: Envelope,
    pub(crate) hash: Hash,
}

impl Opened {
    fn body(&self, section: &SectionRef) -> Option<&Section> {
        self.report
            .bodies
            .iter()
            .find(|body| body.kind == section.kind)
    }

    /// The values of the moment.
    fn gauges(&self) -> Option<Box<RawValue>> {
        let mut bodies = self.report.bodies.iter();
        let gauges = bodies.find(|body| kept(&body.kind) == Kept::Last);
        gauges.map(|gauges| gauges.body.clone())
    }

    /// Openings and closings.
    pub(crate) fn intervals(&self) -> Vec<Section> {
        let bodies = self.report.bodies.iter();
        bodies
            .filter(|body| kept(&body.kind) == Kept::Intervals)
            .cloned()
            .collect()
    }
}

/// What a job found.
enum Outcome {
    Reply(Reply),
    /// To be refused after what the job noted is committed.
    Fork(u64),
}

pub(crate) fn ingest(site: &SiteCollector, agent: &AgentId, body: &[u8]) -> Result<Reply, Refused> {
    let result = attempt(site, agent, body);
    if let Err(refused) = &result {
        tracing::warn!(stage = "ingest", %agent, code = refused.code, detail = %refused.detail, "refused");
    }
    result
}

fn attempt(site: &SiteCollector, agent: &AgentId, body: &[u8]) -> Result<Reply, Refused> {
    let opened = open::open(body)?;
    let outcome = site.write(|rows, now| {
        let row = enrol::approved(rows, agent)?;
        open::verify(&row, &opened)?;
        store(site, rows, now, row, &opened)
    })?;
    match outcome {
        Outcome::Reply(reply) => Ok(reply),
        Outcome::Fork(sequence) => Err(Refused::new("ING-007", sequence.to_string())),
    }
}

/// Where the report stands in the chain.
enum Place {
    Next { gap: u64 },
    Repeated,
    Fork,
}

fn place(chain: &Chain, opened: &Opened) -> Result<Place, Refused> {
    let (sequence, previous) = (opened.envelope.sequence, opened.envelope.previous);
    if sequence == 0 || sequence > i64::MAX.cast_unsigned() {
        return Err(Refused::new("ING-008", sequence.to_string()));
    }
    if sequence <= chain.sequence {
        let same = recent(chain, sequence) == Some(short(&opened.hash).as_str());
        return Ok(if same { Place::Repeated } else { Place::Fork });
    }
    let gap = sequence - chain.sequence - 1;
    let expected = chain.last.unwrap_or(Hash::ZERO);
    if gap == 0 && previous != expected {
        return Err(Refused::new("ING-008", sequence.to_string()));
    }
    Ok(Place::Next { gap })
}

fn short(hash: &Hash) -> String {
    hash.to_string().chars().take(Chain::SHORT).collect()
}

/// What is remembered of a report's hash.
fn recent(chain: &Chain, sequence: u64) -> Option<&str> {
    let back = usize::try_from(chain.sequence.checked_sub(sequence)?).ok()?;
    let from_end = back.checked_add(1)?.checked_mul(Chain::SHORT)?;
    let start = chain.recent.len().checked_sub(from_end)?;
    chain.recent.get(start..start + Chain::SHORT)
}

/// The chain with one report more.
fn lengthen(chain: &mut Chain, gap: u64, opened: &Opened) {
    chain.missing = chain.missing.saturating_add(gap);
    chain.sequence = opened.envelope.sequence;
    chain.last = Some(opened.hash);
    let absent = usize::try_from(gap).unwrap_or(RECENT).min(RECENT);
    chain.recent.push_str(&"0".repeat(absent * Chain::SHORT));
    chain.recent.push_str(&short(&opened.hash));
    let surplus = chain.recent.len().saturating_sub(RECENT * Chain::SHORT);
    chain.recent.drain(..surplus);
    if let Some(gauges) = opened.gauges() {
        chain.gauges = Some(gauges);
    }
}

fn store(
    site: &SiteCollector,
    rows: &mut dyn Rows,
    now: Time,
    agent: AgentRow,
    opened: &Opened,
) -> Result<Outcome, StoreError> {
    let id = agent.agent.clone();
    let mut chain: Chain = sealed::one(rows, Table::Chain, id.as_str())?.unwrap_or_default();
    let gap = match place(&chain, opened)? {
        Place::Repeated => {
            return reply(site, rows, now, chain.sequence, Vec::new()).map(Outcome::Reply);
        }
        Place::Fork => {
            note_fork(site, rows, now, agent, opened)?;
            return Ok(Outcome::Fork(opened.envelope.sequence));
        }
        Place::Next { gap } => gap,
    };
    let open = rows.open_sections(id.as_str())?;
    let lacking = lacking(rows, &open, opened)?;
    if !lacking.is_empty() {
        return reply(site, rows, now, chain.sequence, lacking).map(Outcome::Reply);
    }
    let is_first = chain.sequence == 0;
    lengthen(&mut chain, gap, opened);
    let report = apply::ReportOf {
        agent: id.as_str(),
        now,
        envelope: &opened.envelope,
    };
    let change = apply::apply(rows, &report, open, &opened.report.bodies)?;
    let leaves = run::extend(site, rows, now, &id, opened, &change, &mut chain)?;
    log::append_beside(rows, &site.log_key, now, &leaves, &mut chain)?;
    sealed::put(rows, &site.log_key, Table::Chain, id.as_str(), &chain)?;
    // After a gap, and at the start, openings and closings alone do not tell what is open.
    let whole = if gap > 0 || is_first {
        change.not_whole
    } else {
        Vec::new()
    };
    reply(site, rows, now, chain.sequence, whole).map(Outcome::Reply)
}

/// Sections whose bodies neither travel nor are stored.
fn lacking(
    rows: &dyn Rows,
    open: &[SectionRow],
    opened: &Opened,
) -> Result<Vec<SectionKind>, StoreError> {
    let mut lacking = Vec::new();
    for section in &opened.envelope.sections {
        if opened.body(section).is_some() {
            continue;
        }
        let there = match kept(&section.kind) {
            Kept::Last => true,
            Kept::Intervals => false,
            Kept::Versions => match section.hash {
                SectionHash::Whole(hash) => {
                    open.iter().any(|row| row.digest == hash) || rows.has_blob(&hash)?
                }
                // Short for what the report before had: of the same kind, of the same agent.
                SectionHash::Short(_) => open.iter().any(|row| {
                    row.kind == section.kind.as_str() && section.hash.names(&row.digest)
                }),
            },
        };
        if !there {
            lacking.push(section.kind.clone());
        }
    }
    Ok(lacking)
}

fn reply(
    site: &SiteCollector,
    rows: &dyn Rows,
    now: Time,
    acknowledged: u64,
    send_whole: Vec<SectionKind>,
) -> Result<Reply, StoreError> {
    Ok(Reply {
        acknowledged,
        head: log::head(rows, &site.log_key, now)?,
        next_report_s: site.next_report_s,
        send_whole,
        renewal: None,
    })
}

fn note_fork(
    site: &SiteCollector,
    rows: &mut dyn Rows,
    now: Time,
    mut agent: AgentRow,
    opened: &Opened,
) -> Result<(), StoreError> {
    if agent.fork_at.is_some() {
        return Ok(());
    }
    agent.fork_at = Some(now);
    sealed::put(
        rows,
        &site.log_key,
        Table::Agent,
        agent.agent.as_str(),
        &agent,
    )?;
    let sequence = opened.envelope.sequence;
    let act = Act::Forked {
        agent: agent.agent,
        sequence,
        refused: opened.hash,
    };
    site.log_act(rows, now, act)
}

/// The leaf of a report.
pub(crate) fn leaf(agent: &AgentId, now: Time, opened: &Opened, missing: u64) -> Leaf {
    Leaf::Report {
        agent: agent.clone(),
        received_at: now,
        envelope: opened.report.envelope.clone(),
        signature: opened.report.signature.clone(),
        intervals: opened.intervals(),
        missing,
    }
}
