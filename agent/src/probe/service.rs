//! Services and what else starts by itself. Comes in: names of units and of files of the scheduler;
//! goes out: the body of section `service`; no unit's or job's content is read, so no command is.

mod windows;

use std::collections::BTreeSet;

use daicho_report::{Autostart, Reading, Reason, Service, ServiceStart, Services};

use super::field::{line, unit};
use super::unit::Units;
use crate::platform::{Miss, Source, System};

#[cfg(test)]
mod tests;

const UNITS: &str = "systemd";
/// SysV: links that begin with `S` are started in this run level.
const RUN_LEVELS: &[&str] = &["/etc/rc3.d", "/etc/rc2.d", "/etc/rc.d/rc3.d"];
/// OpenRC.
const OPEN_RC: &str = "/etc/runlevels/default";
const OPEN_RC_STARTED: &str = "/run/openrc/started";
const AUTOSTARTS: &str = "cron, systemd, xdg";
/// Services of the system that come when something asks them and go again soon: listed, they would
/// make every report another one.
const VISITORS: &[&str] = &[
    "systemd-hostnamed.service",
    "systemd-localed.service",
    "systemd-timedated.service",
    "systemd-importd.service",
    "systemd-portabled.service",
    "systemd-coredump.service",
    "packagekit.service",
    "fwupd.service",
    "geoclue.service",
];
const SERVICES_MAX: usize = 5_000;

/// Folders whose files start by themselves, and the kind that they are of.
const FOLDERS: &[(&str, &str)] = &[
    ("cron.d", "/etc/cron.d"),
    ("cron.hourly", "/etc/cron.hourly"),
    ("cron.daily", "/etc/cron.daily"),
    ("cron.weekly", "/etc/cron.weekly"),
    ("cron.monthly", "/etc/cron.monthly"),
    // Names of these are names of accounts.
    ("crontab", "/var/spool/cron/crontabs"),
    ("crontab", "/var/spool/cron/tabs"),
    ("crontab", "/var/spool/cron"),
    ("xdg", "/etc/xdg/autostart"),
];
const RC_LOCAL: &[&str] = &["/etc/rc.local", "/etc/rc.d/rc.local"];

/// Reads the section.
#[must_use]
pub fn read(source: &Source, units: &Units) -> Services {
    if source.system() == System::Windows {
        return windows::read(source);
    }
    Services {
        services: services(source, units),
        autostarts: autostarts(source, units),
    }
}

fn services(source: &Source, units: &Units) -> Reading<Vec<Service>> {
    let files = match &units.files {
        Ok(files) if files.iter().any(|it| it.ends_with(".service")) => files,
        Ok(_) => return without_systemd(source),
        Err(reason) => return Reading::unknown(reason.clone(), UNITS),
    };
    let (enabled, running) = match (&units.enabled, &units.running) {
        (Ok(enabled), Ok(running)) => (enabled, running.as_ref()),
        (Err(reason), _) | (_, Err(reason)) => {
            return Reading::unknown(reason.clone(), UNITS);
        }
    };
    let runs = |name: &str| running.map(|all| all.contains(name));
    // Instances of a template are no files, but they run or are enabled.
    let names: BTreeSet<&String> = files
        .iter()
        .chain(enabled)
        .chain(running.into_iter().flatten())
        .filter(|name| name.ends_with(".service"))
        .collect();
    let services = names.into_iter().filter_map(|name| {
        let start = if units.masked.contains(name) {
            ServiceStart::Disabled
        } else if enabled.contains(name) {
            ServiceStart::Automatic
        } else {
            ServiceStart::OnDemand
        };
        let running = runs(name);
        let stays = !VISITORS.contains(&name.as_str()) && !has_timer(files, name);
        let matters = start != ServiceStart::OnDemand || (running == Some(true) && stays);
        let service = Service {
            name: unit(name.strip_suffix(".service")?)?,
            start,
            running,
        };
        // The manager of an account's session comes and goes with it.
        (matters && !name.starts_with("user@")).then_some(service)
    });
    bounded(services.collect(), UNITS)
}

