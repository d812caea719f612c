//! Sections of the machine itself: system, hardware, accounts, virtual machines.

use daicho_report::{
    Account, Accounts, AdministratorGrant, Guests, Hardware, Join, LogIn, LogInVerdict, Os,
    OsFamily, Printers, Reading, Reason, Virtualization, Volume,
};

use super::{View, unsupported};
use crate::machine::Turn;
use crate::machine::release::Release;

const VERSION: (&str, &str) = ("RtlGetVersion, registry CurrentVersion", "/etc/os-release");
const FIRMWARE: (&str, &str) = ("GetSystemFirmwareTable RSMB", "/sys/class/dmi/id");

pub(super) fn os(view: &View<'_>) -> Os {
    let machine = view.machine;
    let release = machine.release;
    let version = view.ahead().find_map(|turn| match turn {
        Turn::Patched { version, .. } => Some(version.clone()),
        _ => None,
    });
    let version = version.unwrap_or_else(|| machine.version.clone());
    let family = if release.windows {
        OsFamily::Windows
    } else {
        OsFamily::Linux
    };
    Os {
        family: view.known(family, ("target", "/proc/sys/kernel/ostype")),
        id: view.known(release.id.to_owned(), VERSION),
        name: view.known(named(release, &version), VERSION),
        edition: view.known(release.edition.map(str::to_owned), VERSION),
        version: view.known(version, VERSION),
        kernel: if release.windows {
            unsupported("RtlGetVersion")
        } else {
            Reading::known(release.kernel.to_owned(), "sysinfo")
        },
        architecture: view.known("x86_64".to_owned(), ("GetNativeSystemInfo", "sysinfo")),
        installed_at: view.known(
            machine.installed_at,
            ("registry InstallDate", "birth of /var/log/installer"),
        ),
    }
}

/// Some systems say their version in their name.
fn named(release: &Release, version: &str) -> String {
    let newest = release.versions[0];
    release.name.replace(newest, version)
}

pub(super) fn hardware(view: &View<'_>) -> Hardware {
    let machine = view.machine;
    let iron = &machine.iron;
    let host = view.world.assets[view.asset].host_name.clone();
    let serial = match &iron.serial {
        Some(serial) => view.known(serial.clone(), FIRMWARE),
        None => Reading::unknown(Reason::failed("empty"), view.ask(FIRMWARE.0, FIRMWARE.1)),
    };
    let volume = |mount: &str, file_system: &str, gb: u64| Volume {
        mount: mount.to_owned(),
        file_system: file_system.to_owned(),
        size_bytes: gb * 1_000_000_000 - 534_773_760,
    };
    let volumes = if machine.release.windows {
        let mut volumes = vec![volume("C:", "NTFS", iron.disk_gb)];
        if machine.release.server {
            volumes.push(volume("D:", "NTFS", iron.disk_gb * 2));
        }
        volumes
    } else {
        vec![volume("/", "ext4", iron.disk_gb)]
    };
    Hardware {
        host_name: view.known(host, ("GetComputerNameExW", "sysinfo")),
        domain: view.known(
            machine.domain.clone(),
            ("NetGetJoinInformation", "/etc/resolv.conf"),
        ),
        join: join(view),
        machine_id: view.known(
            machine.machine_id.clone(),
            ("registry MachineGuid", "/etc/machine-id"),
        ),
        smbios_uuid: view.known(iron.uuid.clone(), FIRMWARE),
        manufacturer: view.known(iron.maker.to_owned(), FIRMWARE),
        model: view.known(iron.model.to_owned(), FIRMWARE),
        serial,
        chassis: view.known(iron.chassis, FIRMWARE),
        virtualization: view.known(iron.virtualization.clone(), (FIRMWARE.0, "/proc/cpuinfo")),
        processor: view.known(iron.processor.to_owned(), ("sysinfo", "sysinfo")),
        processor_count: view.known(iron.cores, ("sysinfo", "sysinfo")),
        memory_mib: view.known(iron.memory_mib - 231, ("sysinfo", "sysinfo")),
        volumes: view.known(volumes, ("GetVolumeInformationW", "sysinfo")),
    }
}

