//! All lists, the ledger itself and what was recognised as JSON, for programs. The lists are there in
//! both languages; `ledger` and `recognition` hold every value as it was reported, so nothing in them
//! is shortened or neutralised.

use daicho_graph::list::{columns, rows};
use daicho_graph::{Recognition, finding::findings};
use daicho_ledger::{Column, Finding, Lang, Ledger, Row};
use serde::Serialize;

use super::{Basis, ExportError, List};

/// The version of this form; raised whenever a reader has to know.
const SCHEMA: &str = "daicho-ledger/1";

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    ledger: &'a Ledger,
    recognition: &'a Recognition,
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
pub fn bytes(basis: Basis<'_>) -> Result<Vec<u8>, ExportError> {
    let one = |list| OneList {
        list,
        columns: columns(list),
        ja: rows(basis, list, Lang::Ja),
        en: rows(basis, list, Lang::En),
    };
    let document = Document {
        schema: SCHEMA,
        ledger: basis.ledger,
        recognition: basis.recognition,
        findings: findings(basis),
        lists: List::ALL.into_iter().map(one).collect(),
    };
    let mut bytes = serde_json::to_vec_pretty(&document)?;
    bytes.push(b'\n');
    Ok(bytes)
}
