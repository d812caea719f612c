//! The collector of one site: store, signing key and clock together. Comes in: what agents send,
//! already taken off the network; goes out: the short answers of the wire. It knows no HTTP or TLS.

mod past;

use std::net::IpAddr;
use std::sync::Arc;

use daicho_report::{
    AgentId, EnrolReply, EnrolRequest, Hash, Renewal, Reply, ReportKey, Time, TreeHead,
};

use crate::clock::Clock;
use crate::enrol;
use crate::ingest;
use crate::log::{self, Act, Leaf};
use crate::refusal::Refused;
use crate::simulated;
use crate::store::{self, AgentRow, Standing, Store, StoreError, Table, sealed};
use crate::token::{self, TokenOptions};

/// Seconds between reports, unless set otherwise.
pub const NEXT_REPORT_S: u32 = 3600;
/// A certificate that ends sooner than this is renewed.
const RENEW_BEFORE_S: i64 = 30 * 24 * 60 * 60;

/// Fills bytes with what nobody can guess; the system's in the product.
pub type Random = Box<dyn Fn(&mut [u8]) -> Result<(), Refused> + Send + Sync>;

/// A certificate that the CA made.
#[derive(Debug, Clone)]
pub struct IssuedCertificate {
    /// The certificate (DER).
    pub der: Vec<u8>,
    /// The CA's own certificate (DER).
    pub ca: Vec<u8>,
    /// Its end.
    pub not_after: Time,
    /// SHA-256 of the SubjectPublicKeyInfo of its key.
    pub spki_sha256: Hash,
}

/// Makes a certificate from a signing request (DER) for an agent, now.
pub type Sign<'a> = dyn Fn(&[u8], &AgentId, Time) -> Result<IssuedCertificate, Refused> + 'a;

/// One site.
pub struct SiteCollector {
    /// Where everything is kept.
    pub store: Arc<dyn Store>,
    /// Signs heads and summaries; `keys/log.key` in the data folder.
    pub log_key: ReportKey,
    /// The time.
    pub clock: Clock,
    /// Seconds between reports.
    pub next_report_s: u32,
    /// Where random bytes come from.
    pub random: Random,
}

fn system_random(bytes: &mut [u8]) -> Result<(), Refused> {
    getrandom::fill(bytes).map_err(|error| Refused::new("STO-003", error.to_string()))
}

impl SiteCollector {
    /// Over a store.
    pub fn new(store: Arc<dyn Store>, log_key: ReportKey, clock: Clock) -> Self {
        Self {
            store,
            log_key,
            clock,
            next_report_s: NEXT_REPORT_S,
            random: Box::new(system_random),
        }
    }

    /// Takes an enrolment: a certificate, or the advice to wait for a person.
    pub fn enrol(
        &self,
        request: &EnrolRequest,
        peer: IpAddr,
        sign: &Sign<'_>,
    ) -> Result<EnrolReply, Refused> {
        enrol::enrol(self, request, peer, sign)
    }

    /// Who holds this TLS key, if it may report.
    pub fn authenticate(&self, tls_key_spki_sha256: &Hash) -> Result<AgentId, Refused> {
        let key = tls_key_spki_sha256.to_string();
        let row = store::read(self.store.as_ref(), |rows| {
            let agent: Option<AgentId> = sealed::one(rows, Table::TlsKey, &key)?;
            let Some(agent) = agent else { return Ok(None) };
            sealed::one::<AgentRow>(rows, Table::Agent, agent.as_str())
        })
        .map_err(StoreError::refused)?;
        match row {
            Some(row) if row.standing == Standing::Approved => Ok(row.agent),
            Some(row) => {
                let code = if row.standing == Standing::Denied {
                    "ENR-006"
                } else {
                    "ENR-008"
                };
                tracing::warn!(stage = "authenticate", agent = %row.agent, code, "refused");
                Err(Refused::new(code, row.agent.to_string()))
            }
            None => {
                tracing::warn!(
                    stage = "authenticate",
                    code = "ENR-007",
                    "unknown certificate"
                );
                Err(Refused::new("ENR-007", ""))
            }
        }
    }

    /// Takes a report (zstd).
    pub fn ingest(&self, agent: &AgentId, body: &[u8]) -> Result<Reply, Refused> {
        ingest::ingest(self, agent, body)
    }

    /// Takes a heartbeat: one row, never history or log.
    pub fn heartbeat(&self, agent: &AgentId, body: &[u8]) -> Result<(), Refused> {
        ingest::small::heartbeat(self, agent, body)
    }

    /// Takes a signed goodbye.
    pub fn goodbye(&self, agent: &AgentId, body: &[u8]) -> Result<(), Refused> {
        ingest::small::goodbye(self, agent, body)
    }

