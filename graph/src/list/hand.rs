//! Devices that people wrote down（手入力） among the devices of the ledger's lists. Comes in: entries
//! and the topology, which says which seen device is which entry; goes out: what people entered, in
//! the columns of the list. It never puts an entry in the place of what was collected.

use std::collections::{BTreeMap, BTreeSet};

use daicho_ledger::hand::{DeviceKind, Entry, HandDevice, HandSystem};
use daicho_ledger::text::visible;
use daicho_ledger::{AssetId, Cell, Column, Lang, Layer, Row, SeenAsset, normal_mac};
use daicho_report::Reason;

use super::{Basis, List, View, system};

/// What was entered, and what it is of.
pub(super) struct Entered<'a> {
    pub(super) entry: &'a Entry,
    pub(super) device: &'a HandDevice,
    /// The machine with an agent that it is, if it has one.
    pub(super) agent: Option<&'a str>,
    /// Devices seen that it is; those after the first have no row of their own.
    pub(super) seen: Vec<&'a SeenAsset>,
    /// Why it has no place in the network.
    unplaced: Option<crate::topology::Unplaced>,
}

/// What a kind of device is called.
#[must_use]
pub fn kind_title(kind: DeviceKind, lang: Lang) -> &'static str {
    let (ja, en) = match kind {
        DeviceKind::Firewall => ("ファイアウォール・UTM", "firewall"),
        DeviceKind::Vpn => ("VPN装置", "VPN device"),
        DeviceKind::Router => ("ルータ", "router"),
        DeviceKind::CoreSwitch => ("スイッチ（L3）", "switch (L3)"),
        DeviceKind::Switch => ("スイッチ（L2）・ハブ", "switch, hub"),
        DeviceKind::Wireless => ("無線LAN機器", "wireless LAN"),
        DeviceKind::LineTerminal => ("回線終端装置（ONU等）", "line terminal"),
        DeviceKind::MobileRouter => ("LTEルータ等", "mobile router"),
        DeviceKind::MedicalDevice => ("医療機器", "medical device"),
        DeviceKind::Server => ("サーバ（エージェントなし）", "server without agent"),
        DeviceKind::Terminal => ("端末（エージェントなし）", "terminal without agent"),
        DeviceKind::Printer => ("プリンタ・複合機", "printer"),
        DeviceKind::Storage => ("NAS・ストレージ", "storage"),
        DeviceKind::Other => ("その他", "other"),
    };
    lang.pick(ja, en)
}

