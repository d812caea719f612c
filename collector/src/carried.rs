//! Reports that people carry（手で運んだ報告）from machines that do not reach the collector, or on which
//! nothing may be installed. Comes in: a file and who carried it; goes out: a report in the same history
//! as every other, with a leaf that names the carrier. A picture that nobody signed is sealed here, by a
//! key that says no more than that it was taken in here; it never stands for a machine with an agent.

pub mod file;
mod machine;

use daicho_report::{
    AgentId, Base64Bytes, Envelope, Hardware, Hash, Picture, ReportKey, Time, WIRE_MAJOR,
};

use crate::hand;
use crate::ingest::{Opened, batch};
use crate::log::{self, Leaf};
use crate::refusal::Refused;
use crate::simulated;
use crate::site::SiteCollector;
use crate::store::{AgentRow, Chain, Rows, Standing, StoreError, Table, sealed};
use file::Carried;
use machine::Machine;

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Of which machine.
    pub agent: AgentId,
    /// What the machine calls itself.
    pub host_name: String,
    /// When it was collected, by the machine's clock.
    pub collected_at: Time,
    /// Whether the machine's agent signed it.
    pub signed: bool,
    /// Whether the machine was not known before.
    pub is_new: bool,
    /// Whether it was there already.
    pub repeated: bool,
}

/// How a file is to be taken.
#[derive(Debug, Clone, Copy)]
pub struct Options<'a> {
    /// Who carried it.
    pub by: &'a str,
    /// Takes a picture for the newest even if the machine's clock says that it is older than the one
    /// before: after a clock was put right.
    pub newest: bool,
}

/// Takes a file in.
pub fn take(site: &SiteCollector, bytes: &[u8], options: Options<'_>) -> Result<Taken, Refused> {
    hand::bounds::person(options.by)?;
    let carried = file::open(bytes)?;
    let hash = Hash::of(bytes);
    site.write(|rows, now| {
        simulated::refuse_real(rows)?;
        match &carried {
            Carried::Report(opened) => signed(site, rows, now, opened, (hash, options.by)),
            Carried::Picture(picture) => unsigned(site, rows, now, picture, (hash, options)),
        }
    })
}

/// A link of the chain of an enrolled agent, which is found by its signature.
fn signed(
    site: &SiteCollector,
    rows: &mut dyn Rows,
    now: Time,
    opened: &Opened,
    (file, by): (Hash, &str),
) -> Result<Taken, StoreError> {
    let bytes = opened.report.envelope.get().as_bytes();
    let all: Vec<AgentRow> = sealed::all(rows, Table::Agent)?;
    let row = all
        .into_iter()
        .find(|it| {
            it.report_key
                .verify(bytes, &opened.report.signature)
                .is_ok()
        })
        .ok_or_else(|| Refused::new("CAR-004", ""))?;
    let taken = batch::take(site, rows, now, &row.agent, opened)?;
    let repeated = taken == batch::Taken::Repeated;
    if !repeated {
        let sequence = opened.envelope.sequence;
        note(site, rows, now, (&row.agent, sequence, true), (file, by))?;
    }
    Ok(Taken {
        agent: row.agent,
        host_name: row.host_name,
        collected_at: opened.envelope.collected_at,
        signed: true,
        is_new: false,
        repeated,
    })
}

