//! What is deliberately difficult. Comes in: the hospital; goes out: twins, clones, strangers, silent
//! and mistaken machines, each named in the truth. A trap that does not fit the size is left out.

mod flets;
mod twin;

use daicho_ledger::ZoneKind;
use daicho_report::{ServiceStart, Testimony, Time, Tool, ToolState, Witness};

use crate::dice::Dice;
use crate::frame::device;
use crate::machine::iron::{Iron, NOTEBOOKS};
use crate::machine::{Hours, release};
use crate::machines;
use crate::plan::Plan;
use crate::systems::{Cast, install_database, product};
use crate::truth::Role;
use crate::world::{AssetNo, World};

/// Traps that bring assets of their own.
pub(crate) fn before(world: &mut World, plan: &Plan, cast: &Cast) {
    let mut dice = world.dice("traps");
    hub(world);
    if world.room() >= 18 && (world.size >= 120 || dice.chance(40)) {
        twin::build(world, cast, &mut dice);
    }
    if world.room() >= 16 && dice.chance(if world.size >= 120 { 75 } else { 45 }) {
        flets::build(world, &mut dice);
    }
    if world.room() >= 14 && (world.size >= 120 || dice.chance(40)) {
        visitor(world, plan, &mut dice);
    }
    if world.size >= 180 {
        attendance(world, plan);
    }
}

/// A hub without any address.
fn hub(world: &mut World) {
    let hub = device(
        world,
        ("hub", Role::Switch),
        ZoneKind::Unknown,
        ("バッファロー", "LSW6-GT-8NS"),
        "机の下のハブ",
    );
    world.assets[hub].zone = ZoneKind::His;
    world.assets[hub].place = "本院 1階 受付".to_owned();
    world
        .traps
        .push("アドレスのない機器（回線終端装置、ハブ）".to_owned());
}

/// A vendor's notebook that is in one network one day and in another the next.
fn visitor(world: &mut World, plan: &Plan, dice: &mut Dice) {
    let (one, other) = (plan.his_servers[0], plan.imaging[0]);
    if one == other {
        return;
    }
    let asset = world.asset("pc", Role::Terminal, ZoneKind::His);
    let iron = Iron::of(dice.pick(NOTEBOOKS), dice);
    machines::give(world, asset, (&release::WIN11, iron, Hours::Always), dice);
    world.assets[asset].host_name = "DESKTOP-MNT01".to_owned();
    world.assets[asset].purpose = "事業者の持ち込みPC".to_owned();
    world.assets[asset].vendor = crate::frame::vendor(world, "ehr");
    let moved = world.ago(2, 30_000);
    let first = machines::plug(world, asset, other);
    let second = machines::plug(world, asset, one);
    let name = world.assets[asset].nics[first].name.clone();
    let mac = world.assets[asset].nics[first].mac.clone();
    world.assets[asset].nics[first].during = Some((Time::EPOCH, moved));
    let it = &mut world.assets[asset].nics[second];
    it.during = Some((moved, Time::MAX));
    it.name = name;
    it.mac = mac;
    it.default = true;
    if let Some(machine) = world.machine(asset) {
        machine.domain = None;
        machine.turns.push((moved, crate::machine::Turn::Moved));
    }
    world.traps.push(format!(
        "日によって別のネットワークにいる事業者のPC（{}）",
        world.assets[asset].id
    ));
}

/// A database that serves no medical system, in an office.
fn attendance(world: &mut World, plan: &Plan) {
    let server = machines::server(world, "KINTAI", plan.info_servers[0], None);
    if let Some(machine) = world.machine(server) {
        machine.install("勤怠管理システム サーバ", "7.0.2", "模擬事務機株式会社");
        install_database(machine, &product::SQL_SERVER);
    }
    world
        .traps
        .push("1433番で待つが医療と関係ないサーバ（勤怠管理）".to_owned());
}

