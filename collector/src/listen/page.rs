//! The page's listener, on this machine only. Comes in: plain HTTP; goes out: what the router makes,
//! with headers that keep a browser from anything else. It takes no bodies, no other methods than
//! reading, and no host name but this machine's (DNS rebinding).

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use hyper::body::{Body as _, Incoming};
use hyper::header::{
    ALLOW, CACHE_CONTROL, CONNECTION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, HeaderName,
    HeaderValue, REFERRER_POLICY, RETRY_AFTER, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use hyper::service::service_fn;
use hyper::{HeaderMap, Method, Request, Response, StatusCode};
use tokio::net::TcpStream;
use tower::ServiceExt;

use super::connection::{self, Patience};
use super::limits::Limits;
use super::{CourseReceiver, Handler};
use crate::refusal::Refused;

const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; \
    frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
const HEADERS: [(HeaderName, &str); 7] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    (REFERRER_POLICY, "no-referrer"),
    (CACHE_CONTROL, "no-store"),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
];

/// The listener's state.
pub(crate) struct Page {
    router: Router,
    hosts: Vec<String>,
    limits: Limits,
}

impl Page {
    /// `address` is where it listens really.
    pub(crate) fn new(router: Router, address: SocketAddr, limits: Limits) -> Self {
        let port = address.port();
        let mut hosts: Vec<String> = ["localhost", "127.0.0.1", "[::1]"]
            .iter()
            .map(|host| format!("{host}:{port}"))
            .collect();
        hosts.push(address.to_string());
        Self {
            router,
            hosts,
            limits,
        }
    }

    fn check(&self, request: &Request<Incoming>) -> Result<(), Refused> {
        if !self.is_ours(request) {
            return Err(Refused::new("NET-015", ""));
        }
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return Err(Refused::new("NET-005", request.method().as_str()));
        }
        if !request.body().is_end_stream() {
            return Err(Refused::new("NET-011", "body"));
        }
        Ok(())
    }

    /// Exactly one host, and it is this machine; a full address in the request line counts too.
    fn is_ours(&self, request: &Request<Incoming>) -> bool {
        let ours = |host: &str| self.hosts.iter().any(|it| it.eq_ignore_ascii_case(host));
        let mut hosts = request.headers().get_all(HOST).iter();
        let header = match (hosts.next(), hosts.next()) {
            (Some(host), None) => host.to_str().is_ok_and(ours),
            _ => false,
        };
        header && request.uri().authority().is_none_or(|it| ours(it.as_str()))
    }

    async fn answer(&self, request: Request<Incoming>, peer: SocketAddr) -> Response<Body> {
        let made = match self.check(&request) {
            Ok(()) => {
                let request = request.map(|_| Body::empty());
                let made = self.router.clone().oneshot(request);
                match tokio::time::timeout(self.limits.page, made).await {
                    Ok(Ok(made)) => Ok(made),
                    Ok(Err(never)) => match never {},
                    Err(_) => Err(Refused::new("NET-009", "page")),
                }
            }
            Err(refused) => Err(refused),
        };
        let mut answer = made.unwrap_or_else(|refused| {
            tracing::warn!(stage = Self::STAGE, %peer, code = refused.code, "refused");
            refusal(&refused)
        });
        protect(answer.headers_mut());
        answer
    }
}

fn protect(headers: &mut HeaderMap) {
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

fn refusal(refused: &Refused) -> Response<Body> {
    let text = refused.refusal();
    let text = format!("{} {}\n{}\n", text.code, text.ja, text.en);
    let mut answer = Response::new(Body::from(text));
    *answer.status_mut() =
        StatusCode::from_u16(refused.status()).unwrap_or(StatusCode::BAD_REQUEST);
    let headers = answer.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
    match refused.code {
        "NET-005" => headers.insert(ALLOW, HeaderValue::from_static("GET, HEAD")),
        "NET-009" => headers.insert(RETRY_AFTER, HeaderValue::from_static("30")),
        _ => None,
    };
    answer
}

impl Handler for Page {
    const STAGE: &'static str = "page";

    async fn connection(
        self: Arc<Self>,
        stream: TcpStream,
        peer: SocketAddr,
        course: CourseReceiver,
    ) {
        let patience = Patience {
            head: self.limits.head,
            keep_alive: true,
        };
        let this = Arc::clone(&self);
        let service = service_fn(move |request| {
            let this = Arc::clone(&this);
            async move { Ok::<_, Infallible>(this.answer(request, peer).await) }
        });
        let served = connection::serve(stream, service, &patience, &self.limits, course).await;
        if let Err(error) = served {
            tracing::debug!(stage = Self::STAGE, %peer, code = "NET-011", %error, "connection ended");
        }
    }
}
