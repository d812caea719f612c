//! Clusters of attachments, and what speaks against joining them. Comes in: bindings; goes out:
//! pairs of clusters that cannot be one link. It never calls it a contradiction when an address was
//! one device's yesterday and is another's today.

use std::collections::{BTreeMap, BTreeSet};

use super::binding::{Binding, Worth};

/// Disjoint sets of attachments with what each knows.
pub(super) struct Clusters {
    parents: Vec<usize>,
    /// What a cluster knows, at its root, sorted.
    known: Vec<Vec<Binding>>,
    /// Who is in a cluster, at its root.
    members: Vec<Vec<usize>>,
    /// Pairs that a person says are two networks.
    apart: Vec<[usize; 2]>,
}

impl Clusters {
    /// Every attachment by itself.
    pub(super) fn new(count: usize, all: Vec<Binding>, apart: Vec<[usize; 2]>) -> Self {
        let mut known = vec![Vec::new(); count];
        for binding in all {
            if let Some(own) = known.get_mut(binding.from) {
                own.push(binding);
            }
        }
        Self {
            parents: (0..count).collect(),
            known,
            members: (0..count).map(|n| vec![n]).collect(),
            apart,
        }
    }

    /// The cluster of an attachment.
    pub(super) fn root(&self, n: usize) -> usize {
        let mut at = n;
        while let Some(up) = self.parents.get(at).filter(|up| **up != at) {
            at = *up;
        }
        at
    }

    /// The clusters of some attachments, sorted.
    pub(super) fn roots(&self, all: &[usize]) -> Vec<usize> {
        let roots: BTreeSet<usize> = all.iter().map(|n| self.root(*n)).collect();
        roots.into_iter().collect()
    }

    /// How many attachments a cluster has.
    pub(super) fn size(&self, root: usize) -> usize {
        self.members.get(root).map_or(0, Vec::len)
    }

    /// Makes them one; the smallest root stays.
    pub(super) fn union(&mut self, roots: &[usize]) -> usize {
        let Some((first, others)) = roots.split_first() else {
            return 0;
        };
        let mut known = Vec::new();
        let mut members = Vec::new();
        for root in roots {
            known.append(
                &mut self
                    .known
                    .get_mut(*root)
                    .map(std::mem::take)
                    .unwrap_or_default(),
            );
            members.append(
                &mut self
                    .members
                    .get_mut(*root)
                    .map(std::mem::take)
                    .unwrap_or_default(),
            );
        }
        for other in others {
            if let Some(parent) = self.parents.get_mut(*other) {
                *parent = *first;
            }
        }
        if let Some(place) = self.known.get_mut(*first) {
            *place = merged(known);
        }
        if let Some(place) = self.members.get_mut(*first) {
            *place = members;
        }
        *first
    }
}

/// The same hardware address for the same address is said once.
fn merged(mut all: Vec<Binding>) -> Vec<Binding> {
    all.sort_unstable_by_key(|it| (it.place, it.mac, it.own, it.spare, it.start, it.end));
    all.dedup_by(|next, kept| {
        let same = (next.place, next.mac, next.own, next.spare)
            == (kept.place, kept.mac, kept.own, kept.spare)
            && next.start <= kept.end;
        if same {
            kept.sure = kept.sure.max(next.sure);
            kept.end = kept.end.max(next.end);
            kept.gateway |= next.gateway;
        }
        same
    });
    all
}

/// What two clusters say of each other: how much agrees, how much contradicts.
#[derive(Default)]
struct Balance {
    agree: u32,
    against: u32,
    never: bool,
}

/// The pairs of clusters that cannot be one link, and whether that is beyond doubt. A person who
/// looked is contradicted by nothing but another decision.
pub(super) fn clear(
    clusters: &Clusters,
    roots: &[usize],
    person: bool,
) -> BTreeMap<(usize, usize), bool> {
    let mut pairs: BTreeMap<(usize, usize), Balance> = BTreeMap::new();
    let mut of = BTreeMap::new();
    for root in roots {
        for member in clusters.members.get(*root).into_iter().flatten() {
            of.insert(*member, *root);
        }
    }
    for [a, b] in &clusters.apart {
        if let (Some(a), Some(b)) = (of.get(a), of.get(b))
            && a != b
        {
            pairs.entry((*a.min(b), *a.max(b))).or_default().never = true;
        }
    }
    if !person {
        weigh(clusters, roots, &mut pairs);
    }
    let bad = |it: &Balance| it.never || (it.against > 0 && it.agree < 3 * it.against);
    let bad = pairs.into_iter().filter(|(_, balance)| bad(balance));
    bad.map(|(pair, balance)| (pair, balance.never)).collect()
}

