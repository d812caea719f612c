//! Patch state: when the last update came, what the local index offers, whether a restart is due.
//! Comes in: logs and indexes that the package manager keeps; goes out: the bodies of sections
//! `patch` and `update`; nothing is fetched, and an index that could not be read is never "nothing pending".

mod apt;
mod version;
mod windows;

use std::collections::BTreeSet;

use daicho_report::{Patches, Reading, Reason, Reboot, SoftwareList, Time, Updates};

use super::field::line;
use super::hardware::container;
use super::setting::{is_yes, last, lines, of_file};
use super::software::rpm;
use super::unit::Units;
use crate::platform::{Miss, Source, System, address};
use version::compare;

#[cfg(test)]
mod tests;

const DPKG: &str = "/var/lib/dpkg/status";
/// Lines begin with the local time; the newest file is enough on a machine that is kept up to date.
const DPKG_LOGS: &[&str] = &["/var/log/dpkg.log", "/var/log/dpkg.log.1"];
const DNF_LOG: &str = "/var/log/dnf.rpm.log";
const LOG_BYTES: usize = 1 << 20;
/// dnf keeps one folder for each repository.
const DNF_CACHE: &str = "/var/cache/dnf";
const DNF_AUTOMATIC: &str = "/etc/dnf/automatic.conf";
const YUM_REPOSITORIES: &str = "/etc/yum.repos.d";
const ZYPP_REPOSITORIES: &str = "/etc/zypp/repos.d";
const REQUIRED: &str = "/run/reboot-required";
const BOOT: &str = "/boot";
const MODULES: &[&str] = &["/usr/lib/modules", "/lib/modules"];
const FOLDERS_MAX: usize = 200;
/// Before 2000: a clock that was never set.
const EARLIEST: i64 = 946_684_800;

/// Reads the section `patch`.
#[must_use]
pub fn read(source: &Source, units: &Units) -> Patches {
    if source.system() == System::Windows {
        return windows::read(source);
    }
    let reboot = reboot(source);
    match source.has(DPKG) {
        Ok(true) => Patches {
            last_update_at: last_of_dpkg(source),
            index_at: apt::index_at(source),
            reboot,
            automatic: apt::automatic(source),
            sources: apt::sources(source),
        },
        Ok(false) => Patches {
            last_update_at: last_of_rpm(source),
            index_at: dnf_index_at(source),
            reboot,
            automatic: dnf_automatic(source, units),
            sources: rpm_sources(source),
        },
        Err(reason) => Patches {
            reboot,
            last_update_at: Reading::unknown(reason.clone(), DPKG),
            index_at: Reading::unknown(reason.clone(), DPKG),
            automatic: Reading::unknown(reason.clone(), DPKG),
            sources: Reading::unknown(reason, DPKG),
        },
    }
}

/// Reads the section `update`.
#[must_use]
pub fn updates(source: &Source, software: &SoftwareList) -> Updates {
    if source.system() == System::Windows {
        return windows::updates(source);
    }
    let pending = match source.has(DPKG) {
        Ok(true) => apt::pending(source, software),
        // Indexes of dnf and zypper are kept in forms that this version does not read.
        Ok(false) => Reading::unknown(Reason::Unsupported, "package index"),
        Err(reason) => Reading::unknown(reason, DPKG),
    };
    Updates {
        pending,
        // Where updates are packages, their list is that of the programs.
        installed: Reading::unknown(Reason::Unsupported, "packages"),
    }
}

/// `2026-11-24 09:12:01 upgrade libc6:amd64 …`, in local time. The file's own time of change is that
/// of its last line, so the difference between both is the distance of the local time from UTC.
fn last_of_dpkg(source: &Source) -> Reading<Time> {
    let mut reason = Reason::failed("no update in the log");
    for path in DPKG_LOGS {
        match last_upgrade(source, path) {
            Ok(Some(at)) => return Reading::known(at, *path),
            Ok(None) | Err(Miss::Absent) => {}
            Err(Miss::Unknown(why)) => {
                reason = why;
                break;
            }
        }
    }
    Reading::unknown(reason, DPKG_LOGS.join(", "))
}

fn last_upgrade(source: &Source, path: &str) -> Result<Option<Time>, Miss> {
    let text = source.tail(path, LOG_BYTES)?;
    let text = String::from_utf8_lossy(&text);
    let stamped = |line: &str| {
        Some((
            local_seconds(line)?,
            line.get(20..)?.starts_with("upgrade "),
        ))
    };
    let mut lines = text.lines().rev().filter_map(stamped);
    let Some((newest, is_upgrade)) = lines.next() else {
        return Ok(None);
    };
    let upgrade = if is_upgrade {
        Some(newest)
    } else {
        lines.find_map(|(at, is_upgrade)| is_upgrade.then_some(at))
    };
    let Some(upgrade) = upgrade else {
        return Ok(None);
    };
    let ahead = ahead_of_utc(newest, source.modified(path)?);
    Ok(Some(Time::from_seconds(upgrade - ahead)))
}

