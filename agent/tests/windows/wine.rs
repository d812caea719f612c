//! The program for 64 bits, run under Wine in a Windows of its own that is thrown away at the end.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use daicho_agent::collect::{Budget, collect};
use daicho_agent::platform::Source;
use daicho_report::{Interfaces, Os, Routes, SectionBody, Time};
use serde_json::Value;

/// A Windows that Wine made for one test, thrown away at the end.
pub(super) struct Windows {
    folder: PathBuf,
    wine: &'static str,
}

/// Debian's wrapper looks for a 32-bit part and complains; the program itself is below.
const WINE: [&str; 2] = ["/usr/lib/wine/wine64", "/usr/bin/wine64"];

impl Windows {
    /// `None`: there is no Wine here.
    pub(super) fn new(name: &str) -> Option<Self> {
        let wine = WINE.into_iter().find(|path| Path::new(path).is_file());
        super::have("wine64", wine.is_some(), "not there (package wine64)");
        let folder =
            std::env::temp_dir().join(format!("daicho-wine-{}-{name}", std::process::id()));
        let windows = Self {
            wine: wine?,
            folder,
        };
        std::fs::create_dir_all(&windows.folder).expect("a folder can be made");
        let made = windows.run(Path::new("wineboot.exe"), &["--init"]);
        assert!(made.status.success(), "{made:?}");
        Some(windows)
    }

    /// Lets these values be in the registry; the file has to be UTF-16.
    pub(super) fn seed(&self, values: &str) {
        let text = format!("Windows Registry Editor Version 5.00\r\n\r\n{values}");
        let units = [0xfeff].into_iter().chain(text.encode_utf16());
        let bytes: Vec<u8> = units.flat_map(u16::to_le_bytes).collect();
        let file = self.folder.join("seed.reg");
        std::fs::write(&file, bytes).expect("a file can be written");
        let file = format!("Z:{}", file.display());
        let done = self.run(Path::new("reg.exe"), &["import", &file]);
        assert!(done.status.success(), "{done:?}");
    }

    /// Its first drive.
    pub(super) fn drive(&self) -> PathBuf {
        self.folder.join("prefix/drive_c")
    }

    pub(super) fn run(&self, program: &Path, arguments: &[&str]) -> Output {
        self.command(self.wine)
            .arg(program)
            .args(arguments)
            .output()
            .expect("Wine starts")
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .env("WINEPREFIX", self.folder.join("prefix"))
            .env("WINEDEBUG", "-all")
            .env_remove("DISPLAY")
            .env_remove("RUST_LOG")
            .stdin(Stdio::null());
        command
    }
}

