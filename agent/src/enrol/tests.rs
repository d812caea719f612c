use std::sync::Arc;

use daicho_report::path;

use super::*;
use crate::clock;
use crate::state::tests::Scratch;
use crate::submit::tests::collector::{Answer, Ca, Collector, Heard, agent_id, approve, json, raw};

const SECRET: &str = "0123456789abcdefghijklmnopqrstuvwxyzABCDE-_";

fn token(fingerprint: Hash) -> Token {
    Token::parse(&format!("daicho1.{SECRET}.{fingerprint}\n")).unwrap()
}

struct Asked {
    folder: StateFolder,
    _scratch: Scratch,
    standing: Result<Standing, EnrolError>,
}

async fn enrol_with(collector: &Collector, fingerprint: Hash) -> Asked {
    let scratch = Scratch::new();
    let folder = StateFolder::create(&scratch.join("state")).unwrap();
    let identity = begin(&folder, &collector.url, &token(fingerprint)).unwrap();
    let standing = ask(&folder, identity, "pc-01", clock::now()).await;
    Asked {
        folder,
        _scratch: scratch,
        standing,
    }
}

fn code(asked: &Asked) -> &'static str {
    asked.standing.as_ref().unwrap_err().code()
}

#[test]
fn token_is_read_in_three_parts() {
    let hash = Hash::of(b"ca");
    let token = token(hash);
    assert_eq!(token.secret(), SECRET);
    assert_eq!(token.ca_fingerprint, hash);
    assert!(!format!("{token:?}").contains(SECRET));
}

#[test]
fn malformed_token_says_which_part_and_never_repeats_it() {
    let hash = Hash::of(b"ca");
    let short = &SECRET[1..];
    let check = |text: String, expected: TokenError| {
        let error = Token::parse(&text).unwrap_err();
        assert_eq!(error, expected, "{text}");
        assert!(!error.to_string().contains(short));
    };
    check(String::new(), TokenError::Parts);
    check(SECRET.into(), TokenError::Parts);
    check(format!("daicho1.{SECRET}.{hash}.x"), TokenError::Parts);
    check(format!("daicho2.{SECRET}.{hash}"), TokenError::Prefix);
    check(format!("daicho1.{short}.{hash}"), TokenError::Secret);
    check(format!("daicho1.{short}+.{hash}"), TokenError::Secret);
    check(format!("daicho1.{short}あ.{hash}"), TokenError::Secret);
    check(format!("daicho1.{SECRET}.00"), TokenError::Fingerprint);
}

#[tokio::test]
async fn enrolment_sends_only_the_secret_and_keeps_the_certificate() {
    let ca = Arc::new(Ca::new());
    let signer = ca.clone();
    let collector = Collector::start(&ca, &ca.leaf(), move |heard| {
        json(200, &approve(&signer, heard, 2120))
    });
    let asked = enrol_with(&collector, ca.fingerprint()).await;
    assert!(matches!(asked.standing, Ok(Standing::Issued(_))));
    let heard = collector.heard();
    let [request] = heard.as_slice() else {
        panic!("one request, not {}", heard.len());
    };
    assert_eq!(request.path, path::ENROL);
    assert!(!request.by_certificate);
    let said = request.enrolment();
    assert_eq!(
        (said.token.as_str(), said.host_name.as_str()),
        (SECRET, "pc-01")
    );
    said.report_key.verify(&said.csr.0, &said.proof).unwrap();
    let saved = asked.folder.identity().unwrap().unwrap();
    assert_eq!(saved.token, None);
    assert_eq!(saved.issued.unwrap().agent, agent_id());
}

#[tokio::test]
async fn enrolled_machine_is_not_enrolled_again() {
    let ca = Arc::new(Ca::new());
    let signer = ca.clone();
    let collector = Collector::start(&ca, &ca.leaf(), move |heard| {
        json(200, &approve(&signer, heard, 2120))
    });
    let asked = enrol_with(&collector, ca.fingerprint()).await;
    let again = begin(&asked.folder, &collector.url, &token(ca.fingerprint()));
    assert!(matches!(again, Err(EnrolError::Already(_))));
}

#[tokio::test]
async fn pending_enrolment_asks_again_with_the_same_keys() {
    let ca = Ca::new();
    let collector = Collector::start(&ca, &ca.leaf(), |_| {
        json(202, &EnrolReply::Pending { retry_after_s: 30 })
    });
    let asked = enrol_with(&collector, ca.fingerprint()).await;
    assert!(matches!(
        asked.standing,
        Ok(Standing::Pending { retry_after_s: 30 })
    ));
    let identity = begin(&asked.folder, &collector.url, &token(ca.fingerprint())).unwrap();
    ask(&asked.folder, identity, "pc-01", clock::now())
        .await
        .unwrap();
    let said: Vec<EnrolRequest> = collector.heard().iter().map(Heard::enrolment).collect();
    let [first, second] = said.as_slice() else {
        panic!("two requests, not {}", said.len());
    };
    assert_eq!(first.report_key, second.report_key);
    assert_eq!(first.token, second.token);
    let key = |request: &EnrolRequest| {
        let csr = rustls_pki_types::CertificateSigningRequestDer::from(request.csr.0.as_slice());
        let csr = rcgen::CertificateSigningRequestParams::from_der(&csr).unwrap();
        rcgen::PublicKeyData::subject_public_key_info(&csr.public_key)
    };
    assert_eq!(key(first), key(second));
}

