//! What the first-response sheet says. Comes in: the scope, the plan and the occasion; goes out: a
//! document. It never fills in what nobody knows: that is room to write.

use daicho_graph::impact::{self, Plan, Scope, Sheet};
use daicho_ledger::text::{date, moment};
use daicho_render::paper::{Block, Cell, Paper, Section, Table};

use super::{Occasion, outward};
use crate::export::{Basis, Lang, stamp, xlsx};

/// Most machines on the paper; the workbook holds all.
const MACHINES: usize = 40;
/// The sheet is handed to Japanese staff.
pub(super) const LANG: Lang = Lang::Ja;
pub(super) const TICK: &str = "□";

/// Columns on the paper.
const PLAN: &[&str] = &[
    "stage", "act", "harm", "systems", "place", "vendor", "decides", "how", "undo", "owner",
];
const ENTRIES: &[&str] = &["rank", "name", "reasons"];
const SYSTEMS: &[&str] = &[
    "name",
    "reach",
    "servers",
    "clients",
    "department",
    "care",
    "substitute",
    "vendor",
];
const BACKUPS: &[&str] = &["name", "declared", "reach", "why"];
const NARROWS: &[&str] = &["name", "what", "through", "alone"];
const REACHED: &[&str] = &["name", "addresses", "reach", "hops", "reasons"];
const SILENT: &[&str] = &["order", "name", "last", "every"];

/// A row with its cells' texts.
type Line = Vec<String>;

/// The document.
#[must_use]
pub fn paper(basis: Basis<'_>, (scope, plan): (&Scope, &Plan), occasion: &Occasion) -> Paper {
    let ledger = basis.ledger;
    let offset = ledger.site.utc_offset_s;
    let sheets = impact::sheets(basis, scope, plan, LANG);
    let it = Content {
        basis,
        scope,
        plan,
        occasion,
        sheets: &sheets,
    };
    let hospital = xlsx::site_name(ledger, LANG);
    let simulated = match ledger.site.simulated {
        true => "　模擬データ（実在の病院ではありません）",
        false => "",
    };
    let sections = vec![
        it.evidence(),
        it.what_to_cut(),
        it.reach(),
        it.ways_in(),
        it.lately(),
        it.to_the_board(),
        it.reports(),
        it.to_vendors(),
    ];
    let plain = |blocks| Section {
        card: false,
        blocks,
    };
    let mut sections: Vec<Section> = sections.into_iter().map(plain).collect();
    sections.push(outward::card());
    Paper {
        title: format!("初動対応シート　{hospital}{simulated}"),
        moment: format!(
            "台帳の時点 {}（{}）",
            moment(ledger.as_of, offset),
            date(ledger.as_of, offset, LANG)
        ),
        foot: format!("取扱注意　元データ SHA-256 {}", occasion.hash),
        a3: occasion.a3,
        sections,
    }
}

pub(super) struct Content<'a> {
    pub(super) basis: Basis<'a>,
    scope: &'a Scope,
    plan: &'a Plan,
    pub(super) occasion: &'a Occasion,
    sheets: &'a [Sheet],
}

pub(super) fn heading(text: &str) -> Block {
    Block::Heading(text.to_owned())
}

pub(super) fn sub(text: &str) -> Block {
    Block::Sub(text.to_owned())
}

pub(super) fn text(text: &str) -> Block {
    Block::Text(text.to_owned())
}

/// A table of headings with how wide each is.
pub(super) fn table(head: &[(&str, u16)], rows: Vec<Vec<Cell>>) -> Block {
    Block::Table(Table {
        head: head.iter().map(|it| it.0.to_owned()).collect(),
        weights: head.iter().map(|it| it.1).collect(),
        rows,
    })
}

/// A table without a head.
pub(super) fn form(weights: &[u16], rows: Vec<Vec<Cell>>) -> Block {
    Block::Table(Table {
        head: Vec::new(),
        weights: weights.to_vec(),
        rows,
    })
}

pub(super) fn cells(lines: Vec<Line>) -> Vec<Vec<Cell>> {
    let row = |it: Line| it.into_iter().map(Cell::of).collect();
    lines.into_iter().map(row).collect()
}

/// Least room for a hand's writing, in millimetres.
pub(super) const ROOM: u16 = 9;

