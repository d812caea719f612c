//! Network devices: core, firewalls, switches, wireless, lines' ends. Comes in: a plan; goes out:
//! devices without an agent, and a gateway for every network. It places no machine with an agent.

use std::net::IpAddr;

use daicho_ledger::{PointKind, ZoneKind};
use daicho_report::Address;

use crate::plan::{Plan, Scale};
use crate::truth::Role;
use crate::world::{AssetNo, NetNo, Point, World};

/// Devices that other parts of the plan attach to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Frame {
    /// Devices that route on the HIS side, active first.
    pub core: Vec<AssetNo>,
    /// Those that route on the information side.
    pub info_core: Vec<AssetNo>,
    /// Firewalls before the Internet, active first.
    pub firewalls: Vec<AssetNo>,
    /// End of the main line.
    pub onu: Option<AssetNo>,
    /// Routers between sites.
    pub between: Vec<AssetNo>,
    /// Switches of floors.
    pub switches: Vec<AssetNo>,
}

/// Builds them.
pub(crate) fn build(world: &mut World, plan: &Plan) -> Frame {
    let mut frame = Frame::default();
    let scale = Scale::of(world.size);
    firewalls(world, plan, scale, &mut frame);
    cores(world, scale, &mut frame);
    gateways(world, plan, &mut frame);
    sites(world, plan, &mut frame);
    internet(world, &frame);
    switches(world, plan, &mut frame);
    frame
}

