//! The scope and the plan as lists. Comes in: both, with the ledger; goes out: columns and rows like
//! the ledger's own, which the workbook, CSV and the command print. It never leaves a cell blank.

use daicho_ledger::hand::{HandDevice, Person};
use daicho_ledger::text::visible;
use daicho_ledger::{AssetId, Cell, Column, Lang, Layer, Row, column};

use super::Reach;
use super::narrow_sheet;
use super::plan::{Act, Harm, Plan, Stage};
use super::scope::{Scope, Shown};
use super::weight::Means;
use super::word::Words;
use crate::list::Basis;

const D: Layer = Layer::Derived;
const H: Layer = Layer::Hand;

/// A list with its title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// Stable name.
    pub key: &'static str,
    /// Title; fits a workbook's tab.
    pub title: &'static str,
    /// Columns.
    pub columns: &'static [Column],
    /// Rows.
    pub rows: Vec<Row>,
}

const ACTS: &[Column] = &[
    column(D, "check", "実施", "done"),
    column(D, "stage", "順序", "order"),
    column(D, "act", "すること", "what to do"),
    column(D, "harm", "診療への影響", "harm"),
    column(D, "systems", "影響するシステム", "systems"),
    column(H, "place", "場所", "place"),
    column(H, "owner", "所有", "owner"),
    column(H, "vendor", "保守事業者・電話", "vendor, phone"),
    column(D, "decides", "決裁者", "who decides"),
    column(H, "how", "切断手順（登録済み）", "how, as entered"),
    column(D, "undo", "元に戻すとき", "how to undo"),
    column(D, "leads", "被害機器への経路", "leads to damage"),
];

const REACHED: &[Column] = &[
    column(D, "name", "機器名", "asset"),
    column(D, "id", "台帳番号", "ledger id"),
    column(D, "addresses", "アドレス", "addresses"),
    column(D, "reach", "確度", "how sure"),
    column(D, "hops", "段数", "hops"),
    column(D, "path", "最短の説明", "shortest explanation"),
    column(D, "reasons", "届く理由すべて", "all reasons"),
    column(
        D,
        "proofs",
        "各段の根拠（誰の報告・項目・日時）",
        "proof of each step",
    ),
];

const ENTRIES: &[Column] = &[
    column(D, "rank", "順位", "rank"),
    column(D, "name", "入口の候補", "way in"),
    column(D, "id", "番号", "id"),
    column(D, "score", "点", "score"),
    column(D, "reasons", "理由", "reasons"),
];

const SYSTEMS: &[Column] = &[
    column(D, "name", "システム", "system"),
    column(D, "reach", "確度", "how sure"),
    column(D, "servers", "サーバ（被害／観測／可能性／全）", "servers"),
    column(D, "clients", "端末（被害／観測／可能性／全）", "clients"),
    column(H, "department", "部署", "department"),
    column(H, "care", "停止時の診療への影響", "what stops in care"),
    column(H, "substitute", "代替手段", "substitute"),
    column(H, "vendor", "保守事業者・電話", "vendor, phone"),
];

const BACKUPS: &[Column] = &[
    column(D, "name", "バックアップ", "backup"),
    column(D, "declared", "登録", "declared"),
    column(D, "reach", "被害機器からの到達", "reach"),
    column(D, "why", "バックアップと見なす根拠", "why it is one"),
];

const SILENT: &[Column] = &[
    column(D, "order", "順", "order"),
    column(D, "name", "機器名", "asset"),
    column(D, "last", "最後の報告", "last report"),
    column(D, "every", "報告の間隔（平均・分）", "pace, minutes"),
];

/// All lists of the scope, the plan first: it is needed first.
#[must_use]
pub fn sheets(basis: Basis<'_>, scope: &Scope, plan: &Plan, lang: Lang) -> Vec<Sheet> {
    let words = Words::of(basis, lang);
    let sheet = |key, ja, en, columns, rows| Sheet {
        key,
        title: lang.pick(ja, en),
        columns,
        rows,
    };
    vec![
        sheet("plan", "切断計画", "What to cut", ACTS, acts(&words, plan)),
        sheet(
            "entries",
            "入口の候補",
            "Ways in",
            ENTRIES,
            entries(&words, scope),
        ),
        sheet(
            "systems",
            "影響するシステム",
            "Systems",
            SYSTEMS,
            systems(&words, scope),
        ),
        sheet(
            "backups",
            "バックアップ",
            "Backups",
            BACKUPS,
            backups(&words, scope),
        ),
        sheet(
            "reached",
            "影響範囲",
            "Within reach",
            REACHED,
            reached(&words, scope),
        ),
        sheet(
            "narrows",
            "要所",
            "Where ways pass",
            narrow_sheet::NARROWS,
            narrow_sheet::narrows(&words, plan),
        ),
        sheet(
            "silent",
            "応答が途絶えた順",
            "Fallen silent",
            SILENT,
            silent(&words, scope),
        ),
    ]
}

