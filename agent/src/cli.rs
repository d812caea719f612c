//! The commands: their names, options and help are part of the contract. Comes in: the command
//! line; goes out: text on stdout, messages on stderr, an exit code. Each command is one function
//! in a file below.

mod enrol;
mod log;
mod out;
mod report;
mod run;
mod sense;
mod service;
mod status;

use std::path::PathBuf;

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use daicho_agent::config::{Config, LogLevel, SAMPLE};
use daicho_agent::message::{Exit, Failure, Lang};
use daicho_agent::platform;
use daicho_agent::state::DEFAULT_FOLDER;

pub(crate) use out::Out;

#[cfg(test)]
mod tests;

const NAME: &str = "daicho-agent";
const EXAMPLES: &str = "\
例 / Examples:
  daicho-agent report --pretty                 この機器の事実を表示する / show the facts of this machine
  daicho-agent enroll --server https://10.1.1.5:8443 --token-file token.txt
  daicho-agent run                             報告を続ける / keep reporting
  daicho-agent sense --interface eth0 --seconds 60
  daicho-agent completions bash > /etc/bash_completion.d/daicho-agent

終了コード / Exit codes: 0 完了 done, 1 失敗 failed, 2 使い方の誤り usage,
  3 不完全・不明 incomplete or unknown, 4 受け付けない入力 refused input, 5 警報 alarm";

/// 病院の台帳のために、この機器の実際の状態を読み取って収集サーバに報告する（読み取り専用）
/// / Reads the state of this machine and reports it to the collector (read only)
#[derive(Debug, Parser)]
#[command(name = "daicho-agent", version, after_help = EXAMPLES)]
pub(crate) struct Cli {
    #[command(flatten)]
    shared: Shared,
    #[command(subcommand)]
    command: Command,
}

/// Options of every command.
#[derive(Debug, Args)]
pub(crate) struct Shared {
    /// 表示の言語 / language of messages
    #[arg(long, global = true, value_enum)]
    lang: Option<Lang>,
    /// 設定ファイル（既定：状態フォルダの agent.toml） / settings file
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// ログの量。RUST_LOG より優先 / what is logged on stderr; goes before RUST_LOG
    #[arg(long, global = true, value_enum, value_name = "LEVEL")]
    log_level: Option<LogLevel>,
    /// 状態フォルダ / state folder
    #[arg(long, global = true, value_name = "DIR", default_value = DEFAULT_FOLDER)]
    state: PathBuf,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// 一度だけ集めて表示する。登録済みなら --out は署名付き / collect once and print; with --out on an
    /// enrolled machine: a signed report to carry by hand
    Report(report::ReportArgs),
    /// 生の読み取り結果を記録する / record the raw readings of this machine
    Record(report::RecordArgs),
    /// 記録から報告を作って表示する / print the report of a recording
    Replay(report::ReplayArgs),
    /// 収集サーバに登録する / enrol with a collector
    Enroll(enrol::EnrolArgs),
    /// 集めて、未送信の報告とともに一度送る / collect and send once, with everything that waits
    Send(run::SendArgs),
    /// 常駐して報告を続ける（ポートは開かない） / keep reporting; opens no port
    Run(run::RunArgs),
    /// ARP と LLDP を聞くだけで隣の機器を知る（何も送らない） / hear ARP and LLDP; sends nothing
    Sense(sense::SenseArgs),
    /// この機器の登録と送信の状況 / how enrolment and sending stand
    Status(status::StatusArgs),
    /// Windowsのサービスとして動かす / the agent as a service of Windows
    Service(service::ServiceArgs),
    /// 答えないことのある問いを代わりに聞く（内部用） / ask what may never answer; for the agent itself
    #[command(hide = true)]
    Worker {
        /// 問いの名前 / which question
        question: String,
    },
    /// 設定ファイルの見本を表示する / print a commented settings file
    ConfigSample,
    /// シェルの補完を表示する / print shell completions
    Completions {
        /// シェル / which shell
        shell: Shell,
    },
}

/// Shells of the machines that agents are set up on by hand. That of Windows is not among them: the
/// agent names no program of the system there.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Shell {
    Bash,
    Elvish,
    Fish,
    Zsh,
}

impl Shell {
    fn complete(self, command: &mut clap::Command, script: &mut Vec<u8>) {
        use clap_complete::{generate, shells};

        match self {
            Self::Bash => generate(shells::Bash, command, NAME, script),
            Self::Elvish => generate(shells::Elvish, command, NAME, script),
            Self::Fish => generate(shells::Fish, command, NAME, script),
            Self::Zsh => generate(shells::Zsh, command, NAME, script),
        }
    }
}

/// Runs one command and says how it ended.
pub(crate) fn main(cli: &Cli) -> Exit {
    let config = match Config::load(cli.shared.config.as_deref(), &cli.shared.state) {
        Ok(config) => config,
        Err(error) => return tell(&error.into(), cli.shared.lang.unwrap_or_default()),
    };
    // A service has no stderr that anybody reads.
    let folder = match &cli.command {
        Command::Service(args) if args.runs() => Some(cli.shared.state.as_path()),
        _ => None,
    };
    log::start(cli.shared.log_level, &config, folder);
    let lang = cli.shared.lang.or(config.lang).unwrap_or_default();
    let out = Out { lang };
    let state = cli.shared.state.as_path();
    let result = match &cli.command {
        Command::Report(args) => report::report(args, state, &config, &out),
        Command::Record(args) => report::record(args, &out),
        Command::Replay(args) => report::replay(args, &out),
        Command::Enroll(args) => enrol::enrol(args, state, &out),
        Command::Send(args) => run::send(args, state, &config, &out),
        Command::Run(args) => run::run(args, state, &config),
        Command::Sense(args) => sense::sense(args, &out),
        Command::Status(args) => status::status(args, state, &config, &out),
        Command::Service(args) => service::service(args, state, &config, &out),
        Command::Worker { question } => out.print(&platform::worker(question)),
        Command::ConfigSample => out.print(SAMPLE),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            shell.complete(&mut Cli::command(), &mut script);
            out.print(&String::from_utf8_lossy(&script))
        }
    };
    result.unwrap_or_else(|failure| tell(&failure, lang))
}

/// The one place where a failure is printed.
fn tell(failure: &Failure, lang: Lang) -> Exit {
    tracing::debug!(stage = "command", code = failure.code());
    out::complain(&failure.text(lang));
    failure.exit()
}
