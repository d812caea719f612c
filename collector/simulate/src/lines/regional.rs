//! 地域連携: a gateway server that shows records to other hospitals. Comes in: the plan; goes out: the
//! server, its box, and its talk with the region's centre.

use std::net::IpAddr;

use daicho_ledger::PointKind;

use super::maintenance::place;
use super::point;
use crate::frame::vendor;
use crate::machine::release;
use crate::machines;
use crate::plan::{Plan, Scale, foreign};
use crate::systems::{Cast, product};
use crate::world::{End, World};

/// Products of regional networks: name, publisher.
const PRODUCTS: &[(&str, &str)] = &[
    ("HumanBridge EHRソリューション", "富士通Japan株式会社"),
    ("ID-Link 公開サーバ", "株式会社エスイーシー"),
];

/// Builds it.
pub(crate) fn build(world: &mut World, plan: &Plan, cast: &Cast) {
    let mut dice = world.dice("regional");
    let chance = match Scale::of(world.size) {
        Scale::Small => 25,
        Scale::Medium => 80,
        Scale::Large => 95,
    };
    if !dice.chance(chance) || cast.first("ehr").is_none() || world.room() < 12 {
        return;
    }
    let net = plan.dmz.first().or(plan.his_servers.first()).copied();
    let Some(net) = net
        .filter(|_| dice.chance(70))
        .or(plan.his_servers.first().copied())
    else {
        return;
    };
    let (name, publisher) = *dice.pick(PRODUCTS);
    let server = machines::server(world, "RENKEI", net, Some(&release::SERVER_2019));
    world.assets[server].department = "地域連携室";
    world.assets[server].vendor = vendor(world, "regional");
    if let Some(machine) = world.machine(server) {
        machine.install(name, "5.2.0", publisher);
        machine.serve("RenkeiGateway");
        machine.serve("W3SVC");
        machine.listen(443, "w3wp.exe");
        crate::systems::install_database(machine, &product::SQL_SERVER);
    }
    let closed = dice.chance(55);
    let far = foreign(10, 230, 14, 24);
    let (asset, near) = place(
        world,
        net,
        "regional",
        "地域連携ネットワークの接続装置",
        &mut dice,
    );
    let centre: IpAddr = if closed {
        if let Some(machine) = world.machine(server) {
            machine.routes.push((far, near, 0));
        }
        super::within(far, 20)
    } else {
        IpAddr::from([198, 51, 100, 180])
    };
    world.talk_to(
        server,
        End::Outside(centre),
        443,
        ("w3wp.exe", ""),
        "地域連携",
    );
    if let Some(ehr) = cast.first("ehr") {
        let program = cast.product("ehr").map_or("", |it| it.server_program);
        let port = cast
            .product("ehr")
            .and_then(|it| it.ports.first().copied())
            .unwrap_or(443);
        world.talk((server, ehr), port, ("w3wp.exe", program), "診療情報の公開");
    }
    let kind = if closed {
        PointKind::RegionalIpVpn
    } else {
        PointKind::RegionalLink
    };
    let mut it = point("p-regional", kind, asset, "模擬地域医療連携協議会");
    it.also_at.push(server);
    it.vendor = vendor(world, "regional");
    it.line = if closed {
        "閉域IP-VPN"
    } else {
        "インターネットVPN"
    }
    .to_owned();
    if closed {
        it.peer_networks.push(far);
    }
    it.traces = vec!["公開サーバのプログラム名、経路、通信".to_owned()];
    world.points.push(it);
}
