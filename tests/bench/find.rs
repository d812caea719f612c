//! Finding an address, a name, a list of indicators in the reports of a quarter. Comes in: a simulated
//! hospital of ten thousand machines over ninety days, taken in by the shipped program; goes out: what a
//! question costs as a whole process, on the clock, for things that nobody has and that everybody has.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use daicho_tests::Folder;

use crate::ground::Ground;
use crate::hospital::hospital;
use crate::options::Options;
use crate::page::{Bound, Page, number};
use crate::spent::{measure, middle};

const NAME: &str = "調査 / find, 10,000 台 × 90 日";
const DAYS: &str = "90";
/// The whole of the simulated time.
const SINCE: &str = "2026-01-01";
/// Indicators of a list, as an information-sharing body sends them.
const INDICATORS: usize = 5_000;

/// A question: what it is called, its words, and at least how many rows it finds.
type Question<'a> = (&'a str, Vec<&'a str>, usize);

/// Measures and judges.
pub(crate) fn run(ground: &Ground, options: &Options, page: &mut Page) -> anyhow::Result<()> {
    let folder = Folder::new("bench-find");
    let data = hospital(ground, &folder, &["--days", DAYS])?;
    let list = folder.join("indicators.csv");
    std::fs::write(&list, indicators())?;
    let list = list.display().to_string();
    let questions: [Question<'_>; 6] = [
        (
            "どこにもないアドレス / an address that nobody has",
            vec!["203.0.113.7"],
            0,
        ),
        ("名前の一部 / a piece of a name", vec!["TeamViewer"], 1),
        (
            "版を決めたソフトウェア / software of a version",
            vec!["--software", "7-Zip*=23.*"],
            1_000,
        ),
        (
            "全機器が使うアドレス / an address that all use",
            vec!["10.64.0.10"],
            5_000,
        ),
        (
            "全機器にあるアカウント / an account that all have",
            vec!["--account", "kanri"],
            5_000,
        ),
        (
            "指標 5,000 件の一覧 / a list of 5,000 indicators",
            vec!["--list", &list],
            0,
        ),
    ];
    let mut text = String::from(
        "## 調査 / Finding\n\nプロセスの起動から表示まで、実時間の中央値 / the whole process, median on the clock\n\n\
         | | s | CPU s | 行 / rows |\n|---|---:|---:|---:|\n",
    );
    let mut slowest = 0.0_f64;
    for question in &questions {
        let (row, wall) = answered(ground, (&data, &folder.join("out")), question, options)?;
        text.push_str(&row);
        slowest = slowest.max(wall);
    }
    page.judged(
        &format!("{NAME}: 最も遅い問い / the slowest question"),
        slowest,
        "s",
        Bound::AtMost(1.0),
    );
    page.detail(text);
    Ok(())
}

fn answered(
    ground: &Ground,
    (data, out): (&Path, &Path),
    (what, words, least): &Question<'_>,
    options: &Options,
) -> anyhow::Result<(String, f64)> {
    let (mut walls, mut cpu) = (Vec::new(), Vec::new());
    for _ in 0..options.runs.max(3) {
        let mut command = Command::new(&ground.collector);
        command.arg("find").args(words).args(["--since", SINCE]);
        command.args(["--most", "0", "--lang", "en", "--data"]);
        let spent = measure(command.arg(data), out)?;
        anyhow::ensure!(spent.success, "find {words:?}");
        walls.push(spent.wall.as_secs_f64());
        cpu.push(spent.cpu.as_secs_f64());
    }
    let told = std::fs::read_to_string(out)?;
    let rows = told.lines().find(|line| line.starts_with("wanted, rows"));
    let rows = rows.and_then(|line| line.rsplit('\u{3000}').next()?.parse::<usize>().ok());
    let rows = rows.ok_or_else(|| anyhow::anyhow!("how many rows: {told}"))?;
    anyhow::ensure!(rows >= *least, "find {words:?}: {rows} rows");
    let (wall, cpu) = (
        middle(walls.into_iter()).median,
        middle(cpu.into_iter()).median,
    );
    let mut row = String::new();
    let _ = writeln!(
        row,
        "| {what} | {} | {} | {rows} |",
        number(wall),
        number(cpu)
    );
    Ok((row, wall))
}

/// Addresses, ranges, domains and programs that nobody has.
fn indicators() -> String {
    let mut text = String::from("kind,value\n");
    for n in 0..INDICATORS {
        let (high, low) = (n / 256 % 256, n % 256);
        let line = match n % 4 {
            0 => format!("address,203.0.{high}.{low}"),
            1 => format!("domain,bad{n}.example"),
            2 => format!("program,evil{n}.exe"),
            _ => format!("address,198.{}.{low}.0/24", 18 + high % 2),
        };
        let _ = writeln!(text, "{line}");
    }
    text
}
