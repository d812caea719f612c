//! The agents' listener. Comes in: TLS connections; goes out: the wire's short answers. Without a
//! certificate only an enrolment is taken; with one, its key alone says who the agent is.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use daicho_report::{AgentId, EnrolRequest, Hash, Limit, check_json, path};
use hyper::body::{Body, Incoming};
use hyper::header::CONTENT_ENCODING;
use hyper::service::service_fn;
use hyper::{HeaderMap, Method, Request};
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, SemaphorePermit, watch};
use tokio_rustls::TlsAcceptor;

use super::body::{Answer, empty, json, refusal, whole};
use super::connection::{self, Patience};
use super::limits::Limits;
use super::rate::Rate;
use super::tls::{self, ClientKey};
use super::{Course, CourseReceiver, Handler};
use crate::authority::Authority;
use crate::refusal::Refused;
use crate::site::SiteCollector;

/// Bodies are counted against the budget in pieces of this size.
const PIECE: usize = 1 << 10;

/// The listener's state.
pub(crate) struct Agents {
    site: Arc<SiteCollector>,
    authority: Arc<Authority>,
    acceptor: TlsAcceptor,
    limits: Limits,
    work: Arc<Semaphore>,
    bodies: Semaphore,
    rate: Mutex<Rate>,
    course: watch::Sender<Course>,
}

/// What a path asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Route {
    Enrol,
    Report,
    Heartbeat,
    Goodbye,
}

/// Who is at the other end.
#[derive(Clone, Copy)]
struct Caller {
    peer: SocketAddr,
    key: Option<ClientKey>,
}

impl Route {
    fn of(path: &str) -> Option<Self> {
        match path {
            path::ENROL => Some(Self::Enrol),
            path::REPORT => Some(Self::Report),
            path::HEARTBEAT => Some(Self::Heartbeat),
            path::GOODBYE => Some(Self::Goodbye),
            _ => None,
        }
    }

    fn most_bytes(self) -> usize {
        match self {
            Self::Report => Limit::COMPRESSED_BYTES,
            Self::Enrol | Self::Heartbeat | Self::Goodbye => Limit::SMALL.bytes,
        }
    }

    /// Reports are compressed, and nothing else is.
    fn admits(self, headers: &HeaderMap) -> Result<(), Refused> {
        let mut all = headers.get_all(CONTENT_ENCODING).iter();
        let fits = match (self, all.next().map(|it| it.as_bytes()), all.next()) {
            (Self::Report, Some(b"zstd"), None) => true,
            (Self::Report, ..) => false,
            (_, None | Some(b"identity"), None) => true,
            _ => false,
        };
        let said = headers.get(CONTENT_ENCODING).map(|it| it.as_bytes());
        let said = String::from_utf8_lossy(said.unwrap_or_default()).into_owned();
        fits.then_some(()).ok_or(Refused::new("NET-010", said))
    }
}

impl Agents {
    pub(crate) fn new(
        site: Arc<SiteCollector>,
        authority: Arc<Authority>,
        names: &[String],
        limits: Limits,
        course: watch::Sender<Course>,
    ) -> Result<Self, Refused> {
        let identity = authority.server(names, site.clock.now())?;
        let config = tls::settings(identity, authority.ca_der())?;
        let rate = Rate::new(
            limits.enrol_per_address,
            limits.enrol_in_all,
            Instant::now(),
        );
        Ok(Self {
            site,
            authority,
            acceptor: TlsAcceptor::from(config),
            work: Arc::new(Semaphore::new(limits.work)),
            bodies: Semaphore::new(limits.body_budget / PIECE),
            rate: Mutex::new(rate),
            limits,
            course,
        })
    }

    async fn answer(self: &Arc<Self>, request: Request<Incoming>, caller: Caller) -> Answer {
        let path: String = request.uri().path().chars().take(100).collect();
        let mut agent = None;
        match self.attempt(request, caller, &mut agent).await {
            Ok(answer) => answer,
            Err(refused) => {
                tracing::warn!(
                    stage = Self::STAGE, peer = %caller.peer, agent = agent.as_ref().map(AgentId::as_str),
                    code = refused.code, path = ?path, "refused"
                );
                refusal(&refused)
            }
        }
    }

    async fn attempt(
        self: &Arc<Self>,
        request: Request<Incoming>,
        caller: Caller,
        agent: &mut Option<AgentId>,
    ) -> Result<Answer, Refused> {
        let route = self.route(&request, caller)?;
        if route == Route::Enrol {
            return self.enrol(request, caller.peer).await;
        }
        let key = caller.key.ok_or_else(|| Refused::new("NET-003", "TLS"))?;
        let known = self.authenticate(key.spki_sha256).await?;
        *agent = Some(known.clone());
        // The body's room is held until its work is done.
        let (body, _room) = self.body(request, route).await?;
        self.work(move |this| this.agent_request(route, &known, &body))
            .await
    }

    /// Where the request goes; all of this is decided before its body is looked at.
    fn route(&self, request: &Request<Incoming>, caller: Caller) -> Result<Route, Refused> {
        let (path, method) = (request.uri().path(), request.method());
        let route = Route::of(path);
        if caller.key.is_none() && !(route == Some(Route::Enrol) && method == Method::POST) {
            return Err(Refused::new("NET-003", path));
        }
        let now = self.site.clock.now();
        if caller.key.is_some_and(|key| now > key.not_after) {
            return Err(Refused::new("NET-013", ""));
        }
        let route = route.ok_or_else(|| Refused::new("NET-004", path))?;
        if method != Method::POST {
            return Err(Refused::new("NET-005", method.as_str()));
        }
        route.admits(request.headers())?;
        Ok(route)
    }

