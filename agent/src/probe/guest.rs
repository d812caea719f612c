//! Virtual machines and containers on this machine, and what it runs on. Comes in: definitions of
//! guests, names of control groups, what Hyper-V tells its guests; goes out: the body of section
//! `guest`; no daemon is asked.

mod windows;

use std::collections::BTreeSet;

use daicho_report::{Container, Guest, Guests, Reading, Reason, Virtualization};

use super::field::line;
use crate::platform::{Miss, RawGuest, Source, System};

#[cfg(test)]
mod tests;

/// Pool 3 of Hyper-V's key-value pairs comes from the host (hyperv_kvp(5)): records of a key and a
/// value of fixed length.
const POOL: &str = "/var/lib/hyperv/.kvp_pool_3";
const POOL_BYTES_MAX: usize = 256 * RECORD;
const KEY: usize = 512;
const RECORD: usize = 512 + 2_048;
const HOST_KEYS: &[&str] = &[
    "PhysicalHostNameFullyQualified",
    "PhysicalHostName",
    "HostName",
];
const GUESTS: &str = "/etc/libvirt/qemu, /etc/pve/qemu-server";
/// Folders of control groups in which engines keep their containers.
const GROUPS: &[&str] = &[
    "/sys/fs/cgroup/system.slice",
    "/sys/fs/cgroup/machine.slice",
    "/sys/fs/cgroup/docker",
    "/sys/fs/cgroup/lxc",
    "/sys/fs/cgroup/systemd/system.slice",
    "/sys/fs/cgroup/systemd/machine.slice",
    "/sys/fs/cgroup/systemd/docker",
    "/sys/fs/cgroup/systemd/lxc",
];
const GROUP: &str = "/sys/fs/cgroup";
const CONTAINERS_MAX: usize = 1_000;
const ID: usize = 12;

/// Reads the section.
#[must_use]
pub fn read(source: &Source, virtualization: &Reading<Virtualization>) -> Guests {
    if source.system() == System::Windows {
        return windows::read(source, virtualization);
    }
    Guests {
        runs_on: runs_on(source, virtualization),
        guests: guests(source),
        containers: containers(source),
    }
}

/// Of what is no guest, and of what may be one; nothing: it is one, and its host is to be asked for.
fn origin(virtualization: &Reading<Virtualization>) -> Option<Reading<Option<String>>> {
    match virtualization.value() {
        Some(Virtualization::Physical) => Some(Reading::known(None, virtualization.source())),
        Some(_) => None,
        None => {
            let reason = virtualization.reason().cloned();
            let reason = reason.unwrap_or(Reason::NotAsked);
            Some(Reading::unknown(reason, virtualization.source()))
        }
    }
}

fn runs_on(source: &Source, virtualization: &Reading<Virtualization>) -> Reading<Option<String>> {
    if let Some(known) = origin(virtualization) {
        return known;
    }
    match source.head(POOL, POOL_BYTES_MAX) {
        Ok(bytes) => match host_name(&bytes) {
            Some(name) => Reading::known(Some(name), POOL),
            None => Reading::unknown(Reason::failed("no host name"), POOL),
        },
        // Other hypervisors do not tell their guests where they are.
        Err(Miss::Absent) => Reading::unknown(Reason::Unsupported, POOL),
        Err(Miss::Unknown(reason)) => Reading::unknown(reason, POOL),
    }
}

fn host_name(pool: &[u8]) -> Option<String> {
    let text = |bytes: &[u8]| {
        let end = bytes.iter().position(|b| *b == 0).unwrap_or(bytes.len());
        String::from_utf8_lossy(bytes.get(..end).unwrap_or_default()).into_owned()
    };
    let records: Vec<(String, String)> = pool
        .chunks_exact(RECORD)
        .filter_map(|record| record.split_at_checked(KEY))
        .map(|(key, value)| (text(key), text(value)))
        .collect();
    HOST_KEYS.iter().find_map(|wanted| {
        let (_, value) = records.iter().find(|(key, _)| key == wanted)?;
        line(value)
    })
}

fn guests(source: &Source) -> Reading<Vec<Guest>> {
    let guests = source.guests().map_err(Miss::reason);
    let guests = guests.map(|all| {
        let known = all.into_iter().filter_map(|raw: RawGuest| {
            Some(Guest {
                name: line(&raw.name)?,
                uuid: raw.uuid,
                running: raw.running,
            })
        });
        let mut known: Vec<Guest> = known.collect();
        known.sort();
        known
    });
    Reading::from_result(guests, GUESTS)
}

fn containers(source: &Source) -> Reading<Vec<Container>> {
    let mut found = BTreeSet::new();
    let mut any = false;
    for folder in GROUPS {
        match source.folder(folder) {
            Ok(names) => {
                any = true;
                found.extend(names.iter().filter_map(|name| container(folder, name)));
            }
            Err(Miss::Absent) => {}
            Err(Miss::Unknown(reason)) => return Reading::unknown(reason, *folder),
        }
        if found.len() > CONTAINERS_MAX {
            return Reading::unknown(Reason::failed("too many entries"), *folder);
        }
    }
    // Without any of these folders engines may use others (OpenRC, no control groups at all).
    if any {
        Reading::known(found.into_iter().collect(), GROUP)
    } else {
        Reading::unknown(Reason::Unsupported, GROUP)
    }
}

/// `docker-ID.scope`, `libpod-ID.scope`, `cri-containerd-ID.scope`, `docker/ID`, `lxc/NAME`.
fn container(folder: &str, name: &str) -> Option<Container> {
    let is_id = |id: &str| id.len() == 64 && id.bytes().all(|b| b.is_ascii_hexdigit());
    let of = |engine: &str, id: &str| {
        Some(Container {
            engine: engine.to_owned(),
            id: id.to_owned(),
        })
    };
    let engines = [
        ("docker-", "docker"),
        ("libpod-", "podman"),
        ("cri-containerd-", "kubernetes"),
        ("crio-", "kubernetes"),
    ];
    if let Some(scope) = name.strip_suffix(".scope") {
        let mut named = engines.iter().filter_map(|(start, engine)| {
            let id = scope.strip_prefix(start)?;
            is_id(id).then_some((*engine, id))
        });
        let (engine, id) = named.next()?;
        return of(engine, id.get(..ID)?);
    }
    match folder.rsplit('/').next()? {
        "docker" if is_id(name) => of("docker", name.get(..ID)?),
        "lxc" if is_group(name) => of("lxc", &line(name)?),
        _ => None,
    }
}

/// Files of the control group itself (`cgroup.procs`, `memory.stat`) are no containers.
fn is_group(name: &str) -> bool {
    !name.contains('.') && !matches!(name, "tasks" | "notify_on_release")
}
