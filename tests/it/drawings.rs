//! The diagram in every form, from the command to the programs that open it.

use std::path::Path;
use std::process::Command;

use daicho_tests::{Folder, have, have_program};

use super::collector;

const FORMS: [&str; 7] = ["svg", "pptx", "drawio", "graphml", "dot", "mmd", "pdf"];

fn taken_in(name: &str) -> Folder {
    let folder = Folder::new(name);
    let (from, data) = (folder.join("hospital"), folder.join("data"));
    let shown = from.to_str().unwrap();
    let make = ["simulate", "--assets", "50", "--seed", "3", "--out", shown];
    for arguments in [&make[..], &["import", shown]] {
        let ran = collector(&data, arguments);
        assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    }
    folder
}

fn font() -> bool {
    let path = "/usr/share/fonts/truetype/bizud-gothic/BIZUDGothic-Regular.ttf";
    let reason = "not installed (package fonts-morisawa-bizud-gothic)";
    have("font", Path::new(path).exists(), reason)
}

#[test]
fn every_form_is_written_twice_with_the_same_bytes_and_opens() {
    let folder = taken_in("drawings");
    let data = folder.join("data");
    let forms = FORMS.iter().filter(|form| **form != "pdf" || font());
    for form in forms {
        let write = |name: &str| {
            let path = folder.join(&format!("{name}.{form}"));
            let ran = collector(&data, &["diagram", "--out", path.to_str().unwrap()]);
            assert_eq!(ran.code, 0, "{form}: {}{}", ran.out, ran.err);
            std::fs::read(path).unwrap()
        };
        assert!(write("one") == write("two"), "{form}");
    }
    if font() && have_program("pdftotext", "poppler-utils") {
        let output = Command::new("pdftotext")
            .arg(folder.join("one.pdf"))
            .arg("-")
            .output()
            .unwrap();
        assert!(
            String::from_utf8(output.stdout)
                .unwrap()
                .contains("オンライン資格確認")
        );
    }
    if have_program("soffice", "libreoffice-impress") && have_program("pdftotext", "poppler-utils")
    {
        let text = opened(&folder, &folder.join("one.pptx"));
        assert!(text.contains("オンライン資格確認"));
    }
}

/// The text of a file as LibreOffice opens it.
fn opened(folder: &Folder, file: &Path) -> String {
    let status = Command::new("soffice")
        .arg(format!(
            "-env:UserInstallation=file://{}",
            folder.join("office").display()
        ))
        .args(["--headless", "--convert-to", "pdf", "--outdir"])
        .arg(folder.join("opened"))
        .arg(file)
        .status()
        .unwrap();
    assert!(status.success());
    let name = file.with_extension("pdf");
    let output = Command::new("pdftotext")
        .arg(folder.join("opened").join(name.file_name().unwrap()))
        .arg("-")
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn flows_lie_over_the_diagram_and_pages_for_office_are_files_of_their_own() {
    let folder = taken_in("drawings-flows");
    let data = folder.join("data");
    let path = |name: &str| folder.join(name);
    let draw = |name: &str, more: &[&str]| {
        let out = path(name);
        let ran = collector(
            &data,
            &[&["diagram", "--out", out.to_str().unwrap()], more].concat(),
        );
        assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
        std::fs::read_to_string(out).unwrap()
    };
    let signed = [
        "--author",
        "架空花子",
        "--approver",
        "架空院長",
        "--revision",
        "第3版",
    ];
    let plain = draw("plain.svg", &signed);
    for said in ["作成者: 架空花子", "承認: 架空院長", "版: 第3版"] {
        assert!(plain.contains(said), "{said}");
    }
    assert!(!plain.contains("#7a1fa0"));
    let flows = draw("flows.svg", &["--flows"]);
    assert!(flows.contains("#7a1fa0") && flows.contains("通信の一覧") && flows.contains("445/tcp"));
    let office = draw("office.svg", &["--flows", "--svg", "office"]);
    assert!(!office.contains("textLength"));
    let second = std::fs::read_to_string(path("office-2.svg")).unwrap();
    assert!(second.contains("通信の一覧"));
    if have_program("soffice", "libreoffice-impress") && have_program("pdftotext", "poppler-utils")
    {
        for name in ["office", "office-2"] {
            let text = opened(&folder, &path(&format!("{name}.svg")));
            assert!(text.contains("模擬"), "{name}: {text}");
        }
    }
}

#[test]
fn a_pin_is_kept_by_the_next_drawing_and_one_that_cannot_be_is_named() {
    let folder = taken_in("drawings-pins");
    let data = folder.join("data");
    let by = ["--by", "架空花子"];
    let pin = |more: &[&str]| collector(&data, &[&["site", "pin"], more, &by[..]].concat());
    let ran = pin(&["コアスイッチ", "--place", "1"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let ran = pin(&["いない装置", "--place", "1"]);
    assert_eq!(ran.code, 3, "{}{}", ran.out, ran.err);
    assert!(
        ran.err.contains("「いない装置」は図にありません"),
        "{}",
        ran.err
    );
    let out = folder.join("pinned.svg");
    let ran = collector(&data, &["diagram", "--out", out.to_str().unwrap()]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(
        ran.err.contains("「いない装置」は図にありません"),
        "{}",
        ran.err
    );
    let text = std::fs::read_to_string(out).unwrap();
    let gateways: Vec<&str> = text
        .split("<g role=")
        .filter(|it| it.contains("<title>ゲートウェイ"))
        .collect();
    let left = |of: &str| -> i32 {
        let from = of.split("<rect x=\"").nth(1).unwrap();
        from.split('"').next().unwrap().parse().unwrap()
    };
    assert!(gateways.len() > 2, "{}", gateways.len());
    let first = gateways.iter().min_by_key(|it| left(it)).unwrap();
    assert!(first.contains("コアスイッチ"), "{first}");
}

#[test]
fn a_wrong_font_or_form_is_refused_with_the_next_step() {
    let folder = taken_in("drawings-refused");
    let data = folder.join("data");
    let out = folder.join("x.pdf");
    let out = out.to_str().unwrap();
    let ran = collector(&data, &["diagram", "--out", out, "--font", "/no/such.ttf"]);
    assert_eq!(ran.code, 4, "{}", ran.err);
    assert!(ran.err.contains("fonts-morisawa-bizud-gothic") && ran.err.contains("/no/such.ttf"));
    assert!(!Path::new(out).exists(), "nothing is left behind");
    let ran = collector(&data, &["diagram", "--out", "x.docx"]);
    assert_ne!(ran.code, 0);
    assert!(ran.err.contains(".pptx, .drawio"), "{}", ran.err);
}
