//! Forms are whole, and no item is answered はい that the data cannot prove.

use std::collections::BTreeMap;
use std::slice::from_ref;

use daicho_report::Time;
use serde_json::{Value, json};

use super::*;
use crate::asset::AssetId;
use crate::hand::{Answer, Entry, EntryBody, Hand, Person, Record, Register, Said, Vendor};
use crate::ledger::Ledger;
use crate::{Lang, build};

fn known(value: Value) -> Value {
    json!({ "known": { "value": value, "source": "test" } })
}

/// Machines, each with these sections.
fn ledger(machines: &[&[(&str, Value)]], entries: Vec<Entry>) -> Ledger {
    let at = "2026-11-25T00:00:00Z";
    let mut input: Value = serde_json::from_str(include_str!("../ledger/fixture.json")).unwrap();
    let agent = input["agents"][0].clone();
    let agents = machines.iter().enumerate().map(|(number, sections)| {
        let mut agent = agent.clone();
        let id = agent["agent"].as_str().unwrap().to_owned();
        agent["agent"] = json!(format!("{}{number}", &id[..id.len() - 1]));
        agent["sections"] = sections
            .iter()
            .map(|(kind, body)| {
                json!({
                    "kind": kind, "source": "linux", "at": at, "received_at": at, "body": body,
                    "kept": []
                })
            })
            .collect();
        agent["flows"] = json!([]);
        agent["neighbours"] = json!([]);
        agent["presence"]["last_at"] = json!(at);
        agent
    });
    input["agents"] = agents.collect();
    input["as_of"] = json!("2026-11-25T03:00:00Z");
    let mut input: crate::Input = serde_json::from_value(input).unwrap();
    input.hand = Hand::new(entries);
    build(&input)
}

fn census(ledger: &Ledger) -> Census<'_> {
    let thing = |id: &AssetId| Thing {
        name: id.0.clone(),
        asset: Some(id.clone()),
        scope: Some(Scope::Terminal),
        written: true,
        fields: BTreeMap::new(),
        vendors: ["acme".to_owned()].into(),
    };
    Census {
        ledger,
        things: ledger.assets.iter().map(|it| thing(&it.id)).collect(),
        points: Vec::new(),
        systems: Vec::new(),
        segments: 1,
        vendors: [("acme".to_owned(), "Acme".to_owned())].into(),
    }
}

fn r7() -> &'static Form {
    shipped().iter().find(|it| it.id == "r7").unwrap()
}

fn entry(key: &str, body: EntryBody) -> Entry {
    Entry {
        key: key.to_owned(),
        by: "架空花子".to_owned(),
        at: Time::parse("2026-11-20T00:00:00Z").unwrap(),
        body,
    }
}

fn said(item: &str, says: Said) -> Entry {
    let answer = Answer {
        says,
        on: "2026-11-20".to_owned(),
        name: "架空花子".to_owned(),
        target: None,
        done: None,
        version: String::new(),
        approver: String::new(),
        note: String::new(),
        file: None,
    };
    let key = answer_key("r7", Sheet::Hospital, None, item);
    entry(&key, EntryBody::Answer(answer))
}

fn verdict(ledger: &Ledger, item: &str) -> Final {
    let census = census(ledger);
    let filled = fill(r7(), Sheet::Hospital, &census, None);
    filled
        .lines
        .iter()
        .find(|it| it.item.id == item)
        .unwrap()
        .verdict
}

fn usb(state: Value) -> (&'static str, Value) {
    ("storage", json!({ "usb_storage": known(state) }))
}

#[test]
fn every_shipped_form_is_read_and_every_item_says_who_answers_it() {
    let ids: Vec<&str> = shipped().iter().map(|it| it.id.as_str()).collect();
    assert_eq!(ids, ["r7", "r6", "r5", "bcp", "contract"]);
    // The counts that others counted: R5 10 hospital items, R6 18 and the preliminary one.
    let count = |id: &str, sheet| {
        let form = shipped().iter().find(|it| it.id == id).unwrap();
        form.on(sheet).count()
    };
    assert_eq!(count("r5", Sheet::Hospital), 10);
    assert_eq!(count("r6", Sheet::Hospital), 19);
    assert_eq!(count("r7", Sheet::Hospital), 19);
    assert_eq!(count("r7", Sheet::Vendor), 14);
    for item in shipped().iter().flat_map(|it| &it.items) {
        assert!(!item.attest_ja.is_empty() && !item.en.is_empty() && !item.words.is_empty());
    }
}

