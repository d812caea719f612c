//! The plan of a hospital's networks. Comes in: seed and size; goes out: sites, networks and ranges,
//! as one hospital would have them. It places no machine.

use std::net::{IpAddr, Ipv4Addr};

use daicho_ledger::ZoneKind;
use daicho_report::{Address, Time};

use crate::dice::Dice;
use crate::names;
use crate::world::{NetNo, Style, World};

/// Networks by use. One network may serve several uses; an empty list: the hospital has none.
#[derive(Debug, Clone, Default)]
pub(crate) struct Plan {
    pub his_servers: Vec<NetNo>,
    pub his_floors: Vec<NetNo>,
    pub info_servers: Vec<NetNo>,
    pub info_floors: Vec<NetNo>,
    pub imaging: Vec<NetNo>,
    pub lab: Vec<NetNo>,
    pub pharmacy: Vec<NetNo>,
    pub monitors: Vec<NetNo>,
    pub nurse_call: Vec<NetNo>,
    pub modalities: Vec<NetNo>,
    pub management: Vec<NetNo>,
    pub dmz: Vec<NetNo>,
    pub guest: Vec<NetNo>,
    /// Between firewall and line.
    pub outer: Vec<NetNo>,
}

/// How large a hospital is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Scale {
    /// One floor or two, somebody looks after the PCs besides other work.
    Small,
    /// Several floors.
    Medium,
    /// Several sites.
    Large,
}

impl Scale {
    /// By the number of assets.
    pub(crate) fn of(assets: usize) -> Self {
        match assets {
            0..=179 => Self::Small,
            180..=1_199 => Self::Medium,
            _ => Self::Large,
        }
    }
}

const SWITCHES: &[(&str, &str)] = &[
    ("Cisco", "00:1b:0d"),
    ("アライドテレシス", "00:00:f4"),
    ("APRESIA", "00:40:66"),
    ("HPE Aruba", "94:3f:c2"),
];
const FIREWALLS: &[(&str, &str)] = &[
    ("Fortinet", "00:09:0f"),
    ("Palo Alto Networks", "00:1b:17"),
    ("SonicWall", "00:17:c5"),
    ("Check Point", "00:1c:7f"),
];
const PREFIXES: &[&str] = &["MH", "SGH", "HP", "KC", "TB", "NM"];

/// Draws the habits.
pub(crate) fn style(seed: u64, assets: usize) -> Style {
    let mut dice = Dice::of(seed, "style");
    let scale = Scale::of(assets);
    let base = base(scale, &mut dice);
    let prefix = (*dice.pick(PREFIXES)).to_owned();
    let domains = [
        "his.local".to_owned(),
        "hospital.local".to_owned(),
        format!("{}.local", prefix.to_ascii_lowercase()),
        format!("karte.{}.example.jp", prefix.to_ascii_lowercase()),
    ];
    let joined = scale != Scale::Small || dice.chance(35);
    let info_joined = scale != Scale::Small && dice.chance(75);
    Style {
        base,
        gateway_first: dice.chance(45),
        host_names: dice.below(6),
        his_domain: joined.then(|| dice.pick(&domains).clone()),
        info_domain: info_joined.then(|| format!("oa.{}.example.jp", prefix.to_ascii_lowercase())),
        prefix,
        switch: *dice.pick(SWITCHES),
        firewall: *dice.pick(FIREWALLS),
        pcs: vec![dice.below(6), dice.below(6), dice.below(6)],
        antivirus: (dice.below(4), dice.below(5)),
        east: dice.chance(55),
        administrator: (*dice.pick(&["admin", "hosp-admin", "kanri", "sysadmin", "mainte"]))
            .to_owned(),
        one_administrator: Dice::of(seed, "one administrator").chance(60),
        virtual_servers: scale != Scale::Small && dice.chance(70),
        vrrp: scale == Scale::Large && dice.chance(60) || scale == Scale::Medium && dice.chance(35),
        split: dice.chance(match scale {
            Scale::Small => 35,
            Scale::Medium => 45,
            Scale::Large => 20,
        }),
    }
}

