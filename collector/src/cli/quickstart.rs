//! `quickstart`: this machine's ledger and diagram from one command. A real agent, in a process of
//! its own, enrols and reports over real TLS; nothing is made up.

mod child;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use indicatif::{ProgressBar, ProgressStyle};

use super::draw;
use super::open::{self, Opened};
use super::say::{Lang, say, say_error};
use super::{Outcome, Shared, summary};
use crate::authority::Authority;
use crate::checklist;
use crate::export::{self, List};
use crate::picture::Picture;
use crate::refusal::Refused;
use crate::serve::{ServeOptions, Serving, serve};
use crate::site::SiteCollector;
use crate::token::{TokenKind, TokenOptions, token_text};
use crate::{out, platform, web};
use child::Agent;

const AFTER_HELP: &str = "\
例 / Examples:
  daicho-collector quickstart                 作って画面で見せる。Ctrl-C で終わる / until Ctrl-C
  daicho-collector quickstart --once          ファイルを書いて終わる / write the files and end
  daicho-collector quickstart --lang en --data /tmp/try

データフォルダがあれば続きから始めます。できたもの：DIR/out/ の ledger.xlsx、ledger.csv、diagram.svg
An existing data folder is continued. Results: ledger.xlsx, ledger.csv, diagram.svg in DIR/out/.";

/// No report after this long is a failure.
const REPORT_WITHIN: Duration = Duration::from_secs(20);

#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    /// ファイルを書いたら終わる / end after writing the files
    #[arg(long)]
    once: bool,
    /// エージェントのプログラム（既定：この収集サーバの隣の daicho-agent） / the agent's program
    /// (default: daicho-agent beside this program)
    #[arg(long, value_name = "PATH")]
    agent: Option<PathBuf>,
    /// 閲覧ページのポート（既定：空いているもの） / port of the page (default: a free one)
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    port: u16,
}

pub(super) fn run(arguments: &Arguments, shared: &Shared) -> anyhow::Result<Outcome> {
    let program = agent_program(arguments)?;
    let (opened, _lock) = open::for_writing(shared)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(stages(arguments, shared, &opened, &program))
}

async fn stages(
    arguments: &Arguments,
    shared: &Shared,
    opened: &Opened,
    program: &Path,
) -> anyhow::Result<Outcome> {
    let lang = shared.lang;
    let progress = progress();
    let authority = Arc::new(opened.folder.authority()?);
    let site = Arc::new(opened.site_collector()?);
    let (end, ended) = tokio::sync::oneshot::channel::<()>();
    let serving = listen(arguments, lang, opened, &site, &authority, ended).await?;
    let agent = Agent::new(program, opened.folder.path(), serving.agents_address);
    step(
        &progress,
        lang.pick("エージェントを登録しています…", "enrolling the agent…"),
    );
    if !agent.is_enrolled().await? {
        enrol(&agent, &site, &authority, opened).await?;
    }
    step(
        &progress,
        lang.pick(
            "この機械の情報を集めています…",
            "collecting this machine's facts…",
        ),
    );
    agent.send(REPORT_WITHIN).await?;
    step(
        &progress,
        lang.pick(
            "台帳と構成図を作っています…",
            "making the ledger and the diagram…",
        ),
    );
    let picture = write_files(opened, lang)?;
    progress.finish_and_clear();
    say(&summary::text(&picture, lang, &opened.folder.out()))?;
    if !arguments.once {
        watch(&agent, &serving, lang).await?;
    }
    // Both ends are ours: the receiver lives as long as the server.
    let _ = end.send(());
    serving.ended().await?;
    Ok(Outcome::Done)
}

async fn listen(
    arguments: &Arguments,
    lang: Lang,
    opened: &Opened,
    site: &Arc<SiteCollector>,
    authority: &Arc<Authority>,
    ended: tokio::sync::oneshot::Receiver<()>,
) -> anyhow::Result<Serving> {
    let here = Ipv4Addr::LOCALHOST;
    let options = ServeOptions {
        agents: SocketAddr::from((here, 0)),
        web: SocketAddr::from((here, arguments.port)),
        names: Vec::new(),
        web_router: web::router(opened.page(lang)?),
        limits: crate::serve::Limits::default(),
    };
    let stop = async {
        // An error means that this command has ended: the server ends too.
        let _ = ended.await;
    };
    Ok(serve(Arc::clone(site), Arc::clone(authority), options, stop).await?)
}

