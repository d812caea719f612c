//! The first minutes of an incident. Comes in: a simulated hospital of ten thousand machines, taken in by
//! the shipped program; goes out: what the first answer costs as a whole process, what the resident graph
//! costs a question, and other graph libraries on the same graph.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;
use daicho_collector::export;
use daicho_collector::export::response::{self, Lately, Occasion, Rules};
use daicho_collector::picture::{LOOK_BACK_S, Picture};
use daicho_collector::store::Store;
use daicho_collector::store::sqlite::SqliteStore;
use daicho_collector::{config, fonts};
use daicho_graph::impact::{self, Damage, Resident, Window};
use daicho_graph::{Knowledge, Lang};
use daicho_render::About;
use daicho_report::Time;
use daicho_tests::Folder;

use rustix::time::{ClockId, clock_gettime};

use crate::ground::{Ground, on_path};
use crate::options::Options;
use crate::page::{Bound, Page, number};
use crate::spent::{measure, middle};

const NAME: &str = "影響範囲 / impact scope, 10,000 台";
const MACHINES: &str = "10000";
/// What the standing in for a busy machine's noise takes: the least of so many.
const TIMES: usize = 20;

/// Measures and judges.
pub(crate) fn run(ground: &Ground, options: &Options, page: &mut Page) -> anyhow::Result<()> {
    let folder = Folder::new("bench-impact");
    let (from, data) = (folder.join("hospital"), folder.join("data"));
    let shown = from.display().to_string();
    let made = [
        "simulate", "--assets", MACHINES, "--seed", "1", "--out", &shown,
    ];
    asked(ground, &data, &made)?;
    asked(ground, &data, &["import", &shown])?;
    let store = SqliteStore::open_read_only(&data.join("store.sqlite"))?;
    let as_of = store.newest_receipt()?.context("a report was taken in")?;
    let site = config::Site::default().at(as_of);
    let (read_s, picture) = worked(1, || {
        Picture::at(&store, site.clone(), as_of, &Knowledge::shipped())
    });
    let picture = picture.context("read the store")?;
    let root = picture
        .ledger
        .assets
        .first()
        .context("a machine")?
        .id
        .0
        .clone();
    first_answer(ground, (&data, &folder.join("out")), &root, options, page)?;
    // Part of what is resident.
    let _ = picture.data_hash();
    let (built_s, resident) = worked(3, || Resident::of(picture.basis()));
    let mut text = resident_graph(&picture, &resident, &root, page)?;
    let _ = writeln!(
        text,
        "\n台帳を読んで網を組むまで / reading the ledger and building the network: {} s CPU; \
         グラフ / the graph: {} s\n",
        number(read_s),
        number(built_s)
    );
    text.push_str(&peers(&resident, &root, &folder.join("edges"), page)?);
    page.detail(text);
    Ok(())
}

