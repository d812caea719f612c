//! The collector's own certificate authority (P-256, RFC 5280). Comes in: signing requests; goes
//! out: certificates that name an agent by its id alone. Of a request nothing but the key is taken.

use std::io;
use std::net::IpAddr;
use std::time::Duration;

use daicho_report::{AgentId, Hash, Time};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, DistinguishedName,
    DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256, PublicKeyData, SanType, SerialNumber,
};
use rustls_pki_types::{
    CertificateDer, CertificateSigningRequestDer, PrivateKeyDer, PrivatePkcs8KeyDer,
};

use x509_parser::prelude::{FromDer, X509Certificate};

use crate::refusal::Refused;
use crate::site::IssuedCertificate;

const DAY_S: u64 = 24 * 60 * 60;
const CA_DAYS: u64 = 20 * 366;
const SERVER_DAYS: u64 = 397;
const AGENT_DAYS: u64 = 90;
/// A clock that is behind by less than this sees certificates that begin already.
const EARLIER_S: u64 = 60 * 60;
const NAMES_MAX: usize = 50;

/// The certificate authority of this collector.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    ca: Vec<u8>,
}

/// What the agents' listener shows.
pub struct ServerIdentity {
    /// Its certificate, then the CA's, whose fingerprint agents know from their token.
    pub chain: Vec<CertificateDer<'static>>,
    /// Its key.
    pub key: PrivateKeyDer<'static>,
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authority")
            .field("fingerprint", &self.fingerprint())
            .finish_non_exhaustive()
    }
}

fn failed(error: &dyn std::fmt::Display) -> Refused {
    Refused::new("CRT-001", error.to_string())
}

fn key_pair(pkcs8: &[u8]) -> Result<KeyPair, Refused> {
    let der = PrivatePkcs8KeyDer::from(pkcs8);
    KeyPair::from_pkcs8_der_and_sign_algo(&der, &PKCS_ECDSA_P256_SHA256)
        .map_err(|error| failed(&error))
}

/// A certificate's beginning, end and number; the rest is the caller's.
fn params(now: Time, days: u64, name: &str) -> Result<CertificateParams, Refused> {
    let mut params = CertificateParams::new(Vec::new()).map_err(|error| failed(&error))?;
    let now = u64::try_from(now.seconds()).map_err(|_| failed(&"the clock is before 1970"))?;
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    params.not_before = epoch + Duration::from_secs(now.saturating_sub(EARLIER_S));
    params.not_after = epoch + Duration::from_secs(now.saturating_add(days * DAY_S));
    let mut number = [0; 16];
    getrandom::fill(&mut number).map_err(|error| failed(&error))?;
    // Positive, and of constant length (RFC 5280 §4.1.2.2).
    number = (u128::from_be_bytes(number) >> 1 | 1 << 126).to_be_bytes();
    params.serial_number = Some(SerialNumber::from_slice(&number));
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    Ok(params)
}

impl Authority {
    /// A new key (PKCS #8).
    pub(crate) fn new_key() -> io::Result<Vec<u8>> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(io::Error::other)?;
        Ok(key.serialize_der())
    }

    /// The authority's own certificate for a key.
    pub(crate) fn new_certificate(key: &[u8], now: Time) -> Result<Vec<u8>, Refused> {
        let mut params = params(now, CA_DAYS, "Daicho collector")?;
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let made = params
            .self_signed(&key_pair(key)?)
            .map_err(|error| failed(&error))?;
        Ok(made.der().to_vec())
    }

    /// From its key and certificate.
    pub fn new(key: &[u8], ca: Vec<u8>) -> Result<Self, Refused> {
        let key = key_pair(key)?;
        let der = CertificateDer::from(ca.clone());
        let (_, parsed) = X509Certificate::from_der(&ca).map_err(|error| failed(&error))?;
        if parsed.public_key().raw != key.subject_public_key_info() {
            return Err(failed(&"keys/ca.key is not the key of keys/ca.der"));
        }
        let issuer = Issuer::from_ca_cert_der(&der, key).map_err(|error| failed(&error))?;
        Ok(Self { issuer, ca })
    }

    /// SHA-256 of the CA's certificate, as it stands in tokens.
    #[must_use]
    pub fn fingerprint(&self) -> Hash {
        Hash::of(&self.ca)
    }

    /// The CA's certificate (DER).
    #[must_use]
    pub fn ca_der(&self) -> &[u8] {
        &self.ca
    }

    /// A client certificate for the key of a signing request, whose own signature is checked.
    pub fn sign_agent(
        &self,
        csr: &[u8],
        agent: &AgentId,
        now: Time,
    ) -> Result<IssuedCertificate, Refused> {
        let der = CertificateSigningRequestDer::from(csr);
        let mut request = CertificateSigningRequestParams::from_der(&der)
            .map_err(|error| Refused::new("CRT-002", error.to_string()))?;
        if request.public_key.algorithm() != &PKCS_ECDSA_P256_SHA256 {
            return Err(Refused::new("CRT-002", "P-256"));
        }
        let mut wanted = params(now, AGENT_DAYS, agent.as_str())?;
        wanted.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        wanted.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        request.params = wanted;
        let spki_sha256 = Hash::of(&request.public_key.subject_public_key_info());
        let made = request
            .signed_by(&self.issuer)
            .map_err(|error| failed(&error))?;
        let days = i64::try_from(AGENT_DAYS * DAY_S).unwrap_or(i64::MAX);
        Ok(IssuedCertificate {
            der: made.der().to_vec(),
            ca: self.ca.clone(),
            not_after: Time::from_seconds(now.seconds().saturating_add(days)),
            spki_sha256,
        })
    }

    /// A new key and certificate for the agents' listener, for these names and addresses and for this
    /// machine itself.
    pub fn server(&self, names: &[String], now: Time) -> Result<ServerIdentity, Refused> {
        if names.len() > NAMES_MAX {
            return Err(Refused::new("CRT-003", names.len().to_string()));
        }
        let mut params = params(now, SERVER_DAYS, "Daicho collector, agents' listener")?;
        let own = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
        for name in own.iter().chain(names) {
            let wrong = || Refused::new("CRT-003", name.clone());
            params.subject_alt_names.push(match name.parse::<IpAddr>() {
                Ok(address) => SanType::IpAddress(address),
                Err(_) => {
                    rustls_pki_types::DnsName::try_from(name.as_str()).map_err(|_| wrong())?;
                    SanType::DnsName(name.as_str().try_into().map_err(|_| wrong())?)
                }
            });
        }
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(|error| failed(&error))?;
        let made = params
            .signed_by(&key, &self.issuer)
            .map_err(|error| failed(&error))?;
        Ok(ServerIdentity {
            chain: vec![made.der().clone(), CertificateDer::from(self.ca.clone())],
            key: PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
        })
    }
}

#[cfg(test)]
mod tests;
