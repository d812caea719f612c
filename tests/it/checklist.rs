//! Checklists, registers, differences and bundles from the command line, on a hospital that does not exist.

use std::path::Path;
use std::process::Command;

use daicho_tests::{Folder, programs};
use serde_json::Value;

use super::{Ran, collector};

fn hospital(name: &str) -> Folder {
    let folder = Folder::new(name);
    let (from, data) = (folder.join("hospital"), folder.join("data"));
    let shown = from.to_str().unwrap();
    let options = ["--assets", "40", "--seed", "11", "--out", shown];
    let made = collector(&data, &[&["simulate"][..], &options].concat());
    assert_eq!(made.code, 0, "{}{}", made.out, made.err);
    let taken = collector(&data, &["import", shown]);
    assert_eq!(taken.code, 0, "{}{}", taken.out, taken.err);
    folder
}

fn ran(data: &Path, arguments: &[&str], code: i32) -> Ran {
    let ran = collector(data, arguments);
    assert_eq!(ran.code, code, "{arguments:?}: {}{}", ran.out, ran.err);
    ran
}

/// The answer that stands in a sheet's row.
fn answer(data: &Path, item: &str) -> String {
    let asked = ["checklist", "--sheet", "hospital", "--json"];
    let ran = collector(data, &asked);
    let value: Value = serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{}", ran.err));
    let sheet = &value["sheets"][0];
    let columns = sheet["columns"].as_array().unwrap();
    let place = |key: &str| columns.iter().position(|it| it["key"] == key).unwrap();
    let (at, id) = (place("answer"), place("key"));
    let mut rows = sheet["rows"].as_array().unwrap().iter();
    let row = rows.find(|row| row["cells"][id]["text"] == item).unwrap();
    row["cells"][at]["text"].as_str().unwrap().to_owned()
}

#[test]
fn attestation_stands_with_its_document_and_is_not_printed_against_the_data() {
    let folder = hospital("checklist");
    let data = folder.join("data");
    let plain = ran(&data, &["checklist"], 3);
    assert!(
        plain.out.contains("最新版の有無を確認してください"),
        "{}",
        plain.out
    );
    assert_eq!(answer(&data, "3-03"), "未回答");
    let document = folder.join("BCP.pdf");
    std::fs::write(&document, b"the plan").unwrap();
    let who = ["--on", "2026-11-20", "--name", "院長", "--by", "架空花子"];
    let file = [
        "--file",
        document.to_str().unwrap(),
        "--version",
        "第2版",
        "--approver",
        "院長",
    ];
    let yes = [&["checklist", "answer", "3-3", "yes"][..], &who, &file].concat();
    ran(&data, &yes, 0);
    assert_eq!(answer(&data, "3-03"), "はい");
    // Data contradict storage on USB: what a person says of it is not printed.
    ran(
        &data,
        &[&["checklist", "answer", "2-⑨", "yes"][..], &who].concat(),
        0,
    );
    assert_eq!(answer(&data, "2-09"), "矛盾（記入せず）");
    ran(
        &data,
        &[
            &["checklist", "answer", "2-⑨", "no", "--target", "2027-03-31"][..],
            &who,
        ]
        .concat(),
        0,
    );
    assert_eq!(answer(&data, "2-09"), "いいえ");
    let record = ["checklist", "record", "training", "--result", "机上訓練"];
    ran(&data, &[&record[..], &who].concat(), 0);
    ran(&data, &[&record[..], &who].concat(), 0);
    let records = ran(&data, &["checklist", "records"], 0);
    assert!(
        records.out.contains("training/2026-11-20/2"),
        "{}",
        records.out
    );
    ran(&data, &["log", "verify"], 0);
    bundle_holds_it(&folder, &data);
    whole_file_goes_with_its_entry(&folder, &data);
}

fn bundle_holds_it(folder: &Folder, data: &Path) {
    let (inside, present) = (folder.join("e.zip"), folder.join("p.zip"));
    let (i, p) = (inside.to_str().unwrap(), present.to_str().unwrap());
    let asked = [
        "evidence",
        "export",
        "--out",
        i,
        "--present",
        p,
        "--by",
        "架空花子",
    ];
    ran(data, &asked, 0);
    let names = |path: &Path| {
        let file = std::fs::File::open(path).unwrap();
        let mut archive = zip::ZipArchive::new(file).unwrap();
        let count = archive.len();
        let name = |at| archive.by_index(at).unwrap().name().unwrap().into_owned();
        (0..count).map(name).collect::<Vec<String>>()
    };
    let all = names(&inside);
    let ends = |end: &str| all.iter().any(|it| it.ends_with(end));
    let lists = [
        "r7.csv",
        "bcp.csv",
        "contract.csv",
        "registers.csv",
        "contacts.csv",
    ];
    for end in ["_BCP.pdf", "diagram-network.pdf"].into_iter().chain(lists) {
        assert!(ends(end), "{end}: {all:?}");
    }
    // What leaves the hospital holds no document.
    assert!(!names(&present).iter().any(|it| it.contains("documents")));
    masked_diagram_holds_no_address(folder, &inside, &present);
    masked_lists_hold_no_address(&inside, &present);
    let key = folder.join("key.txt");
    ran(
        data,
        &["evidence", "key", "--out", key.to_str().unwrap()],
        0,
    );
    ran(
        data,
        &["evidence", "verify", i, "--key", key.to_str().unwrap()],
        0,
    );
    ran(data, &["evidence", "verify", i], 3);
    let mut bytes = std::fs::read(&inside).unwrap();
    let at = memchr::memmem::find(&bytes, b"the plan").unwrap();
    bytes[at] ^= 1;
    std::fs::write(&inside, &bytes).unwrap();
    let touched = ran(
        data,
        &["evidence", "verify", i, "--key", key.to_str().unwrap()],
        5,
    );
    assert!(touched.out.contains("_BCP.pdf"), "{}", touched.out);
}