/// Traps on machines that are there.
pub(crate) fn after(world: &mut World) {
    let mut dice = world.dice("traps on machines");
    let terminals: Vec<AssetNo> = (0..world.assets.len())
        .filter(|it| {
            let asset = &world.assets[*it];
            asset.role == Role::Terminal
                && asset.machine.as_ref().is_some_and(|it| it.release.windows)
                && asset.nics.len() == 1
        })
        .collect();
    if terminals.len() < 8 {
        return;
    }
    let mut left = terminals;
    let mut take = |dice: &mut Dice| {
        let n = dice.below(left.len());
        left.remove(n)
    };
    clones(world, &mut take, &mut dice);
    names(world, &mut take, &mut dice);
    clock(world, take(&mut dice));
    mistaken(world, &mut take, &mut dice);
    silent(world, &mut take, &mut dice);
    dormant(world, &mut dice);
    if world.size >= 120 {
        docks(world, &mut dice);
    }
    blind(world);
    if world.assets.iter().any(|it| it.role == Role::OqsTerminal) {
        world
            .traps
            .push("二つのネットワークにつながり管理者で自動ログオンする資格確認端末".to_owned());
    }
}

fn clones(world: &mut World, take: &mut impl FnMut(&mut Dice) -> AssetNo, dice: &mut Dice) {
    let (one, other) = (take(dice), take(dice));
    let Some(first) = world
        .machine(one)
        .map(|it| (it.machine_id.clone(), it.iron.uuid.clone()))
    else {
        return;
    };
    if let Some(machine) = world.machine(other) {
        machine.machine_id = first.0;
        machine.iron.uuid = first.1;
    }
    let names = (world.assets[one].id.clone(), world.assets[other].id.clone());
    world.traps.push(format!(
        "複製された機器（{} と {}、同じmachine_idとSMBIOS UUID）",
        names.0, names.1
    ));
    if let Some(serial) = world.machine(take(dice)).map(|it| &mut it.iron.serial) {
        *serial = Some("To be filled by O.E.M.".to_owned());
    }
    world.traps.push("意味のないシリアル番号".to_owned());
}

fn names(world: &mut World, take: &mut impl FnMut(&mut Dice) -> AssetNo, dice: &mut Dice) {
    let (one, other) = (take(dice), take(dice));
    world.assets[other].host_name = world.assets[one].host_name.clone();
    let name = world.assets[one].host_name.clone();
    world
        .traps
        .push(format!("同じホスト名の機器が二台（{name}）"));
}

fn clock(world: &mut World, asset: AssetNo) {
    let wrong = 946_684_800 + 3_600 * 5;
    let off = wrong - world.start.seconds();
    if let Some(machine) = world.machine(asset) {
        machine.clock_off_s = off;
    }
    let id = world.assets[asset].id.clone();
    world.traps.push(format!("時計が2000年の機器（{id}）"));
}

fn mistaken(world: &mut World, take: &mut impl FnMut(&mut Dice) -> AssetNo, dice: &mut Dice) {
    let viewer = take(dice);
    if let Some(machine) = world.machine(viewer) {
        machine.install("TeamViewer Documents 文書ビューア", "2.3", "Team Soft");
        machine.serve("TeamViewerDocIndexer");
    }
    let id = world.assets[viewer].id.clone();
    world
        .traps
        .push(format!("サービス名にTeamViewerを含む文書ビューア（{id}）"));
    let port = take(dice);
    if let Some(machine) = world.machine(port) {
        machine.listen(8000, "node.exe");
    }
    let id = world.assets[port].id.clone();
    world
        .traps
        .push(format!("8000番で待つがORCAではない機器（{id}）"));
}

fn silent(world: &mut World, take: &mut impl FnMut(&mut Dice) -> AssetNo, dice: &mut Dice) {
    let count = (world.size / 60).clamp(2, 20);
    for n in 0..count {
        let asset = take(dice);
        let days = if n % 4 == 3 { dice.seconds(2, 6) } else { 1 };
        // Between half past five and seven in the evening.
        let evening = 86_400 * days - dice.seconds(-1_800, 3_600);
        world.assets[asset].silent_since = Some(Time::from_seconds(world.end.seconds() - evening));
        if let Some(machine) = world.machine(asset) {
            machine.goodbye = n % 2 == 0;
            machine.hours = Hours::Always;
        }
    }
    world.traps.push(format!(
        "夕方から応答のない機器（{count}台、半分は停止の通知あり）"
    ));
}

