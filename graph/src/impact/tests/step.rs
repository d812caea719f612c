use std::collections::BTreeSet;

use daicho_ledger::Ledger;
use petgraph::stable_graph::NodeIndex;
use proptest::prelude::*;

use crate::impact::{
    Damage, Model, Reach, Reason, Resident, Scope, Snapshot, Step, ThingKind, Window, scope,
};
use crate::list::Basis;
use crate::tests::{at, flow, interface, ledger, machine};
use crate::{Knowledge, Network, network};
use daicho_report::{InterfaceKind, Reading, RemoteMount};

const ONE: &str = "a-00000000000000000000000000000001";
const TWO: &str = "a-00000000000000000000000000000002";
const THREE: &str = "a-00000000000000000000000000000003";
const CORE: &str = "00:1b:21:00:00:01";
const OTHER: &str = "00:1b:21:00:00:02";

fn asked(ledger: &Ledger, from: &str) -> Scope {
    let found: Network = network(ledger, &Knowledge::default());
    let basis = Basis {
        ledger,
        topology: &found.topology,
        recognition: &found.recognition,
    };
    let resident = Resident::of(basis);
    let damage = Damage {
        things: vec![from.to_owned()],
        window: Window::ALL,
    };
    scope(basis, &resident, &damage)
}

fn reach(found: &Scope, id: &str) -> Option<(Reach, Vec<Reason>)> {
    let it = found.reached.iter().find(|it| it.id == id)?;
    Some((it.reach, it.steps.iter().map(|it| it.reason).collect()))
}

#[test]
fn talk_in_one_segment_is_observed_and_silence_there_is_possible() {
    let mut one = machine(1, 1, 10, CORE);
    one.flows
        .push(flow("192.168.1.10", "192.168.1.11", 445, "System"));
    let all = ledger(vec![one, machine(2, 1, 11, CORE), machine(3, 1, 12, CORE)]);
    let found = asked(&all, ONE);
    assert_eq!(
        reach(&found, TWO),
        Some((Reach::Observed, vec![Reason::Flow]))
    );
    let segment = vec![Reason::Segment, Reason::Segment];
    assert_eq!(reach(&found, THREE), Some((Reach::Possible, segment)));
    // Back from whom was talked to it is possible alone.
    let back = asked(&all, TWO);
    assert_eq!(
        reach(&back, ONE),
        Some((Reach::Possible, vec![Reason::Answer]))
    );
}

#[test]
fn two_networks_of_one_range_are_never_joined() {
    let mut one = machine(1, 1, 10, CORE);
    one.flows
        .push(flow("192.168.1.10", "192.168.1.11", 445, "System"));
    let all = ledger(vec![one, machine(2, 1, 11, OTHER)]);
    let found = asked(&all, ONE);
    assert_eq!(reach(&found, TWO), None, "{found:#?}");
}

#[test]
fn an_address_alone_joins_no_realms_but_both_ends_words_do() {
    let mut one = machine(1, 1, 10, CORE);
    one.flows
        .push(flow("192.168.1.10", "192.168.2.11", 445, "System"));
    let two = machine(2, 2, 11, OTHER);
    let found = asked(&ledger(vec![one.clone(), two.clone()]), ONE);
    assert_eq!(reach(&found, TWO), None);
    assert_eq!(found.unresolved_flows, 1);
    let mut says = two;
    let mut back = flow("192.168.2.11", "192.168.1.10", 445, "System");
    back.item.direction = daicho_report::Direction::Inbound;
    says.flows.push(back);
    let found = asked(&ledger(vec![one, says]), ONE);
    assert_eq!(
        reach(&found, TWO),
        Some((Reach::Observed, vec![Reason::Flow]))
    );
}

#[test]
fn one_gateway_routes_and_is_not_known_to_block() {
    let all = ledger(vec![machine(1, 1, 10, CORE), machine(2, 2, 11, CORE)]);
    let (reach, reasons) = reach(&asked(&all, ONE), TWO).unwrap();
    assert_eq!(reach, Reach::Possible);
    assert!(reasons.contains(&Reason::Routed), "{reasons:?}");
}

