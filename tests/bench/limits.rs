//! What this machine can do at most, measured by programs of their own in the same run. Comes in: the
//! folder `DAICHO_BENCH_LIMITS` with the built programs `http` and `history`; goes out: their figures.
//! A figure that they do not print is not there.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Context;

/// Programs that measure limits.
#[derive(Debug)]
pub(crate) struct Limits {
    folder: PathBuf,
}

/// Processor time of one report at the limit, in microseconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HttpLimits {
    /// 50 KB report, zstd, parsed, hashed, stored durably, connection kept.
    pub(crate) whole: f64,
    /// The same over a new connection with both certificates.
    pub(crate) new_connection: f64,
    /// 48 bytes, stored durably.
    pub(crate) digest: f64,
}

/// The best storage design of the limits.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HistoryLimits {
    pub(crate) megabytes: f64,
    /// Microseconds of processor a report.
    pub(crate) cpu: f64,
}

impl Limits {
    /// From the environment, or why not.
    pub(crate) fn new() -> Result<Self, String> {
        let folder = std::env::var_os("DAICHO_BENCH_LIMITS")
            .map(PathBuf::from)
            .ok_or("DAICHO_BENCH_LIMITS is not set")?;
        for name in ["http", "history"] {
            if !folder.join(name).is_file() {
                return Err(format!("no program `{name}` in DAICHO_BENCH_LIMITS"));
            }
        }
        Ok(Self { folder })
    }

    fn lines(&self, program: &str, arguments: &[String]) -> anyhow::Result<String> {
        let ran = Command::new(self.folder.join(program))
            .args(arguments)
            .output()
            .with_context(|| format!("start `{program}`"))?;
        anyhow::ensure!(
            ran.status.success(),
            "{}",
            String::from_utf8_lossy(&ran.stderr)
        );
        Ok(String::from_utf8_lossy(&ran.stdout).into_owned())
    }

    pub(crate) fn http(&self) -> anyhow::Result<HttpLimits> {
        let text = self.lines("http", &["0.5".to_owned()])?;
        let figure = |name: &str| {
            between(&text, name, "server cpu ", " us")
                .with_context(|| format!("find `{name}` in what `http` printed"))
        };
        Ok(HttpLimits {
            whole: figure("keep-alive, zstd -> durable store, 16 conns")?,
            new_connection: figure("new conn full, zstd -> durable store, 64")?,
            digest: figure("keep-alive, digest only -> durable, 64")?,
        })
    }

    pub(crate) fn history(&self, hosts: u64, days: u64) -> anyhow::Result<HistoryLimits> {
        let arguments = ["sim".to_owned(), hosts.to_string(), days.to_string()];
        let text = self.lines("history", &arguments)?;
        let design = "E2 hybrid";
        let figure = |before, after| {
            between(&text, design, before, after)
                .with_context(|| format!("find `{design}` in what `history` printed"))
        };
        Ok(HistoryLimits {
            megabytes: figure("then ", " MB/host-year")?,
            cpu: figure("row writes and ", " us CPU")?,
        })
    }
}

/// The number between two texts in the line that begins so.
fn between(text: &str, line: &str, before: &str, after: &str) -> Option<f64> {
    let line = text.lines().find(|it| it.starts_with(line))?;
    let (_, rest) = line.split_once(before)?;
    rest.split_once(after)?.0.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_read_from_their_line_alone() {
        let text = "a: server cpu   9.0 us\nE2 hybrid: CAS: first  8.2 KB/host, then   1.240 MB/host-year;\n";
        assert_eq!(between(text, "E2", "then ", " MB/host-year"), Some(1.24));
        assert_eq!(between(text, "a:", "server cpu ", " us"), Some(9.0));
        assert_eq!(between(text, "b:", "server cpu ", " us"), None);
    }
}
