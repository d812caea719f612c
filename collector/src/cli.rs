//! Commands. Comes in: what a person typed; goes out: files, text in Japanese or English, and an
//! exit code (0 done, 1 failed, 2 usage, 3 incomplete or unknown, 4 refused input, 5 alarm).

mod agents;
mod case;
mod checklist;
mod diagram;
mod diff;
mod doctor;
mod draw;
mod evidence;
mod find;
mod impact;
mod import;
mod ledger;
mod log;
mod open;
mod progress;
mod quickstart;
mod say;
mod serve;
mod signatures;
mod simulate;
mod site;
mod summary;
mod token;
mod what;

use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;

use crate::refusal::Refused;
use say::{Lang, say, say_error};

/// What a command ends with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// Everything asked for was done.
    Done,
    /// Answered, but something is unknown or incomplete.
    Incomplete,
    /// Evidence was changed.
    Alarm,
}

const LONG_ABOUT: &str = "\
Daicho（台帳）収集サーバ：エージェントの報告を受け取り、台帳と構成図を作ります。
The collector of Daicho: receives agents' reports and makes the ledger and the diagram.";

const AFTER_HELP: &str = "\
例 / Examples:
  この機械の台帳と構成図を作る（this machine's ledger and diagram）
    daicho-collector quickstart
  収集サーバを動かす（run the server）
    daicho-collector serve --data /var/lib/daicho
  過去の時点の台帳（the ledger of a past day）
    daicho-collector ledger --out ledger.xlsx --as-of 2026-11-22
  記録が改ざんされていないか調べる（has the record been tampered with?）
    daicho-collector log verify

終了コード / Exit codes: 0 完了 done, 1 失敗 failed, 2 使い方 usage, 3 一部不明 incomplete,
4 入力を拒否 refused input, 5 警報 alarm";

#[derive(Parser)]
#[command(name = "daicho-collector", version, about = "Daicho（台帳）収集サーバ / the collector", long_about = LONG_ABOUT, after_help = AFTER_HELP)]
struct Arguments {
    #[command(flatten)]
    shared: Shared,
    #[command(subcommand)]
    command: Command,
}

/// Options of every command.
#[derive(Debug, Clone, clap::Args)]
struct Shared {
    /// データフォルダ / the data folder
    #[arg(
        long,
        global = true,
        default_value = "./daicho-data",
        value_name = "DIR"
    )]
    data: PathBuf,
    /// 表示の言語 / language of what is printed
    #[arg(long, global = true, value_enum, default_value = "ja")]
    lang: Lang,
    /// 結果を JSON で / results as JSON
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand)]
enum Command {
    /// この機械の台帳と構成図を作り、画面で見せる / this machine's ledger and diagram
    Quickstart(quickstart::Arguments),
    /// 収集サーバを動かす / run the server
    Serve(serve::Arguments),
    /// 登録トークンを作る / make an enrolment token
    Token(token::Arguments),
    /// エージェントの一覧・承認・拒否 / list, approve or deny agents
    Agents(agents::Arguments),
    /// 台帳を書き出す / write the ledger
    Ledger(ledger::Arguments),
    /// チェックリスト・確認表・記録簿 / the ministry's checklists, and registers
    Checklist(checklist::Arguments),
    /// 構成図を書き出す / write the diagram
    Diagram(diagram::Arguments),
    /// 二つの時点の違い / what changed between two moments
    Diff(diff::Arguments),
    /// 証跡（エビデンス）を作る・確かめる / make and check evidence bundles
    Evidence(evidence::Arguments),
    /// 影響範囲：被害機器から届く範囲、入口の候補、切断計画 / impact scope, ways in, what to cut
    Impact(impact::Arguments),
    /// 事案記録：いつ・だれが・何をしたか（書き足すだけ） / the log of an incident
    Case(case::Arguments),
    /// 調査：アドレス・範囲・ドメイン・プログラム・アカウント等に関わった機器 / which machines had to do with it
    Find(find::Arguments),
    /// 外部接続点・システム・系を見分けるためのファイル / files by which things are recognised
    Signatures(signatures::Arguments),
    /// 手入力：機器・外部接続点・規則・判断 / what people keep by hand
    Site(site::Arguments),
    /// 模擬病院を作る / make a hospital that does not exist
    Simulate(simulate::Arguments),
    /// 模擬病院を取り込む / take a simulated hospital in
    Import(import::Arguments),
    /// 改ざん検知の記録 / the tamper-evident log
    Log(log::Arguments),
    /// データの点検 / check the data folder
    Doctor(doctor::Arguments),
    /// 設定ファイル daicho.toml の見本を表示する / print a commented daicho.toml
    ConfigSample,
    /// シェル補完を印刷する / print shell completions
    Completions {
        /// シェル / shell
        shell: clap_complete::Shell,
    },
}

