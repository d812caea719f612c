//! `doctor`: is the data folder whole? Everything of `log verify`, and that what is read every day
//! is what the log says.

use daicho_report::Time;

use super::open::{self, Opened};
use super::say::say;
use super::{Outcome, Shared};
use crate::check;
use crate::picture;

const AFTER_HELP: &str = "\
例 / Examples:
  daicho-collector doctor
  daicho-collector doctor --rebuild     記録から台帳の元データを作り直し、いまのものと比べる（変更しません） /
                                        derive the tables from the log again and compare (changes nothing)";

#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    /// 記録から作り直して比べる / rebuild from the log and compare
    #[arg(long)]
    rebuild: bool,
}

pub(super) fn run(arguments: &Arguments, shared: &Shared) -> anyhow::Result<Outcome> {
    let opened = open::for_reading(shared)?;
    let key = opened.folder.log_key()?.public();
    let outcome = check::verify(opened.store.as_ref(), &key)?;
    let mut problems: Vec<String> = outcome.problems.iter().map(ToString::to_string).collect();
    if arguments.rebuild {
        problems.extend(check::rebuild_compare(opened.store.as_ref())?);
    }
    let unknown = unknown_sections(&opened)?;
    if shared.json {
        let value = serde_json::json!({
            "leaves": outcome.leaves, "root": outcome.root, "problems": problems,
            "unknown_sections": unknown, "rebuilt": arguments.rebuild,
        });
        say(&serde_json::to_string_pretty(&value)?)?;
    } else {
        say(&format!(
            "{}: {}",
            shared.lang.pick("記録", "log entries"),
            outcome.leaves
        ))?;
        for (agent, kinds) in &unknown {
            let said = shared.lang.pick(
                "この版では読めない区分（保存済み）",
                "sections that this version does not know (kept)",
            );
            say(&format!("{said}: {agent}: {}", kinds.join(", ")))?;
        }
        for problem in &problems {
            say(&format!("{}: {problem}", shared.lang.pick("異常", "wrong")))?;
        }
        if problems.is_empty() {
            say(shared
                .lang
                .pick("異常は見つかりませんでした。", "nothing is wrong"))?;
        }
    }
    Ok(if !problems.is_empty() {
        Outcome::Alarm
    } else if unknown.is_empty() {
        Outcome::Done
    } else {
        Outcome::Incomplete
    })
}

/// By agent, the sections kept that this version does not know.
fn unknown_sections(opened: &Opened) -> anyhow::Result<Vec<(String, Vec<String>)>> {
    let as_of = opened.store.newest_receipt()?.unwrap_or(Time::EPOCH);
    let ledger = picture::ledger(opened.store.as_ref(), opened.config.site.at(as_of), as_of)?;
    let with = ledger
        .assets
        .into_iter()
        .filter(|asset| !asset.unknown_sections.is_empty());
    Ok(with
        .map(|asset| (asset.id.0, asset.unknown_sections))
        .collect())
}
