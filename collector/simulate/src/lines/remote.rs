//! Tools for remote control on machines that reach the Internet. Comes in: the hospital; goes out:
//! tools that run, one connection point each, and the traces that they leave.

use daicho_ledger::{PointKind, ZoneKind};

use super::point;
use crate::dice::Dice;
use crate::habits::public;
use crate::plan::Scale;
use crate::systems::backbone::tool;
use crate::truth::Role;
use crate::world::{AssetNo, End, World};

/// A tool: name, version, publisher, service, program, port, domain.
struct Row {
    name: &'static str,
    version: &'static str,
    publisher: &'static str,
    service: &'static str,
    program: &'static str,
    port: u16,
    domain: &'static str,
}

const TOOLS: &[Row] = &[
    Row {
        name: "TeamViewer",
        version: "15.58.4",
        publisher: "TeamViewer",
        service: "TeamViewer",
        program: "TeamViewer_Service.exe",
        port: 5938,
        domain: "router4.teamviewer.com",
    },
    Row {
        name: "TeamViewer",
        version: "14.7.48809",
        publisher: "TeamViewer",
        service: "TeamViewer",
        program: "TeamViewer_Service.exe",
        port: 443,
        domain: "ping3.teamviewer.com",
    },
    Row {
        name: "AnyDesk",
        version: "ad 8.0.11",
        publisher: "AnyDesk Software GmbH",
        service: "AnyDesk",
        program: "AnyDesk.exe",
        port: 443,
        domain: "relay-4b1c.net.anydesk.com",
    },
    Row {
        name: "Splashtop Streamer",
        version: "3.7.2.0",
        publisher: "Splashtop Inc.",
        service: "SplashtopRemoteService",
        program: "SRService.exe",
        port: 443,
        domain: "st2-v3-relay.api.splashtop.com",
    },
    Row {
        name: "ISL AlwaysOn",
        version: "4.4.2332",
        publisher: "ISL Online Ltd.",
        service: "ISLAlwaysOn",
        program: "ISLAlwaysOn.exe",
        port: 7615,
        domain: "jp1.islonline.net",
    },
    Row {
        name: "RemoteView",
        version: "6.3.1.1",
        publisher: "RSUPPORT",
        service: "rvagent",
        program: "rvagent.exe",
        port: 443,
        domain: "gw.rview.com",
    },
];

/// Puts tools on machines.
pub(crate) fn tools(world: &mut World) {
    let mut dice = world.dice("remote tools");
    let count = match Scale::of(world.size) {
        Scale::Small => usize::from(dice.chance(75)),
        Scale::Medium => dice.between(1, 3),
        Scale::Large => dice.between(3, 6),
    };
    for n in 0..count {
        let candidates = candidates(world);
        if candidates.is_empty() {
            return;
        }
        let asset = *dice.pick(&candidates);
        let row = dice.pick(TOOLS);
        run(world, asset, row, n, &mut dice);
    }
}

/// Machines that reach the Internet and have no tool yet.
fn candidates(world: &World) -> Vec<AssetNo> {
    let fits = |it: &AssetNo| {
        let asset = &world.assets[*it];
        let Some(machine) = asset.machine.as_deref() else {
            return false;
        };
        let reaches = match asset.zone {
            ZoneKind::Information => true,
            ZoneKind::Dmz => {
                asset.role == Role::OqsTerminal
                    && asset
                        .nics
                        .iter()
                        .any(|it| it.default && it.addresses.iter().any(|it| it.address.is_ipv4()))
            }
            ZoneKind::His | ZoneKind::Department => {
                !world.style.split && asset.role == Role::Server
            }
            _ => false,
        };
        reaches && machine.release.windows && machine.tools.is_empty()
    };
    (0..world.assets.len()).filter(fits).collect()
}

fn run(world: &mut World, asset: AssetNo, row: &'static Row, n: usize, dice: &mut Dice) {
    // One that was never installed, only started, leaves less.
    let portable = dice.chance(15);
    let host = world.assets[asset].host_name.clone();
    let mut traces = vec!["常駐プログラムからの公開アドレスへの通信".to_owned()];
    if let Some(machine) = world.machine(asset) {
        if !machine.agent_version.starts_with("0.3") {
            machine.resolved.push(row.domain.to_owned());
            traces.push("名前解決".to_owned());
        }
        if !portable {
            machine.install(row.name, row.version, row.publisher);
            machine.serve(row.service);
            machine.tools.push(tool(row.name, row.version, row.service));
            traces.push("インストール済みプログラムとサービス".to_owned());
        }
    }
    let peer = public(dice);
    world.talk_to(
        asset,
        End::Outside(peer),
        row.port,
        (row.program, ""),
        "遠隔操作の待ち受け",
    );
    let mut it = point(
        &format!("p-remote-{}", n + 1),
        PointKind::RemoteTool,
        asset,
        row.publisher,
    );
    it.line = format!("インターネット（{host} の {}）", row.name);
    it.traces = traces;
    it.forgotten = dice.chance(60);
    world.points.push(it);
}