pub(super) fn row(cells: Vec<Cell>) -> Row {
    Row {
        asset: None,
        key: None,
        cells,
    }
}

fn own(words: &Words<'_>, text: &str) -> Cell {
    match text.trim().is_empty() {
        true => Cell::by_hand(words.lang),
        false => Cell::own(visible(text)),
    }
}

/// Already visible.
pub(super) fn plain(text: String) -> Cell {
    match text.trim().is_empty() {
        true => Cell::not_applicable(),
        false => Cell::own(text),
    }
}

fn acts(words: &Words<'_>, plan: &Plan) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for stage in [Stage::Backups, Stage::Outside, Stage::Boundaries] {
        let acts = plan.acts.iter().filter(|it| it.stage == stage);
        rows.extend(acts.map(|it| act(words, it)));
        for (_, id) in plan.not_parted.iter().filter(|(it, _)| *it == stage) {
            let name = words.name(id);
            let text = match (stage, words.lang) {
                (Stage::Backups, Lang::Ja) => format!(
                    "{name}：すでに被害機器か、切り離す場所が分からない。直ちに現物を確認し LAN ケーブルを抜く"
                ),
                (_, Lang::Ja) => format!(
                    "{name}：被害機器と同じセグメントにあるか、境界が分からない。機器ごとに LAN ケーブルを抜くか判断する"
                ),
                (_, Lang::En) => format!(
                    "{name}: no known boundary parts it from the damage; decide on its own cable"
                ),
            };
            let mut cells = vec![
                Cell::own("□"),
                Cell::own(stage.title(words.lang)),
                plain(text),
                Cell::own(Harm::Unknown.title(words.lang)),
            ];
            cells.resize_with(ACTS.len(), Cell::not_applicable);
            rows.push(row(cells));
        }
    }
    rows
}

fn act(words: &Words<'_>, act: &Act) -> Row {
    let lang = words.lang;
    let (device, declared) = (words.device(act), words.declared(&act.target));
    let systems: Vec<String> = act.systems.iter().map(|it| words.system(it)).collect();
    let how = declared
        .map(|it| it.switch_off.as_str())
        .unwrap_or_default();
    // The device's own entry first, then what stands in the ledger's columns.
    let entered = |of: fn(&HandDevice) -> &str, key: &str| {
        let own = device.map(of).filter(|it| !it.trim().is_empty());
        let own = own.map(str::to_owned).or_else(|| words.kept(act, key));
        own.unwrap_or_default()
    };
    let place = entered(|it| &it.place, "location");
    let owner = entered(|it| &it.owner, "owner");
    let vendor = declared.and_then(|it| it.vendor.as_deref());
    let vendor = vendor.or_else(|| device.and_then(|it| it.vendor.as_deref()));
    let vendor = vendor.map(|it| words.vendor(it));
    let vendor = vendor.or_else(|| words.kept(act, "vendor"));
    let vendor = vendor.or_else(|| system_vendor(words, act).map(|it| words.vendor(it)));
    let leads = match (&act.means, act.leads_to_damage) {
        (Means::StopPoint, true) => lang.pick("あり", "yes"),
        (Means::StopPoint, false) => lang.pick("確認できない（予防として切る）", "none known"),
        _ => "",
    };
    row(vec![
        Cell::own("□"),
        Cell::own(act.stage.title(lang)),
        plain(words.act(act)),
        Cell::own(act.harm.title(lang)),
        match systems.is_empty() {
            true => Cell::own(lang.pick("影響不明：事業者に確認", "unknown: ask the vendor")),
            false => Cell::lines(systems, lang),
        },
        own(words, &place),
        own(words, &owner),
        own(words, &vendor.unwrap_or_default()),
        own(words, &decides(words, act)),
        own(words, how),
        Cell::own(words.undo(act)),
        plain(leads.to_owned()),
    ])
}

/// The vendor of the first system that has one.
fn system_vendor<'a>(words: &Words<'a>, act: &Act) -> Option<&'a str> {
    let systems = words.basis.recognition.systems.iter();
    let mut systems = systems.filter(|it| act.systems.contains(&it.id));
    systems.find_map(|it| {
        let entry = super::word::system_entry(words.basis, &it.id, &it.name);
        entry.and_then(|(_, it)| it.vendor.as_deref())
    })
}

