//! `Packages`, a hash database of Berkeley DB: CentOS and RHEL up to 8. Comes in: the file and the
//! order of its bytes; goes out: each package's header. Every bucket is walked from its first page;
//! pages that no bucket leads to are never read.

use super::number::Order;
use super::pages::Pages;
use super::{Answer, HEADER_BYTES_MAX, Take, damaged, failed};

const MAGIC: u32 = 0x0006_1561;
const MAGIC_AT: usize = 12;
const META_BYTES: usize = 512;
const SPARES: usize = 32;

const PAGE_HEADER_BYTES: usize = 26;
/// Page types: never used, hash pages of older and newer versions, a piece of a long item.
const UNUSED: u8 = 0;
const HASH_OLD: u8 = 2;
const OVERFLOW: u8 = 7;
const HASH: u8 = 13;

/// Item types: on the page, and on overflow pages.
const ON_PAGE: u8 = 1;
const OFF_PAGE: u8 = 3;
const OFF_PAGE_BYTES: usize = 12;

/// The order of bytes that the magic number has been written in; nothing: another form of file.
pub(super) fn order(start: &[u8]) -> Option<Order> {
    [Order::Little, Order::Big]
        .into_iter()
        .find(|order| order.u32(start, MAGIC_AT) == Some(MAGIC))
}

/// Hands on each package's header.
pub(super) fn each(file: &mut Pages, order: Order, take: Take<'_>) -> Answer<()> {
    let mut page = Vec::new();
    file.read(0, META_BYTES, &mut page)?;
    if !matches!(order.u32(&page, 16), Some(8 | 9)) {
        return Err(failed("unknown version of database"));
    }
    // 25: type of the page; 24: encryption. A flag at 26 says that pages have checksums.
    if page.get(24) != Some(&0) || page.get(26).is_none_or(|flags| flags & 1 != 0) {
        return Err(failed("unknown form of database"));
    }
    let database = Database::new(order, &page).ok_or_else(|| damaged("start"))?;
    let mut walk = Walk {
        pages_left: database.last_page,
        page,
        piece: Vec::new(),
        value: Vec::new(),
    };
    for bucket in 0..=database.last_bucket {
        let first = database.page_of(bucket).ok_or_else(|| damaged("start"))?;
        walk.bucket(&database, file, first, take)?;
    }
    Ok(())
}

struct Database {
    order: Order,
    page_bytes: usize,
    last_page: u32,
    last_bucket: u32,
    spares: Vec<u32>,
}

impl Database {
    fn new(order: Order, meta: &[u8]) -> Option<Self> {
        let page_bytes = order.size(meta, 20)?;
        let database = Self {
            order,
            page_bytes,
            last_page: order.u32(meta, 32)?,
            last_bucket: order.u32(meta, 72)?,
            spares: (0..SPARES)
                .map_while(|number| order.u32(meta, 96 + 4 * number))
                .collect(),
        };
        let is_sound = (512..=65_536).contains(&page_bytes)
            && page_bytes.is_power_of_two()
            && database.last_bucket <= database.last_page;
        is_sound.then_some(database)
    }

    /// Buckets of one doubling stand together, as many pages further as other pages came before.
    fn page_of(&self, bucket: u32) -> Option<u32> {
        let doubling = usize::try_from(u32::BITS - bucket.leading_zeros()).ok()?;
        bucket.checked_add(*self.spares.get(doubling)?)
    }

    fn read(&self, file: &Pages, number: u32, into: &mut Vec<u8>) -> Answer<()> {
        if number > self.last_page {
            return Err(damaged("page number"));
        }
        let bytes = u64::try_from(self.page_bytes).unwrap_or(u64::MAX);
        file.read(u64::from(number) * bytes, self.page_bytes, into)
    }
}

/// The pages that have been read last.
struct Walk {
    pages_left: u32,
    page: Vec<u8>,
    piece: Vec<u8>,
    value: Vec<u8>,
}

