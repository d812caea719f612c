//! Mobile lines that nobody planned: a stick in a PC, a router on a desk. Comes in: the plan; goes out:
//! the second way out that machines have by them.

use std::net::IpAddr;

use daicho_ledger::{PointKind, ZoneKind};
use daicho_report::{Address, InterfaceKind};

use super::point;
use crate::frame::device;
use crate::habits::public;
use crate::plan::{Plan, Scale, foreign};
use crate::truth::Role;
use crate::world::{AssetNo, End, World};

/// A stick in a PC of an office or a department.
pub(crate) fn stick(world: &mut World) {
    let mut dice = world.dice("stick");
    let chance = match Scale::of(world.size) {
        Scale::Small => 20,
        Scale::Medium => 45,
        Scale::Large => 80,
    };
    if !dice.chance(chance) {
        return;
    }
    let fits = |it: &AssetNo| {
        let asset = &world.assets[*it];
        asset.role == Role::Terminal
            && asset.machine.as_ref().is_some_and(|it| it.release.windows)
            && asset.nics.len() == 1
            && matches!(asset.zone, ZoneKind::Department | ZoneKind::His)
    };
    let candidates: Vec<AssetNo> = (0..world.assets.len()).filter(fits).collect();
    if candidates.is_empty() {
        return;
    }
    let asset = *dice.pick(&candidates);
    let net = world.net(
        "mobile-stick",
        ZoneKind::Dmz,
        "携帯電話網",
        Some(foreign(100, 72, 9, 24)),
    );
    let own = world
        .address(net, false)
        .map(|it| Address { prefix: 32, ..it });
    let nic = world.attach(asset, net, None, own);
    let hop = IpAddr::from([100, 72, 9, 1]);
    let it = &mut world.assets[asset].nics[nic];
    it.kind = InterfaceKind::Mobile;
    it.name = "携帯電話".to_owned();
    it.driver = "HUAWEI Mobile Broadband Network Adapter";
    it.default = true;
    it.hop = Some(hop);
    it.metric = 11;
    super::oqs_leg::inside_route(world, asset, 0);
    let name = world.assets[asset].host_name.clone();
    if let Some(machine) = world.machine(asset) {
        machine.install("Mobile Partner", "23.015.16", "Huawei Technologies Co.,Ltd");
    }
    let peer = public(&mut dice);
    world.talk_to(
        asset,
        End::Outside(peer),
        443,
        ("msedge.exe", ""),
        "携帯電話網での閲覧",
    );
    let mut it = point("p-lte-stick", PointKind::Mobile, asset, "携帯電話事業者");
    it.also.push(PointKind::SecondRoute);
    it.line = format!("LTE（{name} に挿さったUSB端末）");
    it.traces = vec!["携帯電話網のインターフェースと二つ目の既定経路".to_owned()];
    it.forgotten = true;
    world.points.push(it);
}

/// A router for mobile networks, beside the planned one.
pub(crate) fn router(world: &mut World, plan: &Plan) {
    let mut dice = world.dice("mobile router");
    let chance = match Scale::of(world.size) {
        Scale::Small => 12,
        Scale::Medium => 40,
        Scale::Large => 70,
    };
    if !dice.chance(chance) || world.room() < 14 {
        return;
    }
    let net = *dice.pick(&plan.his_floors);
    let asset = device(
        world,
        ("lte", Role::MobileRouter),
        ZoneKind::Dmz,
        ("NECプラットフォームズ", "Aterm MR10LN"),
        "一時利用のLTEルータ",
    );
    let mac = world.mac("80:22:a7");
    let address = world.address(net, false);
    world.attach(asset, net, Some(mac), address);
    let hop = address.map(|it| it.address);
    let department = "地域連携室";
    let releases = crate::machine::release::OTHER_TERMINALS;
    for _ in 0..dice.between(1, 2) {
        let user =
            crate::machines::terminal(world, ("pc", Role::Terminal), net, releases, department);
        world.assets[user].nics[0].hop = hop;
        let peer = public(&mut dice);
        world.talk_to(
            user,
            End::Outside(peer),
            443,
            ("msedge.exe", ""),
            "LTEルータ経由の閲覧",
        );
    }
    let mut it = point("p-lte-router", PointKind::Mobile, asset, "携帯電話事業者");
    it.also.push(PointKind::SecondRoute);
    it.line = "LTE".to_owned();
    it.traces = vec!["同じ系の他の端末と違う既定経路と公開アドレスへの通信".to_owned()];
    it.forgotten = true;
    world.points.push(it);
}
