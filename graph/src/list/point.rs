//! Connection points（外部接続点）: a row for each, the surest first; those that a person rejected stand
//! at the end, so that the decision can be seen.

use std::collections::BTreeSet;

use daicho_ledger::hand::{DeclaredPoint, Entry, Verdict};
use daicho_ledger::text::visible;
use daicho_ledger::{AssetId, Cell, Column, Grade, Lang, PointKind, Row, ZoneKind, column};

use super::alike::{self, Mode};
use super::{D, H, View, witness};
use crate::recognise::ConnectionPoint;

pub(super) const COLUMNS: &[Column] = &[
    column(D, "name", "名称", "name"),
    column(D, "point_id", "接続点番号", "point id"),
    column(D, "kind", "種類", "kind"),
    column(D, "grade", "確度", "grade"),
    column(D, "place", "接続している機器", "at"),
    column(D, "addresses", "機器のIPアドレス", "its addresses"),
    column(D, "segments", "セグメント（IPアドレス範囲）", "segments"),
    column(D, "zones", "系", "zones"),
    column(D, "also", "同じ回線の他のサービス", "also on this line"),
    column(H, "line", "回線（事業者・種別・番号）", "line, carrier"),
    column(H, "peer", "接続先", "other end"),
    column(
        H,
        "peer_networks",
        "接続先のIPアドレス範囲",
        "networks at the other end",
    ),
    column(H, "vendor", "保守事業者・連絡先", "vendor, contact"),
    column(H, "always_on", "常時接続", "always on"),
    column(H, "system", "対象システム", "system"),
    column(H, "demarcation", "責任分界点", "demarcation"),
    column(
        H,
        "switch_off",
        "切断手順・権限者",
        "how to switch it off, and who may",
    ),
    column(H, "note", "備考", "note"),
    column(
        D,
        "declared",
        "台帳への記入（誰が・いつ）",
        "entered by, when",
    ),
    column(D, "decision", "現地確認（誰が・いつ）", "decided by, when"),
    column(D, "first_at", "初回観測", "first seen"),
    column(D, "last_at", "最終観測", "last seen"),
    column(D, "reason", "判定の理由", "why this grade"),
    column(D, "witnesses", "根拠", "witnesses"),
];

pub(super) fn rows(view: &View<'_>) -> Vec<Row> {
    let it = view.basis.recognition;
    let mut points: Vec<(bool, &ConnectionPoint)> =
        it.points.iter().map(|it| (false, it)).collect();
    points.extend(it.rejected.iter().map(|it| (true, it)));
    points.sort_by_key(|(rejected, point)| (*rejected, point.grade, order(point.kind), &point.id));
    let rows = points
        .into_iter()
        .map(|(rejected, point)| row(view, point, rejected))
        .collect();
    let modes = [
        ("point_id", Mode::Ids),
        ("first_at", Mode::Least),
        ("last_at", Mode::Greatest),
        ("reason", Mode::Lines(3)),
        ("witnesses", Mode::Lines(10)),
    ];
    alike::merged(rows, COLUMNS, &modes, view.lang, |_| true)
}

/// Kinds in the order of lists.
pub(super) fn order(kind: PointKind) -> usize {
    PointKind::ALL
        .iter()
        .position(|it| *it == kind)
        .unwrap_or(usize::MAX)
}

/// What a connection point is called: its own name, or its kind.
pub(super) fn name(point: &ConnectionPoint, lang: Lang) -> String {
    let name = visible(&point.name);
    if name.trim().is_empty() {
        return point.kind.title(lang).to_owned();
    }
    name
}

/// What people declared of it.
pub(super) fn declared<'a>(
    view: &View<'a>,
    point: &ConnectionPoint,
) -> Vec<(&'a Entry, &'a DeclaredPoint)> {
    let all = view.basis.ledger.hand.points();
    all.filter(|(entry, _)| point.declared.contains(&entry.key))
        .collect()
}

/// Its name with its kind, where the name does not say that already.
pub(crate) fn with_kind(point: &ConnectionPoint, lang: Lang) -> String {
    let (name, kind) = (name(point, lang), point.kind.title(lang));
    match name.contains(kind) {
        true => name,
        false => lang.remark(&name, kind),
    }
}

