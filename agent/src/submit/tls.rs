//! TLS 1.3 with ring and exactly one CA. Comes in: a fingerprint (before enrolment) or an identity
//! (after it); goes out: the client's settings. The system's roots are never looked at.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use daicho_report::{Hash, Time};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::time_provider::TimeProvider;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, OtherError, RootCertStore,
    SignatureScheme, version,
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime};

use crate::clock;
use crate::state::{Identity, Issued};

/// Why there are no TLS settings.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// TLS itself refused key, certificate or CA.
    #[error("set up TLS")]
    Tls(#[source] rustls::Error),
    /// The CA cannot be trusted technically.
    #[error("use the CA certificate")]
    Ca(#[source] rustls::client::VerifierBuilderError),
}

/// The time that certificates are held against: the machine's clock, but never before the newest
/// tree head, so that a machine whose clock fell back to the year 2000 still reports.
#[derive(Debug, Clone)]
pub struct Floor(Arc<AtomicI64>);

impl Floor {
    /// Starts from the newest head that was saved.
    #[must_use]
    pub fn new(head: Option<Time>, certificate_ends: Option<Time>) -> Self {
        let floor = Self(Arc::new(AtomicI64::new(i64::MIN)));
        if let Some(head) = head {
            floor.raise(head, certificate_ends);
        }
        floor
    }

    /// A newer head was seen. A head later than the own certificate's end is a collector with a
    /// wrong clock: believing it would lock the agent out for good.
    pub fn raise(&self, head: Time, certificate_ends: Option<Time>) {
        if certificate_ends.is_some_and(|end| head < end) {
            self.0.store(head.seconds(), Ordering::Relaxed);
        }
    }

    /// The time to use.
    #[must_use]
    pub fn now(&self) -> Time {
        clock::now().max(Time::from_seconds(self.0.load(Ordering::Relaxed)))
    }
}

impl TimeProvider for Floor {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = u64::try_from(self.now().seconds()).ok()?;
        Some(UnixTime::since_unix_epoch(Duration::from_secs(seconds)))
    }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// Said through rustls when no certificate of the server has the token's fingerprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("find a certificate with the token's fingerprint")]
pub(super) struct OtherFingerprint;

/// Trusts the one CA certificate, presented by the server, that has the token's fingerprint.
#[derive(Debug)]
struct ByFingerprint {
    fingerprint: Hash,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for ByFingerprint {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let ca = intermediates
            .iter()
            .find(|it| Hash::of(it) == self.fingerprint)
            .ok_or_else(|| {
                let other = OtherError(Arc::new(OtherFingerprint));
                rustls::Error::InvalidCertificate(CertificateError::Other(other))
            })?;
        let mut roots = RootCertStore::empty();
        roots.add(ca.clone().into_owned())?;
        let strict =
            WebPkiServerVerifier::builder_with_provider(roots.into(), self.provider.clone())
                .build()
                .map_err(|error| rustls::Error::General(error.to_string()))?;
        strict.verify_server_cert(end_entity, intermediates, server_name, ocsp, now)
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        // Only TLS 1.3 is offered.
        Err(rustls::PeerIncompatible::ServerDoesNotSupportTls12Or13.into())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

/// For enrolment: no certificate of ours, the CA known by its fingerprint alone.
pub(super) fn for_enrolment(fingerprint: Hash) -> Result<ClientConfig, TlsError> {
    let provider = provider();
    let verifier = ByFingerprint {
        fingerprint,
        provider: provider.clone(),
    };
    let config = ClientConfig::builder_with_details(provider, Arc::new(Floor::new(None, None)))
        .with_protocol_versions(&[&version::TLS13])
        .map_err(TlsError::Tls)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok(config)
}

/// For everything after it: our certificate, and the saved CA alone.
pub(super) fn for_agent(
    identity: &Identity,
    issued: &Issued,
    floor: Floor,
) -> Result<ClientConfig, TlsError> {
    let provider = provider();
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from(issued.ca.0.clone()))
        .map_err(TlsError::Tls)?;
    let verifier = WebPkiServerVerifier::builder_with_provider(roots.into(), provider.clone())
        .build()
        .map_err(TlsError::Ca)?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(identity.tls_key.0.clone()));
    ClientConfig::builder_with_details(provider, Arc::new(floor))
        .with_protocol_versions(&[&version::TLS13])
        .map_err(TlsError::Tls)?
        .with_webpki_verifier(verifier)
        .with_client_auth_cert(
            vec![CertificateDer::from(issued.certificate.0.clone())],
            key,
        )
        .map_err(TlsError::Tls)
}