/// What a timer starts is listed as a timer, not while it runs.
fn has_timer(files: &BTreeSet<String>, service: &str) -> bool {
    let name = service.strip_suffix(".service");
    name.is_some_and(|name| files.contains(&format!("{name}.timer")))
}

/// SysV and OpenRC: names of what is started; whether it runs is known to OpenRC alone.
fn without_systemd(source: &Source) -> Reading<Vec<Service>> {
    let started = source.folder(OPEN_RC_STARTED).ok();
    let openrc = source.folder(OPEN_RC);
    let found = match &openrc {
        Ok(names) => Ok((names.clone(), OPEN_RC)),
        Err(Miss::Absent) => first_run_level(source),
        Err(Miss::Unknown(reason)) => Err((reason.clone(), OPEN_RC)),
    };
    let (names, place) = match found {
        Ok(found) => found,
        Err((reason, place)) => return Reading::unknown(reason, place),
    };
    let services = names.iter().filter_map(|name| {
        Some(Service {
            name: line(name)?,
            start: ServiceStart::Automatic,
            running: started.as_ref().map(|all| all.contains(name)),
        })
    });
    bounded(services.collect(), place)
}

fn first_run_level(source: &Source) -> Result<(Vec<String>, &'static str), (Reason, &'static str)> {
    for place in RUN_LEVELS {
        match source.folder(place) {
            Ok(names) => {
                let started = names.iter().filter_map(|name| {
                    let rest = name.strip_prefix('S')?;
                    Some(
                        rest.trim_start_matches(|c: char| c.is_ascii_digit())
                            .to_owned(),
                    )
                });
                return Ok((started.collect(), *place));
            }
            Err(Miss::Absent) => {}
            Err(Miss::Unknown(reason)) => return Err((reason, *place)),
        }
    }
    Err((Reason::Unsupported, "systemd, OpenRC, SysV"))
}

fn bounded(mut services: Vec<Service>, place: &str) -> Reading<Vec<Service>> {
    if services.len() > SERVICES_MAX {
        return Reading::unknown(Reason::failed("too many entries"), place);
    }
    services.sort();
    services.dedup();
    Reading::known(services, place)
}

fn autostarts(source: &Source, units: &Units) -> Reading<Vec<Autostart>> {
    let mut found = BTreeSet::new();
    for (kind, folder) in FOLDERS {
        match source.folder(folder) {
            Ok(names) => {
                let names = names.iter().filter(|name| is_job(kind, name));
                found.extend(names.filter_map(|name| autostart(kind, name)));
            }
            Err(Miss::Absent) => {}
            Err(Miss::Unknown(reason)) => return Reading::unknown(reason, *folder),
        }
    }
    for path in RC_LOCAL {
        match source.has(path) {
            Ok(true) => found.extend(autostart("rc.local", path)),
            Ok(false) => {}
            Err(reason) => return Reading::unknown(reason, *path),
        }
    }
    match &units.enabled {
        Ok(enabled) => {
            let timers = enabled
                .iter()
                .filter_map(|name| name.strip_suffix(".timer"));
            let timers = timers.filter_map(unit);
            found.extend(timers.filter_map(|name| autostart("timer", &name)));
        }
        Err(reason) => return Reading::unknown(reason.clone(), UNITS),
    }
    if found.len() > SERVICES_MAX {
        return Reading::unknown(Reason::failed("too many entries"), AUTOSTARTS);
    }
    Reading::known(found.into_iter().collect(), AUTOSTARTS)
}

fn autostart(kind: &str, name: &str) -> Option<Autostart> {
    Some(Autostart {
        kind: kind.to_owned(),
        name: line(name)?,
    })
}

/// Hidden files and folders of other systems' layouts are no jobs.
fn is_job(kind: &str, name: &str) -> bool {
    let layout = ["crontabs", "tabs", "atjobs", "atspool", "lastrun"];
    !name.starts_with('.') && (kind != "crontab" || !layout.contains(&name))
}
