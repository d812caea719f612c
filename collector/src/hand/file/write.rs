//! Hand-kept entries as a file. Comes in: entries; goes out: TOML text that `parse` reads as the same
//! entries, fields in the order of the types, what is empty left out. The same entries give the same
//! bytes.

use std::fmt;

use daicho_ledger::hand::Entry;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use super::KINDS;

/// A value whose fields stay in the order in which they were written.
enum Ordered {
    Nothing,
    Plain(String),
    Text(String),
    List(Vec<Ordered>),
    Table(Vec<(String, Ordered)>),
}

/// The file's text; `head` stands in front as comments.
#[must_use]
pub fn text(head: &str, entries: &[Entry]) -> String {
    let mut out = String::new();
    for line in head.lines() {
        out.push_str("# ");
        out.push_str(line);
        out.push('\n');
    }
    for kind in KINDS {
        for entry in entries.iter().filter(|it| it.body.kind() == kind) {
            one(&mut out, kind, entry);
        }
    }
    out
}

fn one(out: &mut String, kind: &str, entry: &Entry) {
    out.push_str(&format!("\n[[{kind}]]\n"));
    pair(out, "key", &Ordered::Text(entry.key.clone()));
    pair(out, "by", &Ordered::Text(entry.by.clone()));
    pair(out, "at", &Ordered::Text(entry.at.to_string()));
    // A body always has a JSON form: its keys are texts.
    let body = serde_json::to_string(&entry.body).unwrap_or_default();
    let body: Ordered = serde_json::from_str(&body).unwrap_or(Ordered::Nothing);
    let Ordered::Table(outer) = body else { return };
    let Some((_, Ordered::Table(fields))) = outer.into_iter().next() else {
        return;
    };
    let (tables, plain): (Vec<_>, Vec<_>) = fields
        .into_iter()
        .map(|(name, value)| (name, short(value)))
        .filter(|(_, value)| !is_empty(value))
        .partition(|(_, value)| is_tables(value));
    for (name, value) in &plain {
        pair(out, name, value);
    }
    for (name, value) in &tables {
        let Ordered::List(items) = value else {
            continue;
        };
        for item in items {
            out.push_str(&format!("\n[[{kind}.{name}]]\n"));
            let Ordered::Table(fields) = item else {
                continue;
            };
            for (name, value) in fields {
                pair(out, name, value);
            }
        }
    }
}

/// Addresses as people write them, and nothing that is empty inside of tables.
fn short(value: Ordered) -> Ordered {
    match value {
        Ordered::List(items) => Ordered::List(items.into_iter().map(short).collect()),
        Ordered::Table(fields) => {
            if let [
                (first, Ordered::Text(address)),
                (second, Ordered::Plain(prefix)),
            ] = fields.as_slice()
                && first == "address"
                && second == "prefix"
            {
                return Ordered::Text(format!("{address}/{prefix}"));
            }
            // A kept value: who and when are the collector's to say.
            if let [(first, Ordered::Text(text)), (second, _), (third, _)] = fields.as_slice()
                && [first, second, third] == ["text", "by", "at"]
            {
                return Ordered::Text(text.clone());
            }
            let fields = fields.into_iter().map(|(name, value)| (name, short(value)));
            Ordered::Table(fields.filter(|(_, value)| !is_empty(value)).collect())
        }
        other => other,
    }
}

fn is_empty(value: &Ordered) -> bool {
    match value {
        Ordered::Nothing => true,
        Ordered::Text(text) => text.is_empty(),
        Ordered::List(items) => items.is_empty(),
        Ordered::Plain(_) | Ordered::Table(_) => false,
    }
}

fn is_tables(value: &Ordered) -> bool {
    matches!(value, Ordered::List(items) if matches!(items.first(), Some(Ordered::Table(_))))
}

fn pair(out: &mut String, name: &str, value: &Ordered) {
    out.push_str(name);
    out.push_str(" = ");
    inline(out, value);
    out.push('\n');
}

fn inline(out: &mut String, value: &Ordered) {
    match value {
        Ordered::Nothing => out.push_str("\"\""),
        Ordered::Plain(text) => out.push_str(text),
        Ordered::Text(text) => quoted(out, text),
        Ordered::List(items) => {
            out.push('[');
            for (number, item) in items.iter().enumerate() {
                out.push_str(if number == 0 { "" } else { ", " });
                inline(out, item);
            }
            out.push(']');
        }
        Ordered::Table(fields) => {
            out.push_str("{ ");
            for (number, (name, value)) in fields.iter().enumerate() {
                out.push_str(if number == 0 { "" } else { ", " });
                out.push_str(name);
                out.push_str(" = ");
                inline(out, value);
            }
            out.push_str(" }");
        }
    }
}

/// A basic string; everything that hides is written as its number.
fn quoted(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            hidden if is_hidden(hidden) => {
                out.push_str(&format!("\\U{:08X}", u32::from(hidden)));
            }
            plain => out.push(plain),
        }
    }
    out.push('"');
}

/// Whether a person would not see it: what the product shows as its number.
fn is_hidden(character: char) -> bool {
    let mut bytes = [0; 4];
    let text: &str = character.encode_utf8(&mut bytes);
    crate::refusal::visible(text) != text
}

impl<'de> Deserialize<'de> for Ordered {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(OrderedVisitor)
    }
}

struct OrderedVisitor;

impl<'de> Visitor<'de> for OrderedVisitor {
    type Value = Ordered;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Ordered, E> {
        Ok(Ordered::Nothing)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Ordered, E> {
        Ok(Ordered::Plain(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Ordered, E> {
        Ok(Ordered::Plain(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Ordered, E> {
        Ok(Ordered::Plain(value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Ordered, E> {
        Ok(Ordered::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Ordered, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Ordered::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Ordered, A::Error> {
        let mut table = Vec::new();
        while let Some(field) = fields.next_entry()? {
            table.push(field);
        }
        Ok(Ordered::Table(table))
    }
}
