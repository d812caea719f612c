//! `report`, `record` and `replay`.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use daicho_agent::clock;
use daicho_agent::collect::{Budget, collect, source_name};
use daicho_agent::config::Config;
use daicho_agent::message::{Exit, Failure, Lang, Told};
use daicho_agent::platform::Source;
use daicho_agent::report::{indented, picture};
use daicho_agent::state::{StateError, StateFolder};
use daicho_agent::submit::Enrolled;

use super::Out;

/// Options of `report`.
#[derive(Debug, Args)]
pub(super) struct ReportArgs {
    /// 書き出すファイル / write to this file instead
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    form: FormArgs,
}

/// How JSON is printed.
#[derive(Debug, Args)]
struct FormArgs {
    /// 一行のJSON / JSON in one line
    #[arg(long, conflicts_with = "pretty")]
    json: bool,
    /// 字下げしたJSON（端末への表示では既定） / indented JSON, the default on a terminal
    #[arg(long)]
    pretty: bool,
}

impl FormArgs {
    fn apply(&self, json: String) -> String {
        let pretty = self.pretty || (!self.json && std::io::stdout().is_terminal());
        if pretty { indented(&json) } else { json }
    }
}

/// Options of `record`.
#[derive(Debug, Args)]
pub(super) struct RecordArgs {
    /// 機器名・利用者名・製造番号などを伏せる / hide names of machines and users, serial numbers and the like
    #[arg(long)]
    redact: bool,
    /// 記録先のフォルダ / folder for the recording
    dir: PathBuf,
}

/// Options of `replay`.
#[derive(Debug, Args)]
pub(super) struct ReplayArgs {
    /// 記録のフォルダ / folder of the recording
    dir: PathBuf,
    #[command(flatten)]
    form: FormArgs,
}

/// A recording could not be used.
#[derive(Debug, thiserror::Error)]
#[error("use the recording `{dir}`")]
struct RecordingError {
    dir: PathBuf,
    #[source]
    source: Box<dyn std::error::Error + Send + Sync>,
}

impl Told for RecordingError {
    fn code(&self) -> &'static str {
        "AGT-026"
    }
    fn exit(&self) -> Exit {
        Exit::Refused
    }
    fn detail(&self, _lang: Lang) -> String {
        self.dir.display().to_string()
    }
}

fn recording_error<E: std::error::Error + Send + Sync + 'static>(dir: &Path, error: E) -> Failure {
    Failure::from(RecordingError {
        dir: dir.to_owned(),
        source: Box::new(error),
    })
}

pub(super) fn report(
    args: &ReportArgs,
    state: &Path,
    config: &Config,
    out: &Out,
) -> Result<Exit, Failure> {
    let source = Arc::new(Source::live());
    let collected = collect(&source, clock::now(), &Budget::default());
    let Some(path) = &args.out else {
        let picture = picture(collected, source_name(&source), clock::now())?;
        return out.print(&args.form.apply(picture));
    };
    if let Some(folder) = enrolled(state)? {
        // A link in the same chain as every other report: carried by hand or sent later, or both.
        let mut enrolled = Enrolled::open(folder, config.spool, None)?;
        let report = enrolled.keep(collected, source_name(&source))?;
        let json =
            serde_json::to_string(&report).map_err(daicho_agent::report::ReportError::Encode)?;
        out.write(path, &json)?;
        out.say("written-signed", &path.display().to_string());
    } else {
        let picture = picture(collected, source_name(&source), clock::now())?;
        // A file is for the collector: line breaks only where somebody asks for them.
        let picture = if args.form.pretty {
            indented(&picture)
        } else {
            picture
        };
        out.write(path, &picture)?;
        out.say("written-unsigned", &path.display().to_string());
    }
    Ok(Exit::Done)
}

/// The state folder, if this machine is enrolled and this account may use it.
fn enrolled(state: &Path) -> Result<Option<StateFolder>, Failure> {
    let looked = match StateFolder::look(state) {
        Ok(folder) => folder.identity(),
        Err(StateError::NotEnrolled(_)) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    match looked?.and_then(|identity| identity.issued) {
        Some(_) => Ok(Some(StateFolder::open(state)?)),
        None => Ok(None),
    }
}

pub(super) fn record(args: &RecordArgs, out: &Out) -> Result<Exit, Failure> {
    let source = Arc::new(Source::recording());
    let _ = collect(&source, clock::now(), &Budget::default());
    source
        .save(&args.dir, args.redact)
        .map_err(|error| recording_error(&args.dir, error))?;
    out.say("recorded", &args.dir.display().to_string());
    Ok(Exit::Done)
}

pub(super) fn replay(args: &ReplayArgs, out: &Out) -> Result<Exit, Failure> {
    let source = Source::recorded(&args.dir).map_err(|error| recording_error(&args.dir, error))?;
    let source = Arc::new(source);
    let at = clock::now();
    let collected = collect(&source, at, &Budget::default());
    let picture = picture(collected, source_name(&source), at)?;
    out.print(&args.form.apply(picture))
}
