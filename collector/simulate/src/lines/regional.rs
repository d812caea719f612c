//! 地域連携: a gateway server that shows records to other hospitals. Comes in: the plan; goes out: the
//! server, its box, and its talk with the region's centre.

use std::net::IpAddr;

use daicho_ledger::PointKind;

use super::maintenance::place;
use super::point;
use crate::dice::Dice;
use crate::frame::vendor;
use crate::machine::release;
use crate::machines;
use crate::plan::{Plan, Scale, foreign};
use crate::systems::{Cast, product};
use crate::world::{AssetNo, End, NetNo, World};

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
    let server = server(world, cast, net, &mut dice);
    let peer = "模擬地域医療連携協議会";
    let mut it = if dice.chance(55) {
        let far = foreign(10, 230, 14, 24);
        let purpose = "地域連携ネットワークの接続装置";
        let (asset, near) = place(world, net, "regional", purpose, &mut dice);
        if let Some(machine) = world.machine(server) {
            machine.routes.push((far, near, 0));
        }
        reach(world, server, super::within(far, 20));
        let mut it = point("p-regional", PointKind::RegionalIpVpn, asset, peer);
        it.also_at.push(server);
        it.peer_networks.push(far);
        it.line = "閉域IP-VPN".to_owned();
        it
    } else {
        // By TLS over the hospital's own Internet line.
        reach(world, server, IpAddr::from([198, 51, 100, 180]));
        let mut it = point("p-regional", PointKind::RegionalLink, server, peer);
        it.line = "インターネット（SSL/TLS）".to_owned();
        it
    };
    it.vendor = vendor(world, "regional");
    it.traces = vec!["公開サーバのプログラム名、経路、通信".to_owned()];
    world.points.push(it);
}

fn reach(world: &mut World, server: AssetNo, centre: IpAddr) {
    let far = End::Outside(centre);
    world.talk_to(server, far, 443, ("w3wp.exe", ""), "地域連携");
}

/// The server that shows records to others.
fn server(world: &mut World, cast: &Cast, net: NetNo, dice: &mut Dice) -> AssetNo {
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
    if let (Some(ehr), Some(product)) = (cast.first("ehr"), cast.product("ehr")) {
        let port = product.ports.first().copied().unwrap_or(443);
        let programs = ("w3wp.exe", product.server_program);
        world.talk((server, ehr), port, programs, "診療情報の公開");
    }
    server
}
