//! `diagram`: the network diagram at a moment.

use std::path::PathBuf;

use super::draw::{self, Drawing};
use super::open::{self, Moment};
use super::what::{Model, What};
use super::{Outcome, Shared};
use crate::{drawing, out};

const AFTER_HELP: &str = "\
例 / Examples:
  daicho-collector diagram --out diagram.pdf
  daicho-collector diagram --out diagram.pptx        （PowerPoint で編集 / to edit in PowerPoint）
  daicho-collector diagram --out diagram.png --font ./BIZUDGothic-Regular.ttf
  daicho-collector diagram --out shapes.svg --svg office  （Office に挿入して図形に / shapes in Office）
  daicho-collector diagram --out diagram.svg --as-of 2026-11-22 --lang en
  daicho-collector diagram --view system --out systems.svg
  daicho-collector diagram --flows --out flows.pdf   （観測した通信を重ねる / flows seen, over it）
  daicho-collector diagram --author 架空花子 --approver 架空院長 --revision 第3版 --out diagram.pdf
  daicho-collector diagram --diff-from 2026-11-01 --out changes.svg
  daicho-collector diagram --model F.json --geometry G.json";

#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    /// 書き出すファイル / file to write
    #[arg(
        long,
        value_name = "F.pdf|.svg|.png|.pptx|.drawio|.graphml|.dot|.mmd",
        required_unless_present = "model"
    )]
    out: Option<PathBuf>,
    #[command(flatten)]
    moment: Moment,
    #[command(flatten)]
    what: What,
    #[command(flatten)]
    model: Model,
    #[command(flatten)]
    drawing: Drawing,
}

pub(super) fn run(arguments: &Arguments, shared: &Shared) -> anyhow::Result<Outcome> {
    let Some(out) = arguments.out.as_ref().filter(|_| !arguments.model.given()) else {
        arguments.model.place()?;
        return Ok(Outcome::Done);
    };
    out::Form::of(out, drawing::FORMS)?;
    let opened = open::for_reading(shared)?;
    let picture = opened.picture(&arguments.moment)?;
    let geometry = arguments.what.geometry(&opened, &picture, shared)?;
    let about = picture.about(&geometry, shared.lang.into());
    let outcome = draw::write(&geometry, &about, out, &arguments.drawing, shared.lang)?;
    opened.warn_if_old(&picture.ledger, &arguments.moment, shared.lang);
    Ok(outcome)
}
