//! What fills the rest of a hospital: terminals, medical devices, printers, telephones. Comes in: the
//! plan, systems, and how many assets are still to come; goes out: exactly so many.

use daicho_ledger::ZoneKind;
use daicho_report::{Printer, PrinterConnection};

use crate::dice::Dice;
use crate::frame::{Frame, device, vendor};
use crate::habits;
use crate::machine::release;
use crate::machine::software::OFFICE;
use crate::machines;
use crate::names::{CLINICS, OFFICES, WARDS};
use crate::plan::Plan;
use crate::systems::{Cast, client};
use crate::truth::Role;
use crate::world::{AssetNo, NetNo, World};

/// Adds one of a part; the number says which one.
type Part = fn(&mut World, &Plan, &Cast, &Frame, usize);

/// What the rest consists of, in parts of a hundred.
const PARTS: &[(usize, Part)] = &[
    (44, his_terminal),
    (21, office_terminal),
    (8, department_terminal),
    (12, medical_device),
    (8, printer),
    (4, telephone),
    (3, camera),
];

/// Fills up.
pub(crate) fn fill(world: &mut World, plan: &Plan, cast: &Cast, frame: &Frame) {
    let mut n = 0;
    let mut debts: Vec<usize> = PARTS.iter().map(|it| it.0).collect();
    while world.room() > 0 {
        // The part that is furthest behind comes next, so that small hospitals have some of each.
        let next = (0..PARTS.len())
            .max_by_key(|it| (debts[*it], PARTS.len() - it))
            .unwrap_or(0);
        debts[next] = debts[next].saturating_sub(100).max(1);
        for (debt, (part, _)) in debts.iter_mut().zip(PARTS) {
            *debt += part;
        }
        n += 1;
        PARTS[next].1(world, plan, cast, frame, n);
    }
}

fn floor(nets: &[NetNo], n: usize) -> NetNo {
    nets[n % nets.len()]
}

fn his_terminal(world: &mut World, plan: &Plan, cast: &Cast, _: &Frame, n: usize) {
    let mut dice = Dice::of(world.seed, &format!("his terminal {n}"));
    let net = floor(&plan.his_floors, dice.below(1_000));
    let places = if dice.chance(65) { WARDS } else { CLINICS };
    let department = *dice.pick(places);
    let releases = release::HIS_TERMINALS;
    let asset = machines::terminal(world, ("pc", Role::Terminal), net, releases, department);
    client(world, cast, "ehr", asset);
    if dice.chance(40) {
        client(world, cast, "pacs", asset);
    }
    if department == "医事課" || dice.chance(8) {
        client(world, cast, "receipt", asset);
    }
    if department == "栄養科" {
        client(world, cast, "catering", asset);
    }
    if department == "健診センター" {
        client(world, cast, "checkup", asset);
    }
    if WARDS.contains(&department) && dice.chance(12) {
        client(world, cast, "nurse_call", asset);
    }
    if cast.first("ehr").is_none() {
        habits::cloud(world, asset);
    }
    habits::inside(world, cast, asset, "his");
}

fn office_terminal(world: &mut World, plan: &Plan, cast: &Cast, _: &Frame, n: usize) {
    let mut dice = Dice::of(world.seed, &format!("office terminal {n}"));
    let net = floor(&plan.info_floors, dice.below(1_000));
    let department = *dice.pick(OFFICES);
    let releases = release::OTHER_TERMINALS;
    let asset = machines::terminal(world, ("pc", Role::Terminal), net, releases, department);
    let (name, version, publisher) = *dice.pick(OFFICE);
    if let Some(machine) = world.machine(asset) {
        machine.install(name, version, publisher);
    }
    habits::inside(world, cast, asset, "info");
    habits::internet(world, cast, asset);
}

fn department_terminal(world: &mut World, plan: &Plan, cast: &Cast, _: &Frame, n: usize) {
    let mut dice = Dice::of(world.seed, &format!("department terminal {n}"));
    let (nets, department, sorts): (&[NetNo], &'static str, &[&str]) = match n % 4 {
        0 => (&plan.imaging, "放射線科", &["pacs", "ris"]),
        1 => (&plan.lab, "検査科", &["lis"]),
        2 => (&plan.pharmacy, "薬剤部", &["pharmacy"]),
        _ if plan.monitors.is_empty() => (&plan.imaging, "放射線科", &["pacs"]),
        _ => (&plan.monitors, *dice.pick(WARDS), &["vital_monitor"]),
    };
    let releases = release::DEPARTMENT;
    let asset = machines::terminal(world, ("pc", Role::Terminal), nets[0], releases, department);
    for sort in sorts {
        client(world, cast, sort, asset);
    }
    if dice.chance(30) {
        client(world, cast, "ehr", asset);
    }
    habits::inside(world, cast, asset, "his");
}

