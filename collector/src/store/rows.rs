//! The rows of the store and what an engine does with them. Comes in and goes out: plain rows,
//! keyed by site on the engine's side. It never decides what a row means.

use daicho_report::{AgentId, Base64Bytes, Hash, ReportKeyPublic, Time, TreeHead};
use serde::{Deserialize, Serialize};

use super::{Entries, StoreError};

/// End of what is still open.
pub const OPEN: i64 = i64::MAX;

/// How an enrolment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// A person has to look.
    Pending,
    /// May report.
    Approved,
    /// Refused at its next request.
    Denied,
}

/// One agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentRow {
    /// Who.
    pub agent: AgentId,
    /// How its enrolment stands.
    pub standing: Standing,
    /// Host name that it claimed; proves nothing.
    pub host_name: String,
    /// Its version at enrolment.
    pub agent_version: String,
    /// When it asked.
    pub enrolled_at: Time,
    /// When it was approved.
    pub approved_at: Option<Time>,
    /// SHA-256 of the TLS key's SubjectPublicKeyInfo.
    pub tls_key: Hash,
    /// Key that signs its reports.
    pub report_key: ReportKeyPublic,
    /// Its signing request, for renewals with the same key.
    pub csr: Base64Bytes,
    /// End of its newest certificate.
    pub not_after: Option<Time>,
    /// When a second copy of it was first noticed（複製の疑い）.
    pub fork_at: Option<Time>,
    /// Why it was denied.
    pub why: String,
}

/// Tables with one sealed value a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Table {
    /// [`AgentRow`] by agent.
    Agent,
    /// Agent by hash of its TLS key.
    TlsKey,
    /// Tokens by hash of their secret.
    Token,
    /// [`Chain`] by agent.
    Chain,
    /// Newest sign of life between reports, by agent.
    LastSeen,
    /// State of the log's tree, and the newest time.
    Meta,
}

impl Table {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Agent,
        Self::TlsKey,
        Self::Token,
        Self::Chain,
        Self::LastSeen,
        Self::Meta,
    ];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::TlsKey => "tls_key",
            Self::Token => "token",
            Self::Chain => "chain",
            Self::LastSeen => "last_seen",
            Self::Meta => "meta",
        }
    }
}

/// A value with the collector's signature over table, key and value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedValue {
    /// JSON; of the log's tree plain bytes.
    pub value: Vec<u8>,
    /// Ed25519.
    pub seal: Vec<u8>,
}

/// How an agent's reports stand: all that changes with every one of them, under one seal.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Chain {
    /// Newest sequence stored.
    pub sequence: u64,
    /// Hash of the newest report's envelope.
    pub last: Option<Hash>,
    /// The beginnings of the newest reports' hashes, oldest first, each [`Chain::SHORT`] digits; the
    /// last is that of `sequence`, and zeros stand for those that are missing.
    pub recent: String,
    /// Reports known to be missing.
    pub missing: u64,
    /// The first report was received.
    pub first_at: Option<Time>,
    /// The reports in a row that go on.
    pub run: Option<RunValue>,
    /// The day that goes on.
    pub day: DayCount,
    /// Position of the newest report in the log.
    pub leaf: Option<u64>,
    /// Position of the report in the log against which the next ones are packed.
    pub base: Option<u64>,
    /// How many were.
    pub on_base: u32,
    /// Newest gauges.
    pub gauges: Option<Box<serde_json::value::RawValue>>,
}

impl Chain {
    /// Digits kept of a hash: enough that nobody finds another report to it.
    pub const SHORT: usize = 24;
}

/// An agent's reports of the day (UTC) that goes on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayCount {
    /// How many.
    pub count: u64,
    /// The first was received.
    pub first: Option<Time>,
}

/// One leaf of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeafRow {
    /// Position, from 0.
    pub position: u64,
    /// When it was received.
    pub received_at: Time,
    /// `report`, `daily`, `goodbye`, `carried`, `act`.
    pub kind: String,
    /// Whom it is about; empty for none.
    pub agent: String,
    /// Sequence of the report; 0 for none.
    pub sequence: u64,
    /// Position of the entry that it is packed against; that one stands alone.
    pub base: Option<u64>,
    /// Position of the same agent's report before it.
    pub prior: Option<u64>,
    /// The exact bytes; `None` when they cannot be unpacked.
    pub leaf: Option<Vec<u8>>,
    /// RFC 6962 leaf hash; of what was read its beginning.
    pub leaf_hash: Vec<u8>,
}

