//! Which interfaces are on one link. Comes in: bindings and people's decisions; goes out: the realm
//! of every attachment and what joined it. It never joins without evidence or across a clear
//! contradiction, and what is contradicted joins nobody.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use daicho_ledger::Ledger;
use daicho_ledger::hand::{EntryBody, Verdict};

use super::binding::{Binding, Bindings, Mac, Range, Worth, bindings};
use super::conflict::{Clusters, clear};
use super::realm::{Realms, range};
use super::segment::segment_id;

/// How strong a witness is, strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    /// A person looked.
    Decision,
    /// A gateway of all who hold it.
    Gateway,
    /// The interface of one, seen by others.
    Own,
    /// A person wrote a device down beside both.
    Entered,
    /// A neighbour of all who hold it.
    Seen,
    /// Two made-up ones that support each other.
    Pair,
}

/// Why some attachments are on one link.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Witness {
    class: Class,
    /// Those with more holders first.
    fewer: usize,
    /// In short.
    text: String,
    holders: Vec<usize>,
}

impl Witness {
    fn new(class: Class, text: String, mut holders: Vec<usize>) -> Self {
        holders.sort_unstable();
        holders.dedup();
        Self {
            class,
            fewer: usize::MAX - holders.len(),
            text,
            holders,
        }
    }
}

/// The id under which a person decides whether two assets are in one network where both have an
/// address of a range (`192.168.1.0/24`): what [`daicho_ledger::hand::Decision`] is about.
#[must_use]
pub fn same_network_id(one: &str, other: &str, range: &str) -> String {
    let (a, b) = (one.min(other), one.max(other));
    format!("{SAME_NETWORK}{a}/{b}/{range}")
}

/// How such an id begins.
pub const SAME_NETWORK: &str = "same-network/";

/// Decides the realms.
pub(super) fn join(ledger: &Ledger, realms: &mut Realms) {
    let all = bindings(ledger, realms);
    let decided = decisions(ledger, realms);
    let mut witnesses = seen(&all);
    witnesses.extend(pairs(&all));
    witnesses.extend(entered(ledger, realms));
    let said = decided.iter().filter(|(_, _, yes)| *yes);
    witnesses.extend(said.map(|(text, two, _)| {
        Witness::new(Class::Decision, format!("decision {text}"), two.to_vec())
    }));
    witnesses.sort();
    witnesses.dedup();
    let apart = decided.iter().filter(|(_, _, yes)| !yes);
    let apart: Vec<[usize; 2]> = apart.map(|(_, two, _)| *two).collect();
    let mut clusters = Clusters::new(realms.all.len(), all.all, apart);
    let mut joined: Vec<(usize, String)> = Vec::new();
    for witness in witnesses {
        let roots = clusters.roots(&witness.holders);
        if roots.len() < 2 {
            continue;
        }
        let person = witness.class == Class::Decision;
        let refused = clear(&clusters, &roots, person);
        let take = accepted(&witness, &roots, &refused, &clusters);
        let Some(take) = take.filter(|take| take.len() > 1) else {
            continue;
        };
        let root = clusters.union(&take);
        let count = witness.holders.len();
        joined.push((root, format!("{} ×{count}", witness.text)));
    }
    name(realms, &mut clusters, joined);
}

/// Which clusters a witness joins: all, if nothing contradicts; all but the few contradicted ones, if
/// many agree and no gateway is in doubt (an address given twice by mistake does not tear a network
/// apart); otherwise none.
fn accepted(
    witness: &Witness,
    roots: &[usize],
    refused: &BTreeMap<(usize, usize), bool>,
    clusters: &Clusters,
) -> Option<Vec<usize>> {
    if refused.values().any(|never| *never) {
        return None;
    }
    let largest = |root: &&usize| (clusters.size(**root), usize::MAX - **root);
    let base = roots.iter().max_by_key(largest)?;
    let mut out: BTreeSet<usize> = BTreeSet::new();
    for (a, b) in refused.keys() {
        if !out.contains(a) && !out.contains(b) {
            out.insert(if b == base { *a } else { *b });
        }
    }
    let few = out.is_empty() || out.len() * 10 <= witness.holders.len();
    few.then(|| {
        roots
            .iter()
            .filter(|it| !out.contains(it))
            .copied()
            .collect()
    })
}

