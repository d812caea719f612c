//! Windows: the file of hosts, the resolver's cache and rules, what goes past the proxy, listed folders
//! and tasks. Comes in: files, the registry, listed names; goes out: the body of section `trace`; a
//! stored credential is never asked for, because who asks for its name is given its value too.

mod network;

use std::net::IpAddr;

use daicho_report::{Hardware, ListedFolder, Reading, Reason, ResolverRule, Traces};

use super::listed::{LISTED, version};
use super::{bounded, host, name, proxy_bypass};
use crate::platform::{Answer, Miss, RawValue, Source};
use crate::probe::drive;
use crate::probe::field::line;
use crate::probe::hardware::local_volumes;
use crate::probe::registry::{keys, text};

#[cfg(test)]
mod tests;

const PROXY: &str = "Internet Settings, WinHttpSettings";
const CACHE: &str = "DnsGetCacheDataTable";
const RULES: &[&str] = &[
    r"HKLM\SOFTWARE\Policies\Microsoft\Windows NT\DNSClient\DnsPolicyConfig",
    r"HKLM\SYSTEM\CurrentControlSet\Services\Dnscache\Parameters\DnsPolicyConfig",
];
const TCPIP: &str = r"HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters";
/// The one variable that stands there on every Windows.
const VARIABLE: &str = "%SystemRoot%";
const TREE: &str = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Schedule\TaskCache\Tree";
const FOLDERS: &str = "listed folders";
const CREDENTIALS: &str = "Credential Manager: a name is handed out with its value only";
const RULES_MAX: usize = 1_000;
const NAMES_MAX: usize = 64;

pub(super) fn read(source: &Source, hardware: &Hardware) -> Traces {
    Traces {
        hosts: match hosts(source) {
            Ok(place) => host::read(source, hardware, &place),
            Err(reason) => Reading::unknown(reason, format!(r"{TCPIP}\DataBasePath")),
        },
        resolved: resolved(source),
        resolver_rules: bounded(rules(source), "DnsPolicyConfig"),
        proxy_bypass: proxy_bypass(source, PROXY),
        folders: bounded(folders(source), FOLDERS),
        tasks: tasks(source),
        credentials: Reading::unknown(Reason::Withheld, CREDENTIALS),
        networks: bounded(network::read(source), network::PLACE),
    }
}

/// Where the file of hosts is: who changes that sends names elsewhere without touching the usual file.
fn hosts(source: &Source) -> Result<String, Reason> {
    let system = drive::system(source)?;
    let set = text(source, &[TCPIP], "DataBasePath")?;
    let folder = match set {
        Some(set) => match set.split_at_checked(VARIABLE.len()) {
            Some((start, rest)) if start.eq_ignore_ascii_case(VARIABLE) => {
                format!("{system}{rest}")
            }
            _ => set,
        },
        None => format!(r"{system}\System32\drivers\etc"),
    };
    Ok(format!(r"{}\hosts", folder.trim_end_matches('\\')))
}

fn resolved(source: &Source) -> Reading<Vec<String>> {
    let domains: Vec<&str> = LISTED.domain.iter().map(|it| it.name.as_str()).collect();
    let found = source.resolved(&domains).map_err(Miss::reason);
    bounded(found, CACHE)
}

