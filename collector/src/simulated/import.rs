//! A simulated hospital into a data folder, by the same ingest as real data. Comes in: the folder;
//! goes out: agents, entries and reports in the store, in the order of receipt, many to a commit. What
//! is there already is not taken again, and the truth is never read.

use daicho_report::{Base64Bytes, Hash};
use serde::{Deserialize, Serialize};

use super::folder::{AgentFile, Folder, whole};
use super::steps::{Step, Steps, What};
use super::{Mark, put_mark};
use crate::hand;
use crate::ingest::batch::{self, Taken};
use crate::ingest::small;
use crate::refusal::Refused;
use crate::site::SiteCollector;
use crate::store::{self, AgentRow, Rows, Standing, StoreError, Table, sealed};

const PROGRESS: &str = "import";

/// What was taken in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Agents registered.
    pub agents: u64,
    /// Hand-kept entries.
    pub entries: u64,
    /// Reports.
    pub reports: u64,
    /// Goodbyes.
    pub goodbyes: u64,
    /// What an earlier import had taken in.
    pub skipped: u64,
}

/// How far an import has come; in the same commit as what it took in.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Progress {
    steps: u64,
}

/// A step that could not be taken, by its number in the batch.
struct Broken(usize, StoreError);

/// Takes the folder in; `told` hears how many steps are done.
pub fn import(
    site: &SiteCollector,
    folder: &Folder,
    told: &mut dyn FnMut(u64),
) -> Result<Summary, Refused> {
    let mut steps = Steps::over(folder)?;
    let wanted = Mark {
        name: folder.hospital.name.clone(),
        hospital: folder.hash,
    };
    let start = steps.first_at()?;
    let done = store::write(site.store.as_ref(), |rows| {
        let now = sealed::receive(rows, &site.log_key, start)?;
        put_mark(site, rows, now, &wanted)?;
        let progress: Option<Progress> = sealed::one(rows, Table::Meta, PROGRESS)?;
        Ok(progress.unwrap_or_default().steps)
    })
    .map_err(StoreError::refused)?;
    let mut summary = Summary::default();
    while steps.count < done && steps.next()?.is_some() {
        steps.count += 1;
    }
    summary.skipped = steps.count;
    told(summary.skipped);
    loop {
        let (batch, ended) = steps.batch();
        let count = u64::try_from(batch.len()).unwrap_or(u64::MAX);
        commit(site, &batch, &mut summary, steps.count)?;
        told(steps.count);
        match ended {
            Ok(()) if count == 0 => return Ok(summary),
            Ok(()) => {}
            Err(refused) => return Err(refused),
        }
    }
}

/// Commits a batch; of a broken one, what stands before the broken step.
fn commit(
    site: &SiteCollector,
    batch: &[Step],
    summary: &mut Summary,
    steps: u64,
) -> Result<(), Refused> {
    if batch.is_empty() {
        return Ok(());
    }
    let Err(Broken(number, error)) = take(site, batch, summary, steps) else {
        return Ok(());
    };
    let Some((good, broken)) = batch.split_at_checked(number).filter(|it| !it.1.is_empty()) else {
        return Err(error.refused());
    };
    let left = u64::try_from(broken.len()).unwrap_or(u64::MAX);
    if !good.is_empty() {
        take(site, good, summary, steps.saturating_sub(left))
            .map_err(|Broken(_, error)| error.refused())?;
    }
    let place = broken
        .first()
        .map_or_else(|| whole(""), |it| it.place.clone());
    Err(match error {
        StoreError::Refused(refused) => place.refuse(refused),
        other => other.refused(),
    })
}

fn take(
    site: &SiteCollector,
    batch: &[Step],
    summary: &mut Summary,
    steps: u64,
) -> Result<(), Broken> {
    let mut counted = *summary;
    let mut reached = 0;
    let result = store::write(site.store.as_ref(), |rows| {
        for (number, step) in batch.iter().enumerate() {
            reached = number;
            one(site, rows, step, &mut counted)?;
        }
        reached = batch.len();
        let progress = Progress { steps };
        sealed::put(rows, &site.log_key, Table::Meta, PROGRESS, &progress)
    });
    result.map_err(|error| Broken(reached, error))?;
    *summary = counted;
    Ok(())
}

fn one(
    site: &SiteCollector,
    rows: &mut dyn Rows,
    step: &Step,
    summary: &mut Summary,
) -> Result<(), StoreError> {
    let now = sealed::receive(rows, &site.log_key, step.at)?;
    if now != step.at {
        let what = format!("received at {}, after {now}", step.at);
        return Err(Refused::new("ING-008", what).into());
    }
    match &step.what {
        What::Agent(agent) => {
            register(site, rows, agent)?;
            summary.agents += 1;
        }
        What::Entry { by, draft } => {
            hand::enter_in(site, rows, now, by, std::slice::from_ref(draft.as_ref()))?;
            summary.entries += 1;
        }
        What::Line(_) => {
            return Err(Refused::new("ING-003", "a line that was not opened").into());
        }
        What::Report { agent, opened } => match batch::take(site, rows, now, agent, opened)? {
            Taken::Stored => summary.reports += 1,
            Taken::Repeated => summary.skipped += 1,
        },
        What::Goodbye { agent, json } => {
            small::goodbye_in(site, rows, now, agent, json)?;
            summary.goodbyes += 1;
        }
    }
    Ok(())
}

/// Registers an agent with the key of its reports and no certificate: it can never connect.
fn register(
    site: &SiteCollector,
    rows: &mut dyn Rows,
    agent: &AgentFile,
) -> Result<(), StoreError> {
    let id = &agent.agent;
    let there: Option<AgentRow> = sealed::one(rows, Table::Agent, id.as_str())?;
    if there.is_some() {
        return Err(Refused::new("ING-003", format!("agent {id} twice")).into());
    }
    let bounded = |text: &str| text.chars().take(253).collect::<String>();
    let row = AgentRow {
        agent: id.clone(),
        standing: Standing::Approved,
        host_name: bounded(&agent.host_name),
        agent_version: bounded(&agent.agent_version),
        enrolled_at: agent.enrolled_at,
        approved_at: Some(agent.enrolled_at),
        tls_key: Hash::ZERO,
        report_key: agent.report_key.clone(),
        csr: Base64Bytes(Vec::new()),
        not_after: None,
        fork_at: None,
        why: String::new(),
    };
    batch::register(site, rows, &row)
}