#[test]
fn a_mounted_share_is_a_step_and_a_machine_in_two_networks_is_a_bridge() {
    let mut one = machine(1, 1, 10, CORE);
    one.storage.remote_mounts = Reading::known(
        vec![RemoteMount {
            protocol: "cifs".to_owned(),
            server: "192.168.1.11".to_owned(),
        }],
        "test",
    );
    let mut two = machine(2, 1, 11, CORE);
    let mut cards = two.interfaces.interfaces.value().unwrap().clone();
    cards.push(interface(
        3,
        "eth1",
        InterfaceKind::Ethernet,
        &[at("192.168.9.2", 24)],
    ));
    two.interfaces.interfaces = Reading::known(cards, "test");
    let mut three = machine(3, 9, 30, OTHER);
    let mut neighbour = three.neighbours[0].clone();
    neighbour.item.address = crate::tests::ip("192.168.9.2");
    three.neighbours.push(neighbour);
    let all = ledger(vec![one, two, three]);
    let found = asked(&all, ONE);
    assert_eq!(
        reach(&found, TWO),
        Some((Reach::Observed, vec![Reason::Mount]))
    );
}

#[test]
fn a_talk_after_the_moment_asked_about_is_no_step() {
    let mut one = machine(1, 1, 10, CORE);
    one.flows
        .push(flow("192.168.1.10", "192.168.1.11", 445, "System"));
    let all = ledger(vec![one, machine(2, 1, 11, CORE)]);
    let found: Network = network(&all, &Knowledge::default());
    let basis = Basis {
        ledger: &all,
        topology: &found.topology,
        recognition: &found.recognition,
    };
    let resident = Resident::of(basis);
    let at = |to: i64| {
        let damage = Damage {
            things: vec![ONE.to_owned()],
            window: Window { from: to - 10, to },
        };
        scope(basis, &resident, &damage).counts[1]
    };
    assert_eq!(at(1_795_000_000), 1);
    assert_eq!(at(1_794_999_999), 0);
}

/// A model of plain steps: from, to, observed, first, last.
fn model(things: usize, steps: &[(usize, usize, bool, i64, i64)]) -> Model {
    let mut model = Model::default();
    let all: Vec<NodeIndex> = (0..things)
        .map(|n| model.thing(&format!("t{n:02}"), ThingKind::Asset))
        .collect();
    for (from, to, observed, first, last) in steps {
        let step = Step {
            reason: Reason::Flow,
            observed: *observed,
            first: *first,
            last: *last,
            proof: 0,
        };
        model.graph.add_edge(all[*from], all[*to], step);
    }
    model
}

type Plain = (usize, usize, bool, i64, i64);

fn steps(most: usize) -> impl Strategy<Value = Vec<Plain>> {
    let one = (0_usize..8, 0_usize..8, any::<bool>(), 0_i64..20, 0_i64..20);
    prop::collection::vec(one, 0..most)
}

/// Everything in reach, by repeating until nothing is new.
fn brute(all: &[Plain], root: usize, (from, to): (i64, i64), observed: bool) -> BTreeSet<usize> {
    let mut seen = BTreeSet::from([root]);
    loop {
        let before = seen.len();
        for (a, b, o, first, last) in all {
            if seen.contains(a) && (*o || !observed) && *first <= to && *last >= from {
                seen.insert(*b);
            }
        }
        if seen.len() == before {
            return seen;
        }
    }
}

fn found(all: &[Plain], root: u32, window: (i64, i64), observed: bool) -> BTreeSet<usize> {
    let snapshot = Snapshot::of(&model(8, all));
    let window = Window {
        from: window.0,
        to: window.1,
    };
    let tree = snapshot.reach(&[root], window, observed);
    (0..8_u32)
        .filter(|it| tree.has(*it))
        .map(|it| it as usize)
        .collect()
}

proptest! {
    #[test]
    fn reach_is_what_trying_everything_finds(all in steps(24), from in 0_i64..20, long in 0_i64..20, observed: bool) {
        let window = (from, from + long);
        prop_assert_eq!(found(&all, 0, window, observed), brute(&all, 0, window, observed));
    }

    #[test]
    fn more_steps_never_shrink_the_range(all in steps(16), more in steps(8), observed: bool) {
        let window = (0, 40);
        let before = found(&all, 0, window, observed);
        let both: Vec<Plain> = all.iter().chain(&more).copied().collect();
        prop_assert!(before.is_subset(&found(&both, 0, window, observed)));
    }

    #[test]
    fn observed_is_part_of_possible(all in steps(24)) {
        let window = (0, 40);
        prop_assert!(found(&all, 0, window, true).is_subset(&found(&all, 0, window, false)));
    }
}
