//! Power cuts at every step, damaged files, full and read-only disks: the chain at a collector that
//! is as strict as the real one.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use daicho_report::{Hash, SectionKind};

use super::collector::{Answer, Ca, Heard, agent_id, json, stored};
use super::{Bed, collected, keep};
use crate::message::Told;
use crate::spool::{Spool, SpoolLimit};
use crate::state::StateFolder;
use crate::state::disk::fault::{Plan, plan, steps};
use crate::submit::{CollectError, Enrolled};

/// How many envelopes the collector remembers by hash.
const RECENT: usize = 32;

/// What the collector knows of the one agent.
#[derive(Debug, Default)]
struct Book {
    sequence: u64,
    recent: Vec<(u64, Hash)>,
    bodies: BTreeSet<Hash>,
    missing: u64,
    /// Numbers that came a second time with other content, or did not continue the chain.
    forks: Vec<u64>,
    /// The next answers are lost on the way.
    lost_answers: u32,
}

impl Book {
    fn answer(&mut self, heard: &Heard) -> Answer {
        let answer = self.take(heard);
        if self.lost_answers > 0 {
            self.lost_answers -= 1;
            return None;
        }
        answer
    }

    fn take(&mut self, heard: &Heard) -> Answer {
        let report = heard.report();
        let envelope = report.open().unwrap();
        let (sequence, hash) = (envelope.sequence, report.envelope_hash());
        if sequence <= self.sequence {
            if !self.recent.contains(&(sequence, hash)) {
                self.forks.push(sequence);
                return json(409, &"fork");
            }
            return json(200, &stored(self.sequence));
        }
        let gap = sequence - self.sequence - 1;
        let expected = self.recent.last().map_or(Hash::ZERO, |(_, hash)| *hash);
        if gap == 0 && envelope.previous != expected {
            self.forks.push(sequence);
            return json(409, &"chain");
        }
        self.bodies.extend(report.bodies.iter().map(|it| it.hash));
        let lacking: Vec<SectionKind> = envelope
            .sections
            .iter()
            .filter(|it| !self.bodies.iter().any(|body| it.hash.names(body)))
            .map(|it| it.kind.clone())
            .collect();
        let mut reply = stored(self.sequence);
        if !lacking.is_empty() {
            reply.send_whole = lacking;
            return json(200, &reply);
        }
        self.missing += gap;
        self.sequence = sequence;
        self.recent.push((sequence, hash));
        let surplus = self.recent.len().saturating_sub(RECENT);
        self.recent.drain(..surplus);
        json(200, &stored(sequence))
    }
}

struct Site {
    bed: Bed,
    book: Arc<Mutex<Book>>,
}

impl Site {
    fn new(ca: &Arc<Ca>) -> Self {
        let book = Arc::new(Mutex::new(Book::default()));
        let at_the_collector = book.clone();
        let bed = Bed::with_ca(ca.clone(), move |heard| {
            at_the_collector.lock().unwrap().answer(heard)
        });
        Self { bed, book }
    }

    fn state(&self) -> PathBuf {
        self.bed.scratch.join("state")
    }

    fn open(&self) -> Result<Enrolled, CollectError> {
        let folder = StateFolder::open(&self.state()).map_err(CollectError::State)?;
        Enrolled::open(folder, SpoolLimit::default(), None)
    }

    /// One start of the agent with so many reports, as far as it gets.
    async fn start(&self, notes: &[&str]) -> Result<(), CollectError> {
        let mut agent = self.open()?;
        for note in notes {
            agent.keep(collected(note, &[1]), "linux")?;
            agent.send().await?;
        }
        Ok(())
    }

    /// The power is back: whatever was, the agent goes on by itself.
    async fn goes_on(&self, what: &str) -> u64 {
        for note in ["x", "y", "x"] {
            let result = self.start(&[note]).await;
            assert!(result.is_ok(), "{what}: {result:?}");
        }
        let agent = self.open().unwrap();
        let book = self.book.lock().unwrap();
        assert_eq!(book.forks, [0; 0], "{what}");
        assert_eq!(agent.progress().acknowledged, book.sequence, "{what}");
        let identity = self.folder_identity();
        assert_eq!(identity, agent_id().to_string(), "{what}");
        book.missing
    }

    fn folder_identity(&self) -> String {
        let folder = StateFolder::look(&self.state()).unwrap();
        let identity = folder.identity().unwrap().unwrap();
        identity.issued.unwrap().agent.to_string()
    }
}