fn row(view: &View<'_>, point: &ConnectionPoint, rejected: bool) -> Row {
    let lang = view.lang;
    let entries = declared(view, point);
    let segments = point.segments.iter();
    let ranges = segments.map(|it| view.names.ranges(it, lang));
    let first = point.witnesses.iter().filter_map(|it| it.first).min();
    let mut cells = vec![
        Cell::value(&name(point, lang), lang),
        Cell::value(&point.id, lang),
        Cell {
            key: format!("{:02}", order(point.kind)),
            ..Cell::own(point.kind.title(lang))
        },
        grade(view, point, rejected),
        place(view, point),
        addresses(view, point),
        match point.segments.is_empty() {
            true => view.unsure("セグメント不明", "segment not known"),
            false => view.bounded(ranges, 10),
        },
        zones(view, point),
        match point.also.is_empty() {
            true => view.unsure("観測なし", "not seen"),
            false => Cell::lines(point.also.iter().map(|it| it.title(lang).to_owned()), lang),
        },
    ];
    cells.extend(hand(view, &point.at, &entries));
    cells.push(who(view, &entries));
    cells.push(decision(view, point));
    cells.push(view.moment(first));
    cells.push(view.moment(point.last_seen));
    cells.push(Cell::own(visible(
        lang.pick(&point.reason.0, &point.reason.1),
    )));
    if cells.last().is_some_and(|it| it.text.trim().is_empty()) {
        cells.pop();
        cells.push(view.unsure("理由の記録なし", "no reason is kept"));
    }
    cells.push(witness::cell(view, &point.witnesses));
    Row {
        asset: Some(AssetId(point.at.clone())),
        key: None,
        cells,
    }
}

fn grade(view: &View<'_>, point: &ConnectionPoint, rejected: bool) -> Cell {
    if rejected {
        let (ja, en) = (
            "外部接続点ではない（職員の判断）",
            "no connection point (a person's word)",
        );
        return Cell {
            key: "9".to_owned(),
            ..Cell::own(view.lang.pick(ja, en))
        };
    }
    let cell = view.grade(point.grade);
    if point.grade == Grade::Hint {
        let remark = view.lang.pick("図には描かない", "not drawn");
        return Cell {
            text: view.lang.remark(&cell.text, remark),
            ..cell
        };
    }
    cell
}

fn place(view: &View<'_>, point: &ConnectionPoint) -> Cell {
    if !view.names.is_known(&point.at) {
        return view.unsure("機器の記入・観測なし", "no device entered or seen");
    }
    Cell::own(view.names.label(&point.at, view.lang))
}

fn addresses(view: &View<'_>, point: &ConnectionPoint) -> Cell {
    if !view.names.is_known(&point.at) {
        return view.unsure("機器の記入・観測なし", "no device entered or seen");
    }
    let addresses = view.names.addresses(&point.at);
    if addresses.is_empty() {
        return view.unsure("アドレスの記録なし", "no address is known");
    }
    view.bounded(addresses, 10)
}

fn zones(view: &View<'_>, point: &ConnectionPoint) -> Cell {
    let all = &view.basis.recognition.segments;
    let here = all.iter().filter(|it| point.segments.contains(&it.segment));
    let zones: BTreeSet<ZoneKind> = here.map(|it| it.zone).collect();
    let known = zones.iter().filter(|it| **it != ZoneKind::Unknown);
    let titles: Vec<String> = known.map(|it| it.title(view.lang).to_owned()).collect();
    if titles.is_empty() {
        return view.unsure("系を判断できる根拠なし", "nothing tells the zone");
    }
    Cell::lines(titles, view.lang)
}

