//! What a later reader or a hostile writer may not change about the wire.

use proptest::prelude::*;

use super::*;

fn os(name: &str) -> Os {
    Os {
        name: Reading::known(name.to_owned(), "/etc/os-release"),
        ..Os::default()
    }
}

fn at(seconds: i64) -> Time {
    Time::from_seconds(seconds)
}

fn envelope(sections: Vec<SectionRef>) -> Envelope {
    Envelope {
        wire: WIRE_MAJOR,
        agent_version: "0.1.0".to_owned(),
        boot_id: "b".to_owned(),
        sequence: 1,
        previous: Hash::ZERO,
        collected_at: at(1_764_000_000),
        cost: Cost::default(),
        sections,
    }
}

fn key() -> ReportKey {
    ReportKey::from_secret(&[7; 32])
}

fn sealed() -> Report {
    let section = Section::new(&os("Debian"), "linux", at(5)).unwrap();
    envelope(vec![section.reference()])
        .seal(&key(), vec![section])
        .unwrap()
}

#[test]
fn hash_of_a_section_does_not_depend_on_when_it_was_read() {
    let early = Section::new(&os("Debian"), "linux", at(1)).unwrap();
    let late = Section::new(&os("Debian"), "replay", at(2)).unwrap();
    assert_eq!(early.hash, late.hash);
    assert_ne!(
        early.hash,
        Section::new(&os("Ubuntu"), "linux", at(1)).unwrap().hash
    );
}

#[test]
fn sealed_report_survives_the_wire_with_its_exact_bytes() {
    let report = sealed();
    let text = serde_json::to_string(&report).unwrap();
    let back: Report = serde_json::from_str(&text).unwrap();
    assert_eq!(back.envelope_hash(), report.envelope_hash());
    assert_eq!(back.open().unwrap().sequence, 1);
    key()
        .public()
        .verify(back.envelope.get().as_bytes(), &back.signature)
        .unwrap();
}

#[test]
fn changed_body_is_refused_by_its_signed_hash() {
    let text = serde_json::to_string(&sealed())
        .unwrap()
        .replace("Debian", "Debiam");
    let back: Report = serde_json::from_str(&text).unwrap();
    assert!(matches!(back.open(), Err(EnvelopeError::Body(kind)) if kind == "os"));
}

#[test]
fn changed_envelope_is_refused_by_its_signature() {
    let text = serde_json::to_string(&sealed())
        .unwrap()
        .replace("\"sequence\":1", "\"sequence\":2");
    let back: Report = serde_json::from_str(&text).unwrap();
    let bytes = back.envelope.get().as_bytes();
    assert_eq!(
        key().public().verify(bytes, &back.signature),
        Err(SealError::Mismatch)
    );
}

#[test]
fn newer_major_version_is_told_from_nonsense() {
    let text = r#"{"wire":2,"brand_new":{}}"#;
    assert!(matches!(
        open_envelope(text),
        Err(EnvelopeError::Version(2))
    ));
    let unknown_field = serde_json::to_string(&envelope(vec![])).unwrap();
    let unknown_field = unknown_field.replacen('{', r#"{"brand_new":1,"#, 1);
    assert!(matches!(
        open_envelope(&unknown_field),
        Err(EnvelopeError::Shape(_))
    ));
}

#[test]
fn sections_must_be_sorted_and_single() {
    let section = Section::new(&os("Debian"), "linux", at(5))
        .unwrap()
        .reference();
    let text = serde_json::to_string(&envelope(vec![section.clone(), section])).unwrap();
    assert!(matches!(open_envelope(&text), Err(EnvelopeError::Order(_))));
}

#[test]
fn field_that_an_older_agent_does_not_send_was_not_asked() {
    let os: Os = serde_json::from_str("{}").unwrap();
    assert_eq!(os.name.reason(), Some(&Reason::NotAsked));
}

#[test]
fn newer_kind_of_interface_reads_as_other() {
    let kind: InterfaceKind = serde_json::from_str("\"quantum\"").unwrap();
    assert_eq!(kind, InterfaceKind::Other);
}

#[test]
fn limits_stop_depth_length_and_count_before_parsing() {
    let limit = Limit {
        bytes: 100,
        depth: 2,
        string: 4,
        values: 3,
    };
    assert_eq!(check_json(br#"{"a":[1,2]}"#, &limit), Ok(()));
    assert_eq!(check_json(b"[[[", &limit), Err(LimitError::Depth(2)));
    assert_eq!(
        check_json(br#"["12345"]"#, &limit),
        Err(LimitError::String(4))
    );
    assert_eq!(check_json(b"[1,2,3,4]", &limit), Err(LimitError::Values(3)));
    assert_eq!(
        check_json(&[b' '; 101], &limit),
        Err(LimitError::Bytes(100))
    );
    assert_eq!(
        check_json(br#"["[[[["]"#, &limit),
        Ok(()),
        "brackets in a text do not nest"
    );
}

#[test]
fn network_of_an_address_keeps_whole_and_empty_prefixes() {
    let network = |address: &str, prefix| {
        Address {
            address: address.parse().unwrap(),
            prefix,
        }
        .network()
        .to_string()
    };
    assert_eq!(network("192.0.2.77", 24), "192.0.2.0");
    assert_eq!(network("192.0.2.77", 32), "192.0.2.77");
    assert_eq!(network("192.0.2.77", 0), "0.0.0.0");
    assert_eq!(network("::1", 128), "::1");
    assert_eq!(network("fd00::2", 64), "fd00::");
}

#[test]
fn time_is_written_as_rfc_3339_and_read_with_any_offset() {
    assert_eq!(at(1_764_046_376).to_string(), "2025-11-25T04:52:56Z");
    assert_eq!(
        Time::parse("2025-11-25T13:52:56+09:00").unwrap(),
        at(1_764_046_376)
    );
    assert!(Time::parse("令和8年").is_err());
}

proptest! {
    #[test]
    fn time_survives_its_text(seconds in -62_135_596_800_i64..253_370_764_799) {
        prop_assert_eq!(Time::parse(&at(seconds).to_string()).unwrap(), at(seconds));
    }

    #[test]
    fn limit_check_accepts_every_small_json_string(text in ".{0,60}") {
        let json = serde_json::to_vec(&vec![text]).unwrap();
        prop_assert_eq!(check_json(&json, &Limit::REPORT), Ok(()));
    }

    #[test]
    fn single_flipped_bit_of_an_envelope_never_verifies(bit in 0_usize..2000) {
        let report = sealed();
        let mut bytes = report.envelope.get().as_bytes().to_vec();
        let bit = bit % (bytes.len() * 8);
        bytes[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(key().public().verify(&bytes, &report.signature).is_err());
    }
}

#[test]
fn a_short_hash_names_the_body_and_no_other() {
    let section = Section::new(&os("Debian"), "linux", at(5)).unwrap();
    let envelope = envelope(vec![section.short_reference()]);
    let report = envelope.seal(&key(), vec![section.clone()]).unwrap();
    let text = report.envelope.get();
    assert!(!text.contains(&section.hash.to_string()));
    assert!(text.contains(&section.hash.to_string()[..24]));
    assert_eq!(report.open().unwrap(), envelope);
    let other = Section {
        hash: Hash::of(b"another"),
        ..section
    };
    let report = envelope.seal(&key(), vec![other]).unwrap();
    assert!(matches!(report.open(), Err(EnvelopeError::Body(_))));
    for odd in ["", "12", &"0".repeat(23), &"0".repeat(25), &"g".repeat(24)] {
        assert!(SectionHash::try_from(odd.to_owned()).is_err(), "{odd}");
    }
}
