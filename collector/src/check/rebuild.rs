//! History derived from the log once more, and compared with the tables. Comes in: a store; goes
//! out: every row that differs. Only the bodies are taken from the store, by their hash.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use daicho_report::{AgentId, Hash, open_envelope};

use super::entries::Replayed;
use crate::ingest::{apply, run};
use crate::log::{Leaf, Summary};
use crate::store::{
    self, Chain, History, IntervalRow, IntervalTable, OPEN, Rows, RunValue, SectionRow, Store,
    StoreError, Table, sealed,
};

const CHUNK: u32 = 500;

/// Derives versions, intervals and runs from the log and names every row that differs.
pub fn rebuild_compare(store: &dyn Store) -> Result<Vec<String>, StoreError> {
    store::read(store, |rows| {
        let mut derived = Derived::over(rows);
        derived.replay()?;
        let mut out = Vec::new();
        differences("section", &derived.sections, rows.all_sections()?, &mut out);
        for table in IntervalTable::ALL {
            let ours = derived.intervals.remove(&table).unwrap_or_default();
            differences(table.name(), &ours, rows.all_intervals(table)?, &mut out);
        }
        compare_runs(rows, &derived, &mut out)?;
        for (place, what) in derived.entries.differences(rows)? {
            out.push(crate::refusal::visible(&format!("{place}: {what}")));
        }
        Ok(out)
    })
}

/// History in memory over the bodies of a store.
struct Derived<'a> {
    rows: &'a dyn Rows,
    blobs: BTreeMap<Hash, Vec<u8>>,
    sections: Vec<SectionRow>,
    intervals: BTreeMap<IntervalTable, Vec<IntervalRow>>,
    /// Runs that begin in the log, by agent, in order.
    begun: BTreeMap<AgentId, Vec<RunValue>>,
    /// Those of the daily summaries.
    closed: BTreeMap<(AgentId, u64), RunValue>,
    entries: Replayed,
}

impl<'a> Derived<'a> {
    fn over(rows: &'a dyn Rows) -> Self {
        Self {
            rows,
            blobs: BTreeMap::new(),
            sections: Vec::new(),
            intervals: BTreeMap::new(),
            begun: BTreeMap::new(),
            closed: BTreeMap::new(),
            entries: Replayed::default(),
        }
    }

    fn replay(&mut self) -> Result<(), StoreError> {
        let mut next = 0;
        loop {
            let chunk = self.rows.leaves(next, CHUNK)?;
            let Some(last) = chunk.last() else {
                return Ok(());
            };
            next = last.position.saturating_add(1);
            for row in &chunk {
                self.leaf(row.position, &Leaf::decode(row)?)?;
            }
        }
    }

    fn leaf(&mut self, position: u64, leaf: &Leaf) -> Result<(), StoreError> {
        let corrupt = || StoreError::Corrupt(format!("log entry {position}"));
        match leaf {
            Leaf::Report {
                agent,
                received_at,
                envelope,
                intervals,
                missing,
                ..
            } => {
                let envelope = open_envelope(envelope.get()).map_err(|_| corrupt())?;
                let report = apply::ReportOf {
                    agent: agent.as_str(),
                    now: *received_at,
                    envelope: &envelope,
                };
                let open = self.open_sections(agent.as_str())?;
                let reasons = apply::apply(self, &report, open, intervals)?.reasons;
                let run = run::begun(agent, *received_at, &envelope, reasons, *missing);
                self.begun.entry(agent.clone()).or_default().push(run);
            }
            Leaf::Daily { summary, .. } => {
                let summary: Summary =
                    serde_json::from_str(summary.get()).map_err(|_| corrupt())?;
                for run in summary.runs {
                    self.closed.insert((run.agent.clone(), run.first_seq), run);
                }
            }
            Leaf::Act { received_at, act } => {
                let acted = self.entries.act(position, *received_at, act);
                acted.map_err(|_| corrupt())?;
            }
            Leaf::Goodbye { .. } | Leaf::Carried { .. } => {}
        }
        Ok(())
    }
}

fn differences<T: Ord + Clone + Debug>(
    table: &str,
    derived: &[T],
    stored: Vec<T>,
    out: &mut Vec<String>,
) {
    let derived: BTreeSet<T> = derived.iter().cloned().collect();
    let stored: BTreeSet<T> = stored.into_iter().collect();
    for row in stored.difference(&derived) {
        out.push(crate::refusal::visible(&format!(
            "{table}: not what the log says: {row:?}"
        )));
    }
    for row in derived.difference(&stored) {
        out.push(crate::refusal::visible(&format!(
            "{table}: not in the table: {row:?}"
        )));
    }
}

