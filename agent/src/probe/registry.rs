//! Settings in the registry. Comes in: keys in the order in which they count, and the name of a value;
//! goes out: its number or text, or nothing where no key has it; a value of another type than it has to
//! be is an error, never a default.

use daicho_report::Reason;

use super::field::line;
use crate::platform::{Miss, RawValue, Source};

/// What the system knows of each service and driver.
pub(super) const SERVICES: &str = r"HKLM\SYSTEM\CurrentControlSet\Services";

/// The first of these keys that has the value, with its value.
fn first<'a>(
    source: &Source,
    keys: &[&'a str],
    name: &str,
) -> Result<Option<(&'a str, RawValue)>, Reason> {
    for key in keys {
        match source.registry(key, name) {
            Ok(value) => return Ok(Some((key, value))),
            Err(Miss::Absent) => {}
            Err(Miss::Unknown(reason)) => return Err(reason),
        }
    }
    Ok(None)
}

/// A number; some settings are written as text.
pub(super) fn number(source: &Source, keys: &[&str], name: &str) -> Result<Option<u64>, Reason> {
    let Some((_, value)) = first(source, keys, name)? else {
        return Ok(None);
    };
    let written = || value.text()?.parse().ok();
    match value.number().or_else(written) {
        Some(number) => Ok(Some(number)),
        None => Err(Reason::failed("parse")),
    }
}

/// One line of text; an empty one is none.
pub(super) fn text(source: &Source, keys: &[&str], name: &str) -> Result<Option<String>, Reason> {
    match first(source, keys, name)? {
        Some((_, RawValue::Text(text))) => Ok(line(&text)),
        Some(_) => Err(Reason::failed("parse")),
        None => Ok(None),
    }
}

/// The bytes of a value.
pub(super) fn bytes(source: &Source, key: &str, name: &str) -> Result<Option<Vec<u8>>, Reason> {
    let Some((_, value)) = first(source, &[key], name)? else {
        return Ok(None);
    };
    value.bytes().map(Some).ok_or(Reason::failed("parse"))
}

/// Whether a setting is on: 0 is off, and any other number on.
pub(super) fn is_on(source: &Source, keys: &[&str], name: &str) -> Result<Option<bool>, Reason> {
    Ok(number(source, keys, name)?.map(|it| it != 0))
}

/// Keys below a key; one that is not there has none.
pub(super) fn keys(source: &Source, key: &str) -> Result<Vec<String>, Reason> {
    none_if_absent(source.registry_keys(key))
}

/// Names of the values of a key; one that is not there has none.
pub(super) fn names(source: &Source, key: &str) -> Result<Vec<String>, Reason> {
    none_if_absent(source.registry_names(key))
}

fn none_if_absent(answer: Result<Vec<String>, Miss>) -> Result<Vec<String>, Reason> {
    match answer {
        Ok(names) => Ok(names),
        Err(Miss::Absent) => Ok(Vec::new()),
        Err(Miss::Unknown(reason)) => Err(reason),
    }
}

/// SIDs of people whose part of the registry is loaded: those who are logged in.
pub(super) fn people(source: &Source) -> Result<Vec<String>, Reason> {
    let all = source.registry_keys("HKU").map_err(Miss::reason)?;
    let is_person = |sid: &String| {
        // Of this machine or a domain, or of a directory in the cloud.
        let known = sid.starts_with("S-1-5-21-") || sid.starts_with("S-1-12-1-");
        known && !sid.ends_with("_Classes")
    };
    Ok(all.into_iter().filter(is_person).collect())
}