fn weigh(clusters: &Clusters, roots: &[usize], pairs: &mut BTreeMap<(usize, usize), Balance>) {
    let mut all: Vec<(&Binding, usize)> = Vec::new();
    for root in roots {
        let known = clusters.known.get(*root).into_iter().flatten();
        all.extend(known.map(|it| (it, *root)));
    }
    all.sort_by_key(|(it, root)| (it.place, *root));
    let place = |a: &(&Binding, usize), b: &(&Binding, usize)| a.0.place == b.0.place;
    // First what contradicts, then, for those pairs alone, what agrees: nearly nothing contradicts.
    for agreeing in [false, true] {
        for here in all.chunk_by(place) {
            let mixed = here
                .iter()
                .any(|(it, _)| here.first().is_some_and(|(one, _)| one.mac != it.mac));
            if mixed || agreeing {
                compare(here, agreeing, pairs);
            }
        }
        if pairs.is_empty() {
            return;
        }
    }
}

/// Compares what clusters say of one address.
fn compare(
    here: &[(&Binding, usize)],
    agreeing: bool,
    pairs: &mut BTreeMap<(usize, usize), Balance>,
) {
    let groups: Vec<&[(&Binding, usize)]> = here.chunk_by(|a, b| a.1 == b.1).collect();
    for (n, one) in groups.iter().enumerate() {
        for other in groups.iter().skip(n + 1) {
            let (Some((_, a)), Some((_, b))) = (one.first(), other.first()) else {
                continue;
            };
            if agreeing {
                if let Some(balance) = pairs.get_mut(&(*a, *b)) {
                    balance.agree += agreement(one, other);
                }
                continue;
            }
            match contradiction(one, other) {
                None => {}
                Some(None) => pairs.entry((*a, *b)).or_default().never = true,
                Some(Some(weight)) => pairs.entry((*a, *b)).or_default().against += weight,
            }
        }
    }
}

fn meet(a: &Binding, b: &Binding) -> bool {
    a.start <= b.end && b.start <= a.end
}

fn agreement(one: &[(&Binding, usize)], other: &[(&Binding, usize)]) -> u32 {
    let mut best = 0;
    for (a, _) in one {
        for (b, _) in other {
            let same = a.mac == b.mac && meet(a, b) && !(a.own && b.own);
            if same && a.mac.worth() == Some(Worth::Strong) {
                best = best.max(if a.gateway || b.gateway { 3 } else { 1 });
            }
        }
    }
    best
}

/// How much two clusters contradict each other on an address: not at all, by a weight, or beyond
/// doubt (`Some(None)`).
fn contradiction(one: &[(&Binding, usize)], other: &[(&Binding, usize)]) -> Option<Option<u32>> {
    if one
        .iter()
        .any(|(a, _)| other.iter().any(|(b, _)| a.mac == b.mac))
    {
        return None;
    }
    let mut weight = None;
    for (a, _) in one.iter().filter(|(it, _)| !it.spare) {
        for (b, _) in other.iter().filter(|(it, _)| !it.spare) {
            let virtual_one = |it: &Binding| it.mac.worth() == Some(Worth::Virtual);
            if !meet(a, b)
                || virtual_one(a) != virtual_one(b)
                || (a.mac.is_of_several() && b.mac.is_of_several())
            {
                continue;
            }
            if a.gateway || b.gateway {
                return Some(None);
            }
            let sure = a.start <= b.sure && b.start <= a.sure;
            let made_up = |it: &Binding| it.mac.worth() != Some(Worth::Strong);
            let heavy = a.own || b.own || (sure && !made_up(a) && !made_up(b));
            weight = weight.max(Some(if heavy { 3 } else { 1 }));
        }
    }
    weight.map(Some)
}
