//! Zones and segments（系・セグメント）: a row for each network, with its range, who stands in it, and
//! why it is taken for that zone.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use daicho_ledger::text::visible;
use daicho_ledger::{Cell, Column, Lang, Row, ZoneKind, column};

use super::alike::{self, Mode};
use super::{D, View, witness};
use crate::recognise::SegmentZone;
use crate::topology::{Edge, EdgeKind, Node, NodeKind};

pub(super) const COLUMNS: &[Column] = &[
    column(
        D,
        "ranges",
        "セグメント（IPアドレス範囲）",
        "segment (range)",
    ),
    column(D, "segment_id", "セグメント番号", "segment id"),
    column(D, "zone", "系", "zone"),
    column(D, "grade", "確度", "grade"),
    column(D, "with_agent", "エージェントのある機器", "with agent"),
    column(D, "seen", "エージェントのない機器", "without agent"),
    column(D, "seen_addresses", "確認したIPアドレス", "addresses seen"),
    column(D, "machines", "機器（一部）", "machines (some)"),
    column(D, "gateways", "ゲートウェイ", "gateways"),
    column(
        D,
        "known_by",
        "このセグメントを知った根拠",
        "how the segment is known",
    ),
    column(D, "witnesses", "系の根拠", "witnesses of the zone"),
];

/// Machines named in a cell.
const MACHINES: usize = 8;
/// Sources named in a cell.
const SOURCES: usize = 4;

/// Who stands in a segment and by what it is left.
#[derive(Default)]
struct Inside<'a> {
    agents: BTreeSet<&'a str>,
    others: BTreeSet<&'a str>,
    gateways: BTreeSet<&'a str>,
    addresses: BTreeSet<IpAddr>,
}

pub(super) fn rows(view: &View<'_>) -> Vec<Row> {
    let inside = inside(view);
    let zones = &view.basis.recognition.segments;
    let zones: BTreeMap<&str, &SegmentZone> =
        zones.iter().map(|it| (it.segment.as_str(), it)).collect();
    let nodes = view.basis.topology.nodes.iter();
    let mut segments: Vec<&Node> = nodes.filter(|it| it.kind == NodeKind::Segment).collect();
    let place = |it: &Node| {
        let zone = zones
            .get(it.id.as_str())
            .map_or(ZoneKind::Unknown, |it| it.zone);
        ZoneKind::ALL.iter().position(|known| *known == zone)
    };
    segments.sort_by_key(|it| (place(it), &it.detail, &it.id));
    let empty = Inside::default();
    let rows = segments
        .into_iter()
        .map(|node| {
            let inside = inside.get(node.id.as_str()).unwrap_or(&empty);
            row(view, node, zones.get(node.id.as_str()).copied(), inside)
        })
        .collect();
    let modes = [
        ("segment_id", Mode::Ids),
        ("with_agent", Mode::Sum),
        ("seen", Mode::Sum),
        ("seen_addresses", Mode::Sum),
        ("machines", Mode::Lines(MACHINES)),
        ("known_by", Mode::Lines(SOURCES)),
        ("witnesses", Mode::Lines(10)),
    ];
    // Networks in which several machines stand have rows of their own.
    let at = COLUMNS.iter().position(|it| it.key == "with_agent");
    let alone = |row: &Row| {
        let cell = at.and_then(|at| row.cells.get(at));
        cell.is_some_and(|it| matches!(it.text.as_str(), "0" | "1"))
    };
    alike::merged(rows, COLUMNS, &modes, view.lang, alone)
}

fn inside<'a>(view: &View<'a>) -> BTreeMap<&'a str, Inside<'a>> {
    let ledger = view.basis.ledger;
    let agents: BTreeSet<&str> = ledger.assets.iter().map(|it| it.id.0.as_str()).collect();
    let mut all: BTreeMap<&str, Inside<'_>> = BTreeMap::new();
    for Edge {
        from,
        to,
        kind,
        addresses,
        ..
    } in &view.basis.topology.edges
    {
        if *kind == EdgeKind::Attached {
            all.entry(to).or_default().addresses.extend(addresses);
        }
        match kind {
            EdgeKind::Attached if agents.contains(from.as_str()) => {
                all.entry(to).or_default().agents.insert(from);
            }
            EdgeKind::Attached => {
                all.entry(to).or_default().others.insert(from);
            }
            EdgeKind::Routed => {
                all.entry(from).or_default().gateways.insert(to);
            }
            _ => {}
        }
    }
    all
}