    /// A new certificate for the same key when the old one ends soon, recorded; for
    /// [`Reply::renewal`].
    pub fn renew(&self, agent: &AgentId, sign: &Sign<'_>) -> Result<Option<Renewal>, Refused> {
        let row = self.agent(agent)?;
        let now = self.clock.now();
        let due = |end: Time| end.seconds().saturating_sub(now.seconds()) < RENEW_BEFORE_S;
        if row.standing != Standing::Approved || !row.not_after.is_some_and(due) {
            return Ok(None);
        }
        let issued = sign(&row.csr.0, agent, now)?;
        let certificate = issued.der.clone();
        self.write(|rows, now| enrol::record_certificate(self, rows, now, agent, &issued))?;
        Ok(Some(Renewal {
            certificate: daicho_report::Base64Bytes(certificate),
        }))
    }

    /// Makes a token; the secret is given back once and not stored.
    pub fn token_create(&self, options: &TokenOptions) -> Result<String, Refused> {
        let mut random = [0; 32];
        (self.random)(&mut random)?;
        self.write(|rows, now| {
            simulated::refuse_real(rows)?;
            let (secret, row) = token::make(options, &random, now)?;
            sealed::put(
                rows,
                &self.log_key,
                Table::Token,
                &row.hash.to_string(),
                &row,
            )?;
            let act = Act::TokenMade {
                token: row.hash,
                kind: row.kind,
                count: row.count,
                ends_at: row.ends_at,
                auto_approve: row.auto_approve,
                note: row.note,
            };
            self.log_act(rows, now, act)?;
            Ok(secret)
        })
    }

    /// All agents, sorted.
    pub fn agents(&self) -> Result<Vec<AgentRow>, Refused> {
        store::read(self.store.as_ref(), |rows| sealed::all(rows, Table::Agent))
            .map_err(StoreError::refused)
    }

    /// Agents as they stood at a moment, sorted.
    pub fn agents_as_of(&self, as_of: Time) -> Result<Vec<AgentRow>, Refused> {
        store::read(self.store.as_ref(), |rows| past::agents(rows, as_of))
            .map_err(StoreError::refused)
    }

    fn agent(&self, agent: &AgentId) -> Result<AgentRow, Refused> {
        store::read(self.store.as_ref(), |rows| enrol::row(rows, agent))
            .map_err(StoreError::refused)
    }

    /// A person's yes.
    pub fn approve(&self, agent: &AgentId) -> Result<(), Refused> {
        self.write(|rows, now| {
            let mut row = enrol::row(rows, agent)?;
            if row.standing == Standing::Approved {
                return Ok(());
            }
            row.standing = Standing::Approved;
            row.approved_at = Some(now);
            row.why = String::new();
            sealed::put(rows, &self.log_key, Table::Agent, agent.as_str(), &row)?;
            self.log_act(
                rows,
                now,
                Act::Approved {
                    agent: agent.clone(),
                    by_token: false,
                },
            )
        })
    }

    /// A person's no.
    pub fn deny(&self, agent: &AgentId, why: &str) -> Result<(), Refused> {
        let why: String = why.chars().take(200).collect();
        self.write(|rows, now| {
            let mut row = enrol::row(rows, agent)?;
            row.standing = Standing::Denied;
            row.why.clone_from(&why);
            sealed::put(rows, &self.log_key, Table::Agent, agent.as_str(), &row)?;
            self.log_act(
                rows,
                now,
                Act::Denied {
                    agent: agent.clone(),
                    why,
                },
            )
        })
    }

    /// The newest signed head of the log.
    pub fn head(&self) -> Result<TreeHead, Refused> {
        let now = self.clock.now();
        store::read(self.store.as_ref(), |rows| {
            log::head(rows, &self.log_key, now)
        })
        .map_err(StoreError::refused)
    }

    pub(crate) fn log_act(
        &self,
        rows: &mut dyn store::Rows,
        now: Time,
        act: Act,
    ) -> Result<(), StoreError> {
        log::append(
            rows,
            &self.log_key,
            now,
            &[Leaf::Act {
                received_at: now,
                act,
            }],
        )
    }

    /// One job with the time of receipt; it returns after the commit.
    pub(crate) fn write<T>(
        &self,
        job: impl FnOnce(&mut dyn store::Rows, Time) -> Result<T, StoreError>,
    ) -> Result<T, Refused> {
        let clock = self.clock.now();
        store::write(self.store.as_ref(), |rows| {
            let now = sealed::receipt(rows, clock)?;
            let done = job(rows, now)?;
            sealed::received(rows, &self.log_key, now)?;
            Ok(done)
        })
        .map_err(StoreError::refused)
    }
}

#[cfg(test)]
pub(crate) mod tests;
