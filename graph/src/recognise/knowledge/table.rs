//! Traits by value. Comes in: values of traits; goes out: which traits a value shows. Plain texts,
//! domains and addresses are looked up; only texts with a star are tried one by one.

use std::collections::BTreeMap;
use std::net::IpAddr;

use daicho_report::Address;

use super::TraitKind;
use crate::recognise::pattern::{Glob, above, holds};

/// A trait that an asset shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::recognise) struct Hit {
    /// The trait.
    pub(in crate::recognise) of: usize,
    /// Which kind of fact showed it.
    pub(in crate::recognise) kind: &'static str,
    /// What was seen.
    pub(in crate::recognise) value: String,
    /// Address that it is about, when it is about one.
    pub(in crate::recognise) address: Option<IpAddr>,
    /// First and last seen.
    pub(in crate::recognise) seen: (daicho_report::Time, daicho_report::Time),
}

/// Traits by value.
#[derive(Debug, Clone, Default)]
pub(super) struct Table {
    plain: BTreeMap<TraitKind, BTreeMap<String, Vec<usize>>>,
    globs: BTreeMap<TraitKind, Vec<(Glob, usize)>>,
    networks: BTreeMap<TraitKind, Vec<(Address, usize)>>,
}

impl Table {
    pub(super) fn add_plain(&mut self, kind: TraitKind, value: String, of: usize) {
        let all = self.plain.entry(kind).or_default();
        all.entry(value).or_default().push(of);
    }

    pub(super) fn add_glob(&mut self, kind: TraitKind, glob: Glob, of: usize) {
        match glob.plain() {
            Some(plain) => self.add_plain(kind, plain.to_owned(), of),
            None => self.globs.entry(kind).or_default().push((glob, of)),
        }
    }

    pub(super) fn add_network(&mut self, kind: TraitKind, network: Address, of: usize) {
        self.networks.entry(kind).or_default().push((network, of));
    }

    /// Traits that a text in lower case shows.
    pub(super) fn hits(&self, kind: TraitKind, value: &str) -> Vec<usize> {
        let mut out = Vec::new();
        if let Some(plain) = self.plain.get(&kind) {
            if is_domain(kind) {
                out.extend(above(value).filter_map(|it| plain.get(it)).flatten());
            } else {
                out.extend(plain.get(value).into_iter().flatten());
            }
        }
        let globs = self.globs.get(&kind).into_iter().flatten();
        out.extend(globs.filter(|(it, _)| it.fits(value)).map(|(_, of)| *of));
        out.sort_unstable();
        out.dedup();
        out
    }

    /// Traits that an address shows.
    pub(super) fn address_hits(&self, kind: TraitKind, address: IpAddr) -> Vec<usize> {
        let networks = self.networks.get(&kind).into_iter().flatten();
        let mut out: Vec<usize> = networks
            .filter(|(network, _)| holds(network, address))
            .map(|(_, of)| *of)
            .collect();
        out.sort_unstable();
        out.dedup();
        out
    }
}

/// Whether values of this kind are domains, for which what lies below counts too.
pub(super) fn is_domain(kind: TraitKind) -> bool {
    matches!(
        kind,
        TraitKind::Name | TraitKind::Proxy | TraitKind::TimeServer
    )
}
