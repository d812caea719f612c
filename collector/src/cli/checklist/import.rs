//! `checklist import`: a newer form from the ministry's own workbook, without a new program.

use std::path::{Path, PathBuf};

use daicho_ledger::Lang;
use daicho_ledger::checklist::{By, Form};

use super::forms;
use crate::checklist::{self, import, official};
use crate::cli::open;
use crate::cli::say::say;
use crate::cli::{Outcome, Shared};
use crate::hand::sheet::guard;
use crate::refusal::Refused;
use crate::{bounded, out};

const AFTER_HELP: &str = "\
例 / Examples:
  daicho-collector checklist import 令和8年度版.xlsx --id r8 --year 2026 --dry-run
  daicho-collector checklist import 令和8年度版.xlsx --id r8 --year 2026

手順：取り込む → DATA/checklists/r8.toml の rule・by・scope を確かめて直す → checklist --list r8。
規則は、知っている様式と文言が似た項目に付きます。似たものがない項目は、人だけが答える項目になります。
Steps: import, look at rule, by and scope in DATA/checklists/r8.toml, then use it with --list r8.";

#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    /// 厚生労働省の様式 / the ministry's workbook
    #[arg(value_name = "F.xlsx")]
    file: PathBuf,
    /// 呼び名（英数字） / what to call it
    #[arg(long, value_name = "ID")]
    id: String,
    /// 何年度の様式か（西暦）。年度のない様式は付けない / the fiscal year that it is for
    #[arg(long, value_name = "YYYY", value_parser = clap::value_parser!(u16).range(2023..=2100))]
    year: Option<u16>,
    /// 題名（既定はファイル名） / its title
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
    /// 読んだ結果を見せるだけで、何も書かない / show what is read, write nothing
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn run(arguments: &Arguments, shared: &Shared) -> anyhow::Result<Outcome> {
    let refuse = |what: String| Refused::new("CHK-006", what);
    let opened = open::beside_the_server(shared)?;
    let known = forms(&opened)?;
    let shown = arguments.file.display();
    let bytes = bounded::read(&arguments.file, guard::FILE_MAX);
    let bytes = bytes.map_err(|error| refuse(format!("{shown}: {error}")))?;
    let pages = official::pages(&bytes).map_err(|what| refuse(format!("{shown}: {what}")))?;
    let file = arguments
        .file
        .file_name()
        .unwrap_or_default()
        .to_string_lossy();
    let stem = arguments
        .file
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy();
    let now = opened.clock.now();
    let offset = opened.config.site.at(now).utc_offset_s;
    let today = daicho_ledger::text::moment(now, offset);
    let about = import::About {
        id: &arguments.id,
        title: arguments.title.as_deref().unwrap_or(&stem),
        fiscal_year: arguments.year,
        file: &file,
        today: today.get(..10).unwrap_or(&today),
    };
    let read = import::read(&pages, &known, &about).ok_or_else(|| {
        refuse(format!(
            "{shown}: 「はい・いいえ」または確認欄のある行がありません / no row asks anything"
        ))
    })?;
    let text = import::file(&read);
    // What was read is a form that can be read again.
    Form::read(&text).map_err(|error| refuse(format!("{shown}: {error}")))?;
    told(&read, shared)?;
    if arguments.dry_run {
        say(shared.lang.pick(
            "何も書いていません（--dry-run）。",
            "nothing was written (--dry-run)",
        ))?;
        return Ok(Outcome::Done);
    }
    let folder = checklist::folder(opened.folder.path());
    let path = folder.join(format!("{}.toml", arguments.id));
    write(&path, &text)?;
    say(&format!(
        "{}: {}",
        shared.lang.pick("書き出しました", "written"),
        path.display()
    ))?;
    Ok(Outcome::Done)
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    if path.exists() {
        return Err(Refused::new("CHK-008", path.display().to_string()).into());
    }
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    out::write(path, text.as_bytes())?;
    Ok(())
}

fn told(read: &import::Read, shared: &Shared) -> std::io::Result<()> {
    let lang: Lang = shared.lang.into();
    for (name, sheet, rows) in &read.pages {
        let title = sheet.title(lang);
        say(&format!(
            "「{name}」→ {title}：{rows} {}",
            lang.pick("行", "rows")
        ))?;
    }
    for name in &read.skipped {
        say(&format!(
            "「{name}」{}",
            lang.pick("は項目なし", "asks nothing")
        ))?;
    }
    let all = read.form.items.len();
    say(&match lang {
        Lang::Ja => format!(
            "{all} 項目。規則を付けた {} 項目（文言の近さによる。確かめてください）、人だけが答える {} 項目",
            read.tied,
            all - read.tied
        ),
        Lang::En => format!(
            "{all} items: {} tied to a rule by likeness (to be looked at), {} for people alone",
            read.tied,
            all - read.tied
        ),
    })?;
    for item in &read.form.items {
        let by = match item.by {
            By::Manual if item.rule == "none" => "－".to_owned(),
            by => format!("{}：{}", by.title(lang), item.rule),
        };
        let label: String = item.ja.chars().take(48).collect();
        say(&format!("  {}　{}　[{by}]　{label}", item.id, item.no))?;
    }
    Ok(())
}
