//! Applies a report to history. Comes in: an envelope and bodies; goes out: rows of versions and
//! intervals, and what changed. The same leaf applied to the same history gives the same rows, so
//! that history can be derived from the log again.

use std::collections::{BTreeMap, BTreeSet};

use daicho_report::{
    Closed, Envelope, Flow, Hash, IntervalBody, Kept, Neighbour, Opened, Reading, Section,
    SectionKind, SectionRef, Time,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::kept;
use crate::refusal::Refused;
use crate::store::{History, IntervalRow, IntervalTable, OPEN, SectionRow, StoreError};

/// Most kinds of sections of one agent.
const KINDS_MAX: usize = 64;

/// What a report changed.
#[derive(Debug, Default)]
pub struct Change {
    /// Whether any row did.
    pub changed: bool,
    /// Why flows or neighbours could not be asked, sorted by kind.
    pub reasons: Vec<(SectionKind, Reading<()>)>,
    /// Kinds of intervals whose body is not the whole set.
    pub not_whole: Vec<SectionKind>,
}

/// Applies a report.
///
/// `open` are the newest versions of the agent's sections.
pub fn apply<H: History + ?Sized>(
    history: &mut H,
    report: &ReportOf<'_>,
    open: Vec<SectionRow>,
    bodies: &[Section],
) -> Result<Change, StoreError> {
    let mut change = Change::default();
    let envelope = report.envelope;
    let open: BTreeMap<String, SectionRow> = open
        .into_iter()
        .map(|row| (row.kind.clone(), row))
        .collect();
    let mut kinds: BTreeSet<&str> = open.keys().map(String::as_str).collect();
    kinds.extend(
        envelope
            .sections
            .iter()
            .map(|section| section.kind.as_str()),
    );
    if kinds.len() > KINDS_MAX {
        return Err(Refused::new("ING-002", format!("more than {KINDS_MAX} sections")).into());
    }
    let versions = envelope
        .sections
        .iter()
        .filter(|it| kept(&it.kind) == Kept::Versions);
    for section in versions {
        let body = bodies.iter().find(|body| body.kind == section.kind);
        let older = open.get(section.kind.as_str());
        change.changed |= version(history, report, section, body, older)?;
    }
    for (kind, older) in &open {
        if !envelope
            .sections
            .iter()
            .any(|section| section.kind.as_str() == kind)
        {
            change.changed |= absent(history, report, envelope.collected_at, older)?;
        }
    }
    for body in bodies {
        match body.kind.as_str() {
            "flow" => {
                intervals::<Flow, H>(history, report, IntervalTable::Flow, body, &mut change)?
            }
            "neighbour" => intervals::<Neighbour, H>(
                history,
                report,
                IntervalTable::Neighbour,
                body,
                &mut change,
            )?,
            _ => {}
        }
    }
    change.reasons.sort_by(|one, other| one.0.cmp(&other.0));
    Ok(change)
}

/// Whose report, when it was received, and what it says.
#[derive(Debug, Clone, Copy)]
pub struct ReportOf<'a> {
    /// Whose.
    pub agent: &'a str,
    /// When it was received.
    pub now: Time,
    /// What it says.
    pub envelope: &'a Envelope,
}

impl ReportOf<'_> {
    fn version(&self, kind: &str, digest: Hash, at: Time, source: &str) -> SectionRow {
        SectionRow {
            agent: self.agent.to_owned(),
            kind: kind.to_owned(),
            sequence: self.envelope.sequence,
            t0: self.now.seconds(),
            t1: OPEN,
            digest,
            kept: None,
            at: at.seconds(),
            source: source.chars().take(100).collect(),
        }
    }
}

