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
        let status = Command::new("soffice")
            .arg(format!(
                "-env:UserInstallation=file://{}",
                folder.join("office").display()
            ))
            .args(["--headless", "--convert-to", "pdf", "--outdir"])
            .arg(folder.join("opened"))
            .arg(folder.join("one.pptx"))
            .status()
            .unwrap();
        assert!(status.success());
        let output = Command::new("pdftotext")
            .arg(folder.join("opened/one.pdf"))
            .arg("-")
            .output()
            .unwrap();
        assert!(
            String::from_utf8(output.stdout)
                .unwrap()
                .contains("オンライン資格確認")
        );
    }
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
