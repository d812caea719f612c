//! systemd's units: which are there, which start by themselves, which run. Comes in: names in
//! folders; goes out: sets of names that several probes look into; no unit's content is read.

use std::collections::{BTreeMap, BTreeSet};

use daicho_report::Reason;

use super::registry::SERVICES;
use crate::platform::{Miss, RawService, Source, System};

/// Places of unit files.
const FILES: &[&str] = &[
    "/etc/systemd/system",
    "/run/systemd/system",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
    // Made at the start: of scripts of SysV, of databases with several instances.
    "/run/systemd/generator",
    "/run/systemd/generator.late",
];
const GENERATED: &str = "/run/systemd/generator";
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
        if source.system() == System::Windows {
            return Self::of_services(source);
        }
        let found = files(source);
        let links = links(source, &found.ours);
        let masked = links.iter().filter(|(_, target)| *target == NULL);
        let masked: BTreeSet<String> = masked.map(|(name, _)| name.clone()).collect();
        let running = running(source);
        Self {
            enabled: enabled(source, &found, &links, running.as_ref().ok()).map(|mut enabled| {
                enabled.retain(|name| !masked.contains(name));
                enabled
            }),
            files: found.files,
            masked,
            running,
        }
    }

    /// Services of Windows, with their names in lower case: capitals do not matter there.
    fn of_services(source: &Source) -> Self {
        let all = source.services().map_err(Miss::reason);
        let names = |wanted: &dyn Fn(&RawService) -> bool| match &all {
            Ok(all) => {
                let all = all.iter().filter(|it| wanted(it));
                Ok(all.map(|it| it.name.to_lowercase()).collect())
            }
            Err(reason) => Err(reason.clone()),
        };
        let start = |it: &RawService| {
            let key = format!(r"{SERVICES}\{}", it.name);
            let start = source.registry(&key, "Start").ok();
            start.and_then(|it| it.number())
        };
        Self {
            files: names(&|_| true),
            enabled: names(&|it| matches!(start(it), Some(0..=2))),
            masked: BTreeSet::new(),
            running: names(&|it| it.runs()).map(Some),
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

/// Unit files, and names of folders beside them.
struct Files {
    files: Names,
    /// Names in the machine's own folder.
    ours: BTreeSet<String>,
    /// Folders in which makers' units say what they want.
    of_makers: Vec<String>,
    /// The same of units that were made at the start.
    generated: Vec<String>,
}

fn files(source: &Source) -> Files {
    let mut files = BTreeSet::new();
    let mut found = Files {
        files: Ok(BTreeSet::new()),
        ours: BTreeSet::new(),
        of_makers: Vec::new(),
        generated: Vec::new(),
    };
    let mut seen = BTreeSet::new();
    for folder in FILES {
        match source.folder(folder) {
            Ok(names) => {
                let wants = names.iter().filter(|name| is_wants(name));
                let place = |name: &String| format!("{folder}/{name}");
                if *folder == OURS {
                    found.ours.extend(names.iter().cloned());
                } else if folder.starts_with(GENERATED) {
                    found.generated.extend(wants.map(place));
                } else {
                    // `/lib` is `/usr/lib` on most systems.
                    let new = wants.filter(|name| seen.insert((*name).clone()));
                    found.of_makers.extend(new.map(place));
                }
                files.extend(names.into_iter().filter(|name| is_unit(name)));
            }
            Err(Miss::Absent) => {}
            Err(Miss::Unknown(reason)) => {
                found.files = Err(reason);
                return found;
            }
        }
    }
    found.files = Ok(files);
    found
}

fn is_unit(name: &str) -> bool {
    let endings = [".service", ".timer", ".socket", ".path"];
    endings.iter().any(|ending| name.ends_with(ending))
}

fn is_wants(name: &str) -> bool {
    name.ends_with(".wants") || name.ends_with(".requires")
}

/// What stands in a `.wants` or `.requires` folder is started with the unit that wants it, and so is
/// a unit with a second name that others want. Of what makers want only that counts which runs: the
/// rest are steps of the start.
fn enabled(
    source: &Source,
    found: &Files,
    links: &BTreeMap<String, String>,
    running: Option<&Option<BTreeSet<String>>>,
) -> Names {
    let ours = found.ours.iter().filter(|name| is_wants(name));
    let ours = ours.map(|name| format!("{OURS}/{name}"));
    let ours = ours.chain(found.generated.iter().cloned());
    let mut enabled = wanted(source, ours.take(FOLDERS_MAX))?;
    if let Some(Some(running)) = running {
        let makers = found.of_makers.iter().take(FOLDERS_MAX).cloned();
        let makers = wanted(source, makers)?;
        enabled.extend(makers.intersection(running).cloned());
    }
    let seconds = links.iter().filter_map(|(name, target)| {
        // `display-manager.service` may be `gdm3.service`, and that `gdm.service`.
        let next = source.link(target).unwrap_or_else(|_| target.clone());
        let real = next.rsplit('/').next()?;
        (real != name && is_unit(real)).then(|| real.to_owned())
    });
    enabled.extend(seconds);
    Ok(enabled)
}

fn wanted(source: &Source, folders: impl Iterator<Item = String>) -> Names {
    let mut wanted = BTreeSet::new();
    for folder in folders {
        match source.folder(&folder) {
            Ok(names) => wanted.extend(names.into_iter().filter(|name| is_unit(name))),
            Err(Miss::Absent) => {}
            Err(Miss::Unknown(reason)) => return Err(reason),
        }
    }
    Ok(wanted)
}

/// Where the units in the machine's own folder that are links point.
fn links(source: &Source, ours: &BTreeSet<String>) -> BTreeMap<String, String> {
    let units = ours.iter().filter(|name| is_unit(name)).take(FOLDERS_MAX);
    let links = units.filter_map(|name| {
        let target = source.link(&format!("{OURS}/{name}")).ok()?;
        Some((name.clone(), target))
    });
    links.collect()
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
            .with_miss("folder", "/run/systemd/generator", Miss::Absent)
            .with_folder(
                "/run/systemd/generator.late",
                &["jma-receipt.service", "multi-user.target.wants"],
            )
            .with_folder(
                "/run/systemd/generator.late/multi-user.target.wants",
                &["jma-receipt.service"],
            )
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
        // A script of SysV has a unit that was made at the start.
        let wanted = ["cron.service", "jma-receipt.service"].map(str::to_owned);
        assert_eq!(units.enabled, Ok(BTreeSet::from(wanted)));
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
    fn what_makers_want_counts_while_it_runs_and_a_second_name_is_a_wish() {
        let bundle = bundle()
            .with_folder(OURS, &["display-manager.service", "x.service"])
            .with(
                "link",
                "/etc/systemd/system/display-manager.service",
                &"/lib/systemd/system/gdm3.service",
            )
            .with("link", "/lib/systemd/system/gdm3.service", &"gdm.service")
            .with_miss("link", "/etc/systemd/system/x.service", Miss::Absent)
            .with_folder("/usr/lib/systemd/system", &["sysinit.target.wants"])
            .with_folder(
                "/usr/lib/systemd/system/sysinit.target.wants",
                &["cron.service", "systemd-sysctl.service"],
            );
        let units = Units::read(&Source::from_bundle(bundle));
        let wanted = ["cron.service", "gdm.service", "jma-receipt.service"];
        let wanted = wanted.map(str::to_owned);
        assert_eq!(units.enabled, Ok(BTreeSet::from(wanted)));
    }

    #[test]
    fn what_is_masked_is_not_enabled_although_something_wants_it() {
        let wants = "/etc/systemd/system/multi-user.target.wants";
        let bundle = bundle().with_folder(wants, &["cron.service", "cups.service"]);
        let units = Units::read(&Source::from_bundle(bundle));
        let wanted = ["cron.service", "jma-receipt.service"].map(str::to_owned);
        assert_eq!(units.enabled, Ok(BTreeSet::from(wanted)));
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
