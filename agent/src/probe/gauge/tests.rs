use super::*;
use crate::platform::RawVolume;
use crate::platform::replay::Bundle;

fn machine() -> RawMachine {
    let volume = |mount: &str, device: &str| RawVolume {
        mount: mount.to_owned(),
        file_system: "ext4".to_owned(),
        device: device.to_owned(),
        total: 100 << 30,
        free: 40 << 30,
        removable: false,
    };
    RawMachine {
        memory: 8 << 30,
        memory_used: 3 << 30,
        booted_at: Some(1_700_000_000),
        volumes: vec![volume("/", "/dev/vda1"), volume("/snap/x/1", "/dev/loop0")],
        ..RawMachine::default()
    }
}

#[test]
fn gauges_are_the_machines_values_of_the_moment() {
    let bundle = Bundle::new("linux")
        .with("machine", "", &machine())
        .with_folder("/proc", &["1", "22", "333", "cpuinfo", "self"]);
    let gauges = read(&Source::from_bundle(bundle));
    assert_eq!(
        gauges.booted_at.value(),
        Some(&Time::from_seconds(1_700_000_000))
    );
    assert_eq!(gauges.memory_used_mib.value(), Some(&3_072));
    assert_eq!(gauges.process_count.value(), Some(&3));
    let volumes = gauges.volumes.value().unwrap();
    assert_eq!(
        volumes.len(),
        1,
        "an image that is mounted has no room of its own"
    );
    assert_eq!(volumes[0].free_bytes, 40 << 30);
}

#[test]
fn hidden_processes_are_not_counted_as_few() {
    let bundle = Bundle::new("linux").with_folder("/proc", &["4711", "self"]);
    let gauges = read(&Source::from_bundle(bundle));
    assert_eq!(gauges.process_count.reason(), Some(&Reason::Denied));
}

#[test]
fn an_empty_answer_is_no_zero() {
    let bundle = Bundle::new("linux").with("machine", "", &RawMachine::default());
    let gauges = read(&Source::from_bundle(bundle));
    assert_eq!(
        gauges.memory_used_mib.reason(),
        Some(&Reason::failed("empty"))
    );
    assert_eq!(gauges.booted_at.reason(), Some(&Reason::failed("empty")));
    assert_eq!(gauges.volumes.reason(), Some(&Reason::failed("empty")));
    assert_eq!(gauges.process_count.reason(), Some(&Reason::NotAsked));
}
