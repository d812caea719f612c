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
use crate::store::{AgentRow, Chain, IntervalTable, Rows, StoreError, Table, sealed};

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
        let same = chain.recent.contains(&(sequence, opened.hash));
        return Ok(if same { Place::Repeated } else { Place::Fork });
    }
    let gap = sequence - chain.sequence - 1;
    let expected = chain.recent.last().map_or(Hash::ZERO, |(_, hash)| *hash);
    if gap == 0 && previous != expected {
        return Err(Refused::new("ING-008", sequence.to_string()));
    }
    Ok(Place::Next { gap })
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
    let lacking = lacking(rows, &id, opened)?;
    if !lacking.is_empty() {
        return reply(site, rows, now, chain.sequence, lacking).map(Outcome::Reply);
    }
    let is_first = chain.sequence == 0;
    chain.missing = chain.missing.saturating_add(gap);
    chain.sequence = opened.envelope.sequence;
    chain.recent.push((chain.sequence, opened.hash));
    let surplus = chain.recent.len().saturating_sub(RECENT);
    chain.recent.drain(..surplus);

    let change = apply::apply(rows, &id, now, &opened.envelope, &opened.report.bodies)?;
    let leaves = run::extend(site, rows, now, &id, opened, &change, chain.missing)?;
    log::append(rows, &site.log_key, now, &leaves)?;
    sealed::put(rows, &site.log_key, Table::Chain, id.as_str(), &chain)?;
    small::note_seen(
        site,
        rows,
        now,
        &id,
        &opened.envelope.boot_id,
        chain.sequence,
    )?;
    put_gauges(site, rows, &id, opened)?;
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
    agent: &AgentId,
    opened: &Opened,
) -> Result<Vec<SectionKind>, StoreError> {
    let mut lacking = Vec::new();
    let open = rows.open_sections(agent.as_str())?;
    for section in &opened.envelope.sections {
        if opened.body(section).is_some() {
            continue;
        }
        let there = match kept(&section.kind) {
            Kept::Last => true,
            Kept::Intervals => false,
            Kept::Versions => match section.hash {
                SectionHash::Whole(hash) => rows.has_blob(&hash)?,
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

fn put_gauges(
    site: &SiteCollector,
    rows: &mut dyn Rows,
    agent: &AgentId,
    opened: &Opened,
) -> Result<(), StoreError> {
    let gauges = opened
        .report
        .bodies
        .iter()
        .find(|body| kept(&body.kind) == Kept::Last);
    gauges.map_or(Ok(()), |gauges| {
        sealed::put(
            rows,
            &site.log_key,
            Table::Gauge,
            agent.as_str(),
            &gauges.body,
        )
    })
}

/// The leaf of a report.
pub(crate) fn leaf(agent: &AgentId, now: Time, opened: &Opened) -> Leaf {
    Leaf::Report {
        agent: agent.clone(),
        received_at: now,
        envelope: opened.report.envelope.clone(),
        signature: opened.report.signature.clone(),
        intervals: opened.intervals(),
    }
}
