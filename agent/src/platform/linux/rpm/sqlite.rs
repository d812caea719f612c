//! `rpmdb.sqlite`: Fedora, and RHEL from 9. Comes in: the file and the log beside it; goes out: each
//! package's header, from the tree of the one table that holds them. It takes no lock and makes no
//! `-shm` file, as the SQLite library must for a database with a log.

use super::number::Order::Big;
use super::pages::Pages;
use super::row::{Row, page_number, varint};
use super::wal::Wal;
use super::{Answer, HEADER_BYTES_MAX, Take, damaged, failed};

/// How such a file begins.
pub(super) const MAGIC: &[u8] = b"SQLite format 3\0";

/// An interrupted transaction of the older kind: without undoing it the file is not to be read.
const JOURNAL: (&str, [u8; 8]) = ("-journal", [0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7]);
const TABLE: &[u8] = b"Packages";
/// The tree that names all others has its root on the first page, behind the file's header.
const SCHEMA: u32 = 1;
const FILE_HEADER_BYTES: usize = 100;
const INTERIOR: u8 = 5;
const LEAF: u8 = 13;
/// Pages known and not yet read: more than a database of the allowed size has.
const WAITING_MAX: usize = 1 << 18;
/// What a row holds besides the value that is taken.
const ROW_BYTES: usize = 1 << 10;

/// Hands on each package's header.
pub(super) fn each(file: &mut Pages, take: Take<'_>) -> Answer<()> {
    let database = Database::open(file)?;
    let mut root = None;
    database.rows(SCHEMA, &mut |row, _| {
        let row = Row::new(row).ok_or_else(|| damaged("schema"))?;
        if (row.value(0), row.value(1)) == (Some(b"table".as_slice()), Some(TABLE)) {
            root = row.value(3).and_then(page_number);
        }
        Ok(())
    })?;
    let root = root.ok_or_else(|| failed("no table of packages"))?;
    database.rows(root, &mut |row, _| {
        let row = Row::new(row).ok_or_else(|| damaged("row"))?;
        let (value, len) = row.start_of(1).ok_or_else(|| damaged("row"))?;
        take(value, len)
    })
}

struct Database<'a> {
    file: &'a Pages,
    wal: Option<Wal>,
    page_bytes: usize,
    /// Bytes of a page without the reserved ones at its end.
    usable: usize,
    pages: u32,
}

impl<'a> Database<'a> {
    fn open(file: &'a Pages) -> Answer<Self> {
        let bad = || damaged("start");
        let mut start = Vec::new();
        file.read(0, FILE_HEADER_BYTES, &mut start)?;
        let page_bytes = match Big.u16(&start, 16).map(usize::from).ok_or_else(bad)? {
            1 => 65_536,
            bytes if bytes >= 512 && bytes.is_power_of_two() => bytes,
            _ => return Err(bad()),
        };
        let reserved = start.get(20).copied().map(usize::from).ok_or_else(bad)?;
        let usable = page_bytes.checked_sub(reserved).filter(|it| *it >= 480);
        let pages = file.len()? / page_bytes as u64;
        if let Some(journal) = file.beside(JOURNAL.0)? {
            let mut start = Vec::new();
            let has_start = journal.len()? >= 8 && journal.read(0, 8, &mut start).is_ok();
            if has_start && start == JOURNAL.1 {
                return Err(failed("interrupted transaction"));
            }
        }
        let wal = Wal::beside(file, page_bytes)?;
        Ok(Self {
            pages: match &wal {
                Some(wal) => wal.pages,
                None => u32::try_from(pages).map_err(|_| bad())?,
            },
            file,
            wal,
            page_bytes,
            usable: usable.ok_or_else(bad)?,
        })
    }

