//! How many bytes a report takes on its way when nothing has changed. Comes in: the shipped agent, the
//! shipped collector and a relay between them; goes out: the body as it lies in the spool, and what
//! TLS and HTTP add.

use std::path::Path;

use anyhow::Context;
use daicho_report::Report;
use daicho_tests::Folder;

use crate::ground::Ground;
use crate::page::{Bound, Page};
use crate::relay::{Passed, Relay};
use crate::server::{Server, agent};
use crate::spent::middle;

/// Reports in a row.
const REPORTS: usize = 9;

/// Measures and judges.
pub(crate) fn run(ground: &Ground, page: &mut Page) -> anyhow::Result<()> {
    let folder = Folder::new("bench-wire");
    let state = folder.join("state");
    let server = Server::start(ground, &folder.join("data"))?;
    let relay = Relay::start(server.agents)?;
    server.enrol(ground, relay.address, &state)?;
    let sent = |words: &[&str]| -> anyhow::Result<Passed> {
        let before = relay.passed();
        agent(ground, &state, words)?;
        Ok(since(before, relay.passed()))
    };
    // The first brings everything.
    let first = sent(&["send"])?;
    sent(&["send"])?;
    let one = sent(&["send"])?;
    let mut kinds = Vec::new();
    for number in 0..REPORTS {
        let out = folder.join(&format!("{number}.json"));
        agent(
            ground,
            &state,
            &["report", "--out", &out.display().to_string()],
        )?;
        kinds.push(travelling(&out)?);
    }
    let bodies = spooled(&state)?;
    anyhow::ensure!(bodies.len() == REPORTS, "{} reports wait", bodies.len());
    let many = sent(&["send"])?;
    let body = middle(bodies.iter().map(|bytes| *bytes as f64));
    let each = |many: u64, one: u64| many.saturating_sub(one) as f64 / REPORTS as f64;
    let (up, down) = (each(many.up, one.up), each(many.down, one.down));
    let name = "変わらない報告 / unchanged report";
    page.judged(
        &format!("{name}: 本文 / body"),
        body.median,
        "B",
        Bound::AtMost(1000.0),
    );
    page.shown(
        &format!("{name}: TLS と HTTP とも、送り / with TLS and HTTP, sent"),
        up,
        "B",
    );
    page.shown(&format!("{name}: 受け / received"), down, "B");
    page.detail(format!(
        "## 通信量 / On the wire\n\n- 最初の報告（登録済み、全部） / first report, everything: \
         {} B 送り sent, {} B 受け received, TLS の開始を含む / handshake included\n\
         - {REPORTS} 通続けて / in a row: 本文 / bodies {}–{} B; 旅した部分 / sections that travelled: {}\n\
         - 接続一回の開始と報告一通 / one connection with one report: {} B 送り sent, {} B 受け received\n",
        first.up,
        first.down,
        body.least,
        body.most,
        common(&kinds),
        one.up,
        one.down,
    ));
    Ok(())
}

fn since(before: Passed, after: Passed) -> Passed {
    Passed {
        up: after.up - before.up,
        down: after.down - before.down,
        connections: after.connections - before.connections,
    }
}

/// Kinds of sections whose bodies travel with a report.
fn travelling(path: &Path) -> anyhow::Result<String> {
    let text = std::fs::read_to_string(path).context("read the report")?;
    let report: Report = serde_json::from_str(&text).context("read the report")?;
    let kinds: Vec<String> = report.bodies.iter().map(|it| it.kind.to_string()).collect();
    Ok(kinds.join(" "))
}

/// How often each list of kinds came.
fn common(kinds: &[String]) -> String {
    let mut counted = std::collections::BTreeMap::new();
    for kinds in kinds {
        *counted.entry(kinds.as_str()).or_insert(0) += 1;
    }
    let texts = counted
        .iter()
        .map(|(kinds, count)| format!("{count}× ({kinds})"));
    texts.collect::<Vec<_>>().join(", ")
}

/// Sizes of the reports that wait, as they will travel.
fn spooled(state: &Path) -> anyhow::Result<Vec<u64>> {
    let mut sizes = Vec::new();
    for entry in std::fs::read_dir(state.join("spool")).context("read the spool")? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().ends_with(".json.zst") {
            sizes.push(entry.metadata()?.len());
        }
    }
    Ok(sizes)
}
