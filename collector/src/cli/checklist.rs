//! `checklist`: the ministry's lists, answered as far as the data can, with what people attest.

mod answer;
mod import;
mod record;

pub(super) use answer::document;

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use daicho_graph::list::Basis;
use daicho_ledger::checklist::{
    Filled, Final, Form, Sheet, columns, counts, outdated, rows, source, summary,
};
use daicho_ledger::{Ledger, Row};

use super::open::{self, Moment, Opened};
use super::say::{say, say_error};
use super::{Outcome, Shared};
use crate::checklist::{self, official};
use crate::export::Lang;
use crate::hand::sheet::guard;
use crate::refusal::Refused;
use crate::{bounded, export, out};

const AFTER_HELP: &str = "\
例 / Examples:
  daicho-collector checklist                                   今年度の様式の一覧と回答の状況
  daicho-collector checklist --out チェックリスト.xlsx          根拠つきで書き出す（事業者ごとの表も）
  daicho-collector checklist --list bcp                        BCP の確認表
  daicho-collector checklist --list contract --vendor vendor-ehr --out 契約.xlsx
  daicho-collector checklist --form 様式.xlsx --out 記入済み.xlsx  厚生労働省の様式の写しに回答と日付を書く
  daicho-collector checklist answer 2-⑨ yes --on 2026-11-20 --name 架空花子 --by 架空花子
  daicho-collector checklist record training --on 2026-11-20 --name 架空花子 --result 机上訓練 --by 架空花子
  daicho-collector checklist import 令和8年度版.xlsx --id r8 --year 2026

「はい」は、データがすべての対象機器で裏付けたか、人が確認して反するデータがない項目だけに書きます。
一つでも未回答・矛盾があれば、または様式の年度が古ければ、終了コード 3 です。
Yes stands only where the data prove it, or a person attested it and no data contradict it. Exit code 3: not complete.";

#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    /// 様式（r7、r6、r5、bcp、contract、自院で取り込んだもの）。既定は最新の年度 / which form
    #[arg(long, value_name = "NAME")]
    list: Option<String>,
    /// どの表か / which sheet
    #[arg(long, value_parser = sheets(), hide_possible_values = true, value_name = "SHEET")]
    sheet: Option<String>,
    /// この事業者の表だけ / the sheet of this vendor alone
    #[arg(long, value_name = "KEY")]
    vendor: Option<String>,
    /// 書き出すファイル / file to write
    #[arg(long, value_name = "F.xlsx|.csv|.json")]
    out: Option<PathBuf>,
    /// 厚生労働省の様式。写しを --out に書く / the ministry's own workbook; --out gets the copy
    #[arg(long, value_name = "F.xlsx", requires = "out")]
    form: Option<PathBuf>,
    #[command(flatten)]
    moment: Moment,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(clap::Subcommand)]
enum Command {
    /// 使える様式の一覧 / forms that can be used
    Lists,
    /// 厚生労働省の新しい様式を取り込む / take a newer form in from the ministry's workbook
    Import(import::Arguments),
    /// 人の確認を記録する / what a person attests
    Answer(answer::Arguments),
    /// 記録簿に書く（訓練、ログ点検、復旧試験…） / write into a register
    Record(record::Arguments),
    /// 記録簿を見る / show the registers
    Records,
}

/// Every sheet by its name, with its title.
fn sheets() -> clap::builder::PossibleValuesParser {
    let value = |sheet: Sheet| {
        let title = format!("{} / {}", sheet.title(Lang::Ja), sheet.title(Lang::En));
        clap::builder::PossibleValue::new(sheet.word()).help(title)
    };
    Sheet::ALL.map(value).into()
}

pub(super) fn run(arguments: &Arguments, shared: &Shared) -> anyhow::Result<Outcome> {
    match &arguments.command {
        None => show(arguments, shared),
        Some(Command::Lists) => lists(shared),
        Some(Command::Import(it)) => import::run(it, shared),
        Some(Command::Answer(it)) => answer::run(it, shared),
        Some(Command::Record(it)) => record::run(it, shared),
        Some(Command::Records) => record::list(shared),
    }
}

/// All forms of a data folder.
fn forms(opened: &Opened) -> Result<Vec<Cow<'static, Form>>, Refused> {
    checklist::forms(&checklist::folder(opened.folder.path()))
}

fn show(arguments: &Arguments, shared: &Shared) -> anyhow::Result<Outcome> {
    let lang: Lang = shared.lang.into();
    let opened = open::for_reading(shared)?;
    let forms = forms(&opened)?;
    let form = checklist::form(&forms, arguments.list.as_deref())?;
    let picture = opened.picture(&arguments.moment)?;
    let census = checklist::census(picture.basis());
    let sheet = arguments.sheet.as_deref().and_then(Sheet::of);
    let vendor = arguments.vendor.as_deref();
    let filled = checklist::filled(form, &census, sheet, vendor)?;
    let ledger = &picture.ledger;
    match (&arguments.form, &arguments.out) {
        (Some(form), Some(out)) => official(form, out, &filled, shared)?,
        (_, Some(out)) => write(out, picture.basis(), &filled, shared)?,
        (_, None) if shared.json => {
            let bytes = export::checklist::json(ledger, &filled, lang)?;
            say(String::from_utf8_lossy(&bytes).trim_end())?;
        }
        (_, None) => {
            // Sheets of vendors in a line each, where nobody asked for one.
            let brief = filled.len() > 1;
            for it in &filled {
                match brief && it.vendor.is_some() {
                    true => say(&brief_line(it, lang))?,
                    false => print(it, ledger, lang)?,
                }
            }
        }
    }
    opened.warn_if_old(ledger, &arguments.moment, shared.lang);
    Ok(match filled.iter().all(Filled::is_complete) {
        true => Outcome::Done,
        false => Outcome::Incomplete,
    })
}

