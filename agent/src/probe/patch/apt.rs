//! What apt's local indexes offer beyond what is installed. Comes in: indexes that apt fetched
//! earlier; goes out: pending updates; suites that are not taken by default (backports) are left out.

use std::collections::{BTreeMap, BTreeSet};

use daicho_report::{PendingUpdate, Reading, Reason, SoftwareItem, SoftwareList, Time};

use super::super::field::line;
use super::super::setting::{last, lines, of_file};
use super::version::compare;
use super::{FOLDERS_MAX, host};
use crate::platform::{Miss, Source};

const LISTS: &str = "/var/lib/apt/lists";
/// Written by apt's own daily run after it fetched the indexes.
const STAMP: &str = "/var/lib/apt/periodic/update-success-stamp";
const SETTINGS: &str = "/etc/apt/apt.conf.d";
const SOURCES: &str = "/etc/apt/sources.list";
const SOURCE_PARTS: &str = "/etc/apt/sources.list.d";
/// The part of a Release file that says whether the suite is taken by default.
const RELEASE_BYTES: usize = 4 << 10;
const PENDING_MAX: usize = 2_000;

/// Updates that an index offers.
pub(super) fn pending(source: &Source, software: &SoftwareList) -> Reading<Vec<PendingUpdate>> {
    let installed = match &software.items {
        Reading::Known { value, .. } => value,
        Reading::Unknown { reason, source } => {
            return Reading::unknown(reason.clone(), source.clone());
        }
    };
    let offered = match offered(source, installed) {
        Ok(offered) => offered,
        Err(reason) => return Reading::unknown(reason, LISTS),
    };
    let mut pending: Vec<PendingUpdate> = installed
        .iter()
        .filter_map(|item| {
            let offer = offered.get(&(item.name.as_str(), architecture(item)))?;
            let newer = compare(&offer.version, &item.version).is_gt();
            newer.then(|| PendingUpdate {
                name: item.name.clone(),
                installed: Some(item.version.clone()),
                available: offer.version.clone(),
                security: offer.security,
            })
        })
        .collect();
    if pending.len() > PENDING_MAX {
        return Reading::unknown(Reason::failed("too many entries"), LISTS);
    }
    pending.sort();
    Reading::known(pending, LISTS)
}

fn architecture(item: &SoftwareItem) -> &str {
    item.architecture.as_deref().unwrap_or("all")
}

/// The newest version that is offered, and whether a security archive offers what is newer.
struct Offer {
    version: String,
    security: bool,
}

type Offers<'a> = BTreeMap<(&'a str, &'a str), Offer>;

fn offered<'a>(source: &Source, installed: &'a [SoftwareItem]) -> Result<Offers<'a>, Reason> {
    let names = source.folder(LISTS).map_err(Miss::reason)?;
    let taken: Vec<&String> = names
        .iter()
        .filter(|name| is_index(name) && is_taken(source, &names, name))
        .take(FOLDERS_MAX)
        .collect();
    if taken.is_empty() {
        // Nobody fetched an index here: what is pending cannot be told.
        return Err(Reason::failed("no index"));
    }
    let wanted: BTreeSet<&str> = installed.iter().map(|it| it.name.as_str()).collect();
    let by_key: BTreeMap<(&str, &str), &SoftwareItem> = installed
        .iter()
        .map(|it| ((it.name.as_str(), architecture(it)), it))
        .collect();
    let mut offers: Offers = BTreeMap::new();
    for name in taken {
        let found = source.offers(&format!("{LISTS}/{name}"), &wanted);
        for raw in found.map_err(Miss::reason)? {
            let key = (raw.name.as_str(), raw.architecture.as_str());
            let Some(item) = by_key.get(&key) else {
                continue;
            };
            let key = (item.name.as_str(), architecture(item));
            if compare(&raw.version, &item.version).is_le() {
                continue;
            }
            let security = name.contains("security");
            let Some(version) = line(&raw.version) else {
                continue;
            };
            match offers.get_mut(&key) {
                Some(offer) => {
                    offer.security |= security;
                    if compare(&version, &offer.version).is_gt() {
                        offer.version = version;
                    }
                }
                None => {
                    offers.insert(key, Offer { version, security });
                }
            }
        }
    }
    Ok(offers)
}

