//! The log: an RFC 6962 tree of what was received and done. Comes in: leaves; goes out: their
//! exact bytes in the store and a signed head. A leaf is never changed.
//!
//! A leaf is the JSON text of [`Leaf`]; its hash covers exactly those bytes.

pub use daicho_evidence::tree;

use daicho_report::{
    AgentId, Hash, ReportKey, ReportKeyPublic, SealError, Section, Signature, Time, TreeHead,
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::store::{Chain, LeafRow, Rows, RunValue, SealedValue, StoreError, Table};
use crate::token::TokenKind;
use tree::{Frontier, leaf_hash};

const TREE: &str = "tree";
/// Heads kept for good: the first, and one in so many entries. The newest is always there.
const HEAD_EVERY: u64 = 256;
/// Reports that are packed against one that stands alone.
const BESIDE: u32 = 31;

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
        /// Reports known to be missing before it.
        #[serde(default, skip_serializing_if = "is_none_missing")]
        missing: u64,
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
    /// A report that did not come over the network, and who carried it.
    Carried {
        /// Of which machine.
        agent: AgentId,
        /// When it was taken in.
        received_at: Time,
        /// Sequence of the report.
        sequence: u64,
        /// Who carried it.
        by: String,
        /// SHA-256 of the file.
        file: Hash,
        /// Whether the machine's agent signed it.
        signed: bool,
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
    /// An evidence bundle was made.
    Exported {
        /// Its root.
        root: Hash,
        /// Who made it.
        by: String,
        /// Everything received by then.
        as_of: Time,
        /// Of one to be shown: the root of its original.
        original: Option<Hash>,
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
    /// Its runs of more than one report, in order; of any other its entry in the log tells all.
    pub runs: Vec<RunValue>,
}

fn is_none_missing(missing: &u64) -> bool {
    *missing == 0
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
            Self::Carried {
                agent,
                received_at,
                sequence,
                ..
            } => ("carried", agent.to_string(), *sequence, *received_at),
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
            | Self::Exported { .. }
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
    append_beside(rows, log_key, at, leaves, &mut Chain::default())
}

/// The same; a report is packed against an older one of its chain.
pub(crate) fn append_beside(
    rows: &mut dyn Rows,
    log_key: &ReportKey,
    at: Time,
    leaves: &[Leaf],
    chain: &mut Chain,
) -> Result<(), StoreError> {
    if leaves.is_empty() {
        return Ok(());
    }
    let mut frontier = stored_frontier(rows)?;
    let before = frontier.size();
    for leaf in leaves {
        let bytes = serde_json::to_vec(leaf).map_err(|error| StoreError::Engine(error.into()))?;
        let (kind, agent, sequence, received_at) = leaf.columns();
        let (hash, position) = (leaf_hash(&bytes), frontier.size());
        let (base, prior) = match leaf {
            Leaf::Report { .. } => beside(chain, position),
            _ => (None, None),
        };
        rows.append_leaf(&LeafRow {
            position,
            received_at,
            kind: kind.to_owned(),
            agent,
            sequence,
            base,
            prior,
            leaf: Some(bytes),
            leaf_hash: hash.bytes().to_vec(),
        })?;
        frontier.push(hash);
    }
    let head = sign_head(log_key, &frontier, at);
    // The head's own signature is the seal: it covers the root, and that covers everything.
    let sealed = SealedValue {
        value: tree_value(&frontier, at),
        seal: head.signature.bytes().to_vec(),
    };
    rows.put_sealed(Table::Meta, TREE, &sealed)?;
    if before / HEAD_EVERY != frontier.size() / HEAD_EVERY || before == 0 {
        rows.put_head(&head)?;
    }
    Ok(())
}

/// What a report is packed against, and the report before it.
fn beside(chain: &mut Chain, position: u64) -> (Option<u64>, Option<u64>) {
    let prior = chain.leaf.replace(position);
    if chain.base.is_none() || chain.on_base >= BESIDE {
        (chain.base, chain.on_base) = (Some(position), 0);
        return (None, prior);
    }
    chain.on_base += 1;
    (chain.base, prior)
}

fn tree_value(frontier: &Frontier, at: Time) -> Vec<u8> {
    let mut value = at.seconds().to_le_bytes().to_vec();
    value.extend(frontier.to_bytes());
    value
}

fn stored_tree(rows: &dyn Rows) -> Result<Option<(Frontier, TreeHead)>, StoreError> {
    rows.sealed(Table::Meta, TREE)?
        .map(|sealed| {
            read_tree(&sealed).ok_or_else(|| StoreError::Corrupt("meta `tree`".to_owned()))
        })
        .transpose()
}

fn read_tree(sealed: &SealedValue) -> Option<(Frontier, TreeHead)> {
    let (at, rest) = sealed.value.split_first_chunk::<8>()?;
    let frontier = Frontier::from_bytes(rest)?;
    let head = TreeHead {
        size: frontier.size(),
        root: frontier.root(),
        at: Time::from_seconds(i64::from_le_bytes(*at)),
        signature: Signature::from_bytes(&sealed.seal),
    };
    Some((frontier, head))
}

/// Whether a sealed value of the table of single values is the state of the tree; its seal is the
/// head's signature.
pub(crate) fn is_tree(key: &str) -> bool {
    key == TREE
}

/// Checks the state of the tree with the public half of the log's key.
pub(crate) fn verify_tree(public: &ReportKeyPublic, sealed: &SealedValue) -> Result<(), SealError> {
    let (_, head) = read_tree(sealed).ok_or(SealError::Shape)?;
    let bytes = TreeHead::signed_bytes(head.size, &head.root, head.at);
    public.verify(&bytes, &head.signature)
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
    let newest = newest_head(rows)?;
    Ok(newest.unwrap_or_else(|| sign_head(log_key, &Frontier::default(), at)))
}

/// The newest signed head, if there is an entry.
pub fn newest_head(rows: &dyn Rows) -> Result<Option<TreeHead>, StoreError> {
    Ok(stored_tree(rows)?.map(|(_, head)| head))
}

/// The state of the tree as the store holds it.
pub fn stored_frontier(rows: &dyn Rows) -> Result<Frontier, StoreError> {
    Ok(stored_tree(rows)?.map_or_else(Frontier::default, |(frontier, _)| frontier))
}
