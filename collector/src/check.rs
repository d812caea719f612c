//! `log verify` and `doctor --rebuild`. Comes in: a store and the public half of its key; goes out:
//! every entry that is not what was written. It changes nothing.

mod entries;
mod leaves;
mod rebuild;

use std::collections::BTreeMap;

use daicho_report::{AgentId, Hash, ReportKeyPublic, TreeHead};
use serde::Serialize;

use crate::ingest::run;
use crate::log::tree::Frontier;
use crate::log::{self, stored_frontier};
use crate::simulated;
use crate::store::{self, AgentRow, Rows, Standing, Store, StoreError, Table, sealed};

pub use rebuild::rebuild_compare;

/// One entry that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Which: `log 12`, `body 3f…`, `run a-…/4`.
    pub place: String,
    /// What is wrong with it.
    pub what: String,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let place = crate::refusal::visible(&self.place);
        write!(f, "{place}: {}", crate::refusal::visible(&self.what))
    }
}

/// What the check saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VerifyOutcome {
    /// Entries of the log.
    pub leaves: u64,
    /// Root of the tree, computed from the entries.
    pub root: Hash,
    /// Signed heads.
    pub heads: u64,
    /// Bodies.
    pub blobs: u64,
    /// Rows with a seal.
    pub sealed: u64,
    /// Envelopes whose signature was checked.
    pub envelopes: u64,
    /// What is wrong; empty: nothing.
    pub problems: Vec<Problem>,
}

/// Where problems are gathered.
#[derive(Default)]
struct Problems(Vec<Problem>);

impl Problems {
    fn add(&mut self, place: impl Into<String>, what: impl Into<String>) {
        self.0.push(Problem {
            place: place.into(),
            what: what.into(),
        });
    }
}

/// Reads everything again: leaves, tree, heads, envelopes, chains, bodies, sealed rows.
pub fn verify(
    store: &dyn Store,
    log_public: &ReportKeyPublic,
) -> Result<VerifyOutcome, StoreError> {
    store::read(store, |rows| {
        let mut problems = Problems::default();
        let mut heads = rows.heads()?;
        // A state of the tree that cannot be read has a broken seal.
        heads.extend(log::newest_head(rows).ok().flatten());
        heads.dedup();
        let read = leaves::verify(rows, log_public, &heads, &mut problems)?;
        verify_heads(log_public, &heads, &read.frontier, &mut problems);
        let sealed = verify_sealed(rows, log_public, &mut problems)?
            + verify_runs(rows, log_public, &mut problems)?;
        let blobs = verify_blobs(rows, &mut problems)?;
        verify_references(rows, &mut problems)?;
        verify_standings(rows, &read.standings, &mut problems)?;
        for (place, what) in read.entries.differences(rows)? {
            problems.add(place, what);
        }
        // A mark that cannot be read has a broken seal and was named already.
        if simulated::mark(rows).is_ok_and(|mark| mark != read.simulated) {
            problems.add("meta simulated", "is not what the log says");
        }
        for table in rows.gaps()? {
            problems.add(table, "has numbers without a row");
        }
        for table in rows.elsewhere()? {
            problems.add(table, "has rows of another site");
        }
        if stored_frontier(rows).ok().as_ref() != Some(&read.frontier) {
            problems.add("meta tree", "does not fit the entries of the log");
        }
        Ok(VerifyOutcome {
            leaves: read.frontier.size(),
            root: read.frontier.root(),
            heads: u64::try_from(heads.len()).unwrap_or(u64::MAX),
            blobs,
            sealed,
            envelopes: read.envelopes,
            problems: problems.0,
        })
    })
}

fn verify_heads(
    public: &ReportKeyPublic,
    heads: &[TreeHead],
    frontier: &Frontier,
    problems: &mut Problems,
) {
    for head in heads {
        let bytes = TreeHead::signed_bytes(head.size, &head.root, head.at);
        if let Err(error) = public.verify(&bytes, &head.signature) {
            problems.add(format!("head {}", head.size), error.to_string());
        }
    }
    let newest = heads.last().map_or(0, |head| head.size);
    if newest != frontier.size() {
        let what = format!(
            "newest head is of {newest} entries, the log has {}",
            frontier.size()
        );
        problems.add("head", what);
    }
}

fn verify_sealed(
    rows: &dyn Rows,
    public: &ReportKeyPublic,
    problems: &mut Problems,
) -> Result<u64, StoreError> {
    let mut count = 0;
    for table in Table::ALL {
        for (key, value) in rows.all_sealed(table)? {
            count += 1;
            let verified = if table == Table::Meta && log::is_tree(&key) {
                log::verify_tree(public, &value)
            } else {
                sealed::verify(public, table.name(), &key, &value)
            };
            if let Err(error) = verified {
                problems.add(format!("{} {key}", table.name()), error.to_string());
            }
        }
    }
    Ok(count)
}

fn verify_runs(
    rows: &dyn Rows,
    public: &ReportKeyPublic,
    problems: &mut Problems,
) -> Result<u64, StoreError> {
    let mut count = 0;
    for row in rows.all_runs()? {
        count += 1;
        let key = run::key(&row.agent, row.first_seq);
        if let Err(error) = sealed::verify(public, "run", &key, &row.sealed) {
            problems.add(format!("run {key}"), error.to_string());
            continue;
        }
        let value = run::decode(&row)?;
        let fits = value.agent.as_str() == row.agent
            && value.first_seq == row.first_seq
            && value.t0.seconds() == row.t0
            && value.t1.seconds() == row.t1;
        if !fits {
            problems.add(format!("run {key}"), "columns do not fit the sealed value");
        }
    }
    Ok(count)
}

fn verify_blobs(rows: &dyn Rows, problems: &mut Problems) -> Result<u64, StoreError> {
    let mut count = 0;
    rows.blobs(&mut |digest, body| {
        count += 1;
        let fits = body.is_some_and(|body| Hash::of(body).bytes() == digest);
        if !fits {
            let place: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
            problems.add(format!("body {place}"), "does not have this hash");
        }
    })?;
    Ok(count)
}

/// Every version points to bodies that are there.
fn verify_references(rows: &dyn Rows, problems: &mut Problems) -> Result<(), StoreError> {
    for row in rows.all_sections()? {
        for digest in [Some(row.digest), row.kept].into_iter().flatten() {
            // A body that cannot be read was named already.
            if matches!(rows.blob(&digest), Ok(None)) {
                let place = format!("section {} {} of {}", row.kind, row.sequence, row.agent);
                problems.add(place, format!("body {digest} is not there"));
            }
        }
    }
    Ok(())
}

/// An older row put back has a good seal; the log knows better.
fn verify_standings(
    rows: &dyn Rows,
    standings: &BTreeMap<AgentId, Standing>,
    problems: &mut Problems,
) -> Result<(), StoreError> {
    for (agent, standing) in standings {
        let place = format!("agent {agent}");
        match sealed::one::<AgentRow>(rows, Table::Agent, agent.as_str()) {
            Ok(Some(row)) if row.standing == *standing => {}
            Ok(Some(_)) => problems.add(place, "does not stand as the log says"),
            Ok(None) => problems.add(place, "is in the log and not in the table"),
            // A row that cannot be read has a broken seal and was named already.
            Err(StoreError::Corrupt(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
