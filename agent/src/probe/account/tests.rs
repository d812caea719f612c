use super::*;
use crate::platform::replay::Bundle;

const PASSWD_TEXT: &str = "root:x:0:0:root:/root:/bin/bash\n\
    daemon:x:1:1::/usr/sbin:/usr/sbin/nologin\n\
    sato:x:1000:1000:佐藤:/home/sato:/bin/bash\n\
    suzuki:x:1001:1001::/home/suzuki:/bin/bash\n\
    tanaka:x:1002:1002::/home/tanaka:/bin/bash\n";

fn record(kind: i16, name: &str) -> Vec<u8> {
    let mut record = vec![0; 384];
    record[..2].copy_from_slice(&kind.to_le_bytes());
    record[44..44 + name.len()].copy_from_slice(name.as_bytes());
    record
}

fn bundle() -> Bundle {
    Bundle::new("linux")
        .with_text(PASSWD, PASSWD_TEXT)
        .with_text(GROUP, "root:x:0:\nsudo:x:27:sato\nops:x:50:tanaka\n")
        .with_text(NSSWITCH, "passwd: files systemd\ngroup: files\n")
        .with_text("/etc/sudoers", "Defaults env_reset\nroot ALL=(ALL:ALL) ALL\n%sudo ALL=(ALL) ALL\n@includedir /etc/sudoers.d\n")
        .with_folder("/etc/sudoers.d", &["ops", "README.x"])
        .with_text("/etc/sudoers.d/ops", "User_Alias OPS = %ops\nOPS ALL = NOPASSWD: /usr/bin/systemctl\n")
        .with_miss("file", "/etc/doas.conf", Miss::Absent)
        .with("locked_accounts", "/etc/shadow", &vec!["daemon".to_owned()])
        .with_miss("folder", "/run/systemd/sessions", Miss::Absent)
        .with_bytes("file", "/run/utmp", &[record(2, "reboot"), record(7, "suzuki"), record(7, "sato")].concat())
        .with_bytes("file", "/var/log/wtmp", &[record(7, "sato"), record(7, "tanaka"), record(8, "")].concat())
}

fn verdict_of(accounts: &Accounts, name: &str) -> LogInVerdict {
    let log_ins = accounts.log_ins.value().unwrap();
    log_ins
        .iter()
        .find(|it| it.account == name)
        .unwrap()
        .verdict
        .clone()
}

#[test]
fn verdicts_name_what_grants_the_rights() {
    let found = read(&Source::from_bundle(bundle()));
    assert_eq!(
        verdict_of(&found, "sato"),
        LogInVerdict::AdministratorBy("sudo".to_owned())
    );
    assert_eq!(
        verdict_of(&found, "tanaka"),
        LogInVerdict::AdministratorBy("/etc/sudoers.d/ops".to_owned())
    );
    assert_eq!(verdict_of(&found, "suzuki"), LogInVerdict::NotAdministrator);
    let names: Vec<&str> = found
        .accounts
        .value()
        .unwrap()
        .iter()
        .map(|it| it.name.as_str())
        .collect();
    assert_eq!(names, ["root", "sato", "suzuki", "tanaka"]);
    assert_eq!(
        found.accounts.value().unwrap()[0].administrator[0],
        AdministratorGrant::BuiltIn
    );
    assert_eq!(found.directory.value(), Some(&false));
    let json = serde_json::to_string(&found).unwrap();
    assert!(
        !json.contains("佐藤") && !json.contains("systemctl"),
        "{json}"
    );
}

#[test]
fn place_that_could_not_be_read_makes_the_verdict_unclear() {
    let denied = bundle().with_miss("file", "/etc/sudoers", Miss::Unknown(Reason::Denied));
    let found = read(&Source::from_bundle(denied));
    assert_eq!(
        verdict_of(&found, "suzuki"),
        LogInVerdict::Unclear("/etc/sudoers".to_owned())
    );
    assert_eq!(
        verdict_of(&found, "sato"),
        LogInVerdict::AdministratorBy("sudo".to_owned())
    );
    let directory = bundle().with_text(NSSWITCH, "passwd: files sss\n");
    let found = read(&Source::from_bundle(directory));
    assert_eq!(found.directory.reason(), Some(&Reason::Unsupported));
    assert!(matches!(
        verdict_of(&found, "suzuki"),
        LogInVerdict::Unclear(_)
    ));
}

#[test]
fn locked_is_unknown_where_the_mark_could_not_be_read() {
    let denied = bundle().with_miss(
        "locked_accounts",
        "/etc/shadow",
        Miss::Unknown(Reason::Denied),
    );
    let found = read(&Source::from_bundle(denied));
    let accounts = found.accounts.value().unwrap();
    assert_eq!(accounts[1].can_log_in.reason(), Some(&Reason::Denied));
}

