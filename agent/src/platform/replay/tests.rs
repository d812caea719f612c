use super::super::{RawMachine, RawValue, Source};
use super::*;

fn folder(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("daicho-replay-{}-{name}", std::process::id()));
    let _ = std::fs::remove_dir_all(&path);
    path
}

fn sample() -> Bundle {
    let machine = RawMachine {
        host_name: Some("pc-042".to_owned()),
        ..RawMachine::default()
    };
    Bundle::new("linux")
        .with("machine", "", &machine)
        .with_text("/etc/hostname", "pc-042\n")
        .with_text("/etc/machine-id", "0123456789abcdef0123456789abcdef\n")
        .with_text(
            "/etc/passwd",
            "root:x:0:0::/root:/bin/sh\nyamada:x:1000:1000:山田 花子,,:/home/yamada:/bin/bash\n",
        )
        .with_text(
            "/x",
            "yamada@pc-042 yamadas aa:bb:cc:12:34:56 and aa:bb:cc:12:34:56",
        )
        .with_bytes("head", "/y", &[0xff, 0, 1])
        .with_miss("file", "/z", Miss::Unknown(Reason::Denied))
}

#[test]
fn what_was_recorded_is_answered_and_the_rest_was_not_asked() {
    let path = folder("plain");
    sample().save(&path, false).unwrap();
    let source = Source::recorded(&path).unwrap();
    assert_eq!(source.head("/y", 9), Ok(vec![0xff, 0, 1]));
    assert_eq!(source.file("/z"), Err(Miss::Unknown(Reason::Denied)));
    assert_eq!(source.file("/other"), Err(Miss::Unknown(Reason::NotAsked)));
    assert!(matches!(
        sample().save(&path, false),
        Err(BundleError::Taken(_))
    ));
    std::fs::remove_dir_all(path).unwrap();
}

