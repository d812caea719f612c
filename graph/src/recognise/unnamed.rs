//! Services and programs that nobody has named. Comes in: what listens and what is installed on the
//! few; goes out: groups for people to name, the most useful first. It leaves out the system's own
//! parts and common programs.

use std::collections::{BTreeMap, BTreeSet};

use daicho_ledger::AssetId;

use super::index::{Index, Place};
use super::knowledge::Knowledge;
use super::pattern::port_text;
use super::serve::{Serving, tells};
use super::sign::waits_for_others;
use super::{System, Unnamed};

/// Most groups.
const GROUPS_MAX: usize = 400;

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
) -> Vec<Unnamed> {
    let named: BTreeSet<&AssetId> = systems
        .iter()
        .filter(|it| it.grade != daicho_ledger::Grade::Hint)
        .flat_map(|it| &it.servers)
        .collect();
    let mut groups: BTreeMap<(Option<String>, String), Group> = BTreeMap::new();
    for (number, place) in index.places.iter().enumerate() {
        if named.contains(&place.asset.id) {
            continue;
        }
        listening(number, place, knowledge, serving, &mut groups);
        installed(number, place, knowledge, &mut groups);
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
    knowledge: &Knowledge,
    serving: &Serving,
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
        let peers = serving.clients.get(&(number, it.port, it.protocol));
        let name = match &it.program {
            Some(program) if knowledge.is_ordinary(&program.to_lowercase()) => continue,
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
    knowledge: &Knowledge,
    groups: &mut BTreeMap<(Option<String>, String), Group>,
) {
    let is_windows = place.asset.os.family.value() == Some(&daicho_report::OsFamily::Windows);
    let items = place.asset.software.items.value().into_iter().flatten();
    for it in items.filter(|_| is_windows) {
        let Some(publisher) = it.publisher.as_deref().filter(|it| !it.trim().is_empty()) else {
            continue;
        };
        let ordinary = knowledge.is_ordinary(&publisher.to_lowercase())
            || knowledge.is_ordinary(&it.name.to_lowercase());
        if !ordinary {
            let key = (Some(publisher.to_owned()), it.name.clone());
            groups.entry(key).or_default().assets.insert(number);
        }
    }
}
