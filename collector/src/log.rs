//! The log: an RFC 6962 tree of what was received and done. Comes in: leaves; goes out: their
//! exact bytes in the store and a signed head. A leaf is never changed.
//!
//! A leaf is the JSON text of [`Leaf`]; its hash covers exactly those bytes.

pub mod tree;

use daicho_report::{
    AgentId, Hash, ReportKey, ReportKeyPublic, Section, Signature, Time, TreeHead,
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::store::sealed;
use crate::store::{LeafRow, Rows, RunValue, StoreError, Table};
use crate::token::TokenKind;
use tree::{Frontier, leaf_hash};

const TREE: &str = "tree";

/// One entry.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Leaf {
    /// A report that began a run: it changed something, or the machine was started anew, or
    /// reports are missing before it, or a day began.
    Report {
        /// Whose.
        agent: AgentId,
        /// When it was received.
        received_at: Time,
        /// Exact bytes that were signed.
        envelope: Box<RawValue>,
        /// By the agent's report key.
        signature: Signature,
        /// Openings and closings; other bodies are in the store by their hash.
        intervals: Vec<Section>,
    },
    /// What an agent sent on one day.
    Daily {
        /// Whose.
        agent: AgentId,
        /// When it was written.
        received_at: Time,
        /// Exact bytes of a [`Summary`].
        summary: Box<RawValue>,
        /// By the log's key.
        signature: Signature,
    },
    /// An agent said why it falls silent.
    Goodbye {
        /// Who.
        agent: AgentId,
        /// When it was received.
        received_at: Time,
        /// Its sequence.
        sequence: u64,
        /// Exact bytes that were signed.
        goodbye: Box<RawValue>,
        /// By the agent's report key.
        signature: Signature,
    },
    /// What a person or the enrolment did.
    Act {
        /// When.
        received_at: Time,
        /// What.
        act: Act,
    },
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Act {
    /// A token was made.
    TokenMade {
        /// SHA-256 of its secret.
        token: Hash,
        /// For how many machines.
        kind: TokenKind,
        /// How often it may be used.
        count: u32,
        /// Until when.
        ends_at: Time,
        /// Whether no person has to approve.
        auto_approve: bool,
        /// What it is for.
        note: String,
    },
    /// A machine asked for enrolment.
    Enrolled {
        /// Who.
        agent: AgentId,
        /// With which token.
        token: Hash,
        /// SHA-256 of its TLS key.
        tls_key: Hash,
        /// The key of its reports.
        report_key: ReportKeyPublic,
        /// Name that it claims.
        host_name: String,
    },
    /// An enrolment was approved.
    Approved {
        /// Who.
        agent: AgentId,
        /// By the token rather than by a person.
        by_token: bool,
    },
    /// An agent was denied.
    Denied {
        /// Who.
        agent: AgentId,
        /// Why.
        why: String,
    },
    /// A certificate was issued.
    Certified {
        /// For whom.
        agent: AgentId,
        /// SHA-256 of the certificate.
        certificate: Hash,
        /// Its end.
        not_after: Time,
    },
    /// A sequence came twice with different content: a copy of the agent（複製の疑い）.
    Forked {
        /// Whose.
        agent: AgentId,
        /// At which sequence.
        sequence: u64,
        /// Hash of the envelope that was refused.
        refused: Hash,
    },
    /// A hand-kept entry was written, or replaced.
    Entered {
        /// Kind of the entry.
        kind: String,
        /// Its key.
        key: String,
        /// Who wrote it.
        by: String,
        /// Its body.
        body: Hash,
    },
    /// A hand-kept entry was withdrawn.
    Withdrawn {
        /// Kind of the entry.
        kind: String,
        /// Its key.
        key: String,
        /// Who withdrew it.
        by: String,
        /// Why.
        why: String,
    },
    /// From here on everything is of a hospital that does not exist（模擬）.
    Simulated {
        /// Its name.
        name: String,
        /// Hash of the file that describes it.
        hospital: Hash,
    },
}

/// What an agent sent on one day (UTC) by the collector's clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Summary {
    /// Whose.
    pub agent: AgentId,
    /// Day since 1970-01-01.
    pub day: i64,
    /// How many reports.
    pub count: u64,
    /// First received.
    pub first: Time,
    /// Last received.
    pub last: Time,
    /// Missing in the chain by then.
    pub missing: u64,
    /// Its runs, in order.
    pub runs: Vec<RunValue>,
}

