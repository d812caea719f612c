//! Network devices: what agents use or saw as gateway or router. Nothing else is known of a device
//! that carries no agent; where it stands and what it is for is kept by hand.

use super::{Column, Layer, Row, View, column, seen, seen_label};
use crate::asset::SeenAsset;
use crate::cell::Cell;
use crate::hand::field;

const C: Layer = Layer::Collected;
const D: Layer = Layer::Derived;

const SEEN: &[Column] = &[
    column(D, "label", "機器名", "asset"),
    column(D, "asset_id", "台帳番号", "ledger id"),
    column(D, "standing", "台帳区分", "standing"),
    column(D, "role", "役割（観測の根拠）", "role (evidence)"),
    column(C, "addresses", "IPアドレス", "addresses"),
    column(C, "macs", "MACアドレス", "hardware address"),
    column(
        D,
        "mac_maker",
        "MACアドレスの登録メーカー",
        "registered maker of the address",
    ),
];

const SIGHTS: &[Column] = &[
    column(D, "first_at", "初回観測", "first seen"),
    column(D, "last_at", "最終観測", "last seen"),
    column(D, "seen_by", "観測した機器", "seen by"),
];

pub(super) fn columns() -> Vec<Column> {
    let seen = SEEN.iter().copied();
    let hand = super::hand_columns(field::NETWORK);
    seen.chain(hand).chain(SIGHTS.iter().copied()).collect()
}

pub(super) fn rows(view: View<'_>) -> Vec<Row> {
    let all = view.ledger.seen.iter().filter(|it| seen::is_network(it));
    all.map(|it| row(view, it)).collect()
}

/// The row that a device without an agent has in this list.
pub(super) fn row(view: View<'_>, seen: &SeenAsset) -> Row {
    let lang = view.lang;
    let standing = lang.pick("台帳外（通信のみ観測）", "not in the ledger (only seen)");
    let mut cells = vec![
        Cell::value(&seen_label(seen), lang),
        Cell::value(&seen.id.0, lang),
        Cell::own(standing),
        role(view, seen),
        Cell::lines(seen.addresses.iter().map(ToString::to_string), lang),
        seen::mac(view, seen),
        crate::maker::cell(seen.mac.as_deref().into_iter(), lang),
    ];
    let hand = super::hand_columns(field::NETWORK);
    cells.extend(hand.map(|_| Cell::by_hand(lang)));
    cells.push(seen::first(view, seen));
    cells.push(seen::last(view, seen));
    cells.push(seen::observers(view, seen));
    Row {
        asset: Some(seen.id.clone()),
        key: Some(seen.id.0.clone()),
        cells,
    }
}

fn role(view: View<'_>, seen: &SeenAsset) -> Cell {
    let lang = view.lang;
    let mut roles = Vec::new();
    if seen.sights.iter().any(|it| it.gateway) {
        roles.push(
            lang.pick("ゲートウェイ（経路表）", "gateway (routes)")
                .to_owned(),
        );
    }
    if seen.sights.iter().any(|it| it.router) {
        roles.push(
            lang.pick("ルータ（IPv6広告）", "router (IPv6 announcement)")
                .to_owned(),
        );
    }
    Cell::lines(roles, lang)
}
