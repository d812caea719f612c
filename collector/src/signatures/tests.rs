//! A flaw in a file of the site's is named with file and line, and nothing of it is used.

use super::*;

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("daicho-sig-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn put(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.0.join(name), bytes).unwrap();
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn folder_that_is_not_there_leaves_the_shipped_files() {
    let known = read(Path::new("/nowhere/at/all")).unwrap();
    assert!(known.versions().contains_key("system.toml"));
}

#[test]
fn file_of_the_site_takes_the_place_of_the_shipped_one() {
    let folder = Folder::new("own");
    folder.put("zone.toml", b"version = \"2031-01-02\"\n");
    folder.put("notes.txt", b"no signature file");
    let known = read(&folder.0).unwrap();
    assert_eq!(known.versions()["zone.toml"], "2031-01-02");
}

#[test]
fn flaw_is_refused_with_file_and_line() {
    let folder = Folder::new("flaw");
    folder.put("zone.toml", b"version = \"2031-01-02\"\n\nsurprise = 1\n");
    let refused = read(&folder.0).unwrap_err();
    assert_eq!(refused.code, "SIG-002");
    assert!(
        refused.detail.starts_with("zone.toml:3: "),
        "{}",
        refused.detail
    );
}

#[test]
fn name_that_nobody_reads_is_refused() {
    let folder = Folder::new("name");
    folder.put("zones.toml", b"version = \"2031-01-02\"\n");
    let refused = read(&folder.0).unwrap_err();
    assert!(refused.detail.contains("zones.toml"), "{}", refused.detail);
}

#[test]
fn file_that_is_too_large_or_no_text_is_refused() {
    let folder = Folder::new("large");
    folder.put("zone.toml", &vec![b'#'; (1 << 20) + 1]);
    assert_eq!(read(&folder.0).unwrap_err().code, "SIG-001");
    folder.put("zone.toml", b"\xff\xfe");
    assert_eq!(read(&folder.0).unwrap_err().code, "SIG-001");
}
