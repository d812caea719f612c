//! The diagram's layout. Comes in: the folder with the generator, the metrics and the runners of other
//! engines (`DAICHO_BENCH_DIAGRAMS`); goes out: our figures and theirs, of the same models in the same
//! run. Every engine is a whole process; the metrics are not ours.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;
use daicho_tests::Folder;
use serde_json::Value;

use crate::ground::{Ground, on_path};
use crate::options::Options;
use crate::page::{Bound, Page};

const NAME: &str = "構成図の配置 / layout of the diagram";
const OURS: &str = "daicho";
/// Machines, the generator's options, and the model's name.
const MODELS: [(&str, &[&str], &str); 3] = [
    ("500", &["--aggregate", "--no-flows"], "n500x"),
    ("2000", &["--aggregate", "--no-flows"], "n2000x"),
    ("10000", &["--no-flows"], "n10000y"),
];

/// Measures and judges.
pub(crate) fn run(ground: &Ground, options: &Options, page: &mut Page) -> anyhow::Result<()> {
    let Some(tools) = std::env::var_os("DAICHO_BENCH_DIAGRAMS").map(PathBuf::from) else {
        page.skipped(NAME, "DAICHO_BENCH_DIAGRAMS is not set");
        return Ok(());
    };
    let folder = Folder::new("bench-layout");
    let data = folder.join("models");
    std::fs::create_dir_all(&data).context("make the models' folder")?;
    for (hosts, more, name) in MODELS {
        let out = data.join(name);
        python(&tools, "gen_hospital.py")
            .args(["--hosts", hosts, "--out"])
            .arg(&out)
            .args(more)
            .status()
            .ok()
            .filter(std::process::ExitStatus::success)
            .with_context(|| format!("make the model {name} (python3 with numpy)"))?;
    }
    let ours = format!(
        "{OURS}={} diagram --model {{model}} --geometry {{geo}}",
        ground.collector.display()
    );
    let engines = engines(page);
    let found = measured(&tools, &data, (&engines, &ours), options.runs)?;
    for row in found.iter().filter(|row| row["engine"] == OURS) {
        judge(row, page);
    }
    let moved = stability(&tools, &folder.join("moved"), &ours)?;
    let limits = [
        ("add-terminal", 0.0),
        ("add-server", 7.0),
        ("add-vpn", 15.0),
    ];
    for (case, most) in limits {
        let of = |row: &&Value| row["case"] == case;
        let share = moved
            .iter()
            .find(of)
            .and_then(|row| row["moved_share"].as_f64());
        let share = share.with_context(|| format!("measure {case}"))?;
        let measure = format!("{NAME}: 500 台、動いた箱 / boxes that moved, {case}");
        page.judged(&measure, share * 100.0, "%", Bound::AtMost(most));
    }
    page.detail(table(&found));
    Ok(())
}

fn python(tools: &Path, script: &str) -> Command {
    let mut command = Command::new("python3");
    command.arg(tools.join(script));
    command.stdout(std::process::Stdio::null());
    command
}

/// Engines of others that are there.
fn engines(page: &mut Page) -> Vec<&'static str> {
    let elk = std::env::var_os("DAICHO_BENCH_ENGINES").is_some_and(|it| Path::new(&it).is_file());
    let node = on_path("node") && std::env::var_os("NODE_PATH").is_some();
    let all = [
        ("dot", on_path("dot"), "graphviz is not installed"),
        ("elkjs", node, "node is not there, or NODE_PATH is not set"),
        ("elkrs", elk, "DAICHO_BENCH_ENGINES is not set"),
    ];
    for (name, there, reason) in all {
        if !there {
            page.skipped(&format!("{NAME}: {name}"), reason);
        }
    }
    let there = all.into_iter().filter(|(_, there, _)| *there);
    there.map(|(name, _, _)| name).collect()
}

fn lines(path: &Path) -> anyhow::Result<Vec<Value>> {
    let text = std::fs::read_to_string(path).context("read the figures")?;
    let rows = text.lines().map(serde_json::from_str);
    rows.collect::<Result<_, _>>().context("read the figures")
}

