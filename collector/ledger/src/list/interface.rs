//! Interfaces and addresses: a row for each interface.

use daicho_report::{Interface, InterfaceKind};

use super::{Column, Layer, View, column};
use crate::asset::AgentAsset;
use crate::cell::Cell;
use crate::text::{self, visible};

const C: Layer = Layer::Collected;

pub(super) const COLUMNS: &[Column] = &[
    column(C, "interface", "インターフェース", "interface"),
    column(C, "kind", "種類", "kind"),
    column(C, "up", "接続中", "up"),
    column(C, "mac", "MACアドレス", "hardware address"),
    column(C, "addresses", "IPアドレス／プレフィックス長", "addresses"),
    column(Layer::Derived, "networks", "IPアドレス範囲", "networks"),
    column(C, "gateways", "ゲートウェイ", "gateways"),
    column(C, "vlan", "VLAN番号", "VLAN"),
    column(C, "master", "所属（ブリッジ等）", "member of"),
    column(C, "lower", "下位インターフェース", "below"),
    column(C, "mtu", "MTU", "MTU"),
    column(C, "driver", "ドライバ", "driver"),
];

pub(super) fn cells(view: View<'_>, asset: &AgentAsset) -> Vec<Vec<Cell>> {
    let reading = &asset.interfaces.interfaces;
    let name = ("interface", "interfaces");
    let all = reading.value().map(Vec::as_slice).unwrap_or_default();
    if all.is_empty() {
        return vec![view.unknown_row(asset, name, reading, COLUMNS.len())];
    }
    all.iter()
        .map(|it| one(view, asset, all, it))
        .map(|cells| {
            let read = |cell: Cell| match cell.state {
                crate::State::Value if cell.source.is_empty() => {
                    view.reading(asset, name, reading, |_| cell)
                }
                _ => cell,
            };
            cells.into_iter().map(read).collect()
        })
        .collect()
}

fn one(view: View<'_>, asset: &AgentAsset, all: &[Interface], it: &Interface) -> Vec<Cell> {
    let lang = view.lang;
    let addresses = it.addresses.iter();
    let networks = it.addresses.iter();
    let link = |index: Option<u32>| match index {
        None => Cell::none(lang),
        Some(index) => match all.iter().find(|other| other.index == index) {
            Some(other) => Cell::value(&other.name, lang),
            // The other half of a virtual pair may be in another name space.
            None => Cell::own(format!("#{index}")),
        },
    };
    vec![
        Cell::value(&it.name, lang),
        Cell::own(text::interface_kind(it.kind, lang)),
        Cell::own(text::yes_no(it.up, lang)),
        mac(view, it),
        Cell::lines(
            addresses.map(|a| format!("{}/{}", a.address, a.prefix)),
            lang,
        ),
        Cell::lines(
            networks.map(|a| format!("{}/{}", a.network(), a.prefix)),
            lang,
        ),
        gateways(view, asset, it),
        match (it.vlan, it.kind) {
            (Some(vlan), _) => Cell::number(u64::from(vlan)),
            (None, InterfaceKind::Vlan) => view.or_unsupported(None),
            (None, _) => Cell::not_applicable(),
        },
        link(it.master),
        link(it.lower),
        match it.mtu {
            Some(mtu) => Cell::number(u64::from(mtu)),
            None => view.or_unsupported(None),
        },
        view.or_unsupported(it.driver.as_deref()),
    ]
}

fn mac(view: View<'_>, it: &Interface) -> Cell {
    let lang = view.lang;
    match (&it.mac, &it.permanent_mac) {
        (Some(mac), Some(burnt)) if mac != burnt => {
            let remark = format!("{} {}", lang.pick("出荷時", "burnt in"), visible(burnt));
            Cell::own(lang.remark(&visible(mac), &remark))
        }
        (Some(mac), _) | (None, Some(mac)) => Cell::value(mac, lang),
        (None, None) => Cell::none(lang),
    }
}

/// Next hops of the routes that leave by this interface.
fn gateways(view: View<'_>, asset: &AgentAsset, it: &Interface) -> Cell {
    view.reading(asset, ("route", "routes"), &asset.routes.routes, |routes| {
        let mut hops: Vec<_> = routes
            .iter()
            .filter(|route| route.interface.as_ref() == Some(&it.name))
            .filter_map(|route| route.gateway)
            .collect();
        hops.sort_unstable();
        hops.dedup();
        Cell::lines(hops.iter().map(ToString::to_string), view.lang)
    })
}
