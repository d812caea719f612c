//! The ledger's own lists of devices, with what the network says of each: its zone, the systems that
//! it belongs to, and the connection points at it.

use std::collections::{BTreeMap, BTreeSet};

use daicho_ledger::{Cell, Column, Grade, Row, ZoneKind, column, list as ledger_list};

use super::{D, List, View, point};
use crate::topology::EdgeKind;

/// After this column of the ledger's.
const AFTER: &str = "standing";

const ADDED: &[Column] = &[
    column(D, "zones", "系", "zones"),
    column(
        D,
        "systems",
        "所属システム（自動判定）",
        "systems (recognised)",
    ),
    column(D, "points", "外部接続点", "connection points"),
];

/// Systems or points named in a cell.
const NAMED: usize = 8;

fn ledger_columns(list: List) -> Vec<Column> {
    list.ledger().map_or_else(Vec::new, ledger_list::columns)
}

fn place(columns: &[Column]) -> usize {
    let at = columns.iter().position(|it| it.key == AFTER);
    at.map_or(columns.len(), |at| at + 1)
}

pub(super) fn columns(list: List) -> Vec<Column> {
    let mut columns = ledger_columns(list);
    let at = place(&columns);
    columns.splice(at..at, ADDED.iter().copied());
    columns
}

/// What the network says of assets, by the asset's id.
#[derive(Default)]
struct Known<'a> {
    zones: BTreeMap<&'a str, Vec<(ZoneKind, Option<Grade>)>>,
    systems: BTreeMap<&'a str, BTreeSet<String>>,
    points: BTreeMap<&'a str, BTreeSet<(Grade, String)>>,
}

pub(super) fn rows(view: &View<'_>, list: List) -> Vec<Row> {
    let at = place(&ledger_columns(list));
    let known = known(view);
    let Some(ledger_list) = list.ledger() else {
        return Vec::new();
    };
    let mut rows = ledger_list::rows(view.basis.ledger, ledger_list, view.lang);
    for row in &mut rows {
        let id = row.asset.as_ref().map_or("", |it| it.0.as_str());
        let added = [
            zones(view, known.zones.get(id).map_or(&[], Vec::as_slice)),
            systems(view, known.systems.get(id)),
            points(view, known.points.get(id)),
        ];
        let at = at.min(row.cells.len());
        row.cells.splice(at..at, added);
    }
    rows
}

fn known<'a>(view: &View<'a>) -> Known<'a> {
    let (lang, it) = (view.lang, view.basis.recognition);
    let mut known = Known::default();
    let grades = grades(view);
    for zone in &it.assets {
        let grade = |kind: &ZoneKind| grades.get(&(zone.asset.as_str(), *kind)).copied();
        let zones = zone.zones.iter().map(|kind| (*kind, grade(kind)));
        known.zones.insert(thing(&zone.asset), zones.collect());
    }
    for system in &it.systems {
        let name = daicho_ledger::text::visible(&system.name);
        let name = match name.trim().is_empty() {
            true => super::word::sort(&system.sort, lang),
            false => name,
        };
        let word = lang.pick("サーバ", "server");
        for id in &system.servers {
            let text = lang.remark(&name, word);
            known.systems.entry(&id.0).or_default().insert(text);
        }
        for id in &system.clients {
            known.systems.entry(&id.0).or_default().insert(name.clone());
        }
    }
    for point in &it.points {
        let text = view.graded(&point::name(point, lang), point.grade);
        let here = known.points.entry(thing(&point.at)).or_default();
        here.insert((point.grade, text));
    }
    known
}

/// How sure the zones of an asset are: the surest of its segments' in that zone.
fn grades<'a>(view: &View<'a>) -> BTreeMap<(&'a str, ZoneKind), Grade> {
    let zones = &view.basis.recognition.segments;
    let zones: BTreeMap<&str, (ZoneKind, Grade)> = zones
        .iter()
        .map(|it| (it.segment.as_str(), (it.zone, it.grade)))
        .collect();
    let mut grades: BTreeMap<(&str, ZoneKind), Grade> = BTreeMap::new();
    let edges = view.basis.topology.edges.iter();
    for edge in edges.filter(|it| it.kind == EdgeKind::Attached) {
        if let Some((zone, grade)) = zones.get(edge.to.as_str()) {
            let best = grades.entry((&edge.from, *zone)).or_insert(*grade);
            *best = (*best).min(*grade);
        }
    }
    grades
}

fn thing(id: &str) -> &str {
    super::name::thing(id)
}

fn zones(view: &View<'_>, zones: &[(ZoneKind, Option<Grade>)]) -> Cell {
    let lang = view.lang;
    let known = zones.iter().filter(|(it, _)| *it != ZoneKind::Unknown);
    let mut lines: Vec<String> = known
        .map(|(zone, grade)| match grade {
            Some(grade) => view.graded(zone.title(lang), *grade),
            None => zone.title(lang).to_owned(),
        })
        .collect();
    match lines.len() {
        0 => return view.unsure("系を判断できる根拠なし", "nothing tells the zone"),
        1 => {}
        _ => lines.push(lang.pick("系をまたぐ機器", "joins these zones").to_owned()),
    }
    Cell::own(lines.join("\n"))
}

fn systems(view: &View<'_>, systems: Option<&BTreeSet<String>>) -> Cell {
    match systems {
        Some(all) => view.bounded(all.iter().cloned(), NAMED),
        None => view.unsure("判定できる特徴なし", "nothing tells one"),
    }
}

fn points(view: &View<'_>, points: Option<&BTreeSet<(Grade, String)>>) -> Cell {
    match points {
        Some(all) => view.bounded(all.iter().map(|(_, text)| text.clone()), NAMED),
        None => Cell::own(view.lang.pick("観測なし", "none seen")),
    }
}
