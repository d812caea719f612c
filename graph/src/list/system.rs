//! Systems: a row for each that was recognised or that people know; one that only people know is
//! not dropped.

use std::collections::BTreeSet;

use daicho_ledger::hand::{Entry, HandSystem, Person};
use daicho_ledger::text::visible;
use daicho_ledger::{AssetId, Cell, Column, Grade, Lang, Row, column};

use super::{D, H, View, witness, word};
use crate::recognise::System;

/// Servers named in a cell.
const SERVERS: usize = 20;

pub(super) const COLUMNS: &[Column] = &[
    column(D, "name", "システム名", "system"),
    column(D, "system_id", "システム番号", "system id"),
    column(D, "sort", "種別", "sort"),
    column(D, "grade", "確度", "grade"),
    column(D, "servers", "サーバ", "servers"),
    column(D, "clients", "利用する機器の数", "machines that use it"),
    column(H, "department", "主管部署", "department"),
    column(H, "vendor", "保守事業者・連絡先", "vendor, contact"),
    column(H, "keeper", "機器管理責任者", "person responsible"),
    column(H, "restore_order", "復旧の優先順位", "restore order"),
    column(H, "care", "停止時の診療への影響", "what stops in care"),
    column(H, "substitute", "代替手段", "substitute procedure"),
    column(H, "note", "備考", "note"),
    column(
        D,
        "entered",
        "台帳への記入（誰が・いつ）",
        "entered by, when",
    ),
    column(D, "witnesses", "根拠", "witnesses"),
];

pub(super) fn rows(view: &View<'_>) -> Vec<Row> {
    let mut systems: Vec<&System> = view.basis.recognition.systems.iter().collect();
    systems.sort_by_key(|it| (it.grade, &it.name, &it.id));
    let mut told = BTreeSet::new();
    let mut rows = Vec::new();
    // One of which nothing is known but that somebody could have it says nothing.
    let told_of = |it: &&System| {
        let none = it.servers.is_empty() && it.clients.is_empty() && it.witnesses.is_empty();
        !none || it.grade != Grade::Hint
    };
    for system in systems.into_iter().filter(told_of) {
        let entry = entry(view, system);
        if let Some((entry, _)) = entry {
            told.insert(entry.key.as_str());
        }
        rows.push(recognised(view, system, entry));
    }
    let left = view.basis.ledger.hand.systems();
    let left = left.filter(|(entry, _)| !told.contains(entry.key.as_str()));
    rows.extend(left.map(|(entry, system)| only_entered(view, entry, system)));
    rows
}

/// What people wrote of a system: by its id, or by its name.
pub(super) fn entry<'a>(view: &View<'a>, system: &System) -> Option<(&'a Entry, &'a HandSystem)> {
    view.basis.ledger.hand.system_of(&system.id, &system.name)
}

fn recognised(view: &View<'_>, system: &System, entry: Option<(&Entry, &HandSystem)>) -> Row {
    let lang = view.lang;
    let name = visible(&system.name);
    let sort = word::sort(&system.sort, lang);
    let servers = system.servers.iter();
    let servers = servers.map(|it| with_addresses(view, it));
    let mut cells = vec![
        Cell::value(if name.trim().is_empty() { &sort } else { &name }, lang),
        Cell::value(&system.id, lang),
        match sort.trim().is_empty() {
            true => Cell::own(lang.pick("病院独自", "the site's own")),
            false => Cell::own(sort),
        },
        view.grade(system.grade),
        match system.servers.is_empty() {
            true => view.unsure("サーバを観測していない", "no server seen"),
            false => view.bounded(servers, SERVERS),
        },
        Cell::number(system.clients.len() as u64),
    ];
    cells.extend(hand(view, entry));
    cells.push(witness::cell(view, &system.witnesses));
    Row {
        asset: None,
        key: None,
        cells,
    }
}

fn with_addresses(view: &View<'_>, id: &AssetId) -> String {
    let label = view.names.label(&id.0, view.lang);
    let addresses = view.names.addresses(&id.0);
    let shown: Vec<&str> = addresses.iter().take(3).map(String::as_str).collect();
    match shown.is_empty() || shown.iter().any(|it| label.starts_with(it)) {
        true => label,
        false => format!("{label} {}", shown.join(view.lang.pick("、", ", "))),
    }
}

