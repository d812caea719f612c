use super::*;
use std::sync::Condvar;

fn mount(device: &str, root: &str, place: &str, kind: &str) -> Mount {
    Mount {
        number: "8:1".to_owned(),
        root: root.to_owned(),
        place: place.to_owned(),
        path: place.as_bytes().to_vec(),
        kind: kind.to_owned(),
        device: device.to_owned(),
    }
}

#[test]
fn each_volume_counts_once_and_nothing_that_waits_is_asked() {
    let mounts = vec![
        mount("/dev/sda1", "/srv/x", "/etc/x", "ext4"),
        mount("/dev/sda1", "/", "/data", "ext4"),
        mount("/dev/sdb2", "/@home", "/home", "btrfs"),
        mount("/dev/sdb2", "/@", "/", "btrfs"),
        mount("tank/a", "/", "/tank/a", "zfs"),
        mount("tank", "/", "/tank", "zfs"),
        mount(
            "overlay",
            "/",
            "/var/lib/docker/overlay2/x/merged",
            "overlay",
        ),
        mount("/dev/loop3", "/", "/snap/x", "squashfs"),
        mount("/dev/sdc1", "/", "/media/x", "fuseblk"),
        mount("10.0.0.9:/x", "/", "/mnt/x", "nfs"),
        mount("/dev/drbd0", "/", "/mnt/y", "ocfs2"),
        mount("tmpfs", "/", "/tmp", "tmpfs"),
    ];
    let chosen: Vec<String> = chosen(mounts).into_iter().map(|it| it.place).collect();
    assert_eq!(chosen, ["/data", "/tank/a", "/"]);
}

#[test]
fn of_a_container_a_folder_counts_before_a_file_of_its_engine() {
    let mounts = vec![
        mount("overlay", "/", "/", "overlay"),
        mount("/dev/sda1", "/x/resolv.conf", "/etc/resolv.conf", "ext4"),
        mount("/dev/sda1", "/x/data", "/data", "ext4"),
    ];
    let chosen: Vec<String> = chosen(mounts).into_iter().map(|it| it.place).collect();
    assert_eq!(chosen, ["/data"]);
}

/// Opened at the end of the test.
static GATE: (Mutex<bool>, Condvar) = (Mutex::new(false), Condvar::new());
/// How often a volume that hangs was asked.
static ASKED: Mutex<usize> = Mutex::new(0);

fn hanging(mount: &Mount) -> Room {
    if mount.place.starts_with("/hangs") {
        *ASKED.lock().unwrap() += 1;
        let open = GATE.0.lock().unwrap();
        drop(GATE.1.wait_while(open, |open| !*open).unwrap());
    }
    (mount.place != "/refuses").then_some((100, 10))
}

#[test]
fn volume_that_hangs_costs_itself_and_is_not_asked_again_while_it_does() {
    let mounts: Vec<Mount> = ["/", "/hangs", "/refuses", "/hangs2", "/srv"]
        .iter()
        .map(|place| mount("/dev/x", "/", place, "ext4"))
        .collect();
    let asker = Asker::default();
    let (wait, wait_one) = (Duration::from_secs(60), Duration::from_millis(50));
    let ask = || asker.ask(&mounts, wait, wait_one, hanging);
    let known = Some((100, 10));
    let expected = (vec![known, None, None, None, known], Some(Reason::TimedOut));
    for _ in 0..3 {
        assert_eq!(ask(), expected);
    }
    assert_eq!(*ASKED.lock().unwrap(), 2);
    assert_eq!(asker.stuck().len(), 2);

    *GATE.0.lock().unwrap() = true;
    GATE.1.notify_all();
    while !asker.stuck().is_empty() {
        std::thread::yield_now();
    }
    assert_eq!(ask(), (vec![known, known, None, known, known], None));
}

#[test]
fn time_for_all_volumes_is_bounded() {
    let mounts = vec![mount("/dev/x", "/", "/", "ext4"); 3];
    let (rooms, missed) = Asker::default().ask(&mounts, Duration::ZERO, WAIT_ONE, room);
    assert_eq!((rooms, missed), (vec![None; 3], Some(Reason::TimedOut)));
}

#[test]
fn volumes_of_this_machine_have_a_size() {
    let (volumes, missed) = volumes();
    assert_eq!(missed, None);
    assert!(volumes.iter().all(|it| it.total >= it.free));
}
