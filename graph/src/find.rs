//! Finding（調査）: which machines had to do with an address, a domain, a program, an account. Comes in:
//! what is wanted, the ledger with the talk of a period, and what ended in it; goes out: hits with first
//! and last sight and where it is written. It never says that there was no communication: reports are
//! samples.

mod look;
mod query;
mod wanted;

use std::collections::BTreeMap;

use daicho_ledger::text::{moment, visible};
use daicho_ledger::{AgentAsset, Cell, Column, Lang, Layer, Row, column};
use daicho_report::Time;
use serde::{Deserialize, Serialize};

use crate::impact::Sheet;
use crate::list::{Basis, Names};

pub use look::find;
pub use query::Query;
pub use wanted::{Kind, LIST_BYTES, ListError, Taken, Wanted, list};

/// A hit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Hit {
    /// What was wanted, as it was written.
    pub wanted: String,
    /// The asset.
    pub asset: String,
    /// Section of its report.
    pub section: String,
    /// What was found there, from outside and not yet escaped.
    pub value: String,
    /// First seen, by the machine's clock; of what is no talk: when the first version in the period that
    /// has it was read.
    pub first: Option<Time>,
    /// Last seen; `null`: it goes on. Of what is gone: when the report came that had it no more.
    pub last: Option<Time>,
    /// Whether it had gone by the end of the period.
    pub gone: bool,
}

/// A section as it was until a report replaced it; the asset holds nothing else.
#[derive(Debug, Clone)]
pub struct Ended {
    /// The asset, with this one section.
    pub asset: AgentAsset,
    /// When the report came that replaced it.
    pub until: Time,
}

const D: Layer = Layer::Derived;

const COLUMNS: &[Column] = &[
    column(D, "wanted", "調べたもの", "wanted"),
    column(D, "name", "機器名", "asset"),
    column(D, "id", "台帳番号", "ledger id"),
    column(D, "section", "見つかった項目", "where"),
    column(D, "value", "内容", "what"),
    column(D, "first", "初めて見た", "first seen"),
    column(D, "last", "最後に見た", "last seen"),
];

/// The hits as a list.
#[must_use]
pub fn sheet(basis: Basis<'_>, hits: &[Hit], lang: Lang) -> Sheet {
    let names = Names::of(basis, lang);
    let offset = basis.ledger.site.utc_offset_s;
    let assets = basis.ledger.assets.iter();
    let reported: BTreeMap<&str, Time> = assets
        .map(|it| (it.id.0.as_str(), it.presence.last_at))
        .collect();
    let at = |hit: &Hit| match (hit.last, reported.get(hit.asset.as_str())) {
        (Some(at), _) => Cell::moment(at, offset),
        // It went on when its machine last reported, and nobody knows more.
        (None, Some(last)) => {
            let last = moment(*last, offset);
            let until = match lang {
                Lang::Ja => format!("最後の報告 {last}"),
                Lang::En => format!("last report {last}"),
            };
            Cell::own(lang.remark(lang.pick("継続中", "goes on"), &until))
        }
        (None, None) => Cell::own(lang.pick("最後の報告まで継続", "until the last report")),
    };
    let rows = hits.iter().map(|hit| {
        let last = match (hit.gone, hit.section.as_str()) {
            (true, _) => gone(hit, offset, lang),
            (false, "flow" | "neighbour") => at(hit),
            (false, _) => match hit.last {
                Some(last) => Cell::own(moment(last, offset)),
                None => Cell::not_applicable(),
            },
        };
        Row {
            asset: None,
            key: None,
            cells: vec![
                Cell::value(&hit.wanted, lang),
                Cell::own(names.label(&hit.asset, lang)),
                Cell::value(&hit.asset, lang),
                Cell::own(section(&hit.section, lang)),
                Cell::value(&hit.value, lang),
                match hit.first {
                    Some(first) => Cell::moment(first, offset),
                    None => Cell::not_applicable(),
                },
                last,
            ],
        }
    });
    Sheet {
        key: "find",
        title: lang.pick("調査結果", "Found"),
        columns: COLUMNS,
        rows: rows.collect(),
    }
}

/// Of what is gone nobody knows more than the report that had it no more.
fn gone(hit: &Hit, offset: i32, lang: Lang) -> Cell {
    let Some(at) = hit.last.map(|at| moment(at, offset)) else {
        return Cell::own(lang.pick("期間の終わりにはない", "gone by the end"));
    };
    Cell::own(match lang {
        Lang::Ja => format!("期間の終わりにはない（{at} 受信の報告で消えた）"),
        Lang::En => format!("gone by the end (not in the report received {at})"),
    })
}

/// What a section is called.
fn section(name: &str, lang: Lang) -> String {
    let (ja, en) = match name {
        "flow" => ("通信", "talk"),
        "neighbour" => ("同じセグメントで応答", "neighbour"),
        "interface" => ("インターフェース・DNS", "interface, DNS"),
        "route" => ("経路", "route"),
        "listener" => ("待受", "listener"),
        "account" => ("アカウント・ログイン", "account"),
        "software" => ("ソフトウェア", "software"),
        "service" => ("サービス・自動起動", "service"),
        "trace" => ("名前解決・hosts", "names"),
        "trust" => ("プロキシ・証明書", "proxy, certificate"),
        "remote_tool" => ("リモートメンテナンス用ソフト", "remote tool"),
        "hardware" => ("ドメイン参加", "domain"),
        "storage" => ("共有フォルダ", "share"),
        "printer" => ("プリンタ", "printer"),
        "vpn" => ("VPNの接続先", "VPN"),
        "patch" => ("更新元", "source of updates"),
        other => return visible(other),
    };
    lang.pick(ja, en).to_owned()
}

/// What limits the answer.
#[must_use]
pub fn note(lang: Lang) -> &'static str {
    lang.pick(
        "報告は、その時に見えた分（標本）です。見つからないことは、通信や存在がなかったことを意味しません。エージェントのない機器は、他の機器から見えた分だけです",
        "reports are samples: nothing found does not mean that there was nothing; devices without an agent are known from others alone",
    )
}

#[cfg(test)]
mod tests;
