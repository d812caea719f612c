//! Proxies that the machine and its people are told to use. Comes in: settings of the registry; goes
//! out: `host:port`, and what goes past them; an account and a password in front of a host stay here,
//! and so does whatever is no name of a host.

use std::collections::BTreeSet;

use daicho_report::Reason;

use super::registry::{keys, value};
use super::{Answer, Miss};
use crate::platform::RawValue;

const SETTINGS: &str = r"SOFTWARE\Microsoft\Windows\CurrentVersion\Internet Settings";
const POLICY: &str = r"SOFTWARE\Policies\Microsoft\Windows\CurrentVersion\Internet Settings";
/// What programs of the system itself use, in a form of its own.
const OF_SERVICES: &str =
    r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Internet Settings\Connections";
const PEOPLE_MAX: usize = 200;
const WORDS_MAX: usize = 1_000;

/// Keys that may hold settings: of the machine, of its policies, of everybody who is logged in.
fn places() -> Answer<Vec<String>> {
    let mut places = vec![format!(r"HKLM\{SETTINGS}"), format!(r"HKLM\{POLICY}")];
    let people = keys("HKU")?;
    let is_account = |sid: &&String| !sid.ends_with("_Classes") && sid.starts_with("S-1-5-");
    for sid in people.iter().filter(is_account).take(PEOPLE_MAX) {
        places.push(format!(r"HKU\{sid}\{SETTINGS}"));
        places.push(format!(r"HKU\{sid}\{POLICY}"));
    }
    Ok(places)
}

fn text(key: &str, name: &str) -> Answer<Option<String>> {
    match value(key, name) {
        Ok(value) => Ok(value.text().map(str::to_owned)),
        Err(Miss::Absent) => Ok(None),
        Err(miss) => Err(miss),
    }
}

fn is_on(key: &str) -> Answer<bool> {
    match value(key, "ProxyEnable") {
        Ok(value) => Ok(value.number().is_some_and(|it| it != 0)),
        Err(Miss::Absent) => Ok(false),
        Err(miss) => Err(miss),
    }
}

/// Proxies that are switched on, sorted.
pub(in crate::platform) fn proxies() -> Answer<Vec<String>> {
    let mut found = BTreeSet::new();
    for key in places()? {
        if is_on(&key)? {
            let servers = text(&key, "ProxyServer")?.unwrap_or_default();
            found.extend(of_list(&servers));
        }
        // The host that hands out a script which says what to use.
        let script = text(&key, "AutoConfigURL")?;
        found.extend(script.as_deref().and_then(of_script));
    }
    if let Some((servers, _)) = of_services()? {
        found.extend(of_list(&servers));
    }
    Ok(found.into_iter().take(WORDS_MAX).collect())
}

/// What goes past them, sorted.
pub(in crate::platform) fn proxy_bypass() -> Answer<Vec<String>> {
    let mut found = BTreeSet::new();
    for key in places()? {
        if is_on(&key)? {
            let list = text(&key, "ProxyOverride")?.unwrap_or_default();
            found.extend(past(&list));
        }
    }
    if let Some((_, list)) = of_services()? {
        found.extend(past(&list));
    }
    Ok(found.into_iter().take(WORDS_MAX).collect())
}

/// `WinHttpSettings`: three numbers, then two texts, each behind its length.
fn of_services() -> Answer<Option<(String, String)>> {
    let bytes = match value(OF_SERVICES, "WinHttpSettings") {
        Ok(RawValue::Bytes(bytes)) => bytes,
        Ok(_) => return Err(Miss::Unknown(Reason::failed("parse"))),
        Err(Miss::Absent) => return Ok(None),
        Err(miss) => return Err(miss),
    };
    use base64::Engine as _;
    let bytes = base64::prelude::BASE64_STANDARD.decode(bytes);
    let bytes = bytes.map_err(|_| Miss::Unknown(Reason::failed("parse")))?;
    let counted = |at: usize| -> Option<(String, usize)> {
        let length = bytes.get(at..)?.first_chunk::<4>()?;
        let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
        let start = at.checked_add(4)?;
        let end = start.checked_add(length)?;
        let text = String::from_utf8_lossy(bytes.get(start..end)?).into_owned();
        Some((text, end))
    };
    let both = counted(12).map(|(servers, end)| {
        let list = counted(end).map(|(list, _)| list).unwrap_or_default();
        (servers, list)
    });
    Ok(both.filter(|(servers, _)| !servers.is_empty()))
}

/// `host:port`, or `http=host:port;https=host:port`.
fn of_list(list: &str) -> impl Iterator<Item = String> {
    let words = list.split([';', ' ']).filter(|it| !it.trim().is_empty());
    let addresses = words.map(|word| word.rsplit_once('=').map_or(word, |(_, address)| address));
    addresses.map(host_of).collect::<Vec<_>>().into_iter()
}

fn of_script(address: &str) -> Option<String> {
    let (scheme, _) = address.split_once("://")?;
    // A file of this machine is no host.
    (!scheme.eq_ignore_ascii_case("file")).then(|| host_of(address))
}

/// Host and port alone; `(other)`: something else stands there.
fn host_of(address: &str) -> String {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host).trim();
    let fits =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']');
    if host.is_empty() || host.len() > 300 || !host.chars().all(fits) {
        "(other)".to_owned()
    } else {
        host.to_ascii_lowercase()
    }
}

/// `*.hosp.example;192.168.*;<local>`
fn past(list: &str) -> impl Iterator<Item = String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || "*.-_:/[]<>".contains(c);
    let words = list.split(';').map(str::trim).filter(|it| !it.is_empty());
    let shown = words.map(|word| {
        let word = word.split_once("://").map_or(word, |(_, rest)| rest);
        if word.len() <= 300 && word.chars().all(fits) {
            word.to_ascii_lowercase()
        } else {
            "(other)".to_owned()
        }
    });
    shown.collect::<Vec<_>>().into_iter()
}
