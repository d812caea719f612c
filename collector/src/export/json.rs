//! All lists and the ledger itself as JSON, for programs. The lists are there in both languages;
//! `ledger` holds every value as it was reported, so nothing in it is shortened or neutralised.

use daicho_ledger::{Column, Finding, Lang, Ledger, List, Row, columns, findings, rows};
use serde::Serialize;

use super::ExportError;

/// The version of this form; raised whenever a reader has to know.
const SCHEMA: &str = "daicho-ledger/1";

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    ledger: &'a Ledger,
    findings: Vec<Finding>,
    lists: Vec<OneList>,
}

#[derive(Serialize)]
struct OneList {
    list: List,
    columns: Vec<Column>,
    ja: Vec<Row>,
    en: Vec<Row>,
}

/// The ledger as the bytes of a file.
pub fn bytes(ledger: &Ledger) -> Result<Vec<u8>, ExportError> {
    let one = |list| OneList {
        list,
        columns: columns(list),
        ja: rows(ledger, list, Lang::Ja),
        en: rows(ledger, list, Lang::En),
    };
    let document = Document {
        schema: SCHEMA,
        ledger,
        findings: findings(ledger),
        lists: List::ALL.into_iter().map(one).collect(),
    };
    let mut bytes = serde_json::to_vec_pretty(&document)?;
    bytes.push(b'\n');
    Ok(bytes)
}
