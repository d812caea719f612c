//! What machines do besides their work: log in to a directory, fetch definitions, set the clock, go to
//! the Internet. Comes in: a machine; goes out: talk and settings. It decides no role.

use std::net::IpAddr;

use daicho_ledger::ZoneKind;

use crate::dice::Dice;
use crate::systems::Cast;
use crate::truth::Role;
use crate::world::{AssetNo, End, World};

/// Talk with the servers that every machine of a side uses.
pub(crate) fn inside(world: &mut World, cast: &Cast, asset: AssetNo, side: &str) {
    let mut dice = Dice::of(world.seed, &format!("inside {asset}"));
    let (directory, virus) = if side == "his" {
        ("his-ad", "his-av")
    } else {
        ("info-ad", "info-av")
    };
    let joined = world.assets[asset]
        .machine
        .as_ref()
        .is_some_and(|it| it.domain.is_some());
    let controllers = cast.of(directory);
    if joined && !controllers.is_empty() {
        let dc = controllers[asset % controllers.len()];
        let address = world.address_of(dc, None);
        world.talk((asset, dc), 389, ("lsass.exe", "lsass.exe"), "ディレクトリ");
        if dice.chance(40) {
            world.talk((asset, dc), 445, ("System", "System"), "ログオンスクリプト");
        }
        if let (Some(machine), Some(address)) = (world.machine(asset), address) {
            machine.clock_from.push(address.to_string());
        }
    }
    if let Some(server) = cast.first(virus) {
        let client = world.assets[asset]
            .machine
            .as_ref()
            .and_then(|it| it.antivirus.as_ref())
            .and_then(|it| it.product.server);
        if let Some((port, program)) = client
            && crate::systems::listens(world, server, port)
        {
            world.talk((asset, server), port, (program, "w3wp.exe"), "ウイルス対策");
        }
        let name = world.assets[server].host_name.clone();
        if let Some(machine) = world.machine(asset) {
            machine.updates_from.push(name);
        }
    }
    if side == "info" {
        office(world, cast, asset, &mut dice);
    }
}

/// Files and groupware of offices.
fn office(world: &mut World, cast: &Cast, asset: AssetNo, dice: &mut Dice) {
    for (sort, port, programs, chance) in [
        ("files", 445, ("System", "System"), 60),
        ("groupware", 443, ("msedge.exe", "w3wp.exe"), 45),
        ("nas", 445, ("System", ""), 30),
    ] {
        let wanted = dice.chance(chance);
        let Some(server) = cast.first(sort).filter(|it| wanted && *it != asset) else {
            continue;
        };
        world.talk((asset, server), port, programs, "事務");
        let name = world.assets[server].host_name.clone();
        if port == 445
            && let Some(machine) = world.machine(asset)
        {
            machine.mounts.push(daicho_report::RemoteMount {
                protocol: "smb".to_owned(),
                server: name,
            });
        }
    }
}

/// An address outside that stands for a service of the Internet.
pub(crate) fn public(dice: &mut Dice) -> IpAddr {
    let last = u8::try_from(dice.between(1, 40) * 6).unwrap_or(6);
    IpAddr::from(if dice.chance(50) {
        [198, 51, 100, last]
    } else {
        [192, 0, 2, last]
    })
}

/// Programs that go to the Internet.
const BROWSERS: &[(&str, u16, &str)] = &[
    ("msedge.exe", 443, "閲覧"),
    ("chrome.exe", 443, "閲覧"),
    ("OUTLOOK.EXE", 993, "電子メール"),
    ("Teams.exe", 443, "会議"),
    ("OneDrive.exe", 443, "同期"),
    ("svchost.exe", 443, "更新"),
];

