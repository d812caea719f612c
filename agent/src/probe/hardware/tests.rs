use daicho_report::{Chassis, Virtualization};

use super::*;
use crate::platform::replay::Bundle;

fn of(bundle: Bundle) -> Hardware {
    read(&Source::from_bundle(bundle))
}

/// A machine that is no container.
fn whole() -> Bundle {
    Bundle::new("linux")
        .with_miss("file", "/run/systemd/container", Miss::Absent)
        .with("exists", "/run/.containerenv", &false)
        .with("exists", "/.dockerenv", &false)
        .with_text("/proc/1/cgroup", "0::/init.scope\n")
}

fn dmi(bundle: Bundle, values: &[(&str, &str)]) -> Bundle {
    let bundle = bundle.with("exists", "/sys/class/dmi/id", &true);
    values.iter().fold(bundle, |bundle, (name, value)| {
        bundle.with_text(&format!("/sys/class/dmi/id/{name}"), &format!("{value}\n"))
    })
}

fn cpu(bundle: Bundle, flags: &str) -> Bundle {
    let text = format!("processor\t: 0\nmodel name\t: X\nflags\t\t: fpu {flags} sse\n");
    bundle.with_bytes("head", "/proc/cpuinfo", text.as_bytes())
}

fn virtual_as(name: &str) -> Virtualization {
    Virtualization::Virtual(name.to_owned())
}

#[test]
fn firmware_tells_maker_model_serial_and_kind() {
    let values = [
        ("sys_vendor", "FUJITSU"),
        ("product_name", "PRIMERGY RX2530 M5"),
        ("product_serial", "MABC012345"),
        ("product_uuid", "4C4C4544-0042-3110-8052-B4C04F595931"),
        ("chassis_type", "23"),
    ];
    let found = of(dmi(whole(), &values));
    assert_eq!(
        found.manufacturer.value().map(String::as_str),
        Some("FUJITSU")
    );
    assert_eq!(
        found.model.value().map(String::as_str),
        Some("PRIMERGY RX2530 M5")
    );
    assert_eq!(found.serial.value().map(String::as_str), Some("MABC012345"));
    assert_eq!(
        found.smbios_uuid.value().map(String::as_str),
        Some("4c4c4544-0042-3110-8052-b4c04f595931")
    );
    assert_eq!(found.chassis.value(), Some(&Chassis::Server));
}

#[test]
fn stand_ins_of_makers_are_no_values() {
    let stand_ins = [
        "To Be Filled By O.E.M.",
        "None",
        "Not Specified",
        "0123456789",
        "Default string",
        "System Serial Number",
        "00000000",
        "........",
        "FFFFFFFF-FFFF",
        "N/A",
        "0",
        "",
        "To be filled by O.E.M",
        "Not Available",
    ];
    for text in stand_ins {
        let found = of(dmi(whole(), &[("product_serial", text)]));
        assert!(
            matches!(found.serial.reason(), Some(Reason::Failed(_))),
            "{text}: {:?}",
            found.serial
        );
    }
    for text in ["CZC1234ABC", "PF-0A1B2C", "7", "VMware-42 1a"] {
        let found = of(dmi(whole(), &[("product_serial", text)]));
        assert_eq!(found.serial.value().map(String::as_str), Some(text));
    }
}

#[test]
fn the_board_stands_in_for_maker_and_model_but_never_for_the_serial() {
    let values = [
        ("sys_vendor", "To be filled by O.E.M."),
        ("board_vendor", "MSI"),
        ("board_serial", "B1"),
        ("product_serial", "To be filled by O.E.M."),
    ];
    let found = of(dmi(whole(), &values));
    assert_eq!(found.manufacturer.value().map(String::as_str), Some("MSI"));
    assert_eq!(
        found.manufacturer.source(),
        "/sys/class/dmi/id/board_vendor"
    );
    assert_eq!(found.serial.reason(), Some(&Reason::failed("placeholder")));
}

