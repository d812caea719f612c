use std::os::unix::fs::PermissionsExt;

use super::*;
use crate::state::StateFolder;
use crate::state::tests::Scratch;

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn state_is_for_its_own_account_alone() {
    let scratch = Scratch::new();
    let path = scratch.join("state");
    let folder = StateFolder::create(&path).unwrap();
    folder.save_progress(&Default::default()).unwrap();
    assert_eq!(mode(&path), 0o700);
    for entry in std::fs::read_dir(&path).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

#[test]
fn folder_of_ours_that_is_open_to_others_is_closed() {
    let scratch = Scratch::new();
    let path = scratch.join("state");
    drop(StateFolder::create(&path).unwrap());
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    drop(StateFolder::open(&path).unwrap());
    assert_eq!(mode(&path), 0o700);
}

#[test]
fn file_that_is_there_is_not_opened_again() {
    let scratch = Scratch::new();
    std::os::unix::fs::symlink("/dev/null", scratch.join("link")).unwrap();
    let made = create_file(&scratch.join("link"));
    assert_eq!(made.unwrap_err().kind(), io::ErrorKind::AlreadyExists);
}