#[test]
fn nobody_logged_in_and_no_records_kept_are_told_apart() {
    let empty =
        bundle()
            .with_bytes("file", "/run/utmp", b"")
            .with_bytes("file", "/var/log/wtmp", b"");
    assert_eq!(
        read(&Source::from_bundle(empty)).log_ins.value(),
        Some(&Vec::new())
    );
    let none = bundle()
        .with_miss("file", "/run/utmp", Miss::Absent)
        .with_miss("file", "/var/log/wtmp", Miss::Absent);
    assert_eq!(
        read(&Source::from_bundle(none)).log_ins.reason(),
        Some(&Reason::Unsupported)
    );
}

#[test]
fn session_of_a_user_unknown_here_is_unclear() {
    let sessions = bundle()
        .with_folder("/run/systemd/sessions", &["1", "1.ref", "c2"])
        .with_text(
            "/run/systemd/sessions/1",
            "UID=9000\nUSER=domainuser\nCLASS=user\n",
        )
        .with_text("/run/systemd/sessions/c2", "USER=gdm\nCLASS=greeter\n");
    let found = read(&Source::from_bundle(sessions));
    assert!(matches!(
        verdict_of(&found, "domainuser"),
        LogInVerdict::Unclear(_)
    ));
    assert!(
        found
            .log_ins
            .value()
            .unwrap()
            .iter()
            .all(|it| it.account != "gdm")
    );
}

fn verdict_with(sudoers: &str, doas: Option<&str>) -> LogInVerdict {
    let mut bundle = bundle().with_text("/etc/sudoers", sudoers);
    if let Some(text) = doas {
        bundle = bundle.with_text("/etc/doas.conf", text);
    }
    verdict_of(&read(&Source::from_bundle(bundle)), "suzuki")
}

#[test]
fn rule_for_everybody_that_asks_for_roots_password_makes_nobody_an_administrator() {
    let everybody = "ALL ALL=(ALL) ALL\n";
    let by = LogInVerdict::AdministratorBy("/etc/sudoers".to_owned());
    let of = |settings: &str| verdict_with(&format!("{settings}\n{everybody}"), None);
    assert_eq!(
        of("Defaults targetpw # of root"),
        LogInVerdict::NotAdministrator
    );
    assert_eq!(
        of("Defaults env_reset, rootpw"),
        LogInVerdict::NotAdministrator
    );
    assert_eq!(of("Defaults !targetpw"), by);
    assert_eq!(of("Defaults:taro targetpw"), by);
    assert_eq!(of("Defaults targetpw\nALL ALL=(ALL) NOPASSWD: /bin/sh"), by);
}

#[test]
fn rule_counts_however_its_lists_are_spaced() {
    let by = LogInVerdict::AdministratorBy("/etc/sudoers".to_owned());
    for rule in [
        "suzuki ALL=(ALL) ALL",
        "tanaka, suzuki ALL = ALL",
        "tanaka ,suzuki pc1 , pc2 = ALL",
        "suzuki pc1, !pc2 = ALL",
        "suzuki\tALL=ALL",
    ] {
        assert_eq!(verdict_with(rule, None), by, "{rule}");
    }
    assert_eq!(
        verdict_with("tanaka ALL=ALL", None),
        LogInVerdict::NotAdministrator
    );
}

#[test]
fn rule_that_cannot_be_resolved_here_makes_the_verdict_unclear() {
    let unclear = LogInVerdict::Unclear("/etc/sudoers".to_owned());
    for rule in [
        "%#1001 ALL=ALL",
        "+admins ALL=ALL",
        "%:domain\\x20admins ALL=ALL",
        "\"suzuki\" ALL=ALL",
    ] {
        assert_eq!(verdict_with(rule, None), unclear, "{rule}");
    }
    let long = "#\n".repeat(6_000) + "suzuki ALL=ALL";
    assert_eq!(verdict_with(&long, None), unclear);
}

#[test]
fn included_file_is_found_beside_the_one_that_includes_it() {
    let relative = bundle()
        .with_text("/etc/sudoers", "@include sudoers.local\n")
        .with_text("/etc/sudoers.local", "suzuki ALL=ALL\n");
    assert_eq!(
        verdict_of(&read(&Source::from_bundle(relative)), "suzuki"),
        LogInVerdict::AdministratorBy("/etc/sudoers.local".to_owned())
    );
}

#[test]
fn doas_rule_with_an_environment_counts() {
    for rule in [
        "permit nopass setenv { PATH LANG=C } suzuki as root",
        "permit persist suzuki",
    ] {
        assert_eq!(
            verdict_with("", Some(rule)),
            LogInVerdict::AdministratorBy("/etc/doas.conf".to_owned()),
            "{rule}"
        );
    }
}

