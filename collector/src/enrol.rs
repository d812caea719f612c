//! Enrolment. Comes in: a request with a token, a signing request and the proof that the report key
//! is the asker's; goes out: a certificate, or the advice to wait for a person. A token is used up
//! once for a pair of keys, however often the same pair asks.

use std::net::IpAddr;

use daicho_report::{AgentId, Base64Bytes, EnrolReply, EnrolRequest, Hash, Time, WIRE_MAJOR};
use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::prelude::FromDer;

use crate::log::Act;
use crate::refusal::Refused;
use crate::simulated;
use crate::site::{IssuedCertificate, Sign, SiteCollector};
use crate::store::{AgentRow, Rows, Standing, StoreError, Table, sealed};
use crate::token::TokenRow;

/// Seconds until a waiting agent asks again.
const RETRY_S: u32 = 60;
const TEXT_MAX: usize = 253;

pub(crate) fn enrol(
    site: &SiteCollector,
    request: &EnrolRequest,
    peer: IpAddr,
    sign: &Sign<'_>,
) -> Result<EnrolReply, Refused> {
    let result = attempt(site, request, peer, sign);
    if let Err(refused) = &result {
        tracing::warn!(stage = "enrol", %peer, code = refused.code, "refused");
    }
    result
}

fn attempt(
    site: &SiteCollector,
    request: &EnrolRequest,
    peer: IpAddr,
    sign: &Sign<'_>,
) -> Result<EnrolReply, Refused> {
    if request.wire != WIRE_MAJOR {
        return Err(Refused::new("ING-005", request.wire.to_string()));
    }
    request
        .report_key
        .verify(&request.csr.0, &request.proof)
        .map_err(|error| Refused::new("ENR-005", error.to_string()))?;
    let tls_key = tls_key(&request.csr.0)?;
    let mut random = [0; 16];
    (site.random)(&mut random)?;
    let fresh = AgentId::from_random(&random);
    site.write(|rows, now| {
        simulated::refuse_real(rows)?;
        let row = match known(rows, &tls_key)? {
            Some(row) => again(rows, row, request)?,
            None => first(site, rows, now, request, peer, tls_key, fresh)?,
        };
        match row.standing {
            Standing::Denied => Err(Refused::new("ENR-006", row.agent.to_string()).into()),
            Standing::Pending => Ok(EnrolReply::Pending {
                retry_after_s: RETRY_S,
            }),
            Standing::Approved => issue(site, rows, now, &row, sign),
        }
    })
}

/// SHA-256 of the public key that the signing request is about.
fn tls_key(csr: &[u8]) -> Result<Hash, Refused> {
    let (_, request) = X509CertificationRequest::from_der(csr)
        .map_err(|error| Refused::new("ENR-005", error.to_string()))?;
    Ok(Hash::of(request.certification_request_info.subject_pki.raw))
}

/// An agent's row.
pub(crate) fn row(rows: &dyn Rows, agent: &AgentId) -> Result<AgentRow, StoreError> {
    let row = sealed::one(rows, Table::Agent, agent.as_str())?;
    row.ok_or_else(|| Refused::new("ENR-011", agent.to_string()).into())
}

/// The row of an agent that may report.
pub(crate) fn approved(rows: &dyn Rows, agent: &AgentId) -> Result<AgentRow, StoreError> {
    let row = row(rows, agent)?;
    let code = match row.standing {
        Standing::Approved => return Ok(row),
        Standing::Denied => "ENR-006",
        Standing::Pending => "ENR-008",
    };
    Err(Refused::new(code, agent.to_string()).into())
}

fn known(rows: &dyn Rows, tls_key: &Hash) -> Result<Option<AgentRow>, StoreError> {
    let agent: Option<AgentId> = sealed::one(rows, Table::TlsKey, &tls_key.to_string())?;
    agent.map(|agent| row(rows, &agent)).transpose()
}

/// The same keys ask again: no second use of the token, but it must be one of ours.
fn again(rows: &dyn Rows, row: AgentRow, request: &EnrolRequest) -> Result<AgentRow, StoreError> {
    token(rows, &request.token)?;
    if row.report_key == request.report_key {
        Ok(row)
    } else {
        Err(Refused::new("ENR-005", "another report key").into())
    }
}

fn token(rows: &dyn Rows, secret: &str) -> Result<TokenRow, StoreError> {
    let hash = Hash::of(secret.as_bytes()).to_string();
    let row = sealed::one(rows, Table::Token, &hash)?;
    row.ok_or_else(|| Refused::new("ENR-001", "").into())
}

fn bounded(text: &str) -> String {
    text.chars().take(TEXT_MAX).collect()
}

fn first(
    site: &SiteCollector,
    rows: &mut dyn Rows,
    now: Time,
    request: &EnrolRequest,
    peer: IpAddr,
    tls_key: Hash,
    agent: AgentId,
) -> Result<AgentRow, StoreError> {
    let mut token = token(rows, &request.token)?;
    token.admits(peer, now)?;
    token.used += 1;
    let approved = token.auto_approve;
    let row = AgentRow {
        agent: agent.clone(),
        standing: if approved {
            Standing::Approved
        } else {
            Standing::Pending
        },
        host_name: bounded(&request.host_name),
        agent_version: bounded(&request.agent_version),
        enrolled_at: now,
        approved_at: approved.then_some(now),
        tls_key,
        report_key: request.report_key.clone(),
        csr: request.csr.clone(),
        not_after: None,
        fork_at: None,
        why: String::new(),
    };
    let key = &site.log_key;
    sealed::put(rows, key, Table::Token, &token.hash.to_string(), &token)?;
    sealed::put(rows, key, Table::TlsKey, &tls_key.to_string(), &agent)?;
    sealed::put(rows, key, Table::Agent, agent.as_str(), &row)?;
    let act = Act::Enrolled {
        agent: agent.clone(),
        token: token.hash,
        tls_key,
        report_key: row.report_key.clone(),
        host_name: row.host_name.clone(),
    };
    site.log_act(rows, now, act)?;
    if approved {
        site.log_act(
            rows,
            now,
            Act::Approved {
                agent,
                by_token: true,
            },
        )?;
    }
    Ok(row)
}

fn issue(
    site: &SiteCollector,
    rows: &mut dyn Rows,
    now: Time,
    row: &AgentRow,
    sign: &Sign<'_>,
) -> Result<EnrolReply, StoreError> {
    let issued = sign(&row.csr.0, &row.agent, now)?;
    record_certificate(site, rows, now, &row.agent, &issued)?;
    Ok(EnrolReply::Issued {
        agent: row.agent.clone(),
        certificate: Base64Bytes(issued.der),
        ca: Base64Bytes(issued.ca),
    })
}

/// Notes a certificate that was made for an agent's key.
pub(crate) fn record_certificate(
    site: &SiteCollector,
    rows: &mut dyn Rows,
    now: Time,
    agent: &AgentId,
    issued: &IssuedCertificate,
) -> Result<(), StoreError> {
    let mut row = row(rows, agent)?;
    if issued.spki_sha256 != row.tls_key {
        return Err(Refused::new("ENR-005", "another TLS key").into());
    }
    row.not_after = Some(issued.not_after);
    sealed::put(rows, &site.log_key, Table::Agent, agent.as_str(), &row)?;
    let act = Act::Certified {
        agent: agent.clone(),
        certificate: Hash::of(&issued.der),
        not_after: issued.not_after,
    };
    site.log_act(rows, now, act)
}
