//! The font that PDF and PNG are drawn with. Comes in: a path that a person named, or nothing; goes
//! out: the first font that suits a Japanese diagram, of the places written here. It never falls back
//! to a font without Japanese letters, and never draws without one.

use std::io::Read;
use std::path::{Path, PathBuf};

use daicho_render::{Font, FontError};

use crate::refusal::Refused;

/// Largest font file. Debian's largest collection has 30 MB.
const MOST_BYTES: u64 = 64 * 1024 * 1024;
/// Fonts of Windows, in the order in which they suit: half-width letters of half an em first.
const WINDOWS: &[&str] = &[
    "BIZ-UDGothicR.ttc",
    "msgothic.ttc",
    "YuGothM.ttc",
    "meiryo.ttc",
];
/// Fonts of Debian's packages.
const DEBIAN: &[&str] = &[
    "/usr/share/fonts/truetype/bizud-gothic/BIZUDGothic-Regular.ttf",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
];
/// The release's own copy, in `fonts` beside the program.
const OWN: &str = "BIZUDGothic-Regular.ttf";

/// The font that a person named, or the first that is there.
pub fn find(named: Option<&Path>) -> Result<Font, Refused> {
    if let Some(path) = named {
        return read(path).map_err(|why| unusable(path, &why));
    }
    let mut broken = Vec::new();
    for path in places() {
        match read(&path) {
            Ok(font) => return Ok(font),
            Err(Problem::Read(error)) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(why) => broken.push(format!("{}: {why}", path.display())),
        }
    }
    if broken.is_empty() {
        broken.push("-".to_owned());
    }
    Err(Refused::new("DRW-001", broken.join(" / ")))
}

/// Where fonts may be, best first.
fn places() -> Vec<PathBuf> {
    let program = std::env::current_exe().ok();
    let folder = program.as_deref().and_then(Path::parent);
    let mut out: Vec<PathBuf> = folder
        .map(|it| it.join("fonts").join(OWN))
        .into_iter()
        .collect();
    if let Some(windows) = std::env::var_os("SystemRoot") {
        let fonts = PathBuf::from(windows).join("Fonts");
        out.extend(WINDOWS.iter().map(|name| fonts.join(name)));
    }
    out.extend(DEBIAN.iter().map(PathBuf::from));
    out
}

#[derive(Debug, thiserror::Error)]
enum Problem {
    #[error("{0}")]
    Read(#[from] std::io::Error),
    #[error("larger than 64 MB")]
    Large,
    #[error("{0}")]
    Font(#[from] FontError),
}

fn read(path: &Path) -> Result<Font, Problem> {
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path)?;
    let count = file.take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
    if count as u64 > MOST_BYTES {
        return Err(Problem::Large);
    }
    Ok(Font::read(bytes)?)
}

fn unusable(path: &Path, why: &Problem) -> Refused {
    Refused::new("DRW-002", format!("{}: {why}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, bytes: &[u8], expected: &str) {
        let path = std::env::temp_dir().join(format!("daicho-{}-{name}", std::process::id()));
        std::fs::write(&path, bytes).unwrap();
        let refused = find(Some(&path)).unwrap_err();
        std::fs::remove_file(&path).unwrap();
        assert_eq!(refused.code, "DRW-002");
        assert!(refused.detail.contains(expected), "{}", refused.detail);
        assert!(refused.refusal().ja.contains("fonts-morisawa-bizud-gothic"));
    }

    #[test]
    fn what_is_no_font_is_refused_by_name() {
        check("empty.ttf", b"", "no TrueType or OpenType font");
        check("text.ttf", b"<script>", "no TrueType or OpenType font");
        check("cut.ttc", b"ttcf\0\x01\0\0\xff\xff\xff\xff", "no TrueType");
        check("head.ttf", b"\0\x01\0\0\xff\xff\0\0\0\0\0\0", "font");
    }

    #[test]
    fn a_missing_font_is_refused_by_name() {
        let refused = find(Some(Path::new("/no/such/font.ttf"))).unwrap_err();
        assert!(refused.detail.contains("/no/such/font.ttf"));
    }
}
