//! Software: the list that the system's own package manager keeps. Comes in: its database's files;
//! goes out: the body of section `software`; a database that cannot be read is named, never skipped.

pub(super) mod rpm;
mod windows;

use std::collections::BTreeSet;

use daicho_report::{Reading, Reason, SoftwareItem, SoftwareList};

use super::field::line;
use crate::platform::{Miss, Source, System};

const DPKG: &str = "/var/lib/dpkg/status";
/// Where images without a package manager keep one file for each package.
const DPKG_PARTS: &str = "/var/lib/dpkg/status.d";
const APK: &[&str] = &["/lib/apk/db/installed", "/usr/lib/apk/db/installed"];
const PACMAN: &str = "/var/lib/pacman/local";
const BYTES_MAX: usize = 32 << 20;
const PARTS_MAX: usize = 2_000;
const ITEMS_MAX: usize = 50_000;
const TOO_MANY: &str = "too many packages";

/// What one place gave: programs, or why there are none.
type Found = Result<BTreeSet<SoftwareItem>, Miss>;
/// A place and how it is read.
type Place = (&'static str, fn(&Source) -> Found);

/// Reads the installed programs.
#[must_use]
pub fn read(source: &Source) -> SoftwareList {
    if source.system() == System::Windows {
        return windows::read(source);
    }
    let items = match (text(source), rpm::read(source)) {
        (items, rpm::Found::Nothing) => {
            items.unwrap_or_else(|| Reading::unknown(Reason::Unsupported, "package database"))
        }
        (Some(Reading::Known { value, source }), found) if !value.is_empty() => {
            with(value, source, found)
        }
        (text, rpm::Found::Items(items, place)) if !items.is_empty() => match text {
            Some(Reading::Unknown { source, .. }) => known(items, &beside(&place, &source)),
            _ => known(items, &place),
        },
        (Some(items @ Reading::Unknown { .. }), _) => items,
        (_, rpm::Found::Miss(reason, place)) => Reading::unknown(reason, place),
        (items, rpm::Found::Items(empty, place)) => items.unwrap_or_else(|| known(empty, &place)),
    };
    SoftwareList { items }
}

/// What the databases of text say; nothing: there is none.
fn text(source: &Source) -> Option<Reading<Vec<SoftwareItem>>> {
    let places: [Place; 4] = [
        (DPKG, |source| text_database(source, DPKG, dpkg)),
        (DPKG_PARTS, dpkg_parts),
        ("/lib/apk/db/installed", apk_anywhere),
        (PACMAN, pacman),
    ];
    let mut miss = None;
    let mut empty = None;
    for (place, read) in places {
        match read(source) {
            Ok(items) if items.len() >= ITEMS_MAX => {
                return Some(Reading::unknown(Reason::failed(TOO_MANY), place));
            }
            Ok(items) if items.is_empty() => {
                empty.get_or_insert(place);
            }
            Ok(items) => return Some(known(items, place)),
            Err(Miss::Absent) => {}
            Err(Miss::Unknown(reason)) => {
                miss.get_or_insert((reason, place));
            }
        }
    }
    match (miss, empty) {
        (Some((reason, place)), _) => Some(Reading::unknown(reason, place)),
        (None, Some(place)) => Some(known(BTreeSet::new(), place)),
        (None, None) => None,
    }
}

/// A machine with packages of two managers has both; one that could not be read is named as the
/// source of the other, whose list would look whole otherwise.
fn with(value: Vec<SoftwareItem>, source: String, found: rpm::Found) -> Reading<Vec<SoftwareItem>> {
    match found {
        rpm::Found::Items(more, place) if !more.is_empty() => {
            let items: BTreeSet<_> = value.into_iter().chain(more).collect();
            known(items, &format!("{source}, {place}"))
        }
        rpm::Found::Items(..) | rpm::Found::Nothing => Reading::known(value, source),
        rpm::Found::Miss(_, place) => Reading::known(value, beside(&source, &place)),
    }
}

fn beside(read: &str, unread: &str) -> String {
    format!("{read} (unread: {unread})")
}

fn known(items: BTreeSet<SoftwareItem>, place: &str) -> Reading<Vec<SoftwareItem>> {
    Reading::known(items.into_iter().collect(), place)
}

fn text_database(source: &Source, path: &str, parse: fn(&str) -> BTreeSet<SoftwareItem>) -> Found {
    let bytes = source.file_up_to(path, BYTES_MAX)?;
    Ok(parse(&String::from_utf8_lossy(&bytes)))
}

/// One package of a text database, while its lines are read.
#[derive(Default)]
struct Entry {
    name: Option<String>,
    version: Option<String>,
    publisher: Option<String>,
    architecture: Option<String>,
    is_removed: bool,
}

impl Entry {
    fn finish(self) -> Option<SoftwareItem> {
        let (Some(name), Some(version), false) = (self.name, self.version, self.is_removed) else {
            return None;
        };
        Some(SoftwareItem {
            name,
            version,
            publisher: self.publisher,
            architecture: self.architecture,
        })
    }
}

/// Entries are paragraphs of `key:value`; continued lines (they begin with a space) say nothing here.
fn paragraphs(text: &str, set: fn(&mut Entry, &str, &str)) -> BTreeSet<SoftwareItem> {
    let mut items = BTreeSet::new();
    let mut entry = Entry::default();
    for text in text.lines().chain(std::iter::once("")) {
        if items.len() >= ITEMS_MAX {
            break;
        }
        if text.trim().is_empty() {
            items.extend(std::mem::take(&mut entry).finish());
        } else if !text.starts_with([' ', '\t'])
            && let Some((name, value)) = text.split_once(':')
        {
            set(&mut entry, name, value);
        }
    }
    items
}

/// dpkg's status file: removed packages stay in it.
fn dpkg(text: &str) -> BTreeSet<SoftwareItem> {
    paragraphs(text, |entry, name, value| match name {
        "Package" => entry.name = line(value),
        "Version" => entry.version = line(value),
        "Maintainer" => entry.publisher = publisher(value),
        "Architecture" => entry.architecture = line(value).filter(|it| it != "all"),
        "Status" => {
            let state = value.split_whitespace().nth(2).unwrap_or_default();
            entry.is_removed = matches!(state, "not-installed" | "config-files" | "half-installed");
        }
        _ => {}
    })
}

fn apk(text: &str) -> BTreeSet<SoftwareItem> {
    paragraphs(text, |entry, name, value| match name {
        "P" => entry.name = line(value),
        "V" => entry.version = line(value),
        "m" => entry.publisher = publisher(value),
        "A" => entry.architecture = line(value).filter(|it| it != "noarch"),
        _ => {}
    })
}

/// The name without mail addresses.
fn publisher(text: &str) -> Option<String> {
    let name = text.split('<').next().unwrap_or_default();
    let words = name.split_whitespace().filter(|word| !word.contains('@'));
    line(&words.collect::<Vec<_>>().join(" "))
}

fn dpkg_parts(source: &Source) -> Found {
    let names = source.folder(DPKG_PARTS)?;
    let mut items = BTreeSet::new();
    let parts = names.iter().filter(|name| !name.ends_with(".md5sums"));
    for (number, name) in parts.enumerate() {
        if number >= PARTS_MAX {
            return Err(Miss::Unknown(Reason::failed(TOO_MANY)));
        }
        // One part that cannot be read would make the list look whole when it is not.
        let text = source.text(&format!("{DPKG_PARTS}/{name}"));
        let text = text.map_err(|miss| Miss::Unknown(miss.reason()))?;
        items.append(&mut dpkg(&text));
    }
    Ok(items)
}

fn apk_anywhere(source: &Source) -> Found {
    let mut last = Err(Miss::Absent);
    for path in APK {
        last = text_database(source, path, apk);
        if !matches!(last, Err(Miss::Absent)) {
            break;
        }
    }
    last
}

/// pacman names a folder `name-version-release` for each package.
fn pacman(source: &Source) -> Found {
    let names = source.folder(PACMAN)?;
    let items = names.iter().take(ITEMS_MAX).filter_map(|folder| {
        let mut parts = folder.rsplitn(3, '-');
        let (release, version, name) = (parts.next()?, parts.next()?, parts.next()?);
        Some(SoftwareItem {
            name: line(name)?,
            version: line(&format!("{version}-{release}"))?,
            publisher: None,
            architecture: None,
        })
    });
    Ok(items.collect())
}

#[cfg(test)]
mod tests;
