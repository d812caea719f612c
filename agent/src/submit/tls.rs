//! TLS 1.3 with ring and exactly one CA. Comes in: a fingerprint (before enrolment) or an identity
//! (after it); goes out: the client's settings. The system's roots are never looked at.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

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
use x509_parser::prelude::{FromDer, X509Certificate};

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

/// The span in which the own certificate is good. It was issued by the collector, so the true time
/// is behind its start; and behind its end the collector would not let this agent in.
pub(super) type OwnTimes = Option<(Time, Time)>;

/// The span of an identity's certificate; `None` where it cannot be read.
pub(super) fn own_times(issued: &Issued) -> OwnTimes {
    validity(&issued.certificate.0)
}

fn validity(certificate: &[u8]) -> OwnTimes {
    let (_, parsed) = X509Certificate::from_der(certificate).ok()?;
    let validity = parsed.validity();
    Some((
        Time::from_seconds(validity.not_before.timestamp()),
        Time::from_seconds(validity.not_after.timestamp()),
    ))
}

/// The time that certificates are held against. After an answer it is the collector's time, carried
/// on by the steady clock; before the first one it is the machine's clock, as long as that lies
/// between what is known: behind the newest saved head and the start of the own certificate, and
/// before its end. So a machine whose clock shows the year 2000 or 2040 still reports.
#[derive(Debug, Clone)]
pub struct Floor {
    known: Arc<Mutex<Known>>,
    clock: fn() -> Time,
}

#[derive(Debug)]
struct Known {
    /// The latest time that has certainly passed.
    least: Time,
    /// From here on the machine's clock is not believed.
    end: Option<Time>,
    /// The collector's time and when it was heard.
    heard: Option<(Time, Instant)>,
}

impl Floor {
    /// Starts from the newest head that was saved.
    #[must_use]
    pub fn new(head: Option<Time>, own: OwnTimes) -> Self {
        Self::with_clock(head, own, clock::now)
    }

    /// The same on a machine with this clock.
    #[must_use]
    pub(super) fn with_clock(head: Option<Time>, own: OwnTimes, clock: fn() -> Time) -> Self {
        let least = own.map_or(Time::EPOCH, |(start, _)| start.max(Time::EPOCH));
        let end = own.map(|(_, end)| end);
        // A head later than the own certificate's end is a collector with a wrong clock: believing it
        // would lock the agent out for good.
        let head = head.filter(|head| end.is_some_and(|end| *head < end));
        let known = Known {
            least: head.map_or(least, |head| head.max(least)),
            end,
            heard: None,
        };
        Self {
            known: Arc::new(Mutex::new(known)),
            clock,
        }
    }

    /// A newer head was heard.
    pub fn raise(&self, head: Time, own: OwnTimes) {
        let mut known = self.lock();
        known.end = own.map(|(_, end)| end);
        if own.is_some_and(|(start, end)| start <= head && head < end) {
            known.least = known.least.max(head);
            known.heard = Some((head, Instant::now()));
        }
    }

    /// The time to use.
    #[must_use]
    pub fn now(&self) -> Time {
        let known = self.lock();
        if let Some((time, heard)) = known.heard {
            return after(time, heard).max(known.least);
        }
        let clock = (self.clock)();
        if known.end.is_some_and(|end| clock >= end) {
            return known.least;
        }
        clock.max(known.least)
    }

    /// By how many seconds the machine's clock is wrong, where it is by more than a day; `None` where
    /// it is not, or where the collector has not been heard yet.
    #[must_use]
    pub fn clock_error(&self) -> Option<i64> {
        let (time, heard) = self.lock().heard?;
        let error = (self.clock)()
            .seconds()
            .saturating_sub(after(time, heard).seconds());
        (error.abs() > CLOCK_ERROR_S).then_some(error)
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A clock that is wrong by more than this is told.
const CLOCK_ERROR_S: i64 = 86_400;

fn after(time: Time, heard: Instant) -> Time {
    let since = i64::try_from(heard.elapsed().as_secs()).unwrap_or(i64::MAX);
    Time::from_seconds(time.seconds().saturating_add(since))
}

impl TimeProvider for Floor {
    fn current_time(&self) -> Option<UnixTime> {
        Some(unix_time(self.now()))
    }
}

fn unix_time(time: Time) -> UnixTime {
    let seconds = u64::try_from(time.seconds()).unwrap_or(0);
    UnixTime::since_unix_epoch(Duration::from_secs(seconds))
}

/// A certificate of the one CA that begins later than now says that now is wrong: it is held against
/// its own beginning. Nothing else is forgiven, an end least of all.
fn not_before_its_start(certificate: &CertificateDer<'_>, now: UnixTime) -> UnixTime {
    let start = validity(certificate).map(|(start, _)| unix_time(start));
    start.map_or(now, |start| start.max(now))
}

/// The strict check, at a time that does not lie before the certificate's own beginning.
#[derive(Debug)]
struct ByCa(Arc<WebPkiServerVerifier>);

impl ServerCertVerifier for ByCa {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let now = not_before_its_start(end_entity, now);
        self.0
            .verify_server_cert(end_entity, intermediates, server_name, ocsp, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.0
            .verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.0
            .verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
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
        ByCa(strict).verify_server_cert(end_entity, intermediates, server_name, ocsp, now)
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
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(ByCa(verifier)))
        .with_client_auth_cert(
            vec![CertificateDer::from(issued.certificate.0.clone())],
            key,
        )
        .map_err(TlsError::Tls)
}
