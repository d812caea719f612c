//! Systems, zones, and what is to be named.

use daicho_ledger::hand::{EntryBody, Match, SiteRule};
use daicho_ledger::{Grade, ZoneKind};
use daicho_report::InterfaceKind;

use super::bed::*;

/// A server and those who talk to it.
fn served(server: Machine, port: u16, program: &str) -> Vec<Machine> {
    let mut all = vec![server];
    all.extend(
        (2..8)
            .map(|n| pc(n, 3, 20 + u8::try_from(n).unwrap()).talks("192.168.3.10", port, program)),
    );
    all
}

#[test]
fn a_dicom_server_and_its_clients_are_a_pacs() {
    let server = pc(1, 3, 10).server().listens(104, "dcmsrv.exe");
    let found = found(&served(server, 104, "viewer.exe"), Vec::new());
    assert_eq!(found.systems.len(), 1);
    let system = &found.systems[0];
    assert_eq!(
        (system.sort.as_str(), system.grade),
        ("pacs", Grade::Inferred)
    );
    assert_eq!((system.servers.len(), system.clients.len()), (1, 6));
}

#[test]
fn orca_on_its_server_is_recognised() {
    let server = pc(1, 3, 10)
        .folder("/opt/jma")
        .software("日本医師会", "jma-receipt")
        .listens(8000, "panda");
    let found = found(&served(server, 8000, "monsiaj"), Vec::new());
    let system = found
        .systems
        .iter()
        .find(|it| it.sort == "receipt")
        .unwrap();
    assert_eq!(system.servers.len(), 1);
    assert!(system.grade == Grade::Confirmed, "{system:?}");
}

#[test]
fn a_port_alone_is_no_system() {
    let server = pc(1, 3, 10).listens(8000, "whatever.exe");
    let found = found(&served(server, 8000, "x.exe"), Vec::new());
    assert!(
        found.systems.iter().all(|it| it.servers.is_empty()),
        "{:?}",
        found.systems
    );
}

#[test]
fn what_nobody_named_is_listed_once_with_its_counts() {
    let server = pc(1, 3, 10)
        .server()
        .listens(9500, "kanbansrv.exe")
        .listens(445, "System")
        .software("カンバン社", "看板システム")
        .software("Microsoft Corporation", "Microsoft Visual C++ 2015");
    let found = found(&served(server, 9500, "kanban.exe"), Vec::new());
    let names: Vec<&str> = found.unnamed.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["kanbansrv.exe", "看板システム"]);
    assert_eq!(
        (found.unnamed[0].peers, found.unnamed[0].ports.as_slice()),
        (6, ["9500/tcp".to_owned()].as_slice())
    );
}

/// What runs a program that begins with `kanban` belongs to the system 看板.
fn kanban() -> daicho_ledger::hand::Entry {
    let rule = SiteRule {
        when: Match {
            program: Some("kanban*".to_owned()),
            ..Match::default()
        },
        system: Some("看板".to_owned()),
        zone: None,
        point: None,
        note: String::new(),
    };
    entry("r-1", EntryBody::Rule(rule))
}

#[test]
fn one_name_serves_all_alike() {
    let server = pc(1, 3, 10).server().listens(9500, "kanbansrv.exe");
    let found = found(&served(server, 9500, "kanban.exe"), vec![kanban()]);
    let system = found.systems.iter().find(|it| it.name == "看板").unwrap();
    assert_eq!((system.servers.len(), system.clients.len()), (1, 6));
    assert_eq!(
        system.grade,
        Grade::Confirmed,
        "a name is no visit to the site"
    );
    assert!(found.unnamed.iter().all(|it| it.name != "kanbansrv.exe"));
}

#[test]
fn a_machine_that_waits_with_the_named_program_is_a_server_however_few_talk_to_it() {
    let machines = [
        pc(1, 3, 10).listens(9500, "kanbansrv.exe"),
        pc(2, 3, 11).talks("192.168.3.10", 9500, "kanban.exe"),
    ];
    let found = found(&machines, vec![kanban()]);
    let system = found.systems.iter().find(|it| it.name == "看板").unwrap();
    assert_eq!((system.servers.len(), system.clients.len()), (1, 1));
}

