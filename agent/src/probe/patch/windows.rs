//! Windows: patch state. Comes in: what the installer of updates keeps in the registry, settings of
//! Windows Update, and what it found at its last search; goes out: the bodies of sections `patch` and
//! `update`; no search is made, so what is offered is as old as the last one.

use std::collections::BTreeMap;

use daicho_report::{
    InstalledUpdate, Patches, PendingUpdate, Reading, Reason, Reboot, Time, Updates,
};

use super::EARLIEST;
use crate::platform::{Answer, Miss, RawUpdate, RawValue, RawVersion, Source, address, filetime};
use crate::probe::field::line;
use crate::probe::registry::{is_on, keys, number, text};

#[cfg(test)]
mod tests;

const SERVICING: &str = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing";
const PACKAGES: &str =
    r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing\Packages";
const UPDATE: &str = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate\Auto Update";
const POLICY: &str = r"HKLM\SOFTWARE\Policies\Microsoft\Windows\WindowsUpdate";
const SESSION_MANAGER: &str = r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager";
const NAME_NOW: &str = r"HKLM\SYSTEM\CurrentControlSet\Control\ComputerName\ActiveComputerName";
const NAME_NEXT: &str = r"HKLM\SYSTEM\CurrentControlSet\Control\ComputerName\ComputerName";
const NETLOGON: &str = r"HKLM\SYSTEM\CurrentControlSet\Services\Netlogon";
/// The service of Windows Update.
const SERVICE: &str = r"HKLM\SYSTEM\CurrentControlSet\Services\wuauserv";
/// No server and no controller of a domain (`wProductType`).
const WORKSTATION: u8 = 1;
const SEARCH: &str = "IUpdateSearcher (offline)";
const PACKAGE_VALUES: [&str; 3] = ["CurrentState", "InstallTimeHigh", "InstallTimeLow"];
/// Installed (`CurrentState` of a package).
const INSTALLED: u64 = 112;
const UPDATES_MAX: usize = 2_000;

/// Reads the section `patch`.
pub(super) fn read(source: &Source) -> Patches {
    Patches {
        last_update_at: last_update(source),
        index_at: searched(source),
        reboot: Reading::from_result(reboot(source), "servicing, Windows Update, Session Manager"),
        automatic: Reading::from_result(automatic(source), format!(r"{POLICY}\AU, {UPDATE}")),
        sources: Reading::from_result(sources(source), POLICY),
    }
}

/// Reads the section `update`.
pub(super) fn updates(source: &Source) -> Updates {
    let offered = source.offered_updates().map_err(Miss::reason);
    Updates {
        pending: Reading::from_result(offered.and_then(pending), SEARCH),
        installed: Reading::from_result(installed(source), PACKAGES),
    }
}

fn pending(offered: Vec<RawUpdate>) -> Result<Vec<PendingUpdate>, Reason> {
    if offered.len() > UPDATES_MAX {
        return Err(Reason::failed("too many entries"));
    }
    let pending = offered.iter().filter_map(|raw| {
        let articles: Vec<String> = raw.articles.iter().map(|it| format!("KB{it}")).collect();
        Some(PendingUpdate {
            name: line(&raw.title)?,
            installed: None,
            available: line(&articles.join(" ")).unwrap_or_default(),
            security: raw.security,
        })
    });
    let mut pending: Vec<PendingUpdate> = pending.collect();
    pending.sort();
    pending.dedup();
    Ok(pending)
}

/// Packages of updates that are installed, by their numbers, each with the time of the newest.
fn installed(source: &Source) -> Result<Vec<InstalledUpdate>, Reason> {
    let packages = keys(source, PACKAGES)?;
    if packages.is_empty() {
        return Err(Reason::failed("no package"));
    }
    let named = packages.iter().filter_map(|it| Some((it, name_of(it)?)));
    let named: Vec<(&String, String)> = named.collect();
    // Of thousands of packages a few hundred are updates: only these are opened.
    if named.len() > UPDATES_MAX {
        return Err(Reason::failed("too many entries"));
    }
    let mut found: BTreeMap<String, Option<Time>> = BTreeMap::new();
    for (package, name) in named {
        let key = format!(r"{PACKAGES}\{package}");
        let [state, high, low] = source.registry_values(&key, PACKAGE_VALUES);
        if number_of(state)? != Some(INSTALLED) {
            continue;
        }
        let at = installed_at(number_of(high)?, number_of(low)?);
        let known = found.entry(name).or_default();
        *known = (*known).max(at);
    }
    let found = found.into_iter();
    Ok(found
        .map(|(name, at)| InstalledUpdate { name, at })
        .collect())
}

fn number_of(answer: Answer<RawValue>) -> Result<Option<u64>, Reason> {
    match answer {
        Ok(value) => value.number().map(Some).ok_or(Reason::failed("parse")),
        Err(Miss::Absent) => Ok(None),
        Err(Miss::Unknown(reason)) => Err(reason),
    }
}

/// `Package_for_KB5034441~…`, `Package_for_RollupFix~31bf3856ad364e35~amd64~~19041.4291.1.7`: monthly
/// ones are named by the build that they lead to. `Package_1_for_KB…` are parts of one.
fn name_of(package: &str) -> Option<String> {
    let rest = package.strip_prefix("Package_for_")?;
    let (name, version) = rest.split_once('~')?;
    let number = name.strip_prefix("KB");
    if let Some(number) = number {
        let number = number.split(['_', '-']).next()?;
        let is_number = !number.is_empty() && number.bytes().all(|it| it.is_ascii_digit());
        return is_number.then(|| format!("KB{number}"));
    }
    let version = version.rsplit('~').next()?;
    let build: Vec<&str> = version.split('.').take(2).collect();
    let known = ["RollupFix", "ServicingStack", "DotNetRollup"];
    known
        .iter()
        .any(|it| name.starts_with(it))
        .then(|| line(&format!("{name} {}", build.join("."))))?
}