fn base(scale: Scale, dice: &mut Dice) -> Ipv4Addr {
    let octet = |low: usize, high: usize, dice: &mut Dice| {
        u8::try_from(dice.between(low, high)).unwrap_or(1)
    };
    match (dice.below(3), scale) {
        (0, _) => Ipv4Addr::new(10, octet(1, 200, dice), 0, 0),
        (1, _) => Ipv4Addr::new(172, octet(16, 30, dice), 0, 0),
        // The first ones are for vendors and home routers.
        (_, Scale::Small) => Ipv4Addr::new(192, 168, octet(10, 120, dice), 0),
        (_, Scale::Medium) => Ipv4Addr::new(192, 168, octet(30, 100, dice), 0),
        (_, Scale::Large) => Ipv4Addr::new(10, octet(1, 200, dice), 0, 0),
    }
}

/// Seeds and sizes: an empty world with its networks.
pub(crate) fn world(seed: u64, size: usize, times: (Time, Time)) -> (World, Plan) {
    let mut world = World::new(seed, size, times, style(seed, size));
    let mut dice = world.dice("plan");
    world.name = names::hospital(&mut dice);
    for (n, (trade, name)) in names::vendors().enumerate() {
        world.vendors.push(crate::world::VendorRow {
            key: format!("v-{trade}"),
            name: name.to_owned(),
            phone: format!("000-0000-{:04}（模擬）", n + 1),
            trade,
        });
    }
    world.sites.push("本院".to_owned());
    let plan = match Scale::of(size) {
        Scale::Small => small(&mut world, &mut dice),
        scale => large(&mut world, &mut dice, scale),
    };
    (world, plan)
}

/// Adds a network of the hospital's own range.
fn own(world: &mut World, id: &str, zone: ZoneKind, place: &str, prefix: u8) -> NetNo {
    let range = world.range(prefix);
    let n = world.nets.len();
    let net = world.net(id, zone, place, Some(range));
    let vlan = 10 + u16::try_from(n).unwrap_or(0) * 10;
    world.nets[net].vlan = Some(vlan);
    net
}

fn small(world: &mut World, dice: &mut Dice) -> Plan {
    let mut plan = Plan::default();
    let his = own(world, "his", ZoneKind::His, "本院", 24);
    plan.his_servers.push(his);
    plan.his_floors.push(his);
    if dice.chance(30) {
        world.skip(u32::try_from(dice.between(1, 9)).unwrap_or(1));
    }
    let info = own(world, "info", ZoneKind::Information, "本院", 24);
    world.nets[info].dhcp = dice.chance(70);
    plan.info_servers.push(info);
    plan.info_floors.push(info);
    let department = if dice.chance(45) {
        let prefix = *dice.pick(&[24, 25, 26]);
        own(world, "bumon", ZoneKind::Department, "本院", prefix)
    } else {
        his
    };
    plan.imaging.push(department);
    plan.lab.push(department);
    plan.pharmacy.push(department);
    plan.modalities.push(if dice.chance(40) {
        own(world, "modality", ZoneKind::MedicalDevice, "本院", 26)
    } else {
        department
    });
    if dice.chance(35) {
        let guest = own(world, "guest", ZoneKind::Guest, "本院", 24);
        world.nets[guest].dhcp = true;
        plan.guest.push(guest);
    }
    plan.outer
        .push(world.net("outer", ZoneKind::Dmz, "本院", None));
    plan
}

fn large(world: &mut World, dice: &mut Dice, scale: Scale) -> Plan {
    let mut plan = Plan::default();
    let server_prefix = *dice.pick(&[24, 24, 25, 26]);
    let floor_prefix = *dice.pick(&[24, 24, 23, 22]);
    let main = "本院 サーバ室";
    let his = own(world, "his-srv", ZoneKind::His, main, server_prefix);
    plan.his_servers.push(his);
    floors(world, dice, &mut plan, floor_prefix);
    world.skip(u32::try_from(dice.between(0, 6)).unwrap_or(0));
    departments(world, dice, &mut plan);
    world.skip(u32::try_from(dice.between(0, 6)).unwrap_or(0));
    let servers = own(
        world,
        "info-srv",
        ZoneKind::Information,
        main,
        server_prefix,
    );
    plan.info_servers.push(servers);
    let management = own(
        world,
        "mgmt",
        ZoneKind::Management,
        main,
        roomy(world, 24, 40),
    );
    plan.management.push(management);
    plan.dmz.push(own(world, "dmz", ZoneKind::Dmz, main, 27));
    let guest = own(world, "guest", ZoneKind::Guest, "本院", 23);
    world.nets[guest].dhcp = true;
    plan.guest.push(guest);
    plan.outer
        .push(world.net("outer", ZoneKind::Dmz, main, None));
    if scale == Scale::Large {
        sites(world, dice, &mut plan, floor_prefix);
    }
    plan
}

