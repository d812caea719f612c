use super::*;
use crate::platform::filetime::{AT_1970, SECOND};
use crate::platform::replay::Bundle;
use crate::platform::{RawValue, RawVersion};

fn set(bundle: Bundle, key: &str, name: &str, value: RawValue) -> Bundle {
    bundle.with("registry", &format!(r"{key}\{name}"), &value)
}

fn words(value: &str) -> RawValue {
    RawValue::Text(value.to_owned())
}

fn machine() -> Bundle {
    let version = RawVersion {
        major: 10,
        product: 1,
        ..RawVersion::default()
    };
    Bundle::new("windows")
        .with("windows_version", "", &version)
        .with_nothing_else()
}

fn source(bundle: Bundle) -> Source {
    Source::from_bundle(bundle)
}

/// 2026-11-11 03:00:00 UTC.
const NOVEMBER: u64 = AT_1970 + 1_794_366_000 * SECOND;

fn package(bundle: Bundle, name: &str, state: u64, ticks: u64) -> Bundle {
    let key = format!(r"{PACKAGES}\{name}");
    let bundle = set(bundle, &key, "CurrentState", RawValue::Number(state));
    let bundle = set(
        bundle,
        &key,
        "InstallTimeHigh",
        RawValue::Number(ticks >> 32),
    );
    set(
        bundle,
        &key,
        "InstallTimeLow",
        RawValue::Number(ticks & 0xffff_ffff),
    )
}

#[test]
fn installed_updates_are_named_and_the_newest_is_the_last() {
    let names = [
        "Package_for_KB5034441~31bf3856ad364e35~amd64~~19041.3920.1.0",
        "Package_for_RollupFix~31bf3856ad364e35~amd64~~19041.4291.1.7",
        "Package_for_KB1~x~amd64~~1.0",
        "Microsoft-Windows-Foundation~x~amd64~~10.0",
    ];
    let machine = machine().with("registry_keys", PACKAGES, &names);
    let machine = package(machine, names[0], INSTALLED, NOVEMBER - 86_400 * SECOND);
    let machine = package(machine, names[1], INSTALLED, NOVEMBER);
    // Replaced by a newer one.
    let source = source(package(machine, names[2], 80, NOVEMBER));
    let found = updates(&source).installed;
    let shown: Vec<&str> = found
        .value()
        .unwrap()
        .iter()
        .map(|it| it.name.as_str())
        .collect();
    assert_eq!(shown, ["KB5034441", "RollupFix 19041.4291"]);
    let last = read(&source).last_update_at;
    assert_eq!(last.value().map(|it| it.seconds()), Some(1_794_366_000));
}

#[test]
fn offered_updates_are_pending_and_without_an_answer_nothing_is_said() {
    let offered = RawUpdate {
        title: "2026-11 x64 ベース システム用 Windows 10 の累積更新プログラム".to_owned(),
        articles: vec!["5068781".to_owned()],
        security: true,
    };
    let found = updates(&source(machine().with("offered_updates", "", &[offered])));
    let pending = found.pending.value().unwrap();
    assert_eq!(pending[0].available, "KB5068781");
    assert!(pending[0].security);
    assert!(updates(&source(machine())).pending.reason().is_some());
    // Every Windows has packages: none at all is no answer.
    assert!(found.installed.reason().is_some());
}

#[test]
fn restart_is_due_for_strong_reasons_and_a_weak_one_is_told() {
    let weak = machine().with(
        "registry_has",
        &format!(r"{SESSION_MANAGER}\PendingFileRenameOperations"),
        &true,
    );
    let found = read(&source(weak)).reboot;
    let found = found.value().unwrap();
    assert!(!found.needed && found.reasons.len() == 1, "{found:?}");
    let strong = machine().with("registry_keys", SERVICING, &["Packages", "RebootPending"]);
    let strong = set(strong, NAME_NOW, "ComputerName", words("PC1"));
    let found = read(&source(set(
        strong,
        NAME_NEXT,
        "ComputerName",
        words("pc2"),
    )))
    .reboot;
    assert_eq!(
        found.value().unwrap().reasons,
        ["new computer name", "servicing RebootPending"]
    );
}

