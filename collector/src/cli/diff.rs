//! `diff`: what changed in the ledger between two moments.

use std::path::PathBuf;

use daicho_graph::impact::Sheet;

use super::open::{self, Moment};
use super::say::say;
use super::{Outcome, Shared};
use crate::diff::{self, COLUMNS, What};
use crate::export::{self, Lang, List};
use crate::out;
use daicho_ledger::text::moment;

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
    let offset = after.ledger.site.utc_offset_s;
    let period = format!(
        "{} → {}",
        moment(before.ledger.as_of, offset),
        moment(after.ledger.as_of, offset)
    );
    let count = |what| changes.iter().filter(|it| it.what == what).count();
    let counted = format!(
        "{period}　{} {}、{} {}、{} {}",
        What::Added.title(lang),
        count(What::Added),
        What::Gone.title(lang),
        count(What::Gone),
        What::Changed.title(lang),
        count(What::Changed),
    );
    let rows = diff::table(&changes, lang);
    let Some((path, form)) = out.zip(form) else {
        say(&counted)?;
        for row in rows.iter().take(SHOWN) {
            let cells = row.cells.iter().filter(|it| it.text != "―");
            let cells: Vec<String> = cells.map(|it| it.text.replace('\n', "、")).collect();
            say(&cells.join("　"))?;
        }
        if rows.len() > SHOWN {
            let left = rows.len() - SHOWN;
            say(&format!(
                "… {left} {}",
                shared
                    .lang
                    .pick("件（--out ですべて）", "more (--out has all)")
            ))?;
        }
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
            export::impact::book(
                after.basis(),
                title,
                &[(name, counted.clone())],
                &[sheet],
                lang,
            )?
        }
    };
    out::write(path, &bytes)?;
    say(&format!(
        "{}: {}\n{counted}",
        shared.lang.pick("書き出しました", "written"),
        path.display()
    ))?;
    Ok(Outcome::Done)
}
