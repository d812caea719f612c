//! `diagram`: the network diagram at a moment.

use std::path::PathBuf;

use super::open::{self, Moment};
use super::say::say;
use super::{Outcome, Shared};
use crate::out;

const AFTER_HELP: &str = "\
例 / Examples:
  daicho-collector diagram --out diagram.svg
  daicho-collector diagram --out diagram.svg --as-of 2026-11-22 --lang en";

#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    /// 書き出すファイル / file to write
    #[arg(long, value_name = "F.svg")]
    out: PathBuf,
    #[command(flatten)]
    moment: Moment,
}

pub(super) fn run(arguments: &Arguments, shared: &Shared) -> anyhow::Result<Outcome> {
    out::Form::of(&arguments.out, &[out::Form::Svg])?;
    let opened = open::for_reading(shared)?;
    let picture = opened.picture(&arguments.moment)?;
    out::write(&arguments.out, picture.svg(shared.lang.into()).as_bytes())?;
    opened.warn_if_old(&picture.ledger, &arguments.moment, shared.lang);
    say(&format!(
        "{}: {}",
        shared.lang.pick("書き出しました", "written"),
        arguments.out.display()
    ))?;
    Ok(Outcome::Done)
}
