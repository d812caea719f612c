//! What is wanted, arranged so that a list of thousands costs little more than a single thing, and
//! that most of what is stored need not be read. Comes in: things to look for; goes out: which of them
//! a piece fits, and whether the bytes of a section could hold any. It may say yes for nothing, and
//! never says no to what would be found.

use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;

use aho_corasick::{AhoCorasick, BuildError};
use daicho_report::Address;

use super::look::Piece;
use super::wanted::{Kind, Wanted};
use crate::recognise::pattern::above;

/// Where each kind is written.
const SECTIONS: &[(&str, &[Kind])] = &[
    ("flow", &[Kind::Address, Kind::Program]),
    ("neighbour", &[Kind::Address, Kind::Mac]),
    ("interface", &[Kind::Address, Kind::Mac, Kind::Domain]),
    ("route", &[Kind::Address]),
    ("trace", &[Kind::Address, Kind::Mac, Kind::Domain]),
    ("printer", &[Kind::Address, Kind::Domain]),
    ("vpn", &[Kind::Address, Kind::Domain]),
    ("patch", &[Kind::Domain]),
    ("trust", &[Kind::Domain]),
    ("hardware", &[Kind::Domain]),
    ("storage", &[Kind::Domain]),
    ("listener", &[Kind::Program]),
    ("service", &[Kind::Service, Kind::Program]),
    ("account", &[Kind::Account]),
    ("software", &[Kind::Software]),
    ("remote_tool", &[Kind::Software, Kind::Program]),
];

/// What any text could stand behind: an escape of JSON, and the two letters outside ASCII whose lower
/// case has a letter of ASCII in it.
const WILD: [&str; 3] = ["\\u", "\u{212a}", "\u{130}"];

/// Things to look for.
pub struct Query<'a> {
    wanted: &'a [Wanted],
    /// Addresses and ranges by network.
    networks: HashMap<(IpAddr, u8), Vec<usize>>,
    /// Lengths of prefix that occur among them; whether of IPv4.
    prefixes: BTreeSet<(bool, u8)>,
    needles: AhoCorasick,
    /// What each needle is of; nothing: of anything.
    of: Vec<Option<usize>>,
    /// What has no needle.
    bare: Vec<usize>,
}

/// A piece of a name is looked for in names: among the digits of addresses it would be anywhere.
fn applies(kind: Kind, kinds: &[Kind]) -> bool {
    let name = |it: &Kind| !matches!(it, Kind::Address | Kind::Mac);
    kinds.contains(&kind) || (kind == Kind::Any && kinds.iter().any(name))
}

/// The sort of section.
fn kinds(section: &str) -> &'static [Kind] {
    let found = SECTIONS.iter().find(|(name, _)| *name == section);
    found.map_or(&[], |(_, kinds)| kinds)
}

impl<'a> Query<'a> {
    /// Arranges them; an error for more than an automaton can hold.
    pub fn new(wanted: &'a [Wanted]) -> Result<Self, BuildError> {
        let mut networks: HashMap<_, Vec<usize>> = HashMap::new();
        let (mut needles, mut of) = (Vec::new(), Vec::new());
        let (mut prefixes, mut bare) = (BTreeSet::new(), Vec::new());
        for (index, it) in wanted.iter().enumerate() {
            if let Some(range) = it.range {
                let key = (range.network(), range.prefix);
                networks.entry(key).or_default().push(index);
                prefixes.insert((range.address.is_ipv4(), range.prefix));
            }
            let Some(needle) = needle(it) else {
                bare.push(index);
                continue;
            };
            // Some write hardware addresses so.
            let other = Some(needle.replace(':', "-")).filter(|it| *it != needle);
            for needle in [Some(needle), other].into_iter().flatten() {
                needles.push(needle);
                of.push(Some(index));
            }
        }
        for it in WILD {
            needles.push(it.to_owned());
            of.push(None);
        }
        let needles = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build(&needles)?;
        Ok(Self {
            wanted,
            networks,
            prefixes,
            needles,
            of,
            bare,
        })
    }

    /// Sections in which any of them could be, `flow` and `neighbour` among them.
    pub fn sections(&self) -> impl Iterator<Item = &'static str> + '_ {
        let all = SECTIONS.iter();
        all.filter(|(_, kinds)| self.wanted.iter().any(|it| applies(it.kind, kinds)))
            .map(|(section, _)| *section)
    }

    /// Whether any of them could be in the JSON of this section.
    #[must_use]
    pub fn may_hold(&self, section: &str, json: &[u8]) -> bool {
        let kinds = kinds(section);
        let here = |index: usize| {
            let it = self.wanted.get(index);
            it.is_some_and(|it| applies(it.kind, kinds))
        };
        self.bare.iter().any(|index| here(*index)) || {
            let mut found = self.needles.find_overlapping_iter(json);
            found.any(|it| self.of(it.pattern().as_usize()).is_none_or(here))
        }
    }

