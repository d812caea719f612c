//! What every machine of a sort has installed and running. Comes in: the release; goes out: programs,
//! services and sockets of the system itself. Nothing here tells what a machine is for.

use daicho_report::{Protocol, ServiceStart};

use super::Machine;
use super::release::Release;
use crate::dice::Dice;

const WINDOWS_SERVICES: &[&str] = &[
    "AudioEndpointBuilder",
    "Audiosrv",
    "BFE",
    "BITS",
    "CryptSvc",
    "DcomLaunch",
    "Dhcp",
    "Dnscache",
    "EventLog",
    "EventSystem",
    "FontCache",
    "LanmanServer",
    "LanmanWorkstation",
    "MpsSvc",
    "Netlogon",
    "NlaSvc",
    "PlugPlay",
    "Power",
    "ProfSvc",
    "RpcEptMapper",
    "RpcSs",
    "SamSs",
    "Schedule",
    "SENS",
    "ShellHWDetection",
    "Spooler",
    "Themes",
    "UserManager",
    "VaultSvc",
    "W32Time",
    "Winmgmt",
    "WlanSvc",
    "wuauserv",
];

const WINDOWS_SERVER_SERVICES: &[&str] = &[
    "BFE",
    "BITS",
    "CryptSvc",
    "DcomLaunch",
    "Dhcp",
    "Dnscache",
    "EventLog",
    "EventSystem",
    "gpsvc",
    "IKEEXT",
    "iphlpsvc",
    "LanmanServer",
    "LanmanWorkstation",
    "LSM",
    "MpsSvc",
    "MSDTC",
    "Netlogon",
    "NlaSvc",
    "PolicyAgent",
    "Power",
    "ProfSvc",
    "RpcEptMapper",
    "RpcSs",
    "SamSs",
    "Schedule",
    "SENS",
    "Spooler",
    "TermService",
    "UmRdpService",
    "W32Time",
    "WinRM",
    "Winmgmt",
];

const LINUX_SERVICES: &[&str] = &[
    "cron",
    "dbus",
    "getty@tty1",
    "irqbalance",
    "multipathd",
    "networkd-dispatcher",
    "polkit",
    "rsyslog",
    "ssh",
    "systemd-journald",
    "systemd-logind",
    "systemd-networkd",
    "systemd-resolved",
    "systemd-timesyncd",
    "systemd-udevd",
    "udisks2",
    "unattended-upgrades",
];

const RPM_SERVICES: &[&str] = &[
    "NetworkManager",
    "auditd",
    "chronyd",
    "crond",
    "dbus",
    "firewalld",
    "getty@tty1",
    "irqbalance",
    "kdump",
    "polkit",
    "rsyslog",
    "sshd",
    "sssd",
    "systemd-journald",
    "systemd-logind",
    "systemd-udevd",
    "tuned",
];

