use super::*;
use crate::platform::replay::Bundle;

fn check(bundle: Bundle, technology: Option<&str>) -> Guests {
    let virtualization = match technology {
        Some(name) => Virtualization::Virtual(name.to_owned()),
        None => Virtualization::Physical,
    };
    let source = Source::from_bundle(bundle.with_nothing_else());
    read(&source, &Reading::known(virtualization, "test"))
}

fn pool(pairs: &[(&str, &str)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (key, value) in pairs {
        let mut record = key.as_bytes().to_vec();
        record.resize(KEY, 0);
        record.extend(value.as_bytes());
        record.resize(RECORD, 0);
        bytes.extend(record);
    }
    bytes
}

#[test]
fn hyper_v_tells_its_guest_where_it_runs_and_others_do_not() {
    let bytes = pool(&[
        ("VirtualMachineName", "his"),
        ("HostName", "hv01"),
        ("PhysicalHostName", "HV01"),
    ]);
    let bundle = Bundle::new("linux").with_bytes("head", POOL, &bytes);
    let found = check(bundle, Some("hyper-v")).runs_on;
    assert_eq!(found.value(), Some(&Some("HV01".to_owned())));
    let found = check(Bundle::new("linux"), Some("vmware")).runs_on;
    assert_eq!(found.reason(), Some(&Reason::Unsupported));
    let cut = Bundle::new("linux").with_bytes("head", POOL, &bytes[..100]);
    assert_eq!(
        check(cut, Some("hyper-v")).runs_on.reason(),
        Some(&Reason::failed("no host name"))
    );
    assert_eq!(
        check(Bundle::new("linux"), None).runs_on.value(),
        Some(&None)
    );
}

#[test]
fn running_containers_are_seen_in_their_control_groups() {
    let id = "0123456789abcdef".repeat(4);
    let docker = format!("docker-{id}.scope");
    let podman = format!("libpod-{id}.scope");
    let bundle = Bundle::new("linux")
        .with_folder("/sys/fs/cgroup/system.slice", &[&docker, "docker.service"])
        .with_folder(
            "/sys/fs/cgroup/machine.slice",
            &[&podman, "libpod-conmon-1.scope"],
        )
        .with_folder("/sys/fs/cgroup/lxc", &["101", "cgroup.procs"]);
    let found = check(bundle, None).containers.value().unwrap().clone();
    let pairs: Vec<_> = found
        .iter()
        .map(|it| (it.engine.as_str(), it.id.as_str()))
        .collect();
    assert_eq!(
        pairs,
        [
            ("docker", "0123456789ab"),
            ("lxc", "101"),
            ("podman", "0123456789ab")
        ]
    );
    // Without control groups nobody knows.
    let found = check(Bundle::new("linux"), None).containers;
    assert_eq!(found.reason(), Some(&Reason::Unsupported));
}

#[test]
fn guests_that_could_not_be_asked_are_not_none() {
    let raw = vec![RawGuest {
        name: "pacs".to_owned(),
        uuid: None,
        running: Some(true),
    }];
    let found = check(Bundle::new("linux").with("guests", "", &raw), None).guests;
    assert_eq!(found.value().unwrap()[0].name, "pacs");
    let denied = Bundle::new("linux").with_miss("guests", "", Miss::Unknown(Reason::Denied));
    assert_eq!(check(denied, None).guests.reason(), Some(&Reason::Denied));
}