#[test]
fn form_with_a_rule_that_nobody_knows_is_refused_with_its_line() {
    let text = include_str!("data/r7.toml");
    let broken = text.replacen("rule = \"usb_storage\"", "rule = \"usb\"", 1);
    let error = Form::read(&broken).unwrap_err();
    let line = broken.lines().nth(error.line - 1).unwrap();
    assert_eq!(line, "id = \"2-09\"");
    assert!(error.what.contains("usb_storage"), "{error}");
    let twice = text.replacen("id = \"2-02\"", "id = \"2-01\"", 1);
    assert!(Form::read(&twice).unwrap_err().what.contains("twice"));
    let unknown = text.replacen("no = \"2-①\"", "number = \"2-①\"", 1);
    assert!(Form::read(&unknown).unwrap_err().line > 1);
}

#[test]
fn yes_is_proposed_only_where_every_device_proves_it() {
    let blocked = usb(json!({ "blocked": "USBSTOR" }));
    let both = ledger(&[from_ref(&blocked), from_ref(&blocked)], vec![]);
    assert_eq!(verdict(&both, "2-09"), Final::Proved);
    let one_not_asked = ledger(&[from_ref(&blocked), &[]], vec![]);
    assert_eq!(verdict(&one_not_asked, "2-09"), Final::Open);
    let one_allows = ledger(&[&[blocked], &[usb(json!("allowed"))]], vec![]);
    assert_eq!(verdict(&one_allows, "2-09"), Final::Refuted);
    let nothing = ledger(&[], vec![]);
    assert_eq!(verdict(&nothing, "2-09"), Final::Open);
}

#[test]
fn yes_of_a_person_that_data_contradict_is_not_written() {
    let allowed = usb(json!("allowed"));
    let yes = ledger(&[from_ref(&allowed)], vec![said("2-09", Said::Yes)]);
    assert_eq!(verdict(&yes, "2-09"), Final::Contradicted);
    assert_eq!(verdict(&yes, "2-09").written(), None);
    let no = ledger(&[&[allowed]], vec![said("2-09", Said::No)]);
    assert_eq!(verdict(&no, "2-09"), Final::Attested(Said::No));
    let unknown = ledger(&[&[]], vec![said("2-09", Said::Yes)]);
    assert_eq!(verdict(&unknown, "2-09"), Final::Attested(Said::Yes));
}

#[test]
fn machine_that_has_fallen_silent_proves_nothing() {
    let blocked = usb(json!({ "blocked": "USBSTOR" }));
    let mut ledger = ledger(&[&[blocked]], vec![]);
    assert_eq!(verdict(&ledger, "2-09"), Final::Proved);
    ledger.as_of = Time::parse("2026-11-28T00:00:00Z").unwrap();
    assert_eq!(verdict(&ledger, "2-09"), Final::Open);
}

#[test]
fn what_a_person_alone_can_say_is_never_answered_by_data() {
    let person = entry(
        "p1",
        EntryBody::Person(Person {
            name: "架空花子".to_owned(),
            role: "医療情報システム安全管理責任者".to_owned(),
            ..Person::default()
        }),
    );
    let ledger = ledger(&[], vec![person]);
    let census = census(&ledger);
    let filled = fill(r7(), Sheet::Hospital, &census, None);
    let line = filled.lines.iter().find(|it| it.item.id == "1-01").unwrap();
    assert_eq!(line.proof.supports.len(), 1);
    assert_eq!(line.verdict, Final::Open);
}

#[test]
fn ended_support_needs_reason_measure_and_a_day_of_review() {
    let os = json!({ "id": known("debian".into()), "version": known("9.13".into()) });
    let ledger = ledger(&[&[("os", os)]], vec![]);
    let mut census = census(&ledger);
    let of = |census: &Census<'_>| {
        let filled = fill(r7(), Sheet::Hospital, census, None);
        filled
            .lines
            .iter()
            .find(|it| it.item.id == "2-06")
            .unwrap()
            .verdict
    };
    assert_eq!(of(&census), Final::Refuted);
    for (field, text) in [
        ("exception_reason", "事業者が未対応"),
        ("exception_measure", "外部と遮断"),
        ("exception_review", "2027-03-31"),
    ] {
        census.things[0]
            .fields
            .insert(field.to_owned(), text.to_owned());
    }
    assert_eq!(of(&census), Final::Open);
}

#[test]
fn sheet_of_a_vendor_holds_no_other_vendors_assets() {
    let allowed = usb(json!("allowed"));
    let ledger = ledger(&[from_ref(&allowed); 2], vec![]);
    let mut census = census(&ledger);
    census.things[1].vendors = ["other".to_owned()].into();
    census
        .vendors
        .insert("other".to_owned(), "Other".to_owned());
    let filled = fill(r7(), Sheet::Vendor, &census, Some("acme"));
    let mine = census.things[0].name.clone();
    for line in &filled.lines {
        for list in [
            &line.proof.supports,
            &line.proof.contradicts,
            &line.proof.open,
        ] {
            let foreign = list.iter().find(|it| it.name != mine && it.name != "Acme");
            let own = ["医療情報システム安全管理責任者"];
            assert!(
                foreign.is_none_or(|it| own.contains(&it.name.as_str())),
                "{foreign:?}"
            );
        }
    }
    let usb = filled.lines.iter().find(|it| it.item.id == "2-09").unwrap();
    assert_eq!(usb.proof.contradicts.len(), 1);
}

