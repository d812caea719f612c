//! Vendors' lines for maintenance: a box in the hospital, a network of the vendor's behind it. Comes
//! in: the plan and its systems; goes out: boxes, routes to them on the servers, and visits.

use std::net::IpAddr;

use daicho_ledger::{PointKind, ZoneKind};
use daicho_report::Address;

use super::{point, within};
use crate::dice::Dice;
use crate::frame::{device, vendor};
use crate::plan::{Scale, foreign};
use crate::systems::Cast;
use crate::truth::Role;
use crate::world::{AssetNo, Knock, NetNo, World};

/// Boxes that vendors bring: maker, beginning of hardware addresses, model.
const BOXES: &[(&str, &str, &str)] = &[
    ("ヤマハ", "00:a0:de", "RTX830"),
    ("NEC", "00:60:b9", "UNIVERGE IX2106"),
    ("Fortinet", "00:09:0f", "FortiGate-40F"),
    ("Cisco", "00:1b:0d", "C891FJ"),
    ("古河電工", "00:80:bd", "FITELnet F70"),
];

/// Which systems are maintained from outside: sort, trade, in how many of a hundred hospitals.
const LINES: &[(&str, &str, usize)] = &[
    ("ehr", "ehr", 92),
    ("pacs", "imaging", 75),
    ("lis", "lab", 55),
    ("receipt", "receipt", 45),
    ("vital_monitor", "monitor", 60),
    ("nurse_call", "nurse_call", 45),
    ("pharmacy", "pharmacy", 35),
    ("ris", "imaging", 25),
    ("checkup", "ehr", 25),
];

/// Builds them.
pub(crate) fn build(world: &mut World, cast: &Cast) {
    let mut dice = world.dice("maintenance");
    let most = match Scale::of(world.size) {
        Scale::Small => 1,
        Scale::Medium => 4,
        Scale::Large => 8,
    };
    let mut n = 0;
    for (sort, trade, chance) in LINES {
        let wanted = dice.chance(*chance);
        if n >= most || !wanted || cast.first(sort).is_none() || world.room() < 12 {
            continue;
        }
        n += 1;
        line(world, cast, (sort, trade), &mut dice);
    }
    // Somewhere stands a box that no machine with an agent has to do with.
    if Scale::of(world.size) != Scale::Small && dice.chance(10) {
        unseen(world, &mut dice);
    }
}

/// A range that vendors use.
fn range(n: usize, dice: &mut Dice) -> Address {
    let third = u8::try_from(n * 7 % 200 + dice.between(1, 6)).unwrap_or(9);
    match dice.below(4) {
        0 => foreign(10, 250, third, 24),
        1 => foreign(172, 31, third, 24),
        2 => foreign(192, 168, 230 + third % 20, 24),
        _ => foreign(10, 240 + third % 8, third, 24),
    }
}

fn line(world: &mut World, cast: &Cast, (sort, trade): (&str, &str), dice: &mut Dice) {
    let servers: Vec<AssetNo> = cast.of(sort).to_vec();
    let Some(net) = servers
        .first()
        .and_then(|it| world.nets_of(*it).first().copied())
    else {
        return;
    };
    let count = world.count("maintenance line");
    let far = range(count, dice);
    let product = cast.product(sort).map_or("部門システム", |it| it.name);
    let purpose = format!("{product}のリモートメンテナンス");
    let (asset, near) = place(world, net, trade, &purpose, dice);
    // Most servers have a route to the box; where they have none, the core knows the way.
    let routed = dice.chance(80);
    let visits = servers.len().min(1 + dice.below(3));
    for server in servers.iter().take(visits.max(1)) {
        if routed && let Some(machine) = world.machine(*server) {
            machine.routes.push((far, near, 0));
        }
        visit(world, (asset, far), *server, dice);
    }
    let (index, name) = (vendor(world, trade), format!("p-maint-{sort}"));
    let peer = index
        .map(|it| world.vendors[it].name.clone())
        .unwrap_or_default();
    let mut it = point(&name, PointKind::VendorVpn, asset, &peer);
    it.peer_networks.push(far);
    it.vendor = index;
    it.system = Some(format!("s-{sort}"));
    it.line = (*dice.pick(&[
        "光回線（事業者契約）",
        "フレッツ・VPNワイド",
        "病院のインターネット回線を共用",
    ]))
    .to_owned();
    it.always_on = dice.chance(60);
    it.traces = vec!["保守元の私設アドレスからの着信".to_owned()];
    if routed {
        it.traces
            .push("サーバの静的経路（次の中継先がVPN装置）".to_owned());
    }
    world.points.push(it);
}

