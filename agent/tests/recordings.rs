//! Recorded machines and what the agent says of them. Comes in: a recording of each kind of machine;
//! goes out: its report, compared with the golden one beside it (`UPDATE_EXPECT=1` writes it). The
//! machines are fictitious: no name, number or address in them is anybody's.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "the whole program is a test"
)]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use daicho_agent::collect::{Budget, Collected, collect};
use daicho_agent::platform::Source;
use daicho_agent::report::{indented, sections_of_moment};
use daicho_report::{Limit, Time, check_json};
use serde_json::{Map, Value, json};

/// Every section of a report.
const KINDS: &[&str] = &[
    "account",
    "antivirus",
    "backup",
    "firewall",
    "flow",
    "gauges",
    "guest",
    "hardware",
    "interface",
    "listener",
    "neighbour",
    "os",
    "patch",
    "policy",
    "printer",
    "remote_tool",
    "route",
    "service",
    "software",
    "storage",
    "trace",
    "trust",
    "update",
    "vpn",
];
/// Machines on which no question was answered, and the reason.
const WITHOUT_ANSWERS: &[(&str, &str)] = &[("denied", "denied"), ("timed_out", "timed_out")];
/// What Linux does not have to ask, whoever answers.
const NOT_ON_LINUX: &[&str] = &[
    ".backup.shadow_copies",
    ".hardware.join",
    ".policy.name_queries",
    ".policy.remote_desktop",
    ".policy.smb1",
    ".policy.uac",
    ".trace.credentials",
    ".trace.networks",
    ".trace.resolved",
    ".trace.tasks",
    ".update.installed",
];
/// 2026-11-25 05:00 UTC, the time of all reports.
const AT: i64 = 1_795_582_800;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings")
}

fn recordings() -> Vec<String> {
    let entries = std::fs::read_dir(folder()).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// The tests of this program run side by side and share its time: no budget of one machine.
fn collected(name: &str) -> Collected {
    let source = Source::recorded(&folder().join(name)).unwrap();
    let budget = Budget {
        probe: Duration::from_secs(600),
        wall: Duration::from_secs(600),
        cpu_ms: u64::MAX,
        memory_kib: u64::MAX,
    };
    collect(&Arc::new(source), Time::from_seconds(AT), &budget)
}

/// What is said of the machine, without what changes from run to run.
fn report(collected: &Collected) -> Value {
    let sections = sections_of_moment(collected, "replay", Time::from_seconds(AT)).unwrap();
    let sections: Map<String, Value> = sections
        .iter()
        .map(|it| {
            let body = serde_json::from_str(it.body.get()).unwrap();
            (it.kind.as_str().to_owned(), body)
        })
        .collect();
    json!({
        "host_name": collected.host_name,
        "boot_id": collected.boot_id,
        "sections": sections,
    })
}

/// Every reading of a report by its place, with its state (`known`, or the reason).
fn readings(place: &str, value: &Value, found: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(fields) => {
            let inner = fields.get("known").or_else(|| fields.get("unknown"));
            if let Some(inner) = inner.filter(|it| fields.len() == 1 && it.get("source").is_some())
            {
                found.push((place.to_owned(), value.clone()));
                readings(place, inner.get("value").unwrap_or(&Value::Null), found);
                return;
            }
            for (name, value) in fields {
                readings(&format!("{place}.{name}"), value, found);
            }
        }
        Value::Array(items) => {
            for item in items {
                readings(place, item, found);
            }
        }
        _ => {}
    }
}

fn first_difference(expected: &str, found: &str) -> String {
    let mut lines = expected.lines().zip(found.lines()).enumerate();
    let differs = lines.find(|(_, (expected, found))| expected != found);
    match differs {
        Some((number, (expected, found))) => {
            format!(
                "line {}: expected `{expected}`, found `{found}`",
                number + 1
            )
        }
        None => "one is longer".to_owned(),
    }
}

#[test]
fn every_recording_gives_its_golden_report() {
    let is_update = std::env::var_os("UPDATE_EXPECT").is_some();
    let mut differences = Vec::new();
    for name in recordings() {
        let golden = folder().join(&name).join("report.json");
        let found = format!("{}\n", indented(&report(&collected(&name)).to_string()));
        if is_update {
            std::fs::write(&golden, &found).unwrap();
            continue;
        }
        let expected = std::fs::read_to_string(&golden).unwrap_or_default();
        if expected != found {
            differences.push(format!("{name}: {}", first_difference(&expected, &found)));
        }
    }
    assert!(
        differences.is_empty(),
        "not as in report.json (UPDATE_EXPECT=1 writes it):\n{}",
        differences.join("\n")
    );
}

#[test]
fn every_report_has_every_section_within_the_limits() {
    for name in recordings() {
        let collected = collected(&name);
        let sections = sections_of_moment(&collected, "replay", Time::from_seconds(AT)).unwrap();
        let kinds: Vec<&str> = sections.iter().map(|it| it.kind.as_str()).collect();
        assert_eq!(kinds, KINDS, "{name}");
        assert!(sections.iter().all(daicho_report::Section::is_intact));
        let json = serde_json::to_vec(&sections).unwrap();
        check_json(&json, &Limit::REPORT).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

#[test]
fn a_machine_that_answers_nothing_has_a_report_without_a_known_fact() {
    for (name, reason) in WITHOUT_ANSWERS {
        let mut found = Vec::new();
        readings("", &report(&collected(name))["sections"], &mut found);
        assert!(found.len() > 60, "{name}: {} readings", found.len());
        for (place, reading) in found {
            let reason = match NOT_ON_LINUX.contains(&place.as_str()) {
                true => "unsupported",
                false => *reason,
            };
            assert_eq!(reading["unknown"]["reason"], reason, "{name}: {place}");
        }
    }
}

#[test]
fn every_unknown_fact_of_a_recording_has_a_reason_and_a_place() {
    for name in recordings() {
        let mut found = Vec::new();
        readings("", &report(&collected(&name))["sections"], &mut found);
        for (place, reading) in found {
            let Some(unknown) = reading.get("unknown") else {
                continue;
            };
            assert!(!unknown["reason"].is_null(), "{name}: {place}");
            assert_ne!(unknown["source"], "", "{name}: {place}");
        }
    }
}