/// A tool for remote control that is installed and does not run.
fn dormant(world: &mut World, dice: &mut Dice) {
    let fits = |it: &AssetNo| {
        let asset = &world.assets[*it];
        asset.role == Role::Server
            && asset
                .machine
                .as_ref()
                .is_some_and(|it| it.release.windows && it.tools.is_empty())
    };
    let servers: Vec<AssetNo> = (0..world.assets.len()).filter(fits).collect();
    if servers.is_empty() {
        return;
    }
    let asset = *dice.pick(&servers);
    if let Some(machine) = world.machine(asset) {
        machine.install("TeamViewer", "13.2.26558", "TeamViewer");
        machine
            .services
            .push(("TeamViewer".to_owned(), ServiceStart::Disabled, false));
        machine.tools.push(Tool {
            name: "TeamViewer".to_owned(),
            version: Some("13.2.26558".to_owned()),
            state: ToolState::Installed,
            witnesses: vec![Witness {
                source: "uninstall".to_owned(),
                says: Testimony::Installed,
                raw: Some("13.2.26558".to_owned()),
            }],
        });
    }
    let id = world.assets[asset].id.clone();
    world
        .traps
        .push(format!("入っているが動いていない遠隔操作ソフト（{id}）"));
}

/// Two notebooks share a dock, on different days.
fn docks(world: &mut World, dice: &mut Dice) {
    let fits = |it: &AssetNo| {
        let asset = &world.assets[*it];
        let notebook = asset
            .machine
            .as_ref()
            .is_some_and(|it| it.iron.chassis == daicho_report::Chassis::Notebook);
        notebook
            && asset.zone == ZoneKind::Information
            && asset.nics.len() == 1
            && asset.nics[0].dhcp
            && asset.silent_since.is_none()
    };
    let books: Vec<AssetNo> = (0..world.assets.len()).filter(fits).collect();
    let [one, other, ..] = books[..] else { return };
    let moved = world.ago(3, dice.seconds(0, 30_000));
    let dock = world.mac("00:50:b6");
    let net = world.assets[one].nics[0].net;
    for (n, book) in [one, other].into_iter().enumerate() {
        machines::wireless(world, book, 0);
        let address = world.address(net, true);
        let nic = world.attach(book, net, Some(dock.clone()), address);
        let it = &mut world.assets[book].nics[nic];
        it.name = "イーサネット 3".to_owned();
        it.driver = "Realtek USB GbE Family Controller";
        it.metric = 25;
        it.default = true;
        it.dhcp = true;
        it.during = Some(if n == 0 {
            (Time::EPOCH, moved)
        } else {
            (moved, Time::MAX)
        });
        if let Some(machine) = world.machine(book) {
            machine.turns.push((moved, crate::machine::Turn::Moved));
        }
    }
    world
        .traps
        .push("一つのドックを使う二台のノートPC（同じハードウェアアドレス）".to_owned());
}

/// What some agents could not read.
fn blind(world: &mut World) {
    use daicho_report::Reason;
    let table: &[(&str, &str, Reason)] = &[
        ("software", "items", Reason::TimedOut),
        ("storage", "encryption", Reason::Denied),
        ("account", "accounts", Reason::failed("0x800706BA")),
        ("trace", "credentials", Reason::Denied),
        ("trace", "resolved", Reason::failed("0x00000032")),
        ("antivirus", "products", Reason::TimedOut),
        ("update", "pending", Reason::failed("0x8024402C")),
        ("hardware", "serial", Reason::Denied),
        ("listener", "owners", Reason::Denied),
        ("policy", "", Reason::NotAsked),
        ("flow", "", Reason::Denied),
        ("neighbour", "", Reason::failed("0x00000032")),
    ];
    for asset in 0..world.assets.len() {
        let mut dice = Dice::of(world.seed, &format!("blind {asset}"));
        if !dice.chance(9) {
            continue;
        }
        let (section, field, reason) = dice.pick(table).clone();
        let since = dice
            .chance(50)
            .then(|| world.ago(dice.seconds(0, 4), dice.seconds(0, 60_000)));
        if let Some(machine) = world.machine(asset) {
            machine.blind.push(crate::machine::Blind {
                section,
                field,
                reason,
                since,
            });
        }
    }
}
