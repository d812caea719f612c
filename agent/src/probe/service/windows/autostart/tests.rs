use super::*;
use crate::platform::RawValue;
use crate::platform::replay::Bundle;

const RUN: &str = KEYS[0].1;
const RUN_ONCE: &str = KEYS[2].1;

#[test]
fn names_of_values_and_files_are_told_with_their_kind() {
    let person = r"HKU\S-1-5-21-1-2-3-1001";
    let machine = Bundle::new("windows")
        .with("registry_keys", "HKU", &["S-1-5-21-1-2-3-1001"])
        .with(
            "registry_names",
            &format!(r"HKLM\{RUN}"),
            &["SecurityHealth"],
        )
        .with(
            "registry_names",
            &format!(r"{person}\{RUN_ONCE}"),
            &["Setup"],
        )
        .with_folder(
            r"C:\ProgramData\Microsoft\Windows\Start Menu\Programs\Startup",
            &["desktop.ini", "カルテ.lnk"],
        )
        .with_nothing_else();
    let found = read(&Source::from_bundle(machine));
    let shown: Vec<(&str, &str)> = found
        .value()
        .unwrap()
        .iter()
        .map(|it| (it.kind.as_str(), it.name.as_str()))
        .collect();
    assert_eq!(
        shown,
        [
            ("run", "SecurityHealth"),
            ("run_once", "Setup"),
            ("startup", "カルテ.lnk")
        ]
    );
}

#[test]
fn keys_that_may_not_be_read_leave_the_list_unknown() {
    let machine = Bundle::new("windows").with_nothing_else();
    // Without the list of those who are logged in, not everything was looked at.
    assert!(read(&Source::from_bundle(machine)).reason().is_some());
}

#[test]
fn folder_of_a_person_and_values_without_a_name_are_told() {
    let startup = r"C:\Users\taro\Startup";
    let machine = Bundle::new("windows")
        .with("registry_keys", "HKU", &["S-1-5-21-1-2-3-1001"])
        .with("registry_names", &format!(r"HKLM\{RUN}"), &["", "山田"])
        .with(
            "registry",
            &format!(r"HKU\S-1-5-21-1-2-3-1001\{FOLDERS}\Startup"),
            &RawValue::Text(startup.to_owned()),
        )
        .with_folder(startup, &["Desktop.ini", "viewer.lnk"])
        .with_nothing_else();
    let found = read(&Source::from_bundle(machine));
    let names: Vec<&str> = found
        .value()
        .unwrap()
        .iter()
        .map(|it| it.name.as_str())
        .collect();
    assert_eq!(names, ["(default)", "山田", "viewer.lnk"]);
    assert_eq!(found.source(), PLACES);
}

#[test]
fn people_whose_part_may_not_be_read_are_counted() {
    let denied = Miss::Unknown(Reason::Denied);
    let machine = Bundle::new("windows")
        .with(
            "registry_keys",
            "HKU",
            &["S-1-5-21-1-2-3-1001", "S-1-5-21-1-2-3-1002"],
        )
        .with_miss(
            "registry_names",
            &format!(r"HKU\S-1-5-21-1-2-3-1001\{RUN}"),
            denied.clone(),
        )
        .with_nothing_else();
    let found = read(&Source::from_bundle(machine.clone()));
    assert_eq!(found.source(), format!("{PLACES} (unread: HKU 1 of 2)"));
    let machine = machine.with_miss("registry_names", &format!(r"HKLM\{RUN}"), denied);
    let found = read(&Source::from_bundle(machine));
    assert_eq!(found.reason(), Some(&Reason::Denied));
}