/// Every address of IPv4 in the lists and the SVG, inside of ids and titles too.
fn masked_lists_hold_no_address(inside: &Path, present: &Path) {
    let addresses = |bundle: &Path| {
        let mut archive = zip::ZipArchive::new(std::fs::File::open(bundle).unwrap()).unwrap();
        let mut found = std::collections::BTreeSet::new();
        for at in 0..archive.len() {
            let mut part = archive.by_index(at).unwrap();
            let name = part.name().unwrap().into_owned();
            if !name.ends_with(".csv") && !name.ends_with(".svg") {
                continue;
            }
            let mut text = String::new();
            std::io::Read::read_to_string(&mut part, &mut text).unwrap();
            let runs = text.split(|c: char| !c.is_ascii_digit() && c != '.');
            let runs = runs.filter(|it| it.parse::<std::net::Ipv4Addr>().is_ok());
            found.extend(runs.map(|it| format!("{name}: {it}")));
        }
        found
    };
    assert!(addresses(inside).len() > 100);
    // Names of files differ between the two by nothing but what is masked.
    assert_eq!(addresses(present), std::collections::BTreeSet::new());
}

/// The words of the PDFs: addresses in the hospital's own, none in the one that leaves it.
fn masked_diagram_holds_no_address(folder: &Folder, inside: &Path, present: &Path) {
    let fonts = [
        "bizud-gothic/BIZUDGothic-Regular.ttf",
        "../opentype/noto/NotoSansCJK-Regular.ttc",
    ];
    let fonts = fonts.map(|it| Path::new("/usr/share/fonts/truetype").join(it));
    let there = fonts.iter().any(|it| it.is_file());
    if !daicho_tests::have(
        "Japanese font",
        there,
        "package fonts-morisawa-bizud-gothic",
    ) || !daicho_tests::have_program("pdftotext", "poppler-utils")
    {
        return;
    }
    let words = |bundle: &Path| {
        let mut archive = zip::ZipArchive::new(std::fs::File::open(bundle).unwrap()).unwrap();
        let mut words = String::new();
        for at in 0..archive.len() {
            let mut part = archive.by_index(at).unwrap();
            if !part.name().unwrap().ends_with(".pdf") || part.name().unwrap().contains("documents")
            {
                continue;
            }
            let path = folder.join("drawing.pdf");
            let mut bytes = Vec::new();
            std::io::Read::read_to_end(&mut part, &mut bytes).unwrap();
            std::fs::write(&path, bytes).unwrap();
            let text = Command::new("pdftotext")
                .args([path.to_str().unwrap(), "-"])
                .output()
                .unwrap();
            words.push_str(&String::from_utf8_lossy(&text.stdout));
        }
        words
    };
    let is_address = |word: &str| {
        let word = word.split('/').next().unwrap_or_default();
        word.parse::<std::net::IpAddr>().is_ok()
    };
    assert!(words(inside).split_whitespace().any(is_address));
    let shown = words(present);
    assert!(shown.contains("【模擬】"));
    assert_eq!(shown.split_whitespace().find(|it| is_address(it)), None);
}

/// An export names the document; where its bytes are not, the entry is refused and nothing is taken in.
fn whole_file_goes_with_its_entry(folder: &Folder, data: &Path) {
    let file = folder.join("site.toml");
    let shown = file.to_str().unwrap();
    ran(data, &["site", "export", "--out", shown], 0);
    ran(data, &["site", "import", shown, "--by", "架空花子"], 0);
    let other = hospital("checklist-other");
    let refused = ran(
        &other.join("data"),
        &["site", "import", shown, "--by", "架空花子"],
        4,
    );
    assert!(refused.err.contains("SIT-014"), "{}", refused.err);
    assert_eq!(answer(&other.join("data"), "3-03"), "未回答");
}

