//! Bytes of the log as they stand on the disk. Comes in: an entry's exact bytes and those of an older
//! entry of the same agent; goes out: far fewer bytes, from which the same older entry gives the exact
//! ones back. It never decides what is packed against what, and it changes no byte.
//!
//! What cannot be guessed (hashes and signatures) is taken out of the text and kept as plain bytes;
//! what is left is almost the text of the older entry. A hash that is that of a body in the same
//! entry is not kept at all.

use std::cell::RefCell;

use daicho_report::{DICTIONARY, Hash};
use zstd::bulk::{Compressor, Decompressor};

use crate::store::StoreError;

/// Largest entry or body, decompressed: a report's limit with room.
const BODY_MAX: usize = 32 << 20;
const LEVEL: i32 = 3;
/// Every frame begins with it (RFC 8878 §3.1.1): it is not kept.
const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// 64 hexadecimal digits stood here; their 32 bytes are kept.
const HEX: u8 = 1;
/// The base64 text of 64 bytes stood here.
const BASE64: u8 = 2;
/// The hash of the first body of this entry stood here; the next values stand for the next ones.
const BODY: u8 = 3;
const BODIES: usize = 4;
const HEX_LEN: usize = 64;
const BASE64_LEN: usize = 88;
/// First byte: nothing was taken out.
const PLAIN: u8 = 0;
/// Something was, and what is left is packed alone.
const ALONE: u8 = 1;
/// Something was, and what is left is packed against an older entry.
const BESIDE: u8 = 2;

