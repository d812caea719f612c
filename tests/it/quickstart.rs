//! The main job: this machine's ledger and diagram from one command.

use std::process::Command;

use daicho_tests::{have, have_program};

use super::{collector, quickstarted};

/// Global addresses of this machine, from the system itself.
fn addresses() -> Vec<String> {
    let output = Command::new("ip")
        .args(["-j", "addr", "show", "scope", "global"])
        .output();
    let output = output.expect("ip runs");
    let links: serde_json::Value = serde_json::from_slice(&output.stdout).expect("ip prints JSON");
    let links = links.as_array().expect("a list");
    let infos = links
        .iter()
        .filter_map(|link| link["addr_info"].as_array())
        .flatten();
    infos
        .filter_map(|info| info["local"].as_str().map(str::to_owned))
        .collect()
}

#[test]
fn first_command_leaves_three_files_that_name_this_machine() {
    let (folder, ran) = quickstarted("first");
    let out = folder.join("data/out");
    let csv = std::fs::read_to_string(out.join("ledger.csv")).unwrap();
    let svg = std::fs::read_to_string(out.join("diagram.svg")).unwrap();
    assert!(
        std::fs::read(out.join("ledger.xlsx"))
            .unwrap()
            .starts_with(b"PK")
    );
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
    let host = host.trim().split('.').next().unwrap();
    for (name, text) in [
        ("stdout", &ran.out),
        ("ledger.csv", &csv),
        ("diagram.svg", &svg),
    ] {
        assert!(text.contains(host), "{host} is not in {name}");
    }
    for said in [
        "見つかったもの",
        "問い合わせできなかった項目",
        "できたファイル",
        "ledger.xlsx",
    ] {
        assert!(ran.out.contains(said), "{said} is not in\n{}", ran.out);
    }
    if have_program("ip", "iproute2") {
        for address in addresses() {
            assert!(csv.contains(&address), "{address} is not in ledger.csv");
            assert!(svg.contains(&address), "{address} is not in diagram.svg");
        }
    }
}

#[test]
fn second_run_continues_and_the_first_is_still_there_as_of_then() {
    let (folder, _) = quickstarted("second");
    let data = folder.join("data");
    let first = collector(&data, &["agents", "--json"]);
    let log = |ran: &super::Ran| -> u64 {
        let value: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        value["leaves"].as_u64().unwrap()
    };
    let before = log(&collector(&data, &["log", "verify", "--json"]));
    let (earlier, later) = (folder.join("earlier.json"), folder.join("later.json"));
    let write = |path: &std::path::Path, as_of: &[&str]| {
        let mut arguments = vec!["ledger", "--out", path.to_str().unwrap()];
        arguments.extend(as_of);
        let ran = collector(&data, &arguments);
        assert_eq!(ran.code, 0, "{}", ran.err);
        std::fs::read(path).unwrap()
    };
    let then = write(&earlier, &[]);
    let value: serde_json::Value = serde_json::from_slice(&then).unwrap();
    let moment = find(&value, "as_of").expect("the ledger has a moment");
    let again = collector(&data, &["quickstart", "--once"]);
    assert_eq!(again.code, 0, "{}", again.err);
    assert_eq!(
        collector(&data, &["agents", "--json"]).out,
        first.out,
        "no second enrolment"
    );
    let after = log(&collector(&data, &["log", "verify", "--json"]));
    assert!(after >= before, "the log only grows");
    assert_eq!(
        write(&later, &["--as-of", &moment]),
        then,
        "as of then nothing has changed"
    );
    let none = collector(
        &data,
        &[
            "ledger",
            "--out",
            later.to_str().unwrap(),
            "--as-of",
            "2020-01-01",
        ],
    );
    assert_eq!(none.code, 4);
    assert!(none.err.contains("CLI-002"), "{}", none.err);
}

/// The first text under a name, anywhere.
fn find(value: &serde_json::Value, name: &str) -> Option<String> {
    match value {
        serde_json::Value::Object(fields) => match fields.get(name).and_then(|it| it.as_str()) {
            Some(text) => Some(text.to_owned()),
            None => fields.values().find_map(|it| find(it, name)),
        },
        serde_json::Value::Array(items) => items.iter().find_map(|it| find(it, name)),
        _ => None,
    }
}

#[test]
fn two_exports_of_the_same_facts_are_the_same_bytes() {
    let (folder, _) = quickstarted("bytes");
    let data = folder.join("data");
    for (command, name) in [
        ("diagram", "d.svg"),
        ("ledger", "l.csv"),
        ("ledger", "l.xlsx"),
        ("ledger", "l.json"),
    ] {
        let bytes: Vec<Vec<u8>> = ["one", "two"]
            .map(|place| {
                let path = folder.join(&format!("{place}-{name}"));
                let ran = collector(&data, &[command, "--out", path.to_str().unwrap()]);
                assert_eq!(ran.code, 0, "{}", ran.err);
                std::fs::read(path).unwrap()
            })
            .into();
        assert!(bytes[0] == bytes[1], "{name} differs");
    }
    for name in ["ledger.csv", "diagram.svg"] {
        let quick = std::fs::read(data.join("out").join(name)).unwrap();
        let ours = if name == "ledger.csv" {
            "one-l.csv"
        } else {
            "one-d.svg"
        };
        assert!(
            quick == std::fs::read(folder.join(ours)).unwrap(),
            "{name} differs from quickstart's"
        );
    }
}

#[test]
fn english_is_there_when_it_is_asked_for() {
    let (folder, _) = quickstarted("english");
    let ran = collector(
        &folder.join("data"),
        &["quickstart", "--once", "--lang", "en"],
    );
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(
        ran.out.contains("could not be asked") && ran.out.contains("files written"),
        "{}",
        ran.out
    );
}

#[test]
fn workbook_opens_in_libreoffice_and_no_cell_is_blank() {
    if !have_program("soffice", "libreoffice-calc") {
        return;
    }
    let (folder, _) = quickstarted("workbook");
    let profile = format!(
        "-env:UserInstallation=file://{}",
        folder.join("profile").display()
    );
    let status = Command::new("soffice")
        .args([&profile, "--headless", "--convert-to"])
        // Every sheet as a CSV of its own: token 12 is -1.
        .arg("csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1")
        .arg("--outdir")
        .arg(folder.path())
        .arg(folder.join("data/out/ledger.xlsx"))
        .output()
        .expect("soffice runs");
    assert!(
        status.status.success(),
        "{}",
        String::from_utf8_lossy(&status.stderr)
    );
    let devices = folder.join("ledger-サーバ・端末PC.csv");
    if !have(
        "sheets of LibreOffice",
        devices.is_file(),
        "this version names its files otherwise",
    ) {
        return;
    }
    let text = std::fs::read_to_string(devices).unwrap();
    let mut lines = text
        .lines()
        .filter(|line| !line.trim_matches(',').is_empty());
    assert!(lines.next().is_some());
    for line in lines.filter(|line| line.matches(',').count() > 20) {
        assert!(!line.contains(",,"), "a blank cell in {line}");
    }
}