fn is_index(name: &str) -> bool {
    let name = name.strip_suffix(".lz4").unwrap_or(name);
    name.ends_with("_Packages") && name.contains("_binary-")
}

/// Suites with `NotAutomatic: yes` are installed from only when somebody says so.
fn is_taken(source: &Source, names: &[String], index: &str) -> bool {
    let Some((suite, _)) = index.split_once("_dists_").and_then(|(start, rest)| {
        let suite = rest.split('_').next()?;
        Some((format!("{start}_dists_{suite}"), rest))
    }) else {
        return true;
    };
    let release = [format!("{suite}_InRelease"), format!("{suite}_Release")];
    let Some(release) = release.iter().find(|it| names.contains(it)) else {
        return true;
    };
    let head = source.head(&format!("{LISTS}/{release}"), RELEASE_BYTES);
    let head = head.unwrap_or_default();
    !String::from_utf8_lossy(&head)
        .lines()
        .any(|it| it.trim_end() == "NotAutomatic: yes")
}

/// When the indexes were fetched: the mark of apt's daily run or the newest index, whichever is
/// later. An index keeps the time of its making at the server; the mark of the folder says the rest.
pub(super) fn index_at(source: &Source) -> Reading<Time> {
    let stamp = source.modified(STAMP);
    let folder = source.modified(LISTS);
    match (stamp, folder) {
        (Ok(stamp), Ok(folder)) if stamp >= folder => {
            Reading::known(Time::from_seconds(stamp), STAMP)
        }
        (_, Ok(folder)) => Reading::known(Time::from_seconds(folder), LISTS),
        (Ok(stamp), Err(_)) => Reading::known(Time::from_seconds(stamp), STAMP),
        (Err(_), Err(miss)) => Reading::unknown(miss.reason(), LISTS),
    }
}

/// `APT::Periodic::Unattended-Upgrade "1";`
pub(super) fn automatic(source: &Source) -> Reading<bool> {
    match lines(source, &[], &[SETTINGS], "") {
        Ok(lines) => {
            let value = last(&lines, "apt::periodic::unattended-upgrade").unwrap_or("0");
            let days = value.trim_matches(|c: char| !c.is_ascii_alphanumeric());
            Reading::known(!matches!(days, "" | "0"), SETTINGS)
        }
        Err(reason) => Reading::unknown(reason, SETTINGS),
    }
}

/// Hosts of `deb [options] ADDRESS …` and `URIs: ADDRESS …`.
pub(super) fn sources(source: &Source) -> Reading<Vec<String>> {
    let places = format!("{SOURCES}, {SOURCE_PARTS}");
    let one = of_file(source, SOURCES).map(Option::unwrap_or_default);
    let list = lines(source, &[], &[SOURCE_PARTS], ".list");
    let deb822 = lines(source, &[], &[SOURCE_PARTS], ".sources");
    match (one, list, deb822) {
        (Ok(one), Ok(list), Ok(deb822)) => {
            let hosts = one.iter().chain(&list).filter_map(|line| {
                let rest = line.strip_prefix("deb ").map(str::trim)?;
                let rest = match rest.strip_prefix('[') {
                    Some(rest) => rest.split_once(']')?.1,
                    None => rest,
                };
                host(rest.split_whitespace().next()?)
            });
            let uris = deb822.iter().filter_map(|line| line.strip_prefix("URIs:"));
            let uris = uris.flat_map(str::split_whitespace).filter_map(host);
            let found: BTreeSet<String> = hosts.chain(uris).collect();
            Reading::known(found.into_iter().collect(), places)
        }
        (Err(reason), _, _) | (_, Err(reason), _) | (_, _, Err(reason)) => {
            Reading::unknown(reason, places)
        }
    }
}
