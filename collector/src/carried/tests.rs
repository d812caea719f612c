use daicho_report::{Cost, Reading, Reason, Section};

use super::*;
use crate::site::tests::{Fixture, START, fixture, os};

const BY: Options<'static> = Options {
    by: "山田",
    newest: false,
};

fn hardware(system: Option<&str>, uuid: Option<&str>) -> Section {
    let reading = |text: Option<&str>| match text {
        Some(text) => Reading::known(text.to_owned(), "test"),
        None => Reading::unknown(Reason::Denied, "test"),
    };
    let body = Hardware {
        machine_id: reading(system),
        smbios_uuid: reading(uuid),
        host_name: reading(Some("ct-console")),
        ..Hardware::default()
    };
    Section::new(&body, "windows", Time::from_seconds(START)).unwrap()
}

fn picture(sections: Vec<Section>, at: i64) -> Picture {
    Picture {
        signed: false,
        agent_version: "0.1.0".to_owned(),
        host_name: Some("ct-console".to_owned()),
        boot_id: "boot".to_owned(),
        collected_at: Time::from_seconds(at),
        cost: Cost::default(),
        sections,
    }
}

fn bytes(picture: &Picture) -> Vec<u8> {
    serde_json::to_vec(picture).unwrap()
}

/// A picture of a machine with this identity and system, collected so many seconds after the start.
fn of(system: &str, uuid: Option<&str>, name: &str, after: i64) -> Vec<u8> {
    let sections = vec![hardware(Some(system), uuid), os(name)];
    bytes(&picture(sections, START + after))
}

fn code(result: Result<Taken, Refused>) -> &'static str {
    result.unwrap_err().code
}

fn names(it: &Fixture, at: i64) -> Vec<(String, String)> {
    let ledger = daicho_ledger::build(&it.input(at));
    let named = |asset: &daicho_ledger::AgentAsset| {
        let name = asset.os.name.value().cloned().unwrap_or_default();
        (asset.id.0.clone(), name)
    };
    ledger.assets.iter().map(named).collect()
}

#[test]
fn a_picture_becomes_a_machine_of_the_ledger_with_its_carrier() {
    let it = fixture();
    let taken = take(&it.site, &of("sys", Some("u-1"), "Windows 7", -3600), BY).unwrap();
    assert!(taken.is_new && !taken.signed && !taken.repeated);
    let ledger = daicho_ledger::build(&it.input(START));
    let asset = &ledger.assets[0];
    let carried = asset.carried.as_ref().unwrap();
    assert_eq!((carried.by.as_str(), carried.signed), ("山田", false));
    assert_eq!(asset.os.name.value().unwrap(), "Windows 7");
    assert_eq!(
        asset.presence.collected_at,
        Time::from_seconds(START - 3600)
    );
    // It grew old on the way, which says nothing of its clock.
    let rules: Vec<&str> = daicho_ledger::findings(&ledger)
        .into_iter()
        .map(|it| it.rule)
        .collect();
    assert!(!rules.contains(&"CLK-001"), "{rules:?}");
    it.assert_sound();
}

#[test]
fn a_later_picture_of_the_same_machine_continues_it_and_its_past_stays() {
    let it = fixture();
    let first = take(&it.site, &of("sys", None, "Windows 7", 0), BY).unwrap();
    it.pass(40 * 86_400);
    // This time the hardware could be read.
    let later = of("sys", Some("U-1"), "Windows 10", 39 * 86_400);
    let second = take(&it.site, &later, BY).unwrap();
    assert_eq!((first.agent, second.is_new), (second.agent, false));
    assert_eq!(names(&it, START)[0].1, "Windows 7");
    assert_eq!(names(&it, START + 40 * 86_400)[0].1, "Windows 10");
    let silent = |at| {
        let ledger = daicho_ledger::build(&it.input(at));
        daicho_ledger::finding::is_silent(&ledger, &ledger.assets[0])
    };
    assert!(!silent(START + 34 * 86_400) && silent(START + 36 * 86_400));
    it.assert_sound();
}

#[test]
fn the_same_file_twice_and_an_older_one_change_nothing() {
    let it = fixture();
    let file = of("sys", None, "Windows 10", 0);
    take(&it.site, &file, BY).unwrap();
    let head = it.site.head().unwrap().size;
    it.pass(60);
    assert!(take(&it.site, &file, BY).unwrap().repeated);
    let older = of("sys", None, "Windows 7", -60);
    assert_eq!(code(take(&it.site, &older, BY)), "CAR-006");
    assert_eq!(it.site.head().unwrap().size, head);
    let newest = Options { newest: true, ..BY };
    take(&it.site, &older, newest).unwrap();
    assert_eq!(names(&it, START + 60)[0].1, "Windows 7");
    it.assert_sound();
}

#[test]
fn copies_of_a_disk_on_other_hardware_stay_two_machines() {
    let it = fixture();
    let one = take(&it.site, &of("sys", Some("u-1"), "Windows 10", 0), BY).unwrap();
    let two = take(&it.site, &of("sys", Some("u-2"), "Windows 11", 0), BY).unwrap();
    assert_ne!(one.agent, two.agent);
    let neither = of("sys", None, "Windows 12", 60);
    assert_eq!(code(take(&it.site, &neither, BY)), "CAR-007");
    assert_eq!(names(&it, START).len(), 2);
    it.assert_sound();
}

#[test]
fn a_machine_without_an_identity_is_refused() {
    let it = fixture();
    for nothing in [None, Some("00000000-0000-0000-0000-000000000000")] {
        let file = bytes(&picture(vec![hardware(nothing, Some("u-1"))], START));
        assert_eq!(code(take(&it.site, &file, BY)), "CAR-003");
    }
    let file = bytes(&picture(vec![os("Debian")], START));
    assert_eq!(code(take(&it.site, &file, BY)), "CAR-003");
    assert!(it.site.agents().unwrap().is_empty());
}

