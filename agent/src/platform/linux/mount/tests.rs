use super::*;

fn all(text: &str) -> Vec<Mount> {
    text.lines()
        .filter_map(|line| parse(line.as_bytes()))
        .collect()
}

const TABLE_TEXT: &str = "\
22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
40 27 0:40 / /mnt/\\346\\245\\255\\040x rw master:1 propagate_from:2 - nfs4 10.0.0.9:/x rw
41 27 0:41 / /misc rw - autofs systemd-1 rw
42 41 8:1 / /misc rw - vfat /dev/sda1 rw
43 27 0:43 / /var rw - nfs server:/var rw
44 43 0:44 / /var/lib/gvfs rw - fuse.gvfsd-fuse gvfsd rw
45 27 0:45 /x /etc/resolv.conf rw - virtiofs kata rw
nonsense
";

#[test]
fn escapes_are_undone_and_nonsense_is_skipped() {
    let mounts = all(TABLE_TEXT);
    assert_eq!(mounts.len(), 8);
    let share = &mounts[2];
    assert_eq!(share.place, "/mnt/業 x");
    assert_eq!(
        (share.kind.as_str(), share.device.as_str()),
        ("nfs4", "10.0.0.9:/x")
    );
    assert_eq!(unescaped(b"a\\134b\\"), b"a\\b\\");
    assert_eq!(unescaped(b"\\04"), b"\\04");
    assert_eq!(unescaped(b"\\777\\089"), b"\\777\\089");
}

#[test]
fn path_below_a_waiting_file_system_is_refused_and_its_neighbours_are_not() {
    let mounts = all(TABLE_TEXT);
    for (path, refuses) in [
        ("/mnt/業 x", true),
        ("/mnt/業 x/y", true),
        ("/mnt/業 xy", false),
        ("/mnt", false),
        // What is mounted over the automatic mount point answers by itself.
        ("/misc/a", false),
        // A part of the system: when this one hangs, everything does.
        ("/var/log/wtmp", false),
        ("/var/lib/gvfs/x", true),
        ("/etc/passwd", false),
        ("/etc/resolv.conf", false),
    ] {
        assert_eq!(refused(&mounts, path), refuses, "{path}");
    }
}

#[test]
fn table_of_this_machine_is_read() {
    let mounts = mounts().unwrap();
    assert!(
        mounts
            .iter()
            .any(|it| it.place == "/proc" && it.kind == "proc")
    );
    assert_eq!(reachable("/etc/passwd", Last::Followed), Ok(()));
}

#[test]
fn link_to_a_waiting_file_system_is_refused_before_it_is_followed() {
    let folder = std::env::temp_dir().join(format!("daicho-mount-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(folder.join("share")).unwrap();
    let root = folder.to_str().unwrap();
    let link = |target: &str, name: &str| {
        std::os::unix::fs::symlink(target, folder.join(name)).unwrap();
    };
    link("share", "relative");
    link(&format!("{root}/share/x"), "absolute");
    link("./absolute", "twice");
    link("share/../other", "beside");
    link("circle", "circle");
    let mut share = all("43 27 0:43 / /x rw - nfs server:/x rw\n");
    share[0].place = format!("{root}/share");
    for (name, refuses) in [
        ("relative/a", true),
        ("absolute", true),
        ("twice", true),
        ("../x/relative", false),
        ("other", false),
        ("circle/a", false),
        ("nothing/a/b", false),
        // The kernel enters the share to leave it again.
        ("beside", true),
    ] {
        let path = format!("{root}/{name}");
        let found = leads_to_waiting(&share, &path, Last::Followed);
        assert_eq!(found, refuses, "{name}");
    }
    let asked = format!("{root}/relative");
    assert!(!leads_to_waiting(&share, &asked, Last::Asked));
    std::fs::remove_dir_all(folder).unwrap();
}