impl Leaf {
    /// Kind, whom it is about, sequence and time, as they stand beside it in the store.
    #[must_use]
    pub fn columns(&self) -> (&'static str, String, u64, Time) {
        match self {
            Self::Report {
                agent,
                received_at,
                envelope,
                ..
            } => {
                let sequence = daicho_report::open_envelope(envelope.get())
                    .map_or(0, |envelope| envelope.sequence);
                ("report", agent.to_string(), sequence, *received_at)
            }
            Self::Daily {
                agent, received_at, ..
            } => ("daily", agent.to_string(), 0, *received_at),
            Self::Goodbye {
                agent,
                received_at,
                sequence,
                ..
            } => ("goodbye", agent.to_string(), *sequence, *received_at),
            Self::Act { received_at, act } => ("act", act.agent(), 0, *received_at),
        }
    }

    /// Reads a leaf.
    pub fn decode(row: &LeafRow) -> Result<Self, StoreError> {
        let corrupt = || StoreError::Corrupt(format!("log entry {}", row.position));
        let bytes = row.leaf.as_deref().ok_or_else(corrupt)?;
        serde_json::from_slice(bytes).map_err(|_| corrupt())
    }
}

impl Act {
    fn agent(&self) -> String {
        match self {
            Self::TokenMade { .. }
            | Self::Entered { .. }
            | Self::Withdrawn { .. }
            | Self::Simulated { .. } => String::new(),
            Self::Enrolled { agent, .. }
            | Self::Approved { agent, .. }
            | Self::Denied { agent, .. }
            | Self::Certified { agent, .. }
            | Self::Forked { agent, .. } => agent.to_string(),
        }
    }
}

/// Adds leaves and signs the new head, in the transaction of `rows`.
pub fn append(
    rows: &mut dyn Rows,
    log_key: &ReportKey,
    at: Time,
    leaves: &[Leaf],
) -> Result<(), StoreError> {
    if leaves.is_empty() {
        return Ok(());
    }
    let mut frontier: Frontier = sealed::one(rows, Table::Meta, TREE)?.unwrap_or_default();
    for leaf in leaves {
        let bytes = serde_json::to_vec(leaf).map_err(|error| StoreError::Engine(error.into()))?;
        let (kind, agent, sequence, received_at) = leaf.columns();
        let hash = leaf_hash(&bytes);
        rows.append_leaf(&LeafRow {
            position: frontier.size(),
            received_at,
            kind: kind.to_owned(),
            agent,
            sequence,
            leaf: Some(bytes),
            leaf_hash: hash.bytes().to_vec(),
        })?;
        frontier.push(hash);
    }
    sealed::put(rows, log_key, Table::Meta, TREE, &frontier)?;
    rows.put_head(&sign_head(log_key, &frontier, at))
}

fn sign_head(log_key: &ReportKey, frontier: &Frontier, at: Time) -> TreeHead {
    let (size, root) = (frontier.size(), frontier.root());
    let signature = log_key.sign(&TreeHead::signed_bytes(size, &root, at));
    TreeHead {
        size,
        root,
        at,
        signature,
    }
}

/// The newest signed head; of an empty log a head of size 0.
pub fn head(rows: &dyn Rows, log_key: &ReportKey, at: Time) -> Result<TreeHead, StoreError> {
    let newest = rows.newest_head()?;
    Ok(newest.unwrap_or_else(|| sign_head(log_key, &Frontier::default(), at)))
}

/// The state of the tree as the store holds it.
pub fn stored_frontier(rows: &dyn Rows) -> Result<Frontier, StoreError> {
    Ok(sealed::one(rows, Table::Meta, TREE)?.unwrap_or_default())
}
