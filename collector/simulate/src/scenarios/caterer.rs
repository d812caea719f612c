//! A caterer's line that is always on, remote desktop over it, and passwords that fit everywhere.

use super::{Told, damage, intrude, machines_in, night, tell, way_in};
use crate::frame::vendor;
use crate::lines::maintenance::place;
use crate::lines::within;
use crate::plan::{Plan, foreign};
use crate::systems::{Cast, product, system};
use crate::truth::Role;
use crate::world::World;

const POINT: &str = "p-caterer";

pub(super) fn before(world: &mut World, plan: &Plan, cast: &mut Cast) {
    let net = plan.his_servers[0];
    if cast.first("catering").is_none() {
        system(world, net, &product::CATERING, 1, cast);
    }
    let mut dice = world.dice("caterer");
    let (asset, near) = place(world, net, "catering", "給食業務の常時接続", &mut dice);
    world.marks.insert("entry", asset);
    let far = foreign(192, 168, 66, 24);
    if let Some(server) = cast.first("catering") {
        if let Some(machine) = world.machine(server) {
            machine.routes.push((far, near, 0));
            machine.antivirus = None;
        }
        // Always on: the caterer's own PC has the server's screen all day.
        intrude(world, asset, within(far, 31), server, world.start);
    }
    // No protection on the records' servers, and the same password everywhere.
    for server in cast.of("ehr").to_vec() {
        if let Some(machine) = world.machine(server) {
            machine.antivirus = None;
        }
    }
    let vendor = vendor(world, "catering");
    let mut it = way_in(POINT, asset, "模擬給食センター株式会社", vendor, far);
    it.line = "閉域網（常時接続）".to_owned();
    it.system = Some("s-catering".to_owned());
    it.traces = vec!["給食サーバの静的経路と給食事業者からのリモートデスクトップ".to_owned()];
    world.points.push(it);
}

pub(super) fn after(world: &mut World, plan: &Plan, cast: &Cast) {
    let Some(entry) = world.marks.get("entry").copied() else {
        return;
    };
    let at = night(world, 6 * 3_600 + 40 * 60);
    let mut struck = cast.of("catering").to_vec();
    struck.extend(cast.of("ehr"));
    struck.extend(cast.of("his-ad"));
    let terminals = machines_in(world, &plan.his_floors, Role::Terminal);
    let share = terminals.len() / 5;
    if let (Some(first), Some(from)) = (cast.first("catering"), cast.first("ehr")) {
        // From the caterer's server on to the records'.
        let programs = ("mstsc.exe", "svchost.exe");
        world.talk((first, from), 3389, programs, "侵入の横展開");
        if let Some(talk) = world.talks.last_mut() {
            talk.during.0 = Some(daicho_report::Time::from_seconds(at.seconds() - 3_000));
        }
    }
    let noticed: Vec<_> = terminals.iter().take(3).copied().collect();
    struck.extend(terminals.into_iter().take(share));
    let damaged = damage(world, &struck, at, 60);
    tell(
        world,
        Told {
            pattern: "caterer",
            story: "給食事業者との常時接続からリモートデスクトップで入られ、使い回されたパスワードで電子カルテのサーバへ広がった",
            entry: (POINT, entry),
            damaged,
            noticed: &noticed,
        },
    );
}
