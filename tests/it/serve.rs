//! The server and agents as separate programs over real TLS: tokens, approval, and the page.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use daicho_tests::{Folder, programs};

use super::{Ran, agent, collector};

/// A running server, ended with the test.
pub(super) struct Server {
    child: Child,
    pub(super) agents: SocketAddr,
    page: SocketAddr,
}

impl Server {
    pub(super) fn start(data: &Path) -> Self {
        let mut child = Command::new(&programs().collector)
            .args([
                "serve",
                "--agents",
                "127.0.0.1:0",
                "--web",
                "127.0.0.1:0",
                "--data",
            ])
            .arg(data)
            .env_remove("RUST_LOG")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut address = || {
            let line = lines.next().expect("the server says where it is").unwrap();
            let digits = line.find("127.0.0.1:").expect("an address");
            line[digits..]
                .trim_end_matches('/')
                .parse()
                .expect("an address")
        };
        Self {
            agents: address(),
            page: address(),
            child,
        }
    }

    /// What the page answers, head and body.
    fn get(&self, path: &str, host: &str) -> String {
        let mut stream = TcpStream::connect(self.page).unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that has ended already is fine.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(super) fn token(data: &Path, arguments: &[&str]) -> String {
    let mut all = vec!["token"];
    all.extend(arguments);
    let ran = collector(data, &all);
    assert_eq!(ran.code, 0, "{}", ran.err);
    ran.out.trim().to_owned()
}

pub(super) fn enrol(server: SocketAddr, token: &str, state: &Path) -> Ran {
    let url = format!("https://{server}");
    agent(&[
        "enroll",
        "--server",
        &url,
        "--token",
        token,
        "--state",
        state.to_str().unwrap(),
    ])
}

#[test]
fn token_serves_one_machine_and_a_person_may_deny_it() {
    let folder = Folder::new("serve");
    let data = folder.join("data");
    let server = Server::start(&data);
    let once = token(&data, &["--approve"]);
    let state = folder.join("one");
    let ran = enrol(server.agents, &once, &state);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let second = enrol(server.agents, &once, &folder.join("two"));
    assert_ne!(second.code, 0);
    assert!(second.err.contains("ENR-"), "{}", second.err);
    let send = || agent(&["send", "--state", state.to_str().unwrap()]);
    assert_eq!(send().code, 0);
    let agents: serde_json::Value =
        serde_json::from_str(&collector(&data, &["agents", "--json"]).out).unwrap();
    let id = agents[0]["agent"].as_str().unwrap().to_owned();
    let denied = collector(&data, &["agents", "--deny", &id, "--why", "test"]);
    assert_eq!(denied.code, 0, "{}", denied.err);
    let listed: serde_json::Value =
        serde_json::from_str(&collector(&data, &["agents", "--json"]).out).unwrap();
    assert_eq!(listed[0]["standing"], "denied");
    let then = agents[0]["approved_at"].as_str().unwrap();
    let past = collector(&data, &["agents", "--json", "--as-of", "2020-01-01"]);
    assert_eq!(past.out.trim(), "[]", "nobody had asked by then");
    let past = collector(&data, &["agents", "--json", "--as-of", then]);
    let past: serde_json::Value = serde_json::from_str(&past.out).unwrap();
    assert_ne!(past[0]["standing"], "pending", "approved by then: {past}");
    let refused = send();
    assert_ne!(
        refused.code, 0,
        "a denied agent is refused at its next request"
    );
}

#[test]
fn machine_waits_until_a_person_approves() {
    let folder = Folder::new("approve");
    let data = folder.join("data");
    let server = Server::start(&data);
    let once = token(&data, &[]);
    let state = folder.join("one");
    assert_eq!(
        enrol(server.agents, &once, &state).code,
        3,
        "waits for a person"
    );
    let agents: serde_json::Value =
        serde_json::from_str(&collector(&data, &["agents", "--json"]).out).unwrap();
    let id = agents[0]["agent"].as_str().unwrap().to_owned();
    assert_eq!(collector(&data, &["agents", "--approve", &id]).code, 0);
    let ran = enrol(server.agents, &once, &state);
    assert_eq!(ran.code, 0, "{}", ran.err);
}

#[test]
fn wrong_secret_and_wrong_fingerprint_are_refused() {
    let folder = Folder::new("wrong");
    let data = folder.join("data");
    let server = Server::start(&data);
    let good = token(&data, &["--approve"]);
    let parts: Vec<&str> = good.split('.').collect();
    let secret = format!("{}.{}.{}", parts[0], "A".repeat(43), parts[2]);
    let ran = enrol(server.agents, &secret, &folder.join("secret"));
    assert_ne!(ran.code, 0);
    assert!(ran.err.contains("ENR-001"), "{}", ran.err);
    let ca = format!("{}.{}.{}", parts[0], parts[1], "0".repeat(64));
    let ran = enrol(server.agents, &ca, &folder.join("ca"));
    assert_ne!(ran.code, 0);
    assert!(
        collector(&data, &["agents"])
            .out
            .lines()
            .all(|line| !line.starts_with("a-"))
    );
    assert_eq!(
        enrol(server.agents, &good, &folder.join("good")).code,
        0,
        "nothing was used up"
    );
}

#[test]
fn port_that_is_taken_is_named() {
    let folder = Folder::new("port");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let ran = collector(
        &folder.join("data"),
        &["serve", "--agents", &address, "--web", "127.0.0.1:0"],
    );
    assert_eq!(ran.code, 4, "{}", ran.err);
    assert!(
        ran.err.contains("NET-001") && ran.err.contains(&address),
        "{}",
        ran.err
    );
}

#[test]
fn second_server_on_the_same_folder_is_refused() {
    let folder = Folder::new("twice");
    let data = folder.join("data");
    let _server = Server::start(&data);
    let ran = collector(
        &data,
        &["serve", "--agents", "127.0.0.1:0", "--web", "127.0.0.1:0"],
    );
    assert_eq!(ran.code, 4);
    assert!(ran.err.contains("DAT-005"), "{}", ran.err);
}

#[test]
fn page_shows_the_ledger_to_this_machine_alone() {
    let folder = Folder::new("page");
    let data = folder.join("data");
    let server = Server::start(&data);
    let own = server.page.to_string();
    assert_eq!(
        enrol(
            server.agents,
            &token(&data, &["--approve"]),
            &folder.join("one")
        )
        .code,
        0
    );
    assert_eq!(
        agent(&["send", "--state", folder.join("one").to_str().unwrap()]).code,
        0
    );
    let page = server.get("/", &own);
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
    assert!(
        page.starts_with("HTTP/1.1 200") && page.contains(host.trim()),
        "{page}"
    );
    assert!(
        page.to_lowercase()
            .contains("content-security-policy: default-src 'none'"),
        "{page}"
    );
    assert!(!page.contains("<script"));
    assert!(server.get("/diagram.svg?lang=en", &own).contains("<svg"));
    assert!(!server.get("/", "evil.example").starts_with("HTTP/1.1 200"));
    assert!(server.get("/?as_of=yesterday", &own).contains("CLI-001"));
    assert!(server.get("/?x=1", &own).contains("WEB-001"));
}
