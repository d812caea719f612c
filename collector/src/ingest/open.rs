//! From bytes to a signed report. Comes in: compressed bytes from outside; goes out: a report whose
//! bounds, shape, body hashes and signature hold. It never allocates what the sender asks for.

use std::io::Read;

use daicho_report::{DICTIONARY, EnvelopeError, Limit, LimitError, Report, check_json};

use super::Opened;
use crate::refusal::Refused;
use crate::store::AgentRow;

/// Largest window of a frame, 2^23 = 8 MiB (what zstd's levels up to 19 use).
const WINDOW_LOG_MAX: u32 = 23;

/// Opens the bytes.
pub(super) fn open(body: &[u8]) -> Result<Opened, Refused> {
    open_json(&unpack(body)?)
}

/// Opens what is not compressed.
pub(super) fn open_json(bytes: &[u8]) -> Result<Opened, Refused> {
    check_json(bytes, &Limit::REPORT).map_err(limit)?;
    let report: Report = serde_json::from_slice(bytes)
        .map_err(|error| Refused::new("ING-003", error.to_string()))?;
    let envelope = report.open().map_err(envelope)?;
    let hash = report.envelope_hash();
    let mut kinds: Vec<&str> = report
        .bodies
        .iter()
        .map(|body| body.kind.as_str())
        .collect();
    kinds.sort_unstable();
    kinds.dedup();
    if kinds.len() != report.bodies.len() {
        return Err(Refused::new("ING-003", "a section twice"));
    }
    Ok(Opened {
        report,
        envelope,
        hash,
    })
}

fn unpack(body: &[u8]) -> Result<Vec<u8>, Refused> {
    let broken = |error: std::io::Error| Refused::new("ING-003", format!("zstd: {error}"));
    if body.len() > Limit::COMPRESSED_BYTES {
        return Err(Refused::new("ING-001", format!("{} bytes", body.len())));
    }
    let mut decoder = zstd::stream::read::Decoder::with_dictionary(body, DICTIONARY)
        .map_err(broken)?
        .single_frame();
    decoder.window_log_max(WINDOW_LOG_MAX).map_err(broken)?;
    let most = u64::try_from(Limit::REPORT.bytes).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    decoder
        .by_ref()
        .take(most.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(broken)?;
    if bytes.len() > Limit::REPORT.bytes {
        return Err(Refused::new("ING-001", format!("> {most} bytes")));
    }
    Ok(bytes)
}

fn limit(error: LimitError) -> Refused {
    match error {
        LimitError::Bytes(_) => Refused::new("ING-001", error.to_string()),
        _ => Refused::new("ING-002", error.to_string()),
    }
}

fn envelope(error: EnvelopeError) -> Refused {
    match error {
        EnvelopeError::Limit(error) => limit(error),
        EnvelopeError::Version(version) => Refused::new("ING-005", version.to_string()),
        // A field that we do not know: a newer agent. It keeps the report until we are upgraded.
        EnvelopeError::Shape(error) => Refused::new("ING-004", error.to_string()),
        EnvelopeError::Signature(_) => Refused::new("ING-006", error.to_string()),
        EnvelopeError::Body(_) | EnvelopeError::Order(_) => {
            Refused::new("ING-009", error.to_string())
        }
    }
}

/// Checks the signature with the registered key.
pub(super) fn verify(agent: &AgentRow, opened: &Opened) -> Result<(), Refused> {
    let bytes = opened.report.envelope.get().as_bytes();
    agent
        .report_key
        .verify(bytes, &opened.report.signature)
        .map_err(|error| Refused::new("ING-006", error.to_string()))
}
