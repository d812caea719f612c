use daicho_report::{PendingUpdate, SoftwareItem};

use super::*;
use crate::platform::replay::Bundle;
use crate::platform::{RawMachine, RawOffer};

const LISTS: &str = "/var/lib/apt/lists";

fn item(name: &str, version: &str) -> SoftwareItem {
    SoftwareItem {
        name: name.to_owned(),
        version: version.to_owned(),
        publisher: None,
        architecture: Some("amd64".to_owned()),
    }
}

fn offer(name: &str, version: &str) -> RawOffer {
    RawOffer {
        name: name.to_owned(),
        version: version.to_owned(),
        architecture: "amd64".to_owned(),
    }
}

fn check(bundle: Bundle) -> Patches {
    let source = Source::from_bundle(bundle.with_nothing_else());
    read(&source, &Units::read(&source))
}

fn pending(bundle: Bundle, items: Vec<SoftwareItem>) -> Reading<Vec<PendingUpdate>> {
    let source = Source::from_bundle(bundle.with_nothing_else());
    let software = SoftwareList {
        items: Reading::known(items, DPKG),
    };
    updates(&source, &software).pending
}

fn debian() -> Bundle {
    let lists = [
        "m_dists_bookworm_main_binary-amd64_Packages",
        "s_debian-security_dists_x_binary-amd64_Packages",
        "m_dists_bookworm-backports_InRelease",
        "m_dists_bookworm-backports_main_binary-amd64_Packages.lz4",
        "lock",
    ];
    Bundle::new("linux")
        .with("exists", DPKG, &true)
        .with_folder(LISTS, &lists)
        .with_bytes(
            "head",
            &format!("{LISTS}/{}", lists[2]),
            b"Suite: x\nNotAutomatic: yes\n",
        )
        .with(
            "offers",
            &format!("{LISTS}/{}", lists[0]),
            &vec![offer("bash", "5.1"), offer("curl", "7.0")],
        )
        .with(
            "offers",
            &format!("{LISTS}/{}", lists[1]),
            &vec![offer("bash", "5.2")],
        )
        .with(
            "offers",
            &format!("{LISTS}/{}", lists[3]),
            &vec![offer("curl", "9.0")],
        )
}

#[test]
fn pending_is_what_the_taken_suites_offer_beyond_what_is_installed() {
    let items = vec![item("bash", "5.0"), item("curl", "7.0"), item("own", "1")];
    let found = pending(debian(), items).value().unwrap().clone();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].available, "5.2");
    assert!(found[0].security);
}

#[test]
fn a_machine_without_an_index_is_not_up_to_date() {
    let empty = Bundle::new("linux")
        .with("exists", DPKG, &true)
        .with_folder(LISTS, &["lock", "partial"]);
    let found = pending(empty, vec![item("bash", "5.0")]);
    assert_eq!(found.reason(), Some(&Reason::failed("no index")));
}

#[test]
fn the_last_update_is_an_upgrade_and_no_installation() {
    // The file was changed at its last line: 09:30 there is 00:30 UTC, Japan's time.
    let log = "2026-11-20 09:00:00 upgrade libc6:amd64 2.36-9 2.36-10\n\
               2026-11-24 09:30:00 install x:amd64 <none> 1\n\
               2026-11-24 09:30:00 status installed x:amd64 1\n";
    let bundle = debian()
        .with_bytes("tail", DPKG_LOGS[0], log.as_bytes())
        .with("modified", DPKG_LOGS[0], &1_795_480_203_i64);
    let found = check(bundle).last_update_at;
    assert_eq!(
        found.value().map(ToString::to_string).as_deref(),
        Some("2026-11-20T00:00:00Z")
    );
    let none = debian().with_bytes(
        "tail",
        DPKG_LOGS[0],
        b"2026-11-24 09:30:00 startup packages\n",
    );
    let none = none.with("modified", DPKG_LOGS[0], &1_795_480_203_i64);
    assert_eq!(
        check(none).last_update_at.reason(),
        Some(&Reason::failed("no update in the log"))
    );
}

