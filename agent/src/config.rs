//! Settings: `agent.toml` in the state folder, or another file that was named. Comes in: a file;
//! goes out: checked values. A key that this agent does not know is an error that names it.

use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::message::{Exit, Lang, Told};
use crate::spool::SpoolLimit;
use crate::submit::{NEXT_REPORT_MAX_S, NEXT_REPORT_MIN_S};

#[cfg(test)]
mod tests;

/// A commented file with every key.
pub const SAMPLE: &str = include_str!("config/agent.toml");

const BYTES_MAX: u64 = 64 << 10;

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The system refused.
    #[error("read `{0}`")]
    File(PathBuf, #[source] io::Error),
    /// Not TOML, or a key or value that is not known; the cause names the line.
    #[error("understand `{0}`")]
    Shape(PathBuf, #[source] Box<toml::de::Error>),
    /// A value outside its range.
    #[error("use `{key}` in `{path}`: want {least} to {most}")]
    Range {
        /// Which file.
        path: PathBuf,
        /// Which key.
        key: &'static str,
        /// From.
        least: u64,
        /// To.
        most: u64,
    },
}

impl Told for ConfigError {
    fn code(&self) -> &'static str {
        "AGT-025"
    }
    fn exit(&self) -> Exit {
        Exit::Usage
    }
    fn detail(&self, _lang: Lang) -> String {
        match self {
            Self::File(path, _) | Self::Shape(path, _) | Self::Range { path, .. } => {
                path.display().to_string()
            }
        }
    }
}

/// How much is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// What a person must act on.
    Error,
    /// And what looks wrong.
    Warn,
    /// And what was done.
    Info,
    /// And each step.
    Debug,
    /// And everything.
    Trace,
}

impl LogLevel {
    /// As the log's own filter.
    #[must_use]
    pub fn filter(self) -> tracing_subscriber::filter::LevelFilter {
        use tracing_subscriber::filter::LevelFilter;
        match self {
            Self::Error => LevelFilter::ERROR,
            Self::Warn => LevelFilter::WARN,
            Self::Info => LevelFilter::INFO,
            Self::Debug => LevelFilter::DEBUG,
            Self::Trace => LevelFilter::TRACE,
        }
    }
}

/// The settings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Config {
    /// Language of messages, unless the command line says otherwise.
    pub lang: Option<Lang>,
    /// What is logged, unless the command line or `RUST_LOG` says otherwise.
    pub log: Option<LogLevel>,
    /// Seconds between reports until the collector says otherwise.
    pub interval_s: Option<u32>,
    /// Bounds of the spool.
    pub spool: SpoolLimit,
}

/// The file as it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ConfigFile {
    lang: Option<Lang>,
    log: Option<LogLevel>,
    interval_s: Option<u32>,
    spool: SpoolFile,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct SpoolFile {
    max_reports: Option<u64>,
    max_mib: Option<u64>,
}

impl SpoolFile {
    fn limit(&self, path: &Path) -> Result<SpoolLimit, ConfigError> {
        let mut limit = SpoolLimit::default();
        if let Some(reports) = self.max_reports {
            let reports = within(path, "spool.max_reports", reports, 1, 10_000)?;
            limit.reports = usize::try_from(reports).unwrap_or(limit.reports);
        }
        if let Some(mib) = self.max_mib {
            limit.bytes = within(path, "spool.max_mib", mib, 8, 4_096)? << 20;
        }
        Ok(limit)
    }
}

impl Config {
    /// The file that was named, or the one in the state folder, or the defaults where there is none.
    pub fn load(named: Option<&Path>, state: &Path) -> Result<Self, ConfigError> {
        let path = named.map_or_else(|| state.join(crate::state::SETTINGS), Path::to_owned);
        match read(&path) {
            Ok(text) => Self::parse(&text, &path),
            Err(error) if named.is_none() && is_absent(&error) => Ok(Self::default()),
            Err(error) => Err(ConfigError::File(path, error)),
        }
    }

    /// Reads the text of a settings file; `path` is for messages.
    pub fn parse(text: &str, path: &Path) -> Result<Self, ConfigError> {
        let file: ConfigFile = toml::from_str(text)
            .map_err(|error| ConfigError::Shape(path.to_owned(), Box::new(error)))?;
        let least = u64::from(NEXT_REPORT_MIN_S);
        let most = u64::from(NEXT_REPORT_MAX_S);
        if let Some(interval_s) = file.interval_s {
            within(path, "interval_s", u64::from(interval_s), least, most)?;
        }
        Ok(Self {
            lang: file.lang,
            log: file.log,
            interval_s: file.interval_s,
            spool: file.spool.limit(path)?,
        })
    }
}

fn within(
    path: &Path,
    key: &'static str,
    value: u64,
    least: u64,
    most: u64,
) -> Result<u64, ConfigError> {
    if (least..=most).contains(&value) {
        return Ok(value);
    }
    Err(ConfigError::Range {
        path: path.to_owned(),
        key,
        least,
        most,
    })
}

fn read(path: &Path) -> io::Result<String> {
    if std::fs::metadata(path)?.len() > BYTES_MAX {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    std::fs::read_to_string(path)
}

/// No file; a folder that may not be entered is told by what really needs it.
fn is_absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::PermissionDenied
    )
}
