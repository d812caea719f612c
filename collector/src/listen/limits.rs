//! How much and how long anybody may. Goes out: numbers, which tests make small.

use std::time::Duration;

/// Bounds of both listeners.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Connections of one listener.
    pub connections: usize,
    /// Connections of one listener from one address.
    pub connections_per_address: usize,
    /// Until the TLS handshake is done.
    pub handshake: Duration,
    /// Until a request's head is there.
    pub head: Duration,
    /// Until the next request's head is there, for agents with a certificate: longer than the time
    /// between heartbeats, so that one connection serves.
    pub idle: Duration,
    /// Until a request's body is there.
    pub body: Duration,
    /// Requests that the store works on at a time.
    pub work: usize,
    /// How long a request waits for its turn before it is sent away.
    pub queue: Duration,
    /// Bytes of bodies in memory at a time.
    pub body_budget: usize,
    /// Until a page is made.
    pub page: Duration,
    /// Until a connection is closed after the answer that it is at.
    pub lifetime: Duration,
    /// What open requests get to end when the server ends.
    pub drain: Duration,
    /// Enrolments per second from one address, and how many at once.
    pub enrol_per_address: (u32, u32),
    /// Enrolments per second in all, and how many at once.
    pub enrol_in_all: (u32, u32),
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 10_000,
            connections_per_address: 128,
            handshake: Duration::from_secs(10),
            head: Duration::from_secs(10),
            idle: Duration::from_secs(100),
            body: Duration::from_secs(60),
            work: 16,
            queue: Duration::from_secs(5),
            body_budget: 128 << 20,
            page: Duration::from_secs(60),
            lifetime: Duration::from_secs(60 * 60),
            drain: Duration::from_secs(5),
            enrol_per_address: (1, 5),
            enrol_in_all: (10, 20),
        }
    }
}
