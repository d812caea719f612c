//! What is recognised at present, for commands that speak of it.

use std::collections::BTreeSet;

use daicho_graph::{Recognition, Topology};
use daicho_ledger::Ledger;
use daicho_report::Time;
use serde::Serialize;

use crate::cli::open::Opened;
use crate::picture::Picture;

/// The ledger with what is recognised in it.
pub(super) struct Present {
    pub(super) ledger: Ledger,
    pub(super) topology: Topology,
    pub(super) recognition: Recognition,
}

/// As of the newest receipt.
pub(super) fn present(opened: &Opened) -> anyhow::Result<Present> {
    let as_of = opened.store.newest_receipt()?.unwrap_or(Time::EPOCH);
    let site = opened.config.site.at(as_of);
    let knowledge = opened.knowledge()?;
    let picture = Picture::at(opened.store.as_ref(), site, as_of, &knowledge)?;
    Ok(Present {
        ledger: picture.ledger,
        topology: picture.network.topology,
        recognition: picture.network.recognition,
    })
}

impl Present {
    /// Everything that a decision can be about: connection points, systems, zones of segments.
    pub(super) fn ids(&self) -> BTreeSet<String> {
        let it = &self.recognition;
        let points = it.points.iter().chain(&it.rejected).map(|it| it.id.clone());
        let systems = it.systems.iter().map(|it| it.id.clone());
        let zones = it.segments.iter().map(|it| zone_id(&it.segment));
        points.chain(systems).chain(zones).collect()
    }
}

/// The id by which the zone of a segment is decided on.
pub(super) fn zone_id(segment: &str) -> String {
    format!("zone:{segment}")
}

/// A value's word in files.
pub(super) fn word(value: &impl Serialize) -> Option<String> {
    let value = serde_json::to_value(value).ok()?;
    value.as_str().map(str::to_owned)
}
