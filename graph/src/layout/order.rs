//! A list in the order that constraints ask for. Comes in: a list, places and pairs; goes out: the same
//! things, those without a constraint in their own order. It never leaves one out: what cannot be kept
//! is broken, and the caller sees it in the order.

use std::collections::{BTreeMap, BTreeSet};

/// What the order keeps.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wanted {
    /// Place of a thing, from 0.
    pub(crate) places: BTreeMap<usize, usize>,
    /// Things that stand side by side.
    pub(crate) pairs: Vec<(usize, usize)>,
}

/// Orders a list.
pub(super) fn ordered(list: &[usize], wanted: &Wanted) -> Vec<usize> {
    let mut slots: Vec<Option<usize>> = vec![None; list.len()];
    let mut free: Vec<Vec<usize>> = Vec::new();
    for chain in chains(list, &wanted.pairs) {
        let start = start(&chain, wanted, &slots);
        match start {
            Some((at, chain)) => {
                for (slot, n) in slots[at..].iter_mut().zip(chain) {
                    *slot = Some(n);
                }
            }
            None => free.push(chain),
        }
    }
    fill(&mut slots, free);
    slots.into_iter().flatten().collect()
}

/// Where a chain begins so that one of it stands at its place, turned round where only that fits.
fn start(chain: &[usize], wanted: &Wanted, slots: &[Option<usize>]) -> Option<(usize, Vec<usize>)> {
    let turned: Vec<usize> = chain.iter().rev().copied().collect();
    for way in [chain.to_vec(), turned] {
        let held = way
            .iter()
            .enumerate()
            .find_map(|(k, n)| Some((k, *wanted.places.get(n)?)));
        let (k, place) = held?;
        let Some(at) = place.checked_sub(k) else {
            continue;
        };
        let room = slots.get(at..at + way.len());
        if room.is_some_and(|it| it.iter().all(Option::is_none)) {
            return Some((at, way));
        }
    }
    None
}

/// Things that stand side by side, each with its neighbours; what closes a ring or has two already is
/// left as it is.
fn chains(list: &[usize], pairs: &[(usize, usize)]) -> Vec<Vec<usize>> {
    let known: BTreeSet<usize> = list.iter().copied().collect();
    let mut chains: Vec<Vec<usize>> = list.iter().map(|n| vec![*n]).collect();
    for (a, b) in pairs {
        if !known.contains(a) || !known.contains(b) {
            continue;
        }
        let of = |n: &usize| chains.iter().position(|chain| chain.contains(n));
        let (Some(i), Some(j)) = (of(a), of(b)) else {
            continue;
        };
        let end = |chain: &[usize], n: &usize| chain.first() == Some(n) || chain.last() == Some(n);
        if i == j || !end(&chains[i], a) || !end(&chains[j], b) {
            continue;
        }
        // The later one joins where the earlier one stands.
        let (keep, gone, x, y) = if i < j { (i, j, a, b) } else { (j, i, b, a) };
        let mut tail = chains.remove(gone);
        let head = &mut chains[keep];
        if tail.first() != Some(y) {
            tail.reverse();
        }
        if head.last() == Some(x) {
            head.extend(tail);
        } else {
            tail.reverse();
            tail.append(head);
            *head = tail;
        }
    }
    chains
}

/// The others in their own order, a chain where it fits.
fn fill(slots: &mut [Option<usize>], mut free: Vec<Vec<usize>>) {
    let mut at = 0;
    while at < slots.len() {
        if slots[at].is_some() {
            at += 1;
            continue;
        }
        let room = slots[at..].iter().take_while(|it| it.is_none()).count();
        let chain = match free.iter().position(|chain| chain.len() <= room) {
            Some(n) => free.remove(n),
            // Nothing fits: a chain is parted.
            None => match free.first_mut() {
                Some(first) => first.drain(..room.min(first.len())).collect(),
                None => return,
            },
        };
        for n in chain {
            slots[at] = Some(n);
            at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn wanted(places: &[(usize, usize)], pairs: &[(usize, usize)]) -> Wanted {
        Wanted {
            places: places.iter().copied().collect(),
            pairs: pairs.to_vec(),
        }
    }

    #[test]
    fn others_keep_their_order_around_what_has_a_place() {
        let list = [10, 11, 12, 13];
        assert_eq!(
            ordered(&list, &wanted(&[(13, 1)], &[])),
            [10, 13, 11, 12],
            "the last at the second place"
        );
        assert_eq!(ordered(&list, &wanted(&[(10, 9)], &[])), list);
    }

    #[test]
    fn those_side_by_side_go_together_to_the_place_of_one() {
        let list = [10, 11, 12, 13];
        let both = wanted(&[(13, 0)], &[(10, 13)]);
        assert_eq!(ordered(&list, &both), [13, 10, 11, 12]);
        let three = wanted(&[], &[(10, 12), (12, 11)]);
        assert_eq!(ordered(&list, &three), [10, 12, 11, 13]);
    }

    proptest! {
        /// Nothing is lost or doubled, whatever is asked for; one place alone is always kept.
        #[test]
        fn the_order_holds_the_same_things(
            count in 0_usize..12,
            places in prop::collection::vec((0_usize..12, 0_usize..14), 0..6),
            pairs in prop::collection::vec((0_usize..12, 0_usize..12), 0..6),
        ) {
            let list: Vec<usize> = (0..count).collect();
            let mut out = ordered(&list, &wanted(&places, &pairs));
            out.sort_unstable();
            prop_assert_eq!(&out, &list);
            if let Some((n, at)) = places.first().filter(|(n, at)| *n < count && *at < count) {
                let out = ordered(&list, &wanted(&[(*n, *at)], &[]));
                prop_assert_eq!(out.get(*at), Some(n));
            }
        }
    }
}
