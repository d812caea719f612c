//! Findings（要対応事項）: what the rules of the ledger say. Comes in: the ledger; goes out: a list of
//! rule, asset and evidence, sorted; texts come from `finding/findings.toml`. It never calls a
//! machine bad because something could not be asked: that is a finding of its own.

mod kept;
mod rule;
pub use rule::is_worthless_id;
mod setting;
mod upkeep;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::asset::{AgentAsset, AssetId};
use crate::cell::Cell;
use crate::ledger::Ledger;
use crate::list::{Column, Layer, Row, View, column};
use crate::text::Lang;

/// How soon somebody should look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Soon.
    High,
    /// At the next occasion.
    Medium,
    /// To know.
    Low,
}

impl Severity {
    fn title(self, lang: Lang) -> &'static str {
        match self {
            Self::High => lang.pick("高", "high"),
            Self::Medium => lang.pick("中", "medium"),
            Self::Low => lang.pick("低", "low"),
        }
    }
}

/// What a rule found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// How soon somebody should look.
    pub severity: Severity,
    /// The rule's stable name.
    pub rule: &'static str,
    /// Whose.
    pub asset: AssetId,
    /// What it rests on, for people: Japanese and English. Nothing in it is hidden.
    pub evidence: (String, String),
    /// The rule's own words; `None`: its file does not have it.
    #[serde(skip)]
    texts: Option<&'static Texts>,
}

/// A rule's texts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(deny_unknown_fields)]
struct Texts {
    severity: Severity,
    ja: String,
    en: String,
    next_ja: String,
    next_en: String,
}

/// Rules by name, with their words.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub struct Rules(BTreeMap<String, Texts>);

/// The file is part of the program and a test reads it; were it broken, findings would still be
/// listed under their bare names.
static RULES: LazyLock<Rules> =
    LazyLock::new(|| Rules::read(include_str!("finding/findings.toml")).unwrap_or_default());

impl Rules {
    /// Reads a file of rules (TOML): for each its severity, what is found, and what to do next.
    pub fn read(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    /// Names of all rules, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// What one of these rules found: on what, and on what it rests in Japanese and English.
    #[must_use]
    pub fn finding(
        &'static self,
        rule: &'static str,
        asset: &AssetId,
        evidence: (String, String),
    ) -> Finding {
        let texts = self.0.get(rule);
        Finding {
            severity: texts.map_or(Severity::High, |it| it.severity),
            rule,
            asset: asset.clone(),
            evidence,
            texts,
        }
    }
}

impl Finding {
    fn new(rule: &'static str, asset: &AssetId, ja: String, en: String) -> Self {
        RULES.finding(rule, asset, (ja, en))
    }

    /// What is found.
    #[must_use]
    pub fn text(&self, lang: Lang) -> &str {
        match self.texts {
            Some(texts) => lang.pick(&texts.ja, &texts.en),
            None => self.rule,
        }
    }

    /// What to do next.
    #[must_use]
    pub fn next(&self, lang: Lang) -> &str {
        match self.texts {
            Some(texts) => lang.pick(&texts.next_ja, &texts.next_en),
            None => self.rule,
        }
    }
}

/// All findings, the most severe first.
#[must_use]
pub fn findings(ledger: &Ledger) -> Vec<Finding> {
    let mut all: Vec<Finding> = Vec::new();
    for asset in &ledger.assets {
        all.extend(rule::of_asset(ledger, asset));
        all.extend(upkeep::of_asset(ledger, asset));
        all.extend(setting::of_asset(asset));
    }
    all.extend(kept::of_rows(ledger));
    all.extend(rule::identities(ledger));
    all.extend(ledger.seen.iter().filter_map(rule::made_up_address));
    all.sort();
    all.dedup();
    all
}

/// A report that people carry is looked for once a month, and a few days of grace.
const CARRIED_S: i64 = 35 * DAY_S;
const DAY_S: i64 = 24 * 60 * 60;

/// No report for more than a day before the moment of the ledger; of a machine whose reports people
/// carry, for more than a month.
#[must_use]
pub fn is_silent(ledger: &Ledger, asset: &AgentAsset) -> bool {
    let most_s = if asset.carried.is_some() {
        CARRIED_S
    } else {
        DAY_S
    };
    ledger.as_of.seconds() - asset.presence.last_at.seconds() > most_s
}

pub(crate) const COLUMNS: &[Column] = &[
    column(Layer::Derived, "severity", "重要度", "severity"),
    column(Layer::Derived, "rule", "規則", "rule"),
    column(Layer::Derived, "text", "内容", "finding"),
    column(Layer::Derived, "evidence", "根拠", "evidence"),
    column(Layer::Derived, "next", "次に行うこと", "next step"),
    column(Layer::Hand, "answer", "対応状況・期日", "answer, due date"),
];

pub(crate) fn rows(view: View<'_>) -> Vec<Row> {
    let label = |id: &AssetId| view.label_of(id);
    rows_of(&findings(view.ledger), view.lang, label)
}

/// The rows of the list of findings, in the order given. `label`: what that of which it is found is
/// called.
pub fn rows_of(findings: &[Finding], lang: Lang, label: impl Fn(&AssetId) -> String) -> Vec<Row> {
    let row = |finding: &Finding| {
        let (ja, en) = &finding.evidence;
        let cells = vec![
            Cell::value(&label(&finding.asset), lang),
            Cell::value(&finding.asset.0, lang),
            Cell {
                key: format!("{}", finding.severity as u8),
                ..Cell::own(finding.severity.title(lang))
            },
            Cell::own(finding.rule),
            Cell::own(finding.text(lang)),
            Cell::own(lang.pick(ja, en)),
            Cell::own(finding.next(lang)),
            Cell::by_hand(lang),
        ];
        Row {
            asset: Some(finding.asset.clone()),
            key: None,
            cells,
        }
    };
    findings.iter().map(row).collect()
}

#[cfg(test)]
mod tests;
