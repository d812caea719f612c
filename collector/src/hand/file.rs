//! The file of hand-kept entries (TOML: `[[device]] [[point]] [[rule]] [[system]] [[vendor]]
//! [[person]] [[decision]] [[fields]] [[answer]] [[record]] [[case]]`). Comes in: its text; goes out: entries, or the line that is wrong. It
//! changes nothing, and what it does not know it refuses.

mod write;

use std::collections::BTreeMap;
use std::ops::Range;

use daicho_ledger::hand::EntryBody;
use daicho_ledger::hand::field::field_of;
use daicho_report::{Address, Time};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use super::{Draft, bounds};

pub use write::text;

/// Largest file.
pub const BYTES_MAX: u64 = 8 << 20;
/// Kinds, in the order of files.
pub const KINDS: [&str; 12] = [
    "person", "vendor", "system", "device", "point", "rule", "decision", "fields", "answer",
    "record", "case", "pin",
];

/// One entry as it stands in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Its line, from 1.
    pub line: usize,
    /// What it says.
    pub draft: Draft,
    /// Who wrote it, as an export notes it.
    pub by: Option<String>,
    /// When it was taken in, as an export notes it.
    pub at: Option<Time>,
}

/// What is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{line}: {what}")]
pub struct Fault {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong there.
    pub what: String,
}

struct Text<'a>(&'a str);

impl Text<'_> {
    fn fault(&self, span: Range<usize>, what: impl Into<String>) -> Fault {
        Fault {
            line: self.line(span.start),
            what: what.into(),
        }
    }

    fn line(&self, offset: usize) -> usize {
        let before = self.0.as_bytes().get(..offset).unwrap_or_default();
        before.iter().filter(|byte| **byte == b'\n').count() + 1
    }

    fn toml(&self, error: &toml::de::Error, instead: Range<usize>) -> Fault {
        self.fault(error.span().unwrap_or(instead), error.message())
    }
}

/// Reads a file, in the order of its lines.
pub fn parse(text: &str) -> Result<Vec<Written>, Fault> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let source = Text(text);
    let (root, errors) = DeTable::parse_recoverable(text);
    // One mistake can make others after it: the first is the one to tell.
    let start = |error: &toml::de::Error| error.span().map_or(0, |span| span.start);
    if let Some(error) = errors.into_iter().min_by_key(start) {
        return Err(source.toml(&error, 0..0));
    }
    let mut all = Vec::new();
    for (name, items) in root.into_inner() {
        let span = name.span();
        let kind = name.into_inner();
        if !KINDS.contains(&kind.as_ref()) {
            let what = format!("unknown kind `{kind}`, want [[{}]]", KINDS.join("]] [["));
            return Err(source.fault(span, what));
        }
        let DeValue::Array(items) = items.into_inner() else {
            return Err(source.fault(span, format!("want [[{kind}]]")));
        };
        for item in items {
            all.push(entry(&source, &kind, item)?);
        }
    }
    all.sort_by_key(|it| it.line);
    if let Some(over) = all.get(bounds::ENTRIES_MAX) {
        return Err(Fault {
            line: over.line,
            what: format!("more than {} entries", bounds::ENTRIES_MAX),
        });
    }
    twice(&all)?;
    Ok(all)
}

fn twice(all: &[Written]) -> Result<(), Fault> {
    let mut lines = BTreeMap::new();
    for it in all {
        let (kind, key) = (it.draft.body.kind(), it.draft.key.as_str());
        if let Some(first) = lines.insert((kind, key), it.line) {
            let what = format!("{kind} `{key}` stands at line {first} already");
            return Err(Fault {
                line: it.line,
                what,
            });
        }
    }
    Ok(())
}

