//! `run` and `send`.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use daicho_agent::clock;
use daicho_agent::collect::{Budget, collect, source_name};
use daicho_agent::config::Config;
use daicho_agent::enrol::EnrolError;
use daicho_agent::message::{Exit, Failure, Told};
use daicho_agent::platform::Source;
use daicho_agent::platform::stop::{self, Stop};
use daicho_agent::run::RunOptions;
use daicho_agent::state::StateFolder;
use daicho_agent::submit::{Enrolled, NEXT_REPORT_MAX_S, NEXT_REPORT_MIN_S, Server};
use tokio::runtime::Runtime;

use super::Out;

/// Until the collector says otherwise.
const INTERVAL_S: u32 = 3_600;

/// Options of `run`.
#[derive(Debug, Args)]
pub(super) struct RunArgs {
    /// 収集サーバが指定するまでの報告の間隔（秒） / seconds between reports until the collector says otherwise
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32)
        .range(i64::from(NEXT_REPORT_MIN_S)..=i64::from(NEXT_REPORT_MAX_S)))]
    interval_s: Option<u32>,
    /// 最初の報告をすぐに送る / the first report at once, without a random delay
    #[arg(long)]
    first_now: bool,
    #[command(flatten)]
    server: ServerArgs,
}

/// Options of `send`.
#[derive(Debug, Args)]
pub(super) struct SendArgs {
    #[command(flatten)]
    server: ServerArgs,
}

/// Where the collector is now.
#[derive(Debug, Args)]
struct ServerArgs {
    /// 登録時と違うアドレスの収集サーバ（CAは登録時のものだけを信頼する） / the collector, where its
    /// address is another one than at enrolment; only the CA of the enrolment is trusted
    #[arg(long, value_name = "URL")]
    server: Option<String>,
}

impl ServerArgs {
    fn read(&self) -> Result<Option<Server>, Failure> {
        let read = |url: &String| {
            Server::parse(url).map_err(|error| EnrolError::Server(error, url.clone()).into())
        };
        self.server.as_ref().map(read).transpose()
    }
}

#[derive(Debug, thiserror::Error)]
#[error("start the agent")]
struct StartError(#[source] io::Error);

impl Told for StartError {
    fn code(&self) -> &'static str {
        "AGT-032"
    }
}

/// One thread: the agent waits nearly all of its time.
pub(super) fn runtime() -> Result<Runtime, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(4)
        .build();
    runtime.map_err(|error| StartError(error).into())
}

pub(super) fn run(args: &RunArgs, state: &Path, config: &Config) -> Result<Exit, Failure> {
    let usual = options(state, config);
    let options = RunOptions {
        interval_s: args.interval_s.unwrap_or(usual.interval_s),
        first_now: args.first_now,
        server: args.server.read()?,
        ..usual
    };
    let runtime = runtime()?;
    let stop = {
        // Listening belongs to the runtime.
        let _inside = runtime.enter();
        stop::requested().map_err(StartError)?
    };
    until_in(runtime, &options, stop)?;
    Ok(Exit::Done)
}

/// What `run` does where nobody says otherwise.
pub(super) fn options(state: &Path, config: &Config) -> RunOptions {
    RunOptions {
        state: state.to_owned(),
        interval_s: config.interval_s.unwrap_or(INTERVAL_S),
        first_now: false,
        spool: config.spool,
        server: None,
    }
}

/// Keeps reporting until the stop.
pub(super) fn until(options: &RunOptions, stop: Stop) -> Result<(), Failure> {
    until_in(runtime()?, options, stop)
}

fn until_in(runtime: Runtime, options: &RunOptions, stop: Stop) -> Result<(), Failure> {
    let result = runtime.block_on(daicho_agent::run::run(options, stop));
    // A collection that hangs in the system must not keep the agent from ending.
    runtime.shutdown_timeout(Duration::from_secs(1));
    Ok(result?)
}

pub(super) fn send(
    args: &SendArgs,
    state: &Path,
    config: &Config,
    out: &Out,
) -> Result<Exit, Failure> {
    let server = args.server.read()?;
    let folder = StateFolder::open(state)?;
    let mut enrolled = Enrolled::open(folder, config.spool, server.as_ref())?;
    let source = Arc::new(Source::live());
    let collected = collect(&source, clock::now(), &Budget::default());
    enrolled.keep(collected, source_name(&source))?;
    let sent = runtime()?.block_on(enrolled.send())?;
    out.say("sent", &sent.acknowledged.to_string());
    Ok(Exit::Done)
}
