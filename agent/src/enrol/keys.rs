//! The agent's two keys, the request for a certificate, and the check of the one that comes back.
//! Comes in: randomness of the system; goes out: keys and verdicts. It never sends anything.

use std::time::Duration;

use daicho_report::{Base64Bytes, Hash, Time};
use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256, PublicKeyData};
use rustls_pki_types::{CertificateDer, PrivatePkcs8KeyDer, UnixTime};
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::state::Identity;

/// What is wrong with a key or certificate.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The system gives no randomness.
    #[error("draw random bytes")]
    Random(#[source] getrandom::Error),
    /// A key or request cannot be made.
    #[error("make a key or certificate request")]
    Make(#[source] rcgen::Error),
    /// The saved report key is not 32 bytes.
    #[error("read the saved report key")]
    Secret,
    /// The certificate is no certificate.
    #[error("read the certificate")]
    Shape,
    /// It is for another key.
    #[error("match the certificate with this agent's key")]
    OtherKey,
    /// The CA is not the one of the token.
    #[error("match the CA with the token's fingerprint")]
    OtherCa,
    /// It was not issued by the CA, is not for clients, or not for now.
    #[error("verify the certificate")]
    Invalid(#[source] webpki::Error),
}

/// New keys that belong to nobody yet.
pub fn new_identity() -> Result<Identity, KeyError> {
    let tls = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(KeyError::Make)?;
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).map_err(KeyError::Random)?;
    Ok(Identity {
        version: Identity::VERSION,
        server: String::new(),
        ca_fingerprint: Hash::ZERO,
        tls_key: Base64Bytes(tls.serialize_der()),
        report_secret: Base64Bytes(secret.to_vec()),
        token: None,
        issued: None,
    })
}

fn key_pair(pkcs8: &[u8]) -> Result<KeyPair, KeyError> {
    let der = PrivatePkcs8KeyDer::from(pkcs8);
    KeyPair::from_pkcs8_der_and_sign_algo(&der, &PKCS_ECDSA_P256_SHA256).map_err(KeyError::Make)
}

/// PKCS #10 for the TLS key. It names nobody: the collector gives the name.
pub(crate) fn signing_request(pkcs8: &[u8]) -> Result<Vec<u8>, KeyError> {
    let mut params = CertificateParams::new(Vec::new()).map_err(KeyError::Make)?;
    params.distinguished_name = rcgen::DistinguishedName::new();
    let request = params
        .serialize_request(&key_pair(pkcs8)?)
        .map_err(KeyError::Make)?;
    Ok(request.der().to_vec())
}

/// Whether a certificate is for this key, from this CA, for clients, and not past its end.
pub fn certificate_fits(
    certificate: &[u8],
    ca: &[u8],
    pkcs8: &[u8],
    now: Time,
) -> Result<(), KeyError> {
    let (rest, parsed) = X509Certificate::from_der(certificate).map_err(|_| KeyError::Shape)?;
    if !rest.is_empty() {
        return Err(KeyError::Shape);
    }
    if parsed.public_key().raw != key_pair(pkcs8)?.subject_public_key_info() {
        return Err(KeyError::OtherKey);
    }
    let not_before = Time::from_seconds(parsed.validity().not_before.timestamp());
    let der = CertificateDer::from(certificate);
    let ca = CertificateDer::from(ca);
    let anchor = webpki::anchor_from_trusted_cert(&ca).map_err(KeyError::Invalid)?;
    let end = webpki::EndEntityCert::try_from(&der).map_err(KeyError::Invalid)?;
    end.verify_for_usage(
        webpki::ALL_VERIFICATION_ALGS,
        &[anchor],
        &[],
        // A collector's clock that is a little ahead must not spoil a new certificate.
        unix_time(now.max(not_before)),
        webpki::KeyUsage::client_auth(),
        None,
        None,
    )
    .map_err(KeyError::Invalid)?;
    Ok(())
}

fn unix_time(now: Time) -> UnixTime {
    let seconds = u64::try_from(now.seconds()).unwrap_or(0);
    UnixTime::since_unix_epoch(Duration::from_secs(seconds))
}

/// When a certificate ends; `None` where it cannot be read.
#[must_use]
pub(crate) fn not_after(certificate: &[u8]) -> Option<Time> {
    let (_, parsed) = X509Certificate::from_der(certificate).ok()?;
    Some(Time::from_seconds(parsed.validity().not_after.timestamp()))
}