/// Distance of the local time from UTC: quarters of an hour, as all zones are.
fn ahead_of_utc(local: i64, utc: i64) -> i64 {
    const QUARTER: i64 = 900;
    let quarters = (local - utc + QUARTER / 2).div_euclid(QUARTER);
    // A file that was changed long after its last line tells nothing.
    let possible = (-48..=56).contains(&quarters);
    if possible { quarters * QUARTER } else { 0 }
}

/// `2026-11-24 09:12:01` at the beginning of a line, as if it were UTC.
fn local_seconds(line: &str) -> Option<i64> {
    let stamp = line.get(..19)?;
    let text = format!("{}T{}Z", stamp.get(..10)?, stamp.get(11..)?);
    let at = Time::parse(&text).ok()?.seconds();
    (at >= EARLIEST).then_some(at)
}

/// The later one of dnf's log and of the times at which packages that every system has were written:
/// these come with the system, and afterwards by updates alone.
fn last_of_rpm(source: &Source) -> Reading<Time> {
    let by_log = last_of_dnf(source);
    let by_database = rpm::newest_of_base(source);
    match (by_log, by_database) {
        (Reading::Known { value, source }, Ok(Some((at, _)))) if value >= at => {
            Reading::known(value, source)
        }
        (_, Ok(Some((at, place)))) => Reading::known(at, place),
        (log @ Reading::Known { .. }, _) => log,
        (log, Ok(None)) => log,
        (log, Err(reason)) => Reading::unknown(reason, log.source()),
    }
}

/// `2026-11-24T09:12:01+0900 SUBDEBUG Upgraded: …`
fn last_of_dnf(source: &Source) -> Reading<Time> {
    let text = match source.tail(DNF_LOG, LOG_BYTES) {
        Ok(text) => text,
        Err(Miss::Absent) => return Reading::unknown(Reason::Unsupported, DNF_LOG),
        Err(Miss::Unknown(reason)) => return Reading::unknown(reason, DNF_LOG),
    };
    let text = String::from_utf8_lossy(&text);
    let upgrade = text.lines().rev().find_map(|line| {
        let is_upgrade = line.contains(" Upgraded: ") || line.contains(" Upgrade: ");
        is_upgrade.then(|| stamp(line))?
    });
    let upgrade = upgrade.ok_or(Reason::failed("no update in the log"));
    Reading::from_result(upgrade, DNF_LOG)
}

/// `2026-11-24T09:12:01+0900` or `…Z`.
fn stamp(line: &str) -> Option<Time> {
    let word = line.split_whitespace().next()?;
    let moment = Time::parse(&format!("{}Z", word.get(..19)?))
        .ok()?
        .seconds();
    let zone = word.get(19..)?;
    let ahead = match zone.strip_prefix(['+', '-']) {
        Some(digits) => {
            let digits: String = digits.chars().filter(char::is_ascii_digit).collect();
            let hours: i64 = digits.get(..2)?.parse().ok()?;
            let minutes: i64 = digits.get(2..4)?.parse().ok()?;
            let seconds = hours * 3_600 + minutes * 60;
            if zone.starts_with('-') {
                -seconds
            } else {
                seconds
            }
        }
        None => 0,
    };
    Some(Time::from_seconds(moment - ahead))
}

/// When the newest index of a repository was fetched.
fn dnf_index_at(source: &Source) -> Reading<Time> {
    let names = match source.folder(DNF_CACHE) {
        Ok(names) => names,
        Err(Miss::Absent) => return Reading::unknown(Reason::Unsupported, DNF_CACHE),
        Err(Miss::Unknown(reason)) => return Reading::unknown(reason, DNF_CACHE),
    };
    let indexes = names.iter().take(FOLDERS_MAX).filter_map(|name| {
        let path = format!("{DNF_CACHE}/{name}/repodata/repomd.xml");
        source.modified(&path).ok()
    });
    let newest = indexes.max().ok_or(Reason::failed("no index"));
    Reading::from_result(newest.map(Time::from_seconds), DNF_CACHE)
}

fn dnf_automatic(source: &Source, units: &Units) -> Reading<bool> {
    let timers = ["dnf-automatic.timer", "dnf-automatic-install.timer"];
    let enabled = match &units.enabled {
        Ok(enabled) => enabled,
        Err(reason) => return Reading::unknown(reason.clone(), "units"),
    };
    match of_file(source, DNF_AUTOMATIC) {
        Ok(None) => Reading::unknown(Reason::Unsupported, DNF_AUTOMATIC),
        Ok(Some(lines)) => {
            let applies = last(&lines, "apply_updates").is_some_and(is_yes);
            let installs = enabled.contains(timers[1]);
            let on = installs || (applies && enabled.contains(timers[0]));
            Reading::known(on, DNF_AUTOMATIC)
        }
        Err(reason) => Reading::unknown(reason, DNF_AUTOMATIC),
    }
}

