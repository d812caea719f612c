//! A report as a file that was carried. Comes in: bytes of a file; goes out: the signed report of an
//! enrolled agent, or the picture of a machine where nothing is installed, each bounded and with bodies
//! that have their hashes. It believes nothing that the file says of who made it.

use daicho_report::{Limit, Picture, check_json};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use crate::ingest::{Opened, batch};
use crate::refusal::Refused;

/// Most bytes of a file: a report of the largest size, indented, in two bytes a character.
pub const BYTES_MAX: u64 = 64 << 20;

/// What a file holds.
pub(super) enum Carried {
    /// Everything of a machine, not signed.
    Picture(Box<Picture>),
    /// A link of an agent's chain.
    Report(Box<Opened>),
}

/// Which of the two it is; everything else is looked at later.
#[derive(Deserialize)]
struct Shape {
    signed: Option<IgnoredAny>,
    envelope: Option<IgnoredAny>,
}

pub(super) fn open(bytes: &[u8]) -> Result<Carried, Refused> {
    let text = decoded(bytes)?;
    let text = compact(&text);
    let bytes = text.as_bytes();
    check_json(bytes, &Limit::REPORT)
        .map_err(|error| Refused::new("CAR-001", error.to_string()))?;
    let broken = |error: serde_json::Error| Refused::new("CAR-001", error.to_string());
    let shape: Shape = serde_json::from_slice(bytes).map_err(broken)?;
    if shape.envelope.is_some() {
        return Ok(Carried::Report(Box::new(batch::open(bytes)?)));
    }
    if shape.signed.is_none() {
        return Err(Refused::new("CAR-001", "neither `signed` nor `envelope`"));
    }
    let picture: Picture = serde_json::from_slice(bytes).map_err(broken)?;
    for section in &picture.sections {
        if !section.is_intact() {
            return Err(Refused::new("CAR-002", section.kind.to_string()));
        }
    }
    Ok(Carried::Picture(Box::new(picture)))
}

/// The text, in the encodings that a redirection on Windows gives.
fn decoded(bytes: &[u8]) -> Result<String, Refused> {
    let odd = || Refused::new("CAR-001", "neither UTF-8 nor UTF-16");
    let units = |pair: fn([u8; 2]) -> u16, rest: &[u8]| -> Result<String, Refused> {
        let (pairs, left) = rest.as_chunks::<2>();
        let units: Vec<u16> = pairs.iter().map(|it| pair(*it)).collect();
        let text = String::from_utf16(&units).map_err(|_| odd())?;
        left.is_empty().then_some(text).ok_or_else(odd)
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => units(u16::from_le_bytes, rest),
        [0xfe, 0xff, rest @ ..] => units(u16::from_be_bytes, rest),
        [0xef, 0xbb, 0xbf, rest @ ..] | rest => std::str::from_utf8(rest)
            .map(str::to_owned)
            .map_err(|_| odd()),
    }
}

/// JSON without the white space between its parts: hashes cover bodies as the agent made them, and a
/// file for people is indented.
fn compact(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let (mut text, mut escaped) = (false, false);
    for c in json.chars() {
        if text {
            text = escaped || c != '"';
            escaped = !escaped && c == '\\';
        } else if matches!(c, ' ' | '\t' | '\r' | '\n') {
            continue;
        } else {
            text = c == '"';
        }
        out.push(c);
    }
    out
}

/// The body of a section, as its type.
pub(super) fn body<B: daicho_report::SectionBody>(picture: &Picture) -> Result<B, Refused> {
    let mut sections = picture.sections.iter();
    let section = sections.find(|it| it.kind.as_str() == B::KIND);
    let body: &RawValue = &section
        .ok_or_else(|| Refused::new("CAR-003", format!("section {}", B::KIND)))?
        .body;
    serde_json::from_str(body.get())
        .map_err(|error| Refused::new("CAR-001", format!("{}: {error}", B::KIND)))
}