#[test]
fn machines_that_go_to_the_internet_stand_on_the_information_side() {
    let machines: Vec<Machine> = (1..5)
        .map(|n| pc(n, 5, 20 + u8::try_from(n).unwrap()).surfs(n))
        .collect();
    assert_eq!(
        zones(&found(&machines, Vec::new()), &machines[0]),
        [ZoneKind::Information]
    );
}

#[test]
fn machines_with_the_ehr_stand_on_the_his_side_and_a_silent_segment_is_unknown() {
    let mut machines: Vec<Machine> = (1..5)
        .map(|n| pc(n, 3, 20 + u8::try_from(n).unwrap()).software("富士通", "HOPE EGMAIN-GX"))
        .collect();
    machines.push(pc(9, 7, 10));
    let found = found(&machines, Vec::new());
    assert_eq!(zones(&found, &machines[0]), [ZoneKind::His]);
    assert_eq!(zones(&found, &machines[4]), [ZoneKind::Unknown]);
}

#[test]
fn a_machine_in_two_zones_has_both() {
    let mut machines: Vec<Machine> = (1..5)
        .map(|n| pc(n, 3, 20 + u8::try_from(n).unwrap()).software("富士通", "HOPE EGMAIN-GX"))
        .collect();
    machines.extend((5..9).map(|n| pc(n, 5, 20 + u8::try_from(n).unwrap()).surfs(n)));
    let bridge = pc(20, 3, 99)
        .link("LAN2", InterfaceKind::Ethernet, "192.168.5.99/24")
        .sees("LAN2", "192.168.5.1", &gateway_mac(5));
    machines.push(bridge.clone());
    let found = found(&machines, Vec::new());
    assert_eq!(
        zones(&found, &bridge),
        [ZoneKind::His, ZoneKind::Information]
    );
}

/// Machines of a net that all talk to one server.
fn around(first: usize, net: u8, server: &str, port: u16) -> Vec<Machine> {
    let make = |n: usize| pc(first + n, net, 30 + u8::try_from(n).unwrap());
    (0..5)
        .map(|n| make(n).talks(server, port, "client.exe"))
        .collect()
}

#[test]
fn a_server_that_serves_its_own_segment_makes_it_a_departments() {
    let mut machines = around(1, 6, "192.168.6.10", 6300);
    machines.push(pc(9, 6, 10).server().listens(6300, "labsrv.exe"));
    let found = found(&machines, Vec::new());
    assert_eq!(zones(&found, &machines[0]), [ZoneKind::Department]);
}

#[test]
fn a_server_that_serves_another_segment_makes_nothing_a_departments() {
    let mut machines = around(1, 6, "192.168.7.10", 6300);
    machines.push(pc(9, 7, 10).server().listens(6300, "labsrv.exe"));
    let found = found(&machines, Vec::new());
    assert_eq!(zones(&found, &machines[0]), [ZoneKind::Unknown]);
}

#[test]
fn a_server_that_fetches_pages_for_others_stands_between() {
    let mut machines = around(1, 6, "192.168.7.10", 3128);
    machines.push(pc(9, 7, 10).server().listens(3128, "squid").surfs(1));
    let found = found(&machines, Vec::new());
    assert_eq!(zones(&found, &machines[5]), [ZoneKind::Dmz]);
    assert_eq!(zones(&found, &machines[0]), [ZoneKind::Information]);
}

#[test]
fn machines_that_go_to_one_address_alone_are_no_information_side() {
    let machines: Vec<Machine> = (1..6)
        .map(|n| pc(n, 5, 20 + u8::try_from(n).unwrap()).talks("203.0.113.9", 443, "x.exe"))
        .collect();
    let found = found(&machines, Vec::new());
    assert_eq!(zones(&found, &machines[0]), [ZoneKind::Unknown]);
}
