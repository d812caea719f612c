//! What a spreadsheet, a reader or a hostile name may not do with an export.

use daicho_graph::list::{columns, rows};
use daicho_graph::{Knowledge, Network, network};
use daicho_ledger::{Ledger, build};
use daicho_report::Reading;
use expect_test::expect_file;
use proptest::prelude::*;

use super::*;

fn ledger() -> Ledger {
    let input = include_str!("../../ledger/src/ledger/fixture.json");
    build(&serde_json::from_str(input).unwrap())
}

fn of(ledger: &Ledger) -> Network {
    network(ledger, &Knowledge::shipped())
}

fn basis<'a>(ledger: &'a Ledger, network: &'a Network) -> Basis<'a> {
    Basis {
        ledger,
        topology: &network.topology,
        recognition: &network.recognition,
    }
}

fn csv_of(ledger: &Ledger, list: List, lang: Lang) -> Vec<u8> {
    let options = Options::default();
    csv::bytes(basis(ledger, &of(ledger)), list, lang, options).unwrap()
}

/// The rows of a CSV as a program reads them.
fn parsed(bytes: &[u8]) -> Vec<Vec<String>> {
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap();
    let mut reader = ::csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text);
    let record = |it: ::csv::StringRecord| it.iter().map(str::to_owned).collect();
    reader.records().map(|it| record(it.unwrap())).collect()
}

#[test]
fn csv_of_the_devices_is_as_agreed() {
    let csv = csv_of(&ledger(), List::Devices, Lang::Ja);
    let text = String::from_utf8(csv).unwrap().replace("\r\n", "\n");
    expect_file!["tests/devices.csv"].assert_eq(&text);
}

#[test]
fn csv_read_back_is_the_list() {
    let ledger = ledger();
    for list in List::ALL {
        let back = parsed(&csv_of(&ledger, list, Lang::Ja));
        let titles: Vec<_> = columns(list).iter().map(|it| it.ja.to_owned()).collect();
        assert_eq!(back[0][..titles.len()], titles);
        let network = of(&ledger);
        let rows = rows(basis(&ledger, &network), list, Lang::Ja);
        assert_eq!(back.len(), rows.len() + 1);
        for (line, row) in back.iter().skip(1).zip(&rows) {
            for (cell, expected) in line.iter().zip(&row.cells) {
                assert_eq!(
                    cell.strip_prefix('\'').unwrap_or(cell),
                    expected.text.replace('\n', "; ")
                );
            }
        }
    }
}

#[test]
fn two_exports_of_one_ledger_have_the_same_bytes() {
    let ledger = ledger();
    let (one, other) = (of(&ledger), of(&ledger));
    let workbook = |it| xlsx::bytes(basis(&ledger, it), Lang::Ja, Options::default()).unwrap();
    assert!(workbook(&one) == workbook(&other));
    let value = |it| json::bytes(basis(&ledger, it), Some(Lang::Ja)).unwrap();
    assert_eq!(value(&one), value(&other));
}

#[test]
fn json_names_its_schema_and_holds_the_raw_ledger() {
    let ledger = ledger();
    let value: serde_json::Value =
        serde_json::from_slice(&json::bytes(basis(&ledger, &of(&ledger)), Some(Lang::En)).unwrap())
            .unwrap();
    assert_eq!(value["schema"], "daicho-ledger/2");
    assert_eq!(value["lists"].as_array().unwrap().len(), List::ALL.len());
    let back: Ledger = serde_json::from_value(value["ledger"].clone()).unwrap();
    assert_eq!(back, ledger);
    let alone = json::bytes(basis(&ledger, &of(&ledger)), None).unwrap();
    let alone: serde_json::Value = serde_json::from_slice(&alone).unwrap();
    assert_eq!(alone["ledger"], value["ledger"]);
    assert!(alone.get("lists").is_none());
}

#[test]
fn ledger_of_nothing_is_still_a_workbook() {
    let mut nothing = ledger();
    nothing.assets.clear();
    nothing.seen.clear();
    nothing.period = None;
    nothing.as_of = daicho_report::Time::EPOCH;
    nothing.site.name = String::new();
    assert!(
        xlsx::bytes(basis(&nothing, &of(&nothing)), Lang::En, Options::default())
            .unwrap()
            .starts_with(b"PK")
    );
    let csv = csv_of(&nothing, List::Network, Lang::En);
    assert_eq!(parsed(&csv).len(), 1);
}

#[test]
fn names_too_long_for_a_cell_or_a_header_are_cut_and_not_refused() {
    let mut ledger = ledger();
    ledger.site.name = "&A9&".repeat(500);
    ledger.assets[0].label = "長".repeat(40_000);
    ledger.assets[1].hardware.model = Reading::known("\u{1F3E5}".repeat(20_000), "x");
    assert!(xlsx::bytes(basis(&ledger, &of(&ledger)), Lang::Ja, Options::default()).is_ok());
}

proptest! {
    #[test]
    fn no_cell_of_a_csv_begins_a_formula(name in "[=+@\\-＝＋－＠\t\r\n \"',;a]{0,6}.{0,3}") {
        let mut ledger = ledger();
        ledger.assets[0].label = name;
        for row in parsed(&csv_of(&ledger, List::Devices, Lang::Ja)) {
            for cell in row {
                let first = cell.trim_start().chars().next().unwrap();
                prop_assert!(!"=+-@\t\r\n＝＋－＠".contains(first), "{cell:?}");
            }
        }
    }
}
