//! What the lists of the network may never do.

use std::collections::BTreeSet;

use daicho_ledger::hand::{
    Decision, DeclaredPoint, DeviceKind, Entry, EntryBody, Hand, HandDevice, HandSystem, Person,
    Vendor, Verdict,
};
use daicho_ledger::{Grade, Input, PointKind, ZoneKind, build};
use daicho_report::Time;
use proptest::prelude::*;

use super::*;
use crate::recognise::{
    AssetZone, ConnectionPoint, Contradiction, SegmentZone, System, Unnamed, Weight, Witness,
};
use crate::topology::topology;

pub(crate) struct Sample {
    pub(crate) ledger: Ledger,
    pub(crate) topology: Topology,
    pub(crate) recognition: Recognition,
}

impl Sample {
    pub(crate) fn basis(&self) -> Basis<'_> {
        Basis {
            ledger: &self.ledger,
            topology: &self.topology,
            recognition: &self.recognition,
        }
    }

    fn cell(&self, list: List, row: usize, key: &str) -> Cell {
        let at = columns(list).iter().position(|it| it.key == key).unwrap();
        rows(self.basis(), list, Lang::Ja)[row].cells[at].clone()
    }
}

pub(crate) fn time(text: &str) -> Time {
    Time::parse(text).unwrap()
}

fn entry(key: &str, body: EntryBody) -> Entry {
    Entry {
        key: key.to_owned(),
        by: "情報 太郎".to_owned(),
        at: time("2026-11-01T00:00:00Z"),
        body,
    }
}

pub(crate) fn declared(name: &str, kind: PointKind) -> DeclaredPoint {
    let mut it: DeclaredPoint =
        serde_json::from_value(serde_json::json!({ "name": name, "kind": kind })).unwrap();
    it.vendor = Some("acme".to_owned());
    it.always_on = Some(true);
    it
}

fn hand(text: &str) -> Hand {
    let device: HandDevice = serde_json::from_value(serde_json::json!({
        "name": format!("FW {text}"), "kind": DeviceKind::Firewall
    }))
    .unwrap();
    let decision = Decision {
        verdict: Verdict::Rejected,
        on: "2026-11-20".to_owned(),
        why: text.to_owned(),
        name: None,
    };
    Hand::new(vec![
        entry("fw-main", EntryBody::Device(device)),
        entry(
            "line-1",
            EntryBody::Point(declared(text, PointKind::VendorVpn)),
        ),
        entry("point:b", EntryBody::Decision(decision)),
        entry(
            "lis",
            EntryBody::System(HandSystem {
                name: format!("検査 {text}"),
                person: Some("p1".to_owned()),
                vendor: Some("nobody".to_owned()),
                restore_order: Some(2),
                ..HandSystem::default()
            }),
        ),
        entry(
            "acme",
            EntryBody::Vendor(Vendor {
                name: "アクメ電算".to_owned(),
                phone: "03-0000-0000".to_owned(),
                contract: text.to_owned(),
                ..Vendor::default()
            }),
        ),
        entry(
            "p1",
            EntryBody::Person(Person {
                name: text.to_owned(),
                ..Person::default()
            }),
        ),
    ])
}

pub(crate) fn witness(ledger: &Ledger, value: &str) -> Witness {
    Witness {
        kind: "name_server".to_owned(),
        value: value.to_owned(),
        weight: Weight::Decisive,
        source: value.to_owned(),
        proven: false,
        asset: ledger.assets[0].id.clone(),
        first: Some(time("2026-11-02T00:00:00Z")),
        last: Some(time("2026-11-24T00:00:00Z")),
    }
}

