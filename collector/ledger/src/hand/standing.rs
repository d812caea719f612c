//! The entries that stand at a moment, and ways to find them. Comes in: entries; goes out: those of a kind,
//! or the one of a key. It decides nothing.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    Answer, CaseNote, Decision, DeclaredPoint, Entry, EntryBody, HandDevice, HandFields,
    HandSystem, KeptFile, Person, Pin, Record, SiteRule, Vendor,
};

/// Everything kept by hand, sorted by kind and key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Hand {
    /// The entries.
    pub entries: Vec<Entry>,
}

impl Hand {
    /// Sorted by kind and key.
    #[must_use]
    pub fn new(mut entries: Vec<Entry>) -> Self {
        entries.sort_by(|a, b| (a.body.kind(), &a.key).cmp(&(b.body.kind(), &b.key)));
        Self { entries }
    }

    /// Devices with their entries.
    pub fn devices(&self) -> impl Iterator<Item = (&Entry, &HandDevice)> {
        self.entries.iter().filter_map(|it| match &it.body {
            EntryBody::Device(device) => Some((it, device)),
            _ => None,
        })
    }

    /// Declared connection points.
    pub fn points(&self) -> impl Iterator<Item = (&Entry, &DeclaredPoint)> {
        self.entries.iter().filter_map(|it| match &it.body {
            EntryBody::Point(point) => Some((it, point)),
            _ => None,
        })
    }

    /// Rules of the site.
    pub fn rules(&self) -> impl Iterator<Item = (&Entry, &SiteRule)> {
        self.entries.iter().filter_map(|it| match &it.body {
            EntryBody::Rule(rule) => Some((it, rule)),
            _ => None,
        })
    }

    /// Systems.
    pub fn systems(&self) -> impl Iterator<Item = (&Entry, &HandSystem)> {
        self.entries.iter().filter_map(|it| match &it.body {
            EntryBody::System(system) => Some((it, system)),
            _ => None,
        })
    }

    /// What people wrote of a system that was recognised: by its id, or else by its name.
    #[must_use]
    pub fn system_of(&self, id: &str, name: &str) -> Option<(&Entry, &HandSystem)> {
        let is = |key: &str| key == id || id.strip_prefix("system:") == Some(key);
        let by_id = self.systems().find(|(entry, _)| is(&entry.key));
        by_id.or_else(|| {
            let mut named = self.systems();
            named.find(|(_, it)| !it.name.is_empty() && it.name == name)
        })
    }

    /// Values that people keep, by the key of the row.
    #[must_use]
    pub fn fields(&self) -> BTreeMap<&str, &HandFields> {
        let entries = self.entries.iter();
        entries
            .filter_map(|it| match &it.body {
                EntryBody::Fields(fields) => Some((it.key.as_str(), fields)),
                _ => None,
            })
            .collect()
    }

    /// The decision on something recognised.
    #[must_use]
    pub fn decision(&self, id: &str) -> Option<(&Entry, &Decision)> {
        self.entries.iter().find_map(|it| match &it.body {
            EntryBody::Decision(decision) if it.key == id => Some((it, decision)),
            _ => None,
        })
    }

    /// A vendor by key.
    #[must_use]
    pub fn vendor(&self, key: &str) -> Option<&Vendor> {
        self.entries.iter().find_map(|it| match &it.body {
            EntryBody::Vendor(vendor) if it.key == key => Some(vendor),
            _ => None,
        })
    }

    /// Persons.
    pub fn persons(&self) -> impl Iterator<Item = (&Entry, &Person)> {
        self.entries.iter().filter_map(|it| match &it.body {
            EntryBody::Person(person) => Some((it, person)),
            _ => None,
        })
    }

    /// Vendors.
    pub fn vendors(&self) -> impl Iterator<Item = (&Entry, &Vendor)> {
        self.entries.iter().filter_map(|it| match &it.body {
            EntryBody::Vendor(vendor) => Some((it, vendor)),
            _ => None,
        })
    }

    /// Records of all registers.
    pub fn records(&self) -> impl Iterator<Item = (&Entry, &Record)> {
        self.entries.iter().filter_map(|it| match &it.body {
            EntryBody::Record(record) => Some((it, record)),
            _ => None,
        })
    }

    /// Lines of case logs.
    pub fn cases(&self) -> impl Iterator<Item = (&Entry, &CaseNote)> {
        self.entries.iter().filter_map(|it| match &it.body {
            EntryBody::Case(note) => Some((it, note)),
            _ => None,
        })
    }

    /// Where people want things to stand on the diagram.
    pub fn pins(&self) -> impl Iterator<Item = (&Entry, &Pin)> {
        self.entries.iter().filter_map(|it| match &it.body {
            EntryBody::Pin(pin) => Some((it, pin)),
            _ => None,
        })
    }

    /// A person's answer to an item of a checklist.
    #[must_use]
    pub fn answer(&self, key: &str) -> Option<(&Entry, &Answer)> {
        self.entries.iter().find_map(|it| match &it.body {
            EntryBody::Answer(answer) if it.key == key => Some((it, answer)),
            _ => None,
        })
    }

    /// Files that were handed in with answers and records.
    pub fn files(&self) -> impl Iterator<Item = (&Entry, &KeptFile)> {
        self.entries
            .iter()
            .filter_map(|it| Some((it, it.body.file()?)))
    }

    /// A person by key.
    #[must_use]
    pub fn person(&self, key: &str) -> Option<&Person> {
        self.entries.iter().find_map(|it| match &it.body {
            EntryBody::Person(person) if it.key == key => Some(person),
            _ => None,
        })
    }
}
