//! `site export` and `site import`: the entries as a file.

use super::show::title;
use super::{By, Path, warn_loose, word, writable};
use crate::bounded;
use crate::cli::open;
use crate::cli::say::say;
use crate::cli::{Outcome, Shared};
use crate::hand::{self, Change, Draft, file};
use crate::out;
use crate::refusal::{Refused, visible};

const HEAD: &str = "\
Daicho の手入力。直して daicho-collector site import このファイル --by 氏名 で取り込みます。
by と at は、だれがいつ書いたかの控えです（取り込みでは読みません）。
Entries kept by hand; correct them and take them in with `site import`. by and at are for people.";

#[derive(clap::Args)]
pub(super) struct ExportArguments {
    /// 書き出すファイル / file to write
    #[arg(long, value_name = "F.toml")]
    out: Path,
}

#[derive(clap::Args)]
pub(super) struct ImportArguments {
    /// 取り込むファイル / file to take in
    #[arg(value_name = "F.toml")]
    file: Path,
    #[command(flatten)]
    by: By,
    /// 変わるところを見せるだけで、何も書かない / show what would change, write nothing
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn export(arguments: &ExportArguments, shared: &Shared) -> anyhow::Result<Outcome> {
    out::Form::of(&arguments.out, &[out::Form::Toml])?;
    let opened = open::for_reading(shared)?;
    let hand = hand::now(opened.store.as_ref())?;
    out::write(&arguments.out, file::text(HEAD, &hand.entries).as_bytes())?;
    say(&format!(
        "{}: {}（{}）",
        shared.lang.pick("書き出しました", "written"),
        arguments.out.display(),
        hand.entries.len(),
    ))?;
    Ok(Outcome::Done)
}

pub(super) fn import(arguments: &ImportArguments, shared: &Shared) -> anyhow::Result<Outcome> {
    hand::bounds::person(&arguments.by.by)?;
    let drafts = read(&arguments.file)?;
    let (opened, site) = writable(shared)?;
    let standing = hand::now(opened.store.as_ref())?;
    let mut changes = hand::changes(&standing, &drafts);
    preview(&drafts, &changes, shared)?;
    if arguments.dry_run {
        say(shared.lang.pick(
            "確認だけです。何も書いていません。",
            "a preview only; nothing was written",
        ))?;
        return Ok(Outcome::Done);
    }
    changes = hand::enter(&site, &arguments.by.by, &drafts)?;
    let count = |wanted| changes.iter().filter(|it| **it == wanted).count();
    say(&format!(
        "{}: {} {}、{} {}、{} {}",
        shared.lang.pick("取り込みました", "taken in"),
        word(Change::New, shared),
        count(Change::New),
        word(Change::Changed, shared),
        count(Change::Changed),
        word(Change::Unchanged, shared),
        count(Change::Unchanged),
    ))?;
    warn_loose(&opened, None, shared)?;
    Ok(Outcome::Done)
}

fn read(path: &Path) -> Result<Vec<Draft>, Refused> {
    let refuse = |what: String| Refused::new("SIT-001", what);
    let shown = path.display();
    let bytes = bounded::read(path, file::BYTES_MAX)
        .map_err(|error| refuse(format!("{shown}: {error}")))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let good = error.as_bytes().get(..error.utf8_error().valid_up_to());
        let lines = good.unwrap_or_default().iter().filter(|it| **it == b'\n');
        refuse(format!("{shown}:{}: UTF-8", lines.count() + 1))
    })?;
    let written = file::parse(&text).map_err(|fault| refuse(format!("{shown}:{fault}")))?;
    Ok(written.into_iter().map(|it| it.draft).collect())
}

fn preview(drafts: &[Draft], changes: &[Change], shared: &Shared) -> std::io::Result<()> {
    for (draft, change) in drafts.iter().zip(changes) {
        if *change != Change::Unchanged {
            say(&format!(
                "{}　{}　{}　{}",
                word(*change, shared),
                draft.body.kind(),
                visible(&draft.key),
                visible(&title(&draft.body, shared.lang)),
            ))?;
        }
    }
    Ok(())
}
