use super::*;
use crate::platform::replay::Bundle;
use crate::platform::{Miss, RawProcess, RawService, RawValue};
use crate::probe::product::Product;
use crate::probe::software;
use crate::probe::unit::Units;

fn service(name: &str, state: u32) -> RawService {
    RawService {
        name: name.to_owned(),
        kind: 0x10,
        state,
    }
}

fn machine() -> Bundle {
    let uninstall = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall";
    Bundle::new("windows")
        .with(
            "services",
            "",
            &[service("TeamViewer", 4), service("other", 1)],
        )
        .with("drivers", "", &[service("tvdrv", 4)])
        .with("registry_keys", "HKU", &Vec::<String>::new())
        .with("registry_keys", uninstall, &["tv"])
        .with(
            "registry",
            &format!(r"{uninstall}\tv\DisplayName"),
            &RawValue::Text("TeamViewer Host".to_owned()),
        )
        .with(
            "registry",
            r"HKLM\SYSTEM\CurrentControlSet\Services\TeamViewer\Start",
            &RawValue::Number(2),
        )
        .with(
            "processes",
            "",
            &[RawProcess {
                name: "teamviewer_service.exe".to_owned(),
                sockets: None,
                unread: None,
            }],
        )
        .with("exists", r"C:\Program Files\TeamViewer", &true)
        .with_nothing_else()
}

fn product() -> Product {
    let names = |all: &[&str]| all.iter().map(|it| (*it).to_owned()).collect();
    Product {
        name: "TeamViewer".to_owned(),
        windows: Windows {
            services: names(&["teamviewer"]),
            drivers: names(&["TVDRV"]),
            processes: names(&["TeamViewer_Service.exe"]),
            folders: names(&["TeamViewer"]),
            display_names: names(&["teamviewer"]),
            ..Windows::default()
        },
        ..Product::default()
    }
}

fn shown(bundle: Bundle) -> (Vec<String>, Option<Reason>) {
    let source = Source::from_bundle(bundle);
    let (units, software) = (Units::read(&source), software::read(&source));
    let mut places = Places::new(&source, &units, &software);
    let found = places.witnesses(&product());
    let found = found
        .iter()
        .map(|it| format!("{} {:?}", it.source, it.says));
    (found.collect(), places.unread().cloned())
}

#[test]
fn every_kind_of_place_is_a_witness_and_capitals_do_not_matter() {
    let (found, unread) = shown(machine());
    assert_eq!(
        found,
        [
            "driver TVDRV Running",
            "package TeamViewer Host Installed",
            "path TeamViewer Installed",
            "process TeamViewer_Service.exe Running",
            "service teamviewer Enabled",
            "service teamviewer Running",
        ]
    );
    assert_eq!(unread, None);
}

#[test]
fn places_that_could_not_be_asked_are_noted() {
    let denied = || Miss::Unknown(Reason::Denied);
    for what in ["services", "drivers", "processes"] {
        let (_, unread) = shown(machine().with_miss(what, "", denied()));
        assert_eq!(unread, Some(Reason::Denied), "{what}");
    }
    let folder = machine().with_miss("exists", r"C:\Program Files\TeamViewer", denied());
    assert_eq!(shown(folder).1, Some(Reason::Denied));
}
