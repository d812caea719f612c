//! `case`: the log of an incident（事案記録）: what was done, by whom, when. Lines are added, never changed, and
//! each is an entry of the tamper-evident log.

use std::path::PathBuf;

use daicho_ledger::hand::{CaseNote, Entry, EntryBody};
use daicho_ledger::text::moment;
use daicho_report::Time;

use super::checklist::document;
use super::open;
use super::say::say;
use super::{Outcome, Shared};
use crate::export::Lang;
use crate::hand::{self, Draft};
use crate::refusal::visible;
use crate::{as_of, out};

const AFTER_HELP: &str = "\
例 / Examples:
  daicho-collector case add 2026-11-20 --name 架空花子 --by 架空花子 \"保守用VPN装置のLANケーブルを抜いた\" --about vpn-1
  daicho-collector case add 2026-11-20 --at 2026-11-20T09:10:00+09:00 --name 架空花子 --by 架空花子 \\
    --file firewall.log \"FWログを保存した\"
  daicho-collector case show 2026-11-20
  daicho-collector case show 2026-11-20 --out 事案記録.csv

書き足すだけで、書き換え・取消はできません。訂正は新しい行に書きます。保存したファイルはハッシュとともに残ります。
Lines are added, never replaced or withdrawn; a file that is handed in is kept with its hash.";

#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// 記録を書き足す / add a line
    Add(Add),
    /// 記録を見る・書き出す / show or write the log of a case
    Show(Show),
    /// 事案の一覧 / list the cases
    List,
}

#[derive(clap::Args)]
struct Add {
    /// 事案の名前 / name of the case
    #[arg(value_name = "CASE")]
    case: String,
    /// 行ったこと・分かったこと / what was done or found
    #[arg(value_name = "TEXT")]
    what: String,
    /// 行った時刻（RFC 3339）。既定は今 / when it was done; now by default
    #[arg(long, value_name = "T")]
    at: Option<String>,
    /// 行った人 / who did it
    #[arg(long, value_name = "NAME")]
    name: String,
    /// だれが入力したか / who types it in
    #[arg(long, value_name = "NAME")]
    by: String,
    /// どの機器・外部接続点か / about which asset or point
    #[arg(long, value_name = "ASSET", default_value = "")]
    about: String,
    /// 保存したファイル。中身ごと残る / a file that was saved; its bytes are kept
    #[arg(long, value_name = "F")]
    file: Option<PathBuf>,
}

#[derive(clap::Args)]
struct Show {
    /// 事案の名前 / name of the case
    #[arg(value_name = "CASE")]
    case: String,
    /// 書き出すファイル / file to write
    #[arg(long, value_name = "F.csv")]
    out: Option<PathBuf>,
}

pub(super) fn run(arguments: &Arguments, shared: &Shared) -> anyhow::Result<Outcome> {
    match &arguments.command {
        Command::Add(it) => add(it, shared),
        Command::Show(it) => show(it, shared),
        Command::List => list(shared),
    }
}

fn add(arguments: &Add, shared: &Shared) -> anyhow::Result<Outcome> {
    let opened = open::beside_the_server(shared)?;
    let site = opened.site_collector()?;
    let done_at = match &arguments.at {
        Some(text) => as_of::parse(text, &opened.config.site.time_zone)
            .map_err(|error| crate::refusal::Refused::new("CLI-001", error.to_string()))?,
        None => opened.clock.now(),
    };
    let standing = hand::now(opened.store.as_ref())?;
    let key = hand::next_key(&standing, "case", &format!("{}/", arguments.case));
    let read = arguments.file.as_deref().map(document).transpose()?;
    let (file, bytes) = read.unzip();
    let draft = Draft {
        key: key.clone(),
        body: EntryBody::Case(CaseNote {
            case: arguments.case.clone(),
            done_at: done_at.to_string(),
            name: arguments.name.clone(),
            what: arguments.what.clone(),
            about: arguments.about.clone(),
            file,
        }),
    };
    let bytes: Vec<Vec<u8>> = bytes.into_iter().collect();
    hand::enter_with(&site, &arguments.by, &[draft], &bytes)?;
    let said = shared.lang.pick("記録しました", "kept");
    say(&format!("{said}: {}", visible(&key)))?;
    Ok(Outcome::Done)
}

/// The lines of a case in the order in which things were done.
fn lines<'a>(
    notes: impl Iterator<Item = (&'a Entry, &'a CaseNote)>,
    case: &str,
) -> Vec<(&'a Entry, &'a CaseNote)> {
    let mut lines: Vec<_> = notes.filter(|(_, note)| note.case == case).collect();
    lines.sort_by(|a, b| (&a.1.done_at, a.0.at, &a.0.key).cmp(&(&b.1.done_at, b.0.at, &b.0.key)));
    lines
}

fn show(arguments: &Show, shared: &Shared) -> anyhow::Result<Outcome> {
    let lang: Lang = shared.lang.into();
    let opened = open::for_reading(shared)?;
    let standing = hand::now(opened.store.as_ref())?;
    let lines = lines(standing.cases(), &arguments.case);
    if lines.is_empty() {
        let known = standing.cases().map(|(_, it)| it.case.clone()).collect();
        return Err(hand::unknown("SIT-004", &arguments.case, &known).into());
    }
    if shared.json {
        let entries: Vec<&Entry> = lines.iter().map(|it| it.0).collect();
        say(&serde_json::to_string_pretty(&entries)?)?;
        return Ok(Outcome::Done);
    }
    let now = opened.clock.now();
    let offset = opened.config.site.at(now).utc_offset_s;
    let rows = crate::export::case::rows(&lines, offset, lang);
    if let Some(path) = &arguments.out {
        out::Form::of(path, &[out::Form::Csv])?;
        let bytes = crate::export::csv::table(crate::export::case::COLUMNS, &rows, lang)?;
        out::write(path, &bytes)?;
        let said = shared.lang.pick("書き出しました", "written");
        say(&format!("{said}: {}", path.display()))?;
        return Ok(Outcome::Done);
    }
    for row in rows {
        let cells = row.cells.iter().filter(|it| it.text != "―");
        let cells: Vec<String> = cells.map(|it| it.text.replace('\n', " ")).collect();
        say(&cells.join("　"))?;
    }
    Ok(Outcome::Done)
}

fn list(shared: &Shared) -> anyhow::Result<Outcome> {
    let opened = open::for_reading(shared)?;
    let standing = hand::now(opened.store.as_ref())?;
    let mut cases: std::collections::BTreeMap<&str, (usize, Time)> =
        std::collections::BTreeMap::new();
    for (entry, note) in standing.cases() {
        let place = cases.entry(&note.case).or_insert((0, entry.at));
        *place = (place.0 + 1, place.1.max(entry.at));
    }
    let now = opened.clock.now();
    let offset = opened.config.site.at(now).utc_offset_s;
    for (case, (count, newest)) in cases {
        let words = shared.lang.pick("件、最終", "notes, last");
        say(&format!(
            "{}　{count} {words} {}",
            visible(case),
            moment(newest, offset)
        ))?;
    }
    Ok(Outcome::Done)
}
