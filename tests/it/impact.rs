//! The first minutes of an incident from the command line: scope, plan, sheet, diagram, search.

use std::path::Path;

use daicho_tests::Folder;
use serde_json::Value;

use super::collector;

/// A hospital after an incident, taken in.
fn struck(name: &str) -> Folder {
    let folder = Folder::new(name);
    let (from, data) = (folder.join("hospital"), folder.join("data"));
    let shown = from.to_str().unwrap();
    let options = ["--assets", "60", "--seed", "5", "--days", "3"];
    let scenario = ["--scenario", "forgotten-vpn", "--out", shown];
    let made = collector(&data, &[&["simulate"][..], &options, &scenario].concat());
    assert_eq!(made.code, 0, "{}{}", made.out, made.err);
    let taken = collector(&data, &["import", shown]);
    assert_eq!(taken.code, 0, "{}{}", taken.out, taken.err);
    folder
}

fn ran(data: &Path, arguments: &[&str], codes: &[i32]) -> (String, String) {
    let ran = collector(data, arguments);
    let right = codes.contains(&ran.code);
    assert!(right, "{arguments:?}: {} {}{}", ran.code, ran.out, ran.err);
    (ran.out, ran.err)
}

/// The agent of the machine that was damaged first, and the truth.
fn first_damaged(folder: &Folder) -> String {
    let text = std::fs::read(folder.join("hospital/truth.json")).unwrap();
    let truth: Value = serde_json::from_slice(&text).unwrap();
    let id = truth["incident"]["damaged"][0][0].as_str().unwrap();
    let assets = truth["assets"].as_array().unwrap();
    let asset = assets.iter().find(|it| it["id"] == id).unwrap();
    asset["agent"].as_str().unwrap().to_owned()
}

#[test]
fn damaged_machine_gets_scope_plan_sheet_and_overlay() {
    let folder = struck("impact");
    let data = folder.join("data");
    let agent = first_damaged(&folder);
    let file = |ending: &str| folder.join(&format!("i.{ending}"));
    let font = has_font();
    let endings = ["json", "svg", "csv", "xlsx", "html", "pdf"];
    for ending in endings.into_iter().take(if font { 6 } else { 5 }) {
        let path = file(ending);
        let asked = ["impact", "--from", &agent, "--out", path.to_str().unwrap()];
        let (out, _) = ran(&data, &asked, &[0, 3]);
        let first = out.lines().next().unwrap_or_default();
        assert!(first.contains("模擬データ"), "{out}");
        for word in ["切断計画", "入口の候補", "バックアップ", "影響範囲", "標本"]
        {
            assert!(out.contains(word), "{word}: {out}");
        }
        let again = std::fs::read(&path).unwrap();
        ran(&data, &asked, &[0, 3]);
        assert_eq!(
            std::fs::read(&path).unwrap(),
            again,
            "{ending}: the same bytes"
        );
    }
    let json: Value = serde_json::from_slice(&std::fs::read(file("json")).unwrap()).unwrap();
    assert_eq!(json["scope"]["damaged"][0], agent.as_str());
    let stages = json["plan"]["acts"].as_array().unwrap();
    assert!(stages.iter().any(|it| it["stage"] == "outside"));
    for it in json["scope"]["reached"].as_array().unwrap() {
        for step in it["steps"].as_array().unwrap() {
            assert!(
                step["proof"]["by"]
                    .as_str()
                    .is_some_and(|it| !it.is_empty()),
                "{step}"
            );
        }
    }
    let svg = std::fs::read_to_string(file("svg")).unwrap();
    assert!(svg.contains("被害") && svg.contains("hit-damaged"));
    sheet_holds_every_page(&file("html"), font.then(|| file("pdf")).as_deref());
    let table = ["impact", "--table", "--out", file("xlsx").to_str().unwrap()].map(str::to_owned);
    let table: Vec<&str> = table.iter().map(String::as_str).collect();
    ran(&data, &table, &[0]);
}

fn sheet_holds_every_page(html: &Path, pdf: Option<&Path>) {
    let html = std::fs::read_to_string(html).unwrap();
    for word in [
        "電源は切らない",
        "照会票",
        "対外報告",
        "部署掲示",
        "経営層",
        "模擬データ",
    ] {
        assert!(html.contains(word), "{word}");
    }
    assert!(
        !html.contains("<script") && !html.contains("http"),
        "nothing is fetched"
    );
    if let Some(pdf) = pdf {
        sheet_says_it_on_paper(pdf, &html);
    }
}

fn has_font() -> bool {
    let path = "/usr/share/fonts/truetype/bizud-gothic/BIZUDGothic-Regular.ttf";
    let package = "package fonts-morisawa-bizud-gothic";
    daicho_tests::have("Japanese font", Path::new(path).is_file(), package)
}

