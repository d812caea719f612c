//! A running collector of the release profile. Comes in: a data folder; goes out: its address, and
//! tokens. It ends with its value.

use std::io::{BufRead, BufReader, Lines};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use anyhow::Context;

use crate::ground::Ground;

/// The collector as a service on loopback.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    /// Open as long as it may say something.
    _lines: Lines<BufReader<ChildStdout>>,
    program: PathBuf,
    data: PathBuf,
    pub(crate) agents: SocketAddr,
}

impl Server {
    pub(crate) fn start(ground: &Ground, data: &Path) -> anyhow::Result<Self> {
        let mut child = Command::new(&ground.collector)
            .args(["serve", "--agents", "127.0.0.1:0", "--web", "127.0.0.1:0"])
            .arg("--data")
            .arg(data)
            .env_remove("RUST_LOG")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("start the collector")?;
        let stdout = child.stdout.take().context("read the collector's lines")?;
        let mut lines = BufReader::new(stdout).lines();
        let line = lines.next().context("hear where the collector is")??;
        let digits = line.find("127.0.0.1:").context("read its address")?;
        let address = line.get(digits..).unwrap_or_default().trim_end_matches('/');
        Ok(Self {
            agents: address.parse().context("read its address")?,
            child,
            _lines: lines,
            program: ground.collector.clone(),
            data: data.to_owned(),
        })
    }

    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    /// A token that needs no person.
    pub(crate) fn token(&self) -> anyhow::Result<String> {
        let made = Command::new(&self.program)
            .args(["token", "--approve", "--data"])
            .arg(&self.data)
            .output()
            .context("make a token")?;
        anyhow::ensure!(
            made.status.success(),
            "{}",
            String::from_utf8_lossy(&made.stderr)
        );
        Ok(String::from_utf8_lossy(&made.stdout).trim().to_owned())
    }

    /// Enrols the shipped agent, which comes in at this address.
    pub(crate) fn enrol(
        &self,
        ground: &Ground,
        address: SocketAddr,
        state: &Path,
    ) -> anyhow::Result<()> {
        let url = format!("https://{address}");
        let token = self.token()?;
        agent(
            ground,
            state,
            &["enroll", "--server", &url, "--token", &token],
        )
    }
}

/// Runs a command of the shipped agent to its end.
pub(crate) fn agent(ground: &Ground, state: &Path, words: &[&str]) -> anyhow::Result<()> {
    let ran = Command::new(&ground.agent)
        .args(words)
        .arg("--state")
        .arg(state)
        .env_remove("RUST_LOG")
        .output()
        .context("start the agent")?;
    let said = String::from_utf8_lossy(&ran.stderr);
    anyhow::ensure!(
        ran.status.success(),
        "daicho-agent {}: {said}",
        words.join(" ")
    );
    Ok(())
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that has ended already is fine.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
