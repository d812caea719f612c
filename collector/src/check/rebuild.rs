//! History derived from the log once more, and compared with the tables. Comes in: a store; goes
//! out: every row that differs. Only the bodies are taken from the store, by their hash.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use daicho_report::{AgentId, Hash, open_envelope};

use super::entries::Replayed;
use crate::ingest::{apply, run};
use crate::log::{Leaf, Summary};
use crate::store::{
    self, History, IntervalRow, IntervalTable, OPEN, Rows, RunValue, SectionRow, Store, StoreError,
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
    begun: BTreeMap<(String, u64), RunValue>,
    closed: BTreeMap<(String, u64), RunValue>,
    missing: BTreeMap<AgentId, u64>,
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
            missing: BTreeMap::new(),
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
                ..
            } => {
                let envelope = open_envelope(envelope.get()).map_err(|_| corrupt())?;
                let change = apply::apply(self, agent, *received_at, &envelope, intervals)?;
                let run = run::begun(agent, *received_at, &envelope, &change, 0);
                self.begun
                    .insert((agent.to_string(), envelope.sequence), run);
            }
            Leaf::Daily { summary, .. } => {
                let summary: Summary =
                    serde_json::from_str(summary.get()).map_err(|_| corrupt())?;
                self.missing.insert(summary.agent.clone(), summary.missing);
                for run in summary.runs {
                    self.closed
                        .insert((run.agent.to_string(), run.first_seq), run);
                }
            }
            Leaf::Act { received_at, act } => {
                let acted = self.entries.act(position, *received_at, act);
                acted.map_err(|_| corrupt())?;
            }
            Leaf::Goodbye { .. } => {}
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

fn compare_runs(
    rows: &dyn Rows,
    derived: &Derived<'_>,
    out: &mut Vec<String>,
) -> Result<(), StoreError> {
    let mut stored = BTreeSet::new();
    for row in rows.all_runs()? {
        let key = (row.agent.clone(), row.first_seq);
        let value = run::decode(&row)?;
        let begun = derived
            .begun
            .get(&key)
            .is_some_and(|begun| begins(begun, &value));
        let closed = derived
            .closed
            .get(&key)
            .is_none_or(|closed| *closed == value);
        if !begun || !closed {
            let (agent, first) = &key;
            out.push(crate::refusal::visible(&format!(
                "run: not what the log says: {agent}/{first}"
            )));
        }
        stored.insert(key);
    }
    for (agent, first) in derived.begun.keys().filter(|key| !stored.contains(key)) {
        out.push(format!("run: not in the table: {agent}/{first}"));
    }
    Ok(())
}

fn begins(begun: &RunValue, run: &RunValue) -> bool {
    begun.t0 == run.t0
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
