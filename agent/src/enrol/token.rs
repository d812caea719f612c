//! The text of an enrolment token: `daicho1.<secret>.<CA fingerprint>`. Comes in: what a person
//! pasted; goes out: its two parts. The secret is never printed.

use daicho_report::Hash;

use crate::message::{Exit, Told};

const PREFIX: &str = "daicho1";
/// 32 bytes as base64url without padding.
const SECRET_CHARS: usize = 43;

/// A token of the right shape; whether it is valid only the collector knows.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    secret: String,
    /// SHA-256 of the collector's CA certificate (DER).
    pub ca_fingerprint: Hash,
}

/// Which part of the text is malformed. The text itself is not repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not three parts with full stops.
    #[error("find three parts in the token")]
    Parts,
    /// Another kind of text, or a newer token.
    #[error("read the token: it does not begin with `daicho1.`")]
    Prefix,
    /// The secret is not 43 letters, digits, `-` and `_`.
    #[error("read the token's secret: want 43 letters, digits, - and _")]
    Secret,
    /// The fingerprint is not 64 hexadecimal digits.
    #[error("read the token's CA fingerprint: want 64 hexadecimal digits")]
    Fingerprint,
}

impl Told for TokenError {
    fn code(&self) -> &'static str {
        "AGT-005"
    }
    fn exit(&self) -> Exit {
        Exit::Usage
    }
}

impl Token {
    /// Reads the text; blanks and line ends around it are ignored.
    pub fn parse(text: &str) -> Result<Self, TokenError> {
        let mut parts = text.trim().split('.');
        let (Some(prefix), Some(secret), Some(fingerprint), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(TokenError::Parts);
        };
        if prefix != PREFIX {
            return Err(TokenError::Prefix);
        }
        let fits = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        if secret.len() != SECRET_CHARS || !secret.bytes().all(fits) {
            return Err(TokenError::Secret);
        }
        Ok(Self {
            secret: secret.to_owned(),
            ca_fingerprint: Hash::parse(fingerprint).ok_or(TokenError::Fingerprint)?,
        })
    }

    /// The part that goes to the collector, and nowhere else.
    #[must_use]
    pub fn secret(&self) -> &str {
        &self.secret
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Token")
            .field("ca_fingerprint", &self.ca_fingerprint)
            .finish_non_exhaustive()
    }
}
