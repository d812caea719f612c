//! What had been received by a moment, as the ledger takes it. Comes in: the store and the moment;
//! goes out: the ledger. It decides nothing about assets and changes nothing.

use std::collections::HashMap;
use std::panic::resume_unwind;
use std::sync::mpsc::sync_channel;
use std::thread;

use daicho_ledger::{Carriage, Hand, Interval, KeptSection, Ledger, Observed, Presence, Site};
use daicho_report::{Goodbye, Hash, SectionKind, Time};
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::hand;
use crate::ingest::{apply, run};
use crate::log::Leaf;
use crate::simulated;
use crate::site::NEXT_REPORT_S;
use crate::store::{
    self, AgentRow, Chain, IntervalTable, Rows, RunValue, SectionRow, Standing, Store, StoreError,
    Table, sealed,
};

/// Machines that are read before others are made.
const AHEAD: usize = 64;
/// The largest body that is kept for others, and what all of them take: a list of programs is hardly ever
/// that of another machine.
const SHARED_BYTES: usize = 8 << 10;
const BODIES_BYTES: usize = 8 << 20;

/// The ledger of everything received by `as_of`; intervals that ended up to `look_back_s` before it are
/// included.
pub fn ledger(
    store: &dyn Store,
    site: Site,
    as_of: Time,
    look_back_s: i64,
) -> Result<Ledger, StoreError> {
    // One thread reads, another makes machines of what was read and drops it.
    thread::scope(|scope| {
        let (give, take) = sync_channel::<Observed>(AHEAD);
        let make = move || take.iter().map(|it| daicho_ledger::machine(&it)).collect();
        let made = thread::Builder::new().spawn_scoped(scope, make);
        let made = made.map_err(|error| StoreError::Engine(error.into()))?;
        let read = each(store, site, (as_of, look_back_s), &mut |observed| {
            // Who takes ends before this only by a panic, which the end tells.
            let _ = give.send(observed);
        });
        drop(give);
        let assets = made.join().unwrap_or_else(|panic| resume_unwind(panic));
        let (site, hand) = read?;
        Ok(daicho_ledger::of_machines(site, as_of, assets, hand))
    })
}

/// The same before anything is derived from it.
#[cfg(test)]
pub(crate) fn input(
    store: &dyn Store,
    site: Site,
    as_of: Time,
    look_back_s: i64,
) -> Result<daicho_ledger::Input, StoreError> {
    let mut agents = Vec::new();
    let (site, hand) = each(store, site, (as_of, look_back_s), &mut |observed| {
        agents.push(observed);
    })?;
    Ok(daicho_ledger::Input {
        site,
        as_of,
        agents,
        hand,
    })
}

/// Hands over one machine after the other, sorted by agent; the site and what people keep.
fn each(
    store: &dyn Store,
    site: Site,
    (as_of, look_back_s): (Time, i64),
    take: &mut dyn FnMut(Observed),
) -> Result<(Site, Hand), StoreError> {
    let from = Time::from_seconds(as_of.seconds().saturating_sub(look_back_s));
    store::read(store, |rows| {
        let mut agents: Vec<AgentRow> = sealed::all(rows, Table::Agent)?;
        agents.sort_by(|one, other| one.agent.cmp(&other.agent));
        let mut bodies = Bodies::default();
        for agent in &agents {
            if let Some(observed) = observe(rows, &mut bodies, agent, &|_| true, (from, as_of))? {
                take(observed);
            }
        }
        self::site(rows, site, as_of)
    })
}

/// The site and what people keep of it; a simulated one says so.
pub(crate) fn site(rows: &dyn Rows, site: Site, as_of: Time) -> Result<(Site, Hand), StoreError> {
    let mut site = site;
    if let Some(mark) = simulated::mark(rows)? {
        site.simulated = true;
        site.name = mark.name;
    }
    Ok((site, hand::at(rows, as_of)?))
}

/// One machine, with the sections that are wanted, flows and neighbours among them. `None`: nothing of
/// it had been received by then.
pub(crate) fn observe(
    rows: &dyn Rows,
    bodies: &mut Bodies,
    agent: &AgentRow,
    wanted: &dyn Fn(&str) -> bool,
    (from, as_of): (Time, Time),
) -> Result<Option<Observed>, StoreError> {
    if agent.standing == Standing::Pending {
        return Ok(None);
    }
    let name = agent.agent.as_str();
    let Some(chain) = sealed::one::<Chain>(rows, Table::Chain, name)? else {
        return Ok(None);
    };
    let Some(newest) = run::newest_by(rows, &chain, &agent.agent, as_of)? else {
        return Ok(None);
    };
    let first_at = chain.first_at.unwrap_or(newest.t0);
    let presence = presence(rows, name, first_at, &newest, as_of)?;
    Ok(Some(Observed {
        carried: carried(rows, name, presence.sequence, as_of)?,
        agent: agent.agent.clone(),
        enrolled_at: agent.approved_at.unwrap_or(agent.enrolled_at),
        agent_version: newest.agent_version.clone(),
        presence,
        sections: sections(rows, bodies, name, wanted, as_of)?,
        flows: intervals(rows, IntervalTable::Flow, name, wanted, (from, as_of))?,
        neighbours: intervals(rows, IntervalTable::Neighbour, name, wanted, (from, as_of))?,
        interval_reasons: newest.interval_reasons,
    }))
}

