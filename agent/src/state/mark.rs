//! The highest number that any report has had, in a small file of a fixed size. Comes in: a mark;
//! goes out: the same, also after a torn write. It needs no new room on the disk, so that a number is
//! durable before it is sent even when nothing else can be written.

use std::io;
use std::path::Path;

use daicho_report::Hash;

use super::{disk, file};

#[cfg(test)]
mod tests;

/// Two places, each in a sector of its own, written in turn: one of both is always whole.
const PLACE_BYTES: usize = 4_096;
const PLACES: [usize; 2] = [0, PLACE_BYTES];
const TEXT_BYTES: usize = 512;
const NAME: &str = "daicho-mark-1";

/// How far the numbers have come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    /// The highest sequence that may have been sent.
    pub(super) sequence: u64,
    /// Hash of its envelope.
    pub(super) previous: Hash,
    /// The highest sequence that the collector said it has.
    pub(super) acknowledged: u64,
}

/// What the file says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Read {
    /// The newest mark that is whole.
    pub(super) mark: Mark,
    /// Both places are whole: there is no newer mark that was lost.
    pub(super) certain: bool,
}

#[derive(Debug, Clone, Copy)]
struct Place {
    count: u64,
    mark: Mark,
}

/// The newest mark; `None` where there is no file or nothing whole in it.
pub(super) fn read(path: &Path) -> Option<Read> {
    let bytes = file::read_bounded(path).ok()??;
    let places = places(&bytes);
    let newest = places.iter().flatten().max_by_key(|it| it.count)?;
    Some(Read {
        mark: newest.mark,
        certain: places.iter().all(Option::is_some),
    })
}

/// Writes a mark durably, in the place that does not hold the newest one.
pub(super) fn write(path: &Path, mark: Mark) -> io::Result<()> {
    let bytes = file::read_bounded(path).ok().flatten().unwrap_or_default();
    let [first, second] = places(&bytes);
    let (count, offset) = match (first, second) {
        (Some(first), Some(second)) if first.count >= second.count => (first.count, PLACE_BYTES),
        (Some(first), None) => (first.count, PLACE_BYTES),
        (_, Some(second)) => (second.count, 0),
        (None, None) => (0, 0),
    };
    let text = text(count + 1, mark);
    if bytes.len() == PLACE_BYTES * PLACES.len() {
        let offset = u64::try_from(offset).unwrap_or(u64::MAX);
        return disk::overwrite(path, offset, &text);
    }
    // Zeros are written, not left out: the room must be taken.
    let mut whole = vec![0; PLACE_BYTES * PLACES.len()];
    if let Some(place) = whole.get_mut(..text.len()) {
        place.copy_from_slice(&text);
    }
    file::write_atomically(path, &whole)
}

fn text(count: u64, mark: Mark) -> Vec<u8> {
    let Mark {
        sequence,
        previous,
        acknowledged,
    } = mark;
    let content = format!("{NAME} {count} {sequence} {previous} {acknowledged}");
    let sum = Hash::of(content.as_bytes());
    let width = TEXT_BYTES - 1;
    format!("{:width$}\n", format!("{content} {sum}")).into_bytes()
}

fn places(bytes: &[u8]) -> [Option<Place>; 2] {
    PLACES.map(|at| place(bytes.get(at..at + TEXT_BYTES)?))
}

fn place(bytes: &[u8]) -> Option<Place> {
    let text = std::str::from_utf8(bytes).ok()?.trim_end();
    let (content, sum) = text.rsplit_once(' ')?;
    if Hash::of(content.as_bytes()).to_string() != sum {
        return None;
    }
    let mut parts = content.strip_prefix(NAME)?.split_ascii_whitespace();
    let count = parts.next()?.parse().ok()?;
    let mark = Mark {
        sequence: parts.next()?.parse().ok()?,
        previous: Hash::parse(parts.next()?)?,
        acknowledged: parts.next()?.parse().ok()?,
    };
    Some(Place { count, mark })
}
