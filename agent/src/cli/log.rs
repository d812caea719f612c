//! The program's own log. Comes in: a level and where its lines go; goes out: lines with fields, on
//! stderr, or in a file of bounded size where nobody sees stderr. What cannot be written is lost and
//! holds nothing up.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use daicho_agent::config::{Config, LogLevel};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;

#[cfg(test)]
mod tests;

/// Its name in the state folder; the one before ends in `.1`.
pub(super) const NAME: &str = "agent.log";
/// Size at which a new one is begun.
const BYTES_MAX: u64 = 1 << 20;

/// The command line goes before `RUST_LOG`, that before the settings. With a folder the lines go into
/// its file.
pub(super) fn start(level: Option<LogLevel>, config: &Config, folder: Option<&Path>) {
    let named = std::env::var("RUST_LOG").ok();
    // What cannot be understood is as if it were not there.
    let named = named.filter(|it| level.is_none() && !it.is_empty());
    let named = named.and_then(|it| it.parse::<Targets>().ok());
    let filter = named.unwrap_or_else(|| {
        let level = level.or(config.log).unwrap_or(LogLevel::Info);
        Targets::new()
            .with_default(LevelFilter::WARN)
            .with_target("daicho_agent", level.filter())
    });
    let lines = tracing_subscriber::fmt()
        .with_max_level(LevelFilter::TRACE)
        .with_ansi(false);
    // A second subscriber is only there in tests.
    let _ = match folder {
        Some(folder) => {
            let file = Mutex::new(LogFile::at(folder.join(NAME), BYTES_MAX));
            let log = lines.with_writer(file).finish().with(filter);
            tracing::subscriber::set_global_default(log)
        }
        None => {
            let log = lines.with_writer(io::stderr).finish().with(filter);
            tracing::subscriber::set_global_default(log)
        }
    };
}

/// A file that is begun anew when it is full.
struct LogFile {
    path: PathBuf,
    max: u64,
    open: Option<(File, u64)>,
}

impl LogFile {
    fn at(path: PathBuf, max: u64) -> Self {
        Self {
            path,
            max,
            open: None,
        }
    }

    fn put(&mut self, line: &[u8]) -> io::Result<()> {
        let length = u64::try_from(line.len()).unwrap_or(u64::MAX);
        let full = |size: u64| size > 0 && size.saturating_add(length) > self.max;
        if self.open.as_ref().is_some_and(|(_, size)| full(*size)) {
            self.open = None;
        }
        let (file, size) = match &mut self.open {
            Some(open) => open,
            None => {
                let there = std::fs::metadata(&self.path).map_or(0, |it| it.len());
                if full(there) {
                    std::fs::rename(&self.path, self.path.with_extension("log.1"))?;
                }
                let file = OpenOptions::new()
                    .create(true)
                    .append(true)
                    .open(&self.path)?;
                let size = file.metadata()?.len();
                self.open.insert((file, size))
            }
        };
        file.write_all(line)?;
        *size = size.saturating_add(length);
        Ok(())
    }
}

impl Write for LogFile {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.put(line).is_err() {
            // Tried again at the next line: a disk may have room then.
            self.open = None;
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
