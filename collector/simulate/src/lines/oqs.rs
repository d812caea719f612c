//! オンライン資格確認: the terminal with its line, and the server that asks by Web API. Comes in: the
//! plan; goes out: terminal, router, line, and who reads the terminal's folders. The traits of the
//! terminal itself stand in `oqs_trait`.

use std::net::{IpAddr, Ipv6Addr};

use daicho_ledger::{PointKind, ZoneKind};
use daicho_report::Address;

use super::oqs_leg::{attach, on_line, plug_v6};
use super::oqs_trait::{self, Line};
use super::point;
use crate::dice::Dice;
use crate::frame::{Frame, device, vendor};
use crate::machine::iron::{Iron, SMALL_PCS};
use crate::machine::{Hours, release};
use crate::machines;
use crate::plan::{Plan, Scale, foreign};
use crate::systems::Cast;
use crate::truth::Role;
use crate::world::{AssetNo, End, NetNo, World};

/// What the line consists of besides the terminal.
pub(super) struct Way {
    pub net: NetNo,
    pub router: AssetNo,
    onu: Option<AssetNo>,
}

/// Builds it.
pub(crate) fn build(world: &mut World, plan: &Plan, frame: &Frame, cast: &Cast) {
    let mut dice = world.dice("oqs");
    let line = match dice.below(10) {
        0..=4 => Line::V6,
        5 | 6 => Line::Pppoe,
        _ => Line::Ipsec,
    };
    let way = way(world, frame, line, &mut dice);
    let terminals = match Scale::of(world.size) {
        Scale::Small => 1,
        Scale::Medium => 1 + dice.below(2),
        Scale::Large => 2 + dice.below(2),
    };
    let mut all = Vec::new();
    for n in 0..terminals {
        all.push(terminal(world, plan, cast, (&way, line), n));
    }
    let claims = (world.room() >= 14 && dice.chance(35)).then(|| claims(world, &way, line));
    let Some(first) = all.first().copied() else {
        return;
    };
    let kind = match line {
        Line::V6 => PointKind::OqsIpv6,
        Line::Pppoe => PointKind::OqsPppoe,
        Line::Ipsec => PointKind::OqsIpsec,
    };
    let mut it = point("p-oqs", kind, first, "オンライン資格確認等システム");
    it.also.push(PointKind::OnlineClaims);
    for (other, chance) in [(PointKind::EPrescription, 60), (PointKind::EhrSharing, 30)] {
        if dice.chance(chance) {
            it.also.push(other);
        }
    }
    it.also_at = all[1..].to_vec();
    it.also_at.push(way.router);
    it.also_at.extend(way.onu);
    it.also_at.extend(claims);
    it.line = match line {
        Line::V6 => "IP-VPN（IPv6 IPoE）",
        Line::Pppoe => "IP-VPN（IPv4 PPPoE）",
        Line::Ipsec => "インターネット上のIPsec+IKE",
    }
    .to_owned();
    it.vendor = vendor(world, "receipt");
    it.system = Some("オンライン資格確認".to_owned());
    it.traces = vec!["端末のフォルダ・共有・アカウント・名前解決・経路".to_owned()];
    world.points.push(it);
    if Scale::of(world.size) != Scale::Small && dice.chance(60) {
        web_api(world, plan, &way, line, &mut dice);
    }
}