    fn read(&self, number: u32, into: &mut Vec<u8>) -> Answer<()> {
        if number == 0 || number > self.pages {
            return Err(damaged("page number"));
        }
        if let Some(wal) = &self.wal
            && wal.read(number, self.page_bytes, into)?
        {
            return Ok(());
        }
        let at = u64::from(number - 1) * self.page_bytes as u64;
        self.file.read(at, self.page_bytes, into)
    }

    /// Hands on the rows of a table: as much of each as is wanted, and its whole length.
    fn rows(&self, root: u32, take: Take<'_>) -> Answer<()> {
        let bad = || damaged("page");
        let mut waiting = vec![root];
        let (mut page, mut row) = (Vec::new(), Buffer::default());
        let mut left = self.pages;
        while let Some(number) = waiting.pop() {
            // Each page stands in the tree once: more of them is a circle.
            left = left.checked_sub(1).ok_or_else(bad)?;
            self.read(number, &mut page)?;
            let at = if number == SCHEMA {
                FILE_HEADER_BYTES
            } else {
                0
            };
            let kind = page.get(at).copied().ok_or_else(bad)?;
            let cells = usize::from(Big.u16(&page, at + 3).ok_or_else(bad)?);
            match kind {
                LEAF => {
                    for cell in 0..cells {
                        let cell = cell_at(&page, at + 8, cell).ok_or_else(bad)?;
                        let len = self.row(cell, &mut row)?;
                        take(&row.bytes, len)?;
                    }
                }
                INTERIOR => {
                    waiting.push(Big.u32(&page, at + 8).ok_or_else(bad)?);
                    for cell in 0..cells {
                        let cell = cell_at(&page, at + 12, cell).ok_or_else(bad)?;
                        waiting.push(Big.u32(cell, 0).ok_or_else(bad)?);
                    }
                }
                _ => return Err(bad()),
            }
            if waiting.len() > WAITING_MAX {
                return Err(bad());
            }
        }
        Ok(())
    }

    /// Gathers a row from its cell and from the pages where it goes on.
    fn row(&self, cell: &[u8], row: &mut Buffer) -> Answer<u64> {
        let bad = || damaged("cell");
        let (len, rest) = varint(cell).ok_or_else(bad)?;
        let (_, rest) = varint(rest).ok_or_else(bad)?;
        let here = self.local(len).ok_or_else(bad)?;
        let (own, rest) = rest.split_at_checked(here).ok_or_else(bad)?;
        row.bytes.clear();
        row.bytes.extend_from_slice(own);
        let wanted = usize::try_from(len).map_err(|_| bad())?;
        let wanted = wanted.min(HEADER_BYTES_MAX + ROW_BYTES);
        let mut next = 0;
        if u64::try_from(here).is_ok_and(|here| here < len) {
            next = Big.u32(rest, 0).ok_or_else(bad)?;
        }
        while row.bytes.len() < wanted {
            self.read(next, &mut row.page)?;
            next = Big.u32(&row.page, 0).ok_or_else(bad)?;
            let end = self.usable.min(4 + wanted - row.bytes.len());
            row.bytes
                .extend_from_slice(row.page.get(4..end).ok_or_else(bad)?);
        }
        Ok(len)
    }

    /// How much of a row stands in its cell (file format, "Cell Payload Overflow Pages").
    fn local(&self, len: u64) -> Option<usize> {
        let usable = self.usable as u64;
        let most = usable - 35;
        let least = (usable - 12) * 32 / 255 - 23;
        let here = if len <= most {
            len
        } else {
            let fitting = least + (len - least) % (usable - 4);
            if fitting <= most { fitting } else { least }
        };
        usize::try_from(here).ok()
    }
}

/// Room for a row and for a page where it goes on, used again for the next.
#[derive(Default)]
struct Buffer {
    bytes: Vec<u8>,
    page: Vec<u8>,
}

fn cell_at(page: &[u8], list: usize, number: usize) -> Option<&[u8]> {
    let at = Big.u16(page, list + 2 * number)?;
    page.get(usize::from(at)..)
}
