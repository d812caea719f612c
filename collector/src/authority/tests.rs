use super::*;

fn now() -> Time {
    Time::parse("2026-11-25T00:00:00Z").unwrap()
}

fn authority() -> Authority {
    let key = Authority::new_key().unwrap();
    let ca = Authority::new_certificate(&key, now()).unwrap();
    Authority::new(&key, ca).unwrap()
}

fn csr(key: &KeyPair) -> Vec<u8> {
    let mut params = CertificateParams::new(vec!["evil.example".to_owned()]).unwrap();
    params.is_ca = IsCa::NoCa;
    params.serialize_request(key).unwrap().der().to_vec()
}

fn agent() -> AgentId {
    AgentId::from_random(&[7; 16])
}

#[test]
fn agent_certificate_names_the_agent_and_nothing_of_the_request() {
    let authority = authority();
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    let issued = authority.sign_agent(&csr(&key), &agent(), now()).unwrap();
    let (_, found) = X509Certificate::from_der(&issued.der).unwrap();
    assert_eq!(found.subject().to_string(), format!("CN={}", agent()));
    assert!(found.subject_alternative_name().unwrap().is_none());
    assert!(!found.is_ca());
    assert_eq!(
        found.validity().not_after.timestamp(),
        issued.not_after.seconds()
    );
    assert_eq!(Hash::of(found.public_key().raw), issued.spki_sha256);
    let (_, ca) = X509Certificate::from_der(authority.ca_der()).unwrap();
    found.verify_signature(Some(ca.public_key())).unwrap();
}

#[test]
fn broken_and_foreign_requests_are_refused() {
    let authority = authority();
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    let mut broken = csr(&key);
    *broken.last_mut().unwrap() ^= 1;
    for csr in [
        broken,
        Vec::new(),
        vec![0x30, 0x80],
        csr(&KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap()),
    ] {
        assert_eq!(
            authority
                .sign_agent(&csr, &agent(), now())
                .unwrap_err()
                .code,
            "CRT-002"
        );
    }
}

#[test]
fn server_certificate_is_for_the_names_given_and_this_machine() {
    let names = ["collector.example".to_owned(), "10.1.1.5".to_owned()];
    let identity = authority().server(&names, now()).unwrap();
    let (_, found) = X509Certificate::from_der(&identity.chain[0]).unwrap();
    let text = format!("{:?}", found.subject_alternative_name().unwrap().unwrap());
    assert!(
        text.contains("collector.example") && text.contains("localhost"),
        "{text}"
    );
    let wrong = authority().server(&["not a name".to_owned()], now());
    assert_eq!(wrong.err().unwrap().code, "CRT-003");
}
