use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::*;
use crate::platform::RawValue;
use crate::platform::replay::Bundle;

/// A property of a store's entry.
fn property(number: u32, value: &[u8]) -> Vec<u8> {
    let length = u32::try_from(value.len()).unwrap();
    let mut out = Vec::new();
    for part in [number, 1, length] {
        out.extend(part.to_le_bytes());
    }
    out.extend(value);
    out
}

fn authority(name: &str) -> Vec<u8> {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut parameters = rcgen::CertificateParams::new(Vec::<String>::new()).unwrap();
    parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    parameters
        .distinguished_name
        .push(rcgen::DnType::CommonName, name);
    parameters
        .distinguished_name
        .push(rcgen::DnType::OrganizationName, name);
    parameters.self_signed(&key).unwrap().der().to_vec()
}

fn stored(place: &str, entries: &[(&str, Vec<u8>)]) -> Bundle {
    let names: Vec<&str> = entries.iter().map(|it| it.0).collect();
    let bundle = Bundle::new("windows").with("registry_keys", place, &names);
    let bundle = entries.iter().fold(bundle, |bundle, (name, blob)| {
        let value = RawValue::Bytes(BASE64_STANDARD.encode(blob));
        bundle.with("registry", &format!(r"{place}\{name}\Blob"), &value)
    });
    bundle
        .with("registry_keys", "HKU", &["S-1-5-21-1-2-3-1001"])
        .with_nothing_else()
}

fn blob(name: &str) -> Vec<u8> {
    let mut blob = property(3, b"thumb");
    blob.extend(property(CERTIFICATE, &authority(name)));
    blob
}

fn names(bundle: Bundle) -> Vec<String> {
    let found = read(&Source::from_bundle(bundle)).added_roots;
    let found = found.value().unwrap().iter();
    found.map(|it| it.subject.clone()).collect()
}

#[test]
fn added_authorities_are_told_and_those_of_windows_are_not() {
    let bundle = stored(
        ROOTS[0],
        &[
            ("A", blob("院内CA")),
            (OF_WINDOWS[8], blob("Microsoft Corporation")),
        ],
    );
    let found = read(&Source::from_bundle(bundle)).added_roots;
    let found = found.value().unwrap();
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(
        (found[0].subject.as_str(), found[0].authority),
        ("院内CA", true)
    );
}

#[test]
fn authority_that_only_calls_itself_microsoft_is_told() {
    let false_name = ("A", blob("Microsoft Root Certificate Authority 2011"));
    let false_key = (OF_WINDOWS[0], blob("院内CA"));
    let found = names(stored(ROOTS[0], &[false_name, false_key]));
    assert_eq!(found.len(), 2, "{found:?}");
}

#[test]
fn authorities_of_a_person_are_told_and_those_that_may_not_be_read_are_counted() {
    let place = format!(r"HKU\S-1-5-21-1-2-3-1001\{}", OF_A_PERSON[0]);
    let bundle = stored(&place, &[("A", blob("傍受CA"))]);
    assert_eq!(names(bundle.clone()), ["傍受CA"]);
    let denied = Miss::Unknown(Reason::Denied);
    let refused = bundle.with_miss("registry_keys", &place, denied.clone());
    let found = read(&Source::from_bundle(refused)).added_roots;
    assert_eq!(found.reason(), Some(&Reason::Denied), "that is not none");
    let machine = stored(ROOTS[0], &[("A", blob("院内CA"))]);
    let found = machine.with_miss("registry_keys", &place, denied);
    let found = read(&Source::from_bundle(found)).added_roots;
    assert_eq!(found.value().unwrap().len(), 1);
    assert!(found.source().ends_with("(unread: 1 of 1)"));
}

#[test]
fn entries_that_break_off_are_unknown_and_never_read_beyond_their_end() {
    let mut lying = property(CERTIFICATE, b"abc");
    lying[8..12].copy_from_slice(&u32::MAX.to_le_bytes());
    for blob in [Vec::new(), vec![1, 2, 3], lying, property(3, b"x")] {
        let bundle = stored(ROOTS[0], &[("A", blob)]);
        let found = read(&Source::from_bundle(bundle)).added_roots;
        assert_eq!(found.reason(), Some(&Reason::failed("parse")));
    }
}

proptest::proptest! {
    #[test]
    fn any_entry_is_read_without_failing(blob in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
        let found = der(&blob);
        proptest::prop_assert!(found.is_none_or(|it| it.len() <= blob.len()));
        let bundle = stored(ROOTS[0], &[("A", blob)]);
        let _ = read(&Source::from_bundle(bundle));
    }
}