#[test]
fn the_log_of_dnf_carries_its_own_zone() {
    let log = "2026-11-01T01:00:00+0900 SUBDEBUG Upgraded: bash-5\n\
               2026-11-02T01:00:00+0900 SUBDEBUG Installed: x-1\n";
    let bundle = Bundle::new("linux").with_bytes("tail", DNF_LOG, log.as_bytes());
    let found = check(bundle);
    assert_eq!(
        found
            .last_update_at
            .value()
            .map(ToString::to_string)
            .as_deref(),
        Some("2026-10-31T16:00:00Z")
    );
    let found = pending(Bundle::new("linux"), Vec::new());
    assert_eq!(found.reason(), Some(&Reason::Unsupported));
}

fn with_kernel(running: &str, installed: &[&str]) -> Reading<Reboot> {
    let machine = RawMachine {
        kernel: Some(running.to_owned()),
        ..RawMachine::default()
    };
    let bundle = debian()
        .with("machine", "", &machine)
        .with_folder(BOOT, installed);
    check(bundle).reboot
}

#[test]
fn a_newer_kernel_of_the_same_flavour_asks_for_a_restart() {
    let found = with_kernel(
        "6.1.0-9-amd64",
        &["vmlinuz-6.1.0-9-amd64", "vmlinuz-6.1.0-18-amd64"],
    );
    let reboot = found.value().unwrap();
    assert_eq!(reboot.reasons, ["kernel 6.1.0-18-amd64"]);
    assert!(reboot.needed);
    let other = ["vmlinuz-6.1.0-18-amd64", "vmlinuz-6.1.0-19-cloud"];
    assert!(
        !with_kernel("6.1.0-18-amd64", &other)
            .value()
            .unwrap()
            .needed
    );
    // The kernel comes from outside: what is installed says nothing.
    let foreign = with_kernel("6.1.90", &["vmlinuz-6.1.0-18-amd64"]);
    assert_eq!(foreign.reason(), Some(&Reason::Unsupported));
}

#[test]
fn of_sources_the_hosts_alone_are_kept() {
    let bundle = debian()
        .with_text(
            "/etc/apt/sources.list",
            "deb [signed-by=/k] https://taro:himitsu@mirror.example.jp:8443/debian bookworm main\n\
             deb cdrom:[Debian 12]/ bookworm main\n#deb http://no.example.jp x\n",
        )
        .with_folder("/etc/apt/sources.list.d", &["d.sources"])
        .with_text(
            "/etc/apt/sources.list.d/d.sources",
            "URIs: http://a.jp/x http://b.jp/\n",
        );
    let found = check(bundle).sources;
    assert_eq!(
        found.value().unwrap(),
        &["a.jp", "b.jp", "cdrom", "mirror.example.jp"]
    );
}

#[test]
fn updates_that_install_themselves_are_seen_in_apts_settings() {
    let automatic = |text: &str| {
        let bundle = debian()
            .with_folder("/etc/apt/apt.conf.d", &["20auto-upgrades"])
            .with_text("/etc/apt/apt.conf.d/20auto-upgrades", text);
        *check(bundle).automatic.value().unwrap()
    };
    assert!(automatic("APT::Periodic::Unattended-Upgrade \"1\";\n"));
    assert!(!automatic("APT::Periodic::Unattended-Upgrade \"0\";\n"));
    assert!(!automatic("APT::Periodic::Update-Package-Lists \"1\";\n"));
}

#[test]
fn a_repository_that_is_switched_off_is_no_source() {
    let repositories = "[a]\nbaseurl=https://a.example.jp/x\nenabled=0\n\
                        [b]\nenabled = 1\nbaseurl=https://b.example.jp/x\n[c]\nmetalink=https://c.example.jp/\n";
    let off = "[a]\nbaseurl=https://a.example.jp/x\nenabled=0\n";
    let of = |text: &str| {
        let bundle = Bundle::new("linux").with_folder("/etc/yum.repos.d", &["x.repo"]);
        let found = check(bundle.with_text("/etc/yum.repos.d/x.repo", text));
        found.sources.value().cloned().unwrap()
    };
    assert_eq!(of(repositories), ["b.example.jp", "c.example.jp"]);
    assert_eq!(of(off), [""; 0]);
}
