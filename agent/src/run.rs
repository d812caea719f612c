//! The agent as a service: report, heartbeat, goodbye, until the system says stop. Comes in: the
//! state folder, settings and a source of facts; goes out: reports at the collector. It opens no
//! port and does nothing that the collector has no field for.

mod pace;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use daicho_report::GoodbyeCause;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, sleep_until, timeout};

pub use pace::{Chance, Pace};

use crate::clock;
use crate::collect::{Budget, Collected, boot_id, collect};
use crate::enrol::{EnrolError, Standing, ask};
use crate::message::{Exit, Lang, Told, chain, fill};
use crate::platform::Source;
use crate::platform::stop::Stop;
use crate::spool::SpoolLimit;
use crate::state::{StateError, StateFolder};
use crate::submit::{CollectError, Enrolled, Sent, Server};

#[cfg(test)]
mod tests;

const HEARTBEAT_S: u64 = 60;
/// How long the goodbye may take; a system that shuts down waits for nobody.
const GOODBYE_S: u64 = 5;
/// Bounds of what the collector says about asking again for a certificate.
const PENDING_S: std::ops::RangeInclusive<u32> = 10..=3_600;

/// What `run` is told.
#[derive(Debug, Clone)]
pub struct RunOptions {
    /// Where the state is.
    pub state: PathBuf,
    /// Seconds between reports until the collector says otherwise.
    pub interval_s: u32,
    /// The first report at once instead of after a random delay.
    pub first_now: bool,
    /// Bounds of the spool.
    pub spool: SpoolLimit,
    /// Goes before the address of the enrolment.
    pub server: Option<Server>,
}

/// Why the agent ended without having been asked to.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// Enrolment.
    #[error("enrol")]
    Enrol(#[source] EnrolError),
    /// A report that no later try can save.
    #[error("go on reporting")]
    Collect(#[source] CollectError),
    /// The collection itself broke off.
    #[error("collect")]
    Collection(#[source] tokio::task::JoinError),
}

impl Told for RunError {
    fn code(&self) -> &'static str {
        match self {
            Self::Enrol(error) => error.code(),
            Self::Collect(error) => error.code(),
            Self::Collection(_) => "AGT-032",
        }
    }
    fn exit(&self) -> Exit {
        match self {
            Self::Enrol(error) => error.exit(),
            Self::Collect(error) => error.exit(),
            Self::Collection(_) => Exit::Failed,
        }
    }
    fn detail(&self, lang: Lang) -> String {
        match self {
            Self::Enrol(error) => error.detail(lang),
            Self::Collect(error) => error.detail(lang),
            Self::Collection(_) => String::new(),
        }
    }
}

/// Runs until `stop` is ready.
pub async fn run(options: &RunOptions, mut stop: Stop) -> Result<(), RunError> {
    let folder = StateFolder::open(&options.state)
        .map_err(|error| RunError::Enrol(EnrolError::State(error)))?;
    let Some(folder) = wait_for_certificate(folder, options, &mut stop).await? else {
        return Ok(());
    };
    let mut enrolled = Enrolled::open(folder, options.spool, options.server.as_ref())
        .map_err(RunError::Collect)?;
    enrolled.started(boot_id(&Source::live()));
    let mut chance = Chance::default();
    let interval_s = enrolled.progress().next_report_s;
    let mut pace = Pace::new(interval_s.unwrap_or(options.interval_s));
    let first_s = if options.first_now {
        0
    } else {
        pace.first_s(&mut chance)
    };
    tracing::info!(stage = "run", first_s, "agent started");
    let result = keep_reporting(&mut enrolled, &mut pace, &mut chance, first_s, &mut stop).await;
    if result.is_ok() {
        say_goodbye(&enrolled).await;
    }
    result
}

async fn keep_reporting(
    enrolled: &mut Enrolled,
    pace: &mut Pace,
    chance: &mut Chance,
    first_s: u64,
    stop: &mut Stop,
) -> Result<(), RunError> {
    let mut said = None;
    let mut next = Instant::now() + Duration::from_secs(first_s);
    let mut beat = interval(Duration::from_secs(HEARTBEAT_S));
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let report_is_due = tokio::select! {
            biased;
            () = stop.as_mut() => return Ok(()),
            () = sleep_until(next) => true,
            _ = beat.tick() => false,
        };
        let work = async {
            if report_is_due {
                let result = report_once(enrolled, &mut said).await?;
                Ok(Some(pace.after(&result, chance)))
            } else {
                heartbeat(enrolled).await.map(|()| None)
            }
        };
        // What is dropped half way lies in the spool and goes on at the next start.
        let waited = tokio::select! {
            biased;
            () = stop.as_mut() => return Ok(()),
            waited = work => waited?,
        };
        if let Some(wait_s) = waited {
            tracing::debug!(stage = "run", next_report_s = wait_s);
            next = Instant::now() + Duration::from_secs(wait_s);
        }
    }
}