fn installed_at(high: Option<u64>, low: Option<u64>) -> Option<Time> {
    let ticks = (high? & 0xffff_ffff) << 32 | (low? & 0xffff_ffff);
    let seconds = filetime::seconds(ticks)?;
    (seconds >= EARLIEST).then(|| Time::from_seconds(seconds))
}

/// The newest package, or what Windows Update wrote down.
fn last_update(source: &Source) -> Reading<Time> {
    let by_packages = installed(source).map(|all| all.into_iter().filter_map(|it| it.at).max());
    if let Ok(Some(at)) = by_packages {
        return Reading::known(at, PACKAGES);
    }
    let key = format!(r"{UPDATE}\Results\Install");
    match stamp(source, &key) {
        Ok(Some(at)) => Reading::known(at, key),
        Ok(None) => {
            let reason = by_packages.err().unwrap_or(Reason::failed("no trace"));
            Reading::unknown(reason, format!("{PACKAGES}, {key}"))
        }
        Err(reason) => Reading::unknown(reason, key),
    }
}

/// The last search that found an answer. Windows 10 and newer no longer write it down everywhere.
fn searched(source: &Source) -> Reading<Time> {
    let key = format!(r"{UPDATE}\Results\Detect");
    let at = stamp(source, &key).and_then(|it| it.ok_or(Reason::failed("no trace")));
    Reading::from_result(at, key)
}

/// `2026-11-24 03:12:45`, in UTC.
fn stamp(source: &Source, key: &str) -> Result<Option<Time>, Reason> {
    let Some(text) = text(source, &[key], "LastSuccessTime")? else {
        return Ok(None);
    };
    let written = format!("{}Z", text.replacen(' ', "T", 1));
    let time = Time::parse(&written).map_err(|_| Reason::failed("parse"))?;
    Ok(Some(time).filter(|it| it.seconds() >= EARLIEST))
}

fn reboot(source: &Source) -> Result<Reboot, Reason> {
    let mut reasons = Vec::new();
    let below = |key: &str, name: &str| Ok(keys(source, key)?.iter().any(|it| it == name));
    if below(SERVICING, "RebootPending")? {
        reasons.push("servicing RebootPending".to_owned());
    }
    if below(UPDATE, "RebootRequired")? {
        reasons.push("Windows Update RebootRequired".to_owned());
    }
    let now = text(source, &[NAME_NOW], "ComputerName")?;
    let next = text(source, &[NAME_NEXT], "ComputerName")?;
    if let (Some(now), Some(next)) = (now, next)
        && !now.eq_ignore_ascii_case(&next)
    {
        reasons.push("new computer name".to_owned());
    }
    if has(source, NETLOGON, "JoinDomain")? {
        reasons.push("domain join".to_owned());
    }
    let needed = !reasons.is_empty();
    // Many installers leave this behind: by itself it asks for no restart.
    if has(source, SESSION_MANAGER, "PendingFileRenameOperations")? {
        reasons.push("PendingFileRenameOperations (weak)".to_owned());
    }
    reasons.sort();
    Ok(Reboot { needed, reasons })
}

fn has(source: &Source, key: &str, name: &str) -> Result<bool, Reason> {
    match source.registry_has(key, name) {
        Ok(there) => Ok(there),
        Err(Miss::Absent) => Ok(false),
        Err(Miss::Unknown(reason)) => Err(reason),
    }
}

/// Whether updates install themselves: 4 does, 2 and 3 ask, 5 leaves it to the machine's owner, 7
/// asks before the restart. Where nobody set anything, only Windows 10 and newer of people (and no
/// server) are known to install by themselves.
fn automatic(source: &Source) -> Result<bool, Reason> {
    let policy = format!(r"{POLICY}\AU");
    let is_off = is_on(source, &[&policy], "NoAutoUpdate")? == Some(true);
    if is_off || number(source, &[SERVICE], "Start")? == Some(4) {
        return Ok(false);
    }
    match number(source, &[&policy, UPDATE], "AUOptions")? {
        Some(4) => Ok(true),
        Some(1..=3 | 7) => Ok(false),
        Some(_) => Err(Reason::failed("left to the machine's owner")),
        None => match source.windows_version().map_err(Miss::reason)? {
            RawVersion {
                major: 10..,
                product: WORKSTATION,
                ..
            } => Ok(true),
            _ => Err(Reason::failed("not set")),
        },
    }
}

/// The hospital's own server of updates; without one, the maker's.
fn sources(source: &Source) -> Result<Vec<String>, Reason> {
    let policy = format!(r"{POLICY}\AU");
    if is_on(source, &[&policy], "UseWUServer")? != Some(true) {
        return Ok(vec!["windowsupdate.com".to_owned()]);
    }
    let server = text(source, &[POLICY], "WUServer")?.ok_or(Reason::failed("ENOENT"))?;
    let host = address::host_and_port(&server).map(|(host, _)| host.to_ascii_lowercase());
    Ok(vec![host.unwrap_or_else(|| address::UNCLEAR.to_owned())])
}
