use super::*;
use std::path::PathBuf;

fn folder_of(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("daicho-file-{}-{name}", std::process::id()));
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    path
}

fn failed(code: &str) -> Miss {
    Miss::Unknown(Reason::failed(code))
}

fn text(path: &std::path::Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn whatever_is_no_regular_file_is_refused_without_opening_it() {
    let folder = folder_of("kinds");
    let pipe = folder.join("pipe");
    rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RWXU).unwrap();
    let socket = folder.join("socket");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let to_pipe = folder.join("to_pipe");
    std::os::unix::fs::symlink(&pipe, &to_pipe).unwrap();
    for path in [&pipe, &socket, &to_pipe, &folder] {
        assert_eq!(
            file(text(path), 9),
            Err(failed("no regular file")),
            "{path:?}"
        );
        assert_eq!(head(text(path), 9), Err(failed("no regular file")));
        assert_eq!(tail(text(path), 9), Err(failed("no regular file")));
    }
    for device in ["/dev/zero", "/dev/null", "/dev/tty"] {
        let answer = file(device, 9);
        assert!(
            answer == Err(failed("no regular file")) || answer == Err(Miss::Absent),
            "{device}: {answer:?}"
        );
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn links_in_a_circle_are_a_failure_and_dangling_ones_are_absent() {
    let folder = folder_of("links");
    let (one, other) = (folder.join("one"), folder.join("other"));
    std::os::unix::fs::symlink(&one, &other).unwrap();
    std::os::unix::fs::symlink(&other, &one).unwrap();
    assert_eq!(
        file(text(&one), 9),
        Err(failed(&format!("errno {}", libc::ELOOP)))
    );
    assert_eq!(exists(text(&one)), Ok(true));
    let dangling = folder.join("dangling");
    std::os::unix::fs::symlink("/nowhere/at/all", &dangling).unwrap();
    assert_eq!(file(text(&dangling), 9), Err(Miss::Absent));
    assert_eq!(file(&format!("{}/x", text(&folder)), 9), Err(Miss::Absent));
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn file_without_end_is_cut_at_the_bound() {
    let folder = folder_of("sparse");
    let path = folder.join("sparse");
    let sparse = File::create(&path).unwrap();
    if sparse.set_len(1 << 40).is_ok() {
        assert_eq!(file(text(&path), 1 << 20), Err(failed("EFBIG")));
        assert_eq!(head(text(&path), 10).unwrap().len(), 10);
        assert_eq!(tail(text(&path), 10).unwrap().len(), 10);
    } else {
        println!("SKIP sparse: no file of 1 TiB in the folder for temporary files");
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn file_of_the_kernel_says_no_length_and_is_bounded_all_the_same() {
    assert_eq!(std::fs::metadata("/proc/self/smaps").unwrap().len(), 0);
    assert_eq!(file("/proc/self/smaps", 64), Err(failed("EFBIG")));
    assert_eq!(head("/proc/self/smaps", 64).unwrap().len(), 64);
    assert!(!file("/proc/self/status", 1 << 20).unwrap().is_empty());
}

#[test]
fn file_that_grows_while_it_is_read_is_bounded() {
    use std::io::Write;
    use std::sync::atomic::{AtomicBool, Ordering};

    let folder = folder_of("grows");
    let path = folder.join("grows");
    std::fs::write(&path, "x").unwrap();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut file = OpenOptions::new().append(true).open(&path).unwrap();
            for _ in 0..512 {
                if done.load(Ordering::Relaxed) {
                    break;
                }
                file.write_all(&[b'x'; 4096]).unwrap();
            }
        });
        for _ in 0..200 {
            match file(text(&path), 100_000) {
                Ok(bytes) => assert!(bytes.len() <= 100_000),
                Err(miss) => assert_eq!(miss, failed("EFBIG")),
            }
        }
        done.store(true, Ordering::Relaxed);
    });
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn names_in_old_japanese_encodings_are_listed() {
    use std::os::unix::ffi::OsStrExt;

    let folder_path = folder_of("names");
    // 診療 in EUC-JP and in Shift_JIS.
    for name in [&b"\xbf\xc7\xce\xc5.conf"[..], &b"\x90\x66\x97\xc3.conf"[..]] {
        std::fs::write(folder_path.join(std::ffi::OsStr::from_bytes(name)), "x").unwrap();
    }
    let names = folder(text(&folder_path)).unwrap();
    assert_eq!(names.len(), 2);
    assert!(names.iter().all(|name| name.ends_with(".conf")));
    assert!(folder_bytes(text(&folder_path)).is_ok());
    std::fs::remove_dir_all(folder_path).unwrap();
}