/// All devices that were entered, in the order of entries.
pub(super) fn entered(basis: Basis<'_>) -> Vec<Entered<'_>> {
    let nodes = basis.topology.nodes.iter();
    let nodes: BTreeMap<&str, &crate::topology::Node> = nodes
        .filter_map(|it| Some((it.entry.as_deref()?, it)))
        .collect();
    let known: BTreeSet<&str> = basis
        .topology
        .nodes
        .iter()
        .map(|it| it.id.as_str())
        .collect();
    let agents: BTreeMap<&str, &str> = basis
        .ledger
        .assets
        .iter()
        .map(|it| (it.id.0.as_str(), it.id.0.as_str()))
        .collect();
    let mut out = Vec::new();
    for (entry, device) in basis.ledger.hand.devices() {
        let node = nodes.get(entry.key.as_str()).copied();
        let id = node.map_or("", |it| it.id.as_str());
        let mut seen: Vec<&SeenAsset> = basis
            .ledger
            .seen
            .iter()
            .filter(|it| it.id.0 == id || (!known.contains(it.id.0.as_str()) && is(device, it)))
            .collect();
        seen.sort_by_key(|it| it.id.0 != id);
        out.push(Entered {
            entry,
            device,
            agent: agents.get(id).copied(),
            seen,
            unplaced: node.and_then(|it| it.unplaced),
        });
    }
    out
}

/// Whether a device seen, which the network knows by another name, is the one entered.
fn is(device: &HandDevice, seen: &SeenAsset) -> bool {
    let interfaces = &device.interfaces;
    match &seen.mac {
        Some(mac) => interfaces
            .iter()
            .filter_map(|it| it.mac.as_deref())
            .any(|it| normal_mac(it) == *mac),
        None => interfaces
            .iter()
            .filter_map(|it| it.address)
            .any(|it| seen.addresses.contains(&it.address)),
    }
}

impl Entered<'_> {
    /// The row of the ledger's that is the one of this entry.
    pub(super) fn row_of(&self) -> Option<&str> {
        self.agent
            .or_else(|| self.seen.first().map(|it| it.id.0.as_str()))
    }

    /// The key of its row: what people keep stays with it, whether it is seen or not.
    pub(super) fn key(&self) -> String {
        match self.agent {
            Some(agent) => agent.to_owned(),
            None => format!("hand:{}", self.entry.key),
        }
    }

    /// Everything by which what people keep for it may be found.
    pub(super) fn keys(&self) -> Vec<String> {
        let seen = self.seen.iter().map(|it| it.id.0.clone());
        std::iter::once(format!("hand:{}", self.entry.key))
            .chain(seen)
            .collect()
    }

    /// The row of a device that only people know, before its values.
    pub(super) fn row(&self, view: &View<'_>, columns: &[Column]) -> Row {
        let cell = |column: &Column| match column.layer {
            Layer::Collected => Cell::unknown(&Reason::NotAsked, "", None, view.lang),
            Layer::Hand => Cell::by_hand(view.lang),
            Layer::Derived => Cell::not_applicable(),
        };
        Row {
            asset: Some(AssetId(format!("hand:{}", self.entry.key))),
            key: Some(self.key()),
            cells: columns.iter().map(cell).collect(),
        }
    }

    /// Puts what was entered into a row of the list.
    pub(super) fn fill(&self, view: &View<'_>, list: List, columns: &[Column], row: &mut Row) {
        for (column, cell) in columns.iter().zip(&mut row.cells) {
            if let Some(value) = self.value(view, list, column.key) {
                *cell = value;
            }
        }
    }

    /// The cell of a column that people filled, or that they know better than nobody.
    fn value(&self, view: &View<'_>, list: List, key: &str) -> Option<Cell> {
        let (lang, device) = (view.lang, self.device);
        let alone = self.agent.is_none();
        let text = |text: &str| (!text.trim().is_empty()).then(|| self.cell(text, lang));
        let system = self.system(view);
        match key {
            "label" if alone => text(&device.name),
            "asset_id" if alone => Some(self.ids(lang)),
            "standing" => Some(self.standing(lang)),
            "role" => Some(self.role(view)),
            "chassis" if alone => Some(Cell::own(kind_title(device.kind, lang))),
            "addresses" if alone => Some(self.addresses(view)),
            "macs" if alone => Some(self.macs(view)),
            "manufacturer" | "model" | "serial" if !alone => None,
            "manufacturer" => Some(view.entered([device.maker.as_str()])),
            "model" => Some(view.entered([device.model.as_str()])),
            "serial" => Some(view.entered([device.serial.as_str()])),
            "firmware" => Some(view.entered([device.firmware.as_str()])),
            "use" => text(&device.purpose),
            "location" => text(&device.place),
            "department" => text(&device.department),
            "owner" => text(&device.owner),
            "note" => text(&device.note),
            "system" => text(device.system.as_deref()?),
            "vendor" => Some(self.cell(&view.vendor(device.vendor.as_deref()?), lang)),
            "contract" => {
                let vendor = view.basis.ledger.hand.vendor(device.vendor.as_deref()?)?;
                text(&vendor.contract)
            }
            "keeper" => text(&system::person(view, system?.person.as_deref()?)),
            "restore_order" => Some(Cell::number(u64::from(system?.restore_order?))),
            "substitute" => text(&system?.substitute),
            "line" => Some(self.line(view)),
            "pair" => Some(self.cell(&view.names.label(device.pair.as_deref()?, lang), lang)),
            "entered" => Some(self.who(view)),
            "first_at" | "last_at" | "seen_by" if alone && self.seen.is_empty() => {
                Some(view.unsure("観測なし", "not seen"))
            }
            "report_state" if alone && list == List::Devices => {
                Some(Cell::own(lang.pick("エージェントなし", "no agent")))
            }
            _ => None,
        }
    }

    /// A value with where it was entered.
    fn cell(&self, text: &str, lang: Lang) -> Cell {
        let source = lang.remark(lang.pick("手入力", "entered"), &visible(&self.entry.key));
        Cell::value(text, lang).from(&source, self.entry.at)
    }

    fn ids(&self, lang: Lang) -> Cell {
        let seen = self.seen.iter().map(|it| visible(&it.id.0));
        let key = visible(&self.entry.key);
        let own = format!("{}{key}", lang.pick("手入力：", "entered: "));
        // A device with many addresses has an id for each that others saw.
        Cell::lines(std::iter::once(own).chain(seen.take(3)), lang)
    }

    fn standing(&self, lang: Lang) -> Cell {
        let (ja, en) = match (self.agent, self.seen.is_empty()) {
            (Some(_), _) => ("エージェントあり・手入力あり", "with agent, and entered"),
            (None, false) => ("手入力・通信を観測", "entered, and seen"),
            (None, true) => ("手入力（通信は未観測）", "entered, not seen"),
        };
        Cell::own(lang.pick(ja, en))
    }

    fn role(&self, view: &View<'_>) -> Cell {
        let lang = view.lang;
        let mut lines = vec![kind_title(self.device.kind, lang).to_owned()];
        let sights = || self.seen.iter().flat_map(|it| &it.sights);
        if sights().any(|it| it.gateway) {
            lines.push(
                lang.pick("ゲートウェイ（経路表）", "gateway (routes)")
                    .to_owned(),
            );
        }
        if sights().any(|it| it.router) {
            let (ja, en) = ("ルータ（IPv6広告）", "router (IPv6 announcement)");
            lines.push(lang.pick(ja, en).to_owned());
        }
        if let Some(why) = self.unplaced {
            let (ja, en) = ("構成図での位置は不明", "no place on the diagram");
            lines.push(lang.remark(lang.pick(ja, en), why.title(lang)));
        }
        Cell::lines(lines, lang)
    }

    fn addresses(&self, view: &View<'_>) -> Cell {
        let own = self.device.interfaces.iter().filter_map(|it| it.address);
        let mut lines: Vec<String> = own
            .clone()
            .map(|it| format!("{}/{}", it.address, it.prefix))
            .collect();
        let entered: BTreeSet<_> = own.map(|it| it.address).collect();
        let seen = self.seen.iter().flat_map(|it| &it.addresses);
        let seen: BTreeSet<_> = seen.filter(|it| !entered.contains(it)).collect();
        lines.extend(seen.into_iter().map(ToString::to_string));
        match lines.is_empty() {
            true => Cell::own(
                view.lang
                    .pick("アドレスの記入・観測なし", "none entered or seen"),
            ),
            false => Cell::lines(lines, view.lang),
        }
    }

    fn macs(&self, view: &View<'_>) -> Cell {
        let own = self
            .device
            .interfaces
            .iter()
            .filter_map(|it| it.mac.as_deref());
        let own = own.map(|it| visible(&normal_mac(it)));
        let seen = self
            .seen
            .iter()
            .filter_map(|it| it.mac.as_deref())
            .map(visible);
        let all: BTreeSet<String> = own.chain(seen).filter(|it| !it.trim().is_empty()).collect();
        match all.is_empty() {
            true => Cell::by_hand(view.lang),
            false => Cell::lines(all, view.lang),
        }
    }

    /// Lines of the connection points that people declared at it.
    fn line(&self, view: &View<'_>) -> Cell {
        let points = view.basis.ledger.hand.points();
        let here = points.filter(|(_, it)| it.device.as_deref() == Some(self.entry.key.as_str()));
        let lines: Vec<&str> = here.map(|(_, it)| it.line.as_str()).collect();
        view.entered(lines)
    }

    fn system<'b>(&self, view: &View<'b>) -> Option<&'b HandSystem> {
        let name = self.device.system.as_deref()?;
        let mut systems = view.basis.ledger.hand.systems();
        let found = systems.find(|(entry, it)| it.name == name || entry.key == name);
        found.map(|(_, it)| it)
    }

    fn who(&self, view: &View<'_>) -> Cell {
        let by = visible(&self.entry.by);
        let by = match by.trim().is_empty() {
            true => view.lang.pick("記入者不明", "nobody named").to_owned(),
            false => by,
        };
        Cell::own(format!("{by} {}", view.day(self.entry.at)))
    }
}
