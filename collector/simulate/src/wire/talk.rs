//! Flows and neighbours as each end sees them. Comes in: the talk of the hospital; goes out: for each
//! machine what its own sockets and its own link showed, and when. A machine sees no talk of others.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use daicho_report::{Direction, Flow, InterfaceKind, Neighbour, Protocol, Time};

use super::reach::{leaves_by, lives, peer, stays};
use crate::dice::Dice;
use crate::world::{AssetNo, End, Knock, Nic, Talk, World};

/// Something that was there from one moment until another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Span<T> {
    pub item: T,
    pub from: Time,
    pub until: Time,
}

/// Talk and links of all assets.
pub(crate) struct Links {
    flows: Vec<Vec<Span<Flow>>>,
    neighbours: Vec<Vec<Span<Neighbour>>>,
}

impl Links {
    /// Of the whole hospital.
    pub(crate) fn of(world: &World) -> Self {
        let mut links = Self {
            flows: vec![Vec::new(); world.assets.len()],
            neighbours: vec![Vec::new(); world.assets.len()],
        };
        for talk in &world.talks {
            links.talk(world, talk);
        }
        for knock in &world.knocks {
            links.knock(world, knock);
        }
        links.gateways(world);
        links.overheard(world);
        for asset in 0..world.assets.len() {
            links.flows[asset] = merged(std::mem::take(&mut links.flows[asset]));
            links.neighbours[asset] = merged(std::mem::take(&mut links.neighbours[asset]));
        }
        links
    }

    /// Flows of an asset, sorted.
    pub(crate) fn flows(&self, asset: AssetNo) -> &[Span<Flow>] {
        self.flows.get(asset).map_or(&[], Vec::as_slice)
    }

    /// Neighbours of an asset, sorted.
    pub(crate) fn neighbours(&self, asset: AssetNo) -> &[Span<Neighbour>] {
        self.neighbours.get(asset).map_or(&[], Vec::as_slice)
    }

    fn talk(&mut self, world: &World, talk: &Talk) {
        let whole = (
            talk.during.0.unwrap_or(Time::EPOCH),
            talk.during.1.unwrap_or(Time::MAX),
        );
        let Some(peer) = peer(world, talk) else {
            return;
        };
        let Some(near) = leaves_by(world, talk.from, peer, talk.to) else {
            return;
        };
        for (local, during) in stays(near, peer) {
            let there = near.during.unwrap_or((Time::EPOCH, Time::MAX));
            let Some(span) = both(whole, during).and_then(|it| both(it, there)) else {
                continue;
            };
            if world.assets[talk.from].machine.is_some() {
                let flow = flow(talk, Direction::Outbound, (local, peer), talk.programs.0);
                self.flows[talk.from].push(spanned(flow, span));
            }
            if let End::Asset(to) = talk.to
                && world.assets[to].machine.is_some()
            {
                let seen = talk.seen_as.unwrap_or(local);
                let flow = flow(talk, Direction::Inbound, (peer, seen), talk.programs.1);
                self.flows[to].push(spanned(flow, span));
            }
            if let (End::Asset(to), Some(seen)) = (talk.to, talk.seen_as) {
                self.translated(world, to, seen, span);
            } else if let End::Asset(to) = talk.to {
                self.meet(world, (talk.from, near.net), (to, near.net), span);
            }
        }
    }

    /// Where something translates between, the far end knows the translator's hardware address.
    fn translated(&mut self, world: &World, to: AssetNo, seen: IpAddr, span: (Time, Time)) {
        let has = |nic: &Nic| nic.addresses.iter().any(|it| it.address == seen);
        for me in &world.assets[to].nics {
            let here = world.assets.iter().flat_map(|it| &it.nics);
            for them in here.filter(|it| it.net == me.net && has(it)) {
                if world.assets[to].machine.is_some() {
                    self.sight(world, to, (me, them), span);
                }
            }
        }
    }

    /// Somebody outside came.
    fn knock(&mut self, world: &World, knock: &Knock) {
        let whole = (
            knock.during.0.unwrap_or(Time::EPOCH),
            knock.during.1.unwrap_or(Time::MAX),
        );
        let Some(nic) = leaves_by(world, knock.to, knock.from, End::Outside(knock.from)) else {
            return;
        };
        for (local, during) in stays(nic, knock.from) {
            let Some(span) = both(whole, during) else {
                continue;
            };
            let item = Flow {
                direction: Direction::Inbound,
                protocol: Protocol::Tcp,
                local,
                peer: knock.from,
                port: knock.port,
                program: Some(knock.program.to_owned()),
            };
            self.flows[knock.to].push(spanned(item, span));
        }
    }

    /// Two that talk on one link know each other's hardware address.
    fn meet(
        &mut self,
        world: &World,
        (one, net): (AssetNo, usize),
        (other, _): (AssetNo, usize),
        span: (Time, Time),
    ) {
        for (mine, theirs) in [(one, other), (other, one)] {
            if world.assets[mine].machine.is_none() {
                continue;
            }
            let me = world.assets[mine]
                .nics
                .iter()
                .find(|it| it.net == net && it.up);
            let Some(me) = me else { continue };
            for them in world.assets[theirs]
                .nics
                .iter()
                .filter(|it| it.net == net && it.up)
            {
                self.sight(world, mine, (me, them), span);
            }
        }
    }