fn asked(ground: &Ground, data: &Path, words: &[&str]) -> anyhow::Result<()> {
    let ran = Command::new(&ground.collector)
        .args(words)
        .arg("--data")
        .arg(data)
        .output()?;
    let told = String::from_utf8_lossy(&ran.stderr);
    anyhow::ensure!(ran.status.success(), "{words:?}: {told}");
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

/// Questions to the graph in memory.
fn resident_graph(
    picture: &Picture,
    resident: &Resident,
    root: &str,
    page: &mut Page,
) -> anyhow::Result<String> {
    let basis = picture.basis();
    let as_of = picture.ledger.as_of;
    let window = Window {
        from: as_of.seconds() - LOOK_BACK_S,
        to: as_of.seconds(),
    };
    let at = resident
        .model
        .find(root)
        .context("the machine is in the graph")?;
    let row = resident.snapshot.row(at).context("it has a row")?;
    let (reach_s, tree) = worked(TIMES, || resident.snapshot.reach(&[row], window, false));
    let damage = Damage {
        things: vec![root.to_owned()],
        window,
    };
    let (scope_s, scope) = worked(5, || impact::scope(basis, resident, &damage));
    let (plan_s, plan) = worked(5, || impact::plan(basis, resident, &scope));
    let answer = (&scope, &plan);
    let (svg_s, svg) = worked(3, || {
        let geometry = picture.geometry(Lang::Ja);
        let drawn = daicho_graph::svg(&geometry);
        impact::overlay(&drawn, &geometry, resident, answer, Lang::Ja)
    });
    let (xlsx_s, xlsx) = worked(3, || export::impact::xlsx(basis, answer, Lang::Ja));
    let (pdf_s, pdf) = worked(3, || sheet(picture, answer));
    let (xlsx, pdf) = (xlsx?, pdf?);
    let rows = [
        ("届く範囲 / reach", reach_s * 1e3, "ms", 1.0),
        ("切断計画 / cut plan", plan_s * 1e3, "ms", 5.0),
        (
            "問いから SVG・XLSX・PDF まで、CPU / from the question to three files",
            scope_s + plan_s + svg_s + xlsx_s + pdf_s,
            "s",
            1.0,
        ),
    ];
    for (what, value, unit, most) in rows {
        page.judged(&format!("{NAME}: {what}"), value, unit, Bound::AtMost(most));
    }
    let parts = [
        ("reach", reach_s, None),
        (
            "scope: every explanation, ways in, systems, backups",
            scope_s,
            None,
        ),
        ("cut plan", plan_s, None),
        ("SVG", svg_s, Some(svg.len())),
        ("XLSX", xlsx_s, Some(xlsx.len())),
        ("PDF (first-response sheet)", pdf_s, Some(pdf.len())),
    ];
    Ok(table(resident, tree.count(), &parts))
}

/// What each part of an answer took: its name, seconds, bytes of its file.
fn table(resident: &Resident, reached: usize, parts: &[(&str, f64, Option<usize>)]) -> String {
    let (things, steps) = resident.snapshot.size();
    let mut text = format!(
        "## 影響範囲 / Impact scope\n\n模擬病院 10,000 台：{things} のもの、{steps} の段、届くもの {reached}。台帳とグラフがメモリにあるとき。\
         CPU、{TIMES} 回・5 回・3 回の最小。初動対応シートの「この数日の変化」は、前の時点の台帳も読むので含まない / \
         a simulated hospital: things, steps, reached; ledger and graph in memory; processor time, least of 20, 5 or 3; \
         without the changes of the last days, which read an earlier ledger too\n\n| | ms |\n|---|---:|\n"
    );
    for (what, seconds, bytes) in parts {
        let size = bytes.map(|it| format!(", {} KB", it / 1000));
        let size = size.unwrap_or_default();
        let _ = writeln!(text, "| {what}{size} | {} |", number(seconds * 1e3));
    }
    text
}

/// The first-response sheet as PDF.
fn sheet(
    picture: &Picture,
    (scope, plan): (&impact::Scope, &impact::Plan),
) -> anyhow::Result<Vec<u8>> {
    let occasion = Occasion {
        detected: None,
        rules: Rules::shipped(),
        hash: picture.data_hash().to_string(),
        changes: Lately::default(),
        a3: false,
    };
    let paper = response::paper(picture.basis(), (scope, plan), &occasion);
    let about = About {
        title: paper.title.clone(),
        author: String::new(),
        lang: Lang::Ja,
        created_at: Some(Time::from_seconds(0)),
        data_hash: occasion.hash.clone(),
    };
    let font = fonts::find(None).map_err(|refused| anyhow::anyhow!("{}", refused.refusal().en))?;
    Ok(daicho_render::paper_pdf(&paper, &font, &about)?.bytes)
}

/// Other libraries, asked for everything that one machine reaches.
fn peers(resident: &Resident, root: &str, edges: &Path, page: &mut Page) -> anyhow::Result<String> {
    if !on_path("python3") {
        page.skipped(
            &format!("{NAME}: 他のライブラリ / other libraries"),
            "python3 is not there",
        );
        return Ok(String::new());
    }
    let graph = &resident.model.graph;
    let row = |at| resident.snapshot.row(at).unwrap_or_default();
    let from = resident.model.find(root).map(row).unwrap_or_default();
    let mut text = format!("{} {from}\n", resident.snapshot.size().0);
    for (from, to) in graph
        .edge_indices()
        .filter_map(|it| graph.edge_endpoints(it))
    {
        let _ = writeln!(text, "{} {}", row(from), row(to));
    }
    std::fs::write(edges, text)?;
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

/// Processor seconds of this thread, the least of several, and what came of it.
fn worked<T>(times: usize, mut work: impl FnMut() -> T) -> (f64, T) {
    let spent = || {
        let it = clock_gettime(ClockId::ThreadCPUTime);
        it.tv_sec as f64 + it.tv_nsec as f64 / 1e9
    };
    let mut least = f64::MAX;
    let mut before = spent();
    let mut out = work();
    least = least.min(spent() - before);
    for _ in 1..times {
        before = spent();
        out = work();
        least = least.min(spent() - before);
    }
    (least, out)
}
