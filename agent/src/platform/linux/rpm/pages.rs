//! A file read piece by piece. Comes in: offsets and lengths; goes out: exactly those bytes. It never
//! holds the whole file, and all files of one database together give no more than the bytes allowed.

use std::cell::Cell;
use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::rc::Rc;

use super::super::{miss, open};
use super::{Answer, Miss, damaged, failed};

/// An open file and what may still be read.
#[derive(Debug)]
pub(super) struct Pages {
    file: File,
    path: String,
    left: Rc<Cell<u64>>,
}

/// What changes when somebody writes to the file: length, and second and nanosecond of the change.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stamp(u64, i64, i64);

impl Pages {
    pub(super) fn open(path: &str, allowed: u64) -> Answer<Self> {
        Ok(Self {
            file: open(path)?,
            path: path.to_owned(),
            left: Rc::new(Cell::new(allowed)),
        })
    }

    /// The file whose name has something more at the end, if it is there: it counts as one with this.
    pub(super) fn beside(&self, ending: &str) -> Answer<Option<Self>> {
        let path = format!("{}{ending}", self.path);
        match open(&path) {
            Ok(file) => Ok(Some(Self {
                file,
                path,
                left: Rc::clone(&self.left),
            })),
            Err(Miss::Absent) => Ok(None),
            Err(unknown) => Err(unknown),
        }
    }

    pub(super) fn stamp(&self) -> Answer<Stamp> {
        let now = self.file.metadata().map_err(|error| miss(&error))?;
        Ok(Stamp(now.len(), now.mtime(), now.mtime_nsec()))
    }

    pub(super) fn len(&self) -> Answer<u64> {
        let now = self.file.metadata().map_err(|error| miss(&error))?;
        Ok(now.len())
    }

    /// Replaces what `into` holds by `len` bytes from an offset.
    pub(super) fn read(&self, at: u64, len: usize, into: &mut Vec<u8>) -> Answer<()> {
        into.clear();
        let wanted = u64::try_from(len).unwrap_or(u64::MAX);
        let left = self.left.get().checked_sub(wanted);
        self.left.set(left.ok_or_else(|| failed("EFBIG"))?);
        into.resize(len, 0);
        self.file
            .read_exact_at(into, at)
            .map_err(|error| match error.kind() {
                io::ErrorKind::UnexpectedEof => damaged("file: too short"),
                _ => miss(&error),
            })
    }
}
