//! Listening: connections come in, each gets its place, its deadlines and its end. Comes in: a bound
//! socket and what to do with a connection; goes out: nothing but log lines. It knows neither HTTP
//! paths nor who is calling.

pub(crate) mod agents;
mod body;
mod connection;
pub(crate) mod door;
pub mod limits;
pub(crate) mod page;
mod rate;
mod tls;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use door::Door;

/// Whether the server goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Course {
    /// It does.
    Running,
    /// It was told to end.
    Stopping,
    /// The store failed; nothing may be accepted until the process starts again.
    Failed,
}

/// Tells everybody about the server's course.
pub(crate) type CourseReceiver = watch::Receiver<Course>;

/// Ready when the server no longer runs.
pub(crate) async fn left_off(course: &mut CourseReceiver) {
    // A sender that is gone means the same.
    let _ = course.wait_for(|course| *course != Course::Running).await;
}

/// What is done with the connections of one listener.
pub(crate) trait Handler: Send + Sync + 'static {
    /// For log lines.
    const STAGE: &'static str;
    /// Works on one connection to its end.
    fn connection(
        self: Arc<Self>,
        stream: TcpStream,
        peer: SocketAddr,
        course: CourseReceiver,
    ) -> impl Future<Output = ()> + Send;
}

/// Accepts until the server leaves off, then gives open requests `drain` to end.
pub(crate) async fn accept<H: Handler>(
    listener: TcpListener,
    door: Arc<Door>,
    handler: Arc<H>,
    mut course: CourseReceiver,
    drain: Duration,
) {
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            biased;
            () = left_off(&mut course) => break,
            Some(ended) = connections.join_next(), if !connections.is_empty() => {
                note_panic::<H>(ended);
                continue;
            }
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                let peer = SocketAddr::new(peer.ip().to_canonical(), peer.port());
                let Some(pass) = door.enter(peer.ip()) else {
                    door.note_refused(H::STAGE, peer);
                    continue;
                };
                // Answers are small and somebody waits for each.
                let _ = stream.set_nodelay(true);
                let work = Arc::clone(&handler).connection(stream, peer, course.clone());
                connections.spawn(async move {
                    work.await;
                    drop(pass);
                });
            }
            Err(error) => {
                tracing::warn!(stage = H::STAGE, %error, "accept failed");
                // Out of descriptors: others have to end first, and spinning helps nobody.
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
    drop(listener);
    let all = async {
        while let Some(ended) = connections.join_next().await {
            note_panic::<H>(ended);
        }
    };
    if tokio::time::timeout(drain, all).await.is_err() {
        tracing::warn!(stage = H::STAGE, "connections were cut off at the end");
    }
}

fn note_panic<H: Handler>(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended
        && error.is_panic()
    {
        tracing::error!(
            stage = H::STAGE,
            code = "NET-016",
            "a connection's task panicked"
        );
    }
}
