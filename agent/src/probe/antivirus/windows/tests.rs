use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::*;
use crate::platform::filetime::{AT_1970, SECOND};
use crate::platform::replay::Bundle;
use crate::platform::{Miss, RawProcess, RawService, RawValue, RawVersion};
use crate::probe::software;
use crate::probe::unit::Units;

fn service(name: &str, state: u32) -> RawService {
    RawService {
        name: name.to_owned(),
        kind: 0x10,
        state,
    }
}

/// A machine with these services and drivers, all at work; 1: a workstation, 3: a server.
fn machine(kind: u8, services: &[&str], drivers: &[&str]) -> Bundle {
    let all = |names: &[&str]| -> Vec<RawService> {
        names
            .iter()
            .map(|it| service(it, RawService::RUNS))
            .collect()
    };
    let version = RawVersion {
        major: 10,
        product: kind,
        ..RawVersion::default()
    };
    Bundle::new("windows")
        .with("windows_version", "", &version)
        .with("services", "", &all(services))
        .with("drivers", "", &all(drivers))
        .with("processes", "", &Vec::<RawProcess>::new())
        .with("registry_keys", "HKU", &Vec::<String>::new())
        .with_miss(
            "wmi",
            &format!("{} {}", CENTER.0, CENTER.1),
            Miss::Unknown(Reason::failed(NO_NAMESPACE)),
        )
        .with_nothing_else()
}

fn registered_as(bundle: Bundle, name: &str, state: i64) -> Bundle {
    let object = RawObject::from([
        ("displayName".to_owned(), RawProperty::Text(name.to_owned())),
        ("productState".to_owned(), RawProperty::Number(state)),
    ]);
    bundle.with("wmi", &format!("{} {}", CENTER.0, CENTER.1), &[object])
}

fn status(bundle: Bundle, mode: &str, on: bool) -> Bundle {
    let object = RawObject::from([
        (
            "AMRunningMode".to_owned(),
            RawProperty::Text(mode.to_owned()),
        ),
        (
            "RealTimeProtectionEnabled".to_owned(),
            RawProperty::Bool(on),
        ),
    ]);
    bundle.with("wmi", &format!("{} {}", DEFENDER.0, DEFENDER.1), &[object])
}

fn antivirus(bundle: Bundle) -> Antivirus {
    let source = Source::from_bundle(bundle);
    let (units, software) = (Units::read(&source), software::read(&source));
    read(&source, &mut Places::new(&source, &units, &software))
}

fn only(bundle: Bundle) -> AntivirusProduct {
    let found = antivirus(bundle).products;
    let found = found.value().unwrap();
    assert_eq!(found.len(), 1, "{found:?}");
    found[0].clone()
}

#[test]
fn states_of_security_center_are_read_as_in_the_field_and_others_are_not_guessed() {
    for (state, says, raw) in [
        (266_240, Testimony::Running, "0x41000 on, definitions fresh"),
        (266_256, Testimony::Running, "0x41010 on, definitions old"),
        (397_568, Testimony::Running, "0x61100 on, definitions fresh"),
        (
            393_472,
            Testimony::Stopped,
            "0x60100 off, definitions fresh",
        ),
        (
            0x42000,
            Testimony::Unclear,
            "0x42000 snoozed, definitions fresh",
        ),
        (
            0x54000,
            Testimony::Unclear,
            "0x54000 unknown, definitions fresh",
        ),
    ] {
        assert_eq!((state_of(state), shown(state).as_str()), (says, raw));
    }
}

#[test]
fn product_runs_when_its_state_and_its_services_agree() {
    let machine = machine(1, &["ekrn"], &[]);
    let product = only(registered_as(machine, "ESET Security", 266_240));
    assert_eq!(product.verdict, AntivirusVerdict::Running, "{product:?}");
    assert!(product.name.starts_with("ESET"));
}

#[test]
fn snoozed_state_beside_a_driver_and_services_at_work_is_to_be_confirmed_and_never_off() {
    let machine = machine(1, &["ntrtscan", "TmListen"], &["TmPreFilter"]);
    let product = only(registered_as(
        machine,
        "Trend Micro Apex One Antivirus",
        0x42000,
    ));
    assert_eq!(product.verdict, AntivirusVerdict::ToConfirm);
    let raw = product.witnesses.iter().filter_map(|it| it.raw.as_deref());
    assert!(
        raw.clone().any(|it| it.starts_with("0x42000")),
        "{product:?}"
    );
}

#[test]
fn state_that_says_off_against_services_at_work_is_to_be_confirmed() {
    let machine = machine(1, &["ekrn"], &["eamonm"]);
    let product = only(registered_as(machine, "ESET Security", 262_144));
    assert_eq!(product.verdict, AntivirusVerdict::ToConfirm);
}

#[test]
fn server_without_security_center_is_told_by_services_and_drivers() {
    let product = only(machine(3, &["SepMasterService"], &["SRTSP"]));
    assert_eq!(product.verdict, AntivirusVerdict::Running);
    let one = only(machine(3, &["SepMasterService"], &[]));
    assert_eq!(one.verdict, AntivirusVerdict::ToConfirm);
    let none = antivirus(machine(3, &[], &[]));
    assert_eq!(none.verdict.value(), Some(&AntivirusVerdict::NoneFound));
}

#[test]
fn workstation_whose_security_center_does_not_answer_is_never_without_a_product() {
    let none = antivirus(machine(1, &[], &[]));
    assert_eq!(none.verdict.reason(), Some(&Reason::failed(NO_NAMESPACE)));
    assert!(none.products.reason().is_some());
}