/// Who decides: the person who answers for security, as the site wrote down.
fn decides(words: &Words<'_>, act: &Act) -> String {
    let persons = words.basis.ledger.hand.entries.iter();
    let persons = persons.filter_map(|it| match &it.body {
        daicho_ledger::hand::EntryBody::Person(person) => Some(person),
        _ => None,
    });
    let mut answering = persons.filter(|it: &&Person| it.role.contains("安全管理責任者"));
    let named = answering.next().map(|it| {
        let parts = [&it.role, &it.name, &it.phone];
        let parts = parts.into_iter().filter(|it| !it.trim().is_empty());
        parts.cloned().collect::<Vec<_>>().join(" ")
    });
    let mut text = named.unwrap_or_else(|| {
        let missing = "未入力（医療情報システム安全管理責任者を登録）";
        words.lang.pick(missing, "not entered").to_owned()
    });
    if act.harm == Harm::Patient {
        text.push_str(words.lang.pick("＋医師", " and a physician"));
    }
    text
}

fn proofs(words: &Words<'_>, steps: &[Shown]) -> Cell {
    let lines = steps.iter().map(|it| words.proof(&it.proof));
    Cell::lines(lines, words.lang)
}

fn reached(words: &Words<'_>, scope: &Scope) -> Vec<Row> {
    let damaged = scope.damaged.iter().map(|id| {
        let mut cells = vec![
            plain(words.name(id)),
            Cell::value(id, words.lang),
            Cell::lines(words.addresses(id), words.lang),
            Cell::own(Reach::Damaged.title(words.lang)),
            Cell::number(0),
        ];
        cells.resize_with(REACHED.len(), Cell::not_applicable);
        row(cells)
    });
    let reached = scope.reached.iter().map(|it| Row {
        asset: Some(AssetId(it.id.clone())),
        key: None,
        cells: vec![
            plain(words.name(&it.id)),
            Cell::value(&it.id, words.lang),
            Cell::lines(words.addresses(&it.id), words.lang),
            Cell::own(it.reach.title(words.lang)),
            Cell::number(u64::try_from(it.hops).unwrap_or(u64::MAX)),
            plain(words.path(&it.steps)),
            Cell::lines(
                it.reasons.iter().map(|it| it.title(words.lang).to_owned()),
                words.lang,
            ),
            proofs(words, &it.steps),
        ],
    });
    damaged.chain(reached).collect()
}

fn entries(words: &Words<'_>, scope: &Scope) -> Vec<Row> {
    let rows = (1_u64..).zip(&scope.entries).map(|(rank, it)| {
        let reasons = it.reasons.iter().map(|it| words.entry_reason(it));
        row(vec![
            Cell::number(rank),
            plain(words.name(&it.id)),
            Cell::value(&it.id, words.lang),
            Cell::number(u64::from(it.score)),
            Cell::lines(reasons, words.lang),
        ])
    });
    rows.collect()
}

fn systems(words: &Words<'_>, scope: &Scope) -> Vec<Row> {
    let rows = scope.systems.iter().map(|hit| {
        let mut all = words.basis.recognition.systems.iter();
        let name = all
            .find(|it| it.id == hit.id)
            .map_or("", |it| it.name.as_str());
        let entry = super::word::system_entry(words.basis, &hit.id, name);
        let entry = entry.map(|(_, it)| it);
        let text = |get: fn(&daicho_ledger::hand::HandSystem) -> &str| {
            own(words, entry.map(get).unwrap_or_default())
        };
        let count = |all: [usize; 4]| all.map(|it| it.to_string()).join(" / ");
        let key = entry.and_then(|it| it.vendor.as_deref());
        row(vec![
            plain(words.system(&hit.id)),
            Cell::own(hit.reach.title(words.lang)),
            Cell::own(count(hit.servers)),
            Cell::own(count(hit.clients)),
            text(|it| &it.department),
            text(|it| &it.care),
            text(|it| &it.substitute),
            own(words, &key.map(|it| words.vendor(it)).unwrap_or_default()),
        ])
    });
    rows.collect()
}

fn backups(words: &Words<'_>, scope: &Scope) -> Vec<Row> {
    let lang = words.lang;
    let rows = scope.backups.iter().map(|(it, reach)| {
        row(vec![
            plain(words.name(&it.id)),
            Cell::own(match it.declared {
                true => lang.pick("登録済み", "declared"),
                false => lang.pick("推定（要現地確認）", "inferred; to be checked"),
            }),
            Cell::own(match reach {
                Some(reach) => reach.title(lang),
                None => lang.pick(
                    "経路は確認できない（安全の証明ではない）",
                    "no way known (no proof)",
                ),
            }),
            Cell::value(lang.pick(&it.why.0, &it.why.1), lang),
        ])
    });
    rows.collect()
}

fn silent(words: &Words<'_>, scope: &Scope) -> Vec<Row> {
    let rows = (1_u64..).zip(&scope.silent).map(|(order, it)| {
        row(vec![
            Cell::number(order),
            plain(words.name(&it.id)),
            Cell::own(words.moment(it.last)),
            Cell::number(u64::try_from(it.every_s / 60).unwrap_or(0)),
        ])
    });
    rows.collect()
}
