//! `impact --systems`: what stops with each system, and the order in which everything is brought back.

use std::path::Path;

use daicho_graph::impact::{self, Sheet};

use crate::cli::draw;
use crate::cli::say::say;
use crate::cli::{Outcome, Shared};
use crate::export::{self, Lang};
use crate::out;
use crate::picture::Picture;
use crate::refusal::Refused;

pub(super) fn run(
    picture: &Picture,
    out: Option<(&Path, out::Form)>,
    font: Option<&Path>,
    shared: &Shared,
) -> anyhow::Result<Outcome> {
    let lang: Lang = shared.lang.into();
    let basis = picture.basis();
    let sheets = impact::system_sheets(basis, &impact::Resident::of(basis), lang);
    let title = lang.pick(
        "システム停止が事業継続に与える影響・復旧順",
        "What stops with each system; restore order",
    );
    if let Some((path, form)) = out {
        let bytes = match form {
            out::Form::Csv => export::impact::csv(&sheets, lang)?,
            out::Form::Xlsx => export::impact::book(basis, title, &facts(lang), &sheets, lang)?,
            out::Form::Pdf => {
                let paper = export::impact::printed(basis, title, &facts(lang), &sheets, lang);
                draw::paper(picture, &paper, font, shared.lang)?
            }
            _ => return Err(Refused::new("IMP-004", path.display().to_string()).into()),
        };
        out::write(path, &bytes)?;
    }
    if picture.ledger.site.simulated {
        let words = "模擬データ（実在の病院ではありません）";
        say(shared.lang.pick(words, "simulated data (no real hospital)"))?;
    }
    // Field by field is for paper; a line for each system is for the screen.
    for sheet in sheets.iter().filter(|it| it.key != "annex") {
        say(sheet.title)?;
        print(sheet, lang)?;
    }
    if let Some((path, _)) = out {
        let word = shared.lang.pick("書き出しました", "written");
        say(&format!("{word}: {}", path.display()))?;
    }
    Ok(Outcome::Done)
}

/// Cells that were entered or seen, one row a line.
fn print(sheet: &Sheet, lang: Lang) -> std::io::Result<()> {
    const SHOWN: usize = 5;
    for row in &sheet.rows {
        let cells = row.cells.iter().zip(sheet.columns).take(SHOWN);
        let cells = cells.map(|(cell, column)| {
            format!("{} {}", column.title(lang), cell.text.replace('\n', "；"))
        });
        say(&format!("  {}", cells.collect::<Vec<_>>().join("　")))?;
    }
    Ok(())
}

fn facts(lang: Lang) -> Vec<(String, String)> {
    let how = lang.pick(
        "復旧順（計算）は、観測した通信から、あるシステムのサーバが利用するシステムを先にしたものです。互いに利用するシステムは同じ番号です。観測していない依存は含みません。事業者と確かめてください",
        "worked out from talk that was observed: what a system's servers use comes first; what was not seen is not in it",
    );
    vec![(
        lang.pick("読み方", "how to read").to_owned(),
        how.to_owned(),
    )]
}
