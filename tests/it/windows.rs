//! Windows machines against one collector: the agent that is shipped for Windows, under Wine, each
//! machine with its own name, firmware, registry and network. Comes in: what `.ci/run` built; goes out:
//! rows of the ledger, compared with what was seeded; what only a real Windows can show is not here.

mod narrow;
mod seed;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use daicho_tests::{Folder, have, have_program, programs, root};
use serde_json::Value;

use self::seed::{MACHINES, Machine};
use super::collector;
use super::installed::have_root;
use super::serve::token;

const WINE: [&str; 2] = ["/usr/lib/wine/wine64", "/usr/bin/wine64"];
const WINESERVER: [&str; 2] = ["/usr/lib/wine/wineserver64", "/usr/bin/wineserver"];
const COLLECTOR: &str = "10.77.0.1";

fn first_of(paths: [&'static str; 2]) -> Option<&'static str> {
    paths.into_iter().find(|path| Path::new(path).is_file())
}

/// The agent for the processor that Wine has here.
fn agent() -> Option<PathBuf> {
    let list = std::env::var_os("DAICHO_WINDOWS_AGENTS").unwrap_or_default();
    let mut paths = std::env::split_paths(&list);
    let found = paths.find(|path| path.to_string_lossy().contains("x86_64") && path.is_file());
    let reason = "not set or not there (agent/package/build-windows)";
    have("DAICHO_WINDOWS_AGENTS", found.is_some(), reason)
        .then_some(found)
        .flatten()
}

/// Wine for 64 bits.
fn wine() -> Option<&'static str> {
    let found = first_of(WINE);
    let there = have("wine64", found.is_some(), "not there (package wine64)");
    found.filter(|_| there)
}

/// Wine and the program that checks bundles.
pub(super) fn verify() -> Option<Vec<String>> {
    let program = agent()?.with_file_name("daicho-verify.exe");
    Some(vec![wine()?.to_owned(), program.display().to_string()])
}

fn ran(program: &str, arguments: &[&str]) -> bool {
    let output = Command::new(program).args(arguments).output();
    output.is_ok_and(|output| output.status.success())
}

fn must(program: &str, arguments: &[&str]) {
    assert!(ran(program, arguments), "{program} {arguments:?}");
}

/// Networks of the machines and of the collector, taken down at the end.
struct Networks {
    names: Vec<String>,
}

impl Networks {
    /// One for the collector with a bridge in it, and one for each machine.
    fn new(machines: &[Machine]) -> Self {
        let id = std::process::id();
        let of = |number: usize| format!("daicho{id}-{number}");
        let networks = Self {
            names: (0..=machines.len()).map(of).collect(),
        };
        let hub = &networks.names[0];
        for name in &networks.names {
            must("ip", &["netns", "add", name]);
            must("ip", &["-n", name, "link", "set", "lo", "up"]);
        }
        must("ip", &["-n", hub, "link", "add", "br0", "type", "bridge"]);
        let address = format!("{COLLECTOR}/24");
        must("ip", &["-n", hub, "addr", "add", &address, "dev", "br0"]);
        must("ip", &["-n", hub, "link", "set", "br0", "up"]);
        for (machine, name) in machines.iter().zip(&networks.names[1..]) {
            let port = format!("pc{}", machine.host_part);
            let eth = [
                "link", "add", "eth0", "netns", name, "type", "veth", "peer", "name", &port,
                "netns", hub,
            ];
            must("ip", &eth);
            must(
                "ip",
                &["-n", hub, "link", "set", &port, "master", "br0", "up"],
            );
            let address = format!("10.77.0.{}/24", machine.host_part);
            must(
                "ip",
                &[
                    "-n",
                    name,
                    "link",
                    "set",
                    "eth0",
                    "address",
                    machine.mac,
                    "up",
                ],
            );
            must("ip", &["-n", name, "addr", "add", &address, "dev", "eth0"]);
            must(
                "ip",
                &["-n", name, "route", "add", "default", "via", COLLECTOR],
            );
            networks.count(name);
        }
        networks
    }

    /// Counts packets that leave for anybody but the collector.
    fn count(&self, name: &str) {
        let rules = format!(
            "table inet watch {{
                counter others {{ }}
                counter collector {{ }}
                chain out {{
                    type filter hook output priority 0;
                    oif lo accept
                    ip daddr {COLLECTOR} tcp dport 8443 counter name collector accept
                    meta l4proto ipv6-icmp accept
                    counter name others
                }}
            }}
"
        );
        let mut nft = Command::new("ip")
            .args(["netns", "exec", name, "nft", "-f", "-"])
            .stdin(Stdio::piped())
            .spawn()
            .expect("nft starts");
        let mut input = nft.stdin.take().unwrap();
        std::io::Write::write_all(&mut input, rules.as_bytes()).unwrap();
        drop(input);
        assert!(nft.wait().unwrap().success(), "{rules}");
    }
}

