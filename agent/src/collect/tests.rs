use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};

use daicho_report::{Accounts, Os, SectionBody, unknown_body};

use super::*;
use crate::platform::replay::Bundle;

/// The tests of this program run side by side and share its time and memory.
fn roomy() -> Budget {
    Budget {
        cpu_ms: u64::MAX,
        memory_kib: u64::MAX,
        ..Budget::default()
    }
}

fn at() -> Time {
    Time::from_seconds(1_800_000_000)
}

fn budget() -> Budget {
    Budget {
        probe: Duration::from_millis(100),
        ..roomy()
    }
}

fn source() -> Arc<Source> {
    Arc::new(Source::from_bundle(
        Bundle::new("linux").with_text("/etc/os-release", "ID=debian\n"),
    ))
}

/// A probe that hangs until it is let go.
fn hanging(kind: &'static str, until: Receiver<()>) -> Job {
    let until = Mutex::new(until);
    let wait = move |_: &Ground| {
        let _ = until.lock().unwrap().recv();
        Vec::new()
    };
    Job::new(kind, wait, |reason, source, at| {
        let body: Accounts = unknown_body(reason, Accounts::KIND);
        vec![Learnt::Section(Section::new(&body, source, at).unwrap())]
    })
}

fn os() -> Job {
    let position = jobs().into_iter().find(|job| job.kind == Os::KIND);
    position.unwrap()
}

fn reason_of_accounts(collected: &Collected) -> Option<Reason> {
    let section = collected
        .sections
        .iter()
        .find(|it| it.kind.as_str() == Accounts::KIND)?;
    let body: Accounts = section.decode().ok()?;
    body.accounts.reason().cloned()
}

fn knows_os(collected: &Collected) -> bool {
    let section = collected
        .sections
        .iter()
        .find(|it| it.kind.as_str() == Os::KIND)
        .unwrap();
    section.decode::<Os>().unwrap().id.value().is_some()
}

#[test]
fn a_probe_that_hangs_costs_its_own_facts_and_is_not_started_again_while_it_hangs() {
    let (let_go, until) = channel();
    let jobs = vec![hanging("hangs-1", until), os()];
    let collected = collect_by(jobs, &source(), at(), &budget());
    assert_eq!(reason_of_accounts(&collected), Some(Reason::TimedOut));
    assert!(knows_os(&collected));
    // Another one of its kind is answered for at once, without a thread.
    let (_keep, until) = channel();
    let long = Budget {
        probe: Duration::from_secs(600),
        wall: Duration::from_secs(600),
        ..roomy()
    };
    let again = collect_by(
        vec![hanging("hangs-1", until), os()],
        &source(),
        at(),
        &long,
    );
    assert_eq!(reason_of_accounts(&again), Some(Reason::TimedOut));
    assert!(knows_os(&again));
    drop(let_go);
}

#[test]
fn a_probe_that_comes_back_late_is_asked_again_the_next_time() {
    let (let_go, until) = channel();
    let _ = collect_by(vec![hanging("hangs-2", until)], &source(), at(), &budget());
    drop(let_go);
    let answers = || {
        let job = Job::new(
            "hangs-2",
            |_| vec![Learnt::BootId("b".to_owned())],
            |_, _, _| Vec::new(),
        );
        collect_by(vec![job], &source(), at(), &roomy()).boot_id == "b"
    };
    // The thread that was let go ends by itself, soon.
    while !answers() {
        std::thread::yield_now();
    }
}

#[test]
fn a_probe_that_breaks_off_costs_its_own_facts() {
    let breaks = Job::new(
        "breaks",
        |_| panic!("on purpose"),
        |reason, source, at| {
            let body: Accounts = unknown_body(reason, Accounts::KIND);
            vec![Learnt::Section(Section::new(&body, source, at).unwrap())]
        },
    );
    let collected = collect_by(vec![breaks, os()], &source(), at(), &roomy());
    assert_eq!(
        reason_of_accounts(&collected),
        Some(Reason::failed("probe broke off"))
    );
    assert!(knows_os(&collected));
}

#[test]
fn what_comes_when_the_budget_is_used_up_is_unknown_with_the_reason() {
    let no_time = Budget {
        wall: Duration::ZERO,
        ..roomy()
    };
    let no_memory = Budget {
        memory_kib: 1,
        ..roomy()
    };
    let reason = |budget: &Budget| {
        let collected = collect(&source(), at(), budget);
        // Every section is there and none says anything.
        assert_eq!(collected.sections.len(), 22);
        assert!(!knows_os(&collected));
        reason_of_accounts(&collected)
    };
    assert_eq!(reason(&no_time), Some(Reason::TimedOut));
    assert_eq!(reason(&no_memory), Some(Reason::failed("budget: memory")));
}

#[test]
fn every_section_is_there_whatever_the_machine_answers() {
    let nothing = Arc::new(Source::from_bundle(Bundle::new("linux")));
    let collected = collect(&nothing, at(), &roomy());
    let kinds: Vec<&str> = collected
        .sections
        .iter()
        .map(|it| it.kind.as_str())
        .collect();
    assert_eq!(kinds.len(), 22, "{kinds:?}");
    assert_eq!(collected.flows.reason(), Some(&Reason::NotAsked));
    assert_eq!(collected.neighbours.reason(), Some(&Reason::NotAsked));
}
