//! What the agent says to the collector, and to nobody else. Comes in: bytes to send; goes out: the
//! collector's answer, bounded and checked. It follows no redirect, uses no proxy, trusts no other
//! CA than its own, and runs nothing that comes back.

mod answer;
mod enrolled;
mod failure;
mod link;
mod reply;
mod server;
mod tls;

pub use answer::SubmitError;
pub use enrolled::{Enrolled, Sent};
pub use failure::CollectError;
pub use link::{EnrolmentLink, Link};
pub use reply::{Followup, NEXT_REPORT_MAX_S, NEXT_REPORT_MIN_S, ReplyError, take_in};
pub use server::{Server, ServerError};
pub use tls::{Floor, TlsError};

#[cfg(test)]
pub(crate) mod tests;