/// The usual length of a prefix, or a shorter one where so many of a thousand assets would not fit.
fn roomy(world: &World, usual: u8, per_thousand: usize) -> u8 {
    let wanted = world.size * per_thousand / 1_000 + 20;
    let fits = |prefix: &u8| (1_usize << (32 - u32::from(*prefix))) > wanted;
    (16..=usual).rev().find(fits).unwrap_or(16)
}

/// Networks of departments and of what measures.
fn departments(world: &mut World, dice: &mut Dice, plan: &mut Plan) {
    use ZoneKind::{Department, MedicalDevice};
    let prefix = roomy(world, 24, 30);
    let radiology = "本院 1階 放射線科";
    plan.imaging
        .push(own(world, "imaging", Department, radiology, prefix));
    let apart = dice.chance(50);
    let prefix = roomy(world, 25, if apart { 60 } else { 90 });
    let lab = own(world, "lab", Department, "本院 1階 検査科", prefix);
    plan.lab.push(lab);
    plan.pharmacy.push(if apart {
        let prefix = roomy(world, 26, 35);
        own(world, "pharmacy", Department, "本院 1階 薬剤部", prefix)
    } else {
        lab
    });
    let prefix = roomy(world, 24, 80);
    let modality = own(world, "modality", MedicalDevice, "本院 1階", prefix);
    plan.modalities.push(modality);
    let prefix = roomy(world, 24, 100);
    let monitors = own(world, "monitor", MedicalDevice, "本院 病棟", prefix);
    plan.monitors.push(monitors);
    plan.nurse_call.push(if dice.chance(50) {
        own(world, "nursecall", MedicalDevice, "本院 病棟", 26)
    } else {
        monitors
    });
}

/// Floors of the main site, enough for the terminals that come.
fn floors(world: &mut World, dice: &mut Dice, plan: &mut Plan, prefix: u8) {
    let size = world.size;
    let room = (1_usize << (32 - usize::from(prefix))) * 2 / 3;
    let his = (size * 50 / 100).div_ceil(room.min(180)).max(2);
    let info = (size * 24 / 100).div_ceil(room.min(180)).max(1);
    let per_floor = dice.chance(70);
    for n in 0..his {
        let place = format!("本院 {}階", n + 1);
        let id = format!("his-f{}", n + 1);
        let net = own(world, &id, ZoneKind::His, &place, prefix);
        world.nets[net].dhcp = dice.chance(25);
        plan.his_floors.push(net);
        if per_floor && n < info {
            info_floor(world, plan, n, prefix);
        }
    }
    for n in plan.info_floors.len()..info {
        info_floor(world, plan, n, prefix);
    }
}

fn info_floor(world: &mut World, plan: &mut Plan, n: usize, prefix: u8) {
    let place = format!("本院 {}階", n + 1);
    let id = format!("info-f{}", n + 1);
    let net = own(world, &id, ZoneKind::Information, &place, prefix);
    world.nets[net].dhcp = true;
    plan.info_floors.push(net);
}

/// Further sites, joined by a closed line.
fn sites(world: &mut World, dice: &mut Dice, plan: &mut Plan, prefix: u8) {
    let count = dice.between(1, 2);
    for (n, name) in ["分院", "健診センター"].iter().take(count).enumerate() {
        let site = world.sites.len();
        world.sites.push((*name).to_owned());
        world.skip(16);
        let his = own(
            world,
            &format!("his-s{}", n + 2),
            ZoneKind::His,
            name,
            prefix,
        );
        let info = own(
            world,
            &format!("info-s{}", n + 2),
            ZoneKind::Information,
            name,
            24,
        );
        world.nets[info].dhcp = true;
        for net in [his, info] {
            world.nets[net].site = site;
        }
        plan.his_floors.push(his);
        plan.info_floors.push(info);
    }
}

/// A range of somebody else's choice.
pub(crate) fn foreign(a: u8, b: u8, c: u8, prefix: u8) -> Address {
    Address {
        address: IpAddr::V4(Ipv4Addr::new(a, b, c, 0)),
        prefix,
    }
}

/// The range that all of the hospital's own networks lie in.
pub(crate) fn whole(world: &World) -> Address {
    let base = Address {
        address: IpAddr::V4(world.style.base),
        prefix: 16,
    };
    Address {
        address: base.network(),
        prefix: 16,
    }
}
