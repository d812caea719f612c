//! `log verify`: has anything that was received been changed since?

use super::open;
use super::say::say;
use super::{Outcome, Shared};
use crate::check;

const AFTER_HELP: &str = "\
例 / Examples:
  daicho-collector log verify
  daicho-collector log verify --json

すべての記録を読み直し、ハッシュ木・署名・連鎖・本文を確かめます。一つでも違えば、どれかを示して終了コード 5 で終わります。
Reads every entry again and checks the hash tree, signatures, chains and bodies. If one is wrong it
is named and the exit code is 5.";

#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// 改ざんがないか調べる / check that nothing was changed
    #[command(after_help = AFTER_HELP)]
    Verify,
}

pub(super) fn run(arguments: &Arguments, shared: &Shared) -> anyhow::Result<Outcome> {
    let Command::Verify = arguments.command;
    let opened = open::for_reading(shared)?;
    let key = opened.folder.log_key()?.public();
    let outcome = check::verify(opened.store.as_ref(), &key)?;
    if shared.json {
        say(&serde_json::to_string_pretty(&outcome)?)?;
    } else {
        say(&format!(
            "{}: {}　{}: {}",
            shared.lang.pick("記録", "entries"),
            outcome.leaves,
            shared.lang.pick("根のハッシュ", "root"),
            outcome.root,
        ))?;
        for problem in &outcome.problems {
            say(&format!("{}: {problem}", shared.lang.pick("異常", "wrong")))?;
        }
        let verdict = if outcome.problems.is_empty() {
            shared
                .lang
                .pick("改ざんは見つかりませんでした。", "nothing was changed")
        } else {
            shared.lang.pick(
                "記録が変えられています。データフォルダに触れず、写しを取り、システム管理者に連絡してください。",
                "the record was changed; leave the data folder as it is, take a copy, tell the administrator",
            )
        };
        say(verdict)?;
    }
    Ok(if outcome.problems.is_empty() {
        Outcome::Done
    } else {
        Outcome::Alarm
    })
}