/// Talk with the Internet, straight or by the proxy.
pub(crate) fn internet(world: &mut World, cast: &Cast, asset: AssetNo) {
    let mut dice = Dice::of(world.seed, &format!("internet {asset}"));
    if let Some(proxy) = cast.first("proxy")
        && dice.chance(45)
        && let Some(address) = world.address_of(proxy, None)
    {
        world.talk(
            (asset, proxy),
            3128,
            ("msedge.exe", "squid"),
            "閲覧（プロキシ経由）",
        );
        if let Some(machine) = world.machine(asset) {
            machine.proxies.push(format!("{address}:3128"));
        }
        return;
    }
    for _ in 0..dice.between(1, 4) {
        let (program, port, purpose) = *dice.pick(BROWSERS);
        let peer = public(&mut dice);
        world.talk_to(asset, End::Outside(peer), port, (program, ""), purpose);
    }
}

/// A record kept by a service outside.
pub(crate) fn cloud(world: &mut World, asset: AssetNo) {
    let Some(point) = world.points.iter().find(|it| it.id == "p-cloud-ehr") else {
        return;
    };
    let peer = point.peer.clone();
    let mut dice = Dice::of(world.seed, &format!("cloud {asset}"));
    let service = IpAddr::from([198, 51, 100, 200]);
    world.talk_to(
        asset,
        End::Outside(service),
        443,
        ("msedge.exe", ""),
        "クラウド型電子カルテ",
    );
    if let Some(machine) = world.machine(asset)
        && dice.chance(70)
    {
        machine.install(&peer, "3.14.1", "エムスリーデジカル株式会社");
    }
}

/// What servers do: proxies, updates, watching, backup.
pub(crate) fn servers(world: &mut World, cast: &Cast) {
    let all: Vec<AssetNo> = (0..world.assets.len())
        .filter(|it| world.assets[*it].role == Role::Server && world.assets[*it].machine.is_some())
        .collect();
    for server in all {
        let zone = world.assets[server].zone;
        let side = if zone == ZoneKind::Information {
            "info"
        } else {
            "his"
        };
        if zone != ZoneKind::Dmz {
            inside(world, cast, server, side);
        }
        let mut dice = Dice::of(world.seed, &format!("server habits {server}"));
        if let Some(watch) = cast.first("watch")
            && watch != server
            && dice.chance(70)
        {
            let windows = world.assets[server]
                .machine
                .as_ref()
                .is_some_and(|it| it.release.windows);
            let (near, far) = if windows {
                ("zabbix_agentd.exe", "zabbix_server")
            } else {
                ("zabbix_agentd", "zabbix_server")
            };
            world.talk((server, watch), 10_051, (near, far), "監視");
            if let Some(machine) = world.machine(server) {
                machine.install("Zabbix Agent (64-bit)", "6.0.40", "Zabbix SIA");
                machine.serve("Zabbix Agent");
            }
        }
        if let Some(backup) = cast.first("backup")
            && backup != server
            && matches!(zone, ZoneKind::His | ZoneKind::Department)
            && dice.chance(60)
        {
            if let Some(machine) = world.machine(server) {
                machine.listen(6160, "VeeamDeploymentSvc.exe");
                machine.serve("VeeamDeploySvc");
                machine.backups.push(crate::systems::backbone::tool(
                    "Veeam Agent",
                    "6.3.2.1205",
                    "VeeamDeploySvc",
                ));
            }
            let programs = ("Veeam.Backup.Service.exe", "VeeamDeploymentSvc.exe");
            world.talk((backup, server), 6160, programs, "バックアップ");
        }
    }
    outside(world, cast);
}

/// Servers that talk with the outside themselves.
fn outside(world: &mut World, cast: &Cast) {
    for (sort, port, programs) in [("proxy", 443, ("squid", "")), ("web", 25, ("smtp", ""))] {
        let Some(server) = cast.first(sort) else {
            continue;
        };
        let mut dice = Dice::of(world.seed, &format!("outside {sort}"));
        for _ in 0..dice.between(3, 8) {
            let peer = public(&mut dice);
            world.talk_to(server, End::Outside(peer), port, programs, "外部との通信");
        }
    }
}
