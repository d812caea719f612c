//! Which crate may depend on which, and that the pure ones stay pure.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use daicho_tests::root;
use serde_json::Value;

/// Every internal dependency that may exist. A new one needs a decision record.
const EDGES: &[(&str, &str)] = &[
    ("daicho-agent", "daicho-report"),
    ("daicho-collector", "daicho-evidence"),
    ("daicho-collector", "daicho-graph"),
    ("daicho-collector", "daicho-ledger"),
    ("daicho-collector", "daicho-render"),
    ("daicho-collector", "daicho-report"),
    ("daicho-collector", "daicho-simulate"),
    ("daicho-evidence", "daicho-report"),
    ("daicho-graph", "daicho-ledger"),
    ("daicho-graph", "daicho-report"),
    ("daicho-ledger", "daicho-report"),
    ("daicho-render", "daicho-graph"),
    ("daicho-render", "daicho-report"),
    ("daicho-simulate", "daicho-ledger"),
    ("daicho-simulate", "daicho-report"),
];

const PURE: &[&str] = &[
    "daicho-report",
    "daicho-ledger",
    "daicho-graph",
    "daicho-render",
    "daicho-simulate",
    "daicho-evidence",
];

/// Crates that do I/O, keep time or draw random numbers: not reachable from a pure crate.
const IMPURE: &[&str] = &[
    "axum",
    "getrandom",
    "hyper",
    "mio",
    "netlink-sys",
    "pnet",
    "rand",
    "reqwest",
    "ring",
    "rusqlite",
    "rustls",
    "socket2",
    "sysinfo",
    "tokio",
];

struct Graph {
    direct: BTreeMap<String, BTreeSet<String>>,
}

/// The dependency graph of what is built into the crates, for Linux; tests' dependencies left out.
fn graph() -> Graph {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--locked",
            "--filter-platform",
        ])
        .arg("x86_64-unknown-linux-gnu")
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo prints JSON");
    let mut names = BTreeMap::new();
    for package in metadata["packages"].as_array().expect("packages") {
        names.insert(text(&package["id"]), text(&package["name"]));
    }
    let mut direct: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for node in metadata["resolve"]["nodes"].as_array().expect("nodes") {
        let from = &names[&text(&node["id"])];
        let deps = node["deps"].as_array().expect("deps").iter().filter(|dep| {
            dep["dep_kinds"]
                .as_array()
                .expect("kinds")
                .iter()
                .any(|kind| kind["kind"].is_null())
        });
        let to = deps.map(|dep| names[&text(&dep["pkg"])].clone());
        direct.entry(from.clone()).or_default().extend(to);
    }
    Graph { direct }
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

impl Graph {
    fn reachable(&self, from: &str) -> BTreeSet<String> {
        let mut seen = BTreeSet::new();
        let mut waiting = vec![from.to_owned()];
        while let Some(name) = waiting.pop() {
            for next in self.direct.get(&name).into_iter().flatten() {
                if seen.insert(next.clone()) {
                    waiting.push(next.clone());
                }
            }
        }
        seen
    }
}

#[test]
fn internal_dependencies_are_the_listed_ones() {
    let mut found = BTreeSet::new();
    for (from, to) in &graph().direct {
        let internal = |name: &str| name.starts_with("daicho-") && name != "daicho-tests";
        for to in to.iter().filter(|to| internal(from) && internal(to)) {
            found.insert((from.clone(), to.clone()));
        }
    }
    let listed = EDGES
        .iter()
        .map(|(from, to)| ((*from).to_owned(), (*to).to_owned()))
        .collect();
    assert_eq!(found, listed);
}

#[test]
fn pure_crates_reach_no_crate_that_does_input_or_output() {
    let graph = graph();
    for pure in PURE {
        let reachable = graph.reachable(pure);
        let impure: Vec<_> = IMPURE
            .iter()
            .filter(|name| reachable.contains(**name))
            .collect();
        assert!(impure.is_empty(), "{pure} reaches {impure:?}");
    }
}

#[test]
fn packages_that_the_card_names_are_used() {
    let graph = graph();
    let mut used = graph.reachable("daicho-agent");
    used.extend(graph.reachable("daicho-collector"));
    for name in [
        "tokio", "pnet", "sysinfo", "serde", "reqwest", "rustls", "petgraph", "clap", "tracing",
    ] {
        assert!(used.contains(name), "{name} is built in");
    }
}