pub(crate) fn point(ledger: &Ledger, id: &str, text: &str) -> ConnectionPoint {
    ConnectionPoint {
        id: id.to_owned(),
        kind: PointKind::VendorVpn,
        grade: Grade::Inferred,
        name: text.to_owned(),
        at: ledger.assets[0].id.0.clone(),
        segments: Vec::new(),
        also: Vec::new(),
        declared: Vec::new(),
        witnesses: vec![witness(ledger, text)],
        reason: (text.to_owned(), text.to_owned()),
        last_seen: Some(time("2026-11-24T00:00:00Z")),
        decided: None,
    }
}

/// A site in which everything that a name can be is `text`.
pub(crate) fn sample(text: &str) -> Sample {
    let fixture = include_str!("../../../collector/ledger/src/ledger/fixture.json");
    let mut input: Input = serde_json::from_str(fixture).unwrap();
    input.hand = hand(text);
    let ledger = build(&input);
    let topology = topology(&ledger);
    let segments: Vec<String> = topology
        .nodes
        .iter()
        .filter(|it| it.kind == crate::topology::NodeKind::Segment)
        .map(|it| it.id.clone())
        .collect();
    let recognition = verdicts(&ledger, &segments, text);
    Sample {
        ledger,
        topology,
        recognition,
    }
}

fn verdicts(ledger: &Ledger, segments: &[String], text: &str) -> Recognition {
    let mut own = point(ledger, "point:a", text);
    own.segments = segments.to_vec();
    own.declared = vec!["line-1".to_owned()];
    own.also = vec![PointKind::EPrescription];
    let mut nowhere = point(ledger, "point:c", "");
    nowhere.at = String::new();
    nowhere.witnesses.clear();
    nowhere.reason = (String::new(), String::new());
    nowhere.grade = Grade::Hint;
    nowhere.last_seen = None;
    Recognition {
        points: vec![own, nowhere],
        rejected: vec![point(ledger, "point:b", text)],
        systems: vec![System {
            id: text.to_owned(),
            sort: text.to_owned(),
            name: text.to_owned(),
            grade: Grade::Inferred,
            servers: vec![ledger.assets[0].id.clone()],
            clients: Vec::new(),
            witnesses: vec![witness(ledger, text)],
        }],
        segments: segments
            .iter()
            .map(|it| SegmentZone {
                segment: it.clone(),
                zone: ZoneKind::His,
                grade: Grade::Inferred,
                witnesses: vec![witness(ledger, text)],
            })
            .collect(),
        assets: vec![AssetZone {
            asset: ledger.assets[0].id.0.clone(),
            zones: vec![ZoneKind::His, ZoneKind::Dmz],
        }],
        unnamed: vec![Unnamed {
            publisher: Some(text.to_owned()),
            name: text.to_owned(),
            ports: vec![text.to_owned()],
            assets: vec![ledger.assets[0].id.clone()],
            peers: 3,
        }],
        contradictions: vec![Contradiction {
            entries: vec![text.to_owned()],
            text: (text.to_owned(), text.to_owned()),
        }],
    }
}

fn check(sample: &Sample) {
    for list in List::ALL {
        let columns = columns(list);
        for lang in [Lang::Ja, Lang::En] {
            for row in rows(sample.basis(), list, lang) {
                assert_eq!(row.cells.len(), columns.len(), "{list:?}");
                for (cell, column) in row.cells.iter().zip(&columns) {
                    let place = format!("{list:?} {}", column.key);
                    assert!(!cell.text.trim().is_empty(), "{place}");
                    assert!(
                        !cell.text.chars().any(|c| c.is_control() && c != '\n'),
                        "{place} {:?}",
                        cell.text
                    );
                    assert!(!cell.text.contains('\u{202e}'), "{place}");
                    let unknown = cell.state == State::Unknown;
                    assert!(!unknown || cell.reason.is_some(), "{place}");
                }
            }
        }
    }
}

