//! A machine with its ways. Comes in: an asset and the segments of its addresses; goes out: by which
//! route and interface it reaches an address, and from when until when something was seen of it.

use std::collections::BTreeMap;
use std::net::IpAddr;

use daicho_ledger::AgentAsset;
use daicho_report::{Address, Interface, RouteKind, Time};

use super::super::pattern::holds;

/// A route that is in use.
#[derive(Debug, Clone)]
pub(in super::super) struct Way<'a> {
    /// Where it leads.
    pub(in super::super) destination: Address,
    /// Next hop; `None`: the network is on the link.
    pub(in super::super) gateway: Option<IpAddr>,
    /// By which interface.
    pub(in super::super) interface: &'a Interface,
    /// In which segment that is.
    pub(in super::super) segment: Option<&'a str>,
    metric: u32,
}

impl Way<'_> {
    /// Whether it is a default route.
    pub(in super::super) fn is_default(&self) -> bool {
        self.destination.prefix == 0
    }
}

/// An asset with what is looked up for it.
#[derive(Debug)]
pub(in super::super) struct Place<'a> {
    pub(in super::super) asset: &'a AgentAsset,
    /// Its segments, sorted.
    pub(in super::super) segments: Vec<&'a str>,
    /// Its routes in use: the most specific first, of these the one with the smallest metric.
    pub(in super::super) ways: Vec<Way<'a>>,
}

/// A machine's interfaces.
pub(in super::super) fn interfaces(asset: &AgentAsset) -> impl Iterator<Item = &Interface> {
    asset.interfaces.interfaces.value().into_iter().flatten()
}

pub(super) fn place<'a>(
    asset: &'a AgentAsset,
    at: &BTreeMap<(&'a str, IpAddr), &'a str>,
) -> Place<'a> {
    let id = asset.id.0.as_str();
    let segment = |interface: &Interface| {
        let addresses = interface.addresses.iter();
        addresses
            .filter_map(|it| at.get(&(id, it.address)).copied())
            .min()
    };
    let mut segments: Vec<&str> = interfaces(asset).filter_map(segment).collect();
    segments.sort_unstable();
    segments.dedup();
    let mut ways = Vec::new();
    for route in asset.routes.routes.value().into_iter().flatten() {
        let by = route.interface.as_deref();
        let interface = interfaces(asset).find(|it| by == Some(it.name.as_str()));
        let Some(interface) = interface.filter(|it| it.up) else {
            continue;
        };
        if route.kind == RouteKind::Unicast {
            ways.push(Way {
                destination: route.destination,
                gateway: route.gateway,
                interface,
                segment: segment(interface),
                metric: route.metric,
            });
        }
    }
    ways.sort_by_key(|it| {
        let order = (it.destination.address, it.gateway, it.interface.index);
        (std::cmp::Reverse(it.destination.prefix), it.metric, order)
    });
    Place {
        asset,
        segments,
        ways,
    }
}

impl<'a> Place<'a> {
    /// The way by which it reaches an address, from one of its own addresses where that is known.
    pub(in super::super) fn way_to(
        &self,
        address: IpAddr,
        local: Option<IpAddr>,
    ) -> Option<&Way<'a>> {
        let fits = |it: &&Way<'a>| holds(&it.destination, address);
        let best = self.ways.iter().find(fits)?;
        let same = |it: &&Way<'a>| fits(it) && it.destination.prefix == best.destination.prefix;
        let from = |it: &&Way<'a>| {
            local.is_some_and(|local| it.interface.addresses.iter().any(|a| a.address == local))
        };
        self.ways.iter().filter(same).find(from).or(Some(best))
    }

    /// Its default routes, one for each next hop and interface, the preferred first.
    pub(in super::super) fn defaults(&self) -> impl Iterator<Item = &Way<'a>> {
        self.ways.iter().filter(|it| it.is_default())
    }

    /// From when until when what a section says was seen. The machine's clock may be wrong: never
    /// before its first report nor after its last.
    pub(in super::super) fn seen(&self, section: &str) -> (Time, Time) {
        let (first, last) = (self.asset.presence.first_at, self.asset.presence.last_at);
        let read = self.asset.section_at(section).unwrap_or(first);
        (read.max(first).min(last), last)
    }

    /// From when until when something that went on was seen.
    pub(in super::super) fn went_on(&self, since: Time, until: Option<Time>) -> (Time, Time) {
        let (first, last) = (self.asset.presence.first_at, self.asset.presence.last_at);
        let clamp = |it: Time| it.max(first).min(last);
        (clamp(since), until.map_or(last, clamp))
    }
}
