//! `daicho-agent report` and the peers' inventories, taking turns so that a machine that drifts hurts
//! all alike. Comes in: programs; goes out: rows with the limits of one collection.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;
use daicho_tests::Folder;

use crate::ground::Ground;
use crate::options::Options;
use crate::page::{Bound, Page};
use crate::peers::{Contender, peers};
use crate::spent::{Middle, Spent, measure, memory_of, middle, started};

const MIB: f64 = 1024.0 * 1024.0;
/// As reports are compressed.
const LEVEL: i32 = 3;
const OURS: &str = "daicho-agent report";

struct Measured {
    contender: Contender,
    out: PathBuf,
    runs: Vec<Spent>,
    started: Option<(usize, usize)>,
}

impl Measured {
    fn over(&self, figure: impl Fn(&Spent) -> f64) -> Middle {
        middle(self.runs.iter().map(figure))
    }

    fn cpu(&self) -> Middle {
        self.over(|run| run.cpu.as_secs_f64())
    }

    fn peak(&self) -> Middle {
        self.over(|run| run.peak_bytes as f64 / MIB)
    }

    /// Bytes on stdout, plain and compressed.
    fn bytes(&self) -> anyhow::Result<(usize, usize)> {
        let plain = std::fs::read(&self.out).context("read what a program printed")?;
        let packed = zstd::bulk::compress(&plain, LEVEL).context("compress")?;
        Ok((plain.len(), packed.len()))
    }
}

/// Measures and judges.
pub(crate) fn run(ground: &Ground, options: &Options, page: &mut Page) -> anyhow::Result<()> {
    let folder = Folder::new("bench-report");
    let (there, missing) = peers(folder.path());
    for (name, reason) in missing {
        page.skipped(&name, &reason);
    }
    let state = folder.join("nobody");
    let ours = Contender {
        name: OURS.to_owned(),
        command: [
            ground.agent.as_path(),
            Path::new("report"),
            Path::new("--json"),
        ]
        .iter()
        .map(|word| word.display().to_string())
        .chain(["--state".to_owned(), state.display().to_string()])
        .collect(),
    };
    let mut all = Vec::new();
    for (index, contender) in std::iter::once(ours).chain(there).enumerate() {
        let out = folder.join(&format!("out-{index}"));
        all.push(Measured {
            started: started(&contender.command, folder.path())?,
            contender,
            out,
            runs: Vec::new(),
        });
    }
    take_turns(&mut all, options.runs)?;
    let (works, fails): (Vec<_>, Vec<_>) = all.into_iter().partition(|it| !it.runs.is_empty());
    for it in fails {
        page.skipped(
            &it.contender.name,
            "it ends with an error and prints nothing",
        );
    }
    judge(&works, page)?;
    page.detail(table(&works, options.runs)?);
    Ok(())
}

/// One run of each warms up; one that prints nothing is out. Some end with an error although they
/// print their inventory.
fn take_turns(all: &mut [Measured], runs: usize) -> anyhow::Result<()> {
    let mut failed = vec![false; all.len()];
    for turn in 0..=runs {
        for (it, failed) in all.iter_mut().zip(&mut failed) {
            if *failed {
                continue;
            }
            let (program, arguments) = it.contender.command.split_first().context("a command")?;
            let spent = measure(Command::new(program).args(arguments), &it.out)?;
            let printed = std::fs::metadata(&it.out).is_ok_and(|file| file.len() > 2);
            *failed = !(spent.success || printed);
            if turn > 0 {
                it.runs.push(spent);
            }
            if *failed {
                it.runs.clear();
            }
        }
    }
    Ok(())
}

fn judge(works: &[Measured], page: &mut Page) -> anyhow::Result<()> {
    let ours = works
        .iter()
        .find(|it| it.contender.name == OURS)
        .context("run daicho-agent report without an error")?;
    let (_, packed) = ours.bytes()?;
    let name = "一回の収集 / one collection (`daicho-agent report`)";
    let cpu = ours.cpu().median;
    page.judged(&format!("{name}: CPU"), cpu, "s", Bound::AtMost(0.15));
    let own = memory_of(std::process::id(), "VmHWM")? as f64 / 1024.0;
    let peak = ours.peak().median;
    anyhow::ensure!(
        peak > own,
        "the peak of memory cannot be told from this program's own {own} MiB"
    );
    page.judged(
        &format!("{name}: 最大メモリ / peak memory"),
        peak,
        "MiB",
        Bound::AtMost(20.0),
    );
    let children = format!("{name}: 起動したプロセス / processes started");
    match ours.started {
        Some((processes, programs)) => {
            let most = processes.max(programs) as f64;
            page.judged(&children, most, "", Bound::AtMost(0.0));
        }
        None => page.skipped(&children, "strace is not on the PATH or may not trace"),
    }
    page.judged(
        &format!("{name}: zstd -3"),
        packed as f64,
        "B",
        Bound::AtMost(40_000.0),
    );
    for peer in works.iter().filter(|it| it.contender.name != OURS) {
        let ratio = cpu / peer.cpu().median;
        let measure = format!("CPU: daicho-agent / {}", peer.contender.name);
        page.shown(&measure, ratio, "");
    }
    Ok(())
}

fn table(works: &[Measured], runs: usize) -> anyhow::Result<String> {
    let mut text = format!(
        "## 一回の収集 / One collection\n\n交互に {runs} 回、中央値（最小–最大） / {runs} runs each in turn, \
         median (least–most)\n\n| | CPU s | wall s | peak MiB | 起動 / programs started | \
         bytes on stdout | zstd -3 |\n|---|---:|---:|---:|---:|---:|---:|\n"
    );
    for it in works {
        let (cpu, wall) = (it.cpu(), it.over(|run| run.wall.as_secs_f64()));
        let (plain, packed) = it.bytes()?;
        let programs = it
            .started
            .map_or("SKIP strace".to_owned(), |(_, programs)| {
                programs.to_string()
            });
        // Writing into a text cannot fail.
        let _ = writeln!(
            text,
            "| {} | {:.3} ({:.3}–{:.3}) | {:.3} ({:.3}–{:.3}) | {:.1} | {programs} | {plain} | {packed} |",
            it.contender.name,
            cpu.median,
            cpu.least,
            cpu.most,
            wall.median,
            wall.least,
            wall.most,
            it.peak().median,
        );
    }
    Ok(text)
}
