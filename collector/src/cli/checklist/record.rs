//! `checklist record` and `checklist records`: the registers that a hospital keeps.

use std::path::PathBuf;

use daicho_ledger::checklist::{register_columns, register_rows};
use daicho_ledger::hand::{EntryBody, Record, Register};

use super::answer::document;
use crate::cli::open;
use crate::cli::say::say;
use crate::cli::{Outcome, Shared};
use crate::export::Lang;
use crate::hand::{self, Draft};
use crate::refusal::visible;

const AFTER_HELP: &str = "\
例 / Examples:
  daicho-collector checklist record training --on 2026-11-20 --name 架空花子 --result 机上訓練（参加12名） --by 架空花子
  daicho-collector checklist record log_review --on 2026-11-20 --name 架空花子 --result 異常なし --next 2027-02-20 --by 架空花子
  daicho-collector checklist record disclosure --vendor vendor-ehr --file MDS.pdf --on 2026-11-20 --name 架空花子 --by 架空花子

同じ日に何度でも書けます。取消は site withdraw record KEY。
Any number of records on one day; withdraw one with `site withdraw record KEY`.";

#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    /// 記録簿 / the register
    #[arg(value_parser = registers(), value_name = "REGISTER")]
    register: String,
    /// 実施日（YYYY-MM-DD） / the day on which it was done
    #[arg(long, value_name = "DAY")]
    on: String,
    /// 実施者 / who did it
    #[arg(long, value_name = "NAME")]
    name: String,
    /// だれが入力したか。記録に残る / who types it in; kept in the log
    #[arg(long, value_name = "NAME")]
    by: String,
    /// 事業者の key / key of the vendor that it is about
    #[arg(long, value_name = "KEY")]
    vendor: Option<String>,
    /// 結果 / what came of it
    #[arg(long, value_name = "TEXT", default_value = "")]
    result: String,
    /// 次回の期限 / when it is due again
    #[arg(long, value_name = "DAY")]
    next: Option<String>,
    /// 文書。中身ごと保存する / the document; its bytes are kept
    #[arg(long, value_name = "F")]
    file: Option<PathBuf>,
    /// 備考 / note
    #[arg(long, value_name = "TEXT", default_value = "")]
    note: String,
}

/// Every register by its name, with its title.
fn registers() -> clap::builder::PossibleValuesParser {
    let value = |it: Register| {
        let title = format!("{} / {}", it.title(Lang::Ja), it.title(Lang::En));
        clap::builder::PossibleValue::new(it.word()).help(title)
    };
    Register::ALL.map(value).into()
}

pub(super) fn run(arguments: &Arguments, shared: &Shared) -> anyhow::Result<Outcome> {
    let opened = open::beside_the_server(shared)?;
    let site = opened.site_collector()?;
    let register = Register::of(&arguments.register).unwrap_or(Register::Training);
    let standing = hand::now(opened.store.as_ref())?;
    let before = format!("{}/{}/", register.word(), arguments.on);
    let key = hand::next_key(&standing, "record", &before);
    let read = arguments.file.as_deref().map(document).transpose()?;
    let (file, bytes) = read.unzip();
    let draft = Draft {
        key: key.clone(),
        body: EntryBody::Record(Record {
            register,
            on: arguments.on.clone(),
            name: arguments.name.clone(),
            vendor: arguments.vendor.clone(),
            result: arguments.result.clone(),
            next: arguments.next.clone(),
            note: arguments.note.clone(),
            file,
        }),
    };
    let bytes: Vec<Vec<u8>> = bytes.into_iter().collect();
    hand::enter_with(&site, &arguments.by, &[draft], &bytes)?;
    let said = shared.lang.pick("記録しました", "kept");
    say(&format!("{said}: {}", visible(&key)))?;
    Ok(Outcome::Done)
}

pub(super) fn list(shared: &Shared) -> anyhow::Result<Outcome> {
    let lang: Lang = shared.lang.into();
    let opened = open::for_reading(shared)?;
    let hand = hand::now(opened.store.as_ref())?;
    if shared.json {
        let records: Vec<_> = hand.records().map(|it| it.0).collect();
        say(&serde_json::to_string_pretty(&records)?)?;
        return Ok(Outcome::Done);
    }
    let at = opened.moment(None)?;
    let offset = opened.config.site.at(at).utc_offset_s;
    let columns = register_columns();
    for row in register_rows(&hand, offset, lang) {
        let cells = row
            .cells
            .iter()
            .zip(&columns)
            .filter(|(_, column)| column.key != "entered");
        let shown = cells.map(|(cell, _)| cell.text.replace('\n', " "));
        let shown = shown
            .filter(|it| it != "―" && !it.starts_with("未確認"))
            .collect::<Vec<_>>();
        say(&shown.join("　"))?;
    }
    Ok(Outcome::Done)
}