#[test]
fn redacted_recording_names_nobody_and_keeps_what_belongs_together() {
    let path = folder("redacted");
    sample().save(&path, true).unwrap();
    let text = std::fs::read_to_string(path.join(FILE)).unwrap();
    for secret in ["pc-042", "yamada@", "山田", "0123456789abcdef", "12:34:56"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    let source = Source::recorded(&path).unwrap();
    let line = source.text("/x").unwrap();
    let parts: Vec<&str> = line.split(' ').collect();
    assert_eq!(parts[2], parts[4]);
    assert!(
        parts[0].ends_with("@host") && parts[1] == "yamadas" && parts[2].starts_with("aa:bb:cc:"),
        "{line}"
    );
    assert_eq!(source.text("/etc/machine-id").unwrap().trim().len(), 32);
    std::fs::remove_dir_all(path).unwrap();
}

#[test]
fn anything_else_is_refused() {
    let path = folder("bad");
    std::fs::create_dir_all(&path).unwrap();
    assert!(matches!(Bundle::load(&path), Err(BundleError::File { .. })));
    for text in [
        "",
        "{}",
        "[]",
        r#"{"format":9,"system":"linux","answers":{}}"#,
    ] {
        std::fs::write(path.join(FILE), text).unwrap();
        assert!(
            matches!(Bundle::load(&path), Err(BundleError::Form { .. })),
            "{text}"
        );
    }
    std::fs::remove_dir_all(path).unwrap();
}

#[test]
fn common_words_as_names_change_no_fact_and_bytes_leak_no_name() {
    let path = folder("common");
    let machine = RawMachine {
        host_name: Some("debian".to_owned()),
        ..RawMachine::default()
    };
    Bundle::new("linux")
        .with("machine", "", &machine)
        .with_text("/etc/os-release", "ID=debian\n")
        .with_text("/etc/debian_version", "12.11\n")
        .with_text("/sys/class/dmi/id/product_serial", "0\n")
        .with_text("/proc/sys/net/ipv4/ip_forward", "0\n")
        .with_text("/x", "0 None debian\n")
        .with_bytes("file", "/run/utmp", b"\xff\0yamada\0")
        .save(&path, true)
        .unwrap();
    let source = Source::recorded(&path).unwrap();
    assert_eq!(source.text("/etc/os-release").unwrap(), "ID=debian\n");
    assert_eq!(source.text("/etc/debian_version").unwrap(), "12.11\n");
    assert_eq!(source.text("/proc/sys/net/ipv4/ip_forward").unwrap(), "0\n");
    assert_eq!(source.text("/x").unwrap(), "0 None host\n");
    assert_eq!(
        source.file("/run/utmp"),
        Err(Miss::Unknown(Reason::Withheld))
    );
    std::fs::remove_dir_all(path).unwrap();
}

/// A log-in record of a person.
fn person(name: &str) -> Vec<u8> {
    let mut record = vec![0; 384];
    record[0] = 7;
    record[44..44 + name.len()].copy_from_slice(name.as_bytes());
    record[76..84].copy_from_slice(b"10.0.0.9");
    // A time, which is no text.
    record[340..344].copy_from_slice(&[0xff, 0xfe, 0x80, 0x65]);
    record
}

#[test]
fn redacted_recording_knows_nobody_of_a_directory_and_no_domain() {
    let path = folder("directory");
    let records = [person("abe"), person("yamada"), person("root")].concat();
    let machine = RawMachine {
        host_name: Some("pc-042.clinic.example.jp".to_owned()),
        ..RawMachine::default()
    };
    sample()
        .with("machine", "", &machine)
        .with_text(
            "/etc/resolv.conf",
            "search clinic.example.jp lan\nnameserver 10.0.0.1\n",
        )
        .with_text(
            "/etc/samba/smb.conf",
            "workgroup = CLINIC\nrealm = CLINIC.EXAMPLE.JP\n",
        )
        .with_text("/etc/group", "sudo:x:27:yamada,CLINIC\\suzuki,www-data\n")
        .with_text(
            "/run/systemd/sessions/1",
            "USER=ito@clinic.example.jp\nCLASS=user\nREMOTE_HOST=pc-sato\n",
        )
        .with_text(
            "/etc/sudoers",
            "Defaults x=abc\nkato, %wheel ALL = (ALL) ALL\nUser_Alias OPS = kimura\n",
        )
        .with_text("/etc/gdm3/custom.conf", "[daemon]\nAutomaticLogin=kiosk7\n")
        .with_bytes("file", "/run/utmp", &records)
        .with_bytes("tail", "/var/log/wtmp", &person("abe"))
        .with_text(
            "/notes",
            "abe suzuki ito kato kimura kiosk7 pc-042 x.clinic.example.jp lan abc wheel",
        )
        .save(&path, true)
        .unwrap();
    let text = std::fs::read_to_string(path.join(FILE)).unwrap();
    for secret in [
        "suzuki", "ito", "kato", "kimura", "kiosk7", "CLINIC", "clinic", "pc-sato", "10.0.0.9",
    ] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    let source = Source::recorded(&path).unwrap();
    let notes = source.text("/notes").unwrap();
    assert!(notes.ends_with("lan abc wheel"), "{notes}");
    // Who is logged in is still the same person as elsewhere.
    let people = |bytes: Vec<u8>| super::super::record::people(&bytes).unwrap();
    let now = people(source.file("/run/utmp").unwrap());
    assert_eq!((now.len(), now[2].as_str()), (3, "root"));
    assert_eq!(
        people(source.tail("/var/log/wtmp", 9_600).unwrap()),
        now[..1]
    );
    assert!(notes.starts_with(&now[0]) && now[0] != "abe", "{notes}");
    let passwd = source.text("/etc/passwd").unwrap();
    assert!(passwd.contains(&format!("\n{}:", now[1])), "{passwd}");
    std::fs::remove_dir_all(path).unwrap();
}

const HOSPITAL: &str = "S-1-5-21-3623811015-3361044348-30300820";

/// A machine of a domain with somebody in it.
fn joined() -> Bundle {
    use super::super::{RawJoin, RawSession, RawToken};

    let token = RawToken {
        sid: format!("{HOSPITAL}-2301"),
        elevation: 3,
        groups: vec![
            ("S-1-5-32-544".to_owned(), 16),
            (format!("{HOSPITAL}-1120"), 7),
        ],
    };
    let session = RawSession {
        id: 1,
        station: "Console".to_owned(),
        state: 0,
        user: "yamada.h".to_owned(),
        domain: "SAKURAHOSP".to_owned(),
        token: Ok(token),
    };
    let machine = RawMachine {
        host_name: Some("karte-pc07.sakura.example.jp".to_owned()),
        ..RawMachine::default()
    };
    let join = RawJoin {
        status: 3,
        name: "SAKURAHOSP".to_owned(),
        role: Some(1),
        domain: Some("sakura.example.jp".to_owned()),
    };
    Bundle::new("windows")
        .with("machine", "", &machine)
        .with("join", "", &join)
        .with("sessions", "", &[session])
}

/// The same with accounts, settings and folders that name people.
fn with_people() -> Bundle {
    use super::super::{RawAccount, RawMember};

    let member = |sid: String, name: Option<&str>| RawMember {
        sid,
        name: name.map(str::to_owned),
    };
    let account = |name: &str, rid| RawAccount {
        name: name.to_owned(),
        rid,
        flags: 0x201,
    };
    let own = "S-1-5-21-111111111-222222222-333333333";
    let text = |it: &str| RawValue::Text(it.to_owned());
    joined()
        .with("local_accounts", "", &[account("Administrator", 500), account("suzuki", 1001)])
        .with(
            "group_members",
            "S-1-5-32-544",
            &[
                member(format!("{own}-500"), Some("Administrator")),
                member(format!("{HOSPITAL}-1120"), None),
            ],
        )
        .with("registry_keys", "HKU", &[format!("{HOSPITAL}-2301")])
        .with(
            "registry",
            r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Authentication\LogonUI\LastLoggedOnSAMUser",
            &text(r"SAKURAHOSP\tanaka"),
        )
        .with(
            "registry",
            &format!(r"HKU\{HOSPITAL}-2301\Network\Z\RemotePath"),
            &text(r"\\KARTE-PC07\yamada.h"),
        )
        .with(
            "registry_names",
            r"HKLM\SYSTEM\CurrentControlSet\Services\LanmanServer\Shares",
            &["内視鏡 佐藤", "scan$"],
        )
        .with_folder(r"C:\Users\ito\AppData", &["x"])
        .with_nothing_else()
}

#[test]
fn redacted_recording_of_windows_names_nobody_and_gives_the_same_verdicts() {
    use daicho_report::LogInVerdict;

    let path = folder("windows");
    let bundle = with_people();
    let verdict = |source: &Source| {
        let log_ins = crate::probe::account::read(source).log_ins;
        let log_ins = log_ins.value().cloned().unwrap_or_default();
        let first = log_ins.into_iter().find(|it| it.how == "session");
        first.map(|it| (it.verdict, it.elevation))
    };
    let before = verdict(&Source::from_bundle(bundle.clone())).unwrap();
    bundle.save(&path, true).unwrap();
    let saved = std::fs::read_to_string(path.join(FILE)).unwrap();
    for secret in [
        "yamada",
        "tanaka",
        "suzuki",
        "佐藤",
        "ito",
        "SAKURA",
        "sakura",
        "karte-pc07",
        "KARTE-PC07",
        "3623811015",
        "111111111",
    ] {
        assert!(!saved.contains(secret), "{secret} in {saved}");
    }
    let after = verdict(&Source::recorded(&path).unwrap()).unwrap();
    assert_eq!(before.1, after.1);
    assert!(matches!(before.0, LogInVerdict::AdministratorBy(_)));
    assert!(matches!(after.0, LogInVerdict::AdministratorBy(_)));
    std::fs::remove_dir_all(path).unwrap();
}

#[test]
fn redacted_recording_of_windows_keeps_printers_and_networks_apart_without_their_names() {
    let path = folder("printers");
    let print = r"HKLM\SYSTEM\CurrentControlSet\Control\Print";
    let list = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\NetworkList";
    let text = |text: &str| RawValue::Text(text.to_owned());
    let people = r"HKU\S-1-5-21-1-2-3-1001\Printers\Connections";
    let bundle = Bundle::new("windows")
        .with("registry_keys", "HKU", &["S-1-5-21-1-2-3-1001"])
        .with("registry_keys", people, &[",,TANAKA-SV,渡辺室"])
        .with("registry_keys", &format!(r"{print}\Printers"), &["田中室"])
        .with(
            "registry",
            &format!(r"{print}\Printers\田中室\Port"),
            &text("USB001"),
        )
        .with("registry_keys", &format!(r"{list}\Profiles"), &["{A}"])
        .with(
            "registry",
            &format!(r"{list}\Profiles\{{A}}\ProfileName"),
            &text("伊藤のiPhone"),
        )
        .with(
            "registry_keys",
            &format!(r"{list}\Signatures\Unmanaged"),
            &["01"],
        )
        .with(
            "registry",
            &format!(r"{list}\Signatures\Unmanaged\01\ProfileGuid"),
            &text("{A}"),
        )
        .with(
            "registry",
            &format!(r"{list}\Signatures\Unmanaged\01\DefaultGatewayMac"),
            &RawValue::Bytes("AmC5ASKz".to_owned()),
        )
        .with_nothing_else();
    bundle.save(&path, true).unwrap();
    let saved = std::fs::read_to_string(path.join(FILE)).unwrap();
    for secret in ["TANAKA", "渡辺", "田中", "伊藤", "AmC5ASKz"] {
        assert!(!saved.contains(secret), "{secret} in {saved}");
    }
    let source = Source::recorded(&path).unwrap();
    let printers = crate::probe::printer::read(&source).printers;
    assert_eq!(printers.value().map(Vec::len), Some(2));
    let traces = crate::probe::trace::read(&source, &daicho_report::Hardware::default());
    let network = &traces.networks.value().unwrap()[0];
    assert!(network.gateways[0].starts_with("02:60:b9:"), "{network:?}");
    assert_ne!(network.gateways[0], "02:60:b9:01:22:b3");
    std::fs::remove_dir_all(path).unwrap();
}
