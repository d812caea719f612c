//! One administrator, no list at all: nobody knows how many machines there are, nor who may come in.

use super::{Told, damage, intrude, machines_in, night, tell, way_in};
use crate::frame::vendor;
use crate::lines::maintenance::place;
use crate::lines::within;
use crate::plan::{Plan, foreign};
use crate::systems::Cast;
use crate::truth::Role;
use crate::world::World;

const POINT: &str = "p-unpatched-vpn";

pub(super) fn before(world: &mut World, plan: &Plan, cast: &mut Cast) {
    world.unkept = true;
    let net = plan.his_servers[0];
    let mut dice = world.dice("no list");
    let (asset, near) = place(world, net, "ehr", "電子カルテの保守用VPN装置", &mut dice);
    world.assets[asset].maker = "Fortinet";
    world.assets[asset].model = "FortiGate-60E".to_owned();
    world.marks.insert("entry", asset);
    let far = foreign(10, 247, 1, 24);
    if let Some(server) = cast.first("ehr").or_else(|| cast.first("receipt")) {
        if let Some(machine) = world.machine(server) {
            machine.routes.push((far, near, 0));
        }
        intrude(world, asset, within(far, 5), server, world.ago(1, 40_000));
    }
    let vendor = vendor(world, "ehr");
    let mut it = way_in(
        POINT,
        asset,
        "模擬メディカルシステムズ株式会社",
        vendor,
        far,
    );
    it.line = "インターネットVPN".to_owned();
    it.system = Some("s-ehr".to_owned());
    it.traces = vec!["サーバの静的経路と私設アドレスからの着信".to_owned()];
    it.forgotten = true;
    world.points.push(it);
}

pub(super) fn after(world: &mut World, plan: &Plan, cast: &Cast) {
    let Some(entry) = world.marks.get("entry").copied() else {
        return;
    };
    let at = night(world, 30 * 60);
    let mut struck = cast.of("ehr").to_vec();
    for sort in ["his-ad", "pacs", "lis", "receipt", "pharmacy", "backup"] {
        struck.extend(cast.of(sort));
    }
    struck.retain(|it| {
        world.assets[*it]
            .machine
            .as_ref()
            .is_some_and(|it| it.release.windows)
    });
    let terminals = machines_in(world, &plan.his_floors, Role::Terminal);
    let share = terminals.len().min(240) * 9 / 10;
    let noticed: Vec<_> = terminals.iter().take(2).copied().collect();
    struck.extend(terminals.into_iter().take(share));
    let damaged = damage(world, &struck, at, 25);
    tell(
        world,
        Told {
            pattern: "no_list",
            story: "管理者が一人で台帳がなく、更新していない保守用VPN装置から入られ、多数の端末とサーバが止まった",
            entry: (POINT, entry),
            damaged,
            noticed: &noticed,
        },
    );
}
