//! `diagram`: the network diagram at a moment.

use std::path::PathBuf;

use super::draw::{self, Drawing};
use super::open::{self, Moment};
use super::{Outcome, Shared};
use crate::{drawing, out};

const AFTER_HELP: &str = "\
例 / Examples:
  daicho-collector diagram --out diagram.pdf
  daicho-collector diagram --out diagram.pptx        （PowerPoint で編集 / to edit in PowerPoint）
  daicho-collector diagram --out diagram.png --font ./BIZUDGothic-Regular.ttf
  daicho-collector diagram --out diagram.svg --as-of 2026-11-22 --lang en";

#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    /// 書き出すファイル / file to write
    #[arg(long, value_name = "F.pdf|.svg|.png|.pptx|.drawio|.graphml|.dot|.mmd")]
    out: PathBuf,
    #[command(flatten)]
    moment: Moment,
    #[command(flatten)]
    drawing: Drawing,
}

pub(super) fn run(arguments: &Arguments, shared: &Shared) -> anyhow::Result<Outcome> {
    out::Form::of(&arguments.out, drawing::FORMS)?;
    let opened = open::for_reading(shared)?;
    let picture = opened.picture(&arguments.moment)?;
    let geometry = picture.geometry(shared.lang.into());
    let about = picture.about(&geometry, shared.lang.into());
    let (out, drawing) = (&arguments.out, &arguments.drawing);
    let outcome = draw::write(&geometry, &about, out, drawing, shared.lang)?;
    opened.warn_if_old(&picture.ledger, &arguments.moment, shared.lang);
    Ok(outcome)
}