fn version<H: History + ?Sized>(
    history: &mut H,
    report: &ReportOf<'_>,
    section: &SectionRef,
    body: Option<&Section>,
    older: Option<&SectionRow>,
) -> Result<bool, StoreError> {
    if older.is_some_and(|older| section.hash.names(&older.digest)) {
        return Ok(false);
    }
    let digest = match (section.hash.whole(), body) {
        (Some(whole), _) => whole,
        (None, Some(body)) => body.hash,
        (None, None) => {
            let kind = &section.kind;
            return Err(StoreError::Corrupt(format!(
                "section {kind}: its body is not there"
            )));
        }
    };
    if let Some(body) = body {
        let older = older.map(|older| &older.digest);
        history.put_version(body.body.get().as_bytes(), older)?;
    }
    let row = report.version(section.kind.as_str(), digest, section.at, &section.source);
    replace(history, report, row, older)?;
    Ok(true)
}

/// A kind that was there before and is not in this report: nothing of it was asked.
fn absent<H: History + ?Sized>(
    history: &mut H,
    report: &ReportOf<'_>,
    at: Time,
    older: &SectionRow,
) -> Result<bool, StoreError> {
    let digest = history.put_blob(b"{}")?;
    if older.digest == digest {
        return Ok(false);
    }
    let row = report.version(&older.kind, digest, at, "");
    replace(history, report, row, Some(older))?;
    Ok(true)
}

fn replace<H: History + ?Sized>(
    history: &mut H,
    report: &ReportOf<'_>,
    mut row: SectionRow,
    older: Option<&SectionRow>,
) -> Result<(), StoreError> {
    if let Some(older) = older {
        let carried = carried(history, &row.digest, older)?;
        if !carried.is_empty() {
            let list =
                serde_json::to_vec(&carried).map_err(|error| StoreError::Engine(error.into()))?;
            row.kept = Some(history.put_version(&list, older.kept.as_ref())?);
        }
        history.close_section(report.agent, &row.kind, report.now.seconds())?;
    }
    history.insert_section(&row)
}

type Fields = BTreeMap<String, Box<RawValue>>;

fn fields<H: History + ?Sized>(history: &H, digest: &Hash) -> Result<Fields, StoreError> {
    let body = history.blob(digest)?;
    let body = body.ok_or_else(|| StoreError::Corrupt(format!("body {digest}: not there")))?;
    // What is no object has no fields whose values could be kept.
    Ok(serde_json::from_slice(&body).unwrap_or_default())
}

fn is_known(reading: &RawValue) -> bool {
    let outer: Result<Fields, _> = serde_json::from_str(reading.get());
    outer.is_ok_and(|outer| outer.contains_key("known"))
}

/// The list of older values in the store.
pub fn kept_list<H: History + ?Sized>(
    history: &H,
    digest: Option<&Hash>,
) -> Result<Vec<daicho_ledger::Kept>, StoreError> {
    let Some(digest) = digest else {
        return Ok(Vec::new());
    };
    let corrupt = || StoreError::Corrupt(format!("older values {digest}"));
    let list = history.blob(digest)?.ok_or_else(corrupt)?;
    serde_json::from_slice(&list).map_err(|_| corrupt())
}

/// Older values of fields that the new body does not confirm, sorted by field.
fn carried<H: History + ?Sized>(
    history: &H,
    newer: &Hash,
    older: &SectionRow,
) -> Result<Vec<daicho_ledger::Kept>, StoreError> {
    let newer = fields(history, newer)?;
    let mut values: BTreeMap<String, daicho_ledger::Kept> = BTreeMap::new();
    for kept in kept_list(history, older.kept.as_ref())? {
        values.insert(kept.field.clone(), kept);
    }
    for (field, reading) in fields(history, &older.digest)? {
        if is_known(&reading) {
            let at = Time::from_seconds(older.at);
            values.insert(field.clone(), daicho_ledger::Kept { field, at, reading });
        }
    }
    let confirmed = |field: &str| newer.get(field).is_some_and(|reading| is_known(reading));
    Ok(values
        .into_values()
        .filter(|kept| !confirmed(&kept.field))
        .collect())
}

