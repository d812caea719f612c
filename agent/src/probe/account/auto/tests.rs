use super::*;
use crate::platform::replay::Bundle;

const LINK: &str = STARTED;

/// A machine with these files and no others, and the display manager that starts.
fn names(files: &[(&str, &str)], started: Option<&str>) -> Vec<String> {
    let mut bundle = Bundle::new("linux");
    for folder in LIGHTDM_PARTS.iter().chain(SDDM_PARTS).chain(GETTY_PARTS) {
        let names: Vec<&str> = files
            .iter()
            .filter_map(|(path, _)| path.strip_prefix(&format!("{folder}/")))
            .collect();
        bundle = match names.as_slice() {
            [] => bundle.with_miss("folder", folder, Miss::Absent),
            names => bundle.with_folder(folder, names),
        };
    }
    for path in GDM.iter().chain(&[GDM_DEBIAN, LIGHTDM, SDDM]) {
        bundle = bundle.with_miss("file", path, Miss::Absent);
    }
    for (path, text) in files {
        bundle = bundle.with_text(path, text);
    }
    bundle = match started {
        Some(name) => bundle.with("link", LINK, &format!("/lib/systemd/system/{name}.service")),
        None => bundle.with_miss("link", LINK, Miss::Absent),
    };
    let found = read(&Source::from_bundle(bundle)).unwrap();
    found.into_iter().collect()
}

#[test]
fn gdm_needs_the_switch_and_the_name() {
    let of = |text: &str| names(&[("/etc/gdm/custom.conf", text)], None);
    let on = "[daemon]\n# x\nAutomaticLogin = sato\nAutomaticLoginEnable = true\n";
    assert_eq!(of(on), ["sato"]);
    assert!(of("[daemon]\nAutomaticLogin=sato\n").is_empty());
    assert!(of("[daemon]\nAutomaticLogin=sato\nAutomaticLoginEnable=false\n").is_empty());
    assert!(of("[security]\nAutomaticLogin=sato\nAutomaticLoginEnable=true\n").is_empty());
    assert!(of("[daemon]\n#AutomaticLogin=sato\nAutomaticLoginEnable=true\n").is_empty());
    let timed = "[daemon]\nTimedLoginEnable=true\nTimedLogin=kiosk\nTimedLoginDelay=5\n";
    assert_eq!(of(timed), ["kiosk"]);
}

#[test]
fn later_settings_of_lightdm_and_sddm_win() {
    let first = "/etc/lightdm/lightdm.conf.d/10.conf";
    let on = "[Seat:*]\nautologin-user=sato\n";
    assert_eq!(names(&[(first, on)], None), ["sato"]);
    let main = (LIGHTDM, "[Seat:*]\nautologin-user=\n");
    assert!(names(&[(first, on), main], None).is_empty());
    let seats = "[SeatDefaults]\nautologin-user=sato\n[Seat:1]\nautologin-user=abe\n";
    assert_eq!(names(&[(LIGHTDM, seats)], None), ["abe", "sato"]);

    let part = (
        "/etc/sddm.conf.d/kde.conf",
        "[Autologin]\nUser=sato\nSession=plasma\n",
    );
    assert_eq!(names(&[part], None), ["sato"]);
    let main = (SDDM, "[Autologin]\nUser=abe\n");
    assert_eq!(names(&[part, main], None), ["abe"]);
}

#[test]
fn display_manager_that_does_not_start_logs_nobody_in() {
    let files = [
        (
            "/etc/gdm3/custom.conf",
            "[daemon]\nAutomaticLogin=sato\nAutomaticLoginEnable=1\n",
        ),
        (LIGHTDM, "[Seat:*]\nautologin-user=abe\n"),
    ];
    assert_eq!(names(&files, Some("lightdm")), ["abe"]);
    assert_eq!(names(&files, Some("gdm3")), ["sato"]);
    assert!(names(&files, Some("xdm")).is_empty());
}

#[test]
fn of_a_command_of_getty_the_name_alone_is_taken() {
    let path = "/etc/systemd/system/getty@tty1.service.d/autologin.conf";
    let of = |text: &str| names(&[(path, text)], None);
    for command in [
        "-/sbin/agetty --noclear --autologin sato %I $TERM",
        "-/sbin/agetty -o '-p -f -- \\u' --autologin=sato - $TERM",
        "-/sbin/agetty -a sato --secret x %I",
        "-/sbin/agetty -asato %I",
        "-/sbin/agetty --autologin \"sato\" %I",
    ] {
        let text = format!("[Service]\nExecStart=\nExecStart={command}\n");
        assert_eq!(of(&text), ["sato"], "{command}");
    }
    for command in [
        "-/sbin/agetty --noclear %I",
        "-/sbin/agetty --autologin %i",
        "--autologin",
    ] {
        assert!(
            of(&format!("[Service]\nExecStart={command}\n")).is_empty(),
            "{command}"
        );
    }
    assert!(of("[Service]\nExecStart=x --autologin sato\nExecStart=\n").is_empty());
}

#[test]
fn settings_that_cannot_be_read_are_no_nobody() {
    let denied = Miss::Unknown(Reason::Denied);
    let bundle = Bundle::new("linux")
        .with_miss("link", LINK, Miss::Absent)
        .with_miss("file", GDM[0], denied.clone());
    assert_eq!(read(&Source::from_bundle(bundle)), Err(denied));
    let many: Vec<String> = (0..101).map(|n| format!("{n}.conf")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let bundle = Bundle::new("linux").with_folder(GETTY_PARTS[0], &many);
    let source = Source::from_bundle(bundle);
    assert_eq!(
        parts(&source, GETTY_PARTS[0]),
        Err(Miss::Unknown(Reason::failed("too many entries")))
    );
}
