//! オンライン資格確認: the terminal with its line, and the server that asks by Web API. Comes in: the
//! plan; goes out: terminal, router, line, and who reads the terminal's folders. The traits of the
//! terminal itself stand in `oqs_trait`.

use std::net::{IpAddr, Ipv6Addr};

use daicho_ledger::{PointKind, ZoneKind};
use daicho_report::{Address, InterfaceKind, Vpn, VpnGrade};

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
struct Way {
    net: NetNo,
    router: Option<AssetNo>,
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
    it.also_at.extend(way.router);
    it.also_at.extend(way.onu);
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
    match line {
        Line::V6 => {
            let prefix = Ipv6Addr::new(
                0x2001,
                0xdb8,
                0x4000 + u16::from(dice.byte()),
                u16::from(dice.byte()) << 8,
                0,
                0,
                0,
                0,
            );
            world.nets[net].range6 = Some(Address {
                address: prefix.into(),
                prefix: 64,
            });
            let own = Address {
                address: within_v6(prefix, 1),
                prefix: 64,
            };
            world.attach(router, net, Some(mac.clone()), Some(own));
            world.nets[net].hop = Some((own.address, mac));
        }
        Line::Pppoe | Line::Ipsec => {
            let third = u8::try_from(dice.between(200, 229)).unwrap_or(220);
            let range = foreign(192, 168, third, 24);
            world.nets[net].range = Some(range);
            let own = world.fixed(net, 1);
            world.attach(router, net, Some(mac.clone()), own);
            world.nets[net].hop = own.map(|it| (it.address, mac));
        }
    }
    world.nets[net].gateway = Some(router);
    Way {
        net,
        router: Some(router),
        onu,
    }
}

