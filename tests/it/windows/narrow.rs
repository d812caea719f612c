//! The agent for 32 bits of Windows, which the Wine of 64 bits does not run: in a root of 32 bits with
//! a Wine of its own. Comes in: what `.ci/run` built; goes out: what it read, beside what the agent for
//! 64 bits reads on the same machine.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use daicho_tests::Folder;
use serde_json::Value;

use super::{agent, wine};
use crate::installed::{have_root, made, readings};

/// A folder inside of the root, deleted at the end.
struct Inside(PathBuf);

impl Drop for Inside {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// What a program in a network of its own, in which there is nothing, says of this machine.
fn report(within: &[&str], wine: &str, agent: &str, prefix: &str) -> String {
    // What it shows of its processes goes with it.
    let mut command = Command::new("unshare");
    command.args(["--net", "--pid", "--fork", "--kill-child"]);
    command.args(within).args([wine, agent, "report", "--json"]);
    command.env("WINEPREFIX", prefix).env("WINEDEBUG", "-all");
    command.env("HOME", prefix).env_remove("DISPLAY");
    let output = command.output().expect("unshare starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{agent}: {errors}");
    assert!(!errors.contains("panicked"), "{errors}");
    String::from_utf8(output.stdout).expect("a report is UTF-8")
}

fn value(report: &str, kind: &str, field: &str) -> Value {
    let report: Value = serde_json::from_str(report).expect("JSON");
    let sections = report["sections"].as_array().expect("sections");
    let section = sections.iter().find(|it| it["kind"] == kind);
    section.expect("the section")["body"][field]["known"]["value"].clone()
}

fn narrow_agent(wide: &Path) -> PathBuf {
    let text = wide.display().to_string();
    PathBuf::from(text.replace("x86_64-win7", "i686-win7"))
}

#[test]
fn agent_for_32_bits_reads_what_the_one_for_64_reads() {
    let Some(wide) = agent() else { return };
    let by = "debootstrap --arch=i386 with wine32, see .ci/run";
    let Some(root) = made("DAICHO_WINE32_ROOT", by) else {
        return;
    };
    let Some(wine) = wine() else { return };
    if !have_root() {
        return;
    }
    let narrow = narrow_agent(&wide);
    assert!(narrow.is_file(), "{}", narrow.display());
    let name = format!("/tmp/daicho-{}", std::process::id());
    let inside = Inside(root.join(&name[1..]));
    std::fs::create_dir_all(inside.0.join("home")).unwrap();
    std::fs::copy(&narrow, inside.0.join("agent.exe")).unwrap();
    let proc = format!("--mount-proc={}", root.join("proc").display());
    let within = [&proc, "chroot", root.to_str().unwrap()];
    let (program, home) = (format!("{name}/agent.exe"), format!("{name}/home"));
    let narrow = report(&within, "/usr/bin/wine", &program, &home);
    let folder = Folder::new("windows-wide");
    let (program, home) = (wide.to_str().unwrap(), folder.path().to_str().unwrap());
    let wide = report(&["--mount-proc"], wine, program, home);
    let (narrow_fields, wide_fields) = (readings(&narrow), readings(&wide));
    let names = |all: &BTreeMap<String, bool>| all.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&narrow_fields), names(&wide_fields));
    assert!(narrow_fields.len() > 60, "{narrow_fields:?}");
    // Firmware is read from what the system shows, and the root does not show all of it.
    let less = wide_fields
        .iter()
        .filter(|(name, known)| **known && !narrow_fields[*name] && !name.starts_with("hardware."));
    assert_eq!(less.count(), 0, "{narrow}\n{wide}");
    for (kind, field) in [
        ("os", "name"),
        ("service", "services"),
        ("policy", "password"),
    ] {
        assert_eq!(
            value(&narrow, kind, field),
            value(&wide, kind, field),
            "{kind}.{field}"
        );
    }
    eprintln!("the agent for 32 bits: {} readings", narrow_fields.len());
}
