//! `import`: reports that people carried, or a simulated hospital into an empty data folder; both by
//! the same ingest as real data.

mod carried;

use std::path::{Path, PathBuf};

use super::open;
use super::say::say;
use super::{Outcome, Shared, progress};
use crate::simulated::folder::{Folder, HOSPITAL};
use crate::simulated::import::{Summary, import};

const AFTER_HELP: &str = "\
手で運んだ報告 / reports carried by hand:
  収集サーバに届かない機器や、インストールできない機器で daicho-agent report --out F.json を実行し、できたファイルを
  USB などで運んで取り込みます。運んだ人は記録に残ります。フォルダを指定すると、その中の .json をすべて取り込みます。
  Run daicho-agent report --out F.json on machines that do not reach the collector or on which nothing may
  be installed, and take the files in here. Who carried them is recorded. Of a folder, every .json is taken.

模擬データ / simulated data:
  daicho-collector simulate で作ったフォルダは、空のデータフォルダに取り込めます。取り込んだデータフォルダは、以後ずっと
  「模擬」と表示され、実在の機器は登録できません。途中で止まったときは、同じコマンドをもう一度実行すると続きから取り込みます。
  A folder that `daicho-collector simulate` made goes into an empty data folder, which says that it is simulated for
  ever and takes no real machine. After an interruption the same command goes on where it stopped.

例 / Examples:
  daicho-collector import ct-console.json --by 山田太郎
  daicho-collector import E:\\houkoku --by 山田太郎
  daicho-collector simulate --assets 50 --seed 1 --out ./mogi
  daicho-collector import ./mogi --data ./mogi-data";

#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    /// 報告のファイル、報告のフォルダ、または模擬データのフォルダ / reports, a folder of them, or a simulated hospital
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    /// 報告を運んだ人の名前 / who carried the reports
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// 機器の時計を直したため古く見える報告を、最新として取り込む / take what looks older since a clock was put right
    #[arg(long)]
    newest: bool,
}

pub(super) fn run(arguments: &Arguments, shared: &Shared) -> anyhow::Result<Outcome> {
    // A folder that nobody says to have carried can only be a simulated hospital.
    if let [folder] = arguments.paths.as_slice()
        && (folder.join(HOSPITAL).is_file() || folder.is_dir() && arguments.by.is_none())
    {
        return simulated(folder, shared);
    }
    carried::run(arguments, shared)
}

fn simulated(folder: &Path, shared: &Shared) -> anyhow::Result<Outcome> {
    // What cannot be taken in must not make a data folder.
    let folder = Folder::open(folder)?;
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