impl Content<'_> {
    pub(super) fn of(&self, key: &str) -> Option<&Sheet> {
        self.sheets.iter().find(|it| it.key == key)
    }

    fn lines(&self, key: &str, columns: &[&str], most: usize) -> Vec<Line> {
        let sheet = self.of(key);
        sheet.map_or_else(Vec::new, |it| lines(it, columns, most))
    }

    pub(super) fn facts(&self) -> Block {
        let facts = impact::headline(self.basis, self.scope, self.plan, LANG);
        let row = |(name, text): (String, String)| vec![Cell::head(name), Cell::of(text)];
        form(&[1, 4], facts.into_iter().map(row).collect())
    }

    fn evidence(&self) -> Vec<Block> {
        let offset = self.basis.ledger.site.utc_offset_s;
        let detected = self.occasion.detected.map(|it| moment(it, offset));
        let order = [
            "LANケーブルを抜く・無線を切る。",
            "電源は切らない・再起動しない・ウイルス駆除をしない。",
        ];
        let wide = |name: &str| vec![Cell::head(name), Cell::room(ROOM)];
        let mut limits = impact::warnings(self.basis, self.scope, LANG);
        limits.push(format!(
            "取得範囲：{}、データの期間（受信） {}",
            stamp::coverage(self.basis.ledger, LANG),
            stamp::period(self.basis.ledger, LANG)
        ));
        vec![
            Block::Title("初動対応シート".to_owned()),
            heading("1 証拠保全"),
            Block::Order(order.map(str::to_owned).to_vec()),
            form(
                &[3, 5, 3, 5],
                vec![vec![
                    Cell::head("検知した日時"),
                    Cell::of(detected.unwrap_or_default()),
                    Cell::head("検知した人・部署"),
                    Cell::room(ROOM),
                ]],
            ),
            form(
                &[3, 13],
                vec![wide("場所・機器"), wide("画面の表示（写真に撮る）")],
            ),
            sub("消えやすい順に保存する"),
            table(
                &[
                    ("済", 1),
                    ("保存するもの", 7),
                    ("場所・保存日数・読める人", 6),
                    ("日時", 3),
                    ("氏名", 3),
                    ("ハッシュ値", 4),
                ],
                self.to_keep(),
            ),
            Block::Limits("この紙の限界".to_owned(), limits),
        ]
    }

    /// What is saved, what is lost first on top.
    fn to_keep(&self) -> Vec<Vec<Cell>> {
        let all = [
            "ファイアウォール・VPN装置の記録（電源を切ると消える装置がある）",
            "被害機器のメモリ・画面・ディスク（そのまま保管。事業者・警察の指示を待つ）",
            "認証サーバ（ドメインコントローラ）の記録",
            "仮想化基盤の記録・スナップショット",
            "ウイルス対策の管理画面・検知記録",
            "バックアップサーバの記録と、バックアップの有無・世代",
        ];
        let empty = || Cell::room(ROOM);
        let row = |what: &str, place: Cell| {
            vec![
                Cell::of(TICK),
                Cell::of(what),
                place,
                empty(),
                empty(),
                empty(),
            ]
        };
        let mut rows: Vec<_> = all.into_iter().map(|it| row(it, empty())).collect();
        let hash = Cell::of(format!("SHA-256 {}", self.occasion.hash));
        rows.push(row("台帳・構成図の写し（この紙の元データ）", hash));
        rows
    }

    fn what_to_cut(&self) -> Vec<Block> {
        let row = |it: Line| {
            let at = |n: usize| it.get(n).cloned().unwrap_or_default();
            let strong = |strong: String, text: String| Cell {
                strong,
                text,
                ..Cell::default()
            };
            vec![
                Cell::of(TICK),
                strong(at(1), at(0)),
                strong(at(2), at(3)),
                Cell::of(format!("{}\n所有 {}\n{}", at(4), at(9), at(5))),
                Cell::of(at(6)),
                Cell::of(format!("{}\n戻し方：{}", at(7), at(8))),
                Cell::room(ROOM),
            ]
        };
        let rows = self.lines("plan", PLAN, usize::MAX);
        let mut blocks = vec![
            heading("2 切断計画（上から順に）"),
            text(
                "①バックアップへ至る経路 → ②外部との接続 → ③セグメントの境界。決裁者の判断を得て、実施した時刻を書く。「医師の判断が必要」は、医師の判断なしに切らない。",
            ),
            table(
                &[
                    ("済", 1),
                    ("すること・順序", 6),
                    ("診療への影響・システム", 5),
                    ("場所・所有・保守事業者・電話", 5),
                    ("決裁者", 4),
                    ("手順・戻し方", 6),
                    ("時刻・氏名", 3),
                ],
                rows.into_iter().map(row).collect(),
            ),
        ];
        let narrows = cells(self.lines("narrows", NARROWS, MACHINES));
        if !narrows.is_empty() {
            blocks.push(sub(
                "要所：知られている経路が必ず通る所と、一つで足りる切断",
            ));
            let head = [
                ("守る対象", 4),
                ("何か", 4),
                ("必ず通る所（被害側から）", 6),
                ("一つで足りる切断", 8),
            ];
            blocks.push(table(&head, narrows));
        }
        let fewest = impact::fewest(self.basis, self.plan, LANG);
        if !fewest.is_empty() {
            blocks.push(sub("外部との接続をまとめて断つ、最少の操作"));
            let tick = |it: &String| format!("{TICK} {it}");
            blocks.push(Block::List(fewest.iter().map(tick).collect()));
        }
        blocks
    }

    fn reach(&self) -> Vec<Block> {
        let mut backups = cells(self.lines("backups", BACKUPS, usize::MAX));
        if backups.is_empty() {
            let none = "台帳に登録がありません。現物で確かめて、ここに書く：";
            let mut row = vec![Cell::of(none)];
            row.resize_with(BACKUPS.len(), || Cell::room(ROOM));
            backups.push(row);
        }
        let left = self.of("reached").map_or(0, |it| it.rows.len());
        let left = left.saturating_sub(MACHINES);
        let mut blocks = vec![
            heading("3 影響範囲"),
            self.facts(),
            sub("影響するシステム"),
            table(
                &[
                    ("システム", 4),
                    ("確度", 2),
                    ("サーバ（被害／観測／可能性／全）", 3),
                    ("端末（同）", 3),
                    ("部署", 3),
                    ("診療への影響", 4),
                    ("代替手段", 4),
                    ("保守事業者・電話", 4),
                ],
                cells(self.lines("systems", SYSTEMS, usize::MAX)),
            ),
            sub("バックアップ"),
            table(
                &[
                    ("保存先", 4),
                    ("登録", 2),
                    ("被害機器からの到達", 3),
                    ("根拠", 7),
                ],
                backups,
            ),
            sub("届き得る機器（近い順）"),
            table(
                &[
                    ("機器", 4),
                    ("アドレス", 4),
                    ("確度", 2),
                    ("段数", 1),
                    ("理由", 6),
                ],
                cells(self.lines("reached", REACHED, MACHINES)),
            ),
        ];
        if left > 0 {
            blocks.push(Block::Text(format!(
                "ほか {left} 台（全件は Excel：impact --out 影響範囲.xlsx）"
            )));
        }
        blocks
    }

    fn ways_in(&self) -> Vec<Block> {
        vec![
            heading("4 入口の候補と、応答が途絶えた順"),
            text("調べる順番であり、断定ではありません。"),
            table(
                &[("順位", 1), ("候補", 5), ("理由（根拠の報告と日時）", 11)],
                cells(self.lines("entries", ENTRIES, 10)),
            ),
            sub("応答が途絶えた順（途絶は、被害の証明ではありません）"),
            table(
                &[
                    ("順", 1),
                    ("機器", 5),
                    ("最後の報告", 5),
                    ("報告の間隔（平均・分）", 4),
                ],
                cells(self.lines("silent", SILENT, MACHINES)),
            ),
        ]
    }
}

/// Chosen columns of a list, in the order asked for.
pub(super) fn lines(sheet: &Sheet, columns: &[&str], most: usize) -> Vec<Line> {
    let places: Vec<usize> = columns
        .iter()
        .filter_map(|key| sheet.columns.iter().position(|it| it.key == *key))
        .collect();
    let rows = sheet.rows.iter().take(most);
    rows.map(|row| {
        let cells = places.iter().filter_map(|it| row.cells.get(*it));
        cells.map(|it| it.text.clone()).collect()
    })
    .collect()
}