#[test]
fn lines_beyond_the_bound_have_a_reason() {
    let many: String = (0..20_001)
        .map(|n| format!("u{n}:x:{n}:{n}::/home/u{n}:/bin/bash\n"))
        .collect();
    let found = read(&Source::from_bundle(
        bundle().with_text(PASSWD, &format!("{PASSWD_TEXT}{many}")),
    ));
    let cut = Reason::failed("too many entries");
    assert_eq!(found.accounts.reason(), Some(&cut));
    // Whoever was read is still known, and nobody is held for a stranger.
    assert_eq!(verdict_of(&found, "suzuki"), LogInVerdict::NotAdministrator);
    let only_many = read(&Source::from_bundle(bundle().with_text(PASSWD, &many)));
    let unclear = LogInVerdict::Unclear(PASSWD.to_owned());
    assert_eq!(verdict_of(&only_many, "suzuki"), unclear);

    let groups = "g:x:1:\n".repeat(20_001);
    let found = read(&Source::from_bundle(bundle().with_text(GROUP, &groups)));
    assert_eq!(
        verdict_of(&found, "suzuki"),
        LogInVerdict::Unclear(GROUP.to_owned())
    );
}

#[test]
fn lines_of_nis_are_no_accounts_and_tell_of_a_directory() {
    for (path, text) in [
        (PASSWD, format!("{PASSWD_TEXT}+@staff::::::\n-baduser\n")),
        (GROUP, "sudo:x:27:sato\n+:::\n".to_owned()),
    ] {
        let found = read(&Source::from_bundle(bundle().with_text(path, &text)));
        assert_eq!(found.directory.reason(), Some(&Reason::Unsupported));
        let accounts = found.accounts.value().unwrap();
        assert!(accounts.iter().all(|it| !it.name.starts_with(['+', '-'])));
        assert_eq!(
            verdict_of(&found, "suzuki"),
            LogInVerdict::Unclear(format!("{PASSWD}, {GROUP}"))
        );
    }
}

#[test]
fn names_in_old_japanese_encodings_break_nothing() {
    // 診療 in EUC-JP as an account, 佐藤 in Shift_JIS as the person of another.
    let passwd = [
        b"root:x:0:0:root:/root:/bin/bash\n".as_slice(),
        b"\xbf\xc7\xce\xc5:x:1003:1003::/home/x:/bin/bash\n",
        b"pc\xbf\xc7:x:1004:1004::/home/y:/bin/bash\n",
        b"suzuki:x:1001:1001:\x8d\xb2\x93\xa1:/home/suzuki:/bin/bash\n",
    ]
    .concat();
    let raw = String::from_utf8_lossy(b"pc\xbf\xc7").into_owned();
    let odd = bundle()
        .with_bytes("file", PASSWD, &passwd)
        .with_bytes("file", GROUP, b"sudo:x:27:pc\xbf\xc7\n")
        .with("locked_accounts", "/etc/shadow", &vec![raw]);
    let found = read(&Source::from_bundle(odd));
    let accounts = found.accounts.value().unwrap();
    let names: Vec<&str> = accounts.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["pc", "root", "suzuki"]);
    assert_eq!(accounts[0].can_log_in.value(), Some(&false));
    assert!(!accounts[0].administrator.is_empty());
}

#[test]
fn last_person_is_found_in_the_end_of_the_records() {
    let end = [record(7, "tanaka"), record(7, "suzuki"), record(8, "")].concat();
    let found = read(&Source::from_bundle(
        bundle()
            .with_bytes("file", "/run/utmp", b"")
            .with_bytes("tail", "/var/log/wtmp", &end),
    ));
    let log_ins = found.log_ins.value().unwrap();
    assert_eq!(log_ins.len(), 1);
    assert_eq!(
        (log_ins[0].account.as_str(), log_ins[0].how.as_str()),
        ("suzuki", "last")
    );
    // Nobody in the end: the whole file tells.
    let nobody = bundle().with_bytes("file", "/run/utmp", b"").with_bytes(
        "tail",
        "/var/log/wtmp",
        &record(2, "reboot"),
    );
    let found = read(&Source::from_bundle(nobody));
    assert_eq!(found.log_ins.value().unwrap()[0].account, "tanaka");
    // What is no record is no "nobody".
    let nonsense = bundle()
        .with_bytes("file", "/run/utmp", b"nonsense")
        .with_bytes("file", "/var/log/wtmp", b"");
    let found = read(&Source::from_bundle(nonsense));
    assert_eq!(found.log_ins.reason(), Some(&Reason::failed("record")));
}

#[test]
fn who_is_logged_in_without_being_asked_is_named() {
    let link = "/etc/systemd/system/display-manager.service";
    let auto = bundle()
        .with_nothing_else()
        .with("link", link, &"/lib/systemd/system/gdm3.service".to_owned())
        .with_text(
            "/etc/gdm3/custom.conf",
            "[daemon]\nAutomaticLoginEnable=True\nAutomaticLogin=suzuki\n",
        );
    let found = read(&Source::from_bundle(auto));
    let log_ins = found.log_ins.value().unwrap();
    let auto: Vec<&LogIn> = log_ins.iter().filter(|it| it.how == "auto").collect();
    assert_eq!(auto.len(), 1);
    assert_eq!(auto[0].account, "suzuki");
    assert_eq!(auto[0].verdict, LogInVerdict::NotAdministrator);
    assert!(found.log_ins.source().contains(auto::PLACES));
}
