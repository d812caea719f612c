use super::*;
use crate::platform::replay::Bundle;

fn check(bundle: Bundle) -> Services {
    let source = Source::from_bundle(bundle.with_nothing_else());
    read(&source, &Units::read(&source))
}

fn shown(reading: &Reading<Vec<Service>>) -> Vec<String> {
    let services = reading.value().unwrap();
    services
        .iter()
        .map(|it| format!("{} {:?} {:?}", it.name, it.start, it.running))
        .collect()
}

#[test]
fn services_that_start_or_run_are_listed_and_sleeping_ones_are_not() {
    let bundle = Bundle::new("linux")
        .with_folder(
            "/usr/lib/systemd/system",
            &[
                "a.service",
                "b.service",
                "c.service",
                "t@.service",
                "t.timer",
            ],
        )
        .with_folder(
            "/etc/systemd/system",
            &[
                "multi-user.target.wants",
                "timers.target.wants",
                "c.service",
            ],
        )
        .with("link", "/etc/systemd/system/c.service", &"/dev/null")
        .with_folder(
            "/etc/systemd/system/multi-user.target.wants",
            &["a.service", "t@x.service"],
        )
        .with_folder("/etc/systemd/system/timers.target.wants", &["t.timer"])
        .with_folder(
            "/sys/fs/cgroup/system.slice",
            &["b.service", "user@1000.service"],
        );
    let found = check(bundle);
    assert_eq!(
        shown(&found.services),
        [
            "a Automatic Some(false)",
            "b OnDemand Some(true)",
            "c Disabled Some(false)",
            "t@x Automatic Some(false)",
        ]
    );
    let autostarts = found.autostarts.value().unwrap();
    assert_eq!(
        (autostarts[0].kind.as_str(), autostarts[0].name.as_str()),
        ("timer", "t")
    );
}

#[test]
fn services_of_openrc_and_sysv_are_listed_without_systemd() {
    let openrc = Bundle::new("linux")
        .with_folder(OPEN_RC, &["sshd", "crond"])
        .with_folder(OPEN_RC_STARTED, &["sshd"]);
    assert_eq!(
        shown(&check(openrc).services),
        ["crond Automatic Some(false)", "sshd Automatic Some(true)"]
    );
    let sysv = Bundle::new("linux").with_folder("/etc/rc3.d", &["S10network", "K20nfs"]);
    assert_eq!(shown(&check(sysv).services), ["network Automatic None"]);
    let nothing = check(Bundle::new("linux"));
    assert_eq!(nothing.services.reason(), Some(&Reason::Unsupported));
}

#[test]
fn a_crontab_is_known_by_its_account_alone() {
    let bundle = Bundle::new("linux")
        .with_folder("/var/spool/cron/crontabs", &["root"])
        .with_folder("/var/spool/cron", &["crontabs", "atjobs"])
        .with_folder("/etc/cron.d", &[".placeholder", "backup"])
        .with("exists", "/etc/rc.local", &true);
    let found = check(bundle.clone()).autostarts.value().unwrap().clone();
    let pairs: Vec<_> = found
        .iter()
        .map(|it| (it.kind.as_str(), it.name.as_str()))
        .collect();
    assert_eq!(
        pairs,
        [
            ("cron.d", "backup"),
            ("crontab", "root"),
            ("rc.local", "/etc/rc.local")
        ]
    );
    let denied = bundle.with_miss(
        "folder",
        "/var/spool/cron/crontabs",
        Miss::Unknown(Reason::Denied),
    );
    assert_eq!(check(denied).autostarts.reason(), Some(&Reason::Denied));
}
