//! Where files may stand and what may stand in them.

use std::collections::BTreeSet;
use std::process::Command;

use daicho_tests::root;

/// Files of the repository with their text; binary files have none.
fn files() -> Vec<(String, String)> {
    let output = Command::new("git")
        .args(["ls-files", "-z"])
        .current_dir(root())
        .output()
        .expect("git runs");
    assert!(output.status.success(), "the tests run in a checkout");
    let names = String::from_utf8(output.stdout).expect("names are UTF-8");
    let names = names
        .split_terminator('\0')
        .filter(|name| root().join(name).is_file());
    let read = |name: &str| std::fs::read_to_string(root().join(name)).unwrap_or_default();
    names.map(|name| (name.to_owned(), read(name))).collect()
}

fn sources() -> impl Iterator<Item = (String, String)> {
    files()
        .into_iter()
        .filter(|(name, _)| name.ends_with(".rs"))
}

#[test]
fn top_level_holds_the_seven_names_of_the_card() {
    let listed = [
        "Cargo.lock",
        "Cargo.toml",
        "README.md",
        "agent",
        "collector",
        "docs",
        "graph",
        "tests",
    ];
    let first = |name: &str| name.split('/').next().unwrap_or_default().to_owned();
    let found: BTreeSet<String> = files().iter().map(|(name, _)| first(name)).collect();
    let visible: Vec<_> = found.iter().filter(|name| !name.starts_with('.')).collect();
    assert_eq!(visible, listed);
}

#[test]
fn operating_system_is_asked_for_only_in_platform_folders() {
    // The files that may: raw reads of the agent, and the mode bits of the collector's data folder.
    let allowed = ["agent/src/platform", "collector/src/platform"];
    for (name, text) in sources() {
        if name.starts_with("tests/") || allowed.iter().any(|folder| name.starts_with(folder)) {
            continue;
        }
        for word in [
            "cfg(unix",
            "cfg(windows",
            "cfg(target_os",
            "cfg(not(unix",
            "cfg(not(windows",
        ] {
            assert!(!text.contains(word), "{name} holds `{word}`");
        }
    }
}

#[test]
fn pure_crates_forbid_unsafe_code() {
    for name in [
        "agent/report/src/lib.rs",
        "collector/ledger/src/lib.rs",
        "graph/src/lib.rs",
        "graph/render/src/lib.rs",
    ] {
        let text = std::fs::read_to_string(root().join(name)).expect("the crate has a lib.rs");
        assert!(text.contains("#![forbid(unsafe_code)]"), "{name}");
    }
}

#[test]
fn no_file_is_named_mod_rs_or_after_a_drawer() {
    for (name, _) in sources() {
        let file = name.rsplit('/').next().unwrap_or_default();
        let drawers = [
            "mod.rs",
            "utils.rs",
            "util.rs",
            "common.rs",
            "helpers.rs",
            "manager.rs",
        ];
        assert!(!drawers.contains(&file), "{name}");
    }
}

#[test]
fn code_map_names_every_folder_and_no_other() {
    let text = std::fs::read_to_string(root().join("docs/ARCHITECTURE.md")).expect("the document");
    assert!(
        text.lines().count() <= 250,
        "docs/ARCHITECTURE.md is at most 250 lines"
    );
    let mapped: BTreeSet<String> = text
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once("/` |"))
        .map(|(folder, _)| folder.to_owned())
        .collect();
    let mut found = BTreeSet::new();
    for (name, _) in sources() {
        let parts: Vec<&str> = name.split('/').collect();
        let folders = parts.split_last().map_or(&[][..], |(_, folders)| folders);
        // The folder of a crate, and the folders in its `src`; deeper ones belong to their module.
        let depth = folders
            .iter()
            .position(|part| *part == "src")
            .map_or(2, |src| src + 2);
        found.insert(
            folders
                .iter()
                .take(depth)
                .copied()
                .collect::<Vec<_>>()
                .join("/"),
        );
    }
    assert_eq!(mapped, found, "left: docs/ARCHITECTURE.md, right: the tree");
}
