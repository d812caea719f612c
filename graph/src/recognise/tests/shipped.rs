//! Every trait of the shipped files: a machine that shows it, and one that shows almost it.

use toml::{Table, Value};

use daicho_report::InterfaceKind;

use super::bed::*;
use crate::recognise::knowledge::{Knowledge, SHIPPED};
use crate::recognise::{index::Index, sign};
use crate::topology;

/// A machine that shows one value of one kind of trait; nothing for patterns, which have tests of
/// their own.
fn showing(kind: &str, value: &str) -> Option<Machine> {
    let text = value.replace('*', "x");
    let it = machine(1).link("LAN", InterfaceKind::Ethernet, "192.168.3.10/24");
    let port = || text.split_once('/').unwrap().0.parse().unwrap();
    Some(match kind {
        "name_server" => it.name_servers(&[&text]),
        "name" => it.resolved(&format!("a.{text}")),
        "proxy" => it.proxy(&format!("p.{text}:8080")),
        "time_server" => it.time_server(&format!("ntp.{text}")),
        "folder" => it.folder(&text),
        "task" => it.task(&text),
        "credential" => it.credential(&text),
        "account" => it.account(&text),
        "share" => it.share(&text),
        "software" => it.software("p", &text),
        "publisher" => it.software(&text, "s"),
        "service" => it.service(&text),
        "program" => it.listens(9, &text),
        "port" if text.ends_with("udp") => it.listens_udp(port()),
        "port" => it.listens(port(), "p"),
        "talks_to" if text.ends_with("udp") => it.talks_udp("192.168.3.11", port()),
        "talks_to" => it.talks("192.168.3.11", port(), "p"),
        "peer" => it.talks(
            text.split_once('/').map_or(text.as_str(), |(net, _)| net),
            9,
            "p",
        ),
        "interface_name" => it.link(&text, InterfaceKind::Ethernet, "192.168.4.10/24"),
        "host_name" => it.named(&text),
        "domain" => it.domain(&text),
        "word" | "pattern" => return None,
        other => panic!("no machine shows {other}"),
    })
}

/// Numbers of the traits that a machine shows.
fn shown(machine: &Machine, knowledge: &Knowledge) -> Vec<usize> {
    let ledger = ledger(std::slice::from_ref(machine), Vec::new());
    let topology = topology(&ledger);
    let index = Index::new(&ledger, &topology);
    let shown = sign::shown(&index, knowledge);
    let mut hits: Vec<usize> = shown
        .iter()
        .flat_map(|it| &it.hits)
        .map(|it| it.of)
        .collect();
    hits.sort_unstable();
    hits.dedup();
    hits
}

/// The same value, spoilt so that it is another one.
fn spoilt(kind: &str, value: &str) -> Option<String> {
    Some(match kind {
        "name_server" => "2001:db8::1".to_owned(),
        "port" | "talks_to" => format!("7/{}", value.split_once('/')?.1),
        "name" | "proxy" | "time_server" => format!("{value}.example"),
        // A star at both ends: what stands between is spoilt.
        _ => value
            .chars()
            .map(|c| if c == '*' { c } else { 'ゑ' })
            .collect(),
    })
}

#[test]
fn every_shipped_trait_fires_on_its_value_and_not_on_another() {
    let knowledge = Knowledge::shipped();
    let mut number = 0;
    for (name, text) in SHIPPED {
        let file: Table = text.parse().unwrap();
        let signatures = file.get("signature").and_then(Value::as_array);
        for signature in signatures.into_iter().flatten() {
            for one in signature["trait"].as_array().unwrap() {
                let kind = one["kind"].as_str().unwrap();
                for value in one["values"].as_array().unwrap() {
                    let value = value.as_str().unwrap();
                    let told = format!("{name}: {kind} {value}");
                    // Patterns and people's words have tests of their own.
                    let Some(machine) = showing(kind, value) else {
                        continue;
                    };
                    assert!(shown(&machine, &knowledge).contains(&number), "{told}");
                    let other = spoilt(kind, value).unwrap();
                    let other = showing(kind, &other).unwrap();
                    assert!(
                        !shown(&other, &knowledge).contains(&number),
                        "spoilt {told}"
                    );
                }
                number += 1;
            }
        }
    }
    assert_eq!(number, knowledge.traits.len());
}
