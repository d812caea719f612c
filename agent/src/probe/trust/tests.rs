use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, KeyPair};

use super::*;
use crate::platform::replay::Bundle;

fn pem(name: &str, authority: bool) -> String {
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name.push(DnType::CommonName, name);
    if authority {
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    }
    let key = KeyPair::generate().unwrap();
    parameters.self_signed(&key).unwrap().pem()
}

fn check(bundle: Bundle) -> Trust {
    read(&Source::from_bundle(bundle.with_nothing_else()))
}

#[test]
fn added_authorities_and_certificates_of_services_are_named_and_people_are_not() {
    let both = format!(
        "{}{}",
        pem("his.example.jp", false),
        pem("山田 太郎", false)
    );
    let bundle = Bundle::new("linux")
        .with_folder(ROOTS[0], &["hospital.crt", "README"])
        .with_text(
            "/usr/local/share/ca-certificates/hospital.crt",
            &pem("院内認証局", true),
        )
        .with_folder(SERVICES[0], &["ca-bundle.crt", "both.pem"])
        .with_text("/etc/pki/tls/certs/both.pem", &both)
        .with_folder(LETSENCRYPT, &["README", "www.example.jp"])
        .with_text(
            "/etc/letsencrypt/live/www.example.jp/cert.pem",
            &pem("www.example.jp", false),
        );
    let found = check(bundle);
    let names = |reading: &Reading<Vec<Certificate>>| -> Vec<String> {
        reading
            .value()
            .unwrap()
            .iter()
            .map(|it| it.subject.clone())
            .collect()
    };
    assert_eq!(names(&found.added_roots), ["院内認証局"]);
    assert_eq!(
        names(&found.certificates),
        ["(other)", "his.example.jp", "www.example.jp"]
    );
}

#[test]
fn a_file_that_is_no_certificate_names_nobody() {
    let bundle = Bundle::new("linux")
        .with_folder(ROOTS[0], &["x.crt", "y.der"])
        .with_text(
            "/usr/local/share/ca-certificates/x.crt",
            "-----BEGIN CERTIFICATE-----\nAAAA\n",
        )
        .with_bytes(
            "file",
            "/usr/local/share/ca-certificates/y.der",
            &[0x30, 0x80, 0xff],
        );
    assert_eq!(check(bundle).added_roots.value(), Some(&Vec::new()));
}

#[test]
fn a_folder_that_may_not_be_read_is_no_empty_one() {
    let denied = Miss::Unknown(Reason::Denied);
    let bundle = Bundle::new("linux")
        .with_miss("folder", ROOTS[0], denied.clone())
        .with_miss("folder", LETSENCRYPT, denied);
    let found = check(bundle);
    assert_eq!(found.added_roots.reason(), Some(&Reason::Denied));
    assert_eq!(found.certificates.reason(), Some(&Reason::Denied));
}
