//! The program for 64 bits, run under Wine in a Windows of its own that is thrown away at the end.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// A Windows that Wine made for one test, thrown away at the end.
struct Windows {
    folder: PathBuf,
    wine: &'static str,
}

/// Debian's wrapper looks for a 32-bit part and complains; the program itself is below.
const WINE: [&str; 2] = ["/usr/lib/wine/wine64", "/usr/bin/wine64"];

impl Windows {
    /// `None`: there is no Wine here.
    fn new(name: &str) -> Option<Self> {
        let wine = WINE.into_iter().find(|path| Path::new(path).is_file());
        super::have("wine64", wine.is_some(), "not there (package wine64)");
        let folder =
            std::env::temp_dir().join(format!("daicho-wine-{}-{name}", std::process::id()));
        let windows = Self {
            wine: wine?,
            folder,
        };
        std::fs::create_dir_all(&windows.folder).expect("a folder can be made");
        let made = windows.run(Path::new("wineboot.exe"), &["--init"]);
        assert!(made.status.success(), "{made:?}");
        Some(windows)
    }

    fn run(&self, program: &Path, arguments: &[&str]) -> Output {
        self.command(self.wine)
            .arg(program)
            .args(arguments)
            .output()
            .expect("Wine starts")
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .env("WINEPREFIX", self.folder.join("prefix"))
            .env("WINEDEBUG", "-all")
            .env_remove("DISPLAY")
            .env_remove("RUST_LOG")
            .stdin(Stdio::null());
        command
    }
}

impl Drop for Windows {
    fn drop(&mut self) {
        // Ends what this Windows started, and nothing of another one.
        let server = self
            .command("/usr/lib/wine/wineserver64")
            .arg("-k")
            .status();
        let _ = server.or_else(|_| self.command("wineserver").arg("-k").status());
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// The program for the processor that Wine has here.
fn agent() -> Option<PathBuf> {
    let of_64_bits = |path: &PathBuf| path.to_string_lossy().contains("x86_64");
    super::built().into_iter().find(of_64_bits)
}

/// Every reading of a report as `section.field` with its reason, where it is unknown.
fn readings(report: &Value) -> Vec<(String, Option<Value>)> {
    let mut found = Vec::new();
    for section in report["sections"].as_array().expect("sections") {
        let kind = section["kind"].as_str().expect("a kind");
        for (field, value) in section["body"].as_object().expect("a body") {
            let name = format!("{kind}.{field}");
            if let Some(unknown) = value.get("unknown") {
                let reason = unknown.get("reason").filter(|it| !it.is_null());
                assert!(reason.is_some(), "{name}: {value}");
                found.push((name, reason.cloned()));
            } else if value.get("known").is_some() {
                found.push((name, None));
            }
        }
    }
    found
}

#[test]
fn the_program_reports_under_wine_and_every_unknown_fact_has_a_reason() {
    let Some(agent) = agent() else { return };
    let Some(windows) = Windows::new("report") else {
        return;
    };
    let output = windows.run(&agent, &["report", "--json"]);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    assert!(!errors.contains("panicked"), "{errors}");
    let report: Value = serde_json::from_slice(&output.stdout).expect("a report is JSON");
    let readings = readings(&report);
    let known: Vec<&str> = readings
        .iter()
        .filter(|(_, reason)| reason.is_none())
        .map(|(name, _)| name.as_str())
        .collect();
    super::told!(
        "under Wine: {} facts known of {}: {}",
        known.len(),
        readings.len(),
        known.join(" ")
    );
    assert!(readings.len() > 60, "{readings:?}");
}
