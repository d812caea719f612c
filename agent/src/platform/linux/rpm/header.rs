//! The header of one package, as rpm stores it: a count of index entries, a length of data, the
//! entries (tag, type, offset, count) and the data, all numbers with the highest byte first. Comes in:
//! its bytes; goes out: the few tags that are asked for. No offset in it is trusted.

use super::RawPackage;
use super::number::Order::Big;

const NAME: u32 = 1000;
const VERSION: u32 = 1001;
const RELEASE: u32 = 1002;
const EPOCH: u32 = 1003;
const INSTALL_TIME: u32 = 1008;
const VENDOR: u32 = 1011;
const ARCHITECTURE: u32 = 1022;

const INT32: u32 = 4;
const STRING: u32 = 6;
const I18N_STRING: u32 = 9;

/// As rpm itself allows.
const ENTRIES_MAX: usize = 0xffff;
const ENTRY_BYTES: usize = 16;
const START_BYTES: usize = 8;
/// A longer text is no name or version.
const TEXT_BYTES_MAX: usize = 4_096;

/// Reads the header that begins with `bytes` and has `len` bytes in all; nothing: it is none, or has
/// no name, version and release.
pub(super) fn package(bytes: &[u8], len: u64) -> Option<RawPackage> {
    let header = Header::new(bytes, len)?;
    Some(RawPackage {
        name: header.text(NAME)?,
        epoch: header.number(EPOCH),
        version: header.text(VERSION)?,
        release: header.text(RELEASE)?,
        architecture: header.text(ARCHITECTURE),
        vendor: header.text(VENDOR),
        installed_at: header.number(INSTALL_TIME).map(i64::from),
    })
}

struct Header<'a> {
    index: &'a [u8],
    data: &'a [u8],
}

impl<'a> Header<'a> {
    fn new(bytes: &'a [u8], len: u64) -> Option<Self> {
        let (entries, data) = (Big.size(bytes, 0)?, Big.size(bytes, 4)?);
        if entries > ENTRIES_MAX {
            return None;
        }
        let data_at = START_BYTES + entries * ENTRY_BYTES;
        let whole = u64::try_from(data_at.checked_add(data)?).ok()?;
        (whole == len).then_some(Self {
            index: bytes.get(START_BYTES..data_at)?,
            data: bytes.get(data_at..)?,
        })
    }

    /// Where the data of a tag begins.
    fn find(&self, tag: u32, kinds: &[u32]) -> Option<&'a [u8]> {
        let entry = self
            .index
            .chunks_exact(ENTRY_BYTES)
            .find(|entry| Big.u32(entry, 0) == Some(tag))?;
        let is_wanted = kinds.contains(&Big.u32(entry, 4)?) && Big.u32(entry, 12)? > 0;
        is_wanted.then_some(self.data.get(Big.size(entry, 8)?..)?)
    }

    fn number(&self, tag: u32) -> Option<u32> {
        Big.u32(self.find(tag, &[INT32])?, 0)
    }

    /// Text ends with a zero byte; what is empty is not there.
    fn text(&self, tag: u32) -> Option<String> {
        let data = self.find(tag, &[STRING, I18N_STRING])?;
        let data = data.get(..TEXT_BYTES_MAX).unwrap_or(data);
        let end = data.iter().position(|byte| *byte == 0)?;
        let text = String::from_utf8_lossy(data.get(..end)?).into_owned();
        (!text.is_empty()).then_some(text)
    }
}