#[test]
fn form_of_an_older_year_says_so_and_is_never_complete() {
    let mut ledger = ledger(&[], vec![]);
    ledger.as_of = Time::parse("2026-03-31T14:59:59Z").unwrap();
    let first = census(&ledger);
    assert_eq!(fill(r7(), Sheet::Hospital, &first, None).outdated, None);
    drop(first);
    ledger.as_of = Time::parse("2026-03-31T15:00:00Z").unwrap();
    let census = census(&ledger);
    let filled = fill(r7(), Sheet::Hospital, &census, None);
    assert_eq!(filled.outdated, Some(2026));
    assert!(!filled.is_complete());
    let said = summary(&filled, Lang::Ja).join("\n");
    assert!(
        said.contains("この様式は令和7年度版です。最新版の有無を確認してください"),
        "{said}"
    );
}

#[test]
fn record_counts_until_it_is_due_again() {
    let record = |on: &str, next: Option<&str>| {
        entry(
            &format!("training/{on}/1"),
            EntryBody::Record(Record {
                register: Register::Training,
                on: on.to_owned(),
                name: "架空花子".to_owned(),
                vendor: None,
                result: "机上訓練".to_owned(),
                next: next.map(str::to_owned),
                note: String::new(),
                file: None,
            }),
        )
    };
    let bcp = shipped().iter().find(|it| it.id == "bcp").unwrap();
    let supports = |entries: Vec<Entry>| {
        let ledger = ledger(&[], entries);
        let census = census(&ledger);
        let filled = fill(bcp, Sheet::Bcp, &census, None);
        let line = filled
            .lines
            .iter()
            .find(|it| it.item.id == "1-2-3")
            .unwrap();
        line.proof.supports.len()
    };
    assert_eq!(supports(vec![record("2026-06-01", None)]), 1);
    assert_eq!(supports(vec![record("2025-06-01", None)]), 0);
    assert_eq!(supports(vec![record("2026-06-01", Some("2026-11-01"))]), 0);
    assert_eq!(supports(vec![]), 0);
}

#[test]
fn restore_order_is_open_by_name_until_it_is_written() {
    let bcp = shipped().iter().find(|it| it.id == "bcp").unwrap();
    let ledger = ledger(&[], Vec::new());
    let mut census = census(&ledger);
    let system = |name: &str, order| SystemRow {
        name: name.to_owned(),
        order,
        ..SystemRow::default()
    };
    census.systems = vec![system("電子カルテ", true), system("検査", false)];
    let filled = fill(bcp, Sheet::Bcp, &census, None);
    let line = |id: &str| filled.lines.iter().find(|it| it.item.id == id).unwrap();
    let names = |all: &[super::settle::Named]| -> Vec<String> {
        all.iter().map(|it| it.name.clone()).collect()
    };
    let proof = &line("4-1").proof;
    assert_eq!(names(&proof.supports), ["電子カルテ"]);
    assert_eq!(names(&proof.open), ["検査"]);
    // A plan is a document: data alone never answer it.
    assert!(line("4").proof.supports.is_empty());
}

#[test]
fn vendor_is_asked_by_its_own_sheet() {
    let vendor = entry(
        "acme",
        EntryBody::Vendor(Vendor {
            name: "Acme".to_owned(),
            ..Vendor::default()
        }),
    );
    let mut answer = said("2-02", Said::Yes);
    answer.key = answer_key("r7", Sheet::Vendor, Some("acme"), "2-02");
    let ledger = ledger(&[], vec![vendor, answer]);
    let census = census(&ledger);
    let filled = fill(r7(), Sheet::Hospital, &census, None);
    let line = filled.lines.iter().find(|it| it.item.id == "2-02").unwrap();
    assert_eq!(line.proof.supports[0].ja, "回答 2026-11-20");
}

#[test]
fn rows_have_a_cell_for_each_column_and_none_is_blank() {
    let allowed = usb(json!("allowed"));
    let ledger = ledger(&[&[allowed]], vec![said("2-09", Said::Yes)]);
    let census = census(&ledger);
    for form in shipped() {
        for sheet in form.sheets() {
            let vendor = sheet.is_per_vendor().then_some("acme");
            let filled = fill(form, sheet, &census, vendor);
            for lang in [Lang::Ja, Lang::En] {
                for row in rows(&filled, &ledger, lang) {
                    assert_eq!(row.cells.len(), columns().len());
                    assert!(row.cells.iter().all(|it| !it.text.trim().is_empty()));
                }
            }
        }
    }
    for row in register_rows(&ledger.hand, 0, Lang::Ja) {
        assert_eq!(row.cells.len(), register_columns().len());
    }
}
