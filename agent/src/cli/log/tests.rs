use super::*;

fn folder(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("daicho-log-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    path
}

#[test]
fn log_is_never_larger_than_two_files_and_keeps_the_newest_lines() {
    let folder = folder("bounded");
    let mut log = LogFile::at(folder.join(NAME), 100);
    for number in 0..50 {
        log.write_all(format!("line {number:02}\n").as_bytes())
            .unwrap();
    }
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    let (older, newer) = (read("agent.log.1"), read(NAME));
    assert!(older.len() <= 100 && newer.len() <= 100);
    assert!(newer.ends_with("line 49\n"), "{newer}");
    assert!(older.lines().chain(newer.lines()).count() > 10);
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 2);
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn log_goes_on_after_a_restart_and_a_folder_that_is_away_holds_nothing_up() {
    let folder = folder("restart");
    LogFile::at(folder.join(NAME), 100)
        .write_all(b"one\n")
        .unwrap();
    LogFile::at(folder.join(NAME), 100)
        .write_all(b"two\n")
        .unwrap();
    let text = std::fs::read_to_string(folder.join(NAME)).unwrap();
    assert_eq!(text, "one\ntwo\n");
    std::fs::remove_dir_all(&folder).unwrap();
    let mut away = LogFile::at(folder.join(NAME), 100);
    away.write_all(b"lost\n").unwrap();
    std::fs::create_dir_all(&folder).unwrap();
    away.write_all(b"found\n").unwrap();
    assert_eq!(
        std::fs::read_to_string(folder.join(NAME)).unwrap(),
        "found\n"
    );
    std::fs::remove_dir_all(&folder).unwrap();
}
