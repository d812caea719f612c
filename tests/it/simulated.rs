//! A simulated hospital from the command to ledger and diagram, and what people keep by hand in it.

use std::path::Path;

use daicho_simulate::{Options, hospital};
use daicho_tests::Folder;
use serde_json::Value;

use super::{collector, quickstarted};

/// A hospital, taken in: `hospital` and `data` in a folder.
fn taken_in(name: &str, seed: &str) -> Folder {
    let folder = Folder::new(name);
    let (from, data) = (folder.join("hospital"), folder.join("data"));
    let shown = from.to_str().unwrap();
    let made = collector(
        &data,
        &[
            "simulate", "--assets", "50", "--seed", seed, "--days", "3", "--out", shown,
        ],
    );
    assert_eq!(made.code, 0, "{}{}", made.out, made.err);
    let taken = collector(&data, &["import", shown]);
    assert_eq!(taken.code, 0, "{}{}", taken.out, taken.err);
    assert!(taken.out.contains("模擬"), "{}", taken.out);
    folder
}

fn options(folder: &Folder) -> Options {
    let text = std::fs::read(folder.join("hospital/hospital.json")).unwrap();
    let file: Value = serde_json::from_slice(&text).unwrap();
    assert_eq!(
        file["label"],
        "模擬データ（実在の病院ではありません） / simulated: this hospital does not exist"
    );
    serde_json::from_value(file["options"].clone()).unwrap()
}

