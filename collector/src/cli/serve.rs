//! `serve`: the server, until it is told to end.

use std::net::SocketAddr;
use std::sync::Arc;

use super::open;
use super::say::{say, say_error};
use super::{Outcome, Shared};
use crate::serve::{Limits, ServeOptions, serve};
use crate::{platform, web};

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
    let options = ServeOptions {
        agents: arguments.agents.unwrap_or(opened.config.agents.listen),
        web: arguments.web.unwrap_or(opened.config.web.listen),
        names,
        web_router: web::router(opened.page(shared.lang)?),
        limits: Limits::default(),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let stop = platform::stop_requested()?;
        let serving = serve(site, authority, options, stop).await?;
        say(&format!(
            "{}: {}\n{}: http://{}/",
            shared.lang.pick("エージェントの受付", "agents come in at"),
            serving.agents_address,
            shared.lang.pick("閲覧ページ", "page"),
            serving.web_address,
        ))?;
        serving.ended().await?;
        say_error(shared.lang.pick("終了しました。", "ended"));
        Ok(Outcome::Done)
    })
}
