//! `diff`: what changed in the ledger between two moments.

use std::path::PathBuf;

use daicho_graph::impact::Sheet;
use daicho_ledger::Row;
use daicho_ledger::text::moment;

use super::open::{self, Moment};
use super::say::say;
use super::{Outcome, Shared};
use crate::diff::{self, COLUMNS, Change, What};
use crate::export::{self, Lang, List};
use crate::out;
use crate::picture::Picture;

const AFTER_HELP: &str = "\
例 / Examples:
  daicho-collector diff --from 2025-11-26                    一年前からの変化
  daicho-collector diff --from 2026-10-01 --to 2026-10-31 --out 10月の変化.xlsx
  daicho-collector diff --from 2026-11-01 --list software

報告の時刻などひとりでに動く項目と、取得に失敗した項目は、変化として数えません。
Times that move by themselves, and readings that failed, are no changes.";

#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    /// 前の時点（RFC 3339、または日付＝その日の終わり） / the first moment
    #[arg(long, value_name = "T")]
    from: String,
    /// 後の時点。既定は最新 / the second moment; the newest by default
    #[arg(long, value_name = "T")]
    to: Option<String>,
    /// この一覧だけ / this list alone
    #[arg(long, value_parser = super::ledger::names(), hide_possible_values = true)]
    list: Option<String>,
    /// 書き出すファイル / file to write
    #[arg(long, value_name = "F.xlsx|.csv|.json")]
    out: Option<PathBuf>,
}

/// Changes that are printed.
const SHOWN: usize = 200;

pub(super) fn run(arguments: &Arguments, shared: &Shared) -> anyhow::Result<Outcome> {
    let lang: Lang = shared.lang.into();
    let forms = [out::Form::Xlsx, out::Form::Csv, out::Form::Json];
    let out = arguments.out.as_deref();
    let form = out.map(|it| out::Form::of(it, &forms)).transpose()?;
    let opened = open::for_reading(shared)?;
    let before = opened.picture(&Moment::at(arguments.from.clone()))?;
    let after = match &arguments.to {
        Some(to) => Moment::at(to.clone()),
        None => Moment::default(),
    };
    let after = opened.picture(&after)?;
    let list = arguments.list.as_deref().and_then(List::of);
    let lists = list.map_or_else(|| diff::LISTS.to_vec(), |it| vec![it]);
    let changes = diff::changes(before.basis(), after.basis(), &lists, lang);
    let counted = counted(&before, &after, &changes, lang);
    let rows = diff::table(&changes, lang);
    let Some((path, form)) = out.zip(form) else {
        print(&counted, &rows, shared)?;
        return Ok(Outcome::Done);
    };
    let title = lang.pick("変化の一覧", "Differences");
    let sheet = Sheet {
        key: "differences",
        title,
        columns: COLUMNS,
        rows,
    };
    let bytes = match form {
        out::Form::Csv => export::csv::table(COLUMNS, &sheet.rows, lang)?,
        out::Form::Json => export::impact::table_json(after.basis(), &sheet)?,
        _ => {
            let name = lang.pick("期間と件数", "period, counts").to_owned();
            let facts = [(name, counted.clone())];
            export::impact::book(after.basis(), title, &facts, &[sheet], lang)?
        }
    };
    out::write(path, &bytes)?;
    let said = shared.lang.pick("書き出しました", "written");
    say(&format!("{said}: {}\n{counted}", path.display()))?;
    Ok(Outcome::Done)
}

/// Both moments, and how many changes of each sort.
fn counted(before: &Picture, after: &Picture, changes: &[Change], lang: Lang) -> String {
    let offset = after.ledger.site.utc_offset_s;
    let [from, to] = [before, after].map(|it| moment(it.ledger.as_of, offset));
    let count = |what: What| {
        let count = changes.iter().filter(|it| it.what == what).count();
        format!("{} {count}", what.title(lang))
    };
    let counts = [What::Added, What::Gone, What::Changed].map(count);
    format!("{from} → {to}　{}", counts.join(lang.pick("、", ", ")))
}

fn print(counted: &str, rows: &[Row], shared: &Shared) -> std::io::Result<()> {
    say(counted)?;
    for row in rows.iter().take(SHOWN) {
        let cells = row.cells.iter().filter(|it| it.text != "―");
        let cells: Vec<String> = cells.map(|it| it.text.replace('\n', "、")).collect();
        say(&cells.join("　"))?;
    }
    let left = rows.len().saturating_sub(SHOWN);
    if left > 0 {
        let words = shared
            .lang
            .pick("件（--out ですべて）", "more (--out has all)");
        say(&format!("… {left} {words}"))?;
    }
    Ok(())
}
