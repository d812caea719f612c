//! Steps by talk. Comes in: flows that agents report; goes out: steps from who opened the talk to who
//! was talked to, the way back as a possibility, and arrivals from outside at the device by which the
//! answer leaves. A peer that cannot be told is counted, never guessed.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use daicho_ledger::{AgentAsset, Interval};
use daicho_report::{Direction, Flow, Protocol, RouteKind, Time};
use petgraph::stable_graph::NodeIndex;

use super::model::{Model, Proof, Reason, Step, ThingKind};
use super::place::{Places, quiet};
use super::tool::reported;
use crate::list::Basis;

/// Ports by which one machine controls another: SSH, Telnet, RDP, WinRM, VNC.
const REMOTE: &[u16] = &[22, 23, 3389, 5900, 5985, 5986];

/// Adds them.
pub(super) fn add(basis: Basis<'_>, places: &Places<'_>, model: &mut Model) {
    let ways = Ways::of(basis, places);
    for asset in &basis.ledger.assets {
        let Some(own) = model.find(&asset.id.0) else {
            continue;
        };
        for flow in &asset.flows {
            one((asset, own), flow, (places, &ways), model);
        }
    }
}

fn one(
    (asset, own): (&AgentAsset, NodeIndex),
    flow: &Interval<Flow>,
    (places, ways): (&Places<'_>, &Ways),
    model: &mut Model,
) {
    let it = &flow.item;
    if quiet(it) {
        return;
    }
    let peer = places.peer_of(&asset.id.0, it);
    let Some(peer) = peer.and_then(|id| model.find(id)) else {
        if it.direction == Direction::Inbound {
            arrival((asset, own), flow, (places, ways), model);
        } else if private(it.peer) {
            model.unresolved += 1;
        }
        return;
    };
    if peer == own {
        return;
    }
    let proof = model.prove(proof(asset, flow));
    let reason = match remote(it) {
        true => Reason::Remote,
        false => Reason::Flow,
    };
    let (forth, back) = match it.direction {
        Direction::Inbound => ((peer, own), (own, peer)),
        _ => ((own, peer), (peer, own)),
    };
    // Whose talk it was cannot be told of an unclear one: both ways are possible, none observed.
    let observed = it.direction != Direction::Unclear;
    let steps = [(forth, reason, observed), (back, Reason::Answer, false)];
    for ((from, to), reason, observed) in steps {
        model.graph.add_edge(
            from,
            to,
            Step {
                reason,
                observed,
                first: flow.since.seconds(),
                last: flow.until.map_or(i64::MAX, Time::seconds),
                proof,
            },
        );
    }
}

fn remote(flow: &Flow) -> bool {
    flow.protocol == Protocol::Tcp && REMOTE.contains(&flow.port)
}

fn private(address: IpAddr) -> bool {
    crate::topology::is_private(address)
}

fn proof(asset: &AgentAsset, flow: &Interval<Flow>) -> Proof {
    let it = &flow.item;
    let (from, to) = match it.direction {
        Direction::Inbound => (it.peer, it.local),
        _ => (it.local, it.peer),
    };
    let protocol = format!("{:?}", it.protocol).to_lowercase();
    let program = it.program.as_deref();
    let program = program.map(|it| format!(" {it}")).unwrap_or_default();
    Proof {
        section: "flow".to_owned(),
        by: asset.id.0.clone(),
        item: format!("{from}>{to} {}/{protocol}{program}", it.port),
        first: Some(flow.since),
        last: flow.until,
    }
}

/// Networks outside that machines reach by a device of their own, as their routes say: by domain of
/// networks, then by network.
struct Ways(BTreeMap<(usize, u8, IpAddr), BTreeMap<String, Proof>>);

impl Ways {
    fn of(basis: Basis<'_>, places: &Places<'_>) -> Self {
        let mut ways = Self(BTreeMap::new());
        for asset in &basis.ledger.assets {
            let id = asset.id.0.as_str();
            let routes = asset.routes.routes.value().into_iter().flatten();
            for route in routes.filter(|it| it.kind == RouteKind::Unicast) {
                let to = &route.destination;
                let device = route.gateway.and_then(|hop| places.beside(id, hop));
                let (Some(device), true) = (device, to.prefix > 0) else {
                    continue;
                };
                let hop = route.gateway.map(|it| it.to_string()).unwrap_or_default();
                let proof = reported(
                    asset,
                    "route",
                    format!("{}/{} via {hop}", to.address, to.prefix),
                );
                for domain in places.domains_of(id) {
                    let all = ways.0.entry((domain, to.prefix, to.network())).or_default();
                    all.entry(device.to_owned())
                        .or_insert_with(|| proof.clone());
                }
            }
        }
        ways
    }

    /// The one device by which the asset's domain reaches an address, by the narrowest route.
    fn by(&self, domains: &BTreeSet<usize>, address: IpAddr) -> Option<(&str, &Proof)> {
        let most = if address.is_ipv4() { 32 } else { 128 };
        for prefix in (1..=most).rev() {
            let network = daicho_report::Address { address, prefix }.network();
            let keys = domains.iter().map(|it| (*it, prefix, network));
            let found = keys.filter_map(|it| self.0.get(&it)).flatten();
            let found: BTreeMap<&String, &Proof> = found.collect();
            if let Some((device, proof)) = found.first_key_value() {
                return (found.len() == 1).then_some((device.as_str(), *proof));
            }
        }
        None
    }
}

/// Somebody came in from addresses that are in no known network.
fn arrival(
    (asset, own): (&AgentAsset, NodeIndex),
    flow: &Interval<Flow>,
    (places, ways): (&Places<'_>, &Ways),
    model: &mut Model,
) {
    let peer = flow.item.peer;
    let id = asset.id.0.as_str();
    let came = proof(asset, flow);
    // By the machine's own route, or by that of another behind the same gateways; of addresses in
    // public space, by the default route: a private one there may be the hospital's own, where no
    // agent is.
    let by = ways.by(&places.domains_of(id), peer);
    let by = by.map(|(device, proof)| (device, true, proof.clone()));
    let by = by.or_else(|| {
        let device = places.beside(id, default_hop(asset)?)?;
        (!private(peer)).then(|| (device, false, came.clone()))
    });
    let by = by.and_then(|(device, sure, proof)| Some((model.find(device)?, device, sure, proof)));
    let name = by.as_ref().map_or("?", |(_, device, _, _)| device);
    let thing = format!("arrival:{name}:{}", network(peer));
    let outside = model.thing(&thing, ThingKind::Outside);
    let during = (
        flow.since.seconds(),
        flow.until.map_or(i64::MAX, Time::seconds),
    );
    let mut step = |(from, to), observed, proof| {
        let step = Step {
            reason: Reason::Arrival,
            observed,
            first: during.0,
            last: during.1,
            proof: model.prove(proof),
        };
        model.graph.add_edge(from, to, step);
    };
    step((outside, own), true, came);
    if let Some((device, _, sure, proof)) = by {
        step((device, outside), sure, proof);
    }
}

/// The next hop of the default route that is preferred.
fn default_hop(asset: &AgentAsset) -> Option<IpAddr> {
    let routes = asset.routes.routes.value().into_iter().flatten();
    let defaults = routes.filter(|it| it.kind == RouteKind::Unicast && it.destination.prefix == 0);
    let best = defaults.filter(|it| it.gateway.is_some());
    best.min_by_key(|it| (it.metric, it.gateway))?.gateway
}

fn network(address: IpAddr) -> String {
    let prefix = if address.is_ipv4() { 24 } else { 64 };
    let network = daicho_report::Address { address, prefix }.network();
    format!("{network}/{prefix}")
}
