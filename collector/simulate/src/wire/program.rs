//! Sections of what is installed: programs, services, patches.

use daicho_report::{
    Autostart, Patches, PendingUpdate, Reading, Reason, Reboot, Service, Services, SoftwareItem,
    SoftwareList, Time, Updates,
};

use super::View;
use crate::dice::Dice;
use crate::machine::{Turn, software as programs};

pub(super) fn software(view: &View<'_>) -> SoftwareList {
    let rpm = programs::is_rpm(view.machine.release);
    let source = match (view.windows(), rpm) {
        (true, _) => "uninstall keys",
        (_, true) => "/var/lib/rpm",
        _ => "/var/lib/dpkg/status",
    };
    let mut items: Vec<SoftwareItem> = view
        .machine
        .programs
        .iter()
        .map(|it| SoftwareItem {
            name: it.name.clone(),
            version: it.version.clone(),
            publisher: Some(it.publisher.clone()).filter(|it| !it.is_empty()),
            architecture: (!view.windows())
                .then(|| if rpm { "x86_64" } else { "amd64" }.to_owned()),
        })
        .collect();
    for turn in view.ahead() {
        if let Turn::Updated { name, version } = turn {
            for item in items.iter_mut().filter(|it| it.name == *name) {
                item.version.clone_from(version);
            }
        }
    }
    items.sort();
    items.dedup();
    SoftwareList {
        items: daicho_report::Reading::known(items, source),
    }
}

pub(super) fn services(view: &View<'_>) -> Services {
    let mut services: Vec<Service> = view
        .machine
        .services
        .iter()
        .map(|(name, start, running)| Service {
            name: name.clone(),
            start: *start,
            running: Some(*running),
        })
        .collect();
    services.sort();
    services.dedup();
    let mut autostarts: Vec<Autostart> = view
        .machine
        .autostarts
        .iter()
        .map(|(kind, name)| Autostart {
            kind: kind.clone(),
            name: name.clone(),
        })
        .collect();
    autostarts.sort();
    autostarts.dedup();
    Services {
        services: view.known(services, ("EnumServicesStatusExW", "systemd")),
        autostarts: view.known(autostarts, ("registry Run, RunOnce", "cron, systemd, xdg")),
    }
}

pub(super) fn patches(view: &View<'_>) -> Patches {
    let machine = view.machine;
    let earlier = view.ahead().find_map(|turn| match turn {
        Turn::Patched { at, .. } => Some(*at),
        _ => None,
    });
    let last = earlier.unwrap_or(machine.patched_at);
    let mut sources = machine.updates_from.clone();
    sources.sort();
    sources.dedup();
    let index = Time::from_seconds(last.seconds() - 3_600 * 5);
    Patches {
        last_update_at: view.known(last, ("registry CBS Packages", "/var/log/dpkg.log")),
        index_at: view.known(
            index,
            (
                "IUpdateSearcher",
                "/var/lib/apt/periodic/update-success-stamp",
            ),
        ),
        reboot: view.known(
            Reboot {
                needed: false,
                reasons: Vec::new(),
            },
            (
                "registry RebootPending, RebootRequired",
                "/run/reboot-required, /boot",
            ),
        ),
        automatic: view.known(
            !sources.is_empty(),
            ("registry WindowsUpdate\\AU", "/etc/apt/apt.conf.d"),
        ),
        sources: view.known(
            sources,
            ("registry WindowsUpdate WUServer", "/etc/apt/sources.list"),
        ),
    }
}

pub(super) fn updates(view: &View<'_>) -> Updates {
    let mut dice = Dice::of(view.world.seed, &format!("updates {}", view.asset));
    let count = if dice.chance(60) { dice.below(3) } else { 0 };
    let mut pending: Vec<PendingUpdate> = (0..count)
        .map(|_| {
            let number = dice.between(5_060_000, 5_068_999);
            if view.windows() {
                PendingUpdate {
                    name: format!("KB{number}"),
                    installed: None,
                    available: "2026-11".to_owned(),
                    security: true,
                }
            } else {
                PendingUpdate {
                    name: "openssl".to_owned(),
                    installed: Some("3.0.2-0ubuntu1.20".to_owned()),
                    available: "3.0.2-0ubuntu1.21".to_owned(),
                    security: true,
                }
            }
        })
        .collect();
    pending.sort();
    pending.dedup();
    Updates {
        pending: view.known(pending, ("IUpdateSearcher", "/var/lib/apt/lists")),
        installed: Reading::unknown(Reason::Unsupported, "simulated"),
    }
}
