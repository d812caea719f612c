use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::*;

#[test]
fn files_and_folders_are_for_their_owner_alone() {
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let folder = std::env::temp_dir().join(format!("daicho-private-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir(&folder).unwrap();
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o755)).unwrap();
    private_folder(&folder.join("keys")).unwrap();
    private_folder(&folder).unwrap();
    let file = folder.join("keys/a.key");
    private_file(&file, b"secret").unwrap();
    assert_eq!(
        (mode(&folder), mode(&folder.join("keys")), mode(&file)),
        (0o700, 0o700, 0o600)
    );
    assert!(!open_to_others(&file).unwrap());

    let again = private_file(&file, b"other").unwrap_err();
    assert_eq!(again.kind(), ErrorKind::AlreadyExists);
    assert_eq!(std::fs::read(&file).unwrap(), b"secret");
    assert_eq!(
        std::fs::read_dir(folder.join("keys")).unwrap().count(),
        1,
        "no part is left"
    );

    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
    assert!(open_to_others(&file).unwrap());
    std::fs::remove_dir_all(&folder).unwrap();
}

#[tokio::test]
async fn child_that_is_asked_ends() {
    let mut child = tokio::process::Command::new("sleep")
        .arg("600")
        .spawn()
        .unwrap();
    ask_to_stop(&child).unwrap();
    assert!(!child.wait().await.unwrap().success());
    ask_to_stop(&child).unwrap();
}