/// One version of a section.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SectionRow {
    /// Whose.
    pub agent: String,
    /// Which section.
    pub kind: String,
    /// Sequence of the report that brought it.
    pub sequence: u64,
    /// Received.
    pub t0: i64,
    /// Replaced; [`OPEN`] while it is the newest.
    pub t1: i64,
    /// The body.
    pub digest: Hash,
    /// The list of older values that the body could not confirm.
    pub kept: Option<Hash>,
    /// Read, by the machine's clock.
    pub at: i64,
    /// What was asked, in short.
    pub source: String,
}

/// Which intervals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum IntervalTable {
    /// Flows.
    Flow,
    /// Neighbours.
    Neighbour,
}

impl IntervalTable {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Flow, Self::Neighbour];

    /// Its name, which is the section's too.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Flow => "flow",
            Self::Neighbour => "neighbour",
        }
    }
}

/// One interval.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct IntervalRow {
    /// Whose.
    pub agent: String,
    /// What, as canonical JSON.
    pub item: String,
    /// Sequence of the report that brought it.
    pub sequence: u64,
    /// Opening received.
    pub t0: i64,
    /// Closing received; [`OPEN`] while it goes on.
    pub t1: i64,
    /// First seen, by the machine's clock.
    pub since: i64,
    /// Last seen, by the machine's clock; [`OPEN`] while it goes on.
    pub until: i64,
}

/// Reports in a row that changed nothing, the first of which may have; a report alone has no row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRow {
    /// Whose.
    pub agent: String,
    /// Sequence of the first.
    pub first_seq: u64,
    /// The first was received.
    pub t0: i64,
    /// The last was received.
    pub t1: i64,
    /// [`RunValue`], sealed.
    pub sealed: SealedValue,
}

/// The rest of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunValue {
    /// Whose.
    pub agent: AgentId,
    /// Sequence of the first.
    pub first_seq: u64,
    /// Sequence of the last.
    pub last_seq: u64,
    /// How many.
    pub count: u64,
    /// The first was received.
    pub t0: Time,
    /// The last was received.
    pub t1: Time,
    /// The first was collected, by the machine's clock.
    pub first_collected: Time,
    /// The last was collected.
    pub last_collected: Time,
    /// Missing in the chain up to the first.
    pub missing: u64,
    /// Boot of the machine.
    pub boot_id: String,
    /// Version of the agent.
    pub agent_version: String,
    /// Why flows or neighbours could not be asked.
    pub interval_reasons: Vec<(daicho_report::SectionKind, daicho_report::Reading<()>)>,
}

/// History that can be derived from the log.
pub trait History {
    /// A body by its digest; `None`: not there.
    fn blob(&self, digest: &Hash) -> Result<Option<Vec<u8>>, StoreError>;
    /// Adds a body, unless it is there.
    fn put_blob(&mut self, body: &[u8]) -> Result<Hash, StoreError>;
    /// Adds a body that follows another one, unless it is there.
    fn put_version(&mut self, body: &[u8], older: Option<&Hash>) -> Result<Hash, StoreError>;
    /// The newest versions of an agent's sections.
    fn open_sections(&self, agent: &str) -> Result<Vec<SectionRow>, StoreError>;
    /// Adds a version.
    fn insert_section(&mut self, row: &SectionRow) -> Result<(), StoreError>;
    /// Ends the newest version.
    fn close_section(&mut self, agent: &str, kind: &str, t1: i64) -> Result<(), StoreError>;
    /// What is open.
    fn open_intervals(
        &self,
        table: IntervalTable,
        agent: &str,
    ) -> Result<Vec<IntervalRow>, StoreError>;
    /// Whether an interval is open.
    fn is_open(&self, table: IntervalTable, agent: &str, item: &str) -> Result<bool, StoreError>;
    /// Adds an interval.
    fn insert_interval(
        &mut self,
        table: IntervalTable,
        row: &IntervalRow,
    ) -> Result<(), StoreError>;
    /// Ends an open interval.
    fn close_interval(
        &mut self,
        table: IntervalTable,
        agent: &str,
        item: &str,
        t1: i64,
        until: i64,
    ) -> Result<(), StoreError>;
    /// Every version, sorted.
    fn all_sections(&self) -> Result<Vec<SectionRow>, StoreError>;
    /// Every interval, sorted.
    fn all_intervals(&self, table: IntervalTable) -> Result<Vec<IntervalRow>, StoreError>;
}