/// Collects, keeps and sends; `None` says that it is to be tried again sooner. `said` is the code of
/// the trouble that was told last: a person is told once, with the next step.
async fn report_once(
    enrolled: &mut Enrolled,
    said: &mut Option<&'static str>,
) -> Result<Option<Sent>, RunError> {
    let collected = collected().await.map_err(RunError::Collection)?;
    let source = crate::collect::source_name(&Source::live());
    let result = match enrolled.keep(collected, source) {
        Ok(_) => enrolled.send().await,
        // A full disk must not keep back what lies in the spool already.
        Err(error) => match enrolled.send().await {
            Ok(_) => Err(error),
            Err(worse) if worse.is_final() => Err(worse),
            Err(_) => Err(error),
        },
    };
    match result {
        Ok(sent) => {
            tracing::info!(
                stage = "submit",
                acknowledged = sent.acknowledged,
                "reports stored"
            );
            *said = None;
            Ok(Some(sent))
        }
        Err(error) if error.is_final() => Err(RunError::Collect(error)),
        Err(error) => {
            tell(&error, said);
            Ok(None)
        }
    }
}

fn tell(error: &CollectError, said: &mut Option<&'static str>) {
    let code = error.code();
    let cause = chain(error);
    if said.replace(code) == Some(code) {
        tracing::debug!(stage = "submit", code, error = cause, "will try again");
        return;
    }
    let told = fill(code, Lang::default(), &error.detail(Lang::default()));
    tracing::warn!(
        stage = "submit",
        code,
        told,
        error = cause,
        "will try again"
    );
}

/// Collects once, beside the runtime, so that heartbeats and the wish to stop are not kept waiting.
pub async fn collected() -> Result<Collected, tokio::task::JoinError> {
    tokio::task::spawn_blocking(|| {
        let source = Arc::new(Source::live());
        collect(&source, clock::now(), &Budget::default())
    })
    .await
}

async fn heartbeat(enrolled: &Enrolled) -> Result<(), RunError> {
    match enrolled.heartbeat().await {
        Err(error) if error.is_final() => Err(RunError::Collect(error)),
        Err(error) => {
            tracing::debug!(stage = "heartbeat", error = chain(&error));
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}

async fn say_goodbye(enrolled: &Enrolled) {
    let goodbye = enrolled.goodbye(GoodbyeCause::Stop);
    match timeout(Duration::from_secs(GOODBYE_S), goodbye).await {
        Ok(Ok(())) => tracing::info!(stage = "goodbye", "agent stopped"),
        Ok(Err(error)) => tracing::warn!(stage = "goodbye", error = chain(&error)),
        Err(_) => tracing::warn!(stage = "goodbye", "no answer in time"),
    }
}

/// Asks again until a person has approved; `None` when the system says stop before.
async fn wait_for_certificate(
    folder: StateFolder,
    options: &RunOptions,
    stop: &mut Stop,
) -> Result<Option<StateFolder>, RunError> {
    let state = |error: StateError| RunError::Enrol(EnrolError::State(error));
    let mut pace = Pace::new(*PENDING_S.start());
    let mut chance = Chance::default();
    let mut host_name = None;
    loop {
        let missing = || state(StateError::NotEnrolled(folder.path().to_owned()));
        let mut identity = folder.identity().map_err(state)?.ok_or_else(missing)?;
        if identity.issued.is_some() {
            return Ok(Some(folder));
        }
        if let Some(server) = &options.server {
            identity.server = server.as_str().to_owned();
        }
        let asking = async {
            // Collected once: a person may take days to approve.
            let host_name = match &host_name {
                Some(name) => name,
                None => {
                    let collected = collected().await.map_err(RunError::Collection)?;
                    host_name.insert(collected.host_name.unwrap_or_default())
                }
            };
            Ok(ask(&folder, identity, host_name, clock::now()).await)
        };
        let asked = tokio::select! {
            biased;
            () = stop.as_mut() => return Ok(None),
            asked = asking => asked?,
        };
        let wait_s = match asked {
            Ok(Standing::Issued(_)) => continue,
            Ok(Standing::Pending { retry_after_s }) => {
                tracing::info!(stage = "enrol", retry_after_s, "waiting for approval");
                u64::from(retry_after_s.clamp(*PENDING_S.start(), *PENDING_S.end()))
            }
            Err(error) if can_wait(&error) => {
                tracing::warn!(stage = "enrol", error = chain(&error), "will try again");
                pace.after(&None, &mut chance)
            }
            Err(error) => return Err(RunError::Enrol(error)),
        };
        tokio::select! {
            biased;
            () = stop.as_mut() => return Ok(None),
            () = sleep(Duration::from_secs(wait_s)) => {}
        }
    }
}

/// Whether time alone may help: the collector was not there, or was too busy.
fn can_wait(error: &EnrolError) -> bool {
    let EnrolError::Submit(error) = error else {
        return false;
    };
    match error.status() {
        Some(status) => status == 429 || status >= 500,
        None => error.code() == "AGT-007",
    }
}
