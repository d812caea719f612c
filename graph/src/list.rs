//! The lists that staff read, with what was recognised in the network. Comes in: the ledger, its
//! topology and the verdicts; goes out: columns and rows of cells like the ledger's own lists, which
//! stand among them. It decides nothing, never leaves a cell blank, and never drops a row because
//! little is known of it.

mod alike;
mod device;
mod hand;
mod kept;
mod name;
mod point;
mod remote;
mod segment;
mod system;
mod table;
mod unnamed;
mod witness;
mod word;

use daicho_ledger::hand::HandDevice;
use daicho_ledger::text::visible;
use daicho_ledger::{AssetId, Cell, Column, Lang, Layer, Ledger, Row, State, list as ledger_list};
use daicho_report::Reason;
use serde::{Deserialize, Serialize};

use crate::finding;
use crate::recognise::Recognition;
use crate::topology::Topology;
pub use hand::kind_title;
pub(crate) use name::{Names, thing};
pub(crate) use point::with_kind as point_name;
pub use table::Table;
pub(crate) use word::sort as sort_word;

const D: Layer = Layer::Derived;
const H: Layer = Layer::Hand;

/// A list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum List {
    /// Servers and terminals, with their zone.
    Devices,
    /// Network devices.
    Network,
    /// Connection points（外部接続点）.
    Points,
    /// Remote maintenance（リモートメンテナンス一覧）.
    Remote,
    /// Systems.
    Systems,
    /// Zones and segments（系・セグメント）.
    Segments,
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
    /// Services that nobody has named yet.
    Unnamed,
    /// Findings.
    Findings,
    /// What could not be asked, and why.
    Unknowns,
}

/// Where a list comes from.
enum Kin {
    /// The ledger has it.
    Ledger(ledger_list::List),
    /// The graph's own, with its title in Japanese and English.
    Own(&'static str, &'static str),
}

impl List {
    /// All lists, in the order of a workbook.
    pub const ALL: [Self; 15] = [
        Self::Devices,
        Self::Network,
        Self::Points,
        Self::Remote,
        Self::Software,
        Self::Administrators,
        Self::Findings,
        Self::Systems,
        Self::Segments,
        Self::Interfaces,
        Self::Updates,
        Self::Services,
        Self::Flows,
        Self::Unnamed,
        Self::Unknowns,
    ];

    /// Its stable name, as commands and files write it.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Devices => "devices",
            Self::Network => "network",
            Self::Points => "points",
            Self::Remote => "remote",
            Self::Systems => "systems",
            Self::Segments => "segments",
            Self::Interfaces => "interfaces",
            Self::Software => "software",
            Self::Updates => "updates",
            Self::Services => "services",
            Self::Administrators => "administrators",
            Self::Flows => "flows",
            Self::Unnamed => "unnamed",
            Self::Findings => "findings",
            Self::Unknowns => "unknowns",
        }
    }

    /// The list of that name.
    #[must_use]
    pub fn of(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|list| list.key() == key)
    }

    /// What the list is called; at most 31 characters, none of which a workbook refuses.
    #[must_use]
    pub fn title(self, lang: Lang) -> &'static str {
        match self.kin() {
            Kin::Ledger(list) => list.title(lang),
            Kin::Own(ja, en) => lang.pick(ja, en),
        }
    }

    /// The ledger's list that it is or begins with, or its own name.
    fn kin(self) -> Kin {
        use ledger_list::List as L;
        match self {
            Self::Devices => Kin::Ledger(L::Devices),
            Self::Network => Kin::Ledger(L::Network),
            Self::Points => Kin::Own("外部接続点", "Connection points"),
            Self::Remote => Kin::Own("リモートメンテナンス一覧", "Remote maintenance"),
            Self::Systems => Kin::Own("システム", "Systems"),
            Self::Segments => Kin::Own("系・セグメント", "Zones and segments"),
            Self::Interfaces => Kin::Ledger(L::Interfaces),
            Self::Software => Kin::Ledger(L::Software),
            Self::Updates => Kin::Ledger(L::Updates),
            Self::Services => Kin::Ledger(L::Services),
            Self::Administrators => Kin::Ledger(L::Administrators),
            Self::Flows => Kin::Ledger(L::Flows),
            Self::Unnamed => Kin::Own("未分類サービス", "Services to be named"),
            Self::Findings => Kin::Ledger(L::Findings),
            Self::Unknowns => Kin::Ledger(L::Unknowns),
        }
    }

    /// The ledger's list that it is or begins with.
    fn ledger(self) -> Option<ledger_list::List> {
        match self.kin() {
            Kin::Ledger(list) => Some(list),
            Kin::Own(..) => None,
        }
    }
}