/// Every run has as many reports as the log leaves room for: up to where the next one begins, less
/// those that are known to be missing. One that had more than one has a row, or goes on.
fn compare_runs(
    rows: &dyn Rows,
    derived: &Derived<'_>,
    out: &mut Vec<String>,
) -> Result<(), StoreError> {
    let mut stored = BTreeMap::new();
    for row in rows.all_runs()? {
        let value = run::decode(&row)?;
        stored.insert((row.agent.clone(), row.first_seq), value);
    }
    for (agent, begun) in &derived.begun {
        let chain: Chain = sealed::one(rows, Table::Chain, agent.as_str())?.unwrap_or_default();
        let ends = begun
            .iter()
            .skip(1)
            .map(|next| (next.first_seq, next.missing));
        let ends = ends.chain([(chain.sequence.saturating_add(1), chain.missing)]);
        for (index, (run, (next, missing))) in begun.iter().zip(ends).enumerate() {
            let room = next.saturating_sub(run.first_seq);
            let count = room.saturating_sub(missing.saturating_sub(run.missing));
            let key = (agent.to_string(), run.first_seq);
            let row = stored.remove(&key);
            let goes_on = chain.run.as_ref().filter(|_| index + 1 == begun.len());
            let told = row.as_ref().or(goes_on);
            let fits = match told {
                Some(told) => told.count == count && begins(run, told),
                None => count == 1,
            };
            let closed = derived.closed.get(&(agent.clone(), run.first_seq));
            if !fits || closed.is_some_and(|closed| told != Some(closed)) {
                let first = run.first_seq;
                out.push(format!("run: not what the log says: {agent}/{first}"));
            }
        }
    }
    for (agent, first) in stored.keys() {
        out.push(crate::refusal::visible(&format!(
            "run: not in the log: {agent}/{first}"
        )));
    }
    Ok(())
}

fn begins(begun: &RunValue, run: &RunValue) -> bool {
    begun.first_seq == run.first_seq
        && begun.missing == run.missing
        && begun.t0 == run.t0
        && begun.first_collected == run.first_collected
        && begun.boot_id == run.boot_id
        && begun.agent_version == run.agent_version
        && begun.interval_reasons == run.interval_reasons
        && run.last_seq >= run.first_seq
        && run.t1 >= run.t0
}

impl History for Derived<'_> {
    fn blob(&self, digest: &Hash) -> Result<Option<Vec<u8>>, StoreError> {
        match self.blobs.get(digest) {
            Some(body) => Ok(Some(body.clone())),
            None => self.rows.blob(digest),
        }
    }

    fn put_blob(&mut self, body: &[u8]) -> Result<Hash, StoreError> {
        let digest = Hash::of(body);
        self.blobs.insert(digest, body.to_vec());
        Ok(digest)
    }

    fn put_version(&mut self, body: &[u8], _: Option<&Hash>) -> Result<Hash, StoreError> {
        self.put_blob(body)
    }

    fn open_sections(&self, agent: &str) -> Result<Vec<SectionRow>, StoreError> {
        let open = self
            .sections
            .iter()
            .filter(|row| row.agent == agent && row.t1 == OPEN);
        Ok(open.cloned().collect())
    }

    fn insert_section(&mut self, row: &SectionRow) -> Result<(), StoreError> {
        self.sections.push(row.clone());
        Ok(())
    }

    fn close_section(&mut self, agent: &str, kind: &str, t1: i64) -> Result<(), StoreError> {
        let open = |row: &&mut SectionRow| row.agent == agent && row.kind == kind && row.t1 == OPEN;
        if let Some(row) = self.sections.iter_mut().find(open) {
            row.t1 = t1;
        }
        Ok(())
    }

    fn open_intervals(
        &self,
        table: IntervalTable,
        agent: &str,
    ) -> Result<Vec<IntervalRow>, StoreError> {
        let rows = self.intervals.get(&table).into_iter().flatten();
        Ok(rows
            .filter(|row| row.agent == agent && row.t1 == OPEN)
            .cloned()
            .collect())
    }

    fn is_open(&self, table: IntervalTable, agent: &str, item: &str) -> Result<bool, StoreError> {
        let mut rows = self.intervals.get(&table).into_iter().flatten();
        Ok(rows.any(|row| row.agent == agent && row.item == item && row.t1 == OPEN))
    }

    fn insert_interval(
        &mut self,
        table: IntervalTable,
        row: &IntervalRow,
    ) -> Result<(), StoreError> {
        self.intervals.entry(table).or_default().push(row.clone());
        Ok(())
    }

    fn close_interval(
        &mut self,
        table: IntervalTable,
        agent: &str,
        item: &str,
        t1: i64,
        until: i64,
    ) -> Result<(), StoreError> {
        let rows = self.intervals.entry(table).or_default();
        let open =
            |row: &&mut IntervalRow| row.agent == agent && row.item == item && row.t1 == OPEN;
        if let Some(row) = rows.iter_mut().find(open) {
            row.t1 = t1;
            row.until = until;
        }
        Ok(())
    }

    fn all_sections(&self) -> Result<Vec<SectionRow>, StoreError> {
        Ok(self.sections.clone())
    }

    fn all_intervals(&self, table: IntervalTable) -> Result<Vec<IntervalRow>, StoreError> {
        Ok(self.intervals.get(&table).cloned().unwrap_or_default())
    }
}
