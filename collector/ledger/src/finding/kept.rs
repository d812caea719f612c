//! Rules about what people keep: state of an asset, contracts, records. Each looks at a value that was
//! entered; what is not entered is the checklist's matter.

use std::collections::{BTreeMap, BTreeSet};

use super::Finding;
use crate::asset::AssetId;
use crate::hand::HandFields;
use crate::ledger::Ledger;
use crate::text::{moment, visible};

/// Rules of this file.
#[cfg(test)]
pub(super) const RULES: &[&str] = &["AST-001", "AST-002", "CTR-001"];

/// All findings about rows that people keep.
pub(super) fn of_rows(ledger: &Ledger) -> Vec<Finding> {
    let today = moment(ledger.as_of, ledger.site.utc_offset_s);
    let today = today.get(..10).unwrap_or(&today);
    let fields: BTreeMap<&str, &HandFields> = ledger.hand.fields();
    let agents: BTreeSet<&str> = ledger.assets.iter().map(|it| it.id.0.as_str()).collect();
    let mut found = Vec::new();
    for (key, kept) in fields {
        let value = |name: &str| kept.values.get(name).map(|it| it.text.as_str());
        let id = AssetId(key.to_owned());
        match value("status") {
            Some("missing" | "lost") => {
                let by = kept.values.get("status").map_or("", |it| it.by.as_str());
                let by = visible(by);
                found.push(Finding::new(
                    "AST-001",
                    &id,
                    format!("記入者 {by}"),
                    format!("entered by {by}"),
                ));
            }
            Some("returned" | "disposed") if agents.contains(key) && reports(ledger, key) => {
                let day = value("disposed").map(visible).unwrap_or_default();
                found.push(Finding::new(
                    "AST-002",
                    &id,
                    format!("廃棄・返却日 {day}。24時間以内に報告あり"),
                    format!("gone on {day}, yet it reported within 24 hours"),
                ));
            }
            _ => {}
        }
        if let Some(day) = value("contract_end").filter(|day| *day < today) {
            let vendor = value("vendor").map(visible).unwrap_or_default();
            found.push(Finding::new(
                "CTR-001",
                &id,
                format!("{day}　{vendor}"),
                format!("{day} {vendor}"),
            ));
        }
    }
    found
}

/// Whether a machine still reports.
fn reports(ledger: &Ledger, key: &str) -> bool {
    let asset = ledger.assets.iter().find(|it| it.id.0 == key);
    asset.is_some_and(|it| !super::is_silent(ledger, it))
}
