//! End to end: the built programs, as a person runs them.

mod agent;
mod canary;
mod carried;
mod checklist;
mod drawings;
mod hardship;
mod impact;
mod installed;
mod quickstart;
mod refused;
mod serve;
mod simulated;
mod tamper;
mod windows;

use std::path::Path;
use std::process::{Command, Output};

use daicho_tests::{Folder, programs};

/// What a command printed and how it ended.
struct Ran {
    code: i32,
    out: String,
    err: String,
}

fn ran(output: &Output) -> Ran {
    Ran {
        code: output.status.code().expect("the command ended by itself"),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

fn collector(data: &Path, arguments: &[&str]) -> Ran {
    let output = Command::new(&programs().collector)
        .args(arguments)
        .arg("--data")
        .arg(data)
        .env_remove("RUST_LOG")
        .output()
        .expect("the collector starts");
    ran(&output)
}

fn agent(arguments: &[&str]) -> Ran {
    let output = Command::new(&programs().agent)
        .args(arguments)
        .env_remove("RUST_LOG")
        .output()
        .expect("the agent starts");
    ran(&output)
}

/// A data folder with one report of this machine.
fn quickstarted(name: &str) -> (Folder, Ran) {
    let folder = Folder::new(name);
    let ran = collector(&folder.join("data"), &["quickstart", "--once"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    (folder, ran)
}
