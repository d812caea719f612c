//! A relay on loopback that counts bytes. Comes in: connections of an agent; goes out: the same
//! bytes to the collector and back, and how many there were. It cannot read them: they are TLS.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Context;

/// What has passed.
#[derive(Debug, Default)]
struct Counters {
    up: AtomicU64,
    down: AtomicU64,
    connections: AtomicU64,
}

/// What has passed up to now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Passed {
    pub(crate) up: u64,
    pub(crate) down: u64,
    pub(crate) connections: u64,
}

/// A relay; it goes on until the program ends.
#[derive(Debug)]
pub(crate) struct Relay {
    pub(crate) address: SocketAddr,
    counters: Arc<Counters>,
}

impl Relay {
    /// Before this server.
    pub(crate) fn start(server: SocketAddr) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").context("listen on loopback")?;
        let address = listener.local_addr().context("listen on loopback")?;
        let counters = Arc::new(Counters::default());
        let counted = Arc::clone(&counters);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                counted.connections.fetch_add(1, Ordering::SeqCst);
                let Ok(beyond) = TcpStream::connect(server) else {
                    continue;
                };
                let pair = (stream.try_clone(), beyond.try_clone());
                let (Ok(from_server), Ok(to_server)) = (pair.1, stream.try_clone()) else {
                    continue;
                };
                let Ok(to_agent) = pair.0 else { continue };
                let up = Arc::clone(&counted);
                std::thread::spawn(move || carry(to_server, beyond, &up.up));
                let down = Arc::clone(&counted);
                std::thread::spawn(move || carry(from_server, to_agent, &down.down));
            }
        });
        Ok(Self { address, counters })
    }

    /// What has passed.
    pub(crate) fn passed(&self) -> Passed {
        Passed {
            up: self.counters.up.load(Ordering::SeqCst),
            down: self.counters.down.load(Ordering::SeqCst),
            connections: self.counters.connections.load(Ordering::SeqCst),
        }
    }
}

fn carry(mut from: TcpStream, mut to: TcpStream, counter: &AtomicU64) {
    let mut buffer = [0; 16 << 10];
    while let Ok(length) = from.read(&mut buffer) {
        let Some(bytes) = buffer.get(..length).filter(|bytes| !bytes.is_empty()) else {
            break;
        };
        counter.fetch_add(length as u64, Ordering::SeqCst);
        if to.write_all(bytes).is_err() {
            break;
        }
    }
    // The other side may have closed already.
    let _ = to.shutdown(Shutdown::Write);
}