/// Adds a device without an agent.
pub(crate) fn device(
    world: &mut World,
    (kind, role): (&str, Role),
    zone: ZoneKind,
    (maker, model): (&'static str, &str),
    purpose: &str,
) -> AssetNo {
    let asset = world.asset(kind, role, zone);
    let it = &mut world.assets[asset];
    it.maker = maker;
    it.model = model.to_owned();
    it.purpose = purpose.to_owned();
    it.host_name = it.id.clone();
    it.department = "医療情報室";
    it.place = "本院 サーバ室".to_owned();
    asset
}

fn firewalls(world: &mut World, plan: &Plan, scale: Scale, frame: &mut Frame) {
    let (maker, oui) = world.style.firewall;
    let mut dice = world.dice("firewalls");
    let pair = scale != Scale::Small || (world.size >= 50 && dice.chance(40));
    let outer = plan.outer[0];
    let public = Address {
        address: IpAddr::from([203, 0, 113, u8::try_from(dice.between(2, 240)).unwrap_or(2)]),
        prefix: 32,
    };
    for n in 0..=usize::from(pair) {
        let asset = device(
            world,
            ("fw", Role::Firewall),
            ZoneKind::Dmz,
            (maker, "UTM"),
            "インターネットとの境界",
        );
        let mac = world.mac(oui);
        let nic = world.attach(asset, outer, Some(mac), (n == 0).then_some(public));
        world.assets[asset].nics[nic].name = "wan1".to_owned();
        world.assets[asset].vendor = vendor(world, "network");
        frame.firewalls.push(asset);
    }
    if let [active, standby] = frame.firewalls[..] {
        world.assets[active].pair = Some(standby);
        world.assets[standby].pair = Some(active);
    }
    let onu = device(
        world,
        ("onu", Role::LineTerminal),
        ZoneKind::Dmz,
        ("NTT", "GE-PON ONU"),
        "光回線の終端",
    );
    world.attach(onu, outer, None, None);
    frame.onu = Some(onu);
}

/// The number of the vendor of this trade.
pub(crate) fn vendor(world: &World, trade: &str) -> Option<usize> {
    world.vendors.iter().position(|it| it.trade == trade)
}

fn cores(world: &mut World, scale: Scale, frame: &mut Frame) {
    let (maker, _) = world.style.switch;
    let mut dice = world.dice("cores");
    // In small hospitals the firewall routes everything.
    if scale == Scale::Small && !world.style.split && dice.chance(50) {
        frame.core.clone_from(&frame.firewalls);
        frame.info_core.clone_from(&frame.firewalls);
        return;
    }
    let pair = scale != Scale::Small;
    for _ in 0..=usize::from(pair) {
        let asset = device(
            world,
            ("core", Role::Switch),
            ZoneKind::Management,
            (maker, "L3スイッチ"),
            "コアスイッチ",
        );
        world.assets[asset].vendor = vendor(world, "network");
        frame.core.push(asset);
    }
    if let [one, other] = frame.core[..] {
        world.assets[one].pair = Some(other);
        world.assets[other].pair = Some(one);
    }
    frame.info_core = if world.style.split {
        frame.firewalls.clone()
    } else {
        frame.core.clone()
    };
}

/// Gives every network of the hospital's own its gateway.
fn gateways(world: &mut World, plan: &Plan, frame: &mut Frame) {
    let (_, switch) = world.style.switch;
    let (_, firewall) = world.style.firewall;
    let macs: Vec<(String, String)> = (0..2)
        .map(|_| (world.mac(switch), world.mac(firewall)))
        .collect();
    for net in 0..world.nets.len() {
        if plan.outer.contains(&net) || world.nets[net].site != 0 {
            continue;
        }
        let zone = world.nets[net].zone;
        let behind_firewall = matches!(zone, ZoneKind::Dmz | ZoneKind::Guest);
        let owners = match zone {
            _ if behind_firewall => frame.firewalls.clone(),
            ZoneKind::Information => frame.info_core.clone(),
            _ => frame.core.clone(),
        };
        let is_firewall = owners == frame.firewalls;
        let pick = |n: usize| {
            let (switch, firewall) = &macs[n];
            if is_firewall {
                firewall.clone()
            } else {
                switch.clone()
            }
        };
        let own_macs = [pick(0), pick(1)];
        answer(world, net, &owners, &own_macs, is_firewall);
    }
    // A transit network joins firewall and core.
    if frame.core != frame.firewalls && !world.style.split {
        let range = world.range(29);
        let net = world.net(
            "transit",
            ZoneKind::Management,
            "本院 サーバ室",
            Some(range),
        );
        for (n, asset) in frame.core.iter().chain(&frame.firewalls).enumerate() {
            let number = u32::try_from(n + 1).unwrap_or(1);
            let address = world.fixed(net, number);
            let mac = if frame.core.contains(asset) {
                &macs[0].0
            } else {
                &macs[0].1
            };
            let mac = Some(mac.clone());
            world.attach(*asset, net, mac, address);
        }
    }
}

/// Lets these devices answer as the gateway of a network.
fn answer(
    world: &mut World,
    net: NetNo,
    owners: &[AssetNo],
    macs: &[String; 2],
    is_firewall: bool,
) {
    let number = world.gateway_number(net);
    let Some(address) = world.fixed(net, number) else {
        return;
    };
    let vlan = world.nets[net].vlan.unwrap_or(1);
    let name = if is_firewall {
        format!("vlan{vlan}")
    } else {
        format!("Vlan{vlan}")
    };
    let vrrp = world.style.vrrp && !is_firewall && owners.len() > 1;
    let mut mac = macs[0].clone();
    for (n, owner) in owners.iter().enumerate() {
        let own = if vrrp {
            let beside = u32::try_from(n + 1).unwrap_or(1);
            let own = if world.style.gateway_first {
                number + beside
            } else {
                number - beside
            };
            world.fixed(net, own)
        } else if n == 0 {
            Some(address)
        } else {
            // The other of a stack or cluster has no address of its own.
            continue;
        };
        let own_mac = macs[n.min(1)].clone();
        let nic = world.attach(*owner, net, Some(own_mac), own);
        world.assets[*owner].nics[nic].name = name.clone();
    }
    if vrrp {
        // VRRP numbers are used again in every VLAN.
        mac = format!("00:00:5e:00:01:{:02x}", 1 + net % 3);
        if let Some(first) = owners.first() {
            let nic = world.attach(*first, net, Some(mac.clone()), Some(address));
            world.assets[*first].nics[nic].name = format!("{name} VRRP");
        }
    }
    world.nets[net].gateway = owners.first().copied();
    world.nets[net].hop = Some((address.address, mac));
}

/// Routers between sites, and the closed line.
fn sites(world: &mut World, plan: &Plan, frame: &mut Frame) {
    if world.sites.len() < 2 {
        return;
    }
    let (maker, oui) = world.style.switch;
    let line = world.net(
        "closed-line",
        ZoneKind::Dmz,
        "拠点間閉域網",
        Some(crate::plan::foreign(172, 31, 255, 28)),
    );
    for site in 0..world.sites.len() {
        let router = device(
            world,
            ("site-router", Role::Router),
            ZoneKind::Dmz,
            (maker, "拠点ルータ"),
            "拠点間の閉域回線",
        );
        world.assets[router].place = format!("{} MDF室", world.sites[site]);
        world.assets[router].vendor = vendor(world, "network");
        let mac = world.mac(oui);
        let address = world.fixed(line, u32::try_from(site + 1).unwrap_or(1));
        world.attach(router, line, Some(mac.clone()), address);
        if site == 0 {
            if let Some(net) = plan.management.first() {
                let mac = world.mac(oui);
                let address = world.address(*net, false);
                world.attach(router, *net, Some(mac), address);
            }
        } else {
            let own = world.mac(oui);
            for net in 0..world.nets.len() {
                if world.nets[net].site == site {
                    answer(world, net, &[router], &[own.clone(), own.clone()], false);
                }
            }
        }
        frame.between.push(router);
    }
    world.points.push(Point {
        id: "p-between-sites".to_owned(),
        kind: PointKind::Other,
        also: Vec::new(),
        asset: frame.between[0],
        also_at: frame.between[1..].to_vec(),
        peer: format!("拠点間閉域網（{}）", world.sites[1..].join("・")),
        peer_networks: Vec::new(),
        line: "広域イーサネット".to_owned(),
        vendor: vendor(world, "network"),
        system: None,
        traces: vec!["拠点の機器からサーバ室のサーバへの通信".to_owned()],
        always_on: true,
        forgotten: false,
        hand: None,
    });
}

/// The way to the Internet.
fn internet(world: &mut World, frame: &Frame) {
    let Some(first) = frame.firewalls.first().copied() else {
        return;
    };
    let mut also_at: Vec<AssetNo> = frame.firewalls[1..].to_vec();
    also_at.extend(frame.onu);
    // What machines see of it is the gateway before it.
    also_at.extend(
        frame
            .info_core
            .iter()
            .filter(|it| !frame.firewalls.contains(it)),
    );
    world.points.push(Point {
        id: "p-internet".to_owned(),
        kind: PointKind::Internet,
        also: Vec::new(),
        asset: first,
        also_at,
        peer: "インターネット".to_owned(),
        peer_networks: Vec::new(),
        line: "光回線（プロバイダ接続）".to_owned(),
        vendor: vendor(world, "network"),
        system: None,
        traces: vec!["情報系の端末から公開アドレスへの通信と既定経路".to_owned()],
        always_on: true,
        forgotten: false,
        hand: None,
    });
}

/// Switches of the floors, and access points.
fn switches(world: &mut World, plan: &Plan, frame: &mut Frame) {
    let (maker, oui) = world.style.switch;
    let count = (world.size / 45).max(2);
    let net = plan
        .management
        .first()
        .or(plan.his_servers.first())
        .copied();
    let uplink = frame.core.first().copied();
    for n in 0..count {
        let asset = device(
            world,
            ("sw", Role::Switch),
            ZoneKind::Management,
            (maker, "L2スイッチ"),
            "フロアスイッチ",
        );
        let floor = n % 6 + 1;
        world.assets[asset].place = format!("本院 {floor}階 EPS");
        world.assets[asset].uplink = uplink;
        if let Some(net) = net {
            let mac = world.mac(oui);
            let address = world.address(net, false);
            world.attach(asset, net, Some(mac), address);
        }
        frame.switches.push(asset);
    }
    let points = if world.size < 60 { 1 } else { world.size / 60 };
    let nets: Vec<NetNo> = plan
        .guest
        .iter()
        .chain(&plan.info_floors)
        .copied()
        .collect();
    for n in 0..points {
        let asset = device(
            world,
            ("ap", Role::AccessPoint),
            ZoneKind::Guest,
            ("HPE Aruba", "AP-505"),
            "無線LANアクセスポイント",
        );
        world.assets[asset].place = format!("本院 {}階 廊下", n % 6 + 1);
        world.assets[asset].uplink = frame.switches.get(n % count).copied();
        let net = nets[n % nets.len()];
        world.assets[asset].zone = world.nets[net].zone;
        let mac = world.mac("94:b4:0f");
        let address = world.address(net, false);
        world.attach(asset, net, Some(mac), address);
    }
}
