//! Remote maintenance（リモートメンテナンス一覧）: a row for each maintenance line, for each tool and VPN
//! found on machines, and one for the machines that could not be asked.

use std::collections::{BTreeMap, BTreeSet};

use daicho_ledger::hand::{DeclaredPoint, Entry, field};
use daicho_ledger::text::{self, visible};
use daicho_ledger::{
    AgentAsset, AssetId, Cell, Column, Grade, Lang, PointKind, Row, State, column,
};
use daicho_report::{Time, Tool, ToolState, Vpn, VpnGrade};

use super::kept::{Kept, ROW_KEY};
use super::{D, View, point, thing};
use crate::recognise::ConnectionPoint;

const FIRST: &[Column] = &[
    column(D, "method", "方法（ツール・VPN・回線）", "method"),
    column(D, "machines", "対象機器", "machines"),
    column(D, "state", "観測した状態", "state seen"),
    column(D, "grade", "確度", "grade"),
];

const LAST: &[Column] = &[
    column(D, "first_at", "初回観測", "first seen"),
    column(D, "last_at", "最終観測", "last seen"),
    column(
        D,
        "declared",
        "外部接続点の記入（誰が・いつ）",
        "connection point entered by, when",
    ),
    column(D, "point_id", "接続点番号", "point id"),
    column(
        D,
        "entered",
        "手入力の記録（誰が・いつ）",
        "entered by, when",
    ),
    ROW_KEY,
];

pub(super) fn columns() -> Vec<Column> {
    let first = FIRST.iter().copied();
    let hand = daicho_ledger::list::hand_columns(field::REMOTE);
    first.chain(hand).chain(LAST.iter().copied()).collect()
}

/// Machines named in a cell.
const MACHINES: usize = 20;

/// What is known of one way of remote maintenance.
struct Way<'a> {
    entries: Vec<(&'a Entry, &'a DeclaredPoint)>,
    machines: Cell,
    method: Cell,
    state: Cell,
    grade: Cell,
    first: Cell,
    last: Cell,
    point: Cell,
    asset: Option<AssetId>,
    /// By which what people keep for it is found.
    key: Option<String>,
}

pub(super) fn rows(view: &View<'_>) -> Vec<Row> {
    let mut points: Vec<&ConnectionPoint> = view
        .basis
        .recognition
        .points
        .iter()
        .filter(|it| matches!(it.kind, PointKind::VendorVpn | PointKind::RemoteTool))
        .collect();
    points.sort_by_key(|it| (it.grade, point::order(it.kind), &it.id));
    let mut ways: Vec<Way<'_>> = points.iter().map(|it| of_point(view, it)).collect();
    ways.extend(tools(view, &points));
    ways.extend(vpns(view, &points));
    ways.extend(not_asked(view));
    let (columns, kept) = (columns(), Kept::of(view));
    let one = |way| row(view, &columns, &kept, way);
    ways.into_iter().map(one).collect()
}

fn row(view: &View<'_>, columns: &[Column], kept: &Kept<'_>, way: Way<'_>) -> Row {
    let cell = |column: &Column| cell(view, &way, column.key);
    let mut row = Row {
        cells: columns.iter().map(cell).collect(),
        asset: way.asset.clone(),
        key: way.key.clone(),
    };
    kept.fill(view, columns, &mut row, &[]);
    row
}

fn cell(view: &View<'_>, way: &Way<'_>, key: &str) -> Cell {
    let lang = view.lang;
    let entries = &way.entries;
    let each = |pick: fn(&DeclaredPoint) -> &str| {
        view.entered(entries.iter().map(|(_, point)| pick(point)))
    };
    let at = way.asset.as_ref().map_or("", |it| it.0.as_str());
    match key {
        "method" => way.method.clone(),
        "machines" => way.machines.clone(),
        "state" => way.state.clone(),
        "grade" => way.grade.clone(),
        "first_at" => way.first.clone(),
        "last_at" => way.last.clone(),
        "point_id" => way.point.clone(),
        "system" => point::system(view, at, entries),
        "line" => each(|it| &it.line),
        "switch_off" => each(|it| &it.switch_off),
        "note" => each(|it| &it.note),
        "vendor" => {
            let vendors = point::vendors(view, at, entries);
            view.entered(vendors.iter().map(String::as_str))
        }
        "contract" => {
            let keys = entries.iter().filter_map(|(_, it)| it.vendor.as_deref());
            let vendors = keys.filter_map(|key| view.basis.ledger.hand.vendor(key));
            view.entered(vendors.map(|it| it.contract.as_str()))
        }
        "always_on" => {
            let on = entries.iter().filter_map(|(_, point)| point.always_on);
            view.entered(on.map(|it| point::always_on(it, lang)))
        }
        "declared" => point::who(view, entries),
        "entered" => Cell::own(lang.pick("記入なし", "not entered")),
        "row_key" => Cell::not_applicable(),
        _ => Cell::by_hand(lang),
    }
}