fn only_entered(view: &View<'_>, entry: &Entry, system: &HandSystem) -> Row {
    let lang = view.lang;
    let mut cells = vec![
        Cell::value(&system.name, lang),
        Cell::value(&entry.key, lang),
        Cell::own(lang.pick("病院独自", "the site's own")),
        view.grade(Grade::Declared),
        view.unsure("サーバを観測していない", "no server seen"),
        view.unsure("サーバを観測していない", "no server seen"),
    ];
    cells.extend(hand(view, Some((entry, system))));
    cells.push(match similar(view, &system.name) {
        Some(text) => Cell::own(text),
        None => Cell::own(
            view.lang
                .pick("なし（手入力のみ）", "none (entered by hand)"),
        ),
    });
    Row {
        asset: None,
        key: None,
        cells,
    }
}

/// A recognised system whose name holds this one or is held by it: people decide whether it is the
/// same.
fn similar(view: &View<'_>, name: &str) -> Option<String> {
    let plain = |text: &str| text.to_lowercase().split_whitespace().collect::<String>();
    let wanted = plain(name);
    let mut systems = view.basis.recognition.systems.iter();
    let alike = |other: &str| {
        let other = plain(other);
        let long = wanted.chars().count() > 2 && other.chars().count() > 2;
        long && (wanted.contains(&other) || other.contains(&wanted))
    };
    let Some(found) = systems.find(|it| alike(&it.name)) else {
        let mut unnamed = view.basis.recognition.unnamed.iter();
        let found = unnamed.find(|it| alike(&it.name))?;
        let other = visible(&found.name);
        let command = super::unnamed::command(found, name, view.lang);
        return Some(match view.lang {
            Lang::Ja => {
                format!("未分類サービスに「{other}」があります。このシステムのものなら：{command}")
            }
            Lang::En => {
                format!("“{other}” waits for a name; if it is of this system: {command}")
            }
        });
    };
    let (other, id) = (visible(&found.name), visible(&found.id));
    let (id_word, name_word) = (
        super::unnamed::plain(&found.id),
        super::unnamed::plain(name),
    );
    Some(match view.lang {
        Lang::Ja => format!(
            "名前の似た「{other}」（{id}）が認識されています。同じシステムなら：daicho-collector site confirm \"{id_word}\" --name \"{name_word}\" --by \"氏名\""
        ),
        Lang::En => format!(
            "“{other}” ({id}) has a similar name; if it is the same: daicho-collector site confirm \"{id_word}\" --name \"{name_word}\" --by \"WHO\""
        ),
    })
}

/// The cells that people fill, from `department` to `entered`.
fn hand(view: &View<'_>, entry: Option<(&Entry, &HandSystem)>) -> Vec<Cell> {
    let lang = view.lang;
    let Some((entry, it)) = entry else {
        let mut cells = vec![Cell::by_hand(lang); 7];
        cells.push(Cell::own(lang.pick("記入なし", "not entered")));
        return cells;
    };
    let vendor = it.vendor.as_deref().map(|key| view.vendor(key));
    let person = it.person.as_deref().map(|key| person(view, key));
    let who = format!("{} {}", visible(&entry.by), view.day(entry.at));
    vec![
        view.entered([it.department.as_str()]),
        view.entered(vendor.as_deref()),
        view.entered(person.as_deref()),
        match it.restore_order {
            Some(order) => Cell::number(u64::from(order)),
            None => Cell::by_hand(lang),
        },
        view.entered([it.care.as_str()]),
        view.entered([it.substitute.as_str()]),
        view.entered([it.note.as_str()]),
        Cell::own(lang.remark(&visible(&it.name), &who)),
    ]
}

/// A person as people call one: department, role, name, telephone.
pub(super) fn person(view: &View<'_>, key: &str) -> String {
    let Some(person) = view.basis.ledger.hand.person(key) else {
        let word = view
            .lang
            .pick("担当者一覧に未登録", "not among the persons");
        return view.lang.remark(&visible(key), word);
    };
    let Person {
        name,
        role,
        department,
        phone,
    } = person;
    let parts = [department, role, name, phone];
    let parts = parts.into_iter().filter(|it| !it.trim().is_empty());
    parts.map(|it| visible(it)).collect::<Vec<_>>().join(" ")
}
