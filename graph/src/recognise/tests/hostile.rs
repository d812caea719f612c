//! Names from outside may be anything, and the order of the input says nothing.

use daicho_report::{InterfaceKind, ToolState};
use proptest::prelude::*;

use super::bed::*;
use crate::recognise::{Knowledge, recognise};
use crate::topology;

/// A machine with one text in every field that takes one.
fn everywhere(number: usize, text: &str) -> Machine {
    pc(number, 3, 10)
        .link(text, InterfaceKind::Ppp, "10.200.0.5/32")
        .named(text)
        .domain(text)
        .resolved(text)
        .host(text, "10.0.0.1")
        .folder(text)
        .task(text)
        .account(text)
        .share(text)
        .proxy(text)
        .software(text, text)
        .tool(text, ToolState::Running)
        .listens(9999, text)
        .talks("203.0.113.9", 443, text)
}

#[test]
fn hostile_names_in_every_field_change_no_verdict() {
    let plain = drawn(&found(&[everywhere(1, "x")], Vec::new()));
    let long = "あ".repeat(5000);
    for text in [
        "",
        "*",
        "..",
        ".",
        ":",
        "\u{202e}exe",
        "\0",
        "'; --",
        "<b>",
        "{{}}",
        &long,
    ] {
        assert_eq!(
            drawn(&found(&[everywhere(1, text)], Vec::new())),
            plain,
            "{text:?}"
        );
    }
}

fn machines() -> impl Strategy<Value = Vec<Machine>> {
    let one = (0_u8..4, 0_u8..6, 0_u8..4).prop_map(|(net, what, host)| (net, 10 + host, what));
    proptest::collection::vec(one, 1..12).prop_map(|all| {
        let make = |(n, (net, host, what)): (usize, (u8, u8, u8))| {
            let it = pc(n + 1, net, host);
            match what {
                0 => it
                    .folder("OQS\\OQSComApp")
                    .resolved("hweb.oqs.onshikaku.org"),
                1 => it.talks("203.0.113.9", 443, "chrome"),
                2 => it.route("10.9.0.0/24", "LAN", Some(&format!("192.168.{net}.254")), 1),
                3 => it
                    .server()
                    .listens(104, "dcm")
                    .software("富士通", "HOPE EGMAIN-GX"),
                4 => it
                    .tool("TeamViewer", ToolState::Running)
                    .talks("192.168.1.10", 104, "v"),
                _ => it.resolved("hweb-api.oqs.onshikaku.org"),
            }
        };
        all.into_iter().enumerate().map(make).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_order_of_machines_does_not_matter(all in machines(), turn in 0_usize..12) {
        let mut ledger = ledger(&all, Vec::new());
        let graph = topology(&ledger);
        let knowledge = Knowledge::shipped();
        let one = recognise(&ledger, &graph, &knowledge);
        let count = ledger.assets.len();
        ledger.assets.rotate_left(turn % count);
        ledger.seen.reverse();
        let mut other = graph;
        other.edges.reverse();
        other.nodes.reverse();
        prop_assert_eq!(one, recognise(&ledger, &other, &knowledge));
    }

    #[test]
    fn nothing_is_confirmed_by_one_kind_of_witness(all in machines()) {
        for point in found(&all, Vec::new()).points {
            let kinds: std::collections::BTreeSet<_> =
                point.witnesses.iter().map(|it| &it.kind).collect();
            if point.grade == daicho_ledger::Grade::Confirmed {
                prop_assert!(kinds.len() > 1 && point.witnesses.iter().any(|it| it.proven));
            }
        }
    }
}
