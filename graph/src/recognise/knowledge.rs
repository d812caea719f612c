//! What the signature files know. Comes in: TOML texts, shipped or the site's own; goes out:
//! compiled signatures. A file with an unknown key, a bad address, a bad pattern, a name twice or a
//! source that is not stated is refused with its line; nothing of it is used.

mod read;
mod table;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use daicho_ledger::{PointKind, ZoneKind};
use serde::Deserialize;

use super::Weight;
use super::pattern::{Glob, above};
pub use read::{Flaw, SignatureError};
pub(super) use table::Hit;
use table::Table;

/// Files that are shipped, by name. A site's file of the same name takes a file's place.
pub(super) const SHIPPED: &[(&str, &str)] = &[
    (
        "connection_point.toml",
        include_str!("../data/connection_point.toml"),
    ),
    ("maker.toml", include_str!("../data/maker.toml")),
    ("ordinary.toml", include_str!("../data/ordinary.toml")),
    (
        // The agent's list is the only one; of it nothing but names and domains is used here.
        "remote_tool.toml",
        include_str!("../../../agent/src/data/remote_tool.toml"),
    ),
    ("system.toml", include_str!("../data/system.toml")),
    ("zone.toml", include_str!("../data/zone.toml")),
];

/// What a trait looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum TraitKind {
    /// A name server: an address or a network.
    NameServer,
    /// A domain that the machine resolved, or is set up for (hosts file, resolver rule, exception
    /// of the proxy).
    Name,
    /// A proxy: the domain of its name.
    Proxy,
    /// A time server: the domain of its name.
    TimeServer,
    /// A listed folder.
    Folder,
    /// A scheduled task.
    Task,
    /// A stored credential that exists.
    Credential,
    /// A local account.
    Account,
    /// A share that it offers.
    Share,
    /// The server of a share that it uses.
    RemoteMount,
    /// Name of an installed program.
    Software,
    /// Publisher of an installed program.
    Publisher,
    /// A service.
    Service,
    /// Short name of a program that listens or talks.
    Program,
    /// A port that it listens on.
    Port,
    /// A port of others that it goes to.
    TalksTo,
    /// Address of a peer: a network.
    Peer,
    /// Name of an interface.
    InterfaceName,
    /// Driver of an interface.
    Driver,
    /// Host name.
    HostName,
    /// Domain that the machine belongs to, or searches.
    Domain,
    /// Holder of a certificate that was added or is used.
    Certificate,
    /// Maker or model.
    Model,
    /// A text that people wrote of what stands in a segment or leads to it.
    Word,
    /// Something computed from several facts.
    Pattern,
}

/// Where a system's trait is to be found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Side {
    /// On both: a server has it as a server, another machine as one that uses it.
    #[default]
    Either,
    /// On its server.
    Server,
    /// On a machine that uses it.
    Client,
}

/// Where a trait was described.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Origin {
    pub(super) key: String,
    pub(super) proven: bool,
}

/// One trait of a signature.
#[derive(Debug, Clone)]
pub(super) struct Trait {
    pub(super) weight: Weight,
    pub(super) origin: Origin,
    pub(super) side: Side,
    /// Whose trait it is.
    pub(super) of: Of,
}

/// A signature's place in its list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Of {
    Point(usize),
    System(usize),
    Zone(usize),
}

/// A connection point's signature.
#[derive(Debug, Clone)]
pub(super) struct PointSignature {
    pub(super) kind: PointKind,
    /// A product's or service's name; empty: the kind says all.
    pub(super) title: String,
    /// It says by which line the point of this other kind is reached.
    pub(super) line_of: Option<PointKind>,
    /// It is another service on the line of this kind.
    pub(super) on_line_of: Option<PointKind>,
    /// Patterns that the machine must show.
    pub(super) needs: Vec<String>,
    /// Patterns that the machine must not show.
    pub(super) unless: Vec<String>,
}

/// A system's signature.
#[derive(Debug, Clone)]
pub(super) struct SystemSignature {
    pub(super) name: String,
    pub(super) sort: String,
    pub(super) title: String,
    /// Zone in which its servers and those who use it stand.
    pub(super) zone: Option<ZoneKind>,
    pub(super) needs: Vec<String>,
    pub(super) unless: Vec<String>,
}

