//! What can go wrong between agent and collector, told apart by what a person must do about it.
//! Comes in: errors and refusals; goes out: one kind each. Texts of the server are never trusted.

use std::error::Error;
use std::io;

use daicho_report::{LimitError, Refusal};
use rustls::CertificateError;

use super::Server;
use super::tls::{OtherFingerprint, TlsError};
use crate::message::{Exit, Lang, Told};

/// What came between.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// No TLS settings.
    #[error("set up the connection")]
    Tls(#[source] TlsError),
    /// No HTTP client.
    #[error("set up the client")]
    Client(#[source] reqwest::Error),
    /// A value cannot be encoded.
    #[error("encode the request")]
    Encode(#[source] serde_json::Error),
    /// No connection, or it broke, or it took too long.
    #[error("reach `{server}`")]
    Unreached {
        /// Whom.
        server: String,
        /// Why.
        #[source]
        source: reqwest::Error,
    },
    /// The other side is not who it must be, or TLS failed.
    #[error("trust `{server}`")]
    Untrusted {
        /// Whom.
        server: String,
        /// In which way.
        distrust: Distrust,
        /// Why.
        #[source]
        source: rustls::Error,
    },
    /// The collector says no.
    #[error("have the request accepted: {status} {code}", code = refusal.code)]
    Refused {
        /// HTTP status.
        status: u16,
        /// Its words.
        refusal: Refusal,
    },
    /// An answer that is no answer.
    #[error("read the answer of `{server}`")]
    Answer {
        /// Whose.
        server: String,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// An answer beyond the limits.
    #[error("accept the answer of `{server}`")]
    Limit {
        /// Whose.
        server: String,
        /// Which.
        #[source]
        source: LimitError,
    },
}

/// In which way the other side cannot be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Distrust {
    /// None of its certificates has the token's fingerprint.
    Fingerprint,
    /// Its certificate is outside its validity.
    Time,
    /// Its certificate is for another name.
    Name,
    /// Its certificate is from another CA.
    Ca,
    /// Anything else in the handshake.
    Handshake,
}

impl SubmitError {
    pub(super) fn unreached(server: &Server, source: reqwest::Error) -> Self {
        let server = server.as_str().to_owned();
        // The URL is in our own text already.
        let source = source.without_url();
        match rustls_error(&source) {
            Some(error) => Self::Untrusted {
                server,
                distrust: distrust(error),
                source: error.clone(),
            },
            None => Self::Unreached { server, source },
        }
    }

    pub(super) fn limit(server: &Server, source: LimitError) -> Self {
        Self::Limit {
            server: server.as_str().to_owned(),
            source,
        }
    }

    /// The HTTP status of a refusal.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Refused { status, .. } => Some(*status),
            _ => None,
        }
    }
}

impl Told for SubmitError {
    fn code(&self) -> &'static str {
        match self {
            Self::Tls(_) | Self::Client(_) | Self::Encode(_) => "AGT-032",
            Self::Unreached { .. } => "AGT-007",
            Self::Untrusted { distrust, .. } => match distrust {
                Distrust::Fingerprint => "AGT-008",
                Distrust::Time => "AGT-009",
                Distrust::Name => "AGT-010",
                Distrust::Ca => "AGT-011",
                Distrust::Handshake => "AGT-012",
            },
            Self::Refused { status, .. } => match status {
                403 => "AGT-016",
                409 => "AGT-017",
                426 => "AGT-018",
                _ => "AGT-013",
            },
            Self::Answer { .. } | Self::Limit { .. } => "AGT-014",
        }
    }

    fn exit(&self) -> Exit {
        match self {
            // A certificate of somebody else is what an attack looks like.
            Self::Untrusted {
                distrust: Distrust::Fingerprint | Distrust::Ca,
                ..
            } => Exit::Alarm,
            Self::Refused { status: 409, .. } => Exit::Alarm,
            _ => Exit::Failed,
        }
    }

    fn detail(&self, lang: Lang) -> String {
        match self {
            Self::Unreached { server, .. }
            | Self::Untrusted { server, .. }
            | Self::Answer { server, .. }
            | Self::Limit { server, .. } => server.clone(),
            Self::Refused { refusal, .. } => {
                let words = match lang {
                    Lang::Ja => &refusal.ja,
                    Lang::En => &refusal.en,
                };
                let words: String = words.chars().take(600).collect();
                format!("[{}] {words}", refusal.code)
            }
            Self::Tls(_) | Self::Client(_) | Self::Encode(_) => String::new(),
        }
    }
}

/// A refusal in the collector's words, or in ours where its body is none.
pub(super) fn refused(server: &Server, status: u16, body: &[u8]) -> SubmitError {
    let refusal = daicho_report::check_json(body, &daicho_report::Limit::SMALL)
        .ok()
        .and_then(|()| serde_json::from_slice::<Refusal>(body).ok())
        .filter(|it| it.code.len() <= 40)
        .unwrap_or_else(|| Refusal {
            code: format!("HTTP {status}"),
            ja: format!("{} が理由を示さずに拒否しました。", server.as_str()),
            en: format!("{} gave no reason.", server.as_str()),
        });
    SubmitError::Refused { status, refusal }
}

fn distrust(error: &rustls::Error) -> Distrust {
    let rustls::Error::InvalidCertificate(error) = error else {
        return Distrust::Handshake;
    };
    match error {
        CertificateError::Other(other) if other.0.is::<OtherFingerprint>() => Distrust::Fingerprint,
        CertificateError::Expired
        | CertificateError::ExpiredContext { .. }
        | CertificateError::NotValidYet
        | CertificateError::NotValidYetContext { .. } => Distrust::Time,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            Distrust::Name
        }
        CertificateError::UnknownIssuer | CertificateError::BadSignature => Distrust::Ca,
        _ => Distrust::Handshake,
    }
}

/// The TLS error below a client's error. An `io::Error` hides the one it wraps from `source`.
fn rustls_error<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    let mut next = Some(error);
    for _ in 0..16 {
        let error = next?;
        if let Some(found) = error.downcast_ref::<rustls::Error>() {
            return Some(found);
        }
        let wrapped = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref)
            .map(|it| it as &(dyn Error + 'static));
        next = wrapped.or_else(|| error.source());
    }
    None
}
