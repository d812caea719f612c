//! What people keep by hand, in the store. Comes in: entries with the name of who wrote them; goes
//! out: versions with a leaf of the log each, and the entries as they stood at a moment. An entry is
//! never changed: what replaces or withdraws it ends it.

pub mod bounds;
pub mod file;
pub mod reference;
pub mod sheet;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use daicho_ledger::Hand;
use daicho_ledger::hand::{Entry, EntryBody, HandFields, HandValue};
use daicho_report::{Address, Time};

use crate::log::{self, Act, Leaf};
use crate::refusal::Refused;
use crate::site::SiteCollector;
use crate::store::{self, EntryRow, OPEN, Rows, StoreError};

/// An entry to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Stable name within its kind.
    pub key: String,
    /// What it says.
    pub body: EntryBody,
}

/// What writing a draft does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// Nothing of this key stands.
    New,
    /// It replaces what stands.
    Changed,
    /// It says what stands.
    Unchanged,
}

/// Entries as they stood at a moment, sorted.
pub fn at(rows: &dyn Rows, at: Time) -> Result<Hand, StoreError> {
    let standing = rows.entries_at(at)?;
    let entries: Result<Vec<Entry>, StoreError> =
        standing.iter().map(|row| entry(rows, row)).collect();
    Ok(Hand::new(entries?))
}

fn entry(rows: &dyn Rows, row: &EntryRow) -> Result<Entry, StoreError> {
    let corrupt = || StoreError::Corrupt(format!("entry {} `{}`", row.kind, row.key));
    let body = rows.blob(&row.digest)?.ok_or_else(corrupt)?;
    let body: EntryBody = serde_json::from_slice(&body).map_err(|_| corrupt())?;
    if body.kind() != row.kind {
        return Err(corrupt());
    }
    Ok(Entry {
        key: row.key.clone(),
        by: row.by.clone(),
        at: Time::from_seconds(row.t0),
        body,
    })
}

/// Entries as they stand.
pub fn now(store: &dyn store::Store) -> Result<Hand, Refused> {
    store::read(store, |rows| at(rows, Time::from_seconds(OPEN - 1))).map_err(StoreError::refused)
}

/// The key of the next entry of a kind whose keys are numbered after what stands before the number.
#[must_use]
pub fn next_key(standing: &Hand, kind: &str, before: &str) -> String {
    let of_kind = standing.entries.iter().filter(|it| it.body.kind() == kind);
    let numbers = of_kind.filter_map(|it| it.key.strip_prefix(before)?.parse::<u32>().ok());
    let next = numbers.max().unwrap_or_default().saturating_add(1);
    format!("{before}{next}")
}

/// What each draft would do, in the order of the drafts.
#[must_use]
pub fn changes(standing: &Hand, drafts: &[Draft]) -> Vec<Change> {
    let standing: BTreeMap<(&str, &str), &EntryBody> = standing
        .entries
        .iter()
        .map(|it| ((it.body.kind(), it.key.as_str()), &it.body))
        .collect();
    let change = |draft: &Draft| match standing.get(&(draft.body.kind(), draft.key.as_str())) {
        None => Change::New,
        Some(body) if says_the_same(body, &draft.body) => Change::Unchanged,
        Some(_) => Change::Changed,
    };
    drafts.iter().map(change).collect()
}

/// Writes all drafts or none, in one commit; what says what stands already is left as it is.
pub fn enter(site: &SiteCollector, by: &str, drafts: &[Draft]) -> Result<Vec<Change>, Refused> {
    bounds::person(by)?;
    site.write(|rows, now| enter_in(site, rows, now, by, drafts))
}

/// The same with the bytes of the files that drafts name.
pub fn enter_with(
    site: &SiteCollector,
    by: &str,
    drafts: &[Draft],
    files: &[Vec<u8>],
) -> Result<Vec<Change>, Refused> {
    bounds::person(by)?;
    site.write(|rows, now| {
        for file in files {
            rows.put_blob(file)?;
        }
        enter_in(site, rows, now, by, drafts)
    })
}

/// The same in a transaction of the caller's.
pub(crate) fn enter_in(
    site: &SiteCollector,
    rows: &mut dyn Rows,
    now: Time,
    by: &str,
    drafts: &[Draft],
) -> Result<Vec<Change>, StoreError> {
    bounds::drafts(drafts)?;
    let mut position = log::stored_frontier(rows)?.size();
    let mut leaves = Vec::new();
    let mut changes = Vec::with_capacity(drafts.len());
    for draft in drafts {
        let kind = draft.body.kind();
        if let Some(file) = draft.body.file()
            && rows.blob(&file.digest)?.is_none()
        {
            return Err(Refused::new("SIT-014", file.name.clone()).into());
        }
        let older = rows.open_entry(kind, &draft.key)?;
        let body = stamped(rows, older.as_ref(), draft, by, now)?;
        let body = serde_json::to_vec(&body);
        let body = body.map_err(|error| StoreError::Engine(error.into()))?;
        let digest = rows.put_blob(&body)?;
        if older.as_ref().is_some_and(|older| older.digest == digest) {
            changes.push(Change::Unchanged);
            continue;
        }
        if older.is_some() && matches!(draft.body, EntryBody::Case(_)) {
            return Err(Refused::new("CAS-001", draft.key.clone()).into());
        }
        changes.push(if older.is_some() {
            rows.close_entry(kind, &draft.key, now.seconds())?;
            Change::Changed
        } else {
            Change::New
        });
        rows.insert_entry(&EntryRow {
            kind: kind.to_owned(),
            key: draft.key.clone(),
            position,
            t0: now.seconds(),
            t1: OPEN,
            digest,
            by: by.to_owned(),
        })?;
        position += 1;
        leaves.push(Leaf::Act {
            received_at: now,
            act: Act::Entered {
                kind: kind.to_owned(),
                key: draft.key.clone(),
                by: by.to_owned(),
                body: digest,
            },
        });
    }
    bounds::count(rows)?;
    log::append(rows, &site.log_key, now, &leaves)?;
    Ok(changes)
}

