//! What the agent does to the machine, seen from outside: nothing but talk to its collector.

use std::process::Command;

use daicho_tests::{Folder, have_program, programs};

use super::{agent, quickstarted};

#[test]
fn report_and_replay_of_a_recording_show_the_same_facts() {
    let folder = Folder::new("record");
    let place = folder.join("bundle");
    let place = place.to_str().unwrap();
    assert_eq!(agent(&["record", place]).code, 0);
    let replayed = agent(&["replay", place, "--json"]);
    assert_eq!(replayed.code, 0, "{}", replayed.err);
    let value: serde_json::Value = serde_json::from_str(&replayed.out).unwrap();
    let text = value.to_string();
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
    assert!(text.contains(host.trim()), "{text}");
    let redacted = folder.join("redacted");
    assert_eq!(
        agent(&["record", "--redact", redacted.to_str().unwrap()]).code,
        0
    );
    let bundle = std::fs::read_to_string(redacted.join("bundle.json")).unwrap();
    let id = std::fs::read_to_string("/etc/machine-id").unwrap_or_default();
    assert!(id.trim().is_empty() || !bundle.contains(id.trim()));
}

#[test]
fn agent_talks_to_its_collector_only_and_starts_nothing() {
    if !have_program("strace", "strace") {
        return;
    }
    let (folder, _) = quickstarted("strace");
    let trace = folder.join("trace");
    let state = folder.join("data/quickstart-agent");
    // The collector has gone: the agent tries, keeps the report and says so.
    let ended = Command::new("strace")
        .args(["-f", "-e", "trace=network,execve", "-o"])
        .arg(&trace)
        .arg(&programs().agent)
        .args(["send", "--server", "https://127.0.0.1:9", "--state"])
        .arg(&state)
        .output()
        .expect("strace runs");
    assert!(!ended.status.success(), "nobody listens there");
    let trace = std::fs::read_to_string(trace).unwrap();
    let calls = |name: &str| {
        trace
            .lines()
            .filter(|line| line.contains(&format!(" {name}(")))
            .count()
    };
    assert_eq!(calls("execve"), 1, "the agent itself and nothing else");
    assert_eq!(calls("listen") + calls("accept") + calls("accept4"), 0);
    let mut connects = 0;
    for line in trace.lines().filter(|line| line.contains(" connect(")) {
        let netlink = line.contains("AF_NETLINK");
        let ours = line.contains("htons(9)") && line.contains("127.0.0.1");
        assert!(netlink || ours, "{line}");
        connects += usize::from(ours);
    }
    assert!(connects > 0, "it did try its collector");
    for line in trace
        .lines()
        .filter(|line| line.contains(" bind(") || line.contains(" socket("))
    {
        assert!(
            !line.contains("AF_PACKET") && !line.contains("SOCK_RAW, IPPROTO"),
            "{line}"
        );
    }
}
