use super::*;
use crate::platform::replay::Bundle;

const STATUS: &str = "Package: bash\nStatus: install ok installed\nMaintainer: Matthias Klose <doko@debian.org>\n\
Architecture: amd64\nVersion: 5.2.15-2+b2\nDescription: GNU Bourne Again SHell\n Package: not-a-package\n Version: 1\n\n\
Package: gone\nStatus: deinstall ok config-files\nVersion: 1.0\n\n\
Package: adduser\nStatus: install ok installed\nMaintainer: Debian Adduser Developers <adduser@packages.debian.org>\n\
Architecture: all\nVersion: 3.134\n\nPackage: broken\nStatus: install ok installed\n\n";

fn absent() -> Bundle {
    let mut bundle = Bundle::new("linux")
        .with_miss("folder", DPKG_PARTS, Miss::Absent)
        .with_miss("folder", PACMAN, Miss::Absent)
        .with_miss("file", DPKG, Miss::Absent);
    for path in APK {
        bundle = bundle.with_miss("file", path, Miss::Absent);
    }
    for path in RPM {
        bundle = bundle.with("exists", path, &false);
    }
    bundle
}

fn of(bundle: Bundle) -> Reading<Vec<SoftwareItem>> {
    read(&Source::from_bundle(bundle)).items
}

#[test]
fn installed_packages_of_dpkg_are_listed_sorted() {
    let found = of(absent().with_text(DPKG, STATUS));
    let items = found.value().unwrap();
    let names: Vec<&str> = items.iter().map(|item| item.name.as_str()).collect();
    assert_eq!(names, ["adduser", "bash"]);
    assert_eq!(items[0].architecture, None);
    assert_eq!(items[1].architecture.as_deref(), Some("amd64"));
    assert_eq!(items[1].version, "5.2.15-2+b2");
    assert_eq!(items[1].publisher.as_deref(), Some("Matthias Klose"));
}

#[test]
fn mail_addresses_are_cut_off() {
    assert_eq!(publisher("A B <a@b.example>").as_deref(), Some("A B"));
    assert_eq!(publisher("a@b.example"), None);
    assert_eq!(publisher("Team a@b.example").as_deref(), Some("Team"));
}

#[test]
fn databases_of_apk_and_pacman_are_read() {
    let text = "C:Q1\nP:musl\nV:1.2.4-r2\nA:x86_64\nm:Timo <t@alpine.example>\nF:lib\nR:x\n\n";
    let found = of(absent().with_text("/lib/apk/db/installed", text));
    let item = found.value().unwrap().first().unwrap().clone();
    assert_eq!(
        (item.name.as_str(), item.version.as_str()),
        ("musl", "1.2.4-r2")
    );
    let folders = ["ALPM_DB_VERSION", "gcc-libs-13.2.1-3", "zlib-1:1.3-2"];
    let found = of(absent().with_folder(PACMAN, &folders));
    let items = found.value().unwrap();
    assert_eq!(items.len(), 2);
    assert_eq!(
        (items[0].name.as_str(), items[0].version.as_str()),
        ("gcc-libs", "13.2.1-3")
    );
}

#[test]
fn a_database_that_is_not_read_is_named() {
    let found = of(absent().with("exists", "/var/lib/rpm", &true));
    assert_eq!(found.reason(), Some(&Reason::Unsupported));
    assert_eq!(found.source(), "/var/lib/rpm");
    // dpkg as a tool on such a system has an empty database of its own.
    let found = of(absent()
        .with_text(DPKG, "")
        .with("exists", "/var/lib/rpm", &true));
    assert_eq!(found.source(), "/var/lib/rpm");
    let found = of(absent());
    assert_eq!(found.reason(), Some(&Reason::Unsupported));
}

#[test]
fn what_could_not_be_asked_is_never_an_empty_list() {
    assert_eq!(of(Bundle::new("linux")).reason(), Some(&Reason::NotAsked));
    let denied = absent().with_miss("file", DPKG, Miss::Unknown(Reason::Denied));
    assert_eq!(of(denied).reason(), Some(&Reason::Denied));
    let one_unread = absent()
        .with_folder(DPKG_PARTS, &["base", "libc6"])
        .with_text(
            "/var/lib/dpkg/status.d/base",
            "Package: base-files\nVersion: 12\n",
        );
    assert_eq!(of(one_unread).reason(), Some(&Reason::NotAsked));
    assert_eq!(of(absent().with_text(DPKG, "")).value(), Some(&Vec::new()));
}

#[test]
fn hostile_databases_stay_bounded() {
    let long = format!(
        "Package: {}\nVersion: \0\u{1b}1\n\n:\n::\n\n",
        "x".repeat(1 << 20)
    );
    let found = of(absent().with_text(DPKG, &long));
    let item = found.value().unwrap().first().unwrap().clone();
    assert_eq!((item.name.len(), item.version.as_str()), (256, "1"));
    let many: String = (0..=ITEMS_MAX)
        .map(|n| format!("Package: p{n}\nVersion: 1\n\n"))
        .collect();
    let found = of(absent().with_text(DPKG, &many));
    assert_eq!(found.reason(), Some(&Reason::failed("too many packages")));
}

proptest::proptest! {
    #[test]
    fn any_database_is_read_without_failing(text in "(Package: ?|Version:|P:|V:|m:|[^a]|\n){0,60}") {
        let found = of(absent().with_text(DPKG, &text));
        for item in found.value().into_iter().flatten() {
            proptest::prop_assert!(!item.name.is_empty() && !item.version.is_empty());
            proptest::prop_assert!(!item.name.chars().any(char::is_control));
        }
        let _ = apk(&text);
    }
}
