//! Who may do what with something of Windows. Comes in: a security descriptor in the self-relative form
//! of MS-DTYP §2.4.6; goes out: its list of rights entry by entry; a descriptor that contradicts its
//! own lengths is no list at all.

use std::fmt::Write;

use serde::{Deserialize, Serialize};

#[cfg(test)]
mod tests;

/// `SE_DACL_PRESENT`, `SE_SELF_RELATIVE`.
const HAS_LIST: u16 = 0x0004;
const SELF_RELATIVE: u16 = 0x8000;
/// Where the place of the list stands in a descriptor, and how long its header is.
const LIST_AT: usize = 16;
const DESCRIPTOR: usize = 20;
const LIST: usize = 8;
const ENTRY: usize = 8;
/// Sub-authorities of a SID (MS-DTYP §2.4.2).
const PARTS_MAX: u8 = 15;
/// A list has fewer than 64 KiB, an entry at least 16 bytes.
const ENTRIES_MAX: usize = 4_096;

/// An entry of a list of rights.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawGrant {
    /// Its kind (`AceType`; 0 allows, 1 denies).
    pub kind: u8,
    /// Its bits (`AceFlags`; 8: for what lies below alone).
    pub flags: u8,
    /// Rights (`ACCESS_MASK`).
    pub mask: u32,
    /// Whom it is for; empty where entries of this kind have it in another place.
    pub sid: String,
}

/// A list of rights.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RawAccess {
    /// There is no list: everybody may do everything.
    Unlisted,
    /// Entries, in the order in which they count.
    Listed(Vec<RawGrant>),
}

impl RawAccess {
    /// The list of a descriptor; nothing where its bytes are none.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let control = u16_at(bytes, 2)?;
        if bytes.len() < DESCRIPTOR || bytes.first() != Some(&1) || control & SELF_RELATIVE == 0 {
            return None;
        }
        let at = usize::try_from(u32_at(bytes, LIST_AT)?).ok()?;
        if control & HAS_LIST == 0 || at == 0 {
            return Some(Self::Unlisted);
        }
        let list = bytes.get(at..).filter(|_| at >= DESCRIPTOR)?;
        let size = usize::from(u16_at(list, 2)?);
        let count = usize::from(u16_at(list, 4)?);
        let mut rest = list.get(LIST..size)?;
        let mut entries = Vec::new();
        for _ in 0..count {
            let size = usize::from(u16_at(rest, 2)?);
            let entry = rest.get(..size)?;
            entries.push(entry_of(entry)?);
            rest = rest.get(size..)?;
            if entries.len() > ENTRIES_MAX {
                return None;
            }
        }
        Some(Self::Listed(entries))
    }
}

fn entry_of(entry: &[u8]) -> Option<RawGrant> {
    let kind = *entry.first()?;
    let sid = match kind {
        0 | 1 => sid(entry.get(ENTRY..)?)?,
        _ => String::new(),
    };
    Some(RawGrant {
        kind,
        flags: *entry.get(1)?,
        mask: u32_at(entry, 4)?,
        sid,
    })
}

/// `S-1-5-…`; an authority above 32 bits is written in hexadecimal.
fn sid(bytes: &[u8]) -> Option<String> {
    let (&[1, count, a, b, c, d, e, f], rest) = bytes.split_first_chunk::<8>()? else {
        return None;
    };
    if count > PARTS_MAX {
        return None;
    }
    let authority = u64::from_be_bytes([0, 0, a, b, c, d, e, f]);
    let mut text = if authority > u64::from(u32::MAX) {
        format!("S-1-0x{authority:012X}")
    } else {
        format!("S-1-{authority}")
    };
    for at in 0..usize::from(count) {
        let part = u32_at(rest, 4 * at)?;
        // Writing into a string cannot fail.
        let _ = write!(text, "-{part}");
    }
    Some(text)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let found = bytes.get(at..)?.first_chunk()?;
    Some(u16::from_le_bytes(*found))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let found = bytes.get(at..)?.first_chunk()?;
    Some(u32::from_le_bytes(*found))
}