/// Takes a stored digest, and the body or `None` when it cannot be read.
pub type BlobVisit<'a> = dyn FnMut(&[u8], Option<&[u8]>) + 'a;

/// Takes the name of a section and its bytes.
pub type Fits<'a> = dyn FnMut(&str, &[u8]) -> bool + 'a;

/// What was found among the versions of sections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Those that fit, sorted.
    pub rows: Vec<SectionRow>,
    /// How many there were.
    pub of: usize,
}

/// Everything that one transaction can do.
pub trait Rows: History + Entries {
    /// One sealed value.
    fn sealed(&self, table: Table, key: &str) -> Result<Option<SealedValue>, StoreError>;
    /// All of a table, by key.
    fn all_sealed(&self, table: Table) -> Result<Vec<(String, SealedValue)>, StoreError>;
    /// Writes one.
    fn put_sealed(
        &mut self,
        table: Table,
        key: &str,
        value: &SealedValue,
    ) -> Result<(), StoreError>;
    /// Whether a body is there; it is not read.
    fn has_blob(&self, digest: &Hash) -> Result<bool, StoreError>;
    /// Adds a leaf.
    fn append_leaf(&mut self, row: &LeafRow) -> Result<(), StoreError>;
    /// Leaves from a position on, at most `count`.
    fn leaves(&self, from: u64, count: u32) -> Result<Vec<LeafRow>, StoreError>;
    /// Adds a signed head for good.
    fn put_head(&mut self, head: &TreeHead) -> Result<(), StoreError>;
    /// The heads that were added, by size.
    fn heads(&self) -> Result<Vec<TreeHead>, StoreError>;
    /// Visits every body: the stored digest, and the body or `None` when it cannot be read.
    fn blobs(&self, visit: &mut BlobVisit<'_>) -> Result<(), StoreError>;
    /// Adds a run that is over.
    fn put_run(&mut self, row: &RunRow) -> Result<(), StoreError>;
    /// The run that began with this report, if it had more than one and is over.
    fn run_from(&self, agent: &str, first_seq: u64) -> Result<Option<RunRow>, StoreError>;
    /// Those of an agent that began at `from` or later, in order.
    fn runs_since(&self, agent: &str, from: i64) -> Result<Vec<RunRow>, StoreError>;
    /// All of them.
    fn all_runs(&self) -> Result<Vec<RunRow>, StoreError>;
    /// The versions that were newest at a time, by kind.
    fn sections_at(&self, agent: &str, at: Time) -> Result<Vec<SectionRow>, StoreError>;
    /// Intervals known at `to` that had not been closed before `from`.
    fn intervals_between(
        &self,
        table: IntervalTable,
        agent: &str,
        from: Time,
        to: Time,
    ) -> Result<Vec<IntervalRow>, StoreError>;
    /// The versions of these sections, known at `to` and not replaced by `from`, whose body or older
    /// values fit; every body is asked once.
    fn versions_holding(
        &self,
        kinds: &[&str],
        from: Time,
        to: Time,
        fits: &mut Fits<'_>,
    ) -> Result<Held, StoreError>;
    /// The agents that have an interval which fits, sorted, known at `to` that had not been closed
    /// before `from`.
    fn agents_holding(
        &self,
        table: IntervalTable,
        from: Time,
        to: Time,
        fits: &mut Fits<'_>,
    ) -> Result<Vec<String>, StoreError>;
    /// The newest leaf of a kind (`goodbye`, `carried`) about an agent by a time.
    fn alone_at(&self, agent: &str, kind: &str, at: Time) -> Result<Option<LeafRow>, StoreError>;
    /// The newest report of an agent in the log by a time; `newest` is the position of its newest.
    fn report_at(&self, agent: &str, at: Time, newest: u64) -> Result<Option<LeafRow>, StoreError>;
    /// One leaf.
    fn leaf(&self, position: u64) -> Result<Option<LeafRow>, StoreError>;
    /// Tables whose numbers are not all there: a row was taken out or renumbered.
    fn gaps(&self) -> Result<Vec<String>, StoreError>;
    /// Tables that hold rows of a site that this store does not serve.
    fn elsewhere(&self) -> Result<Vec<String>, StoreError>;
}
