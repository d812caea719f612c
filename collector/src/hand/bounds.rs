//! Bounds of what people write. Comes in: drafts, names, reasons; goes out: nothing, or a refusal
//! that names the entry and its field. It judges form alone: what an entry says is its writer's word.

use std::collections::BTreeSet;

use daicho_ledger::hand::field::field_of;
use daicho_ledger::hand::{
    Answer, CaseNote, DeclaredPoint, EntryBody, HandDevice, HandFields, HandInterface, KeptFile,
    Match, Pin, Record, SiteRule,
};
use daicho_report::{Address, Time};
use serde_json::Value;

use super::Draft;
use crate::refusal::Refused;
use crate::store::{OPEN, Rows, StoreError};

/// Longest key.
const KEY_MAX: usize = 100;
/// Longest id of something recognised, which is the key of a decision.
const ID_MAX: usize = 400;
/// Longest name of a person or a thing.
const NAME_MAX: usize = 200;
/// Longest text of any other field.
const TEXT_MAX: usize = 2_000;
/// Most interfaces of a device, networks of a peer: a core switch has one for each VLAN.
const LIST_MAX: usize = 512;
/// Most `*` of one text of a rule; the recogniser takes no more.
const STARS_MAX: usize = 4;
/// Largest file that is handed in with an answer or a record.
pub const FILE_MAX: u64 = 16 << 20;
/// Most entries that stand.
pub(super) const ENTRIES_MAX: usize = 20_000;

/// What is wrong with a draft.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {what}")]
pub struct Fault {
    /// The field.
    pub field: String,
    /// What is wrong with it.
    pub what: String,
}

fn fault(field: impl Into<String>, what: impl Into<String>) -> Fault {
    Fault {
        field: field.into(),
        what: what.into(),
    }
}

/// A person's name.
pub fn person(name: &str) -> Result<(), Refused> {
    let fits = !name.trim().is_empty() && name.chars().count() <= NAME_MAX && is_line(name);
    fits.then_some(())
        .ok_or_else(|| Refused::new("SIT-006", name.chars().take(80).collect::<String>()))
}

/// Why something is withdrawn or rejected.
pub fn reason(why: &str) -> Result<(), Refused> {
    let fits = !why.trim().is_empty() && why.chars().count() <= TEXT_MAX && is_text(why);
    fits.then_some(())
        .ok_or_else(|| Refused::new("SIT-007", why.chars().take(80).collect::<String>()))
}

/// All drafts of one act: their form, and that no key is there twice.
pub(super) fn drafts(drafts: &[Draft]) -> Result<(), Refused> {
    let mut seen = BTreeSet::new();
    for draft in drafts {
        let name = || format!("{} `{}`", draft.body.kind(), draft.key);
        check(draft).map_err(|fault| Refused::new("SIT-002", format!("{}: {fault}", name())))?;
        if !seen.insert((draft.body.kind(), &draft.key)) {
            return Err(Refused::new("SIT-002", format!("{}: key: twice", name())));
        }
    }
    Ok(())
}

/// Not more entries stand than a ledger can hold.
pub(super) fn count(rows: &dyn Rows) -> Result<(), StoreError> {
    let standing = rows.entries_at(Time::from_seconds(OPEN - 1))?.len();
    if standing > ENTRIES_MAX {
        let what = format!("{standing} > {ENTRIES_MAX}");
        return Err(Refused::new("SIT-008", what).into());
    }
    Ok(())
}

/// One draft.
pub fn check(draft: &Draft) -> Result<(), Fault> {
    match &draft.body {
        EntryBody::Decision(_)
        | EntryBody::Fields(_)
        | EntryBody::Answer(_)
        | EntryBody::Case(_) => id(&draft.key)?,
        _ => key("key", &draft.key)?,
    }
    texts(&draft.body)?;
    match &draft.body {
        EntryBody::Device(device) => self::device(device),
        EntryBody::Point(point) => self::point(point),
        EntryBody::Decision(decision) => {
            filled("name", decision.name.as_ref())?;
            day("on", &decision.on)
        }
        EntryBody::Rule(rule) => self::rule(rule),
        EntryBody::System(system) => {
            for reference in [&system.vendor, &system.person].into_iter().flatten() {
                key("vendor, person", reference)?;
            }
            named(&system.name)
        }
        EntryBody::Vendor(vendor) => named(&vendor.name),
        EntryBody::Person(person) => named(&person.name),
        EntryBody::Fields(it) => fields(it),
        EntryBody::Answer(it) => answer(it),
        EntryBody::Record(it) => record(it),
        EntryBody::Case(it) => case(it),
        EntryBody::Pin(it) => pin(it),
    }
}