fn presence(
    rows: &dyn Rows,
    agent: &str,
    first_at: Time,
    run: &RunValue,
    as_of: Time,
) -> Result<Presence, StoreError> {
    let over = run.t1 <= as_of;
    // Inside a run no silence is longer than this, so a report came at the latest then.
    let silence_s = run::silence_s(NEXT_REPORT_S);
    let at_least = Time::from_seconds(as_of.seconds().saturating_sub(silence_s)).max(run.t0);
    let sequence = if over { run.last_seq } else { run.first_seq };
    Ok(Presence {
        first_at,
        last_at: if over { run.t1 } else { at_least },
        collected_at: if over {
            run.last_collected
        } else {
            run.first_collected
        },
        sequence,
        missing: run.missing,
        goodbye: goodbye(rows, agent, sequence, as_of)?,
    })
}

/// The newest goodbye, if no report was made after it.
fn goodbye(
    rows: &dyn Rows,
    agent: &str,
    sequence: u64,
    as_of: Time,
) -> Result<Option<(daicho_report::GoodbyeCause, Time)>, StoreError> {
    let Some(row) = rows.alone_at(agent, "goodbye", as_of)? else {
        return Ok(None);
    };
    let Leaf::Goodbye {
        goodbye,
        received_at,
        ..
    } = Leaf::decode(&row)?
    else {
        return Ok(None);
    };
    let goodbye: Goodbye = serde_json::from_str(goodbye.get())
        .map_err(|_| StoreError::Corrupt(format!("log entry {}", row.position)))?;
    Ok((goodbye.sequence >= sequence).then_some((goodbye.cause, received_at)))
}

/// Who carried the newest report, if it did not come over the network.
fn carried(
    rows: &dyn Rows,
    agent: &str,
    newest: u64,
    as_of: Time,
) -> Result<Option<Carriage>, StoreError> {
    let Some(row) = rows.alone_at(agent, "carried", as_of)? else {
        return Ok(None);
    };
    let Leaf::Carried {
        received_at,
        sequence,
        by,
        signed,
        ..
    } = Leaf::decode(&row)?
    else {
        return Ok(None);
    };
    Ok((sequence >= newest).then_some(Carriage {
        by,
        at: received_at,
        signed,
    }))
}

/// Bodies that many machines share word for word (what is allowed, what is installed nowhere): read and
/// unpacked once. Of bounded size.
#[derive(Default)]
pub(crate) struct Bodies {
    known: HashMap<Hash, Box<RawValue>>,
    bytes: usize,
}

impl Bodies {
    fn body(&mut self, rows: &dyn Rows, row: &SectionRow) -> Result<Box<RawValue>, StoreError> {
        if let Some(body) = self.known.get(&row.digest) {
            return Ok(body.clone());
        }
        let corrupt = || StoreError::Corrupt(format!("section {} of {}", row.kind, row.agent));
        let body = rows.blob(&row.digest)?.ok_or_else(corrupt)?;
        let body: Box<RawValue> = serde_json::from_slice(&body).map_err(|_| corrupt())?;
        let size = body.get().len();
        if size <= SHARED_BYTES && self.bytes + size <= BODIES_BYTES {
            self.bytes += size;
            self.known.insert(row.digest, body.clone());
        }
        Ok(body)
    }
}

fn sections(
    rows: &dyn Rows,
    bodies: &mut Bodies,
    agent: &str,
    wanted: &dyn Fn(&str) -> bool,
    as_of: Time,
) -> Result<Vec<KeptSection>, StoreError> {
    let all = rows.sections_at(agent, as_of)?;
    let all = all.iter().filter(|row| wanted(&row.kind));
    all.map(|row| section(rows, bodies, row)).collect()
}

/// One version of a section, with the older values that it did not confirm.
pub(crate) fn section(
    rows: &dyn Rows,
    bodies: &mut Bodies,
    row: &SectionRow,
) -> Result<KeptSection, StoreError> {
    let corrupt = || StoreError::Corrupt(format!("section {} of {}", row.kind, row.agent));
    Ok(KeptSection {
        kind: SectionKind::try_from(row.kind.clone()).map_err(|_| corrupt())?,
        source: row.source.clone(),
        at: Time::from_seconds(row.at),
        received_at: Time::from_seconds(row.t0),
        body: bodies.body(rows, row)?,
        kept: apply::kept_list(rows, row.kept.as_ref())?,
    })
}

fn intervals<T: DeserializeOwned + Ord>(
    rows: &dyn Rows,
    table: IntervalTable,
    agent: &str,
    wanted: &dyn Fn(&str) -> bool,
    (from, as_of): (Time, Time),
) -> Result<Vec<Interval<T>>, StoreError> {
    if !wanted(table.name()) {
        return Ok(Vec::new());
    }
    let mut intervals = Vec::new();
    for row in rows.intervals_between(table, agent, from, as_of)? {
        let corrupt = || StoreError::Corrupt(format!("{} of {agent}", table.name()));
        let ended = row.t1 <= as_of.seconds();
        intervals.push(Interval {
            item: serde_json::from_str(&row.item).map_err(|_| corrupt())?,
            since: Time::from_seconds(row.since),
            until: ended.then(|| Time::from_seconds(row.until)),
        });
    }
    intervals.sort();
    Ok(intervals)
}