fn within_v6(prefix: Ipv6Addr, n: u128) -> IpAddr {
    IpAddr::V6((u128::from(prefix) + n).into())
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

/// Two interfaces: one to the line, one to the hospital.
fn attach(
    world: &mut World,
    asset: AssetNo,
    plan: &Plan,
    (way, line): (&Way, Line),
    dice: &mut Dice,
) {
    let inner = if dice.chance(65) {
        plan.his_servers[0]
    } else {
        plan.info_floors[0]
    };
    match line {
        Line::V6 => {
            let outer = machines::plug(world, asset, way.net);
            let count = u128::from(dice.byte()) + 0x1_0000;
            if let Some(Address {
                address: IpAddr::V6(prefix),
                ..
            }) = world.nets[way.net].range6
            {
                let own = Address {
                    address: within_v6(prefix, count),
                    prefix: 64,
                };
                let nic = &mut world.assets[asset].nics[outer];
                nic.addresses = vec![own];
                nic.metric = 1;
                nic.dhcp = true;
            }
        }
        Line::Pppoe if dice.chance(50) => {
            // The terminal dials in itself.
            let net = world.net(
                "oqs-dial",
                ZoneKind::Dmz,
                "本院 医事課",
                Some(foreign(100, 64, 12, 24)),
            );
            let third = u32::from(dice.byte().clamp(2, 250));
            let own = world
                .fixed(net, third)
                .map(|it| Address { prefix: 32, ..it });
            let nic = world.attach(asset, net, None, own);
            let it = &mut world.assets[asset].nics[nic];
            it.kind = InterfaceKind::Ppp;
            it.name = "オンライン資格確認".to_owned();
            it.driver = "WAN Miniport (PPPOE)";
            it.metric = 26;
        }
        Line::Ipsec if dice.chance(55) => ipsec_client(world, asset, dice),
        Line::Pppoe | Line::Ipsec => {
            machines::plug(world, asset, way.net);
        }
    }
    let inner = machines::plug(world, asset, inner);
    let renamed = dice.chance(55);
    let names = [("オン資用", 0), ("連携用", inner)];
    for (name, nic) in names {
        let nic = &mut world.assets[asset].nics[nic];
        if renamed && nic.kind == InterfaceKind::Ethernet {
            nic.name = name.to_owned();
        }
    }
    // The hospital's side has a gateway only where somebody reaches it from other networks.
    let nic = &mut world.assets[asset].nics[inner];
    nic.default = line == Line::V6 && dice.chance(60);
    let default = nic.default;
    if !default {
        inside_route(world, asset, inner);
    }
}

/// A route of its own to the hospital's ranges, where the default route leads elsewhere.
pub(super) fn inside_route(world: &mut World, asset: AssetNo, nic: usize) {
    let net = world.assets[asset].nics[nic].net;
    let base = crate::plan::whole(world);
    let Some(hop) = world.nets[net].hop.as_ref().map(|it| it.0) else {
        return;
    };
    if let Some(machine) = world.machine(asset) {
        machine.routes.push((base, hop, nic));
    }
}

/// A VPN of the terminal's own over the ordinary line.
fn ipsec_client(world: &mut World, asset: AssetNo, dice: &mut Dice) {
    let net = match world.net_named("oqs-vpn") {
        Some(net) => net,
        None => world.net(
            "oqs-vpn",
            ZoneKind::Dmz,
            "IPsec+IKE",
            Some(foreign(10, 254, 33, 24)),
        ),
    };
    let own = world
        .address(net, false)
        .map(|it| Address { prefix: 32, ..it });
    let nic = world.attach(asset, net, None, own);
    let it = &mut world.assets[asset].nics[nic];
    it.kind = InterfaceKind::Vpn;
    it.name = "IPsec VPN".to_owned();
    it.driver = "IPsec Virtual Adapter";
    it.metric = u32::from(dice.byte() % 20) + 5;
    if let Some(machine) = world.machine(asset) {
        machine.vpns.push(Vpn {
            grade: VpnGrade::Probable,
            product: None,
            interface: Some("IPsec VPN".to_owned()),
            up: true,
            witnesses: Vec::new(),
        });
        machine.wait(daicho_report::Protocol::Udp, 500, "svchost.exe");
        machine.wait(daicho_report::Protocol::Udp, 4500, "svchost.exe");
    }
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
    let Some(router) = way.router else { return };
    // The router has a leg in the servers' network.
    let mac = world.mac("00:a0:de");
    let leg = world.address(net, false);
    world.attach(router, net, Some(mac), leg);
    let east = world.style.east;
    let closed = match line {
        Line::V6 => None,
        _ => Some(foreign(100, 66, 200, 24)),
    };
    let api: IpAddr = match line {
        Line::V6 => {
            // The server has a leg of its own on the line.
            let nic = machines::plug(world, server, way.net);
            if let Some(Address {
                address: IpAddr::V6(prefix),
                ..
            }) = world.nets[way.net].range6
            {
                let own = Address {
                    address: within_v6(prefix, 0x2_0001),
                    prefix: 64,
                };
                let it = &mut world.assets[server].nics[nic];
                it.addresses = vec![own];
                it.default = true;
                it.dhcp = true;
            }
            IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0xb5, 0, 0, 0, 0, 9))
        }
        _ => IpAddr::from([100, 66, 200, 9]),
    };
    if let Some(machine) = world.machine(server) {
        oqs_trait::put_api(machine, api, east, dice);
        machine.serve("W3SVC");
        machine.listen(443, "w3wp.exe");
        if let (Some(closed), Some(leg)) = (closed, leg) {
            machine.routes.push((closed, leg.address, 0));
        }
    }
    world.talk_to(
        server,
        End::Outside(api),
        443,
        ("w3wp.exe", ""),
        "オンライン資格確認 Web API",
    );
    let mut it = point(
        "p-oqs-api",
        PointKind::OqsWebApi,
        server,
        "オンライン資格確認等システム",
    );
    it.also_at.push(router);
    it.also.push(PointKind::EPrescription);
    it.vendor = vendor(world, "ehr");
    it.line = "オンライン資格確認の回線と同じ".to_owned();
    it.traces = vec!["サーバの名前解決・hosts・通信".to_owned()];
    world.points.push(it);
}
