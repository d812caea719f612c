use super::*;
use crate::platform::Miss;
use crate::platform::replay::Bundle;

fn check(bundle: Bundle) -> Policies {
    let source = Source::from_bundle(bundle.with_nothing_else());
    let units = Units::read(&source);
    read(&source, &units)
}

fn machine() -> Bundle {
    Bundle::new("linux").with_text("/etc/login.defs", "PASS_MAX_DAYS\t90\nPASS_MIN_DAYS 0\n")
}

#[test]
fn rules_for_passwords_are_those_of_the_modules_that_are_used() {
    let quality = machine().with_text("/etc/security/pwquality.conf", "minlen = 12\n");
    let found = |bundle: Bundle| check(bundle).password.value().unwrap().clone();
    // The file says 12, and nothing reads the file.
    assert_eq!(found(quality.clone()).length_min, None);
    let used = quality.with_text(
        "/etc/pam.d/system-auth",
        "auth required pam_faillock.so preauth deny=5\npassword requisite pam_pwquality.so\n\
         password required pam_pwhistory.so remember=24\n",
    );
    assert_eq!(
        found(used.clone()),
        PasswordPolicy {
            length_min: Some(12),
            days_max: Some(90),
            history: Some(24),
            lockout_after: Some(5),
        }
    );
    let told = used.with_text(
        "/etc/pam.d/common-password",
        "password x pam_pwquality.so minlen=8\n",
    );
    assert_eq!(found(told).length_min, Some(8));
}

#[test]
fn a_module_that_is_told_nothing_asks_for_its_own_length() {
    let pam = "password requisite pam_pwquality.so retry=3\n";
    let found = check(machine().with_text("/etc/pam.d/common-password", pam));
    assert_eq!(found.password.value().unwrap().length_min, Some(8));
    let none = "password required pam_unix.so obscure yescrypt\n";
    let found = check(machine().with_text("/etc/pam.d/common-password", none));
    assert_eq!(found.password.value().unwrap().length_min, None);
}

#[test]
fn a_system_without_such_files_has_no_such_rules_to_ask_for() {
    let found = check(Bundle::new("linux")).password;
    assert_eq!(found.reason(), Some(&Reason::Unsupported));
}

#[test]
fn the_first_value_of_the_ssh_server_counts_and_match_blocks_do_not() {
    let bundle = machine()
        .with_text(
            SSH,
            "Include /etc/ssh/sshd_config.d/*.conf\nPermitRootLogin yes\nPort 22\nPort 2222\n\
             Match User backup\nPasswordAuthentication yes\n",
        )
        .with_folder(SSH_PARTS, &["10-x.conf"])
        .with_text(
            "/etc/ssh/sshd_config.d/10-x.conf",
            "PermitRootLogin no\nPasswordAuthentication no\n",
        );
    let found = check(bundle).ssh.value().unwrap().clone().unwrap();
    assert_eq!(
        found,
        SshPolicy {
            root_log_in: "no".to_owned(),
            password_log_in: false,
            ports: vec![22, 2222],
        }
    );
    assert_eq!(check(machine()).ssh.value(), Some(&None));
    let denied = machine().with_miss("file", SSH, Miss::Unknown(Reason::Denied));
    assert_eq!(check(denied).ssh.reason(), Some(&Reason::Denied));
}

#[test]
fn logs_in_memory_are_not_kept_and_those_of_syslog_are() {
    let log = |bundle: Bundle| check(bundle).log.value().unwrap().clone();
    let without = check(machine()).log;
    assert_eq!(without.reason(), Some(&Reason::Unsupported));
    let machine =
        || machine().with_folder("/usr/lib/systemd/system", &["systemd-journald.service"]);
    assert!(!log(machine()).persistent);
    let journal = machine().with("exists", JOURNAL, &true).with_text(
        "/etc/systemd/journald.conf",
        "[Journal]\n#SystemMaxUse=\nSystemMaxUse=2G\nMaxRetentionSec=1year\n",
    );
    let found = log(journal);
    assert_eq!(
        (found.persistent, found.days_max, found.bytes_max),
        (true, Some(365), Some(2 << 30))
    );
    let syslog = machine()
        .with_text(LOGROTATE, "weekly\nrotate 4\ncreate\n")
        .with_text(
            RSYSLOG,
            "*.* @@log.example.jp:514\nauth.* @(o)[2001:db8::5]:6514\n\
             action(type=\"omfwd\" Target=\"192.0.2.7\" Port=\"514\")\n*.* /var/log/x\n",
        );
    let found = log(syslog);
    assert_eq!((found.persistent, found.days_max), (true, Some(28)));
    assert_eq!(
        found.sent_to,
        ["192.0.2.7", "2001:db8::5", "log.example.jp"]
    );
}

#[test]
fn the_clock_is_set_by_what_is_switched_on() {
    let bundle = machine()
        .with_folder(
            "/usr/lib/systemd/system",
            &["chrony.service", "systemd-timesyncd.service"],
        )
        .with_folder("/etc/systemd/system", &["multi-user.target.wants"])
        .with_folder(
            "/etc/systemd/system/multi-user.target.wants",
            &["chrony.service"],
        )
        .with_text(
            "/etc/chrony/chrony.conf",
            "pool ntp.nict.jp iburst\nserver 192.0.2.1 key 3\nkeyfile /etc/chrony/chrony.keys\n",
        );
    let found = check(bundle).time_sources.value().unwrap().clone();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].program, "chrony");
    assert_eq!(found[0].servers, ["192.0.2.1", "ntp.nict.jp"]);
    // Without systemd nobody says which program is switched on.
    let found = check(machine()).time_sources;
    assert_eq!(found.reason(), Some(&Reason::Unsupported));
}
