use daicho_report::Direction;

use super::*;
use crate::platform::RawProcess;
use crate::platform::replay::Bundle;

fn raw(tcp: bool, local: &str, peer: &str, state: u32, process: u32) -> RawSocket {
    let split = |text: &str| {
        let at: std::net::SocketAddr = text.parse().unwrap();
        (at.ip(), at.port())
    };
    RawSocket {
        tcp,
        local: split(local),
        peer: split(peer),
        state,
        process,
    }
}

#[test]
fn listeners_and_flows_carry_the_names_of_their_programs() {
    let none = "0.0.0.0:0";
    let sockets = vec![
        raw(true, "0.0.0.0:3389", none, 2, 900),
        raw(true, "10.0.0.5:3389", "10.0.0.9:51000", 5, 900),
        raw(
            true,
            "[::ffff:10.0.0.5]:50100",
            "[::ffff:10.0.0.7]:1521",
            5,
            77,
        ),
        // It waits for its end, and so is nobody's.
        raw(true, "10.0.0.5:50200", "10.0.0.8:445", 11, 0),
        raw(false, "0.0.0.0:137", none, 0, 4),
        // On a port that was given to it by the system: it waits for one answer.
        raw(false, "0.0.0.0:50300", none, 0, 77),
    ];
    let process = |name: &str, number: u64| RawProcess {
        name: name.to_owned(),
        sockets: Some(vec![number]),
        unread: None,
    };
    let processes = vec![process("svchost.exe", 900), process("karte.exe", 77)];
    let bundle =
        Bundle::new("windows")
            .with("sockets", "", &sockets)
            .with("processes", "", &processes);
    let found = super::super::read(&Source::from_bundle(bundle));
    let listeners = found.listeners.listeners.value().unwrap();
    let ports: Vec<u16> = listeners.iter().map(|it| it.port).collect();
    assert_eq!(ports, [3389, 137]);
    assert_eq!(listeners[0].program.as_deref(), Some("svchost.exe"));
    let flows = found.flows.value().unwrap();
    assert_eq!(flows.len(), 2);
    let outbound = flows.iter().find(|it| it.port == 1521).unwrap();
    assert_eq!(outbound.direction, Direction::Outbound);
    assert_eq!(outbound.program.as_deref(), Some("karte.exe"));
    assert_eq!(outbound.peer.to_string(), "10.0.0.7");
    assert!(found.listeners.owners.value().is_some());
}

#[test]
fn owners_are_unknown_when_a_listener_has_none() {
    let sockets = vec![raw(true, "0.0.0.0:2024", "0.0.0.0:0", 2, 0)];
    let bundle = Bundle::new("windows").with("sockets", "", &sockets).with(
        "processes",
        "",
        &Vec::<RawProcess>::new(),
    );
    let found = super::super::read(&Source::from_bundle(bundle));
    let reason = Reason::failed("no process");
    assert_eq!(found.listeners.owners.reason(), Some(&reason));
    assert_eq!(found.listeners.listeners.value().map(Vec::len), Some(1));
}

#[test]
fn without_the_tables_nothing_is_none() {
    let found = super::super::read(&Source::from_bundle(Bundle::new("windows")));
    assert_eq!(found.flows.reason(), Some(&Reason::NotAsked));
    assert_eq!(found.listeners.listeners.reason(), Some(&Reason::NotAsked));
}
