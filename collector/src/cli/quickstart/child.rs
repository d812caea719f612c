//! The agent as a process of its own: what quickstart tells it, and how it ends.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::process::{Child, Command};

use crate::platform;
use crate::refusal::visible;

/// The agent may say goodbye for this long.
const GOODBYE_WITHIN: Duration = Duration::from_secs(6);
const LOG_LINES: usize = 15;

/// How this machine's agent is called.
pub(super) struct Agent {
    program: PathBuf,
    state: PathBuf,
    log: PathBuf,
    server: String,
}

impl Agent {
    pub(super) fn new(program: &Path, folder: &Path, server: SocketAddr) -> Self {
        Self {
            program: program.to_owned(),
            state: folder.join("quickstart-agent"),
            log: folder.join("quickstart-agent.log"),
            server: format!("https://{server}"),
        }
    }

    fn command(&self, name: &str) -> anyhow::Result<Command> {
        let log = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.log);
        let log = log.with_context(|| format!("open `{}`", self.log.display()))?;
        let mut command = Command::new(&self.program);
        command
            .arg(name)
            .arg("--state")
            .arg(&self.state)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .kill_on_drop(true);
        Ok(command)
    }

    /// Whether an earlier run has enrolled it.
    pub(super) async fn is_enrolled(&self) -> anyhow::Result<bool> {
        let mut command = self.command("status")?;
        command
            .arg("--json")
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let output = command.output().await;
        let output = output.with_context(|| format!("start `{}`", self.program.display()))?;
        let status: serde_json::Value =
            serde_json::from_slice(&output.stdout).unwrap_or(serde_json::Value::Null);
        Ok(status.get("agent").is_some_and(|agent| !agent.is_null()))
    }

    pub(super) async fn enrol(&self, token: &Path) -> anyhow::Result<()> {
        let mut command = self.command("enroll")?;
        command
            .arg("--server")
            .arg(&self.server)
            .arg("--token-file")
            .arg(token);
        self.finish(command, Duration::from_secs(20))
            .await
            .context("enrol the agent")
    }

    /// One report; done when the collector has acknowledged it.
    pub(super) async fn send(&self, within: Duration) -> anyhow::Result<()> {
        let mut command = self.command("send")?;
        command.arg("--server").arg(&self.server);
        self.finish(command, within)
            .await
            .context("receive the agent's report")
    }

    async fn finish(&self, mut command: Command, within: Duration) -> anyhow::Result<()> {
        let mut child = command
            .spawn()
            .with_context(|| format!("start `{}`", self.program.display()))?;
        match tokio::time::timeout(within, child.wait()).await {
            Ok(status) if status.as_ref().is_ok_and(std::process::ExitStatus::success) => Ok(()),
            Ok(status) => {
                let status = status.context("wait for the agent")?;
                bail!(
                    "run the agent ({status}); its last lines:\n{}",
                    self.last_lines()
                )
            }
            Err(_) => {
                // It is killed when it is dropped.
                bail!(
                    "hear from the agent within {} s; its last lines:\n{}",
                    within.as_secs(),
                    self.last_lines()
                )
            }
        }
    }

    fn last_lines(&self) -> String {
        let text = std::fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<String> = text.lines().rev().take(LOG_LINES).map(visible).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join("\n")
    }

    /// Starts the agent that goes on reporting.
    pub(super) fn keep_running(&self) -> anyhow::Result<Child> {
        let mut command = self.command("run")?;
        command.arg("--server").arg(&self.server);
        command
            .spawn()
            .with_context(|| format!("start `{}`", self.program.display()))
    }

    /// Lets it say goodbye, then ends it.
    pub(super) async fn end(&self, mut child: Child) -> anyhow::Result<()> {
        platform::ask_to_stop(&child).context("ask the agent to end")?;
        if tokio::time::timeout(GOODBYE_WITHIN, child.wait())
            .await
            .is_err()
        {
            child.kill().await.context("end the agent")?;
        }
        Ok(())
    }
}
