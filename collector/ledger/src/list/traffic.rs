//! Listening sockets and flows: a row for each.

use std::net::IpAddr;

use daicho_report::{Flow, Listener};

use super::{Column, Layer, View, column};
use crate::asset::AgentAsset;
use crate::cell::Cell;
use crate::input::Interval;
use crate::text::{self, Lang};

const C: Layer = Layer::Collected;

pub(super) const COLUMNS: &[Column] = &[
    column(C, "row", "区別", "row"),
    column(C, "direction", "向き", "direction"),
    column(C, "protocol", "プロトコル", "protocol"),
    column(C, "local", "この機器のアドレス", "local address"),
    column(C, "peer", "相手のアドレス", "peer"),
    column(C, "port", "サービスのポート", "service port"),
    column(C, "program", "プログラム", "program"),
    column(C, "since", "初回観測", "first seen"),
    column(C, "until", "最終観測", "last seen"),
];

pub(super) fn cells(view: View<'_>, asset: &AgentAsset) -> Vec<Vec<Cell>> {
    let mut rows = listeners(view, asset);
    let failed = asset.interval_reasons.iter().find(|it| it.0 == "flow");
    let word = || Cell::own(view.lang.pick("通信", "flow"));
    if let Some((_, reason, source)) = failed {
        let at = asset.section_at("flow");
        let mut row = vec![word()];
        let cell = Cell::unknown(reason, source, at, view.lang);
        row.resize(COLUMNS.len(), cell);
        rows.push(row);
    } else if asset.flows.is_empty() {
        // An agent that could not ask says why; one that does not look for flows says nothing.
        let mut row = vec![word()];
        row.resize(
            COLUMNS.len(),
            Cell::own(
                view.lang
                    .pick("受信した報告に通信なし", "none in the reports received"),
            ),
        );
        rows.push(row);
    }
    rows.extend(asset.flows.iter().map(|it| flow(view, asset, it)));
    rows
}

fn listeners(view: View<'_>, asset: &AgentAsset) -> Vec<Vec<Cell>> {
    let lang = view.lang;
    let reading = &asset.listeners.listeners;
    let name = ("listener", "listeners");
    let word = || Cell::own(lang.pick("待受", "listener"));
    let all = reading.value().map(Vec::as_slice).unwrap_or_default();
    if all.is_empty() {
        let mut row = vec![word()];
        row.extend(view.unknown_row(asset, name, reading, COLUMNS.len() - 1));
        return vec![row];
    }
    let shown = |cell: Cell| view.reading(asset, name, reading, |_| cell);
    let one = |it: &Listener| {
        vec![
            word(),
            Cell::not_applicable(),
            shown(Cell::own(text::protocol(it.protocol, lang))),
            shown(Cell::own(local(it.address, lang))),
            Cell::not_applicable(),
            shown(port(it.port)),
            program(view, asset, it.program.as_deref()),
            Cell::not_applicable(),
            Cell::not_applicable(),
        ]
    };
    all.iter().map(one).collect()
}

fn flow(view: View<'_>, asset: &AgentAsset, it: &Interval<Flow>) -> Vec<Cell> {
    let lang = view.lang;
    let flow = &it.item;
    vec![
        Cell::own(lang.pick("通信", "flow")),
        Cell::own(text::direction(flow.direction, lang)),
        Cell::own(text::protocol(flow.protocol, lang)),
        Cell::own(local(flow.local, lang)),
        Cell::own(flow.peer.to_string()),
        port(flow.port),
        program(view, asset, flow.program.as_deref()),
        Cell::moment(it.since, view.offset()),
        match it.until {
            Some(until) => Cell::moment(until, view.offset()),
            None => Cell::own(lang.pick("継続中（24時間以内に観測）", "goes on (within 24 h)")),
        },
    ]
}

fn port(port: u16) -> Cell {
    Cell::number(u64::from(port))
}

fn local(address: IpAddr, lang: Lang) -> String {
    if address.is_unspecified() {
        let every = lang.pick("すべて", "every address");
        return lang.remark(every, &address.to_string());
    }
    address.to_string()
}

fn program(view: View<'_>, asset: &AgentAsset, program: Option<&str>) -> Cell {
    match program {
        Some(name) => Cell::value(name, view.lang),
        None => view.not_told(&asset.listeners.owners),
    }
}
