//! Lines that lead out（外部接続点）. Comes in: the plan and its systems; goes out: boxes, routers,
//! terminals and the traits that a line leaves on the machines that use it. Traits are those of real
//! equipment, as installers' papers describe it; some are missing, renamed or doubled.

pub(crate) mod maintenance;
pub(crate) mod mobile;
pub(crate) mod oqs;
pub(crate) mod oqs_leg;
mod oqs_trait;
pub(crate) mod regional;
pub(crate) mod remote;

use daicho_ledger::PointKind;
use daicho_report::Address;

use crate::frame::Frame;
use crate::plan::{Plan, Scale};
use crate::systems::Cast;
use crate::truth::Role;
use crate::world::{AssetNo, Point, World};

/// Whether a small hospital keeps its records outside.
pub(crate) fn cloud(world: &mut World, frame: &Frame) -> bool {
    let mut dice = world.dice("cloud");
    if Scale::of(world.size) != Scale::Small || !dice.chance(18) {
        return false;
    }
    let Some(asset) = frame.firewalls.first().copied() else {
        return false;
    };
    let product = (*dice.pick(&[
        "エムスリーデジカル",
        "CLINICSカルテ",
        "セコムOWEL",
        "きりんカルテ",
    ]))
    .to_owned();
    let mut point = point("p-cloud-ehr", PointKind::CloudEhr, asset, &product);
    point.also_at = frame.firewalls[1..].to_vec();
    point
        .also_at
        .extend(frame.core.iter().filter(|it| !frame.firewalls.contains(it)));
    point.traces = vec!["端末のプログラム名と公開アドレスへの通信".to_owned()];
    point.line = "インターネット".to_owned();
    world.points.push(point);
    true
}

/// Lines that have devices of their own.
pub(crate) fn build(world: &mut World, plan: &Plan, frame: &Frame, cast: &Cast) {
    oqs::build(world, plan, frame, cast);
    regional::build(world, plan, cast);
    maintenance::build(world, cast);
    mobile::router(world, plan);
}

/// What sits on machines that are there for something else.
pub(crate) fn late(world: &mut World) {
    mobile::stick(world);
    remote::tools(world);
    // Whoever uses the service outside shows it.
    let users: Vec<AssetNo> = (0..world.assets.len())
        .filter(|it| {
            world.assets[*it].role == Role::Terminal
                && world.assets[*it].zone == daicho_ledger::ZoneKind::His
        })
        .collect();
    if let Some(point) = world.points.iter_mut().find(|it| it.id == "p-cloud-ehr") {
        point.also_at.extend(users);
    }
}

/// A connection point with what most have.
pub(crate) fn point(id: &str, kind: PointKind, asset: AssetNo, peer: &str) -> Point {
    Point {
        id: id.to_owned(),
        kind,
        also: Vec::new(),
        asset,
        also_at: Vec::new(),
        peer: peer.to_owned(),
        peer_networks: Vec::new(),
        line: String::new(),
        vendor: None,
        system: None,
        traces: Vec::new(),
        always_on: true,
        forgotten: false,
        hand: None,
    }
}

/// An address of a range, by its number.
pub(crate) fn within(range: Address, n: u32) -> std::net::IpAddr {
    match range.network() {
        std::net::IpAddr::V4(first) => std::net::IpAddr::V4((u32::from(first) + n).into()),
        std::net::IpAddr::V6(first) => {
            std::net::IpAddr::V6((u128::from(first) + u128::from(n)).into())
        }
    }
}
