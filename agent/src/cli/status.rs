//! `status`.

use std::path::Path;

use clap::Args;
use daicho_agent::config::Config;
use daicho_agent::message::{Exit, Failure, Lang};
use daicho_agent::spool::Spool;
use daicho_agent::state::StateFolder;
use daicho_report::{AgentId, Hash, Time};
use serde::Serialize;

use super::Out;

/// Options of `status`.
#[derive(Debug, Args)]
pub(super) struct StatusArgs {
    /// JSON で表示する / print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Serialize)]
struct Status {
    state: String,
    server: Option<String>,
    ca_fingerprint: Option<Hash>,
    /// `null`: not enrolled, or waiting for approval.
    agent: Option<AgentId>,
    sequence: u64,
    acknowledged: u64,
    acknowledged_at: Option<Time>,
    next_report_s: Option<u32>,
    spool_reports: usize,
    spool_bytes: u64,
    log_size: Option<u64>,
}

pub(super) fn status(
    args: &StatusArgs,
    state: &Path,
    config: &Config,
    out: &Out,
) -> Result<Exit, Failure> {
    let folder = StateFolder::look(state)?;
    let identity = folder.identity()?;
    let progress = folder.progress()?;
    let waiting = Spool::new(folder.path(), config.spool).waiting()?;
    let issued = identity.as_ref().and_then(|it| it.issued.as_ref());
    let status = Status {
        state: folder.path().display().to_string(),
        server: identity.as_ref().map(|it| it.server.clone()),
        ca_fingerprint: identity.as_ref().map(|it| it.ca_fingerprint),
        agent: issued.map(|it| it.agent.clone()),
        sequence: progress.sequence,
        acknowledged: progress.acknowledged,
        acknowledged_at: progress.acknowledged_at,
        next_report_s: progress.next_report_s,
        spool_reports: waiting.reports,
        spool_bytes: waiting.bytes,
        log_size: progress.head.map(|it| it.size),
    };
    let text = if args.json {
        serde_json::to_string(&status).map_err(daicho_agent::report::ReportError::Encode)?
    } else {
        lines(&status, out.lang)
    };
    out.print(&text)?;
    Ok(match status.agent {
        Some(_) => Exit::Done,
        None => Exit::Incomplete,
    })
}

fn lines(status: &Status, lang: Lang) -> String {
    let (none, pending) = match lang {
        Lang::Ja => ("まだありません", "未登録または承認待ち"),
        Lang::En => ("none yet", "not enrolled, or waiting for approval"),
    };
    let text = |value: Option<String>| value.unwrap_or_else(|| none.to_owned());
    let agent = status
        .agent
        .as_ref()
        .map_or(pending.to_owned(), ToString::to_string);
    let server = text(status.server.clone());
    let ca = text(status.ca_fingerprint.map(|it| it.to_string()));
    let at = text(status.acknowledged_at.map(|it| it.to_string()));
    let next = text(status.next_report_s.map(|it| it.to_string()));
    let log = text(status.log_size.map(|it| it.to_string()));
    let Status {
        state,
        sequence,
        acknowledged,
        spool_reports,
        spool_bytes,
        ..
    } = status;
    match lang {
        Lang::Ja => format!(
            "エージェント　　　　　：{agent}\n収集サーバ　　　　　　：{server}\nCA指紋（SHA-256）　　：{ca}\n\
             作った報告　　　　　　：第 {sequence} 号まで\n受領された報告　　　　：第 {acknowledged} 号まで（{at}）\n\
             未送信　　　　　　　　：{spool_reports} 件（{spool_bytes} バイト）\n報告の間隔（秒）　　　：{next}\n\
             収集サーバの記録の長さ：{log}\n状態フォルダ　　　　　：{state}\n"
        ),
        Lang::En => format!(
            "agent:           {agent}\ncollector:       {server}\nCA fingerprint:  {ca}\n\
             reports made:    up to {sequence}\nreports stored:  up to {acknowledged} ({at})\n\
             waiting:         {spool_reports} ({spool_bytes} bytes)\ninterval (s):    {next}\n\
             collector's log: {log}\nstate folder:    {state}\n"
        ),
    }
}
