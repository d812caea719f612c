//! `signatures`: the files by which connection points, systems and zones are recognised.

use std::path::PathBuf;

use anyhow::Context;
use daicho_graph::Knowledge;

use super::say::say;
use super::{Outcome, Shared};
use crate::data_folder::DataFolder;
use crate::{out, refusal::Refused, signatures};

const AFTER_HELP: &str = "\
例 / Examples:
  daicho-collector signatures export --out ./signatures   出荷時のファイルを書き出す / the shipped files
  daicho-collector signatures check ./signatures          直したファイルを確かめる / check changed files
  daicho-collector signatures check                       データフォルダのファイルを確かめる / those in use

直したファイルは DATA/signatures/ に同じ名前で置くと、出荷時のファイルの代わりに使われます（サーバは再起動が必要）。
A changed file takes the shipped one's place when it stands in DATA/signatures/ (restart the server).";

#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// 出荷時のファイルを書き出す / write the shipped files
    Export {
        /// 書き出すフォルダ / folder to write to
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
    /// ファイルに誤りがないか確かめる / check files
    Check {
        /// 確かめるフォルダ（既定：DATA/signatures） / folder to check (default: DATA/signatures)
        folder: Option<PathBuf>,
    },
}

pub(super) fn run(arguments: &Arguments, shared: &Shared) -> anyhow::Result<Outcome> {
    match &arguments.command {
        Command::Export { out } => export(out, shared),
        Command::Check { folder } => check(folder.as_ref(), shared),
    }
}

fn export(folder: &PathBuf, shared: &Shared) -> anyhow::Result<Outcome> {
    std::fs::create_dir_all(folder).with_context(|| format!("make `{}`", folder.display()))?;
    for (name, text) in Knowledge::files() {
        let path = folder.join(name);
        if path.exists() {
            return Err(Refused::new("SIG-003", path.display().to_string()).into());
        }
        out::write(&path, text.as_bytes())?;
        say(&format!(
            "{}: {}",
            shared.lang.pick("書き出しました", "written"),
            path.display()
        ))?;
    }
    Ok(Outcome::Done)
}

fn check(folder: Option<&PathBuf>, shared: &Shared) -> anyhow::Result<Outcome> {
    let folder = match folder {
        Some(folder) if folder.is_dir() => folder.clone(),
        Some(folder) => {
            return Err(Refused::new("SIG-001", folder.display().to_string()).into());
        }
        None => signatures::folder(DataFolder::open_existing(&shared.data)?.path()),
    };
    let known = signatures::read(&folder)?;
    if shared.json {
        say(&serde_json::to_string_pretty(known.versions())?)?;
        return Ok(Outcome::Done);
    }
    for (name, version) in known.versions() {
        let own = folder.join(name).is_file();
        let (ja, en) = if own {
            ("病院のファイル", "the site's own")
        } else {
            ("出荷時のファイル", "shipped")
        };
        say(&format!("{name}  {version}  {}", shared.lang.pick(ja, en)))?;
    }
    say(shared.lang.pick("誤りはありません。", "no mistakes"))?;
    Ok(Outcome::Done)
}
