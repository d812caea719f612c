use std::collections::BTreeSet;

use super::super::super::product::products;
use super::*;
use crate::platform::replay::Bundle;

const KINDS: &[&str] = &["certificates", "claims", "cloud_ehr", "line", "oqs"];

/// As the program reads it, but with the parser's message where it cannot.
fn data() -> Listed {
    toml::from_str(include_str!("../../../data/trace.toml")).unwrap()
}

#[test]
fn every_entry_says_what_it_shows_and_where_it_was_read() {
    let data = data();
    let lists = [&data.domain, &data.folder, &data.task, &data.credential];
    for list in lists {
        let names: BTreeSet<&str> = list.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names.len(), list.len(), "none stands twice");
        assert!(!list.is_empty());
        for entry in list {
            let name = &entry.name;
            assert!(!name.is_empty() && !entry.source.is_empty(), "{name}");
            assert!(!entry.shows.is_ascii(), "{name} has no Japanese text");
            assert!(KINDS.contains(&entry.kind.as_str()), "{name}");
            let day: Vec<_> = entry.checked.split('-').collect();
            assert!(matches!(day.as_slice(), ["2026", _, _]), "{name}");
            let known = |it: &String| it == "linux" || it == "windows";
            assert!(!entry.systems.is_empty() && entry.systems.iter().all(known));
        }
    }
    let unconfirmed = data.domain.iter().filter(|it| !it.confirmed).count();
    assert!(unconfirmed * 4 < data.domain.len());
}

#[test]
fn listed_domains_are_names_and_none_is_a_remote_tools() {
    let tools = products(include_str!("../../../data/remote_tool.toml"));
    let tools: BTreeSet<&String> = tools.iter().flat_map(|it| &it.domains).collect();
    assert!(tools.len() > 10);
    for entry in data().domain {
        assert_eq!(super::super::name(&entry.name), entry.name);
        let below = |it: &&String| it.ends_with(&entry.name) || entry.name.ends_with(it.as_str());
        assert_eq!(tools.iter().copied().find(below), None, "{}", entry.name);
        assert_eq!((entry.below.as_str(), entry.version_file), ("", None));
    }
}

#[test]
fn listed_folders_stand_in_places_of_programs() {
    for entry in data().folder {
        let name = &entry.name;
        if entry.systems == ["linux"] {
            let of_programs = ["/opt/", "/usr/lib/", "/usr/local/"];
            assert!(of_programs.iter().any(|it| name.starts_with(it)), "{name}");
            assert!(entry.below.is_empty() && !name.ends_with('/'), "{name}");
        } else {
            let places = ["program_files", "program_data", "drive"];
            assert!(places.contains(&entry.below.as_str()), "{name}");
            assert!(!name.contains([':', '/', '%']), "{name}");
        }
        let inside = |it: &String| !it.contains(['/', '\\']) && it != "..";
        assert!(entry.version_file.as_ref().is_none_or(inside), "{name}");
    }
}

#[test]
fn beginnings_and_credentials_are_long_enough_to_be_nobody_elses() {
    let data = data();
    for entry in data.task.iter().chain(&data.credential) {
        assert!(entry.name.len() >= 6, "{}", entry.name);
        assert_eq!(entry.systems, ["windows"], "Linux has neither");
    }
}

#[test]
fn version_is_told_where_the_file_holds_one() {
    let entry = Entry {
        name: "/opt/x".to_owned(),
        version_file: Some("VERSION".to_owned()),
        ..Entry::default()
    };
    let check = |text: &str| {
        let bundle = Bundle::new("linux").with_bytes("head", "/opt/x/VERSION", text.as_bytes());
        version(&Source::from_bundle(bundle), &entry, &entry.name, '/').unwrap()
    };
    assert_eq!(check("5.2.0-3\nnotes\n").as_deref(), Some("5.2.0-3"));
    assert_eq!(check("山田太郎 2026\n"), None);
    assert_eq!(check("none\n"), None);
    assert_eq!(check(&"1".repeat(65)), None);
    let absent = Source::from_bundle(Bundle::new("linux").with_nothing_else());
    assert_eq!(version(&absent, &entry, &entry.name, '/'), Ok(None));
    let denied = Miss::Unknown(Reason::Denied);
    let denied = Bundle::new("linux").with_miss("head", "/opt/x/VERSION", denied);
    let denied = Source::from_bundle(denied);
    assert_eq!(
        version(&denied, &entry, &entry.name, '/'),
        Err(Reason::Denied)
    );
}
