//! The system sheet（システム停止が事業継続に与える影響）: what each system stands on, who answers for it,
//! what stops without it, and in which order everything is brought back. The annex of a BCP.

use std::collections::{BTreeMap, BTreeSet};

use daicho_ledger::hand::{HandSystem, Record, Register};
use daicho_ledger::text::visible;
use daicho_ledger::{AgentAsset, Cell, Column, Lang, Row, column};

use super::Resident;
use super::narrow_sheet;
use super::order::{self, Part, Tier, Turn};
use super::table::{Sheet, row};
use super::word::{Words, system_entry};
use crate::list::Basis;
use crate::recognise::System;
use crate::topology::EdgeKind;

const D: daicho_ledger::Layer = daicho_ledger::Layer::Derived;
const H: daicho_ledger::Layer = daicho_ledger::Layer::Hand;

const SYSTEMS: &[Column] = &[
    column(D, "name", "システム", "system"),
    column(D, "place", "復旧順（計算）", "restore order (worked out)"),
    column(
        H,
        "declared",
        "復旧の優先順位（申告）",
        "restore order (declared)",
    ),
    column(D, "conflict", "順序の矛盾", "conflict"),
    column(D, "servers", "サーバ", "servers"),
    column(D, "hosts", "稼働先（仮想基盤）", "runs on"),
    column(D, "uses", "利用するシステム", "uses"),
    column(D, "segments", "セグメント", "segments"),
    column(D, "points", "外部接続点", "connection points"),
    column(D, "clients", "利用する機器の数", "machines that use it"),
    column(D, "departments", "利用する部署", "departments"),
    column(H, "care", "停止時の診療への影響", "what stops in care"),
    column(H, "substitute", "停止時の代替手順", "substitute procedure"),
    column(H, "downtime", "許容停止時間", "downtime that can be borne"),
    column(H, "vendor", "保守事業者・連絡先", "vendor, contact"),
    column(D, "backups", "バックアップ", "backups"),
    column(H, "tested", "最終の復旧試験", "last test of restoring"),
];

const ORDER: &[Column] = &[
    column(D, "step", "順", "step"),
    column(D, "tier", "段階", "tier"),
    column(D, "name", "対象", "thing"),
    column(D, "addresses", "IPアドレス", "addresses"),
    column(D, "systems", "システム", "systems"),
    column(D, "why", "この段階の理由", "why here"),
    column(H, "done", "復旧（時刻・担当）", "brought back (time, by)"),
];

/// For paper: a line for each field of each system.
const ANNEX: &[Column] = &[
    column(D, "name", "システム", "system"),
    column(D, "field", "項目", "field"),
    column(D, "value", "内容", "value"),
];

/// Things named in a cell.
const NAMED: usize = 10;
/// Terminals are counted, not listed.
const LISTED: [Tier; 6] = [
    Tier::Identity,
    Tier::Network,
    Tier::Storage,
    Tier::Host,
    Tier::Database,
    Tier::Application,
];

/// Systems field by field, all systems in a table, and the restore order.
#[must_use]
pub fn system_sheets(basis: Basis<'_>, resident: &Resident, lang: Lang) -> Vec<Sheet> {
    let words = Words::of(basis, lang);
    let turns = order::turns(basis);
    let systems = Sheet {
        key: "systems",
        title: lang.pick("システムの一覧", "All systems"),
        columns: SYSTEMS,
        rows: systems(&words, &turns),
    };
    let order = Sheet {
        key: "order",
        title: lang.pick("復旧順", "Restore order"),
        columns: ORDER,
        rows: order_rows(&words, &turns),
    };
    let single = Sheet {
        key: "single",
        title: lang.pick("単一障害点", "Single points of failure"),
        columns: narrow_sheet::SINGLE,
        rows: narrow_sheet::single_rows(&words, resident),
    };
    vec![annex(&systems, lang), order, single, systems]
}

/// The table of systems turned, so that it can be read on paper.
fn annex(systems: &Sheet, lang: Lang) -> Sheet {
    let mut rows = Vec::new();
    for system in &systems.rows {
        let mut cells = system.cells.iter();
        let Some(name) = cells.next() else { continue };
        let fields = systems.columns.iter().skip(1).zip(cells);
        rows.extend(fields.map(|(column, cell)| {
            let title = Cell::own(column.title(lang));
            row(vec![name.clone(), title, cell.clone()])
        }));
    }
    Sheet {
        key: "annex",
        title: lang.pick("システム停止の影響", "When a system stops"),
        columns: ANNEX,
        rows,
    }
}

