//! Reading signature files. Comes in: TOML; goes out: compiled signatures, or the flaw with file and
//! line. It keeps no part of a file that has a flaw.

mod shape;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use daicho_ledger::{PointKind, ZoneKind};
use toml::Spanned;

use super::table::{Table, is_domain};
use super::{Knowledge, Of, Origin, PointSignature, SHIPPED, SystemSignature, Trait, TraitKind};
use crate::recognise::pattern::{Glob, network, plain_domain, port};
use crate::recognise::sign::PATTERNS;
use shape::{File, Makers, Ordinary, Raw, RawTrait, Source, Tools};

/// What is wrong with a signature file.
#[derive(Debug, thiserror::Error)]
pub enum Flaw {
    /// No TOML, an unknown key, or a value of the wrong type.
    #[error("understand it")]
    Toml(#[source] Box<toml::de::Error>),
    /// No file of this name is known.
    #[error("find a use for a file of this name")]
    Name,
    /// The version is no day.
    #[error("read `{0}` as the day of the version")]
    Version(String),
    /// A name stands twice.
    #[error("tell two entries `{0}` apart")]
    Twice(String),
    /// A source that is not stated.
    #[error("find the source `{0}`")]
    Source(String),
    /// No address.
    #[error("read `{0}` as an address or network")]
    Address(String),
    /// No port.
    #[error("read `{0}` as a port (`104/tcp`)")]
    Port(String),
    /// No pattern of text.
    #[error("read `{0}` as a text with at most four stars that says something")]
    Glob(String),
    /// No domain.
    #[error("read `{0}` as a domain")]
    Domain(String),
    /// No pattern of facts.
    #[error("find the pattern `{0}`")]
    Pattern(String),
    /// No kind of connection point or zone.
    #[error("find the kind `{0}`")]
    Kind(String),
    /// A trait without a value.
    #[error("use a trait without values")]
    Empty,
}

/// A signature file that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("use line {line} of `{file}`")]
pub struct SignatureError {
    /// Which file.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// What is wrong.
    #[source]
    pub flaw: Flaw,
}

/// A flaw and where.
type Found = (Range<usize>, Flaw);

fn toml_of<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Found> {
    toml::from_str(text).map_err(|error| {
        let span = error.span().unwrap_or(0..0);
        (span, Flaw::Toml(Box::new(error)))
    })
}

fn line(text: &str, at: usize) -> usize {
    let before = text.as_bytes().iter().take(at);
    before.filter(|it| **it == b'\n').count() + 1
}

pub(super) fn read(site: &[(&str, &str)]) -> Result<Knowledge, SignatureError> {
    let mut files: BTreeMap<&str, &str> = SHIPPED.iter().copied().collect();
    let mut given = BTreeSet::new();
    for (name, text) in site {
        let refuse = |flaw| {
            Err(SignatureError {
                file: (*name).to_owned(),
                line: 1,
                flaw,
            })
        };
        if !files.contains_key(name) {
            return refuse(Flaw::Name);
        }
        if !given.insert(*name) {
            return refuse(Flaw::Twice((*name).to_owned()));
        }
        files.insert(name, text);
    }
    let mut out = Knowledge::default();
    for (name, text) in files {
        let done = match name {
            "maker.toml" => makers(&mut out, text),
            "ordinary.toml" => ordinary(&mut out, text),
            "remote_tool.toml" => tools(&mut out, text),
            _ => signatures(&mut out, name, text),
        };
        done.map_err(|(span, flaw)| SignatureError {
            file: name.to_owned(),
            line: line(text, span.start),
            flaw,
        })?;
    }
    Ok(out)
}

fn version(out: &mut Knowledge, name: &str, version: &Spanned<String>) -> Result<(), Found> {
    let day = version.get_ref();
    let moment = format!("{day}T00:00:00Z");
    if daicho_report::Time::parse(&moment).is_err() {
        return Err((version.span(), Flaw::Version(day.clone())));
    }
    out.versions.insert(name.to_owned(), day.clone());
    Ok(())
}

fn ordinary(out: &mut Knowledge, text: &str) -> Result<(), Found> {
    let file: Ordinary = toml_of(text)?;
    version(out, "ordinary.toml", &file.version)?;
    for name in &file.names {
        let glob = Glob::new(name.get_ref());
        let glob = glob.ok_or_else(|| (name.span(), Flaw::Glob(name.get_ref().clone())))?;
        out.ordinary.push(glob);
    }
    Ok(())
}

fn tools(out: &mut Knowledge, text: &str) -> Result<(), Found> {
    let file: Tools = toml_of(text)?;
    for tool in file.product {
        let domains: Vec<String> = tool.domains.iter().map(|it| plain_domain(it)).collect();
        for domain in &domains {
            out.tools_by_domain
                .insert(domain.clone(), tool.name.clone());
        }
        let own = tool.name.to_lowercase();
        let processes = tool.processes.iter().map(|it| it.to_lowercase());
        for program in processes.chain([own.replace(' ', ""), own]) {
            out.tool_programs.insert(program, tool.name.clone());
        }
        out.tool_domains.insert(tool.name, domains);
    }
    Ok(())
}

fn makers(out: &mut Knowledge, text: &str) -> Result<(), Found> {
    let file: Makers = toml_of(text)?;
    version(out, "maker.toml", &file.version)?;
    for maker in file.maker {
        let key = maker.source.get_ref();
        if !file.sources.contains_key(key) {
            return Err((maker.source.span(), Flaw::Source(key.clone())));
        }
        for prefix in &maker.prefixes {
            let text = prefix.get_ref();
            let digits = text
                .bytes()
                .all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f' | b':'));
            if text.len() != 8 || !digits || text.split(':').any(|it| it.len() != 2) {
                return Err((prefix.span(), Flaw::Address(text.clone())));
            }
            if out
                .makers
                .insert(text.clone(), maker.name.clone())
                .is_some()
            {
                return Err((prefix.span(), Flaw::Twice(text.clone())));
            }
        }
    }
    Ok(())
}

fn signatures(out: &mut Knowledge, file_name: &str, text: &str) -> Result<(), Found> {
    let file: File = toml_of(text)?;
    version(out, file_name, &file.version)?;
    let mut names = BTreeSet::new();
    for raw in file.signature {
        if !names.insert(raw.name.get_ref().clone()) {
            return Err((raw.name.span(), Flaw::Twice(raw.name.get_ref().clone())));
        }
        let of = match file_name {
            "connection_point.toml" => {
                out.points.push(point(&raw)?);
                Of::Point(out.points.len() - 1)
            }
            "system.toml" => {
                out.systems.push(system(&raw)?);
                Of::System(out.systems.len() - 1)
            }
            _ => {
                out.zones.push(word(&raw.kind)?);
                Of::Zone(out.zones.len() - 1)
            }
        };
        for one in &raw.traits {
            add(out, one, of, &file.sources)?;
        }
    }
    Ok(())
}

/// A word of an enumeration of the ledger's.
fn word<T: serde::de::DeserializeOwned>(text: &Spanned<String>) -> Result<T, Found> {
    let value = serde_json::Value::String(text.get_ref().clone());
    serde_json::from_value(value).map_err(|_| (text.span(), Flaw::Kind(text.get_ref().clone())))
}

fn patterns(all: &[Spanned<String>]) -> Result<Vec<String>, Found> {
    let known = |it: &Spanned<String>| {
        if PATTERNS.contains(&it.get_ref().as_str()) {
            Ok(it.get_ref().clone())
        } else {
            Err((it.span(), Flaw::Pattern(it.get_ref().clone())))
        }
    };
    all.iter().map(known).collect()
}

fn point(raw: &Raw) -> Result<PointSignature, Found> {
    let kind = |it: &Option<Spanned<String>>| -> Result<Option<PointKind>, Found> {
        it.as_ref().map(word).transpose()
    };
    Ok(PointSignature {
        kind: word(&raw.kind)?,
        title: raw.title.clone(),
        line_of: kind(&raw.line_of)?,
        on_line_of: kind(&raw.on_line_of)?,
        needs: patterns(&raw.needs)?,
        unless: patterns(&raw.unless)?,
    })
}

fn system(raw: &Raw) -> Result<SystemSignature, Found> {
    let zone: Option<ZoneKind> = raw.zone.as_ref().map(word).transpose()?;
    Ok(SystemSignature {
        name: raw.name.get_ref().clone(),
        sort: raw.kind.get_ref().clone(),
        title: raw.title.clone(),
        zone,
        needs: patterns(&raw.needs)?,
        unless: patterns(&raw.unless)?,
    })
}

fn add(
    out: &mut Knowledge,
    raw: &RawTrait,
    of: Of,
    sources: &BTreeMap<String, Source>,
) -> Result<(), Found> {
    let key = raw.source.get_ref();
    let Some(source) = sources.get(key) else {
        return Err((raw.source.span(), Flaw::Source(key.clone())));
    };
    if raw.values.get_ref().is_empty() {
        return Err((raw.values.span(), Flaw::Empty));
    }
    let kind = *raw.kind.get_ref();
    let number = out.traits.len();
    for value in raw.values.get_ref() {
        let flaw = put(&mut out.table, kind, value.get_ref(), number);
        flaw.map_err(|flaw| (value.span(), flaw))?;
    }
    out.traits.push(Trait {
        weight: raw.weight,
        origin: Origin {
            key: key.clone(),
            proven: source.proven,
        },
        side: raw.side,
        of,
    });
    Ok(())
}

fn put(table: &mut Table, kind: TraitKind, value: &str, of: usize) -> Result<(), Flaw> {
    let told = || value.to_owned();
    match kind {
        TraitKind::NameServer | TraitKind::Peer => {
            let network = network(value).ok_or_else(|| Flaw::Address(told()))?;
            table.add_network(kind, network, of);
        }
        TraitKind::Port | TraitKind::TalksTo => {
            port(value).ok_or_else(|| Flaw::Port(told()))?;
            table.add_plain(kind, told(), of);
        }
        TraitKind::Pattern => {
            if !PATTERNS.contains(&value) {
                return Err(Flaw::Pattern(told()));
            }
            table.add_plain(kind, told(), of);
        }
        _ if is_domain(kind) => {
            let domain = plain_domain(value);
            let clean = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
            if domain.is_empty() || !domain.chars().all(clean) {
                return Err(Flaw::Domain(told()));
            }
            table.add_plain(kind, domain, of);
        }
        _ => {
            let glob = Glob::new(value).ok_or_else(|| Flaw::Glob(told()))?;
            table.add_glob(kind, glob, of);
        }
    }
    Ok(())
}