/// Nothing may be said to a server that is not the one of the token.
async fn is_distrusted(collector: &Collector, fingerprint: Hash, expected: &str) {
    let asked = enrol_with(collector, fingerprint).await;
    assert_eq!(code(&asked), expected);
    assert!(collector.heard().is_empty());
    let identity = asked.folder.identity().unwrap().unwrap();
    assert!(identity.issued.is_none());
}

fn silent(_: &Heard) -> Answer {
    None
}

#[tokio::test]
async fn server_without_the_fingerprint_hears_nothing() {
    let ca = Ca::new();
    let collector = Collector::start(&ca, &ca.leaf(), silent);
    is_distrusted(&collector, Hash::of(b"other"), "AGT-008").await;
}

#[tokio::test]
async fn right_ca_beside_a_certificate_of_another_one_does_not_help() {
    let (ca, attacker) = (Ca::new(), Ca::new());
    let collector = Collector::start(&ca, &attacker.leaf(), silent);
    is_distrusted(&collector, ca.fingerprint(), "AGT-011").await;
}

#[tokio::test]
async fn expired_server_certificate_is_refused() {
    let ca = Ca::new();
    let leaf = ca.leaf_for("127.0.0.1", 2020, 2021);
    let collector = Collector::start(&ca, &leaf, silent);
    is_distrusted(&collector, ca.fingerprint(), "AGT-009").await;
}

#[tokio::test]
async fn certificate_for_another_name_is_refused() {
    let ca = Ca::new();
    let leaf = ca.leaf_for("127.0.0.2", 2020, 2120);
    let collector = Collector::start(&ca, &leaf, silent);
    is_distrusted(&collector, ca.fingerprint(), "AGT-010").await;
}

#[tokio::test]
async fn tls_before_1_3_is_refused() {
    let ca = Ca::new();
    let collector = Collector::start_old_tls(&ca, &ca.leaf());
    is_distrusted(&collector, ca.fingerprint(), "AGT-012").await;
}

#[tokio::test]
async fn certificate_for_another_key_is_not_taken() {
    let ca = Arc::new(Ca::new());
    let signer = ca.clone();
    let collector = Collector::start(&ca, &ca.leaf(), move |_| {
        let other = keys::signing_request(&new_identity().unwrap().tls_key.0).unwrap();
        let reply = EnrolReply::Issued {
            agent: agent_id(),
            certificate: Base64Bytes(signer.sign(&other, 2120)),
            ca: Base64Bytes(signer.der.clone()),
        };
        json(200, &reply)
    });
    let asked = enrol_with(&collector, ca.fingerprint()).await;
    assert_eq!(code(&asked), "AGT-030");
    assert!(asked.folder.identity().unwrap().unwrap().issued.is_none());
}

#[tokio::test]
async fn ca_other_than_the_tokens_is_not_taken() {
    let ca = Ca::new();
    let collector = Collector::start(&ca, &ca.leaf(), move |heard| {
        json(200, &approve(&Ca::new(), heard, 2120))
    });
    let asked = enrol_with(&collector, ca.fingerprint()).await;
    assert_eq!(code(&asked), "AGT-030");
}

#[tokio::test]
async fn certificate_that_has_ended_is_not_taken() {
    let ca = Arc::new(Ca::new());
    let signer = ca.clone();
    let collector = Collector::start(&ca, &ca.leaf(), move |heard| {
        json(200, &approve(&signer, heard, 2021))
    });
    let asked = enrol_with(&collector, ca.fingerprint()).await;
    assert_eq!(code(&asked), "AGT-030");
}

#[tokio::test]
async fn refused_token_shows_the_collectors_words() {
    let ca = Ca::new();
    let refusal = daicho_report::Refusal {
        code: "ENR-004".into(),
        ja: "トークンの期限が切れています。\u{1b}[2J".into(),
        en: "The token has expired.".into(),
    };
    let collector = Collector::start(&ca, &ca.leaf(), move |_| json(403, &refusal));
    let asked = enrol_with(&collector, ca.fingerprint()).await;
    assert_eq!(code(&asked), "AGT-013");
    let failure = crate::message::Failure::from(asked.standing.unwrap_err());
    let text = failure.text(Lang::Ja);
    assert!(text.contains("[ENR-004] トークンの期限が切れています。〈U+001B〉[2J"));
    assert!(!text.contains(SECRET));
}

#[tokio::test]
async fn refusal_without_words_is_told_as_such() {
    let ca = Ca::new();
    let collector = Collector::start(&ca, &ca.leaf(), |_| raw(502, "", b"<html>"));
    let asked = enrol_with(&collector, ca.fingerprint()).await;
    let failure = crate::message::Failure::from(asked.standing.unwrap_err());
    assert!(failure.text(Lang::En).contains("HTTP 502"));
}

#[tokio::test]
async fn redirect_is_not_followed() {
    let ca = Ca::new();
    let collector = Collector::start(&ca, &ca.leaf(), |_| {
        raw(307, "location: /v1/elsewhere\r\n", b"")
    });
    let asked = enrol_with(&collector, ca.fingerprint()).await;
    assert_eq!(code(&asked), "AGT-013");
    assert_eq!(collector.heard().len(), 1);
}

#[test]
fn address_that_is_not_plain_https_is_refused() {
    for url in [
        "http://10.0.0.1",
        "10.0.0.1:8443",
        "https://",
        "https://u:p@10.0.0.1",
        "https://10.0.0.1/path",
        "https://10.0.0.1?q",
        "file:///etc/passwd",
    ] {
        assert!(Server::parse(url).is_err(), "{url}");
    }
    let server = Server::parse(" https://[fe80::1]:8443/ ").unwrap();
    assert_eq!(server.as_str(), "https://[fe80::1]:8443");
}
