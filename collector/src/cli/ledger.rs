//! `ledger`: the lists at a moment, as a workbook, CSV or JSON.

use std::path::PathBuf;

use super::open::{self, Moment};
use super::say::say;
use super::{Outcome, Shared};
use crate::export::{self, List};
use crate::out;

const AFTER_HELP: &str = "\
例 / Examples:
  daicho-collector ledger --out ledger.xlsx
  daicho-collector ledger --out devices.csv --as-of 2026-11-22
  daicho-collector ledger --out network.csv --list network
  daicho-collector ledger --out ledger.json --lang en

CSV は一覧を一つ（既定は devices）、XLSX と JSON はすべてを含みます。
CSV holds one list (devices by default), XLSX and JSON hold all.";

#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    /// 書き出すファイル（.xlsx、.csv、.json） / file to write
    #[arg(long, value_name = "F.xlsx|.csv|.json")]
    out: PathBuf,
    /// CSV の一覧 / which list a CSV holds
    #[arg(long, value_enum, default_value = "devices")]
    list: ListName,
    #[command(flatten)]
    moment: Moment,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum ListName {
    /// サーバ・端末PC
    Devices,
    /// ネットワーク機器
    Network,
}

impl From<ListName> for List {
    fn from(name: ListName) -> Self {
        match name {
            ListName::Devices => Self::Devices,
            ListName::Network => Self::Network,
        }
    }
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
        out::Form::Csv => export::csv::bytes(&picture.ledger, arguments.list.into(), lang)?,
        out::Form::Json => export::json::bytes(&picture.ledger)?,
        _ => export::xlsx::bytes(&picture.ledger, lang)?,
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
