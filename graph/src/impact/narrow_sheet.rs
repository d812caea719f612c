//! Where ways pass, as lists: what parts a thing from the damage, and what the network falls apart
//! without. Comes in: the plan or the resident graph; goes out: columns and rows. It says of every answer
//! that it knows the known ways alone.

use std::collections::BTreeSet;

use daicho_ledger::{Cell, Column, Layer, Row, column};

use super::Resident;
use super::narrow::{Ways, singles};
use super::plan::{Narrow, Plan};
use super::system_sheet::names;
use super::table::{plain, row};
use super::word::Words;

const D: Layer = Layer::Derived;

pub(super) const NARROWS: &[Column] = &[
    column(D, "name", "守る対象", "to protect"),
    column(D, "what", "何か", "what it is"),
    column(
        D,
        "through",
        "知られている経路が必ず通る所（被害側から）",
        "where every known way passes",
    ),
    column(D, "alone", "一つで足りる切断", "acts that are enough alone"),
];

pub(super) const SINGLE: &[Column] = &[
    column(D, "name", "機器・セグメント", "device or segment"),
    column(D, "addresses", "IPアドレス", "addresses"),
    column(
        D,
        "parted",
        "失うと切り離される機器の数",
        "machines parted without it",
    ),
    column(
        D,
        "systems",
        "切り離されるサーバのシステム",
        "systems whose servers are parted",
    ),
    column(D, "note", "読み方", "how to read"),
];

/// Each thing to protect, with where every way to it passes.
pub(super) fn narrows(words: &Words<'_>, plan: &Plan) -> Vec<Row> {
    let lang = words.lang;
    let one = |it: &Narrow| {
        let what = match &it.system {
            None => lang.pick("バックアップ", "backup").to_owned(),
            Some(id) => {
                let name = words.system(id);
                lang.remark(&name, lang.pick("サーバ", "server"))
            }
        };
        let through: Vec<String> = it.through.iter().map(|it| words.name(it)).collect();
        let alone: Vec<String> = it
            .alone
            .iter()
            .map(|it| lang.remark(&words.act(it), it.harm.title(lang)))
            .collect();
        let none = lang.pick(
            "一つに定まらない（経路が複数）",
            "none: there are several ways",
        );
        let not_enough = lang.pick(
            "一つでは足りない（切断計画を参照）",
            "none: see what to cut",
        );
        let cell = |all: Vec<String>, none: &str| match all.is_empty() {
            true => Cell::own(none),
            false => Cell::lines(all, lang),
        };
        row(vec![
            plain(words.name(&it.target)),
            Cell::own(what),
            cell(through, none),
            cell(alone, not_enough),
        ])
    };
    plan.narrows.iter().map(one).collect()
}

/// Devices and segments without which machines are parted from the largest rest, worst first. A machine
/// that parts nobody but itself is none.
pub(super) fn single_rows(words: &Words<'_>, resident: &Resident) -> Vec<Row> {
    let (lang, snapshot) = (words.lang, &resident.snapshot);
    let machine = |at: usize| {
        let row = u32::try_from(at).unwrap_or(u32::MAX);
        usize::from(snapshot.kind(row).is_machine())
    };
    let ways = Ways::of(snapshot.things.len(), &resident.gates.gates);
    let id = |at: usize| {
        let thing = snapshot.things.get(at);
        thing.and_then(|it| resident.model.graph.node_weight(*it))
    };
    let mut found: Vec<(usize, String, Vec<usize>)> = Vec::new();
    for it in singles(&ways, &machine) {
        let count: usize = it.parted.iter().map(|at| machine(*at)).sum();
        let Some(thing) = id(it.point).filter(|_| count > 0) else {
            continue;
        };
        found.push((count, thing.id.clone(), it.parted));
    }
    found.sort_by(|a, b| (std::cmp::Reverse(a.0), &a.1).cmp(&(std::cmp::Reverse(b.0), &b.1)));
    let note = lang.pick(
        "報告・手入力から分かる経路の範囲。二重の線・待機系は、分かるものだけ数えた",
        "of the ways that are known; doubled lines and standbys count where they are known",
    );
    let rows = found.into_iter().map(|(count, point, parted)| {
        let parted: BTreeSet<&str> = parted
            .iter()
            .filter_map(|at| Some(id(*at)?.id.as_str()))
            .collect();
        let systems = words.basis.recognition.systems.iter();
        let hit = systems.filter(|it| it.servers.iter().any(|it| parted.contains(it.0.as_str())));
        row(vec![
            Cell::own(words.name(&point)),
            Cell::lines(words.addresses(&point), lang),
            Cell::number(u64::try_from(count).unwrap_or(u64::MAX)),
            names(hit.map(|it| words.system(&it.id)), words),
            Cell::own(note),
        ])
    });
    rows.collect()
}
