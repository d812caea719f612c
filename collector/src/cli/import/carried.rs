//! Reports that people carried: one commit a file, so that one that is refused loses no other.

use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::Serialize;

use super::super::open;
use super::super::say::say;
use super::super::{Outcome, Shared, progress};
use super::Arguments;
use crate::bounded;
use crate::carried::file::BYTES_MAX;
use crate::carried::{self, Options, Taken};
use crate::refusal::{Refused, visible};

/// Files of one command.
const FILES_MAX: usize = 10_000;

/// What became of one file.
#[derive(Serialize)]
struct Line {
    file: String,
    host_name: String,
    agent: Option<String>,
    collected_at: Option<daicho_report::Time>,
    signed: bool,
    outcome: &'static str,
    refused: Option<daicho_report::Refusal>,
}

pub(super) fn run(arguments: &Arguments, shared: &Shared) -> anyhow::Result<Outcome> {
    let by = arguments.by.as_deref();
    let by = by.ok_or_else(|| Refused::new("CAR-008", ""))?;
    let files = files(&arguments.paths)?;
    let opened = open::beside_the_server(shared)?;
    let site = opened.site_collector()?;
    let options = Options {
        by,
        newest: arguments.newest,
    };
    let bar = progress::bar(
        u64::try_from(files.len()).unwrap_or(u64::MAX),
        shared.lang.pick("取り込んでいます", "taking in"),
    );
    let mut lines = Vec::new();
    let mut refusals = Vec::new();
    for file in &files {
        let taken = read(file).and_then(|bytes| carried::take(&site, &bytes, options));
        lines.push(line(file, &taken));
        refusals.extend(taken.err());
        bar.inc(1);
    }
    bar.finish_and_clear();
    if shared.json {
        say(&serde_json::to_string_pretty(&lines)?)?;
    } else {
        say(&text(&lines, shared))?;
    }
    match refusals.into_iter().next() {
        // Each was named above; the exit code is that of a refusal.
        Some(refused) => Err(refused.into()),
        None => Ok(Outcome::Done),
    }
}

/// The files, and every `.json` of a folder, by name.
fn files(paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let mut inside = Vec::new();
        let entries = std::fs::read_dir(path).with_context(|| format!("`{}`", path.display()))?;
        for entry in entries {
            let path = entry
                .with_context(|| format!("`{}`", path.display()))?
                .path();
            let named = path
                .extension()
                .is_some_and(|it| it.eq_ignore_ascii_case("json"));
            if named && path.is_file() {
                inside.push(path);
            }
        }
        if inside.is_empty() {
            let what = format!("{}: no .json", path.display());
            return Err(Refused::new("CAR-001", what).into());
        }
        inside.sort();
        files.extend(inside);
    }
    if files.len() > FILES_MAX {
        let what = format!("{} > {FILES_MAX} files", files.len());
        return Err(Refused::new("CAR-001", what).into());
    }
    Ok(files)
}

fn read(path: &Path) -> Result<Vec<u8>, Refused> {
    bounded::read(path, BYTES_MAX).map_err(|error| Refused::new("CAR-001", error.to_string()))
}

fn line(file: &Path, taken: &Result<Taken, Refused>) -> Line {
    let file = visible(&file.display().to_string());
    match taken {
        Ok(taken) => Line {
            file,
            host_name: visible(&taken.host_name),
            agent: Some(taken.agent.to_string()),
            collected_at: Some(taken.collected_at),
            signed: taken.signed,
            outcome: match taken {
                Taken { repeated: true, .. } => "repeated",
                Taken { is_new: true, .. } => "new",
                _ => "stored",
            },
            refused: None,
        },
        Err(refused) => Line {
            file,
            host_name: String::new(),
            agent: None,
            collected_at: None,
            signed: false,
            outcome: "refused",
            refused: Some(refused.refusal()),
        },
    }
}

fn text(lines: &[Line], shared: &Shared) -> String {
    let lang = shared.lang;
    let mut out = Vec::new();
    for line in lines {
        let what = match (&line.refused, line.outcome) {
            (Some(refused), _) => {
                let text = lang.pick(&refused.ja, &refused.en);
                format!("{} {text}", refused.code)
            }
            (None, "repeated") => lang.pick("取り込み済み", "there already").to_owned(),
            (None, "new") => lang.pick("新しい機器", "a new machine").to_owned(),
            (None, _) => lang.pick("更新しました", "updated").to_owned(),
        };
        let signed = match (line.agent.is_some(), line.signed) {
            (false, _) => "",
            (true, true) => lang.pick("（署名あり）", " (signed)"),
            (true, false) => lang.pick("（署名なし）", " (not signed)"),
        };
        let name = if line.host_name.is_empty() {
            String::new()
        } else {
            format!(" {}", line.host_name)
        };
        out.push(format!("{}:{name} {what}{signed}", line.file));
    }
    let refused = lines.iter().filter(|it| it.refused.is_some()).count();
    let taken = lines.len() - refused;
    out.push(match lang {
        crate::lang::Lang::Ja => format!("{taken} 件を取り込み、{refused} 件を断りました。"),
        crate::lang::Lang::En => format!("{taken} taken in, {refused} refused"),
    });
    out.join("\n")
}
