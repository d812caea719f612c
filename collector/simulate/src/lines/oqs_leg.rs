//! Legs of an オンライン資格確認 terminal: one on the line, one in the hospital. Comes in: the line; goes
//! out: interfaces and routes, as installers set them.

use std::net::IpAddr;

use daicho_ledger::ZoneKind;
use daicho_report::{Address, InterfaceKind, Vpn, VpnGrade};

use super::oqs::Way;
use super::oqs_trait::Line;
use crate::dice::Dice;
use crate::machines;
use crate::plan::{Plan, foreign};
use crate::world::{AssetNo, NetNo, World};

/// An address of an IPv6 line.
pub(super) fn on_line(world: &World, net: NetNo, n: u128) -> Option<Address> {
    match world.nets[net].range6?.address {
        IpAddr::V6(prefix) => Some(Address {
            address: IpAddr::V6((u128::from(prefix) + n).into()),
            prefix: 64,
        }),
        IpAddr::V4(_) => None,
    }
}

/// Gives a machine a leg on an IPv6 line.
pub(super) fn plug_v6(world: &mut World, asset: AssetNo, net: NetNo, n: u128) {
    let nic = machines::plug(world, asset, net);
    let own = on_line(world, net, n);
    let it = &mut world.assets[asset].nics[nic];
    it.addresses = own.into_iter().collect();
    it.default = true;
    it.dhcp = true;
    it.metric = 1;
}

/// Two interfaces: one to the line, one to the hospital.
pub(super) fn attach(
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
            let n = u128::from(dice.byte()) + 0x1_0000;
            plug_v6(world, asset, way.net, n);
        }
        Line::Pppoe if dice.chance(50) => dial_in(world, asset, dice),
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

/// The terminal dials in itself.
fn dial_in(world: &mut World, asset: AssetNo, dice: &mut Dice) {
    let net = match world.net_named("oqs-dial") {
        Some(net) => net,
        None => {
            let range = Some(foreign(100, 64, 12, 24));
            world.net("oqs-dial", ZoneKind::Dmz, "本院 医事課", range)
        }
    };
    let own = world.address(net, false);
    let own = own.map(|it| Address { prefix: 32, ..it });
    let nic = world.attach(asset, net, None, own);
    let it = &mut world.assets[asset].nics[nic];
    it.kind = InterfaceKind::Ppp;
    it.name = "オンライン資格確認".to_owned();
    it.driver = "WAN Miniport (PPPOE)";
    it.metric = u32::from(dice.byte() % 10) + 21;
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
            server: None,
            witnesses: Vec::new(),
        });
        machine.wait(daicho_report::Protocol::Udp, 500, "svchost.exe");
        machine.wait(daicho_report::Protocol::Udp, 4500, "svchost.exe");
    }
}
