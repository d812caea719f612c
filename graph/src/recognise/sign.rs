//! What each machine shows. Comes in: assets and the signatures' table; goes out: hits of traits,
//! patterns of several facts, and the talk that leads out of the known segments. It says what was
//! seen and decides nothing.

mod fact;
mod talk;

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;

use daicho_report::Time;

use super::index::{Index, Place};
use super::knowledge::{Hit, Knowledge, TraitKind};
pub(super) use fact::{is_usb_network, waits_for_others};
pub(super) use talk::{Talk, is_clock_or_name, is_maintenance};

/// Patterns that a signature may name.
pub(super) const PATTERNS: &[&str] = &[
    "server",
    "v6_only_beside_v4_only",
    "second_default_route",
    "mobile_interface",
    "ppp_interface",
    "usb_network",
    "vpn_interface",
    "ipsec",
    "forwarding",
    "internet_flow",
    "maintenance_from_outside",
    "runs_guests",
    "two_segments",
];

/// A moment of first and of last sight.
pub(super) type Seen = (Time, Time);

/// What a machine shows.
#[derive(Debug, Default)]
pub(super) struct Shown<'a> {
    /// Hits of traits.
    pub(super) hits: Vec<Hit>,
    /// Patterns, each with what was seen.
    pub(super) patterns: BTreeMap<&'static str, (String, Seen)>,
    /// Talk that leads somewhere.
    pub(super) talk: Talk<'a>,
}

impl Shown<'_> {
    /// Whether it shows a pattern.
    pub(super) fn is(&self, pattern: &str) -> bool {
        self.patterns.contains_key(pattern)
    }

    /// Whether it shows all that a signature needs and nothing that it excludes.
    pub(super) fn allows(&self, needs: &[String], unless: &[String]) -> bool {
        needs.iter().all(|it| self.is(it)) && !unless.iter().any(|it| self.is(it))
    }
}

/// Values that were looked up before. It is never walked.
pub(super) struct Sieve<'a> {
    pub(super) knowledge: &'a Knowledge,
    texts: HashMap<(TraitKind, &'a str), Vec<usize>>,
    ports: HashMap<(TraitKind, u16, &'static str), Vec<usize>>,
    peers: HashMap<IpAddr, Vec<usize>>,
}

impl<'a> Sieve<'a> {
    fn texts(&mut self, kind: TraitKind, value: &'a str) -> &[usize] {
        let knowledge = self.knowledge;
        let known = self.texts.entry((kind, value));
        known.or_insert_with(|| knowledge.hits(kind, &value.trim().to_lowercase()))
    }

    fn port(&mut self, kind: TraitKind, port: u16, protocol: &'static str) -> &[usize] {
        let knowledge = self.knowledge;
        let known = self.ports.entry((kind, port, protocol));
        known.or_insert_with(|| knowledge.hits(kind, &format!("{port}/{protocol}")))
    }

    fn peer(&mut self, peer: IpAddr) -> &[usize] {
        let knowledge = self.knowledge;
        let known = self.peers.entry(peer);
        known.or_insert_with(|| knowledge.address_hits(TraitKind::Peer, peer))
    }
}

/// What all machines show, in the order of the index.
pub(super) fn shown<'a>(index: &Index<'a>, knowledge: &'a Knowledge) -> Vec<Shown<'a>> {
    let mut sieve = Sieve {
        knowledge,
        texts: HashMap::new(),
        ports: HashMap::new(),
        peers: HashMap::new(),
    };
    let mut known = HashMap::new();
    let one = |place: &Place<'a>| {
        let mut shown = Shown::default();
        fact::facts(place, &mut sieve, &mut shown);
        talk::talk(place, index, &mut sieve, &mut known, &mut shown);
        fact::patterns(place, &mut shown);
        for (name, (value, seen)) in &shown.patterns {
            let text = if value.is_empty() { *name } else { value };
            shown.hits.extend(
                knowledge
                    .hits(TraitKind::Pattern, name)
                    .into_iter()
                    .map(|of| Hit {
                        of,
                        kind: "pattern",
                        value: text.to_owned(),
                        address: None,
                        seen: *seen,
                    }),
            );
        }
        shown
    };
    index.places.iter().map(one).collect()
}
