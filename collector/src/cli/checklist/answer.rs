//! `checklist answer`: what a person attests of one item.

use std::path::{Path, PathBuf};

use daicho_ledger::checklist::{Form, Item, Sheet, answer_key};
use daicho_ledger::hand::{Answer, EntryBody, KeptFile, Said};
use daicho_report::Hash;

use super::forms;
use crate::checklist::official;
use crate::cli::open;
use crate::cli::say::say;
use crate::cli::{Outcome, Shared};
use crate::hand::bounds::FILE_MAX;
use crate::hand::{self, Draft};
use crate::refusal::{Refused, visible};
use crate::{bounded, checklist};

const AFTER_HELP: &str = "\
例 / Examples:
  daicho-collector checklist answer 1-① yes --on 2026-11-20 --name 院長 --by 架空花子
  daicho-collector checklist answer 2-⑩ no --target 2027-03-31 --on 2026-11-20 --name 架空花子 --by 架空花子
  daicho-collector checklist answer 3-③ yes --file BCP.pdf --version 第2版 --approver 院長 \\
    --on 2026-11-20 --name 架空花子 --by 架空花子
  daicho-collector checklist answer 2-② yes --sheet vendor --vendor vendor-ehr --on 2026-11-20 --name 担当者 --by 架空花子

同じ項目にもう一度答えると、書き換わります（前の回答は記録に残ります）。取消は site withdraw answer KEY。
The same item again replaces the answer; what stood before stays in the log.";

#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    /// 項番（2-⑨）または項目番号（2-09） / number or id of the item
    #[arg(value_name = "ITEM")]
    item: String,
    /// yes（はい）・no（いいえ）・none（該当なし） / yes, no or none
    #[arg(value_enum, value_name = "yes|no|none")]
    says: Word,
    /// 確認日（YYYY-MM-DD） / the day on which it was looked at
    #[arg(long, value_name = "DAY")]
    on: String,
    /// 確認者 / who looked
    #[arg(long, value_name = "NAME")]
    name: String,
    /// だれが入力したか。記録に残る / who types it in; kept in the log
    #[arg(long, value_name = "NAME")]
    by: String,
    /// 様式（既定は最新の年度） / which form
    #[arg(long, value_name = "NAME")]
    list: Option<String>,
    /// どの表か（既定は様式の最初の表） / which sheet
    #[arg(long, value_parser = super::sheets(), hide_possible_values = true, value_name = "SHEET")]
    sheet: Option<String>,
    /// 事業者の key（事業者確認用・契約の表） / key of the vendor
    #[arg(long, value_name = "KEY")]
    vendor: Option<String>,
    /// 目標日（いいえの場合） / by when it is to be done
    #[arg(long, value_name = "DAY")]
    target: Option<String>,
    /// 完了日 / when it was done
    #[arg(long, value_name = "DAY")]
    done: Option<String>,
    /// 証明する文書。中身ごと保存する / the document that proves it; its bytes are kept
    #[arg(long, value_name = "F")]
    file: Option<PathBuf>,
    /// 文書の版 / version of the document
    #[arg(long, value_name = "TEXT", default_value = "")]
    version: String,
    /// 文書の承認者 / who approved the document
    #[arg(long, value_name = "NAME", default_value = "")]
    approver: String,
    /// 備考 / note
    #[arg(long, value_name = "TEXT", default_value = "")]
    note: String,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Word {
    /// はい
    Yes,
    /// いいえ
    No,
    /// 該当なし
    None,
}

/// A document and its bytes.
pub(in crate::cli) fn document(path: &Path) -> Result<(KeptFile, Vec<u8>), Refused> {
    let refuse = |what: String| Refused::new("CHK-007", what);
    let bytes = bounded::read(path, FILE_MAX);
    let bytes = bytes.map_err(|error| refuse(format!("{}: {error}", path.display())))?;
    let name = path.file_name().map(|it| it.to_string_lossy().into_owned());
    let file = KeptFile {
        name: name.unwrap_or_default(),
        bytes: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
        digest: Hash::of(&bytes),
    };
    Ok((file, bytes))
}

/// An item by its id or number; `2-9` is 2-⑨ as well.
fn named<'a>(form: &'a Form, text: &str) -> Option<&'a Item> {
    let wanted = official::plain(text);
    let mut alike = form
        .items
        .iter()
        .filter(|it| official::plain(&it.no) == wanted);
    form.item(text)
        .or_else(|| alike.next().filter(|_| alike.next().is_none()))
}

pub(super) fn run(arguments: &Arguments, shared: &Shared) -> anyhow::Result<Outcome> {
    let opened = open::beside_the_server(shared)?;
    let forms = forms(&opened)?;
    let form = checklist::form(&forms, arguments.list.as_deref())?;
    let item = named(form, &arguments.item).ok_or_else(|| {
        let known = form.items.iter().map(|it| it.id.clone()).collect();
        hand::unknown("CHK-003", &arguments.item, &known)
    })?;
    let wanted = arguments.sheet.as_deref().and_then(Sheet::of);
    let of_vendor = arguments.vendor.is_some();
    let sheet = wanted.or_else(|| {
        let mut fits = item
            .sheets
            .iter()
            .filter(|it| it.is_per_vendor() == of_vendor);
        fits.next().copied()
    });
    let sheet = sheet.filter(|it| item.sheets.contains(it) && it.is_per_vendor() == of_vendor);
    let Some(sheet) = sheet else {
        let words: Vec<&str> = item.sheets.iter().map(|it| it.word()).collect();
        let what = format!("{} {}（{}、--vendor）", form.id, item.no, words.join(", "));
        return Err(Refused::new("CHK-005", what).into());
    };
    let read = arguments.file.as_deref().map(document).transpose()?;
    let (file, bytes) = read.unzip();
    let draft = Draft {
        key: answer_key(&form.id, sheet, arguments.vendor.as_deref(), &item.id),
        body: EntryBody::Answer(Answer {
            says: match arguments.says {
                Word::Yes => Said::Yes,
                Word::No => Said::No,
                Word::None => Said::NotApplicable,
            },
            on: arguments.on.clone(),
            name: arguments.name.clone(),
            target: arguments.target.clone(),
            done: arguments.done.clone(),
            version: arguments.version.clone(),
            approver: arguments.approver.clone(),
            note: arguments.note.clone(),
            file,
        }),
    };
    let key = draft.key.clone();
    let site = opened.site_collector()?;
    let bytes: Vec<Vec<u8>> = bytes.into_iter().collect();
    hand::enter_with(&site, &arguments.by, &[draft], &bytes)?;
    say(&format!(
        "{}: {}　{}",
        shared.lang.pick("記録しました", "kept"),
        visible(&key),
        item.label(shared.lang.into())
    ))?;
    Ok(Outcome::Done)
}
