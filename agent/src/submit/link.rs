//! The HTTP client over one kind of TLS settings. Comes in: values to send; goes out: answers. Every
//! request has deadlines and every answer a bound.

use std::time::Duration;

use daicho_report::{EnrolReply, EnrolRequest, Hash, Heartbeat, Limit, Reply, SignedGoodbye, path};
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE};
use reqwest::{Client, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Server;
use super::answer::{SubmitError, refused};
use super::tls::{self, Floor};
use crate::state::{Identity, Issued};

/// How long the collector may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadlines {
    /// Until there is a connection.
    pub(super) connect: Duration,
    /// Until something more comes.
    pub(super) read: Duration,
    /// Until everything is there.
    pub(super) whole: Duration,
}

const DEADLINES: Deadlines = Deadlines {
    connect: Duration::from_secs(10),
    read: Duration::from_secs(30),
    whole: Duration::from_secs(120),
};
/// Longer than the heartbeat, so that one connection serves.
const IDLE_S: u64 = 90;

/// What a reply may be: larger only with a certificate in it.
const ANSWER: Limit = Limit {
    bytes: 64 << 10,
    depth: 8,
    string: 32 << 10,
    values: 1 << 12,
};

/// To a collector that is known by the fingerprint of its CA.
#[derive(Debug)]
pub struct EnrolmentLink(Http);

/// To the collector that issued our certificate.
#[derive(Debug)]
pub struct Link(Http);

#[derive(Debug)]
struct Http {
    server: Server,
    client: Client,
}

impl EnrolmentLink {
    /// Makes the client; nothing is sent yet.
    pub fn open(server: &Server, ca_fingerprint: Hash) -> Result<Self, SubmitError> {
        let config = tls::for_enrolment(ca_fingerprint).map_err(SubmitError::Tls)?;
        Http::new(server, config, DEADLINES).map(Self)
    }

    /// Asks for a certificate.
    pub async fn enrol(&self, request: &EnrolRequest) -> Result<EnrolReply, SubmitError> {
        self.0
            .parsed(self.0.post_json(path::ENROL, request).await?)
            .await
    }
}

impl Link {
    /// Makes the client; nothing is sent yet.
    pub fn open(
        server: &Server,
        identity: &Identity,
        issued: &Issued,
        floor: Floor,
    ) -> Result<Self, SubmitError> {
        Self::open_within(server, identity, issued, floor, DEADLINES)
    }

    pub(super) fn open_within(
        server: &Server,
        identity: &Identity,
        issued: &Issued,
        floor: Floor,
        deadlines: Deadlines,
    ) -> Result<Self, SubmitError> {
        let config = tls::for_agent(identity, issued, floor).map_err(SubmitError::Tls)?;
        Http::new(server, config, deadlines).map(Self)
    }

    /// Sends a report, compressed as it lies in the spool.
    pub async fn report(&self, compressed: Vec<u8>) -> Result<Reply, SubmitError> {
        let request = self
            .0
            .client
            .post(self.0.server.at(path::REPORT))
            .header(CONTENT_TYPE, "application/json")
            .header(CONTENT_ENCODING, "zstd")
            .body(compressed);
        let response = self.0.accepted(request.send().await).await?;
        self.0.parsed(response).await
    }

    /// Says that the agent is there.
    pub async fn heartbeat(&self, heartbeat: &Heartbeat) -> Result<(), SubmitError> {
        let response = self.0.post_json(path::HEARTBEAT, heartbeat).await?;
        self.0.body(response).await.map(drop)
    }

    /// Says that the agent falls silent.
    pub async fn goodbye(&self, goodbye: &SignedGoodbye) -> Result<(), SubmitError> {
        let response = self.0.post_json(path::GOODBYE, goodbye).await?;
        self.0.body(response).await.map(drop)
    }
}

impl Http {
    fn new(
        server: &Server,
        config: rustls::ClientConfig,
        deadlines: Deadlines,
    ) -> Result<Self, SubmitError> {
        let client = Client::builder()
            .use_preconfigured_tls(config)
            .https_only(true)
            .http1_only()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(deadlines.connect)
            .read_timeout(deadlines.read)
            .timeout(deadlines.whole)
            .pool_idle_timeout(Duration::from_secs(IDLE_S))
            .pool_max_idle_per_host(1)
            .user_agent(concat!("daicho-agent/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(SubmitError::Client)?;
        Ok(Self {
            server: server.clone(),
            client,
        })
    }

    async fn post_json<T: Serialize>(
        &self,
        path: &str,
        value: &T,
    ) -> Result<Response, SubmitError> {
        let body = serde_json::to_vec(value).map_err(SubmitError::Encode)?;
        let request = self
            .client
            .post(self.server.at(path))
            .header(CONTENT_TYPE, "application/json")
            .body(body);
        self.accepted(request.send().await).await
    }

    /// The answer, if it is one of success; its refusal otherwise.
    async fn accepted(
        &self,
        sent: Result<Response, reqwest::Error>,
    ) -> Result<Response, SubmitError> {
        let response = sent.map_err(|error| SubmitError::unreached(&self.server, error))?;
        let status = response.status().as_u16();
        if response.status().is_success() {
            return Ok(response);
        }
        let body = self.body(response).await?;
        Err(refused(&self.server, status, &body))
    }

    /// The whole body, as far as it is allowed to be.
    async fn body(&self, mut response: Response) -> Result<Vec<u8>, SubmitError> {
        let mut body = Vec::new();
        loop {
            let chunk = response.chunk().await;
            let chunk = chunk.map_err(|error| SubmitError::unreached(&self.server, error))?;
            let Some(chunk) = chunk else { return Ok(body) };
            if body.len() + chunk.len() > ANSWER.bytes {
                let limit = daicho_report::LimitError::Bytes(ANSWER.bytes);
                return Err(SubmitError::limit(&self.server, limit));
            }
            body.extend_from_slice(&chunk);
        }
    }

    async fn parsed<T: DeserializeOwned>(&self, response: Response) -> Result<T, SubmitError> {
        let body = self.body(response).await?;
        daicho_report::check_json(&body, &ANSWER)
            .map_err(|error| SubmitError::limit(&self.server, error))?;
        serde_json::from_slice(&body).map_err(|source| SubmitError::Answer {
            server: self.server.as_str().to_owned(),
            source,
        })
    }
}
