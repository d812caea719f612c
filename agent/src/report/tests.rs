use std::collections::BTreeSet;

use daicho_report::{
    Cost, Envelope, Gauges, Neighbour, NeighbourBody, Reading, Reason, SectionKind, Signature,
};
use serde::{Deserialize, Serialize};

use super::*;

/// A section kept in versions, as probes make them.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
struct Note {
    text: String,
}

impl SectionBody for Note {
    const KIND: &'static str = "note";
}

fn key() -> ReportKey {
    ReportKey::from_secret(&[5; 32])
}

fn at(seconds: i64) -> Time {
    Time::from_seconds(1_764_000_000 + seconds)
}

fn neighbours(last: &[u8]) -> Reading<BTreeSet<Neighbour>> {
    let neighbour = |last: &u8| Neighbour {
        interface: "eth0".into(),
        address: [192, 168, 1, *last].into(),
        mac: format!("02:fc:00:00:00:{last:02x}"),
        router: false,
    };
    Reading::known(last.iter().map(neighbour).collect(), "rtnetlink")
}

/// What a machine with this note and these neighbours gives.
pub(crate) fn collected(note: &str, last: &[u8]) -> Collected {
    let text = note.to_owned();
    Collected {
        host_name: Some("pc-01".into()),
        boot_id: "boot".into(),
        sections: vec![
            Section::new(&Note { text }, "linux", at(0)).unwrap(),
            Section::new(&Gauges::default(), "linux", at(0)).unwrap(),
        ],
        flows: Reading::unknown(Reason::Denied, "/proc/net/tcp"),
        neighbours: neighbours(last),
        cost: Cost::default(),
    }
}

fn made(collected: Collected, before: &Progress, seconds: i64) -> Made {
    next(collected, before, &key(), "linux", at(seconds)).unwrap()
}

fn kinds(report: &Report) -> Vec<&str> {
    report.bodies.iter().map(|it| it.kind.as_str()).collect()
}

fn body(report: &Report) -> NeighbourBody {
    let kind = SectionKind::of::<NeighbourBody>();
    let section = report.bodies.iter().find(|it| it.kind == kind).unwrap();
    section.decode().unwrap()
}

/// The progress after the collector has stored the report.
fn stored(made: &Made) -> Progress {
    let mut progress = made.progress.clone();
    progress.acknowledge(&made.report.open().unwrap());
    progress
}

#[test]
fn report_is_signed_and_opens() {
    let made = made(collected("a", &[1]), &Progress::default(), 0);
    let envelope = made.report.open().unwrap();
    assert_eq!((envelope.sequence, envelope.previous), (1, Hash::ZERO));
    let named: Vec<&str> = envelope
        .sections
        .iter()
        .map(|it| it.kind.as_str())
        .collect();
    assert_eq!(named, ["flow", "gauges", "neighbour", "note"]);
    let bytes = made.report.envelope.get().as_bytes();
    let public = key().public();
    public.verify(bytes, &made.report.signature).unwrap();
    let forged = Signature::from_bytes(&[0; 64]);
    assert!(public.verify(bytes, &forged).is_err());
}

#[test]
fn reports_are_chained() {
    let first = made(collected("a", &[1]), &Progress::default(), 0);
    let second = made(collected("a", &[1]), &first.progress, 60);
    let envelope = second.report.open().unwrap();
    assert_eq!(envelope.sequence, 2);
    assert_eq!(envelope.previous, first.report.envelope_hash());
}

#[test]
fn unchanged_body_travels_until_it_is_acknowledged_and_then_no_more() {
    let first = made(collected("a", &[1]), &Progress::default(), 0);
    assert_eq!(
        kinds(&first.report),
        ["flow", "gauges", "neighbour", "note"]
    );
    let unsure = made(collected("a", &[1]), &first.progress, 60);
    assert!(kinds(&unsure.report).contains(&"note"));
    let sure = made(collected("a", &[1]), &stored(&first), 60);
    assert_eq!(kinds(&sure.report), ["flow", "gauges", "neighbour"]);
    let changed = made(collected("b", &[1]), &stored(&first), 60);
    assert!(kinds(&changed.report).contains(&"note"));
    // Every section is named in the envelope, whether or not its body travels.
    assert_eq!(sure.report.open().unwrap().sections.len(), 4);
}

#[test]
fn intervals_are_whole_first_and_changes_later() {
    let first = made(collected("a", &[1, 2]), &Progress::default(), 0);
    assert!(body(&first.report).whole);
    assert_eq!(body(&first.report).opened.len(), 2);
    let second = made(collected("a", &[1, 2, 3]), &first.progress, 60);
    assert!(!body(&second.report).whole);
    assert_eq!(body(&second.report).opened.len(), 1);
}

#[test]
fn intervals_are_whole_again_after_a_gap_with_their_old_beginning() {
    let first = made(collected("a", &[1]), &Progress::default(), 0);
    let mut progress = first.progress;
    progress.gap();
    let second = made(collected("a", &[1]), &progress, 60);
    let body = body(&second.report);
    assert!(body.whole);
    assert_eq!(body.opened.first().unwrap().since, at(0));
}

