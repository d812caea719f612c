//! A box for the upkeep of bedside monitors, which no list has, leads to the servers of another system.

use super::{Told, damage, intrude, machines_in, night, tell, way_in};
use crate::frame::vendor;
use crate::lines::maintenance::place;
use crate::lines::within;
use crate::plan::{Plan, foreign};
use crate::systems::{Cast, product, system};
use crate::truth::Role;
use crate::world::World;

const POINT: &str = "p-forgotten-vpn";

pub(super) fn before(world: &mut World, plan: &Plan, cast: &mut Cast) {
    let net = *plan.monitors.first().unwrap_or(&plan.modalities[0]);
    if cast.first("vital_monitor").is_none() {
        system(world, net, &product::MONITOR, 1, cast);
    }
    let beside = *plan.nurse_call.first().unwrap_or(&net);
    if cast.first("nurse_call").is_none() {
        system(world, beside, &product::NURSE_CALL, 3, cast);
    }
    world.points.retain(|it| it.id != "p-maint-vital_monitor");
    let mut dice = world.dice("forgotten vpn");
    let purpose = "生体情報モニタの保守";
    let (asset, near) = place(world, net, "monitor", purpose, &mut dice);
    world.marks.insert("entry", asset);
    let far = foreign(10, 249, 6, 24);
    if let Some(server) = cast.first("vital_monitor") {
        if let Some(machine) = world.machine(server) {
            machine.routes.push((far, near, 0));
        }
        intrude(world, asset, within(far, 12), server, world.ago(3, 0));
    }
    let vendor = vendor(world, "monitor");
    let mut it = way_in(POINT, asset, "模擬生体情報機器株式会社", vendor, far);
    it.line = "光回線（事業者契約）".to_owned();
    it.system = Some("s-vital_monitor".to_owned());
    it.traces = vec!["ゲートウェイサーバの静的経路と私設アドレスからの着信".to_owned()];
    it.forgotten = true;
    world.points.push(it);
}

pub(super) fn after(world: &mut World, plan: &Plan, cast: &Cast) {
    let Some(entry) = world.marks.get("entry").copied() else {
        return;
    };
    let at = night(world, 3_600 + 50 * 60);
    let mut struck = cast.of("nurse_call").to_vec();
    struck.truncate(3);
    let from = within(foreign(10, 249, 6, 24), 12);
    for server in struck.clone() {
        if let Some(machine) = world.machine(server) {
            machine.firewall = false;
        }
        intrude(world, entry, from, server, at);
    }
    let wards = machines_in(world, &plan.his_floors, Role::Terminal);
    let board = wards.into_iter().find(|it| {
        world.assets[*it]
            .systems
            .iter()
            .any(|s| s == "s-nurse_call")
    });
    struck.extend(board.or_else(|| {
        machines_in(world, &plan.his_floors, Role::Terminal)
            .first()
            .copied()
    }));
    let damaged = damage(world, &struck, at, 420);
    tell(
        world,
        Told {
            pattern: "forgotten_vpn",
            story: "台帳にない生体情報モニタの保守用VPN装置から入られ、ナースコールのサーバが止まった",
            entry: (POINT, entry),
            damaged,
            noticed: &struck[..1],
        },
    );
}
