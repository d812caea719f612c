//! Rows that may change, each signed by the collector's key over table, key and value, so that a
//! change by anything else is found. Comes in: values; goes out: sealed JSON. Reading for work does
//! not check the seal; `check` does, with the public half alone.

use daicho_report::{ReportKey, ReportKeyPublic, SealError, Signature, Time};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Rows, SealedValue, StoreError, Table};

const NEWEST: &str = "newest_receipt";

fn signed_bytes(table: &str, key: &str, value: &[u8]) -> Vec<u8> {
    let mut bytes = format!("daicho row v1\n{table}\n{key}\n").into_bytes();
    bytes.extend_from_slice(value);
    bytes
}

/// Seals a value.
pub fn seal<T: Serialize>(
    log_key: &ReportKey,
    table: &str,
    key: &str,
    value: &T,
) -> Result<SealedValue, StoreError> {
    let value = serde_json::to_vec(value).map_err(|error| StoreError::Engine(error.into()))?;
    let seal = log_key
        .sign(&signed_bytes(table, key, &value))
        .bytes()
        .to_vec();
    Ok(SealedValue { value, seal })
}

/// Checks a seal.
pub fn verify(
    public: &ReportKeyPublic,
    table: &str,
    key: &str,
    sealed: &SealedValue,
) -> Result<(), SealError> {
    let bytes = signed_bytes(table, key, &sealed.value);
    public.verify(&bytes, &Signature::from_bytes(&sealed.seal))
}

/// Reads a value as its type.
pub fn decode<T: DeserializeOwned>(what: &str, sealed: &SealedValue) -> Result<T, StoreError> {
    serde_json::from_slice(&sealed.value).map_err(|_| StoreError::Corrupt(what.to_owned()))
}

/// One value.
pub fn one<T: DeserializeOwned>(
    rows: &dyn Rows,
    table: Table,
    key: &str,
) -> Result<Option<T>, StoreError> {
    let sealed = rows.sealed(table, key)?;
    sealed
        .map(|sealed| decode(&format!("{} `{key}`", table.name()), &sealed))
        .transpose()
}

/// All values of a table.
pub fn all<T: DeserializeOwned>(rows: &dyn Rows, table: Table) -> Result<Vec<T>, StoreError> {
    let every = rows.all_sealed(table)?;
    every
        .iter()
        .map(|(key, sealed)| decode(&format!("{} `{key}`", table.name()), sealed))
        .collect()
}

/// Writes one value.
pub fn put<T: Serialize>(
    rows: &mut dyn Rows,
    log_key: &ReportKey,
    table: Table,
    key: &str,
    value: &T,
) -> Result<(), StoreError> {
    let sealed = seal(log_key, table.name(), key, value)?;
    rows.put_sealed(table, key, &sealed)
}

/// The newest time of receipt.
pub fn newest(rows: &dyn Rows) -> Result<Option<Time>, StoreError> {
    let stored: Option<Time> = one(rows, Table::Meta, NEWEST)?;
    let head = crate::log::newest_head(rows)?.map(|head| head.at);
    Ok(stored.max(head))
}

/// The time of what is received now: never before what is stored.
pub fn receipt(rows: &dyn Rows, clock: Time) -> Result<Time, StoreError> {
    let newest = newest(rows)?;
    Ok(newest.map_or(clock, |newest| newest.max(clock)))
}

/// The same, and it is stored.
pub fn receive(rows: &mut dyn Rows, log_key: &ReportKey, clock: Time) -> Result<Time, StoreError> {
    let now = receipt(rows, clock)?;
    received(rows, log_key, now)?;
    Ok(now)
}

/// Stores the time of what was received, unless the log's head already says it.
pub fn received(rows: &mut dyn Rows, log_key: &ReportKey, now: Time) -> Result<(), StoreError> {
    if newest(rows)? == Some(now) {
        return Ok(());
    }
    put(rows, log_key, Table::Meta, NEWEST, &now)
}
