//! What the collector keeps of a year, and what applying a report costs without a network. Comes in:
//! made-up machines over made-up days; goes out: bytes per machine and year, counted in the store's own
//! pages, and processor time a report. The collector's real code stores every report.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use anyhow::Context;
use daicho_collector::clock::Clock;
use daicho_collector::site::SiteCollector;
use daicho_collector::store::sqlite::SqliteStore;
use daicho_collector::store::{AgentRow, Standing, Table, sealed, write};
use daicho_report::{AgentId, Base64Bytes, Hash, ReportKey, Time};
use daicho_tests::Folder;
use rusqlite::Connection;

use crate::churn::{Machine, Told};
use crate::ground::Ground;
use crate::limits::Limits;
use crate::options::Options;
use crate::page::{Bound, Page, number};
use crate::reporter::{Hour, Reporter};
use crate::spent::middle;

const MACHINES: u64 = 12;
const START: i64 = 1_764_000_000;
const YEAR_H: f64 = 8760.0;

/// What a simulation found.
struct Kept {
    first_kilobytes: f64,
    megabytes_a_year: f64,
    cpu_us: f64,
    body: f64,
    tables: String,
}

/// Measures and judges.
pub(crate) fn run(_: &Ground, options: &Options, page: &mut Page) -> anyhow::Result<()> {
    let mut text = format!(
        "## 履歴 / History\n\n{MACHINES} 台、{} 日、毎時一通。変化の量は limits の模型と同じ / {MACHINES} machines, {} \
         days, a report an hour, with the churn of the limits' model\n\n",
        options.days, options.days
    );
    for (told, name) in [
        (
            Told::Running,
            "サービスの動作状態を含む / with services' running state",
        ),
        (Told::Configuration, "動作状態なし / without it"),
    ] {
        let kept = simulate(told, options.days)?;
        page.judged(
            &format!("一台一年の記録 / kept per machine and year, {name}"),
            kept.megabytes_a_year,
            "MB",
            Bound::AtMost(1.5),
        );
        // Writing into a text cannot fail.
        let _ = write!(
            text,
            "- {name}: 最初 / first {} KB, {} MB a year, {} µs CPU a report (no network), body {} B (median)\n  {}\n",
            number(kept.first_kilobytes),
            number(kept.megabytes_a_year),
            number(kept.cpu_us),
            number(kept.body),
            kept.tables
        );
    }
    match Limits::new() {
        Ok(limits) => {
            let limit = limits.history(MACHINES, options.days)?;
            page.shown(
                "記録の限界値 / kept at the limit (E2, no log, no signatures)",
                limit.megabytes,
                "MB",
            );
            let _ = writeln!(text, "- limit E2: {} µs CPU a report", number(limit.cpu));
        }
        Err(reason) => page.skipped("記録の限界値 / kept at the limit", &reason),
    }
    page.detail(text);
    Ok(())
}

fn simulate(told: Told, days: u64) -> anyhow::Result<Kept> {
    let folder = Folder::new("bench-history");
    let path = folder.join("store.sqlite");
    let time = Arc::new(AtomicI64::new(START));
    let store = Arc::new(SqliteStore::open(&path)?);
    let clock = Clock::Fixed(Arc::clone(&time));
    let site = SiteCollector::new(store, ReportKey::from_secret(&[7; 32]), clock);
    let mut reporters = Vec::new();
    for index in 0..MACHINES {
        let key = ReportKey::from_secret(&[u8::try_from(index)?; 32]);
        let id = approved(&site, index, &key)?;
        reporters.push((id, Reporter::new(Machine::new(index, told), key, START)));
    }
    let (mut first, mut bodies, mut nanoseconds) = (0, Vec::new(), 0);
    for hour in 0..days * 24 {
        // Machines report spread over the hour.
        for (id, reporter) in &mut reporters {
            time.fetch_add(3600 / MACHINES as i64, Ordering::SeqCst);
            let (body, envelope) = reporter.next(Hour::Busy)?;
            bodies.push(body.len() as f64);
            let before = thread_ns()?;
            let reply = site.ingest(id, &body)?;
            nanoseconds += thread_ns()? - before;
            anyhow::ensure!(reply.acknowledged == envelope.sequence, "not stored");
            reporter.acknowledged(&envelope);
        }
        if hour == 0 {
            first = size(&path)?;
        }
    }
    let hours = (days * 24) as f64;
    let machines = MACHINES as f64;
    let grown = (size(&path)? - first) as f64;
    Ok(Kept {
        first_kilobytes: first as f64 / machines / 1e3,
        megabytes_a_year: grown / machines / (hours - 1.0) * YEAR_H / 1e6,
        cpu_us: nanoseconds as f64 / 1e3 / machines / hours,
        body: middle(bodies.into_iter()).median,
        tables: tables(&path, machines * hours / YEAR_H)?,
    })
}

/// An agent that a person has approved.
fn approved(site: &SiteCollector, index: u64, key: &ReportKey) -> anyhow::Result<AgentId> {
    let agent = AgentId::from_random(&u128::from(index).to_be_bytes());
    let row = AgentRow {
        agent: agent.clone(),
        standing: Standing::Approved,
        host_name: format!("host{index}"),
        agent_version: String::new(),
        enrolled_at: Time::from_seconds(START),
        approved_at: Some(Time::from_seconds(START)),
        tls_key: Hash::of(agent.as_str().as_bytes()),
        report_key: key.public(),
        csr: Base64Bytes(Vec::new()),
        not_after: None,
        fork_at: None,
        why: String::new(),
    };
    write(site.store.as_ref(), |rows| {
        sealed::put(rows, &site.log_key, Table::Agent, agent.as_str(), &row)
    })?;
    Ok(agent)
}

/// Bytes of the store's pages that are in use.
fn size(path: &Path) -> anyhow::Result<i64> {
    let store = Connection::open(path).context("open the store")?;
    let pragma =
        |name: &str| store.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i64>(0));
    let pages = pragma("page_count")? - pragma("freelist_count")?;
    Ok(pages * pragma("page_size")?)
}

/// Where the bytes are, per machine and year.
fn tables(path: &Path, machine_years: f64) -> anyhow::Result<String> {
    let store = Connection::open(path).context("open the store")?;
    let sql = "SELECT name, sum(pgsize) FROM dbstat GROUP BY name ORDER BY 2 DESC LIMIT 10";
    let mut statement = store.prepare(sql)?;
    let rows = statement.query_map([], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, f64>(1)?))
    })?;
    let mut texts = Vec::new();
    for row in rows {
        let (name, bytes) = row?;
        texts.push(format!("{name} {}", number(bytes / machine_years / 1e6)));
    }
    Ok(format!("(MB a year: {})", texts.join(", ")))
}

/// Processor time of this thread.
fn thread_ns() -> anyhow::Result<u64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    let first = text.split(' ').next().and_then(|it| it.parse().ok());
    first.context("read /proc/thread-self/schedstat")
}
