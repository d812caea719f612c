//! The ledger of ten thousand machines as a workbook, and taken in again. Comes in: a simulated hospital,
//! taken in by the shipped program; goes out: what a workbook and a preview of its import cost as whole
//! processes, from reading the store on.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use daicho_tests::Folder;

use crate::ground::Ground;
use crate::hospital::hospital;
use crate::options::Options;
use crate::page::{Bound, Page, number};
use crate::spent::{measure, middle};

const NAME: &str = "台帳の書き出し / the ledger as a workbook, 10,000 台";
/// Forty columns: those that the ministry asks for first, with such that people fill.
const COLUMNS: &str = r#"name = "forty"
ja = "40列"
en = "forty columns"
source = "the benchmark"
date = "2026-11-27"
[lists]
devices = [
    "label", "chassis", "standing", "status", "use", "location", "usable", "user", "department", "keeper",
    "os_name", "os_edition", "os_version", "kernel", "os_support_end", "addresses", "gateways",
    "name_servers", "macs", "mac_maker", "last_patch", "pending", "reboot", "antivirus",
    "antivirus_products", "definitions_at", "admin_log_in", "administrators", "firewall", "encryption",
    "usb_storage", "remote_tools", "vpns", "shares", "backup_tools", "manufacturer", "model", "serial",
    "patient_data", "row_key",
]
"#;

/// What one command cost.
struct Cost {
    wall: f64,
    cpu: f64,
    peak_mib: f64,
}

/// Measures and judges.
pub(crate) fn run(ground: &Ground, options: &Options, page: &mut Page) -> anyhow::Result<()> {
    let folder = Folder::new("bench-ledger");
    let data = hospital(ground, &folder, &[])?;
    let place = |name: &str| folder.join(name).display().to_string();
    let (columns, book, whole) = (place("forty.toml"), place("book.xlsx"), place("whole.xlsx"));
    std::fs::write(&columns, COLUMNS)?;
    let devices = ["ledger", "--list", "devices", "--out"];
    let forty = [&devices[..], &[&book, "--columns", &columns]].concat();
    let preview = ["ledger", "import", &book, "--by", "bench", "--dry-run"];
    let mut text = String::from(
        "## 台帳の書き出し / The ledger as a workbook\n\nプロセス全体（保存先の読み取りから）、実時間の中央値 / \
         the whole process, from reading the store on, median on the clock\n\n\
         | | s | CPU s | MiB |\n|---|---:|---:|---:|\n",
    );
    let mut cost = |what: &str, words: &[&str], runs: usize| -> anyhow::Result<Cost> {
        let cost = spent(ground, (&data, &folder.join("out")), words, runs)?;
        let (wall, cpu) = (number(cost.wall), number(cost.cpu));
        let _ = writeln!(text, "| {what} | {wall} | {cpu} | {:.0} |", cost.peak_mib);
        Ok(cost)
    };
    let runs = options.runs.max(3);
    let written = cost("機器 40 列 / devices, 40 columns", &forty, runs)?;
    let taken = cost("その取り込みの確認 / preview of its import", &preview, runs)?;
    let all = [&devices[..], &[&whole]].concat();
    cost("機器、全列 / devices, all columns", &all, 3)?;
    cost(
        "全一覧と構成図 / all lists and the diagram",
        &["ledger", "--out", &whole],
        1,
    )?;
    for (what, value, unit, limit) in [
        ("40 列 / columns", written.wall, "s", 3.0),
        (
            "40 列、最大メモリ / peak memory",
            written.peak_mib,
            "MiB",
            300.0,
        ),
        (
            "その取り込みの確認 / preview of its import",
            taken.wall,
            "s",
            5.0,
        ),
    ] {
        page.judged(
            &format!("{NAME}: {what}"),
            value,
            unit,
            Bound::AtMost(limit),
        );
    }
    page.detail(text);
    Ok(())
}

fn spent(
    ground: &Ground,
    (data, out): (&Path, &Path),
    words: &[&str],
    runs: usize,
) -> anyhow::Result<Cost> {
    let mut all = Vec::new();
    for _ in 0..runs {
        let mut command = Command::new(&ground.collector);
        let spent = measure(command.args(words).arg("--data").arg(data), out)?;
        anyhow::ensure!(spent.success, "{words:?}");
        all.push(spent);
    }
    let peak = all.iter().map(|it| it.peak_bytes).max().unwrap_or_default();
    Ok(Cost {
        wall: middle(all.iter().map(|it| it.wall.as_secs_f64())).median,
        cpu: middle(all.iter().map(|it| it.cpu.as_secs_f64())).median,
        peak_mib: peak as f64 / f64::from(1 << 20),
    })
}
