//! TLS 1.3 of the agents' listener (ring). Comes in: our certificate chain and CA; goes out: the
//! server's settings, and who is at the other end. No other CA than ours is ever looked at.

use std::sync::Arc;

use daicho_report::{Hash, Time};
use rustls::crypto::ring;
use rustls::server::WebPkiClientVerifier;
use rustls::{CertificateError, RootCertStore, ServerConfig, version};
use rustls_pki_types::CertificateDer;

use crate::authority::ServerIdentity;
use crate::refusal::Refused;

/// The key that the other end proved to have, and the end of its certificate.
#[derive(Debug, Clone, Copy)]
pub(super) struct ClientKey {
    /// SHA-256 of its SubjectPublicKeyInfo.
    pub(super) spki_sha256: Hash,
    /// When its certificate ends: a connection may outlive it.
    pub(super) not_after: Time,
}

/// Settings: a client certificate is optional, but one that is shown must be of our CA and valid.
pub(super) fn settings(identity: ServerIdentity, ca: &[u8]) -> Result<Arc<ServerConfig>, Refused> {
    let failed = |error: &dyn std::fmt::Display| Refused::new("CRT-001", error.to_string());
    let provider = Arc::new(ring::default_provider());
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from(ca.to_vec()))
        .map_err(|error| failed(&error))?;
    let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), Arc::clone(&provider))
        .allow_unauthenticated()
        .build()
        .map_err(|error| failed(&error))?;
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&version::TLS13])
        .map_err(|error| failed(&error))?
        .with_client_cert_verifier(verifier)
        .with_single_cert(identity.chain, identity.key)
        .map_err(|error| failed(&error))?;
    // A resumed session would not look at the client's certificate again.
    config.send_tls13_tickets = 0;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// The client's key, if it showed a certificate.
pub(super) fn client_key(certificates: Option<&[CertificateDer<'_>]>) -> Option<ClientKey> {
    let (_, leaf) = x509_parser::parse_x509_certificate(certificates?.first()?).ok()?;
    Some(ClientKey {
        spki_sha256: Hash::of(leaf.public_key().raw),
        not_after: Time::from_seconds(leaf.validity().not_after.timestamp()),
    })
}

/// The code of a handshake that failed.
pub(super) fn code(error: &std::io::Error) -> &'static str {
    let inner = error
        .get_ref()
        .and_then(|it| it.downcast_ref::<rustls::Error>());
    match inner {
        Some(rustls::Error::InvalidCertificate(
            CertificateError::Expired | CertificateError::ExpiredContext { .. },
        )) => "NET-013",
        _ => "NET-012",
    }
}