fn of_point<'a>(view: &View<'a>, it: &ConnectionPoint) -> Way<'a> {
    let lang = view.lang;
    let mut machines: BTreeSet<&str> = it.witnesses.iter().map(|it| it.asset.0.as_str()).collect();
    machines.insert(thing(&it.at));
    machines.retain(|id| view.names.is_known(id));
    let names: BTreeSet<String> = machines
        .iter()
        .map(|it| view.names.label(it, lang))
        .collect();
    let seen = it.last_seen.is_some();
    let (ja, en) = match (seen, it.grade) {
        (true, Grade::Declared) => (
            "機器のみ観測（接続は未観測）",
            "the device is seen, not its line",
        ),
        (true, _) => ("観測あり", "seen"),
        (false, _) => ("観測なし", "not seen"),
    };
    let tool = |id: &&str| asset(view, id).and_then(|asset| tool_named(asset, &it.name));
    let state = machines.iter().filter_map(tool).map(|it| it.state).min();
    Way {
        entries: point::declared(view, it),
        machines: match machines.is_empty() {
            true => view.unsure("機器の特定なし", "no device known"),
            false => view.bounded(names, MACHINES),
        },
        method: Cell::own(point::with_kind(it, lang)),
        state: match state {
            Some(state) => Cell::own(tool_state(state, view)),
            None => Cell::own(lang.pick(ja, en)),
        },
        grade: view.grade(it.grade),
        first: view.moment(it.witnesses.iter().filter_map(|it| it.first).min()),
        last: view.moment(it.last_seen),
        point: Cell::value(&it.id, lang),
        asset: Some(AssetId(it.at.clone())),
        key: Some(it.id.clone()),
    }
}

fn asset<'a>(view: &View<'a>, id: &str) -> Option<&'a AgentAsset> {
    let assets = &view.basis.ledger.assets;
    let at = assets
        .binary_search_by(|it| it.id.0.as_str().cmp(id))
        .ok()?;
    assets.get(at)
}

fn tool_named<'a>(asset: &'a AgentAsset, name: &str) -> Option<&'a Tool> {
    let tools = asset.remote_tools.tools.value().into_iter().flatten();
    tools.into_iter().find(|it| it.name == name)
}

/// Whether a point of that kind is at a machine: then it has a row already.
fn covered(points: &[&ConnectionPoint], kind: PointKind, asset: &AgentAsset) -> bool {
    let mut all = points.iter().filter(|it| it.kind == kind);
    all.any(|it| it.at == asset.id.0 || it.witnesses.iter().any(|it| it.asset == asset.id))
}

/// Machines that have the same, in which states, and when it was read.
#[derive(Default)]
struct Group<'a> {
    machines: BTreeSet<&'a str>,
    states: BTreeMap<(u8, &'static str), BTreeSet<&'a str>>,
    first: Option<Time>,
    last: Option<Time>,
}

impl<'a> Group<'a> {
    fn add(&mut self, asset: &'a AgentAsset, section: &str, state: (u8, &'static str)) {
        self.machines.insert(&asset.id.0);
        self.states.entry(state).or_default().insert(&asset.id.0);
        self.first = self
            .first
            .into_iter()
            .chain(asset.section_at(section))
            .min();
        let last = Some(asset.presence.last_at);
        self.last = self.last.into_iter().chain(last).max();
    }

    /// The states, with the number of machines where there are several.
    fn state(&self, lang: Lang) -> Cell {
        let several = self.states.len() > 1;
        let line = |((_, state), machines): (&(u8, &'static str), &BTreeSet<&str>)| {
            let count = format!("{}{}", machines.len(), lang.pick(" 台", ""));
            match several {
                true => format!("{state}: {count}"),
                false => (*state).to_owned(),
            }
        };
        Cell::lines(self.states.iter().map(line), lang)
    }
}

