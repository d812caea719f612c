//! Pages of the first-response sheet for others: the board, authorities, vendors, departments. Comes in:
//! the content; goes out: blocks. It knows no telephone number that the hospital did not enter.

use std::collections::BTreeMap;

use daicho_graph::impact::Sheet;
use daicho_ledger::text::{moment, visible};
use daicho_render::paper::{Block, Cell, Section};
use daicho_report::Time;

use super::content::{Content, ROOM, TICK, form, heading, lines, sub, table, text};
use super::{Occasion, Rule};

impl Content<'_> {
    pub(super) fn to_the_board(&self) -> Vec<Block> {
        let decisions = [
            "外部との接続をすべて切る（保守・資格確認・地域連携を含む）",
            "電子カルテを止め、紙の運用に切り替える",
            "救急・新患の受け入れを制限する",
            "外部の専門事業者・警察へ連絡する",
            "公表する時期と内容",
        ];
        let pair = |one: &str, other: &str| {
            let row = vec![
                Cell::head(one),
                Cell::room(ROOM),
                Cell::head(other),
                Cell::room(ROOM),
            ];
            form(&[3, 5, 3, 5], vec![row])
        };
        let decision = |it: &str| vec![Cell::of(TICK), Cell::of(it), Cell::room(ROOM)];
        vec![
            heading("6 経営層への報告"),
            pair("宛先", "報告者・日時"),
            sub("何が起きているか"),
            self.facts(),
            sub("診療を続けられるか（部門ごと）"),
            form(&[1], vec![vec![Cell::room(25)]]),
            sub("決めていただくこと"),
            table(
                &[("済", 1), ("判断", 10), ("決定・時刻", 5)],
                decisions.into_iter().map(decision).collect(),
            ),
            pair("次の報告の時刻", "決裁（氏名・時刻）"),
        ]
    }

    pub(super) fn reports(&self) -> Vec<Block> {
        let offset = self.basis.ledger.site.utc_offset_s;
        let rules = &self.occasion.rules;
        let row = |it: &Rule| {
            vec![
                Cell::of(TICK),
                Cell::of(visible(&it.to)),
                Cell::of(visible(&it.what)),
                Cell {
                    strong: until(it, self.occasion, offset),
                    ..Cell::of(visible(&it.due))
                },
                Cell::room(ROOM),
                Cell::room(ROOM),
                Cell::of(visible(&it.source)),
            ]
        };
        vec![
            heading("7 対外報告"),
            Block::Text(format!(
                "期限の根拠は右端（規則の版 {}）。該当するかは、弁護士・所管に確認してください。電話番号は病院で記入します。",
                visible(&rules.version)
            )),
            table(
                &[
                    ("済", 1),
                    ("報告先", 4),
                    ("内容", 5),
                    ("期限", 4),
                    ("電話・担当（記入）", 4),
                    ("報告した日時・氏名", 4),
                    ("根拠", 5),
                ],
                rules.rule.iter().map(row).collect(),
            ),
        ]
    }

    pub(super) fn to_vendors(&self) -> Vec<Block> {
        let questions = [
            "本日と過去7日間の保守作業・遠隔接続の有無と日時、使った回線・アカウント",
            "データ移行・設定変更・機器交換の有無",
            "ネットワーク機器・ケーブル・電源・ハードウェアの障害の有無",
            "他の顧客・自社で同じ事象が起きていないか",
            "VPN装置・遠隔操作ソフトの版、未適用の更新、記録の保存日数と取り寄せ方",
            "回線を切ったときの診療への影響と、戻す手順",
            "情報が持ち出された可能性",
        ];
        let mut blocks = vec![heading("8 事業者への照会票")];
        let asked = vendors(self.of("plan"));
        if asked.is_empty() {
            blocks.push(text(
                "事業者の記入がありません。宛先を書いてください：＿＿＿＿＿＿＿＿＿＿＿＿",
            ));
        }
        for (name, things) in asked {
            blocks.push(Block::Sub(format!("{TICK} {name}")));
            blocks.push(Block::List(
                things.iter().map(|it| format!("・{it}")).collect(),
            ));
        }
        let question = |it: &str| vec![Cell::of(it), Cell::room(ROOM), Cell::room(ROOM)];
        blocks.push(table(
            &[("照会すること", 7), ("回答", 6), ("日時・回答者", 3)],
            questions.into_iter().map(question).collect(),
        ));
        blocks
    }
}

/// Put up in departments; it holds no address.
pub(super) fn card() -> Section {
    let lines = [
        "□ パソコンの電源を切らない・再起動しない",
        "□ LANケーブルを抜く（札を付ける）",
        "□ USBメモリを差さない",
        "□ 画面にいつもと違う表示が出たら、触らず写真を撮って連絡",
        "□ 紙の運用に切り替える",
        "　 紙の様式の場所：＿＿＿＿＿＿＿＿＿＿",
        "□ 外部・報道・SNSへは答えない",
        "　 窓口：＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿",
        "連絡先（内線）：＿＿＿＿＿＿＿＿＿＿＿",
        "担当：＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿",
        "掲示した日時：＿＿＿＿＿＿＿＿＿＿＿＿",
        "次のお知らせ：＿＿＿＿＿＿＿＿＿＿＿＿",
    ];
    Section {
        card: true,
        blocks: vec![
            heading("お知らせ（部署掲示）"),
            Block::Order(vec![
                "システムの不具合のため、パソコンの使用を止めています。".to_owned(),
            ]),
            Block::List(lines.map(str::to_owned).to_vec()),
        ],
    }
}

/// Until when a report is due; empty without a detection.
pub(super) fn until(rule: &Rule, occasion: &Occasion, offset: i32) -> String {
    let until = rule.hours.zip(occasion.detected).map(|(hours, from)| {
        let at = Time::from_seconds(from.seconds() + i64::from(hours) * 3_600);
        format!("{} まで", moment(at, offset))
    });
    until.unwrap_or_default()
}

/// Vendors of the plan, each with what it is asked about.
fn vendors(plan: Option<&Sheet>) -> BTreeMap<String, Vec<String>> {
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let rows = plan.map_or_else(Vec::new, |it| lines(it, &["vendor", "act"], usize::MAX));
    for row in rows {
        if let [vendor, act] = &row[..]
            && !vendor.contains("未入力")
            && vendor != "―"
        {
            all.entry(vendor.clone()).or_default().push(act.clone());
        }
    }
    all
}