/// Hosts of `baseurl=` and the like in repository files.
fn rpm_sources(source: &Source) -> Reading<Vec<String>> {
    let mut all = Vec::new();
    for folder in [YUM_REPOSITORIES, ZYPP_REPOSITORIES] {
        match lines(source, &[], &[folder], ".repo") {
            Ok(lines) => all.extend(lines),
            Err(reason) => return Reading::unknown(reason, folder),
        }
    }
    if all.is_empty() {
        return Reading::unknown(Reason::Unsupported, "package repositories");
    }
    let places = format!("{YUM_REPOSITORIES}, {ZYPP_REPOSITORIES}");
    Reading::known(enabled_hosts(&all).into_iter().collect(), places)
}

/// Each part `[name]` is a repository; one that is switched off is no source.
fn enabled_hosts(lines: &[String]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for part in lines.chunk_by(|_, next| !next.starts_with('[')) {
        if last(part, "enabled").is_none_or(is_yes) {
            found.extend(part.iter().filter_map(|it| repository_host(it)));
        }
    }
    found
}

fn repository_host(text: &str) -> Option<String> {
    let (name, value) = text.split_once('=')?;
    let named = matches!(name.trim(), "baseurl" | "mirrorlist" | "metalink");
    named.then(|| host(value))?
}

/// The host of an address, without scheme, account, port or path; the scheme where there is no host.
fn host(text: &str) -> Option<String> {
    let (scheme, rest) = text.trim().split_once(':')?;
    let rest = rest.trim_start_matches('/');
    // `mirror+file` names a list on this machine.
    let is_local = scheme.ends_with("file") || matches!(scheme, "cdrom" | "copy" | "dir" | "hd");
    if is_local {
        return line(scheme);
    }
    let Some((host, _)) = address::host_and_port(rest) else {
        return Some(address::UNCLEAR.to_owned());
    };
    Some(host.trim_matches(['[', ']']).to_owned())
}

fn reboot(source: &Source) -> Reading<Reboot> {
    match container(source) {
        Ok(Some((_, path))) => return Reading::unknown(Reason::Unsupported, path),
        Ok(None) => {}
        Err(reason) => return Reading::unknown(reason, REQUIRED),
    }
    let mut reasons = Vec::new();
    match source.has(REQUIRED) {
        Ok(true) => reasons.push(REQUIRED.to_owned()),
        Ok(false) => {}
        Err(reason) => return Reading::unknown(reason, REQUIRED),
    }
    let place = format!("{REQUIRED}, {BOOT}");
    match newer_kernel(source) {
        Ok(newer) => reasons.extend(newer.map(|it| format!("kernel {it}"))),
        // Without the list of kernels "no restart" cannot be said, but "restart" can.
        Err(reason) if reasons.is_empty() => return Reading::unknown(reason, place),
        Err(_) => {}
    }
    reasons.sort();
    Reading::known(
        Reboot {
            needed: !reasons.is_empty(),
            reasons,
        },
        place,
    )
}

/// An installed kernel of the running one's flavour that is newer.
fn newer_kernel(source: &Source) -> Result<Option<String>, Reason> {
    let running = source.machine().map_err(Miss::reason)?.kernel;
    let running = running.ok_or_else(|| Reason::failed("empty"))?;
    let names = match source.folder(BOOT) {
        Ok(names) => names,
        Err(Miss::Absent) => Vec::new(),
        Err(Miss::Unknown(reason)) => return Err(reason),
    };
    let mut installed: Vec<String> = names
        .iter()
        .filter_map(|name| name.strip_prefix("vmlinuz-"))
        .filter(|name| !name.contains("rescue"))
        .map(str::to_owned)
        .collect();
    if installed.is_empty() {
        installed = modules(source)?;
    }
    // A kernel that comes from outside (a container's host, a hypervisor) is no installed one.
    if !installed.contains(&running) {
        return Err(Reason::Unsupported);
    }
    let same = installed
        .into_iter()
        .filter(|it| flavour(it) == flavour(&running));
    let newest = same.max_by(|a, b| compare(a, b));
    Ok(newest
        .filter(|it| compare(it, &running).is_gt())
        .and_then(|it| line(&it)))
}

fn modules(source: &Source) -> Result<Vec<String>, Reason> {
    for folder in MODULES {
        match source.folder(folder) {
            Ok(names) => return Ok(names),
            Err(Miss::Absent) => {}
            Err(Miss::Unknown(reason)) => return Err(reason),
        }
    }
    Ok(Vec::new())
}

/// `amd64` of `6.1.0-18-amd64`: letters behind the last digit's word.
fn flavour(release: &str) -> &str {
    release
        .rsplit(['-', '.'])
        .next()
        .filter(|it| it.chars().all(char::is_alphabetic))
        .unwrap_or("")
}