/// Tools on machines that no connection point names.
fn tools<'a>(view: &View<'a>, points: &[&ConnectionPoint]) -> Vec<Way<'a>> {
    let mut groups: BTreeMap<&str, Group<'_>> = BTreeMap::new();
    for asset in &view.basis.ledger.assets {
        for tool in asset.remote_tools.tools.value().into_iter().flatten() {
            if !covered(points, PointKind::RemoteTool, asset) {
                let state = (tool.state as u8, tool_state(tool.state, view));
                let group = groups.entry(tool.name.as_str()).or_default();
                group.add(asset, "remote_tool", state);
            }
        }
    }
    let way = |(name, group): (&str, Group<'_>)| {
        let key = format!("tool:{}", visible(name));
        found(view, visible(name), key, &group)
    };
    groups.into_iter().map(way).collect()
}

/// VPNs on machines that no connection point names.
fn vpns<'a>(view: &View<'a>, points: &[&ConnectionPoint]) -> Vec<Way<'a>> {
    let lang = view.lang;
    let mut groups: BTreeMap<&str, Group<'_>> = BTreeMap::new();
    for asset in &view.basis.ledger.assets {
        for vpn in asset.vpns.vpns.value().into_iter().flatten() {
            if !covered(points, PointKind::VendorVpn, asset) {
                let named = vpn.product.as_deref().or(vpn.interface.as_deref());
                let group = groups.entry(named.unwrap_or_default()).or_default();
                group.add(asset, "vpn", vpn_state(vpn, lang));
            }
        }
    }
    let way = |(name, group): (&str, Group<'_>)| {
        let key = format!("vpn:{}", visible(name));
        let name = match name.trim().is_empty() {
            true => lang
                .pick("VPN（製品不明）", "VPN (product not known)")
                .to_owned(),
            false => lang.remark("VPN", &visible(name)),
        };
        found(view, name, key, &group)
    };
    groups.into_iter().map(way).collect()
}

fn vpn_state(vpn: &Vpn, lang: Lang) -> (u8, &'static str) {
    let (order, ja, en) = match (vpn.grade, vpn.up) {
        (VpnGrade::Capable, _) => (2, "導入済み（接続口なし）", "installed, no interface"),
        (_, true) => (0, "接続口あり・有効", "interface up"),
        (_, false) => (1, "接続口あり・無効", "interface down"),
    };
    (order, lang.pick(ja, en))
}

fn found<'a>(view: &View<'a>, method: String, key: String, group: &Group<'_>) -> Way<'a> {
    let names = group
        .machines
        .iter()
        .map(|it| view.names.label(it, view.lang));
    let one = group.machines.first().filter(|_| group.machines.len() == 1);
    Way {
        entries: Vec::new(),
        machines: view.bounded(names, MACHINES),
        method: Cell::own(method),
        state: group.state(view.lang),
        grade: Cell::own(view.lang.pick("自動取得", "collected")),
        first: view.moment(group.first),
        last: view.moment(group.last),
        point: Cell::own(
            view.lang
                .pick("接続点として未判定", "not taken for a connection point"),
        ),
        asset: one.map(|it| AssetId((*it).to_owned())),
        key: Some(key),
    }
}

fn tool_state(state: ToolState, view: &View<'_>) -> &'static str {
    let (ja, en) = match state {
        ToolState::Running => ("稼働中", "running"),
        ToolState::Enabled => ("自動起動", "starts by itself"),
        ToolState::Installed => ("導入済み・停止中", "installed, not running"),
        ToolState::Unclear => ("状態の種類が不明", "a state unknown to this version"),
    };
    view.lang.pick(ja, en)
}

/// Machines whose tools could not be asked, by reason: the list is silent about them.
fn not_asked<'a>(view: &View<'a>) -> Vec<Way<'a>> {
    let lang = view.lang;
    let mut groups: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for asset in &view.basis.ledger.assets {
        if let Some(reason) = asset.remote_tools.tools.reason() {
            let reason = text::reason(reason, lang);
            groups.entry(reason).or_default().insert(&asset.id.0);
        }
    }
    let unknown = |why: &str| {
        let word = lang.pick("未確認", "unknown");
        Cell {
            state: State::Unknown,
            reason: Some(daicho_report::Reason::NotAsked),
            ..Cell::own(lang.remark(word, why))
        }
    };
    let way = |(why, machines): (String, BTreeSet<&str>)| Way {
        entries: Vec::new(),
        machines: view.bounded(
            machines.iter().map(|it| view.names.label(it, lang)),
            MACHINES,
        ),
        method: unknown(&why),
        state: unknown(&why),
        grade: Cell::not_applicable(),
        first: Cell::not_applicable(),
        last: Cell::not_applicable(),
        point: Cell::not_applicable(),
        asset: None,
        key: None,
    };
    groups.into_iter().map(way).collect()
}
