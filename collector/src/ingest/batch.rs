//! Reports that did not come over the network. Comes in: a report's JSON text and a transaction of
//! the caller's; goes out: whether it was new. Every bound, signature and link of the chain is checked
//! as for a report on the wire.

use daicho_report::{AgentId, Hash, Time};

use super::{Opened, Outcome, open};
use crate::enrol;
use crate::log::Act;
use crate::refusal::Refused;
use crate::site::SiteCollector;
use crate::store::{AgentRow, Rows, StoreError, Table, sealed};

/// What became of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taken {
    /// It was stored.
    Stored,
    /// It was there.
    Repeated,
}

/// Registers a machine that has no certificate and can never connect.
pub(crate) fn register(
    site: &SiteCollector,
    rows: &mut dyn Rows,
    row: &AgentRow,
) -> Result<(), StoreError> {
    let (agent, at) = (row.agent.clone(), row.enrolled_at);
    sealed::put(rows, &site.log_key, Table::Agent, agent.as_str(), row)?;
    let enrolled = Act::Enrolled {
        agent: agent.clone(),
        token: Hash::ZERO,
        tls_key: Hash::ZERO,
        report_key: row.report_key.clone(),
        host_name: row.host_name.clone(),
    };
    site.log_act(rows, at, enrolled)?;
    let approved = Act::Approved {
        agent,
        by_token: true,
    };
    site.log_act(rows, at, approved)
}

/// Opens a report.
pub(crate) fn open(json: &[u8]) -> Result<Opened, Refused> {
    open::open_json(json)
}

/// Takes it.
pub(crate) fn take(
    site: &SiteCollector,
    rows: &mut dyn Rows,
    now: Time,
    agent: &AgentId,
    opened: &Opened,
) -> Result<Taken, StoreError> {
    let row = enrol::approved(rows, agent)?;
    open::verify(&row, opened)?;
    let sequence = opened.envelope.sequence;
    let before: Option<crate::store::Chain> =
        crate::store::sealed::one(rows, crate::store::Table::Chain, agent.as_str())?;
    match super::store(site, rows, now, row, opened)? {
        Outcome::Fork(sequence) => Err(Refused::new("ING-007", sequence.to_string()).into()),
        Outcome::Reply(reply) if reply.acknowledged < sequence => {
            let kinds: Vec<&str> = reply.send_whole.iter().map(|kind| kind.as_str()).collect();
            let what = format!("bodies are missing: {}", kinds.join(", "));
            Err(Refused::new("ING-009", what).into())
        }
        Outcome::Reply(_) if before.is_some_and(|chain| chain.sequence >= sequence) => {
            Ok(Taken::Repeated)
        }
        Outcome::Reply(_) => Ok(Taken::Stored),
    }
}