/// The agent gets one token, approved beforehand, in a file that only this account can read.
async fn enrol(
    agent: &Agent,
    site: &Arc<SiteCollector>,
    authority: &Authority,
    opened: &Opened,
) -> anyhow::Result<()> {
    let options = TokenOptions {
        kind: TokenKind::Single,
        ttl_s: 600,
        cidr: Some("127.0.0.1/32".to_owned()),
        count: 1,
        auto_approve: true,
        note: "quickstart".to_owned(),
    };
    let secret = site.token_create(&options)?;
    let file = opened.folder.path().join("quickstart-token");
    // One that an earlier run left behind is worth nothing.
    let _ = std::fs::remove_file(&file);
    platform::private_file(
        &file,
        token_text(&secret, &authority.fingerprint()).as_bytes(),
    )
    .with_context(|| format!("write `{}`", file.display()))?;
    let enrolled = agent.enrol(&file).await;
    let _ = std::fs::remove_file(&file);
    enrolled
}

fn write_files(opened: &Opened, lang: Lang) -> anyhow::Result<Picture> {
    let as_of = opened.store.newest_receipt()?.context("receive a report")?;
    let knowledge = opened.knowledge()?;
    let site = opened.config.site.at(as_of);
    let picture = Picture::at(opened.store.as_ref(), site, as_of, &knowledge)?;
    let basis = picture.basis();
    let diagram = draw::for_workbook(&picture, None, lang)?;
    let forms = checklist::forms(&checklist::folder(opened.folder.path()))?;
    let census = checklist::census(basis);
    let filled = checklist::of_this_year(&forms, &census);
    let options = export::Options {
        diagram: &diagram,
        checklist: filled.as_ref(),
        ..export::Options::default()
    };
    let workbook = export::xlsx::bytes(basis, lang.into(), options)?;
    out::write(&opened.out("ledger.xlsx"), &workbook)?;
    let csv = export::csv::bytes(
        basis,
        List::Devices,
        lang.into(),
        export::Options::default(),
    )?;
    out::write(&opened.out("ledger.csv"), &csv)?;
    out::write(
        &opened.out("diagram.svg"),
        picture.svg(lang.into()).as_bytes(),
    )?;
    Ok(picture)
}

/// Keeps the agent reporting and the page open until somebody ends it.
async fn watch(agent: &Agent, serving: &Serving, lang: Lang) -> anyhow::Result<()> {
    let stop = platform::stop_requested()?;
    let mut running = agent.keep_running()?;
    say(&format!(
        "\n{}: http://{}/\n{}",
        lang.pick("閲覧ページ", "page"),
        serving.web_address,
        lang.pick(
            "終えるには Ctrl-C を押してください。",
            "press Ctrl-C to end"
        ),
    ))?;
    tokio::select! {
        () = stop => {}
        _ = running.wait() => {
            say_error(lang.pick(
                "エージェントが終わりました。ページはそのまま見られます。Ctrl-C で終わります。",
                "the agent has ended; the page stays open until Ctrl-C",
            ));
            platform::stop_requested()?.await;
        }
    }
    agent.end(running).await
}

fn agent_program(arguments: &Arguments) -> anyhow::Result<PathBuf> {
    let beside = || -> anyhow::Result<PathBuf> {
        let this = std::env::current_exe().context("find this program")?;
        Ok(this.with_file_name(format!("daicho-agent{}", std::env::consts::EXE_SUFFIX)))
    };
    let program = arguments.agent.clone().map_or_else(beside, Ok)?;
    if program.is_file() {
        Ok(program)
    } else {
        Err(Refused::new("CLI-004", program.display().to_string()).into())
    }
}

/// Shown on a terminal only.
fn progress() -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}

fn step(bar: &ProgressBar, text: &str) {
    tracing::info!(stage = "quickstart", step = text);
    bar.set_message(text.to_owned());
}
