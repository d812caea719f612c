//! Runs: reports in a row that changed nothing. Comes in: a report and what it changed; goes out:
//! the run's row, and the leaves that the log needs. A run ends with a change, a new boot, a gap,
//! a long silence, or the day (UTC), so that a moment inside of it is at most a short silence away
//! from a report.

use daicho_report::{AgentId, ReportKey, Time};

use super::apply::Change;
use super::{Opened, leaf};
use crate::log::{Leaf, Summary};
use crate::site::SiteCollector;
use crate::store::{Rows, RunRow, RunValue, StoreError, sealed};

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
    change: &Change,
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
        interval_reasons: change.reasons.clone(),
    }
}

/// Extends the newest run or begins one, and gives the leaves to append.
pub(super) fn extend(
    site: &SiteCollector,
    rows: &mut dyn Rows,
    now: Time,
    agent: &AgentId,
    opened: &Opened,
    change: &Change,
    missing: u64,
) -> Result<Vec<Leaf>, StoreError> {
    let newest = rows.run_at(agent.as_str(), Time::MAX)?;
    let newest = newest.map(|row| decode(&row)).transpose()?;
    let fresh = begun(agent, now, &opened.envelope, change, missing);
    if let Some(run) = &newest
        && !change.changed
        && continues(run, &fresh, silence_s(site.next_report_s))
    {
        let run = RunValue {
            last_seq: fresh.last_seq,
            count: run.count.saturating_add(1),
            t1: now,
            last_collected: fresh.last_collected,
            ..run.clone()
        };
        put(rows, &site.log_key, &run)?;
        return Ok(Vec::new());
    }
    let mut leaves = Vec::new();
    if let Some(run) = newest
        && day(run.t1) < day(now)
    {
        leaves.push(daily(rows, &site.log_key, now, agent, day(run.t1))?);
    }
    put(rows, &site.log_key, &fresh)?;
    leaves.push(leaf(agent, now, opened));
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

/// The signed summary of a day that is over.
fn daily(
    rows: &dyn Rows,
    log_key: &ReportKey,
    now: Time,
    agent: &AgentId,
    of: i64,
) -> Result<Leaf, StoreError> {
    let rows = rows.runs_from(agent.as_str(), of.saturating_mul(DAY_S))?;
    let runs = rows.iter().map(decode).collect::<Result<Vec<_>, _>>()?;
    let summary = Summary {
        agent: agent.clone(),
        day: of,
        count: runs.iter().map(|run| run.count).sum(),
        first: runs.first().map_or(now, |run| run.t0),
        last: runs.last().map_or(now, |run| run.t1),
        missing: runs.last().map_or(0, |run| run.missing),
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
