//! Proxies that the machine and its people are told to use. Comes in: settings of the registry; goes
//! out: `host:port`, and what goes past them; an account and a password in front of a host stay here,
//! and so does whatever is no name of a host.

use std::collections::BTreeSet;

use daicho_report::Reason;

use super::registry::{keys, value};
use super::{Answer, Miss};
use crate::platform::RawValue;
use crate::platform::address::internet;

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
    // Of the system, of this machine or a domain, or of a directory in the cloud.
    let is_account = |sid: &&String| {
        let known = sid.starts_with("S-1-5-") || sid.starts_with("S-1-12-1-");
        known && !sid.ends_with("_Classes")
    };
    for sid in people.iter().filter(is_account).take(PEOPLE_MAX) {
        places.push(format!(r"HKU\{sid}\{SETTINGS}"));
        places.push(format!(r"HKU\{sid}\{POLICY}"));
    }
    Ok(places)
}

fn parse() -> Miss {
    Miss::Unknown(Reason::failed("parse"))
}

/// An empty text is as good as none; a value of another type is no text and not none.
fn text(key: &str, name: &str) -> Answer<Option<String>> {
    match value(key, name) {
        Ok(RawValue::Text(text)) => Ok(Some(text).filter(|it| !it.trim().is_empty())),
        Ok(_) => Err(parse()),
        Err(Miss::Absent) => Ok(None),
        Err(miss) => Err(miss),
    }
}

fn is_on(key: &str) -> Answer<bool> {
    let value = match value(key, "ProxyEnable") {
        Ok(value) => value,
        Err(Miss::Absent) => return Ok(false),
        Err(miss) => return Err(miss),
    };
    // Old programs write the number as bytes or as text.
    let number = match &value {
        RawValue::Bytes(_) => value.bytes().and_then(|bytes| {
            let four = bytes.first_chunk::<4>()?;
            Some(u64::from(u32::from_le_bytes(*four)))
        }),
        value => value.number().or_else(|| value.text()?.parse::<u64>().ok()),
    };
    number.map(|it| it != 0).ok_or_else(parse)
}

/// Proxies that are switched on, sorted.
pub(in crate::platform) fn proxies() -> Answer<Vec<String>> {
    let mut found = BTreeSet::new();
    for key in places()? {
        if is_on(&key)? {
            let servers = text(&key, "ProxyServer")?.unwrap_or_default();
            found.extend(internet::of_list(&servers));
        }
        // The host that hands out a script which says what to use.
        let script = text(&key, "AutoConfigURL")?;
        found.extend(script.as_deref().and_then(internet::of_script));
    }
    if let Some((servers, _)) = of_services()? {
        found.extend(internet::of_list(&servers));
    }
    Ok(found.into_iter().take(WORDS_MAX).collect())
}

/// What goes past them, sorted.
pub(in crate::platform) fn proxy_bypass() -> Answer<Vec<String>> {
    let mut found = BTreeSet::new();
    for key in places()? {
        if is_on(&key)? {
            let list = text(&key, "ProxyOverride")?.unwrap_or_default();
            found.extend(internet::past(&list));
        }
    }
    if let Some((_, list)) = of_services()? {
        found.extend(internet::past(&list));
    }
    Ok(found.into_iter().take(WORDS_MAX).collect())
}

/// Of programs of the system itself.
fn of_services() -> Answer<Option<(String, String)>> {
    let bytes = match value(OF_SERVICES, "WinHttpSettings") {
        Ok(value) => value.bytes().ok_or_else(parse)?,
        Err(Miss::Absent) => return Ok(None),
        Err(miss) => return Err(miss),
    };
    internet::of_services(&bytes).map(Some).ok_or_else(parse)
}
