use proptest::prelude::*;

use crate::impact::{Gate, min_cut};

/// Whether a source and a sink are joined by gates that stay open.
fn joined(points: usize, gates: &[Gate], closed: u32, sources: &[usize], sinks: &[usize]) -> bool {
    let mut seen = vec![false; points];
    for it in sources {
        seen[*it] = true;
    }
    for _ in 0..points {
        for (number, gate) in gates.iter().enumerate() {
            if closed & (1 << number) == 0 && seen[gate.from] != seen[gate.to] {
                seen[gate.from] = true;
                seen[gate.to] = true;
            }
        }
    }
    sinks.iter().any(|it| seen[*it])
}

/// The least cost of all sets of gates that part the two, by trying every set.
fn brute(points: usize, gates: &[Gate], sources: &[usize], sinks: &[usize]) -> Option<u64> {
    let sets = 0..(1_u32 << gates.len());
    let cost = |set: u32| -> Option<u64> {
        let closed = gates
            .iter()
            .enumerate()
            .filter(|(n, _)| set & (1 << n) != 0);
        closed.map(|(_, it)| it.cost).sum()
    };
    sets.filter(|set| !joined(points, gates, *set, sources, sinks))
        .filter_map(cost)
        .min()
}

fn gates() -> impl Strategy<Value = Vec<Gate>> {
    let cost = prop_oneof![4 => (1_u64..9).prop_map(Some), 1 => Just(None)];
    let gate = (0_usize..6, 0_usize..6, cost).prop_map(|(from, to, cost)| Gate { from, to, cost });
    prop::collection::vec(gate, 0..11)
}

proptest! {
    #[test]
    fn the_cut_is_the_cheapest_of_all_that_part(all in gates()) {
        let (sources, sinks) = ([0, 1], [4, 5]);
        let expected = brute(6, &all, &sources, &sinks);
        let found = min_cut(6, &all, &sources, &sinks);
        prop_assert_eq!(found.as_ref().map(|it| it.cost), expected);
        if let Some(cut) = found {
            let closed = cut.gates.iter().fold(0, |set, n| set | (1 << n));
            prop_assert!(!joined(6, &all, closed, &sources, &sinks));
            let cost: Option<u64> = cut.gates.iter().map(|it| all[*it].cost).sum();
            prop_assert_eq!(cost, Some(cut.cost));
        }
    }
}

fn gate(from: usize, to: usize, cost: u64) -> Gate {
    Gate {
        from,
        to,
        cost: Some(cost),
    }
}

#[test]
fn a_doubled_line_is_cut_twice_and_a_single_one_beyond_it_once() {
    let doubled = [gate(0, 1, 10), gate(0, 1, 10), gate(1, 2, 25)];
    assert_eq!(min_cut(3, &doubled, &[0], &[2]).unwrap().gates, [0, 1]);
    let single = [gate(0, 1, 10), gate(0, 1, 10), gate(1, 2, 15)];
    assert_eq!(min_cut(3, &single, &[0], &[2]).unwrap().gates, [2]);
}

#[test]
fn of_equal_cuts_the_one_at_the_thing_to_protect_is_chosen() {
    let line = [gate(0, 1, 10), gate(1, 2, 10), gate(2, 3, 10)];
    assert_eq!(min_cut(4, &line, &[0], &[3]).unwrap().gates, [2]);
}

#[test]
fn what_stands_on_both_sides_is_parted_by_nothing() {
    assert_eq!(min_cut(2, &[gate(0, 1, 1)], &[0, 1], &[1]), None);
    let nothing = min_cut(2, &[], &[0], &[1]).unwrap();
    assert!(nothing.gates.is_empty() && nothing.cost == 0);
}
