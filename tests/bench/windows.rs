//! The agent for Windows under Wine. Comes in: the built programs (`DAICHO_WINDOWS_AGENTS`); goes out:
//! their sizes, and of the one that runs here what one collection cost by its own account. Wine is no
//! Windows: the figures bound what the agent itself does, not what a Windows takes to answer.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;
use daicho_tests::Folder;
use serde_json::Value;

use crate::ground::on_path;
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
    let own_name =
        name("うち、Wine の同じライブラリの分を除く / without the same libraries of Wine");
    match libraries_alone(program, &folder)? {
        Some(alone) => page.shown(&own_name, peak - alone, "MiB"),
        None => page.skipped(&own_name, "x86_64-w64-mingw32-gcc is not there"),
    }
    Ok(())
}

/// The peak of a program that loads the libraries which the agent loads, and does nothing, in MiB.
fn libraries_alone(program: &Path, folder: &Folder) -> anyhow::Result<Option<f64>> {
    const TOOLS: &str = "x86_64-w64-mingw32";
    if !on_path(&format!("{TOOLS}-gcc")) {
        return Ok(None);
    }
    let source = daicho_tests::root().join("tests/bench/nothing.c");
    let nothing = folder.join("nothing.exe");
    let built = Command::new(format!("{TOOLS}-gcc"))
        .arg(&source)
        .arg("-o")
        .arg(&nothing)
        .arg("-lpsapi")
        .status()?;
    anyhow::ensure!(built.success(), "build {}", source.display());
    let listed = Command::new(format!("{TOOLS}-objdump"))
        .arg("-p")
        .arg(program)
        .output()?;
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    let names = listed
        .lines()
        .filter_map(|line| line.split_once("DLL Name: "));
    let names: BTreeSet<String> = names.map(|(_, name)| name.to_lowercase()).collect();
    anyhow::ensure!(names.len() > 5, "the libraries of {}", program.display());
    let output = Command::new(WINE)
        .arg(&nothing)
        .args(&names)
        .env("WINEPREFIX", folder.join("prefix"))
        .env("WINEDEBUG", "-all")
        .output()
        .context("start Wine")?;
    let kib: f64 = String::from_utf8_lossy(&output.stdout).trim().parse()?;
    Ok(Some(kib / 1024.0))
}
