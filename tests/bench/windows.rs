//! The agent for Windows under Wine. Comes in: the built programs (`DAICHO_WINDOWS_AGENTS`); goes out:
//! their sizes, and of the one that runs here what one collection cost by its own account. Wine is no
//! Windows: the figures bound what the agent itself does, not what a Windows takes to answer.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;
use daicho_tests::Folder;
use serde_json::Value;

use crate::options::Options;
use crate::page::{Bound, Page};
use crate::spent::middle;

const WINE: &str = "/usr/lib/wine/wine64";
const NAME: &str = "Windows のエージェント（Wine） / the Windows agent (Wine)";

/// Measures and judges.
pub(crate) fn run(options: &Options, page: &mut Page) -> anyhow::Result<()> {
    let list = std::env::var_os("DAICHO_WINDOWS_AGENTS").unwrap_or_default();
    let programs: Vec<PathBuf> = std::env::split_paths(&list)
        .filter(|it| it.is_file())
        .collect();
    if programs.is_empty() {
        page.skipped(
            NAME,
            "DAICHO_WINDOWS_AGENTS is not set (agent/package/build-windows prints it)",
        );
        return Ok(());
    }
    for program in &programs {
        let bytes = std::fs::metadata(program).context("read a program's size")?;
        let machine = if is_64(program) { "x86_64" } else { "i686" };
        let measure = format!("{NAME}: {machine}");
        let mb = bytes.len() as f64 / 1e6;
        page.judged(&measure, mb, "MB", Bound::AtMost(3.0));
    }
    let runs = programs.iter().find(|it| is_64(it));
    match runs.filter(|_| Path::new(WINE).is_file()) {
        Some(program) => collections(program, options.runs, page),
        None => {
            page.skipped(NAME, "wine64 or the program for 64 bits is not there");
            Ok(())
        }
    }
}

fn is_64(program: &Path) -> bool {
    program.to_string_lossy().contains("x86_64")
}

/// The first run makes the prefix, the second warms up.
fn collections(program: &Path, runs: usize, page: &mut Page) -> anyhow::Result<()> {
    let folder = Folder::new("bench-windows");
    let report = || -> anyhow::Result<Value> {
        let output = Command::new(WINE)
            .arg(program)
            .args(["report", "--json"])
            .env("WINEPREFIX", folder.join("prefix"))
            .env("WINEDEBUG", "-all")
            .output()
            .context("start Wine")?;
        serde_json::from_slice(&output.stdout).context("read the report")
    };
    for _ in 0..2 {
        report()?;
    }
    let mut costs = Vec::new();
    for _ in 0..runs {
        let value = report()?;
        let figure = |name: &str| {
            let figure = value["cost"][name].as_f64();
            figure.with_context(|| format!("cost `{name}`"))
        };
        costs.push((figure("wall_ms")?, figure("cpu_ms")?, figure("peak_kib")?));
    }
    let wall = middle(costs.iter().map(|it| it.0 / 1000.0)).median;
    let cpu = middle(costs.iter().map(|it| it.1 / 1000.0)).median;
    let peak = middle(costs.iter().map(|it| it.2 / 1024.0)).median;
    let name = |what: &str| format!("{NAME}: {what}");
    page.judged(&name("wall"), wall, "s", Bound::AtMost(1.0));
    page.judged(&name("CPU"), cpu, "s", Bound::AtMost(0.2));
    let peak_name = name("最大メモリ / peak memory");
    page.judged(&peak_name, peak, "MiB", Bound::AtMost(20.0));
    Ok(())
}
