//! The truth, written out. Comes in: the hospital as it was built; goes out: [`Truth`].

use std::net::IpAddr;

use crate::names::LABEL;
use crate::truth::{
    TRUTH_VERSION, TrueAsset, TrueAttachment, TrueFlow, TrueNetwork, TruePoint, Truth,
};
use crate::world::{AssetNo, End, World};

/// Writes it out.
pub(crate) fn truth(world: &World) -> Truth {
    let name = |asset: &AssetNo| world.assets[*asset].id.clone();
    let points = world.points.iter().map(|it| TruePoint {
        id: it.id.clone(),
        kind: it.kind,
        also: it.also.clone(),
        asset: name(&it.asset),
        also_at: it.also_at.iter().map(name).collect(),
        hand: it.hand.clone(),
        peer: it.peer.clone(),
        traces: it.traces.clone(),
        forgotten: it.forgotten,
    });
    Truth {
        version: TRUTH_VERSION,
        label: LABEL.to_owned(),
        name: world.name.clone(),
        seed: world.seed,
        networks: networks(world),
        assets: assets(world),
        points: points.collect(),
        systems: world.systems.clone(),
        flows: flows(world),
        traps: world.traps.clone(),
        incident: world.incident.clone(),
    }
}

fn networks(world: &World) -> Vec<TrueNetwork> {
    let all = world.nets.iter().map(|it| TrueNetwork {
        id: it.id.clone(),
        ranges: it.range.iter().chain(&it.range6).copied().collect(),
        vlan: it.vlan,
        zone: it.zone,
        place: it.place.clone(),
        gateway: it.gateway.map(|it| world.assets[it].id.clone()),
    });
    all.collect()
}

fn assets(world: &World) -> Vec<TrueAsset> {
    let all = world.assets.iter().map(|it| TrueAsset {
        id: it.id.clone(),
        host_name: it.host_name.clone(),
        role: it.role,
        agent: it.agent.clone(),
        hand: it.hand.clone(),
        zone: it.zone,
        attachments: it
            .nics
            .iter()
            .map(|nic| TrueAttachment {
                interface: nic.name.clone(),
                network: world.nets[nic.net].id.clone(),
                mac: nic.mac.clone(),
                addresses: nic
                    .addresses
                    .iter()
                    .chain(nic.earlier.iter().map(|it| &it.0))
                    .map(|it| it.address)
                    .collect(),
            })
            .collect(),
        systems: it.systems.clone(),
        department: it.department.to_owned(),
        vendor: it.vendor.map(|it| world.vendors[it].name.clone()),
        administrators: it
            .machine
            .as_deref()
            .map(|it| it.administrators())
            .unwrap_or_default(),
        silent_since: it.silent_since.map(|it| it.seconds()),
    });
    all.collect()
}

fn flows(world: &World) -> Vec<TrueFlow> {
    let all = world.talks.iter().filter_map(|it| {
        let (to, peer): (Option<String>, Option<IpAddr>) = match it.to {
            End::Outside(peer) => (None, Some(peer)),
            End::Asset(to) => {
                let nets = world.nets_of(it.from);
                let shared = world.nets_of(to).into_iter().find(|it| nets.contains(it));
                (
                    Some(world.assets[to].id.clone()),
                    world.address_of(to, shared),
                )
            }
        };
        Some(TrueFlow {
            from: world.assets[it.from].id.clone(),
            to,
            peer: it.at.or(peer)?,
            port: it.port,
            purpose: it.purpose.to_owned(),
        })
    });
    let knocks = world.knocks.iter().filter_map(|it| {
        Some(TrueFlow {
            from: world.assets[it.by].id.clone(),
            to: Some(world.assets[it.to].id.clone()),
            peer: world.address_of(it.to, None)?,
            port: it.port,
            purpose: it.purpose.to_owned(),
        })
    });
    let mut all: Vec<TrueFlow> = all.chain(knocks).collect();
    all.sort();
    all.dedup();
    all
}
