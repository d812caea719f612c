//! What the graph in memory takes, for the benchmark: a program of its own, so that the one that measures
//! others stays small. Comes in: a data folder and where to write the graph's edges; goes out: one line of
//! JSON with seconds and sizes.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

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
use rustix::time::{ClockId, clock_gettime};
use serde_json::json;

fn main() -> anyhow::Result<()> {
    let mut words = std::env::args_os().skip(1).map(PathBuf::from);
    let (data, edges) = words.next().zip(words.next()).context("DATA EDGES")?;
    let store = SqliteStore::open_read_only(&data.join("store.sqlite"))?;
    let as_of = store.newest_receipt()?.context("a report was taken in")?;
    let site = config::Site::default().at(as_of);
    let knowledge = Knowledge::shipped();
    let (read_s, picture) = worked(1, || Picture::at(&store, site.clone(), as_of, &knowledge));
    let picture = picture.context("read the store")?;
    // Part of what is resident.
    let _ = picture.data_hash();
    let (built_s, resident) = worked(3, || Resident::of(picture.basis()));
    let root = &picture.ledger.assets.first().context("a machine")?.id.0;
    let (things, steps) = resident.snapshot.size();
    let (reached, parts) = questions(&picture, &resident, root)?;
    write_edges(&resident, root, &edges)?;
    println!(
        "{}",
        json!({
            "root": root, "things": things, "steps": steps, "reached": reached,
            "read_s": read_s, "built_s": built_s, "parts": parts,
        })
    );
    Ok(())
}

/// Name, seconds, bytes of each part of an answer; and how much is reached.
type Parts = Vec<(&'static str, f64, usize)>;

fn questions(picture: &Picture, resident: &Resident, root: &str) -> anyhow::Result<(usize, Parts)> {
    let basis = picture.basis();
    let as_of = picture.ledger.as_of;
    let window = Window {
        from: as_of.seconds() - LOOK_BACK_S,
        to: as_of.seconds(),
    };
    let row = resident.row(root).context("the machine is in the graph")?;
    let (reach_s, tree) = worked(20, || resident.snapshot.reach(&[row], window, false));
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
    let parts = vec![
        ("reach", reach_s, 0),
        ("scope", scope_s, 0),
        ("plan", plan_s, 0),
        ("svg", svg_s, svg.len()),
        ("xlsx", xlsx_s, xlsx?.len()),
        ("pdf", pdf_s, pdf?.len()),
    ];
    Ok((tree.count(), parts))
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
        created_at: Some(picture.ledger.as_of),
        data_hash: occasion.hash.clone(),
    };
    let font = fonts::find(None).map_err(|refused| anyhow::anyhow!("{}", refused.refusal().en))?;
    Ok(daicho_render::paper_pdf(&paper, &font, &about)?.bytes)
}

/// The graph for other libraries: the number of things, the root, then an edge a line.
fn write_edges(resident: &Resident, root: &str, path: &Path) -> anyhow::Result<()> {
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
    std::fs::write(path, text).with_context(|| format!("write {}", path.display()))
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