#[test]
fn no_cell_is_blank_and_every_unknown_cell_has_a_reason() {
    check(&sample("検査部門の回線"));
    let mut nothing = sample("x");
    nothing.ledger.assets.clear();
    nothing.ledger.seen.clear();
    nothing.ledger.hand = Hand::default();
    check(&nothing);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn hostile_names_never_blank_or_hide_a_cell(
        text in prop_oneof![any::<String>(), "[=+@<>&\"'\u{202e}\u{0}\n\t ]{0,8}"]
    ) {
        check(&sample(&text));
    }
}

#[test]
fn keys_of_lists_and_columns_are_single_and_titles_fit_a_workbook() {
    let keys: BTreeSet<_> = List::ALL.iter().map(|it| it.key()).collect();
    assert_eq!(keys.len(), List::ALL.len());
    for list in List::ALL {
        assert_eq!(List::of(list.key()), Some(list));
        assert_eq!(serde_json::to_value(list).unwrap(), list.key());
        let columns = columns(list);
        let keys: BTreeSet<_> = columns.iter().map(|it| it.key).collect();
        assert_eq!(keys.len(), columns.len(), "{list:?}");
        for lang in [Lang::Ja, Lang::En] {
            let title = list.title(lang);
            assert!(
                title.chars().count() <= 31 && !title.contains(['/', '\\', '?', '*', '[', ':'])
            );
        }
    }
}

#[test]
fn what_people_declared_stands_beside_what_was_seen() {
    let sample = sample("検査部門の回線");
    let cell = |key| sample.cell(List::Points, 0, key);
    assert_eq!(cell("vendor").text, "アクメ電算　03-0000-0000");
    assert_eq!(cell("always_on").text, "常時接続");
    assert_eq!(cell("line").state, State::HandEmpty);
    assert_eq!(
        cell("declared").text,
        "検査部門の回線 [line-1]（情報 太郎 2026-11-01）"
    );
    assert_eq!(cell("zones").text, "電子カルテ系（HIS系）");
    assert_eq!(
        sample.cell(List::Remote, 0, "contract").text,
        "検査部門の回線"
    );
}

#[test]
fn rejected_point_keeps_its_row_at_the_end_with_who_said_so() {
    let sample = sample("検査部門の回線");
    let last = rows(sample.basis(), List::Points, Lang::Ja).len() - 1;
    let grade = sample.cell(List::Points, last, "grade").text;
    assert_eq!(grade, "外部接続点ではない（職員の判断）");
    let decision = sample.cell(List::Points, last, "decision").text;
    assert!(decision.contains("2026-11-20 情報 太郎"), "{decision}");
}

#[test]
fn many_witnesses_are_bounded_and_the_rest_is_counted() {
    let mut sample = sample("x");
    let ledger = &sample.ledger;
    let all = (0..100).map(|it| witness(ledger, &format!("{it:03}")));
    sample.recognition.points[0].witnesses = all.collect();
    let text = sample.cell(List::Points, 0, "witnesses").text;
    assert_eq!(text.lines().count(), 11);
    assert!(text.ends_with("ほか 90 件"), "{text}");
}

#[test]
fn machines_that_could_not_be_asked_have_a_row_of_their_own() {
    let mut sample = sample("x");
    sample.ledger.assets[0].remote_tools.tools =
        daicho_report::Reading::unknown(Reason::Denied, "registry");
    let last = rows(sample.basis(), List::Remote, Lang::Ja);
    let denied = |row: &Row| row.cells.iter().any(|it| it.text == "未確認（権限不足）");
    assert!(last.iter().any(denied));
}

#[test]
fn system_that_only_people_know_is_not_dropped() {
    let sample = sample("x");
    let names: Vec<String> = rows(sample.basis(), List::Systems, Lang::Ja)
        .iter()
        .map(|row| row.cells[0].text.clone())
        .collect();
    assert_eq!(
        names,
        ["検査 x", "x"]
            .map(str::to_owned)
            .iter()
            .rev()
            .cloned()
            .collect::<Vec<_>>()
    );
}

