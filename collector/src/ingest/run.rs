//! Runs: reports in a row that changed nothing. Comes in: a report and what it changed; goes out:
//! the run's row, and the leaves that the log needs. A run ends with a change, a new boot, a gap,
//! a long silence, or the day (UTC), so that a moment inside of it is at most a short silence away
//! from a report.

use daicho_report::{AgentId, Reading, ReportKey, SectionKind, Time};

use super::apply::{self, Change};
use super::{Opened, leaf};
use crate::log::{Leaf, Summary};
use crate::site::SiteCollector;
use crate::store::{Chain, DayCount, Rows, RunRow, RunValue, StoreError, sealed};

/// Silence that ends a run, as a multiple of the time between reports.
const SILENCE: i64 = 2;
const DAY_S: i64 = 24 * 60 * 60;

/// Longest time between two reports of one run.
pub fn silence_s(next_report_s: u32) -> i64 {
    SILENCE * i64::from(next_report_s)
}

/// Day of a time since 1970-01-01, UTC.
fn day(at: Time) -> i64 {
    at.seconds().div_euclid(DAY_S)
}

/// Key of a run's seal.
#[must_use]
pub fn key(agent: &str, first_seq: u64) -> String {
    format!("{agent}/{first_seq}")
}

/// Reads a run.
pub fn decode(row: &RunRow) -> Result<RunValue, StoreError> {
    sealed::decode(&format!("run {}/{}", row.agent, row.first_seq), &row.sealed)
}

/// The run that a report of the log began.
#[must_use]
pub(crate) fn begun(
    agent: &AgentId,
    now: Time,
    envelope: &daicho_report::Envelope,
    reasons: Vec<(SectionKind, Reading<()>)>,
    missing: u64,
) -> RunValue {
    RunValue {
        agent: agent.clone(),
        first_seq: envelope.sequence,
        last_seq: envelope.sequence,
        count: 1,
        t0: now,
        t1: now,
        first_collected: envelope.collected_at,
        last_collected: envelope.collected_at,
        missing,
        boot_id: envelope.boot_id.clone(),
        agent_version: envelope.agent_version.clone(),
        interval_reasons: reasons,
    }
}

/// The newest run of an agent that began by a time: the one that goes on, one with a row of its own,
/// or a report alone, of which the log tells all.
pub fn newest_by(
    rows: &dyn Rows,
    chain: &Chain,
    agent: &AgentId,
    at: Time,
) -> Result<Option<RunValue>, StoreError> {
    if let Some(run) = chain.run.as_ref().filter(|run| run.t0 <= at) {
        return Ok(Some(run.clone()));
    }
    let Some(newest) = chain.leaf else {
        return Ok(None);
    };
    let Some(row) = rows.report_at(agent.as_str(), at, newest)? else {
        return Ok(None);
    };
    if let Some(run) = rows.run_from(agent.as_str(), row.sequence)? {
        return decode(&run).map(Some);
    }
    let corrupt = || StoreError::Corrupt(format!("log entry {}", row.position));
    let Leaf::Report {
        envelope,
        intervals,
        received_at,
        missing,
        ..
    } = Leaf::decode(&row)?
    else {
        return Err(corrupt());
    };
    let envelope = daicho_report::open_envelope(envelope.get()).map_err(|_| corrupt())?;
    let reasons = apply::reasons(&intervals)?;
    Ok(Some(begun(agent, received_at, &envelope, reasons, missing)))
}

/// Extends the run that goes on or begins one, and gives the leaves to append.
pub(super) fn extend(
    site: &SiteCollector,
    rows: &mut dyn Rows,
    now: Time,
    agent: &AgentId,
    opened: &Opened,
    change: &Change,
    chain: &mut Chain,
) -> Result<Vec<Leaf>, StoreError> {
    let missing = chain.missing;
    let fresh = begun(
        agent,
        now,
        &opened.envelope,
        change.reasons.clone(),
        missing,
    );
    chain.first_at.get_or_insert(now);
    let mut leaves = Vec::new();
    if let Some(run) = chain.run.take() {
        if !change.changed && continues(&run, &fresh, silence_s(site.next_report_s)) {
            chain.day.count = chain.day.count.saturating_add(1);
            chain.run = Some(RunValue {
                last_seq: fresh.last_seq,
                count: run.count.saturating_add(1),
                t1: now,
                last_collected: fresh.last_collected,
                ..run
            });
            return Ok(Vec::new());
        }
        if run.count > 1 {
            put(rows, &site.log_key, &run)?;
        }
        if day(run.t1) < day(now) {
            leaves.push(daily(rows, &site.log_key, now, &run, chain.day)?);
            chain.day = DayCount::default();
        }
    }
    chain.day.count = chain.day.count.saturating_add(1);
    chain.day.first.get_or_insert(now);
    chain.run = Some(fresh);
    leaves.push(leaf(agent, now, opened, missing));
    Ok(leaves)
}

fn continues(run: &RunValue, fresh: &RunValue, silence_s: i64) -> bool {
    day(run.t0) == day(fresh.t0)
        && fresh.t0.seconds().saturating_sub(run.t1.seconds()) <= silence_s
        && run.boot_id == fresh.boot_id
        && run.agent_version == fresh.agent_version
        && run.missing == fresh.missing
        && run.interval_reasons == fresh.interval_reasons
}

fn put(rows: &mut dyn Rows, log_key: &ReportKey, run: &RunValue) -> Result<(), StoreError> {
    let agent = run.agent.to_string();
    let sealed = sealed::seal(log_key, "run", &key(&agent, run.first_seq), run)?;
    rows.put_run(&RunRow {
        agent,
        first_seq: run.first_seq,
        t0: run.t0.seconds(),
        t1: run.t1.seconds(),
        sealed,
    })
}

/// The signed summary of a day that is over; `run` was its last.
fn daily(
    rows: &dyn Rows,
    log_key: &ReportKey,
    now: Time,
    run: &RunValue,
    counted: DayCount,
) -> Result<Leaf, StoreError> {
    let of = day(run.t1);
    let agent = &run.agent;
    let rows = rows.runs_since(agent.as_str(), of.saturating_mul(DAY_S))?;
    let runs = rows.iter().map(decode).collect::<Result<Vec<_>, _>>()?;
    let summary = Summary {
        agent: agent.clone(),
        day: of,
        count: counted.count,
        first: counted.first.unwrap_or(run.t0),
        last: run.t1,
        missing: run.missing,
        runs,
    };
    let summary = serde_json::value::to_raw_value(&summary)
        .map_err(|error| StoreError::Engine(error.into()))?;
    let signature = log_key.sign(summary.get().as_bytes());
    Ok(Leaf::Daily {
        agent: agent.clone(),
        received_at: now,
        summary,
        signature,
    })
}
