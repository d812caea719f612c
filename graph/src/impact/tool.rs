//! Steps by mounted shares, tools for remote maintenance, and hosts with their guests. Comes in: what
//! agents report; goes out: steps with proof. Tools and names join machines within networks that
//! gateways join, never across.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use daicho_ledger::{AgentAsset, Ledger};
use daicho_report::{Time, ToolState};
use petgraph::stable_graph::NodeIndex;

use super::model::{Model, Proof, Reason, ThingKind};
use super::place::Places;
use crate::list::Basis;

/// Adds them.
pub(super) fn add(basis: Basis<'_>, places: &Places<'_>, model: &mut Model) {
    mounts(basis, places, model);
    tools(basis.ledger, places, model);
    guests(basis.ledger, model);
}

/// A proof from a section of an asset's report.
pub(super) fn reported(asset: &AgentAsset, section: &str, item: String) -> Proof {
    let mut read = asset.read_at.iter();
    let read = read.find(|(kind, _)| kind == section).map(|(_, at)| *at);
    Proof {
        section: section.to_owned(),
        by: asset.id.0.clone(),
        item,
        first: Some(read.map_or(asset.presence.first_at, |it: Time| {
            it.min(asset.presence.last_at)
        })),
        last: Some(asset.presence.last_at),
    }
}

/// Things by name and domain; `None`: several have it.
fn names<'a>(basis: Basis<'a>, places: &Places<'_>) -> BTreeMap<(usize, String), Option<&'a str>> {
    let mut names: BTreeMap<(usize, String), Option<&'a str>> = BTreeMap::new();
    for node in &basis.topology.nodes {
        let device = node.kind.is_device();
        if !device || node.label.trim().is_empty() {
            continue;
        }
        let keys = [Some(node.label.as_str()), node.entry.as_deref()];
        for domain in places.domains_of(&node.id) {
            for key in keys.into_iter().flatten() {
                let kept = names.entry((domain, key.to_lowercase()));
                let kept = kept.or_insert(Some(&node.id));
                if *kept != Some(node.id.as_str()) {
                    *kept = None;
                }
            }
        }
    }
    names
}

fn mounts(basis: Basis<'_>, places: &Places<'_>, model: &mut Model) {
    let names = names(basis, places);
    for asset in &basis.ledger.assets {
        let id = asset.id.0.as_str();
        let Some(own) = model.find(id) else { continue };
        let mounts = asset.storage.remote_mounts.value().into_iter().flatten();
        for mount in mounts.collect::<BTreeSet<_>>() {
            let server = mount.server.trim_matches(['[', ']']);
            let there = match server.parse::<IpAddr>() {
                Ok(address) => {
                    // Without a local address the way by both ends' reports is closed.
                    let nowhere = IpAddr::from([0, 0, 0, 0]);
                    places.peer(id, (nowhere, address, 0))
                }
                Err(_) => named(id, server, &names, places),
            };
            let item = format!("{} {}", mount.protocol, mount.server);
            let Some(to) = there.and_then(|it| model.find(it)).filter(|it| *it != own) else {
                model.unresolved += 1;
                continue;
            };
            let proof = model.prove(reported(asset, "storage", item));
            model.lasting((own, to), Reason::Mount, true, proof);
            model.lasting((to, own), Reason::Answer, false, proof);
        }
    }
}

/// The one machine of that name in the asset's own networks.
fn named<'a>(
    id: &str,
    server: &str,
    names: &BTreeMap<(usize, String), Option<&'a str>>,
    places: &Places<'_>,
) -> Option<&'a str> {
    let short = server.split('.').next().unwrap_or(server);
    let of = |name: &str| {
        let domains = places.domains_of(id).into_iter();
        let found = domains.filter_map(|it| names.get(&(it, name.to_lowercase())));
        let found: BTreeSet<Option<&'a str>> = found.copied().collect();
        match found.len() {
            1 => found.first().copied().flatten(),
            _ => None,
        }
    };
    of(server).or_else(|| of(short))
}

/// Joins machines that have something in common through one thing in their midst.
pub(super) struct Common {
    reason: Reason,
    members: BTreeMap<(usize, String), Vec<(NodeIndex, Proof)>>,
}

impl Common {
    pub(super) fn new(reason: Reason) -> Self {
        Self {
            reason,
            members: BTreeMap::new(),
        }
    }

    pub(super) fn put(
        &mut self,
        (asset, at): (&AgentAsset, NodeIndex),
        name: &str,
        proof: &Proof,
        places: &Places<'_>,
    ) {
        for domain in places.domains_of(&asset.id.0) {
            let here = self.members.entry((domain, name.to_owned()));
            here.or_default().push((at, proof.clone()));
        }
    }

    /// Adds what at least two have.
    pub(super) fn join(self, model: &mut Model) {
        let reason = self.reason;
        for ((domain, name), members) in self.members {
            if members.len() < 2 {
                continue;
            }
            let id = format!("common:{reason:?}:{domain}:{name}");
            let midst = model.thing(&id, ThingKind::Common);
            for (at, proof) in members {
                let proof = model.prove(proof);
                model.lasting((at, midst), reason, false, proof);
                model.lasting((midst, at), reason, false, proof);
            }
        }
    }
}

fn tools(ledger: &Ledger, places: &Places<'_>, model: &mut Model) {
    let mut common = Common::new(Reason::Tool);
    for asset in &ledger.assets {
        let Some(at) = model.find(&asset.id.0) else {
            continue;
        };
        let tools = asset.remote_tools.tools.value().into_iter().flatten();
        for tool in tools.filter(|it| matches!(it.state, ToolState::Running | ToolState::Enabled)) {
            let proof = reported(asset, "remote_tool", tool.name.clone());
            common.put((asset, at), &tool.name, &proof, places);
        }
    }
    common.join(model);
}

/// A host and its guests: the guest's own number says which machine it is.
fn guests(ledger: &Ledger, model: &mut Model) {
    let mut by_uuid: BTreeMap<String, Option<&str>> = BTreeMap::new();
    for asset in &ledger.assets {
        if let Some(uuid) = asset.hardware.smbios_uuid.value() {
            let kept = by_uuid.entry(uuid.to_lowercase());
            let kept = kept.or_insert(Some(&asset.id.0));
            if *kept != Some(asset.id.0.as_str()) {
                *kept = None;
            }
        }
    }
    for asset in &ledger.assets {
        for guest in asset.guests.guests.value().into_iter().flatten() {
            let uuid = guest.uuid.as_ref().map(|it| it.to_lowercase());
            let id = uuid.and_then(|it| by_uuid.get(&it).copied().flatten());
            let ends = (model.find(&asset.id.0), id.and_then(|it| model.find(it)));
            let (Some(host), Some(guest_at)) = ends else {
                continue;
            };
            if host != guest_at {
                let proof = model.prove(reported(asset, "guest", guest.name.clone()));
                model.lasting((host, guest_at), Reason::RunsOn, true, proof);
            }
        }
    }
}