#[test]
fn refused_unset_and_missing_firmware_are_told_apart() {
    let path = "/sys/class/dmi/id/product_serial";
    let refused = dmi(whole(), &[]).with_miss("file", path, Miss::Unknown(Reason::Denied));
    assert_eq!(of(refused).serial.reason(), Some(&Reason::Denied));
    let unset = dmi(whole(), &[]).with_miss("file", path, Miss::Absent);
    assert_eq!(of(unset).serial.reason(), Some(&Reason::failed("unset")));
    let none = whole()
        .with("exists", "/sys/class/dmi/id", &false)
        .with_miss("file", path, Miss::Absent);
    assert_eq!(of(none.clone()).serial.reason(), Some(&Reason::Unsupported));
    let tree = none.with_text("/proc/device-tree/serial-number", "10000000abcd\0");
    assert_eq!(
        of(tree).serial.value().map(String::as_str),
        Some("10000000abcd")
    );
}

#[test]
fn chassis_types_follow_the_table() {
    let kind = |text: &str| of(dmi(whole(), &[("chassis_type", text)])).chassis;
    assert_eq!(kind("10").value(), Some(&Chassis::Notebook));
    assert_eq!(kind("138").value(), Some(&Chassis::Notebook), "with a lock");
    assert_eq!(kind("35").value(), Some(&Chassis::Desktop));
    assert_eq!(kind("1").value(), Some(&Chassis::Other));
    assert_eq!(kind("2").reason(), Some(&Reason::failed("placeholder")));
    assert_eq!(kind("900").reason(), Some(&Reason::failed("parse")));
}

#[test]
fn virtual_machines_are_known_by_firmware_or_kernel() {
    let found = of(dmi(
        cpu(whole(), "hypervisor"),
        &[("product_name", "VMware Virtual Platform")],
    ));
    assert_eq!(found.virtualization.value(), Some(&virtual_as("vmware")));
    let hyper_v = [
        ("sys_vendor", "Microsoft Corporation"),
        ("product_name", "Virtual Machine"),
    ];
    let found = of(dmi(cpu(whole(), "hypervisor"), &hyper_v));
    assert_eq!(found.virtualization.value(), Some(&virtual_as("hyper-v")));
    let mut table = b"FACP\x14\x01\0\0\x06fFIRECKFCVMFADT".to_vec();
    table.resize(36, 0);
    let bundle =
        cpu(whole(), "hypervisor").with_bytes("head", "/sys/firmware/acpi/tables/FACP", &table);
    assert_eq!(
        of(bundle).virtualization.value(),
        Some(&virtual_as("firecracker"))
    );
    let clocks = "/sys/devices/system/clocksource/clocksource0/available_clocksource";
    let bundle = cpu(whole(), "hypervisor").with_text(clocks, "kvm-clock tsc acpi_pm\n");
    assert_eq!(of(bundle).virtualization.value(), Some(&virtual_as("kvm")));
    let found = of(cpu(whole(), "hypervisor"));
    assert_eq!(found.virtualization.value(), Some(&virtual_as("unknown")));
}

#[test]
fn physical_needs_a_place_that_would_tell_otherwise() {
    let notebook = dmi(cpu(whole(), "vmx"), &[("sys_vendor", "LENOVO")]);
    assert_eq!(
        of(notebook).virtualization.value(),
        Some(&Virtualization::Physical)
    );
    let surface = [
        ("sys_vendor", "Microsoft Corporation"),
        ("product_name", "Surface Go 2"),
    ];
    let found = of(dmi(cpu(whole(), "vmx"), &surface));
    assert_eq!(
        found.virtualization.value(),
        Some(&Virtualization::Physical)
    );
    let metal = [("sys_vendor", "Amazon EC2"), ("product_name", "c5.metal")];
    let found = of(dmi(cpu(whole(), "vmx"), &metal));
    assert_eq!(
        found.virtualization.value(),
        Some(&Virtualization::Physical)
    );
    let xen = cpu(whole(), "hypervisor").with_text("/proc/xen/capabilities", "control_d\n");
    assert_eq!(
        of(xen).virtualization.value(),
        Some(&Virtualization::Physical)
    );
    assert_eq!(of(whole()).virtualization.reason(), Some(&Reason::NotAsked));
    assert_eq!(
        of(Bundle::new("linux")).virtualization.reason(),
        Some(&Reason::NotAsked)
    );
}

