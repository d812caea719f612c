//! What the ledger may never do with what it is given.

use daicho_report::{AgentId, Neighbour, Reason};
use proptest::prelude::*;

use super::*;
use crate::input::Interval;
use crate::{Cell, Lang, List, State, columns, findings, rows};

fn fixture() -> Input {
    serde_json::from_str(include_str!("fixture.json")).unwrap()
}

fn ledger() -> Ledger {
    build(&fixture())
}

fn cell(list: List, row: usize, key: &str) -> Cell {
    let at = columns(list).iter().position(|it| it.key == key).unwrap();
    rows(&ledger(), list, Lang::Ja)[row].cells[at].clone()
}

#[test]
fn kept_value_stands_where_the_newest_reading_failed_and_says_so() {
    let ledger = ledger();
    let asset = &ledger.assets[0];
    assert_eq!(asset.hardware.serial.value().unwrap(), "SN-0001");
    let day = Time::parse("2026-11-24T00:00:00Z").unwrap();
    assert_eq!(
        asset.stale,
        [("hardware.serial".to_owned(), day, Reason::Denied)]
    );
    let cell = cell(List::Devices, 0, "serial");
    assert_eq!(cell.state, State::Stale);
    assert_eq!(
        cell.text,
        "SN-0001（前回値 2026-11-24 09:00。今回は権限不足）"
    );
}

#[test]
fn kept_value_never_replaces_a_newer_value_or_spoils_a_body() {
    let mut input = fixture();
    let hardware = &mut input.agents[0].sections[2];
    hardware.kept[0].field = "model".to_owned();
    let asset = &build(&input).assets[0];
    assert_eq!(asset.hardware.model.value().unwrap(), "T100");
    assert!(asset.stale.is_empty());

    let hardware = &mut input.agents[0].sections[2];
    hardware.kept[0].field = "serial".to_owned();
    let wrong = r#"{"known":{"value":[1],"source":"x"}}"#;
    hardware.kept[0].reading = serde_json::from_str(wrong).unwrap();
    let asset = &build(&input).assets[0];
    assert_eq!(asset.hardware.serial.reason(), Some(&Reason::Denied));
    assert!(asset.unreadable_sections.is_empty());
}

#[test]
fn unreadable_body_fails_in_every_field_and_is_never_none() {
    let ledger = ledger();
    let asset = &ledger.assets[1];
    assert_eq!(asset.unreadable_sections[0].0, "account");
    let parse = Reason::failed("parse");
    assert_eq!(asset.accounts.accounts.reason(), Some(&parse));
    assert_eq!(asset.accounts.directory.reason(), Some(&parse));
    assert_eq!(asset.unknown_sections, ["future_thing"]);
    assert_eq!(asset.software.items.reason(), Some(&Reason::NotAsked));
    let cell = cell(List::Devices, 1, "administrators");
    assert_eq!(cell.text, "未確認（取得失敗: parse）");
}

#[test]
fn neighbours_join_by_hardware_address_and_agents_are_not_seen_devices() {
    let ledger = ledger();
    let ids: Vec<&str> = ledger.seen.iter().map(|it| it.id.0.as_str()).collect();
    let (a, b) = ("0a".repeat(16), "0b".repeat(16));
    assert_eq!(
        ids,
        [
            "m-00:1b:21:00:00:01",
            "m-9a:00:00:00:00:77",
            &format!("m-at-a-{a}-eth0-192.168.10.254"),
            &format!("m-gateway-a-{b}-192.168.10.200"),
        ]
    );
    assert_eq!(
        ledger.seen[0].sights.len(),
        2,
        "both agents see the gateway"
    );
    assert!(ledger.seen[0].sights.iter().all(|it| it.gateway));
    assert_eq!(ledger.seen[1].addresses.len(), 2, "IPv4 and IPv6 of one");
    assert_eq!(ledger.seen[3].mac, None);
    assert_eq!(ledger.coverage.with_agent, 2);
    assert_eq!(ledger.coverage.seen_only, 4);
    assert_eq!(ledger.coverage.addresses, 8);
}