fn entry(source: &Text<'_>, kind: &str, item: Spanned<DeValue<'_>>) -> Result<Written, Fault> {
    let span = item.span();
    let DeValue::Table(mut table) = item.into_inner() else {
        return Err(source.fault(span, format!("want [[{kind}]]")));
    };
    let mut places = BTreeMap::new();
    note_places(&table, &mut places, 0);
    let key: String = take(source, &mut table, "key")?
        .ok_or_else(|| source.fault(span.clone(), format!("{kind}: key: is missing")))?;
    let by: Option<String> = take(source, &mut table, "by")?;
    let at: Option<String> = take(source, &mut table, "at")?;
    let place = |field: &str| places.get(field).cloned().unwrap_or_else(|| span.clone());
    let at = at.map(|text| Time::parse(&text)).transpose();
    let at = at.map_err(|error| source.fault(place("at"), format!("at: {error}")))?;
    if kind == "fields" {
        stamped(source, &mut table)?;
    }
    let addresses = Addresses::take(source, kind, &mut table)?;
    let mut body = body(
        source,
        kind,
        Spanned::new(span.clone(), DeValue::Table(table)),
    )?;
    addresses.put(&mut body);
    let draft = Draft { key, body };
    bounds::check(&draft).map_err(|fault| {
        let what = format!("{kind} `{}`: {fault}", draft.key);
        source.fault(place(&fault.field), what)
    })?;
    if by.as_ref().is_some_and(|by| bounds::person(by).is_err()) {
        return Err(source.fault(place("by"), "by: want a name of at most 200 characters"));
    }
    Ok(Written {
        line: source.line(span.start),
        draft,
        by,
        at,
    })
}

/// Values as people write them, `location = "1F"`; who and when is put in when they are taken in.
fn stamped(source: &Text<'_>, table: &mut DeTable<'_>) -> Result<(), Fault> {
    let Some(DeValue::Table(values)) = table.get_mut("values").map(Spanned::get_mut) else {
        return Ok(());
    };
    for (name, value) in values.iter_mut() {
        let span = value.span();
        let written = match value.get_ref() {
            DeValue::String(text) => text.to_string(),
            DeValue::Integer(number) => number.to_string(),
            DeValue::Datetime(day) => day.to_string(),
            _ => return Err(source.fault(span, format!("{}: want a text", name.get_ref()))),
        };
        let Some(field) = field_of(name.get_ref()) else {
            let what = format!("{}: there is no such field", name.get_ref());
            return Err(source.fault(name.span(), what));
        };
        let kept = field.keep(&written);
        let kept =
            kept.map_err(|what| source.fault(span.clone(), format!("{}: {what}", field.key)))?;
        let text = |text: String| Spanned::new(span.clone(), DeValue::String(text.into()));
        let mut fields = DeTable::new();
        for (name, value) in [
            ("text", kept),
            ("by", String::new()),
            ("at", Time::EPOCH.to_string()),
        ] {
            fields.insert(Spanned::new(span.clone(), name.into()), text(value));
        }
        *value = Spanned::new(span, DeValue::Table(fields));
    }
    Ok(())
}

/// Where each field of the entry stands; the first of a name.
fn note_places(table: &DeTable<'_>, places: &mut BTreeMap<String, Range<usize>>, depth: u8) {
    for (name, value) in table {
        places
            .entry(name.get_ref().to_string())
            .or_insert_with(|| name.span());
        match value.get_ref() {
            DeValue::Table(inner) if depth < 4 => note_places(inner, places, depth + 1),
            DeValue::Array(items) if depth < 4 => {
                let inner = items.iter().filter_map(|item| item.get_ref().as_table());
                inner.for_each(|inner| note_places(inner, places, depth + 1));
            }
            _ => {}
        }
    }
}

fn take<T: DeserializeOwned>(
    source: &Text<'_>,
    table: &mut DeTable<'_>,
    name: &str,
) -> Result<Option<T>, Fault> {
    let Some(value) = table.remove(name) else {
        return Ok(None);
    };
    let span = value.span();
    let taken = T::deserialize(ValueDeserializer::from(value));
    taken
        .map(Some)
        .map_err(|error| source.fault(span, format!("{name}: {}", error.message())))
}

