//! A section: one kind of fact about the machine, as `{ body, source, at, hash }`.
//!
//! The hash covers the exact bytes of `body` and nothing else, so an unchanged body keeps its hash
//! however often it is read. A kind or field that a reader does not know stays raw bytes.

use std::collections::BTreeMap;

use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{Hash, Reading, Reason, Time};

/// The name of a section: lower-case letters, digits and `_`, at most 40.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SectionKind(String);

impl SectionKind {
    /// Longest name accepted, in bytes.
    pub const MAX_LEN: usize = 40;

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The kind of this body type.
    #[must_use]
    pub fn of<B: SectionBody>() -> Self {
        Self(B::KIND.to_owned())
    }
}

impl TryFrom<String> for SectionKind {
    type Error = String;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        let fits = !name.is_empty()
            && name.len() <= Self::MAX_LEN
            && name
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if fits {
            Ok(Self(name))
        } else {
            Err("section names are a-z, 0-9 and _".to_owned())
        }
    }
}

impl From<SectionKind> for String {
    fn from(kind: SectionKind) -> Self {
        kind.0
    }
}

impl std::fmt::Display for SectionKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A type that is the body of one kind of section.
pub trait SectionBody: Serialize + DeserializeOwned {
    /// The section's name on the wire.
    const KIND: &'static str;
    /// How the collector keeps it.
    const KEPT: Kept = Kept::Versions;
}

/// A body of which nothing could be learnt, for one reason: all fields of a kept body are readings.
pub fn unknown_body<B: SectionBody + Default>(reason: &Reason, source: &str) -> B {
    let reading = Reading::<()>::unknown(reason.clone(), source);
    let unknown = || {
        let text = serde_json::to_string(&B::default())?;
        let names: BTreeMap<String, IgnoredAny> = serde_json::from_str(&text)?;
        let body: BTreeMap<String, &Reading<()>> =
            names.into_keys().map(|name| (name, &reading)).collect();
        serde_json::from_str(&serde_json::to_string(&body)?)
    };
    unknown().unwrap_or_else(|_: serde_json::Error| B::default())
}

/// How the collector keeps a kind of section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// Content-addressed versions: a new row only when the hash changes.
    Versions,
    /// Openings and closings of intervals, applied to rows.
    Intervals,
    /// The last value only, never in history.
    Last,
}

/// The hash by which an envelope names a section's body: 64 hexadecimal digits, or the first 24 of
/// them where the body is that of the report before and its whole hash was signed earlier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum SectionHash {
    /// SHA-256 of the body's exact bytes.
    Whole(Hash),
    /// Its first twelve bytes.
    Short([u8; SectionHash::SHORT]),
}

impl SectionHash {
    /// Bytes of a short one: enough that nobody finds another body to it.
    pub const SHORT: usize = 12;

    /// The beginning of this hash.
    #[must_use]
    pub fn short(hash: &Hash) -> Self {
        let mut short = [0; Self::SHORT];
        for (to, from) in short.iter_mut().zip(hash.bytes()) {
            *to = *from;
        }
        Self::Short(short)
    }

    /// Whether it names the body with this hash.
    #[must_use]
    pub fn names(&self, hash: &Hash) -> bool {
        match self {
            Self::Whole(whole) => whole == hash,
            Self::Short(short) => hash.bytes().starts_with(short),
        }
    }

    /// The whole hash, where it is one.
    #[must_use]
    pub fn whole(&self) -> Option<Hash> {
        match self {
            Self::Whole(whole) => Some(*whole),
            Self::Short(_) => None,
        }
    }
}

impl TryFrom<String> for SectionHash {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if let Some(whole) = Hash::parse(&text) {
            return Ok(Self::Whole(whole));
        }
        // A short one is read as the beginning of a whole one.
        let filled = format!("{text:0<64}");
        let is_short = text.len() == 2 * Self::SHORT;
        match Hash::parse(&filled).filter(|_| is_short) {
            Some(hash) => Ok(Self::short(&hash)),
            None => Err("want 64 or 24 hexadecimal digits".to_owned()),
        }
    }
}

impl From<SectionHash> for String {
    fn from(hash: SectionHash) -> Self {
        match hash {
            SectionHash::Whole(whole) => whole.to_string(),
            SectionHash::Short(short) => short.iter().map(|byte| format!("{byte:02x}")).collect(),
        }
    }
}

/// What the envelope says of one section.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SectionRef {
    /// Which section.
    pub kind: SectionKind,
    /// Which body.
    pub hash: SectionHash,
    /// What was asked, in short (`linux`, `replay`).
    pub source: String,
    /// When it was read, by the machine's clock.
    pub at: Time,
}

/// One section with its body.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// Which section.
    pub kind: SectionKind,
    /// SHA-256 of the body's exact bytes.
    pub hash: Hash,
    /// What was asked, in short.
    pub source: String,
    /// When it was read, by the machine's clock.
    pub at: Time,
    /// The body, as the exact bytes that the hash covers.
    pub body: Box<RawValue>,
}

impl Section {
    /// Wraps a body: encodes it once and hashes those bytes.
    pub fn new<B: SectionBody>(
        body: &B,
        source: impl Into<String>,
        at: Time,
    ) -> Result<Self, serde_json::Error> {
        let body = serde_json::value::to_raw_value(body)?;
        let hash = Hash::of(body.get().as_bytes());
        Ok(Self {
            kind: SectionKind::of::<B>(),
            hash,
            source: source.into(),
            at,
            body,
        })
    }

    /// What the envelope says of it.
    #[must_use]
    pub fn reference(&self) -> SectionRef {
        SectionRef {
            kind: self.kind.clone(),
            hash: SectionHash::Whole(self.hash),
            source: self.source.clone(),
            at: self.at,
        }
    }

    /// The same, of a body that the report before had as well.
    #[must_use]
    pub fn short_reference(&self) -> SectionRef {
        SectionRef {
            hash: SectionHash::short(&self.hash),
            ..self.reference()
        }
    }

    /// Whether this is what the envelope says of it.
    #[must_use]
    pub fn is(&self, reference: &SectionRef) -> bool {
        let SectionRef {
            kind,
            hash,
            source,
            at,
        } = reference;
        self.kind == *kind && hash.names(&self.hash) && self.source == *source && self.at == *at
    }

    /// Whether the hash is that of the body.
    #[must_use]
    pub fn is_intact(&self) -> bool {
        Hash::of(self.body.get().as_bytes()) == self.hash
    }

    /// The body as its type; fields that this version does not know are ignored.
    pub fn decode<B: SectionBody>(&self) -> Result<B, serde_json::Error> {
        serde_json::from_str(self.body.get())
    }
}
