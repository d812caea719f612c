//! Services and programs that nobody has named. Comes in: what listens and what is installed on the
//! few; goes out: groups for people to name, the most useful first. It leaves out the system's own
//! parts and common programs.

use std::collections::{BTreeMap, BTreeSet};

use daicho_ledger::AssetId;

use super::index::{Index, Place};
use super::knowledge::Knowledge;
use super::pattern::port_text;
use super::rule::Rule;
use super::serve::{Serving, tells};
use super::sign::waits_for_others;
use super::{System, Unnamed};

/// Most groups.
const GROUPS_MAX: usize = 400;

/// What needs no name.
struct Known<'a> {
    knowledge: &'a Knowledge,
    serving: &'a Serving,
    is_named: &'a dyn Fn(&str, &str) -> bool,
}

impl Known<'_> {
    fn leaves_out(&self, kind: &str, value: &str) -> bool {
        let lower = value.to_lowercase();
        (self.is_named)(kind, value)
            || self.knowledge.is_ordinary(&lower)
            || self.knowledge.knows(kind, &lower)
    }
}

#[derive(Default)]
struct Group {
    ports: BTreeSet<(u16, String)>,
    assets: BTreeSet<usize>,
    peers: BTreeSet<usize>,
}

/// Groups to be named.
pub(super) fn unnamed(
    index: &Index<'_>,
    knowledge: &Knowledge,
    serving: &Serving,
    systems: &[System],
    rules: &[Rule<'_>],
) -> Vec<Unnamed> {
    // What told a system by its own name needs no other; its machine may serve others besides.
    let named: BTreeSet<(&str, &AssetId, &str)> = systems
        .iter()
        .filter(|it| it.grade != daicho_ledger::Grade::Hint)
        .flat_map(|it| &it.witnesses)
        .map(|it| (it.kind.as_str(), &it.asset, it.value.as_str()))
        .collect();
    let mut groups: BTreeMap<(Option<String>, String), Group> = BTreeMap::new();
    for (number, place) in index.places.iter().enumerate() {
        let is_named = |kind: &str, value: &str| {
            let by_rule = || {
                rules
                    .iter()
                    .any(|it| it.names(kind, value) && it.matches(place))
            };
            named.contains(&(kind, &place.asset.id, value)) || by_rule()
        };
        let known = Known {
            knowledge,
            serving,
            is_named: &is_named,
        };
        listening(number, place, &known, &mut groups);
        installed(number, place, &known, &mut groups);
    }
    let id = |number: &usize| index.places.get(*number).map(|it| it.asset.id.clone());
    let mut out: Vec<Unnamed> = groups
        .into_iter()
        .map(|((publisher, name), group)| Unnamed {
            publisher,
            name,
            ports: group.ports.into_iter().map(|(_, text)| text).collect(),
            peers: group.peers.len(),
            assets: group.assets.iter().filter_map(id).collect(),
        })
        .collect();
    // What many talk to first, then what listens, then what is on most machines.
    out.sort_by(|a, b| {
        let order = |it: &Unnamed| (it.peers, usize::from(!it.ports.is_empty()), it.assets.len());
        order(b).cmp(&order(a)).then_with(|| a.cmp(b))
    });
    out.truncate(GROUPS_MAX);
    out
}

fn listening(
    number: usize,
    place: &Place<'_>,
    known: &Known<'_>,
    groups: &mut BTreeMap<(Option<String>, String), Group>,
) {
    let all = place
        .asset
        .listeners
        .listeners
        .value()
        .into_iter()
        .flatten();
    for it in all.filter(|it| waits_for_others(it) && tells(it.port)) {
        let peers = known.serving.clients.get(&(number, it.port, it.protocol));
        let name = match &it.program {
            Some(program) if known.leaves_out("program", program) => continue,
            Some(program) => program.clone(),
            None if peers.is_some_and(|it| it.len() > 1) => port_text(it.port, it.protocol),
            None => continue,
        };
        let group = groups.entry((None, name)).or_default();
        group.assets.insert(number);
        group
            .ports
            .insert((it.port, port_text(it.port, it.protocol)));
        group.peers.extend(peers.into_iter().flatten());
    }
}

/// Installed programs, where the system tells programs from its own parts: a publisher is named and
/// neither it nor the program is ordinary.
fn installed(
    number: usize,
    place: &Place<'_>,
    known: &Known<'_>,
    groups: &mut BTreeMap<(Option<String>, String), Group>,
) {
    let is_windows = place.asset.os.family.value() == Some(&daicho_report::OsFamily::Windows);
    let items = place.asset.software.items.value().into_iter().flatten();
    for it in items.filter(|_| is_windows) {
        let Some(publisher) = it.publisher.as_deref().filter(|it| !it.trim().is_empty()) else {
            continue;
        };
        let ordinary =
            known.leaves_out("publisher", publisher) || known.leaves_out("software", &it.name);
        if !ordinary {
            let key = (Some(publisher.to_owned()), it.name.clone());
            groups.entry(key).or_default().assets.insert(number);
        }
    }
}
