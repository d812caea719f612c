//! Machines with an agent. Comes in: what for and in which network; goes out: a machine with the
//! traits that the hospital's habits give every machine. What it is for is put in by who asks.

use daicho_ledger::ZoneKind;
use daicho_report::{AdministratorGrant, AgentId, InterfaceKind, Time};

use crate::dice::{Dice, HEX};
use crate::machine::antivirus::{Installed, PRODUCTS};
use crate::machine::iron::{self, Iron};
use crate::machine::release::{self, Release};
use crate::machine::{Hours, Machine, Turn, User, software};
use crate::names;
use crate::truth::Role;
use crate::world::{AssetNo, NetNo, World};

/// Shares of releases.
pub(crate) type Releases = &'static [(&'static Release, usize)];

const AGENTS: &[&str] = &[
    "0.4.1", "0.4.1", "0.4.1", "0.4.1", "0.4.1", "0.4.0", "0.4.0", "0.4.0", "0.4.0", "0.3.2",
];

/// Adds a server; `what` is the base of its name (`EHR-DB`).
pub(crate) fn server(
    world: &mut World,
    what: &str,
    net: NetNo,
    release: Option<&'static Release>,
) -> AssetNo {
    let zone = world.nets[net].zone;
    let asset = world.asset("srv", Role::Server, zone);
    let mut dice = world.dice(&format!("server {asset}"));
    let release = release.unwrap_or_else(|| release::draw(&mut dice, release::SERVERS));
    let iron = if world.style.virtual_servers && dice.chance(85) {
        Iron::guest("vmware", &mut dice)
    } else {
        Iron::of(dice.pick(iron::SERVERS), &mut dice)
    };
    let name = names::server(world, what);
    world.assets[asset].host_name = name;
    world.assets[asset].department = "医療情報室";
    world.assets[asset].place = "本院 サーバ室".to_owned();
    give(world, asset, (release, iron, Hours::Always), &mut dice);
    plug(world, asset, net);
    asset
}

/// Adds a terminal.
pub(crate) fn terminal(
    world: &mut World,
    (kind, role): (&str, Role),
    net: NetNo,
    releases: Releases,
    department: &'static str,
) -> AssetNo {
    let zone = world.nets[net].zone;
    let asset = world.asset(kind, role, zone);
    let mut dice = world.dice(&format!("terminal {asset}"));
    let notebook = zone == ZoneKind::Information && dice.chance(35) || dice.chance(6);
    let iron = if notebook {
        Iron::of(dice.pick(iron::NOTEBOOKS), &mut dice)
    } else {
        let row = *dice.pick(&world.style.pcs);
        Iron::of(&iron::PCS[row], &mut dice)
    };
    let old = iron.processor.contains("9100") || iron.processor.contains("10500");
    let mut release = release::draw(&mut dice, releases);
    if !old && *release == release::WIN7 {
        release = releases[0].0;
    }
    world.assets[asset].department = department;
    world.assets[asset].place = format!("{} {department}", world.nets[net].place);
    let name = names::terminal(world, asset);
    world.assets[asset].host_name = name;
    let ward = names::WARDS.contains(&department);
    let hours = if ward || dice.chance(15) {
        Hours::Always
    } else {
        Hours::Office
    };
    give(world, asset, (release, iron, hours), &mut dice);
    plug(world, asset, net);
    asset
}

