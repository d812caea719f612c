//! Patient data stays where it is: a machine full of traces of one patient, and everything that the
//! agent sends, keeps and logs on the way from the probes to the ledger. Nothing of the real machine
//! is changed: the traces are in a mount namespace that ends with the test.

mod journey;
mod machine;
mod search;

use std::collections::BTreeSet;

use journey::Journey;
use machine::Machine;

/// What stands right beside a trace and is sent: the traces were in front of the agent's eyes.
const BESIDE: &[&str] = &[
    "/etc/sudoers.d/daicho-beside-rule",
    "apt.daicho-beside.example",
    "daicho-beside-cron",
    "daicho-beside-package",
    "daicho-beside-pve",
    "daicho-beside-session.desktop",
    "daicho-beside-share",
    "daicho-beside-unit",
    "daicho-beside-vm",
    "daichobeside",
    "forward.daicho-beside.example",
    "host.daicho-beside.example",
    "log.daicho-beside.example",
    "ntp.daicho-beside.example",
    "past.daicho-beside.example",
    "proxy.daicho-beside.example:3128",
    "proxy.daicho-beside.example:3129",
    "route.daicho-beside.example",
];

#[test]
fn no_trace_of_a_patient_is_sent_kept_or_logged() {
    let Some(machine) = Machine::start("canary", "") else {
        return;
    };
    let journey = Journey::of(&machine, "canary");
    let looked = search::folder(journey.path());
    println!("{} files searched, {} bytes", looked.files, looked.bytes);
    assert!(looked.found.is_empty(), "{:#?}", looked.found);
    let report = std::fs::read_to_string(journey.path().join("report.json")).unwrap();
    for name in BESIDE {
        assert!(report.contains(name), "{name} is not in {report}");
    }
}

#[test]
fn trace_that_is_let_through_is_found_in_every_place() {
    let Some(machine) = Machine::start("through", "through") else {
        return;
    };
    let journey = Journey::of(&machine, "through");
    let looked = search::folder(journey.path());
    let places: BTreeSet<&str> = looked.found.iter().map(|it| it.place.as_str()).collect();
    for wanted in [
        "report.json",
        "signed.json",
        "waiting/spool/",
        "state/",
        "data/store.sqlite: blob.body",
        "data/store.sqlite: log.leaf",
        "ledger.xlsx: ",
        "ledger.csv",
        "ledger.json",
        "diagram.svg",
        "page.html",
    ] {
        let hit = places.iter().any(|place| place.starts_with(wanted));
        assert!(hit, "{wanted} is not among {places:#?}");
    }
    let logged: Vec<_> = places.iter().filter(|it| it.ends_with(".log")).collect();
    assert!(
        logged.is_empty(),
        "not even what is sent is logged: {logged:?}"
    );
    for mark in ["0123456-98", "0123456-99"] {
        let hit = looked.found.iter().any(|it| it.around.contains(mark));
        assert!(hit, "{mark} was not found in {:#?}", looked.found);
    }
}
