use super::*;
use crate::platform::RawPackage;
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
    for path in rpm::FOLDERS {
        bundle = bundle.with_miss("folder", path, Miss::Absent);
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

fn package(name: &str) -> RawPackage {
    RawPackage {
        name: name.to_owned(),
        version: "1.2".to_owned(),
        release: "3.el9".to_owned(),
        ..RawPackage::default()
    }
}

fn with_rpm(bundle: Bundle, file: &str, packages: &[RawPackage]) -> Bundle {
    bundle
        .with_folder("/var/lib/rpm", &[".rpm.lock", file])
        .with("rpm_packages", &format!("/var/lib/rpm/{file}"), &packages)
}

#[test]
fn packages_of_rpm_are_listed_with_their_file_as_source() {
    let packages = [
        RawPackage {
            epoch: Some(2),
            architecture: Some("x86_64".to_owned()),
            vendor: Some("Example, Inc. <https://rpm.example>".to_owned()),
            ..package("b")
        },
        RawPackage {
            epoch: Some(0),
            architecture: Some("noarch".to_owned()),
            ..package("a")
        },
    ];
    let found = of(with_rpm(absent(), "rpmdb.sqlite", &packages));
    assert_eq!(found.source(), "/var/lib/rpm/rpmdb.sqlite");
    let items = found.value().unwrap();
    let shown: Vec<_> = items
        .iter()
        .map(|it| (it.name.as_str(), it.version.as_str()))
        .collect();
    assert_eq!(shown, [("a", "1.2-3.el9"), ("b", "2:1.2-3.el9")]);
    assert_eq!(
        (&items[0].publisher, &items[0].architecture),
        (&None, &None)
    );
    assert_eq!(items[1].publisher.as_deref(), Some("Example, Inc."));
    assert_eq!(items[1].architecture.as_deref(), Some("x86_64"));
}

#[test]
fn an_empty_database_of_another_manager_hides_no_list() {
    // rpm as a tool on Debian, dpkg as a tool on a system of rpm.
    let found = of(with_rpm(
        absent().with_text(DPKG, STATUS),
        "rpmdb.sqlite",
        &[],
    ));
    assert_eq!((found.value().unwrap().len(), found.source()), (2, DPKG));
    let found = of(with_rpm(
        absent().with_text(DPKG, ""),
        "Packages",
        &[package("a")],
    ));
    assert_eq!(found.value().unwrap().len(), 1);
    assert_eq!(found.source(), "/var/lib/rpm/Packages");
    let found = of(with_rpm(absent(), "Packages.db", &[]));
    assert_eq!(found.value(), Some(&Vec::new()));
    let empty_folder = absent().with_folder("/var/lib/rpm", &[]);
    assert_eq!(of(empty_folder.with_text(DPKG, STATUS)).source(), DPKG);
}

#[test]
fn packages_of_two_managers_are_joined() {
    let both = with_rpm(
        absent().with_text(DPKG, STATUS),
        "Packages",
        &[package("a")],
    );
    let found = of(both);
    assert_eq!(found.value().unwrap().len(), 3);
    assert_eq!(
        found.source(),
        "/var/lib/dpkg/status, /var/lib/rpm/Packages"
    );
}

#[test]
fn a_newer_database_that_cannot_be_read_is_not_replaced_by_an_older_one() {
    let bundle = absent()
        .with_folder("/var/lib/rpm", &["Packages", "rpmdb.sqlite"])
        .with("rpm_packages", "/var/lib/rpm/Packages", &[package("old")])
        .with_miss(
            "rpm_packages",
            "/var/lib/rpm/rpmdb.sqlite",
            Miss::Unknown(Reason::Denied),
        );
    let found = of(bundle.clone());
    assert_eq!(found.reason(), Some(&Reason::Denied));
    assert_eq!(found.source(), "/var/lib/rpm/rpmdb.sqlite");
    // Beside a list of another manager it is named, so that the list does not look whole.
    let found = of(bundle.with_text(DPKG, STATUS));
    assert_eq!(found.value().unwrap().len(), 2);
    assert_eq!(
        found.source(),
        "/var/lib/dpkg/status (unread: /var/lib/rpm/rpmdb.sqlite)"
    );
    let denied = absent().with_miss("file", DPKG, Miss::Unknown(Reason::Denied));
    let found = of(with_rpm(denied, "Packages", &[package("a")]));
    assert_eq!(
        found.source(),
        "/var/lib/rpm/Packages (unread: /var/lib/dpkg/status)"
    );
}

#[test]
fn a_database_that_is_not_read_is_named() {
    let unknown = || absent().with_folder("/var/lib/rpm", &["data.mdb"]);
    for bundle in [unknown(), unknown().with_text(DPKG, "")] {
        let found = of(bundle);
        assert_eq!(found.reason(), Some(&Reason::Unsupported));
        assert_eq!(found.source(), "/var/lib/rpm");
    }
    let found = of(absent());
    assert_eq!(found.reason(), Some(&Reason::Unsupported));
    assert_eq!(found.source(), "package database");
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
