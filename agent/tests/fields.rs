//! Every field that can leave a machine is classed in `docs/privacy/fields.toml`. Comes in: the wire
//! types themselves, walked as a parser would; goes out: a failure for each field that is not classed,
//! and for each class of a field that is gone. No list of fields is kept by hand.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "the whole program is a test"
)]

#[path = "fields/walk.rs"]
mod walk;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use daicho_agent::collect::{Budget, collect};
use daicho_agent::platform::Source;
use daicho_agent::platform::replay::Bundle;
use daicho_agent::report::sections_of_moment;
use daicho_report::{
    Accounts, Antivirus, Backups, EnrolRequest, Envelope, Firewall, FlowBody, Gauges, Goodbye,
    Guests, Hardware, Heartbeat, Interfaces, Listeners, NeighbourBody, Os, Patches, Policies,
    Printers, RemoteTools, Report, Routes, SectionBody, Services, SignedGoodbye, SoftwareList,
    Storage, Time, Traces, Trust, Updates, Vpns,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use walk::fields;

/// What a field can tell of whom.
const CLASSES: &[&str] = &[
    "account",
    "configuration",
    "machine",
    "measure",
    "network",
    "software",
];

/// A field of the list.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    class: String,
    ja: String,
}

type List = BTreeMap<String, BTreeMap<String, Listed>>;

fn list() -> List {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/privacy/fields.toml");
    let text = std::fs::read_to_string(path).unwrap();
    toml::from_str(&text).unwrap()
}

/// The fields of every type that is sent, by the name of its section or message.
fn sent() -> BTreeMap<String, BTreeSet<String>> {
    let mut all = BTreeMap::new();
    fn body<B: SectionBody>(all: &mut BTreeMap<String, BTreeSet<String>>) {
        all.insert(B::KIND.to_owned(), fields::<B>());
    }
    body::<Accounts>(&mut all);
    body::<Antivirus>(&mut all);
    body::<Backups>(&mut all);
    body::<Firewall>(&mut all);
    body::<FlowBody>(&mut all);
    body::<Gauges>(&mut all);
    body::<Guests>(&mut all);
    body::<Hardware>(&mut all);
    body::<Interfaces>(&mut all);
    body::<Listeners>(&mut all);
    body::<NeighbourBody>(&mut all);
    body::<Os>(&mut all);
    body::<Patches>(&mut all);
    body::<Policies>(&mut all);
    body::<Printers>(&mut all);
    body::<RemoteTools>(&mut all);
    body::<Routes>(&mut all);
    body::<Services>(&mut all);
    body::<SoftwareList>(&mut all);
    body::<Storage>(&mut all);
    body::<Traces>(&mut all);
    body::<Trust>(&mut all);
    body::<Updates>(&mut all);
    body::<Vpns>(&mut all);
    let mut message = |name: &str, fields: BTreeSet<String>| {
        all.insert(name.to_owned(), fields);
    };
    message("message_report", fields::<Report>());
    message("message_envelope", fields::<Envelope>());
    message("message_enrol", fields::<EnrolRequest>());
    message("message_heartbeat", fields::<Heartbeat>());
    message("message_goodbye", fields::<Goodbye>());
    message("message_signed_goodbye", fields::<SignedGoodbye>());
    all
}

#[test]
fn every_field_that_is_sent_is_classed_and_no_other_is() {
    let listed: BTreeMap<String, BTreeSet<String>> = list()
        .into_iter()
        .map(|(name, fields)| (name, fields.into_keys().collect()))
        .collect();
    let flat = |all: BTreeMap<String, BTreeSet<String>>| -> BTreeSet<String> {
        let each = all.into_iter();
        each.flat_map(|(name, fields)| fields.into_iter().map(move |it| format!("{name}: {it}")))
            .collect()
    };
    // What every fact has beside its value.
    let (mut sent, listed) = (flat(sent()), flat(listed));
    sent.extend(walk::beside_a_value().map(|it| format!("every_fact: {it}")));
    let unclassed: Vec<_> = sent.difference(&listed).collect();
    let gone: Vec<_> = listed.difference(&sent).collect();
    assert!(unclassed.is_empty(), "not classed: {unclassed:#?}");
    assert!(gone.is_empty(), "classed and gone: {gone:#?}");
}

#[test]
fn every_section_of_a_report_is_walked() {
    let source = Arc::new(Source::from_bundle(Bundle::new("linux")));
    let collected = collect(&source, Time::EPOCH, &Budget::default());
    let sections = sections_of_moment(&collected, "replay", Time::EPOCH).unwrap();
    let kinds: BTreeSet<String> = sections.iter().map(|it| it.kind.to_string()).collect();
    let walked: BTreeSet<String> = sent().into_keys().collect();
    let messages: BTreeSet<&String> = walked.difference(&kinds).collect();
    assert!(kinds.is_subset(&walked), "{kinds:?} and {walked:?}");
    assert!(
        messages.iter().all(|it| it.starts_with("message_")),
        "{messages:?}"
    );
}

#[test]
fn every_class_is_known_and_says_what_the_field_is_for() {
    for (name, fields) in list() {
        for (field, listed) in fields {
            let class = listed.class.as_str();
            assert!(CLASSES.contains(&class), "{name}.{field}: {class}");
            assert!(!listed.ja.is_ascii(), "{name}.{field} has no Japanese text");
        }
    }
}

#[test]
fn walk_sees_fields_of_each_variant_and_of_each_list() {
    #[derive(Deserialize)]
    #[allow(dead_code)]
    struct Outer {
        inner: Vec<Inner>,
        reading: daicho_report::Reading<Option<String>>,
        at: Time,
        address: std::net::IpAddr,
    }
    #[derive(Deserialize)]
    #[allow(dead_code)]
    enum Inner {
        Plain,
        Named(String),
        Whole { name: String, number: u16 },
    }
    fn paths<T: DeserializeOwned>() -> Vec<String> {
        fields::<T>().into_iter().collect()
    }
    assert_eq!(
        paths::<Outer>(),
        [
            "address",
            "at",
            "inner[]",
            "inner[].Named",
            "inner[].Whole.name",
            "inner[].Whole.number",
            "reading",
        ]
    );
}
