use super::*;
use crate::platform::RawValue;
use crate::platform::replay::Bundle;

fn text_of(value: &str) -> RawValue {
    RawValue::Text(value.to_owned())
}

/// A program under a key of this root.
fn program(bundle: Bundle, root: &str, key: &str, values: &[(&str, RawValue)]) -> Bundle {
    let place = format!(r"{root}\{UNINSTALL}\{key}");
    values.iter().fold(bundle, |bundle, (name, value)| {
        bundle.with("registry", &format!(r"{place}\{name}"), value)
    })
}

fn listed(bundle: Bundle, root: &str, keys: &[&str]) -> Bundle {
    bundle.with("registry_keys", &format!(r"{root}\{UNINSTALL}"), &keys)
}

fn machine() -> Bundle {
    Bundle::new("windows")
        .with(
            "registry_keys",
            "HKU",
            &[
                "S-1-5-18",
                "S-1-5-21-1-2-3-1001",
                "S-1-5-21-1-2-3-1001_Classes",
            ],
        )
        .with_nothing_else()
}

fn items(bundle: Bundle) -> Vec<SoftwareItem> {
    read(&Source::from_bundle(bundle))
        .items
        .value()
        .unwrap()
        .clone()
}

#[test]
fn programs_of_both_widths_and_of_people_are_listed_once() {
    let karte = [
        ("DisplayName", text_of("電子カルテ クライアント")),
        ("DisplayVersion", text_of("8.1.2")),
        ("Publisher", text_of("株式会社例")),
    ];
    let viewer = [("DisplayName", text_of("Viewer"))];
    let machine = listed(machine(), "HKLM", &["karte", "shared"]);
    let machine = program(machine, "HKLM", "karte", &karte);
    let machine = program(machine, "HKLM", "shared", &viewer);
    let machine = listed(machine, "HKLM32", &["shared", "old"]);
    let machine = program(machine, "HKLM32", "shared", &viewer);
    let machine = program(machine, "HKLM32", "old", &[("DisplayName", text_of("Old"))]);
    let person = r"HKU\S-1-5-21-1-2-3-1001";
    let machine = listed(machine, person, &["zoom"]);
    let machine = program(machine, person, "zoom", &[("DisplayName", text_of("Zoom"))]);
    let found = items(machine);
    let names: Vec<(&str, Option<&str>)> = found
        .iter()
        .map(|it| (it.name.as_str(), it.architecture.as_deref()))
        .collect();
    assert_eq!(
        names,
        [
            ("Old", Some("x86")),
            ("Viewer", None),
            ("Zoom", None),
            ("電子カルテ クライアント", None)
        ]
    );
    assert_eq!(found[3].publisher.as_deref(), Some("株式会社例"));
}

#[test]
fn parts_of_the_system_and_of_others_are_left_out_and_odd_values_cost_themselves() {
    let odd = RawValue::Odd { kind: 9, length: 1 };
    let machine = listed(machine(), "HKLM", &["part", "update", "nameless", "odd"]);
    let part = [
        ("DisplayName", text_of("Part")),
        ("SystemComponent", RawValue::Number(1)),
    ];
    let machine = program(machine, "HKLM", "part", &part);
    let update = [
        ("DisplayName", text_of("KB1")),
        ("ParentKeyName", text_of("Office")),
    ];
    let machine = program(machine, "HKLM", "update", &update);
    let machine = program(machine, "HKLM", "nameless", &[("DisplayName", odd.clone())]);
    let odd = [("DisplayName", text_of("Odd")), ("DisplayVersion", odd)];
    let found = items(program(machine, "HKLM", "odd", &odd));
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].name.as_str(), found[0].version.as_str()),
        ("Odd", "")
    );
}

#[test]
fn packages_of_the_store_are_programs_and_their_parts_are_not() {
    let machine = machine().with(
        "registry_keys",
        STORE,
        &[
            "Microsoft.WindowsCalculator_11.2401.0.0_x64__8wekyb3d8bbwe",
            "Microsoft.WindowsCalculator_11.2401.0.0_neutral_split.scale-100_8wekyb3d8bbwe",
            "nonsense",
        ],
    );
    let found = items(machine);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].name, "Microsoft.WindowsCalculator");
}