/// The cells that people fill, from `line` to `note`.
fn hand(view: &View<'_>, at: &str, entries: &[(&Entry, &DeclaredPoint)]) -> Vec<Cell> {
    let lang = view.lang;
    let each = |pick: fn(&DeclaredPoint) -> &str| {
        view.entered(entries.iter().map(|(_, point)| pick(point)))
    };
    let networks: Vec<String> = entries
        .iter()
        .flat_map(|(_, point)| &point.peer_networks)
        .map(|it| format!("{}/{}", it.network(), it.prefix))
        .collect();
    let vendors = vendors(view, at, entries);
    let on = entries.iter().filter_map(|(_, point)| point.always_on);
    let on: Vec<&str> = on.map(|it| always_on(it, lang)).collect();
    vec![
        each(|it| &it.line),
        each(|it| &it.peer),
        view.entered(networks.iter().map(String::as_str)),
        view.entered(vendors.iter().map(String::as_str)),
        view.entered(on),
        system(view, at, entries),
        each(|it| &it.demarcation),
        each(|it| &it.switch_off),
        each(|it| &it.note),
    ]
}

/// Vendors of what was declared; where nobody declared it, the one of the device at which it is.
pub(super) fn vendors(
    view: &View<'_>,
    at: &str,
    entries: &[(&Entry, &DeclaredPoint)],
) -> Vec<String> {
    let declared = entries.iter().filter_map(|(_, it)| it.vendor.as_deref());
    let declared: Vec<String> = declared.map(|key| view.vendor(key)).collect();
    let device = view.device_at(at).filter(|_| declared.is_empty());
    let device = device.and_then(|it| it.vendor.as_deref());
    let of_device = device.map(|key| of_device(view, &view.vendor(key)));
    declared.into_iter().chain(of_device).collect()
}

/// The system that it serves, likewise.
pub(super) fn system(view: &View<'_>, at: &str, entries: &[(&Entry, &DeclaredPoint)]) -> Cell {
    let declared = entries.iter().filter_map(|(_, it)| it.system.as_deref());
    let declared = declared.map(|it| system_name(view, it));
    let declared: Vec<&str> = declared.filter(|it| !it.trim().is_empty()).collect();
    let device = view.device_at(at).filter(|_| declared.is_empty());
    let device = device.and_then(|it| it.system.as_deref());
    match device.filter(|it| !it.trim().is_empty()) {
        Some(system) => Cell::own(of_device(view, &visible(system_name(view, system)))),
        None => view.entered(declared),
    }
}

/// A system by its name, also where its key was written.
fn system_name<'t>(view: &View<'t>, written: &'t str) -> &'t str {
    let mut systems = view.basis.ledger.hand.systems();
    let found = systems.find(|(entry, it)| entry.key == written && !it.name.trim().is_empty());
    found.map_or(written, |(_, it)| it.name.as_str())
}

fn of_device(view: &View<'_>, text: &str) -> String {
    let word = view.lang.pick("機器の記入から", "entered for the device");
    view.lang.remark(text, word)
}

pub(super) fn always_on(on: bool, lang: Lang) -> &'static str {
    match on {
        true => lang.pick("常時接続", "always on"),
        false => lang.pick("必要時のみ", "on demand"),
    }
}

/// Who declared it, and when the collector took that in.
pub(super) fn who(view: &View<'_>, entries: &[(&Entry, &DeclaredPoint)]) -> Cell {
    if entries.is_empty() {
        return Cell::own(view.lang.pick("記入なし", "not entered"));
    }
    let line = |(entry, point): &(&Entry, &DeclaredPoint)| {
        let (name, key) = (visible(&point.name), visible(&entry.key));
        let remark = format!("{} {}", visible(&entry.by), view.day(entry.at));
        view.lang.remark(&format!("{name} [{key}]"), &remark)
    };
    Cell::lines(entries.iter().map(line), view.lang)
}

fn decision(view: &View<'_>, point: &ConnectionPoint) -> Cell {
    let lang = view.lang;
    let Some((entry, decision)) = view.basis.ledger.hand.decision(&point.id) else {
        return Cell::own(lang.pick("未実施", "not done"));
    };
    let word = match decision.verdict {
        Verdict::Confirmed => lang.pick("確認済", "confirmed"),
        Verdict::Rejected => lang.pick("外部接続点ではない", "rejected"),
    };
    let mut lines = vec![format!(
        "{word} {} {}",
        visible(&decision.on),
        visible(&entry.by)
    )];
    if !decision.why.trim().is_empty() {
        lines.push(visible(&decision.why));
    }
    Cell::lines(lines, lang)
}