/// Two reports that arrive, one whose answer is lost, and a new start.
async fn work(site: &Site) -> Result<(), CollectError> {
    site.start(&["a", "b"]).await?;
    site.book.lock().unwrap().lost_answers = 1;
    let _ = site.start(&["c"]).await;
    site.book.lock().unwrap().lost_answers = 0;
    site.start(&["d"]).await
}

#[tokio::test]
async fn power_cut_at_any_step_loses_no_report_and_repeats_no_number() {
    let ca = Arc::new(Ca::new());
    let whole = Site::new(&ca);
    plan(Plan::Sound);
    work(&whole).await.unwrap();
    let all = steps();
    assert!(all > 60, "{all} steps");
    for cut in 0..all {
        let site = Site::new(&ca);
        plan(Plan::CutAfter(cut));
        let _ = work(&site).await;
        plan(Plan::Sound);
        let missing = site.goes_on(&format!("cut after step {cut}")).await;
        assert_eq!(missing, 0, "cut after step {cut}");
    }
}

/// A second cut while the agent puts things in order after the first one.
#[tokio::test]
async fn second_power_cut_while_starting_again_changes_nothing() {
    let ca = Arc::new(Ca::new());
    for first in (3..60).step_by(7) {
        for second in (0..30).step_by(4) {
            let site = Site::new(&ca);
            plan(Plan::CutAfter(first));
            let _ = work(&site).await;
            plan(Plan::CutAfter(second));
            let _ = site.start(&["z"]).await;
            plan(Plan::Sound);
            let what = format!("cuts after steps {first} and {second}");
            assert_eq!(site.goes_on(&what).await, 0, "{what}");
        }
    }
}

type Damage = (&'static str, fn(Vec<u8>) -> Option<Vec<u8>>);

const DAMAGES: [Damage; 6] = [
    ("empty", |_| Some(Vec::new())),
    ("half", |bytes| {
        let half = bytes.len() / 2;
        Some(bytes.into_iter().take(half).collect())
    }),
    ("zeros", |bytes| Some(vec![0; bytes.len()])),
    ("rubbish behind", |bytes| {
        Some([bytes, vec![0xa5; 700]].concat())
    }),
    ("one bit", |mut bytes| {
        let middle = bytes.len() / 3;
        if let Some(byte) = bytes.get_mut(middle) {
            *byte ^= 4;
        }
        Some(bytes)
    }),
    ("gone", |_| None),
];

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
    found.sort();
}

/// Where an agent may be when a file is found damaged.
async fn moment(site: &Site, number: u32) {
    match number {
        0 => {}
        1 => keep(&mut site.open().unwrap(), "a"),
        2 => site.start(&["a", "b", "a"]).await.unwrap(),
        3 => {
            site.start(&["a"]).await.unwrap();
            site.book.lock().unwrap().lost_answers = 1;
            assert!(site.start(&["b"]).await.is_err());
        }
        _ => {
            site.start(&["a"]).await.unwrap();
            let mut agent = site.open().unwrap();
            keep(&mut agent, "b");
            keep(&mut agent, "c");
        }
    }
}

#[tokio::test]
async fn one_damaged_file_of_any_kind_stops_nothing_and_repeats_no_number() {
    let ca = Arc::new(Ca::new());
    plan(Plan::Sound);
    for number in 0..5 {
        let sample = Site::new(&ca);
        moment(&sample, number).await;
        let mut names = Vec::new();
        files(&sample.state(), &mut names);
        assert!(names.len() >= 4, "{names:?}");
        for name in names {
            let name = name.strip_prefix(sample.state()).unwrap();
            for (damage, apply) in DAMAGES {
                let site = Site::new(&ca);
                moment(&site, number).await;
                let path = site.state().join(name);
                match apply(std::fs::read(&path).unwrap()) {
                    Some(bytes) => std::fs::write(&path, bytes).unwrap(),
                    None => std::fs::remove_file(&path).unwrap(),
                }
                let what = format!("moment {number}, {damage}: {}", name.display());
                let missing = site.goes_on(&what).await;
                assert!(missing <= 2, "{what}: {missing} missing");
            }
        }
    }
}

/// With the progress the number of the newest report is lost too, and the collector has it.
#[tokio::test]
async fn progress_and_mark_damaged_at_once_leave_numbers_out_and_repeat_none() {
    let ca = Arc::new(Ca::new());
    plan(Plan::Sound);
    for (damage, apply) in DAMAGES {
        let site = Site::new(&ca);
        moment(&site, 3).await;
        for name in ["progress.json", "mark"] {
            let path = site.state().join(name);
            match apply(std::fs::read(&path).unwrap()) {
                Some(bytes) => std::fs::write(&path, bytes).unwrap(),
                None => std::fs::remove_file(&path).unwrap(),
            }
        }
        let missing = site.goes_on(damage).await;
        assert!(missing <= 2, "{damage}: {missing} missing");
    }
}