/// What the lists are made from.
#[derive(Debug, Clone, Copy)]
pub struct Basis<'a> {
    /// The ledger.
    pub ledger: &'a Ledger,
    /// Its topology.
    pub topology: &'a Topology,
    /// The verdicts on both.
    pub recognition: &'a Recognition,
}

/// The columns of a list.
#[must_use]
pub fn columns(list: List) -> Vec<Column> {
    match list {
        List::Points => point::COLUMNS.to_vec(),
        List::Remote => remote::columns(),
        List::Systems => system::COLUMNS.to_vec(),
        List::Segments => segment::COLUMNS.to_vec(),
        List::Unnamed => unnamed::COLUMNS.to_vec(),
        List::Devices | List::Network => device::columns(list),
        other => other.ledger().map_or_else(Vec::new, ledger_list::columns),
    }
}

/// The rows of a list.
#[must_use]
pub fn rows(basis: Basis<'_>, list: List, lang: Lang) -> Vec<Row> {
    visit(basis, list, (lang, None), |row| row)
}

/// The rows of a list with these columns alone, in this order.
#[must_use]
pub fn rows_with(basis: Basis<'_>, list: List, lang: Lang, only: &[&str]) -> Vec<Row> {
    visit(basis, list, (lang, Some(only)), |row| row)
}

/// The texts of a list with these columns alone, in this order; `None`: with all.
#[must_use]
pub fn table(basis: Basis<'_>, list: List, lang: Lang, only: Option<&[&str]>) -> Table {
    let mut table = Table::default();
    let rows = visit(basis, list, (lang, only), |row| table.pack(&row));
    table.put(rows);
    table
}

/// Columns that somebody looks at.
struct Pick {
    places: Vec<usize>,
}

impl Pick {
    /// These columns of a list; none of them twice.
    fn of(all: &[Column], only: &[&str]) -> Self {
        let of = |key: &&str| all.iter().position(|it| it.key == *key);
        Self {
            places: only.iter().filter_map(of).collect(),
        }
    }

    /// A row with their cells alone.
    fn row(&self, mut row: Row) -> Row {
        let cells = std::mem::take(&mut row.cells);
        let mut cells: Vec<Option<Cell>> = cells.into_iter().map(Some).collect();
        let picked = self.places.iter();
        let picked = picked.filter_map(|at| cells.get_mut(*at)?.take());
        row.cells = picked.collect();
        row.cells.shrink_to_fit();
        row
    }
}

/// What is kept of each row of a list, in its order. A row is made, cut to the wanted columns, and gone
/// before the next one: a large list is never there as a whole.
fn visit<T>(
    basis: Basis<'_>,
    list: List,
    (lang, only): (Lang, Option<&[&str]>),
    mut keep: impl FnMut(Row) -> T,
) -> Vec<T> {
    let pick = only.map(|only| Pick::of(&columns(list), only));
    let mut cut = |row| {
        keep(match &pick {
            Some(pick) => pick.row(row),
            None => row,
        })
    };
    let view = || View {
        basis,
        lang,
        names: Names::of(basis, lang),
        only,
    };
    let rows = match list {
        List::Devices | List::Network => return device::rows(&view(), list, cut),
        List::Points => point::rows(&view()),
        List::Remote => remote::rows(&view()),
        List::Systems => system::rows(&view()),
        List::Segments => segment::rows(&view()),
        List::Unnamed => unnamed::rows(&view()),
        List::Findings => {
            let view = view();
            let label = |id: &AssetId| view.names.label(&id.0, lang);
            daicho_ledger::finding::rows_of(&finding::findings(basis), lang, label)
        }
        other => {
            let mut kept = Vec::new();
            if let Some(list) = other.ledger() {
                let mut put = |row| kept.push(cut(row));
                ledger_list::each_row(basis.ledger, list, lang, &mut put);
            }
            return kept;
        }
    };
    rows.into_iter().map(cut).collect()
}

