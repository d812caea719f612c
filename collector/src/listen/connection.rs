//! One HTTP/1 connection with its deadlines. Comes in: a stream and a service; goes out: nothing.
//! It ends when it is done, idle, too old, or when the server leaves off.

use std::convert::Infallible;
use std::pin::pin;
use std::time::Duration;

use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::Service;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};

use super::limits::Limits;
use super::{CourseReceiver, left_off};

/// A request's head: ours has ten lines at most.
const HEADERS: usize = 40;
const HEAD_BYTES: usize = 8 << 10;
const BUFFER_BYTES: usize = 64 << 10;

/// How long one connection may wait.
pub(super) struct Patience {
    /// For a request's head, the first one or the next.
    pub(super) head: Duration,
    /// Whether there may be a next one.
    pub(super) keep_alive: bool,
}

/// Serves requests until the connection ends.
pub(super) async fn serve<I, S, B>(
    stream: I,
    service: S,
    patience: &Patience,
    limits: &Limits,
    mut course: CourseReceiver,
) -> Result<(), hyper::Error>
where
    I: AsyncRead + AsyncWrite + Unpin,
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible>,
    B: Body + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(patience.head)
        .keep_alive(patience.keep_alive)
        .max_headers(HEADERS)
        .max_header_size(HEAD_BYTES)
        .max_buf_size(BUFFER_BYTES);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
    let leave = async {
        tokio::select! {
            () = left_off(&mut course) => {}
            () = tokio::time::sleep(limits.lifetime) => {}
        }
    };
    tokio::select! {
        ended = connection.as_mut() => return ended,
        () = leave => connection.as_mut().graceful_shutdown(),
    }
    // One that does not end by then is cut off.
    tokio::time::timeout(limits.drain, connection)
        .await
        .unwrap_or(Ok(()))
}
