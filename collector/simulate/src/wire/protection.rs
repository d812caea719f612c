//! Sections of protection: antivirus, firewall, settings, storage, trust, tools for maintenance.

use daicho_report::{
    Antivirus, AntivirusVerdict, Backups, DefaultInput, Firewall, FirewallVerdict, LogPolicy,
    PasswordPolicy, Policies, Reading, RemoteTools, SshPolicy, Storage, Testimony, TimeSource,
    Trust, UsbStorage, VolumeEncryption, Witness,
};

use super::{View, unsupported};

pub(super) fn antivirus(view: &View<'_>) -> Antivirus {
    const PLACES: (&str, &str) = (
        "SecurityCenter2, services, drivers, registry",
        "processes, units, packages, paths",
    );
    let start = view.machine.enrolled_at;
    let installed = view.machine.antivirus.iter();
    let products: Vec<_> = installed
        .map(|it| it.fact(it.definitions_at(start, view.at)))
        .collect();
    let verdict = products
        .iter()
        .map(|it| it.verdict)
        .min()
        .unwrap_or(AntivirusVerdict::NoneFound);
    Antivirus {
        products: view.known(products, PLACES),
        verdict: view.known(verdict, PLACES),
    }
}

pub(super) fn firewall(view: &View<'_>) -> Firewall {
    const PLACES: (&str, &str) = (
        "registry FirewallPolicy, INetFwPolicy2",
        "ufw, firewalld, units, /proc/net/ip_tables_names",
    );
    let on = view.machine.firewall;
    let says = if on {
        Testimony::Running
    } else {
        Testimony::Stopped
    };
    let witness = |source: &str| Witness {
        source: source.to_owned(),
        says,
        raw: None,
    };
    let witnesses = if view.windows() {
        vec![
            witness("registry DomainProfile"),
            witness("registry StandardProfile"),
        ]
    } else {
        vec![witness(
            if crate::machine::software::is_rpm(view.machine.release) {
                "unit firewalld.service"
            } else {
                "unit ufw.service"
            },
        )]
    };
    Firewall {
        verdict: view.known(
            if on {
                FirewallVerdict::Active
            } else {
                FirewallVerdict::Inactive
            },
            PLACES,
        ),
        witnesses: view.known(witnesses, PLACES),
        default_input: view.known(
            if on {
                DefaultInput::Drop
            } else {
                DefaultInput::Accept
            },
            PLACES,
        ),
    }
}

pub(super) fn policies(view: &View<'_>) -> Policies {
    let machine = view.machine;
    let joined = machine.domain.is_some();
    let mut servers = machine.clock_from.clone();
    servers.sort();
    servers.dedup();
    let source = TimeSource {
        program: if view.windows() { "W32Time" } else { "chrony" }.to_owned(),
        servers,
    };
    Policies {
        password: view.known(
            PasswordPolicy {
                length_min: Some(if joined { 8 } else { 0 }),
                days_max: Some(if joined { 42 } else { 99_999 }),
                history: joined.then_some(24),
                lockout_after: joined.then_some(10),
            },
            ("NetUserModalsGet", "/etc/login.defs, /etc/pam.d"),
        ),
        ssh: view.known(
            (!view.windows()).then(|| SshPolicy {
                root_log_in: "prohibit-password".to_owned(),
                password_log_in: true,
                ports: vec![22],
            }),
            ("service sshd", "/etc/ssh/sshd_config"),
        ),
        log: view.known(
            LogPolicy {
                persistent: true,
                days_max: None,
                bytes_max: Some(20_971_520),
                sent_to: Vec::new(),
            },
            (
                "registry EventLog",
                "/etc/systemd/journald.conf, /etc/rsyslog.conf",
            ),
        ),
        time_sources: view.known(vec![source], ("registry W32Time", "chrony, timesyncd, ntp")),
        ..Policies::default()
    }
}

pub(super) fn storage(view: &View<'_>) -> Storage {
    let machine = view.machine;
    let mut mounts = if view.windows() {
        vec!["C:"]
    } else {
        vec!["/"]
    };
    if view.windows() && machine.release.server {
        mounts.push("D:");
    }
    let encryption = mounts
        .into_iter()
        .map(|mount| VolumeEncryption {
            mount: mount.to_owned(),
            encryption: machine
                .encrypted
                .then(|| if view.windows() { "BitLocker" } else { "LUKS2" }.to_owned()),
        })
        .collect();
    let mut shares = machine.shares.clone();
    shares.sort();
    shares.dedup();
    let mut remote = machine.mounts.clone();
    remote.sort();
    remote.dedup();
    let usb = if machine.usb_blocked {
        UsbStorage::Blocked("USBSTOR".to_owned())
    } else {
        UsbStorage::Allowed
    };
    Storage {
        encryption: view.known(encryption, ("Win32_EncryptableVolume", "/sys/block")),
        shares: view.known(
            shares,
            ("NetShareEnum", "/etc/samba/smb.conf, /etc/exports"),
        ),
        remote_mounts: view.known(remote, ("WNetEnumResourceW", "/proc/self/mountinfo")),
        usb_storage: view.known(usb, ("registry USBSTOR", "/etc/modprobe.d")),
    }
}

pub(super) fn trust(view: &View<'_>) -> Trust {
    let machine = view.machine;
    let sorted = |list: &[daicho_report::Certificate]| {
        let mut list = list.to_vec();
        list.sort();
        list
    };
    let mut proxies = machine.proxies.clone();
    proxies.sort();
    proxies.dedup();
    Trust {
        added_roots: view.known(
            sorted(&machine.roots),
            ("certificate store Root", "/usr/local/share/ca-certificates"),
        ),
        certificates: view.known(
            sorted(&machine.certificates),
            ("certificate store My", "/etc/ssl"),
        ),
        proxies: view.known(
            proxies,
            (
                "WinHttpGetDefaultProxyConfiguration, registry Internet Settings",
                "/etc/environment",
            ),
        ),
    }
}

const TOOLS: (&str, &str) = (
    "services, uninstall keys, folders",
    "processes, units, packages, paths",
);

pub(super) fn remote_tools(view: &View<'_>) -> RemoteTools {
    let mut tools = view.machine.tools.clone();
    tools.sort();
    RemoteTools {
        tools: view.known(tools, TOOLS),
    }
}

pub(super) fn backups(view: &View<'_>) -> Backups {
    let mut tools = view.machine.backups.clone();
    tools.sort();
    tools.dedup();
    Backups {
        tools: if view.machine.version.starts_with("6.1") && tools.is_empty() {
            unsupported::<Vec<_>>(TOOLS.0)
        } else {
            Reading::known(tools, view.ask(TOOLS.0, TOOLS.1))
        },
        shadow_copies: if view.windows() {
            Reading::known(u32::from(!view.machine.release.server), "Win32_ShadowCopy")
        } else {
            unsupported("Win32_ShadowCopy")
        },
    }
}
