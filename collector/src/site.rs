//! The collector of one site: store, signing key and clock together. Comes in: what agents send,
//! already taken off the network; goes out: the short answers of the wire. It knows no HTTP or TLS.

use std::sync::Arc;

use daicho_report::ReportKey;

use crate::clock::Clock;
use crate::store::Store;

/// One site.
pub struct SiteCollector {
    /// Where everything is kept.
    pub store: Arc<dyn Store>,
    /// Signs heads and summaries; `keys/log.key` in the data folder.
    pub log_key: ReportKey,
    /// The time.
    pub clock: Clock,
}
