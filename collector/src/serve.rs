//! The server: both listeners from start to end. Comes in: the site, its CA, addresses, the page and
//! the wish to end; goes out: the addresses, and how it ended. It never goes on after the store
//! failed.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::authority::Authority;
use crate::listen::agents::Agents;
use crate::listen::door::Door;
use crate::listen::page::Page;
use crate::listen::{Course, accept, left_off};
use crate::refusal::Refused;
use crate::site::SiteCollector;

pub use crate::listen::limits::Limits;

/// What the server is started with.
#[derive(Debug, Clone)]
pub struct ServeOptions {
    /// Where agents come in.
    pub agents: SocketAddr,
    /// Where the page is; this machine only.
    pub web: SocketAddr,
    /// Names and addresses in the server's certificate.
    pub names: Vec<String>,
    /// The page.
    pub web_router: axum::Router,
    /// Bounds and deadlines.
    pub limits: Limits,
}

/// A server at work; dropping it ends it at once.
#[derive(Debug)]
pub struct Serving {
    /// Where agents come in really.
    pub agents_address: SocketAddr,
    /// Where the page is really.
    pub web_address: SocketAddr,
    course: watch::Sender<Course>,
    listeners: JoinSet<()>,
    /// Held, so that it ends with the server.
    _stop: JoinSet<()>,
}

/// Starts. Both addresses are taken when this returns.
pub async fn serve(
    site: Arc<SiteCollector>,
    authority: Arc<Authority>,
    options: ServeOptions,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<Serving, Refused> {
    if !options.web.ip().is_loopback() {
        return Err(Refused::new("NET-002", options.web.to_string()));
    }
    let limits = options.limits;
    let (agents, agents_address) = bind(options.agents).await?;
    let (web, web_address) = bind(options.web).await?;
    let (course, receiver) = watch::channel(Course::Running);
    let page = Page::new(options.web_router, web_address, limits.clone());
    let handler = Agents::new(
        site,
        authority,
        &options.names,
        limits.clone(),
        course.clone(),
    )?;
    let door = || Door::new(limits.connections, limits.connections_per_address);
    let drain = limits.drain;
    let mut listeners = JoinSet::new();
    listeners.spawn(accept(
        agents,
        door(),
        Arc::new(handler),
        receiver.clone(),
        drain,
    ));
    listeners.spawn(accept(web, door(), Arc::new(page), receiver, drain));
    let mut stopping = JoinSet::new();
    let sender = course.clone();
    stopping.spawn(async move {
        stop.await;
        sender.send_if_modified(|course| {
            let running = *course == Course::Running;
            if running {
                *course = Course::Stopping;
            }
            running
        });
    });
    Ok(Serving {
        agents_address,
        web_address,
        course,
        listeners,
        _stop: stopping,
    })
}

async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), Refused> {
    let taken = |error: std::io::Error| Refused::new("NET-001", format!("{address}: {error}"));
    let listener = TcpListener::bind(address).await.map_err(taken)?;
    let bound = listener.local_addr().map_err(taken)?;
    Ok((listener, bound))
}

impl Serving {
    /// Waits for the wish to end, then until open requests are done or their time is over. An error
    /// when the store failed: the process has to end.
    pub async fn ended(mut self) -> Result<(), Refused> {
        let mut course = self.course.subscribe();
        tokio::select! {
            biased;
            () = left_off(&mut course) => {}
            // A listener ends before the wish does only when it broke down; one that ended between
            // the two looks has obeyed.
            _ = self.listeners.join_next() => {
                if *course.borrow() == Course::Running {
                    return Err(Refused::new("NET-016", ""));
                }
            }
        }
        while self.listeners.join_next().await.is_some() {}
        let last = *self.course.borrow();
        match last {
            Course::Failed => Err(Refused::new("STO-002", "")),
            Course::Running | Course::Stopping => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
