//! The ledger itself, what was recognised and the lists that staff read as JSON, for programs.
//! `ledger` and `recognition` hold every value as it was reported, so nothing in them is shortened or
//! neutralised; the lists say it in one language.

use daicho_graph::list::{columns, rows};
use daicho_graph::{Recognition, finding::findings};
use daicho_ledger::{Column, Finding, Lang, Ledger, Row};
use serde::Serialize;

use super::{Basis, ExportError, List};

/// The version of this form; raised whenever a reader has to know.
const SCHEMA: &str = "daicho-ledger/2";

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    ledger: &'a Ledger,
    recognition: &'a Recognition,
    findings: Vec<Finding>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    lists: Vec<OneList>,
}

#[derive(Serialize)]
struct OneList {
    list: List,
    lang: Lang,
    columns: Vec<Column>,
    rows: Vec<Row>,
}

/// The ledger as the bytes of a file; with its lists in a language, or without them, where they
/// stand beside it.
pub fn bytes(basis: Basis<'_>, lists: Option<Lang>) -> Result<Vec<u8>, ExportError> {
    let one = |lang| {
        move |list| OneList {
            list,
            lang,
            columns: columns(list),
            rows: rows(basis, list, lang),
        }
    };
    let document = Document {
        schema: SCHEMA,
        ledger: basis.ledger,
        recognition: basis.recognition,
        findings: findings(basis),
        lists: lists.map_or_else(Vec::new, |lang| {
            List::ALL.into_iter().map(one(lang)).collect()
        }),
    };
    let mut bytes = serde_json::to_vec(&document)?;
    bytes.push(b'\n');
    Ok(bytes)
}