#[test]
fn whole_picture_that_could_not_be_taken_stays_owed() {
    let mut denied = collected("a", &[]);
    denied.neighbours = Reading::unknown(Reason::Denied, "rtnetlink");
    let first = made(denied, &Progress::default(), 0);
    assert!(!body(&first.report).whole);
    assert_eq!(body(&first.report).asked.reason(), Some(&Reason::Denied));
    let second = made(collected("a", &[1]), &first.progress, 60);
    assert!(body(&second.report).whole);
}

#[test]
fn section_too_large_for_any_collector_is_left_out_and_the_rest_goes() {
    let mut large = collected("a", &[1]);
    let text = "x".repeat(Limit::REPORT.string + 1);
    large
        .sections
        .push(Section::new(&Note { text }, "linux", at(0)).unwrap());
    let made = made(large, &Progress::default(), 0);
    assert_eq!(made.left_out, [SectionKind::of::<Note>()]);
    made.report.open().unwrap();
    let json = serde_json::to_vec(&made.report).unwrap();
    check_json(&json, &Limit::REPORT).unwrap();
    assert!(kinds(&made.report).contains(&"neighbour"));
}

fn without_note() -> (Report, Envelope, Progress) {
    let first = made(collected("a", &[1]), &Progress::default(), 0);
    let second = made(collected("a", &[1]), &stored(&first), 60);
    let envelope = second.report.open().unwrap();
    (second.report, envelope, second.progress)
}

#[test]
fn body_that_the_collector_lacks_is_added_and_fits_the_signature() {
    let (report, envelope, progress) = without_note();
    let wanted = [SectionKind::of::<Note>(), SectionKind::of::<Gauges>()];
    let more = with_bodies(&report, &envelope, &wanted, &progress).unwrap();
    assert_eq!(more.bodies.len(), report.bodies.len() + 1);
    more.open().unwrap();
    assert_eq!(more.envelope_hash(), report.envelope_hash());
}

#[test]
fn body_that_has_changed_since_cannot_be_added() {
    let (report, envelope, progress) = without_note();
    let later = made(collected("b", &[1]), &progress, 120).progress;
    let wanted = [SectionKind::of::<Note>()];
    assert!(with_bodies(&report, &envelope, &wanted, &later).is_none());
}

#[test]
fn picture_holds_every_body_and_says_that_it_is_not_signed() {
    let json = picture(collected("a", &[1]), "linux", at(0)).unwrap();
    for part in [
        "\"signed\":false",
        "\"note\"",
        "\"neighbour\"",
        "\"flow\"",
        "denied",
    ] {
        assert!(json.contains(part), "{part}");
    }
}

#[test]
fn indented_json_is_the_same_value() {
    let json = r#"{"a":[1,{"b":"x\"{,:}\\"}],"c":{},"d":[],"e":"あ"}"#;
    let pretty = indented(json);
    assert!(pretty.lines().count() > 5);
    let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    assert_eq!(value(&pretty), value(json));
    assert_eq!(indented(&pretty), pretty);
}

/// A machine as it was recorded, and the progress once the collector has its first report.
fn recorded() -> (Collected, Progress) {
    use std::path::Path;
    use std::sync::Arc;
    use std::time::Duration;

    use crate::collect::{Budget, collect};
    use crate::platform::Source;

    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings/debian12_db_server");
    let source = Arc::new(Source::recorded(&folder).unwrap());
    // The tests of this program run side by side and share its time and memory.
    let budget = Budget {
        probe: Duration::from_secs(600),
        wall: Duration::from_secs(600),
        cpu_ms: u64::MAX,
        memory_kib: u64::MAX,
    };
    let collected = collect(&source, at(0), &budget);
    let first = made(collected.clone(), &Progress::default(), 0);
    let progress = stored(&first);
    (collected, progress)
}

#[test]
fn a_report_that_changes_nothing_takes_less_than_a_kilobyte() {
    let (collected, progress) = recorded();
    let second = made(collected.clone(), &progress, 3_600);
    let third = made(collected, &stored(&second), 7_200);
    let size = crate::spool::compress(&third.report).unwrap().len();
    assert!(size <= 1_000, "{size} bytes");
}

#[test]
fn a_short_hash_stands_for_what_the_report_before_had_and_the_collector_has() {
    let hashes = |made: &Made| -> Vec<bool> {
        let envelope = made.report.open().unwrap();
        let sections = envelope.sections.iter();
        let versions = sections.filter(|it| is_version(&it.kind));
        versions.map(|it| it.hash.whole().is_some()).collect()
    };
    let (collected, progress) = recorded();
    let second = made(collected.clone(), &progress, 3_600);
    let third = made(collected.clone(), &stored(&second), 7_200);
    assert!(hashes(&third).iter().all(|whole| !whole));
    // The collector lost something: everything is named whole again.
    let mut lost = progress.clone();
    lost.gap();
    let after_gap = made(collected.clone(), &lost, 3_600);
    assert!(hashes(&after_gap).iter().all(|whole| *whole));
    // What changed and changed back while nothing was acknowledged was not in the report before.
    let note = |text: &str, before: &Progress| made(self::collected(text, &[]), before, 0);
    let first = note("a", &Progress::default());
    let other = note("b", &stored(&first));
    let back = note("a", &other.progress);
    assert_eq!(hashes(&back), [true]);
}
