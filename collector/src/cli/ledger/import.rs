//! `ledger import`: an edited workbook or CSV back into the ledger. Every change is shown; all of it is
//! taken in, or nothing.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use daicho_graph::list::Basis;

use crate::bounded;
use crate::cli::open::{self, Opened};
use crate::cli::say::say;
use crate::cli::{Outcome, Shared};
use crate::export::stamp::Stamp;
use crate::hand::{
    self,
    sheet::{guard, plan, table},
};
use crate::picture::Picture;
use crate::refusal::{Refused, visible};

const AFTER_HELP: &str = "\
例 / Examples:
  daicho-collector ledger --out daicho.xlsx
  （Excel で黄色の見出しの列を直し、保存する。新しい機器は、行キーを空にした行を足す）
  daicho-collector ledger import daicho.xlsx --by 架空花子 --dry-run
  daicho-collector ledger import daicho.xlsx --by 架空花子

取り込むのは、手入力の列（サーバ・端末PC、ネットワーク機器、リモートメンテナンス一覧）だけです。並べ替え・絞り込み・
列の移動をしても構いません。書き出したあとに台帳側でも変わった項目は競合として示し、何も取り込みません。
Only columns kept by hand are taken in. Rows and columns may be sorted, filtered and moved. What was
changed here and there is named, and then nothing is taken in.";

#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    /// 取り込むファイル / file to take in
    #[arg(value_name = "F.xlsx|.csv")]
    file: PathBuf,
    /// だれが。記録に残る / who; kept in the log
    #[arg(long, value_name = "NAME")]
    by: String,
    /// 変わるところを見せるだけで、何も書かない / show what would change, write nothing
    #[arg(long)]
    dry_run: bool,
    /// 競合したとき、どちらを採るか / whose word goes in a conflict
    #[arg(long, value_enum, value_name = "file|ledger")]
    prefer: Option<Prefer>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Prefer {
    /// ファイルの値 / the file's
    File,
    /// 台帳の値 / the ledger's
    Ledger,
}

pub(super) fn run(arguments: &Arguments, shared: &Shared) -> anyhow::Result<Outcome> {
    hand::bounds::person(&arguments.by)?;
    let file = read(&arguments.file)?;
    let opened = open::beside_the_server(shared)?;
    let prefer = arguments.prefer.map(|it| match it {
        Prefer::File => plan::Prefer::File,
        Prefer::Ledger => plan::Prefer::Ledger,
    });
    let plan = compare(&opened, &file, prefer)?;
    if shared.json {
        say(&serde_json::to_string_pretty(&plan)?)?;
    } else {
        show(&plan, shared)?;
    }
    if let Some(first) = plan.faults.first() {
        let what = format!("{first}（{}）", plan.faults.len());
        return Err(Refused::new("SIT-012", what).into());
    }
    if let Some(first) = plan.conflicts.first() {
        let what = format!(
            "{} {}（{}）",
            first.change.place,
            first.change.title,
            plan.conflicts.len()
        );
        return Err(Refused::new("SIT-013", what).into());
    }
    let count = |word: &str| {
        let made = plan.made.len();
        format!(
            "{word}: {} {}、{} {made}",
            shared.lang.pick("変更", "changes"),
            plan.changes.len(),
            shared.lang.pick("新しい行", "new rows"),
        )
    };
    if arguments.dry_run {
        let (ja, en) = (
            "確認だけです。何も書いていません",
            "a preview only; nothing was written",
        );
        if !shared.json {
            say(&count(shared.lang.pick(ja, en)))?;
        }
        return Ok(Outcome::Done);
    }
    let site = opened.site_collector()?;
    hand::enter(&site, &arguments.by, &plan.drafts)?;
    if !shared.json {
        say(&count(shared.lang.pick("取り込みました", "taken in")))?;
    }
    Ok(Outcome::Done)
}

/// The file against the lists as the person saw them and as they stand.
fn compare(
    opened: &Opened,
    file: &table::File,
    prefer: Option<plan::Prefer>,
) -> anyhow::Result<plan::Plan> {
    let Stamp { as_of, .. } = file.stamp;
    let knowledge = opened.knowledge()?;
    let site = opened.config.site.at(as_of);
    let then = Picture::at(opened.store.as_ref(), site, as_of, &knowledge)?;
    let standing = hand::now(opened.store.as_ref())?;
    if standing == then.ledger.hand {
        let basis = then.basis();
        let sides = plan::Sides {
            then: basis,
            now: basis,
        };
        return Ok(plan::plan(file, sides, prefer));
    }
    let mut ledger = then.ledger.clone();
    ledger.hand = standing;
    let network = daicho_graph::network(&ledger, &knowledge);
    let sides = plan::Sides {
        then: then.basis(),
        now: Basis {
            ledger: &ledger,
            topology: &network.topology,
            recognition: &network.recognition,
        },
    };
    Ok(plan::plan(file, sides, prefer))
}

fn read(path: &Path) -> Result<table::File, Refused> {
    let refuse = |what: String| Refused::new("SIT-011", what);
    let shown = path.display();
    let bytes = bounded::read(path, guard::FILE_MAX)
        .map_err(|error| refuse(format!("{shown}: {error}")))?;
    let ending = path.extension().and_then(|it| it.to_str());
    let file = match ending.unwrap_or_default().to_ascii_lowercase().as_str() {
        "xlsx" => table::of_workbook(&bytes),
        "csv" => table::of_csv(&bytes),
        _ => Err("want .xlsx, .csv".to_owned()),
    };
    file.map_err(|what| refuse(format!("{shown}: {what}")))
}

fn show(plan: &plan::Plan, shared: &Shared) -> std::io::Result<()> {
    let lang = shared.lang;
    let one = |text: &str| match text.is_empty() {
        true => lang.pick("（空欄）", "(empty)").to_owned(),
        false => visible(&text.replace('\n', " / ")),
    };
    let change = |it: &plan::Changed| {
        format!(
            "{}　{}　{}: {} → {}",
            it.place,
            one(&it.label),
            it.title,
            one(&it.before),
            one(&it.after)
        )
    };
    for it in &plan.changes {
        say(&format!("{}　{}", lang.pick("変更", "change"), change(it)))?;
    }
    for (place, name) in &plan.made {
        say(&format!("{}　{place}　{name}", lang.pick("新規", "new")))?;
    }
    for it in &plan.conflicts {
        say(&format!(
            "{}　{}（{}: {}、{}: {}）",
            lang.pick("競合", "conflict"),
            change(&it.change),
            lang.pick("書き出し時", "at the export"),
            one(&it.was),
            lang.pick("その後の記入", "written since"),
            one(&it.by),
        ))?;
    }
    for it in &plan.faults {
        say(&format!("{}　{it}", lang.pick("誤り", "mistake")))?;
    }
    for it in &plan.notices {
        say(&format!("{}　{it}", lang.pick("お知らせ", "note")))?;
    }
    Ok(())
}