fn key(field: &str, key: &str) -> Result<(), Fault> {
    let fits = |c: char| c.is_ascii_alphanumeric() || "-_.:/@".contains(c);
    if key.is_empty() || key.len() > KEY_MAX || !key.chars().all(fits) {
        let what = format!("want 1 to {KEY_MAX} of A-Z a-z 0-9 - _ . : / @");
        return Err(fault(field, what));
    }
    Ok(())
}

/// The id of something recognised: it can hold names from machines.
fn id(id: &str) -> Result<(), Fault> {
    if id.trim().is_empty() || id.chars().count() > ID_MAX || !is_line(id) {
        return Err(fault(
            "key",
            format!("want an id of at most {ID_MAX} characters"),
        ));
    }
    Ok(())
}

fn named(name: &str) -> Result<(), Fault> {
    if name.trim().is_empty() {
        return Err(fault("name", "must not be empty"));
    }
    Ok(())
}

/// What need not be there is left out, not empty.
fn filled(field: &str, text: Option<&String>) -> Result<(), Fault> {
    let empty = text.is_some_and(|text| text.trim().is_empty());
    if empty {
        return Err(fault(field, "must not be empty; leave it out"));
    }
    Ok(())
}

fn is_line(text: &str) -> bool {
    !text.chars().any(char::is_control)
}

fn is_text(text: &str) -> bool {
    !text
        .chars()
        .any(|c| c.is_control() && c != '\n' && c != '\t')
}

/// Every text of the body: its length and its characters; every list: its length.
fn texts(body: &EntryBody) -> Result<(), Fault> {
    let value = serde_json::to_value(body).map_err(|error| fault("body", error.to_string()))?;
    let inner = value.as_object().and_then(|outer| outer.values().next());
    walk("", inner.unwrap_or(&Value::Null))
}

fn walk(field: &str, value: &Value) -> Result<(), Fault> {
    match value {
        Value::String(text) => {
            let most = if field == "name" { NAME_MAX } else { TEXT_MAX };
            if text.chars().count() > most {
                return Err(fault(field, format!("longer than {most} characters")));
            }
            let fits = if field == "name" {
                is_line(text)
            } else {
                is_text(text)
            };
            fits.then_some(())
                .ok_or_else(|| fault(field, "has control characters"))
        }
        Value::Array(items) if items.len() > LIST_MAX => {
            Err(fault(field, format!("more than {LIST_MAX}")))
        }
        Value::Array(items) => items.iter().try_for_each(|item| walk(field, item)),
        Value::Object(fields) => fields
            .iter()
            .try_for_each(|(name, value)| walk(name, value)),
        _ => Ok(()),
    }
}

fn device(device: &HandDevice) -> Result<(), Fault> {
    named(&device.name)?;
    filled("system", device.system.as_ref())?;
    for reference in [&device.vendor, &device.pair].into_iter().flatten() {
        key("vendor, pair", reference)?;
    }
    device.interfaces.iter().try_for_each(interface)
}

fn interface(interface: &HandInterface) -> Result<(), Fault> {
    if let Some(mac) = &interface.mac
        && !is_mac(mac)
    {
        return Err(fault("mac", "want six pairs of hexadecimal digits"));
    }
    if let Some(linked) = &interface.linked_to {
        key("linked_to", linked)?;
    }
    address("address", interface.address.as_ref())
}

fn is_mac(mac: &str) -> bool {
    let mac = daicho_ledger::normal_mac(mac);
    let is_pair = |pair: &str| pair.len() == 2 && pair.bytes().all(|b| b.is_ascii_hexdigit());
    mac.split(':').count() == 6 && mac.split(':').all(is_pair)
}

fn address(field: &str, address: Option<&Address>) -> Result<(), Fault> {
    let most = |it: &Address| if it.address.is_ipv4() { 32 } else { 128 };
    match address {
        Some(it) if it.prefix > most(it) => Err(fault(
            field,
            format!("the prefix is longer than {}", most(it)),
        )),
        _ => Ok(()),
    }
}

fn point(point: &DeclaredPoint) -> Result<(), Fault> {
    named(&point.name)?;
    filled("system", point.system.as_ref())?;
    for reference in [&point.vendor, &point.device].into_iter().flatten() {
        key("vendor, device", reference)?;
    }
    let mut networks = point.peer_networks.iter();
    networks.try_for_each(|network| address("peer_networks", Some(network)))
}

fn rule(rule: &SiteRule) -> Result<(), Fault> {
    let nothing = Match {
        protocol: rule.when.protocol,
        ..Match::default()
    };
    if rule.when == nothing {
        return Err(fault("when", "must look at something"));
    }
    let ranges = [
        ("range", rule.when.range),
        ("peer_range", rule.when.peer_range),
    ];
    let all_addresses = |it: &&(_, Option<Address>)| it.1.is_some_and(|range| range.prefix == 0);
    let all = ranges.iter().find(all_addresses).map(|it| it.0);
    if let Some(all) = all {
        return Err(fault(all, "would match everything"));
    }
    if rule.when.protocol.is_some() && rule.when.port.is_none() {
        return Err(fault("protocol", "needs a port"));
    }
    pattern(&rule.when)?;
    if rule.system.is_none() && rule.zone.is_none() && rule.point.is_none() {
        return Err(fault("rule", "must name a system, a zone or a point"));
    }
    filled("system", rule.system.as_ref())?;
    address("range", rule.when.range.as_ref())?;
    address("peer_range", rule.when.peer_range.as_ref())
}