#[test]
fn what_a_machine_sees_at_the_address_it_prints_to_is_a_printer_for_it_alone() {
    let printers = |host: &str, connection: &str| {
        let mut assets = ledger().assets;
        let printer = serde_json::json!([{
            "driver": "RICOH", "connection": connection,
            "protocol": null, "host": host, "port": null, "shared": false
        }]);
        assets[0].printers.printers =
            daicho_report::Reading::known(serde_json::from_value(printer).unwrap(), "test");
        seen::seen(&assets)
    };
    let seen = ledger().seen;
    let device = seen
        .iter()
        .position(|it| it.id.0 == "m-9a:00:00:00:00:77")
        .unwrap();
    let by = &ledger().assets[0].id;
    let sight = seen[device].sights.iter().find(|it| it.by == *by).unwrap();
    let address = sight.address.to_string();
    let found = printers(&address, "network");
    let of = |found: &[SeenAsset]| -> Vec<String> {
        let all = found.iter().filter(|it| !it.printed_on.is_empty());
        all.map(|it| it.id.0.clone()).collect()
    };
    assert_eq!(of(&found), [seen[device].id.0.clone()]);
    assert_eq!(found[device].printed_on[0].driver.as_deref(), Some("RICOH"));
    // Through a server, at a name, or where it sees nothing itself.
    assert!(of(&printers(&address, "server")).is_empty());
    assert!(of(&printers("prn01", "network")).is_empty());
    assert!(of(&printers("192.0.2.77", "network")).is_empty());
}

#[test]
fn same_container_address_on_two_machines_is_two_devices() {
    let mut input = fixture();
    for observed in &mut input.agents {
        observed.neighbours.push(Interval {
            item: Neighbour {
                interface: "docker0".to_owned(),
                address: "172.17.0.2".parse().unwrap(),
                mac: "02:42:ac:11:00:02".to_owned(),
                router: false,
            },
            since: Time::EPOCH,
            until: None,
        });
    }
    let seen = build(&input).seen;
    let containers = seen.iter().filter(|it| it.id.0.starts_with("m-02:42:"));
    assert_eq!(containers.count(), 2);
}

#[test]
fn gateway_stands_among_network_devices_alone() {
    let ledger = ledger();
    let network = rows(&ledger, List::Network, Lang::Ja);
    let devices = rows(&ledger, List::Devices, Lang::Ja);
    assert_eq!((network.len(), devices.len()), (2, 4));
    assert_eq!(
        cell(List::Network, 0, "role").text,
        "ゲートウェイ（経路表）"
    );
    assert_eq!(
        cell(List::Devices, 2, "standing").text,
        "台帳外（通信のみ観測）"
    );
    assert_eq!(cell(List::Devices, 2, "os_name").text, "未確認（未照会）");
}

#[test]
fn flows_that_could_not_be_asked_are_not_none() {
    let all = rows(&ledger(), List::Flows, Lang::Ja);
    let texts: Vec<&str> = all
        .iter()
        .filter(|row| row.asset.as_ref().unwrap().0.starts_with("a-0b"))
        .map(|row| row.cells[3].text.as_str())
        .collect();
    assert_eq!(texts, ["未確認（未照会）", "未確認（権限不足）"]);
}

#[test]
fn each_rule_fires_on_the_machine_that_it_is_about() {
    let found = findings(&ledger());
    let rules: Vec<(&str, &str)> = found
        .iter()
        .map(|it| (it.rule, it.asset.0.get(..4).unwrap()))
        .collect();
    let expected = [
        ("ADM-001", "a-0a"),
        ("ANV-001", "a-0b"),
        ("EOL-001", "a-0a"),
        ("EOL-001", "a-0b"),
        ("IDN-002", "a-0b"),
        ("ANV-003", "a-0a"),
        ("CHN-001", "a-0b"),
        ("CLK-001", "a-0b"),
        ("OLD-001", "a-0b"),
        ("SEC-002", "a-0b"),
        ("MAC-001", "m-9a"),
        ("SEC-001", "a-0b"),
        ("STL-001", "a-0a"),
        ("UNK-001", "a-0a"),
        ("UNK-001", "a-0b"),
    ];
    assert_eq!(rules, expected);
}

#[test]
fn same_identity_on_the_same_hardware_is_one_machine_enrolled_twice() {
    let mut input = fixture();
    let mut twin = input.agents[0].clone();
    twin.agent = AgentId::from_random(&[0x0c; 16]);
    input.agents = vec![input.agents[0].clone(), twin];
    let ledger = build(&input);
    assert_eq!(ledger.assets.len(), 2, "nothing is merged");
    let rules: Vec<&str> = findings(&ledger).iter().map(|it| it.rule).collect();
    assert!(rules.contains(&"IDN-001") && !rules.contains(&"IDN-002"));
}

