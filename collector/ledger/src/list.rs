//! The lists that staff read. Comes in: the ledger; goes out: columns and rows of cells, sorted and
//! without a blank cell. It never drops a field because nothing is known of it.

mod account;
mod device;
mod interface;
mod network;
mod protection;
mod seen;
mod service;
mod setting;
mod share;
mod software;
mod summary;
mod trace;
mod traffic;
mod unknown;
mod update;

use std::collections::BTreeSet;

use daicho_report::{Reading, Reason};
use serde::{Deserialize, Serialize};

use crate::asset::{AgentAsset, AssetId, SeenAsset};
use crate::cell::Cell;
use crate::finding;
use crate::hand::field::FIELDS;
use crate::ledger::Ledger;
use crate::text::Lang;
pub(crate) use account::verdict;
pub(crate) use unknown::gaps;

/// A list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum List {
    /// Servers and terminals, with devices that were only seen.
    Devices,
    /// Network devices.
    Network,
    /// Interfaces and addresses.
    Interfaces,
    /// Programs.
    Software,
    /// Updates that are not installed.
    Updates,
    /// Services and what starts by itself.
    Services,
    /// Accounts, administrator rights and log-ins.
    Administrators,
    /// Listening sockets and flows.
    Flows,
    /// Findings.
    Findings,
    /// What could not be asked, and why.
    Unknowns,
}

impl List {
    /// All lists, in the order of a workbook.
    pub const ALL: [Self; 10] = [
        Self::Devices,
        Self::Network,
        Self::Interfaces,
        Self::Software,
        Self::Updates,
        Self::Services,
        Self::Administrators,
        Self::Flows,
        Self::Findings,
        Self::Unknowns,
    ];

    /// What the list is called; at most 31 characters, none of which a workbook refuses.
    #[must_use]
    pub fn title(self, lang: Lang) -> &'static str {
        let (ja, en) = match self {
            Self::Devices => ("サーバ・端末PC", "Servers and terminals"),
            Self::Network => ("ネットワーク機器", "Network devices"),
            Self::Interfaces => ("インターフェース", "Interfaces"),
            Self::Software => ("ソフトウェア", "Software"),
            Self::Updates => ("未適用の更新", "Pending updates"),
            Self::Services => ("サービス・自動起動", "Services and autostart"),
            Self::Administrators => ("管理者権限", "Administrator rights"),
            Self::Flows => ("通信・待受", "Flows and listeners"),
            Self::Findings => ("要対応事項", "Findings"),
            Self::Unknowns => ("未取得項目", "What is unknown"),
        };
        lang.pick(ja, en)
    }
}

/// Where a column's values come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    /// An agent（自動取得）.
    Collected,
    /// A person（手入力）.
    Hand,
    /// A rule of the ledger（導出）.
    Derived,
}

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Column {
    /// Stable name.
    pub key: &'static str,
    /// Japanese heading.
    pub ja: &'static str,
    /// English heading.
    pub en: &'static str,
    /// Where its values come from.
    pub layer: Layer,
}

impl Column {
    /// The heading.
    #[must_use]
    pub fn title(&self, lang: Lang) -> &'static str {
        lang.pick(self.ja, self.en)
    }
}

/// A column; for lists that are made elsewhere.
#[must_use]
pub const fn column(layer: Layer, key: &'static str, ja: &'static str, en: &'static str) -> Column {
    Column { key, ja, en, layer }
}

/// The columns that people fill in a list ([`crate::hand::field::DEVICES`] and the others).
pub fn hand_columns(list: u8) -> impl Iterator<Item = Column> {
    let on = FIELDS.iter().filter(move |it| it.on & list != 0);
    on.map(|it| column(Layer::Hand, it.key, it.ja, it.en))
}

/// The two columns that begin every list below the devices.
const ASSET_COLUMNS: [Column; 2] = [
    column(Layer::Derived, "label", "機器名", "asset"),
    column(Layer::Derived, "asset_id", "台帳番号", "ledger id"),
];

/// A row: as many cells as the list has columns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Whose; `null`: the site's.
    pub asset: Option<AssetId>,
    /// By which what people keep for this row is found; `null`: nothing is kept for it.
    pub key: Option<String>,
    /// Its cells.
    pub cells: Vec<Cell>,
}

/// The columns of a list.
#[must_use]
pub fn columns(list: List) -> Vec<Column> {
    match list {
        List::Devices => device::columns(),
        List::Network => network::columns(),
        List::Interfaces => with_asset(interface::COLUMNS),
        List::Software => with_asset(software::COLUMNS),
        List::Updates => with_asset(update::COLUMNS),
        List::Services => with_asset(service::COLUMNS),
        List::Administrators => with_asset(account::COLUMNS),
        List::Flows => with_asset(traffic::COLUMNS),
        List::Findings => with_asset(finding::COLUMNS),
        List::Unknowns => with_asset(unknown::COLUMNS),
    }
}

fn with_asset(columns: &[Column]) -> Vec<Column> {
    ASSET_COLUMNS.iter().chain(columns).copied().collect()
}

/// The rows of a list.
#[must_use]
pub fn rows(ledger: &Ledger, list: List, lang: Lang) -> Vec<Row> {
    let mut rows = Vec::new();
    each_row(ledger, list, lang, &mut |row| rows.push(row));
    rows
}