#[test]
fn containers_are_told_from_machines_made_of_their_images() {
    let container = |name: &str| Some(Virtualization::Container(name.to_owned()));
    let nspawn = Bundle::new("linux").with_text("/run/systemd/container", "lxc\n");
    assert_eq!(of(nspawn).virtualization.value(), container("lxc").as_ref());
    let marked = cpu(whole(), "hypervisor").with("exists", "/.dockerenv", &true);
    let mounts = "/proc/self/mountinfo";
    let laid_over = "1 0 0:9 / / rw,relatime - overlay overlay rw\n";
    let docker = marked.clone().with_text(mounts, laid_over);
    assert_eq!(of(docker.clone()).virtualization.source(), "/.dockerenv");
    assert_eq!(
        of(docker).virtualization.value(),
        container("docker").as_ref()
    );
    let machine = marked
        .clone()
        .with_text(mounts, "27 1 254:0 / / rw - ext4 /dev/vda rw\n");
    assert_eq!(
        of(machine).virtualization.value(),
        Some(&virtual_as("unknown"))
    );
    assert_eq!(of(marked).virtualization.reason(), Some(&Reason::NotAsked));
    let pod = "1 0 0:9 / / rw - overlay overlay rw\n2 1 8:1 /x /etc/hosts rw - ext4 /dev/sda1 rw\n";
    let engine = whole().with_text(mounts, pod);
    assert_eq!(
        of(engine).virtualization.value(),
        container("unknown").as_ref()
    );
    let pod = format!("{pod}3 1 8:1 /y /dev/termination-log rw - ext4 /dev/sda1 rw\n");
    let pod = whole().with_text(mounts, &pod);
    assert_eq!(
        of(pod).virtualization.value(),
        container("kubernetes").as_ref()
    );
    // A system started from a stick has such a root as well.
    let stick = cpu(whole(), "vmx").with_text(mounts, laid_over);
    assert_eq!(
        of(stick).virtualization.value(),
        Some(&Virtualization::Physical)
    );
}

#[test]
fn the_machine_id_leaves_hashed_and_stays_the_same() {
    let id = "3d1219c7c4c5404aaa1f6d2a48adfda4";
    let hash = |text: &str| of(whole().with_text("/etc/machine-id", text)).machine_id;
    let found = hash(&format!("{id}\n"));
    let value = found.value().unwrap();
    assert_eq!(value.len(), 64);
    assert!(!value.contains(id));
    assert_ne!(
        value,
        &Hash::of(id.as_bytes()).to_string(),
        "a plain hash could be looked up"
    );
    assert_eq!(hash(id).value(), Some(value));
    assert_eq!(
        hash("uninitialized\n").reason(),
        Some(&Reason::failed("no machine-id"))
    );
    assert!(hash(&"0".repeat(32)).value().is_none());
    let other = whole()
        .with_miss("file", "/etc/machine-id", Miss::Absent)
        .with_text("/var/lib/dbus/machine-id", id);
    assert_eq!(of(other).machine_id.value(), Some(value));
}

#[test]
fn the_domain_is_a_part_of_the_name_or_in_the_file_of_hosts() {
    let named = |name: &str| {
        let machine = RawMachine {
            host_name: Some(name.to_owned()),
            ..RawMachine::default()
        };
        whole().with("machine", "", &machine)
    };
    let found = of(named("pc01.example.co.jp"));
    assert_eq!(found.host_name.value().map(String::as_str), Some("pc01"));
    assert_eq!(
        found.domain.value(),
        Some(&Some("example.co.jp".to_owned()))
    );
    let hosts = "127.0.0.1 localhost localhost.localdomain\n# 10.0.0.1 pc01.wrong\n\
                 10.0.0.2 pc02.other\n127.0.1.1 PC01.Example.jp pc01\n";
    let found = of(named("pc01").with_text("/etc/hosts", hosts));
    assert_eq!(found.domain.value(), Some(&Some("example.jp".to_owned())));
    let found = of(named("pc09").with_text("/etc/hosts", hosts));
    assert_eq!(found.domain.value(), Some(&None));
    assert_eq!(of(named("pc09")).domain.reason(), Some(&Reason::NotAsked));
}