#[test]
fn hidden_characters_of_a_host_name_are_shown() {
    assert_eq!(
        cell(List::Devices, 1, "host_name").text,
        "=cmd|'/c calc'!A1〈U+202E〉txt"
    );
}

#[test]
fn nothing_received_is_a_ledger_of_nothing() {
    let empty = Input {
        agents: Vec::new(),
        hand: Default::default(),
        ..fixture()
    };
    let ledger = build(&empty);
    assert_eq!((ledger.period, ledger.coverage.with_agent), (None, 0));
    for list in List::ALL {
        assert!(rows(&ledger, list, Lang::En).is_empty());
    }
}

#[test]
fn dates_are_those_of_the_site() {
    let at = |text| Time::parse(text).unwrap();
    let late = at("2026-11-25T15:30:00Z");
    assert_eq!(crate::text::moment(late, 32_400), "2026-11-26 00:30");
    let date = |time, lang| crate::text::date(time, 32_400, lang);
    assert_eq!(date(late, Lang::Ja), "令和8年11月26日（2026-11-26）");
    assert_eq!(date(late, Lang::En), "2026-11-26");
    let first = at("2019-05-01T00:00:00Z");
    assert_eq!(date(first, Lang::Ja), "令和元年5月1日（2019-05-01）");
    assert_eq!(date(at("2019-04-30T00:00:00Z"), Lang::Ja), "2019-04-30");
}

/// What must hold of every cell of every list.
fn check_cells(ledger: &Ledger) {
    for list in List::ALL {
        for lang in [Lang::Ja, Lang::En] {
            let width = columns(list).len();
            for row in rows(ledger, list, lang) {
                assert_eq!(row.cells.len(), width, "{list:?}");
                for cell in &row.cells {
                    assert!(!cell.text.trim().is_empty(), "{list:?} {cell:?}");
                    let unknown = matches!(cell.state, State::Unknown | State::Stale);
                    assert_eq!(unknown, cell.reason.is_some(), "{list:?} {cell:?}");
                    let hidden = |c: char| c.is_control() && c != '\n';
                    assert!(!cell.text.contains(hidden), "{list:?} {cell:?}");
                }
            }
        }
    }
}

#[test]
fn no_cell_is_blank_and_every_unknown_cell_has_a_reason() {
    check_cells(&ledger());
}

#[test]
fn keys_of_columns_are_single() {
    for list in List::ALL {
        let mut keys: Vec<_> = columns(list).iter().map(|it| it.key).collect();
        let all = keys.len();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), all, "{list:?}");
    }
}

fn shuffled() -> impl Strategy<Value = Input> {
    (any::<bool>(), any::<u64>()).prop_map(|(swap, seed)| {
        let mut input = fixture();
        if swap {
            input.agents.reverse();
        }
        for observed in &mut input.agents {
            let turn = |len: usize| (seed as usize) % len.max(1);
            let at = turn(observed.sections.len());
            observed.sections.rotate_left(at);
            let at = turn(observed.neighbours.len());
            observed.neighbours.rotate_left(at);
            let at = turn(observed.flows.len());
            observed.flows.rotate_left(at);
        }
        input
    })
}

proptest! {
    #[test]
    fn ledger_does_not_depend_on_the_order_of_the_input(input in shuffled()) {
        prop_assert_eq!(build(&input), ledger());
    }

    #[test]
    fn hostile_names_never_blank_or_hide_a_cell(name in any::<String>(), field in 0_usize..3) {
        let mut ledger = ledger();
        let asset = &mut ledger.assets[0];
        match field {
            0 => asset.label = name,
            1 => asset.hardware.host_name = daicho_report::Reading::known(name, "x"),
            _ => asset.hardware.model = daicho_report::Reading::unknown(Reason::Failed(name), "x"),
        }
        check_cells(&ledger);
    }

    #[test]
    fn any_body_gives_a_ledger(body in "[\\[\\]{}\":,a-z0-9 ]{0,40}") {
        let mut input = fixture();
        if let Ok(raw) = serde_json::from_str(&body) {
            input.agents[0].sections[0].body = raw;
            check_cells(&build(&input));
        }
    }
}