/// The rows of a list, one after the other: all of a large one at once would fill the memory.
pub fn each_row(ledger: &Ledger, list: List, lang: Lang, put: &mut dyn FnMut(Row)) {
    let view = View::of(ledger, lang, None);
    match list {
        List::Devices => device::rows(view).into_iter().for_each(put),
        List::Network => network::rows(view).into_iter().for_each(put),
        List::Interfaces => view.each(interface::cells, put),
        List::Software => view.each(software::cells, put),
        List::Updates => view.each(update::cells, put),
        List::Services => view.each(service::cells, put),
        List::Administrators => view.each(account::cells, put),
        List::Flows => view.each(traffic::cells, put),
        List::Findings => finding::rows(view).into_iter().for_each(put),
        List::Unknowns => unknown::rows(view, put),
    }
}

/// The row of a machine with an agent in the list of devices. Where `only` names columns, the cells of the
/// others are left blank: nobody looks at them.
#[must_use]
pub fn agent_row(
    ledger: &Ledger,
    asset: &AgentAsset,
    lang: Lang,
    only: Option<&BTreeSet<&str>>,
) -> Row {
    device::agent_row(View::of(ledger, lang, only), asset)
}

/// The row of a device without an agent in the list of network devices, or in that of devices.
#[must_use]
pub fn row_of_seen(
    (ledger, list): (&Ledger, List),
    seen: &SeenAsset,
    lang: Lang,
    only: Option<&BTreeSet<&str>>,
) -> Row {
    let view = View::of(ledger, lang, only);
    match list {
        List::Network => network::row(view, seen),
        _ => device::row_of_seen(view, seen),
    }
}

/// Whether somebody uses or saw a device without an agent as a gateway or router.
#[must_use]
pub fn is_network(seen: &SeenAsset) -> bool {
    seen::is_network(seen)
}

/// The ledger as one reader sees it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) ledger: &'a Ledger,
    pub(crate) lang: Lang,
    /// Columns that somebody looks at; `None`: all of them.
    only: Option<&'a BTreeSet<&'a str>>,
}

impl<'a> View<'a> {
    fn of(ledger: &'a Ledger, lang: Lang, only: Option<&'a BTreeSet<&'a str>>) -> Self {
        Self { ledger, lang, only }
    }

    /// Whether somebody looks at a column.
    fn wants(self, key: &str) -> bool {
        self.only.is_none_or(|only| only.contains(key))
    }

    pub(crate) fn offset(self) -> i32 {
        self.ledger.site.utc_offset_s
    }

    /// The cell of one reading of an asset.
    pub(crate) fn reading<T: Clone>(
        self,
        asset: &AgentAsset,
        name: (&str, &str),
        reading: &Reading<T>,
        show: impl FnOnce(&T) -> Cell,
    ) -> Cell {
        let (section, field) = name;
        let stale = asset.stale_field(section, field).map(|(_, reason)| reason);
        let fact = asset.fact(section, field, reading);
        Cell::fact(&fact, stale, (self.offset(), self.lang), show)
    }

    /// The rows of all machines with an agent, each with the machine's name before its cells.
    fn each(self, cells: impl Fn(Self, &AgentAsset) -> Vec<Vec<Cell>>, put: &mut dyn FnMut(Row)) {
        for asset in &self.ledger.assets {
            for cells in cells(self, asset) {
                put(self.row(&asset.id, &asset.label, cells));
            }
        }
    }

    /// A row that begins with the asset's name.
    pub(crate) fn row(self, id: &AssetId, label: &str, cells: Vec<Cell>) -> Row {
        let mut all = vec![Cell::value(label, self.lang), Cell::value(&id.0, self.lang)];
        all.extend(cells);
        Row {
            asset: Some(id.clone()),
            key: None,
            cells: all,
        }
    }

    /// A machine with an agent.
    fn agent(self, id: &AssetId) -> Option<&'a AgentAsset> {
        let assets = &self.ledger.assets;
        let at = assets.binary_search_by(|it| it.id.cmp(id)).ok()?;
        assets.get(at)
    }

    /// What an asset is called.
    pub(crate) fn label_of(self, id: &AssetId) -> String {
        let seen = &self.ledger.seen;
        let seen = || seen.get(seen.binary_search_by(|it| it.id.cmp(id)).ok()?);
        match self.agent(id) {
            Some(asset) => asset.label.clone(),
            None => seen().map_or_else(|| id.0.clone(), seen_label),
        }
    }

    /// One row that says why there is none: for a list that could not be read.
    fn unknown_row<T: Clone>(
        self,
        asset: &AgentAsset,
        name: (&str, &str),
        reading: &Reading<T>,
        width: usize,
    ) -> Vec<Cell> {
        let cell = self.reading(asset, name, reading, |_| Cell::none(self.lang));
        vec![cell; width]
    }

    /// Something that the agent says by leaving it out, because it could not be told.
    fn not_told(self, because: &Reading<()>) -> Cell {
        let untold = Reason::failed("no owner");
        let reason = because.reason().unwrap_or(&untold);
        Cell::unknown(reason, because.source(), None, self.lang)
    }

    /// A value that an agent may leave out because the system has none.
    fn or_unsupported(self, value: Option<&str>) -> Cell {
        match value {
            Some(text) => Cell::value(text, self.lang),
            None => Cell::unknown(&Reason::Unsupported, "", None, self.lang),
        }
    }
}

/// What a device without an agent is called: its address on the wire, or where it is.
#[must_use]
pub fn seen_label(seen: &SeenAsset) -> String {
    let first = seen.addresses.first();
    match (&seen.mac, first) {
        (Some(mac), Some(address)) => format!("{address} [{mac}]"),
        (Some(mac), None) => mac.clone(),
        (None, Some(address)) => address.to_string(),
        (None, None) => seen.id.0.clone(),
    }
}
