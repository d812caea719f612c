//! The records stand in a data centre; its old maintenance VPN and one administrator on all machines
//! let somebody into everything.

use daicho_ledger::ZoneKind;

use super::{Told, damage, intrude, machines_in, night, tell, way_in};
use crate::frame::vendor;
use crate::lines::maintenance::place;
use crate::lines::within;
use crate::machines;
use crate::plan::{Plan, foreign};
use crate::systems::Cast;
use crate::truth::Role;
use crate::world::World;

const POINT: &str = "p-data-centre-vpn";

pub(super) fn before(world: &mut World, plan: &Plan, cast: &mut Cast) {
    // A network of the hospital's own, in the data centre, routed by the core.
    let range = world.range(26);
    let net = world.net("data-centre", ZoneKind::His, "データセンター", Some(range));
    let beside = plan.his_servers[0];
    world.nets[net].gateway = world.nets[beside].gateway;
    let number = world.gateway_number(net);
    if let (Some(own), Some((_, mac))) = (world.fixed(net, number), world.nets[beside].hop.clone())
    {
        world.nets[net].hop = Some((own.address, mac.clone()));
        if let Some(gateway) = world.nets[net].gateway {
            world.attach(gateway, net, Some(mac), Some(own));
        }
    }
    world.nets[net].name_servers = world.nets[beside].name_servers.clone();
    for _ in 0..2 {
        let server = machines::server(world, "DCHOST", net, None);
        world.assets[server].place = "データセンター".to_owned();
        world.assets[server].vendor = vendor(world, "ehr");
        world.assets[server].systems.push("s-ehr".to_owned());
        if let Some(ehr) = cast.first("ehr") {
            let program = cast.product("ehr").map_or("", |it| it.server_program);
            let port = cast
                .product("ehr")
                .and_then(|it| it.ports.first().copied())
                .unwrap_or(443);
            world.talk((server, ehr), port, (program, program), "電子カルテの複製");
        }
        world.marks.entry("data centre host").or_insert(server);
        cast.add("data_centre", server);
    }
    let mut dice = world.dice("data centre");
    let (asset, near) = place(
        world,
        net,
        "ehr",
        "データセンターの保守用SSL-VPN",
        &mut dice,
    );
    world.marks.insert("entry", asset);
    let far = foreign(10, 248, 3, 24);
    for server in cast.of("data_centre").to_vec() {
        if let Some(machine) = world.machine(server) {
            machine.routes.push((far, near, 0));
        }
        intrude(world, asset, within(far, 77), server, world.ago(1, 60_000));
    }
    let vendor = vendor(world, "ehr");
    let mut it = way_in(
        POINT,
        asset,
        "模擬メディカルシステムズ株式会社",
        vendor,
        far,
    );
    it.line = "SSL-VPN（データセンター）".to_owned();
    it.system = Some("s-ehr".to_owned());
    it.traces = vec!["データセンターのサーバの静的経路と私設アドレスからの着信".to_owned()];
    world.points.push(it);
}

pub(super) fn after(world: &mut World, plan: &Plan, cast: &Cast) {
    let Some(entry) = world.marks.get("entry").copied() else {
        return;
    };
    // Every Windows machine knows the same administrator.
    let name = world.style.administrator.clone();
    world.style.one_administrator = true;
    for asset in 0..world.assets.len() {
        if let Some(machine) = world.machine(asset)
            && machine.release.windows
            && !machine.users.iter().any(|it| it.name == name)
        {
            machine.user(&name, true);
        }
    }
    let at = night(world, 16 * 3_600);
    let mut struck = cast.of("data_centre").to_vec();
    struck.extend(cast.of("ehr"));
    let servers = machines_in(world, &plan.his_servers, Role::Server);
    struck.extend(
        servers
            .into_iter()
            .filter(|it| !cast.of("ehr").contains(it))
            .take(6),
    );
    let damaged = damage(world, &struck, at, 240);
    tell(
        world,
        Told {
            pattern: "data_centre",
            story: "データセンターの古い保守用SSL-VPNから入られ、全機器で共通の管理者で電子カルテのサーバが止められた",
            entry: (POINT, entry),
            damaged,
            noticed: &struck[..struck.len().min(2)],
        },
    );
}