fn join(view: &View<'_>) -> Reading<Join> {
    if !view.windows() {
        return Reading::unknown(Reason::Unsupported, "domain membership");
    }
    let join = match &view.machine.domain {
        Some(domain) => Join::Domain(domain.clone()),
        None => Join::Workgroup("WORKGROUP".to_owned()),
    };
    Reading::known(join, "NetGetJoinInformation")
}

pub(super) fn accounts(view: &View<'_>) -> Accounts {
    const USERS: (&str, &str) = (
        "NetUserEnum, NetLocalGroupGetMembers",
        "/etc/passwd, /etc/group, /etc/shadow, /etc/sudoers",
    );
    let machine = view.machine;
    let mut accounts: Vec<Account> = machine
        .users
        .iter()
        .map(|user| Account {
            name: user.name.clone(),
            number: Some(user.number),
            can_log_in: view.known(user.can_log_in, USERS),
            administrator: user.grants.clone(),
        })
        .collect();
    accounts.sort();
    let earlier = view.ahead().find_map(|turn| match turn {
        Turn::LoggedIn(name) => Some(name.clone()),
        _ => None,
    });
    let mut log_ins = Vec::new();
    if let Some((name, auto)) = &machine.log_in {
        let now = earlier.as_ref().unwrap_or(name);
        let verdict = verdict(view, now);
        let how = if machine.release.server {
            "last"
        } else {
            "session"
        };
        log_ins.push(log_in(now, how, &verdict));
        if !machine.release.server {
            log_ins.push(log_in(now, "last", &verdict));
        }
        if *auto {
            let verdict = self::verdict(view, name);
            log_ins.push(log_in(name, "auto", &verdict));
        }
    }
    log_ins.sort();
    log_ins.dedup();
    Accounts {
        accounts: view.known(accounts, USERS),
        log_ins: view.known(
            log_ins,
            (
                "WTSEnumerateSessionsW, registry Winlogon, LogonUI",
                "/run/systemd/sessions, /run/utmp, /var/log/wtmp",
            ),
        ),
        grants: view.known((), ("NetLocalGroupGetMembers", "/etc/group, /etc/sudoers")),
        directory: view.known(
            machine.directory,
            ("NetGetJoinInformation", "/etc/nsswitch.conf"),
        ),
    }
}

fn log_in(account: &str, how: &str, verdict: &LogInVerdict) -> LogIn {
    LogIn {
        account: account.to_owned(),
        how: how.to_owned(),
        verdict: verdict.clone(),
        elevation: None,
    }
}

fn verdict(view: &View<'_>, name: &str) -> LogInVerdict {
    let user = view.machine.users.iter().find(|it| it.name == name);
    let Some(user) = user else {
        return LogInVerdict::Unclear("directory".to_owned());
    };
    match user.grants.first() {
        Some(AdministratorGrant::BuiltIn) => LogInVerdict::Administrator,
        Some(AdministratorGrant::Group(name) | AdministratorGrant::Rule(name)) => {
            LogInVerdict::AdministratorBy(name.clone())
        }
        None => LogInVerdict::NotAdministrator,
    }
}

pub(super) fn printers(view: &View<'_>) -> Printers {
    let mut printers = view.machine.printers.clone();
    printers.sort();
    Printers {
        printers: view.known(
            printers,
            ("registry Control\\Print", "/etc/cups/printers.conf"),
        ),
    }
}

pub(super) fn guests(view: &View<'_>) -> Guests {
    let machine = view.machine;
    let runs_on = match (&machine.iron.virtualization, &machine.runs_on) {
        (Virtualization::Physical, _) => {
            view.known(None, ("GetSystemFirmwareTable", "/proc/cpuinfo"))
        }
        (_, Some(host)) => view.known(
            Some(host.clone()),
            ("registry Virtual Machine\\Guest", "dmi"),
        ),
        (_, None) => unsupported(view.ask("registry Virtual Machine\\Guest", "/sys/class/dmi/id")),
    };
    let mut guests = machine.guests.clone();
    guests.sort();
    Guests {
        runs_on,
        guests: if machine.release.windows {
            view.known(guests, ("service vmms", ""))
        } else {
            Reading::known(guests, "/etc/libvirt/qemu, /etc/pve/qemu-server")
        },
        containers: if machine.release.windows {
            unsupported("services")
        } else {
            Reading::known(Vec::new(), "/sys/fs/cgroup")
        },
    }
}