/// Gives an asset a machine and an agent.
pub(crate) fn give(
    world: &mut World,
    asset: AssetNo,
    (release, iron, hours): (&'static Release, Iron, Hours),
    dice: &mut Dice,
) {
    let zone = world.assets[asset].zone;
    // A few machines are new.
    let days = (world.end.seconds() - world.start.seconds()) / 86_400;
    let before = if dice.chance(3) {
        -dice.seconds(0, days / 2)
    } else {
        dice.seconds(1, 20)
    };
    let enrolled =
        Time::from_seconds(world.start.seconds() - 86_400 * before - dice.seconds(0, 80_000));
    let patched = Time::from_seconds(
        enrolled.seconds() - 86_400 * dice.seconds(1, 90) - dice.seconds(0, 80_000),
    );
    let lag = if dice.chance(70) {
        0
    } else {
        dice.below(release.versions.len())
    };
    let agent = AgentId::from_random(
        &Dice::of(world.seed, &format!("agent {}", world.assets[asset].id)).bytes16(),
    );
    let version = *dice.pick(AGENTS);
    let joined = domain(world, zone, &iron, dice);
    let mut machine = Machine::bare(release, iron, hours);
    machine.version = release.versions[lag].to_owned();
    machine.installed_at = Time::from_seconds(dice.seconds(release.years.0, release.years.1));
    machine.machine_id = dice.text(64, HEX);
    machine.domain = joined;
    machine.firewall = dice.chance(75);
    machine.usb_blocked = dice.chance(if zone == ZoneKind::His { 60 } else { 20 });
    machine.patched_at = patched;
    machine.clock_off_s = dice.seconds(-3, 3);
    machine.agent_version = version;
    machine.enrolled_at = enrolled;
    machine.encrypted = machine.iron.chassis == daicho_report::Chassis::Notebook && dice.chance(45);
    software::base(&mut machine, dice);
    users(world, zone, &mut machine, dice);
    protect(world, zone, &mut machine, dice);
    turns(world, &mut machine, dice);
    world.assets[asset].agent = Some(agent);
    world.assets[asset].maker = machine.iron.maker;
    world.assets[asset].model = machine.iron.model.to_owned();
    world.assets[asset].machine = Some(Box::new(machine));
}

fn domain(world: &World, zone: ZoneKind, iron: &Iron, dice: &mut Dice) -> Option<String> {
    let (domain, chance) = match zone {
        ZoneKind::His => (&world.style.his_domain, 96),
        ZoneKind::Department => (&world.style.his_domain, 45),
        ZoneKind::Information => (&world.style.info_domain, 92),
        ZoneKind::Management => (&world.style.his_domain, 30),
        _ => return None,
    };
    let joined = dice.chance(if iron.is_guest() { chance } else { chance - 4 });
    domain.clone().filter(|_| joined)
}

fn users(world: &World, zone: ZoneKind, machine: &mut Machine, dice: &mut Dice) {
    let windows = machine.release.windows;
    machine.users.push(User {
        name: if windows { "Administrator" } else { "root" }.to_owned(),
        number: if windows { 500 } else { 0 },
        can_log_in: machine.release.server || dice.chance(20),
        grants: vec![AdministratorGrant::BuiltIn],
    });
    let admin = world.style.administrator.clone();
    machine.user(&admin, true);
    machine.directory = machine.domain.is_some();
    if machine.release.server {
        let who = if windows && dice.chance(60) {
            "Administrator"
        } else {
            &admin
        };
        machine.log_in = windows.then(|| (who.to_owned(), false));
        return;
    }
    match zone {
        ZoneKind::His | ZoneKind::Department | ZoneKind::MedicalDevice => {
            let shared = *dice.pick(&["his", "karte", "user", "clinic", "staff"]);
            // Software that wants administrator rights is not rare.
            let administrator = dice.chance(if machine.domain.is_some() { 12 } else { 45 });
            machine.user(shared, administrator);
            machine.log_in = Some((shared.to_owned(), dice.chance(55)));
        }
        _ => {
            let own = format!("u{}", dice.text(4, crate::dice::DIGITS));
            let administrator = dice.chance(if machine.domain.is_some() { 10 } else { 60 });
            machine.user(&own, administrator);
            machine.log_in = Some((own, false));
        }
    }
}

fn protect(world: &World, zone: ZoneKind, machine: &mut Machine, dice: &mut Dice) {
    let (his, info) = world.style.antivirus;
    let (product, chance) = match zone {
        ZoneKind::Information | ZoneKind::Management | ZoneKind::Dmz => (info, 97),
        ZoneKind::MedicalDevice => (his, 35),
        ZoneKind::Department => (his, 72),
        _ => (his, 93),
    };
    let product = &PRODUCTS[product.min(PRODUCTS.len() - 1)];
    if !machine.release.windows || !dice.chance(chance) {
        return;
    }
    let old_system = machine.version.starts_with("6.1");
    if product.built_in() && old_system {
        return;
    }
    let running = dice.chance(97);
    // A closed network gets its definitions by hand, now and then.
    let still = zone == ZoneKind::MedicalDevice || dice.chance(5);
    let days = if still {
        dice.seconds(40, 700)
    } else {
        dice.seconds(0, 2)
    };
    machine.antivirus = Some(Installed {
        product,
        running,
        behind_s: days * 86_400,
        still,
        centre: !machine.release.server,
    });
    if !product.built_in() {
        machine.install(product.name, product.version, product.publisher);
    }
    for service in product.services {
        let it = (
            (*service).to_owned(),
            daicho_report::ServiceStart::Automatic,
            running,
        );
        if !machine.services.iter().any(|other| other.0 == it.0) {
            machine.services.push(it);
        }
    }
}

/// What was otherwise before.
fn turns(world: &World, machine: &mut Machine, dice: &mut Dice) {
    let days = (world.end.seconds() - world.start.seconds()) / 86_400;
    let when =
        |dice: &mut Dice| world.ago(dice.seconds(1, days.max(3) - 1), dice.seconds(0, 80_000));
    // Who gets updates got some in this time; the others stand where they stood.
    let current = machine.version == machine.release.versions[0];
    if machine.version.starts_with("10.") && dice.chance(if current { 75 } else { 20 }) {
        let at = when(dice);
        machine.patched_at = at;
        let before = Time::from_seconds(at.seconds() - 86_400 * dice.seconds(28, 120));
        let older = machine
            .release
            .versions
            .get(1)
            .filter(|_| current && dice.chance(60));
        let version = older.map_or_else(|| machine.version.clone(), |it| (*it).to_owned());
        machine.turns.push((
            at,
            Turn::Patched {
                version,
                at: before,
            },
        ));
    }
    if dice.chance(30) && !machine.release.server && machine.log_in.is_some() {
        let at = when(dice);
        let administrator = machine.users.iter().find(|it| it.number == 1001);
        let name = administrator.map(|it| it.name.clone()).unwrap_or_default();
        machine.turns.push((at, Turn::LoggedIn(name)));
    }
    if dice.chance(25)
        && let Some(edge) = machine
            .programs
            .iter()
            .find(|it| it.name == "Microsoft Edge")
    {
        let name = edge.name.clone();
        let version = "141.0.3537.99".to_owned();
        machine
            .turns
            .push((when(dice), Turn::Updated { name, version }));
    }
}

/// Puts a machine into a network, with an address of its own or one that is given.
pub(crate) fn plug(world: &mut World, asset: AssetNo, net: NetNo) -> usize {
    let server = world.assets[asset].role == Role::Server;
    let dynamic = world.nets[net].dhcp && !server;
    let address = world.address(net, dynamic);
    let (oui, driver) = world.assets[asset]
        .machine
        .as_deref()
        .map_or(("00:1b:21", ""), |it| (it.iron.oui, it.iron.driver));
    let mac = world.mac(oui);
    let nic = world.attach(asset, net, Some(mac), address);
    let name = interface_name(world, asset, nic);
    let it = &mut world.assets[asset].nics[nic];
    it.name = name;
    it.driver = driver;
    it.dhcp = dynamic;
    it.metric = if dynamic { 25 } else { 281 };
    nic
}

/// How the system calls its interfaces.
fn interface_name(world: &World, asset: AssetNo, nic: usize) -> String {
    let Some(machine) = world.assets[asset].machine.as_deref() else {
        return format!("port{}", nic + 1);
    };
    if !machine.release.windows {
        return if machine.iron.is_guest() {
            format!("ens{}", 192 + nic * 32)
        } else {
            format!("eno{}", nic + 1)
        };
    }
    let old = machine.version.starts_with("6.1");
    match (old, nic) {
        (true, 0) => "ローカル エリア接続".to_owned(),
        (true, n) => format!("ローカル エリア接続 {}", n + 1),
        (false, 0) if machine.iron.is_guest() => "Ethernet0".to_owned(),
        (false, n) if machine.iron.is_guest() => format!("Ethernet{n}"),
        (false, 0) => "イーサネット".to_owned(),
        (false, n) => format!("イーサネット {}", n + 1),
    }
}

/// Makes an interface wireless.
pub(crate) fn wireless(world: &mut World, asset: AssetNo, nic: usize) {
    let it = &mut world.assets[asset].nics[nic];
    it.kind = InterfaceKind::Wireless;
    it.name = "Wi-Fi".to_owned();
    it.driver = "Intel(R) Wi-Fi 6 AX201 160MHz";
    it.metric = 50;
}