/// Gives every attachment the smallest name of its cluster.
fn name(realms: &mut Realms, clusters: &mut Clusters, joined: Vec<(usize, String)>) {
    let keys: Vec<_> = realms.all.keys().cloned().collect();
    let mut names = BTreeMap::new();
    for (n, key) in keys.iter().enumerate() {
        let root = clusters.root(n);
        names.entry(root).or_insert_with(|| key.clone());
    }
    for (n, attachment) in realms.all.values_mut().enumerate() {
        if let Some(name) = names.get(&clusters.root(n)) {
            attachment.realm = name.clone();
            attachment.segment = segment_id(name);
        }
    }
    for (n, text) in joined {
        if let Some(name) = names.get(&clusters.root(n)) {
            realms.joined.entry(name.clone()).or_default().push(text);
        }
    }
}

/// A gateway does not move: who saw it up to this long before others saw it stood where they stand.
const STILL_S: i64 = 30 * 24 * 60 * 60;

/// Parts of a run of bindings whose times follow on each other without a gap.
fn in_time(mut run: Vec<&Binding>) -> Vec<Vec<&Binding>> {
    let gateway = run.iter().any(|it| it.gateway);
    let gap = if gateway { STILL_S } else { 0 };
    run.sort_by_key(|it| (it.start, it.end, it.from));
    let mut out: Vec<Vec<&Binding>> = Vec::new();
    let mut end = i64::MIN / 2;
    for one in run {
        match out.last_mut() {
            Some(part) if one.start <= end + gap => part.push(one),
            _ => out.push(vec![one]),
        }
        end = end.max(one.end);
    }
    out
}

/// Runs of bindings of one hardware address for one address in one range.
fn runs(all: &[Binding]) -> impl Iterator<Item = Vec<&Binding>> {
    let same = |a: &Binding, b: &Binding| (a.place, a.mac) == (b.place, b.mac);
    all.chunk_by(same).flat_map(|run| {
        let run: Vec<&Binding> = run.iter().filter(|it| !it.spare).collect();
        // Copies of a machine, or a docking station: it says nothing about where they are.
        let owners: BTreeSet<usize> = run.iter().filter(|it| it.own).map(|it| it.from).collect();
        let parts = if owners.len() > 1 {
            Vec::new()
        } else {
            in_time(run)
        };
        parts.into_iter().filter(|part| part.len() > 1)
    })
}

/// Hardware addresses of makers that several have seen for the same address.
fn seen(all: &Bindings) -> Vec<Witness> {
    let mut out = Vec::new();
    for run in runs(&all.all) {
        let Some(first) = run
            .first()
            .filter(|it| it.mac.worth() == Some(Worth::Strong))
        else {
            continue;
        };
        let Some((_, address)) = all.place(first.place) else {
            continue;
        };
        let (class, word) = if run.iter().any(|it| it.gateway) {
            (Class::Gateway, "gateway")
        } else if run.iter().any(|it| it.own) {
            (Class::Own, "interface")
        } else {
            (Class::Seen, "neighbour")
        };
        let text = format!("{word} {address} {}", first.mac);
        out.push(Witness::new(
            class,
            text,
            run.iter().map(|it| it.from).collect(),
        ));
    }
    out
}

/// A hardware address that proves nothing alone, held by an attachment.
type Weak = (Range, IpAddr, Mac);

