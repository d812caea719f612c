//! The shipped agent where it is to run: in a root that holds nothing else, on an old Debian, and as
//! the installed service. Comes in: what `.ci/run` built, named by variables of the environment.
//! The machine that runs the tests is never installed on: everything happens in copies of a root.

mod booted;
mod root;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use daicho_tests::{Folder, have, have_program, root as repository};
use serde_json::Value;

use self::root::OldRoot;
use super::{Ran, ran};

/// A file that `.ci/run` made, see [`have`].
pub(super) fn made(variable: &str, by: &str) -> Option<PathBuf> {
    let path = std::env::var_os(variable).map(PathBuf::from);
    let there = path.as_ref().is_some_and(|path| path.exists());
    have(variable, there, &format!("not set or not there ({by})"))
        .then_some(path)
        .flatten()
}

fn static_agent() -> Option<PathBuf> {
    made("DAICHO_MUSL_AGENT", "agent/package/build-musl")
}

pub(super) fn have_root() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let uid = status.lines().find_map(|line| line.strip_prefix("Uid:"));
    let is_root = uid.is_some_and(|uid| uid.split_whitespace().nth(1) == Some("0"));
    have("root", is_root, "chroot needs it")
}

fn command(program: &str, arguments: &[&str]) -> Ran {
    let output = Command::new(program).args(arguments).output();
    ran(&output.unwrap_or_else(|error| panic!("{program} runs: {error}")))
}

/// `section.field` → whether it is known, for every reading of a report.
pub(super) fn readings(report: &str) -> BTreeMap<String, bool> {
    let report: Value = serde_json::from_str(report).unwrap_or_else(|error| {
        panic!("a report is JSON: {error}: {report}");
    });
    let mut found = BTreeMap::new();
    for section in report["sections"].as_array().expect("sections") {
        let kind = section["kind"].as_str().expect("a kind");
        let Some(body) = section["body"].as_object() else {
            continue;
        };
        for (field, value) in body {
            if let Some(unknown) = value.get("unknown") {
                assert!(unknown.get("reason").is_some(), "{kind}.{field}: {value}");
                found.insert(format!("{kind}.{field}"), false);
            } else if value.get("known").is_some() {
                found.insert(format!("{kind}.{field}"), true);
            }
        }
    }
    found
}

#[test]
fn static_agent_needs_no_library_of_the_machine() {
    let Some(agent) = static_agent() else { return };
    if !have_program("readelf", "binutils") {
        return;
    }
    let ran = command("readelf", &["-W", "-d", "-l", agent.to_str().unwrap()]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("Program Headers"), "{}", ran.out);
    for word in ["NEEDED", "INTERP"] {
        assert!(!ran.out.contains(word), "{word}: {}", ran.out);
    }
}

