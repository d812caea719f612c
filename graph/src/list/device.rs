//! The ledger's own lists of devices, with what the network says of each: its zone, the systems that
//! it belongs to, and the connection points at it.

use std::collections::{BTreeMap, BTreeSet};

use daicho_ledger::{AssetId, Cell, Column, Grade, Row, ZoneKind, column, list as ledger_list};

use super::alike::{self, Mode};
use super::hand::{self, Entered};
use super::kept::{Kept, ROW_KEY};
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

/// Columns that are looked at whatever is asked for.
const ALWAYS: &[&str] = &["label", "asset_id", "standing", "first_at", "last_at"];

/// Systems or points named in a cell.
const NAMED: usize = 8;

fn ledger_columns(list: List) -> Vec<Column> {
    list.ledger().map_or_else(Vec::new, ledger_list::columns)
}

fn place(columns: &[Column]) -> usize {
    let at = columns.iter().position(|it| it.key == AFTER);
    at.map_or(columns.len(), |at| at + 1)
}

/// At the end of both.
const LAST: [Column; 2] = [
    column(
        D,
        "entered",
        "手入力の記録（誰が・いつ）",
        "entered by, when",
    ),
    ROW_KEY,
];

pub(super) fn columns(list: List) -> Vec<Column> {
    let mut columns = ledger_columns(list);
    let at = place(&columns);
    columns.splice(at..at, ADDED.iter().copied());
    columns.extend(LAST);
    columns
}

/// What the network says of assets, by the asset's id.
#[derive(Default)]
struct Known<'a> {
    zones: BTreeMap<&'a str, Vec<(ZoneKind, Option<Grade>)>>,
    systems: BTreeMap<&'a str, BTreeSet<String>>,
    points: BTreeMap<&'a str, BTreeSet<(Grade, String)>>,
}

/// What is kept of each row, sorted. `keep`: the row with its wanted columns.
pub(super) fn rows<T>(view: &View<'_>, list: List, mut keep: impl FnMut(Row) -> T) -> Vec<T> {
    let mut placed: Vec<(Place, T)> = Vec::new();
    let mut put = |row: Row| placed.push((place_of(view, &row), keep(row)));
    if list == List::Devices {
        each(view, list, &mut put);
    } else {
        let mut all = Vec::new();
        each(view, list, &mut |row| all.push(row));
        merged(view, &columns(list), all).into_iter().for_each(put);
    }
    placed.sort_by(|a, b| a.0.cmp(&b.0));
    placed.into_iter().map(|(_, kept)| kept).collect()
}

/// The rows of all devices, in no order.
fn each(view: &View<'_>, list: List, put: &mut dyn FnMut(Row)) {
    let (columns, known) = (columns(list), known(view));
    let entered = hand::entered(view.basis);
    let kept = Kept::of(view);
    let by_row: BTreeMap<&str, &Entered<'_>> = entered
        .iter()
        .rev()
        .filter_map(|it| Some((it.row_of()?, it)))
        .collect();
    let at = place(&ledger_columns(list));
    own_rows(view, list, &entered, &mut |mut row| {
        added(view, at, &known, &mut row);
        let id = row.asset.as_ref().map_or("", |it| it.0.as_str());
        let it = by_row.get(id).copied();
        if let Some(it) = it {
            it.fill(view, list, &columns, &mut row);
            row.key = Some(it.key());
        }
        let others = it.map(Entered::keys).unwrap_or_default();
        kept.fill(view, &columns, &mut row, &others);
        put(row);
    });
    let alone = entered
        .iter()
        .filter(|it| it.agent.is_none() && it.seen.is_empty());
    for it in alone.filter(|it| it.device.kind.is_network() == (list == List::Network)) {
        let mut row = it.row(view, &columns);
        it.fill(view, list, &columns, &mut row);
        let id = row.asset.as_ref().map_or("", |it| it.0.as_str());
        let cells = three(view, &known, thing(id));
        for (added, cell) in ADDED.iter().zip(cells) {
            let at = columns.iter().position(|it| it.key == added.key);
            if let Some(place) = at.and_then(|at| row.cells.get_mut(at)) {
                *place = cell;
            }
        }
        kept.fill(view, &columns, &mut row, &[]);
        put(row);
    }
}