thread_local! {
    // Making these anew costs more than packing or unpacking a small body.
    static PACKER: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
    static UNPACKER: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
    static AGAINST: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
    static UNAGAINST: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

fn engine(error: std::io::Error) -> StoreError {
    StoreError::Engine(error.into())
}

/// Packs against older bytes, or against what both sides of the wire know.
pub(super) fn packed(bytes: &[u8], older: Option<&[u8]>) -> Result<Vec<u8>, StoreError> {
    let Some(older) = older else {
        return PACKER.with_borrow_mut(|kept| {
            let packer = match kept {
                Some(packer) => packer,
                None => {
                    let made = Compressor::with_dictionary(LEVEL, DICTIONARY).map_err(engine)?;
                    kept.insert(made)
                }
            };
            packer.compress(bytes).map_err(engine)
        });
    };
    AGAINST.with_borrow_mut(|kept| {
        let packer = match kept {
            Some(packer) => packer,
            None => kept.insert(Compressor::new(LEVEL).map_err(engine)?),
        };
        packer.set_dictionary(LEVEL, older).map_err(engine)?;
        packer.compress(bytes).map_err(engine)
    })
}

/// The other way round; `None`: these bytes were not made by [`packed`].
pub(super) fn unpacked(bytes: &[u8], older: Option<&[u8]>) -> Option<Vec<u8>> {
    let Some(older) = older else {
        return UNPACKER.with_borrow_mut(|kept| {
            let unpacker = match kept {
                Some(unpacker) => unpacker,
                None => kept.insert(Decompressor::with_dictionary(DICTIONARY).ok()?),
            };
            unpacker.decompress(bytes, BODY_MAX).ok()
        });
    };
    UNAGAINST.with_borrow_mut(|kept| {
        let unpacker = match kept {
            Some(unpacker) => unpacker,
            None => kept.insert(Decompressor::new().ok()?),
        };
        unpacker.set_dictionary(older).ok()?;
        unpacker.decompress(bytes, BODY_MAX).ok()
    })
}

/// Packs an entry of the log.
pub(super) fn packed_leaf(leaf: &[u8], older: Option<&[u8]>) -> Result<Vec<u8>, StoreError> {
    let Some(hollow) = Hollow::of(leaf) else {
        let mut out = vec![PLAIN];
        out.extend(packed(leaf, None)?);
        return Ok(out);
    };
    let older = older.and_then(Hollow::of).map(|older| older.text);
    let frame = packed(&hollow.text, older.as_deref())?;
    let frame = frame.strip_prefix(&MAGIC).unwrap_or(&frame);
    let mut out = vec![if older.is_some() { BESIDE } else { ALONE }];
    out.extend_from_slice(&hollow.taken);
    out.extend_from_slice(frame);
    // How much was taken out stands at the end: most entries need one byte for it.
    out.extend(u16::try_from(hollow.taken.len()).map_or(vec![], |it| it.to_le_bytes().to_vec()));
    Ok(out)
}

/// Packs a body; its first byte says whether another one is needed to read it.
pub(super) fn packed_body(body: &[u8], older: Option<&[u8]>) -> Result<Vec<u8>, StoreError> {
    let mut out = vec![if older.is_some() { BESIDE } else { ALONE }];
    out.extend(packed(body, older)?);
    Ok(out)
}

/// The exact bytes of a body; `None`: these bytes were not made by [`packed_body`].
pub(super) fn unpacked_body(bytes: &[u8], older: Option<&[u8]>) -> Option<Vec<u8>> {
    let (kind, frame) = bytes.split_first()?;
    let fits = *kind == (if older.is_some() { BESIDE } else { ALONE });
    unpacked(frame, older).filter(|_| fits)
}

/// The exact bytes of an entry; `None`: these bytes were not made by [`packed_leaf`].
pub(super) fn unpacked_leaf(bytes: &[u8], older: Option<&[u8]>) -> Option<Vec<u8>> {
    let (kind, rest) = bytes.split_first()?;
    if *kind == PLAIN {
        return unpacked(rest, None);
    }
    let (rest, length) = rest.split_last_chunk::<2>()?;
    let (taken, frame) = rest.split_at_checked(usize::from(u16::from_le_bytes(*length)))?;
    let mut whole = MAGIC.to_vec();
    whole.extend_from_slice(frame);
    let older = older.and_then(Hollow::of).map(|older| older.text);
    if *kind != (if older.is_some() { BESIDE } else { ALONE }) {
        return None;
    }
    filled(&unpacked(&whole, older.as_deref())?, taken)
}

/// A text without what cannot be guessed.
struct Hollow {
    text: Vec<u8>,
    taken: Vec<u8>,
}

impl Hollow {
    /// `None`: the text has bytes that stand for something here, or too much would be taken out.
    fn of(leaf: &[u8]) -> Option<Self> {
        if leaf.iter().any(|byte| *byte < 0x20) {
            return None;
        }
        let bodies = bodies(leaf);
        let hashes: Vec<Hash> = bodies
            .iter()
            .filter_map(|(start, end)| leaf.get(*start..*end).map(Hash::of))
            .collect();
        let mut text = Vec::with_capacity(leaf.len());
        let mut taken = Vec::new();
        let (mut at, mut copied) = (0, 0);
        // What is looked for stands between quotation marks.
        while let Some(found) = leaf.get(at..).and_then(quote) {
            let start = at + found + 1;
            let Some((token, length)) = token(leaf, start, &bodies, &hashes, &mut taken) else {
                at = start;
                continue;
            };
            text.extend_from_slice(leaf.get(copied..start)?);
            text.push(token);
            (at, copied) = (start + length, start + length);
        }
        text.extend_from_slice(leaf.get(copied..)?);
        (taken.len() <= usize::from(u16::MAX)).then_some(Self { text, taken })
    }
}

fn quote(text: &[u8]) -> Option<usize> {
    text.iter().position(|byte| *byte == b'"')
}

/// What stands at a place between quotation marks, if it is to be taken out.
fn token(
    leaf: &[u8],
    start: usize,
    bodies: &[(usize, usize)],
    hashes: &[Hash],
    taken: &mut Vec<u8>,
) -> Option<(u8, usize)> {
    let ends = |length: usize| leaf.get(start + length) == Some(&b'"');
    if ends(HEX_LEN) {
        let digits = leaf.get(start..start + HEX_LEN)?;
        let hash = lower_hex(digits)?;
        // A hash inside of a body is part of what the body's own hash covers.
        let inside = bodies
            .iter()
            .any(|(from, to)| (*from..*to).contains(&start));
        let known = hashes.iter().position(|it| *it == hash).filter(|_| !inside);
        if let Some(token) = known.and_then(|it| u8::try_from(it).ok()) {
            return Some((BODY + token, HEX_LEN));
        }
        taken.extend_from_slice(hash.bytes());
        return Some((HEX, HEX_LEN));
    }
    if ends(BASE64_LEN) {
        let signature: daicho_report::Signature =
            serde_json::from_slice(leaf.get(start - 1..=start + BASE64_LEN)?).ok()?;
        let exact = signature.bytes().len() == 64
            && serde_json::to_vec(&signature)
                .is_ok_and(|text| text.get(1..=BASE64_LEN) == leaf.get(start..start + BASE64_LEN));
        if exact {
            taken.extend_from_slice(signature.bytes());
            return Some((BASE64, BASE64_LEN));
        }
    }
    None
}

fn lower_hex(digits: &[u8]) -> Option<Hash> {
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let digit = |it: u8| match it {
            b'0'..=b'9' => Some(it - b'0'),
            b'a'..=b'f' => Some(it - b'a' + 10),
            _ => None,
        };
        let [high, low] = pair else { return None };
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(Hash::from(bytes))
}

/// The first objects that are the value of a field `body`: where each begins and ends.
fn bodies(text: &[u8]) -> Vec<(usize, usize)> {
    const FIELD: &str = "\"body\":{";
    let Ok(all) = std::str::from_utf8(text) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let mut at = 0;
    while found.len() < BODIES
        && let Some(next) = all.get(at..).and_then(|it| it.find(FIELD))
    {
        let start = at + next + FIELD.len() - 1;
        let Some(end) = object_end(text, start) else {
            break;
        };
        found.push((start, end));
        at = end;
    }
    found
}

fn object_end(text: &[u8], start: usize) -> Option<usize> {
    let (mut depth, mut string, mut escaped) = (0_usize, false, false);
    for (offset, byte) in text.get(start..)?.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if string => escaped = true,
            b'"' => string = !string,
            b'{' if !string => depth += 1,
            b'}' if !string => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(start + offset + 1);
                }
            }
            _ => {}
        }
    }
    None
}

