use crate::impact::{Damage, Plan, Resident, Window, overlay, scope};
use crate::list::Basis;
use crate::tests::{flow, ledger, machine, options};
use crate::{Knowledge, Lang, layout, network, svg};

#[test]
fn marks_stand_over_the_picture_and_move_nothing() {
    let gateway = "00:1b:21:00:00:01";
    let mut one = machine(1, 1, 10, gateway);
    one.label = "<script>&\"".to_owned();
    one.flows
        .push(flow("192.168.1.10", "192.168.1.11", 445, "System"));
    let all = ledger(vec![
        one,
        machine(2, 1, 11, gateway),
        machine(3, 1, 12, gateway),
    ]);
    let found = network(&all, &Knowledge::default());
    let basis = Basis {
        ledger: &all,
        topology: &found.topology,
        recognition: &found.recognition,
    };
    let resident = Resident::of(basis);
    let damage = Damage {
        things: vec![all.assets[0].id.0.clone()],
        window: Window::ALL,
    };
    let scope = scope(basis, &resident, &damage);
    let geometry = layout(&found.topology, &options());
    let plain = svg(&geometry);
    let drawn = overlay(
        &plain,
        &geometry,
        &resident,
        (&scope, &Plan::default()),
        Lang::Ja,
    );
    let end = plain.rfind("</svg>").unwrap();
    assert!(
        drawn.starts_with(&plain[..end]),
        "the picture itself is as it was"
    );
    let marks = &drawn[end..];
    // The third machine is possible, and so is the gateway.
    for (word, times) in [(">被害<", 1), (">観測<", 1), (">可能性<", 2)] {
        assert_eq!(marks.matches(word).count(), times, "{word}: {marks}");
    }
    assert!(!drawn.contains("<script"));
    assert_eq!(drawn.matches("</svg>").count(), 1);
}