/// The line: its network, its router, its ONU.
fn way(world: &mut World, frame: &Frame, line: Line, dice: &mut Dice) -> Way {
    let net = world.net("oqs-line", ZoneKind::Dmz, "本院 医事課", None);
    let own_onu = world.size >= 40 && dice.chance(60);
    let onu = if own_onu {
        let onu = device(
            world,
            ("onu", Role::LineTerminal),
            ZoneKind::Dmz,
            ("NTT", "GE-PON ONU"),
            "オンライン資格確認用回線の終端",
        );
        world.attach(onu, net, None, None);
        Some(onu)
    } else {
        frame.onu
    };
    let router = device(
        world,
        ("oqs-router", Role::Router),
        ZoneKind::Dmz,
        ("ヤマハ", "RTX830"),
        "オンライン資格確認用ルータ",
    );
    world.assets[router].place = "本院 医事課".to_owned();
    world.assets[router].vendor = vendor(world, "receipt");
    let mac = world.mac("00:a0:de");
    let own = if line == Line::V6 {
        let (third, fourth) = (u16::from(dice.byte()), u16::from(dice.byte()));
        let prefix = Ipv6Addr::new(0x2001, 0xdb8, 0x4000 + third, fourth << 8, 0, 0, 0, 0);
        let range = Address {
            address: prefix.into(),
            prefix: 64,
        };
        world.nets[net].range6 = Some(range);
        on_line(world, net, 1)
    } else {
        let third = u8::try_from(dice.between(200, 229)).unwrap_or(220);
        world.nets[net].range = Some(foreign(192, 168, third, 24));
        world.fixed(net, 1)
    };
    world.attach(router, net, Some(mac.clone()), own);
    world.nets[net].hop = own.map(|it| (it.address, mac));
    world.nets[net].gateway = Some(router);
    Way { net, router, onu }
}

/// A terminal with a card reader.
fn terminal(
    world: &mut World,
    plan: &Plan,
    cast: &Cast,
    (way, line): (&Way, Line),
    n: usize,
) -> AssetNo {
    let asset = world.asset("oqs", Role::OqsTerminal, ZoneKind::Dmz);
    let mut dice = world.dice(&format!("oqs terminal {n}"));
    let iron = Iron::of(dice.pick(SMALL_PCS), &mut dice);
    let release = *dice.pick(&[
        &release::WIN10_IOT_2021,
        &release::WIN10_IOT_2021,
        &release::WIN10,
        &release::WIN11,
    ]);
    machines::give(world, asset, (release, iron, Hours::Always), &mut dice);
    world.assets[asset].host_name = if dice.chance(35) {
        format!("{}ONS{:02}", world.style.prefix, n + 1)
    } else {
        crate::names::terminal(world, asset)
    };
    world.assets[asset].department = "医事課";
    world.assets[asset].place = "本院 1階 受付".to_owned();
    world.assets[asset].purpose = "オンライン資格確認".to_owned();
    world.assets[asset].vendor = vendor(world, "receipt");
    world.assets[asset].systems.push("s-oqs".to_owned());
    attach(world, asset, plan, (way, line), &mut dice);
    let east = world.style.east;
    if let Some(machine) = world.machine(asset) {
        // Such a machine is seldom in a domain.
        machine.domain = None;
        machine.directory = false;
        oqs_trait::put(machine, line, east, &mut dice);
    }
    talk(world, asset, line, &mut dice);
    readers(world, cast, asset, &mut dice);
    asset
}

/// A PC for claims on the same line.
fn claims(world: &mut World, way: &Way, line: Line) -> AssetNo {
    let releases = release::OTHER_TERMINALS;
    let pc = machines::terminal(world, ("pc", Role::Terminal), way.net, releases, "医事課");
    world.assets[pc].purpose = "オンライン請求".to_owned();
    if line == Line::V6 {
        let own = on_line(world, way.net, 0x3_0007);
        let nic = &mut world.assets[pc].nics[0];
        nic.addresses = own.into_iter().collect();
        nic.metric = 1;
        nic.dhcp = true;
    }
    let east = world.style.east;
    if let Some(machine) = world.machine(pc) {
        machine.domain = None;
        machine.directory = false;
        machine.resolved.push("web.rece".to_owned());
        machine.name_servers = oqs_trait::line_resolvers(line, east);
    }
    let far = match line {
        Line::V6 => IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0xb5, 0, 0, 0, 1, 1)),
        _ => IpAddr::from([100, 66, 201, 4]),
    };
    let programs = ("msedge.exe", "");
    world.talk_to(pc, End::Outside(far), 443, programs, "オンライン請求");
    pc
}