/// Parses, runs, and turns the result into an exit code.
#[must_use]
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    start_logs();
    let shared = &arguments.shared;
    match dispatch(arguments.command, shared) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Incomplete) => ExitCode::from(3),
        Ok(Outcome::Alarm) => ExitCode::from(5),
        Err(error) => fail(&error, shared),
    }
}

fn dispatch(command: Command, shared: &Shared) -> anyhow::Result<Outcome> {
    match command {
        Command::Quickstart(arguments) => quickstart::run(&arguments, shared),
        Command::Serve(arguments) => serve::run(&arguments, shared),
        Command::Token(arguments) => token::run(&arguments, shared),
        Command::Agents(arguments) => agents::run(&arguments, shared),
        Command::Ledger(arguments) => ledger::run(&arguments, shared),
        Command::Checklist(arguments) => checklist::run(&arguments, shared),
        Command::Diagram(arguments) => diagram::run(&arguments, shared),
        Command::Diff(arguments) => diff::run(&arguments, shared),
        Command::Evidence(arguments) => evidence::run(&arguments, shared),
        Command::Impact(arguments) => impact::run(&arguments, shared),
        Command::Case(arguments) => case::run(&arguments, shared),
        Command::Find(arguments) => find::run(&arguments, shared),
        Command::Signatures(arguments) => signatures::run(&arguments, shared),
        Command::Site(arguments) => site::run(&arguments, shared),
        Command::Simulate(arguments) => simulate::run(&arguments, shared),
        Command::Import(arguments) => import::run(&arguments, shared),
        Command::Log(arguments) => log::run(&arguments, shared),
        Command::Doctor(arguments) => doctor::run(&arguments, shared),
        Command::ConfigSample => {
            say(crate::config::SAMPLE.trim_end())?;
            Ok(Outcome::Done)
        }
        Command::Completions { shell } => {
            let mut text = Vec::new();
            clap_complete::generate(
                shell,
                &mut Arguments::command(),
                "daicho-collector",
                &mut text,
            );
            say(&String::from_utf8_lossy(&text))?;
            Ok(Outcome::Done)
        }
    }
}

/// The one place where an error chain is printed.
fn fail(error: &anyhow::Error, shared: &Shared) -> ExitCode {
    if let Some(refused) = error
        .chain()
        .find_map(|cause| cause.downcast_ref::<Refused>())
    {
        let refusal = refused.refusal();
        say_error(&format!(
            "{} {}",
            refusal.code,
            shared.lang.pick(&refusal.ja, &refusal.en)
        ));
        return ExitCode::from(4);
    }
    let chain: Vec<String> = error.chain().map(ToString::to_string).collect();
    say_error(&format!(
        "{}: {}",
        shared.lang.pick("失敗しました", "failed to"),
        chain.join(": ")
    ));
    ExitCode::from(1)
}

fn start_logs() {
    let named = std::env::var("RUST_LOG").ok();
    // What cannot be understood is as if it were not there.
    let named = named.and_then(|it| it.parse::<Targets>().ok());
    let filter = named.unwrap_or_else(|| Targets::new().with_default(LevelFilter::WARN));
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(LevelFilter::TRACE)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .finish()
        .with(filter);
    // Only a second call can fail, and there is none.
    let _ = tracing::subscriber::set_global_default(subscriber);
}