fn write(
    path: &Path,
    basis: Basis<'_>,
    filled: &[Filled<'_>],
    shared: &Shared,
) -> anyhow::Result<()> {
    let (ledger, lang) = (basis.ledger, shared.lang.into());
    let form = out::Form::of(path, &[out::Form::Xlsx, out::Form::Csv, out::Form::Json])?;
    // What a vendor gets holds nothing of the hospital's own records.
    let registers = filled.iter().all(|it| it.vendor.is_none()) || filled.len() > 1;
    let bytes = match form {
        out::Form::Csv => export::checklist::csv(ledger, filled, lang)?,
        out::Form::Json => export::checklist::json(ledger, filled, lang)?,
        _ => export::checklist::xlsx(basis, filled, registers, lang)?,
    };
    out::write(path, &bytes)?;
    let said = shared.lang.pick("書き出しました", "written");
    say(&format!("{said}: {}", path.display()))?;
    for it in filled {
        say(&format!("  {}", summary(it, lang).join("　")))?;
    }
    Ok(())
}

fn official(
    form: &Path,
    path: &Path,
    filled: &[Filled<'_>],
    shared: &Shared,
) -> anyhow::Result<()> {
    out::Form::of(path, &[out::Form::Xlsx])?;
    let refuse = |what: String| Refused::new("CHK-006", what);
    let bytes = bounded::read(form, guard::FILE_MAX);
    let bytes = bytes.map_err(|error| refuse(format!("{}: {error}", form.display())))?;
    let one_vendor = of_one_vendor(filled, shared);
    let written = official::write(&bytes, &one_vendor).map_err(refuse)?;
    out::write(path, &written.bytes)?;
    say(&format!(
        "{}: {}（{} {}）",
        shared.lang.pick("書き出しました", "written"),
        path.display(),
        shared.lang.pick("記入した項目", "items filled in"),
        written.answers,
    ))?;
    for (ja, en) in &written.left {
        say(&format!(
            "  {}: {}",
            shared.lang.pick("空欄", "left"),
            shared.lang.pick(ja, en)
        ))?;
    }
    let notices = one_vendor
        .iter()
        .filter_map(|it| outdated(it, shared.lang.into()));
    for notice in notices.take(1) {
        say(&notice)?;
    }
    Ok(())
}

/// The ministry's workbook has one sheet for a vendor: with several, the one that is meant must be named.
fn of_one_vendor<'a>(filled: &[Filled<'a>], shared: &Shared) -> Vec<Filled<'a>> {
    let per_vendor = filled.iter().filter(|it| it.vendor.is_some()).count();
    if per_vendor > 1 {
        say_error(shared.lang.pick(
            "注意：事業者確認用は一社ずつです。--sheet vendor --vendor KEY で書き出してください（今回は事業者の表を書きません）",
            "note: a vendor's sheet is for one vendor; use --sheet vendor --vendor KEY (none is written now)",
        ));
    }
    let keep = filled
        .iter()
        .filter(|it| it.vendor.is_none() || per_vendor == 1);
    keep.cloned().collect()
}

/// A vendor's sheet in one line.
fn brief_line(filled: &Filled<'_>, lang: Lang) -> String {
    let (key, name) = filled.vendor.clone().unwrap_or_default();
    let counts = counts(filled, lang);
    format!("{}　{key}　{name}　{counts}", filled.sheet.title(lang))
}

/// A sheet as text: number, answer, item, and what stands against it.
fn print(filled: &Filled<'_>, ledger: &Ledger, lang: Lang) -> std::io::Result<()> {
    for line in summary(filled, lang) {
        say(&line)?;
    }
    say(&source(filled.form, lang))?;
    let keys: Vec<&str> = columns().iter().map(|it| it.key).collect();
    let place = |key: &str| keys.iter().position(|it| *it == key).unwrap_or_default();
    let text = |row: &Row, key: &str| {
        row.cells
            .get(place(key))
            .map_or_else(String::new, |it| it.text.clone())
    };
    for (row, line) in rows(filled, ledger, lang).iter().zip(&filled.lines) {
        say(&format!(
            "  {}　[{}]　{}（{} {}、{} {}、{} {}）",
            text(row, "no"),
            text(row, "answer"),
            text(row, "item"),
            lang.pick("裏付け", "support"),
            line.proof.supports.len(),
            lang.pick("反する", "against"),
            line.proof.contradicts.len(),
            lang.pick("未確認", "open"),
            line.proof.open.len(),
        ))?;
        let against = matches!(line.verdict, Final::Refuted | Final::Contradicted);
        for named in line.proof.contradicts.iter().filter(|_| against).take(3) {
            say(&format!(
                "      {}：{}",
                named.name,
                lang.pick(&named.ja, &named.en)
            ))?;
        }
    }
    say("")
}

fn lists(shared: &Shared) -> anyhow::Result<Outcome> {
    let opened = open::for_reading(shared)?;
    let folder = checklist::folder(opened.folder.path());
    for form in forms(&opened)? {
        let own = folder.join(format!("{}.toml", form.id)).is_file();
        let words: Vec<&str> = form.sheets().into_iter().map(Sheet::word).collect();
        say(&format!(
            "{}　{}　{} {}　{}　{}",
            form.id,
            form.title(shared.lang.into()),
            form.items.len(),
            shared.lang.pick("項目", "items"),
            words.join(","),
            match own {
                true => shared.lang.pick("自院で取り込んだもの", "the site's own"),
                false => shared.lang.pick("出荷時", "shipped"),
            },
        ))?;
        say(&format!(
            "    {}（{}）{}",
            form.source, form.checked, form.note
        ))?;
    }
    Ok(Outcome::Done)
}