    fn sight(
        &mut self,
        world: &World,
        asset: AssetNo,
        (me, them): (&Nic, &Nic),
        span: (Time, Time),
    ) {
        let Some(mac) = &them.mac else { return };
        let hop = world.nets[them.net].hop.as_ref().map(|it| it.0);
        for (address, during) in lives(them) {
            let Some(span) = both(span, during) else {
                continue;
            };
            let Some(span) = both(span, me.during.unwrap_or((Time::EPOCH, Time::MAX))) else {
                continue;
            };
            let item = Neighbour {
                interface: me.name.clone(),
                address,
                mac: mac.clone(),
                router: address.is_ipv6() && hop == Some(address),
            };
            self.neighbours[asset].push(spanned(item, span));
        }
    }

    /// The gateway answers whoever uses it.
    fn gateways(&mut self, world: &World) {
        for (asset, it) in world.assets.iter().enumerate() {
            if it.machine.is_none() {
                continue;
            }
            for nic in it.nics.iter().filter(|it| it.up && it.mac.is_some()) {
                let Some((hop, mac)) = &world.nets[nic.net].hop else {
                    continue;
                };
                let used = nic.default && nic.hop.is_none_or(|it| it == *hop);
                let asked = it
                    .machine
                    .as_ref()
                    .is_some_and(|machine| machine.routes.iter().any(|r| r.1 == *hop));
                if !(used || asked) {
                    continue;
                }
                let item = Neighbour {
                    interface: nic.name.clone(),
                    address: *hop,
                    mac: mac.clone(),
                    router: hop.is_ipv6(),
                };
                let span = nic.during.unwrap_or((Time::EPOCH, Time::MAX));
                self.neighbours[asset].push(spanned(item, span));
            }
        }
    }

    /// Others on the link that happened to ask: broadcasts, printers, boxes that routes name.
    fn overheard(&mut self, world: &World) {
        let mut members: BTreeMap<usize, Vec<(AssetNo, usize)>> = BTreeMap::new();
        for (asset, it) in world.assets.iter().enumerate() {
            for (n, nic) in it.nics.iter().enumerate() {
                if nic.up && nic.mac.is_some() && !nic.addresses.is_empty() {
                    members.entry(nic.net).or_default().push((asset, n));
                }
            }
        }
        for (asset, it) in world.assets.iter().enumerate() {
            let Some(machine) = it.machine.as_deref() else {
                continue;
            };
            let mut dice = Dice::of(world.seed, &format!("overheard {asset}"));
            for nic in it
                .nics
                .iter()
                .filter(|it| it.up && it.kind != InterfaceKind::Ppp)
            {
                let here = members.get(&nic.net).map_or(&[][..], Vec::as_slice);
                let mut picks = BTreeSet::new();
                for _ in 0..dice.between(2, 7) {
                    picks.insert(dice.below(here.len()));
                }
                // Next hops and what stands beside the gateway.
                for (n, (other, theirs)) in here.iter().enumerate() {
                    let them = &world.assets[*other].nics[*theirs];
                    let hop = |to: &IpAddr| them.addresses.iter().any(|it| it.address == *to);
                    if machine.routes.iter().any(|(_, to, _)| hop(to))
                        || nic.hop.is_some_and(|to| hop(&to))
                    {
                        picks.insert(n);
                    }
                }
                for pick in picks {
                    let Some((other, theirs)) = here.get(pick) else {
                        continue;
                    };
                    if *other != asset {
                        let since = if dice.chance(15) {
                            world.ago(dice.seconds(0, 6), 0)
                        } else {
                            Time::EPOCH
                        };
                        self.sight(
                            world,
                            asset,
                            (nic, &world.assets[*other].nics[*theirs]),
                            (since, Time::MAX),
                        );
                    }
                }
            }
        }
    }
}

fn spanned<T>(item: T, (from, until): (Time, Time)) -> Span<T> {
    Span { item, from, until }
}

fn both(one: (Time, Time), other: (Time, Time)) -> Option<(Time, Time)> {
    let (from, until) = (one.0.max(other.0), one.1.min(other.1));
    (from < until).then_some((from, until))
}

fn flow(
    talk: &Talk,
    direction: Direction,
    (local, peer): (IpAddr, IpAddr),
    program: &'static str,
) -> Flow {
    Flow {
        direction,
        protocol: talk.protocol,
        local,
        peer,
        port: talk.port,
        program: (!program.is_empty()).then(|| program.to_owned()),
    }
}

/// Spans of one item that overlap are one; sorted.
fn merged<T: Ord>(mut spans: Vec<Span<T>>) -> Vec<Span<T>> {
    spans.sort();
    let mut out: Vec<Span<T>> = Vec::with_capacity(spans.len());
    for span in spans {
        match out.last_mut() {
            Some(last) if last.item == span.item && span.from <= last.until => {
                last.until = last.until.max(span.until);
            }
            _ => out.push(span),
        }
    }
    out
}
