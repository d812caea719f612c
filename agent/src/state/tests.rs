use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use daicho_report::{Base64Bytes, Hash, Signature, Time, TreeHead};

use super::*;

/// A folder of one test, removed at its end.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("daicho-agent-{}-{count}", std::process::id());
        // A folder in memory, where there is one: the tests wait for the disk thousands of times.
        let memory = PathBuf::from("/dev/shm");
        let place = Some(memory).filter(|it| it.is_dir());
        let path = place.unwrap_or_else(std::env::temp_dir).join(name);
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub(crate) fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|it| it.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn head(size: u64, root: u8) -> TreeHead {
    TreeHead {
        size,
        root: Hash::of(&[root]),
        at: Time::EPOCH,
        signature: Signature::from_bytes(&[0; 64]),
    }
}

#[test]
fn new_folder_is_made_and_continued() {
    let scratch = Scratch::new();
    let path = scratch.join("a/b/state");
    let folder = StateFolder::create(&path).unwrap();
    assert!(folder.identity().unwrap().is_none());
    assert_eq!(folder.progress().unwrap().sequence, 0);
    let progress = Progress {
        sequence: 3,
        ..Progress::default()
    };
    folder.save_progress(&progress).unwrap();
    drop(folder);
    let again = StateFolder::create(&path).unwrap();
    assert_eq!(again.progress().unwrap().sequence, 3);
}

#[test]
fn folder_with_other_files_is_refused_and_left_as_it_is() {
    let scratch = Scratch::new();
    std::fs::write(scratch.join("patients.csv"), "x").unwrap();
    let path = scratch.join("");
    let created = StateFolder::create(&path);
    assert!(matches!(created, Err(StateError::NotOurs(_))));
    assert!(matches!(
        StateFolder::open(&path),
        Err(StateError::NotOurs(_))
    ));
    assert_eq!(names(&path), ["patients.csv"]);
}

#[test]
fn marker_of_something_else_is_not_ours() {
    let scratch = Scratch::new();
    std::fs::write(scratch.join(MARKER), "daicho-collector data v1\n").unwrap();
    let created = StateFolder::create(&scratch.join(""));
    assert!(matches!(created, Err(StateError::NotOurs(_))));
}

#[test]
fn file_in_place_of_a_folder_is_not_ours() {
    let scratch = Scratch::new();
    std::fs::write(scratch.join("f"), "x").unwrap();
    let created = StateFolder::create(&scratch.join("f"));
    assert!(matches!(created, Err(StateError::NotOurs(_))));
}

#[test]
fn settings_and_a_start_that_was_cut_off_do_not_make_a_folder_foreign() {
    let scratch = Scratch::new();
    std::fs::write(scratch.join(SETTINGS), "").unwrap();
    std::fs::write(scratch.join(&format!(".{MARKER}.new")), "dai").unwrap();
    StateFolder::create(&scratch.join("")).unwrap();
}

#[test]
fn absent_or_empty_folder_says_not_enrolled() {
    let scratch = Scratch::new();
    for name in ["none", ""] {
        let opened = StateFolder::open(&scratch.join(name));
        assert!(matches!(opened, Err(StateError::NotEnrolled(_))), "{name}");
    }
}

#[test]
fn second_agent_is_kept_out_but_may_look() {
    let scratch = Scratch::new();
    let path = scratch.join("state");
    let first = StateFolder::create(&path).unwrap();
    assert!(matches!(StateFolder::open(&path), Err(StateError::Busy(_))));
    assert_eq!(StateFolder::look(&path).unwrap().path(), path);
    drop(first);
    StateFolder::open(&path).unwrap();
}

#[test]
fn write_that_fails_leaves_the_old_content_and_no_rest() {
    let scratch = Scratch::new();
    let path = scratch.join("value");
    write_atomically(&path, b"old").unwrap();
    // A crash left half a file behind: it neither counts nor stands in the way.
    std::fs::write(scratch.join(".value.new"), "ha").unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), b"old");
    write_atomically(&path, b"new").unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), b"new");
    // The target is a folder with something in it: it cannot be renamed over.
    std::fs::create_dir(scratch.join("folder")).unwrap();
    std::fs::write(scratch.join("folder/inside"), "x").unwrap();
    assert!(write_atomically(&scratch.join("folder"), b"new").is_err());
    assert_eq!(names(&scratch.join("")), ["folder", "value"]);
}

#[test]
fn damaged_and_newer_state_is_named_and_never_replaced() {
    let scratch = Scratch::new();
    let folder = StateFolder::create(&scratch.join("state")).unwrap();
    let path = scratch.join("state/progress.json");
    for text in ["", "{", "{\"version\":1}", "[1]"] {
        std::fs::write(&path, text).unwrap();
        let read = folder.progress();
        assert!(matches!(read, Err(StateError::Damaged { .. })), "{text}");
    }
    std::fs::write(&path, "{\"version\":2,\"new\":true}").unwrap();
    assert!(matches!(
        folder.progress(),
        Err(StateError::Newer { version: 2, .. })
    ));
    assert!(std::fs::read_to_string(&path).unwrap().contains("new"));
}

#[test]
fn secrets_are_not_in_the_debug_text() {
    let identity = Identity {
        version: 1,
        server: "https://x".into(),
        ca_fingerprint: Hash::ZERO,
        tls_key: Base64Bytes(b"tlskey".to_vec()),
        report_secret: Base64Bytes(vec![1; 32]),
        token: Some("tokensecret".into()),
        issued: None,
    };
    let text = format!("{identity:?}");
    assert!(!text.contains("tokensecret") && !text.contains("tls_key"));
}

#[test]
fn head_that_goes_backwards_or_changes_its_root_is_noticed_and_the_old_one_kept() {
    let mut progress = Progress::default();
    assert_eq!(progress.see_head(&head(5, 1)), HeadNotice::Forward);
    assert_eq!(progress.see_head(&head(5, 1)), HeadNotice::Forward);
    assert_eq!(progress.see_head(&head(5, 2)), HeadNotice::Rewritten);
    assert_eq!(progress.see_head(&head(4, 1)), HeadNotice::Backwards);
    assert_eq!(progress.head, Some(head(5, 1)));
    assert_eq!(progress.see_head(&head(6, 3)), HeadNotice::Forward);
    assert_eq!(progress.head, Some(head(6, 3)));
}
