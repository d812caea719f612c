//! How a machine reaches a peer. Comes in: interfaces and routes; goes out: the interface by which it
//! leaves and the address that it speaks with. Where no way leads, there is no talk.

use std::net::IpAddr;

use daicho_report::Time;

use crate::world::{AssetNo, End, Nic, Talk, World};

/// The far end's address.
pub(super) fn peer(world: &World, talk: &Talk) -> Option<IpAddr> {
    match (talk.to, talk.at) {
        (_, Some(at)) => Some(at),
        (End::Outside(peer), None) => Some(peer),
        (End::Asset(to), None) => {
            let nets = world.nets_of(talk.from);
            let shared = world.nets_of(to).into_iter().find(|it| nets.contains(it));
            world.address_of(to, shared)
        }
    }
}

/// The interface by which a machine reaches a peer: the link, a route of its own, the default route.
pub(super) fn leaves_by(world: &World, from: AssetNo, peer: IpAddr, to: End) -> Option<&Nic> {
    let asset = world.assets.get(from)?;
    let usable = |it: &&Nic| {
        it.up
            && it
                .addresses
                .iter()
                .any(|a| a.address.is_ipv4() == peer.is_ipv4())
    };
    let on_link = |it: &&Nic| {
        it.addresses.iter().any(|a| {
            let there = daicho_report::Address {
                address: peer,
                prefix: a.prefix,
            };
            a.address.is_ipv4() == peer.is_ipv4() && there.network() == a.network()
        })
    };
    // The same range may exist twice: then the link that both are on counts.
    let shared = |it: &&Nic| match to {
        End::Asset(to) => world.assets[to]
            .nics
            .iter()
            .any(|other| other.net == it.net),
        End::Outside(_) => true,
    };
    let nics = || asset.nics.iter().filter(usable);
    if let Some(nic) = nics().find(|it| on_link(it) && shared(it)) {
        return Some(nic);
    }
    let routes = asset
        .machine
        .as_deref()
        .map_or(&[][..], |it| it.routes.as_slice());
    for (destination, _, nic) in routes {
        let there = daicho_report::Address {
            address: peer,
            prefix: destination.prefix,
        };
        if destination.address.is_ipv4() == peer.is_ipv4()
            && there.network() == destination.network()
        {
            return asset.nics.get(*nic);
        }
    }
    nics()
        .filter(|it| it.default)
        .min_by_key(|it| it.metric)
        .or_else(|| {
            // A device without an agent knows its way.
            asset.machine.is_none().then(|| nics().next()).flatten()
        })
}

/// Addresses of the interface of the peer's family, and when it had them.
pub(super) fn stays(nic: &Nic, peer: IpAddr) -> Vec<(IpAddr, (Time, Time))> {
    let all = lives(nic).into_iter();
    let mut fits: Vec<_> = all.filter(|it| it.0.is_ipv4() == peer.is_ipv4()).collect();
    // A machine with several addresses speaks with the first.
    if nic.earlier.is_none() {
        fits.truncate(1);
    }
    fits
}

pub(super) fn lives(nic: &Nic) -> Vec<(IpAddr, (Time, Time))> {
    let mut all = Vec::new();
    let mut from = Time::EPOCH;
    if let Some((earlier, until)) = nic.earlier {
        all.push((earlier.address, (Time::EPOCH, until)));
        from = until;
    }
    for (n, address) in nic.addresses.iter().enumerate() {
        let from = if n == 0 { from } else { Time::EPOCH };
        all.push((address.address, (from, Time::MAX)));
    }
    all
}
