//! Two vendors' networks with the same range behind two boxes. Comes in: the hospital; goes out: two
//! networks 192.168.1.0/24 that have nothing to do with each other, with the same host addresses.

use daicho_ledger::{PointKind, ZoneKind};

use crate::dice::Dice;
use crate::frame::{device, vendor};
use crate::lines::{point, within};
use crate::machine::release;
use crate::machines;
use crate::plan::foreign;
use crate::systems::{Cast, client};
use crate::truth::Role;
use crate::world::{AssetNo, Knock, NetNo, World};

/// One of the two: name, zone, trade, system, departments' word.
type Side = (
    &'static str,
    ZoneKind,
    &'static str,
    &'static str,
    &'static str,
);

const SIDES: [Side; 2] = [
    (
        "vendor-lan-a",
        ZoneKind::MedicalDevice,
        "monitor",
        "vital_monitor",
        "3階東病棟",
    ),
    ("vendor-lan-b", ZoneKind::Department, "lab", "lis", "検査科"),
];

/// Builds both.
pub(crate) fn build(world: &mut World, cast: &Cast, dice: &mut Dice) {
    let count = if world.size >= 180 {
        dice.between(2, 4)
    } else {
        1
    };
    let mut firsts = Vec::new();
    for (n, side) in SIDES.iter().enumerate() {
        let net = network(world, side, n);
        let far = foreign(10, 251, u8::try_from(20 + n * 40).unwrap_or(20), 24);
        let gateway = boxed(world, cast, side, net);
        let mut first = None;
        for _ in 0..count {
            let pc = terminal(world, cast, side, net, gateway);
            first.get_or_insert(pc);
        }
        let Some(first) = first else { continue };
        world.knocks.push(Knock {
            by: gateway,
            from: within(far, 9),
            to: first,
            port: 5900,
            program: "winvnc.exe",
            purpose: "リモートメンテナンス",
            during: (Some(world.ago(1, 80_000)), None),
        });
        let trade = vendor(world, side.2);
        let peer = trade
            .map(|it| world.vendors[it].name.clone())
            .unwrap_or_default();
        let mut it = point(
            &format!("p-{}", side.0),
            PointKind::VendorVpn,
            gateway,
            &peer,
        );
        it.vendor = trade;
        it.line = "光回線（事業者契約）".to_owned();
        it.peer_networks.push(far);
        it.system = Some(format!("s-{}", side.3));
        it.traces = vec!["保守元の私設アドレスからの着信".to_owned()];
        world.points.push(it);
        firsts.push(first);
    }
    if let [one, other] = firsts[..]
        && dice.chance(30)
    {
        // A cheap adapter whose maker gave all of them one address.
        let mac = world.assets[one].nics[0].mac.clone();
        world.assets[other].nics[0].mac = mac;
        world
            .traps
            .push("二つの事業者ネットワークに同じハードウェアアドレス".to_owned());
    }
    world
        .traps
        .push("二つの装置の奥にある同じ範囲 192.168.1.0/24".to_owned());
}

fn network(world: &mut World, side: &Side, n: usize) -> NetNo {
    let place = if n == 0 { "本院 3階" } else { "本院 1階" };
    world.net(side.0, side.1, place, Some(foreign(192, 168, 1, 24)))
}

/// The box: gateway of the network, with a leg in the hospital's.
fn boxed(world: &mut World, cast: &Cast, side: &Side, net: NetNo) -> AssetNo {
    let gateway = device(
        world,
        ("vpn", Role::VpnBox),
        ZoneKind::Dmz,
        ("ヤマハ", "RTX830"),
        "部門システムの保守用ルータ",
    );
    world.assets[gateway].vendor = vendor(world, side.2);
    let mac = world.mac("00:a0:de");
    let own = world.fixed(net, 1);
    world.attach(gateway, net, Some(mac.clone()), own);
    world.nets[net].gateway = Some(gateway);
    world.nets[net].hop = own.map(|it| (it.address, mac));
    let outer = cast
        .first(side.3)
        .and_then(|it| world.nets_of(it).first().copied());
    if let Some(outer) = outer {
        let mac = world.mac("00:a0:de");
        let address = world.address(outer, false);
        world.attach(gateway, outer, Some(mac), address);
    }
    gateway
}

fn terminal(world: &mut World, cast: &Cast, side: &Side, net: NetNo, gateway: AssetNo) -> AssetNo {
    let pc = machines::terminal(
        world,
        ("pc", Role::Terminal),
        net,
        release::DEPARTMENT,
        side.4,
    );
    let listens = |it: &mut crate::machine::Machine| {
        it.domain = None;
        it.directory = false;
        it.listen(5900, "winvnc.exe");
        it.serve("uvnc_service");
        it.install("UltraVNC", "1.4.3.6", "uvnc bvba");
        it.tools.push(crate::systems::backbone::tool(
            "UltraVNC",
            "1.4.3.6",
            "uvnc_service",
        ));
    };
    if let Some(machine) = world.machine(pc) {
        listens(machine);
    }
    let before = world.talks.len();
    client(world, cast, side.3, pc);
    // The box translates: the server sees the box.
    let outside = world.assets[gateway]
        .nics
        .get(1)
        .and_then(|it| it.addresses.first())
        .map(|it| it.address);
    for talk in world.talks.iter_mut().skip(before) {
        talk.seen_as = outside;
    }
    pc
}