#[test]
fn same_facts_give_the_same_bytes_and_vendors_sheets_hold_no_registers() {
    let folder = hospital("checklist-files");
    let data = folder.join("data");
    for ending in ["xlsx", "csv", "json"] {
        let path = folder.join(&format!("c.{ending}"));
        let asked = ["checklist", "--out", path.to_str().unwrap()];
        ran(&data, &asked, 3);
        let first = std::fs::read(&path).unwrap();
        ran(&data, &asked, 3);
        assert_eq!(std::fs::read(&path).unwrap(), first, "{ending}");
    }
    let path = folder.join("vendor.xlsx");
    let vendors = ran(&data, &["site", "list", "--kind", "vendor", "--json"], 0);
    let vendors: Value = serde_json::from_str(&vendors.out).unwrap();
    let vendor = vendors[0]["key"].as_str().unwrap();
    let asked = ["checklist", "--sheet", "vendor", "--vendor", vendor];
    let out = ["--out", path.to_str().unwrap()];
    ran(&data, &[&asked[..], &out].concat(), 3);
    let mut archive = zip::ZipArchive::new(std::fs::File::open(&path).unwrap()).unwrap();
    let mut book = String::new();
    let mut part = archive.by_name("xl/workbook.xml").unwrap();
    std::io::Read::read_to_string(&mut part, &mut book).unwrap();
    assert!(
        book.contains("事業者確認用") && !book.contains("記録簿"),
        "{book}"
    );
    let wrong = ran(&data, &["checklist", "--vendor", "nobody"], 4);
    assert!(wrong.err.contains("CHK-004"), "{}", wrong.err);
}

#[test]
fn difference_between_two_days_is_told_and_of_one_day_there_is_none() {
    let folder = hospital("diff");
    let data = folder.join("data");
    let none = ran(
        &data,
        &["diff", "--from", "2026-11-20", "--to", "2026-11-20"],
        0,
    );
    assert!(
        none.out.contains("追加 0、なくなった 0、変更 0"),
        "{}",
        none.out
    );
    let some = ran(&data, &["diff", "--from", "2026-11-16"], 0);
    assert!(
        some.out.contains("変更　") && some.out.lines().count() > 3,
        "{}",
        some.out
    );
    let path = folder.join("d.xlsx");
    ran(
        &data,
        &[
            "diff",
            "--from",
            "2026-11-16",
            "--out",
            path.to_str().unwrap(),
        ],
        0,
    );
    let early = ran(&data, &["diff", "--from", "2020-01-01"], 4);
    assert!(early.err.contains("CLI-002"), "{}", early.err);
}

#[test]
fn small_program_checks_a_bundle_by_itself() {
    let folder = hospital("verify");
    let data = folder.join("data");
    let bundle = folder.join("e.zip");
    let shown = bundle.to_str().unwrap();
    let made = ran(
        &data,
        &["evidence", "export", "--out", shown, "--by", "架空花子"],
        0,
    );
    let root = made
        .out
        .lines()
        .find(|it| it.trim().len() == 79)
        .unwrap()
        .trim();
    let mut changed = std::fs::read(&bundle).unwrap();
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    let (altered, foreign) = (folder.join("changed.zip"), folder.join("foreign.zip"));
    std::fs::write(&altered, changed).unwrap();
    std::fs::write(&foreign, b"no bundle").unwrap();
    let other = match root.split_at(1) {
        ("0", rest) => format!("1{rest}"),
        (_, rest) => format!("0{rest}"),
    };
    let cases: [(Vec<&str>, i32); 5] = [
        (vec![shown, "--root", root], 0),
        (vec![shown], 3),
        (vec![shown, "--root", &other], 5),
        (vec![altered.to_str().unwrap(), "--root", root], 5),
        (vec![foreign.to_str().unwrap()], 4),
    ];
    let mut all = vec![vec![programs().verify.display().to_string()]];
    all.extend(super::windows::verify());
    let mut told: Vec<String> = all
        .iter()
        .map(|program| checks(program, &cases, &folder))
        .collect();
    // Windows says the same as Linux, word for word.
    told.dedup();
    assert_eq!(told.len(), 1, "{told:?}");
    eprintln!(
        "daicho-verify: {} programs, {} cases each",
        all.len(),
        cases.len()
    );
}

/// What a program says of each case, which ends with its code.
fn checks(program: &[String], cases: &[(Vec<&str>, i32)], folder: &Folder) -> String {
    let mut said = String::new();
    for (words, code) in cases {
        let checked = Command::new(&program[0])
            .args(&program[1..])
            .args(words)
            .env("WINEPREFIX", folder.join("prefix"))
            .env("WINEDEBUG", "-all")
            .output()
            .unwrap();
        let out = String::from_utf8_lossy(&checked.stdout).into_owned();
        assert_eq!(
            checked.status.code(),
            Some(*code),
            "{program:?} {words:?} {out}"
        );
        said.push_str(&out);
    }
    said
}