/// Network devices that are alike, in one row.
fn merged(view: &View<'_>, columns: &[Column], rows: Vec<Row>) -> Vec<Row> {
    let modes = [
        ("asset_id", Mode::Ids),
        ("first_at", Mode::Least),
        ("last_at", Mode::Greatest),
        ("seen_by", Mode::Lines(NAMED)),
        ("row_key", Mode::Nothing),
    ];
    alike::merged(rows, columns, &modes, view.lang, |_| true)
}

/// Where a row stands: machines with an agent first, then by name.
type Place = (bool, String, Option<AssetId>);

fn place_of(view: &View<'_>, row: &Row) -> Place {
    let id = row.asset.as_ref().map_or("", |it| it.0.as_str());
    let name = row.cells.first().map_or("", |it| it.text.as_str());
    (!view.names.is_agent(id), natural(name), row.asset.clone())
}

/// A name as people order names: numbers in it by their value.
fn natural(name: &str) -> String {
    let mut out = String::new();
    let mut digits = String::new();
    for c in name.to_lowercase().chars().chain(['\0']) {
        if c.is_ascii_digit() {
            digits.push(c);
            continue;
        }
        if !digits.is_empty() {
            out.push_str(&format!("{digits:0>12}"));
            digits.clear();
        }
        out.push(c);
    }
    out
}

/// The ledger's rows of a list, where a person's word on what a device is goes before the ledger's
/// guess, and one device has one row.
fn own_rows(view: &View<'_>, list: List, entered: &[Entered<'_>], put: &mut dyn FnMut(Row)) {
    let basis = view.basis;
    let Some(ledger_list) = list.ledger() else {
        return;
    };
    let mut words: BTreeMap<&str, bool> = BTreeMap::new();
    let mut again: BTreeSet<&str> = BTreeSet::new();
    for it in entered {
        for (at, seen) in it.seen.iter().enumerate() {
            if at == 0 && it.agent.is_none() {
                words.insert(&seen.id.0, it.device.kind.is_network());
            } else {
                again.insert(&seen.id.0);
            }
        }
    }
    let nodes: BTreeSet<&str> = basis
        .topology
        .nodes
        .iter()
        .map(|it| it.id.as_str())
        .collect();
    // What the lists put together themselves is always looked at.
    let wanted = view.only.map(|only| only.iter().chain(ALWAYS).copied());
    let wanted = wanted.map(|all| all.collect::<BTreeSet<&str>>());
    let only = wanted.as_ref();
    if list == List::Devices {
        for asset in &basis.ledger.assets {
            put(ledger_list::agent_row(basis.ledger, asset, view.lang, only));
        }
    }
    for seen in &basis.ledger.seen {
        let id = seen.id.0.as_str();
        // The network knows it under another device's name.
        let other = again.contains(id) || (seen.mac.is_none() && !nodes.contains(id));
        let network = words.get(id).copied();
        let network = network.unwrap_or_else(|| ledger_list::is_network(seen));
        if !other && network == (list == List::Network) {
            let of = (basis.ledger, ledger_list);
            put(ledger_list::row_of_seen(of, seen, view.lang, only));
        }
    }
}

/// Puts what the network says, and room for what people say, into a row of the ledger's.
fn added(view: &View<'_>, at: usize, known: &Known<'_>, row: &mut Row) {
    let at = at.min(row.cells.len());
    let id = row.asset.as_ref().map_or("", |it| it.0.as_str());
    let cells = three(view, known, id);
    row.cells.splice(at..at, cells);
    row.cells
        .push(Cell::own(view.lang.pick("記入なし", "not entered")));
    row.cells.push(Cell::not_applicable());
}

fn three(view: &View<'_>, known: &Known<'_>, id: &str) -> [Cell; 3] {
    [
        zones(view, known.zones.get(id).map_or(&[], Vec::as_slice)),
        systems(view, known.systems.get(id)),
        points(view, known.points.get(id)),
    ]
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
