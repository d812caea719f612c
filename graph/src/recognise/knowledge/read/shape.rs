//! Shapes of the files as TOML. Comes in: TOML; goes out: values as they are written, with their
//! places where a flaw may be found later. A key that is not here is refused.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::super::{Side, TraitKind};
use crate::recognise::Weight;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) version: Spanned<String>,
    #[serde(default)]
    pub(super) sources: BTreeMap<String, Source>,
    #[serde(default)]
    pub(super) signature: Vec<Raw>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Source {
    #[serde(rename = "name")]
    pub(super) _name: String,
    #[serde(rename = "where")]
    pub(super) _where: String,
    pub(super) proven: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Raw {
    pub(super) name: Spanned<String>,
    /// Kind of point, sort of system, or zone.
    pub(super) kind: Spanned<String>,
    #[serde(default)]
    pub(super) title: String,
    #[serde(default)]
    pub(super) line_of: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) on_line_of: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) zone: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) needs: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) unless: Vec<Spanned<String>>,
    #[serde(default, rename = "trait")]
    pub(super) traits: Vec<RawTrait>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTrait {
    pub(super) kind: Spanned<TraitKind>,
    pub(super) values: Spanned<Vec<Spanned<String>>>,
    pub(super) weight: Weight,
    pub(super) source: Spanned<String>,
    #[serde(default)]
    pub(super) side: Side,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ordinary {
    pub(super) version: Spanned<String>,
    pub(super) names: Vec<Spanned<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Makers {
    pub(super) version: Spanned<String>,
    pub(super) sources: BTreeMap<String, Source>,
    pub(super) maker: Vec<Maker>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Maker {
    pub(super) name: String,
    pub(super) source: Spanned<String>,
    pub(super) prefixes: Vec<Spanned<String>>,
}

/// Of the agent's list only what is needed here; its own keys are the agent's to check.
#[derive(Debug, Deserialize)]
pub(super) struct Tools {
    pub(super) product: Vec<Tool>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Tool {
    pub(super) name: String,
    #[serde(default)]
    pub(super) domains: Vec<String>,
    #[serde(default)]
    pub(super) processes: Vec<String>,
}