/// A text that cannot be compared with: of stars alone it would match everything.
fn pattern(when: &Match) -> Result<(), Fault> {
    let texts = [
        ("publisher", &when.publisher),
        ("software", &when.software),
        ("program", &when.program),
        ("service", &when.service),
        ("host_name", &when.host_name),
        ("domain", &when.domain),
    ];
    for (field, text) in texts {
        let Some(text) = text else { continue };
        if text.split('*').all(|part| part.trim().is_empty()) {
            return Err(fault(field, "would match everything"));
        }
        if text.matches('*').count() > STARS_MAX || !is_line(text) {
            let what = format!("want at most {STARS_MAX} `*` and no control characters");
            return Err(fault(field, what));
        }
    }
    Ok(())
}

/// Values of fields that there are, each in the form in which it is kept.
fn fields(fields: &HandFields) -> Result<(), Fault> {
    for (name, value) in &fields.values {
        let Some(field) = field_of(name) else {
            return Err(fault(name, "there is no such field"));
        };
        let kept = field.keep(&value.text).map_err(|what| fault(name, what))?;
        if kept.is_empty() {
            return Err(fault(name, "must not be empty; leave it out"));
        }
        if kept != value.text {
            return Err(fault(name, format!("is kept as `{kept}`")));
        }
    }
    Ok(())
}

fn answer(answer: &Answer) -> Result<(), Fault> {
    day("on", &answer.on)?;
    for (field, on) in [("target", &answer.target), ("done", &answer.done)] {
        on.as_ref().map_or(Ok(()), |on| day(field, on))?;
    }
    named(&answer.name)?;
    answer.file.as_ref().map_or(Ok(()), kept_file)
}

fn record(record: &Record) -> Result<(), Fault> {
    day("on", &record.on)?;
    record.next.as_ref().map_or(Ok(()), |on| day("next", on))?;
    named(&record.name)?;
    if let Some(vendor) = &record.vendor {
        key("vendor", vendor)?;
    }
    record.file.as_ref().map_or(Ok(()), kept_file)
}

fn case(note: &CaseNote) -> Result<(), Fault> {
    named(&note.name)?;
    if note.case.trim().is_empty() || note.what.trim().is_empty() {
        return Err(fault("case, what", "must not be empty"));
    }
    let moment = Time::parse(&note.done_at);
    moment.map_err(|error| fault("done_at", error.to_string()))?;
    note.file.as_ref().map_or(Ok(()), kept_file)
}

/// A pin says one thing.
fn pin(pin: &Pin) -> Result<(), Fault> {
    let said = [
        !pin.zones.is_empty(),
        pin.place.is_some(),
        pin.beside.is_some(),
    ];
    if said.iter().filter(|it| **it).count() != 1 {
        return Err(fault("pin", "want one of zones, place, beside"));
    }
    if pin.thing.is_none() == pin.zones.is_empty() {
        return Err(fault(
            "thing",
            "want it with place or beside, and not with zones",
        ));
    }
    filled("thing", pin.thing.as_ref())?;
    filled("beside", pin.beside.as_ref())?;
    let lines = [&pin.thing, &pin.beside].into_iter().flatten();
    if lines.into_iter().any(|text| !is_line(text)) {
        return Err(fault("thing, beside", "has control characters"));
    }
    if pin.place == Some(0) {
        return Err(fault("place", "want 1 or more"));
    }
    let twice = (1..pin.zones.len()).any(|n| pin.zones[..n].contains(&pin.zones[n]));
    (!twice)
        .then_some(())
        .ok_or_else(|| fault("zones", "a zone twice"))
}

/// A name that leads nowhere else: it becomes that of a file in a bundle.
fn kept_file(file: &KeptFile) -> Result<(), Fault> {
    let leads = file.name.contains(['/', '\\', ':']) || file.name.starts_with('.');
    if leads || file.name.trim().is_empty() {
        return Err(fault("file", "want the plain name of a file"));
    }
    if file.bytes > FILE_MAX {
        return Err(fault("file", format!("larger than {FILE_MAX} bytes")));
    }
    Ok(())
}

/// A day as a person writes it.
fn day(field: &str, on: &str) -> Result<(), Fault> {
    let day: Result<jiff::civil::Date, _> = on.parse();
    let fits = day.is_ok() && on.len() == 10;
    fits.then_some(())
        .ok_or_else(|| fault(field, "want a day such as 2026-11-20"))
}