/// Everything of a machine that has no agent.
fn unsigned(
    site: &SiteCollector,
    rows: &mut dyn Rows,
    now: Time,
    picture: &Picture,
    (file, options): (Hash, Options<'_>),
) -> Result<Taken, StoreError> {
    let hardware: Hardware = file::body(picture)?;
    let machine = Machine::of(&hardware)?;
    let (agent, is_new) = machine::find(rows, now, &machine)?;
    let key = key(site, &agent);
    if is_new {
        register(site, rows, now, (&agent, &key), picture)?;
    }
    let chain: Chain = sealed::one(rows, Table::Chain, agent.as_str())?.unwrap_or_default();
    let before = crate::ingest::run::newest_by(rows, &chain, &agent, now)?;
    let before = before.map(|run| run.last_collected);
    let taken = |repeated| Taken {
        agent: agent.clone(),
        host_name: picture.host_name.clone().unwrap_or_default(),
        collected_at: picture.collected_at,
        signed: false,
        is_new,
        repeated,
    };
    match before {
        Some(before) if before == picture.collected_at => return Ok(taken(true)),
        Some(before) if before > picture.collected_at && !options.newest => {
            let what = format!("{} < {before}", picture.collected_at);
            return Err(Refused::new("CAR-006", what).into());
        }
        _ => {}
    }
    let sequence = chain.sequence + 1;
    let opened = sealed_here(picture, &key, (sequence, chain.last))?;
    batch::take(site, rows, now, &agent, &opened)?;
    note(
        site,
        rows,
        now,
        (&agent, sequence, false),
        (file, options.by),
    )?;
    Ok(taken(false))
}

/// The key of a carried machine's reports, the same each time: nobody outside can make it, and it
/// says only that the report was taken in here.
fn key(site: &SiteCollector, agent: &AgentId) -> ReportKey {
    let text = format!("daicho carried report key v1\n{agent}");
    let signature = site.log_key.sign(text.as_bytes());
    ReportKey::from_secret(Hash::of(signature.bytes()).bytes())
}

fn sealed_here(
    picture: &Picture,
    key: &ReportKey,
    (sequence, last): (u64, Option<Hash>),
) -> Result<Opened, Refused> {
    let mut sections = picture.sections.clone();
    sections.sort_by(|one, other| one.kind.cmp(&other.kind));
    let envelope = Envelope {
        wire: WIRE_MAJOR,
        agent_version: picture.agent_version.clone(),
        boot_id: picture.boot_id.clone(),
        sequence,
        previous: last.unwrap_or(Hash::ZERO),
        collected_at: picture.collected_at,
        cost: picture.cost.clone(),
        sections: sections
            .iter()
            .map(daicho_report::Section::reference)
            .collect(),
    };
    let broken = |error: serde_json::Error| Refused::new("CAR-001", error.to_string());
    let report = envelope.seal(key, sections).map_err(broken)?;
    // Through the same door as every other: bounds, order, hashes.
    batch::open(&serde_json::to_vec(&report).map_err(broken)?)
}

/// Registers the machine with no certificate: nothing can ever connect in its name.
fn register(
    site: &SiteCollector,
    rows: &mut dyn Rows,
    now: Time,
    (agent, key): (&AgentId, &ReportKey),
    picture: &Picture,
) -> Result<(), StoreError> {
    let bounded = |text: &str| text.chars().take(253).collect::<String>();
    let row = AgentRow {
        agent: agent.clone(),
        standing: Standing::Approved,
        host_name: bounded(picture.host_name.as_deref().unwrap_or_default()),
        agent_version: bounded(&picture.agent_version),
        enrolled_at: now,
        approved_at: Some(now),
        tls_key: Hash::ZERO,
        report_key: key.public(),
        csr: Base64Bytes(Vec::new()),
        not_after: None,
        fork_at: None,
        why: String::new(),
    };
    batch::register(site, rows, &row)
}

/// Who carried what, beside the report itself.
fn note(
    site: &SiteCollector,
    rows: &mut dyn Rows,
    now: Time,
    (agent, sequence, signed): (&AgentId, u64, bool),
    (file, by): (Hash, &str),
) -> Result<(), StoreError> {
    let leaf = Leaf::Carried {
        agent: agent.clone(),
        received_at: now,
        sequence,
        by: by.to_owned(),
        file,
        signed,
    };
    log::append(rows, &site.log_key, now, &[leaf])
}

#[cfg(test)]
mod tests;
