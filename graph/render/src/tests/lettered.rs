//! PDF and PNG: what draws letters. Needs a Japanese font and poppler.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;

use super::{about, geometry, ledger, several};
use crate::{Font, FontError, pdf, png};

/// Whether a part is there; its absence is told, and fails under `DAICHO_REQUIRE=all`.
fn have(part: &str, there: bool, reason: &str) -> bool {
    if !there {
        let _ = writeln!(std::io::stderr(), "SKIP {part}: {reason}");
        let all = std::env::var("DAICHO_REQUIRE").is_ok_and(|parts| parts == "all");
        assert!(!all, "{part} is required: {reason}");
    }
    there
}

fn font(path: &str, package: &str) -> Option<Font> {
    let bytes = std::fs::read(path).ok();
    let reason = format!("{path} is not there (package {package})");
    have("font", bytes.is_some(), &reason).then_some(())?;
    Some(Font::read(bytes?).unwrap())
}

fn biz() -> Option<Font> {
    let path = "/usr/share/fonts/truetype/bizud-gothic/BIZUDGothic-Regular.ttf";
    font(path, "fonts-morisawa-bizud-gothic")
}

/// What a program prints about a PDF.
fn asked(program: &str, arguments: &[&str], bytes: &[u8]) -> Option<String> {
    let there = Command::new(program).arg("-v").output().is_ok();
    have(program, there, "not on the PATH (package poppler-utils)").then_some(())?;
    let name = format!("daicho-render-{}-{program}.pdf", std::process::id());
    let path: PathBuf = std::env::temp_dir().join(name);
    std::fs::write(&path, bytes).unwrap();
    let output = Command::new(program)
        .args(arguments)
        .arg(&path)
        .args((program == "pdftotext").then_some("-"))
        .output()
        .unwrap();
    std::fs::remove_file(&path).unwrap();
    assert!(output.status.success());
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "",
        "{program} complains"
    );
    Some(String::from_utf8(output.stdout).unwrap())
}

#[test]
fn text_of_a_pdf_is_found_and_its_font_is_embedded_as_a_subset() {
    let Some(font) = biz() else { return };
    let geometry = geometry(&ledger(50, 3));
    let made = pdf(&geometry, &font, &about()).unwrap();
    assert_eq!(made, pdf(&geometry, &font, &about()).unwrap(), "same bytes");
    assert!(made.bytes.len() < 1_000_000, "{}", made.bytes.len());
    let Some(text) = asked("pdftotext", &[], &made.bytes) else {
        return;
    };
    assert!(text.contains("オンライン資格確認"), "{text}");
    for shape in geometry.shapes() {
        for line in shape.lines.iter().filter(|it| !it.trim().is_empty()) {
            // pdftotext takes a hyphen at the end of a line for a divided word.
            let kept = |c: &char| !c.is_whitespace() && *c != '-';
            let squeezed = |it: &str| it.chars().filter(kept).collect::<String>();
            let (line, text) = (squeezed(line), squeezed(&text));
            assert!(text.contains(&line), "{line} is searchable");
        }
    }
    let Some(fonts) = asked("pdffonts", &[], &made.bytes) else {
        return;
    };
    let row = fonts.lines().nth(2).unwrap();
    let words: Vec<&str> = row.split_whitespace().collect();
    assert!(row.contains("BIZUDGothic"), "{row}");
    // emb sub uni, before the object's two numbers.
    assert_eq!(
        words[words.len() - 5..words.len() - 2],
        ["yes", "yes", "yes"]
    );
}

#[test]
fn a_letter_that_the_font_lacks_is_counted_drawn_and_found() {
    let Some(font) = biz() else { return };
    let mut ledger = ledger(12, 1);
    ledger.assets[0].label = "\u{20BB7}野家端末\u{1F3E5}".to_owned();
    let geometry = geometry(&ledger);
    let wanted = geometry
        .shapes()
        .flat_map(|it| &it.lines)
        .flat_map(|it| it.chars())
        .filter(|c| *c == '\u{20BB7}')
        .count();
    assert!(wanted > 0, "the name is on the sheet");
    let made = pdf(&geometry, &font, &about()).unwrap();
    assert_eq!(made.missing.get(&'\u{20BB7}'), Some(&wanted));
    let picture = png(&geometry.pages[0], &font, 800).unwrap();
    assert!(picture.missing.contains_key(&'\u{20BB7}'));
    let Some(text) = asked("pdftotext", &[], &made.bytes) else {
        return;
    };
    assert!(
        text.contains('\u{20BB7}'),
        "what is drawn as 〓 is still found"
    );
}

#[test]
fn a_collection_gives_its_japanese_font_of_even_width() {
    let path = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc";
    let Some(font) = font(path, "fonts-noto-cjk") else {
        return;
    };
    assert_eq!(font.name(), "Noto Sans Mono CJK JP");
    let mut setter = font.setter().unwrap();
    let set = setter.set("サーバ01");
    assert!((set.narrow - 1.0).abs() < 0.001 && setter.missing.is_empty());
    let made = pdf(&geometry(&ledger(12, 1)), &font, &about()).unwrap();
    assert!(made.bytes.len() < 1_000_000, "{}", made.bytes.len());
}

#[test]
fn a_picture_has_the_shape_of_its_paper_and_is_not_blank() {
    let Some(font) = biz() else { return };
    let geometry = geometry(&ledger(50, 3));
    let made = png(&geometry.pages[0], &font, 1600).unwrap();
    assert_eq!((made.width, made.height), (1600, 1131));
    assert!(made.bytes.starts_with(b"\x89PNG") && made.bytes.len() > 20_000);
    assert_eq!(made, png(&geometry.pages[0], &font, 1600).unwrap());
}

#[test]
fn what_is_no_font_is_refused() {
    for bytes in [
        &b""[..],
        b"<script>",
        b"ttcf\0\x01\0\0\xff\xff\xff\xff",
        b"OTTO\0\x40",
    ] {
        assert!(matches!(
            Font::read(bytes.to_vec()),
            Err(FontError::Unreadable | FontError::NotJapanese(_))
        ));
    }
}

#[test]
fn a_pdf_has_a_sheet_for_each_page_and_links_between_them() {
    let Some(font) = biz() else { return };
    let made = pdf(&several(), &font, &about()).unwrap();
    let Some(text) = asked("pdfinfo", &[], &made.bytes) else {
        return;
    };
    let field = |name: &str| {
        text.lines()
            .find(|it| it.starts_with(name))
            .unwrap()
            .to_owned()
    };
    assert!(field("Pages:").ends_with(" 2"), "{text}");
    assert!(field("Page size:").contains("1190.55 x 841.89"), "{text}");
    assert!(field("Title:").contains("模擬"), "{text}");
    assert!(
        made.bytes
            .windows(12)
            .any(|it| it == b"/Subtype/Lin" || it == b"/Subtype /Li"),
        "links"
    );
}