/// What a node of the topology, an asset or a device kept by hand is called; nothing in it is hidden.
#[must_use]
pub fn label(basis: Basis<'_>, id: &str, lang: Lang) -> String {
    Names::of(basis, lang).label(id, lang)
}

/// The lists as one reader sees them.
struct View<'a> {
    basis: Basis<'a>,
    lang: Lang,
    names: Names<'a>,
    /// Columns that somebody looks at; `None`: all of them.
    only: Option<&'a [&'a str]>,
}

impl View<'_> {
    fn offset(&self) -> i32 {
        self.basis.ledger.site.utc_offset_s
    }

    fn day(&self, at: daicho_report::Time) -> String {
        let text = daicho_ledger::text::moment(at, self.offset());
        text.get(..10).unwrap_or(&text).to_owned()
    }

    /// What nobody could tell, and why in words.
    fn unsure(&self, ja: &str, en: &str) -> Cell {
        let word = self.lang.pick("未確認", "unknown");
        Cell {
            state: State::Unknown,
            reason: Some(Reason::NotAsked),
            ..Cell::own(self.lang.remark(word, self.lang.pick(ja, en)))
        }
    }

    /// Values that people entered, one a line; an empty text is not entered yet.
    fn entered<'t>(&self, texts: impl IntoIterator<Item = &'t str>) -> Cell {
        let mut lines: Vec<String> = texts
            .into_iter()
            .filter(|text| !text.trim().is_empty())
            .map(visible)
            .collect();
        lines.dedup();
        if lines.is_empty() {
            return Cell::by_hand(self.lang);
        }
        Cell::own(lines.join("\n"))
    }

    /// Lines, at most so many, with the count of the others.
    fn bounded(&self, lines: impl IntoIterator<Item = String>, most: usize) -> Cell {
        let named = |line: String| match line.trim().is_empty() {
            true => self.lang.pick("（空欄の値）", "(blank value)").to_owned(),
            false => line,
        };
        let all: Vec<String> = lines.into_iter().map(named).collect();
        let left = all.len().saturating_sub(most);
        let mut shown: Vec<String> = all.into_iter().take(most).collect();
        if left > 0 {
            shown.push(match self.lang {
                Lang::Ja => format!("ほか {left} 件"),
                Lang::En => format!("and {left} more"),
            });
        }
        Cell::lines(shown, self.lang)
    }

    /// The device that people wrote down at a node.
    fn device_at(&self, id: &str) -> Option<&HandDevice> {
        let key = self.names.entry(id)?;
        let mut devices = self.basis.ledger.hand.devices();
        let found = devices.find(|(entry, _)| entry.key == key);
        found.map(|(_, device)| device)
    }

    fn grade(&self, grade: daicho_ledger::Grade) -> Cell {
        Cell {
            key: format!("{}", grade as u8),
            ..Cell::own(grade.title(self.lang))
        }
    }

    /// A name with how sure it is.
    fn graded(&self, name: &str, grade: daicho_ledger::Grade) -> String {
        let grade = grade.title(self.lang);
        match self.lang {
            Lang::Ja => format!("{name}：{grade}"),
            Lang::En => format!("{name}: {grade}"),
        }
    }

    /// A vendor as people call it: name, whom to call, telephone.
    fn vendor(&self, key: &str) -> String {
        let Some(vendor) = self.basis.ledger.hand.vendor(key) else {
            let word = self
                .lang
                .pick("事業者一覧に未登録", "not among the vendors");
            return self.lang.remark(&visible(key), word);
        };
        let parts = [&vendor.name, &vendor.contact, &vendor.phone];
        let parts = parts.into_iter().filter(|it| !it.trim().is_empty());
        let shown: Vec<String> = parts.map(|it| visible(it)).collect();
        if shown.is_empty() {
            return visible(key);
        }
        shown.join(self.lang.pick("　", ", "))
    }

    fn moment(&self, at: Option<daicho_report::Time>) -> Cell {
        match at {
            Some(at) => Cell::moment(at, self.offset()),
            None => self.unsure("観測なし", "not seen"),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
