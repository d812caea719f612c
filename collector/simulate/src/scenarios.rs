//! Known incidents. Comes in: a hospital and a pattern; goes out: the way in, what was damaged and in
//! what order, and what would have stopped it. Nothing here shows in reports but as real machines
//! would show it: a connection at night, and silence.

mod caterer;
mod data_centre;
mod forgotten_vpn;
mod no_list;

use std::collections::BTreeSet;

use daicho_ledger::{PointKind, ZoneKind};
use daicho_report::{Address, Time};

use crate::Scenario;
use crate::lines::point;
use crate::plan::Plan;
use crate::systems::Cast;
use crate::truth::{Role, TrueIncident};
use crate::world::{AssetNo, Knock, Point, World};

/// Builds what the pattern needs.
pub(crate) fn before(world: &mut World, plan: &Plan, cast: &mut Cast, scenario: Scenario) {
    match scenario {
        Scenario::ForgottenVpn => forgotten_vpn::before(world, plan, cast),
        Scenario::Caterer => caterer::before(world, plan, cast),
        Scenario::DataCentre => data_centre::before(world, plan, cast),
        Scenario::NoList => no_list::before(world, plan, cast),
    }
}

/// Lets it happen.
pub(crate) fn after(world: &mut World, plan: &Plan, cast: &Cast, scenario: Scenario) {
    match scenario {
        Scenario::ForgottenVpn => forgotten_vpn::after(world, plan, cast),
        Scenario::Caterer => caterer::after(world, plan, cast),
        Scenario::DataCentre => data_centre::after(world, plan, cast),
        Scenario::NoList => no_list::after(world, plan, cast),
    }
}

/// The last time before the end that clocks in Japan showed this second of the day.
fn night(world: &World, second: i64) -> Time {
    let offset = 9 * 3_600;
    let day = (world.end.seconds() + offset - second - 3_600).div_euclid(86_400);
    Time::from_seconds(day * 86_400 + second - offset)
}

/// Somebody comes in through a device of the hospital.
fn intrude(world: &mut World, by: AssetNo, from: std::net::IpAddr, to: AssetNo, at: Time) {
    let windows = world.assets[to]
        .machine
        .as_ref()
        .is_some_and(|it| it.release.windows);
    let (port, program) = if windows {
        (3389, "svchost.exe")
    } else {
        (22, "sshd")
    };
    world.knocks.push(Knock {
        by,
        from,
        to,
        port,
        program,
        purpose: "侵入",
        during: (Some(Time::from_seconds(at.seconds() - 5_400)), None),
    });
}

/// Machines fall silent one after the other, without a word.
fn damage(world: &mut World, assets: &[AssetNo], from: Time, step: i64) -> Vec<(String, i64)> {
    let mut damaged = Vec::new();
    for (n, asset) in assets.iter().enumerate() {
        let at = from.seconds() + step * i64::try_from(n).unwrap_or(0);
        let it = &mut world.assets[*asset];
        it.silent_since = Some(Time::from_seconds(at));
        if let Some(machine) = it.machine.as_deref_mut() {
            machine.goodbye = false;
            // It was on when it was struck.
            machine.hours = crate::machine::Hours::Always;
        }
        damaged.push((world.assets[*asset].id.clone(), at));
    }
    damaged
}

/// What can be reached from a network: itself, and what its gateway routes besides it.
fn reachable(world: &World, from: &[usize]) -> Vec<String> {
    let gateways: BTreeSet<AssetNo> = from
        .iter()
        .filter_map(|it| world.nets[*it].gateway)
        .collect();
    let nets: BTreeSet<usize> = (0..world.nets.len())
        .filter(|it| {
            let net = &world.nets[*it];
            let routed = net.gateway.is_some_and(|it| gateways.contains(&it));
            from.contains(it) || routed && !matches!(net.zone, ZoneKind::Guest | ZoneKind::Dmz)
        })
        .collect();
    let there = |it: &&crate::world::Asset| {
        it.nics
            .iter()
            .any(|nic| nets.contains(&nic.net) && !nic.addresses.is_empty())
    };
    world
        .assets
        .iter()
        .filter(there)
        .map(|it| it.id.clone())
        .collect()
}

/// Machines with an agent, of this role, in one of these networks.
fn machines_in(world: &World, nets: &[usize], role: Role) -> Vec<AssetNo> {
    (0..world.assets.len())
        .filter(|it| {
            let asset = &world.assets[*it];
            asset.role == role
                && asset.machine.is_some()
                && asset.nics.iter().any(|nic| nets.contains(&nic.net))
        })
        .collect()
}

/// Names of assets.
fn ids(world: &World, assets: &[AssetNo]) -> Vec<String> {
    assets
        .iter()
        .map(|it| world.assets[*it].id.clone())
        .collect()
}

/// The point by which they come in: a vendor's line at a device, to a network of the vendor's own.
fn way_in(id: &str, asset: AssetNo, peer: &str, vendor: Option<usize>, far: Address) -> Point {
    let mut it = point(id, PointKind::VendorVpn, asset, peer);
    it.vendor = vendor;
    it.peer_networks.push(far);
    it
}

/// How an incident went.
struct Told<'a> {
    pattern: &'a str,
    story: &'a str,
    /// The point by which they came in, and its device.
    entry: (&'a str, AssetNo),
    damaged: Vec<(String, i64)>,
    /// Assets that are noticed first.
    noticed: &'a [AssetNo],
}

/// Tells it, with what could have been reached and what would have stopped it.
fn tell(world: &mut World, told: Told<'_>) {
    let (point, device) = told.entry;
    let nets = world.nets_of(device);
    world.incident = Some(TrueIncident {
        pattern: told.pattern.to_owned(),
        story: told.story.to_owned(),
        entry: point.to_owned(),
        damaged: told.damaged,
        noticed: ids(world, told.noticed),
        reachable: reachable(world, &nets),
        cuts: vec![point.to_owned(), world.nets[nets[0]].id.clone()],
    });
}
