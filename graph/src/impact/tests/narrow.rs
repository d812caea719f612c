use std::collections::BTreeSet;

use petgraph::algo::articulation_points::articulation_points;
use petgraph::algo::dominators::simple_fast;
use petgraph::graph::{DiGraph, UnGraph};
use proptest::prelude::*;

use crate::impact::Gate;
use crate::impact::narrow::{Walk, Ways, singles};

const POINTS: usize = 7;

fn gates() -> impl Strategy<Value = Vec<Gate>> {
    let gate = (0_usize..POINTS, 0_usize..POINTS).prop_map(|(from, to)| gate(from, to));
    prop::collection::vec(gate, 0..14)
}

fn gate(from: usize, to: usize) -> Gate {
    Gate {
        from,
        to,
        cost: Some(1),
    }
}

/// What is joined to a point without another point and without a gate.
fn joined(gates: &[Gate], start: usize, no_point: usize, no_gate: usize) -> BTreeSet<usize> {
    let mut seen = BTreeSet::from([start]);
    loop {
        let before = seen.len();
        for (number, it) in gates.iter().enumerate() {
            if number == no_gate || it.from == no_point || it.to == no_point {
                continue;
            }
            if seen.contains(&it.from) || seen.contains(&it.to) {
                seen.extend([it.from, it.to]);
            }
        }
        if seen.len() == before {
            return seen;
        }
    }
}

proptest! {
    #[test]
    fn what_every_way_passes_is_what_trying_each_point_and_gate_finds(all in gates()) {
        let walk = Walk::from(&Ways::of(POINTS, &all), 0);
        let mut directed = DiGraph::<(), ()>::new();
        let nodes: Vec<_> = (0..POINTS).map(|_| directed.add_node(())).collect();
        for it in &all {
            directed.add_edge(nodes[it.from], nodes[it.to], ());
            directed.add_edge(nodes[it.to], nodes[it.from], ());
        }
        let dominators = simple_fast(&directed, nodes[0]);
        for (target, node) in nodes.iter().enumerate().skip(1) {
            let there = joined(&all, 0, usize::MAX, usize::MAX).contains(&target);
            prop_assert_eq!(walk.joins(target), there);
            let (points, alone) = walk.to(target);
            if !there {
                prop_assert!(points.is_empty() && alone.is_empty());
                continue;
            }
            let expected: BTreeSet<usize> = (1..POINTS)
                .filter(|it| *it != target && !joined(&all, 0, *it, usize::MAX).contains(&target))
                .collect();
            prop_assert_eq!(&points.iter().copied().collect::<BTreeSet<_>>(), &expected);
            let theirs = dominators.strict_dominators(*node).unwrap();
            let theirs = theirs.map(|it| it.index()).filter(|it| *it != 0);
            prop_assert_eq!(theirs.collect::<BTreeSet<_>>(), expected);
            let expected: BTreeSet<usize> = (0..all.len())
                .filter(|it| !joined(&all, 0, usize::MAX, *it).contains(&target))
                .collect();
            prop_assert_eq!(alone.into_iter().collect::<BTreeSet<_>>(), expected);
        }
    }

    #[test]
    fn network_falls_apart_without_exactly_the_points_that_trying_finds(all in gates()) {
        let found = singles(&Ways::of(POINTS, &all), &|_| 1);
        let mut graph = UnGraph::<(), ()>::new_undirected();
        let nodes: Vec<_> = (0..POINTS).map(|_| graph.add_node(())).collect();
        for it in all.iter().filter(|it| it.from != it.to) {
            graph.add_edge(nodes[it.from], nodes[it.to], ());
        }
        let theirs: BTreeSet<usize> = articulation_points(&graph).iter().map(|it| it.index()).collect();
        let ours: BTreeSet<usize> = found.iter().map(|it| it.point).collect();
        prop_assert_eq!(&ours, &theirs);
        for it in found {
            let whole = joined(&all, it.point, usize::MAX, usize::MAX);
            let mut parts: Vec<BTreeSet<usize>> = Vec::new();
            for at in whole.iter().filter(|at| **at != it.point) {
                if !parts.iter().any(|part| part.contains(at)) {
                    parts.push(joined(&all, *at, it.point, usize::MAX));
                }
            }
            let largest = parts.iter().map(BTreeSet::len).max().unwrap();
            prop_assert_eq!(it.parted.len(), whole.len() - 1 - largest);
        }
    }
}

#[test]
fn doubled_line_is_no_single_point_and_the_device_behind_it_is() {
    let lag = [gate(0, 1), gate(0, 1), gate(1, 2)];
    let (points, alone) = Walk::from(&Ways::of(3, &lag), 0).to(2);
    assert_eq!((points, alone), (vec![1], vec![2]));
    // Two VPN devices beside each other: neither is passed by every way.
    let twice = [gate(0, 1), gate(0, 2), gate(1, 3), gate(2, 3)];
    assert_eq!(Walk::from(&Ways::of(4, &twice), 0).to(3), (vec![], vec![]));
    assert_eq!(singles(&Ways::of(4, &twice), &|_| 1), []);
}

#[test]
fn long_chain_does_not_exhaust_the_stack() {
    let chain: Vec<Gate> = (0..200_000).map(|at| gate(at, at + 1)).collect();
    let walk = Walk::from(&Ways::of(200_001, &chain), 0);
    assert_eq!(walk.to(200_000).1.len(), 200_000);
}