fn measured(
    tools: &Path,
    data: &Path,
    (engines, ours): (&[&str], &str),
    runs: usize,
) -> anyhow::Result<Vec<Value>> {
    let out = data.join("figures.jsonl");
    let sets: Vec<&str> = MODELS.iter().map(|it| it.2).collect();
    let mut command = python(tools, "measure.py");
    command.arg("--data").arg(data).arg("--out").arg(&out);
    command.args(["--sets", &sets.join(","), "--engines", &engines.join(",")]);
    command.args(["--runs", &runs.min(5).to_string(), "--extra", ours]);
    if let Some(program) = std::env::var_os("DAICHO_BENCH_ENGINES") {
        command.arg("--rust").arg(program);
    }
    let status = command.status().context("start measure.py")?;
    anyhow::ensure!(status.success(), "measure.py failed");
    lines(&out)
}

fn stability(tools: &Path, data: &Path, ours: &str) -> anyhow::Result<Vec<Value>> {
    std::fs::create_dir_all(data).context("make the models' folder")?;
    let out = data.join("moved.jsonl");
    let mut command = python(tools, "stability.py");
    command.arg("--data").arg(data).arg("--out").arg(&out);
    command.args(["--hosts", "500", "--engines", "", "--extra", ours]);
    let status = command.status().context("start stability.py")?;
    anyhow::ensure!(status.success(), "stability.py failed");
    lines(&out)
}

/// Limits of our own rows.
fn judge(row: &Value, page: &mut Page) {
    let set = row["set"].as_str().unwrap_or_default();
    let figure = |name: &str| row[name].as_f64().unwrap_or(f64::NAN);
    let mut most = |what: &str, value: f64, unit: &str, most: f64| {
        let measure = format!("{NAME}: {set}, {what}");
        page.judged(&measure, value, unit, Bound::AtMost(most));
    };
    let cpu = "CPU";
    match set {
        "n10000y" => {
            most(cpu, figure("cpu_med"), "s", 1.0);
            most("最大メモリ / peak memory", figure("rss_mb"), "MB", 200.0);
        }
        _ => {
            most(
                "交差 / crossings",
                figure("crossings"),
                "",
                if set == "n500x" { 12.0 } else { 14.0 },
            );
            most("過ち / faults", faults(row), "", 0.0);
            if set == "n500x" {
                most(cpu, figure("cpu_med") * 1000.0, "ms", 50.0);
                let measure = format!("{NAME}: {set}, A3 一枚の文字 / text on one A3");
                page.judged(&measure, figure("a3_font_pt"), "pt", Bound::AtLeast(5.5));
            }
        }
    }
}

/// Overlaps, lines through what is not theirs, lines without a way.
fn faults(row: &Value) -> f64 {
    let names = [
        "node_overlaps",
        "group_overlaps",
        "edge_through_node",
        "edge_through_group",
        "label_label",
        "label_node",
        "unrouted",
    ];
    names
        .iter()
        .map(|name| row[*name].as_f64().unwrap_or(f64::NAN))
        .sum()
}

fn table(found: &[Value]) -> String {
    let mut out = "## 構成図の配置 / Layout of the diagram\n\n\
        どのエンジンも同じモデルを、一つのプロセスとして / every engine on the same models, as a whole process. \
        n500x・n2000x は端末をまとめたもの、n10000y は一台ずつ / terminals counted together, and one by one\n\n\
        | | | CPU s | peak MB | A3 一枚の文字 / text on one A3, pt | 交差 / crossings | 過ち / faults |\n\
        |---|---|---:|---:|---:|---:|---:|\n"
        .to_owned();
    for row in found {
        let text = |name: &str| row[name].to_string();
        let engine = row["engine"].as_str().unwrap_or_default();
        let set = row["set"].as_str().unwrap_or_default();
        if !row["fail"].is_null() {
            out.push_str(&format!(
                "| {set} | {engine} | 終わらず / did not end in time | | | | |\n"
            ));
            continue;
        }
        out.push_str(&format!(
            "| {set} | {engine} | {} | {} | {} | {} | {} |\n",
            text("cpu_med"),
            text("rss_mb"),
            text("a3_font_pt"),
            text("crossings"),
            faults(row)
        ));
    }
    out
}