/// The PDF holds the words of the HTML, and the card on the wall no address.
fn sheet_says_it_on_paper(pdf: &Path, html: &str) {
    if !daicho_tests::have_program("pdftotext", "poppler-utils") {
        return;
    }
    let text = std::process::Command::new("pdftotext")
        .args([pdf.to_str().unwrap(), "-"])
        .output()
        .unwrap();
    let text = String::from_utf8(text.stdout).unwrap();
    let pages: Vec<&str> = text
        .split('\u{c}')
        .filter(|it| !it.trim().is_empty())
        .collect();
    let squeezed = |text: &str| text.split_whitespace().collect::<String>();
    let all = squeezed(&text);
    for word in [
        "電源は切らない",
        "消えやすい順に保存する",
        "この7日間の変化",
        "経営層への報告",
        "対外報告",
        "照会票",
        "取得範囲",
    ] {
        assert!(
            all.contains(word) && squeezed(html).contains(word),
            "{word}"
        );
    }
    let card = pages.last().unwrap();
    assert!(card.contains("お知らせ"), "{card}");
    let parts = card.split(|c: char| !c.is_ascii_digit() && c != '.');
    assert_eq!(
        parts
            .filter(|it| it.parse::<std::net::Ipv4Addr>().is_ok())
            .count(),
        0
    );
}

#[test]
fn unclear_names_wrong_moments_and_wrong_rules_are_refused_with_the_next_step() {
    let folder = struck("impact-refused");
    let data = folder.join("data");
    let agent = first_damaged(&folder);
    let (_, err) = ran(
        &data,
        &["impact", "--from", "no-such-\u{202e}machine"],
        &[4],
    );
    assert!(
        err.contains("IMP-001") && err.contains("〈U+202E〉"),
        "{err}"
    );
    let part: String = agent.chars().take(20).collect();
    let (_, err) = ran(&data, &["impact", "--from", &part], &[4]);
    assert!(err.contains(&agent), "the candidate is offered: {err}");
    let before = ["impact", "--from", &agent, "--as-of", "2001-01-01"];
    assert!(ran(&data, &before, &[4]).1.contains("CLI-002"));
    ran(&data, &["impact"], &[2]);
    let wrong = folder.join("x.pptx");
    ran(
        &data,
        &["impact", "--from", &agent, "--out", wrong.to_str().unwrap()],
        &[1],
    );
    std::fs::write(data.join("report_rules.toml"), "version = 1").unwrap();
    let (_, err) = ran(&data, &["impact", "--from", &agent], &[4]);
    assert!(err.contains("IMP-005"), "{err}");
}

#[test]
fn first_answer_comes_from_the_index_and_agrees_with_the_whole_one() {
    let folder = struck("impact-quick");
    let data = folder.join("data");
    let agent = first_damaged(&folder);
    let quick = ["impact", "--quick", "--from", &agent, "--json"];
    let (_, err) = ran(&data, &quick, &[4]);
    assert!(
        err.contains("IMP-006") && err.contains("--prepare"),
        "{err}"
    );
    ran(&data, &["impact", "--prepare"], &[0]);
    let json = |arguments: &[&str]| -> Value {
        serde_json::from_str(&ran(&data, arguments, &[0, 3]).0).unwrap()
    };
    let (first, whole) = (json(&quick), json(&["impact", "--from", &agent, "--json"]));
    assert_eq!(first["scope"]["counts"], whole["scope"]["counts"]);
    assert_eq!(first["index_as_of"], whole["scope"]["as_of"]);
    let count = |it: &Value| it.as_array().unwrap().len();
    let nearest = count(&first["scope"]["nearest"]);
    assert!(nearest > 5);
    assert_eq!(nearest, count(&whole["scope"]["reached"]));
    let (out, _) = ran(&data, &["impact", "--quick", "--from", &agent], &[3]);
    for word in ["速報", "模擬データ", "索引の時点", "バックアップ", "近い順"]
    {
        assert!(out.contains(word), "{word}: {out}");
    }
    let (_, err) = ran(&data, &["impact", "--quick", "--from", "no-such"], &[4]);
    assert!(err.contains("IMP-001"), "{err}");
    let early = [
        "impact",
        "--quick",
        "--from",
        &agent,
        "--as-of",
        "2001-01-01",
    ];
    assert!(ran(&data, &early, &[4]).1.contains("IMP-008"));

    // What came in since is told, and a damaged index is refused.
    let zones = ["site", "pin", "--zones", "his", "--by", "架空花子"];
    ran(&data, &zones, &[0, 3]);
    let (out, _) = ran(&data, &["impact", "--quick", "--from", &agent], &[3]);
    assert!(out.contains("索引のあとに受け取った"), "{out}");
    let index = data.join("impact.quick");
    let mut bytes = std::fs::read(&index).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&index, bytes).unwrap();
    let (_, err) = ran(&data, &quick, &[4]);
    assert!(err.contains("IMP-007"), "{err}");
}

