//! The firmware's table of SMBIOS (DSP0134), as Windows hands it over. Comes in: bytes that anybody's
//! firmware may have written; goes out: the texts that tell machines apart, under the names that
//! Linux gives to the same ones; no length or number in the bytes is trusted, and what makers leave
//! in the place of a value is passed on as it stands.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

#[cfg(test)]
mod tests;

/// Structures of one table; real ones have some hundred.
const STRUCTURES_MAX: usize = 10_000;
/// Strings of one structure: their numbers are bytes.
const STRINGS_MAX: usize = 255;
/// Before the table: how it was read, its version, its length (`RawSMBIOSData`).
const HEADER_BYTES: usize = 8;
/// The structure that ends the table.
const END: u8 = 127;

/// The texts by type of structure, place of the string's number, and name.
const TEXTS: &[(u8, usize, &str)] = &[
    (0, 0x04, "bios_vendor"),
    (0, 0x05, "bios_version"),
    (0, 0x08, "bios_date"),
    (1, 0x04, "sys_vendor"),
    (1, 0x05, "product_name"),
    (1, 0x06, "product_version"),
    (1, 0x07, "product_serial"),
    (2, 0x04, "board_vendor"),
    (2, 0x05, "board_name"),
    (3, 0x04, "chassis_vendor"),
    (3, 0x07, "chassis_serial"),
];
const UUID: (u8, usize) = (1, 0x08);
const CHASSIS: (u8, usize) = (3, 0x05);
/// From this version on the first three fields of the UUID are little-endian (§7.2.1).
const LITTLE_ENDIAN_SINCE: (u8, u8) = (2, 6);

/// Texts by name; of several structures of a type the first counts. `None`: these bytes are no table.
pub(super) fn texts(bytes: &[u8]) -> Option<BTreeMap<&'static str, String>> {
    let (header, table) = bytes.split_first_chunk::<HEADER_BYTES>()?;
    let [_, major, minor, _, length @ ..] = *header;
    let length = usize::try_from(u32::from_le_bytes(length)).ok()?;
    let table = table.get(..length).unwrap_or(table);
    let mut found = BTreeMap::new();
    let mut seen = BTreeSet::new();
    let mut rest = table;
    for at in 0..STRUCTURES_MAX {
        let Some((structure, behind)) = Structure::split(rest) else {
            // A table that does not even hold one structure is none.
            return (at > 0).then_some(found);
        };
        if structure.kind == END {
            break;
        }
        if seen.insert(structure.kind) {
            structure.take((major, minor), &mut found);
        }
        rest = behind;
    }
    Some(found)
}

/// One structure: its formatted part with the four bytes before it, and its strings.
struct Structure<'table> {
    kind: u8,
    formatted: &'table [u8],
    strings: Vec<&'table [u8]>,
}

impl<'table> Structure<'table> {
    /// The first structure and what stands behind it.
    fn split(table: &'table [u8]) -> Option<(Self, &'table [u8])> {
        let [kind, length, ..] = *table else {
            return None;
        };
        let length = usize::from(length);
        if length < 4 {
            return None;
        }
        let (formatted, mut rest) = table.split_at_checked(length)?;
        let mut strings = Vec::new();
        loop {
            // Without an end the table was cut off here.
            let end = rest.iter().position(|byte| *byte == 0)?;
            let (string, behind) = (rest.get(..end)?, rest.get(end + 1..)?);
            rest = behind;
            if string.is_empty() {
                break;
            }
            if strings.len() < STRINGS_MAX {
                strings.push(string);
            }
        }
        // Where there is no string at all, two zeros stand in their place.
        if strings.is_empty() {
            rest = rest.strip_prefix(&[0]).unwrap_or(rest);
        }
        let structure = Self {
            kind,
            formatted,
            strings,
        };
        Some((structure, rest))
    }

    fn take(&self, version: (u8, u8), found: &mut BTreeMap<&'static str, String>) {
        for (kind, at, name) in TEXTS {
            if *kind == self.kind
                && let Some(text) = self.text(*at)
            {
                found.entry(name).or_insert(text);
            }
        }
        if self.kind == UUID.0
            && let Some(bytes) = self.formatted.get(UUID.1..).and_then(<[u8]>::first_chunk)
        {
            let text = uuid(*bytes, version >= LITTLE_ENDIAN_SINCE);
            found.entry("product_uuid").or_insert(text);
        }
        if self.kind == CHASSIS.0
            && let Some(byte) = self.formatted.get(CHASSIS.1)
        {
            found
                .entry("chassis_type")
                .or_insert_with(|| byte.to_string());
        }
    }

    /// The string whose number stands at a place; number 0: there is none.
    fn text(&self, at: usize) -> Option<String> {
        let number = usize::from(*self.formatted.get(at)?);
        let string = self.strings.get(number.checked_sub(1)?)?;
        Some(String::from_utf8_lossy(string).into_owned())
    }
}

fn uuid(bytes: [u8; 16], little: bool) -> String {
    let order: [usize; 16] = if little {
        [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15]
    } else {
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]
    };
    let mut text = String::with_capacity(36);
    for (at, from) in order.into_iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        let byte = bytes.get(from).copied().unwrap_or_default();
        // Writing into a text does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