#[test]
fn server_of_updates_is_named_where_it_is_in_use() {
    let policy = format!(r"{POLICY}\AU");
    let address = words("http://wsus.hosp.example:8530");
    let unused = set(machine(), POLICY, "WUServer", address);
    assert_eq!(
        read(&source(unused.clone())).sources.value().unwrap(),
        &["windowsupdate.com"]
    );
    let used = set(unused, &policy, "UseWUServer", RawValue::Number(1));
    assert_eq!(
        read(&source(used)).sources.value().unwrap(),
        &["wsus.hosp.example"]
    );
    for (address, shown) in [
        ("https://taro:a/b@wsus.hosp.example", "wsus.hosp.example"),
        ("WSUS:8530", "wsus"),
        ("http://山田/", "(other)"),
    ] {
        let used = set(machine(), &policy, "UseWUServer", RawValue::Number(1));
        let used = set(used, POLICY, "WUServer", words(address));
        assert_eq!(read(&source(used)).sources.value().unwrap(), &[shown]);
    }
    // It is in use, but nobody says which.
    let nowhere = set(machine(), &policy, "UseWUServer", RawValue::Number(1));
    assert!(read(&source(nowhere)).sources.reason().is_some());
}

#[test]
fn updates_that_ask_or_are_off_do_not_install_themselves() {
    let policy = format!(r"{POLICY}\AU");
    let of = |bundle| read(&source(bundle)).automatic.value().copied();
    assert_eq!(of(machine()), Some(true));
    assert_eq!(
        of(set(machine(), UPDATE, "AUOptions", RawValue::Number(3))),
        Some(false)
    );
    let off = set(machine(), &policy, "NoAutoUpdate", RawValue::Number(1));
    assert_eq!(of(off), Some(false));
    assert_eq!(of(set(machine(), UPDATE, "AUOptions", words("x"))), None);
    let stopped = set(machine(), SERVICE, "Start", RawValue::Number(4));
    assert_eq!(of(stopped), Some(false));
    let owner = set(machine(), &policy, "AUOptions", RawValue::Number(5));
    assert_eq!(of(owner), None);
}

#[test]
fn server_and_old_windows_without_a_setting_are_not_said_to_install_updates() {
    for (major, product) in [(10, 3), (10, 2), (6, 1)] {
        let version = RawVersion {
            major,
            product,
            ..RawVersion::default()
        };
        let machine = machine().with("windows_version", "", &version);
        let found = read(&source(machine)).automatic;
        assert_eq!(
            found.reason(),
            Some(&Reason::failed("not set")),
            "{major} {product}"
        );
    }
}

#[test]
fn odd_package_leaves_the_updates_unknown_and_too_many_are_not_cut() {
    let name = "Package_for_KB1~x~amd64~~1.0";
    let machine = || machine().with("registry_keys", PACKAGES, &[name]);
    let key = format!(r"{PACKAGES}\{name}");
    let odd = RawValue::Odd { kind: 4, length: 3 };
    let found = updates(&source(set(machine(), &key, "CurrentState", odd))).installed;
    assert_eq!(found.reason(), Some(&Reason::failed("parse")));
    // Without a time it is installed all the same.
    let state = set(machine(), &key, "CurrentState", RawValue::Number(INSTALLED));
    let found = updates(&source(state)).installed;
    let expected = InstalledUpdate {
        name: "KB1".to_owned(),
        at: None,
    };
    assert_eq!(found.value(), Some(&vec![expected]));
    let names: Vec<String> = (0..=UPDATES_MAX)
        .map(|n| format!("Package_for_KB{n}~x~amd64~~1.0"))
        .collect();
    let many = machine().with("registry_keys", PACKAGES, &names);
    let found = updates(&source(many)).installed;
    assert_eq!(found.reason(), Some(&Reason::failed("too many entries")));
}

#[test]
fn times_are_read_where_windows_update_wrote_them_down() {
    let key = format!(r"{UPDATE}\Results\Detect");
    let at = set(
        machine(),
        &key,
        "LastSuccessTime",
        words("2026-11-24 03:12:45"),
    );
    let found = read(&source(at)).index_at;
    assert_eq!(
        found.value(),
        Time::parse("2026-11-24T03:12:45Z").ok().as_ref()
    );
    let odd = set(machine(), &key, "LastSuccessTime", words("昨日"));
    assert_eq!(
        read(&source(odd)).index_at.reason(),
        Some(&Reason::failed("parse"))
    );
    assert_eq!(
        read(&source(machine())).index_at.reason(),
        Some(&Reason::failed("no trace"))
    );
}