fn intervals<T, H: History + ?Sized>(
    history: &mut H,
    report: &ReportOf<'_>,
    table: IntervalTable,
    section: &Section,
    change: &mut Change,
) -> Result<(), StoreError>
where
    T: Serialize + DeserializeOwned,
{
    let body: IntervalBody<T> = serde_json::from_str(section.body.get())
        .map_err(|error| Refused::new("ING-010", format!("{}: {error}", section.kind)))?;
    if !body.whole {
        change.not_whole.push(section.kind.clone());
    }
    if body.asked.reason().is_some() {
        change.reasons.push((section.kind.clone(), body.asked));
        return Ok(());
    }
    let open = open_of(history, report.agent, table, &body)?;
    let now = report.now.seconds();
    let ended = ended(&body, &open, section.at)?;
    for (item, until) in &ended {
        history.close_interval(table, report.agent, item, now, until.seconds())?;
    }
    let mut begun = BTreeSet::new();
    for Opened { item, since } in &body.opened {
        let item = text(item)?;
        let is_open = open.contains(&item) && !ended.contains_key(&item);
        if is_open || !begun.insert(item.clone()) {
            continue;
        }
        history.insert_interval(table, &row(report, item, *since))?;
    }
    change.changed |= !ended.is_empty() || !begun.is_empty();
    Ok(())
}

/// Why flows or neighbours could not be asked, sorted by kind.
pub fn reasons(bodies: &[Section]) -> Result<Vec<(SectionKind, Reading<()>)>, StoreError> {
    #[derive(serde::Deserialize)]
    struct Asked {
        asked: Reading<()>,
    }
    let mut reasons = Vec::new();
    for section in bodies {
        let body: Asked = serde_json::from_str(section.body.get())
            .map_err(|_| StoreError::Corrupt(section.kind.to_string()))?;
        if body.asked.reason().is_some() {
            reasons.push((section.kind.clone(), body.asked));
        }
    }
    reasons.sort_by(|one, other| one.0.cmp(&other.0));
    Ok(reasons)
}

/// What is open, as far as the body speaks of it: most speak of a few items among hundreds.
fn open_of<T: Serialize, H: History + ?Sized>(
    history: &H,
    agent: &str,
    table: IntervalTable,
    body: &IntervalBody<T>,
) -> Result<BTreeSet<String>, StoreError> {
    if body.whole {
        let all = history.open_intervals(table, agent)?;
        return Ok(all.into_iter().map(|row| row.item).collect());
    }
    let mut open = BTreeSet::new();
    let opened = body.opened.iter().map(|it| &it.item);
    for item in opened.chain(body.closed.iter().map(|it| &it.item)) {
        let item = text(item)?;
        if history.is_open(table, agent, &item)? {
            open.insert(item);
        }
    }
    Ok(open)
}

fn row(report: &ReportOf<'_>, item: String, since: Time) -> IntervalRow {
    IntervalRow {
        agent: report.agent.to_owned(),
        item,
        sequence: report.envelope.sequence,
        t0: report.now.seconds(),
        t1: OPEN,
        since: since.seconds(),
        until: OPEN,
    }
}

/// What ends: what the body says, and, when it is whole, everything else that was open; that was
/// last seen at the latest when the section was read.
fn ended<T: Serialize>(
    body: &IntervalBody<T>,
    open: &BTreeSet<String>,
    at: Time,
) -> Result<BTreeMap<String, Time>, StoreError> {
    let mut ended = BTreeMap::new();
    for Closed { item, until } in &body.closed {
        let item = text(item)?;
        if open.contains(&item) {
            ended.insert(item, *until);
        }
    }
    if body.whole {
        let mut whole = BTreeSet::new();
        for opened in &body.opened {
            whole.insert(text(&opened.item)?);
        }
        for item in open.difference(&whole) {
            ended.entry(item.clone()).or_insert(at);
        }
    }
    Ok(ended)
}

/// An item as canonical JSON: the fields in the order of its type.
fn text<T: Serialize>(item: &T) -> Result<String, StoreError> {
    serde_json::to_string(item).map_err(|error| StoreError::Engine(error.into()))
}