#[test]
fn defender_runs_by_its_own_word_and_is_off_where_it_stands_back() {
    let services = &["WinDefend"];
    let at_work = registered_as(
        machine(1, services, &["WdFilter"]),
        "Windows Defender",
        397_568,
    );
    let product = only(status(at_work.clone(), "Normal", true));
    assert_eq!(product.verdict, AntivirusVerdict::Running, "{product:?}");
    let product = only(status(at_work.clone(), "Passive Mode", true));
    assert_eq!(product.verdict, AntivirusVerdict::NotRunning);
    // What does not answer in time costs this witness alone.
    let late = Miss::Unknown(Reason::TimedOut);
    let of = format!("{} {}", DEFENDER.0, DEFENDER.1);
    let product = only(at_work.with_miss("wmi", &of, late));
    assert_eq!(product.verdict, AntivirusVerdict::ToConfirm);
}

#[test]
fn date_of_the_definitions_is_read_in_each_of_its_forms() {
    // 2026-11-24 00:00:00 UTC.
    let ticks = AT_1970 + 1_795_478_400 * SECOND;
    let key = r"HKLM\SOFTWARE\Microsoft\Windows Defender\Signature Updates\SignaturesLastUpdated";
    let value = RawValue::Bytes(BASE64_STANDARD.encode(ticks.to_le_bytes()));
    let defender = machine(3, &["WinDefend"], &["WdFilter"]).with("registry", key, &value);
    let at = only(status(defender, "Normal", true)).definitions_at;
    assert_eq!(
        at.value(),
        Time::parse("2026-11-24T00:00:00Z").ok().as_ref()
    );
    for (written, first) in [
        ("2026/11/24 r2", false),
        ("20261124", false),
        ("24-11-2026 08:00:00", true),
    ] {
        assert_eq!(
            day(written, first),
            Time::parse("2026-11-24T00:00:00Z").ok(),
            "{written}"
        );
    }
    for odd in ["", "昨日", "2026/11", "99999999"] {
        assert_eq!(day(odd, false), None, "{odd}");
    }
}

#[test]
fn unknown_driver_that_filters_files_is_somebody_s_product() {
    let key = r"HKLM\SYSTEM\CurrentControlSet\Services\ffrifilter";
    let machine = || machine(3, &[], &["ffrifilter", "ntfs"]);
    let text = |value: &str| RawValue::Text(value.to_owned());
    let by_group = machine().with("registry", &format!(r"{key}\Group"), &text(GROUP));
    let product = only(by_group);
    assert_eq!(product.verdict, AntivirusVerdict::ToConfirm);
    assert!(product.name.contains("ffrifilter"), "{}", product.name);
    let by_altitude = machine()
        .with(
            "registry",
            &format!(r"{key}\Instances\DefaultInstance"),
            &text("F"),
        )
        .with(
            "registry",
            &format!(r"{key}\Instances\F\Altitude"),
            &text("325000.5"),
        );
    assert_eq!(only(by_altitude).verdict, AntivirusVerdict::ToConfirm);
    let other = machine()
        .with(
            "registry",
            &format!(r"{key}\Instances\DefaultInstance"),
            &text("F"),
        )
        .with(
            "registry",
            &format!(r"{key}\Instances\F\Altitude"),
            &text("140000"),
        );
    assert_eq!(antivirus(other).products.value().map(Vec::len), Some(0));
}

#[test]
fn product_that_the_file_does_not_know_is_told_by_its_name_in_security_center() {
    let product = only(registered_as(
        machine(1, &[], &[]),
        "国産ウイルス対策",
        266_240,
    ));
    assert_eq!(product.name, "国産ウイルス対策");
    assert_eq!(product.verdict, AntivirusVerdict::ToConfirm);
}

#[test]
fn stopped_product_beside_a_security_center_that_did_not_answer_is_not_said_to_be_all() {
    let stopped = machine(1, &[], &[])
        .with("services", "", &[service("ekrn", 1)])
        .with_miss(
            "wmi",
            &format!("{} {}", CENTER.0, CENTER.1),
            Miss::Unknown(Reason::TimedOut),
        );
    let found = antivirus(stopped);
    assert_eq!(found.verdict.reason(), Some(&Reason::TimedOut));
    let products = found.products.value().unwrap();
    assert_eq!(products[0].verdict, AntivirusVerdict::NotRunning);
}

#[test]
fn driver_whose_group_cannot_be_read_rules_out_that_there_is_no_product() {
    let key = format!(r"{SERVICES}\mystery");
    let denied = machine(3, &[], &["mystery"]).with_miss(
        "registry",
        &format!(r"{key}\Group"),
        Miss::Unknown(Reason::Denied),
    );
    let found = antivirus(denied);
    assert_eq!(found.verdict.reason(), Some(&Reason::Denied));
    assert_eq!(found.products.reason(), Some(&Reason::Denied));
}

#[test]
fn drivers_that_cannot_be_listed_leave_a_product_without_a_running_service_unclear() {
    let hidden = machine(3, &[], &[])
        .with("services", "", &[service("ekrn", 1)])
        .with_miss("drivers", "", Miss::Unknown(Reason::Denied));
    let found = antivirus(hidden);
    assert_eq!(found.verdict.reason(), Some(&Reason::Denied));
    let products = found.products.value().unwrap();
    assert_eq!(products[0].verdict, AntivirusVerdict::Unclear);
}
