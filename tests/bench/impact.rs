//! The first minutes of an incident. Comes in: a simulated hospital of ten thousand machines, taken in by
//! the shipped program; goes out: what the first answer costs as a whole process, what the graph in memory
//! costs a question (`daicho-bench-resident` tells), and other graph libraries on the same graph.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;
use daicho_tests::Folder;
use serde_json::Value;

use crate::ground::{Ground, on_path};
use crate::hospital::{asked, hospital};
use crate::options::Options;
use crate::page::{Bound, Page, number};
use crate::spent::{measure, middle};

const NAME: &str = "影響範囲 / impact scope, 10,000 台";

/// Measures and judges.
pub(crate) fn run(ground: &Ground, options: &Options, page: &mut Page) -> anyhow::Result<()> {
    let folder = Folder::new("bench-impact");
    let data = hospital(ground, &folder, &[])?;
    let edges = folder.join("edges");
    let ran = Command::new(&ground.resident)
        .args([&data, &edges])
        .output()?;
    let told = String::from_utf8_lossy(&ran.stderr);
    anyhow::ensure!(ran.status.success(), "daicho-bench-resident: {told}");
    let found: Value = serde_json::from_slice(&ran.stdout).context("read its line")?;
    let root = found["root"].as_str().context("a machine")?;
    first_answer(ground, (&data, &folder.join("out")), root, options, page)?;
    let mut text = judge(&found, page)?;
    text.push_str(&peers(&edges, page)?);
    page.detail(text);
    Ok(())
}

/// The whole process, from its start on: an index that another process made.
fn first_answer(
    ground: &Ground,
    (data, out): (&Path, &PathBuf),
    root: &str,
    options: &Options,
    page: &mut Page,
) -> anyhow::Result<()> {
    asked(ground, data, &["impact", "--prepare"])?;
    let mut walls = Vec::new();
    for _ in 0..options.runs.max(9) {
        let mut command = Command::new(&ground.collector);
        command.args(["impact", "--quick", "--from", root, "--data"]);
        let spent = measure(command.arg(data), out)?;
        walls.push(spent.wall.as_secs_f64() * 1e3);
    }
    let bytes = std::fs::metadata(out)?.len();
    anyhow::ensure!(bytes > 500, "the first answer says something");
    page.judged(
        &format!("{NAME}: 速報（プロセスの起動から） / first answer, the whole process"),
        middle(walls.into_iter()).median,
        "ms",
        Bound::AtMost(25.0),
    );
    Ok(())
}

/// The graph in memory: figures with a limit, and all of them as a table.
fn judge(found: &Value, page: &mut Page) -> anyhow::Result<String> {
    let parts = found["parts"].as_array().context("parts")?;
    let seconds = |name: &str| -> anyhow::Result<f64> {
        let own = parts.iter().find(|it| it[0] == name);
        own.and_then(|it| it[1].as_f64())
            .with_context(|| format!("seconds of {name}"))
    };
    let mut files = 0.0;
    for name in ["scope", "plan", "svg", "xlsx", "pdf"] {
        files += seconds(name)?;
    }
    let rows = [
        ("届く範囲 / reach", seconds("reach")? * 1e3, "ms", 1.0),
        ("切断計画 / cut plan", seconds("plan")? * 1e3, "ms", 5.0),
        (
            "問いから SVG・XLSX・PDF まで、CPU / from the question to three files",
            files,
            "s",
            1.0,
        ),
    ];
    for (what, value, unit, most) in rows {
        page.judged(&format!("{NAME}: {what}"), value, unit, Bound::AtMost(most));
    }
    let mut text = format!(
        "## 影響範囲 / Impact scope\n\n模擬病院 10,000 台：もの {}、段 {}、届くもの {}。台帳とグラフがメモリにあるときの CPU、20 回（届く範囲）・5 回・3 回（ファイル）の最小。\
         初動対応シートの「この数日の変化」は、前の時点の台帳も読むので含まない / a simulated hospital: things, steps, reached; \
         processor time with ledger and graph in memory, least of 20 (reach), 5 or 3 (files); without the changes of the last days, \
         which read an earlier ledger too\n\n| | ms | KB |\n|---|---:|---:|\n",
        found["things"], found["steps"], found["reached"]
    );
    for part in parts {
        let (name, ms) = (part[0].as_str().unwrap_or_default(), part[1].as_f64());
        let size = match part[2].as_u64() {
            Some(0) | None => String::new(),
            Some(bytes) => (bytes / 1000).to_string(),
        };
        let ms = number(ms.unwrap_or(f64::NAN) * 1e3);
        let _ = writeln!(text, "| {name} | {ms} | {size} |");
    }
    let of = |name: &str| number(found[name].as_f64().unwrap_or(f64::NAN));
    let _ = writeln!(
        text,
        "\n台帳を読んで網を組むまで / reading the ledger and building the network: {} s CPU; グラフ / the graph: {} s\n",
        of("read_s"),
        of("built_s")
    );
    Ok(text)
}

/// Other libraries, asked for everything that one machine reaches.
fn peers(edges: &Path, page: &mut Page) -> anyhow::Result<String> {
    if !on_path("python3") {
        let name = format!("{NAME}: 他のライブラリ / other libraries");
        page.skipped(&name, "python3 is not there");
        return Ok(String::new());
    }
    let script = daicho_tests::root().join("tests/bench/reach.py");
    let ran = Command::new("python3").arg(script).arg(edges).output()?;
    let told = String::from_utf8_lossy(&ran.stderr);
    anyhow::ensure!(ran.status.success(), "reach.py: {told}");
    let table = String::from_utf8_lossy(&ran.stdout);
    Ok(format!(
        "同じグラフでの届く範囲、他のライブラリ / reach on the same graph, other libraries \
         (no time, no reasons; least of 20)\n\n{table}\n"
    ))
}
