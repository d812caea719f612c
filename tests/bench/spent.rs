//! What a program costs. Comes in: a command; goes out: its processor time, time on the clock, peak
//! of memory and output, its children's included. Figures come from the kernel, not from the program.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context;
use wait4::Wait4;

/// One run.
#[derive(Debug, Clone)]
pub(crate) struct Spent {
    pub(crate) cpu: Duration,
    pub(crate) wall: Duration,
    /// The largest single process.
    pub(crate) peak_bytes: u64,
    pub(crate) success: bool,
}

/// Runs a command with stdout into a file.
pub(crate) fn measure(command: &mut Command, stdout: &Path) -> anyhow::Result<Spent> {
    let file = File::create(stdout).with_context(|| format!("write {}", stdout.display()))?;
    let start = Instant::now();
    let child = command
        .stdin(Stdio::null())
        .stdout(file)
        .stderr(Stdio::null())
        .spawn()
        .with_context(|| format!("start {:?}", command.get_program()))?;
    let ended = child.wait4().context("wait for the program")?;
    Ok(Spent {
        cpu: ended.rusage.utime + ended.rusage.stime,
        wall: start.elapsed(),
        peak_bytes: ended.rusage.maxrss,
        success: ended.status.success(),
    })
}

/// How many processes a command starts below its own, and how many programs run in them; `None`
/// without strace.
pub(crate) fn started(command: &[String], folder: &Path) -> anyhow::Result<Option<(usize, usize)>> {
    if !crate::ground::on_path("strace") {
        return Ok(None);
    }
    let log = folder.join("strace");
    let traced = Command::new("strace")
        .args(["-f", "-qq", "-e"])
        .arg("trace=execve,execveat,fork,vfork,clone,clone3")
        .arg("-o")
        .arg(&log)
        .args(command)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .context("start strace")?;
    let text = std::fs::read(&log).unwrap_or_default();
    // A peer may end with an error of its own; where tracing is not allowed nothing was written.
    let nothing = text.is_empty() && !traced.success();
    Ok((!nothing).then(|| counted(&String::from_utf8_lossy(&text))))
}

/// Processes and programs in strace's lines, each of which begins with the number of a process.
fn counted(text: &str) -> (usize, usize) {
    let first = text.split_whitespace().next().unwrap_or_default();
    let (mut processes, mut programs) = (0, 0);
    let mut making_threads = BTreeSet::new();
    for line in text.lines() {
        let (process, call) = line.split_once(' ').unwrap_or_default();
        let call = call.trim_start();
        // What shares the caller's memory for good is a thread.
        let mut is_thread = call.contains("CLONE_THREAD");
        if call.contains("<unfinished") {
            if is_thread {
                making_threads.insert(process);
            }
            continue;
        }
        // `) = 0`; a call that another one interrupted ends on a later line, `<... execve resumed>`.
        let resumed = call.strip_prefix("<... ");
        is_thread |= resumed.is_some() && making_threads.remove(process);
        let result = call.rsplit_once("= ").map(|(_, result)| result.trim());
        let succeeded =
            result.is_some_and(|it| it.split(' ').next().unwrap_or("?").parse::<u32>().is_ok());
        let name = resumed.unwrap_or(call);
        if succeeded && name.starts_with("exec") {
            programs += usize::from(process != first);
        } else if succeeded && !is_thread {
            processes += 1;
        }
    }
    (processes, programs)
}

/// Processor time of a live process and of all its threads that ever were, in whole ticks.
pub(crate) fn cpu_of(process: u32) -> anyhow::Result<Duration> {
    let text = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    let fields: Vec<&str> = text
        .rsplit_once(')')
        .context("read /proc/…/stat")?
        .1
        .split_whitespace()
        .collect();
    let ticks = |index: usize| fields.get(index).and_then(|it| it.parse::<u64>().ok());
    let (Some(user), Some(system)) = (ticks(11), ticks(12)) else {
        anyhow::bail!("read /proc/{process}/stat");
    };
    let per_second = rustix::param::clock_ticks_per_second();
    Ok(Duration::from_secs_f64(
        (user + system) as f64 / per_second as f64,
    ))
}

/// A line of `/proc/<process>/status` in KiB.
pub(crate) fn memory_of(process: u32, line: &str) -> anyhow::Result<u64> {
    let text = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let value = text
        .lines()
        .find_map(|it| it.strip_prefix(line)?.strip_prefix(':'));
    let digits = value.and_then(|it| it.split_whitespace().next());
    digits
        .and_then(|it| it.parse().ok())
        .with_context(|| format!("read {line} of process {process}"))
}

/// The middle, the least and the most.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Middle {
    pub(crate) median: f64,
    pub(crate) least: f64,
    pub(crate) most: f64,
}

/// Of at least one value.
pub(crate) fn middle(values: impl Iterator<Item = f64>) -> Middle {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let at = |index: usize| values.get(index).copied().unwrap_or(f64::NAN);
    let half = values.len() / 2;
    let median = if values.len().is_multiple_of(2) && half > 0 {
        (at(half - 1) + at(half)) / 2.0
    } else {
        at(half)
    };
    Middle {
        median,
        least: at(0),
        most: at(values.len().saturating_sub(1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_and_failed_calls_are_no_children() {
        let text = "\
10 execve(\"/bin/a\", [\"a\"], 0x1 /* 3 vars */) = 0
10 clone3({flags=CLONE_VM|CLONE_THREAD, stack=0x1}, 88) = 11
10 clone(child_stack=NULL, flags=CLONE_CHILD_SETTID|SIGCHLD) = 12
12 execve(\"/usr/local/bin/b\", [\"b\"], 0x1) = -1 ENOENT (No such file or directory)
12 execve(\"/usr/bin/b\", [\"b\"], 0x1 <unfinished ...>
10 vfork( <unfinished ...>
12 <... execve resumed>)            = 0
10 clone3({flags=CLONE_VM|CLONE_THREAD, stack=0x1} <unfinished ...>
10 <... clone3 resumed> => {parent_tid=[14]}, 88) = 14
10 <... vfork resumed>)             = 13
";
        assert_eq!(counted(text), (2, 1));
    }

    #[test]
    fn median_of_an_even_number_lies_between() {
        let middle = middle([4.0, 1.0, 3.0, 2.0].into_iter());
        assert_eq!((middle.least, middle.median, middle.most), (1.0, 2.5, 4.0));
    }
}
