use super::*;

fn refused(name: &str, text: &str) -> (usize, String) {
    let error = Knowledge::read(&[(name, text)]).unwrap_err();
    assert_eq!(error.file, name);
    (error.line, error.flaw.to_string())
}

const HEAD: &str =
    "version = \"2026-11-25\"\n[sources.s]\nname = \"n\"\nwhere = \"w\"\nproven = false\n";

fn with_trait(kind: &str, value: &str) -> String {
    format!(
        "{HEAD}[[signature]]\nname = \"a\"\nkind = \"oqs\"\n[[signature.trait]]\nkind = \"{kind}\"\nvalues = [\"{value}\"]\nweight = \"strong\"\nsource = \"s\"\n"
    )
}

#[test]
fn the_shipped_files_are_read() {
    let knowledge = Knowledge::read(&[]).unwrap();
    assert!(knowledge.points.len() > 5 && knowledge.systems.len() > 5);
    assert!(knowledge.zones.len() > 5 && knowledge.tool_domains.len() > 50);
    assert_eq!(knowledge.versions().len(), 5);
    assert_eq!(knowledge.maker("00:a0:de:00:00:01"), Some("ヤマハ"));
    assert_eq!(knowledge.tool_of("AnyDesk.exe"), Some("AnyDesk"));
    assert_eq!(knowledge.tool_of("Desk.exe"), None);
    assert!(knowledge.versions().values().all(|it| it.starts_with("20")));
}

#[test]
fn a_file_of_the_site_takes_the_place_of_the_shipped_one() {
    let text = with_trait("folder", "OQS");
    let knowledge = Knowledge::read(&[("connection_point.toml", &text)]).unwrap();
    assert_eq!(knowledge.points.len(), 1);
    assert!(!knowledge.systems.is_empty());
}

#[test]
fn an_unknown_key_is_refused_with_its_line() {
    let text = format!("{HEAD}[[signature]]\nname = \"a\"\nkind = \"oqs\"\nsurprise = 1\n");
    assert_eq!(refused("connection_point.toml", &text).0, 9);
    let text = with_trait("folder", "OQS") + "surprise = 1\n";
    assert_eq!(refused("connection_point.toml", &text).0, 14);
}

#[test]
fn bad_values_are_refused_with_their_line() {
    for (kind, value, told) in [
        ("name_server", "2404:1a8::zz", "as an address"),
        ("name_server", "10.0.0.1/33", "as an address"),
        ("peer", "10.0.0.1/8", "as an address"),
        ("port", "104", "as a port"),
        ("port", "70000/tcp", "as a port"),
        ("port", "0/tcp", "as a port"),
        ("folder", "*", "as a text"),
        ("software", "a*b*c*d*e*f", "as a text"),
        ("software", " ", "as a text"),
        ("name", "*.*", "as a domain"),
        ("name", "http://a.example/", "as a domain"),
        ("pattern", "wishful", "find the pattern"),
    ] {
        let (line, text) = refused("connection_point.toml", &with_trait(kind, value));
        assert_eq!(line, 11, "{kind} {value}");
        assert!(text.contains(told), "{text}");
    }
}

#[test]
fn a_name_twice_an_unknown_source_and_an_unknown_kind_are_refused() {
    let one = "[[signature]]\nname = \"a\"\nkind = \"oqs\"\n";
    let (line, text) = refused("connection_point.toml", &format!("{HEAD}{one}{one}"));
    assert_eq!((line, text.as_str()), (10, "tell two entries `a` apart"));
    let text = with_trait("folder", "OQS").replace("source = \"s\"", "source = \"hearsay\"");
    assert_eq!(
        refused("connection_point.toml", &text),
        (13, "find the source `hearsay`".into())
    );
    let text = with_trait("folder", "OQS").replace("kind = \"oqs\"", "kind = \"wormhole\"");
    assert_eq!(
        refused("connection_point.toml", &text),
        (8, "find the kind `wormhole`".into())
    );
    let text = with_trait("folder", "OQS").replace("[\"OQS\"]", "[]");
    assert_eq!(refused("connection_point.toml", &text).0, 11);
}

#[test]
fn a_file_of_an_unknown_name_or_given_twice_is_refused() {
    assert_eq!(refused("point.toml", HEAD).0, 1);
    let twice = [("zone.toml", HEAD), ("zone.toml", HEAD)];
    assert!(Knowledge::read(&twice).is_err());
    assert_eq!(refused("zone.toml", "version = \"yesterday\"\n").0, 1);
    assert_eq!(
        refused("zone.toml", "version = \"2026-11-25\"\n\n= 1\n").0,
        3
    );
}
