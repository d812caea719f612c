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
