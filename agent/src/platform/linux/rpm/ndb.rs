//! `Packages.db`, the form that SUSE uses: pages of slots, each of which names the blocks of one
//! package. Comes in: the file; goes out: each package's header, its checksum compared. The blocks that
//! no slot names are never read.

use super::number::Order::Little;
use super::pages::Pages;
use super::{Answer, HEADER_BYTES_MAX, Take, damaged, failed};

/// How such a file begins.
pub(super) const MAGIC: &[u8] = b"RpmP";

const PAGE_BYTES: usize = 4_096;
const SLOT_BYTES: usize = 16;
const BLOCK_BYTES: u64 = 16;
/// The file's own header takes the place of the first slots.
const FIRST_SLOT: usize = 2;
const HEAD_BYTES: usize = 16;
const TAIL_BYTES: usize = 12;
/// Room for four times the packages that are taken.
const SLOT_PAGES_MAX: usize = 800;

/// Hands on each package's header.
pub(super) fn each(file: &mut Pages, take: Take<'_>) -> Answer<()> {
    let mut page = Vec::new();
    file.read(0, SLOT_BYTES * FIRST_SLOT, &mut page)?;
    if Little.u32(&page, 4) != Some(0) {
        return Err(failed("unknown version of database"));
    }
    let pages = Little.size(&page, 12).filter(|it| *it <= SLOT_PAGES_MAX);
    let pages = pages.ok_or_else(|| damaged("start"))?;
    let mut blob = Vec::new();
    for number in 0..pages {
        let at = u64::try_from(number * PAGE_BYTES).unwrap_or(u64::MAX);
        file.read(at, PAGE_BYTES, &mut page)?;
        let skipped = if number == 0 { FIRST_SLOT } else { 0 };
        for bytes in page.chunks_exact(SLOT_BYTES).skip(skipped) {
            match Slot::new(bytes).ok_or_else(|| damaged("slot"))? {
                Slot { first: 0, .. } => {}
                slot => slot.read(file, &mut blob, take)?,
            }
        }
    }
    Ok(())
}

/// Where a package is; a slot without a first block is free.
struct Slot {
    package: u32,
    first: u32,
    blocks: u32,
}

impl Slot {
    fn new(bytes: &[u8]) -> Option<Self> {
        let slot = Self {
            package: Little.u32(bytes, 4)?,
            first: Little.u32(bytes, 8)?,
            blocks: Little.u32(bytes, 12)?,
        };
        bytes.starts_with(b"Slot").then_some(slot)
    }

    fn read(&self, file: &mut Pages, blob: &mut Vec<u8>, take: Take<'_>) -> Answer<()> {
        let bad = || damaged("package");
        let at = u64::from(self.first) * BLOCK_BYTES;
        let room = u64::from(self.blocks) * BLOCK_BYTES;
        file.read(at, HEAD_BYTES, blob)?;
        let len = Little.u32(blob, 12).map(u64::from).ok_or_else(bad)?;
        let used = (HEAD_BYTES + TAIL_BYTES) as u64 + len;
        let is_ours = blob.starts_with(b"BlbS") && Little.u32(blob, 4) == Some(self.package);
        if !is_ours || used.next_multiple_of(BLOCK_BYTES) != room {
            return Err(bad());
        }
        let wanted = usize::try_from(room).unwrap_or(usize::MAX);
        let cut = HEADER_BYTES_MAX + HEAD_BYTES;
        file.read(at, wanted.min(cut), blob)?;
        if wanted <= cut && !is_whole(blob, len) {
            return Err(bad());
        }
        let header = blob.get(HEAD_BYTES..).unwrap_or_default();
        let end = usize::try_from(len).unwrap_or(usize::MAX);
        take(header.get(..end).unwrap_or(header), len)
    }
}

/// The tail repeats the length after a checksum of all that stands before it.
fn is_whole(blob: &[u8], len: u64) -> bool {
    let Some((body, tail)) = blob
        .len()
        .checked_sub(TAIL_BYTES)
        .and_then(|at| blob.split_at_checked(at))
    else {
        return false;
    };
    Little.u32(tail, 0) == Some(adler32(body))
        && Little.u32(tail, 4).map(u64::from) == Some(len)
        && tail.ends_with(b"BlbE")
}

/// RFC 1950. So many bytes can be added before the sums must be reduced.
fn adler32(bytes: &[u8]) -> u32 {
    let (mut low, mut high) = (1_u32, 0_u32);
    for part in bytes.chunks(5_552) {
        for byte in part {
            low += u32::from(*byte);
            high += low;
        }
        low %= 65_521;
        high %= 65_521;
    }
    high << 16 | low
}
