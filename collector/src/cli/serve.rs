//! `serve`: the server, until it is told to end.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use daicho_report::Time;

use super::open;
use super::say::{say, say_error};
use super::{Outcome, Shared};
use crate::picture::Picture;
use crate::serve::{Limits, ServeOptions, serve};
use crate::web::Page;
use crate::{first_answer, platform, web};

const AFTER_HELP: &str = "\
例 / Examples:
  daicho-collector serve --data /var/lib/daicho
  daicho-collector serve --agents 10.1.1.5:9443 --name collector.hospital.local

設定はデータフォルダの daicho.toml にも書けます（コマンドの指定が優先）。閲覧ページはこの機械からだけ開けます。
Settings may stand in daicho.toml in the data folder too; the command line goes before it. The page
can be opened from this machine only.";

#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Arguments {
    /// エージェントを待つアドレス / where agents come in
    #[arg(long, value_name = "ADDRESS:PORT")]
    agents: Option<SocketAddr>,
    /// 閲覧ページのアドレス（この機械の中だけ） / where the page is (this machine only)
    #[arg(long, value_name = "ADDRESS:PORT")]
    web: Option<SocketAddr>,
    /// サーバ証明書に入れる名前・アドレス（エージェントの --server と同じもの） / names and addresses in
    /// the server's certificate: what agents are given as --server
    #[arg(long = "name", value_name = "NAME")]
    names: Vec<String>,
}

pub(super) fn run(arguments: &Arguments, shared: &Shared) -> anyhow::Result<Outcome> {
    let (opened, _lock) = open::for_writing(shared)?;
    let authority = Arc::new(opened.folder.authority()?);
    let site = Arc::new(opened.site_collector()?);
    let mut names = opened.config.agents.names.clone();
    names.extend(arguments.names.iter().cloned());
    let page = opened.page(shared.lang)?;
    let index = first_answer::path(&opened.folder);
    let options = ServeOptions {
        agents: arguments.agents.unwrap_or(opened.config.agents.listen),
        web: arguments.web.unwrap_or(opened.config.web.listen),
        names,
        web_router: web::router(page.clone()),
        limits: Limits::default(),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let ended = runtime.block_on(async {
        let stop = platform::stop_requested()?;
        let serving = serve(site, authority, options, stop).await?;
        say(&format!(
            "{}: {}\n{}: http://{}/",
            shared.lang.pick("エージェントの受付", "agents come in at"),
            serving.agents_address,
            shared.lang.pick("閲覧ページ", "page"),
            serving.web_address,
        ))?;
        tokio::spawn(keep_index(page, index));
        serving.ended().await?;
        say_error(shared.lang.pick("終了しました。", "ended"));
        Ok(Outcome::Done)
    });
    // An index in the making is left: the file is the old one until the new one is whole.
    runtime.shutdown_background();
    ended
}

/// How often the index of first answers is made anew, where something came in.
const INDEX_EVERY: Duration = Duration::from_secs(60 * 60);

/// Keeps the index of first answers no older than an hour. What fails is logged, and tried again then.
async fn keep_index(page: Page, path: PathBuf) {
    let mut made: Option<Time> = None;
    loop {
        let (page, path) = (page.clone(), path.clone());
        let done = tokio::task::spawn_blocking(move || -> anyhow::Result<Option<Time>> {
            let newest = page.store.newest_receipt()?;
            if let Some(as_of) = newest.filter(|it| Some(*it) != made) {
                let site = page.site.at(as_of);
                let picture = Picture::at(page.store.as_ref(), site, as_of, &page.knowledge)?;
                first_answer::write(&path, &picture)?;
            }
            Ok(newest)
        });
        match done.await {
            Ok(Ok(newest)) => made = newest,
            Ok(Err(error)) => tracing::error!(stage = "impact", error = format!("{error:#}")),
            Err(error) => tracing::error!(stage = "impact", error = error.to_string()),
        }
        tokio::time::sleep(INDEX_EVERY).await;
    }
}