impl Drop for Windows {
    fn drop(&mut self) {
        // Ends what this Windows started, and nothing of another one.
        let server = self
            .command("/usr/lib/wine/wineserver64")
            .arg("-k")
            .status();
        let _ = server.or_else(|_| self.command("wineserver").arg("-k").status());
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// The program for the processor that Wine has here.
pub(super) fn agent() -> Option<PathBuf> {
    let of_64_bits = |path: &PathBuf| path.to_string_lossy().contains("x86_64");
    super::built().into_iter().find(of_64_bits)
}

/// Every reading of a report as `section.field` with its reason, where it is unknown.
fn readings(report: &Value) -> Vec<(String, Option<Value>)> {
    let mut found = Vec::new();
    for section in report["sections"].as_array().expect("sections") {
        let kind = section["kind"].as_str().expect("a kind");
        for (field, value) in section["body"].as_object().expect("a body") {
            let name = format!("{kind}.{field}");
            if let Some(unknown) = value.get("unknown") {
                let reason = unknown.get("reason").filter(|it| !it.is_null());
                assert!(reason.is_some(), "{name}: {value}");
                found.push((name, reason.cloned()));
            } else if value.get("known").is_some() {
                found.push((name, None));
            }
        }
    }
    found
}

/// A section of a report as it was printed.
pub(super) fn body<B: SectionBody>(report: &Value) -> B {
    let sections = report["sections"].as_array().expect("sections");
    let section = sections.iter().find(|it| it["kind"] == B::KIND);
    let body = section.expect("the section is there")["body"].clone();
    serde_json::from_value(body).expect("the body is of its kind")
}

/// Windows 10 LTSC; one value has a length that its type cannot have.
const LTSC: &str = r#"[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion]
"ProductName"="Windows 10 Enterprise LTSC 2021"
"EditionID"="EnterpriseS"
"CurrentVersion"="10.0"
"CurrentBuild"="19044"
"CurrentBuildNumber"="19044"
"UBR"=dword:000010c3
"InstallDate"=hex(4):01,02

[HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters]
"SearchList"="hosp.example,karte.hosp.example"
"#;

#[test]
fn the_program_reports_under_wine_and_every_unknown_fact_has_a_reason() {
    let Some(agent) = agent() else { return };
    let Some(windows) = Windows::new("report") else {
        return;
    };
    windows.seed(&LTSC.replace('\n', "\r\n"));
    let output = windows.run(&agent, &["report", "--json"]);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    assert!(!errors.contains("panicked"), "{errors}");
    let report: Value = serde_json::from_slice(&output.stdout).expect("a report is JSON");
    let readings = readings(&report);
    let known: Vec<&str> = readings
        .iter()
        .filter(|(_, reason)| reason.is_none())
        .map(|(name, _)| name.as_str())
        .collect();
    super::told!(
        "under Wine: {} facts known of {}: {}; cost {}",
        known.len(),
        readings.len(),
        known.join(" "),
        report["cost"]
    );
    assert!(readings.len() > 60, "{readings:?}");
    let os: Os = body(&report);
    assert_eq!(
        os.version.value().map(String::as_str),
        Some("10.0.19044.4291")
    );
    let edition = os.edition.value().cloned().flatten();
    assert_eq!(edition.as_deref(), Some("Enterprise LTSC 2021"));
    assert!(os.installed_at.reason().is_some(), "{:?}", os.installed_at);
    let interfaces: Interfaces = body(&report);
    let loopback = std::net::IpAddr::from([127, 0, 0, 1]);
    let all = interfaces.interfaces.value().expect("adapters are known");
    let mut addresses = all.iter().flat_map(|it| &it.addresses);
    assert!(addresses.any(|it| it.address == loopback), "{all:?}");
    let domains = interfaces
        .search_domains
        .value()
        .expect("domains are known");
    assert_eq!(domains, &["hosp.example", "karte.hosp.example"]);
    assert!(body::<Routes>(&report).routes.value().is_some());
}

#[test]
fn what_was_recorded_under_wine_is_read_the_same_on_linux() {
    let Some(agent) = agent() else { return };
    let Some(windows) = Windows::new("record") else {
        return;
    };
    windows.seed(&LTSC.replace('\n', "\r\n"));
    let folder = windows.folder.join("recording");
    let there = format!("Z:{}", folder.display());
    let output = windows.run(&agent, &["record", "--redact", &there]);
    assert!(output.status.success(), "{output:?}");
    let text = std::fs::read_to_string(folder.join("bundle.json")).expect("a recording");
    assert!(!text.contains("base64"), "bytes are kept back");
    let source = Arc::new(Source::recorded(&folder).expect("a recording"));
    let collected = collect(
        &source,
        Time::from_seconds(1_800_000_000),
        &Budget::default(),
    );
    let kind = |section: &&daicho_report::Section| section.kind.as_str() == Os::KIND;
    let section = collected.sections.iter().find(kind).expect("a section");
    let os: Os = section.decode().expect("the body is of its kind");
    assert_eq!(
        os.version.value().map(String::as_str),
        Some("10.0.19044.4291")
    );
    assert!(collected.neighbours.value().is_some());
}

/// Values of types and lengths that they cannot have, a half character, and a list that does not end.
const ODD: &str = r#"[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion]
"ProductName"=hex(1):57,00,00,d8,69
"EditionID"=dword:00000007
"UBR"="x"
"InstallDate"=hex:

[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System]
"EnableLUA"=hex(7):41,00,42,00

[HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\USBSTOR]
"Start"=hex(b):01,02,03

[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\odd]
"DisplayName"=hex(2):ff,ff,fe
"DisplayVersion"=hex(4):
"#;

fn sections(output: &Output) -> usize {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    assert!(!errors.contains("panicked"), "{errors}");
    let report: Value = serde_json::from_slice(&output.stdout).expect("a report is JSON");
    readings(&report);
    report["sections"].as_array().map_or(0, Vec::len)
}

#[test]
fn odd_values_a_strange_locale_a_clock_in_2000_and_a_closed_pipe_cost_no_report() {
    let Some(agent) = agent() else { return };
    let Some(windows) = Windows::new("hardship") else {
        return;
    };
    windows.seed(&ODD.replace('\n', "\r\n"));
    assert_eq!(sections(&windows.run(&agent, &["report", "--json"])), 24);
    let mut strange = windows.command(windows.wine);
    strange
        .env("LANG", "xx_YY.none")
        .env("LC_ALL", "xx_YY.none");
    let output = strange.arg(&agent).args(["report", "--json"]).output();
    assert_eq!(sections(&output.expect("Wine starts")), 24);
    let faketime = Path::new("/usr/bin/faketime");
    if super::have(
        "faketime",
        faketime.is_file(),
        "not there (package faketime)",
    ) {
        let mut early = windows.command("/usr/bin/faketime");
        early.args(["2000-01-01 00:00:00", windows.wine]);
        let output = early.arg(&agent).args(["report", "--json"]).output();
        assert_eq!(sections(&output.expect("faketime starts")), 24);
    }
    // Whoever reads goes away: that is no failure.
    let mut command = windows.command(windows.wine);
    command.arg(&agent).args(["report", "--pretty"]);
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = child.expect("Wine starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(!errors.contains("panicked"), "{errors}");
    assert!(!errors.contains("AGT-"), "{errors}");
    assert!(output.status.success(), "{errors}");
}
