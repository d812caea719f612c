//! Log-in records, as utmp(5) lays them out. Comes in: bytes of such a file; goes out: names of people
//! in their order, or the records with other names. Which of the layouts it is, the records tell; of
//! a record nothing but its kind and name is taken.

use std::cmp::Reverse;

#[cfg(test)]
mod tests;

/// Sizes of a record: on x86_64, and where times have 64 bits (aarch64, musl).
const SIZES: [usize; 2] = [384, 400];
const NAME_AT: usize = 44;
const NAME_BYTES: usize = 32;
const KIND_MAX: u16 = 9;
const USER_PROCESS: u16 = 7;
/// A whole number of records of each size.
pub const TAIL_BYTES: usize = 9_600 * 16;

/// Names of the records of people; nothing when these are no records.
#[must_use]
pub fn people(bytes: &[u8]) -> Option<Vec<String>> {
    let records = bytes.chunks_exact(size(bytes)?);
    let people = records.filter(|record| kind(record) == Some(USER_PROCESS));
    let names = people.map(|record| String::from_utf8_lossy(name(record)).into_owned());
    Some(names.filter(|name| !name.is_empty()).collect())
}

/// The same records with kind and another name, and nothing else.
#[must_use]
pub fn renamed(bytes: &[u8], mut other: impl FnMut(&str) -> String) -> Option<Vec<u8>> {
    let size = size(bytes)?;
    let mut out = Vec::with_capacity(bytes.len());
    for record in bytes.chunks_exact(size) {
        let at = out.len();
        out.extend(kind(record)?.to_le_bytes());
        out.resize(at + NAME_AT, 0);
        let name = other(&String::from_utf8_lossy(name(record)));
        out.extend(name.bytes().take(NAME_BYTES));
        out.resize(at + size, 0);
    }
    Some(out)
}

/// The size with which all records make sense; of two, the one with fewer records that say nothing.
fn size(bytes: &[u8]) -> Option<usize> {
    let fits = |size: &usize| {
        let mut records = bytes.chunks_exact(*size);
        let any = bytes.is_empty() || bytes.len() >= *size;
        any && records.all(|it| kind(it).is_some_and(|kind| kind <= KIND_MAX))
    };
    let score = |size: &usize| {
        let empty = bytes.chunks_exact(*size).filter(|it| kind(it) == Some(0));
        // The last record may be half written.
        (bytes.len().is_multiple_of(*size), Reverse(empty.count()))
    };
    SIZES.into_iter().rev().filter(fits).max_by_key(score)
}

fn kind(record: &[u8]) -> Option<u16> {
    record.first_chunk::<2>().map(|it| u16::from_le_bytes(*it))
}

fn name(record: &[u8]) -> &[u8] {
    let field = record.get(NAME_AT..NAME_AT + NAME_BYTES);
    let mut parts = field.unwrap_or_default().split(|byte| *byte == 0);
    parts.next().unwrap_or_default()
}