#[test]
fn only_the_systems_own_places_are_named() {
    let volume = |mount: &str, kind: &str, removable: bool| RawVolume {
        mount: mount.to_owned(),
        file_system: kind.to_owned(),
        device: format!("/dev/{mount}"),
        total: 1 << 30,
        free: 0,
        removable,
    };
    let machine = RawMachine {
        processors: 4,
        memory: 8 << 30,
        volumes: vec![
            volume("/", "ext4", false),
            volume("/srv/customer-a", "xfs", false),
            volume("/media/taro/usb", "vfat", true),
            volume("/snap/core/1", "squashfs", false),
        ],
        ..RawMachine::default()
    };
    let found = of(whole().with("machine", "", &machine));
    let mounts: Vec<&str> = found
        .volumes
        .value()
        .unwrap()
        .iter()
        .map(|it| it.mount.as_str())
        .collect();
    assert_eq!(mounts, ["(other)", "/"]);
    assert_eq!(
        (found.processor_count.value(), found.memory_mib.value()),
        (Some(&4), Some(&8_192))
    );
    assert_eq!(found.processor.reason(), Some(&Reason::failed("empty")));
}

#[test]
fn volume_that_did_not_answer_is_told_and_an_older_recording_is_still_read() {
    let volume = serde_json::json!({
        "mount": "/", "file_system": "ext4", "device": "/dev/sda1",
        "total": 1 << 30, "free": 9, "removable": false,
    });
    let machine = |volumes: serde_json::Value, unread: Option<Reason>| {
        let mut machine = serde_json::json!({
            "host_name": null, "kernel": null, "architecture": null, "processor": null,
            "processors": 1, "memory": 1, "memory_used": 1, "booted_at": null,
            "volumes": volumes,
        });
        if let Some(reason) = unread {
            machine["volumes_unread"] = serde_json::to_value(reason).unwrap();
        }
        of(whole().with("machine", "", &machine)).volumes
    };
    let one = serde_json::json!([volume]);
    let none = serde_json::json!([]);
    assert_eq!(machine(one.clone(), None).source(), MACHINE);
    let some = machine(one, Some(Reason::TimedOut));
    assert_eq!(some.value().map(Vec::len), Some(1));
    assert!(some.source().contains("not every volume answered"));
    assert_eq!(
        machine(none.clone(), Some(Reason::Denied)).reason(),
        Some(&Reason::Denied)
    );
    assert_eq!(machine(none, None).reason(), Some(&Reason::failed("empty")));
}

#[test]
fn this_machine_agrees_with_its_kernel() {
    let Ok(name) = std::fs::read_to_string("/proc/sys/kernel/hostname") else {
        println!("SKIP live: no /proc here");
        return;
    };
    let found = read(&Source::live());
    assert_eq!(
        found.host_name.value().map(String::as_str),
        name.trim().split('.').next()
    );
    let cpus = std::fs::read_to_string("/proc/cpuinfo").unwrap();
    let count = cpus
        .lines()
        .filter(|line| line.starts_with("processor"))
        .count();
    assert_eq!(
        found.processor_count.value().map(|it| *it as usize),
        Some(count)
    );
}

#[test]
fn text_that_is_no_uuid_tells_no_machine_from_others() {
    let with = |text: &str| {
        let bundle = whole().with_text("/sys/class/dmi/id/product_uuid", text);
        of(bundle).smbios_uuid
    };
    for text in [
        "SN-0001",
        "4c4c4544-0042-3110-8052",
        "4c4c4544-0042-3110-8052-b4c04f59593z",
    ] {
        assert_eq!(
            with(text).reason(),
            Some(&Reason::failed("parse")),
            "{text}"
        );
    }
    assert!(
        with("4C4C4544-0042-3110-8052-B4C04F595931")
            .value()
            .is_some()
    );
}

#[test]
fn windows_tells_workgroup_domain_and_controller_apart() {
    let of_join = |status: u32, role: Option<u32>, domain: Option<&str>| {
        let raw = crate::platform::RawJoin {
            status,
            role,
            name: "HOSP".to_owned(),
            domain: domain.map(str::to_owned),
        };
        of(Bundle::new("windows").with("join", "", &raw))
    };
    let hosp = || "HOSP".to_owned();
    let dns = "hosp.example".to_owned();
    assert_eq!(
        of_join(2, Some(0), None).join.value(),
        Some(&Join::Workgroup(hosp()))
    );
    assert_eq!(
        of_join(3, None, None).join.value(),
        Some(&Join::Domain(hosp()))
    );
    let controller = of_join(3, Some(5), Some("hosp.example")).join;
    assert_eq!(controller.value(), Some(&Join::DomainController(dns)));
    assert!(of_join(0, None, None).join.reason().is_some());
    assert_eq!(
        of(Bundle::new("windows")).join.reason(),
        Some(&Reason::NotAsked)
    );
}
