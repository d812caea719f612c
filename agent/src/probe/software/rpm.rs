//! Packages of rpm. Comes in: the files where a database may be; goes out: programs, and which file
//! named them. Once a database is there, no older one beside it is asked in its place.

use std::collections::BTreeSet;

use daicho_report::{Reason, SoftwareItem, Time};

use super::publisher;
use crate::platform::{Miss, RawPackage, Source};
use crate::probe::field::line;

/// Where a database may be: newer systems first.
pub(super) const FOLDERS: &[&str] = &["/usr/lib/sysimage/rpm", "/var/lib/rpm"];
/// Its forms, newest first: a system that was converted may still have the file of the form before.
pub(super) const FILES: &[&str] = &["rpmdb.sqlite", "Packages.db", "Packages"];

/// Packages that every system has, and that nobody installs later by hand.
const BASE: &[&str] = &[
    "bash",
    "ca-certificates",
    "curl",
    "glibc",
    "kernel",
    "kernel-core",
    "kernel-default",
    "openssl",
    "openssl-libs",
    "systemd",
    "tzdata",
];

/// When the newest of the packages that every system has was written, and where that stands.
pub(in crate::probe) fn newest_of_base(source: &Source) -> Result<Option<(Time, String)>, Reason> {
    for folder in FOLDERS {
        let names = match source.folder(folder) {
            Ok(names) => names,
            Err(Miss::Absent) => continue,
            Err(Miss::Unknown(reason)) => return Err(reason),
        };
        for file in FILES
            .iter()
            .filter(|file| names.iter().any(|it| it == *file))
        {
            let path = format!("{folder}/{file}");
            let packages = source.rpm_packages(&path).map_err(Miss::reason)?;
            let base = packages
                .iter()
                .filter(|it| BASE.contains(&it.name.as_str()));
            let newest = base
                .filter_map(|it| Some((it.installed_at?, &it.name)))
                .max();
            if let Some((at, name)) = newest {
                return Ok(Some((Time::from_seconds(at), format!("{path} ({name})"))));
            }
        }
    }
    Ok(None)
}

/// What was found, and where.
pub(super) enum Found {
    /// There is no database.
    Nothing,
    /// Programs; a database without any may be that of a tool that nobody uses.
    Items(BTreeSet<SoftwareItem>, String),
    /// There is one, and it could not be read.
    Miss(Reason, String),
}

/// Reads the installed packages.
pub(super) fn read(source: &Source) -> Found {
    let mut found = Found::Nothing;
    for folder in FOLDERS {
        found = match (found, folder_of(source, folder)) {
            (Found::Nothing, next) => next,
            (Found::Items(items, place), next) if items.is_empty() => match next {
                Found::Nothing => Found::Items(items, place),
                next => next,
            },
            (found, _) => return found,
        };
    }
    found
}

fn folder_of(source: &Source, folder: &str) -> Found {
    let names = match source.folder(folder) {
        Ok(names) => names,
        Err(Miss::Absent) => return Found::Nothing,
        Err(Miss::Unknown(reason)) => return Found::Miss(reason, folder.to_owned()),
    };
    let mut empty = Found::Nothing;
    let mut is_known = false;
    for file in FILES {
        if !names.iter().any(|name| name == file) {
            continue;
        }
        is_known = true;
        let path = format!("{folder}/{file}");
        match source.rpm_packages(&path) {
            Ok(packages) if packages.is_empty() => {
                if matches!(empty, Found::Nothing) {
                    empty = Found::Items(BTreeSet::new(), path);
                }
            }
            Ok(packages) => return Found::Items(packages.iter().filter_map(item).collect(), path),
            Err(Miss::Absent) => {}
            Err(Miss::Unknown(reason)) => return Found::Miss(reason, path),
        }
    }
    // Lock files alone are no database; anything else may be one of a form that is not read.
    if is_known || names.iter().all(|name| name.starts_with('.')) {
        empty
    } else {
        Found::Miss(Reason::Unsupported, folder.to_owned())
    }
}

fn item(package: &RawPackage) -> Option<SoftwareItem> {
    let RawPackage {
        version, release, ..
    } = package;
    let version = match package.epoch {
        // As if there were none.
        None | Some(0) => format!("{version}-{release}"),
        Some(epoch) => format!("{epoch}:{version}-{release}"),
    };
    let architecture = package.architecture.as_deref().and_then(line);
    Some(SoftwareItem {
        name: line(&package.name)?,
        version: line(&version)?,
        publisher: package.vendor.as_deref().and_then(publisher),
        architecture: architecture.filter(|it| it != "noarch"),
    })
}
