use super::share::SHARES;
use super::*;
use crate::platform::replay::Bundle;
use crate::platform::{Miss, RawValue};

fn machine() -> Bundle {
    Bundle::new("windows")
        .with("registry_keys", "HKU", &["S-1-5-21-1-2-3-1001"])
        .with_nothing_else()
}

fn storage(bundle: Bundle) -> Storage {
    read(&Source::from_bundle(bundle))
}

fn volume_of(letter: &str, protection: i64, conversion: RawProperty) -> RawObject {
    RawObject::from([
        (
            "DriveLetter".to_owned(),
            RawProperty::Text(letter.to_owned()),
        ),
        (
            "ProtectionStatus".to_owned(),
            RawProperty::Number(protection),
        ),
        ("ConversionStatus".to_owned(), conversion),
    ])
}

fn encryption_of(volumes: &[RawObject]) -> Reading<Vec<VolumeEncryption>> {
    let of = format!("{ENCRYPTION} {VOLUME}");
    storage(machine().with("wmi", &of, &volumes)).encryption
}

#[test]
fn bitlocker_is_told_with_its_state_and_a_locked_volume_is_unknown() {
    let found = encryption_of(&[
        volume_of("C:", 1, RawProperty::Number(1)),
        volume_of("D:", 0, RawProperty::Null),
        volume_of("E:", 0, RawProperty::Number(1)),
    ]);
    let shown: Vec<(&str, Option<&str>)> = found
        .value()
        .unwrap()
        .iter()
        .map(|it| (it.mount.as_str(), it.encryption.as_deref()))
        .collect();
    assert_eq!(
        shown,
        [
            (r"C:\", Some("BitLocker")),
            (r"D:\", None),
            (r"E:\", Some("BitLocker (suspended)"))
        ]
    );
    assert!(
        encryption_of(&[volume_of("C:", 2, RawProperty::Null)])
            .reason()
            .is_some()
    );
    assert!(encryption_of(&[]).reason().is_some());
    let denied = Miss::Unknown(Reason::Denied);
    let of = format!("{ENCRYPTION} {VOLUME}");
    let found = storage(machine().with_miss("wmi", &of, denied)).encryption;
    assert_eq!(found.reason(), Some(&Reason::Denied));
}

#[test]
fn shares_given_are_named_and_of_those_taken_the_server() {
    let network = r"HKU\S-1-5-21-1-2-3-1001\Network";
    let path = RawValue::Text(r"\\NAS01\患者".to_owned());
    let machine = machine()
        .with("registry_names", SHARES, &["画像", "scan$"])
        .with("registry_keys", network, &["Z"])
        .with("registry", &format!(r"{network}\Z\RemotePath"), &path);
    let found = storage(machine);
    let names: Vec<&str> = found
        .shares
        .value()
        .unwrap()
        .iter()
        .map(|it| it.name.as_str())
        .collect();
    assert_eq!(names, ["scan$", "画像"]);
    let taken = found.remote_mounts.value().unwrap();
    assert_eq!((taken.len(), taken[0].server.as_str()), (1, "nas01"));
}

#[test]
fn storage_on_usb_is_kept_out_by_driver_or_policy() {
    let set = |key: &str, name: &str, value: u64| {
        let bundle = machine();
        let value = RawValue::Number(value);
        storage(bundle.with("registry", &format!(r"{key}\{name}"), &value)).usb_storage
    };
    assert_eq!(set(USB, "Start", 3).value(), Some(&UsbStorage::Allowed));
    assert!(matches!(
        set(USB, "Start", 4).value(),
        Some(UsbStorage::Blocked(_))
    ));
    assert!(matches!(
        set(REMOVABLE, "Deny_All", 1).value(),
        Some(UsbStorage::Blocked(_))
    ));
    let disks = format!(r"{REMOVABLE}\{DISKS}");
    assert!(matches!(
        set(&disks, "Deny_Write", 1).value(),
        Some(UsbStorage::Controlled(_))
    ));
}
