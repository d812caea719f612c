//! The table. Comes in: figures with their limits; goes out: one page of text. It decides nothing
//! but whether a figure keeps its limit.

use std::fmt::Write as _;
use std::process::Command;

use crate::ground::Ground;

/// One figure and what it is held against.
#[derive(Debug)]
struct Row {
    measure: String,
    value: String,
    limit: String,
    verdict: &'static str,
}

/// The whole page.
#[derive(Debug)]
pub(crate) struct Page {
    head: Vec<String>,
    rows: Vec<Row>,
    details: Vec<String>,
}

const KEPT: &str = "○";
const BROKEN: &str = "×";

/// Which side of the limit is good.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Bound {
    AtMost(f64),
    AtLeast(f64),
}

impl Page {
    pub(crate) fn new(ground: &Ground, isolated: bool) -> Self {
        let mut head = vec![
            "# 性能の測定 / Benchmarks".to_owned(),
            "`cargo run --release -p daicho-tests --bin daicho-bench -- --write` が書いたものです。\
             手では直しません。○ は限度内、× は限度外、SKIP は測れなかったもの（理由つき）です。\n\
             Written by that command, never by hand. ○ keeps the limit, × does not, SKIP could not be \
             measured here, and why."
                .to_owned(),
        ];
        let network = if isolated {
            "どのプログラムも同じ、外へ出られない網の中で / every program in the same network without a way out"
        } else {
            "SKIP 専用の網：この機械の網のまま / network of its own: measured in the machine's own network"
        };
        head.push(format!("- {}\n- {network}", machine()));
        if let Ok(file) = std::fs::metadata(&ground.agent) {
            head.push(format!(
                "- daicho-agent: {:.2} MiB",
                file.len() as f64 / (1024.0 * 1024.0)
            ));
        }
        Self {
            head,
            rows: Vec::new(),
            details: Vec::new(),
        }
    }

    /// A figure with its limit.
    pub(crate) fn judged(&mut self, measure: &str, value: f64, unit: &str, bound: Bound) {
        let (limit, kept) = match bound {
            Bound::AtMost(most) => (format!("≤ {} {unit}", number(most)), value <= most),
            Bound::AtLeast(least) => (format!("≥ {} {unit}", number(least)), value >= least),
        };
        self.rows.push(Row {
            measure: measure.to_owned(),
            value: format!("{} {unit}", number(value)),
            limit,
            verdict: if kept { KEPT } else { BROKEN },
        });
    }

    /// A figure without a limit of its own.
    pub(crate) fn shown(&mut self, measure: &str, value: f64, unit: &str) {
        self.rows.push(Row {
            measure: measure.to_owned(),
            value: format!("{} {unit}", number(value)),
            limit: String::new(),
            verdict: "",
        });
    }

    /// What could not be measured.
    pub(crate) fn skipped(&mut self, measure: &str, reason: &str) {
        eprintln!("SKIP {measure}: {reason}");
        self.rows.push(Row {
            measure: measure.to_owned(),
            value: format!("SKIP {reason}"),
            limit: String::new(),
            verdict: "",
        });
    }

    /// A part with its own text.
    pub(crate) fn detail(&mut self, text: String) {
        self.details.push(text);
    }

    pub(crate) fn is_broken(&self) -> bool {
        self.rows.iter().any(|row| row.verdict == BROKEN)
    }

    pub(crate) fn text(&self) -> String {
        let mut text = self.head.join("\n\n");
        text.push_str(
            "\n\n| 測ったもの / measured | 値 / value | 限度 / limit | |\n|---|---:|---:|:-:|\n",
        );
        for row in &self.rows {
            let Row {
                measure,
                value,
                limit,
                verdict,
            } = row;
            // Writing into a text cannot fail.
            let _ = writeln!(text, "| {measure} | {value} | {limit} | {verdict} |");
        }
        for detail in &self.details {
            text.push('\n');
            text.push_str(detail);
        }
        text
    }
}

/// Four significant digits, and whole numbers as they are.
pub(crate) fn number(value: f64) -> String {
    let magnitude = value.abs();
    if value.fract() == 0.0 && magnitude < 1e9 || magnitude >= 1000.0 {
        format!("{value:.0}")
    } else if magnitude >= 100.0 {
        format!("{value:.1}")
    } else if magnitude >= 10.0 {
        format!("{value:.2}")
    } else if magnitude >= 0.1 {
        format!("{value:.3}")
    } else {
        format!("{value:.4}")
    }
}

/// Kernel, processor, load, time and commit.
fn machine() -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let kernel = read("/proc/sys/kernel/osrelease");
    let model = read("/proc/cpuinfo");
    let model = model
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
        .map_or("?", |(_, name)| name);
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let load = read("/proc/loadavg");
    let load: Vec<&str> = load.split_whitespace().take(3).collect();
    let git = Command::new("git")
        .args(["log", "-1", "--format=%h %cs"])
        .current_dir(daicho_tests::root())
        .output();
    let commit = git.map_or_else(
        |_| String::new(),
        |out| String::from_utf8_lossy(&out.stdout).trim().to_owned(),
    );
    format!(
        "Linux {}, {model}, {cores} cores, load {} , commit {commit}",
        kernel.trim(),
        load.join(" ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_what_matters() {
        let texts = [40_000.0, 0.150_04, 0.012, 12.346, 1234.6, 0.0].map(number);
        assert_eq!(texts, ["40000", "0.150", "0.0120", "12.35", "1235", "0"]);
    }
}
