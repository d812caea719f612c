//! Ed25519 over exact bytes: the agent's report key, and the collector's key for heads and
//! summaries. Key bytes come from the caller; nothing random is drawn here.

use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};

use super::Base64Bytes;

/// A signing key; its bytes never leave the machine and are never printed.
pub struct ReportKey(SigningKey);

/// The public half, registered at enrolment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ReportKeyPublic(Base64Bytes);

/// 64 bytes of Ed25519.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Signature(Base64Bytes);

/// Why a signature was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The public key is not 32 bytes of a curve point.
    #[error("read the public key")]
    Key,
    /// The signature is not 64 bytes.
    #[error("read the signature")]
    Shape,
    /// It was made over other bytes or by another key.
    #[error("match the signature with bytes and key")]
    Mismatch,
}

impl ReportKey {
    /// From 32 secret bytes, which the caller drew at random.
    #[must_use]
    pub fn from_secret(secret: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(secret))
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> ReportKeyPublic {
        ReportKeyPublic(Base64Bytes(self.0.verifying_key().to_bytes().to_vec()))
    }

    /// Signs these exact bytes.
    #[must_use]
    pub fn sign(&self, bytes: &[u8]) -> Signature {
        Signature(Base64Bytes(self.0.sign(bytes).to_bytes().to_vec()))
    }
}

impl std::fmt::Debug for ReportKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ReportKey(secret)")
    }
}

impl ReportKeyPublic {
    /// From stored bytes.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self(Base64Bytes(bytes.to_vec()))
    }

    /// The 32 bytes, as they are stored.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0.0
    }

    /// Strict verification (RFC 8032, small-order keys refused).
    pub fn verify(&self, bytes: &[u8], signature: &Signature) -> Result<(), SealError> {
        let key: &[u8; 32] = self.0.0.as_slice().try_into().map_err(|_| SealError::Key)?;
        let key = VerifyingKey::from_bytes(key).map_err(|_| SealError::Key)?;
        let signature: &[u8; 64] = signature
            .0
            .0
            .as_slice()
            .try_into()
            .map_err(|_| SealError::Shape)?;
        let signature = ed25519_dalek::Signature::from_bytes(signature);
        key.verify_strict(bytes, &signature)
            .map_err(|_| SealError::Mismatch)
    }
}

impl Signature {
    /// From stored bytes.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self(Base64Bytes(bytes.to_vec()))
    }

    /// The 64 bytes, as they are stored.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0.0
    }
}
