//! Windows: what can be uninstalled. Comes in: keys of the registry, as programs of both widths and
//! those of everybody who is logged in see them; goes out: programs with version and maker; updates and
//! parts of others are left out, and nothing is asked of the installer, which would repair what it lists.

use std::collections::BTreeSet;

use daicho_report::{Reading, Reason, SoftwareItem, SoftwareList};

use super::{TOO_MANY, beside, publisher};
use crate::platform::{Answer, Miss, RawValue, Source};
use crate::probe::field::line;
use crate::probe::registry::{keys, people};

#[cfg(test)]
mod tests;

const UNINSTALL: &str = r"SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall";
/// Programs of the store, by the names of their packages, for all accounts.
const STORE: &str =
    r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Appx\AppxAllUserStore\Applications";
const PLACES: &str = "registry Uninstall (HKLM, HKU), AppxAllUserStore";
const ITEMS_MAX: usize = 20_000;
const PEOPLE_MAX: usize = 200;
/// Values that say what stands under a key.
const VALUES: [&str; 6] = [
    "DisplayName",
    "DisplayVersion",
    "Publisher",
    "SystemComponent",
    "ParentKeyName",
    "ReleaseType",
];

/// What was found so far, and how much refused to be read.
#[derive(Default)]
struct Found {
    items: BTreeSet<SoftwareItem>,
    keys_unread: usize,
}

pub(super) fn read(source: &Source) -> SoftwareList {
    let items = match all(source) {
        Ok((items, unread)) if unread.is_empty() => Reading::known(items, PLACES),
        // A part that is missing is named, so that the list does not look whole.
        Ok((items, unread)) => Reading::known(items, beside(PLACES, &unread.join(", "))),
        Err(reason) => Reading::unknown(reason, PLACES),
    };
    SoftwareList { items }
}

fn all(source: &Source) -> Result<(Vec<SoftwareItem>, Vec<String>), Reason> {
    let mut found = Found::default();
    let mut unread = Vec::new();
    take(source, &format!(r"HKLM\{UNINSTALL}"), None, &mut found)?;
    let of_32 = format!(r"HKLM32\{UNINSTALL}");
    take(source, &of_32, Some("x86"), &mut found)?;
    let people = people(source)?;
    // Somebody else's part may only be read by an administrator.
    let refused = people.iter().enumerate().filter(|(at, sid)| {
        let place = format!(r"HKU\{sid}\{UNINSTALL}");
        *at >= PEOPLE_MAX || take(source, &place, None, &mut found).is_err()
    });
    match refused.count() {
        0 => {}
        refused => unread.push(format!("HKU {refused} of {}", people.len())),
    }
    match keys(source, STORE) {
        Ok(packages) => found.items.append(&mut of_store(&packages)),
        Err(_) => unread.push("AppxAllUserStore".to_owned()),
    }
    if found.keys_unread > 0 {
        unread.push(format!("keys {}", found.keys_unread));
    }
    let items = once(found.items);
    if items.len() > ITEMS_MAX {
        return Err(Reason::failed(TOO_MANY));
    }
    Ok((items, unread))
}

/// On a machine of 32 bits both views are one.
fn once(items: BTreeSet<SoftwareItem>) -> Vec<SoftwareItem> {
    let is_twice = |item: &SoftwareItem| {
        let plain = SoftwareItem {
            architecture: None,
            ..item.clone()
        };
        item.architecture.is_some() && items.contains(&plain)
    };
    let once = items.iter().filter(|item| !is_twice(item));
    once.cloned().collect()
}

fn take(
    source: &Source,
    place: &str,
    architecture: Option<&str>,
    found: &mut Found,
) -> Result<(), Reason> {
    let names = keys(source, place)?;
    if names.len() > ITEMS_MAX {
        return Err(Reason::failed(TOO_MANY));
    }
    for name in &names {
        // A name with half a character is shown in another form, under which nothing is found.
        if name.contains(char::REPLACEMENT_CHARACTER) {
            found.keys_unread += 1;
            continue;
        }
        match item(source, &format!(r"{place}\{name}"), architecture) {
            Ok(item) => found.items.extend(item),
            Err(_) => found.keys_unread += 1,
        }
    }
    Ok(())
}

/// What stands under a key; nothing: it is a part of something else, or has no name.
fn item(
    source: &Source,
    key: &str,
    architecture: Option<&str>,
) -> Result<Option<SoftwareItem>, Reason> {
    let [name, version, maker, component, parent, release] = source.registry_values(key, VALUES);
    let (component, parent) = (value(component)?, value(parent)?);
    let is_component = component.is_some_and(|it| it.number() == Some(1));
    // Updates of other programs stand below them, or say what they are (`Security Update`, `Hotfix`).
    let is_update = text(parent.as_ref()).is_some() || text(value(release)?.as_ref()).is_some();
    if is_component || is_update {
        return Ok(None);
    }
    let (name, version, maker) = (value(name)?, value(version)?, value(maker)?);
    let maker = maker.as_ref().and_then(RawValue::text);
    Ok(text(name.as_ref()).map(|name| SoftwareItem {
        name,
        // Some makers write none.
        version: text(version.as_ref()).unwrap_or_default(),
        publisher: maker.and_then(publisher),
        architecture: architecture.map(str::to_owned),
    }))
}

fn value(answer: Answer<RawValue>) -> Result<Option<RawValue>, Reason> {
    match answer {
        Ok(value) => Ok(Some(value)),
        Err(Miss::Absent) => Ok(None),
        Err(Miss::Unknown(reason)) => Err(reason),
    }
}

/// A value of a wrong type is as if it were not there.
fn text(value: Option<&RawValue>) -> Option<String> {
    value.and_then(RawValue::text).and_then(line)
}

/// Programs of the store, each once: a bundle (`~` in the fourth place) counts where nothing else
/// names the program.
fn of_store(packages: &[String]) -> BTreeSet<SoftwareItem> {
    let (mut items, mut bundles) = (BTreeSet::new(), BTreeSet::new());
    for package in packages {
        match package_of_store(package) {
            Some((item, false)) => items.insert(item),
            Some((item, true)) => bundles.insert(item),
            None => false,
        };
    }
    let names: BTreeSet<String> = items.iter().map(|it| it.name.clone()).collect();
    bundles.retain(|it| !names.contains(&it.name));
    items.append(&mut bundles);
    items
}

/// `Microsoft.WindowsCalculator_11.2401.0.0_x64__8wekyb3d8bbwe`; parts for languages and scales have
/// something else in the fourth place.
fn package_of_store(package: &str) -> Option<(SoftwareItem, bool)> {
    let mut parts = package.split('_');
    let (name, version, architecture) = (parts.next()?, parts.next()?, parts.next()?);
    let is_version = version.split('.').all(|it| it.parse::<u32>().is_ok());
    let architecture = match architecture {
        "neutral" => None,
        "x64" | "x86" | "arm64" | "arm" => Some(architecture.to_owned()),
        _ => return None,
    };
    let kind = parts.next().unwrap_or_default();
    if !is_version || !matches!(kind, "" | "~") {
        return None;
    }
    let item = SoftwareItem {
        name: line(name)?,
        version: version.to_owned(),
        publisher: None,
        architecture,
    };
    Some((item, kind == "~"))
}
