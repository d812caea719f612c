//! The ledger: all assets at a moment. Comes in: what had been received; goes out: machines with an
//! agent and devices that they saw. It merges nothing by address alone and guesses no value.

mod decode;
mod seen;

use std::collections::{BTreeMap, BTreeSet};

use daicho_report::{
    Accounts, AgentId, Antivirus, Backups, Firewall, FlowBody, Gauges, Guests, Hardware,
    Interfaces, Listeners, NeighbourBody, Os, Patches, Policies, Printers, Reason, RemoteTools,
    Routes, SectionBody, Services, SoftwareList, Storage, Time, Traces, Trust, Updates, Vpns,
};
use serde::{Deserialize, Serialize};

use super::asset::{AgentAsset, AssetId, SeenAsset};
use super::hand::Hand;
use super::input::{Input, Observed, Site};
pub use seen::{is_local_mac, is_worthless_mac, normal_mac};

/// Sections whose type this version knows. Intervals and gauges come by other ways.
const KNOWN_SECTIONS: &[&str] = &[
    Os::KIND,
    Hardware::KIND,
    Interfaces::KIND,
    Routes::KIND,
    Listeners::KIND,
    Accounts::KIND,
    Antivirus::KIND,
    SoftwareList::KIND,
    Patches::KIND,
    Updates::KIND,
    Services::KIND,
    Firewall::KIND,
    Storage::KIND,
    Policies::KIND,
    Printers::KIND,
    RemoteTools::KIND,
    Backups::KIND,
    Vpns::KIND,
    Guests::KIND,
    Trust::KIND,
    Traces::KIND,
    FlowBody::KIND,
    NeighbourBody::KIND,
    Gauges::KIND,
];

/// How much of the network is covered（取得範囲）.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// Machines with an agent.
    pub with_agent: usize,
    /// Devices seen without one.
    pub seen_only: usize,
    /// Addresses seen in all.
    pub addresses: usize,
}

/// All assets at a moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    /// Whose.
    pub site: Site,
    /// The moment; selects what had been received by then.
    pub as_of: Time,
    /// First and last receipt of the data below; `null`: nothing had been received.
    pub period: Option<(Time, Time)>,
    /// Machines with an agent, sorted by id.
    pub assets: Vec<AgentAsset>,
    /// Devices seen without one, sorted by id.
    pub seen: Vec<SeenAsset>,
    /// What people keep by hand.
    #[serde(default)]
    pub hand: Hand,
    /// How much is covered.
    pub coverage: Coverage,
}

/// Derives the ledger. It does not depend on the order of the input.
#[must_use]
pub fn build(input: &Input) -> Ledger {
    let mut newest: BTreeMap<&AgentId, &Observed> = BTreeMap::new();
    for observed in &input.agents {
        let other = newest.get(&observed.agent);
        if other.is_none_or(|it| rank(it) < rank(observed)) {
            newest.insert(&observed.agent, observed);
        }
    }
    let assets = newest.into_values().map(machine).collect();
    of_machines(input.site.clone(), input.as_of, assets, input.hand.clone())
}

/// The ledger of these machines, each of them once. Who has many makes each from what it sent and drops
/// that before the next: all of it at once takes as much room as the ledger.
#[must_use]
pub fn of_machines(site: Site, as_of: Time, mut assets: Vec<AgentAsset>, hand: Hand) -> Ledger {
    assets.sort_by(|a, b| a.id.cmp(&b.id));
    let seen = seen::seen(&assets);
    let coverage = Coverage {
        with_agent: assets.len(),
        seen_only: seen.len(),
        addresses: addresses(&assets, &seen),
    };
    let first = assets.iter().map(|it| it.presence.first_at).min();
    let last = assets.iter().map(|it| it.presence.last_at).max();
    Ledger {
        site,
        as_of,
        period: first.zip(last),
        assets,
        seen,
        hand,
        coverage,
    }
}

fn rank(observed: &Observed) -> (Time, u64, Time) {
    let presence = &observed.presence;
    (presence.last_at, presence.sequence, presence.collected_at)
}

fn addresses(assets: &[AgentAsset], seen: &[SeenAsset]) -> usize {
    let own = assets.iter().flat_map(seen::own_addresses);
    let others = seen.iter().flat_map(|it| it.addresses.iter().copied());
    own.chain(others).collect::<BTreeSet<_>>().len()
}

/// One machine, from what it sent.
#[must_use]
pub fn machine(observed: &Observed) -> AgentAsset {
    let mut decoder = decode::Decoder::new(observed);
    let hardware: Hardware = decoder.body();
    let id = observed.agent.as_str();
    let unnamed = || id.chars().take(10).collect();
    let label = hardware.host_name.value().cloned();
    AgentAsset {
        id: AssetId(id.to_owned()),
        agent: observed.agent.clone(),
        enrolled_at: observed.enrolled_at,
        agent_version: observed.agent_version.clone(),
        presence: observed.presence.clone(),
        carried: observed.carried.clone(),
        label: label
            .filter(|it| !it.trim().is_empty())
            .unwrap_or_else(unnamed),
        os: decoder.body(),
        hardware,
        interfaces: decoder.body(),
        routes: decoder.body(),
        listeners: decoder.body(),
        accounts: decoder.body(),
        antivirus: decoder.body(),
        software: decoder.body(),
        patches: decoder.body(),
        updates: decoder.body(),
        services: decoder.body(),
        firewall: decoder.body(),
        storage: decoder.body(),
        policies: decoder.body(),
        printers: decoder.body(),
        remote_tools: decoder.body(),
        backups: decoder.body(),
        vpns: decoder.body(),
        guests: decoder.body(),
        trust: decoder.body(),
        traces: decoder.body(),
        flows: sorted(&observed.flows),
        neighbours: sorted(&observed.neighbours),
        interval_reasons: interval_reasons(observed),
        read_at: decoder.read_at(),
        unknown_sections: decoder.unknown(KNOWN_SECTIONS),
        unreadable_sections: sorted(&decoder.unreadable),
        stale: sorted(&decoder.stale),
    }
}

/// Readings that failed; one that succeeded needs no word.
fn interval_reasons(observed: &Observed) -> Vec<(String, Reason, String)> {
    let reasons = observed.interval_reasons.iter();
    let mut reasons: Vec<_> = reasons
        .filter_map(|(kind, asked)| {
            let reason = asked.reason()?.clone();
            Some((kind.to_string(), reason, asked.source().to_owned()))
        })
        .collect();
    reasons.sort();
    reasons.dedup();
    reasons
}

fn sorted<T: Clone + Ord>(items: &[T]) -> Vec<T> {
    let mut items = items.to_vec();
    items.sort();
    items.dedup();
    items
}

#[cfg(test)]
mod tests;
