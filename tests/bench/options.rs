//! The command line. Comes in: its words; goes out: what to measure and for how long. It asks
//! nothing else.

use std::collections::BTreeSet;
use std::time::Duration;

const HELP: &str = "\
daicho-bench [--write] [--strict] [--runs N] [--idle-seconds N] [--days N] [--only PART,…]

PART: report, windows, wire, idle, ledger, ingest, history, layout, impact, find
--write   into docs/BENCHMARKS.md
--strict  exit code 1 when a limit is broken
DAICHO_BENCH_PEERS   name=command;…  other inventory programs that print on stdout
DAICHO_BENCH_LIMITS  folder with the built programs `http` and `history` that measure what the
                     machine can do at most
DAICHO_BENCH_DIAGRAMS  folder with gen_hospital.py, measure.py and stability.py (python3 with numpy), which
                     measure engines of diagrams alike; dot from the PATH, elkjs by NODE_PATH
                       (impact: networkx, igraph and rustworkx, where python3 has them)
DAICHO_BENCH_ENGINES the built program that runs engines of others written in Rust
DAICHO_WINDOWS_AGENTS  the built programs for Windows, as agent/package/build-windows prints them";

/// A part of the benchmark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    /// One collection, and the peers' beside it.
    Report,
    /// One collection of the Windows agent, under Wine.
    Windows,
    /// Bytes on the wire.
    Wire,
    /// The agent as a service.
    Idle,
    /// The ledger as a workbook.
    Ledger,
    /// The collector's speed.
    Ingest,
    /// What the collector keeps of a year.
    History,
    /// The diagram's layout, and other engines beside it.
    Layout,
    /// The first minutes of an incident, and other graph libraries beside them.
    Impact,
    /// Finding something in the reports of a quarter.
    Find,
}

/// What was asked for.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    pub(crate) write: bool,
    pub(crate) strict: bool,
    /// In a network of its own already, with everything built.
    pub(crate) within: bool,
    pub(crate) runs: usize,
    pub(crate) idle: Duration,
    pub(crate) days: u64,
    pub(crate) parts: BTreeSet<Part>,
}

impl Options {
    pub(crate) fn parse(words: impl Iterator<Item = String>) -> anyhow::Result<Self> {
        let mut options = Self {
            write: false,
            strict: false,
            within: false,
            runs: 9,
            idle: Duration::from_secs(180),
            days: 30,
            parts: [
                Part::Report,
                Part::Windows,
                Part::Wire,
                Part::Idle,
                Part::Ledger,
                Part::Ingest,
                Part::History,
                Part::Layout,
                Part::Impact,
                Part::Find,
            ]
            .into(),
        };
        let mut words = words.peekable();
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or(anyhow::anyhow!("{word} wants a value"));
            match word.as_str() {
                "--write" => options.write = true,
                "--strict" => options.strict = true,
                "--within" => options.within = true,
                "--runs" => options.runs = value()?.parse::<usize>()?.max(1),
                "--idle-seconds" => options.idle = Duration::from_secs(value()?.parse()?),
                "--days" => options.days = value()?.parse::<u64>()?.max(2),
                "--only" => options.parts = parts(&value()?)?,
                _ => anyhow::bail!("{HELP}"),
            }
        }
        Ok(options)
    }
}

fn parts(names: &str) -> anyhow::Result<BTreeSet<Part>> {
    let part = |name: &str| match name {
        "report" => Ok(Part::Report),
        "windows" => Ok(Part::Windows),
        "wire" => Ok(Part::Wire),
        "idle" => Ok(Part::Idle),
        "ledger" => Ok(Part::Ledger),
        "ingest" => Ok(Part::Ingest),
        "history" => Ok(Part::History),
        "layout" => Ok(Part::Layout),
        "impact" => Ok(Part::Impact),
        "find" => Ok(Part::Find),
        other => Err(anyhow::anyhow!("no part `{other}`\n{HELP}")),
    };
    names.split(',').map(part).collect()
}
