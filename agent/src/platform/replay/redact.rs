//! Stand-ins for what identifies people and machines. The same value gets the same stand-in
//! everywhere in a recording, so that it still shows what belongs together.

use std::collections::BTreeMap;

use daicho_report::Reason;
use serde_json::Value;

use super::super::{Answer, Miss, RawMachine, raw};
use super::Bundle;

/// Files whose whole content identifies the machine.
const IDENTITIES: &[&str] = &[
    "/etc/machine-id",
    "/var/lib/dbus/machine-id",
    "/sys/class/dmi/id/product_serial",
    "/sys/class/dmi/id/product_uuid",
    "/sys/class/dmi/id/board_serial",
    "/sys/class/dmi/id/chassis_serial",
    "/sys/class/dmi/id/chassis_asset_tag",
    "/proc/sys/kernel/random/boot_id",
];

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
/// A shorter identity is a placeholder (`0`, `None`), and as a word it is everywhere.
const IDENTITY_MIN: usize = 5;

/// Names of people's accounts begin here (login.defs).
const PEOPLE_FROM: u32 = 1000;

/// The recording with stand-ins.
pub(super) fn redacted(bundle: &Bundle) -> Bundle {
    let words = words(bundle);
    let mut macs = BTreeMap::new();
    let mut out = bundle.clone();
    let mut answers = BTreeMap::new();
    for (name, mut value) in out.answers {
        let system = SYSTEM.iter().any(|it| name.starts_with(it));
        let words: &[_] = if system { &[] } else { &words };
        if value.pointer("/Ok/base64").is_some() {
            // Names inside bytes that are no text (`utmp`) cannot be found for certain.
            let kept_back: Answer<()> = Err(Miss::Unknown(Reason::Withheld));
            value = serde_json::to_value(kept_back).unwrap_or_default();
        }
        replace(&mut value, words, &mut macs);
        answers.insert(swap(&name, words), value);
    }
    out.answers = answers;
    out
}

fn text(bundle: &Bundle, path: &str) -> Option<String> {
    let bytes: Vec<u8> = bundle.answer::<raw::Bytes>("file", path).ok()?.into();
    String::from_utf8(bytes).ok()
}

/// Words to replace, longest first, so that none is cut by a shorter one.
fn words(bundle: &Bundle) -> Vec<(String, String)> {
    let mut words = BTreeMap::new();
    let hosts = bundle
        .answer::<RawMachine>("machine", "")
        .ok()
        .and_then(|it| it.host_name);
    let hosts = hosts.into_iter().chain(text(bundle, "/etc/hostname"));
    for host in hosts {
        let host = host.trim().to_owned();
        let short = host.split('.').next().unwrap_or_default().to_owned();
        words.insert(host, "host".to_owned());
        words.insert(short, "host".to_owned());
    }
    for path in IDENTITIES {
        if let Some(value) = text(bundle, path) {
            let value = value.trim().to_owned();
            if value.len() < IDENTITY_MIN {
                continue;
            }
            let stand_in = stand_in(&value, words.len());
            words.insert(value, stand_in);
        }
    }
    for line in text(bundle, "/etc/passwd").unwrap_or_default().lines() {
        let parts: Vec<&str> = line.split(':').collect();
        let (Some(name), Some(uid), Some(person)) = (parts.first(), parts.get(2), parts.get(4))
        else {
            continue;
        };
        // A full name is a person's, whatever the number of the account.
        let number = words.len();
        if uid
            .parse::<u32>()
            .is_ok_and(|uid| (PEOPLE_FROM..65_000).contains(&uid))
        {
            words.insert((*name).to_owned(), format!("user{number}"));
            for part in person.split(',') {
                words.insert(part.to_owned(), format!("Person {number}"));
            }
        }
    }
    let _ = words.remove("");
    let mut words: Vec<_> = words.into_iter().collect();
    words.sort_by_key(|(word, _)| std::cmp::Reverse(word.len()));
    words
}

/// The same shape: digits and letters replaced, signs kept.
fn stand_in(value: &str, number: usize) -> String {
    let tail = format!("{number:04x}");
    let mut tail = tail.chars().rev();
    let changed: Vec<char> = value
        .chars()
        .rev()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                tail.next().unwrap_or('0')
            } else {
                c
            }
        })
        .collect();
    changed.into_iter().rev().collect()
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