#[test]
fn running_server_keeps_the_index_of_first_answers() {
    let folder = struck("impact-served");
    let data = folder.join("data");
    let agent = first_damaged(&folder);
    let server = super::serve::Server::start(&data);
    let index = data.join("impact.quick");
    for _ in 0..600 {
        if index.exists() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    ran(&data, &["impact", "--quick", "--from", &agent], &[3]);
    drop(server);
}

#[test]
fn indicators_are_found_and_what_cannot_be_is_told() {
    let folder = struck("find");
    let data = folder.join("data");
    let list = folder.join("list.json");
    let stix = r#"{"type":"bundle","objects":[
        {"type":"indicator","pattern":"[ipv4-addr:value = '10.249.6.12']"},
        {"type":"indicator","pattern":"[file:hashes.MD5 = 'aa']"}]}"#;
    std::fs::write(&list, stix).unwrap();
    let (out, err) = ran(&data, &["find", "--list", list.to_str().unwrap()], &[3]);
    assert!(out.contains("10.249.6.12") && out.contains("通信"), "{out}");
    assert!(
        out.contains("標本") && err.contains("file:hashes"),
        "{out}{err}"
    );
    let (out, _) = ran(&data, &["find", "203.0.113.254"], &[0]);
    assert!(out.contains("意味しません"), "{out}");
    assert!(out.contains("報告項目") && out.contains("版"), "{out}");
    // Who logged in for a while and was gone by the end.
    let (out, _) = ran(&data, &["find", "--account", "*a*", "--most", "9999"], &[0]);
    assert!(out.contains("受信の報告で消えた"), "{out}");
    assert!(
        ran(&data, &["find", "0.0.0.0/0"], &[4])
            .1
            .contains("FND-001")
    );
    assert!(ran(&data, &["find"], &[4]).1.contains("FND-001"));
    let late = ["find", "x1", "--since", "2099-01-01"];
    assert!(ran(&data, &late, &[4]).1.contains("FND-003"));
    std::fs::write(&list, "{".repeat(1_000)).unwrap();
    let (_, err) = ran(&data, &["find", "--list", list.to_str().unwrap()], &[4]);
    assert!(err.contains("FND-002"), "{err}");
}

#[test]
fn case_log_grows_and_nothing_in_it_is_replaced_or_withdrawn() {
    let folder = struck("case");
    let data = folder.join("data");
    let saved = folder.join("fw.log");
    std::fs::write(&saved, b"denied").unwrap();
    let who = ["--name", "架空花子", "--by", "架空花子"];
    let add = |what: &str, more: &[&str]| {
        let asked = [&["case", "add", "事案1", what][..], &who, more].concat();
        ran(&data, &asked, &[0]);
    };
    add(
        "FWのログを保存した",
        &[
            "--file",
            saved.to_str().unwrap(),
            "--at",
            "2026-11-20T10:00:00+09:00",
        ],
    );
    add(
        "VPN装置を抜いた",
        &["--about", "vpn-1", "--at", "2026-11-20T09:00:00+09:00"],
    );
    let (out, _) = ran(&data, &["case", "show", "事案1"], &[0]);
    let lines: Vec<&str> = out.lines().collect();
    // In the order in which things were done, each with its own number.
    assert!(
        lines[0].contains("VPN装置") && lines[0].contains("事案1/2"),
        "{out}"
    );
    assert!(lines[1].contains("fw.log SHA-256"), "{out}");
    let withdrawn = [
        "site",
        "withdraw",
        "case",
        "事案1/1",
        "--by",
        "架空花子",
        "--why",
        "誤り",
    ];
    let (_, err) = ran(&data, &withdrawn, &[4]);
    assert!(err.contains("CAS-001"), "{err}");
    let file = folder.join("site.toml");
    let shown = file.to_str().unwrap();
    ran(&data, &["site", "export", "--out", shown], &[0]);
    let changed = std::fs::read_to_string(&file)
        .unwrap()
        .replace("VPN装置を抜いた", "何もしていない");
    std::fs::write(&file, changed).unwrap();
    let (_, err) = ran(&data, &["site", "import", shown, "--by", "架空花子"], &[4]);
    assert!(err.contains("CAS-001"), "{err}");
    ran(&data, &["log", "verify"], &[0]);
}

#[test]
fn system_sheet_tells_what_stops_and_the_order_of_coming_back() {
    let folder = struck("systems");
    let data = folder.join("data");
    let path = folder.join("bcp.xlsx");
    let asked = ["impact", "--systems", "--out", path.to_str().unwrap()];
    let (out, _) = ran(&data, &asked, &[0]);
    for word in ["模擬データ", "システムの一覧", "復旧順", "認証・名前解決"] {
        assert!(out.contains(word), "{word}: {out}");
    }
    let first = std::fs::read(&path).unwrap();
    ran(&data, &asked, &[0]);
    assert_eq!(std::fs::read(&path).unwrap(), first, "the same bytes");
}