type Row = (&'static str, &'static str, &'static str);

const WINDOWS_PROGRAMS: &[Row] = &[
    ("Microsoft Edge", "142.0.3595.65", "Microsoft Corporation"),
    (
        "Microsoft Edge WebView2 Runtime",
        "142.0.3595.65",
        "Microsoft Corporation",
    ),
    (
        "Microsoft Visual C++ 2013 Redistributable (x86) - 12.0.40664",
        "12.0.40664.0",
        "Microsoft Corporation",
    ),
    (
        "Microsoft Visual C++ 2015-2022 Redistributable (x64) - 14.38.33135",
        "14.38.33135.0",
        "Microsoft Corporation",
    ),
    (
        "Microsoft Update Health Tools",
        "5.72.0.0",
        "Microsoft Corporation",
    ),
];

const MAYBE_PROGRAMS: &[Row] = &[
    ("7-Zip 23.01 (x64)", "23.01", "Igor Pavlov"),
    ("Adobe Acrobat (64-bit)", "25.001.20756", "Adobe"),
    ("Google Chrome", "142.0.7444.60", "Google LLC"),
    (
        "Intel(R) Graphics Driver",
        "31.0.101.2130",
        "Intel Corporation",
    ),
    (
        "Realtek High Definition Audio Driver",
        "6.0.9239.1",
        "Realtek Semiconductor Corp.",
    ),
    (
        "Canon LBP6230/6240 UFR II プリンタードライバー",
        "2.90",
        "キヤノン株式会社",
    ),
    (
        "RICOH MP C3004 プリンタードライバー",
        "1.12.0.0",
        "Ricoh Company, Ltd.",
    ),
    (
        "DocuWorks Viewer Light 9.1",
        "9.1.9",
        "富士フイルムビジネスイノベーション株式会社",
    ),
    ("Java 8 Update 202", "8.0.2020.8", "Oracle Corporation"),
    ("Lhaplus", "1.74", "Schezo"),
    ("ATOK 2017", "30.1.0", "株式会社ジャストシステム"),
    (
        "Microsoft .NET Framework 4.8",
        "4.8.03761",
        "Microsoft Corporation",
    ),
    ("サクラエディタ 2.4.2", "2.4.2.6048", "sakura-editor"),
];

/// Programs of offices.
pub(crate) const OFFICE: &[Row] = &[
    (
        "Microsoft Office Standard 2019 - ja-jp",
        "16.0.10417.20061",
        "Microsoft Corporation",
    ),
    (
        "Microsoft Office LTSC Standard 2021 - ja-jp",
        "16.0.14334.20344",
        "Microsoft Corporation",
    ),
    (
        "Microsoft 365 Apps for business - ja-jp",
        "16.0.19127.20314",
        "Microsoft Corporation",
    ),
    (
        "LibreOffice 24.8.4.2",
        "24.8.4.2",
        "The Document Foundation",
    ),
];

const DEBIAN_PROGRAMS: &[(&str, &str, &str)] = &[
    ("bash", "5.1-6ubuntu1.1", "Ubuntu Developers"),
    ("cron", "3.0pl1-137ubuntu3", "Ubuntu Developers"),
    ("curl", "7.81.0-1ubuntu1.21", "Ubuntu Developers"),
    ("libc6", "2.35-0ubuntu3.11", "Ubuntu Developers"),
    ("openssh-server", "1:8.9p1-3ubuntu0.13", "Ubuntu Developers"),
    ("openssl", "3.0.2-0ubuntu1.20", "Ubuntu Developers"),
    ("python3", "3.10.6-1~22.04.1", "Ubuntu Developers"),
    ("rsyslog", "8.2112.0-2ubuntu2.2", "Ubuntu Developers"),
    ("sudo", "1.9.9-1ubuntu2.5", "Ubuntu Developers"),
    ("systemd", "249.11-0ubuntu3.17", "Ubuntu Developers"),
];

const RPM_PROGRAMS: &[Row] = &[
    ("bash", "5.1.8-9.el9", "Red Hat, Inc."),
    ("chrony", "4.6.1-1.el9", "Red Hat, Inc."),
    ("glibc", "2.34-168.el9", "Red Hat, Inc."),
    ("openssh-server", "8.7p1-45.el9", "Red Hat, Inc."),
    ("openssl", "3.2.2-6.el9", "Red Hat, Inc."),
    ("sudo", "1.9.5p2-10.el9", "Red Hat, Inc."),
    ("systemd", "252-51.el9", "Red Hat, Inc."),
];

/// Whether the system keeps its programs as RPM.
pub(crate) fn is_rpm(release: &Release) -> bool {
    matches!(release.id, "rhel" | "centos")
}

/// Puts in what the system itself brings.
pub(crate) fn base(machine: &mut Machine, dice: &mut Dice) {
    if machine.release.windows {
        windows(machine, dice);
    } else {
        linux(machine);
    }
}

fn windows(machine: &mut Machine, dice: &mut Dice) {
    let old = !machine.version.starts_with("10.");
    let names = if machine.release.server {
        WINDOWS_SERVER_SERVICES
    } else {
        WINDOWS_SERVICES
    };
    for name in names {
        let running = !(matches!(*name, "Netlogon") && machine.domain.is_none());
        machine
            .services
            .push(((*name).to_owned(), ServiceStart::Automatic, running));
    }
    for (port, program) in [(135, "svchost.exe"), (445, "System"), (139, "System")] {
        machine.listen(port, program);
    }
    for n in 0..5 {
        let program = [
            "wininit.exe",
            "svchost.exe",
            "lsass.exe",
            "spoolsv.exe",
            "services.exe",
        ][n];
        machine.listen(49_664 + u16::try_from(n).unwrap_or(0), program);
    }
    machine.wait(Protocol::Udp, 137, "System");
    machine.wait(Protocol::Udp, 123, "svchost.exe");
    if machine.release.server {
        machine.listen(3389, "svchost.exe");
        machine.listen(5985, "System");
        machine.wait(Protocol::Udp, 3389, "svchost.exe");
    } else {
        machine.wait(Protocol::Udp, 5353, "svchost.exe");
        machine.wait(Protocol::Udp, 5355, "svchost.exe");
        machine.listen(5040, "svchost.exe");
    }
    let all = WINDOWS_PROGRAMS.iter().filter(|it| {
        !(old && it.0.contains("Edge")
            || (old || machine.release.server) && it.0.contains("Health"))
    });
    for (name, version, publisher) in all {
        machine.install(name, version, publisher);
    }
    for (name, version, publisher) in MAYBE_PROGRAMS {
        let chance = if machine.release.server { 12 } else { 38 };
        if dice.chance(chance) && !(old && *name == "Google Chrome") {
            machine.install(name, version, publisher);
        }
    }
    if !old && !machine.release.server {
        let centre = ("run".to_owned(), "SecurityHealth".to_owned());
        machine.autostarts.push(centre);
    }
}

fn linux(machine: &mut Machine) {
    let rpm = is_rpm(machine.release);
    let services = if rpm { RPM_SERVICES } else { LINUX_SERVICES };
    for name in services {
        machine.serve(name);
    }
    machine.listen(22, "sshd");
    if !rpm {
        machine.waits.push(super::Waits {
            protocol: Protocol::Udp,
            port: 53,
            program: "systemd-resolve",
            local_only: true,
        });
    }
    let programs = if rpm { RPM_PROGRAMS } else { DEBIAN_PROGRAMS };
    for (name, version, publisher) in programs {
        let publisher = if machine.release.id == "debian" {
            "Debian Developers"
        } else {
            publisher
        };
        machine.install(name, version, publisher);
    }
    for timer in ["logrotate", "man-db", "fstrim"] {
        machine
            .autostarts
            .push(("timer".to_owned(), timer.to_owned()));
    }
}
