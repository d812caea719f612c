//! The whole way of the facts: picture, enrolment, a report that waits, one that is sent, a run, and
//! what the collector makes of it. Comes in: a machine; goes out: one folder that holds every byte that
//! was printed, sent, kept or logged.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use daicho_tests::{Folder, programs};

use super::machine::Machine;

/// What is left of it all.
pub(super) struct Journey(Folder);

impl Journey {
    /// Goes the whole way.
    pub(super) fn of(machine: &Machine, name: &str) -> Self {
        let journey = Self(Folder::new(name));
        let state = journey.at("state");
        journey.ask(machine, "report.json", 0, &["report", "--json"]);
        let (server, agents, page) = journey.serve();
        let token = journey.collector("token.txt", &["token", "--approve"]);
        let url = format!("https://{agents}");
        let enrol = ["enroll", "--server", &url, "--token", token.trim()];
        journey.ask(machine, "enrol.txt", 0, &with(&enrol, &state));
        let signed = journey.at("signed.json");
        journey.ask(
            machine,
            "signed.txt",
            0,
            &with(&["report", "--out", &signed], &state),
        );
        // Nobody listens there: the report stays in the spool.
        let nobody = ["send", "--server", "https://127.0.0.1:9"];
        journey.ask(machine, "nobody.txt", 1, &with(&nobody, &state));
        copy(Path::new(&state), &journey.0.join("waiting"));
        journey.ask(machine, "send.txt", 0, &with(&["send"], &state));
        journey.run(machine, &state);
        journey.ask(machine, "status.txt", 0, &with(&["status"], &state));
        for (name, path) in [("page.html", "/"), ("page.svg", "/diagram.svg")] {
            std::fs::write(journey.at(name), get(page, path)).expect("a file");
        }
        for name in ["ledger.xlsx", "ledger.csv", "ledger.json"] {
            journey.collector("ledger.txt", &["ledger", "--out", &journey.at(name)]);
        }
        let network = [
            "ledger",
            "--list",
            "network",
            "--out",
            &journey.at("network.csv"),
        ];
        journey.collector("network.txt", &network);
        journey.collector(
            "diagram.txt",
            &["diagram", "--out", &journey.at("diagram.svg")],
        );
        journey.collector("agents.json", &["agents", "--json"]);
        journey.collector("verify.txt", &["log", "verify"]);
        drop(server);
        journey
    }

    /// Where everything lies.
    pub(super) fn path(&self) -> &Path {
        self.0.path()
    }

    fn at(&self, name: &str) -> String {
        self.0.join(name).to_str().expect("a path").to_owned()
    }

    /// The agent once; what it prints and logs is kept under this name.
    fn ask(&self, machine: &Machine, name: &str, code: i32, arguments: &[&str]) {
        let output = machine.agent().args(arguments).output().expect("it starts");
        std::fs::write(self.at(name), &output.stdout).expect("a file");
        std::fs::write(self.at(&format!("{name}.log")), &output.stderr).expect("a file");
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {told}");
    }

    /// The agent as a service: until its report is stored, then asked to end.
    fn run(&self, machine: &Machine, state: &str) {
        let mut child = machine
            .agent()
            .args(with(&["run", "--first-now"], state))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the agent starts");
        let mut log = File::create(self.at("run.log")).expect("a file");
        let lines = BufReader::new(child.stderr.take().expect("a pipe")).lines();
        let mut stored = false;
        for line in lines.map_while(Result::ok) {
            writeln!(log, "{line}").expect("a line");
            if !stored && line.contains("reports stored") {
                stored = true;
                let id = child.id().to_string();
                let ended = Command::new("kill").args(["-TERM", &id]).status();
                assert!(ended.expect("kill starts").success());
            }
        }
        assert!(stored, "its report was stored");
        assert!(child.wait().expect("it ends").success());
    }

    fn serve(&self) -> (Server, SocketAddr, SocketAddr) {
        let log = File::create(self.at("serve.log")).expect("a file");
        let listen = ["serve", "--agents", "127.0.0.1:0", "--web", "127.0.0.1:0"];
        let mut child = Command::new(&programs().collector)
            .args(listen)
            .args(["--data", &self.at("data")])
            .env("RUST_LOG", "trace")
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("the server starts");
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let mut address = || -> SocketAddr {
            let line = lines.next().expect("it says where it is").expect("text");
            let digits = line.find("127.0.0.1:").expect("an address");
            let address = line[digits..].trim_end_matches('/');
            address.parse().expect("an address")
        };
        let (agents, page) = (address(), address());
        (Server(child), agents, page)
    }

    fn collector(&self, name: &str, arguments: &[&str]) -> String {
        let output = Command::new(&programs().collector)
            .args(arguments)
            .args(["--data", &self.at("data")])
            .env("RUST_LOG", "trace")
            .output()
            .expect("the collector starts");
        std::fs::write(self.at(name), &output.stdout).expect("a file");
        std::fs::write(self.at(&format!("{name}.log")), &output.stderr).expect("a file");
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {told}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

/// Ended with the journey.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        // One that has ended already is fine.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn with<'a>(arguments: &[&'a str], state: &'a str) -> Vec<&'a str> {
    arguments
        .iter()
        .copied()
        .chain(["--state", state])
        .collect()
}

fn get(page: SocketAddr, path: &str) -> Vec<u8> {
    let mut stream = TcpStream::connect(page).expect("the page answers");
    let request = format!("GET {path} HTTP/1.1\r\nHost: {page}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("it reads");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("it answers");
    assert!(answer.starts_with(b"HTTP/1.1 200"), "{path}");
    answer
}

fn copy(from: &Path, to: &PathBuf) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("a copy");
        }
    }
}
