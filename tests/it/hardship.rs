//! The agent on a machine in trouble, as separate programs over real TLS: a full disk, a read-only
//! one, and a clock that is wrong by decades.

use std::process::Command;

use daicho_tests::{Folder, have, have_program, programs};

use super::serve::{Server, enrol, token};
use super::{Ran, agent, ran};

/// An enrolled agent whose first report has arrived.
struct Bed {
    folder: Folder,
    _server: Server,
}

impl Bed {
    fn new(name: &str) -> Self {
        let folder = Folder::new(name);
        let data = folder.join("data");
        let server = Server::start(&data);
        let once = token(&data, &["--approve"]);
        let state = folder.join("state");
        let enrolled = enrol(server.agents, &once, &state);
        assert_eq!(enrolled.code, 0, "{}", enrolled.err);
        let sent = agent(&["send", "--state", state.to_str().unwrap()]);
        assert_eq!(sent.code, 0, "{}", sent.err);
        std::fs::create_dir(folder.join("mount")).unwrap();
        Self {
            folder,
            _server: server,
        }
    }

    /// A script in a mount namespace of its own, where `$state` is a small disk with the agent's state.
    fn on_a_small_disk(&self, script: &str) -> Ran {
        let begin = "set -u\n\
            mount -t tmpfs -o size=12m tmpfs \"$state\" && cp -a \"$saved/.\" \"$state\" || exit 99\n\
            fill() { for unit in 64k 4k 512; do dd if=/dev/zero of=\"$state/fill$unit\" bs=$unit 2>/dev/null; done; true; }\n";
        let output = Command::new("unshare")
            .args(["--mount", "--propagation", "private", "sh", "-c"])
            .arg(format!("{begin}{script}"))
            .env("saved", self.folder.join("state"))
            .env("state", self.folder.join("mount"))
            .env("agent", &programs().agent)
            .env("nobody", "https://127.0.0.1:9")
            .env_remove("RUST_LOG")
            .output()
            .expect("unshare runs");
        ran(&output)
    }
}

/// Whether this account may mount in a namespace of its own.
fn can_mount() -> bool {
    if !have_program("unshare", "util-linux") {
        return false;
    }
    let tried = Command::new("unshare")
        .args(["--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"])
        .output();
    let may = tried.is_ok_and(|it| it.status.success());
    have("mount", may, "no right to mount in a namespace (root)")
}

/// The status that the script printed last.
fn status(ran: &Ran) -> serde_json::Value {
    let line = ran.out.lines().rev().find(|line| line.starts_with('{'));
    serde_json::from_str(line.expect("a status")).unwrap()
}

fn number(status: &serde_json::Value, key: &str) -> u64 {
    status[key].as_u64().expect("a number")
}

/// `said NAME` lines of a script, in order.
fn said(ran: &Ran) -> Vec<&str> {
    let lines = ran.out.lines();
    lines
        .filter_map(|line| line.strip_prefix("said "))
        .collect()
}

#[test]
fn full_disk_keeps_no_report_back_and_repeats_no_number() {
    if !can_mount() {
        return;
    }
    let bed = Bed::new("full");
    let ran = bed.on_a_small_disk(
        "send() { \"$agent\" send --state \"$state\"; echo said $?; }
         send; fill; send; send; rm \"$state\"/fill64k; send; \"$agent\" status --json --state \"$state\"",
    );
    assert_eq!(said(&ran), ["0", "0", "0", "0"], "{}{}", ran.out, ran.err);
    assert!(
        ran.err.contains("AGT-034") && ran.err.contains("空き容量"),
        "{}",
        ran.err
    );
    let status = status(&ran);
    assert_eq!(number(&status, "sequence"), 5, "{status}");
    assert_eq!(number(&status, "acknowledged"), 5, "{status}");
    assert_eq!(number(&status, "spool_reports"), 0, "{status}");
}