/// The first place at which two values differ.
fn difference(path: &str, one: &Value, other: &Value) -> Option<String> {
    match (one, other) {
        (Value::Object(a), Value::Object(b)) => {
            let keys: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            keys.into_iter()
                .find_map(|key| difference(&format!("{path}.{key}"), &one[key], &other[key]))
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => a
            .iter()
            .zip(b)
            .enumerate()
            .find_map(|(n, (a, b))| difference(&format!("{path}[{n}]"), a, b)),
        (a, b) if a == b => None,
        (a, b) => Some(format!("{path}: {a:.300} / {b:.300}")),
    }
}

#[test]
fn ledger_of_the_import_is_that_of_the_hospital() {
    let folder = taken_in("simulated", "7");
    let data = folder.join("data");
    let options = options(&folder);
    let end = options.end.to_string();
    let (json, svg, xlsx) = (
        folder.join("l.json"),
        folder.join("d.svg"),
        folder.join("l.xlsx"),
    );
    for (command, out) in [("ledger", &json), ("diagram", &svg), ("ledger", &xlsx)] {
        let arguments = [command, "--out", out.to_str().unwrap(), "--as-of", &end];
        let ran = collector(&data, &arguments);
        assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    }
    assert!(std::fs::read_to_string(&svg).unwrap().contains("模擬"));
    let written: Value = serde_json::from_slice(&std::fs::read(&json).unwrap()).unwrap();
    assert_eq!(written["ledger"]["site"]["simulated"], true);
    let ledger = daicho_ledger::build(&hospital(&options).input());
    let expected = serde_json::to_value(&ledger).unwrap();
    assert!(expected["assets"].as_array().unwrap().len() > 10);
    assert_eq!(difference("ledger", &written["ledger"], &expected), None);

    let verified = collector(&data, &["log", "verify"]);
    assert_eq!(verified.code, 0, "{}{}", verified.out, verified.err);
    let rebuilt = collector(&data, &["doctor", "--rebuild"]);
    assert_eq!(rebuilt.code, 0, "{}{}", rebuilt.out, rebuilt.err);
    let from = folder.join("hospital");
    let again = collector(&data, &["import", from.to_str().unwrap(), "--json"]);
    assert_eq!(again.code, 0, "{}{}", again.out, again.err);
    let summary: Value = serde_json::from_str(&again.out).unwrap();
    assert_eq!(summary["reports"], 0, "{}", again.out);
    let token = collector(&data, &["token"]);
    assert_eq!(token.code, 4, "{}{}", token.out, token.err);
    assert!(token.err.contains("SIM-001"), "{}", token.err);
}

#[test]
fn simulated_data_is_refused_where_real_data_is() {
    let (real, _) = quickstarted("simulated-real");
    let folder = Folder::new("simulated-refused");
    let from = folder.join("hospital");
    let shown = from.to_str().unwrap();
    let data = real.join("data");
    let small = [
        "simulate",
        "--assets",
        "30",
        "--days",
        "1",
        "--per-day",
        "1",
        "--out",
        shown,
    ];
    assert_eq!(collector(&data, &small).code, 0);
    let full = collector(&data, &small);
    assert_eq!(full.code, 4, "{}{}", full.out, full.err);
    assert!(full.err.contains("SIM-006"), "{}", full.err);
    let refused = collector(&data, &["import", shown]);
    assert_eq!(refused.code, 4, "{}{}", refused.out, refused.err);
    assert!(refused.err.contains("SIM-002"), "{}", refused.err);
    // What is no simulated hospital makes no data folder.
    let none = folder.join("none");
    let refused = collector(&none, &["import", real.join("data").to_str().unwrap()]);
    assert_eq!(refused.code, 4, "{}{}", refused.out, refused.err);
    assert!(refused.err.contains("SIM-004"), "{}", refused.err);
    assert!(!none.exists());
}

#[test]
fn what_people_keep_by_hand_is_entered_shown_and_withdrawn() {
    let folder = taken_in("simulated-hand", "8");
    let data = folder.join("data");
    decisions(&data);
    rules(&data);
    files(&data, &folder.join("site.toml"));
    let (verified, _) = ran(&data, &["log", "verify"], 0);
    assert!(
        verified.contains("改ざんは見つかりませんでした"),
        "{verified}"
    );
    ran(&data, &["doctor", "--rebuild"], 0);
}

fn ran(data: &Path, arguments: &[&str], code: i32) -> (String, String) {
    let ran = collector(data, arguments);
    assert_eq!(ran.code, code, "{arguments:?}: {}{}", ran.out, ran.err);
    (ran.out, ran.err)
}

fn decisions(data: &Path) {
    let by = ["--by", "架空花子"];
    let (ids, _) = ran(data, &["site", "ids", "--find", "point:"], 0);
    let id = ids.lines().next().and_then(|line| line.split('　').next());
    let id = id.expect("a hospital has a connection point");
    let confirm = ["site", "confirm", id, "--on", "2026-11-21", by[0], by[1]];
    ran(data, &confirm, 0);
    let (ids, _) = ran(data, &["site", "ids", "--find", id], 0);
    assert!(ids.contains("現地確認済"), "{ids}");
    let wrong = format!("{id}x");
    let (_, err) = ran(data, &["site", "confirm", &wrong, by[0], by[1]], 4);
    assert!(err.contains("SIT-003") && err.contains(id), "{err}");
}

fn rules(data: &Path) {
    let name = ["site", "name", "--by", "架空花子", "--match"];
    let everything = [&name[..], &["host_name=*", "--zone", "guest"]].concat();
    assert!(ran(data, &everything, 4).1.contains("SIT-002"));
    let some = ["software=*e*", "--system", "見本システム", "--key", "r-e"];
    let (out, _) = ran(data, &[&name[..], &some].concat(), 0);
    assert!(out.contains("機器") && !out.contains("機器 0"), "{out}");
    let (ids, _) = ran(data, &["site", "ids", "--find", "見本システム"], 0);
    assert!(ids.contains("system:"), "{ids}");
}

fn files(data: &Path, out: &Path) {
    let sample = daicho_tests::root().join("docs/operations/site-sample.toml");
    let sample = sample.to_str().unwrap();
    let import = ["site", "import", sample, "--by", "架空花子"];
    let (before, _) = ran(data, &["site", "list"], 0);
    let (preview, _) = ran(data, &[import.as_slice(), &["--dry-run"]].concat(), 0);
    assert!(preview.contains("新規　device　fw-a"), "{preview}");
    assert_eq!(ran(data, &["site", "list"], 0).0, before);
    ran(data, &import, 0);
    let out = out.to_str().unwrap();
    ran(data, &["site", "export", "--out", out], 0);
    let (again, _) = ran(data, &["site", "import", out, "--by", "別人"], 0);
    assert!(again.contains("新規 0、変更 0"), "{again}");
    let withdraw = ["site", "withdraw", "device", "fw-b", "--by", "甲", "--why"];
    ran(data, &[&withdraw[..], &["撤去"]].concat(), 0);
    let (list, _) = ran(data, &["site", "list", "--kind", "device"], 0);
    assert!(list.contains("fw-a") && !list.contains("fw-b"), "{list}");
}
