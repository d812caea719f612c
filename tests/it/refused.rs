//! Bad input: refused with a code and the next step, and nothing changed.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::SystemTime;

use daicho_tests::Folder;

use super::{agent, collector, quickstarted};

/// Names, sizes and times of everything in a folder.
fn look(folder: &Path) -> BTreeMap<String, (u64, SystemTime)> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| {
        let entry = entry.unwrap();
        let data = entry.metadata().unwrap();
        (
            entry.file_name().to_string_lossy().into_owned(),
            (data.len(), data.modified().unwrap()),
        )
    });
    entries.collect()
}

#[test]
fn folder_that_is_not_ours_is_refused_and_left_alone() {
    let folder = Folder::new("foreign");
    std::fs::write(folder.join("patients.csv"), "x").unwrap();
    let before = look(folder.path());
    for arguments in [
        &["quickstart", "--once"][..],
        &["serve"],
        &["token"],
        &["ledger", "--out", "x.csv"],
    ] {
        let ran = collector(folder.path(), arguments);
        assert_eq!(ran.code, 4, "{arguments:?} {}", ran.err);
        assert!(
            ran.err.contains("DAT-001") && ran.err.contains("--data"),
            "{}",
            ran.err
        );
    }
    assert_eq!(look(folder.path()), before);
}

#[test]
fn unknown_setting_is_named() {
    let (folder, _) = quickstarted("setting");
    std::fs::write(folder.join("data/daicho.toml"), "[site]\nnmae = \"A\"\n").unwrap();
    let ran = collector(
        &folder.join("data"),
        &["ledger", "--out", folder.join("x.csv").to_str().unwrap()],
    );
    assert_eq!(ran.code, 4);
    assert!(ran.err.contains("nmae"), "{}", ran.err);
}

#[test]
fn moment_that_cannot_be_read_is_named() {
    let (folder, _) = quickstarted("moment");
    let out = folder.join("x.csv");
    let ran = collector(
        &folder.join("data"),
        &[
            "ledger",
            "--out",
            out.to_str().unwrap(),
            "--as-of",
            "yesterday",
        ],
    );
    assert_eq!(ran.code, 4);
    assert!(
        ran.err.contains("CLI-001") && ran.err.contains("yesterday"),
        "{}",
        ran.err
    );
    assert!(!out.exists());
}

#[test]
fn missing_agent_program_names_the_build_command() {
    let folder = Folder::new("noagent");
    let data = folder.join("data");
    let ran = collector(
        &data,
        &["quickstart", "--once", "--agent", "/nowhere/daicho-agent"],
    );
    assert_eq!(ran.code, 4);
    assert!(ran.err.contains("cargo build --release"), "{}", ran.err);
    assert!(!data.exists(), "nothing was made");
}

#[test]
fn agent_that_never_answers_ends_with_its_own_words() {
    let folder = Folder::new("mute");
    let ran = collector(
        &folder.join("data"),
        &["quickstart", "--once", "--agent", "/bin/false"],
    );
    assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
    assert!(!folder.join("data/out/ledger.csv").exists());
}

#[test]
fn agent_refuses_a_token_that_is_no_token() {
    let folder = Folder::new("token");
    let state = folder.join("state");
    let state = state.to_str().unwrap();
    let ran = agent(&[
        "enroll",
        "--server",
        "https://127.0.0.1:9",
        "--token",
        "nonsense",
        "--state",
        state,
    ]);
    assert_ne!(ran.code, 0);
    assert!(ran.err.contains("AGT-"), "{}", ran.err);
}
