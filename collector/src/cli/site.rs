//! `site`: what people keep by hand: devices without an agent, declared connection points, decisions on
//! what was recognised, rules, systems, vendors, persons. Every change is kept with who and when.

mod decide;
mod declare;
mod name;
mod pin;
mod present;
mod set;
mod show;
mod transfer;

use std::path::PathBuf;

use clap::Subcommand;

use super::open::{self, Opened};
use super::say::{say, say_error};
use super::{Outcome, Shared};
use crate::hand::{self, Change, Draft, reference};
use crate::refusal::{Refused, visible};
use crate::site::SiteCollector;

const AFTER_HELP: &str = "\
例 / Examples:
  見本のファイルを直して、まとめて取り込む（correct the sample file, then take it in）
    daicho-collector site import site.toml --by 架空花子 --dry-run
    daicho-collector site import site.toml --by 架空花子
  認識された外部接続点を、現地で確かめた（looked on site at what was recognised）
    daicho-collector site ids
    daicho-collector site confirm point:vendor_vpn:hand:vpn-1 --by 架空花子 --on 2026-11-20
  未分類のサービスに、一度に名前を付ける（name one, apply to all alike）
    daicho-collector site name --match publisher=\"Example*\" --system 検体検査 --by 架空花子
  エージェントを入れられない機器を書き足す（a device without an agent）
    daicho-collector site declare device --key vpn-1 --name 保守用VPN装置 --kind vpn --by 架空花子
  台帳の一行に書き込む（write into a row of the ledger; its row key is the last column）
    daicho-collector site set hand:vpn-1 location=サーバ室 status=使用中 --by 架空花子
  構成図での並びを決める（where something stands on the diagram）
    daicho-collector site pin \"コアスイッチ 1\" --place 1 --by 架空花子
  取り消す（withdraw）
    daicho-collector site withdraw device vpn-1 --by 架空花子 --why 撤去した

だれが、いつ書いたかは消えません。取り消しても、過去の時点（--as-of）の台帳には残ります。
Who wrote what and when is never lost: what is withdrawn stays in the ledger of past moments.";

#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// 手入力の一覧 / list the entries
    List(show::ListArguments),
    /// 手入力を一つ見せる / show one entry
    Show(show::ShowArguments),
    /// 認識されているものの番号 / ids of what is recognised
    Ids(decide::IdsArguments),
    /// 手入力をファイルに書き出す / write the entries to a file
    Export(transfer::ExportArguments),
    /// ファイルから取り込む（全部か、何もしないか） / take a file in: all or nothing
    Import(transfer::ImportArguments),
    /// 認識が正しいことを現地で確かめた / what was recognised is so
    Confirm(decide::ConfirmArguments),
    /// 認識が誤りだった / what was recognised is not so
    Reject(decide::RejectArguments),
    /// 条件に合うものすべてに名前・系・種類を付ける / name all that match
    Name(name::Arguments),
    /// 機器・外部接続点を書き足す / write down a device or a connection point
    Declare(declare::Arguments),
    /// 台帳の一行に、手入力の項目を書く / write fields of one row of the ledger
    Set(set::Arguments),
    /// 構成図での並びを決める / say where something stands on the diagram
    Pin(pin::Arguments),
    /// 手入力を取り消す / withdraw an entry
    Withdraw(WithdrawArguments),
}

/// Who does it.
#[derive(Debug, Clone, clap::Args)]
struct By {
    /// だれが。記録に残る / who; kept in the log
    #[arg(long, value_name = "NAME")]
    by: String,
}

#[derive(clap::Args)]
struct WithdrawArguments {
    /// 種類 / kind: device, point, decision, rule, system, vendor, person,
    /// fields, answer, record, case, pin
    #[arg(value_name = "KIND")]
    kind: String,
    /// 名前（key） / its key
    #[arg(value_name = "KEY")]
    key: String,
    #[command(flatten)]
    by: By,
    /// なぜ。記録に残る / why; kept in the log
    #[arg(long, value_name = "TEXT")]
    why: String,
}

pub(super) fn run(arguments: &Arguments, shared: &Shared) -> anyhow::Result<Outcome> {
    match &arguments.command {
        Command::List(it) => show::list(it, shared),
        Command::Show(it) => show::show(it, shared),
        Command::Ids(it) => decide::ids(it, shared),
        Command::Export(it) => transfer::export(it, shared),
        Command::Import(it) => transfer::import(it, shared),
        Command::Confirm(it) => decide::confirm(it, shared),
        Command::Reject(it) => decide::reject(it, shared),
        Command::Name(it) => name::run(it, shared),
        Command::Declare(it) => declare::run(it, shared),
        Command::Set(it) => set::run(it, shared),
        Command::Pin(it) => pin::run(it, shared),
        Command::Withdraw(it) => withdraw(it, shared),
    }
}

fn withdraw(arguments: &WithdrawArguments, shared: &Shared) -> anyhow::Result<Outcome> {
    let kind = kind(&arguments.kind)?;
    let (_, site) = writable(shared)?;
    let WithdrawArguments { key, by, why, .. } = arguments;
    hand::withdraw(&site, &by.by, kind, key, why)?;
    say(&format!(
        "{}: {kind} {}",
        shared.lang.pick("取り消しました", "withdrawn"),
        visible(key)
    ))?;
    Ok(Outcome::Done)
}

/// A kind of entry by its name.
fn kind(text: &str) -> Result<&'static str, Refused> {
    let found = hand::file::KINDS.into_iter().find(|kind| *kind == text);
    found.ok_or_else(|| Refused::new("SIT-005", text.chars().take(40).collect::<String>()))
}

fn writable(shared: &Shared) -> anyhow::Result<(Opened, SiteCollector)> {
    let opened = open::beside_the_server(shared)?;
    let site = opened.site_collector()?;
    Ok((opened, site))
}

/// Writes one draft, says what became of it, and names what it refers to in vain.
fn enter_one(
    opened: &Opened,
    site: &SiteCollector,
    by: &By,
    draft: Draft,
    shared: &Shared,
) -> anyhow::Result<()> {
    let (kind, key) = (draft.body.kind(), draft.key.clone());
    let changes = hand::enter(site, &by.by, &[draft])?;
    let change = changes.first().copied().unwrap_or(Change::Unchanged);
    say(&format!(
        "{}: {kind} {}",
        word(change, shared),
        visible(&key)
    ))?;
    warn_loose(opened, Some((kind, &key)), shared)
}

fn word(change: Change, shared: &Shared) -> &'static str {
    match change {
        Change::New => shared.lang.pick("新規", "new"),
        Change::Changed => shared.lang.pick("変更", "changed"),
        Change::Unchanged => shared.lang.pick("変更なし", "unchanged"),
    }
}

/// Names references that lead nowhere; of one entry, or of all.
fn warn_loose(opened: &Opened, only: Option<(&str, &str)>, shared: &Shared) -> anyhow::Result<()> {
    let standing = hand::now(opened.store.as_ref())?;
    let agents = opened.site_collector()?.agents()?;
    let agents = agents.iter().map(|row| row.agent.as_str()).collect();
    for loose in reference::loose(&standing.entries, &agents) {
        if only.is_none_or(|only| only == (loose.kind, &loose.key)) {
            say_error(&format!(
                "{}: {}",
                shared.lang.pick(
                    "注意：指しているものがありません",
                    "note: refers to what is not there"
                ),
                visible(&loose.to_string())
            ));
        }
    }
    Ok(())
}

/// Where a file is read from or written to.
type Path = PathBuf;
