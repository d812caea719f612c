//! Bodies and answers of HTTP. Comes in: a request's body, or a refusal; goes out: the body's bytes
//! within bound and deadline, or the answer to send. Nothing is read that was announced too large.

use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Body, Bytes, Incoming};
use hyper::header::{ALLOW, CACHE_CONTROL, CONNECTION, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use hyper::{Response, StatusCode};
use serde::Serialize;

use crate::refusal::Refused;

/// An answer.
pub(super) type Answer = Response<Full<Bytes>>;

/// The whole body, or why not.
pub(super) async fn whole(
    body: Incoming,
    most: usize,
    deadline: std::time::Duration,
) -> Result<Vec<u8>, Refused> {
    let too_large = || Refused::new("NET-006", most.to_string());
    if body.size_hint().lower() > most as u64 {
        return Err(too_large());
    }
    let read = Limited::new(body, most).collect();
    match tokio::time::timeout(deadline, read).await {
        Ok(Ok(read)) => Ok(read.to_bytes().to_vec()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large()),
        Ok(Err(_)) => Err(Refused::new("NET-011", "body")),
        Err(_) => Err(Refused::new("NET-007", format!("{} s", deadline.as_secs()))),
    }
}

/// A value as JSON.
pub(super) fn json<T: Serialize>(value: &T) -> Result<Answer, Refused> {
    let bytes = serde_json::to_vec(value).map_err(|_| Refused::new("NET-016", ""))?;
    Ok(with_json(StatusCode::OK, bytes))
}

/// Nothing, and all is well.
pub(super) fn empty() -> Answer {
    let mut answer = Response::new(Full::default());
    *answer.status_mut() = StatusCode::NO_CONTENT;
    answer
}

/// A refusal, with what its status asks for. The connection ends with it where its request may not
/// have been read to the end.
pub(super) fn refusal(refused: &Refused) -> Answer {
    let status = StatusCode::from_u16(refused.status()).unwrap_or(StatusCode::BAD_REQUEST);
    let bytes = serde_json::to_vec(&refused.refusal()).unwrap_or_default();
    let mut answer = with_json(status, bytes);
    let headers = answer.headers_mut();
    if matches!(status.as_u16(), 429 | 503) {
        headers.insert(RETRY_AFTER, HeaderValue::from_static("30"));
    }
    if status == StatusCode::METHOD_NOT_ALLOWED {
        headers.insert(ALLOW, HeaderValue::from_static("POST"));
    }
    if refused.code.starts_with("NET-") {
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    answer
}

fn with_json(status: StatusCode, bytes: Vec<u8>) -> Answer {
    let mut answer = Response::new(Full::new(Bytes::from(bytes)));
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}
