//! The write-ahead log beside an SQLite file: pages that are committed and not yet in the file. Comes
//! in: the log; goes out: where the newest committed copy of each page stands. What is not committed,
//! and what an earlier round of the log left behind, is never used.

use std::collections::BTreeMap;

use super::Answer;
use super::number::Order::{self, Big};
use super::pages::Pages;
use super::{damaged, failed};

const ENDING: &str = "-wal";
const START_BYTES: usize = 32;
const FRAME_BYTES: usize = 24;
/// The lowest bit says in which order checksums read their words.
const MAGIC: u32 = 0x377f_0682;
const VERSION: u32 = 3_007_000;

/// How the log beside a file begins: every round of it begins otherwise. Empty: there is none.
pub(super) fn round(database: &Pages) -> Answer<Vec<u8>> {
    match database.beside(ENDING)? {
        Some(file) => start(&file),
        None => Ok(Vec::new()),
    }
}

fn start(file: &Pages) -> Answer<Vec<u8>> {
    let mut start = Vec::new();
    if file.len()? >= START_BYTES as u64 {
        file.read(0, START_BYTES, &mut start)?;
    }
    Ok(start)
}

/// A log with committed pages.
pub(super) struct Wal {
    file: Pages,
    start: Vec<u8>,
    /// Offset of the newest copy of each page.
    frames: BTreeMap<u32, u64>,
    /// Pages of the database after the last commit.
    pub(super) pages: u32,
}

impl Wal {
    /// The log beside a file; nothing: there is none, or no transaction in it.
    pub(super) fn beside(database: &Pages, page_bytes: usize) -> Answer<Option<Self>> {
        let Some(file) = database.beside(ENDING)? else {
            return Ok(None);
        };
        let len = file.len()?;
        let start = start(&file)?;
        let Some(sum) = Sum::of_log(&start) else {
            return Ok(None);
        };
        if Big.u32(&start, 4) != Some(VERSION) {
            return Err(failed("unknown version of log"));
        }
        if Big.size(&start, 8) != Some(page_bytes) {
            return Err(damaged("log"));
        }
        let mut wal = Self {
            file,
            start,
            frames: BTreeMap::new(),
            pages: 0,
        };
        wal.scan(sum, len, page_bytes)?;
        Ok((wal.pages > 0).then_some(wal))
    }

    /// Reads frames up to the first that does not continue the log.
    fn scan(&mut self, mut sum: Sum, len: u64, page_bytes: usize) -> Answer<()> {
        let step = FRAME_BYTES + page_bytes;
        let mut pending = BTreeMap::new();
        let mut frame = Vec::new();
        let mut at = START_BYTES as u64;
        while at + step as u64 <= len {
            self.file.read(at, step, &mut frame)?;
            let Some((number, size)) = self.continues(&frame, &mut sum) else {
                break;
            };
            pending.insert(number, at + FRAME_BYTES as u64);
            if size > 0 {
                self.frames.append(&mut pending);
                self.pages = size;
            }
            at += step as u64;
        }
        Ok(())
    }

    /// Page number and, at the end of a transaction, the database's size.
    fn continues(&self, frame: &[u8], sum: &mut Sum) -> Option<(u32, u32)> {
        if frame.get(8..16)? != self.start.get(16..24)? {
            return None;
        }
        sum.add(frame.get(..8)?)?;
        sum.add(frame.get(FRAME_BYTES..)?)?;
        if !sum.is_at(frame, 16) {
            return None;
        }
        Some((Big.u32(frame, 0)?, Big.u32(frame, 4)?))
    }

    /// Reads a page, if the log has it.
    pub(super) fn read(&self, number: u32, len: usize, into: &mut Vec<u8>) -> Answer<bool> {
        let Some(at) = self.frames.get(&number) else {
            return Ok(false);
        };
        self.file.read(*at, len, into)?;
        Ok(true)
    }
}

/// The running checksum of a log.
struct Sum {
    order: Order,
    words: (u32, u32),
}

impl Sum {
    /// Of a log's start, where it is one that is whole.
    fn of_log(start: &[u8]) -> Option<Self> {
        let order = match Big.u32(start, 0)? ^ MAGIC {
            0 => Order::Little,
            1 => Order::Big,
            _ => return None,
        };
        let mut sum = Self {
            order,
            words: (0, 0),
        };
        sum.add(start.get(..24)?)?;
        sum.is_at(start, 24).then_some(sum)
    }

    fn add(&mut self, bytes: &[u8]) -> Option<()> {
        for pair in bytes.chunks_exact(8) {
            let (first, second) = (self.order.u32(pair, 0)?, self.order.u32(pair, 4)?);
            let (low, high) = self.words;
            let low = low.wrapping_add(first).wrapping_add(high);
            self.words = (low, high.wrapping_add(second).wrapping_add(low));
        }
        Some(())
    }

    fn is_at(&self, bytes: &[u8], at: usize) -> bool {
        (Big.u32(bytes, at), Big.u32(bytes, at + 4)) == (Some(self.words.0), Some(self.words.1))
    }
}
