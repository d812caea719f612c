//! The thread that runs probes, so that one which hangs in the kernel (a device that died, a mount
//! that nobody answers) can be left behind. A probe that was left behind is not started again before
//! it has come back: however often the agent collects, one thread hangs for each such probe at most.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use daicho_report::Reason;

use super::ground::Ground;
use super::job::{Job, Learnt};

/// Probes read files and parse; none needs more.
const STACK_BYTES: usize = 1 << 20;

/// Kinds of probes that were left behind and have not come back.
static STUCK: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());

fn stuck() -> MutexGuard<'static, BTreeSet<&'static str>> {
    STUCK.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A thread that runs one probe after the other.
pub(super) struct Worker {
    jobs: Option<Sender<Arc<Job>>>,
    answers: Receiver<Vec<Learnt>>,
    left_behind: Arc<AtomicBool>,
}

impl Worker {
    pub(super) fn start(ground: &Arc<Ground>) -> Self {
        let (jobs, todo) = channel::<Arc<Job>>();
        let (answer, answers) = channel();
        let left_behind = Arc::new(AtomicBool::new(false));
        let (ground, left) = (Arc::clone(ground), Arc::clone(&left_behind));
        let work = move || {
            for job in todo {
                let learnt = job.read(&ground);
                // The lock orders this against being left behind.
                let mut stuck = stuck();
                if left.load(Ordering::SeqCst) {
                    stuck.remove(job.kind);
                    return;
                }
                drop(stuck);
                if answer.send(learnt).is_err() {
                    return;
                }
            }
        };
        let thread = std::thread::Builder::new()
            .name("probe".to_owned())
            .stack_size(STACK_BYTES)
            .spawn(work);
        Self {
            jobs: thread.is_ok().then_some(jobs),
            answers,
            left_behind,
        }
    }

    /// Runs a probe; waits no longer than this.
    pub(super) fn ask(&mut self, job: &Arc<Job>, wait: Duration) -> Result<Vec<Learnt>, Reason> {
        if stuck().contains(job.kind) {
            return Err(Reason::TimedOut);
        }
        let no_thread = || Reason::failed("no thread");
        let jobs = self.jobs.as_ref().ok_or_else(no_thread)?;
        jobs.send(Arc::clone(job)).map_err(|_| no_thread())?;
        match self.answers.recv_timeout(wait) {
            Ok(learnt) => Ok(learnt),
            Err(RecvTimeoutError::Timeout) => self.leave(job.kind),
            Err(RecvTimeoutError::Disconnected) => {
                self.jobs = None;
                Err(Reason::failed("probe broke off"))
            }
        }
    }

    fn leave(&mut self, kind: &'static str) -> Result<Vec<Learnt>, Reason> {
        let mut stuck = stuck();
        // It may have come back while the lock was waited for.
        if let Ok(learnt) = self.answers.try_recv() {
            return Ok(learnt);
        }
        self.left_behind.store(true, Ordering::SeqCst);
        stuck.insert(kind);
        self.jobs = None;
        Err(Reason::TimedOut)
    }

    /// Whether another thread is needed for what comes next.
    pub(super) fn is_lost(&self) -> bool {
        self.jobs.is_none()
    }
}
