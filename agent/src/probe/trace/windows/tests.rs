use super::*;
use crate::platform::replay::Bundle;

const TASKS: &str = r"C:\Windows\System32\Tasks";

fn traces(bundle: Bundle) -> Traces {
    read(
        &Source::from_bundle(bundle.with_nothing_else()),
        &Hardware::default(),
    )
}

fn terminal() -> Bundle {
    Bundle::new("windows")
        .with_text(
            r"C:\Windows\System32\drivers\etc\hosts",
            "# 院内\r\n192.168.10.5 karte karte.hosp.example\r\n127.0.0.1 localhost\r\n",
        )
        .with("exists", r"C:\Program Files\OQS\OQSComApp", &true)
        .with_bytes(
            "head",
            r"C:\Program Files\OQS\OQSComApp\Version.info",
            b"4.00.1\r\n",
        )
        .with_folder(
            TASKS,
            &["GoogleUpdate", "Hospital", "Microsoft", "OQS_exec_reboot"],
        )
        .with_folder(&format!(r"{TASKS}\Hospital"), &["oqs_exec_x", "山田"])
        .with("resolved", "", &["hoge.onshikaku.org".to_owned()])
        .with("proxy_bypass", "", &["*.onshikaku.org".to_owned()])
}

#[test]
fn signs_of_a_terminal_are_told_and_nothing_that_is_not_listed() {
    let found = traces(terminal());
    let hosts = found.hosts.value().unwrap();
    assert_eq!(hosts.len(), 2, "{hosts:?}");
    let folders = found.folders.value().unwrap();
    assert_eq!(folders[0].name, r"OQS\OQSComApp");
    assert_eq!(folders[0].version.as_deref(), Some("4.00.1"));
    assert_eq!(
        found.tasks.value().unwrap(),
        &["OQS_exec_reboot", "oqs_exec_x"]
    );
    assert_eq!(found.resolved.value().unwrap(), &["hoge.onshikaku.org"]);
    assert_eq!(found.proxy_bypass.value().unwrap(), &["*.onshikaku.org"]);
    assert_eq!(found.credentials.reason(), Some(&Reason::Withheld));
}

#[test]
fn rules_for_names_have_their_servers_and_those_without_are_none() {
    let place = RULES[1];
    let of = |rule: &str, name: &str| format!(r"{place}\{rule}\{name}");
    let bundle = Bundle::new("windows")
        .with("registry_keys", place, &["{a}", "{b}"])
        .with(
            "registry",
            &of("{a}", "Name"),
            &RawValue::Texts(vec![".onshikaku.org".to_owned(), ".".to_owned()]),
        )
        .with(
            "registry",
            &of("{a}", "GenericDNSServers"),
            &RawValue::Text("203.0.113.1; 203.0.113.2".to_owned()),
        )
        .with(
            "registry",
            &of("{b}", "Name"),
            &RawValue::Texts(vec![".x".to_owned()]),
        );
    let found = traces(bundle);
    let rules = found.resolver_rules.value().unwrap();
    assert_eq!(rules.len(), 1, "{rules:?}");
    assert_eq!(rules[0].domain, "onshikaku.org");
    assert_eq!(rules[0].name_servers.len(), 2);
}

#[test]
fn tasks_that_nobody_may_see_are_unknown() {
    let denied = Miss::Unknown(Reason::Denied);
    let found = traces(Bundle::new("windows").with_miss("folder", TASKS, denied));
    assert_eq!(found.tasks.reason(), Some(&Reason::Denied));
    // There is no Windows without the folder: that it is not there is no answer.
    assert!(traces(Bundle::new("windows")).tasks.reason().is_some());
}

#[test]
fn scheduler_s_own_list_stands_in_for_files_that_may_not_be_read() {
    let denied = || Miss::Unknown(Reason::Denied);
    let bundle = Bundle::new("windows")
        .with_miss("folder", TASKS, denied())
        .with(
            "registry_keys",
            TREE,
            &["Hospital", "Microsoft", "OQS_exec_a"],
        )
        .with(
            "registry_keys",
            &format!(r"{TREE}\Hospital"),
            &["oqs_exec_b", "x"],
        );
    let found = traces(bundle.clone()).tasks;
    assert_eq!(found.value().unwrap(), &["OQS_exec_a", "oqs_exec_b"]);
    assert_eq!(found.source(), TREE);
    let neither = bundle.with_miss("registry_keys", TREE, denied());
    assert_eq!(traces(neither).tasks.reason(), Some(&Reason::Denied));
}

#[test]
fn file_of_hosts_is_the_one_that_windows_was_told_to_use() {
    let set = |value: &str| {
        Bundle::new("windows")
            .with(
                "registry",
                &format!(r"{TCPIP}\DataBasePath"),
                &RawValue::Text(value.to_owned()),
            )
            .with_text(
                r"C:\Windows\System32\drivers\etc\hosts",
                "192.0.2.1 usual.example\n",
            )
            .with_text(r"D:\other\hosts", "192.0.2.2 other.example\n")
    };
    for (value, name) in [
        (r"%SystemRoot%\System32\drivers\etc", "usual.example"),
        (r"%systemroot%\System32\drivers\etc\", "usual.example"),
        (r"D:\other", "other.example"),
        ("", "usual.example"),
    ] {
        let found = traces(set(value)).hosts;
        assert_eq!(found.value().unwrap()[0].name, name, "{value}");
    }
    // Multi-byte signs where a name of a variable would end.
    let found = traces(set("%SystemRoo院\\hosts")).hosts;
    assert!(found.value().is_none_or(Vec::is_empty));
}

#[test]
fn working_folder_is_looked_for_on_every_drive_that_is_built_in() {
    use crate::platform::{RawMachine, RawVolume};
    let volume = |mount: &str, removable: bool| RawVolume {
        mount: mount.to_owned(),
        file_system: "NTFS".to_owned(),
        device: String::new(),
        total: 1,
        free: 0,
        removable,
    };
    let machine = RawMachine {
        volumes: vec![volume(r"D:\", false), volume(r"E:\", true)],
        ..RawMachine::default()
    };
    let bundle = Bundle::new("windows")
        .with("machine", "", &machine)
        .with("exists", r"D:\OQS", &true);
    let found = traces(bundle.clone()).folders;
    let names = found.value().unwrap().iter();
    assert_eq!(
        names.map(|it| it.name.as_str()).collect::<Vec<_>>(),
        ["OQS"]
    );
    let denied = Miss::Unknown(Reason::Denied);
    let found = traces(bundle.with_miss("exists", r"D:\OQS", denied)).folders;
    assert_eq!(found.reason(), Some(&Reason::Denied));
}
