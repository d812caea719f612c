//! What stands beside a fact stays on the machine. Comes in: readings with the name of a patient in
//! them, of kinds that no test machine can be given (mounts of other machines, programs with sockets);
//! goes out: a failure where the name is in the report. It needs no rights and no real machine.

#![allow(clippy::unwrap_used, reason = "the whole program is a test")]

use std::sync::Arc;

use daicho_agent::collect::{Budget, collect};
use daicho_agent::platform::replay::Bundle;
use daicho_agent::platform::{RawProcess, Source};
use daicho_agent::report::sections_of_moment;
use daicho_report::Time;

const TRACES: &[&str] = &["山田", "太郎", "yamada", "0123456-"];

fn report(bundle: Bundle) -> String {
    let source = Arc::new(Source::from_bundle(bundle));
    let collected = collect(&source, Time::EPOCH, &Budget::default());
    let sections = sections_of_moment(&collected, "replay", Time::EPOCH).unwrap();
    serde_json::to_string(&sections).unwrap()
}

/// `beside` is in the report, no trace is.
fn check(bundle: Bundle, beside: &[&str]) {
    let report = report(bundle);
    for name in beside {
        assert!(report.contains(name), "{name} is not in {report}");
    }
    for trace in TRACES {
        assert!(!report.contains(trace), "{trace} is in {report}");
    }
}

#[test]
fn of_a_mount_the_server_alone_is_told() {
    let mounts = [
        ("nfs4", "nas-a:/yamada"),
        ("nfs", "[2001:db8::7]:/yamada"),
        ("cifs", "//nas-b/yamada/山田"),
        ("cifs", "\\134\\134nas-c\\134yamada"),
        ("fuse.sshfs", "yamada@nas-d:/srv/yamada"),
        ("fuse.sshfs", "yamada@nas-e:yamada/0123456-07"),
        ("ceph", "192.0.2.7:6789,192.0.2.8:6789:/yamada"),
        ("ceph", "yamada@fsid.data=/yamada"),
        ("glusterfs", "nas-f:yamada"),
        ("nfs4", "山田:/x"),
    ];
    let lines = mounts
        .iter()
        .map(|(kind, from)| format!("40 1 0:40 / /mnt/yamada rw - {kind} {from} rw\n"));
    let bundle = Bundle::new("linux").with_text("/proc/self/mountinfo", &lines.collect::<String>());
    let servers = [
        "\"nas-a\"",
        "\"2001:db8::7\"",
        "\"nas-b\"",
        "\"nas-c\"",
        "\"nas-d\"",
        "\"nas-e\"",
        "\"192.0.2.7\"",
        "\"nas-f\"",
        "\"(other)\"",
    ];
    check(bundle, &servers);
}

#[test]
fn of_names_and_domains_those_of_hosts_alone_are_told() {
    let hosts =
        "# yamada\n192.0.2.1 beside-host # 山田\n192.0.2.2 山田太郎 yamada@nas 0123456-07\n";
    let dnsmasq =
        "# yamada\nserver=/beside.example/山田/192.0.2.3 # yamada\naddress=/yamada/192.0.2.4\n";
    let resolved = "DNS=192.0.2.5#yamada\nDomains=~route.example ~山田 yamada\n";
    let bundle = Bundle::new("linux")
        .with_text("/etc/hosts", hosts)
        .with_text("/etc/dnsmasq.conf", dnsmasq)
        .with_text("/etc/systemd/resolved.conf", resolved)
        .with_folder("/opt", &["yamada"])
        .with_nothing_else();
    let beside = [
        "\"beside-host\"",
        "\"beside.example\"",
        "\"route.example\"",
        "\"(other)\"",
    ];
    check(bundle, &beside);
}

#[test]
fn program_that_is_called_by_a_person_is_told_as_one_without_its_name() {
    let table = "  sl  local_address rem_address st\n   \
        0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 77 1\n   \
        1: 0100007F:1F91 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 78 1\n";
    let process = |name: &str, socket: u64| RawProcess {
        name: name.to_owned(),
        sockets: Some(vec![socket]),
        ..RawProcess::default()
    };
    let programs = vec![process("daicho-beside", 77), process("山田太郎.sh", 78)];
    let bundle = Bundle::new("linux")
        .with_text("/proc/net/tcp", table)
        .with_text("/proc/net/udp", "  sl\n")
        .with("processes", "", &programs);
    let bundle = bundle.with_nothing_else();
    check(bundle, &["daicho-beside", "\"(other)\""]);
}

#[test]
fn what_was_let_through_on_purpose_would_be_seen() {
    let bundle = Bundle::new("linux").with_text(
        "/proc/self/mountinfo",
        "1 1 0:1 / /x rw - nfs yamada:/x rw\n",
    );
    assert!(report(bundle).contains("yamada"));
}
