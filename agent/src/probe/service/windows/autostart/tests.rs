use super::*;
use crate::platform::replay::Bundle;

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
