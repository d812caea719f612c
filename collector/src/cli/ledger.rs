//! `ledger`: the lists at a moment, as a workbook, CSV or JSON.

mod import;

use std::path::{Path, PathBuf};

use super::draw;
use super::open::{self, Moment};
use super::say::say;
use super::{Outcome, Shared};
use crate::bounded;
use crate::checklist;
use crate::export::preset::Preset;
use crate::export::{self, Lang, List};
use crate::out;
use crate::refusal::Refused;

const AFTER_HELP: &str = "\
例 / Examples:
  daicho-collector ledger --out ledger.xlsx
  daicho-collector ledger --out devices.csv --as-of 2026-11-22
  daicho-collector ledger --out points.csv --list points
  daicho-collector ledger --out ledger.json --lang en
  daicho-collector ledger --out ledger.xlsx --columns ministry --paper a4
  daicho-collector ledger import ledger.xlsx --by 架空花子

CSV は一覧を一つ（既定は devices）、XLSX は --list がなければすべて、JSON はすべてを含みます。
CSV holds one list (devices by default), XLSX all without --list, JSON all.

--list の名前 / names for --list:
  devices サーバ・端末PC　network ネットワーク機器　points 外部接続点　remote リモートメンテナンス一覧
  systems システム　segments 系・セグメント　interfaces インターフェース　software ソフトウェア
  updates 未適用の更新　services サービス・自動起動　administrators 管理者権限　flows 通信・待受
  unnamed 未分類サービス　findings 要対応事項　unknowns 未取得項目";

#[derive(clap::Args)]
#[command(after_help = AFTER_HELP, subcommand_negates_reqs = true)]
pub(super) struct Arguments {
    /// 書き出すファイル（.xlsx、.csv、.json） / file to write
    #[arg(long, required = true, value_name = "F.xlsx|.csv|.json")]
    out: Option<PathBuf>,
    /// 一覧（CSV の既定は devices、XLSX の既定はすべて） / one list; a workbook holds all without it
    #[arg(long, value_parser = names(), hide_possible_values = true)]
    list: Option<String>,
    /// 列の組み合わせ：ministry、pharmacy、または自院のファイル / columns: a shipped preset, or a file
    #[arg(long, value_name = "NAME|F.toml")]
    columns: Option<String>,
    /// XLSX に入れる構成図：auto（作図する）、none（入れない）、または PNG / the diagram in the workbook
    #[arg(long, value_name = "auto|none|F.png", default_value = "auto")]
    diagram: PathBuf,
    /// 構成図のフォント / font of the diagram
    #[arg(long, value_name = "FILE")]
    font: Option<PathBuf>,
    /// 印刷の用紙 / paper of the workbook
    #[arg(long, value_enum, default_value = "a3")]
    paper: Paper,
    #[command(flatten)]
    moment: Moment,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Paper {
    /// A3横
    A3,
    /// A4横
    A4,
}

/// Largest picture.
const PICTURE_MAX: u64 = 64 << 20;

/// A preset by its name, or from a file.
fn preset(named: &str) -> Result<Preset, Refused> {
    let refuse = |what: String| Refused::new("CLI-010", what);
    if let Some(shipped) = export::preset::shipped(named) {
        return shipped.map_err(refuse);
    }
    let path = Path::new(named);
    if path.extension().is_none() && !path.exists() {
        let names = export::preset::names().join(", ");
        return Err(refuse(format!("{named}（{names}、F.toml）")));
    }
    let text = file(path, export::preset::BYTES_MAX).map_err(|it| refuse(it.detail))?;
    let text = String::from_utf8(text).map_err(|_| refuse(format!("{named}: UTF-8")))?;
    export::preset::parse(&text).map_err(|what| refuse(format!("{named}:{what}")))
}

/// The picture that a person named, or none if they want none; `None`: it is to be drawn.
fn drawn_before(named: &Path) -> Result<Option<Vec<Vec<u8>>>, Refused> {
    match named.to_str() {
        Some("auto") => Ok(None),
        Some("none") => Ok(Some(Vec::new())),
        _ => file(named, PICTURE_MAX).map(|bytes| Some(vec![bytes])),
    }
}

/// A file that is not larger than it may be.
fn file(path: &Path, most: u64) -> Result<Vec<u8>, Refused> {
    let shown = path.display();
    let refuse = |what: String| Refused::new("CLI-011", what);
    bounded::read(path, most).map_err(|error| refuse(format!("{shown}: {error}")))
}

#[derive(clap::Subcommand)]
enum Command {
    /// Excel・CSV で直した手入力の列を取り込む / take an edited workbook or CSV in
    Import(import::Arguments),
}

/// Every list by its name, with its title.
pub(super) fn names() -> clap::builder::PossibleValuesParser {
    let value = |list: List| {
        let title = format!("{} / {}", list.title(Lang::Ja), list.title(Lang::En));
        clap::builder::PossibleValue::new(list.key()).help(title)
    };
    List::ALL.map(value).into()
}

pub(super) fn run(arguments: &Arguments, shared: &Shared) -> anyhow::Result<Outcome> {
    if let Some(Command::Import(arguments)) = &arguments.command {
        return import::run(arguments, shared);
    }
    let out = arguments.out.as_deref().unwrap_or(Path::new(""));
    let form = out::Form::of(out, &[out::Form::Xlsx, out::Form::Csv, out::Form::Json])?;
    let preset = arguments.columns.as_deref().map(preset).transpose()?;
    let drawn_before = drawn_before(&arguments.diagram)?;
    let opened = open::for_reading(shared)?;
    let picture = opened.picture(&arguments.moment)?;
    let lang = shared.lang.into();
    let list = arguments.list.as_deref().and_then(List::of);
    let forms = checklist::forms(&checklist::folder(opened.folder.path()))?;
    // It stands in the whole workbook alone.
    let whole = form == out::Form::Xlsx && list.is_none();
    let census = whole.then(|| checklist::census(picture.basis()));
    let filled = census
        .as_ref()
        .and_then(|it| checklist::of_this_year(&forms, it));
    let diagram = match drawn_before {
        Some(pages) => pages,
        None if whole => draw::for_workbook(&picture, arguments.font.as_deref(), shared.lang)?,
        None => Vec::new(),
    };
    let options = export::Options {
        checklist: filled.as_ref(),
        signed: None,
        preset: preset.as_ref(),
        diagram: &diagram,
        a4: matches!(arguments.paper, Paper::A4),
    };
    let bytes = match form {
        out::Form::Csv => {
            let list = list.unwrap_or(List::Devices);
            export::csv::bytes(picture.basis(), list, lang, options)?
        }
        out::Form::Json => export::json::bytes(picture.basis(), Some(lang))?,
        _ => match list {
            Some(list) => export::xlsx::list(picture.basis(), list, lang, options)?,
            None => export::xlsx::bytes(picture.basis(), lang, options)?,
        },
    };
    out::write(out, &bytes)?;
    opened.warn_if_old(&picture.ledger, &arguments.moment, shared.lang);
    say(&format!(
        "{}: {}",
        shared.lang.pick("書き出しました", "written"),
        out.display()
    ))?;
    Ok(Outcome::Done)
}
