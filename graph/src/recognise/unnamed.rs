//! Services and programs that nobody has named. Comes in: what listens and what is installed on the
//! few; goes out: groups for people to name, the most useful first. It leaves out the system's own
//! parts and common programs.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Unnamed;
use super::index::{Index, Place};
use super::knowledge::Knowledge;
use super::pattern::port_text;
use super::rule::Rule;
use super::serve::{Serving, tells};
use super::sign::waits_for_others;

/// Most groups.
const GROUPS_MAX: usize = 400;

/// Groups by publisher and name.
type Groups<'a> = BTreeMap<(Option<&'a str>, Cow<'a, str>), Group>;

/// What needs no name. What was asked before is remembered; that is never walked.
struct Known<'a> {
    knowledge: &'a Knowledge,
    serving: &'a Serving,
    rules: &'a [Rule<'a>],
    asked: HashMap<(&'static str, &'a str), bool>,
}

impl<'a> Known<'a> {
    /// Whether a program, publisher or installed program of a machine needs no name.
    fn leaves_out(&mut self, place: &Place<'_>, kind: &'static str, value: &'a str) -> bool {
        let knowledge = self.knowledge;
        let ordinary = *self.asked.entry((kind, value)).or_insert_with(|| {
            let lower = value.to_lowercase();
            knowledge.is_ordinary(&lower) || knowledge.knows(kind, &lower)
        });
        let mut rules = self.rules.iter();
        ordinary || rules.any(|it| it.names(kind, value) && it.matches(place))
    }
}

#[derive(Default)]
struct Group {
    ports: BTreeSet<(u16, String)>,
    assets: BTreeSet<usize>,
    peers: BTreeSet<usize>,
}

/// Groups to be named.
pub(super) fn unnamed<'a>(
    index: &'a Index<'_>,
    knowledge: &'a Knowledge,
    serving: &'a Serving,
    rules: &'a [Rule<'a>],
) -> Vec<Unnamed> {
    let mut known = Known {
        knowledge,
        serving,
        rules,
        asked: HashMap::new(),
    };
    let mut groups: Groups<'a> = BTreeMap::new();
    for (number, place) in index.places.iter().enumerate() {
        listening(number, place, &mut known, &mut groups);
        installed(number, place, &mut known, &mut groups);
    }
    let id = |number: &usize| index.places.get(*number).map(|it| it.asset.id.clone());
    let mut out: Vec<Unnamed> = groups
        .into_iter()
        .map(|((publisher, name), group)| Unnamed {
            publisher: publisher.map(str::to_owned),
            name: name.into_owned(),
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

fn listening<'a>(
    number: usize,
    place: &'a Place<'_>,
    known: &mut Known<'a>,
    groups: &mut Groups<'a>,
) {
    let all = place.asset.listeners.listeners.value();
    for it in all.into_iter().flatten() {
        if !waits_for_others(it) || !tells(it.port) {
            continue;
        }
        let peers = known.serving.clients.get(&(number, it.port, it.protocol));
        let name = match &it.program {
            Some(program) if known.leaves_out(place, "program", program) => continue,
            Some(program) => Cow::Borrowed(program.as_str()),
            None if peers.is_some_and(|it| it.len() > 1) => {
                Cow::Owned(port_text(it.port, it.protocol))
            }
            None => continue,
        };
        let group = groups.entry((None, name)).or_default();
        let text = port_text(it.port, it.protocol);
        group.assets.insert(number);
        group.ports.insert((it.port, text));
        group.peers.extend(peers.into_iter().flatten());
    }
}

/// Installed programs, where the system tells programs from its own parts: a publisher is named and
/// neither it nor the program is ordinary.
fn installed<'a>(
    number: usize,
    place: &'a Place<'_>,
    known: &mut Known<'a>,
    groups: &mut Groups<'a>,
) {
    let is_windows = place.asset.os.family.value() == Some(&daicho_report::OsFamily::Windows);
    let items = place.asset.software.items.value().into_iter().flatten();
    for it in items.filter(|_| is_windows) {
        let Some(publisher) = it.publisher.as_deref().filter(|it| !it.trim().is_empty()) else {
            continue;
        };
        let ordinary = known.leaves_out(place, "publisher", publisher)
            || known.leaves_out(place, "software", &it.name);
        if !ordinary {
            let key = (Some(publisher), Cow::Borrowed(it.name.as_str()));
            groups.entry(key).or_default().assets.insert(number);
        }
    }
}
