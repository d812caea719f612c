//! The first-response sheet（初動対応シート）: a document that works on paper alone, as PDF and as HTML
//! without script and without anything fetched. Comes in: the scope, the plan, what changed lately and
//! the rules for reports; goes out: bytes. It knows no telephone number that the hospital did not enter.

mod content;
mod lately;
mod outward;

use askama::Template;
use daicho_graph::impact::{Plan, Scope};
use daicho_render::paper::{Block, Paper};
use daicho_report::Time;
use serde::Deserialize;

use super::Basis;
use crate::diff::Change;
pub use content::paper;

/// The shipped rules.
const RULES: &str = include_str!("../data/report_rules.toml");

/// A report to somebody outside.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// To whom.
    pub to: String,
    /// What is reported.
    pub what: String,
    /// When, in words.
    pub due: String,
    /// When, in hours from detection.
    #[serde(default)]
    pub hours: Option<u32>,
    /// Who says so.
    pub source: String,
}

/// The rules for reports.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// Their version.
    pub version: String,
    /// They.
    pub rule: Vec<Rule>,
}

impl Rules {
    /// Reads a file of rules.
    pub fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    /// The shipped ones; a test reads them.
    #[must_use]
    pub fn shipped() -> Self {
        Self::parse(RULES).unwrap_or(Self {
            version: String::new(),
            rule: Vec::new(),
        })
    }
}

/// What the sheet is made for.
#[derive(Debug, Clone)]
pub struct Occasion {
    /// When the hospital knew; `None`: it is written by hand.
    pub detected: Option<Time>,
    /// Rules for reports.
    pub rules: Rules,
    /// Hash of the facts.
    pub hash: String,
    /// What changed lately.
    pub changes: Lately,
    /// A3 instead of A4.
    pub a3: bool,
}

/// What changed on the damaged machines and at the connection points.
#[derive(Debug, Clone, Default)]
pub struct Lately {
    /// Since when; `None`: nothing had been received then.
    pub since: Option<Time>,
    /// How many days a person asked for.
    pub days: u32,
    /// What differs.
    pub changes: Vec<Change>,
}

#[derive(Template)]
#[template(path = "response.html")]
struct Page<'a> {
    paper: &'a Paper,
}

/// How wide a column is, in hundredths of the table.
fn share(weight: &u16, all: &[u16]) -> u32 {
    let total: u32 = all.iter().map(|it| u32::from(*it)).sum();
    u32::from(*weight) * 100 / total.max(1)
}

/// The sheet as HTML. It is Japanese: it is handed to Japanese staff, whatever language the command
/// speaks.
#[must_use]
pub fn page(basis: Basis<'_>, answer: (&Scope, &Plan), occasion: &Occasion) -> String {
    let paper = paper(basis, answer, occasion);
    // The template writes into a text, and nothing of it can fail.
    Page { paper: &paper }.render().unwrap_or_default()
}

#[cfg(test)]
mod tests;