fn row(view: &View<'_>, node: &Node, zone: Option<&SegmentZone>, inside: &Inside<'_>) -> Row {
    let lang = view.lang;
    let ranges = node.detail.iter().map(|it| visible(it));
    let machines = inside.agents.iter().chain(&inside.others);
    let machines = machines.map(|it| view.names.label(it, lang));
    let gateways = inside.gateways.iter();
    let gateways = gateways.map(|it| view.names.label(it, lang));
    let cells = vec![
        match node.detail.is_empty() {
            true => view.unsure("範囲不明", "range not known"),
            false => Cell::lines(ranges, lang),
        },
        Cell::value(&node.id, lang),
        match zone.filter(|it| it.zone != ZoneKind::Unknown) {
            Some(it) => Cell::own(it.zone.title(lang)),
            None => view.unsure("系を判断できる根拠なし", "nothing tells the zone"),
        },
        match zone.filter(|it| it.zone != ZoneKind::Unknown) {
            Some(it) => view.grade(it.grade),
            None => Cell::not_applicable(),
        },
        Cell::number(inside.agents.len() as u64),
        Cell::number(inside.others.len() as u64),
        Cell::number(inside.addresses.len() as u64),
        match inside.agents.is_empty() && inside.others.is_empty() {
            true => view.unsure("機器を観測していない", "no machine seen"),
            false => view.bounded(machines, MACHINES),
        },
        match inside.gateways.is_empty() {
            true => view.unsure("経路に現れない", "no route names one"),
            false => view.bounded(gateways, MACHINES),
        },
        known_by(view, node),
        match zone {
            Some(it) if !it.witnesses.is_empty() => witness::cell(view, &it.witnesses),
            _ => view.unsure("根拠なし", "no witness"),
        },
    ];
    Row {
        asset: None,
        key: None,
        cells,
    }
}

/// Evidence of a network in words: an entry, or what joined what several machines see.
fn source(view: &View<'_>, text: &str) -> String {
    let lang = view.lang;
    let (what, count) = match text.rsplit_once(" ×") {
        Some((what, count)) => (what, Some(visible(count))),
        None => (text, None),
    };
    let (first, rest) = what.split_once(' ').unwrap_or((what, ""));
    let word = match first {
        "gateway" => lang.pick("同じゲートウェイ", "the same gateway"),
        "neighbour" => lang.pick("同じ隣接機器", "the same neighbour"),
        "interface" | "interfaces" if !rest.is_empty() => lang.pick("同じ機器", "the same machine"),
        "decision" => lang.pick("職員の判断", "a person's word"),
        "entry" => return visible(rest),
        _ => return super::word::kind(text, lang),
    };
    let word = format!("{word} {}", visible(rest));
    match (count, lang) {
        (Some(count), Lang::Ja) => lang.remark(&word, &format!("{count} 台が観測")),
        (Some(count), Lang::En) => lang.remark(&word, &format!("seen by {count}")),
        (None, _) => word,
    }
}

fn known_by(view: &View<'_>, node: &Node) -> Cell {
    let all = node.evidence.sources.iter();
    let mut sources: Vec<String> = all.map(|it| source(view, it)).collect();
    let left = sources.len().saturating_sub(SOURCES);
    if left > 0 {
        sources.truncate(SOURCES);
        sources.push(match view.lang {
            Lang::Ja => format!("ほか {left} 件"),
            Lang::En => format!("and {left} more"),
        });
    }
    let kind = node.evidence.kind.title(view.lang);
    match (sources.is_empty(), view.lang) {
        (true, _) => Cell::own(kind),
        (false, Lang::Ja) => Cell::own(format!("{kind}：{}", sources.join("、"))),
        (false, Lang::En) => Cell::own(format!("{kind}: {}", sources.join(", "))),
    }
}