impl Drop for Networks {
    fn drop(&mut self) {
        for name in &self.names {
            // One that was not made is none.
            let _ = ran("ip", &["netns", "del", name]);
        }
    }
}

/// A running collector in its own network, ended with the test.
struct Served(Child);

impl Served {
    fn start(network: &str, data: &Path) -> Self {
        let address = format!("{COLLECTOR}:8443");
        let mut child = Command::new("ip")
            .args(["netns", "exec", network])
            .arg(&programs().collector)
            .args(["serve", "--agents", &address, "--name", COLLECTOR])
            .args(["--web", "127.0.0.1:0", "--data"])
            .arg(data)
            .env_remove("RUST_LOG")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the server starts");
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = lines.next().expect("the server says where it is").unwrap();
        assert!(line.contains(&address), "{line}");
        Self(child)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A Windows that Wine made, which every machine has below its own.
fn base(folder: &Folder, wine: &str, server: &str) -> PathBuf {
    let base = folder.join("base");
    let of = |program: &str| {
        let mut command = Command::new(program);
        command
            .env("WINEPREFIX", &base)
            .env("WINEDEBUG", "-all")
            .env_remove("DISPLAY")
            .stderr(Stdio::null());
        command
    };
    let made = of(wine).args(["wineboot.exe", "--init"]).status().unwrap();
    assert!(made.success(), "wineboot");
    of(server).arg("-w").status().unwrap();
    base
}

/// Everything that one machine is made from, in a folder of its own.
fn prepare(place: &Path, machine: &Machine, token: &str) {
    std::fs::create_dir_all(place.join("firmware")).unwrap();
    std::fs::create_dir_all(place.join("drive")).unwrap();
    for (name, value) in machine.firmware {
        std::fs::write(place.join("firmware").join(name), value).unwrap();
    }
    for (path, text) in machine.files {
        let path = place.join("drive").join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let text = format!(
        "Windows Registry Editor Version 5.00\n\n{}",
        machine.registry
    );
    let text = text.replace('\n', "\r\n");
    // With this mark and no other Wine reads what is not ASCII.
    let units = [0xfeff].into_iter().chain(text.encode_utf16());
    let bytes: Vec<u8> = units.flat_map(u16::to_le_bytes).collect();
    std::fs::write(place.join("seed.reg"), bytes).unwrap();
    std::fs::write(place.join("token"), token).unwrap();
}

fn run(network: &str, place: &Path, machine: &Machine, base: &Path, agent: &Path) -> Child {
    Command::new("ip")
        .args(["netns", "exec", network, "unshare", "-m", "-u", "sh", "-eu"])
        .arg(root().join("tests/it/windows/machine.sh"))
        .env("HOST", machine.host)
        .env("MACHINE_ID", machine.machine_id)
        .env("PLACE", place)
        .env("BASE", base)
        .env("AGENT", agent)
        .env("WINE", first_of(WINE).unwrap())
        .env("WINESERVER", first_of(WINESERVER).unwrap())
        .env("SERVER", format!("https://{COLLECTOR}:8443"))
        .env_remove("DISPLAY")
        .env_remove("RUST_LOG")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the machine starts")
}

/// The largest of these figures of `/proc/PID/status`.
fn memory_kib(status: &str, name: &str) -> Option<u64> {
    let lines = status.lines().filter_map(|line| line.strip_prefix(name));
    let figures = lines.filter_map(|it| it.split_whitespace().next()?.parse().ok());
    figures.max()
}

/// What a machine said of itself at the end.
fn went_well(machine: &Machine, place: &Path, child: Child) {
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{}: {text}{errors}", machine.host);
    assert!(!errors.contains("panicked"), "{errors}");
    let mut lines = text.lines();
    for said in [
        "登録しました",
        "第 1 号",
        "サービスは登録されていて",
        "サービスは動いています",
        "サービスは登録されていて",
        "サービスは登録されていません",
    ] {
        let found = lines.any(|line| line.contains(said));
        assert!(found, "{}: {said}: {text}{errors}", machine.host);
    }
    let left = std::fs::read_to_string(place.join("left")).unwrap();
    assert!(!left.contains("EventMessageFile"), "{left}");
    let memory = std::fs::read_to_string(place.join("memory")).unwrap();
    let own = memory_kib(&memory, "RssAnon:");
    let all = memory_kib(&memory, "VmRSS:");
    match own.zip(all) {
        Some((own, all)) => {
            let host = machine.host;
            eprintln!("{host}: the service takes {all} KiB, {own} of it its own");
            // What it shares is Wine's. A collection may be under way.
            assert!(own < 48 << 10, "{memory}");
        }
        None => eprintln!("SKIP memory of the Windows service: its process was not found"),
    }
    let listening = std::fs::read_to_string(place.join("listening")).unwrap();
    assert_eq!(listening, "", "{}", machine.host);
    let counters = std::fs::read_to_string(place.join("counters")).unwrap();
    seed::nothing_left_for_others(&counters, machine.host);
}

#[test]
fn windows_machines_report_to_the_collector_and_stand_in_the_ledger_as_they_were_made() {
    let Some(agent) = agent() else { return };
    let there = first_of(WINE).is_some() && first_of(WINESERVER).is_some();
    if !have("wine64", there, "not there (package wine64)")
        || !have_root()
        || !have_program("ip", "iproute2")
        || !have_program("nft", "nftables")
    {
        return;
    }
    let folder = Folder::new("windows");
    let base = base(
        &folder,
        first_of(WINE).unwrap(),
        first_of(WINESERVER).unwrap(),
    );
    let _built = programs();
    let start = Instant::now();
    let data = folder.join("data");
    let networks = Networks::new(MACHINES);
    let tokens: Vec<String> = MACHINES
        .iter()
        .map(|_| token(&data, &["--approve"]))
        .collect();
    let served = Served::start(&networks.names[0], &data);
    let mut running = Vec::new();
    for ((machine, network), token) in MACHINES.iter().zip(&networks.names[1..]).zip(&tokens) {
        let place = folder.join(machine.host);
        prepare(&place, machine, token);
        running.push((
            machine,
            place.clone(),
            run(network, &place, machine, &base, &agent),
        ));
    }
    for (machine, place, child) in running {
        went_well(machine, &place, child);
    }
    drop(served);
    let out = folder.join("ledger.json");
    let ran = collector(&data, &["ledger", "--out", out.to_str().unwrap()]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let ledger: Value = serde_json::from_slice(&std::fs::read(&out).unwrap()).unwrap();
    eprintln!(
        "{} Windows machines under Wine: {:.1} s",
        MACHINES.len(),
        start.elapsed().as_secs_f64()
    );
    for machine in MACHINES {
        (machine.check)(&ledger);
    }
}