#[test]
fn an_unsigned_picture_never_replaces_a_machine_with_an_agent() {
    let it = fixture();
    let mut machine = it.machine(1);
    machine.send(&it.site, vec![hardware(Some("sys"), None), os("Debian")]);
    let file = of("sys", Some("u-1"), "something else", 60);
    assert_eq!(code(take(&it.site, &file, BY)), "CAR-005");
    assert_eq!(
        names(&it, START),
        [(machine.id.to_string(), "Debian".to_owned())]
    );
    it.assert_sound();
}

#[test]
fn a_signed_report_is_a_link_of_its_agents_chain_and_comes_twice_without_harm() {
    let it = fixture();
    let mut machine = it.machine(1);
    machine.send(&it.site, vec![os("Debian")]);
    it.pass(60);
    let report = machine.report(vec![os("Ubuntu")]);
    let file = serde_json::to_vec(&report).unwrap();
    let taken = take(&it.site, &file, BY).unwrap();
    assert!(taken.signed && !taken.repeated && taken.agent == machine.id);
    assert_eq!(names(&it, START + 60)[0].1, "Ubuntu");
    // The agent sends it too, when it reaches the collector again.
    let again = crate::site::tests::compressed(&report);
    assert_eq!(it.site.ingest(&machine.id, &again).unwrap().acknowledged, 2);
    assert!(take(&it.site, &file, BY).unwrap().repeated);
    let of = |at| it.input(at).agents[0].carried.clone();
    assert!(of(START).is_none() && of(START + 60).unwrap().signed);
    // The next one comes over the network.
    it.pass(60);
    machine.send(&it.site, vec![os("Fedora")]);
    assert!(of(START + 120).is_none());
    it.assert_sound();
}

#[test]
fn a_report_of_an_agent_that_is_not_enrolled_here_is_refused() {
    let (here, elsewhere) = (fixture(), fixture());
    let report = elsewhere.machine(9).report(vec![os("Debian")]);
    let file = serde_json::to_vec(&report).unwrap();
    assert_eq!(code(take(&here.site, &file, BY)), "CAR-004");
}

#[test]
fn a_file_may_be_indented_and_in_the_encodings_of_a_redirection() {
    let json = String::from_utf8(of("sys", None, "日本語 \\\" {,", 0)).unwrap();
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    // Keys keep their order only in our own indentation: bodies are hashed as they were written.
    let indented = json.replace("\":", "\" :\r\n  ").replace("},", "} ,\t");
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&indented).unwrap(),
        value
    );
    let units: Vec<u16> = format!("\u{feff}{json}").encode_utf16().collect();
    let files: [Vec<u8>; 4] = [
        indented.into_bytes(),
        units.iter().flat_map(|it| it.to_le_bytes()).collect(),
        units.iter().flat_map(|it| it.to_be_bytes()).collect(),
        format!("\u{feff}{json}").into_bytes(),
    ];
    for file in files {
        let it = fixture();
        take(&it.site, &file, BY).unwrap();
        assert_eq!(names(&it, START)[0].1, "日本語 \\\" {,");
    }
}

#[test]
fn what_is_no_report_or_was_changed_is_refused_and_leaves_nothing() {
    let it = fixture();
    let good = String::from_utf8(of("sys", None, "Windows 10", 0)).unwrap();
    let changed = good.replace("Windows 10", "Windows 11");
    let deep = "[".repeat(100_000);
    let twice = {
        let mut picture = picture(vec![hardware(Some("sys"), None), os("a")], START);
        picture.sections.push(os("b"));
        String::from_utf8(bytes(&picture)).unwrap()
    };
    for (file, wanted) in [
        (changed.as_str(), "CAR-002"),
        (deep.as_str(), "CAR-001"),
        ("", "CAR-001"),
        ("{}", "CAR-001"),
        ("<html>", "CAR-001"),
        ("{\"signed\":false,\"more\":1}", "CAR-001"),
        ("{\"envelope\":{}}", "ING-003"),
        (twice.as_str(), "ING-009"),
    ] {
        assert_eq!(
            code(take(&it.site, file.as_bytes(), BY)),
            wanted,
            "{file:.40}"
        );
    }
    let odd = [0xff, 0xfe, 0x00, 0xd8, 0x20];
    assert_eq!(code(take(&it.site, &odd, BY)), "CAR-001");
    let nobody = Options { by: " ", ..BY };
    assert_eq!(code(take(&it.site, good.as_bytes(), nobody)), "SIT-006");
    assert_eq!(it.site.head().unwrap().size, 0);
    it.assert_sound();
}

#[test]
fn the_carrier_stands_in_the_log_with_the_files_hash_and_a_change_of_it_is_found() {
    let it = fixture();
    let file = of("sys", None, "Windows 10", 0);
    let taken = take(&it.site, &file, BY).unwrap();
    let row = crate::store::read(it.site.store.as_ref(), |rows| {
        rows.alone_at(taken.agent.as_str(), "carried", Time::from_seconds(START))
    });
    let Leaf::Carried { file: hash, by, .. } = Leaf::decode(&row.unwrap().unwrap()).unwrap() else {
        panic!("another leaf")
    };
    assert_eq!((hash, by.as_str()), (Hash::of(&file), "山田"));
}

#[test]
fn no_carried_machine_can_ever_connect() {
    let it = fixture();
    take(&it.site, &of("sys", None, "Windows 10", 0), BY).unwrap();
    assert_eq!(
        it.site.authenticate(&Hash::ZERO).unwrap_err().code,
        "ENR-007"
    );
}
