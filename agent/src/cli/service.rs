//! `service`: the agent as a service of Windows.

use std::path::Path;
use std::sync::OnceLock;

use clap::{Args, Subcommand};
use daicho_agent::config::Config;
use daicho_agent::message::{Exit, Failure, Told};
use daicho_agent::platform::daemon::{self, Act, ServiceError, Standing};
use daicho_agent::platform::stop::Stop;
use daicho_agent::state::{StateError, StateFolder};

use super::{Out, run};

/// What is asked of the service.
#[derive(Debug, Args)]
pub(super) struct ServiceArgs {
    #[command(subcommand)]
    act: ServiceAct,
}

impl ServiceArgs {
    /// Whether the system calls to run.
    pub(super) fn runs(&self) -> bool {
        matches!(self.act, ServiceAct::Run)
    }
}

#[derive(Debug, Clone, Copy, Subcommand)]
enum ServiceAct {
    /// 登録する（機器の起動とともに動く） / put it in; it starts with the machine
    Install,
    /// 取り除く（状態フォルダは残す） / take it out; the state folder stays
    Uninstall,
    /// 開始する / start it
    Start,
    /// 停止する / stop it
    Stop,
    /// 状態を表示する / how it stands
    Status,
    /// サービスの管理から呼ばれる（内部用） / called by the service manager
    #[command(hide = true)]
    Run,
}

#[derive(Debug, thiserror::Error)]
#[error("change the service")]
struct ChangeError(#[source] ServiceError);

impl Told for ChangeError {
    fn code(&self) -> &'static str {
        match self.0 {
            ServiceError::Unsupported => "AGT-037",
            ServiceError::System { .. } => "AGT-038",
        }
    }
    fn exit(&self) -> Exit {
        match self.0 {
            ServiceError::Unsupported => Exit::Usage,
            ServiceError::System { .. } => Exit::Failed,
        }
    }
}

/// What the service is to run with: the system calls it with no argument of ours.
static SETTINGS: OnceLock<(std::path::PathBuf, Config)> = OnceLock::new();

pub(super) fn service(
    args: &ServiceArgs,
    state: &Path,
    config: &Config,
    out: &Out,
) -> Result<Exit, Failure> {
    let act = match args.act {
        ServiceAct::Install => Act::Install,
        ServiceAct::Uninstall => Act::Uninstall,
        ServiceAct::Start => {
            // A service that cannot report is not started as if it did.
            let identity = StateFolder::look(state)?.identity()?;
            if identity.is_none_or(|it| it.issued.is_none()) {
                return Err(StateError::NotEnrolled(state.to_owned()).into());
            }
            Act::Start
        }
        ServiceAct::Stop => Act::Stop,
        ServiceAct::Status => Act::Status,
        ServiceAct::Run => {
            // Set once: a process is one service.
            let _ = SETTINGS.set((state.to_owned(), config.clone()));
            daemon::run(work).map_err(ChangeError)?;
            return Ok(Exit::Done);
        }
    };
    let standing = daemon::act(act, state).map_err(ChangeError)?;
    let key = match standing {
        Standing::Absent => "service_absent",
        Standing::Stopped => "service_stopped",
        Standing::Running => "service_running",
        Standing::Changing => "service_changing",
    };
    out.say(key, "");
    Ok(Exit::Done)
}

/// The service itself: the same as `run`, bounded, with its beginning and its failure in the log of
/// events.
fn work(stop: Stop) -> u32 {
    let Some((state, config)) = SETTINGS.get() else {
        return 1;
    };
    daemon::step_back();
    daemon::event(false, "Daicho agent started / 開始しました");
    match run::until(&run::options(state, config), stop) {
        Ok(()) => {
            daemon::event(false, "Daicho agent stopped / 停止しました");
            0
        }
        Err(failure) => {
            daemon::event(true, &failure.text(config.lang.unwrap_or_default()));
            u32::from(failure.exit().code())
        }
    }
}