    fn of(&self, needle: usize) -> Option<usize> {
        self.of.get(needle).copied().flatten()
    }

    /// Those that are this address, or a range that holds it.
    pub(super) fn holding(&self, address: IpAddr) -> impl Iterator<Item = &'a Wanted> + '_ {
        let here = self.prefixes.iter();
        let here = here.filter(move |(four, _)| *four == address.is_ipv4());
        here.filter_map(move |(_, prefix)| {
            let network = Address {
                address,
                prefix: *prefix,
            };
            self.networks.get(&(network.network(), *prefix))
        })
        .flatten()
        .filter_map(|index| self.wanted.get(*index))
    }

    /// Whether this address is one of them, or in a range of them, or this hardware address is.
    #[must_use]
    pub fn holds(&self, address: IpAddr, mac: &str) -> bool {
        self.holding(address).next().is_some() || !self.macs(mac).is_empty()
    }

    /// Those that this hardware address fits, which stands here in its one form.
    pub(super) fn macs(&self, mac: &str) -> Vec<&'a Wanted> {
        self.named(mac, &[Kind::Mac], None)
    }

    /// Those that this piece fits.
    pub(super) fn fitting(&self, piece: &Piece<'_>) -> Vec<&'a Wanted> {
        if let Some(address) = piece.address {
            return self.holding(address).collect();
        }
        match &piece.name {
            Some(name) => self.named(name, piece.kinds, piece.version),
            None => Vec::new(),
        }
    }

    fn named(&self, name: &str, kinds: &[Kind], version: Option<&str>) -> Vec<&'a Wanted> {
        let lower = name.to_lowercase();
        let found = self.needles.find_overlapping_iter(&lower);
        let found = found.filter_map(|it| self.of(it.pattern().as_usize()));
        let candidates: BTreeSet<usize> = found.chain(self.bare.iter().copied()).collect();
        let candidates = candidates.iter().filter_map(|it| self.wanted.get(*it));
        candidates
            .filter(|it| fits(it, &lower, kinds, version))
            .collect()
    }
}

/// Whether a name of these kinds fits, which stands here in lower case.
pub(super) fn fits(wanted: &Wanted, lower: &str, kinds: &[Kind], version: Option<&str>) -> bool {
    let Some(glob) = &wanted.name else {
        return false;
    };
    let kind = applies(wanted.kind, kinds);
    let version = || {
        let asked = wanted.version.as_ref();
        asked.is_none_or(|it| version.is_some_and(|text| it.fits_any_case(text)))
    };
    // A domain is everything that lies below it.
    let below = || wanted.kind == Kind::Domain && above(lower).any(|it| glob.fits(it));
    let short = || {
        wanted.kind == Kind::Account
            && lower
                .rsplit(['\\', '/'])
                .next()
                .is_some_and(|it| glob.fits(it))
    };
    kind && (glob.fits(lower) || below() || short()) && version()
}

/// The longest text that is in the JSON of everything that this fits, whatever its case.
fn needle(wanted: &Wanted) -> Option<String> {
    if let Some(range) = wanted.range {
        return address_needle(range);
    }
    let glob = wanted.name.as_ref()?;
    let runs = glob.parts().flat_map(|part| part.split(|c| !is_plain(c)));
    let longest = runs.max_by_key(|run| run.len())?;
    (!longest.is_empty()).then(|| longest.to_owned())
}

/// Written in JSON as it is, and the same in either case but for the letters of ASCII.
fn is_plain(c: char) -> bool {
    match c {
        '"' | '\\' | '/' => false,
        c if c.is_ascii() => c == ' ' || c.is_ascii_graphic(),
        c => !(c.is_control() || c.is_lowercase() || c.is_uppercase()),
    }
}

/// The whole octets of an IPv4 network; of IPv6 the longest group that is not zero: it is written out
/// in every form, with a colon behind it where it is not among the last, which may stand as IPv4.
fn address_needle(range: Address) -> Option<String> {
    let network = match range.network() {
        IpAddr::V4(network) => network,
        IpAddr::V6(network) => {
            let whole = usize::from(range.prefix / 16).min(6);
            let groups = network.segments();
            let groups = groups.iter().take(whole).filter(|it| **it != 0);
            return groups.map(|it| format!("{it:x}:")).max_by_key(String::len);
        }
    };
    if range.prefix == 32 {
        return Some(network.to_string());
    }
    let whole = usize::from(range.prefix / 8);
    let octets = network.octets();
    let octets = octets.iter().take(whole).map(|it| format!("{it}."));
    Some(octets.collect()).filter(|it: &String| !it.is_empty())
}