#[test]
fn example_command_repeats_nothing_that_a_shell_would_obey() {
    let mut sample = sample("x");
    let hostile = "A\"; $(reboot) `id` 'B' %PATH% \u{202e}| & C";
    sample.recognition.unnamed[0].publisher = Some(hostile.to_owned());
    let text = sample.cell(List::Unnamed, 0, "command").text;
    assert!(text.starts_with("daicho-collector site name --match publisher=\"A*"));
    for refused in ["$", "`", ";", "|", "&", "%", "'"] {
        assert!(!text.contains(refused), "{text}");
    }
}

#[test]
fn device_in_two_zones_says_that_it_joins_them() {
    let sample = sample("x");
    let label = sample.ledger.assets[0].label.clone();
    let text = text_of(&named(&sample, List::Devices, &label).unwrap(), "zones");
    assert_eq!(
        text,
        "電子カルテ系（HIS系）：推定（要現地確認）\n外部接続・DMZ\n系をまたぐ機器"
    );
}

/// The site with devices that people wrote down.
fn with_devices(devices: serde_json::Value) -> Sample {
    let mut sample = sample("x");
    let serde_json::Value::Object(devices) = devices else {
        panic!("devices by key");
    };
    let entries = devices.into_iter().map(|(key, device)| {
        let device = serde_json::from_value(device).unwrap();
        entry(&key, EntryBody::Device(device))
    });
    sample.ledger.hand = Hand::new(entries.collect());
    sample.topology = topology(&sample.ledger);
    sample
}

/// The row of a list whose name is this, with its cells by key.
fn named(sample: &Sample, list: List, name: &str) -> Option<Vec<(&'static str, String)>> {
    let columns = columns(list);
    let rows = rows(sample.basis(), list, Lang::Ja);
    let mut found = rows.iter().filter(|row| row.cells[0].text == name);
    let row = found.next()?;
    assert!(found.next().is_none(), "two rows of {name}");
    let cells = columns.iter().zip(&row.cells);
    Some(
        cells
            .map(|(column, cell)| (column.key, cell.text.clone()))
            .collect(),
    )
}

