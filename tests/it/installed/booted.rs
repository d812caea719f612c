//! The package on an old Debian whose own systemd runs it: enrolment, the sandbox, purge. Comes in:
//! the package and a root with systemd; goes out: nothing, the container ends by itself. It shares
//! the network with the tests, so that the agent can reach its collector on this machine.

use std::collections::BTreeSet;
use std::path::Path;

use daicho_tests::{Folder, have_program, root as repository};

use super::root::OldRoot;
use super::{command, made, readings};
use crate::serve::{Server, token};

const UNIT: &str = "[Unit]\nDescription=the test\n\n[Service]\nType=oneshot\n\
     ExecStart=/bin/sh /inside.sh\nTimeoutStartSec=120\n";

/// A container's systemd runs the script and powers off.
fn boot(root: &OldRoot) -> String {
    root.write("etc/systemd/system/inside.service", UNIT);
    root.link(
        "etc/systemd/system/multi-user.target.wants/inside.service",
        "../inside.service",
    );
    root.write("inside.sh", include_str!("inside.sh"));
    let arguments = [
        "180",
        "systemd-nspawn",
        "--quiet",
        "--register=no",
        "--keep-unit",
        "--console=pipe",
        "--boot",
        "-D",
        root.path().to_str().unwrap(),
    ];
    let ran = command("timeout", &arguments);
    let log = std::fs::read_to_string(root.path().join("out/log")).unwrap_or_default();
    format!("{}\n{}\n{}\n{log}", ran.code, ran.out, ran.err)
}

#[test]
fn service_of_a_booted_old_debian_reports_inside_its_sandbox() {
    let Some(deb) = made("DAICHO_DEB", "agent/package/build-deb") else {
        return;
    };
    if !have_program("systemd-nspawn", "systemd-container") {
        return;
    }
    let Some(root) = OldRoot::copy("booted") else {
        return;
    };
    let folder = Folder::new("booted-collector");
    let data = folder.join("data");
    let server = Server::start(&data);
    root.take(&deb, "daicho-agent.deb");
    root.write("out/server", &format!("https://{}", server.agents));
    root.write("out/token", &token(&data, &["--approve"]));

    let log = boot(&root);

    let out = |name: &str| {
        let path = root.path().join("out").join(name);
        let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{error}: {log}"));
        text.trim().to_owned()
    };
    assert_eq!(out("enabled"), "enabled", "{log}");
    assert_eq!(out("before-enrolment"), "inactive", "{log}");
    assert_eq!(out("enrolled"), "0", "{log}");
    assert_eq!(out("running"), "active", "{log}\n{}", out("journal"));
    let status: serde_json::Value = serde_json::from_str(&out("status.json")).unwrap();
    assert!(status["acknowledged"].as_u64() >= Some(1), "{status}{log}");
    assert_eq!(out("stopped"), "success", "{log}");
    assert_eq!(out("purged"), "0", "{log}");
    assert_eq!(out("left"), "", "{log}");
    sandbox_holds(&out("process"));
    losses_are_written_down(&out("root.json"), &out("service.json"));
    println!("{}", out("journal"));
}

fn sandbox_holds(process: &str) {
    let field = |name: &str| {
        let line = process.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap_or_else(|| panic!("{name}: {process}"))
            .split_whitespace()
            .next()
            .unwrap_or_default()
            .to_owned()
    };
    assert_ne!(field("Uid:"), "0");
    // CAP_DAC_READ_SEARCH (2) and CAP_SYS_PTRACE (19), as capability.h numbers them.
    let two = format!("{:016x}", (1u64 << 2) | (1 << 19));
    for set in ["CapPrm:", "CapEff:", "CapBnd:"] {
        assert_eq!(field(set), two, "{set} {process}");
    }
    assert_eq!(field("NoNewPrivs:"), "1");
    assert_eq!(field("Seccomp:"), "2", "a filter of calls");
}

/// What root knows and the service does not stands in the page for administrators.
fn losses_are_written_down(as_root: &str, as_service: &str) {
    let (as_root, as_service) = (readings(as_root), readings(as_service));
    let lost: BTreeSet<&String> = as_root
        .iter()
        .filter(|(field, known)| **known && as_service.get(*field) != Some(&true))
        .map(|(field, _)| field)
        .collect();
    let page = repository().join("docs/operations/agent-linux.md");
    let page = std::fs::read_to_string(Path::new(&page)).unwrap();
    println!("lost inside the sandbox: {lost:?}");
    for field in lost {
        assert!(page.contains(&format!("`{field}`")), "{field} is not said");
    }
}
