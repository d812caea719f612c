use super::*;
use crate::platform::RawMachine;
use crate::platform::replay::Bundle;

fn volume(mount: &str, device: &str) -> RawVolume {
    RawVolume {
        mount: mount.to_owned(),
        file_system: "ext4".to_owned(),
        device: device.to_owned(),
        total: 1 << 30,
        free: 1,
        removable: false,
    }
}

fn check(bundle: Bundle) -> Storage {
    let source = Source::from_bundle(bundle.with_nothing_else());
    let units = Units::read(&source);
    read(&source, &units)
}

#[test]
fn a_volume_on_lvm_on_luks_is_encrypted_and_one_beside_it_is_not() {
    let machine = RawMachine {
        volumes: vec![
            volume("/", "/dev/mapper/vg-root"),
            volume("/boot", "/dev/sda1"),
        ],
        ..RawMachine::default()
    };
    let bundle = Bundle::new("linux")
        .with("machine", "", &machine)
        .with("link", "/dev/mapper/vg-root", &"../dm-1")
        .with_text("/sys/class/block/dm-1/dm/uuid", "LVM-abc\n")
        .with_folder("/sys/class/block/dm-1/slaves", &["dm-0"])
        .with_text(
            "/sys/class/block/dm-0/dm/uuid",
            "CRYPT-LUKS2-1234-sda3_crypt\n",
        )
        .with_folder("/sys/class/block/sda1/slaves", &[]);
    let found = check(bundle.clone()).encryption.value().unwrap().clone();
    let pairs: Vec<_> = found
        .iter()
        .map(|it| (it.mount.as_str(), it.encryption.as_deref()))
        .collect();
    assert_eq!(pairs, [("/", Some("LUKS2")), ("/boot", None)]);
    let denied = bundle.with_miss(
        "file",
        "/sys/class/block/dm-0/dm/uuid",
        Miss::Unknown(Reason::Denied),
    );
    assert_eq!(check(denied).encryption.reason(), Some(&Reason::Denied));
}

#[test]
fn of_shares_the_name_and_who_may_use_them_is_kept_and_no_path() {
    let bundle = Bundle::new("linux")
        .with_text(
            "/etc/samba/smb.conf",
            "[global]\n workgroup = W\n[scan]\n path = /data/患者\n read only = no\n guest ok = yes\n\
             [print$]\n path=/x\n",
        )
        .with_text(
            "/etc/exports",
            "/srv 192.0.2.0/24(ro,sync)\n\"/data/患者 山田\" *(rw)\n",
        );
    let found = check(bundle).shares.value().unwrap().clone();
    let text = format!("{found:?}");
    assert!(!text.contains("患者"), "{text}");
    assert_eq!(found.len(), 3);
    assert_eq!(
        (found[0].name.as_str(), found[0].writable, found[0].open),
        ("(other)", Some(true), Some(true))
    );
    assert_eq!(
        (found[1].name.as_str(), found[1].writable, found[1].open),
        ("/srv", Some(false), Some(false))
    );
    assert_eq!(
        (found[2].name.as_str(), found[2].writable, found[2].open),
        ("scan", Some(true), Some(true))
    );
}

#[test]
fn of_mounted_shares_protocol_and_server_are_kept() {
    let lines = [
        "40 1 0:40 / /mnt/a rw - nfs4 nas.example.jp:/vol/患者 rw",
        "41 1 0:41 / /mnt/b rw - cifs //192.0.2.9/share rw,username=taro",
        "42 1 0:42 / /mnt/c rw - nfs [2001:db8::9]:/x rw",
        "43 1 0:43 / /mnt/d rw - fuse.sshfs taro@backup:/x rw",
        "44 1 8:1 / / rw - ext4 /dev/sda1 rw",
    ];
    let bundle = Bundle::new("linux").with_text(MOUNTS, &lines.join("\n"));
    let found = check(bundle).remote_mounts.value().unwrap().clone();
    let pairs: Vec<_> = found
        .iter()
        .map(|it| (it.protocol.as_str(), it.server.as_str()))
        .collect();
    let wanted = [
        ("cifs", "192.0.2.9"),
        ("nfs", "2001:db8::9"),
        ("nfs4", "nas.example.jp"),
        ("sshfs", "backup"),
    ];
    assert_eq!(pairs, wanted);
}

#[test]
fn usb_storage_is_blocked_by_modprobe_and_controlled_by_usbguard() {
    let usb = |bundle: Bundle| check(bundle).usb_storage.value().unwrap().clone();
    let line = "install usb-storage /bin/false\n";
    let bundle = Bundle::new("linux")
        .with_folder("/etc/modprobe.d", &["usb.conf"])
        .with_text("/etc/modprobe.d/usb.conf", line);
    assert!(matches!(usb(bundle), UsbStorage::Blocked(_)));
    let guard = Bundle::new("linux").with_folder("/sys/fs/cgroup/system.slice", &[USBGUARD]);
    assert_eq!(usb(guard), UsbStorage::Controlled("usbguard".to_owned()));
    assert_eq!(usb(Bundle::new("linux")), UsbStorage::Allowed);
    let uas_alone = Bundle::new("linux")
        .with_folder("/etc/modprobe.d", &["usb.conf"])
        .with_text("/etc/modprobe.d/usb.conf", "blacklist uas\n");
    assert_eq!(usb(uas_alone), UsbStorage::Allowed);
}

#[test]
fn a_printer_is_no_share_of_a_folder() {
    let text = "[printers]\n path = /var/spool/samba\n printable = yes\n[scan]\n printable = no\n";
    let found = check(Bundle::new("linux").with_text("/etc/samba/smb.conf", text));
    let names: Vec<String> = found
        .shares
        .value()
        .unwrap()
        .iter()
        .map(|it| it.name.clone())
        .collect();
    assert_eq!(names, ["scan"]);
}

#[test]
fn a_container_does_not_decide_about_usb() {
    let found = check(Bundle::new("linux").with("exists", "/run/.containerenv", &true));
    assert_eq!(found.usb_storage.reason(), Some(&Reason::Unsupported));
}
