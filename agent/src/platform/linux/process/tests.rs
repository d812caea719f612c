use super::*;
use std::path::{Path, PathBuf};

fn folder_of(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("daicho-process-{}-{name}", std::process::id()));
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    path
}

/// A process with these targets of its descriptors.
fn process(root: &Path, number: u32, name: &[u8], targets: &[&str]) {
    let folder = root.join(number.to_string());
    std::fs::create_dir_all(folder.join("fd")).unwrap();
    std::fs::write(folder.join("comm"), [name, b"\n"].concat()).unwrap();
    for (at, target) in targets.iter().enumerate() {
        std::os::unix::fs::symlink(target, folder.join(format!("fd/{at}"))).unwrap();
    }
}

#[test]
fn sockets_alone_are_kept_of_the_descriptors() {
    let root = folder_of("sockets");
    let long = format!("/srv/{}", "x".repeat(3_000));
    let targets = [
        "socket:[18446744073709551615]",
        "/srv/山田",
        "socket:[7]",
        "anon_inode:[eventpoll]",
        "socket:[x]",
        &long,
    ];
    process(&root, 12, b"sshd", &targets);
    process(&root, 13, b"\xbf\xc7\xce\xc5", &[]);
    std::fs::create_dir_all(root.join("14")).unwrap();
    std::fs::write(root.join("version"), "x").unwrap();
    let found = read(root.to_str().unwrap(), 9, 99).unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].name, "sshd");
    assert_eq!(found[0].sockets, Some(vec![7, u64::MAX]));
    assert_eq!(found[1].sockets, Some(Vec::new()));
    std::fs::remove_dir_all(root).unwrap();
}

#[test]
fn descriptor_that_cannot_be_followed_is_not_taken_for_none() {
    let root = folder_of("followed");
    process(&root, 1, b"x", &["socket:[1]"]);
    // No link: the system refuses to say where it leads.
    std::fs::write(root.join("1/fd/9"), "").unwrap();
    let found = read(root.to_str().unwrap(), 9, 99).unwrap();
    assert_eq!(found[0].sockets, None);
    assert!(found[0].unread.is_some());
    std::fs::remove_dir_all(root).unwrap();
}

#[test]
fn what_is_cut_at_a_bound_says_so() {
    let root = folder_of("bounds");
    for number in 1..=3 {
        process(&root, number, b"x", &["socket:[1]", "socket:[2]"]);
    }
    let path = root.to_str().unwrap();
    assert_eq!(read(path, 2, 99), Err(Miss::Unknown(too_many())));
    let found = read(path, 3, 3).unwrap();
    let whole = found.iter().filter(|it| it.sockets.is_some()).count();
    assert_eq!((found.len(), whole), (3, 1));
    for process in found.iter().filter(|it| it.sockets.is_none()) {
        assert_eq!(process.unread, Some(too_many()));
    }
    std::fs::remove_dir_all(root).unwrap();
}

#[test]
fn own_sockets_are_found_and_no_kernel_thread_is_lost() {
    use std::os::fd::AsRawFd;

    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let target = std::fs::read_link(format!("/proc/self/fd/{}", listener.as_raw_fd())).unwrap();
    let own = inode(target.to_str().unwrap().as_bytes()).unwrap();
    let all = processes().unwrap();
    let holds = |it: &&RawProcess| it.sockets.as_ref().is_some_and(|all| all.contains(&own));
    assert_eq!(all.iter().filter(holds).count(), 1);
    let kernel = kernel_threads().len();
    assert!(all.len() > kernel, "{} of {kernel}", all.len());
}
