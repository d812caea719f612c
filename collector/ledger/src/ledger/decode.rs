//! Reads the bodies of one agent's sections. Comes in: exact bytes and kept readings; goes out:
//! typed bodies, in which a kept value stands where the newest reading failed. A body that cannot
//! be read becomes "failed" in every field: it is never taken for "nobody asked" or "none".

use std::collections::BTreeMap;

use daicho_report::{Fact, Reading, Reason, SectionBody, Time, unknown_body};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::value::RawValue;

use crate::asset::AgentAsset;
use crate::input::{KeptSection, Observed};

/// The code of a reading whose bytes are not what this version can read.
const UNREADABLE: &str = "parse";

type Fields = BTreeMap<String, Box<RawValue>>;

/// Collects what the bodies of one agent say about themselves.
pub(super) struct Decoder<'a> {
    sections: BTreeMap<&'a str, &'a KeptSection>,
    pub(super) stale: Vec<(String, Time, Reason)>,
    pub(super) unreadable: Vec<(String, String)>,
}

impl<'a> Decoder<'a> {
    /// Of a section that came twice the later received one counts.
    pub(super) fn new(observed: &'a Observed) -> Self {
        let mut sections: BTreeMap<&str, &KeptSection> = BTreeMap::new();
        for section in &observed.sections {
            let newer = sections
                .get(section.kind.as_str())
                .is_none_or(|other| rank(other) < rank(section));
            if newer {
                sections.insert(section.kind.as_str(), section);
            }
        }
        Self {
            sections,
            stale: Vec::new(),
            unreadable: Vec::new(),
        }
    }

    /// When each section was read, by kind.
    pub(super) fn read_at(&self) -> Vec<(String, Time)> {
        let kinds = self.sections.iter();
        kinds
            .map(|(kind, it)| ((*kind).to_owned(), it.at))
            .collect()
    }

    /// Kinds that are not among the known ones.
    pub(super) fn unknown(&self, known: &[&str]) -> Vec<String> {
        let kinds = self.sections.keys().filter(|kind| !known.contains(*kind));
        kinds.map(|kind| (*kind).to_owned()).collect()
    }

    /// The body of this type. A section that never came was not asked in any field.
    pub(super) fn body<B: SectionBody + Default>(&mut self) -> B {
        let Some(section) = self.sections.get(B::KIND) else {
            return B::default();
        };
        let bytes = section.body.get();
        if let Err(error) = serde_json::from_str::<B>(bytes) {
            self.unreadable
                .push((B::KIND.to_owned(), error.to_string()));
            return all_failed();
        }
        let (fields, stale) = with_kept::<B>(section);
        self.stale.extend(stale);
        serde_json::to_string(&fields)
            .and_then(|text| serde_json::from_str(&text))
            .unwrap_or_else(|_| all_failed())
    }
}

fn rank(section: &KeptSection) -> (Time, Time, &str) {
    (section.received_at, section.at, section.body.get())
}

/// The body's fields, with kept readings in place of unknown ones, and the names of those.
fn with_kept<B: SectionBody>(section: &KeptSection) -> (Fields, Vec<(String, Time, Reason)>) {
    let mut fields: Fields = serde_json::from_str(section.body.get()).unwrap_or_default();
    let mut stale = Vec::new();
    let mut kept: Vec<_> = section.kept.iter().collect();
    kept.sort_by(|a, b| (&a.field, b.at, a.reading.get()).cmp(&(&b.field, a.at, b.reading.get())));
    for older in kept {
        let newest = fields.get(&older.field);
        let Some(reason) = newest.map_or(Some(Reason::NotAsked), |it| unknown_because(it)) else {
            continue;
        };
        if unknown_because(&older.reading).is_some() || !fits::<B>(&older.field, &older.reading) {
            continue;
        }
        fields.insert(older.field.clone(), older.reading.clone());
        stale.push((format!("{}.{}", B::KIND, older.field), older.at, reason));
    }
    (fields, stale)
}

/// Why this raw reading has no value; `None`: it has one.
fn unknown_because(raw: &RawValue) -> Option<Reason> {
    match serde_json::from_str::<Reading<IgnoredAny>>(raw.get()) {
        Ok(reading) => reading.reason().cloned(),
        Err(_) => Some(Reason::failed(UNREADABLE)),
    }
}

/// Whether the body can be read with this reading in it.
fn fits<B: DeserializeOwned>(field: &str, reading: &RawValue) -> bool {
    let one: BTreeMap<&str, &RawValue> = BTreeMap::from([(field, reading)]);
    serde_json::to_string(&one).is_ok_and(|text| serde_json::from_str::<B>(&text).is_ok())
}

/// A body with "failed" in every field.
fn all_failed<B: SectionBody + Default>() -> B {
    unknown_body(&Reason::failed(UNREADABLE), B::KIND)
}

impl AgentAsset {
    /// When this section was read, by the machine's clock.
    #[must_use]
    pub fn section_at(&self, kind: &str) -> Option<Time> {
        let found = self.read_at.iter().find(|(name, _)| name == kind);
        found.map(|(_, at)| *at)
    }

    /// A reading of this section as a fact: with the time of the section, or of the older report
    /// when the value is an older one（前回値）.
    pub fn fact<T: Clone>(&self, section: &str, field: &str, reading: &Reading<T>) -> Fact<T> {
        let at = match self.stale_field(section, field) {
            Some((at, _)) => Some(at),
            None => self.section_at(section),
        };
        reading.clone().at(at.unwrap_or(self.presence.collected_at))
    }

    /// If the field's value is an older one: when it was read, and why the newest reading failed.
    #[must_use]
    pub fn stale_field(&self, section: &str, field: &str) -> Option<(Time, &Reason)> {
        let found = self.stale.iter().find(|(name, _, _)| {
            name.strip_prefix(section)
                .and_then(|rest| rest.strip_prefix('.'))
                == Some(field)
        });
        found.map(|(_, at, reason)| (*at, reason))
    }
}