/// Talk with the service.
fn talk(world: &mut World, asset: AssetNo, line: Line, dice: &mut Dice) {
    let peers: Vec<IpAddr> = match line {
        Line::V6 => (1..4)
            .map(|n| IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0xb5, 0, 0, 0, 0, n)))
            .collect(),
        _ => (1..4).map(|n| IpAddr::from([100, 66, 200, n])).collect(),
    };
    for (n, program) in ["OQSComApp.exe", "msedge.exe", "OQSDistroApp.exe"]
        .iter()
        .enumerate()
    {
        if dice.chance(if n == 0 { 90 } else { 45 }) {
            let port = if n == 2 { 8080 } else { 443 };
            world.talk_to(
                asset,
                End::Outside(peers[n]),
                port,
                (program, ""),
                "オンライン資格確認",
            );
        }
    }
}

/// Who fetches results from the terminal: the receipt system or the records.
fn readers(world: &mut World, cast: &Cast, asset: AssetNo, dice: &mut Dice) {
    for sort in ["receipt", "ehr"] {
        let Some(reader) = cast.first(sort) else {
            continue;
        };
        if sort == "ehr" && !dice.chance(40) {
            continue;
        }
        let windows = world.assets[reader]
            .machine
            .as_ref()
            .is_some_and(|it| it.release.windows);
        let near = if windows { "System" } else { "" };
        world.talk(
            (reader, asset),
            445,
            (near, "System"),
            "資格確認結果の受け渡し",
        );
        let name = world.assets[asset].host_name.clone();
        if let Some(machine) = world.machine(reader) {
            machine.mounts.push(daicho_report::RemoteMount {
                protocol: if windows { "smb" } else { "cifs" }.to_owned(),
                server: name,
            });
        }
    }
}

/// A server that asks by Web API instead of a terminal.
fn web_api(world: &mut World, plan: &Plan, way: &Way, line: Line, dice: &mut Dice) {
    let net = plan.his_servers[0];
    let server = machines::server(world, "OQSAPI", net, Some(&release::SERVER_2022));
    world.assets[server].purpose = "オンライン資格確認 Web API 連携".to_owned();
    world.assets[server].vendor = vendor(world, "ehr");
    let api: IpAddr = if line == Line::V6 {
        // The server has a leg of its own on the line.
        plug_v6(world, server, way.net, 0x2_0001);
        IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0xb5, 0, 0, 0, 0, 9))
    } else {
        // The router has a leg in the servers' network.
        let mac = world.mac("00:a0:de");
        let leg = world.address(net, false);
        world.attach(way.router, net, Some(mac), leg);
        if let (Some(machine), Some(leg)) = (world.machine(server), leg) {
            let closed = foreign(100, 66, 200, 24);
            machine.routes.push((closed, leg.address, 0));
        }
        IpAddr::from([100, 66, 200, 9])
    };
    let east = world.style.east;
    if let Some(machine) = world.machine(server) {
        oqs_trait::put_api(machine, api, east, dice);
        machine.serve("W3SVC");
        machine.listen(443, "w3wp.exe");
    }
    let (far, programs) = (End::Outside(api), ("w3wp.exe", ""));
    world.talk_to(server, far, 443, programs, "オンライン資格確認 Web API");
    let peer = "オンライン資格確認等システム";
    let mut it = point("p-oqs-api", PointKind::OqsWebApi, server, peer);
    it.also_at.push(way.router);
    it.also.push(PointKind::EPrescription);
    it.vendor = vendor(world, "ehr");
    it.line = "オンライン資格確認の回線と同じ".to_owned();
    it.traces = vec!["サーバの名前解決・hosts・通信".to_owned()];
    world.points.push(it);
}
