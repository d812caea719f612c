//! The first-response sheet（初動対応シート）: one page of HTML that prints on A4 and works on paper alone.
//! Comes in: the scope, the plan and the rules for reports; goes out: HTML without script and without
//! anything fetched. It knows no telephone number that the hospital did not enter.

use askama::Template;
use daicho_graph::impact::{self, Plan, Scope, Sheet};
use daicho_ledger::text::{date, moment, visible};
use daicho_report::Time;
use serde::Deserialize;

use super::{Basis, Lang};

/// The shipped rules.
const RULES: &str = include_str!("../data/report_rules.toml");
/// Most machines on the paper; the workbook holds all.
const MACHINES: usize = 40;

/// Columns on the paper, in the template's order.
const PLAN: &[&str] = &[
    "stage", "act", "harm", "systems", "place", "vendor", "decides", "how", "undo",
];
const ENTRIES: &[&str] = &["rank", "name", "reasons"];
const SYSTEMS: &[&str] = &[
    "name",
    "reach",
    "servers",
    "clients",
    "department",
    "care",
    "substitute",
    "vendor",
];
const BACKUPS: &[&str] = &["name", "declared", "reach", "why"];
const REACHED: &[&str] = &["name", "addresses", "reach", "hops", "reasons"];
const SILENT: &[&str] = &["order", "name", "last", "every"];

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

/// A line of the reports' page.
struct Due {
    to: String,
    what: String,
    due: String,
    until: String,
    source: String,
}

/// A vendor who is asked.
struct Asked {
    name: String,
    things: Vec<String>,
}

/// A row with its cells' texts.
type Line = Vec<String>;

#[derive(Template)]
#[template(path = "response.html")]
struct Page {
    hospital: String,
    simulated: bool,
    day: String,
    as_of: String,
    detected: String,
    hash: String,
    warnings: Vec<String>,
    facts: Vec<(String, String)>,
    plan: Vec<Line>,
    fewest: Vec<String>,
    entries: Vec<Line>,
    systems: Vec<Line>,
    backups: Vec<Line>,
    machines: Vec<Line>,
    machines_left: usize,
    silent: Vec<Line>,
    reports: Vec<Due>,
    rules_version: String,
    vendors: Vec<Asked>,
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
}

/// The sheet. It is Japanese: it is handed to Japanese staff, whatever language the command speaks.
#[must_use]
pub fn page(basis: Basis<'_>, (scope, plan): (&Scope, &Plan), occasion: &Occasion) -> String {
    let lang = Lang::Ja;
    let ledger = basis.ledger;
    let offset = ledger.site.utc_offset_s;
    let sheets = impact::sheets(basis, scope, plan, lang);
    let of = |key: &str| sheets.iter().find(|it| it.key == key);
    let some = |key: &str, columns: &[&str], most: usize| {
        of(key).map_or_else(Vec::new, |it| lines(it, columns, most))
    };
    let page = Page {
        hospital: match ledger.site.name.trim().is_empty() {
            true => "施設名未設定".to_owned(),
            false => visible(&ledger.site.name),
        },
        simulated: ledger.site.simulated,
        day: date(ledger.as_of, offset, lang),
        as_of: moment(ledger.as_of, offset),
        detected: occasion
            .detected
            .map(|it| moment(it, offset))
            .unwrap_or_default(),
        hash: occasion.hash.clone(),
        warnings: impact::warnings(basis, scope, lang),
        facts: impact::headline(basis, scope, plan, lang),
        plan: some("plan", PLAN, usize::MAX),
        fewest: impact::fewest(basis, plan, lang),
        entries: some("entries", ENTRIES, 10),
        systems: some("systems", SYSTEMS, usize::MAX),
        backups: some("backups", BACKUPS, usize::MAX),
        machines: some("reached", REACHED, MACHINES),
        machines_left: of("reached").map_or(0, |it| it.rows.len().saturating_sub(MACHINES)),
        silent: some("silent", SILENT, MACHINES),
        reports: occasion
            .rules
            .rule
            .iter()
            .map(|it| due(it, occasion, offset))
            .collect(),
        rules_version: visible(&occasion.rules.version),
        vendors: vendors(of("plan")),
    };
    // The template writes into a text, and nothing of it can fail.
    page.render().unwrap_or_default()
}

fn due(rule: &Rule, occasion: &Occasion, offset: i32) -> Due {
    let until = rule.hours.zip(occasion.detected).map(|(hours, from)| {
        let at = Time::from_seconds(from.seconds() + i64::from(hours) * 3_600);
        format!("{} まで", moment(at, offset))
    });
    Due {
        to: visible(&rule.to),
        what: visible(&rule.what),
        due: visible(&rule.due),
        until: until.unwrap_or_default(),
        source: visible(&rule.source),
    }
}

/// Chosen columns of a list, in the order asked for.
fn lines(sheet: &Sheet, columns: &[&str], most: usize) -> Vec<Line> {
    let places: Vec<usize> = columns
        .iter()
        .filter_map(|key| sheet.columns.iter().position(|it| it.key == *key))
        .collect();
    let rows = sheet.rows.iter().take(most);
    rows.map(|row| {
        let cells = places.iter().filter_map(|it| row.cells.get(*it));
        cells.map(|it| it.text.clone()).collect()
    })
    .collect()
}

/// Vendors of the plan, each with what it is asked about.
fn vendors(plan: Option<&Sheet>) -> Vec<Asked> {
    let Some(plan) = plan else { return Vec::new() };
    let rows = lines(plan, &["vendor", "act"], usize::MAX);
    let mut all: std::collections::BTreeMap<String, Vec<String>> =
        std::collections::BTreeMap::new();
    for row in rows {
        if let [vendor, act] = &row[..]
            && vendor != "未入力"
            && vendor != "―"
        {
            all.entry(vendor.clone()).or_default().push(act.clone());
        }
    }
    all.into_iter()
        .map(|(name, things)| Asked { name, things })
        .collect()
}

#[cfg(test)]
mod tests;
