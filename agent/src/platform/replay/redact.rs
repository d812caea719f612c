//! Stand-ins for what identifies people and machines. The same value gets the same stand-in
//! everywhere in a recording, so that it still shows what belongs together.

mod words;

use std::collections::BTreeMap;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use daicho_report::Reason;
use serde_json::Value;

use super::super::{Answer, Miss, RawValue, raw, record};
use super::Bundle;
use words::{Words, words};

/// Facts of the system that hold no names of people or machines: words stay, whoever is called so.
/// A machine or an account named `debian` or a serial number `0` must not change them.
const SYSTEM: &[&str] = &[
    "file /etc/os-release",
    "file /usr/lib/os-release",
    "file /etc/debian_version",
    "file /var/lib/dpkg/status",
    "file /lib/apk/db/installed",
    "rpm_packages ",
    "file /proc/net/",
    "file /proc/sys/net/",
    "file /proc/cpuinfo",
    "file /proc/meminfo",
];
/// Files of log-in records, which are no texts.
const RECORDS: &[&str] = &["/run/utmp", "/var/run/utmp", "/var/log/wtmp"];
/// Values of Windows that tell one installation from all others.
const SECRET: &[&str] = &[r"HKLM\SOFTWARE\Microsoft\Cryptography\MachineGuid"];
/// Bytes of a hardware address.
const GATEWAY: &str = r"\DefaultGatewayMac";
/// Sessions of systemd-logind, and what is kept of one.
const SESSIONS: &str = "file /run/systemd/sessions/";
const SESSION_KEYS: &[&str] = &["CLASS=", "STATE=", "TYPE=", "USER="];

/// The recording with stand-ins.
pub(super) fn redacted(bundle: &Bundle) -> Bundle {
    let words = words(bundle);
    let mut macs = BTreeMap::new();
    let mut out = bundle.clone();
    let mut answers = BTreeMap::new();
    for (name, mut value) in out.answers {
        let system = SYSTEM.iter().any(|it| name.starts_with(it));
        let pairs: &[_] = if system { &[] } else { &words.pairs };
        let path = name.split_once(' ').map_or("", |(_, path)| path);
        if RECORDS.contains(&path) && value.pointer("/Ok").is_some() {
            value = records(&value, &words);
        } else if path.ends_with(GATEWAY) {
            value = gateway(&value, &mut macs);
        } else if value.pointer("/Ok/base64").is_some() || SECRET.contains(&path) {
            // Names inside bytes that are no text cannot be found for certain.
            value = withheld();
        } else {
            if name.starts_with(SESSIONS) {
                cut_session(&mut value);
            }
            replace(&mut value, pairs, &mut macs);
        }
        answers.insert(swap(&name, pairs), value);
    }
    out.answers = answers;
    out
}

fn withheld() -> Value {
    let kept_back: Answer<()> = Err(Miss::Unknown(Reason::Withheld));
    serde_json::to_value(kept_back).unwrap_or_default()
}

/// A hardware address in bytes, with the lower ones replaced as in text.
fn gateway(value: &Value, macs: &mut BTreeMap<String, String>) -> Value {
    let Ok(Ok(RawValue::Bytes(text))) = serde_json::from_value::<Answer<RawValue>>(value.clone())
    else {
        return value.clone();
    };
    let bytes = BASE64_STANDARD.decode(text).unwrap_or_default();
    let shown: Vec<String> = bytes.iter().map(|it| format!("{it:02x}")).collect();
    let swapped = swap_macs(&shown.join(":"), macs);
    let bytes = swapped
        .split(':')
        .map(|it| u8::from_str_radix(it, 16).unwrap_or(0));
    let bytes: Vec<u8> = bytes.collect();
    let replaced: Answer<RawValue> = Ok(RawValue::Bytes(BASE64_STANDARD.encode(bytes)));
    serde_json::to_value(replaced).unwrap_or_default()
}

/// Log-in records with stand-ins for the names, and without anything else.
fn records(value: &Value, words: &Words) -> Value {
    let bytes = serde_json::from_value::<Answer<raw::Bytes>>(value.clone());
    let Ok(Ok(bytes)) = bytes else {
        return withheld();
    };
    let renamed = record::renamed(&Vec::from(bytes), |name| words.stand_in(name));
    let Some(renamed) = renamed else {
        return withheld();
    };
    let renamed: Answer<raw::Bytes> = Ok(renamed.into());
    serde_json::to_value(renamed).unwrap_or_default()
}

/// From where somebody came is nobody's business here.
fn cut_session(value: &mut Value) {
    if let Some(Value::String(text)) = value.pointer_mut("/Ok/text") {
        let kept = text
            .lines()
            .filter(|line| SESSION_KEYS.iter().any(|key| line.starts_with(key)));
        *text = kept.map(|line| format!("{line}\n")).collect();
    }
}

fn replace(value: &mut Value, words: &[(String, String)], macs: &mut BTreeMap<String, String>) {
    match value {
        Value::String(text) => *text = swap_macs(&swap(text, words), macs),
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, words, macs)),
        Value::Object(fields) => fields
            .values_mut()
            .for_each(|item| replace(item, words, macs)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Replaces whole words.
fn swap(text: &str, words: &[(String, String)]) -> String {
    let mut text = text.to_owned();
    for (word, stand_in) in words {
        if !text.contains(word.as_str()) {
            continue;
        }
        let mut out = String::with_capacity(text.len());
        let mut rest = text.as_str();
        while let Some(at) = rest.find(word.as_str()) {
            let (before, after) = (
                rest.get(..at).unwrap_or_default(),
                rest.get(at..).unwrap_or_default(),
            );
            let after = after.get(word.len()..).unwrap_or_default();
            let inner = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
            let whole = !inner(before.chars().next_back()) && !inner(after.chars().next());
            out.push_str(before);
            out.push_str(if whole { stand_in } else { word });
            rest = after;
        }
        out.push_str(rest);
        text = out;
    }
    text
}

/// Replaces the lower three bytes of hardware addresses; the maker's part stays.
fn swap_macs(text: &str, macs: &mut BTreeMap<String, String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let found = rest.get(..17).filter(|it| is_mac(it));
        if let Some(mac) = found {
            let number = macs.len() + 1;
            let maker = mac.get(..9).unwrap_or_default();
            let lower = format!(
                "{:02x}:{:02x}:{:02x}",
                number >> 16 & 255,
                number >> 8 & 255,
                number & 255
            );
            let fixed = mac == "00:00:00:00:00:00" || mac == "ff:ff:ff:ff:ff:ff";
            let new = if fixed {
                mac.to_owned()
            } else {
                format!("{maker}{lower}")
            };
            out.push_str(macs.entry(mac.to_owned()).or_insert(new));
            rest = rest.get(17..).unwrap_or_default();
        } else {
            let mut chars = rest.chars();
            out.extend(chars.next());
            rest = chars.as_str();
        }
    }
    out
}

fn is_mac(text: &str) -> bool {
    text.bytes().enumerate().all(|(at, byte)| {
        if at % 3 == 2 {
            byte == b':'
        } else {
            byte.is_ascii_hexdigit()
        }
    })
}