/// Modalities, monitors, analysers: maker, beginning of hardware addresses, what, port at the server.
type Device = (&'static str, &'static str, &'static str);
const MODALITIES: &[Device] = &[
    ("シーメンスヘルスケア", "08:00:06", "MRI装置"),
    ("キヤノンメディカルシステムズ", "00:00:39", "X線CT装置"),
    ("GEヘルスケア", "00:02:1d", "超音波診断装置"),
    ("富士フイルム", "00:16:76", "CRコンソール"),
    ("島津製作所", "00:06:a3", "X線TV装置"),
    ("オリンパス", "00:0e:8e", "内視鏡ファイリング"),
];
const ANALYSERS: &[Device] = &[
    ("シスメックス", "00:04:25", "血球計数装置"),
    ("日立ハイテク", "00:00:e1", "生化学自動分析装置"),
    ("アークレイ", "00:0d:b5", "HbA1c測定装置"),
];
const MONITORS: &[Device] = &[
    ("日本光電工業", "00:0b:ab", "ベッドサイドモニタ"),
    ("フクダ電子", "00:0c:93", "ベッドサイドモニタ"),
    ("日本光電工業", "00:0b:ab", "セントラルモニタ"),
];

fn medical_device(world: &mut World, plan: &Plan, cast: &Cast, frame: &Frame, n: usize) {
    let mut dice = Dice::of(world.seed, &format!("medical device {n}"));
    let monitors = cast.first("vital_monitor").is_some() && !plan.monitors.is_empty();
    let (row, net, sort, port, trade) = match n % 5 {
        0..=1 if monitors => (
            *dice.pick(MONITORS),
            plan.monitors[0],
            "vital_monitor",
            7_500,
            "monitor",
        ),
        2 if cast.first("lis").is_some() => {
            (*dice.pick(ANALYSERS), plan.lab[0], "lis", 6_300, "lab")
        }
        _ => (
            *dice.pick(MODALITIES),
            plan.modalities[0],
            "pacs",
            104,
            "imaging",
        ),
    };
    let (maker, oui, what) = row;
    let zone = world.nets[net].zone;
    let asset = device(
        world,
        ("med", Role::MedicalDevice),
        zone,
        (maker, what),
        what,
    );
    world.assets[asset].vendor = vendor(world, trade);
    world.assets[asset].department = match sort {
        "lis" => "検査科",
        "pacs" => "放射線科",
        _ => *dice.pick(WARDS),
    };
    world.assets[asset].place = world.nets[net].place.clone();
    world.assets[asset].uplink = frame.switches.get(n % frame.switches.len().max(1)).copied();
    let mac = world.mac(oui);
    let address = world.address(net, false);
    world.attach(asset, net, Some(mac), address);
    if dice.chance(90) {
        sends(world, cast, asset, sort, port);
    }
}

/// A device sends what it measured or took to the server of its system.
fn sends(world: &mut World, cast: &Cast, asset: AssetNo, sort: &str, port: u16) {
    let (Some(server), Some(product)) = (cast.first(sort), cast.product(sort)) else {
        return;
    };
    // A DICOM archive takes images where it listens for them.
    let dicom = [104, 11_112, 4_242];
    let port = if sort == "pacs" {
        dicom
            .into_iter()
            .find(|it| crate::systems::listens(world, server, *it))
            .unwrap_or(port)
    } else {
        port
    };
    let id = format!("s-{sort}");
    world.assets[asset].systems.push(id);
    let programs = ("", product.server_program);
    world.talk((asset, server), port, programs, "医療機器からの送信");
}

const PRINTERS: &[Device] = &[
    ("キヤノン", "00:00:85", "LBP442"),
    ("リコー", "00:26:73", "IM C4500"),
    ("ブラザー", "00:80:77", "HL-L6400DW"),
    ("富士フイルムBI", "08:00:37", "Apeos C5570"),
    ("エプソン", "00:00:48", "LP-S3250"),
    ("サトー", "00:19:b1", "CL4NX-J ラベルプリンタ"),
];

fn printer(world: &mut World, plan: &Plan, _: &Cast, _: &Frame, n: usize) {
    let mut dice = Dice::of(world.seed, &format!("printer {n}"));
    let (maker, oui, model) = *dice.pick(PRINTERS);
    let net = if dice.chance(55) {
        floor(&plan.his_floors, dice.below(1_000))
    } else {
        floor(&plan.info_floors, dice.below(1_000))
    };
    simple(
        world,
        ("prn", Role::Printer),
        net,
        (maker, oui, model),
        "印刷",
    );
    let printer = world.assets.len() - 1;
    let host = world.assets[printer].nics.first();
    let host = host
        .and_then(|nic| nic.addresses.first())
        .map(|it| it.address.to_string());
    let users: Vec<AssetNo> = (0..world.assets.len())
        .filter(|it| {
            world.assets[*it].role == Role::Terminal
                && world.assets[*it].nics.iter().any(|nic| nic.net == net)
        })
        .collect();
    for user in users.iter().rev().take(dice.between(1, 4)) {
        world.talk((*user, printer), 9100, ("spoolsv.exe", ""), "印刷");
        if let Some(machine) = world.assets[*user].machine.as_deref_mut() {
            machine.printers.push(Printer {
                driver: Some(format!("{maker} {model}")),
                connection: PrinterConnection::Network,
                protocol: Some("raw".to_owned()),
                host: host.clone(),
                port: Some(9100),
                shared: false,
            });
        }
    }
}

fn telephone(world: &mut World, plan: &Plan, _: &Cast, _: &Frame, n: usize) {
    let net = floor(&plan.info_floors, n);
    let row = ("日立情報通信", "00:00:e1", "IP電話機");
    simple(world, ("tel", Role::Other), net, row, "内線電話");
}

fn camera(world: &mut World, plan: &Plan, _: &Cast, _: &Frame, n: usize) {
    let net = floor(&plan.info_floors, n);
    let row = ("パナソニック", "00:80:45", "ネットワークカメラ WV-S1136");
    simple(world, ("cam", Role::Other), net, row, "見守りカメラ");
}

fn simple(
    world: &mut World,
    kind: (&str, Role),
    net: NetNo,
    (maker, oui, model): Device,
    purpose: &str,
) {
    let zone = world.nets[net].zone;
    let asset = device(world, kind, zone, (maker, model), purpose);
    world.assets[asset].place = world.nets[net].place.clone();
    world.assets[asset].department = if zone == ZoneKind::His {
        "看護部"
    } else {
        "総務課"
    };
    let mac = world.mac(oui);
    let dynamic = world.nets[net].dhcp;
    let address = world.address(net, dynamic);
    world.attach(asset, net, Some(mac), address);
}
