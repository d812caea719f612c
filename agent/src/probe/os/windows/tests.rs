use super::*;
use crate::platform::replay::Bundle;

fn bundle(build: u32, product: u8, product_name: &str, edition: &str) -> Bundle {
    let version = RawVersion {
        major: if build >= COUNTED { 10 } else { 6 },
        minor: u32::from(build < COUNTED),
        build,
        product,
        ..RawVersion::default()
    };
    let text = |text: &str| RawValue::Text(text.to_owned());
    Bundle::new("windows")
        .with("windows_version", "", &version)
        .with("registry", &place("ProductName"), &text(product_name))
        .with("registry", &place("EditionID"), &text(edition))
}

fn os(bundle: Bundle) -> Os {
    super::super::read(&Source::from_bundle(bundle))
}

#[test]
fn windows_11_is_told_by_its_build() {
    let name = |build, product, name: &str| {
        let os = os(bundle(build, product, name, "Professional"));
        os.name.value().cloned().unwrap()
    };
    assert_eq!(name(22_631, 1, "Windows 10 Pro"), "Windows 11 Pro");
    assert_eq!(name(19_045, 1, "Windows 10 Pro"), "Windows 10 Pro");
    // Servers call themselves what they are.
    let server = "Windows Server 2025 Standard";
    assert_eq!(name(26_100, 3, server), server);
}

#[test]
fn releases_with_long_service_are_told_apart() {
    let edition = |build, id: &str| {
        let os = os(bundle(build, 1, "Windows 10", id));
        os.edition.value().cloned().flatten().unwrap()
    };
    assert_eq!(edition(19_044, "EnterpriseS"), "Enterprise LTSC 2021");
    assert_eq!(
        edition(19_044, "IoTEnterpriseS"),
        "IoT Enterprise LTSC 2021"
    );
    assert_eq!(edition(14_393, "EnterpriseS"), "Enterprise LTSB 2016");
    assert_eq!(edition(19_045, "Professional"), "Pro");
    assert_eq!(edition(19_045, "Enterprise"), "Enterprise");
}

#[test]
fn the_version_holds_the_level_of_updates_where_windows_counts_it() {
    let ten = bundle(19_045, 1, "Windows 10 Pro", "Professional");
    let counted = ten
        .clone()
        .with("registry", &place("UBR"), &RawValue::Number(4_291));
    assert_eq!(
        os(counted).version.value().map(String::as_str),
        Some("10.0.19045.4291")
    );
    let odd = RawValue::Odd { kind: 4, length: 3 };
    let odd = ten.with("registry", &place("UBR"), &odd);
    assert_eq!(
        os(odd).version.value().map(String::as_str),
        Some("10.0.19045")
    );
    let seven = os(bundle(7_601, 1, "Windows 7 Professional", "Professional"));
    assert_eq!(seven.version.value().map(String::as_str), Some("6.1.7601"));
    assert_eq!(seven.id.value().map(String::as_str), Some("windows"));
    let server = os(bundle(
        20_348,
        2,
        "Windows Server 2022 Standard",
        "ServerStandard",
    ));
    assert_eq!(
        server.id.value().map(String::as_str),
        Some("windows_server")
    );
}

#[test]
fn a_value_of_a_wrong_type_or_of_a_clock_that_was_never_set_is_unknown() {
    let number = RawValue::Number(7);
    let odd = bundle(19_045, 1, "Windows 10 Pro", "Professional")
        .with("registry", &place("ProductName"), &number)
        .with("registry", &place("InstallDate"), &number);
    let os = os(odd);
    assert_eq!(os.name.reason(), Some(&Reason::failed("parse")));
    assert_eq!(os.installed_at.reason(), Some(&Reason::failed("no trace")));
    let silent = super::super::read(&Source::from_bundle(Bundle::new("windows")));
    assert_eq!(silent.name.reason(), Some(&Reason::NotAsked));
    assert_eq!(silent.version.reason(), Some(&Reason::NotAsked));
}
