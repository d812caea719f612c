//! A plain PC on a line of its own, with the carrier's general resolvers. Comes in: the hospital; goes
//! out: a line that doctors ordered. It is no オンライン資格確認, whatever its resolvers look like.

use std::net::IpAddr;

use daicho_ledger::{PointKind, ZoneKind};
use daicho_report::Address;

use crate::dice::Dice;
use crate::frame::device;
use crate::habits::public;
use crate::lines::point;
use crate::machine::release;
use crate::machines;
use crate::plan::foreign;
use crate::truth::Role;
use crate::world::{AssetNo, End, NetNo, World};

/// Builds it.
pub(super) fn build(world: &mut World, dice: &mut Dice) {
    let range = Some(foreign(192, 168, 1, 24));
    let net = world.net("doctors-line", ZoneKind::Information, "本院 医局", range);
    let router = router(world, net);
    for _ in 0..dice.between(1, 2) {
        terminal(world, net, dice);
    }
    let mut it = point(
        "p-doctors-line",
        PointKind::Internet,
        router,
        "インターネット",
    );
    it.line = "フレッツ光（医局の契約）".to_owned();
    it.traces = vec!["情報系と違う既定経路と公開アドレスへの通信".to_owned()];
    it.forgotten = true;
    world.points.push(it);
    let trap = "一般のフレッツ用DNSだけのPC（オンライン資格確認ではない）";
    world.traps.push(trap.to_owned());
}

fn router(world: &mut World, net: NetNo) -> AssetNo {
    let router = device(
        world,
        ("hgw", Role::Router),
        ZoneKind::Dmz,
        ("NTT", "PR-500KI"),
        "医局が契約した光回線",
    );
    let mac = world.mac("00:80:45");
    let own = world.fixed(net, 1);
    world.attach(router, net, Some(mac.clone()), own);
    let it = &mut world.nets[net];
    it.gateway = Some(router);
    it.hop = own.map(|it| (it.address, mac));
    it.dhcp = true;
    it.range6 = Some(Address {
        address: IpAddr::from([0x2001, 0xdb8, 0x7f01, 0, 0, 0, 0, 0]),
        prefix: 64,
    });
    router
}

fn terminal(world: &mut World, net: NetNo, dice: &mut Dice) {
    let releases = release::OTHER_TERMINALS;
    let pc = machines::terminal(world, ("pc", Role::Terminal), net, releases, "医局");
    let resolvers = ["2404:1a8:7f01:a::3", "2404:1a8:7f01:b::3"];
    if let Some(machine) = world.machine(pc) {
        machine.domain = None;
        machine.directory = false;
        let resolvers = resolvers.iter().filter_map(|it| it.parse().ok());
        machine.name_servers = Some(resolvers.collect());
    }
    let n = world.count("address on the doctors' line");
    let last = 0x100 + u16::try_from(n).unwrap_or(0) * 0x11;
    world.assets[pc].nics[0].addresses.push(Address {
        address: IpAddr::from([0x2001, 0xdb8, 0x7f01, 0, 0, 0, 0, last]),
        prefix: 64,
    });
    for _ in 0..2 {
        let peer = public(dice);
        world.talk_to(pc, End::Outside(peer), 443, ("msedge.exe", ""), "閲覧");
    }
}