fn text_of(row: &[(&'static str, String)], key: &str) -> String {
    row.iter().find(|(it, _)| *it == key).unwrap().1.clone()
}

#[test]
fn device_that_was_seen_and_written_down_has_one_row_with_both() {
    let plain = sample("x");
    let gateway = plain
        .ledger
        .seen
        .iter()
        .find(|it| ledger_list::is_network(it) && it.mac.is_some())
        .unwrap();
    let before = rows(plain.basis(), List::Network, Lang::Ja).len();
    let sample = with_devices(serde_json::json!({ "fw-1": {
        "name": "外来ファイアウォール", "kind": "firewall", "maker": "模擬通信",
        "purpose": "インターネット接続", "interfaces": [{ "mac": gateway.mac }],
    }}));
    let row = named(&sample, List::Network, "外来ファイアウォール").unwrap();
    assert_eq!(text_of(&row, "standing"), "手入力・通信を観測");
    assert_eq!(text_of(&row, "manufacturer"), "模擬通信");
    assert_eq!(text_of(&row, "use"), "インターネット接続");
    assert_eq!(text_of(&row, "model"), "未確認（未入力）");
    assert!(text_of(&row, "asset_id").contains(&gateway.id.0));
    assert!(text_of(&row, "role").starts_with("ファイアウォール・UTM\nゲートウェイ"));
    let hand_before = 1; // `sample` holds a firewall that nobody saw.
    let after = rows(sample.basis(), List::Network, Lang::Ja).len();
    assert_eq!(after, before - hand_before);
}

#[test]
fn device_that_only_people_know_stands_in_the_list_of_its_kind() {
    let sample = with_devices(serde_json::json!({
        "prn": { "name": "医事課プリンタ", "kind": "printer" },
        "onu": { "name": "回線終端", "kind": "line_terminal" },
    }));
    let printer = named(&sample, List::Devices, "医事課プリンタ").unwrap();
    assert_eq!(text_of(&printer, "standing"), "手入力（通信は未観測）");
    assert_eq!(text_of(&printer, "os_name"), "未確認（未照会）");
    assert_eq!(named(&sample, List::Network, "医事課プリンタ"), None);
    let terminal = named(&sample, List::Network, "回線終端").unwrap();
    assert_eq!(text_of(&terminal, "entered"), "情報 太郎 2026-11-01");
    assert_eq!(named(&sample, List::Devices, "回線終端"), None);
}

#[test]
fn a_persons_word_on_what_a_seen_device_is_decides_on_its_list() {
    let plain = sample("x");
    let seen = plain
        .ledger
        .seen
        .iter()
        .find(|it| !ledger_list::is_network(it))
        .unwrap();
    let sample = with_devices(serde_json::json!({ "sw": {
        "name": "病棟スイッチ", "kind": "switch",
        "interfaces": [{ "mac": seen.mac }],
    }}));
    assert!(named(&sample, List::Network, "病棟スイッチ").is_some());
    assert_eq!(named(&sample, List::Devices, "病棟スイッチ"), None);
}

/// A list as a file that a spreadsheet opens.
fn csv(sample: &Sample, list: List, lang: Lang) -> String {
    let line = |cells: Vec<&str>| {
        let quoted = cells
            .into_iter()
            .map(|it| format!("\"{}\"", it.replace('"', "\"\"")));
        quoted.collect::<Vec<_>>().join(",") + "\n"
    };
    let columns = columns(list);
    let mut out = line(columns.iter().map(|it| it.title(lang)).collect());
    for row in rows(sample.basis(), list, lang) {
        out.push_str(&line(row.cells.iter().map(|it| it.text.as_str()).collect()));
    }
    out
}

#[test]
fn lists_are_as_agreed() {
    let sample = sample("検査部門の回線");
    let check = |list, golden: expect_test::ExpectFile| {
        golden.assert_eq(&csv(&sample, list, Lang::Ja));
    };
    check(
        List::Points,
        expect_test::expect_file!["goldens/points.csv"],
    );
    check(
        List::Remote,
        expect_test::expect_file!["goldens/remote.csv"],
    );
    check(
        List::Systems,
        expect_test::expect_file!["goldens/systems.csv"],
    );
    check(
        List::Segments,
        expect_test::expect_file!["goldens/segments.csv"],
    );
    check(
        List::Unnamed,
        expect_test::expect_file!["goldens/unnamed.csv"],
    );
    check(
        List::Network,
        expect_test::expect_file!["goldens/network.csv"],
    );
    let english = csv(&sample, List::Points, Lang::En);
    expect_test::expect_file!["goldens/points_en.csv"].assert_eq(&english);
}

#[test]
fn lists_are_the_same_whatever_the_order_of_what_was_recognised() {
    let (one, mut other) = (sample("x"), sample("x"));
    let it = &mut other.recognition;
    it.points.reverse();
    it.systems.reverse();
    it.segments.reverse();
    it.assets.reverse();
    for point in &mut it.points {
        point.witnesses.reverse();
    }
    other.topology.nodes.reverse();
    other.topology.edges.reverse();
    for list in List::ALL {
        assert_eq!(
            csv(&one, list, Lang::Ja),
            csv(&other, list, Lang::Ja),
            "{list:?}"
        );
    }
}

#[test]
fn points_that_differ_in_nothing_but_their_place_in_the_data_are_printed_once() {
    let mut sample = sample("x");
    let mut twin = sample.recognition.points[0].clone();
    twin.id = "point:twin".to_owned();
    sample.recognition.points.push(twin);
    let mut other = sample.recognition.points[0].clone();
    other.id = "point:other".to_owned();
    other.grade = Grade::Confirmed;
    sample.recognition.points.push(other);
    let rows = rows(sample.basis(), List::Points, Lang::Ja);
    let named = |text: &str| rows.iter().filter(|row| row.cells[0].text == text).count();
    assert_eq!(named("x（2 件。同じものかは未確認）"), 1);
    let twins = rows
        .iter()
        .find(|row| row.cells[1].text == "point:a\npoint:twin");
    assert!(twins.is_some());
    assert!(rows.iter().any(|row| row.cells[1].text == "point:other"));
}

fn kept(key: &str, values: &[(&str, &str, &str)]) -> Entry {
    let value = |(name, text, at): &(&str, &str, &str)| {
        let value = daicho_ledger::hand::HandValue {
            text: (*text).to_owned(),
            by: "架空花子".to_owned(),
            at: time(at),
        };
        ((*name).to_owned(), value)
    };
    let values = values.iter().map(value).collect();
    entry(
        key,
        EntryBody::Fields(daicho_ledger::hand::HandFields { values }),
    )
}

#[test]
fn what_people_keep_stands_in_their_columns_with_who_and_when_and_nowhere_else() {
    let mut sample = sample("x");
    let id = sample.ledger.assets[0].id.0.clone();
    let at = "2026-11-20T00:00:00Z";
    let own = kept(
        &id,
        &[
            ("status", "in_repair", at),
            ("location", "二階\n受付", at),
            ("serial", "SN", at),
        ],
    );
    sample.ledger.hand.entries.push(own);
    let all = rows(sample.basis(), List::Devices, Lang::Ja);
    let at = all.iter().position(|it| it.key.as_deref() == Some(&id));
    let cell = |key| sample.cell(List::Devices, at.unwrap(), key);
    assert_eq!(cell("status").text, "修理中");
    assert_eq!(cell("status").source, "手入力（架空花子）");
    assert_eq!(cell("location").text, "二階\n受付");
    assert_eq!(cell("row_key").text, id);
    assert!(cell("entered").text.contains("架空花子 2026-11-20"));
    // Collected: a person's word does not go there.
    assert_ne!(cell("serial").text, "SN");
    assert_eq!(cell("rack").state, State::HandEmpty);
}

#[test]
fn every_field_is_a_column_of_its_lists_and_every_heading_is_there_once() {
    use daicho_ledger::hand::field::{DEVICES, FIELDS, NETWORK, REMOTE};
    let lists = [
        (List::Devices, DEVICES),
        (List::Network, NETWORK),
        (List::Remote, REMOTE),
    ];
    for (list, mark) in lists {
        let columns = columns(list);
        for field in FIELDS.iter().filter(|it| it.on & mark != 0) {
            let of = columns.iter().filter(|it| it.key == field.key);
            let layers: Vec<_> = of.map(|it| it.layer).collect();
            assert_eq!(
                layers,
                [daicho_ledger::Layer::Hand],
                "{list:?} {}",
                field.key
            );
        }
        for pick in [|it: &Column| it.ja, |it: &Column| it.en] {
            let titles: BTreeSet<_> = columns.iter().map(pick).collect();
            assert_eq!(titles.len(), columns.len(), "{list:?}");
        }
    }
}

#[test]
fn rows_of_the_register_are_filled_by_their_point() {
    let mut sample = sample("x");
    let at = "2026-11-20T00:00:00Z";
    let values = [("two_factor", "no", at), ("always_on", "on_demand", at)];
    sample.ledger.hand.entries.push(kept("point:a", &values));
    let all = rows(sample.basis(), List::Remote, Lang::Ja);
    let of = all
        .iter()
        .position(|it| it.key.as_deref() == Some("point:a"));
    let cell = |key| sample.cell(List::Remote, of.unwrap(), key);
    assert_eq!(cell("two_factor").text, "無");
    assert_eq!(cell("always_on").text, "必要時のみ");
}
