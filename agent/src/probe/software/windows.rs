//! Windows: what can be uninstalled. Comes in: keys of the registry, as programs of both widths and
//! those of everybody who is logged in see them; goes out: programs with version and maker; updates and
//! parts of others are left out, and nothing is asked of the installer, which would repair what it lists.

use std::collections::BTreeSet;

use daicho_report::{Reading, Reason, SoftwareItem, SoftwareList};

use super::TOO_MANY;
use crate::platform::Source;
use crate::probe::field::line;
use crate::probe::registry::{keys, number, people, text};

#[cfg(test)]
mod tests;

const UNINSTALL: &str = r"SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall";
/// Programs of the store, by the names of their packages, for all accounts.
const STORE: &str =
    r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Appx\AppxAllUserStore\Applications";
const PLACES: &str = "registry Uninstall (HKLM, HKU), AppxAllUserStore";
const ITEMS_MAX: usize = 20_000;
const PEOPLE_MAX: usize = 50;

pub(super) fn read(source: &Source) -> SoftwareList {
    SoftwareList {
        items: Reading::from_result(all(source), PLACES),
    }
}

fn all(source: &Source) -> Result<Vec<SoftwareItem>, Reason> {
    let mut items = BTreeSet::new();
    take(source, &format!(r"HKLM\{UNINSTALL}"), None, &mut items)?;
    let of_32 = format!(r"HKLM32\{UNINSTALL}");
    take(source, &of_32, Some("x86"), &mut items)?;
    for sid in people(source)?.iter().take(PEOPLE_MAX) {
        take(source, &format!(r"HKU\{sid}\{UNINSTALL}"), None, &mut items)?;
    }
    let packages = keys(source, STORE)?;
    items.extend(packages.iter().filter_map(|it| of_store(it)));
    // On a machine of 32 bits both views are one.
    let twice: Vec<SoftwareItem> = items
        .iter()
        .filter(|it| it.architecture.is_some())
        .filter(|it| {
            let plain = SoftwareItem {
                architecture: None,
                ..(*it).clone()
            };
            items.contains(&plain)
        })
        .cloned()
        .collect();
    for item in &twice {
        items.remove(item);
    }
    if items.len() > ITEMS_MAX {
        return Err(Reason::failed(TOO_MANY));
    }
    Ok(items.into_iter().collect())
}

fn take(
    source: &Source,
    place: &str,
    architecture: Option<&str>,
    items: &mut BTreeSet<SoftwareItem>,
) -> Result<(), Reason> {
    let names = keys(source, place)?;
    if names.len() > ITEMS_MAX {
        return Err(Reason::failed(TOO_MANY));
    }
    for name in &names {
        let key = format!(r"{place}\{name}");
        items.extend(item(source, &key, architecture)?);
    }
    Ok(())
}

/// What stands under a key; nothing: it is a part of something else. One that is odd costs itself.
fn item(
    source: &Source,
    key: &str,
    architecture: Option<&str>,
) -> Result<Option<SoftwareItem>, Reason> {
    let place = &[key];
    let name = match lenient(text(source, place, "DisplayName"))? {
        Some(name) => name,
        None => return Ok(None),
    };
    if lenient(number(source, place, "SystemComponent"))? == Some(1) {
        return Ok(None);
    }
    // Updates of other programs stand below them.
    if lenient(text(source, place, "ParentKeyName"))?.is_some() {
        return Ok(None);
    }
    Ok(Some(SoftwareItem {
        name,
        version: lenient(text(source, place, "DisplayVersion"))?.unwrap_or_default(),
        publisher: lenient(text(source, place, "Publisher"))?,
        architecture: architecture.map(str::to_owned),
    }))
}

/// A value of a wrong type is as if it were not there; one that may not be read is an error.
fn lenient<T>(value: Result<Option<T>, Reason>) -> Result<Option<T>, Reason> {
    match value {
        Err(Reason::Failed(code)) if code == "parse" => Ok(None),
        value => value,
    }
}

/// `Microsoft.WindowsCalculator_11.2401.0.0_x64__8wekyb3d8bbwe`; parts for languages and scales have
/// another one in the third place.
fn of_store(package: &str) -> Option<SoftwareItem> {
    let mut parts = package.split('_');
    let (name, version, architecture) = (parts.next()?, parts.next()?, parts.next()?);
    let is_version = version.split('.').all(|it| it.parse::<u32>().is_ok());
    let known = ["x64", "x86", "arm64", "arm", "neutral"].contains(&architecture);
    let resource = parts.next().is_some_and(|it| !it.is_empty() && it != "~");
    if !is_version || !known || resource {
        return None;
    }
    Some(SoftwareItem {
        name: line(name)?,
        version: version.to_owned(),
        publisher: None,
        architecture: Some(architecture.to_owned()),
    })
}