/// Puts back what was taken out.
fn filled(text: &[u8], mut taken: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() + 4 * taken.len());
    // Hashes of bodies are put in last: where, and of which body.
    let mut later: Vec<(usize, usize)> = Vec::new();
    for byte in text {
        match *byte {
            HEX => {
                let (hash, rest) = taken.split_first_chunk::<32>()?;
                taken = rest;
                push_hex(&mut out, hash);
            }
            BASE64 => {
                let (signature, rest) = taken.split_first_chunk::<64>()?;
                taken = rest;
                let signature = daicho_report::Signature::from_bytes(signature);
                let quoted = serde_json::to_vec(&signature).ok()?;
                out.extend_from_slice(quoted.get(1..=BASE64_LEN)?);
            }
            token if token < 0x20 => {
                later.push((out.len(), usize::from(token.checked_sub(BODY)?)));
                out.extend([b'0'; HEX_LEN]);
            }
            byte => out.push(byte),
        }
    }
    let bodies = if later.is_empty() {
        Vec::new()
    } else {
        bodies(&out)
    };
    for (place, body) in later {
        let (start, end) = bodies.get(body)?;
        let mut digits = Vec::with_capacity(HEX_LEN);
        push_hex(&mut digits, Hash::of(out.get(*start..*end)?).bytes());
        out.get_mut(place..place + HEX_LEN)?
            .copy_from_slice(&digits);
    }
    taken.is_empty().then_some(out)
}

fn push_hex(out: &mut Vec<u8>, bytes: &[u8; 32]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for byte in bytes {
        for half in [byte >> 4, byte & 15] {
            out.extend(DIGITS.get(usize::from(half)));
        }
    }
}

#[cfg(test)]
mod tests;
