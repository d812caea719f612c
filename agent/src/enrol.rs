//! Enrolment: from a token to a certificate. Comes in: the collector's URL and a token; goes out:
//! an identity in the state folder. The keys are made here and never leave; nothing is said to a
//! server whose CA does not have the token's fingerprint.

pub(crate) mod keys;
mod token;

use daicho_report::{Base64Bytes, EnrolReply, EnrolRequest, Hash, ReportKey, Time, WIRE_MAJOR};

pub use keys::{KeyError, certificate_fits, new_identity};
pub use token::{Token, TokenError};

use crate::message::{Exit, Lang, Told};
use crate::report::AGENT_VERSION;
use crate::state::{Identity, Issued, StateError, StateFolder};
use crate::submit::{EnrolmentLink, Server, ServerError, SubmitError};

#[cfg(test)]
mod tests;

/// Longest host name that is told (RFC 1035 §2.3.4).
const HOST_NAME_MAX: usize = 253;

/// Why there is no certificate.
#[derive(Debug, thiserror::Error)]
pub enum EnrolError {
    /// The state folder.
    #[error("use the state folder")]
    State(#[source] StateError),
    /// This machine has an identity.
    #[error("enrol: this machine is enrolled as `{0}`")]
    Already(String),
    /// The URL.
    #[error("use the server's URL")]
    Server(#[source] ServerError, String),
    /// The keys.
    #[error("make the keys")]
    Key(#[source] KeyError),
    /// The server.
    #[error("ask for a certificate")]
    Submit(#[source] SubmitError),
    /// What the server issued is not for us.
    #[error("take the certificate from `{server}`")]
    Certificate {
        /// From whom.
        server: String,
        /// What is wrong with it.
        #[source]
        source: KeyError,
    },
    /// The identity lacks what is needed to ask.
    #[error("ask again: the saved enrolment has no token")]
    NoToken,
}

impl Told for EnrolError {
    fn code(&self) -> &'static str {
        match self {
            Self::State(error) => error.code(),
            Self::Already(_) => "AGT-004",
            Self::Server(..) => "AGT-006",
            Self::Key(_) => "AGT-029",
            // There is no certificate or chain yet that these could be about.
            Self::Submit(error) if matches!(error.status(), Some(403 | 409)) => "AGT-013",
            Self::Submit(error) => error.code(),
            Self::Certificate { .. } => "AGT-030",
            Self::NoToken => "AGT-005",
        }
    }

    fn exit(&self) -> Exit {
        match self {
            Self::State(error) => error.exit(),
            Self::Server(..) => Exit::Usage,
            Self::Already(_) | Self::Certificate { .. } | Self::NoToken => Exit::Refused,
            Self::Key(_) => Exit::Failed,
            Self::Submit(error) if error.status().is_some() => Exit::Failed,
            Self::Submit(error) => error.exit(),
        }
    }

    fn detail(&self, lang: Lang) -> String {
        match self {
            Self::State(error) => error.detail(lang),
            Self::Already(agent) => agent.clone(),
            Self::Server(_, url) => url.clone(),
            Self::Submit(error) => error.detail(lang),
            Self::Certificate { server, .. } => server.clone(),
            Self::Key(_) | Self::NoToken => String::new(),
        }
    }
}

/// How an enrolment stands.
#[derive(Debug)]
pub enum Standing {
    /// There is a certificate.
    Issued(Box<Identity>),
    /// A person has to approve first.
    Pending {
        /// Seconds until it makes sense to ask again.
        retry_after_s: u32,
    },
}

/// Begins or continues an enrolment: makes and saves the keys, unless they are there already.
pub fn begin(folder: &StateFolder, url: &str, token: &Token) -> Result<Identity, EnrolError> {
    let server = Server::parse(url).map_err(|source| EnrolError::Server(source, url.to_owned()))?;
    let mut identity = match folder.identity().map_err(EnrolError::State)? {
        Some(Identity {
            issued: Some(issued),
            ..
        }) => return Err(EnrolError::Already(issued.agent.to_string())),
        Some(begun) => begun,
        None => new_identity().map_err(EnrolError::Key)?,
    };
    identity.server = server.as_str().to_owned();
    identity.ca_fingerprint = token.ca_fingerprint;
    identity.token = Some(token.secret().to_owned());
    // Before anything is sent: after a lost answer the same keys must ask again.
    folder.save_identity(&identity).map_err(EnrolError::State)?;
    Ok(identity)
}

/// Asks the collector once. The certificate is checked and saved before it counts.
pub async fn ask(
    folder: &StateFolder,
    mut identity: Identity,
    host_name: &str,
    now: Time,
) -> Result<Standing, EnrolError> {
    let server = Server::parse(&identity.server)
        .map_err(|source| EnrolError::Server(source, identity.server.clone()))?;
    let request = request(&identity, host_name)?;
    let link = EnrolmentLink::open(&server, identity.ca_fingerprint).map_err(EnrolError::Submit)?;
    match link.enrol(&request).await.map_err(EnrolError::Submit)? {
        EnrolReply::Pending { retry_after_s } => Ok(Standing::Pending { retry_after_s }),
        EnrolReply::Issued {
            agent,
            certificate,
            ca,
        } => {
            let issued = Issued {
                agent,
                certificate,
                ca,
            };
            check(&identity, &issued, now).map_err(|source| EnrolError::Certificate {
                server: identity.server.clone(),
                source,
            })?;
            identity.issued = Some(issued);
            identity.token = None;
            folder.save_identity(&identity).map_err(EnrolError::State)?;
            Ok(Standing::Issued(Box::new(identity)))
        }
    }
}

fn check(identity: &Identity, issued: &Issued, now: Time) -> Result<(), KeyError> {
    if Hash::of(&issued.ca.0) != identity.ca_fingerprint {
        return Err(KeyError::OtherCa);
    }
    certificate_fits(
        &issued.certificate.0,
        &issued.ca.0,
        &identity.tls_key.0,
        now,
    )
}

fn request(identity: &Identity, host_name: &str) -> Result<EnrolRequest, EnrolError> {
    let token = identity.token.clone().ok_or(EnrolError::NoToken)?;
    let csr = keys::signing_request(&identity.tls_key.0).map_err(EnrolError::Key)?;
    let key: ReportKey = identity
        .report_key()
        .ok_or(EnrolError::Key(KeyError::Secret))?;
    let proof = key.sign(&csr);
    Ok(EnrolRequest {
        wire: WIRE_MAJOR,
        token,
        csr: Base64Bytes(csr),
        report_key: key.public(),
        proof,
        host_name: host_name.chars().take(HOST_NAME_MAX).collect(),
        agent_version: AGENT_VERSION.to_owned(),
    })
}
