//! What is wanted. Comes in: what a person typed, a CSV list, STIX indicators as JSON; goes out: things
//! to look for, and what of a list cannot be looked for. A list is bounded before it is parsed.

use std::collections::BTreeMap;
use std::net::IpAddr;

use daicho_ledger::normal_mac;
use daicho_report::Address;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::recognise::pattern::Glob;

/// A list is no longer than this.
pub const LIST_BYTES: usize = 8 * 1024 * 1024;
/// And has no more entries.
const ENTRIES: usize = 20_000;
/// An entry is no longer than this.
const CHARS: usize = 512;

/// What sort of thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// An address or a range.
    Address,
    /// A hardware address.
    Mac,
    /// A domain and what lies below it.
    Domain,
    /// A program that talks, listens or starts.
    Program,
    /// A service.
    Service,
    /// An account.
    Account,
    /// An installed program, with `=VERSION` of one version.
    Software,
    /// Any of the names.
    Any,
}

impl Kind {
    /// The kind that a list's first column names.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        Some(match text.trim().to_lowercase().as_str() {
            "address" | "ip" | "range" | "アドレス" | "範囲" => Self::Address,
            "mac" | "mac アドレス" | "macアドレス" => Self::Mac,
            "domain" | "ドメイン" => Self::Domain,
            "program" | "プログラム" => Self::Program,
            "service" | "サービス" => Self::Service,
            "account" | "アカウント" => Self::Account,
            "software" | "ソフトウェア" => Self::Software,
            "any" | "すべて" => Self::Any,
            _ => return None,
        })
    }
}

/// A thing to look for.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// As it was written.
    pub text: String,
    /// What sort.
    pub kind: Kind,
    pub(super) range: Option<Address>,
    pub(super) name: Option<Glob>,
    pub(super) version: Option<Glob>,
}

impl Wanted {
    /// Nothing for a text that names nothing: empty, too long, stars alone, an address that is none.
    #[must_use]
    pub fn new(kind: Kind, text: &str) -> Option<Self> {
        let text = text.trim();
        if text.is_empty() || text.chars().count() > CHARS {
            return None;
        }
        let range = range(text);
        let meant = text
            .split_once('/')
            .is_some_and(|(it, _)| it.parse::<IpAddr>().is_ok());
        if meant && range.is_none() {
            return None;
        }
        let mac = mac(text);
        let kind = match (kind, range, &mac) {
            (Kind::Any, Some(_), _) => Kind::Address,
            (Kind::Any, None, Some(_)) => Kind::Mac,
            (kind, _, _) => kind,
        };
        let mut wanted = Self {
            text: text.to_owned(),
            kind,
            range: None,
            name: None,
            version: None,
        };
        match kind {
            Kind::Address => wanted.range = Some(range?),
            Kind::Mac => {
                let text = mac.unwrap_or_else(|| normal_mac(text));
                wanted.name = Some(Glob::new(&text)?);
            }
            Kind::Software => {
                let (name, version) = text.split_once('=').unwrap_or((text, ""));
                wanted.name = Some(Glob::new(name.trim())?);
                wanted.version = match version.trim() {
                    "" => None,
                    version => Some(Glob::new(version)?),
                };
            }
            // A person who types a piece of a name means the names that hold it.
            Kind::Any if !text.contains('*') => {
                wanted.name = Some(Glob::new(&format!("*{text}*"))?)
            }
            _ => wanted.name = Some(Glob::new(text)?),
        }
        Some(wanted)
    }
}

/// A whole hardware address in any form in which devices show it, with colons.
fn mac(text: &str) -> Option<String> {
    let (group, separators): (usize, &[char]) = match text.len() {
        17 => (2, &[':', '-']),
        14 => (4, &['.']),
        _ => return None,
    };
    let mut parts = text.split(separators);
    let whole = parts.all(|it| it.len() == group && it.bytes().all(|c| c.is_ascii_hexdigit()));
    let digits: Vec<char> = text.chars().filter(char::is_ascii_hexdigit).collect();
    let pairs = digits.chunks(2).map(|it| it.iter().collect::<String>());
    let colons = pairs.collect::<Vec<_>>().join(":");
    (whole && digits.len() == 12).then(|| colons.to_lowercase())
}

fn range(text: &str) -> Option<Address> {
    let (address, prefix) = match text.split_once('/') {
        Some((address, prefix)) => (address, Some(prefix.parse::<u8>().ok()?)),
        None => (text, None),
    };
    let address: IpAddr = address.trim_matches(['[', ']']).parse().ok()?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    let prefix = prefix.unwrap_or(most);
    (prefix > 0 && prefix <= most).then_some(Address { address, prefix })
}

/// What came of a list.
#[derive(Debug, Clone, Default)]
pub struct Taken {
    /// Things to look for.
    pub wanted: Vec<Wanted>,
    /// What cannot be looked for: sort (`file:hashes`, `row`) and how many.
    pub left: BTreeMap<String, usize>,
}