#[test]
fn root_with_nothing_else_costs_facts_and_no_crash() {
    let Some(agent) = static_agent() else { return };
    if !have_root() {
        return;
    }
    let folder = Folder::new("empty-root");
    std::fs::copy(agent, folder.join("daicho-agent")).unwrap();
    let path = folder.path().to_str().unwrap();
    let ran = command("chroot", &[path, "/daicho-agent", "report"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let readings = readings(&ran.out);
    assert!(readings.len() > 30, "{readings:?}");
    for field in [
        "os.id",
        "os.name",
        "software.items",
        "account.accounts",
        "hardware.serial",
        "listener.listeners",
        "antivirus.products",
        "update.pending",
        "gauges.booted_at",
        "service.services",
    ] {
        assert_eq!(readings.get(field), Some(&false), "{field}: {}", ran.out);
    }
    // Nothing was written but by us.
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn without_the_right_to_follow_descriptors_owners_are_denied_and_not_none() {
    let Some(agent) = static_agent() else { return };
    if !have_root() || !have_program("setpriv", "util-linux") {
        return;
    }
    let folder = Folder::new("rights");
    let copy = folder.join("daicho-agent");
    std::fs::copy(agent, &copy).unwrap();
    // A socket of root's, which the agent sees and may not trace to its program.
    let held = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = held.local_addr().unwrap().port();
    let report = |right: &str| {
        let rights = format!("-all,{right}");
        let inherited = format!("--inh-caps={rights}");
        let ambient = format!("--ambient-caps={rights}");
        let arguments = [
            "--reuid=65534",
            "--regid=65534",
            "--clear-groups",
            &inherited,
            &ambient,
            copy.to_str().unwrap(),
            "report",
        ];
        let ran = command("setpriv", &arguments);
        assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
        (program_of(&ran.out, port), readings(&ran.out))
    };
    let (program, all) = report("+dac_read_search,+sys_ptrace");
    assert!(program.is_some(), "both rights together name it");
    assert_eq!(all.get("account.accounts"), Some(&true));
    for right in ["+dac_read_search", "+sys_ptrace"] {
        let (program, all) = report(right);
        assert_eq!(program, None, "{right}");
        assert_eq!(all.get("listener.owners"), Some(&false), "{right}");
    }
}

/// The program that the report names for a listening port.
fn program_of(report: &str, port: u16) -> Option<String> {
    let report: Value = serde_json::from_str(report).unwrap();
    let sections = report["sections"].as_array().unwrap();
    let listener = sections.iter().find(|it| it["kind"] == "listener").unwrap();
    let listeners = listener["body"]["listeners"]["known"]["value"].as_array();
    let ours = listeners.unwrap().iter().find(|it| it["port"] == port);
    let ours = ours.unwrap_or_else(|| panic!("port {port} is listed: {listener}"));
    ours["program"].as_str().map(ToOwned::to_owned)
}

#[test]
fn package_installs_on_an_old_debian_reports_it_and_leaves_nothing_behind() {
    let Some(deb) = made("DAICHO_DEB", "agent/package/build-deb") else {
        return;
    };
    let Some(root) = OldRoot::copy("old-debian") else {
        return;
    };
    let before = root.snapshot();
    root.take(&deb, "daicho-agent.deb");
    let installed = root.run(&["dpkg", "-i", "/daicho-agent.deb"]);
    assert_eq!(installed.code, 0, "{}{}", installed.out, installed.err);
    let version = root.run(&["/usr/bin/daicho-agent", "--version"]);
    assert_eq!(version.code, 0, "{}", version.err);
    let sample = root.run(&["/usr/bin/daicho-agent", "config-sample"]);
    assert_eq!(sample.out, root.text("etc/daicho/agent.toml"));
    let wants = "etc/systemd/system/multi-user.target.wants/daicho-agent.service";
    assert!(root.link_stands(wants), "enabled");
    assert!(root.text("etc/passwd").contains("daicho-agent:"));

    reports_its_own_release(&root);

    let purged = root.run(&["dpkg", "-P", "daicho-agent"]);
    assert_eq!(purged.code, 0, "{}{}", purged.out, purged.err);
    root.drop_file("daicho-agent.deb");
    assert_eq!(root.snapshot(), before, "left: after the purge");
}

fn reports_its_own_release(root: &OldRoot) {
    let report = root.run(&["/usr/bin/daicho-agent", "report"]);
    assert_eq!(report.code, 0, "{}{}", report.out, report.err);
    let value: Value = serde_json::from_str(&report.out).unwrap();
    let body = |kind: &str| {
        let sections = value["sections"].as_array().unwrap();
        let found = sections.iter().find(|section| section["kind"] == kind);
        found.map(|section| section["body"].clone()).unwrap()
    };
    let release = root.text("etc/os-release");
    let name = release
        .lines()
        .find_map(|line| line.strip_prefix("PRETTY_NAME="));
    let name = name.unwrap().trim_matches('"');
    assert_eq!(body("os")["name"]["known"]["value"], name);
    let asked = root.run(&["dpkg-query", "-W", "-f", "${db:Status-Status} ${Package}\n"]);
    let mut asked: Vec<&str> = asked
        .out
        .lines()
        .filter_map(|line| line.strip_prefix("installed "))
        .collect();
    asked.sort_unstable();
    let software = body("software");
    let items = software["items"]["known"]["value"].as_array().unwrap();
    let mut told: Vec<&str> = items
        .iter()
        .map(|item| item["name"].as_str().unwrap())
        .collect();
    told.sort_unstable();
    assert_eq!(told, asked, "left: report, right: dpkg-query");
    assert!(told.contains(&"daicho-agent"));
}

#[test]
fn package_holds_the_listed_files_and_no_other() {
    let Some(deb) = made("DAICHO_DEB", "agent/package/build-deb") else {
        return;
    };
    let list = command("dpkg-deb", &["-c", deb.to_str().unwrap()]);
    assert_eq!(list.code, 0, "{}", list.err);
    let mut files: Vec<String> = Vec::new();
    for line in list.out.lines().filter(|line| !line.starts_with('d')) {
        let words: Vec<&str> = line.split_whitespace().collect();
        assert_eq!(words[1], "0/0", "{line}");
        files.push(format!("{} {}", words[0], words[5]));
    }
    files.sort();
    assert_eq!(
        files,
        [
            "-rw-r--r-- ./etc/daicho/agent.toml",
            "-rw-r--r-- ./lib/systemd/system/daicho-agent.service",
            "-rw-r--r-- ./usr/share/doc/daicho-agent/agent-linux.md",
            "-rw-r--r-- ./usr/share/doc/daicho-agent/copyright",
            "-rwxr-xr-x ./usr/bin/daicho-agent",
        ]
    );
    let fields = command("dpkg-deb", &["-f", deb.to_str().unwrap(), "Depends"]);
    assert!(!fields.out.contains("libc"), "{}", fields.out);
}

#[test]
fn exposure_of_the_service_is_at_most_two() {
    if !have_program("systemd-analyze", "systemd") {
        return;
    }
    let unit = repository().join("agent/package/daicho-agent.service");
    let judged = security(&unit);
    assert_eq!(judged.code, 0, "{}{}", judged.out, judged.err);
    // The same question refuses a unit without its sandbox.
    let folder = Folder::new("exposure");
    let weak = folder.join("daicho-agent.service");
    let text = std::fs::read_to_string(&unit).unwrap();
    std::fs::write(&weak, text.replace("ProtectSystem=strict\n", "")).unwrap();
    assert_ne!(security(&weak).code, 0);
}

fn security(unit: &Path) -> Ran {
    let arguments = [
        "security",
        "--offline=yes",
        "--threshold=20",
        "--no-pager",
        unit.to_str().unwrap(),
    ];
    command("systemd-analyze", &arguments)
}
