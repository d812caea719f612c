//! WMI and Windows Update, which may never answer. Comes in: one of a few questions that are fixed here;
//! goes out: its answer, or that it came too late. The question is asked by a second process of this
//! same program (`daicho-agent worker`), which is ended at the deadline with all that it holds; nothing
//! else is ever started, and the worker is given no text to run.

#[path = "wmi/ask.rs"]
mod ask;

use std::io::Read;
use std::os::windows::io::AsRawHandle;
use std::os::windows::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use daicho_report::Reason;
use serde::de::DeserializeOwned;
use windows_sys::Win32::System::Threading::{BELOW_NORMAL_PRIORITY_CLASS, CREATE_NO_WINDOW};

use super::job::Job;
use super::{Answer, Miss, RawObject, RawUpdate};

/// A question that the worker answers, by its name on the command line.
struct Question {
    name: &'static str,
    namespace: &'static str,
    class: &'static str,
    /// The longest wait; those of one probe together are shorter than its own.
    wait: Duration,
}

const QUESTIONS: &[Question] = &[
    Question {
        name: "security-center",
        namespace: r"root\SecurityCenter2",
        class: "AntiVirusProduct",
        wait: Duration::from_secs(5),
    },
    Question {
        name: "defender",
        namespace: r"root\Microsoft\Windows\Defender",
        class: "MSFT_MpComputerStatus",
        wait: Duration::from_secs(4),
    },
    Question {
        name: "volumes",
        namespace: r"root\cimv2\Security\MicrosoftVolumeEncryption",
        class: "Win32_EncryptableVolume",
        wait: Duration::from_secs(8),
    },
    Question {
        name: "shadow-copies",
        namespace: r"root\cimv2",
        class: "Win32_ShadowCopy",
        wait: Duration::from_secs(6),
    },
    // Asked of hosts of Hyper-V alone.
    Question {
        name: "guests",
        namespace: r"root\virtualization\v2",
        class: "Msvm_VirtualSystemSettingData",
        wait: Duration::from_secs(4),
    },
    Question {
        name: "guest-states",
        namespace: r"root\virtualization\v2",
        class: "Msvm_ComputerSystem",
        wait: Duration::from_secs(4),
    },
];
const UPDATES: &str = "updates";
/// A search in what was found before takes minutes on slow machines.
const UPDATES_WAIT: Duration = Duration::from_secs(120);
/// How long a collection waits for it; what comes later is told by the next one.
const UPDATES_PATIENCE: Duration = Duration::from_secs(8);
/// The answer of a search is good for so long.
const UPDATES_AGE: Duration = Duration::from_secs(24 * 3600);
/// After a search that failed.
const UPDATES_AGAIN: Duration = Duration::from_secs(3600);
/// COM and an answer need some ten.
const MEMORY_BYTES: usize = 128 << 20;
/// Larger than any answer.
const ANSWER_BYTES_MAX: u64 = 4 << 20;

/// All objects of a class, with these of their properties.
pub(in crate::platform) fn wmi(
    namespace: &str,
    class: &str,
    properties: &[&str],
) -> Answer<Vec<RawObject>> {
    let question = QUESTIONS
        .iter()
        .find(|it| it.namespace == namespace && it.class == class)
        .ok_or(Miss::Unknown(Reason::Unsupported))?;
    let mut objects: Vec<RawObject> = answer(question.name, question.wait)?;
    for object in &mut objects {
        object.retain(|name, _| properties.contains(&name.as_str()));
    }
    Ok(objects)
}

/// The search that goes on, and the last that ended.
struct Search {
    running: bool,
    last: Option<(Instant, Answer<Vec<RawUpdate>>)>,
}

static SEARCH: Mutex<Search> = Mutex::new(Search {
    running: false,
    last: None,
});

fn search() -> std::sync::MutexGuard<'static, Search> {
    SEARCH.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What Windows Update offers, as it found it at its last search.
pub(in crate::platform) fn offered_updates() -> Answer<Vec<RawUpdate>> {
    let (told, done) = channel();
    {
        let mut search = search();
        let fresh = search.last.as_ref().is_some_and(|(at, answer)| {
            at.elapsed() < answer.as_ref().map_or(UPDATES_AGAIN, |_| UPDATES_AGE)
        });
        if !fresh && !search.running {
            let work = move || {
                let answer = answer(UPDATES, UPDATES_WAIT);
                let mut search = self::search();
                search.running = false;
                search.last = Some((Instant::now(), answer));
                drop(search);
                // Nobody may be waiting any more.
                let _ = told.send(());
            };
            let thread = std::thread::Builder::new()
                .name("updates".to_owned())
                .stack_size(256 << 10)
                .spawn(work);
            search.running = thread.is_ok();
        }
    }
    // Where no search was begun, the other end is gone and this does not wait.
    let _ = done.recv_timeout(UPDATES_PATIENCE);
    let search = search();
    match &search.last {
        Some((_, answer)) => answer.clone(),
        None => Err(Miss::Unknown(Reason::TimedOut)),
    }
}

/// The worker's own part: answers one question in JSON.
pub(in crate::platform) fn worker(name: &str) -> String {
    let question = QUESTIONS.iter().find(|it| it.name == name);
    let text = match question {
        Some(it) => serde_json::to_string(&ask::objects(it.namespace, it.class)),
        None if name == UPDATES => serde_json::to_string(&ask::updates()),
        None => serde_json::to_string(&Err::<(), _>(Miss::Unknown(Reason::Unsupported))),
    };
    text.unwrap_or_default()
}

/// Starts the worker with a question and waits; a worker that is too late is ended.
fn answer<T: DeserializeOwned>(question: &str, wait: Duration) -> Answer<T> {
    let failed = |what: &str| Miss::Unknown(Reason::failed(what));
    let program = std::env::current_exe().map_err(|_| failed("own program"))?;
    let mut child = Command::new(program)
        .args(["worker", question])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .creation_flags(CREATE_NO_WINDOW | BELOW_NORMAL_PRIORITY_CLASS)
        .spawn()
        .map_err(|_| failed("worker"))?;
    // Ends the worker with this program too, however that ends.
    let _job = Job::around(child.as_raw_handle(), MEMORY_BYTES, Some(1));
    let read = read(&mut child, wait);
    let _ = child.kill();
    let _ = child.wait();
    serde_json::from_slice::<Answer<T>>(&read?).map_err(|_| failed("worker"))?
}

fn read(child: &mut Child, wait: Duration) -> Answer<Vec<u8>> {
    let failed = || Miss::Unknown(Reason::failed("worker"));
    let output = child.stdout.take().ok_or_else(failed)?;
    let (told, answer) = channel();
    let work = move || {
        let mut bytes = Vec::new();
        let read = output.take(ANSWER_BYTES_MAX).read_to_end(&mut bytes);
        // Whoever waited may have gone.
        let _ = told.send(read.map(|_| bytes));
    };
    let thread = std::thread::Builder::new()
        .name("worker".to_owned())
        .stack_size(128 << 10);
    thread.spawn(work).map_err(|_| failed())?;
    match answer.recv_timeout(wait) {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(_)) | Err(RecvTimeoutError::Disconnected) => Err(failed()),
        Err(RecvTimeoutError::Timeout) => Err(Miss::Unknown(Reason::TimedOut)),
    }
}
