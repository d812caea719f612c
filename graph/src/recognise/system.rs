//! Systems: servers and those who use them. Comes in: hits, talk within the hospital, and the site's
//! rules; goes out: systems. It names none for which nobody wrote down how it shows.

use std::collections::{BTreeMap, BTreeSet};

use daicho_ledger::hand::Verdict;
use daicho_ledger::{AssetId, Grade, ZoneKind};

use super::draft::witness;
use super::grade::grade;
use super::index::Index;
use super::knowledge::{Knowledge, Of, Side};
use super::rule::Rule;
use super::serve::{Serving, tells};
use super::sign::Shown;
use super::{System, Witness};

/// Most witnesses that a system keeps.
const WITNESSES_MAX: usize = 12;

/// A system in the making.
#[derive(Debug, Default)]
pub(super) struct Making {
    pub(super) id: String,
    sort: String,
    pub(super) name: String,
    pub(super) zone: Option<ZoneKind>,
    pub(super) servers: BTreeMap<usize, Vec<Witness>>,
    pub(super) clients: BTreeMap<usize, Vec<Witness>>,
    by_rule: bool,
}

/// Systems in the making, by id.
pub(super) type Makings = BTreeMap<String, Making>;

/// Everything that is recognised, before its grades.
pub(super) fn makings(
    index: &Index<'_>,
    shown: &[Shown<'_>],
    knowledge: &Knowledge,
    serving: &Serving,
    rules: &[Rule<'_>],
) -> Makings {
    let mut all = Makings::new();
    for (number, (place, shown)) in index.places.iter().zip(shown).enumerate() {
        for hit in &shown.hits {
            let Some(one) = knowledge.traits.get(hit.of) else {
                continue;
            };
            let Of::System(of) = one.of else { continue };
            let Some(signature) = knowledge.systems.get(of) else {
                continue;
            };
            if !shown.allows(&signature.needs, &signature.unless) {
                continue;
            }
            let serves = match one.side {
                Side::Server => true,
                Side::Client => false,
                Side::Either => shown.is("server") || serving.is_server(number),
            };
            let making = all.entry(format!("system:{}", signature.name)).or_default();
            making.id = format!("system:{}", signature.name);
            making.sort.clone_from(&signature.sort);
            making.name.clone_from(&signature.title);
            making.zone = signature.zone;
            let side = if serves {
                &mut making.servers
            } else {
                &mut making.clients
            };
            side.entry(number)
                .or_default()
                .extend(witness(place, hit, knowledge));
        }
    }
    by_rules(index, serving, rules, &mut all);
    for making in all.values_mut() {
        making.servers.retain(|_, it| grade(it) != Grade::Hint);
        if making.servers.is_empty() {
            guess_servers(serving, making);
        }
        clients(index, serving, making);
    }
    all
}

/// What the site's rules say belongs to a system.
fn by_rules(index: &Index<'_>, serving: &Serving, rules: &[Rule<'_>], all: &mut Makings) {
    for rule in rules {
        let Some(name) = rule
            .rule
            .system
            .as_deref()
            .filter(|it| !it.trim().is_empty())
        else {
            continue;
        };
        for (number, place) in index.places.iter().enumerate() {
            if !rule.matches(place) {
                continue;
            }
            let id = format!("system:site:{name}");
            let making = all.entry(id.clone()).or_default();
            making.id = id;
            making.name = name.to_owned();
            making.by_rule = true;
            let side = if rule.listens(place) || serving.is_server(number) {
                &mut making.servers
            } else {
                &mut making.clients
            };
            side.entry(number).or_default().push(rule.witness(place));
        }
    }
}

/// Servers that most of those who have the system's program talk to, and hardly anybody else does.
fn guess_servers(serving: &Serving, making: &mut Making) {
    let clients: BTreeSet<usize> = making.clients.keys().copied().collect();
    if clients.len() < 3 {
        return;
    }
    let mut talkers: BTreeMap<usize, usize> = BTreeMap::new();
    for client in &clients {
        for server in serving.servers_of(*client) {
            *talkers.entry(server).or_default() += 1;
        }
    }
    for (server, count) in talkers {
        let everybody: BTreeSet<usize> = serving
            .ports(server)
            .filter(|((_, port, _), _)| tells(*port))
            .flat_map(|(_, clients)| clients.iter().copied())
            .collect();
        if count * 2 > clients.len() && count * 2 > everybody.len() && !clients.contains(&server) {
            making.servers.insert(server, Vec::new());
        }
    }
}

/// Those who talk to the system's servers on the port by which these were told, or on any port that
/// tells where none was.
fn clients(index: &Index<'_>, serving: &Serving, making: &mut Making) {
    let mut found: BTreeSet<usize> = BTreeSet::new();
    for (server, witnesses) in &making.servers {
        let ports: BTreeSet<&str> = witnesses
            .iter()
            .filter(|it| it.kind == "port")
            .map(|it| it.value.as_str())
            .collect();
        for ((_, port, protocol), clients) in serving.ports(*server) {
            let text = super::pattern::port_text(*port, *protocol);
            if ports.contains(text.as_str()) || (ports.is_empty() && tells(*port)) {
                found.extend(clients);
            }
        }
    }
    for client in found {
        if client < index.places.len() && !making.servers.contains_key(&client) {
            making.clients.entry(client).or_default();
        }
    }
}

/// The finished systems, sorted by id.
pub(super) fn systems(index: &Index<'_>, makings: Makings) -> Vec<System> {
    let id = |number: &usize| index.places.get(*number).map(|it| it.asset.id.clone());
    let mut out = Vec::new();
    for making in makings.into_values() {
        if making.servers.is_empty() && making.clients.is_empty() {
            continue;
        }
        let mut witnesses: Vec<Witness> = making
            .servers
            .values()
            .chain(making.clients.values())
            .flatten()
            .cloned()
            .collect();
        witnesses.sort_by(|a, b| (a.weight, a).cmp(&(b.weight, b)));
        witnesses.dedup();
        let mut found = grade(&witnesses);
        if making.servers.is_empty() && found < Grade::Inferred {
            found = Grade::Inferred;
        }
        // A person's word and what shows it; nobody has been there for it.
        if making.by_rule {
            found = Grade::Confirmed;
        }
        witnesses.truncate(WITNESSES_MAX);
        witnesses.sort();
        let servers: Vec<AssetId> = making.servers.keys().filter_map(id).collect();
        let clients: Vec<AssetId> = making.clients.keys().filter_map(id).collect();
        out.push(System {
            id: making.id,
            sort: making.sort,
            name: making.name,
            grade: found,
            servers,
            clients,
            witnesses,
        });
    }
    decide(index, &mut out);
    out.sort_by(|a, b| a.id.cmp(&b.id));
    out
}

fn decide(index: &Index<'_>, systems: &mut Vec<System>) {
    let hand = &index.ledger.hand;
    systems.retain_mut(|it| {
        let Some((_, decision)) = hand.decision(&it.id) else {
            return true;
        };
        if let Some(name) = &decision.name {
            it.name.clone_from(name);
        }
        if decision.verdict == Verdict::Confirmed {
            it.grade = Grade::OnSite;
        }
        decision.verdict == Verdict::Confirmed
    });
}
