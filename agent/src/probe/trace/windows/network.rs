//! Networks that this Windows was connected to. Comes in: the registry's list of them; goes out: name,
//! kind, gateways and last day of each; no network is asked, and the wireless LAN's own interface is left
//! alone, because newer versions ask the person at the screen before they answer.

use std::collections::{BTreeMap, BTreeSet};

use daicho_report::{KnownNetwork, KnownNetworkKind, NetworkCategory, Reason};

use crate::platform::Source;
use crate::probe::registry::{bytes, keys, number, text};

#[cfg(test)]
mod tests;

pub(super) const PLACE: &str = r"registry NetworkList\Profiles";
const PROFILES: &str = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\NetworkList\Profiles";
const SIGNATURES: &[&str] = &[
    r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\NetworkList\Signatures\Managed",
    r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\NetworkList\Signatures\Unmanaged",
];
/// A machine that travelled has some dozens.
const NETWORKS_MAX: usize = 500;
/// Kinds by IANA's number for the kind of interface (`NameType`).
const KINDS: &[(u64, KnownNetworkKind)] = &[
    (6, KnownNetworkKind::Wired),
    (23, KnownNetworkKind::Vpn),
    (53, KnownNetworkKind::Vpn),
    (71, KnownNetworkKind::Wireless),
    (131, KnownNetworkKind::Vpn),
    (243, KnownNetworkKind::Mobile),
    (244, KnownNetworkKind::Mobile),
];
/// `NLM_NETWORK_CATEGORY`.
const CATEGORIES: &[(u64, NetworkCategory)] = &[
    (0, NetworkCategory::Public),
    (1, NetworkCategory::Private),
    (2, NetworkCategory::Domain),
];

pub(super) fn read(source: &Source) -> Result<Vec<KnownNetwork>, Reason> {
    let profiles = keys(source, PROFILES)?;
    if profiles.len() > NETWORKS_MAX {
        return Err(Reason::failed("too many entries"));
    }
    let gateways = gateways(source)?;
    let mut found = Vec::new();
    for profile in &profiles {
        let key = format!(r"{PROFILES}\{profile}");
        let Some(name) = text(source, &[&key], "ProfileName")? else {
            continue;
        };
        let gateways = gateways.get(&profile.to_lowercase());
        found.push(KnownNetwork {
            name,
            kind: listed(KINDS, number(source, &[&key], "NameType")?)
                .unwrap_or(KnownNetworkKind::Other),
            category: listed(CATEGORIES, number(source, &[&key], "Category")?)
                .unwrap_or(NetworkCategory::Other),
            gateways: gateways.into_iter().flatten().cloned().collect(),
            last_used_on: bytes(source, &key, "DateLastConnected")?.and_then(|it| day(&it)),
        });
    }
    // The day of what is in use would change every day, and say nothing.
    let newest = found.iter().filter_map(|it| it.last_used_on.clone()).max();
    for network in &mut found {
        network
            .last_used_on
            .take_if(|it| Some(&*it) == newest.as_ref());
    }
    Ok(found)
}

fn listed<T: Copy>(all: &[(u64, T)], number: Option<u64>) -> Option<T> {
    let found = all.iter().find(|(it, _)| Some(*it) == number);
    found.map(|(_, meaning)| *meaning)
}

/// Hardware addresses of the gateways by which a network is told from others, by its profile.
fn gateways(source: &Source) -> Result<BTreeMap<String, BTreeSet<String>>, Reason> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for place in SIGNATURES {
        for signature in keys(source, place)?.iter().take(NETWORKS_MAX) {
            let key = format!(r"{place}\{signature}");
            let Some(profile) = text(source, &[&key], "ProfileGuid")? else {
                continue;
            };
            let gateway = bytes(source, &key, "DefaultGatewayMac")?;
            if let Some(mac) = gateway.and_then(|it| mac(&it)) {
                found.entry(profile.to_lowercase()).or_default().insert(mac);
            }
        }
    }
    Ok(found)
}

fn mac(bytes: &[u8]) -> Option<String> {
    let bytes: [u8; 6] = bytes.try_into().ok()?;
    let shown = bytes.map(|byte| format!("{byte:02x}"));
    (bytes != [0; 6]).then(|| shown.join(":"))
}

/// The day of a `SYSTEMTIME`: year, month, day of the week, day, each of two bytes.
fn day(bytes: &[u8]) -> Option<String> {
    let (parts, _) = bytes.as_chunks::<2>();
    let part = |at: usize| parts.get(at).map(|it| u16::from_le_bytes(*it));
    let (year, month, day) = (part(0)?, part(1)?, part(3)?);
    let is_day =
        (2000..=9999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    is_day.then(|| format!("{year:04}-{month:02}-{day:02}"))
}