fn body(source: &Text<'_>, kind: &str, value: Spanned<DeValue<'_>>) -> Result<EntryBody, Fault> {
    let span = value.span();
    let from = ValueDeserializer::from(value);
    let body = match kind {
        "device" => Deserialize::deserialize(from).map(EntryBody::Device),
        "point" => Deserialize::deserialize(from).map(EntryBody::Point),
        "decision" => Deserialize::deserialize(from).map(EntryBody::Decision),
        "rule" => Deserialize::deserialize(from).map(EntryBody::Rule),
        "system" => Deserialize::deserialize(from).map(EntryBody::System),
        "vendor" => Deserialize::deserialize(from).map(EntryBody::Vendor),
        "fields" => Deserialize::deserialize(from).map(EntryBody::Fields),
        "answer" => Deserialize::deserialize(from).map(EntryBody::Answer),
        "record" => Deserialize::deserialize(from).map(EntryBody::Record),
        "case" => Deserialize::deserialize(from).map(EntryBody::Case),
        "pin" => Deserialize::deserialize(from).map(EntryBody::Pin),
        _ => Deserialize::deserialize(from).map(EntryBody::Person),
    };
    body.map_err(|error| source.toml(&error, span))
}

/// What people write as `10.1.2.3/24`, taken out of an entry's table before the rest is read.
#[derive(Default)]
struct Addresses {
    /// By number of the interface.
    interfaces: Vec<(usize, Address)>,
    peer_networks: Vec<Address>,
    range: Option<Address>,
    peer_range: Option<Address>,
}

impl Addresses {
    fn take(source: &Text<'_>, kind: &str, table: &mut DeTable<'_>) -> Result<Self, Fault> {
        let mut out = Self::default();
        match kind {
            "device" => {
                let interfaces = table.get_mut("interfaces").map(Spanned::get_mut);
                let Some(DeValue::Array(interfaces)) = interfaces else {
                    return Ok(out);
                };
                for (number, interface) in interfaces.iter_mut().enumerate() {
                    if let DeValue::Table(interface) = interface.get_mut()
                        && let Some(address) = address_field(source, interface, "address")?
                    {
                        out.interfaces.push((number, address));
                    }
                }
            }
            "point" => {
                let texts: Vec<Spanned<String>> =
                    take(source, table, "peer_networks")?.unwrap_or_default();
                for text in texts {
                    out.peer_networks
                        .push(address(source, "peer_networks", text)?);
                }
            }
            "rule" => {
                if let Some(DeValue::Table(when)) = table.get_mut("when").map(Spanned::get_mut) {
                    out.range = address_field(source, when, "range")?;
                    out.peer_range = address_field(source, when, "peer_range")?;
                }
            }
            _ => {}
        }
        Ok(out)
    }

    fn put(self, body: &mut EntryBody) {
        match body {
            EntryBody::Device(device) => {
                for (number, address) in self.interfaces {
                    if let Some(interface) = device.interfaces.get_mut(number) {
                        interface.address = Some(address);
                    }
                }
            }
            EntryBody::Point(point) => point.peer_networks = self.peer_networks,
            EntryBody::Rule(rule) => {
                rule.when.range = self.range;
                rule.when.peer_range = self.peer_range;
            }
            _ => {}
        }
    }
}

fn address_field(
    source: &Text<'_>,
    table: &mut DeTable<'_>,
    name: &str,
) -> Result<Option<Address>, Fault> {
    let text: Option<Spanned<String>> = take(source, table, name)?;
    text.map(|text| address(source, name, text)).transpose()
}

fn address(source: &Text<'_>, name: &str, text: Spanned<String>) -> Result<Address, Fault> {
    let span = text.span();
    super::address(text.get_ref()).ok_or_else(|| {
        let shown: String = text.get_ref().chars().take(60).collect();
        let what = format!("{name}: `{shown}` is no address such as 10.1.2.3/24");
        source.fault(span, what)
    })
}