pub(super) fn names(all: impl Iterator<Item = String>, words: &Words<'_>) -> Cell {
    let all: BTreeSet<String> = all.collect();
    let left = all.len().saturating_sub(NAMED);
    let mut shown: Vec<String> = all.into_iter().take(NAMED).collect();
    if left > 0 {
        shown.push(match words.lang {
            Lang::Ja => format!("ほか {left} 件"),
            Lang::En => format!("and {left} more"),
        });
    }
    match shown.is_empty() {
        true => Cell::own(words.lang.pick("観測なし", "none seen")),
        false => Cell::own(shown.join("\n")),
    }
}

fn entered(words: &Words<'_>, text: Option<&str>) -> Cell {
    match text.filter(|it| !it.trim().is_empty()) {
        Some(text) => Cell::own(text.lines().map(visible).collect::<Vec<_>>().join("\n")),
        None => Cell::by_hand(words.lang),
    }
}

fn systems(words: &Words<'_>, turns: &[Turn]) -> Vec<Row> {
    let basis = words.basis;
    let by_id: BTreeMap<&str, &System> = basis
        .recognition
        .systems
        .iter()
        .map(|it| (it.id.as_str(), it))
        .collect();
    let agents: BTreeMap<&str, &AgentAsset> = basis
        .ledger
        .assets
        .iter()
        .map(|it| (it.id.0.as_str(), it))
        .collect();
    let hosts = hosts(basis);
    let mut rows = Vec::new();
    for turn in turns {
        let Some(system) = by_id.get(turn.system.as_str()).copied() else {
            continue;
        };
        if system.servers.is_empty() && system.clients.is_empty() {
            continue;
        }
        let entry = system_entry(basis, &system.id, &system.name).map(|it| it.1);
        rows.push(row(cells(words, turn, system, (entry, &agents, &hosts))));
    }
    rows
}

type Known<'a, 'k> = (
    Option<&'a HandSystem>,
    &'k BTreeMap<&'a str, &'a AgentAsset>,
    &'k BTreeMap<&'a str, &'a str>,
);

fn cells(
    words: &Words<'_>,
    turn: &Turn,
    system: &System,
    (entry, agents, hosts): Known<'_, '_>,
) -> Vec<Cell> {
    let lang = words.lang;
    let servers: Vec<&str> = system.servers.iter().map(|it| it.0.as_str()).collect();
    let conflict = turn.against.iter().map(|it| words.system(it));
    let conflict: Vec<String> = conflict.collect();
    let number = |it: Option<u32>| match it {
        Some(number) => Cell::number(u64::from(number)),
        None => Cell::by_hand(lang),
    };
    let vendor = entry
        .and_then(|it| it.vendor.as_deref())
        .map(|it| words.vendor(it));
    let text = |pick: fn(&HandSystem) -> &str| entered(words, entry.map(pick));
    vec![
        Cell::own(words.system(&system.id)),
        Cell::number(u64::try_from(turn.place).unwrap_or(u64::MAX)),
        number(turn.declared),
        match conflict.is_empty() {
            true => Cell::not_applicable(),
            false => Cell::own(lang.remark(
                &conflict.join(lang.pick("、", ", ")),
                lang.pick(
                    "利用しているのに、後に復旧すると申告",
                    "used, yet declared to come later",
                ),
            )),
        },
        names(servers.iter().map(|it| words.name(it)), words),
        names(
            servers
                .iter()
                .filter_map(|it| hosts.get(it))
                .map(|it| words.name(it)),
            words,
        ),
        names(turn.uses.iter().map(|it| words.system(it)), words),
        names(segments(words, &servers), words),
        names(points(words, &servers), words),
        Cell::number(u64::try_from(system.clients.len()).unwrap_or(u64::MAX)),
        names(departments(words, system), words),
        text(|it| &it.care),
        text(|it| &it.substitute),
        text(|it| &it.downtime),
        entered(words, vendor.as_deref()),
        names(backups(words, &servers, agents), words),
        tested(words),
    ]
}

/// The host of each guest, by the identity that both report.
fn hosts(basis: Basis<'_>) -> BTreeMap<&str, &str> {
    let mut host_of: BTreeMap<String, &str> = BTreeMap::new();
    for asset in &basis.ledger.assets {
        for guest in asset.guests.guests.value().into_iter().flatten() {
            let uuid = guest.uuid.as_ref().map(|it| it.to_lowercase());
            host_of.extend(uuid.map(|it| (it, asset.id.0.as_str())));
        }
    }
    let own = |asset: &'_ AgentAsset| {
        asset
            .hardware
            .smbios_uuid
            .value()
            .map(|it| it.to_lowercase())
    };
    let assets = basis.ledger.assets.iter();
    assets
        .filter_map(|it| Some((it.id.0.as_str(), *host_of.get(&own(it)?)?)))
        .collect()
}

