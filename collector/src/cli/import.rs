//! `import`: a simulated hospital into an empty data folder, by the same ingest as real data.

use std::path::PathBuf;

use super::open;
use super::say::say;
use super::{Outcome, Shared, progress};
use crate::simulated::folder::Folder;
use crate::simulated::import::{Summary, import};

const AFTER_HELP: &str = "\
例 / Examples:
  daicho-collector simulate --assets 50 --seed 1 --out ./mogi
  daicho-collector import ./mogi --data ./mogi-data
  daicho-collector ledger --data ./mogi-data --out ledger.xlsx

取り込めるのは daicho-collector simulate で作った模擬データだけです。取り込んだデータフォルダは、以後ずっと「模擬」と表示され、
実在の機器は登録できません。途中で止まったときは、同じコマンドをもう一度実行すると続きから取り込みます。
Only what `daicho-collector simulate` made can be taken in. The data folder says that it is simulated
for ever and takes no real machine. After an interruption the same command goes on where it stopped.";

#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    /// 模擬データのフォルダ / folder of a simulated hospital
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

pub(super) fn run(arguments: &Arguments, shared: &Shared) -> anyhow::Result<Outcome> {
    // What cannot be taken in must not make a data folder.
    let folder = Folder::open(&arguments.folder)?;
    let (opened, _lock) = open::for_writing(shared)?;
    let site = opened.site_collector()?;
    let all = folder
        .hospital
        .agents
        .saturating_add(folder.hospital.reports);
    let bar = progress::bar(all, shared.lang.pick("取り込んでいます", "taking in"));
    let summary = import(&site, &folder, &mut |steps| {
        bar.set_position(steps.min(all))
    });
    bar.finish_and_clear();
    let summary = summary?;
    if shared.json {
        say(&serde_json::to_string_pretty(&summary)?)?;
        return Ok(Outcome::Done);
    }
    say(&text(&folder.hospital.name, &summary, shared))?;
    Ok(Outcome::Done)
}

fn text(name: &str, summary: &Summary, shared: &Shared) -> String {
    let lang = shared.lang;
    let mut parts = vec![
        format!("{} {}", lang.pick("エージェント", "agents"), summary.agents),
        format!("{} {}", lang.pick("報告", "reports"), summary.reports),
        format!("{} {}", lang.pick("手入力", "entries"), summary.entries),
    ];
    if summary.goodbyes > 0 {
        let said = lang.pick("停止の知らせ", "goodbyes");
        parts.push(format!("{said} {}", summary.goodbyes));
    }
    if summary.skipped > 0 {
        let said = lang.pick("取り込み済み", "there already");
        parts.push(format!("{said} {}", summary.skipped));
    }
    format!(
        "{}: {name}（{}）\n{}",
        lang.pick("取り込みました", "taken in"),
        parts.join(lang.pick("、", ", ")),
        lang.pick(
            "模擬データ（実在の病院ではありません）です。",
            "this is simulated data; the hospital does not exist"
        ),
    )
}