/// What proves nothing alone, twice: two machines that see each other's made-up addresses, or a
/// gateway with another one that both see.
fn pairs(all: &Bindings) -> Vec<Witness> {
    let mut held: BTreeMap<usize, Vec<(Weak, bool)>> = BTreeMap::new();
    let mut sees: BTreeMap<(usize, usize), Mac> = BTreeMap::new();
    for run in runs(&all.all) {
        let Some(first) = run.first() else { continue };
        let Some((range, address)) = all.place(first.place) else {
            continue;
        };
        if matches!(
            first.mac.worth(),
            None | Some(Worth::Strong | Worth::Derived)
        ) {
            continue;
        }
        let weak = (range, address, first.mac);
        if let Some(owner) = run.iter().find(|it| it.own) {
            let others = run.iter().filter(|it| it.from != owner.from);
            sees.extend(others.map(|it| ((it.from, owner.from), first.mac)));
        }
        for it in run {
            held.entry(it.from).or_default().push((weak, it.gateway));
        }
    }
    let mut out = Vec::new();
    for ((a, b), mac) in &sees {
        if let Some(other) = sees.get(&(*b, *a)).filter(|_| a < b) {
            let text = format!("interfaces {mac} and {other}");
            out.push(Witness::new(Class::Pair, text, vec![*a, *b]));
        }
    }
    let mut both: BTreeMap<(Weak, Weak), Vec<usize>> = BTreeMap::new();
    for (from, list) in &held {
        for (gateway, _) in list.iter().filter(|(_, gateway)| *gateway) {
            for (other, _) in list.iter().filter(|(it, _)| it != gateway).take(64) {
                if other.2.worth() == Some(Worth::MadeUp) && other.0 == gateway.0 {
                    both.entry((*gateway, *other)).or_default().push(*from);
                }
            }
        }
    }
    out.extend(
        both.into_iter()
            .filter(|(_, all)| all.len() > 1)
            .map(|((a, b), all)| {
                let text = format!("gateway {} {} with {} {}", a.1, a.2, b.1, b.2);
                Witness::new(Class::Pair, text, all)
            }),
    );
    out
}

/// The attachment of an asset in a range; `None`: none, or several.
fn attached(realms: &Realms, asset: &str, range_of: Range) -> Option<usize> {
    let mut found = realms.all.values().enumerate().filter(|(_, it)| {
        it.key.0 == asset
            && !it.host_only
            && !it.tunnel
            && it
                .addresses
                .iter()
                .any(|address| range(address) == range_of)
    });
    let one = found.next().map(|(n, _)| n);
    if found.next().is_some() { None } else { one }
}

/// Devices that a person wrote down beside several machines with one address.
fn entered(ledger: &Ledger, realms: &Realms) -> Vec<Witness> {
    let mut out = Vec::new();
    for (entry, device) in ledger.hand.devices() {
        let mut beside: BTreeMap<(Range, IpAddr), Vec<usize>> = BTreeMap::new();
        for interface in &device.interfaces {
            let (Some(address), Some(asset)) = (&interface.address, &interface.beside) else {
                continue;
            };
            let range = range(address);
            let place = beside.entry((range, address.address)).or_default();
            place.extend(attached(realms, &asset.0, range));
        }
        let several = beside.into_iter().filter(|(_, all)| all.len() > 1);
        out.extend(several.map(|((_, address), all)| {
            let text = format!("entry {} {address}", entry.key);
            Witness::new(Class::Entered, text, all)
        }));
    }
    out
}

/// Decisions on pairs of attachments: the id, both, and yes or no.
fn decisions(ledger: &Ledger, realms: &Realms) -> Vec<(String, [usize; 2], bool)> {
    let mut out = Vec::new();
    for entry in &ledger.hand.entries {
        let (EntryBody::Decision(decision), Some(rest)) =
            (&entry.body, entry.key.strip_prefix(SAME_NETWORK))
        else {
            continue;
        };
        let mut parts = rest.splitn(3, '/');
        let (Some(a), Some(b), Some(wanted)) = (parts.next(), parts.next(), parts.next()) else {
            continue;
        };
        let Some(wanted) = parse(wanted) else {
            continue;
        };
        let two = (attached(realms, a, wanted), attached(realms, b, wanted));
        if let (Some(a), Some(b)) = two {
            let yes = decision.verdict == Verdict::Confirmed;
            out.push((entry.key.clone(), [a, b], yes));
        }
    }
    out
}

fn parse(text: &str) -> Option<Range> {
    let (network, prefix) = text.rsplit_once('/')?;
    Some((network.parse().ok()?, prefix.parse().ok()?))
}

#[cfg(test)]
mod tests;
