use super::*;
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
    bundle.with_nothing_else()
}

#[test]
fn added_authorities_are_told_and_those_of_windows_are_not() {
    let blob = |name: &str| {
        let mut blob = property(3, b"thumb");
        blob.extend(property(CERTIFICATE, &authority(name)));
        blob
    };
    let place = ROOTS[0];
    let bundle = stored(
        place,
        &[("A", blob("院内CA")), ("B", blob("Microsoft Corporation"))],
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
fn entries_that_break_off_are_unknown_and_never_read_beyond_their_end() {
    let mut lying = property(CERTIFICATE, b"abc");
    lying[8..12].copy_from_slice(&u32::MAX.to_le_bytes());
    for blob in [Vec::new(), vec![1, 2, 3], lying, property(3, b"x")] {
        let bundle = stored(ROOTS[0], &[("A", blob)]);
        let found = read(&Source::from_bundle(bundle)).added_roots;
        assert_eq!(found.reason(), Some(&Reason::failed("parse")));
    }
}