/// The table of rules for names (NRPT): of a policy first, then the machine's own.
fn rules(source: &Source) -> Result<Vec<ResolverRule>, Reason> {
    let mut rules = Vec::new();
    for place in RULES {
        for rule in keys(source, place)?.iter().take(RULES_MAX) {
            // A name with half a character: nothing is found under what is shown for it.
            if rule.contains(char::REPLACEMENT_CHARACTER) {
                return Err(Reason::failed("parse"));
            }
            let key = format!(r"{place}\{rule}");
            let servers = text(source, &[&key], "GenericDNSServers")?.unwrap_or_default();
            let servers: Vec<IpAddr> = servers
                .split([';', ',', ' '])
                .filter_map(|it| it.trim().parse().ok())
                .take(NAMES_MAX)
                .collect();
            // Rules for signatures and for DirectAccess name no servers.
            if servers.is_empty() {
                continue;
            }
            let domains = match source.registry(&key, "Name") {
                Ok(RawValue::Texts(texts)) => texts,
                Ok(RawValue::Text(text)) => vec![text],
                Ok(_) => return Err(Reason::failed("parse")),
                Err(miss) => return Err(miss.reason()),
            };
            let whole = |it: &&String| it.trim_matches('.').is_empty();
            let domains = domains.iter().filter(|it| !whole(it)).take(NAMES_MAX);
            rules.extend(domains.map(|domain| ResolverRule {
                domain: name(domain),
                name_servers: servers.clone(),
            }));
        }
    }
    Ok(rules)
}

/// The system's drive first, then the others that are built in.
fn drives(source: &Source) -> Result<Vec<String>, Reason> {
    let mut drives = vec![drive::root(source)?];
    // Without the list of volumes the system's own is left, where the folder usually is.
    let machine = source.machine().unwrap_or_default();
    for volume in local_volumes(&machine) {
        let is_drive = volume.mount.get(1..) == Some(r":\");
        let is_known = drives
            .iter()
            .any(|it| it.eq_ignore_ascii_case(&volume.mount));
        if is_drive && !is_known {
            drives.push(volume.mount.clone());
        }
    }
    Ok(drives)
}

fn folders(source: &Source) -> Result<Vec<ListedFolder>, Reason> {
    let (programs, data, drives) = (
        drive::programs(source)?,
        vec![drive::data(source)?],
        drives(source)?,
    );
    let mut found = Vec::new();
    let here = LISTED.folder.iter();
    for entry in here.filter(|it| it.systems.iter().any(|it| it == "windows")) {
        let places = match entry.below.as_str() {
            "program_files" => &programs,
            "program_data" => &data,
            _ => &drives,
        };
        for place in places {
            let path = format!(r"{}\{}", place.trim_end_matches('\\'), entry.name);
            if source.has(&path)? {
                found.push(ListedFolder {
                    name: entry.name.clone(),
                    version: version(source, entry, &path, '\\')?,
                });
            }
        }
    }
    Ok(found)
}

/// Names of tasks with a listed beginning, in the first two levels of folders. Where the folder of the
/// files may not be read, the scheduler's list of the same names is.
fn tasks(source: &Source) -> Reading<Vec<String>> {
    let top = match drive::system(source) {
        Ok(system) => format!(r"{system}\System32\Tasks"),
        Err(reason) => return Reading::unknown(reason, "SystemRoot"),
    };
    let by_files = listed_tasks(&top, |place| source.folder(place));
    let Err(reason) = by_files else {
        return bounded(by_files, &top);
    };
    match listed_tasks(TREE, |place| source.registry_keys(place)) {
        Ok(found) => bounded(Ok(found), TREE),
        Err(_) => Reading::unknown(reason, top),
    }
}

fn listed_tasks(
    top: &str,
    names: impl Fn(&str) -> Answer<Vec<String>>,
) -> Result<Vec<String>, Reason> {
    let mut found = Vec::new();
    for name in names(top).map_err(Miss::reason)? {
        if is_listed(&name) {
            found.extend(line(&name));
        }
        // Folders of Windows itself hold hundreds and none that is listed.
        if name == "Microsoft" {
            continue;
        }
        match names(&format!(r"{top}\{name}")) {
            Ok(inner) => {
                let inner = inner.iter().filter(|it| is_listed(it));
                found.extend(inner.filter_map(|it| line(it)));
            }
            // A task, and no folder.
            Err(Miss::Absent) => {}
            Err(Miss::Unknown(reason)) => return Err(reason),
        }
    }
    Ok(found)
}

fn is_listed(name: &str) -> bool {
    let mut listed = LISTED.task.iter();
    listed.any(|it| {
        let start = name.get(..it.name.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(&it.name))
    })
}
