//! A simulated hospital of ten thousand machines, taken in by the shipped program. Comes in: over how
//! many days it reports; goes out: its data folder.

use std::path::{Path, PathBuf};
use std::process::Command;

use daicho_tests::Folder;

use crate::ground::Ground;

const MACHINES: &str = "10000";

/// Makes it and takes it in.
pub(crate) fn hospital(ground: &Ground, folder: &Folder, days: &[&str]) -> anyhow::Result<PathBuf> {
    let (from, data) = (folder.join("hospital"), folder.join("data"));
    let shown = from.display().to_string();
    let size = [
        "simulate", "--assets", MACHINES, "--seed", "1", "--out", &shown,
    ];
    asked(ground, &data, &[&size[..], days].concat())?;
    asked(ground, &data, &["import", &shown])?;
    Ok(data)
}

/// Runs the collector, which has to succeed.
pub(crate) fn asked(ground: &Ground, data: &Path, words: &[&str]) -> anyhow::Result<()> {
    let ran = Command::new(&ground.collector)
        .args(words)
        .arg("--data")
        .arg(data)
        .output()?;
    let told = String::from_utf8_lossy(&ran.stderr);
    anyhow::ensure!(ran.status.success(), "{words:?}: {told}");
    Ok(())
}
