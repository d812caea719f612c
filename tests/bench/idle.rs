//! The agent as a service between two reports. Comes in: the shipped agent against a real collector,
//! with its signs of life; goes out: memory and its share of a processor core.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context;
use daicho_tests::Folder;

use crate::ground::Ground;
use crate::options::Options;
use crate::page::{Bound, Page};
use crate::relay::Relay;
use crate::server::Server;
use crate::spent::{cpu_of, memory_of};

/// Until the first report is sent and what collected it has gone.
const SETTLE: Duration = Duration::from_secs(20);

/// Ends with its value.
struct Service(Child);

impl Drop for Service {
    fn drop(&mut self) {
        // One that has ended already is fine.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Measures and judges.
pub(crate) fn run(ground: &Ground, options: &Options, page: &mut Page) -> anyhow::Result<()> {
    let folder = Folder::new("bench-idle");
    let state = folder.join("state");
    let server = Server::start(ground, &folder.join("data"))?;
    let relay = Relay::start(server.agents)?;
    server.enrol(ground, relay.address, &state)?;
    let mut service = Service(
        Command::new(&ground.agent)
            .args(["run", "--first-now", "--state"])
            .arg(&state)
            .env_remove("RUST_LOG")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("start the agent")?,
    );
    let process = service.0.id();
    std::thread::sleep(SETTLE);
    let first = cpu_of(process)?;
    let (before, start) = (relay.passed(), Instant::now());
    std::thread::sleep(options.idle);
    let spent = cpu_of(process)?.saturating_sub(first).as_secs_f64();
    let share = spent / start.elapsed().as_secs_f64() * 100.0;
    anyhow::ensure!(service.0.try_wait()?.is_none(), "the agent ended");
    let after = relay.passed();
    anyhow::ensure!(
        after.up > before.up || options.idle.as_secs() < 70,
        "no sign of life came"
    );
    let rss = memory_of(process, "VmRSS")? as f64 / 1024.0;
    let name = "常駐 / resident (`daicho-agent run`)";
    page.judged(
        &format!("{name}: メモリ / memory"),
        rss,
        "MiB",
        Bound::AtMost(10.0),
    );
    page.judged(
        &format!("{name}: 報告の間のCPU / CPU between reports"),
        share,
        "%",
        Bound::AtMost(0.1),
    );
    let hour = first.as_secs_f64() / 3600.0 * 100.0;
    page.detail(format!(
        "## 常駐 / Resident\n\n- {} 秒間、{:.2} s CPU（カーネルの刻み 0.01 s） / over that time, in the kernel's \
         ticks; 生存通知 / signs of life: {} B 送り sent, {} B 受け received, {} 接続 / new connections\n\
         - 最大 / peak {:.1} MiB、起動と最初の報告 / start and first report {:.2} s CPU：毎時一通なら / once an \
         hour that is {hour:.4} %\n",
        options.idle.as_secs(),
        spent,
        after.up - before.up,
        after.down - before.down,
        after.connections - before.connections,
        memory_of(process, "VmHWM")? as f64 / 1024.0,
        first.as_secs_f64(),
    ));
    Ok(())
}
