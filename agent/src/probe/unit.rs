//! systemd's units: which are there, which start by themselves, which run. Comes in: names in
//! folders; goes out: sets of names that several probes look into; no unit's content is read.

use std::collections::{BTreeMap, BTreeSet};

use daicho_report::Reason;

use crate::platform::{Miss, Source};

/// Places of unit files.
const FILES: &[&str] = &[
    "/etc/systemd/system",
    "/run/systemd/system",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
];
/// Where switching on and off leaves its links.
const OURS: &str = "/etc/systemd/system";
/// Running services have a folder here: the unified hierarchy, then the old one.
const SLICES: &[&str] = &[
    "/sys/fs/cgroup/system.slice",
    "/sys/fs/cgroup/systemd/system.slice",
];
const FOLDERS_MAX: usize = 256;
const NULL: &str = "/dev/null";

/// A set of names, or why it could not be read.
type Names = Result<BTreeSet<String>, Reason>;

/// Units of this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Units {
    /// Unit files.
    pub files: Names,
    /// Wanted by something that starts.
    pub enabled: Names,
    /// Switched off for good.
    pub masked: BTreeSet<String>,
    /// Services that have processes; `None`: this system keeps no such list.
    pub running: Result<Option<BTreeSet<String>>, Reason>,
}

impl Units {
    /// Reads the names.
    #[must_use]
    pub fn read(source: &Source) -> Self {
        let (files, ours) = files(source);
        let masked = masked(source, &ours);
        Self {
            files,
            enabled: enabled(source, &ours),
            masked,
            running: running(source),
        }
    }

    /// The first name that is meant: `clamd@.service` stands for its instances
    /// (`clamd@scan.service`), and `*` for whatever a product writes there (a customer's number).
    pub(super) fn matching<'a>(names: &'a BTreeSet<String>, wanted: &str) -> Option<&'a String> {
        if let Some(found) = names.get(wanted) {
            return Some(found);
        }
        let (prefix, ending) = match wanted.split_once('*') {
            Some(parts) => parts,
            None => {
                let at = wanted.find("@.")? + 1;
                wanted.split_at_checked(at)?
            }
        };
        let from = names.range(prefix.to_owned()..);
        from.take_while(|it| it.starts_with(prefix))
            .find(|it| it.len() > prefix.len() + ending.len() && it.ends_with(ending))
    }

    /// Why something about units is not known, if anything is.
    pub(super) fn unread(&self) -> Option<&Reason> {
        let refused = [
            self.files.as_ref().err(),
            self.enabled.as_ref().err(),
            self.running.as_ref().err(),
        ];
        refused.into_iter().flatten().next()
    }
}

/// All unit files, and the names in the machine's own folder.
fn files(source: &Source) -> (Names, BTreeSet<String>) {
    let mut files = BTreeSet::new();
    let mut ours = BTreeSet::new();
    for folder in FILES {
        match source.folder(folder) {
            Ok(names) => {
                if *folder == OURS {
                    ours.extend(names.iter().cloned());
                }
                files.extend(names.into_iter().filter(|name| is_unit(name)));
            }
            Err(Miss::Absent) => {}
            Err(Miss::Unknown(reason)) => return (Err(reason), ours),
        }
    }
    (Ok(files), ours)
}

fn is_unit(name: &str) -> bool {
    let endings = [".service", ".timer", ".socket", ".path"];
    endings.iter().any(|ending| name.ends_with(ending))
}

/// What stands in a `.wants` or `.requires` folder is started with the unit that wants it.
fn enabled(source: &Source, ours: &BTreeSet<String>) -> Names {
    let mut enabled = BTreeSet::new();
    let wants = ours
        .iter()
        .filter(|name| name.ends_with(".wants") || name.ends_with(".requires"));
    for folder in wants.take(FOLDERS_MAX) {
        match source.folder(&format!("{OURS}/{folder}")) {
            Ok(names) => enabled.extend(names.into_iter().filter(|name| is_unit(name))),
            Err(Miss::Absent) => {}
            Err(Miss::Unknown(reason)) => return Err(reason),
        }
    }
    Ok(enabled)
}