/// Why a list was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// Too long.
    #[error("the list is longer than {LIST_BYTES} bytes")]
    Long,
    /// Too many entries.
    #[error("the list has more than {ENTRIES} entries")]
    Many,
    /// It is not UTF-8.
    #[error("the list is not UTF-8")]
    Text,
    /// It begins like JSON and is none, or nested too deep.
    #[error("the list is no JSON: {0}")]
    Json(String),
}

/// Reads a list: STIX when it begins with a brace, otherwise CSV with a kind and a value, or a value
/// alone, on each line.
pub fn list(bytes: &[u8]) -> Result<Taken, ListError> {
    if bytes.len() > LIST_BYTES {
        return Err(ListError::Long);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| ListError::Text)?;
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.starts_with(['{', '[']) {
        return stix(text);
    }
    let mut taken = Taken::default();
    for (number, line) in text.lines().enumerate() {
        if number >= ENTRIES {
            return Err(ListError::Many);
        }
        taken.line(line, number == 0);
    }
    Ok(taken)
}

impl Taken {
    fn put(&mut self, kind: Kind, text: &str, sort: &str) {
        match Wanted::new(kind, text) {
            Some(wanted) => self.wanted.push(wanted),
            None => *self.left.entry(sort.to_owned()).or_default() += 1,
        }
    }

    fn line(&mut self, line: &str, first: bool) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            return;
        }
        let cells: Vec<&str> = line
            .split(',')
            .map(|it| it.trim().trim_matches('"'))
            .collect();
        match cells[..] {
            [kind, value, ..] => match Kind::of(kind) {
                Some(kind) => self.put(kind, value, "row"),
                // A heading.
                None if first => {}
                None => *self.left.entry("row".to_owned()).or_default() += 1,
            },
            [value] => self.put(Kind::Any, value, "row"),
            [] => {}
        }
    }
}

/// Indicators' patterns, and observables with a value.
fn stix(text: &str) -> Result<Taken, ListError> {
    let value: Value = serde_json::from_str(text).map_err(|it| ListError::Json(it.to_string()))?;
    let objects = match &value {
        Value::Array(all) => all.as_slice(),
        Value::Object(it) => match it.get("objects") {
            Some(Value::Array(all)) => all.as_slice(),
            _ => std::slice::from_ref(&value),
        },
        _ => &[],
    };
    let mut taken = Taken::default();
    for object in objects {
        let text = |key: &str| object.get(key).and_then(Value::as_str).unwrap_or_default();
        match text("type") {
            "indicator" => {
                for (path, value) in comparisons(text("pattern")) {
                    taken.observable(&path, &value);
                }
            }
            kind @ ("ipv4-addr" | "ipv6-addr" | "mac-addr" | "domain-name" | "url") => {
                taken.observable(&format!("{kind}:value"), text("value"));
            }
            _ => {}
        }
        if taken.wanted.len() > ENTRIES {
            return Err(ListError::Many);
        }
    }
    Ok(taken)
}

impl Taken {
    fn observable(&mut self, path: &str, value: &str) {
        let (kind, value) = match path {
            "ipv4-addr:value" | "ipv6-addr:value" => (Kind::Address, value),
            "mac-addr:value" => (Kind::Mac, value),
            "domain-name:value" => (Kind::Domain, value),
            "url:value" => match host(value) {
                host if range(host).is_some() => (Kind::Address, host),
                host => (Kind::Domain, host),
            },
            "process:name" | "file:name" => (Kind::Program, value),
            "user-account:account_login" | "user-account:user_id" => (Kind::Account, value),
            "software:name" => (Kind::Software, value),
            "windows-service-ext:service_name" => (Kind::Service, value),
            other => {
                let sort: String = other
                    .split('.')
                    .next()
                    .unwrap_or(other)
                    .chars()
                    .take(60)
                    .collect();
                *self.left.entry(sort).or_default() += 1;
                return;
            }
        };
        self.put(kind, value, path);
    }
}

/// The host of an address of a page.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let rest = rest.rsplit_once('@').map_or(rest, |(_, rest)| rest);
    match rest.strip_prefix('[') {
        Some(six) => six.split(']').next().unwrap_or(six),
        None => rest.split(':').next().unwrap_or(rest),
    }
}

/// Comparisons of a pattern that ask for one value: `ipv4-addr:value = '198.51.100.1'`.
fn comparisons(pattern: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('\'') {
        let mut value = String::new();
        let mut chars = after.char_indices();
        let mut end = after.len();
        while let Some((at, c)) = chars.next() {
            match c {
                '\\' => value.extend(chars.next().map(|(_, c)| c)),
                '\'' => {
                    end = at + 1;
                    break;
                }
                c => value.push(c),
            }
        }
        let left = before.trim_end();
        let asked = left
            .strip_suffix('=')
            .filter(|it| !it.ends_with(['!', '<', '>']));
        if let Some(path) = asked {
            let path = path.trim_end();
            let begin = path.rfind(|c: char| c.is_whitespace() || matches!(c, '[' | '('));
            let path = begin.map_or(path, |at| path.get(at + 1..).unwrap_or_default());
            found.push((path.to_owned(), value));
        }
        rest = after.get(end..).unwrap_or_default();
    }
    found
}
