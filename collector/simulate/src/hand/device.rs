//! Devices without an agent, as staff write them down. Comes in: the hospital; goes out: entries of
//! some of them, two of which contradict each other, and one of which is of the wrong kind.

use daicho_ledger::ZoneKind;
use daicho_ledger::hand::{DeviceKind, EntryBody, HandDevice, HandInterface};

use super::Rows;
use crate::dice::{Dice, SERIAL};
use crate::names::LABEL;
use crate::truth::Role;
use crate::world::{AssetNo, World};

/// How many of a hundred of such devices are in the list.
fn kept(role: Role) -> usize {
    match role {
        Role::Firewall => 96,
        Role::Router => 85,
        Role::VpnBox => 68,
        Role::LineTerminal => 70,
        Role::Storage => 65,
        Role::Switch => 50,
        Role::AccessPoint => 35,
        Role::MedicalDevice => 22,
        Role::Printer => 10,
        _ => 4,
    }
}

fn kind(world: &World, asset: AssetNo) -> DeviceKind {
    match world.assets[asset].role {
        Role::Firewall => DeviceKind::Firewall,
        Role::VpnBox => DeviceKind::Vpn,
        Role::Router => DeviceKind::Router,
        Role::Switch if world.assets[asset].model.contains("L3") => DeviceKind::CoreSwitch,
        Role::Switch => DeviceKind::Switch,
        Role::AccessPoint => DeviceKind::Wireless,
        Role::LineTerminal => DeviceKind::LineTerminal,
        Role::MobileRouter => DeviceKind::MobileRouter,
        Role::MedicalDevice => DeviceKind::MedicalDevice,
        Role::Printer => DeviceKind::Printer,
        Role::Storage => DeviceKind::Storage,
        Role::Server => DeviceKind::Server,
        Role::Terminal | Role::OqsTerminal => DeviceKind::Terminal,
        Role::Other => DeviceKind::Other,
    }
}

pub(super) fn devices(world: &mut World, dice: &mut Dice) -> Rows {
    let forgotten: Vec<AssetNo> = world
        .points
        .iter()
        .filter(|it| it.forgotten)
        .map(|it| it.asset)
        .collect();
    let core = |it: &AssetNo| {
        world.assets[*it].model.contains("L3") || world.assets[*it].id.starts_with("site-router")
    };
    let chosen: Vec<AssetNo> = (0..world.assets.len())
        .filter(|it| world.assets[*it].machine.is_none() && !forgotten.contains(it))
        .filter(|it| core(it) || dice.chance(kept(world.assets[*it].role)))
        .collect();
    for asset in &chosen {
        world.assets[*asset].hand = Some(format!("h-{}", world.assets[*asset].id));
    }
    let mut rows: Vec<(String, HandDevice)> = Vec::new();
    for asset in &chosen {
        let key = world.assets[*asset].hand.clone().unwrap_or_default();
        rows.push((key, device(world, *asset, dice)));
    }
    wrong(world, &mut rows, dice);
    rows.into_iter()
        .map(|(key, it)| (key, EntryBody::Device(it)))
        .collect()
}

fn device(world: &World, asset: AssetNo, dice: &mut Dice) -> HandDevice {
    let it = &world.assets[asset];
    let hand = |other: Option<AssetNo>| other.and_then(|it| world.assets[it].hand.clone());
    let mut interfaces: Vec<HandInterface> = it
        .nics
        .iter()
        .map(|nic| HandInterface {
            name: nic.name.clone(),
            mac: nic.mac.clone().filter(|_| dice.chance(55)),
            address: nic.addresses.first().copied(),
            beside: None,
            linked_to: None,
        })
        .collect();
    if let Some(first) = interfaces.first_mut() {
        first.linked_to = hand(it.uplink);
    }
    // What leads outside is seldom written down with its address.
    interfaces.retain(|it| it.address.is_some() || it.mac.is_some() || it.linked_to.is_some());
    let zone = Some(it.zone).filter(|_| dice.chance(55));
    HandDevice {
        name: called(world, asset),
        kind: kind(world, asset),
        interfaces,
        maker: it.maker.to_owned(),
        model: it.model.clone(),
        serial: if dice.chance(60) {
            dice.text(9, SERIAL)
        } else {
            String::new()
        },
        firmware: if dice.chance(30) {
            format!(
                "{}.{}.{}",
                dice.between(6, 16),
                dice.below(9),
                dice.below(20)
            )
        } else {
            String::new()
        },
        place: it.place.clone(),
        purpose: it.purpose.clone(),
        department: it.department.to_owned(),
        owner: if it.role == Role::VpnBox {
            "事業者"
        } else {
            "病院"
        }
        .to_owned(),
        vendor: it.vendor.map(|it| world.vendors[it].key.clone()),
        system: None,
        zone: zone.filter(|it| *it != ZoneKind::Unknown),
        pair: hand(it.pair),
        note: LABEL.to_owned(),
    }
}

/// What people call a device: its use, with a number where there are several.
fn called(world: &World, asset: AssetNo) -> String {
    let it = &world.assets[asset];
    let alike = world
        .assets
        .iter()
        .filter(|other| other.purpose == it.purpose);
    let place = alike.clone().position(|other| other.id == it.id);
    match (alike.count(), place) {
        (2.., Some(n)) => format!("{} {}", it.purpose, n + 1),
        _ => it.purpose.clone(),
    }
}

/// Two entries claim one address, and one says that a VPN box is a router.
fn wrong(world: &mut World, rows: &mut [(String, HandDevice)], dice: &mut Dice) {
    let with_address =
        |it: &(String, HandDevice)| it.1.interfaces.iter().any(|it| it.address.is_some());
    let quiet = |kind: DeviceKind| {
        matches!(
            kind,
            DeviceKind::Printer
                | DeviceKind::MedicalDevice
                | DeviceKind::Switch
                | DeviceKind::Storage
                | DeviceKind::Wireless
        )
    };
    let fits: Vec<usize> = (0..rows.len())
        .filter(|it| with_address(&rows[*it]) && quiet(rows[*it].1.kind))
        .collect();
    if let [one, .., other] = fits[..] {
        let address = rows[one].1.interfaces.iter().find_map(|it| it.address);
        let copied: Vec<HandInterface> = vec![HandInterface {
            name: "LAN".to_owned(),
            address,
            ..HandInterface::default()
        }];
        rows[other].1.interfaces = copied;
        world.traps.push(format!(
            "手入力の矛盾（{} と {} が同じアドレス）",
            rows[one].0, rows[other].0
        ));
    }
    let boxes: Vec<usize> = (0..rows.len())
        .filter(|it| rows[*it].1.kind == DeviceKind::Vpn)
        .collect();
    if !boxes.is_empty() && dice.chance(60) {
        let n = *dice.pick(&boxes);
        rows[n].1.kind = DeviceKind::Router;
        world.traps.push(format!(
            "種別の誤り（{} はVPN装置だがルータと書かれている）",
            rows[n].0
        ));
    }
}