fn masked(source: &Source, ours: &BTreeSet<String>) -> BTreeSet<String> {
    let is_masked = |name: &&String| {
        let target = source.link(&format!("{OURS}/{name}"));
        target.is_ok_and(|target| target == NULL)
    };
    let units = ours.iter().filter(|name| is_unit(name)).take(FOLDERS_MAX);
    units.filter(is_masked).cloned().collect()
}

fn running(source: &Source) -> Result<Option<BTreeSet<String>>, Reason> {
    for slice in SLICES {
        match source.folder(slice) {
            Ok(names) => return with_inner(source, slice, names).map(Some),
            Err(Miss::Absent) => {}
            Err(Miss::Unknown(reason)) => return Err(reason),
        }
    }
    Ok(None)
}

/// Instances of a template have a slice of their own (`system-clamd.slice/clamd@scan.service`).
fn with_inner(
    source: &Source,
    slice: &str,
    names: Vec<String>,
) -> Result<BTreeSet<String>, Reason> {
    let inner = names.iter().filter(|name| name.ends_with(".slice"));
    let mut found = BTreeMap::new();
    for name in inner.take(FOLDERS_MAX) {
        match source.folder(&format!("{slice}/{name}")) {
            Ok(names) => {
                found.insert(name.clone(), names);
            }
            Err(Miss::Absent) => {}
            Err(Miss::Unknown(reason)) => return Err(reason),
        }
    }
    let all = names.into_iter().chain(found.into_values().flatten());
    Ok(all.filter(|name| name.ends_with(".service")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::replay::Bundle;

    /// A machine with systemd whose units are these.
    pub(crate) fn bundle() -> Bundle {
        Bundle::new("linux")
            .with_folder(OURS, &["multi-user.target.wants", "cups.service", "x.conf"])
            .with("link", "/etc/systemd/system/cups.service", &NULL)
            .with_folder(
                "/etc/systemd/system/multi-user.target.wants",
                &["cron.service"],
            )
            .with_miss("folder", "/run/systemd/system", Miss::Absent)
            .with_miss("folder", "/usr/local/lib/systemd/system", Miss::Absent)
            .with_folder(
                "/usr/lib/systemd/system",
                &["cron.service", "clamd@.service"],
            )
            .with_miss("folder", "/lib/systemd/system", Miss::Absent)
            .with_folder(
                SLICES[0],
                &["cron.service", "system-clamd.slice", "cgroup.procs"],
            )
            .with_folder(
                "/sys/fs/cgroup/system.slice/system-clamd.slice",
                &["clamd@scan.service"],
            )
    }

    #[test]
    fn names_in_folders_say_what_is_there_enabled_masked_and_running() {
        let units = Units::read(&Source::from_bundle(bundle()));
        assert!(units.files.as_ref().unwrap().contains("clamd@.service"));
        assert_eq!(
            units.enabled,
            Ok(BTreeSet::from(["cron.service".to_owned()]))
        );
        assert_eq!(units.masked, BTreeSet::from(["cups.service".to_owned()]));
        let running = units.running.clone().unwrap().unwrap();
        assert_eq!(running.len(), 2);
        assert_eq!(
            Units::matching(&running, "clamd@.service").map(String::as_str),
            Some("clamd@scan.service")
        );
        assert_eq!(units.unread(), None);
    }

    #[test]
    fn a_folder_that_may_not_be_read_is_no_empty_one() {
        let denied = Miss::Unknown(Reason::Denied);
        let wants = "/etc/systemd/system/multi-user.target.wants";
        let source = Source::from_bundle(bundle().with_miss("folder", wants, denied));
        let units = Units::read(&source);
        assert_eq!(units.enabled, Err(Reason::Denied));
        assert_eq!(units.unread(), Some(&Reason::Denied));
    }
}
