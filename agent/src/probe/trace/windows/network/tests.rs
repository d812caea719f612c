use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::*;
use crate::platform::RawValue;
use crate::platform::replay::Bundle;

fn time(year: u16, month: u16, day: u16) -> RawValue {
    let parts = [year, month, 4, day, 9, 30, 0, 0];
    let bytes: Vec<u8> = parts.iter().flat_map(|it| it.to_le_bytes()).collect();
    RawValue::Bytes(BASE64_STANDARD.encode(bytes))
}

fn with(bundle: Bundle, profile: &str, name: &str, kind: u64, used: &RawValue) -> Bundle {
    let key = format!(r"{PROFILES}\{profile}");
    bundle
        .with(
            "registry",
            &format!(r"{key}\ProfileName"),
            &RawValue::Text(name.to_owned()),
        )
        .with(
            "registry",
            &format!(r"{key}\NameType"),
            &RawValue::Number(kind),
        )
        .with(
            "registry",
            &format!(r"{key}\Category"),
            &RawValue::Number(kind % 3),
        )
        .with("registry", &format!(r"{key}\DateLastConnected"), used)
}

fn machine() -> Bundle {
    let bundle =
        Bundle::new("windows").with("registry_keys", PROFILES, &["{A}", "{B}", "{C}", "{D}"]);
    let bundle = with(bundle, "{A}", "hosp.example", 6, &time(2026, 11, 27));
    let bundle = with(bundle, "{B}", "ネットワーク 2", 6, &time(2026, 11, 27));
    let bundle = with(bundle, "{C}", "iPhone", 71, &time(2026, 10, 3));
    let bundle = with(
        bundle,
        "{D}",
        "docomo",
        243,
        &RawValue::Bytes(String::new()),
    );
    let signature = format!(r"{}\01", SIGNATURES[1]);
    let mac = BASE64_STANDARD.encode([0x2e, 0xf0, 0xa2, 0, 0, 1]);
    bundle
        .with("registry_keys", SIGNATURES[1], &["01"])
        .with(
            "registry",
            &format!(r"{signature}\ProfileGuid"),
            &RawValue::Text("{c}".to_owned()),
        )
        .with(
            "registry",
            &format!(r"{signature}\DefaultGatewayMac"),
            &RawValue::Bytes(mac),
        )
        .with_nothing_else()
}

#[test]
fn networks_are_told_with_kind_gateway_and_the_day_of_those_not_in_use() {
    let found = read(&Source::from_bundle(machine())).unwrap();
    let shown: Vec<_> = found
        .iter()
        .map(|it| (it.name.as_str(), it.kind, it.last_used_on.as_deref()))
        .collect();
    use KnownNetworkKind as K;
    assert_eq!(
        shown,
        [
            ("hosp.example", K::Wired, None),
            ("ネットワーク 2", K::Wired, None),
            ("iPhone", K::Wireless, Some("2026-10-03")),
            ("docomo", K::Mobile, None),
        ]
    );
    assert_eq!(found[2].gateways, ["2e:f0:a2:00:00:01"]);
    assert_eq!(found[0].category, NetworkCategory::Public);
    assert_eq!(found[2].category, NetworkCategory::Domain);
}

#[test]
fn a_day_that_none_is_and_a_list_without_end_are_refused() {
    assert_eq!(day(&[0; 16]), None);
    assert_eq!(day(&[0xea, 0x07, 13, 0, 0, 0, 1, 0]), None);
    assert_eq!(day(&[0xea, 0x07]), None);
    let many: Vec<String> = (0..=NETWORKS_MAX).map(|at| format!("{{{at}}}")).collect();
    let bundle = machine().with("registry_keys", PROFILES, &many);
    assert!(read(&Source::from_bundle(bundle)).is_err());
    let key = format!(r"{PROFILES}\{{A}}\DateLastConnected");
    let bundle = machine().with("registry", &key, &RawValue::Number(1));
    assert!(read(&Source::from_bundle(bundle)).is_err());
    assert_eq!(mac(&[0; 6]), None);
    assert_eq!(mac(&[1; 5]), None);
}

#[test]
fn a_machine_without_the_list_has_been_nowhere() {
    let bundle = Bundle::new("windows").with_nothing_else();
    assert_eq!(read(&Source::from_bundle(bundle)), Ok(Vec::new()));
}