/// Whether two bodies say the same; who said it and when does not count.
fn says_the_same(one: &EntryBody, other: &EntryBody) -> bool {
    match (one, other) {
        (EntryBody::Fields(one), EntryBody::Fields(other)) => {
            let texts = |it: &HandFields| -> Vec<(String, String)> {
                let values = it.values.iter();
                values
                    .map(|(name, value)| (name.clone(), value.text.clone()))
                    .collect()
            };
            texts(one) == texts(other)
        }
        _ => one == other,
    }
}

/// The body with who wrote each value and when: a value that stands already keeps its own.
fn stamped(
    rows: &dyn Rows,
    older: Option<&EntryRow>,
    draft: &Draft,
    by: &str,
    now: Time,
) -> Result<EntryBody, StoreError> {
    let EntryBody::Fields(fields) = &draft.body else {
        return Ok(draft.body.clone());
    };
    let older = older.map(|row| entry(rows, row)).transpose()?;
    let standing = older.map(|it| it.body);
    let mut fields = fields.clone();
    for (name, value) in &mut fields.values {
        let before = match &standing {
            Some(EntryBody::Fields(before)) => before.values.get(name),
            _ => None,
        };
        *value = match before.filter(|it| it.text == value.text) {
            Some(before) => before.clone(),
            None => HandValue {
                text: value.text.clone(),
                by: by.to_owned(),
                at: now,
            },
        };
    }
    Ok(EntryBody::Fields(fields))
}

/// An address with its prefix, as people write it: `10.1.2.3/24`.
#[must_use]
pub fn address(text: &str) -> Option<Address> {
    let (address, prefix) = text.trim().split_once('/')?;
    let address: IpAddr = address.parse().ok()?;
    let digits = prefix.bytes().all(|byte| byte.is_ascii_digit());
    let prefix: u8 = prefix.parse().ok().filter(|_| digits)?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    (prefix <= most).then_some(Address { address, prefix })
}

/// Ends an entry.
pub fn withdraw(
    site: &SiteCollector,
    by: &str,
    kind: &str,
    key: &str,
    why: &str,
) -> Result<(), Refused> {
    bounds::person(by)?;
    bounds::reason(why)?;
    if kind == "case" {
        return Err(Refused::new("CAS-001", key.to_owned()));
    }
    site.write(|rows, now| {
        if rows.open_entry(kind, key)?.is_none() {
            let keys = keys(rows, kind)?;
            return Err(unknown("SIT-004", key, &keys).into());
        }
        rows.close_entry(kind, key, now.seconds())?;
        let act = Act::Withdrawn {
            kind: kind.to_owned(),
            key: key.to_owned(),
            by: by.to_owned(),
            why: why.to_owned(),
        };
        site.log_act(rows, now, act)
    })
}

fn keys(rows: &dyn Rows, kind: &str) -> Result<BTreeSet<String>, StoreError> {
    let standing = rows.entries_at(Time::from_seconds(OPEN - 1))?;
    let keys = standing.into_iter().filter(|row| row.kind == kind);
    Ok(keys.map(|row| row.key).collect())
}

/// A refusal that names what comes nearest to what was written.
#[must_use]
pub fn unknown(code: &'static str, written: &str, known: &BTreeSet<String>) -> Refused {
    let near = nearest(written, known);
    let written: String = written.chars().take(80).collect();
    if near.is_empty() {
        return Refused::new(code, written);
    }
    Refused::new(
        code,
        format!("{written}（近いもの / near: {}）", near.join(", ")),
    )
}

/// At most three of the known names that come nearest to what was written, nearest first.
#[must_use]
pub fn nearest(written: &str, known: &BTreeSet<String>) -> Vec<String> {
    let written: Vec<char> = written.chars().take(200).collect();
    let mut near: Vec<(usize, &String)> = known
        .iter()
        .map(|name| (distance(&written, name), name))
        .collect();
    near.sort();
    near.truncate(3);
    near.into_iter().map(|(_, name)| name.clone()).collect()
}

/// How many characters have to be put in, taken out or exchanged.
fn distance(one: &[char], other: &str) -> usize {
    let mut before: Vec<usize> = (0..=one.len()).collect();
    for (row, wanted) in other.chars().take(200).enumerate() {
        let mut after = Vec::with_capacity(before.len());
        after.push(row + 1);
        for (character, pair) in one.iter().zip(before.windows(2)) {
            let &[diagonal, above] = pair else { continue };
            let left = after.last().copied().unwrap_or(row);
            let exchanged = diagonal + usize::from(*character != wanted);
            after.push(exchanged.min(above + 1).min(left + 1));
        }
        before = after;
    }
    before.last().copied().unwrap_or(0)
}

#[cfg(test)]
pub(crate) mod tests;
