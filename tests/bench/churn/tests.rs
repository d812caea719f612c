use std::collections::BTreeSet;

use super::*;

fn kinds_that_change(told: Told) -> BTreeSet<String> {
    let mut machine = Machine::new(3, told);
    let mut changed = BTreeSet::new();
    let mut before = machine.collected(0).unwrap();
    for _ in 0..200 {
        machine.pass_hour();
        let now = machine.collected(0).unwrap();
        let pairs = before.sections.iter().zip(&now.sections);
        let differing = pairs.filter(|(one, other)| one.hash != other.hash);
        changed.extend(differing.map(|(it, _)| it.kind.to_string()));
        before = now;
    }
    changed
}

#[test]
fn services_change_with_the_hour_only_where_their_state_is_told() {
    assert!(kinds_that_change(Told::Running).contains("service"));
    let changed = kinds_that_change(Told::Configuration);
    assert!(
        !changed.contains("service") && changed.contains("software"),
        "{changed:?}"
    );
}

#[test]
fn same_number_makes_the_same_machine() {
    let run = || {
        let mut machine = Machine::new(7, Told::Running);
        (0..50).for_each(|_| machine.pass_hour());
        format!("{:?}", machine.collected(0).unwrap())
    };
    assert_eq!(run(), run());
}

#[test]
fn quiet_hour_changes_gauges_alone() {
    let mut machine = Machine::new(1, Told::Running);
    let before = machine.collected(0).unwrap();
    machine.pass_quiet_hour();
    let after = machine.collected(0).unwrap();
    assert_eq!(before.flows, after.flows);
    for (one, other) in before.sections.iter().zip(&after.sections) {
        assert_eq!(one.hash == other.hash, one.kind.as_str() != "gauges");
    }
}