#[test]
fn updates_that_say_so_are_left_out_and_mail_addresses_are_cut_off() {
    let machine = listed(machine(), "HKLM", &["hotfix", "viewer"]);
    let hotfix = [
        ("DisplayName", text_of("Security Update for Viewer")),
        ("ReleaseType", text_of("Security Update")),
    ];
    let machine = program(machine, "HKLM", "hotfix", &hotfix);
    let viewer = [
        ("DisplayName", text_of("画像ビューア")),
        ("Publisher", text_of("架空 <taro@maker.example>")),
    ];
    let found = items(program(machine, "HKLM", "viewer", &viewer));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].publisher.as_deref(), Some("架空"));
}

#[test]
fn bundle_of_the_store_counts_where_nothing_else_names_the_program() {
    let machine = machine().with(
        "registry_keys",
        STORE,
        &[
            "A.Calculator_11.2.0.0_x64__8wekyb3d8bbwe",
            "A.Calculator_2022.1.0.0_neutral_~_8wekyb3d8bbwe",
            "A.Photos_2022.1.0.0_neutral_~_8wekyb3d8bbwe",
        ],
    );
    let found = items(machine);
    let shown: Vec<(&str, &str, Option<&str>)> = found
        .iter()
        .map(|it| {
            (
                it.name.as_str(),
                it.version.as_str(),
                it.architecture.as_deref(),
            )
        })
        .collect();
    let expected = [
        ("A.Calculator", "11.2.0.0", Some("x64")),
        ("A.Photos", "2022.1.0.0", None),
    ];
    assert_eq!(shown, expected);
}

#[test]
fn keys_that_may_not_be_read_leave_the_list_unknown() {
    let denied = Miss::Unknown(Reason::Denied);
    let place = format!(r"HKLM32\{UNINSTALL}");
    let found = read(&Source::from_bundle(machine().with_miss(
        "registry_keys",
        &place,
        denied,
    )));
    assert_eq!(found.items.reason(), Some(&Reason::Denied));
    let nobody = Bundle::new("windows").with_nothing_else();
    let found = read(&Source::from_bundle(nobody));
    assert!(found.items.reason().is_some(), "who is logged in?");
}

#[test]
fn parts_that_may_not_be_read_are_counted_and_the_rest_is_told() {
    let denied = || Miss::Unknown(Reason::Denied);
    let person = format!(r"HKU\S-1-5-21-1-2-3-1001\{UNINSTALL}");
    let machine = listed(machine(), "HKLM", &["half \u{fffd}", "hidden", "viewer"])
        .with_miss("registry_keys", &person, denied())
        .with_miss("registry_keys", STORE, denied())
        .with_miss(
            "registry",
            &format!(r"HKLM\{UNINSTALL}\hidden\DisplayName"),
            denied(),
        );
    let viewer = [("DisplayName", text_of("Viewer"))];
    let machine = program(machine, "HKLM", "viewer", &viewer);
    let found = read(&Source::from_bundle(machine)).items;
    assert_eq!(found.value().unwrap().len(), 1);
    let expected = format!("{PLACES} (unread: HKU 1 of 1, AppxAllUserStore, keys 2)");
    assert_eq!(found.source(), expected);
}

#[test]
fn five_thousand_programs_are_listed_and_more_than_fit_are_unknown() {
    let many = |count: usize| {
        let names: Vec<String> = (0..count).map(|n| format!("p{n}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let machine = listed(machine(), "HKLM", &names);
        let name = [("DisplayName", text_of("プログラム"))];
        let machine = program(machine, "HKLM", "p0", &name);
        names.iter().skip(1).fold(machine, |machine, key| {
            let name = [("DisplayName", text_of(key))];
            program(machine, "HKLM", key, &name)
        })
    };
    assert_eq!(items(many(5_000)).len(), 5_000);
    let names: Vec<String> = (0..=ITEMS_MAX).map(|n| format!("p{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let found = read(&Source::from_bundle(listed(machine(), "HKLM", &names)));
    assert_eq!(found.items.reason(), Some(&Reason::failed(TOO_MANY)));
}
