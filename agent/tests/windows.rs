//! The agent that is shipped for Windows, looked at from here. Comes in: what `agent/package/build-windows`
//! made, named by `DAICHO_WINDOWS_AGENTS` (paths with `:` between); goes out: what it imports that
//! Windows 7 SP1 has not, its size, and what it says of a machine under Wine. A program that starts
//! under Wine proves nothing of Windows 7: Wine has the newer functions too.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "the whole program is a test"
)]

#[path = "windows/imports.rs"]
mod imports;
#[path = "windows/wine.rs"]
mod wine;
#[path = "windows/wmi.rs"]
mod wmi;

use std::path::PathBuf;

/// Prints even where the test passes: the harness keeps back what `println!` says.
macro_rules! told {
    ($($text:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stderr(), $($text)*);
    }};
}
use told;

/// A part that this machine lacks: skipped with a line, refused where everything is required.
fn have(part: &str, there: bool, reason: &str) -> bool {
    if !there {
        told!("SKIP {part}: {reason}");
        let all = std::env::var("DAICHO_REQUIRE").is_ok_and(|parts| parts == "all");
        assert!(!all, "{part} is required: {reason}");
    }
    there
}

/// The programs, or nothing when they were not built.
fn built() -> Vec<PathBuf> {
    let list = std::env::var("DAICHO_WINDOWS_AGENTS").unwrap_or_default();
    let paths: Vec<PathBuf> = std::env::split_paths(&list)
        .filter(|path| !path.as_os_str().is_empty())
        .collect();
    let there = !paths.is_empty() && paths.iter().all(|path| path.is_file());
    let reason = "not set or not there (agent/package/build-windows)";
    if have("DAICHO_WINDOWS_AGENTS", there, reason) {
        paths
    } else {
        Vec::new()
    }
}

/// The agents, and beside each the program that checks bundles.
fn shipped() -> Vec<PathBuf> {
    let agents = built();
    let checks = agents
        .iter()
        .map(|it| it.with_file_name("daicho-verify.exe"));
    agents.iter().cloned().chain(checks).collect()
}
