//! What every part stands on: the shipped programs in their shipped profiles, and a network of its
//! own where this account may make one. Comes in: the checkout; goes out: paths. It changes nothing
//! outside of the target folder and of folders that vanish.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;
use daicho_tests::root;

/// A network like that of a machine with one address and a way out that leads nowhere, so that no
/// program reaches anything and all see the same.
const NETWORK: &str = "
set -e
mount --bind /dev/null /etc/resolv.conf
mount -t sysfs sysfs /sys
ip link set lo up
ip link add eth0 type veth peer name far0
ip link set far0 up
ip address add 192.0.2.2/24 dev eth0
ip link set eth0 up
ip route add default via 192.0.2.1
exec \"$@\"";

/// Where things are.
#[derive(Debug)]
pub(crate) struct Ground {
    /// `daicho-agent` in the profile that is shipped.
    pub(crate) agent: PathBuf,
    /// `daicho-collector`, release.
    pub(crate) collector: PathBuf,
    /// What asks the graph in memory.
    pub(crate) resident: PathBuf,
}

impl Ground {
    pub(crate) fn new() -> anyhow::Result<Self> {
        let target = target()?;
        let suffix = std::env::consts::EXE_SUFFIX;
        let ground = Self {
            agent: target.join(format!("agent/daicho-agent{suffix}")),
            collector: target.join(format!("release/daicho-collector{suffix}")),
            resident: target.join(format!("release/daicho-bench-resident{suffix}")),
        };
        for program in [&ground.agent, &ground.collector, &ground.resident] {
            anyhow::ensure!(program.is_file(), "{} is not built", program.display());
        }
        Ok(ground)
    }
}

/// The target folder that this program was built into: `target/<profile>/daicho-bench`.
fn target() -> anyhow::Result<PathBuf> {
    let own = std::env::current_exe().context("find this program")?;
    let target = own.ancestors().nth(2).context("find the target folder")?;
    Ok(target.to_owned())
}

/// Builds the programs as they are shipped; the agent alone, so that no other crate adds to it.
pub(crate) fn build() -> anyhow::Result<()> {
    let resident = ["-p", "daicho-tests", "--bin", "daicho-bench-resident"];
    for arguments in [
        &["--profile", "agent", "-p", "daicho-agent"][..],
        &["--profile", "release", "-p", "daicho-collector"],
        &[&["--profile", "release"][..], &resident].concat(),
    ] {
        let built = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--locked", "--target-dir"])
            .arg(target()?)
            .args(arguments)
            .current_dir(root())
            .status()
            .context("start cargo")?;
        anyhow::ensure!(built.success(), "cargo build {arguments:?} failed");
    }
    Ok(())
}

/// Whether a program is on the PATH.
pub(crate) fn on_path(name: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(name).is_file())
}

/// Starts this program once more inside; `None` where that is not possible.
pub(crate) fn again_in_a_network_of_its_own() -> anyhow::Result<Option<i32>> {
    let lacks = ["unshare", "ip", "mount"].map(|name| (name, on_path(name)));
    if let Some((name, _)) = lacks.iter().find(|(_, there)| !there) {
        eprintln!("SKIP network of its own: {name} is not on the PATH");
        return Ok(None);
    }
    let try_out = within(Path::new("true")).output().context("try unshare")?;
    if !try_out.status.success() {
        let why = String::from_utf8_lossy(&try_out.stderr);
        eprintln!("SKIP network of its own: {}", why.trim());
        return Ok(None);
    }
    let mut again = within(&std::env::current_exe().context("find this program")?);
    again.args(std::env::args().skip(1)).arg("--within");
    let status = again.status().context("start again")?;
    Ok(Some(status.code().unwrap_or(1)))
}

fn within(program: &Path) -> Command {
    let mut command = Command::new("unshare");
    command
        .args(["--net", "--mount", "sh", "-c", NETWORK, "within"])
        .arg(program);
    command
}
