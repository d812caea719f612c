//! Heartbeats and goodbyes. Comes in: small JSON of an agent that TLS has named; goes out: one row
//! (heartbeat), or a leaf (goodbye). A heartbeat never touches history or log.

use daicho_report::{AgentId, Goodbye, Heartbeat, Limit, SignedGoodbye, Time, check_json};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::enrol;
use crate::log::{self, Leaf};
use crate::refusal::Refused;
use crate::site::SiteCollector;
use crate::store::{Rows, StoreError, Table, sealed};

/// Newest sign of life between reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastSeen {
    /// When, by the collector's clock.
    pub at: Time,
    /// Boot of the machine.
    pub boot_id: String,
    /// Newest report that the agent made.
    pub sequence: u64,
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refused> {
    check_json(body, &Limit::SMALL).map_err(|error| Refused::new("ING-002", error.to_string()))?;
    serde_json::from_slice(body).map_err(|error| Refused::new("ING-003", error.to_string()))
}

fn warned<T>(agent: &AgentId, stage: &str, result: Result<T, Refused>) -> Result<T, Refused> {
    if let Err(refused) = &result {
        tracing::warn!(stage, %agent, code = refused.code, detail = %refused.detail, "refused");
    }
    result
}

fn note_seen(
    site: &SiteCollector,
    rows: &mut dyn Rows,
    at: Time,
    agent: &AgentId,
    boot_id: &str,
    sequence: u64,
) -> Result<(), StoreError> {
    let boot_id = boot_id.chars().take(64).collect();
    let seen = LastSeen {
        at,
        boot_id,
        sequence,
    };
    sealed::put(rows, &site.log_key, Table::LastSeen, agent.as_str(), &seen)
}

pub(crate) fn heartbeat(site: &SiteCollector, agent: &AgentId, body: &[u8]) -> Result<(), Refused> {
    let take = || {
        let heartbeat: Heartbeat = parse(body)?;
        let at = site.clock.now();
        crate::store::write(site.store.as_ref(), |rows| {
            note_seen(
                site,
                rows,
                at,
                agent,
                &heartbeat.boot_id,
                heartbeat.sequence,
            )
        })
        .map_err(StoreError::refused)
    };
    warned(agent, "heartbeat", take())
}

pub(crate) fn goodbye(site: &SiteCollector, agent: &AgentId, body: &[u8]) -> Result<(), Refused> {
    let take = || site.write(|rows, now| goodbye_in(site, rows, now, agent, body));
    warned(agent, "goodbye", take())
}

/// The same in a transaction of the caller's.
pub(crate) fn goodbye_in(
    site: &SiteCollector,
    rows: &mut dyn Rows,
    now: Time,
    agent: &AgentId,
    body: &[u8],
) -> Result<(), StoreError> {
    let signed: SignedGoodbye = parse(body)?;
    let goodbye: Goodbye = parse(signed.goodbye.get().as_bytes())?;
    if goodbye.agent != *agent {
        return Err(Refused::new("ING-006", "another agent's goodbye").into());
    }
    let row = enrol::approved(rows, agent)?;
    row.report_key
        .verify(signed.goodbye.get().as_bytes(), &signed.signature)
        .map_err(|error| Refused::new("ING-006", error.to_string()))?;
    if is_repeated(rows, agent, &signed, now)? {
        return Ok(());
    }
    note_seen(site, rows, now, agent, &goodbye.boot_id, goodbye.sequence)?;
    let leaf = Leaf::Goodbye {
        agent: agent.clone(),
        received_at: now,
        sequence: goodbye.sequence.min(i64::MAX.cast_unsigned()),
        goodbye: signed.goodbye,
        signature: signed.signature,
    };
    log::append(rows, &site.log_key, now, &[leaf])
}

fn is_repeated(
    rows: &dyn Rows,
    agent: &AgentId,
    signed: &SignedGoodbye,
    now: Time,
) -> Result<bool, StoreError> {
    let Some(newest) = rows.alone_at(agent.as_str(), "goodbye", now)? else {
        return Ok(false);
    };
    let leaf = Leaf::decode(&newest)?;
    Ok(matches!(leaf, Leaf::Goodbye { goodbye, .. } if goodbye.get() == signed.goodbye.get()))
}