#[tokio::test]
async fn full_disk_from_any_moment_on_keeps_no_report_back() {
    let ca = Arc::new(Ca::new());
    for number in 0..5 {
        let site = Site::new(&ca);
        plan(Plan::Sound);
        moment(&site, number).await;
        plan(Plan::Full);
        let before = site.book.lock().unwrap().sequence;
        site.start(&["f", "g", "f"]).await.unwrap();
        site.start(&["g"]).await.unwrap();
        assert!(site.book.lock().unwrap().sequence >= before + 4, "{number}");
        // The disk is full while the collector is away: the newest report survives, in memory.
        site.book.lock().unwrap().lost_answers = 3;
        let mut agent = site.open().unwrap();
        for note in ["h", "i"] {
            agent.keep(collected(note, &[1]), "linux").unwrap();
            assert!(agent.send().await.is_err());
        }
        drop(agent);
        plan(Plan::Sound);
        site.book.lock().unwrap().lost_answers = 0;
        site.goes_on(&format!("full from moment {number}")).await;
    }
}

#[tokio::test]
async fn crash_on_a_full_disk_before_sending_leaves_a_number_out_and_repeats_none() {
    let ca = Arc::new(Ca::new());
    let site = Site::new(&ca);
    plan(Plan::Sound);
    site.start(&["a"]).await.unwrap();
    plan(Plan::Full);
    keep(&mut site.open().unwrap(), "lost");
    assert_eq!(site.goes_on("lost in the crash").await, 1);
    plan(Plan::Sound);
}

#[tokio::test]
async fn report_that_waits_in_memory_goes_into_the_spool_when_there_is_room_again() {
    let ca = Arc::new(Ca::new());
    let site = Site::new(&ca);
    plan(Plan::Full);
    let mut agent = site.open().unwrap();
    keep(&mut agent, "a");
    assert!(site.bed.spooled().is_empty());
    plan(Plan::Sound);
    keep(&mut agent, "b");
    assert_eq!(site.bed.spooled(), [1, 2]);
    agent.send().await.unwrap();
    let book = site.book.lock().unwrap();
    assert_eq!((book.sequence, book.missing), (2, 0));
}

#[tokio::test]
async fn read_only_disk_is_told_and_nothing_is_sent_whose_number_is_not_safe() {
    let ca = Arc::new(Ca::new());
    let site = Site::new(&ca);
    plan(Plan::Sound);
    site.start(&["a"]).await.unwrap();
    let mut agent = site.open().unwrap();
    plan(Plan::ReadOnly);
    for _ in 0..3 {
        let error = agent
            .keep(collected("b", &[1]), "linux")
            .expect_err("no number");
        assert_eq!(error.code(), "AGT-033");
        assert!(!error.is_final());
        agent.send().await.unwrap();
    }
    assert_eq!(site.book.lock().unwrap().sequence, 1);
    plan(Plan::Sound);
    keep(&mut agent, "b");
    agent.send().await.unwrap();
    drop(agent);
    assert_eq!(site.goes_on("writable again").await, 0);
}

#[tokio::test]
async fn report_that_never_counted_is_not_sent() {
    let ca = Arc::new(Ca::new());
    let site = Site::new(&ca);
    plan(Plan::Sound);
    let mut agent = site.open().unwrap();
    keep(&mut agent, "a");
    // As a disk leaves it that failed between report and progress.
    let spool = Spool::new(&site.state(), SpoolLimit::default());
    let report = spool.read(1).unwrap().report;
    spool.put(2, &report).unwrap();
    agent.send().await.unwrap();
    assert_eq!(site.book.lock().unwrap().sequence, 1);
}

#[tokio::test]
async fn state_of_before_check_sums_and_marks_is_continued() {
    let ca = Arc::new(Ca::new());
    let site = Site::new(&ca);
    plan(Plan::Sound);
    site.start(&["a", "b"]).await.unwrap();
    for name in ["identity.json", "progress.json"] {
        let path = site.state().join(name);
        let text = std::fs::read_to_string(&path).unwrap();
        let (json, _) = text.split_once('\n').unwrap();
        std::fs::write(&path, json).unwrap();
    }
    for name in ["identity.json.copy", "progress.json.old", "mark"] {
        std::fs::remove_file(site.state().join(name)).unwrap();
    }
    assert_eq!(site.goes_on("older state").await, 0);
    assert!(site.state().join("mark").exists());
}
