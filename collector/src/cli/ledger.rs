//! `ledger`: the lists at a moment, as a workbook, CSV or JSON.

use std::path::PathBuf;

use super::open::{self, Moment};
use super::say::say;
use super::{Outcome, Shared};
use crate::export::{self, Lang, List};
use crate::out;

const AFTER_HELP: &str = "\
例 / Examples:
  daicho-collector ledger --out ledger.xlsx
  daicho-collector ledger --out devices.csv --as-of 2026-11-22
  daicho-collector ledger --out points.csv --list points
  daicho-collector ledger --out ledger.json --lang en

CSV は一覧を一つ（既定は devices）、XLSX と JSON はすべてを含みます。
CSV holds one list (devices by default), XLSX and JSON hold all.

--list の名前 / names for --list:
  devices サーバ・端末PC　network ネットワーク機器　points 外部接続点　remote リモートメンテナンス一覧
  systems システム　segments 系・セグメント　interfaces インターフェース　software ソフトウェア
  updates 未適用の更新　services サービス・自動起動　administrators 管理者権限　flows 通信・待受
  unnamed 未分類サービス　findings 要対応事項　unknowns 未取得項目";

#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    /// 書き出すファイル（.xlsx、.csv、.json） / file to write
    #[arg(long, value_name = "F.xlsx|.csv|.json")]
    out: PathBuf,
    /// CSV の一覧 / which list a CSV holds
    #[arg(long, value_parser = names(), default_value = "devices", hide_possible_values = true)]
    list: String,
    #[command(flatten)]
    moment: Moment,
}

/// Every list by its name, with its title.
fn names() -> clap::builder::PossibleValuesParser {
    let value = |list: List| {
        let title = format!("{} / {}", list.title(Lang::Ja), list.title(Lang::En));
        clap::builder::PossibleValue::new(list.key()).help(title)
    };
    List::ALL.map(value).into()
}

pub(super) fn run(arguments: &Arguments, shared: &Shared) -> anyhow::Result<Outcome> {
    let form = out::Form::of(
        &arguments.out,
        &[out::Form::Xlsx, out::Form::Csv, out::Form::Json],
    )?;
    let opened = open::for_reading(shared)?;
    let picture = opened.picture(&arguments.moment)?;
    let lang = shared.lang.into();
    let bytes = match form {
        out::Form::Csv => {
            let list = List::of(&arguments.list).unwrap_or(List::Devices);
            export::csv::bytes(picture.basis(), list, lang)?
        }
        out::Form::Json => export::json::bytes(picture.basis())?,
        _ => export::xlsx::bytes(picture.basis(), lang)?,
    };
    out::write(&arguments.out, &bytes)?;
    opened.warn_if_old(&picture.ledger, &arguments.moment, shared.lang);
    say(&format!(
        "{}: {}",
        shared.lang.pick("書き出しました", "written"),
        arguments.out.display()
    ))?;
    Ok(Outcome::Done)
}