fn segments<'w>(words: &'w Words<'_>, servers: &[&str]) -> impl Iterator<Item = String> + 'w {
    let servers: BTreeSet<String> = servers.iter().map(|it| (*it).to_owned()).collect();
    let edges = words.basis.topology.edges.iter();
    let attached =
        edges.filter(move |it| it.kind == EdgeKind::Attached && servers.contains(&it.from));
    attached.map(|it| words.name(&it.to))
}

fn points<'w>(words: &'w Words<'_>, servers: &[&str]) -> impl Iterator<Item = String> + 'w {
    let servers: BTreeSet<String> = servers.iter().map(|it| (*it).to_owned()).collect();
    let points = words.basis.recognition.points.iter();
    let here = points.filter(move |it| servers.contains(&it.at));
    here.map(|it| words.name(&it.id))
}

/// Departments that people wrote for the machines that use a system.
fn departments<'w>(words: &'w Words<'_>, system: &System) -> impl Iterator<Item = String> + 'w {
    let fields = words.basis.ledger.hand.fields();
    let clients: Vec<String> = system.clients.iter().map(|it| it.0.clone()).collect();
    clients.into_iter().filter_map(move |it| {
        let value = fields.get(it.as_str())?.values.get("department")?;
        Some(visible(&value.text))
    })
}

fn backups<'w>(
    words: &'w Words<'_>,
    servers: &[&str],
    agents: &BTreeMap<&str, &AgentAsset>,
) -> impl Iterator<Item = String> + 'w {
    let fields = words.basis.ledger.hand.fields();
    let mut out = Vec::new();
    for id in servers {
        let name = words.name(id);
        let kept = fields.get(*id).and_then(|it| it.values.get("backup"));
        if let Some(kept) = kept {
            out.push(format!("{name}：{}", visible(&kept.text)));
        }
        let tools = agents.get(id).and_then(|it| it.backups.tools.value());
        for tool in tools.into_iter().flatten() {
            out.push(format!("{name}：{}", visible(&tool.name)));
        }
    }
    out.into_iter()
}

/// The newest test of restoring.
fn tested(words: &Words<'_>) -> Cell {
    let records = words.basis.ledger.hand.records().map(|it| it.1);
    let tests = records.filter(|it| it.register == Register::RestoreTest);
    let newest: Option<&Record> = tests.max_by(|a, b| a.on.cmp(&b.on));
    entered(
        words,
        newest
            .map(|it| format!("{} {}", it.on, it.result))
            .as_deref(),
    )
}

fn order_rows(words: &Words<'_>, turns: &[Turn]) -> Vec<Row> {
    let lang = words.lang;
    let basis = words.basis;
    let parts = order::parts(basis);
    let mut of_server: BTreeMap<&str, Vec<(usize, &str)>> = BTreeMap::new();
    for turn in turns {
        let system = basis
            .recognition
            .systems
            .iter()
            .find(|it| it.id == turn.system);
        for server in system.into_iter().flat_map(|it| &it.servers) {
            of_server
                .entry(&server.0)
                .or_default()
                .push((turn.place, &turn.system));
        }
    }
    let turn = |id: &str| {
        of_server
            .get(id)
            .and_then(|it| it.iter().map(|it| it.0).min())
    };
    let mut listed: Vec<&Part> = parts
        .iter()
        .filter(|it| LISTED.contains(&it.tier))
        .collect();
    listed.sort_by_key(|it| {
        (
            it.tier,
            turn(&it.id).unwrap_or(usize::MAX),
            words.name(&it.id),
        )
    });
    let mut rows: Vec<Row> = Vec::new();
    for part in listed {
        let step = rows.len() + 1;
        let systems = of_server.get(part.id.as_str()).into_iter().flatten();
        rows.push(row(vec![
            Cell::number(u64::try_from(step).unwrap_or(u64::MAX)),
            Cell::own(part.tier.title(lang)),
            Cell::own(words.name(&part.id)),
            Cell::lines(words.addresses(&part.id), lang),
            names(systems.map(|it| words.system(it.1)), words),
            Cell::own(lang.pick(part.why.0, part.why.1)),
            Cell::by_hand(lang),
        ]));
    }
    rows.extend(terminals(&parts, rows.len() + 1, lang));
    rows
}

/// Terminals in one line, at the end.
fn terminals(parts: &[Part], step: usize, lang: Lang) -> Option<Row> {
    let count = parts.iter().filter(|it| it.tier == Tier::Terminal).count();
    if count == 0 {
        return None;
    }
    let text = match lang {
        Lang::Ja => format!("端末等 {count} 台（サーバの復旧後、清浄を確かめて）"),
        Lang::En => format!("{count} terminals, when servers are back and each is known clean"),
    };
    let mut cells = vec![
        Cell::number(u64::try_from(step).unwrap_or(u64::MAX)),
        Cell::own(Tier::Terminal.title(lang)),
        Cell::own(text),
    ];
    cells.resize_with(ORDER.len(), Cell::not_applicable);
    Some(row(cells))
}