impl Walk {
    fn bucket(
        &mut self,
        database: &Database,
        file: &Pages,
        first: u32,
        take: Take<'_>,
    ) -> Answer<()> {
        let bad = || damaged("page");
        let mut number = first;
        while number != 0 {
            self.pages_left = self.pages_left.checked_sub(1).ok_or_else(bad)?;
            database.read(file, number, &mut self.page)?;
            let kind = self.page.get(25).copied().ok_or_else(bad)?;
            let own = database.order.u32(&self.page, 8).ok_or_else(bad)?;
            match (kind, own) {
                // Room for a bucket that has never been filled.
                (UNUSED, 0) => return Ok(()),
                (HASH | HASH_OLD | UNUSED, own) if own == number => {}
                _ => return Err(bad()),
            }
            let entries = database.order.u16(&self.page, 20).ok_or_else(bad)?;
            for pair in 0..usize::from(entries) / 2 {
                self.pair(database, file, pair * 2, take)?;
            }
            number = database.order.u32(&self.page, 16).ok_or_else(bad)?;
        }
        Ok(())
    }

    /// A key and its value stand side by side. Key 0 is no package but the largest number so far.
    fn pair(&mut self, database: &Database, file: &Pages, at: usize, take: Take<'_>) -> Answer<()> {
        let bad = || damaged("item");
        let key = database.item(&self.page, at).ok_or_else(bad)?;
        let (kind, key) = key.split_first().ok_or_else(bad)?;
        if *kind != ON_PAGE || key.len() != 4 {
            return Err(bad());
        }
        if key == [0; 4] {
            return Ok(());
        }
        let item = database.item(&self.page, at + 1).ok_or_else(bad)?;
        match item.split_first().ok_or_else(bad)? {
            (&ON_PAGE, value) => take(value, u64::try_from(value.len()).unwrap_or(u64::MAX)),
            (&OFF_PAGE, _) if item.len() == OFF_PAGE_BYTES => {
                let first = database.order.u32(item, 4).ok_or_else(bad)?;
                let len = database.order.u32(item, 8).ok_or_else(bad)?;
                self.off_page(database, file, first, len)?;
                take(&self.value, u64::from(len))
            }
            _ => Err(bad()),
        }
    }

    /// Gathers a long value from its pages, as far as it is wanted.
    fn off_page(&mut self, database: &Database, file: &Pages, first: u32, len: u32) -> Answer<()> {
        let bad = || damaged("long item");
        let wanted = usize::try_from(len)
            .map_err(|_| bad())?
            .min(HEADER_BYTES_MAX);
        self.value.clear();
        let mut number = first;
        while self.value.len() < wanted {
            database.read(file, number, &mut self.piece)?;
            let order = database.order;
            if self.piece.get(25) != Some(&OVERFLOW) || order.u32(&self.piece, 8) != Some(number) {
                return Err(bad());
            }
            let used = order
                .u16(&self.piece, 22)
                .map(usize::from)
                .ok_or_else(bad)?;
            let end = PAGE_HEADER_BYTES + used;
            let piece = self.piece.get(PAGE_HEADER_BYTES..end).ok_or_else(bad)?;
            if piece.is_empty() {
                return Err(bad());
            }
            let missing = wanted - self.value.len();
            self.value.extend(piece.iter().take(missing));
            number = order.u32(&self.piece, 16).ok_or_else(bad)?;
        }
        Ok(())
    }
}

impl Database {
    /// Items grow from the end of a page to its front; a list of offsets grows towards them.
    fn item<'a>(&self, page: &'a [u8], at: usize) -> Option<&'a [u8]> {
        let offset = |at: usize| {
            let offset = self.order.u16(page, PAGE_HEADER_BYTES + 2 * at)?;
            Some(usize::from(offset))
        };
        let end = match at.checked_sub(1) {
            Some(before) => offset(before)?,
            None => page.len(),
        };
        page.get(offset(at)?..end)
    }
}
