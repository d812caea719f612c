use super::*;

fn place(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("daicho-folder-{}-{name}", std::process::id()));
    let _ = std::fs::remove_dir_all(&path);
    path
}

fn open(path: &Path) -> Result<DataFolder, Refused> {
    DataFolder::open(path, &Clock::System)
}

#[test]
fn new_and_empty_places_become_ours_and_are_continued_with_the_same_keys() {
    let path = place("new");
    std::fs::create_dir_all(&path).unwrap();
    let first = open(&path).unwrap();
    let (key, ca) = (
        first.log_key().unwrap().public(),
        first.authority().unwrap(),
    );
    let again = open(&path).unwrap();
    assert_eq!(again.log_key().unwrap().public(), key);
    assert_eq!(again.authority().unwrap().fingerprint(), ca.fingerprint());
    std::fs::remove_dir_all(path).unwrap();
}

#[test]
fn keys_are_for_this_account_alone() {
    let path = place("private");
    open(&path).unwrap();
    for name in ["", "keys", "out", LOG_KEY, CA_KEY] {
        assert!(
            !platform::open_to_others(&path.join(name)).unwrap(),
            "{name}"
        );
    }
    std::fs::remove_dir_all(path).unwrap();
}

#[test]
fn lost_key_is_named_and_no_other_takes_its_place() {
    let path = place("lost");
    let folder = open(&path).unwrap();
    for name in [LOG_KEY, CA_KEY, CA] {
        let kept = std::fs::read(path.join(name)).unwrap();
        std::fs::remove_file(path.join(name)).unwrap();
        let error = match name {
            LOG_KEY => folder.log_key().map(drop),
            _ => folder.authority().map(drop),
        };
        let error = error.unwrap_err();
        assert!(
            error.code == "DAT-007" && error.detail.ends_with(name),
            "{error}"
        );
        assert!(!path.join(name).exists());
        std::fs::write(path.join(name), kept).unwrap();
    }
    let other = Authority::new_key().unwrap();
    std::fs::write(path.join(CA_KEY), other).unwrap();
    assert_eq!(folder.authority().unwrap_err().code, "CRT-001");
    std::fs::remove_dir_all(path).unwrap();
}

#[test]
fn folder_of_somebody_else_is_refused_and_left_as_it_is() {
    let path = place("foreign");
    std::fs::create_dir_all(&path).unwrap();
    std::fs::write(path.join("patients.csv"), "x").unwrap();
    assert_eq!(open(&path).unwrap_err().code, "DAT-001");
    std::fs::write(path.join(MARKER), "{\"product\":\"other\"}").unwrap();
    assert_eq!(open(&path).unwrap_err().code, "DAT-001");
    let mut names: Vec<_> = std::fs::read_dir(&path)
        .unwrap()
        .map(|it| it.unwrap().file_name())
        .collect();
    names.sort();
    assert_eq!(names, ["daicho.json", "patients.csv"]);
    assert_eq!(
        open(&path.join("patients.csv")).unwrap_err().code,
        "DAT-001"
    );
    std::fs::remove_dir_all(path).unwrap();
}

#[test]
fn newer_layout_and_missing_folder_have_codes_of_their_own() {
    let path = place("newer");
    open(&path).unwrap();
    let marker = r#"{"product":"daicho","format":9,"created_at":"2026-01-01T00:00:00Z"}"#;
    std::fs::write(path.join(MARKER), marker).unwrap();
    assert_eq!(open(&path).unwrap_err().code, "DAT-004");
    std::fs::remove_dir_all(&path).unwrap();
    assert_eq!(
        DataFolder::open_existing(&path).unwrap_err().code,
        "DAT-003"
    );
    assert!(!path.exists());
}

#[test]
fn second_writer_is_kept_out_until_the_first_has_gone() {
    let path = place("lock");
    let folder = open(&path).unwrap();
    let lock = folder.lock().unwrap();
    assert_eq!(folder.lock().unwrap_err().code, "DAT-005");
    drop(lock);
    folder.lock().unwrap();
    std::fs::remove_dir_all(path).unwrap();
}

#[test]
fn damaged_key_is_named_and_not_replaced() {
    let path = place("key");
    let folder = open(&path).unwrap();
    folder.log_key().unwrap();
    std::fs::write(path.join("keys/log.key"), "short").unwrap();
    assert_eq!(folder.log_key().unwrap_err().code, "DAT-006");
    assert_eq!(std::fs::read(path.join("keys/log.key")).unwrap(), b"short");
    std::fs::remove_dir_all(path).unwrap();
}