/// What the signature files know.
#[derive(Debug, Clone, Default)]
pub struct Knowledge {
    pub(super) points: Vec<PointSignature>,
    pub(super) systems: Vec<SystemSignature>,
    pub(super) zones: Vec<ZoneKind>,
    pub(super) traits: Vec<Trait>,
    table: Table,
    /// Programs and services that need no name.
    ordinary: Vec<Glob>,
    /// Domains of tools for remote maintenance, by their name.
    pub(super) tool_domains: BTreeMap<String, Vec<String>>,
    /// Such tools by domain.
    tools_by_domain: BTreeMap<String, String>,
    /// Names of programs of such tools, in lower case and without ending, with the tool's name.
    tool_programs: BTreeMap<String, String>,
    /// Makers of network devices by the beginning of a hardware address.
    makers: BTreeMap<String, String>,
    /// Version of each file, by name.
    versions: BTreeMap<String, String>,
}

impl Knowledge {
    /// What is shipped. The files are read by a test; a file that could not be read knows nothing.
    #[must_use]
    pub fn shipped() -> Self {
        static SHIPPED: LazyLock<Knowledge> =
            LazyLock::new(|| Knowledge::read(&[]).unwrap_or_default());
        SHIPPED.clone()
    }

    /// The shipped files, where a file of the site's with the same name takes a file's place.
    ///
    /// # Errors
    /// When a file has a flaw; nothing is used then.
    pub fn read(site: &[(&str, &str)]) -> Result<Self, SignatureError> {
        read::read(site)
    }

    /// The shipped files, by name, for whoever wants to change one.
    pub fn files() -> impl Iterator<Item = (&'static str, &'static str)> {
        SHIPPED.iter().copied()
    }

    /// Versions of the files, by name.
    #[must_use]
    pub fn versions(&self) -> &BTreeMap<String, String> {
        &self.versions
    }

    /// Traits that a value shows.
    pub(super) fn hits(&self, kind: TraitKind, value: &str) -> Vec<usize> {
        self.table.hits(kind, value)
    }

    /// Traits that an address shows.
    pub(super) fn address_hits(&self, kind: TraitKind, address: std::net::IpAddr) -> Vec<usize> {
        self.table.address_hits(kind, address)
    }

    /// The tool for remote maintenance that a program is, by its name: the tool's own, alone or before
    /// `_` or `-`.
    pub(super) fn tool_of(&self, program: &str) -> Option<&str> {
        let lower = program.trim().to_lowercase();
        let name = lower.strip_suffix(".exe").unwrap_or(&lower);
        let (first, _) = name.split_once(['_', '-']).unwrap_or((name, ""));
        let found = self
            .tool_programs
            .get(name)
            .or_else(|| self.tool_programs.get(first));
        found.map(String::as_str)
    }

    /// The tool for remote maintenance to which a name in lower case belongs.
    pub(super) fn tool_of_name(&self, name: &str) -> Option<&str> {
        let found = above(name).find_map(|it| self.tools_by_domain.get(it));
        found.map(String::as_str)
    }

    /// The kind of connection point of which people's words speak.
    pub(super) fn point_of_word(&self, text: &str) -> Option<PointKind> {
        let hits = self.hits(TraitKind::Word, &text.to_lowercase());
        hits.iter().find_map(|it| match self.traits.get(*it)?.of {
            Of::Point(of) => self.points.get(of).map(|it| it.kind),
            _ => None,
        })
    }

    /// The maker of network devices that a hardware address in its normal form names.
    pub(super) fn maker(&self, mac: &str) -> Option<&str> {
        self.makers.get(mac.get(..8)?).map(String::as_str)
    }

    /// Whether a signature of a system or connection point, or the list of tools, names a program or
    /// service.
    pub(super) fn knows(&self, kind: &str, lower: &str) -> bool {
        let trait_kind = match kind {
            "program" => TraitKind::Program,
            "software" => TraitKind::Software,
            _ => return false,
        };
        let hits = self.hits(trait_kind, lower);
        let signed = hits.iter().filter_map(|it| self.traits.get(*it));
        let mut signed = signed.filter(|it| it.weight <= Weight::Strong);
        signed.any(|it| !matches!(it.of, Of::Zone(_)))
            || self.tool_of(lower).is_some()
            || self.tool_programs.contains_key(lower)
    }

    /// Whether a program or service needs no name.
    pub(super) fn is_ordinary(&self, lower: &str) -> bool {
        self.ordinary.iter().any(|it| it.fits(lower))
    }
}

#[cfg(test)]
mod tests;