#[test]
fn full_disk_without_a_collector_drops_the_oldest_and_goes_on_later() {
    if !can_mount() {
        return;
    }
    let bed = Bed::new("full-alone");
    let ran = bed.on_a_small_disk(
        "alone() { \"$agent\" send --server $nobody --state \"$state\" 2>/dev/null; echo said $?; }
         alone; alone; alone; fill; alone; alone; ls \"$state/spool\" | sed 's/^/file /'
         \"$agent\" send --state \"$state\"; echo said $?
         rm \"$state\"/fill*; \"$agent\" send --state \"$state\"; echo said $?
         \"$agent\" status --json --state \"$state\"",
    );
    let expected = ["1", "1", "1", "1", "1", "0", "0"];
    assert_eq!(said(&ran), expected, "{}{}", ran.out, ran.err);
    let files: Vec<&str> = ran
        .out
        .lines()
        .filter(|it| it.starts_with("file "))
        .collect();
    assert!(!files.is_empty() && files.len() < 5, "{files:?}");
    let status = status(&ran);
    assert_eq!(number(&status, "sequence"), 8, "{status}");
    assert_eq!(number(&status, "acknowledged"), 8, "{status}");
}

#[test]
fn read_only_disk_is_told_with_the_next_step_and_a_report_can_still_be_read() {
    if !can_mount() {
        return;
    }
    let bed = Bed::new("read-only");
    let ran = bed.on_a_small_disk(
        "mount -o remount,ro \"$state\" || exit 98
         for command in send run; do \"$agent\" $command --state \"$state\" 2>&1 | sed \"s/^/$command: /\"; done
         \"$agent\" status --json --state \"$state\" >/dev/null; echo said $?
         \"$agent\" report --json --state \"$state\" | head -c 1 | grep -q '{' ; echo said $?
         mount -o remount,rw \"$state\"; \"$agent\" send --state \"$state\"; echo said $?",
    );
    for command in ["send", "run"] {
        let told = format!("{command}: エラー AGT-033: ");
        assert!(ran.out.contains(&told), "{}{}", ran.out, ran.err);
    }
    assert!(ran.out.contains("読み取り専用"), "{}", ran.out);
    assert_eq!(said(&ran), ["0", "0", "0"], "{}{}", ran.out, ran.err);
}

#[test]
fn read_only_root_costs_no_report() {
    if !can_mount() {
        return;
    }
    let folder = Folder::new("read-only-root");
    let state = folder.join("state");
    let output = Command::new("unshare")
        .args(["--mount", "--propagation", "private", "sh", "-c"])
        .arg(
            "mount --rbind / /mnt && mount -o remount,bind,ro /mnt || exit 98
             cd /mnt && exec chroot . \"$agent\" report --json --state \"$state\"",
        )
        .env("agent", &programs().agent)
        .env("state", &state)
        .env_remove("RUST_LOG")
        .output()
        .expect("unshare runs");
    let ran = ran(&output);
    if !have(
        "bind",
        ran.code != 98,
        "the root cannot be mounted a second time",
    ) {
        return;
    }
    assert_eq!(ran.code, 0, "{}", ran.err);
    let report: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert!(report.is_object());
}

/// Runs the agent with another clock.
fn at(time: &str, arguments: &[&str]) -> Ran {
    let output = Command::new("faketime")
        .arg(time)
        .arg(&programs().agent)
        .args(arguments)
        .env_remove("RUST_LOG")
        .output()
        .expect("faketime runs");
    ran(&output)
}

#[test]
fn clock_that_is_decades_wrong_keeps_no_machine_from_enrolling_or_reporting() {
    if !have_program("faketime", "faketime") {
        return;
    }
    let folder = Folder::new("clock");
    let data = folder.join("data");
    let server = Server::start(&data);
    let once = token(&data, &["--approve"]);
    let state = folder.join("state");
    let state = state.to_str().unwrap();
    let url = format!("https://{}", server.agents);
    let enrol = [
        "enroll", "--server", &url, "--token", &once, "--state", state,
    ];
    let enrolled = at("2000-01-01 00:10:00", &enrol);
    assert_eq!(enrolled.code, 0, "{}", enrolled.err);
    for time in [
        "2000-01-01 00:20:00",
        "2044-05-05 05:05:05",
        "1999-12-31 23:59:59",
    ] {
        let sent = at(time, &["send", "--state", state]);
        assert_eq!(sent.code, 0, "{time}: {}", sent.err);
        assert!(sent.err.contains("AGT-036"), "{time}: {}", sent.err);
    }
    let sent = agent(&["send", "--state", state]);
    assert_eq!(sent.code, 0, "{}", sent.err);
    assert!(!sent.err.contains("AGT-036"), "{}", sent.err);
}