/// Places a box in a network and gives its address there.
pub(crate) fn place(
    world: &mut World,
    net: NetNo,
    trade: &str,
    purpose: &str,
    dice: &mut Dice,
) -> (AssetNo, IpAddr) {
    let (maker, oui, model) = *dice.pick(BOXES);
    let asset = device(
        world,
        ("vpn", Role::VpnBox),
        ZoneKind::Dmz,
        (maker, model),
        purpose,
    );
    world.assets[asset].vendor = vendor(world, trade);
    let mac = world.mac(oui);
    let beside = world.gateway_number(net);
    let number = if beside == 1 { 4 } else { beside - 4 };
    let taken = world.address(net, false);
    let address = taken.or_else(|| world.fixed(net, number));
    let nic = world.attach(asset, net, Some(mac), address);
    world.assets[asset].nics[nic].name = "LAN1".to_owned();
    let near = address.map_or(IpAddr::from([0, 0, 0, 0]), |it| it.address);
    (asset, near)
}

/// Somebody of the vendor works on a server.
fn visit(world: &mut World, (by, far): (AssetNo, Address), to: AssetNo, dice: &mut Dice) {
    let windows = world.assets[to]
        .machine
        .as_ref()
        .is_some_and(|it| it.release.windows);
    let (port, program) = if windows {
        *dice.pick(&[
            (3389, "svchost.exe"),
            (3389, "svchost.exe"),
            (5900, "winvnc.exe"),
            (445, "System"),
        ])
    } else {
        (22, "sshd")
    };
    if port == 5900
        && let Some(machine) = world.machine(to)
    {
        machine.listen(5900, "winvnc.exe");
        machine.serve("uvnc_service");
        machine.install("UltraVNC", "1.4.3.6", "uvnc bvba");
        let tool = crate::systems::backbone::tool("UltraVNC", "1.4.3.6", "uvnc_service");
        machine.tools.push(tool);
    }
    let from = within(far, u32::try_from(dice.between(5, 60)).unwrap_or(5));
    let begun = world.ago(dice.seconds(0, 5), dice.seconds(90_000, 170_000));
    let ended = dice
        .chance(40)
        .then(|| world.ago(0, dice.seconds(500, 40_000)));
    world.knocks.push(Knock {
        by,
        from,
        to,
        port,
        program,
        purpose: "リモートメンテナンス",
        during: (Some(begun), ended.filter(|it| *it > begun)),
    });
}

/// A box beside modalities.
fn unseen(world: &mut World, dice: &mut Dice) {
    let net = world.net(
        "ct-service",
        ZoneKind::MedicalDevice,
        "本院 1階 CT室",
        Some(foreign(192, 168, 77, 24)),
    );
    let (asset, _) = place(world, net, "imaging", "CT装置の遠隔監視", dice);
    let ct = device(
        world,
        ("med", Role::MedicalDevice),
        ZoneKind::MedicalDevice,
        ("キヤノンメディカルシステムズ", "X線CT装置"),
        "CT",
    );
    let mac = world.mac("00:00:39");
    let address = world.address(net, false);
    world.attach(ct, net, Some(mac), address);
    let mut it = point(
        "p-maint-ct",
        PointKind::VendorVpn,
        asset,
        "模擬画像サービス株式会社",
    );
    it.vendor = vendor(world, "imaging");
    it.line = "LTE".to_owned();
    world.points.push(it);
    world
        .traps
        .push("エージェントのある機器から見えない保守回線（CT装置）".to_owned());
}
