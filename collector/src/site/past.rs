//! How enrolments stood at a moment. Comes in: the acts of the log; goes out: each agent's standing
//! by the last act received by then. It reads the log alone: a row shows only how it stands now.

use std::collections::BTreeMap;

use daicho_report::{AgentId, Time};

use crate::log::{Act, Leaf};
use crate::store::{AgentRow, Rows, Standing, StoreError, Table, sealed};

const CHUNK: u32 = 500;

/// Agents that had asked for enrolment by `as_of`, as they stood then, sorted.
pub(super) fn agents(rows: &dyn Rows, as_of: Time) -> Result<Vec<AgentRow>, StoreError> {
    let mut stood: BTreeMap<AgentId, (Standing, Option<Time>, String)> = BTreeMap::new();
    let mut next = 0;
    loop {
        let chunk = rows.leaves(next, CHUNK)?;
        let Some(last) = chunk.last() else { break };
        next = last.position.saturating_add(1);
        let acts = chunk
            .iter()
            .filter(|row| row.kind == "act" && row.received_at <= as_of);
        for row in acts {
            // An entry that cannot be read is told by `log verify`; it grants nothing here.
            let Ok(Leaf::Act { received_at, act }) = Leaf::decode(row) else {
                continue;
            };
            match act {
                Act::Enrolled { agent, .. } => {
                    stood.insert(agent, (Standing::Pending, None, String::new()));
                }
                Act::Approved { agent, .. } => {
                    stood.insert(
                        agent,
                        (Standing::Approved, Some(received_at), String::new()),
                    );
                }
                Act::Denied { agent, why } => {
                    let approved = stood.get(&agent).and_then(|it| it.1);
                    stood.insert(agent, (Standing::Denied, approved, why));
                }
                Act::TokenMade { .. }
                | Act::Certified { .. }
                | Act::Forked { .. }
                | Act::Entered { .. }
                | Act::Withdrawn { .. }
                | Act::Exported { .. }
                | Act::Simulated { .. } => {}
            }
        }
    }
    let all: Vec<AgentRow> = sealed::all(rows, Table::Agent)?;
    let then = all.into_iter().filter_map(|mut row| {
        let (standing, approved_at, why) = stood.remove(&row.agent)?;
        row.standing = standing;
        row.approved_at = approved_at;
        row.why = why;
        row.fork_at = row.fork_at.filter(|at| *at <= as_of);
        Some(row)
    });
    Ok(then.collect())
}