    async fn authenticate(self: &Arc<Self>, key: Hash) -> Result<AgentId, Refused> {
        self.work(move |this| this.site.authenticate(&key)).await
    }

    async fn enrol(
        self: &Arc<Self>,
        request: Request<Incoming>,
        peer: SocketAddr,
    ) -> Result<Answer, Refused> {
        let admitted = {
            let mut rate = self.rate.lock().unwrap_or_else(PoisonError::into_inner);
            rate.admits(peer.ip(), Instant::now())
        };
        if !admitted {
            return Err(Refused::new("NET-008", peer.ip().to_string()));
        }
        let (body, _room) = self.body(request, Route::Enrol).await?;
        check_json(&body, &Limit::SMALL)
            .map_err(|error| Refused::new("ING-002", error.to_string()))?;
        let request: EnrolRequest = serde_json::from_slice(&body)
            .map_err(|error| Refused::new("ING-003", error.to_string()))?;
        self.work(move |this| {
            let authority = &this.authority;
            let sign = |csr: &[u8], agent: &AgentId, now| authority.sign_agent(csr, agent, now);
            json(&this.site.enrol(&request, peer.ip(), &sign)?)
        })
        .await
    }

    async fn body(
        &self,
        request: Request<Incoming>,
        route: Route,
    ) -> Result<(Vec<u8>, Option<SemaphorePermit<'_>>), Refused> {
        let room = self.room(&request, route)?;
        let body = whole(request.into_body(), route.most_bytes(), self.limits.body).await?;
        Ok((body, room))
    }

    /// A part of the memory for bodies; small ones need none.
    fn room(
        &self,
        request: &Request<Incoming>,
        route: Route,
    ) -> Result<Option<SemaphorePermit<'_>>, Refused> {
        let most = route.most_bytes();
        if most <= Limit::SMALL.bytes {
            return Ok(None);
        }
        let announced = request.body().size_hint().exact();
        let bytes = announced
            .and_then(|bytes| usize::try_from(bytes).ok())
            .map_or(most, |bytes| bytes.min(most));
        let pieces = u32::try_from(bytes.div_ceil(PIECE)).unwrap_or(u32::MAX);
        let room = self.bodies.try_acquire_many(pieces);
        room.map(Some)
            .map_err(|_| Refused::new("NET-009", "memory"))
    }

    /// A report, heartbeat or goodbye of a known agent.
    fn agent_request(&self, route: Route, agent: &AgentId, body: &[u8]) -> Result<Answer, Refused> {
        match route {
            Route::Heartbeat => self.site.heartbeat(agent, body).map(|()| empty()),
            Route::Goodbye => self.site.goodbye(agent, body).map(|()| empty()),
            Route::Report => {
                let mut reply = self.site.ingest(agent, body)?;
                let authority = &self.authority;
                let sign = |csr: &[u8], agent: &AgentId, now| authority.sign_agent(csr, agent, now);
                // The report is stored: that is said also when there is no new certificate today.
                reply.renewal = self.site.renew(agent, &sign).unwrap_or_else(|refused| {
                    tracing::warn!(stage = "renew", %agent, code = refused.code, "no renewal");
                    None
                });
                json(&reply)
            }
            Route::Enrol => Err(Refused::new("NET-004", path::ENROL)),
        }
    }

    /// Runs a job of the store on a thread of its own, in its turn.
    async fn work<T: Send + 'static>(
        self: &Arc<Self>,
        job: impl FnOnce(&Self) -> Result<T, Refused> + Send + 'static,
    ) -> Result<T, Refused> {
        let busy = || Refused::new("NET-009", "queue");
        let turn = Arc::clone(&self.work).acquire_owned();
        let turn = tokio::time::timeout(self.limits.queue, turn).await;
        let turn = turn.map_err(|_| busy())?.map_err(|_| busy())?;
        let this = Arc::clone(self);
        let done = tokio::task::spawn_blocking(move || {
            let done = job(&this);
            // A store whose writer was lost half-way says so by the code alone.
            let fatal = done
                .as_ref()
                .is_err_and(|refused| refused.code == "STO-002");
            if fatal || this.site.store.has_failed() {
                this.course.send_replace(Course::Failed);
            }
            drop(turn);
            done
        });
        done.await.unwrap_or_else(|_| {
            tracing::error!(
                stage = Self::STAGE,
                code = "NET-016",
                "a request's job panicked"
            );
            Err(Refused::new("NET-016", ""))
        })
    }
}

impl Handler for Agents {
    const STAGE: &'static str = "agents";

    async fn connection(
        self: Arc<Self>,
        stream: TcpStream,
        peer: SocketAddr,
        course: CourseReceiver,
    ) {
        let stream =
            match tokio::time::timeout(self.limits.handshake, self.acceptor.accept(stream)).await {
                Ok(Ok(stream)) => stream,
                Ok(Err(error)) => {
                    let code = tls::code(&error);
                    tracing::warn!(stage = "handshake", %peer, code, %error, "refused");
                    return;
                }
                Err(_) => {
                    tracing::warn!(stage = "handshake", %peer, code = "NET-007", "refused");
                    return;
                }
            };
        let key = tls::client_key(stream.get_ref().1.peer_certificates());
        let patience = Patience {
            head: key.map_or(self.limits.head, |_| self.limits.idle),
            keep_alive: key.is_some(),
        };
        let caller = Caller { peer, key };
        let this = Arc::clone(&self);
        let service = service_fn(move |request| {
            let this = Arc::clone(&this);
            async move { Ok(this.answer(request, caller).await) }
        });
        let served = connection::serve(stream, service, &patience, &self.limits, course).await;
        if let Err(error) = served {
            tracing::debug!(stage = Self::STAGE, %peer, code = "NET-011", %error, "connection ended");
        }
    }
}
